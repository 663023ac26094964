"""The kill ladder with real processes: stubborn ones, ones that left their tree, and ones that are none of its business."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from synk.pty.ladder import KillLadder, Outcome
from synk.pty.processes import (
    Proc,
    ProcessTree,
    command_line,
    is_ours,
    orphans,
    read_process,
    resident_bytes,
    start_environment,
    table,
)
from synk.pty.spawn import Spawned, spawn

MARK = "00c0ffee.1"


@pytest.fixture
def start(host) -> Callable[..., Spawned]:
    """Starts a script in a session of its own; `host` ends and reaps whatever is left."""
    held: list[Spawned] = []

    def run(script: str, *, mark: str = MARK, shell: str = "bash") -> Spawned:
        program = spawn(
            [shell, "-c", script], cwd="/", environment={**host.environment, "SYNK_HOST": mark}, cols=80, rows=24
        )
        held.append(program)
        return program

    yield run
    for program in held:
        os.close(program.pidfd)
        os.close(program.master)


def wait_for_output(host, program: Spawned, text: bytes) -> None:
    """Until the script says it is set up."""
    output = b""

    def is_there() -> bool:
        nonlocal output
        with contextlib.suppress(OSError):
            output += os.read(program.master, 4096)
        return text in output

    host.until(is_there)


def climb_down(host, ladder: KillLadder, *, at: float | None = None) -> list:
    """Tick as the host does, until the ladder is empty; returns what `tick` reported. `at`: the time stands still there."""
    ended = []

    def step() -> bool:
        host.turn()
        ended.extend(ladder.tick(time.monotonic() if at is None else at))
        return not len(ladder)

    host.until(step)
    return ended


@pytest.fixture
def ladder() -> KillLadder:
    return KillLadder()


def in_session(pid: int, mark: str = MARK) -> set[int]:
    attached, loose = ProcessTree(table(), host_pid=os.getpid()).members_of_session(pid=pid, mark=mark)
    return attached | loose


def orphaned() -> list[str]:
    """Command lines of processes that came to this one."""
    return sorted(command_line(one.pid) for one in orphans(table(), host_pid=os.getpid()))


def test_program_that_minds_its_signals_is_gone_at_once(host, start, ladder: KillLadder) -> None:
    program = start("sleep 1000 & echo up; wait")
    wait_for_output(host, program, b"up")
    ladder.add(1, program.pid, MARK, kill_detached=False, now=0.0, pidfd=program.pidfd)
    ended = climb_down(host, ladder, at=0.0)
    assert [(one.key, one.survivors) for one in ended] == [(1, ())]
    assert in_session(program.pid) == set()


@pytest.mark.parametrize(
    "script",
    [
        "trap '' HUP TERM INT; echo up; while :; do sleep 1; done",
        "trap '' HUP TERM; (trap '' HUP TERM; sleep 1000) & echo up; wait; wait",
        "trap '' HUP TERM; setsid sh -c \"trap '' HUP TERM; sleep 1000\" & echo up; wait; wait",
        "trap '' HUP TERM; kill -STOP $$ & echo up; sleep 1000",
    ],
    ids=["loop", "background", "own session", "stopped"],
)
def test_program_that_ignores_the_gentle_signals_is_killed_after_3_s(host, start, ladder: KillLadder, script: str) -> None:
    program = start(script)
    wait_for_output(host, program, b"up")
    # A child that is forked between the looks of a ladder that stands still would count as detached.
    host.until(lambda: "STOP" in script or any(command_line(pid).startswith("sleep") for pid in in_session(program.pid)))
    ladder.add(1, program.pid, MARK, kill_detached=False, now=0.0)
    assert ladder.tick(0.0) == []
    assert ladder.tick(2.9) == []
    assert in_session(program.pid)
    assert climb_down(host, ladder, at=3.0)[0].survivors == ()
    assert in_session(program.pid) == set()


def test_interactive_bash_that_ignores_term_ends_on_hangup(host, start, ladder: KillLadder) -> None:
    program = start("exec bash --norc -i")
    wait_for_output(host, program, b"# ")
    ladder.add(1, program.pid, MARK, kill_detached=False, now=0.0)
    assert climb_down(host, ladder, at=0.0)[0].survivors == ()


def test_members_that_appear_while_the_session_ends_are_ended_too(host, start, ladder: KillLadder) -> None:
    program = start("trap 'sleep 1000 & sleep 1001 & exit' TERM; trap '' HUP; echo up; while :; do read -t 1; done")
    wait_for_output(host, program, b"up")
    ladder.add(1, program.pid, MARK, kill_detached=False, now=time.monotonic())
    climb_down(host, ladder)
    assert in_session(program.pid) == set()


def test_many_stubborn_sessions_end_side_by_side(host, start, ladder: KillLadder) -> None:
    programs = [start("trap '' HUP TERM; echo up; while :; do sleep 1; done", mark=f"00c0ffee.{n}") for n in range(1, 9)]
    for program in programs:
        wait_for_output(host, program, b"up")
    for number, program in enumerate(programs, 1):
        ladder.add(number, program.pid, f"00c0ffee.{number}", kill_detached=False, now=0.0)
    assert ladder.tick(2.9) == []
    assert {one.key for one in climb_down(host, ladder, at=3.0)} == set(range(1, 9))


@pytest.mark.parametrize("kill_detached", [True, False])
def test_detached_process_goes_or_stays_as_told(host, start, ladder: KillLadder, kill_detached: bool) -> None:
    program = start("setsid -f sh -c 'sleep 1000 & wait'; (sleep 1001 &); echo up; sleep 1000")
    wait_for_output(host, program, b"up")
    host.until(lambda: len(orphans(table(), host_pid=os.getpid(), known={program.pid})) == 2)
    ladder.add(1, program.pid, MARK, kill_detached=kill_detached, now=time.monotonic())
    (ended,) = climb_down(host, ladder)
    if kill_detached:
        assert (orphaned(), ended.survivors) == ([], ())
        return
    assert orphaned() == ["sh -c sleep 1000 & wait"]
    assert {(one.command, one.outcome) for one in ended.survivors} == {
        ("sh -c sleep 1000 & wait", Outcome.DETACHED),
        ("sleep 1000", Outcome.DETACHED),
    }


def test_session_whose_first_process_is_reaped_is_still_cleared(host, start, ladder: KillLadder) -> None:
    program = start("trap '' HUP; sleep 1000 & sleep 1001 & echo up; read -t 0.1; exit 3")
    wait_for_output(host, program, b"up")
    host.until(lambda: read_process(program.pid) is None)
    assert len(in_session(program.pid)) == 2
    ladder.add(1, program.pid, MARK, kill_detached=False, now=time.monotonic(), pidfd=program.pidfd)
    climb_down(host, ladder)
    assert in_session(program.pid) == set()


def test_process_that_got_the_number_of_an_ended_one_is_left_alone(host, start, ladder: KillLadder) -> None:
    # Not the shell's last command: while a program is exchanged for another its environment cannot be read.
    stranger = start("echo up; sleep 1000; true", mark="another-host.1")
    wait_for_output(host, stranger, b"up")
    ladder.add(1, stranger.pid, MARK, kill_detached=True, now=time.monotonic())
    climb_down(host, ladder)
    process = read_process(stranger.pid)
    assert process is not None
    assert process.is_alive


def test_host_itself_and_init_are_never_members() -> None:
    processes = {
        1: Proc(1, 0, 1, 1, "S", 1),
        50: Proc(50, 1, 50, 50, "S", 5),
        60: Proc(60, 50, 60, 60, "S", 6),
        61: Proc(61, 60, 60, 60, "Z", 7),
        62: Proc(62, 60, 60, 60, "Z", 7, threads=2),
    }
    tree = ProcessTree(processes, host_pid=50)
    assert tree.members_of_session(pid=50, mark=MARK, start_time=5)[0] == {60, 62}
    assert tree.members_of_session(pid=1, mark=MARK, start_time=1) == (set(), set())
    assert tree.members_of_session(pid=0, mark=MARK) == (set(), set())
    assert tree.members_of_session(pid=60, mark=MARK, start_time=99) == (set(), set())
    assert tree.descendants([60]) == {60, 61, 62}


@pytest.mark.skipif(os.getuid() != 0, reason="only root can start a process of another user")
def test_process_of_another_user_is_reported_and_never_signalled(host, start, ladder: KillLadder) -> None:
    program = start(
        f"{sys.executable} -c \"import os,signal,time; os.setresuid(12345,12345,12345); "
        "[signal.signal(n, lambda *_: print('HIT')) for n in (1, 15)]; print('up', flush=True); time.sleep(1000)\"; sleep 1000"
    )
    wait_for_output(host, program, b"up")
    (stranger,) = [pid for pid in in_session(program.pid) if not is_ours(pid)]
    ladder.add(1, program.pid, MARK, kill_detached=True, now=time.monotonic())
    (ended,) = climb_down(host, ladder)
    assert [(one.pid, one.outcome) for one in ended.survivors] == [(stranger, Outcome.UNKNOWN_OWNER)]
    assert is_ours(stranger) is False
    process = read_process(stranger)
    assert process is not None
    assert process.is_alive


def test_process_that_survives_even_sigkill_is_given_up_after_5_s(host, start, ladder: KillLadder, monkeypatch, caplog) -> None:
    program = start("echo up; sleep 1000")
    wait_for_output(host, program, b"up")
    monkeypatch.setattr(signal, "pidfd_send_signal", lambda *_: None)
    ladder.add(1, program.pid, MARK, kill_detached=False, now=0)
    for now in (0.0, 3.0, 4.9):
        assert ladder.tick(now) == []
    (ended,) = ladder.tick(5.0)
    monkeypatch.undo()
    assert {(one.outcome, one.command) for one in ended.survivors} >= {(Outcome.STUCK, "sleep 1000")}
    assert "could not be ended: uninterruptible" in caplog.text


def test_second_call_for_a_session_only_widens_the_first(host, start, ladder: KillLadder) -> None:
    program = start("setsid -f sleep 1000; echo up; sleep 1000")
    wait_for_output(host, program, b"up")
    ladder.add(1, program.pid, MARK, kill_detached=False, now=time.monotonic())
    ladder.add(1, program.pid, MARK, kill_detached=True, now=time.monotonic())
    assert len(ladder) == 1
    assert climb_down(host, ladder)[0].survivors == ()
    assert orphaned() == []


def test_facts_about_a_process(tmp_path: Path) -> None:
    program = tmp_path / "name (with) parens"
    program.symlink_to("/bin/sleep")
    child = subprocess.Popen([str(program), "1000"], env={"SYNK_HOST": "x.1", "PATH": "/bin"})
    try:
        process = table()[child.pid]
        assert (process.ppid, process.pgid, process.is_alive) == (os.getpid(), os.getpgrp(), True)
        assert start_environment(child.pid, "SYNK_HOST") == "x.1"
        assert start_environment(child.pid, "SYNK") is None
        assert command_line(child.pid) == f"{program} 1000"
        assert is_ours(child.pid)
        assert (resident_bytes(child.pid) or 0) > 100_000
    finally:
        child.kill()
        child.wait()
    assert read_process(child.pid) is None
    assert start_environment(child.pid, "SYNK_HOST") is None
    assert command_line(child.pid) == ""
    assert resident_bytes(child.pid) is None
    assert is_ours(child.pid) is False
