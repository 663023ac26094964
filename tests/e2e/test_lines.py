"""Command lines that go to several real shells at once."""

from typing import Any as App


def test_a_text_keys_and_the_end_of_input_reach_every_target(app: App) -> None:
    sessions = [app.new() for _ in range(3)]
    assert app.ctl("do", "/send @all echo hello $((6*7))")["result"] == "Sent to panes 1, 2 and 3"
    for session in sessions:
        app.ctl("wait-for", f"session:{session}", "text=^hello 42$")
    app.ctl("do", "/send @1,@3 sleep 1000")
    for session in (sessions[0], sessions[2]):
        app.ctl("wait-for", f"session:{session}", "status=working")
    assert app.ctl("do", "/key @active ctrl+c")["result"] == "Sent to panes 1 and 3"
    for session in sessions:
        app.ctl("wait-for", f"session:{session}", "status=idle")
    app.ctl("do", "/key @all ctrl+u ctrl+d")
    for session in sessions:
        app.ctl("wait-for", f"session:{session}", "exit")
    assert all(session["exit"] is not None for session in app.ctl("list")["sessions"])


def test_a_broadcast_begins_and_ends_by_its_lines(app: App) -> None:
    app.new()
    app.new()
    assert app.ctl("do", "/broadcast @2")["result"] == "What you type goes to one session"
    assert app.ctl("do", "/broadcast")["result"] == "Broadcast is off"
    assert app.ctl("do", "/broadcast")["result"] == "What you type goes to 2 sessions"
