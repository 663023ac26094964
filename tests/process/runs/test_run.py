"""Commands run by a real host: results, streams, and that not a byte of output is lost."""

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from synk.base.errors import NoSuchTarget, NotAllowed, UsageError

Output = Callable[..., bytes]


def test_a_command_gives_code_and_both_streams_apart(engine: Any, output_of: Output) -> None:
    record = engine.run("echo to stdout; echo to stderr >&2; exit 7")
    assert (record["status"], record["reason"], record["exit_code"], record["signal"]) == ("failed", "exited", 7, None)
    assert (output_of(record), output_of(record, "err")) == (b"to stdout\n", b"to stderr\n")
    assert record["out"] == {"bytes": 10, "lines": 1, "dropped": None}


def test_codes_that_are_normal_for_a_class_complete(engine: Any) -> None:
    assert engine.run("exit 1", normal_codes=[0, 1])["status"] == "completed"
    assert engine.run("exit 2", normal_codes=[0, 1])["status"] == "failed"


def test_a_signal_from_elsewhere_is_a_crash_with_its_name(engine: Any) -> None:
    record = engine.run("kill -SEGV $$")
    assert (record["status"], record["reason"], record["exit_code"], record["signal"]) == ("crashed", "signaled", None, "SIGSEGV")
    assert engine.run("kill -RTMIN+3 $$")["signal"] == "SIGRTMIN+3"


def test_stdout_is_a_pipe_and_stderr_the_controlling_terminal(engine: Any, output_of: Output) -> None:
    record = engine.run("test -p /dev/stdout && echo pipe; test -t 2 && stty size </dev/tty; test -t 0 || echo no stdin")
    assert output_of(record) == b"pipe\n40 120\nno stdin\n"


def test_tty_both_and_none_give_what_they_say(engine: Any, output_of: Output) -> None:
    line = "for fd in 0 1 2; do test -t $fd && echo $fd; done; true"
    assert output_of(engine.run(line, tty="both")) == b"0\r\n1\r\n2\r\n"
    assert output_of(engine.run(line, tty="none")) == b""


def test_a_background_process_is_reported_and_neither_waited_for_nor_killed(engine: Any, output_of: Output) -> None:
    record = engine.run("sleep 600 & echo hi")
    assert output_of(record) == b"hi\n"
    assert record["status"] == "completed"
    (left,) = record["background"]
    assert left["command"] == "sleep 600"
    os.kill(left["pid"], 0)


def test_what_a_background_process_prints_later_is_kept(
    engine: Any, output_of: Output, tmp_path: Path, wait_until: Callable[..., None]
) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    record = engine.run(f"(read x <{gate}; echo late) & echo early")
    assert record["background"]
    gate.write_text("go\n")
    wait_until(lambda: output_of(record) == b"early\nlate\n")


def test_background_processes_can_be_killed_or_go_on_as_a_run_of_their_own(
    engine: Any, output_of: Output, tmp_path: Path
) -> None:
    record = engine.run("sleep 60 & echo hi", on_background="kill")
    assert (record["background"], output_of(record)) == ([], b"hi\n")
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    record = engine.run(f"(read x <{gate}; echo more) & echo first", on_background="adopt", idle_s=0.3, hard_s=0.3)
    assert (record["status"], output_of(record)) == ("completed", b"first\n")
    job = engine.ask("run.show", run=record["extra"]["adopted"])
    assert (job["kind"], job["status"]) == ("job", "running")
    assert engine.ask("run.wait", run=job["run"], until="exit", timeout_s=1)["happened"] is None  # no limit of the command
    gate.write_text("go\n")
    job = engine.wait(job)
    assert (job["status"], output_of(job)) == ("completed", b"more\n")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"argv": ["no-such-program"]}, "Cannot start no-such-program: not found in PATH"),
        ({"argv": ["slepe", "1"]}, "Cannot start slepe: not found in PATH. Similar: sleep"),
        ({"argv": ["./missing"]}, "Cannot start ./missing: no such file"),
        ({"argv": ["/etc/passwd"]}, "Cannot start /etc/passwd: not executable"),
        ({"argv": ["true"], "cwd": "/no/such/folder"}, "Folder /no/such/folder does not exist"),
        ({"argv": ["true"], "cwd": "/etc/passwd"}, "Folder /etc/passwd is not a folder"),
        ({"argv": ["printf", "x" * 200_000]}, "Cannot start printf: its arguments and environment are too long"),
    ],
)
def test_what_cannot_be_started_says_why(engine: Any, options: dict[str, Any], text: str) -> None:
    record = engine.start(**options)
    assert (record["status"], record["reason"], record["error"]) == ("not_started", "spawn_error", text)


def test_a_text_that_no_program_can_be_given_is_refused_and_leaves_no_run(engine: Any) -> None:
    record = engine.start(argv=["printf", "\ud800"])
    assert (record["status"], record["error"][:21]) == ("not_started", "Cannot start 'printf'")
    assert record["run"] not in [run["run"] for run in engine.ask("run.list", state="running")["runs"]]


def test_a_script_without_first_line_runs_and_one_with_a_missing_interpreter_says_so(
    engine: Any, output_of: Output, tmp_path: Path
) -> None:
    plain, broken = tmp_path / "plain", tmp_path / "broken"
    plain.write_text('echo "plain $1"\n')
    broken.write_text("#!/no/such/interpreter\n")
    for path in (plain, broken):
        path.chmod(0o755)
    assert output_of(engine.run(argv=[str(plain), "x"])) == b"plain x\n"
    assert engine.start(argv=[str(broken)])["error"] == f"Cannot start {broken}: the interpreter it names does not exist"


def test_the_environment_is_the_one_given_and_the_mark(engine: Any, output_of: Output) -> None:
    record = engine.run(argv=["env"], environment={"PATH": os.environ["PATH"], "A": "1 ä"})
    lines = set(output_of(record).decode().splitlines())
    assert lines == {f"PATH={os.environ['PATH']}", "A=1 ä", f"SYNK_HOST={engine.welcome['host']}.{record['run']}"}


def test_a_program_starts_with_default_signals_but_a_hangup_that_would_kill_its_children(engine: Any, output_of: Output) -> None:
    line = "grep -h SigIgn /proc/self/status"
    # Signals 32 and 33 belong to the C library, which sets them as it likes.
    named = (1 << 31) - 1
    assert int(output_of(engine.run(argv=line.split())).split()[1], 16) & named == 1
    assert int(output_of(engine.run(argv=line.split(), tty="both")).split()[1], 16) & named == 0


def test_input_reaches_a_pipe_and_ends_there(engine: Any, output_of: Output) -> None:
    data = "line\n" * 100_000
    record = engine.run(argv=["wc", "-c"], stdin="pipe", input=data, eof=True)
    assert output_of(record) == b"500000\n"
    started = engine.start(argv=["cat"], stdin="pipe")
    assert engine.ask("run.input", run=started["run"], text="ä\n") == {"note": ""}
    engine.wait(started, "output", cursor=0)
    engine.ask("run.input", run=started["run"], base64="/wA=", eof=True)
    assert output_of(engine.wait(started)) == "ä\n".encode() + b"\xff\0"


def test_no_byte_is_lost_whatever_runs_beside(engine_clients: Callable[[], Any], output_of: Output) -> None:
    """A7 in small; the benchmark has 10,000."""
    line = "head -c 75000 /dev/urandom | base64 -w0 | tee /dev/fd/3 | sha256sum >&2"

    def six(client: Any) -> list[str]:
        wrong = []
        for number in range(6):
            record = client.run(f"exec 3>&1; {line}")
            data = output_of(record)
            if hashlib.sha256(data).hexdigest().encode() not in output_of(record, "err"):
                wrong.append(f"{record['run']}: {len(data)} bytes")
            record = client.run(argv=["printf", "%s", "x" * number])
            if record["out"]["bytes"] != number or output_of(record) != b"x" * number:
                wrong.append(f"{record['run']}: {record['out']}")
        return wrong

    clients = [engine_clients() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert [wrong for found in pool.map(six, clients) for wrong in found] == []


def test_a_flood_is_bounded_in_memory_and_on_disk_while_others_are_answered(engine_clients: Callable[[], Any]) -> None:
    one, other = engine_clients(), engine_clients()
    other.ask("automation.configure", automation={"run_quota_mb": 8})
    started = one.start(argv=["head", "-c", "100000000", "/dev/zero"])
    answers = 0
    while other.ask("run.show", run=started["run"])["status"] == "running":
        answers += 1
    record = one.wait(started)
    assert record["out"]["bytes"] == 100_000_000
    assert record["out"]["dropped"]
    assert sum(path.stat().st_size for path in Path(record["folder"]).iterdir()) <= 8 << 20
    # 0.5 s on an idle machine. A busy one gives all three their share, so both count slower.
    assert answers > 10
    assert other.ask("host.status")["memory_bytes"] < 60 << 20


def test_more_runs_than_allowed_are_refused_with_the_limit(engine_clients: Callable[[], Any]) -> None:
    engine = engine_clients()
    engine.ask("automation.configure", automation={"max_runs": 2})
    started = [engine.start("sleep 60") for _ in range(2)]
    with pytest.raises(NotAllowed, match=r"automation\.max_runs is 2"):
        engine.start("true")
    engine.ask("run.stop", run=started[0]["run"], mode="kill")
    assert engine.run("true")["status"] == "completed"


def test_what_is_asked_wrongly_is_refused(engine: Any) -> None:
    with pytest.raises(NoSuchTarget, match="No run r99"):
        engine.ask("run.show", run="r99")
    for wrong in ({"argv": [1]}, {"cwd": "relative"}, {"tty": "maybe"}, {"idle_s": -1}, {"limits": {"colour": 1}}):
        with pytest.raises(UsageError):
            engine.start("true", **wrong)


def test_runs_are_listed_and_survive_their_host(
    engine_clients: Callable[[], Any], output_of: Output, wait_until: Callable[..., None]
) -> None:
    engine = engine_clients()
    done = engine.run("echo kept", command="the command")
    lost = engine.start("sleep 60")
    wait_until(lambda: Path(lost["folder"], "record.json").exists())
    records = engine.ask("run.list")["runs"]
    assert [(record["run"], record["status"]) for record in records] == [("r1", "completed"), ("r2", "running")]
    assert engine.ask("run.list", state="live")["runs"][0]["run"] == "r2"
    os.kill(engine.welcome["pid"], 9)
    os.waitpid(engine.welcome["pid"], 0)
    os.kill(-records[1]["pid"], 9)
    later = engine_clients()
    records = later.ask("run.list")["runs"]
    assert [(record["run"], record["status"], record["reason"]) for record in records] == [
        ("r1", "completed", "exited"),
        ("r2", "crashed", "host_lost"),
    ]
    assert records[0]["command"] == "the command"
    assert output_of(done) == b"kept\n"
    assert int(later.run("true")["run"][1:]) > 2
    assert later.ask("run.prune", all=True) == {"removed": 3}
    assert later.ask("run.list")["runs"] == []
    os.waitpid(later.welcome["pid"], os.WNOHANG)
