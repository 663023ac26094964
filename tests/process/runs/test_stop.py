"""Runs that are stopped, reach a limit or lose their client: how they end, and that no process is left (A11)."""

import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synk.base.errors import SynkError
from synk.host.runs.tree import tag_of, tagged_processes
from synk.hostclient import SyncHostClient
from synk.pty.processes import read_process, table

Output = Callable[..., bytes]
ROOT = Path(__file__).parents[3]

IGNORING = "import os, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGINT, signal.SIG_IGN)"
HIDING = {
    "another terminal session": "setsid sleep 600 & echo up; sleep 600",
    "a double fork": "(setsid bash -c 'sleep 600 & sleep 600 &' &); echo up; sleep 600",
    "an empty environment": "(env -i setsid bash -c 'sleep 600 & exec sleep 600' &); echo up; sleep 600",
    "ignored signals": "trap '' INT TERM HUP; (trap '' INT TERM HUP; sleep 600) & echo up; while :; do sleep 600; done",
    "being stopped": "sleep 600 & kill -STOP $!; echo up; kill -STOP $$",
    "forking on and on": f"python3 -c '{IGNORING}\nfor _ in range(4): os.fork()\nos.write(1, b\"up\\n\")\nwhile True:\n"
    " if os.fork(): os._exit(0)\n os.setsid()' & sleep 600",
}


def processes_of(engine: Any, run: str) -> list[int]:
    """The living processes that carry the run's tag."""
    pids = tagged_processes().get(tag_of(f"{engine.welcome['host']}.{run}"), ())
    return [pid for pid in pids if (process := read_process(pid)) is not None and process.is_alive]


def start_and_see(engine: Any, line: str, **options: Any) -> Any:
    """Start a command; returns once it has printed something."""
    started = engine.start(line, **options)
    engine.wait(started, "output", cursor=0)
    return started


@pytest.mark.parametrize("way", HIDING)
def test_nothing_survives_a_kill(engine: Any, way: str) -> None:
    started = start_and_see(engine, HIDING[way])
    assert processes_of(engine, started["run"])
    record = engine.ask("run.stop", run=started["run"], mode="kill")
    assert processes_of(engine, started["run"]) == []
    assert (record["status"], record["reason"], record["signal"]) == ("killed", "stopped", "SIGKILL")


@pytest.mark.parametrize("way", ["another terminal session", "a double fork", "an empty environment"])
def test_nothing_survives_a_cancel(engine: Any, way: str) -> None:
    started = start_and_see(engine, HIDING[way])
    record = engine.ask("run.stop", run=started["run"], mode="interrupt")
    assert processes_of(engine, started["run"]) == []
    assert (record["status"], record["reason"]) == ("interrupted", "cancelled")


def test_a_program_may_end_in_its_own_way_when_it_is_interrupted(engine: Any, output_of: Output) -> None:
    started = start_and_see(engine, "trap 'echo cleaned up; exit 3' INT; echo up; while :; do sleep 0.05; done")
    record = engine.ask("run.stop", run=started["run"])
    assert (record["status"], record["exit_code"]) == ("interrupted", 3)
    assert output_of(record) == b"up\ncleaned up\n"


def test_who_ignores_interrupt_is_terminated_and_then_killed(engine: Any) -> None:
    started = start_and_see(engine, HIDING["ignored signals"])
    began = time.monotonic()
    record = engine.ask("run.stop", run=started["run"])
    assert time.monotonic() - began > 4.9
    assert (record["status"], record["signal"]) == ("killed", "SIGKILL")
    assert processes_of(engine, started["run"]) == []


def test_a_run_left_in_the_background_can_be_stopped_later(engine: Any) -> None:
    record = engine.run("sleep 600 & echo up")
    assert processes_of(engine, record["run"])
    engine.ask("run.stop", run=record["run"], mode="kill")
    assert processes_of(engine, record["run"]) == []


def test_a_run_ends_with_its_client_if_it_asked_for_that(
    engine_clients: Callable[[], Any], wait_until: Callable[..., None]
) -> None:
    stays, goes = engine_clients(), engine_clients()
    stopped = start_and_see(goes, "echo up; sleep 600", on_disconnect="stop")
    kept = start_and_see(goes, "echo up; sleep 600")
    goes.close()
    record = stays.wait(stopped)
    assert (record["status"], record["reason"]) == ("interrupted", "cancelled")
    assert stays.ask("run.show", run=kept["run"])["status"] == "running"
    stays.ask("host.stop")
    wait_until(lambda: processes_of(stays, kept["run"]) == [])


def test_a_silent_program_reaches_its_idle_limit_and_a_busy_one_does_not(engine: Any) -> None:
    silent = engine.start("sleep 600", idle_s=0.4)
    busy = engine.start("while :; do :; done", idle_s=1.0, hard_s=3.0)
    printing = engine.start("while :; do echo; sleep 0.1; done", idle_s=1.0, hard_s=3.0)
    meter = "import sys, time\nwhile 1: print(end='\\r12 s', file=sys.stderr, flush=True); time.sleep(0.15)"
    redrawing = engine.start(argv=["python3", "-c", meter], idle_s=1.0, hard_s=8)
    found = [(engine.wait(run)["status"], engine.wait(run)["reason"]) for run in (silent, busy, printing, redrawing)]
    assert found == [("timeout", "idle_timeout"), *[("timeout", "hard_timeout")] * 2, ("timeout", "idle_timeout")]
    extra = engine.wait(silent)["extra"]
    assert extra["output_age_s"] >= 0.4
    assert ") sleeps" in extra["stack"]


def test_at_a_limit_a_run_can_go_on_in_the_background(engine: Any) -> None:
    started = engine.start("echo up; sleep 600", hard_s=0.3, on_timeout="background")
    record = engine.wait(started)
    assert (record["happened"], record["status"], record["extra"]["limit"]) == ("limit", "running", "hard_timeout")
    assert processes_of(engine, started["run"])
    engine.ask("run.stop", run=started["run"], mode="kill")


def test_waiting_for_input_counts_only_against_its_own_limit(engine: Any) -> None:
    options = {"stdin": "tty", "idle_s": 0.3, "hard_s": 0.5, "input_timeout_s": 1.0}
    began = time.monotonic()
    record = engine.wait(engine.start("read -p 'Name: ' x", **options))
    assert time.monotonic() - began > 1.0
    assert (record["status"], record["reason"]) == ("timeout", "idle_timeout")


def test_memory_cpu_and_file_limits_are_named(engine: Any, tmp_path: Path, output_of: Output) -> None:
    record = engine.run(argv=["python3", "-c", "x = bytearray(400 << 20)"], limits={"memory_bytes": 100 << 20})
    assert (record["status"], record["exit_code"]) == ("failed", 1)
    assert b"MemoryError" in output_of(record, "err")
    record = engine.run("while :; do :; done", limits={"cpu_s": 1})
    assert (record["status"], record["reason"], record["signal"]) == ("crashed", "limit_cpu", "SIGXCPU")
    record = engine.run(argv=["dd", "if=/dev/zero", f"of={tmp_path}/big", "bs=1M", "count=3"], limits={"file_bytes": 1 << 20})
    assert (record["status"], record["reason"], record["signal"]) == ("crashed", "limit_file", "SIGXFSZ")
    assert output_of(engine.run("ulimit -n; ulimit -c", limits={"open_files": 77})) == b"77\n0\n"


def test_a_tree_that_takes_more_memory_than_allowed_is_out_of_memory(engine: Any) -> None:
    """Each process stays below the limit of one: only the whole is too much."""
    line = "python3 -c 'import time; x = bytearray(60 << 20); time.sleep(600)' &"
    record = engine.run(f"{line} {line} {line} wait", limits={"memory_bytes": 120 << 20}, idle_s=30)
    assert (record["status"], record["reason"]) == ("crashed", "oom")
    assert record["peak_rss"] > 120 << 20
    assert processes_of(engine, record["run"]) == []


def test_times_and_memory_are_those_of_the_tree(engine: Any) -> None:
    work = "import time; x = bytearray(80 << 20); end = time.process_time() + 0.3\nwhile time.process_time() < end: pass"
    record = engine.run(argv=["bash", "-c", "python3 -c \"$1\"; python3 -c \"$1\"; true", "-", work])
    assert record["cpu_ms"] >= 600
    assert 80 << 20 < record["peak_rss"] < 200 << 20


def test_memory_is_told_however_large_the_process_was_that_started_the_host(engine_clients: Callable[[], Any]) -> None:
    """The kernel counts the starter's memory as the host's own peak."""
    large = b"x" * (150 << 20)
    del large
    record = engine_clients().run(argv=["python3", "-c", "x = bytearray(60 << 20)"])
    assert 60 << 20 < record["peak_rss"] < 150 << 20


def test_the_host_ends_all_runs_with_it(engine_clients: Callable[[], Any], wait_until: Callable[..., None]) -> None:
    engine = engine_clients()
    started = [start_and_see(engine, HIDING[way]) for way in ("an empty environment", "ignored signals")]
    with contextlib.suppress(SynkError):
        engine.ask("host.stop")
    wait_until(lambda: not any(processes_of(engine, each["run"]) for each in started))


def test_no_process_of_another_run_is_touched(engine: Any) -> None:
    one, other = (start_and_see(engine, "echo up; sleep 600") for _ in range(2))
    engine.ask("run.stop", run=one["run"], mode="kill")
    assert len(processes_of(engine, other["run"])) == 1
    assert table()[processes_of(engine, other["run"])[0]].state == "S"
    record = engine.ask("run.stop", run=other["run"], mode="terminate")
    assert (record["status"], record["signal"]) == ("killed", signal.SIGTERM.name)


AGENT = """
import json, os, sys
from synk.hostclient import SyncHostClient
from synk.hoststart import HostAddress
client = SyncHostClient(HostAddress(*json.loads(sys.argv[1]), ()), start=False)
arguments = {"argv": ["bash", "-c", sys.argv[2]], "cwd": "/", "environment": dict(os.environ)}
print(client.call("run.start", **arguments)["run"], file=open(sys.argv[3], "w"), flush=True)
client.next_event(None)
"""


def test_what_an_agent_started_ends_with_its_session(
    engine_clients: Callable[[], Any], tmp_path: Path, wait_until: Callable[..., None]
) -> None:
    engine, told = engine_clients(), tmp_path / "told"
    own = start_and_see(engine, "echo up; sleep 600")
    address = json.dumps([engine.address.runtime, engine.address.state, engine.address.resources, engine.address.version])
    with SyncHostClient(engine.address, kind="window", environment=engine.environment) as window:
        window.call("configure", pool={"initial_pool_size": 0}, automation={"agent_exec": True})
        argv = [sys.executable, "-c", AGENT, address, HIDING["an empty environment"], str(told)]
        window.call(
            "session.start", session=1, directory=str(ROOT), cols=80, rows=24, agent="tester", argv=argv,
            variables={"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        wait_until(lambda: told.exists() and told.read_text().strip())
        run = told.read_text().strip()
        assert engine.ask("run.show", run=run)["owner"] == "session:1"
        wait_until(lambda: len(processes_of(engine, run)) >= 3)
        window.call("session.close", session=1)
        wait_until(lambda: processes_of(engine, run) == [])
        assert processes_of(engine, own["run"])
        window.call("quit")


def test_what_a_dead_host_was_running_is_ended_by_the_next_one(engine_host: Any, wait_until: Callable[..., None]) -> None:
    first = engine_host.connect()
    runs = [start_and_see(first, HIDING[way])["run"] for way in ("an empty environment", "a double fork")]
    assert all(processes_of(first, run) for run in runs)
    os.kill(first.welcome["pid"], signal.SIGKILL)
    os.waitpid(first.welcome["pid"], 0)
    engine_host.hasten("server.SWEEP_AFTER_S = 0.1")
    later = engine_host.connect()
    wait_until(lambda: not any(processes_of(first, run) for run in runs))
    assert {record["reason"] for record in later.ask("run.list")["runs"]} <= {"host_lost"}
