"""Each row of the table of keys, pressed for real in each place it stands for: none can be there without working."""

from collections.abc import Callable
from functools import partial

import pytest
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QWidget

from synk.app.own_keys import own_keys
from synk.base.events import NoticeRaised
from synk.keys.keymap import BINDINGS, Binding, Where
from synk.keys.modes import Mode, ModeMachine
from synk.settings.check import LoadedSettings
from synk.settings.schema import Keyboard, Settings
from synk.ui.help_card import HelpCard
from synk.ui.keys import key_press
from tests.gui.desk import Desk

PRESSES = [
    pytest.param(binding, keys, where, id=f"{where.name.lower()}-{keys}")
    for binding in BINDINGS
    for keys in binding.keys
    for where in binding.where
]


class FakeHome(QWidget):
    """A home screen that has no use for any key."""

    pressed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        press = key_press(event)
        if press is not None:
            self.pressed.emit(press)

    def focusNextPrevChild(self, _next: bool) -> bool:
        return False


def at_home(desk: Desk) -> None:
    home = FakeHome()
    home.pressed.connect(partial(desk.window.part_keys.press_in, Where.HOME))
    desk.tabs.show(None)
    desk.window.use_home(home)
    desk.window.show_workspace()


def with_ended_program(desk: Desk) -> None:
    desk.manager.ends(2, code=1, at=0.0)
    desk.hub.deliver()
    desk.clock.advance(10.0)


def with_labels_on_links(desk: Desk) -> None:
    desk.manager.prints(2, b"https://example.org/ \r\n")
    desk.hub.deliver()
    desk.press("ctrl+shift+o")


def with_something_to_close(desk: Desk) -> None:
    desk.hub.publish(NoticeRaised("error", "a message"))
    desk.hub.deliver()


PLACES: dict[Where, Callable[[Desk], object]] = {
    Where.NAVIGATION: with_something_to_close,
    Where.TERMINAL: lambda desk: desk.press("enter"),
    Where.ENDED: with_ended_program,
    Where.SEARCH: lambda desk: desk.press("ctrl+shift+f"),
    Where.LINKS: with_labels_on_links,
    Where.LINE: lambda desk: desk.press("/"),
    Where.HOME: at_home,
    Where.DRAWER: lambda desk: desk.press("ctrl+j", "tab"),
    Where.DIALOG: lambda desk: desk.press("?"),
}
"""How one gets there, from two sessions in navigation mode."""


@pytest.mark.parametrize(("binding", "keys", "where"), PRESSES)
def test_the_key_runs_its_command_there(make_desk: Callable[..., Desk], binding: Binding, keys: str, where: Where) -> None:
    desk = make_desk(**({"exit_method": binding.method} if binding.method else {}))
    QGuiApplication.clipboard().clear()  # what another test left there would be pasted
    desk.open(2)
    PLACES[where](desk)
    if where is Where.DRAWER and not desk.window.widget.is_focus_in_drawer:
        desk.window.widget.drawer.focus_panel()
    desk.ran.clear()
    desk.press(*keys.split(" "))
    assert desk.ran == [binding.command]
    assert desk.manager.written == {}


def test_every_place_has_keys_and_every_row_stands_in_one() -> None:
    assert {where for binding in BINDINGS for where in binding.where} == set(PLACES) == set(Where)


def test_own_keys_take_effect_in_the_window_and_the_overlay_marks_them(desk: Desk) -> None:
    keyboard = Keyboard(navigation={"ctrl+shift+n": "session.new terminal", "z": "", "h": "pane.zoom"})
    keys = own_keys(LoadedSettings(Settings(keyboard=keyboard)), desk.runner.check)
    assert keys.problems == ()
    desk.open(2)
    desk.window.use_keys(ModeMachine(keys.keymap))
    desk.press("z")
    assert not desk.workspace.is_zoomed
    desk.press("h")
    assert (desk.workspace.is_zoomed, desk.workspace.selected) == (True, 2)
    desk.press("ctrl+shift+n")
    assert (len(desk.manager.sessions), desk.workspace.mode) == (3, Mode.TERMINAL)
    desk.press("escape", "escape", "?")
    card = desk.cards.top
    assert isinstance(card, HelpCard)
    own = {row.keys[0]: row.command for group in card.groups for row in group.rows if row.is_own}
    assert own == {"Ctrl+Shift+n": "session.new terminal", "h": "pane.zoom"}
