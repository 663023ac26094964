"""Ends of Python REPLs: by themselves, by force, and what comes after."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synk.base.errors import NotAllowed

Start = Callable[..., Any]
KNOWN_S = 20.0
"""Row A12 is 100 ms; on a machine busy with other tests this has to do."""


@pytest.mark.parametrize(
    ("code", "status", "reason", "exit_code", "signal"),
    [
        ("import os; os._exit(3)", "failed", "exited", 3, None),
        ("exit()", "completed", "exited", 0, None),
        ("exit('bye')", "failed", "exited", 1, None),
        ("import os; os.abort()", "crashed", "signaled", None, "SIGABRT"),
        ("import ctypes; ctypes.string_at(0)", "crashed", "signaled", None, "SIGSEGV"),
        ("import os; os.kill(os.getpid(), 9)", "crashed", "signaled", None, "SIGKILL"),
        ("import os, time; os.closerange(3, 300); time.sleep(60)", "crashed", "control_lost", None, None),
        ("import os; os.closerange(3, 300)", "crashed", "control_lost", 70, None),
    ],
)
def test_how_an_interpreter_ended_is_known(
    repl: Any, code: str, status: str, reason: str, exit_code: int | None, signal: str | None
) -> None:
    begun = time.monotonic()
    record = repl.exec(code)
    found = (record["status"], record["reason"], record["exit_code"], record["signal"])
    # Whether a kernel without its channel sees that before we do is a matter of microseconds.
    assert found == (status, reason, exit_code, signal) or (found[:2], exit_code) == ((status, reason), 70)
    assert time.monotonic() - begun < KNOWN_S


def test_a_crash_leaves_its_stack(repl: Any) -> None:
    record = repl.exec("import ctypes\ndef wrong():\n    ctypes.string_at(0)\nwrong()")
    assert "Segmentation fault" in record["extra"]["stack"]
    assert "in wrong" in record["extra"]["stack"]


def test_exit_handlers_run_and_output_is_not_lost(repl: Any, output_of: Callable[..., bytes], tmp_path: Path) -> None:
    file = tmp_path / "kept"
    code = f"import atexit\natexit.register(lambda: open({str(file)!r}, 'w').write('x'))\nprint('last words')\nexit(0)"
    assert output_of(repl.exec(code)) == b"last words\r\n"
    assert file.read_text() == "x"


def test_a_repl_that_has_ended_says_how(repl: Any) -> None:
    repl.exec("import os; os.abort()")
    with pytest.raises(NotAllowed, match="has ended: SIGABRT"):
        repl.exec("1")
    assert repl.row()["state"] == "dead"


def test_a_repl_that_starts_again_says_that_its_state_is_lost(start: Start, wait_until: Callable[..., None]) -> None:
    repl = start(auto_restart=True, preload=["fractions"])
    first = repl.pid
    repl.exec("x = 1; import os; os.abort()")
    wait_until(lambda: repl.row()["state"] == "idle")
    record = repl.exec("import sys; 'x' in globals(), 'fractions' in sys.modules")
    assert record["state_lost"] is True
    assert record["extra"]["value"]["value"] == [False, True]
    assert repl.exec("1")["state_lost"] is False
    assert repl.row()["pid"] != first


def test_a_cell_waits_for_a_repl_that_is_just_starting_again(start: Start) -> None:
    repl = start(auto_restart=True)
    repl.exec("import os; os.abort()")
    record = repl.exec("'x' in globals()")
    assert (record["extra"]["value"]["value"], record["state_lost"]) == (False, True)
    repl.exec("import os; os._exit(1)")
    assert repl.exec("1")["state_lost"] is True


def test_a_repl_that_dies_too_often_says_at_once_when_it_is_tried_again(start: Start) -> None:
    repl = start(auto_restart=True)
    for _ in range(3):
        # The third one waits 5 s for the restart before it.
        repl.exec("import os; os.abort()")
    repl.exec("import os; os.abort()")
    with pytest.raises(NotAllowed, match=r"restarting too often \(at last because of SIGABRT\): next try in \d+ s\."):
        repl.exec("1")


def test_reset_gives_a_new_interpreter_under_the_same_id(repl: Any, is_gone: Callable[[int], bool], wait_until: Any) -> None:
    repl.exec("x = 1")
    old = repl.pid
    assert repl.client.ask("repl.reset", repl=repl.id)["repl"] == repl.id
    assert repl.value("'x' in globals()") is False
    wait_until(lambda: is_gone(old))


def test_one_that_is_not_kept_alive_ends_when_its_time_is_over(start: Start, wait_until: Callable[..., None]) -> None:
    lasting = start(idle_timeout_s=0.2)
    repl = start(keep_alive=False, idle_timeout_s=0.2)
    wait_until(lambda: repl.row()["state"] == "dead", 20)
    assert repl.row()["last_end"] == "unused for 0.2 s"
    assert lasting.row()["state"] == "idle"


def test_stopping_leaves_nothing_whatever_it_started(start: Start, is_gone: Callable[[int], bool], wait_until: Any) -> None:
    repl = start()
    code = (
        "import os, subprocess, time, signal\n"
        "a = subprocess.Popen(['sleep', '600'], start_new_session=True).pid\n"
        "b = os.fork()\nif not b:\n    os.setsid(); signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)\n"
        "[a, b]"
    )
    pids = repl.value(code)
    repl.stop()
    wait_until(lambda: all(map(is_gone, [*pids, repl.pid])))


def test_a_cell_is_stopped_like_any_run(repl: Any, engine: Any) -> None:
    cell = repl.begin("print(1)\nimport time; time.sleep(60)")
    engine.wait(cell, "output", cursor=0)
    record = engine.ask("run.stop", run=cell["run"], mode="interrupt")
    assert (record["status"], record["reason"]) == ("interrupted", "stopped")
    assert repl.value("1") == 1
    cell = repl.begin("print(1)\nimport time; time.sleep(60)")
    engine.wait(cell, "output", cursor=0)
    record = engine.ask("run.stop", run=cell["run"], mode="kill")
    assert (record["status"], record["signal"]) == ("killed", "SIGKILL")


def test_a_memory_limit_is_a_memory_error_and_the_repl_lives(start: Start) -> None:
    repl = start(limits={"memory_bytes": 300 << 20})
    assert repl.exec("x = bytearray(1 << 30)")["extra"]["error"]["type"] == "MemoryError"
    assert repl.value("1 + 1") == 2


def test_a_memory_limit_holds_for_all_processes_together(start: Start) -> None:
    repl = start(limits={"memory_bytes": 200 << 20})
    child = "x = b'x' * (150 << 20); import time; time.sleep(60)"
    record = repl.exec(f"import subprocess, sys\na = b'x' * (120 << 20)\nsubprocess.run([sys.executable, '-c', {child!r}])")
    assert (record["status"], record["reason"]) == ("crashed", "oom")


def test_nothing_stays_when_the_host_is_killed(engine_clients: Any, start: Start, wait_until: Any, is_gone: Any) -> None:
    with engine_clients() as client:
        repl = start(client=client)
        child = repl.value("import subprocess; subprocess.Popen(['sleep', '600']).pid")
        stats = client.ask("repl.list", all=True)
        pids = [repl.pid, child, *(row["pid"] for row in stats["warm"])]
        os.kill(client.welcome["pid"], signal.SIGKILL)
        os.waitpid(client.welcome["pid"], 0)
    wait_until(lambda: all(map(is_gone, pids)))
