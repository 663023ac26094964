"""kill -9 of the window or of the host: programs go on, not a byte is lost, and what nobody wants is cleaned up."""

import contextlib
import json
import os
import signal
from collections.abc import Callable
from typing import Any as Profile

import pytest

from synk.base.errors import PoolExhausted
from synk.pty.ring import CAPACITY, Replay
from synk.terminal.emulator import Emulator

LINES = (
    "import sys, os, time\n"
    "for number in range({first}):\n"
    "    print('\\033[3%dmline %07d ü' % (number % 8, number))\n"
    "sys.stdout.flush()\n"
    "while not os.path.exists({flag!r}): time.sleep(0.01)\n"
    "for number in range({first}, {last}):\n"
    "    print('\\033[3%dmline %07d ü' % (number % 8, number))\n"
    "print('\\033[?2004h\\033[?1h\\033[5;10Hhere', end='', flush=True)\n"
    "sys.stdin.readline()\n"
)


def expected(first: int, last: int) -> bytes:
    return b"".join(b"\x1b[3%dmline %07d \xc3\xbc\r\n" % (number % 8, number) for number in range(first, last))


ENDING = b"\x1b[?2004h\x1b[?1h\x1b[5;10Hhere"


def rebuilt(replay: Replay) -> Emulator:
    emulator = (
        Emulator(cols=replay.cols, rows=replay.rows, reply=lambda _: None)
        if replay.state is None
        else Emulator.restore(replay.state, reply=lambda _: None)
    )
    for step in replay.steps:
        if isinstance(step, bytes):
            emulator.feed(step)
        else:
            emulator.resize(cols=step[0], rows=step[1])
    return emulator


def screen_of(emulator: Emulator) -> list[object]:
    return [emulator.row(y) for y in range(emulator.rows)]


@pytest.mark.parametrize(
    ("first", "last"), [(50, 100), (100, 20_000), (30_000, 150_000)], ids=["little", "more", "3 MB without a window"]
)
def test_not_a_byte_is_lost_when_the_window_is_killed(
    profile: Profile, first: int, last: int, wait_until: Callable[..., None]
) -> None:
    flag = profile.base / "go"
    (profile.base / "print.py").write_text(LINES.format(first=first, last=last, flag=str(flag)))
    process = profile.window_process({"argv": ["python3", str(profile.base / "print.py")], "agent": "claude"})
    shown = process.hears("session")
    while shown["written"] < len(expected(0, first)):
        shown = process.hears("session")
    process.kill()
    flag.touch()
    window = profile.client("window")
    everything = expected(0, last) + ENDING

    def is_all_read() -> bool:
        row, fds = window.connection.call_fds("session.ring", session=1)
        written = os.pread(fds[0], 8, 16)
        for fd in fds:
            os.close(fd)
        return row["exit"] is None and int.from_bytes(written, "little") == len(everything)

    # The host stops reading once this window is there and says so; until then it reads on, whoever asks.
    wait_until(is_all_read)
    (program,) = window.attach()
    assert program.pid == shown["pid"]
    replay = program.ring.replay()
    kept = b"".join(step for step in replay.steps if isinstance(step, bytes))
    assert everything.endswith(kept)
    assert len(kept) >= len(everything) - len(expected(0, first))
    assert (program.ring.capacity > CAPACITY) == (len(expected(first, last)) > CAPACITY)
    fresh = Emulator(cols=80, rows=24, reply=lambda _: None)
    fresh.feed(everything)
    again = rebuilt(replay)
    assert screen_of(again) == screen_of(fresh)
    assert again.cursor == fresh.cursor
    assert again.modes == fresh.modes
    program.type("")
    assert window.exit_of(program) == (0, None)


def test_a_killed_windows_sessions_run_on_and_end_with_their_status(profile: Profile) -> None:
    process = profile.window_process({"argv": ["/bin/sh", "-c", "read x; echo last words; exit 9"]}, {})
    seen = {}
    while len(seen) < 2 or "ready$" not in "".join(seen[2]["lines"]):
        shown = process.hears("session")
        if shown["pid"] is not None:
            seen[shown["session"]] = shown
    process.kill()
    window = profile.client("window")
    programs = {program.id: program for program in window.attach()}
    assert {number: program.pid for number, program in programs.items()} == {n: row["pid"] for n, row in seen.items()}
    programs[1].type("")
    assert window.exit_of(programs[1]) == (9, None)
    programs[1].read_until("last words")
    programs[2].type("exit 3")
    assert window.exit_of(programs[2]) == (3, None)


def test_a_program_that_ended_without_a_window_is_attached_with_its_end(
    profile: Profile, wait_until: Callable[..., None]
) -> None:
    flag = profile.base / "go"
    process = profile.window_process({"argv": ["/bin/sh", "-c", f"until [ -e {flag} ]; do :; done; echo last words; exit 9"]})
    while process.hears("session")["pid"] is None:
        pass
    process.kill()
    flag.touch()
    cli = profile.client()
    wait_until(lambda: cli.call("session.list")["sessions"][0]["exit"] == {"code": 9, "signal": None})
    (program,) = profile.client("window").attach()
    assert program.result["exit"] == {"code": 9, "signal": None}
    assert b"last words\r\n" in program.ring.replay().steps


def test_a_window_that_dies_while_a_session_starts_leaves_a_session_for_the_next_one(
    profile: Profile, wait_until: Callable[..., None]
) -> None:
    pipe = profile.base / "pipe"
    os.mkfifo(pipe)
    (profile.home / ".bash_profile").write_text(f"PS1='ready$ '; touch {profile.base}/begun; read < {pipe}\n")
    process = profile.window_process({})
    wait_until((profile.base / "begun").exists)
    process.kill()
    cli = profile.client()
    wait_until(lambda: cli.call("host.status")["window"] is None)
    window = profile.client("window")
    pipe.write_text("go on\n")
    wait_until(lambda: cli.call("session.list")["sessions"] != [])
    attached = window.attach()
    (program,) = {program.id: program for program in attached}.values()
    program.run("echo $((6*7))")
    program.read_until("42")


def test_sessions_nobody_comes_back_for_are_ended_and_the_host_with_them(
    profile: Profile, host_ends: Callable[[], None]
) -> None:
    process = profile.window_process({"argv": ["/bin/sleep", "600"]}, keep_after_crash_minutes=0)
    while process.hears("session")["pid"] is None:
        pass
    process.kill()
    host_ends()
    assert profile.processes() == {}


def test_a_dead_host_is_replaced_and_the_window_keeps_its_programs(
    profile: Profile, wait_until: Callable[..., None]
) -> None:
    process = profile.window_process({"argv": ["/bin/sh", "-c", "read x; echo got it; read x"]}, {})
    seen = {}
    while len(seen) < 2:
        shown = process.hears("session")
        if shown["pid"] is not None:
            seen[shown["session"]] = shown["pid"]
    (host,) = profile.hosts()
    os.kill(host, signal.SIGKILL)
    process.hears("lost")
    assert process.hears("back")["host"] != host
    cli = profile.client()
    wait_until(lambda: len(cli.call("session.list")["sessions"]) == 2)
    rows = cli.call("session.list")["sessions"]
    assert {row["session"]: row["pid"] for row in rows} == seen
    os.kill(seen[1], signal.SIGKILL)
    while "exit status unknown" not in process.hears("session")["bar"]:
        pass


def test_a_session_that_was_being_started_when_the_host_died_starts_under_the_next_one(
    profile: Profile, wait_until: Callable[..., None]
) -> None:
    begun, go = profile.base / "begun", profile.base / "go"
    # No shell gets ready before the host is dead, also not one that the pool starts meanwhile.
    (profile.home / ".bash_profile").write_text(f"PS1='ready$ '; touch {begun}; until [ -e {go} ]; do sleep 0.02; done\n")
    process = profile.window_process({})
    wait_until(begun.exists)
    (host,) = profile.hosts()
    os.kill(host, signal.SIGKILL)
    process.hears("back")
    go.touch()
    shown = process.hears("session")
    while "ready$" not in shown["lines"]:
        shown = process.hears("session")
    assert shown["session"] == 1


def adopt(window: Profile, program: Profile, **arguments: object) -> None:
    fds = (program.master, program.ring.fd, program.pidfd)
    window.connection.call("session.adopt", fds=fds, session=program.id, pid=program.pid, key=program.result["key"], **arguments)


@pytest.fixture
def after_the_host_died(profile: Profile, host_ends: Callable[[], None]) -> Callable[..., tuple[Profile, Profile]]:
    """`after_the_host_died(argv)`: a program whose host is dead, and the window at the new one, which has not adopted it."""

    def make(*argv: str) -> tuple[Profile, Profile]:
        first = profile.window()
        program = first.start(1, argv)
        os.kill(first.welcome["pid"], signal.SIGKILL)
        host_ends()
        first.connection.close()
        return profile.client("window"), program

    return make


def test_the_end_of_an_adopted_program_is_known_its_status_is_not(
    after_the_host_died: Callable[..., tuple[Profile, Profile]], wait_until: Callable[..., None]
) -> None:
    window, program = after_the_host_died("/bin/sh", "-c", "read x; exit 4")
    adopt(window, program, agent="claude")
    window.configure()
    wait_until(lambda: window.call("pool.stats")["stats"]["adopted"] == 1)
    program.type("")
    assert window.exit_of(program) == (None, None)
    wait_until(lambda: window.call("pool.stats")["stats"]["adopted"] == 0)


def test_an_adopted_session_counts_and_closing_it_ends_its_program(
    after_the_host_died: Callable[..., tuple[Profile, Profile]], wait_until: Callable[..., None]
) -> None:
    window, program = after_the_host_died("/bin/sh", "-c", "trap '' HUP; sleep 600 & wait")
    adopt(window, program)
    window.configure(max_active=1)
    with pytest.raises(PoolExhausted, match="All 1 sessions are in use"):
        window.start(2, ["/bin/true"])
    window.call("session.close", session=1)
    window.start(2, ["/bin/true"])
    wait_until(lambda: program.has_ended)


def test_a_restarted_adopted_session_reports_its_status_again(
    after_the_host_died: Callable[..., tuple[Profile, Profile]],
) -> None:
    window, program = after_the_host_died("/bin/sleep", "600")
    adopt(window, program, agent="claude")
    window.configure()
    again = window.start(1, ["/bin/sh", "-c", "exit 6"], restart=True)
    assert again.result["key"].partition(".")[0] == window.welcome["host"]
    assert window.exit_of(again) == (6, None)


def test_adopting_twice_changes_nothing(after_the_host_died: Callable[..., tuple[Profile, Profile]]) -> None:
    window, program = after_the_host_died("/bin/sleep", "600")
    adopt(window, program)
    before = window.call("host.status")["fds"]
    adopt(window, program)
    assert window.call("host.status")["fds"] == before
    assert len(window.call("session.list")["sessions"]) == 1


def test_what_a_dead_host_left_is_ended_but_not_what_the_window_holds(
    profile: Profile, host_ends: Callable[[], None], wait_until: Callable[..., None]
) -> None:
    profile.hasten("server.SWEEP_AFTER_S = 2.0")
    first = profile.window(initial_pool_size=1)
    wait_until(lambda: first.call("pool.stats")["stats"]["idle"] == 1)
    held = first.start(1, ["/bin/sleep", "601"])
    forgotten = first.start(2, ["/bin/sh", "-c", "trap '' HUP; echo deaf; sleep 602"])
    forgotten.read_until("deaf")
    os.kill(first.welcome["pid"], signal.SIGKILL)
    host_ends()
    first.connection.close()
    window = profile.client("window")
    adopt(window, held)
    window.configure()
    wait_until(lambda: forgotten.has_ended and list(profile.processes().values()) == ["/bin/sleep 601 "])
    assert not held.has_ended


@pytest.fixture
def own_tmux(profile: Profile) -> Profile:
    """A tmux server socket of our own; the server is ended after the test."""
    path = str(profile.base / "tmux.sock")
    yield path
    with contextlib.suppress(OSError):
        os.spawnlp(os.P_WAIT, "tmux", "tmux", "-S", path, "kill-server")


@pytest.mark.parametrize("how", ["quit", "closed, then kill -9", "exit, then kill -9"])
def test_the_next_host_spares_what_was_left_on_purpose_with_all_below_it(
    profile: Profile, own_tmux: str, how: str, host_ends: Callable[[], None], wait_until: Callable[..., None]
) -> None:
    profile.hasten("server.SWEEP_AFTER_S = 0.1")
    window = profile.window()
    shell = window.start(1)
    shell.run(f"tmux -S {own_tmux} new-session -d 'echo $$ > {profile.base}/inner; exec sleep 603'; echo do''ne")
    shell.read_until("done")
    wait_until(lambda: (profile.base / "inner").exists() and (profile.base / "inner").read_text())
    inner = int((profile.base / "inner").read_text())
    if how == "quit":
        window.call("quit")
    else:
        if how.startswith("exit"):
            shell.type("exit")
            assert window.exit_of(shell) == (0, None)
        window.call("session.close", session=1)
        wait_until(lambda: shell.has_ended and window.call("pool.stats")["stats"]["active"] == 0)
        wait_until(lambda: json.loads((profile.runtime / "hosts.json").read_text())["left"])
        os.kill(window.welcome["pid"], signal.SIGKILL)
    host_ends()
    again = profile.window()
    wait_until(lambda: again.call("host.status")["uptime_s"] > 0.2)
    assert os.path.exists(f"/proc/{inner}")
    assert "processes that a dead host left" not in profile.log()
