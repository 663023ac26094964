"""Exits are reaped once, with their exact status, and never before the pool has written the child down."""

import os
import signal
from typing import Any as Turner

import pytest

from synk.host.reaper import Reaper, exit_of
from synk.pty.children import Children


@pytest.mark.parametrize(
    ("command", "ended"),
    [("exit 0", (0, None)), ("exit 7", (7, None)), ("kill -SEGV $$", (None, 11)), ("kill -KILL $$", (None, 9))],
)
def test_a_wait_status_is_a_code_or_a_signal(command: str, ended: tuple[int | None, int | None]) -> None:
    pid = os.posix_spawn("/bin/sh", ["sh", "-c", command], os.environ)
    assert exit_of(os.waitpid(pid, 0)[1]) == ended


@pytest.fixture
def reaper_parts(turner: Turner) -> object:
    children, ended = Children(), {}
    yield Reaper(turner.loop, children, lambda pid, status: ended.update({pid: exit_of(status)})), children, ended
    turner.loop.remove_signal_handler(signal.SIGCHLD)


def spawn(script: str) -> int:
    return os.posix_spawn("/bin/sh", ["sh", "-c", script], os.environ)


def test_every_child_is_reaped_with_its_own_status(turner: Turner, reaper_parts: Turner) -> None:
    _, _, ended = reaper_parts
    pids = [spawn(f"exit {code}") for code in range(8)]
    turner.until(lambda: len(ended) == 8)
    assert [ended[pid] for pid in pids] == [(code, None) for code in range(8)]


def test_an_unknown_child_waits_while_a_fork_is_under_way(turner: Turner, reaper_parts: Turner) -> None:
    _, children, ended = reaper_parts
    with children.forking():
        pid = spawn("exit 5")
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        turner.turn()
        assert ended == {}
        children.register(pid, 1)
        turner.until(lambda: ended)
    assert ended == {pid: (5, None)}


def test_a_child_that_was_written_down_does_not_wait_for_another_fork(turner: Turner, reaper_parts: Turner) -> None:
    _, children, ended = reaper_parts
    pid = spawn("exec sleep 600")
    children.register(pid, 1)
    with children.forking():
        os.kill(pid, signal.SIGKILL)
        turner.until(lambda: ended)
    assert ended == {pid: (None, 9)}


def test_a_fork_that_does_not_reach_exec_is_killed(
    turner: Turner, reaper_parts: Turner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("synk.host.reaper.FORK_LIMIT_S", 0.05)
    reaper, children, ended = reaper_parts
    with children.forking():
        pid = spawn("exec sleep 600")
        children.register(pid, 1)
        reaper.fork_began()
        turner.until(lambda: ended)
    assert ended == {pid: (None, 9)}


def test_a_fork_that_ends_in_time_is_left_alone(
    turner: Turner, reaper_parts: Turner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("synk.host.reaper.FORK_LIMIT_S", 0.0)
    reaper, children, ended = reaper_parts
    with children.forking():
        pid = spawn("exec sleep 600")
        children.register(pid, 1)
        reaper.fork_began()
        reaper.fork_ended()
    turner.turn()
    assert ended == {}
    os.kill(pid, signal.SIGTERM)
    turner.until(lambda: ended)
    assert ended == {pid: (None, signal.SIGTERM)}


def test_a_watched_child_is_reported_to_its_watcher_only(turner: Turner, reaper_parts: Turner) -> None:
    reaper, _, ended = reaper_parts
    told: list[int] = []
    pid = spawn("exit 3")
    reaper.watch(pid, told.append)
    turner.until(lambda: told)
    assert exit_of(told[0]) == (3, None)
    assert ended == {}
