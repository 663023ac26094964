"""A window offscreen, its sessions driven from outside: what a person would see happen."""

import os
import signal
from collections.abc import Callable
from typing import Any as App

from synk.hostclient import SyncHostClient
from synk.hoststart import HostAddress

LIMIT_TEXT = "All 12 sessions are in use. Close one, or raise Settings > Performance > Most sessions."


def test_two_shells_are_warm_and_a_claim_is_replaced(app: App, wait_until: Callable[..., None]) -> None:
    wait_until(lambda: app.stats()["idle"] == 2)
    session = app.new()
    stats = app.stats()
    assert stats["claims_warm"] == 1
    wait_until(lambda: app.stats()["idle"] == 2)
    # The delay after a claim; the next look at the pool for other reasons is 5 s away.
    assert app.stats()["refill_scheduled_ms"] < 4000
    app.send(session, "echo $((6*7))")
    app.ctl("wait-for", f"session:{session}", "text=^42$")


def test_a_session_starts_in_its_folder_with_its_variables_and_shows_one_prompt(app: App) -> None:
    folder = app.project / "a b'c\"d"
    folder.mkdir()
    value = "two words 'q' \"d\" $(touch executed) \\ ;"
    session = app.new("--cwd", str(folder), "--env", f"VALUE={value}")
    assert app.text(session).count("ready$") == 1
    app.send(session, 'pwd; printf "<%s>\\n" "$VALUE" "$SYNK_SESSION" "$SYNK_PROJECT"; history')
    app.ctl("wait-for", f"session:{session}", "text=history")
    app.ctl("wait-for", f"session:{session}", "idle=0.3")
    text = app.text(session)
    assert str(folder) in text
    assert f"<{value}>" in text
    assert f"<{session}>" in text
    assert f"<{app.project}>" in text
    assert "SYNK_GATE" not in text
    assert not (folder / "executed").exists()


def test_the_thirteenth_session_is_refused_and_the_twelve_go_on(app: App) -> None:
    sessions = [app.new() for _ in range(12)]
    refused = app.run("ctl", "new", "--json")
    assert refused.returncode == 5
    assert LIMIT_TEXT in refused.stdout
    for session in sessions:
        app.send(session, f"echo alive-$(({session}+1000))")
    for session in sessions:
        app.ctl("wait-for", f"session:{session}", f"text=alive-{session + 1000}")
    app.ctl("close", f"session:{sessions[0]}")
    assert app.new() not in sessions


def test_exit_closes_the_pane_and_another_status_keeps_it_with_a_bar(app: App) -> None:
    ended, failed, killed = app.new(), app.new(), app.new()
    app.send(ended, "exit")
    app.ctl("wait-for", f"session:{ended}", "exit")
    app.send(failed, "echo last words; exit 7")
    assert app.ctl("wait-for", f"session:{failed}", "exit")["code"] == 7
    app.send(killed, "kill -9 $$")
    assert app.ctl("wait-for", f"session:{killed}", "exit")["signal"] == signal.SIGKILL
    rows = {row["session"]: row for row in app.ctl("list")["sessions"]}
    assert ended not in rows
    assert rows[failed]["bar"] == "bash ended with status 7 - Enter restart, s shell here, x close"
    assert rows[killed]["bar"] == "bash ended with signal 9 (SIGKILL) - Enter restart, s shell here, x close"
    assert "last words" in app.text(failed)


def test_an_ended_pane_restarts_with_its_scrollback(app: App) -> None:
    session = app.new()
    app.send(session, "echo before; exit 3")
    app.ctl("wait-for", f"session:{session}", "exit")
    app.ctl("do", f"/restart session:{session}")
    app.ctl("wait-for", f"session:{session}", "status=idle")
    app.send(session, "echo after")
    app.ctl("wait-for", f"session:{session}", "text=^after")
    assert "before" in app.text(session, "scrollback")
    assert "before" not in app.text(session)


def test_a_folder_that_is_gone_starts_nothing(app: App, wait_until: Callable[..., None]) -> None:
    wait_until(lambda: app.stats()["idle"] == 2)
    gone = str(app.project / "gone")
    refused = app.run("ctl", "new", "--cwd", gone)
    assert (refused.returncode, refused.stderr) == (5, f"Folder {gone} does not exist\n")
    # One that goes away between the question and the start: the shell itself finds out, and stays idle.
    address = HostAddress(str(app.profile / "runtime"), "", "", "test", ())
    with SyncHostClient(address, start=False) as client:
        client.call("ctl", verb="new", args={"cwd": gone})
    wait_until(lambda: app.ctl("list")["sessions"] == [])
    stats = app.stats()
    assert (stats["idle"], stats["active"]) == (2, 0)


def test_output_written_just_before_the_end_is_complete(app: App) -> None:
    session = app.new()
    app.send(session, "seq 1 3000; exit 1")
    app.ctl("wait-for", f"session:{session}", "exit")
    lines = app.text(session, "scrollback").split("\n")
    assert [line for line in lines if line.isdigit()] == [str(number) for number in range(1, 3001)]


def test_quitting_leaves_no_process(app: App, wait_until: Callable[..., None]) -> None:
    sessions = [app.new() for _ in range(4)]
    for session in sessions[:2]:
        app.send(session, "trap '' TERM HUP; bash -c 'trap \"\" TERM HUP; sleep 987 & echo stubborn; wait'")
        app.ctl("wait-for", f"session:{session}", "text=^stubborn")
    assert len(app.processes()) > 6
    assert app.quit() == 0
    # The host has ended all programs before the window goes, and then itself.
    wait_until(lambda: app.processes() == {})
    assert not (app.profile / "runtime" / "host-1.sock").exists()


def test_a_second_start_hands_its_folder_to_the_window(app: App) -> None:
    app.ctl("new")
    assert app.run(str(app.home)).returncode == 0
    listed = app.ctl("list")
    assert (listed["tabs"], listed["project"]) == ([str(app.project), str(app.home)], str(app.home))
    assert app.run().returncode == 0
    assert app.ctl("list")["project"] == str(app.home)
    app.ctl("new")
    first, second = app.ctl("list")["sessions"]
    assert ((first["pane"], first["project"]), (second["pane"], second["project"])) == ((1, str(app.project)), (1, str(app.home)))


def test_of_starts_at_the_same_time_one_opens_the_window_and_the_others_hand_over(
    make_app: Callable[..., App], wait_until: Callable[..., None]
) -> None:
    app = make_app()
    windows = []
    for _ in range(3):
        windows.append(app.start().window)
    wait_until(lambda: sum(window.poll() is None for window in windows) == 1)
    app.window = next(window for window in windows if window.poll() is None)
    assert [window.wait() for window in windows if window is not app.window] == [0, 0]
    assert app.ctl("list")["tabs"] == [str(app.project)]


def test_a_shell_hidden_in_a_pane_sees_its_own_window(app: App) -> None:
    session = app.new()
    app.send(session, f"PYTHONSAFEPATH=1 {os.sys.executable} -m synk ctl list")
    app.ctl("wait-for", f"session:{session}", f"text=session:{session} +terminal")


def test_start_up_output_and_prompt_are_shown_once_however_fast_they_come(
    make_app: Callable[..., App], wait_until: Callable[..., None]
) -> None:
    app = make_app(["echo welcome"]).start()
    wait_until(lambda: app.run("ctl", "list", "--json").returncode == 0)
    sessions = [app.new() for _ in range(12)]
    for session in sessions:
        assert app.text(session) == "welcome\nready$"


def test_closing_a_busy_session_names_the_program_that_runs_in_it(app: App) -> None:
    session = app.new()
    app.send(session, "tail -f /dev/null")
    app.ctl("wait-for", f"session:{session}", "status=working")
    refused = app.run("ctl", "close", "--json", f"session:{session}")
    assert refused.returncode == 5
    assert "Pane 1 runs tail. Add --yes to end it." in refused.stdout
    assert app.ctl("close", "--yes", f"session:{session}")["closed"] == [session]
