"""Engine sessions from creation to end: context, other clients, windows and persons, snapshots, limits, and nothing left."""

import os
import select
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from synk.base.errors import FolderMissing, NoSuchTarget, NotAllowed, UsageError
from synk.host.runs.tree import tag_of, tagged_processes
from synk.hostclient import SyncHostClient
from synk.pty.processes import read_process
from synk.pty.spawn import set_size

Output = Callable[..., bytes]
MORE = {"EXTRA": "1 ' ä", "LANG": "C"}


def create(engine: Any, kind: str = "bash", **options: Any) -> Any:
    given = {"cwd": engine.cwd, "environment": dict(engine.environment), **options}
    return engine.ask("shell.create", kind=kind, **given)


def run(engine: Any, session: Any, command: str, **options: Any) -> Any:
    started = engine.ask("shell.exec", session=session["session"], input=command, **options)
    return engine.wait(started, ["exit", "awaiting_input"])


def text(output_of: Output, record: Any) -> str:
    return output_of(record).decode().replace("\r\n", "\n")


def living(engine: Any, session: Any) -> list[int]:
    """Processes of the session that carry its tag."""
    pids = tagged_processes().get(tag_of(f"{engine.welcome['host']}.s{session['session']}"), ())
    return [pid for pid in pids if (process := read_process(pid)) is not None and process.is_alive]


@pytest.fixture
def window(engine_clients: Callable[[], Any]) -> Iterator[tuple[Any, SyncHostClient]]:
    """A client, and a window of the same host."""
    engine = engine_clients()
    made = SyncHostClient(engine.address, kind="window", environment=engine.environment)
    made.call("configure", pool={"initial_pool_size": 0})
    yield engine, made
    made.call("quit")
    for frame in made.events:
        for fd in frame.fds:
            os.close(fd)
    made.close()


def test_a_session_has_the_directory_environment_and_preload_it_was_given(engine: Any, output_of: Output) -> None:
    environment = {**engine.environment, **MORE}
    session = create(engine, cwd="/usr", environment=environment, preload=["X=loaded", "false", "Y=also"])
    assert session["preload_errors"] == ["'false' ended with 1"]
    record = run(engine, session, 'echo "$PWD $X $Y $EXTRA $LANG"')
    assert text(output_of, record) == "/usr loaded also 1 ' ä C\n"
    assert record["kind"] == "command"
    engine.ask("shell.close", session=session["session"])


def test_what_cannot_be_made_says_why(engine: Any) -> None:
    with pytest.raises(UsageError, match="There is no kind of session 'cobol'"):
        create(engine, "cobol")
    with pytest.raises(FolderMissing):
        create(engine, cwd="/no/such/folder")
    with pytest.raises(NoSuchTarget, match="No session 999"):
        engine.ask("shell.exec", session=999, input="true")


def test_a_busy_session_says_with_what_and_takes_nothing(engine: Any, output_of: Output) -> None:
    session = create(engine)
    started = engine.ask("shell.exec", session=session["session"], input="read x; echo $x")
    engine.wait(started, "awaiting_input")
    with pytest.raises(NotAllowed, match=f"Session {session['session']} is busy with {started['run']}"):
        engine.ask("shell.exec", session=session["session"], input="echo intruder")
    (listed,) = [each for each in engine.ask("shell.list")["sessions"] if each["session"] == session["session"]]
    assert (listed["state"], listed["run"], listed["kind"], listed["cwd"]) == (
        "awaiting_input", started["run"], "bash", engine.cwd,
    )  # fmt: skip
    engine.ask("shell.input", session=session["session"], text="answer\n")
    assert text(output_of, engine.wait(started)) == "answer\nanswer\n"

@pytest.mark.parametrize("kind", ["bash", "zsh"])
def test_input_without_a_command_is_typed_at_the_prompt_and_noted(
    engine: Any, kind: str, tmp_path: Path, wait_until: Callable[..., None]
) -> None:
    session = create(engine, kind)["session"]

    def is_idle() -> bool:
        return [each["state"] for each in engine.ask("shell.list")["sessions"] if each["session"] == session] == ["idle"]

    file = tmp_path / "typed"
    note = engine.ask("shell.input", session=session, text=f"echo typed > {file}\n")["note"]
    assert note == "No command runs in this session; it was sent to the prompt."
    wait_until(lambda: file.exists() and file.read_text() == "typed\n", 30)
    wait_until(is_idle, 30)
    assert "holds up commands until it is ended" in engine.ask("shell.input", session=session, text="echo begun")["note"]
    with pytest.raises(NotAllowed, match="somebody types in it"):
        engine.ask("shell.exec", session=session, input="true")
    engine.ask("shell.input", session=session, key="ctrl+c")
    wait_until(is_idle, 30)
    assert "nothing was sent" in engine.ask("shell.input", session=session, eof=True)["note"]
    assert is_idle()
    engine.ask("shell.close", session=session)


def test_the_next_command_of_another_client_finds_the_context(engine_clients: Callable[[], Any], output_of: Output) -> None:
    one, other = engine_clients(), engine_clients()
    session = create(one)
    run(one, session, "cd /usr/bin; export A=5")
    one.close()
    assert text(output_of, run(other, session, "echo $PWD $(printenv A)")) == "/usr/bin 5\n"


def test_a_command_that_takes_too_long_is_stopped_or_goes_on(engine: Any) -> None:
    session = create(engine)
    record = run(engine, session, "sleep 60", timeout_s=0.3, on_timeout="stop")
    assert (record["status"], record["reason"]) == ("timeout", "hard_timeout")
    started = engine.ask("shell.exec", session=session["session"], input="sleep 60", timeout_s=0.2, on_timeout="background")
    record = engine.wait(started)
    assert (record["happened"], record["status"]) == ("limit", "running")
    engine.ask("shell.interrupt", session=session["session"])
    assert engine.wait(started)["exit_code"] == 130
    engine.ask("shell.close", session=session["session"])


@pytest.mark.parametrize("kind", ["bash", "zsh"])
def test_what_the_shell_starts_finds_no_private_channel(engine: Any, output_of: Output, kind: str) -> None:
    """No descriptor beside the terminal, no variable that names the folder."""
    if shutil.which(kind) is None:
        pytest.skip(f"{kind} is not installed")
    session = create(engine, kind)
    code = "import os; print(sorted(os.listdir('/proc/self/fd'))[:-1], *{os.ttyname(n) for n in (0, 1, 2)})"
    record = run(engine, session, f'python3 -c "{code}"; env | grep -i -e synk_e -e /shells/')
    found = text(output_of, record)
    assert found.startswith("['0', '1', '2'] /dev/pts/")
    assert found.count("\n") == 1
    engine.ask("shell.close", session=session["session"])


@pytest.mark.parametrize("kind", ["fish", "sh", "zsh"])
def test_other_shells_have_context_codes_and_output_too(engine: Any, output_of: Output, kind: str) -> None:
    if shutil.which(kind) is None:
        pytest.skip(f"{kind} is not installed")
    session = create(engine, kind)
    assert run(engine, session, "cd /usr; export A=5" if kind != "fish" else "cd /usr; set -gx A 5")["status"] == "completed"
    record = run(engine, session, "pwd; printenv A")
    assert (record["status"], text(output_of, record), record["cwd"]) == ("completed", "/usr\n5\n", "/usr")
    assert (run(engine, session, "sh -c 'exit 3'")["exit_code"]) == 3
    assert run(engine, session, "echo 'abc")["status"] in ("failed", "interrupted")
    assert text(output_of, run(engine, session, "echo still here")) == "still here\n"
    started = engine.ask("shell.exec", session=session["session"], input="echo up; sleep 60")
    engine.wait(started, "output", cursor=0)
    engine.ask("run.stop", run=started["run"])
    assert engine.wait(started)["status"] == "interrupted"
    engine.ask("shell.close", session=session["session"])


def test_a_snapshot_makes_the_session_again(engine: Any, output_of: Output) -> None:
    session = create(engine, preload=["f() { echo from f; }"], environment={**engine.environment, "GONE": "1"})
    run(engine, session, "cd /usr/lib; export A='1 \" $x' B=$'two\\nlines'; unset GONE; C=not-exported")
    with pytest.raises(UsageError):
        engine.ask("shell.save", session=session["session"], name="../escape")
    saved = engine.ask("shell.save", session=session["session"], name="mine")
    assert (saved["cwd"], saved["exports"]) == ("/usr/lib", ["A", "B"])
    assert os.stat(saved["file"]).st_mode & 0o777 == 0o600
    engine.ask("shell.close", session=session["session"])
    again = engine.ask("shell.open", name="mine")
    record = run(engine, again, 'echo "$PWD|$A|$B|${GONE-none}|${C-none}"; f')
    assert text(output_of, record) == '/usr/lib|1 " $x|two\nlines|none|none\nfrom f\n'
    engine.ask("shell.close", session=again["session"])
    with pytest.raises(NoSuchTarget, match=r"No snapshot other\. There are: mine"):
        engine.ask("shell.open", name="other")


def test_limits_hold_for_everything_in_the_session(engine: Any, output_of: Output) -> None:
    session = create(engine, limits={"open_files": 55, "memory_bytes": 200 << 20})
    record = run(engine, session, "ulimit -n; python3 -c 'x = bytearray(400 << 20)'; echo $?")
    lines = text(output_of, record).splitlines()
    assert (lines[0], lines[-1], "MemoryError" in lines) == ("55", "1", True)
    engine.ask("shell.close", session=session["session"])


def test_nothing_of_a_closed_session_is_left(engine: Any) -> None:
    session = create(engine)
    run(engine, session, "sleep 600 & (env -i setsid sleep 600 &) ; nohup sleep 600 >/dev/null 2>&1 &")
    started = engine.ask("shell.exec", session=session["session"], input="trap '' INT TERM HUP; sleep 600")
    assert len(living(engine, session)) >= 4
    engine.ask("shell.close", session=session["session"])
    assert living(engine, session) == []
    assert engine.wait(started)["status"] == "killed"
    with pytest.raises(NoSuchTarget):
        engine.ask("shell.exec", session=session["session"], input="true")
    assert session["session"] not in [each["session"] for each in engine.ask("session.list")["sessions"]]


def test_sessions_count_as_sessions_of_the_pool(engine: Any) -> None:
    session = create(engine)
    listed = {each["session"]: each for each in engine.ask("session.list")["sessions"]}
    assert listed[session["session"]]["meta"]["engine"] is True
    assert engine.ask("pool.stats")["stats"]["active"] >= 1
    engine.ask("shell.close", session=session["session"])


def test_a_window_shows_a_session_and_a_person_never_mixes_with_a_command(
    window: tuple[Any, SyncHostClient], output_of: Output, wait_until: Callable[..., None]
) -> None:
    engine, shown_in = window
    session = create(engine)
    run(engine, session, "echo before it was shown")
    shown_in.call("session.attach", session=session["session"])
    frame = next(frame for frame in shown_in.events if (frame.message or {}).get("event") == "attached")
    master = frame.fds[0]
    seen = b""

    def see(what: bytes) -> bool:
        nonlocal seen
        if select.select([master], [], [], 0.01)[0]:
            seen += os.read(master, 65536)
        return what in seen

    # A command of a client is seen with its output, and without our lines.
    assert run(engine, session, "echo shown $((40 + 2))")["status"] == "completed"
    wait_until(lambda: see(b"shown 42"))
    assert b"echo shown" in seen
    assert b"__synk" not in seen
    # A line that a person has begun is not disturbed.
    os.write(master, b"echo per")
    wait_until(lambda: see(b"echo per"))
    with pytest.raises(NotAllowed, match="somebody types in it"):
        engine.ask("shell.exec", session=session["session"], input="echo intruder")
    os.write(master, b"son; cd /usr\r")
    wait_until(lambda: see(b"\rperson\r\n"))
    wait_until(lambda: engine.ask("shell.list")["sessions"][0]["state"] == "idle")
    # The next command finds what the person did; typing while it runs is its input.
    assert text(output_of, run(engine, session, "pwd")) == "/usr\n"
    started = engine.ask("shell.exec", session=session["session"], input="read x; echo got $x")
    engine.wait(started, "awaiting_input")
    os.write(master, b"typed\r")
    assert text(output_of, engine.wait(started)).endswith("got typed\n")
    # The size of the pane is that of the shell's terminal.
    set_size(master, cols=77, rows=33)
    assert text(output_of, run(engine, session, "stty size")) == "33 77\n"


def test_a_warm_shell_takes_a_command_at_once(engine: Any) -> None:
    """A4: a command in a session takes a few milliseconds; a shell started anew far longer."""
    session = create(engine)
    anew, warm = [], []
    for _ in range(5):
        began = time.monotonic()
        other = create(engine)
        anew.append(time.monotonic() - began)
        for _ in range(3):
            began = time.monotonic()
            assert run(engine, session, "true")["exit_code"] == 0
            warm.append(time.monotonic() - began)
        engine.ask("shell.close", session=other["session"])
    assert statistics.median(warm) < statistics.median(anew)
    engine.ask("shell.close", session=session["session"])


def test_a_closed_session_runs_its_trap_like_a_closed_terminal(engine: Any, tmp_path: Path) -> None:
    session = create(engine)
    run(engine, session, f"trap 'echo saved >{tmp_path}/saved' EXIT")
    engine.ask("shell.close", session=session["session"])
    assert (tmp_path / "saved").read_text() == "saved\n"


def test_killing_a_command_leaves_older_jobs_of_the_session_alone(engine: Any) -> None:
    session = create(engine)
    run(engine, session, "sleep 600 & echo job")
    assert len(living(engine, session)) == 2
    stubborn = "sh -c \"trap '' INT TERM; echo up; sleep 600; sleep 600\""
    started = engine.ask("shell.exec", session=session["session"], input=stubborn)
    engine.wait(started, "output", cursor=0)
    assert engine.ask("run.stop", run=started["run"], mode="kill")["status"] == "killed"
    assert len(living(engine, session)) == 2
    engine.ask("shell.close", session=session["session"])
    assert living(engine, session) == []
