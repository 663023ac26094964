"""Processes that leave their session: ended with an agent's, left and listed with a plain shell's, as the setting says."""

import contextlib
import os
from collections.abc import Callable
from typing import Any as Profile

import pytest

from synk.base.errors import NoSuchTarget

DETACH = "(setsid sleep {} < /dev/null > /dev/null 2>&1 &);"


def sleepers(profile: Profile, seconds: int) -> list[int]:
    return [pid for pid, line in profile.processes().items() if line == f"sleep {seconds} "]


@pytest.mark.parametrize(
    ("setting", "is_agent", "is_left"),
    [
        ("agents", True, False), ("agents", False, True), ("always", True, False), ("always", False, False),
        ("never", True, True), ("never", False, True),
    ],
)  # fmt: skip
def test_a_detached_process_is_ended_or_left_as_the_setting_says(
    profile: Profile, setting: str, is_agent: bool, is_left: bool, wait_until: Callable[..., None]
) -> None:
    window = profile.window(kill_detached=setting)
    if is_agent:
        window.start(1, ["/bin/bash", "-c", f"{DETACH.format(701)} read x"])
    else:
        window.start(1).run(DETACH.format(701))
    wait_until(lambda: window.call("pool.members")["detached"] and sleepers(profile, 701))
    window.call("session.close", session=1)
    if is_left:
        wait_until(lambda: list(profile.processes().values()) == ["sleep 701 "])
        (row,) = window.call("pool.members")["detached"]
        assert (row["pid"], row["command"], row["session"]) == (*sleepers(profile, 701), "sleep 701", 1)
        assert window.call("pool.stats")["detached"] == 1
    else:
        wait_until(lambda: profile.processes() == {} and window.call("pool.members")["detached"] == [])


def test_what_an_agent_left_behind_goes_when_the_agent_ends_by_itself(
    profile: Profile, wait_until: Callable[..., None]
) -> None:
    window = profile.window()
    program = window.start(1, ["/bin/bash", "-c", f"{DETACH.format(702)} read x; exit 4"])
    wait_until(lambda: sleepers(profile, 702))
    (pid,) = sleepers(profile, 702)
    program.type("")
    assert window.exit_of(program) == (4, None)
    wait_until(lambda: not os.path.exists(f"/proc/{pid}"))


def test_background_jobs_of_a_live_shell_are_not_detached(profile: Profile, wait_until: Callable[..., None]) -> None:
    window = profile.window()
    shell = window.start(1)
    shell.run("(sleep 703 &); echo do''ne")
    shell.read_until("done")
    wait_until(lambda: len(sleepers(profile, 703)) == 1)
    assert window.call("pool.members")["detached"] == []
    window.call("session.close", session=1)
    wait_until(lambda: profile.processes() == {})


def test_a_tmux_server_survives_its_pane_is_listed_and_can_be_ended(
    profile: Profile, wait_until: Callable[..., None]
) -> None:
    window = profile.window()
    path = str(profile.base / "tmux.sock")
    shell = window.start(1)
    shell.run(f"tmux -S {path} new-session -d 'exec sleep 704'; echo do''ne")
    shell.read_until("done")
    try:
        window.call("session.close", session=1)
        wait_until(lambda: shell.has_ended and len(profile.processes()) == 2)
        (row,) = window.call("pool.members")["detached"]
        assert row["command"].startswith(f"tmux -S {path}")
        assert row["session"] == 1
        profile.client().call("pool.kill_detached", pid=row["pid"])
        wait_until(lambda: profile.processes() == {} and window.call("pool.members")["detached"] == [])
    finally:
        with contextlib.suppress(OSError):
            os.spawnlp(os.P_WAIT, "tmux", "tmux", "-S", path, "kill-server")


def test_nothing_but_what_is_listed_can_be_ended(profile: Profile) -> None:
    window = profile.window()
    program = window.start(1, ["/bin/sleep", "705"])
    for pid in (program.pid, 1, 0, -1, os.getpid(), window.welcome["pid"], 2**22 + 5):
        with pytest.raises(NoSuchTarget, match=rf"^No detached process {pid}$"):
            window.call("pool.kill_detached", pid=pid)
    assert not program.has_ended


def test_what_was_left_on_purpose_survives_the_quit(
    profile: Profile, host_ends: Callable[[], None], wait_until: Callable[..., None]
) -> None:
    window = profile.window()
    shell = window.start(1)
    shell.run(DETACH.format(706))
    wait_until(lambda: window.call("pool.members")["detached"] and sleepers(profile, 706))
    window.call("quit")
    host_ends()
    assert list(profile.processes().values()) == ["sleep 706 "]
