"""Sessions in the host: how they start, what their programs find, how they end, and that their place is free at once."""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any as Profile

import pytest

from synk.base.errors import FolderMissing, PoolClosed, PoolExhausted, SpawnFailed, UsageError
from synk.base.wire import encode_message
from synk.pty.ring import Ring


def test_an_exit_status_is_reported_exactly(profile: Profile) -> None:
    window = profile.window()
    assert window.exit_of(window.start(1, ["/bin/sh", "-c", "exit 7"])) == (7, None)


def test_a_crash_is_reported_as_its_signal(profile: Profile) -> None:
    window = profile.window()
    assert window.exit_of(window.start(1, ["/bin/sh", "-c", "kill -SEGV $$"])) == (None, signal.SIGSEGV)


def test_many_short_programs_report_their_own_status_each(profile: Profile) -> None:
    window = profile.window()
    programs = [window.start(number, ["/bin/sh", "-c", f"exit {number}"]) for number in range(1, 9)]
    for program in programs:
        assert window.exit_of(program) == (program.id, None)


@pytest.mark.parametrize(
    ("make", "reason"),
    [(None, "not found in PATH"), ("text", "not executable")],
    ids=["missing", "not executable"],
)
def test_a_program_that_cannot_be_started_says_why_and_is_not_counted(
    profile: Profile, make: str | None, reason: str, wait_until: Callable[..., None]
) -> None:
    window = profile.window(initial_pool_size=1)
    path = profile.base / "agent"
    if make is not None:
        path.write_text(make)
    name = str(path) if make else "no-such-agent"
    with pytest.raises(SpawnFailed) as failed:
        window.start(1, [name])
    assert failed.value.message.startswith(f"Cannot start {name}: ")
    assert reason in failed.value.message
    assert window.call("session.list") == {"sessions": []}
    wait_until(lambda: window.call("pool.stats")["stats"]["active"] == 0)


def test_a_folder_that_is_gone_is_named_and_nothing_is_held(profile: Profile) -> None:
    window = profile.window()
    with pytest.raises(FolderMissing, match=r"^Folder /no/such/folder does not exist$"):
        window.start(1, directory="/no/such/folder")
    assert window.call("session.list") == {"sessions": []}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("9X", "Variable 9X is not a valid name"),
        ("A-B", "Variable A-B is not a valid name"),
        ("SYNK_X", "Variable SYNK_X is reserved: names that start with SYNK_ are set by Synk"),
    ],
)
def test_a_bad_variable_name_starts_nothing(profile: Profile, name: str, text: str) -> None:
    window = profile.window()
    with pytest.raises(UsageError) as refused:
        window.start(1, variables={name: "value"})
    assert refused.value.message == text
    assert window.call("session.list") == {"sessions": []}
    assert window.call("pool.stats")["stats"]["active"] == 0


def test_a_session_finds_its_own_variables_and_none_of_another_synk(profile: Profile, tmp_path: Path) -> None:
    profile.environment |= {
        "SYNK_SESSION": "999", "SYNK_HOST": "dead.1", "SYNK_SECRET": "x", "TMUX": "1", "COLUMNS": "7", "KITTY_PID": "1",
    }  # fmt: skip
    window = profile.window()
    out = tmp_path / "environment"
    script = f"import json, os; json.dump(dict(os.environ), open({str(out)!r}, 'w'))"
    value = "two words 'q' \"d\" $(touch executed) `id` \\ \n second line é"
    program = window.start(
        5, [sys.executable, "-c", script], project="/the/project", variables={"VALUE": value}, unset=["USER"]
    )
    assert window.exit_of(program) == (0, None)
    found = json.loads(out.read_text())
    own = {name: found[name] for name in found if name.startswith("SYNK_")}
    host = own.pop("SYNK_HOST")
    assert host == program.result["key"]
    assert host.partition(".")[0] == window.welcome["host"]
    assert own == {"SYNK_SESSION": "5", "SYNK_PROJECT": "/the/project", "SYNK_AGENT": "claude"}
    assert found["VALUE"] == value
    assert not {"USER", "TMUX", "COLUMNS", "KITTY_PID"} & set(found)
    assert (found["TERM"], found["TERM_PROGRAM"]) == ("xterm-256color", "Synk")


def test_programs_get_default_signals_and_no_descriptor_but_three(profile: Profile, tmp_path: Path) -> None:
    window = profile.window()
    out = tmp_path / "found"
    script = f"cat /proc/self/status | grep Sig > {out}; ls /proc/$$/fd >> {out}"
    assert window.exit_of(window.start(1, ["/bin/sh", "-c", script])) == (0, None)
    lines = out.read_text().split("\n")
    masks = dict(line.split(":\t") for line in lines if line.startswith("Sig") and "Q" not in line)
    # Without the real-time signals: an ancestor of the test run may ignore some that nobody but the C library can set.
    assert int(masks["SigIgn"], 16) & 0x7FFFFFFF == 0
    assert int(masks["SigBlk"], 16) == 0
    assert {line for line in lines if line.isdigit()} <= {"0", "1", "2", "10"}, lines


def test_the_thirteenth_session_is_refused_and_closing_one_makes_room_within_one_call(profile: Profile) -> None:
    window = profile.window(max_active=3)
    programs = [window.start(number, ["/bin/sleep", "600"]) for number in (1, 2, 3)]
    with pytest.raises(PoolExhausted) as refused:
        window.start(4, ["/bin/sleep", "600"])
    text = "All 3 sessions are in use. Close one, or raise Settings > Performance > Most sessions."
    assert refused.value.message == text
    assert not any(program.has_ended for program in programs)
    window.call("session.close", session=2)
    window.start(5, ["/bin/sleep", "600"])
    assert [row["session"] for row in window.call("session.list")["sessions"]] == [1, 3, 5]


def test_the_place_is_free_although_the_program_does_not_want_to_end(profile: Profile) -> None:
    window = profile.window(max_active=1)
    stubborn = window.start(1, ["/bin/bash", "-c", "trap '' TERM HUP; echo deaf; while :; do sleep 1; done"])
    stubborn.read_until("deaf")
    window.call("session.close", session=1)
    assert not stubborn.has_ended
    window.start(2, ["/bin/true"])


def test_a_restart_keeps_the_id_and_ends_the_old_program(profile: Profile, wait_until: Callable[..., None]) -> None:
    window = profile.window(max_active=1)
    old = window.start(4, ["/bin/sleep", "600"])
    new = window.start(4, ["/bin/sh", "-c", "read line; exit 3"], restart=True)
    assert new.pid != old.pid
    wait_until(lambda: old.has_ended)
    new.type("go")
    assert window.exit_of(new) == (3, None)
    assert [row["session"] for row in window.call("session.list")["sessions"]] == [4]


def test_an_ended_session_can_be_restarted(profile: Profile) -> None:
    window = profile.window(max_active=1)
    assert window.exit_of(window.start(4, ["/bin/false"])) == (1, None)
    assert window.exit_of(window.start(4, ["/bin/true"], restart=True)) == (0, None)


def test_a_restart_of_a_session_the_host_does_not_know_is_a_start(profile: Profile) -> None:
    # Its first program ended under a host that has died since.
    window = profile.window()
    assert window.exit_of(window.start(4, ["/bin/sh", "-c", "exit 5"], restart=True)) == (5, None)


def test_a_number_in_use_is_not_given_to_a_second_session(profile: Profile) -> None:
    window = profile.window()
    window.start(4, ["/bin/sleep", "600"])
    with pytest.raises(UsageError, match=r"^Session 4 exists$"):
        window.start(4, ["/bin/sleep", "600"])


def test_closing_while_it_starts_answers_the_start_and_leaves_nothing(
    profile: Profile, wait_until: Callable[..., None]
) -> None:
    (profile.home / ".bash_profile").write_text(f"echo $$ > {profile.base}/pid; read < {profile.base}/pipe\n")
    os.mkfifo(profile.base / "pipe")
    window = profile.window()
    connection = window.connection
    start = {"id": 900, "do": "session.start", "session": 1, "directory": "/", "cols": 80, "rows": 24}
    connection._sock.sendall(encode_message(start))
    wait_until(lambda: (profile.base / "pid").exists() and (profile.base / "pid").read_text())
    window.call("session.close", session=1)
    answer = next(frame.message for frame in connection.events if (frame.message or {}).get("re") == 900)
    assert answer["error"] == {"kind": "target", "message": "Session 1 was closed while it started."}
    assert window.call("session.list") == {"sessions": []}
    assert window.call("pool.stats")["stats"]["active"] == 0
    pid = int((profile.base / "pid").read_text())
    (profile.base / "pipe").write_text("go on\n")
    wait_until(lambda: not os.path.exists(f"/proc/{pid}"))


def test_ids_are_not_used_again_after_a_restart_of_the_host(profile: Profile, host_ends: Callable[[], None]) -> None:
    first = profile.window()
    assert first.welcome["first_session"] == 1
    for number in (1, 2, 7):
        first.start(number, ["/bin/true"])
    first.call("quit")
    host_ends()
    assert profile.client("window").welcome["first_session"] == 8


def test_an_unused_reservation_costs_no_numbers(profile: Profile, host_ends: Callable[[], None]) -> None:
    first = profile.window()
    reserved = first.call("session.reserve", count=64)["first"]
    assert reserved == first.welcome["first_session"] + first.welcome["reserved_sessions"]
    first.call("quit")
    host_ends()
    assert profile.client("window").welcome["first_session"] == 1


def test_ids_stay_used_after_kill_9_of_the_host(profile: Profile, host_ends: Callable[[], None]) -> None:
    window = profile.window()
    window.start(1, ["/bin/true"])
    os.kill(window.welcome["pid"], signal.SIGKILL)
    host_ends()
    assert profile.client("window").welcome["first_session"] == 2


def test_what_the_window_says_of_a_session_is_kept_for_the_next_one(profile: Profile) -> None:
    window = profile.window()
    window.start(1, ["/bin/sleep", "600"], meta={"title": "", "pane": 3})
    window.call("session.meta", session=1, meta={"title": "new"})
    (row,) = window.call("session.list")["sessions"]
    assert row["meta"] == {"title": "new", "pane": 3}


def test_the_screen_of_a_held_session_can_be_read_without_a_window(profile: Profile) -> None:
    process = profile.window_process({"argv": ["/bin/sh", "-c", "echo visible; read x"]})
    while "visible" not in process.hears("session")["lines"]:
        pass
    process.kill()
    cli = profile.client()
    row, fds = cli.connection.call_fds("session.ring", session=1)
    ring = Ring(*fds)
    assert b"visible" in b"".join(step for step in ring.replay().steps if isinstance(step, bytes))
    ring.close()
    assert row["exit"] is None


def test_a_warm_shell_is_claimed_and_replaced(profile: Profile, wait_until: Callable[..., None]) -> None:
    window = profile.window(initial_pool_size=2, warmup_delay_ms=0)
    wait_until(lambda: window.call("pool.stats")["stats"]["idle"] == 2)
    shell = window.start(1, directory="/usr", cols=91, rows=17)
    assert shell.result["is_warm"]
    shell.run("pwd; stty size; shopt login_shell")
    shell.read_until("17 91")
    shell.read_until("login_shell    \ton")
    assert b"/usr\r\n" in shell.output
    wait_until(lambda: window.call("pool.stats")["stats"]["idle"] == 2)
    states = [row["state"] for row in window.call("pool.members")["members"]]
    assert sorted(states) == ["active", "idle", "idle"]


def test_a_client_with_another_environment_gets_a_shell_of_its_own(
    profile: Profile, wait_until: Callable[..., None]
) -> None:
    window = profile.window(initial_pool_size=1)
    wait_until(lambda: window.call("pool.stats")["stats"]["idle"] == 1)
    window.close()
    other = profile.client("window", {**profile.environment, "EXTRA": "from the second window"})
    shell = other.start(1)
    assert not shell.result["is_warm"]
    shell.run('echo "<$EXTRA>"')
    shell.read_until("<from the second window>")


def test_sessions_before_the_pool_is_set_up_are_refused(profile: Profile) -> None:
    with pytest.raises(PoolClosed, match=r"^The pool is not configured yet\.$"):
        profile.client("window").start(1)
