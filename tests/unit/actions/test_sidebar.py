"""Commands of the sidebar."""

import pytest

from synk.actions.sidebar import SidebarActions
from synk.base.errors import UsageError
from synk.commands.registry import Targets
from synk.sessions.session import Session
from synk.terminal.emulator import Emulator


class View:
    def __init__(self) -> None:
        self.calls: list[str] = []

    is_home = False

    def toggle_sidebar(self) -> None:
        self.calls.append("toggle")

    def refresh_sidebar(self) -> None:
        self.calls.append("refresh")

    def ask_config(self, session: Session) -> None:
        self.calls.append(f"config {session.id}")


def session(number: int) -> Session:
    emulator = Emulator(cols=80, rows=24, reply=lambda _data: None)
    return Session(id=number, pane=number, agent="terminal", project="/p", working_dir="/p", emulator=emulator)


def test_each_command_asks_the_window() -> None:
    view = View()
    commands = SidebarActions(view)
    commands.toggle()
    commands.refresh()
    commands.configure(Targets([session(3)]))
    assert view.calls == ["toggle", "refresh", "config 3"]


def test_one_session_is_configured_at_a_time() -> None:
    view = View()
    with pytest.raises(UsageError, match="one session"):
        SidebarActions(view).configure(Targets([session(1), session(2)]))
    assert view.calls == []
