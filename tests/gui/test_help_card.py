"""The keyboard overlay shows what is in force, and nothing else; the filter looks at key, command and effect."""

import pytest

from synk.keys.keymap import ExitMethod, Keymap
from synk.keys.modes import ModeMachine
from synk.ui.help_card import HelpCard, HelpRow, help_groups, key_words
from tests.gui.desk import Desk


def effects(groups: object) -> list[str]:
    return [row.effect for group in groups for row in group.rows]  # type: ignore[attr-defined]


def test_every_binding_in_force_stands_in_the_overlay_once() -> None:
    keymap = Keymap()
    rows = [row for group in help_groups(keymap) for row in group.rows]
    assert sum(len(row.keys) for row in rows) == sum(len(binding.keys) for binding in keymap.bindings)
    assert {row.effect for row in rows} == {binding.effect for binding in keymap.bindings}


def test_keys_with_the_same_effect_share_a_line() -> None:
    rows = {row.effect: row for group in help_groups(Keymap()) for row in group.rows}
    jump = rows["first to twelfth pane of the page"]
    assert len(jump.keys) == 12
    assert jump.command == "pane.select 1 … 12"


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (("h", "Left"), ["h", "or", "Left"]),
        (("Esc Esc", "Ctrl+Shift+Esc"), ["Esc", "Esc", "or", "Ctrl+Shift+Esc"]),
        (("1", "2", "3", "4", "5"), ["1", "…", "5"]),
        (("z",), ["z"]),
        (("z", "z"), ["z"]),
    ],
)
def test_keys_that_do_the_same_are_joined_with_or(keys: tuple[str, ...], words: list[str]) -> None:
    assert key_words(HelpRow(keys, "", "", False)) == words


@pytest.mark.parametrize(("method", "label"), [("double_escape", "Esc Esc"), ("ctrl_backslash", "Ctrl+\\")])
def test_it_names_the_chosen_way_to_leave_terminal_mode(method: ExitMethod, label: str) -> None:
    rows = {row.effect: row for group in help_groups(Keymap(exit_method=method)) for row in group.rows}
    assert label in rows["back to navigation"].keys


def test_own_keys_are_marked() -> None:
    keymap = Keymap().with_own(navigation={"ctrl+shift+n": "session.new claude"}, terminal={})
    own = [row for group in help_groups(keymap) for row in group.rows if row.is_own]
    assert [(row.keys, row.command) for row in own] == [(("Ctrl+Shift+n",), "session.new claude")]


@pytest.mark.parametrize(
    ("needle", "effect"),
    [
        ("pool", "process pool"),
        ("panel.toggle", "process pool"),
        ("Ctrl+Shift+c", "copy the selection"),
        ("PAGEUP", "previous page"),
    ],
)
def test_the_filter_finds_by_effect_command_and_key(needle: str, effect: str) -> None:
    assert effect in effects(help_groups(Keymap(), needle))


def test_typing_filters_and_closing_forgets_it(desk: Desk) -> None:
    desk.press("?")
    desk.type("zoom")
    card = desk.cards.top
    assert isinstance(card, HelpCard)
    assert effects(card.groups) == ["pane fills the grid, and back", "Let the selected pane fill the grid, or put it back"]
    desk.type("zzz")
    assert card.groups == []
    assert not card.grab().toImage().isNull()
    desk.press("escape", "?")
    assert isinstance(desk.cards.top, HelpCard)
    assert len(desk.cards.top.groups) > 5


def test_it_fits_the_smallest_window(desk: Desk) -> None:
    desk.window.resize(800, 600)
    desk.press("?")
    card = desk.cards.top
    assert card is not None
    assert desk.window.widget.rect().contains(card.geometry())


def test_a_changed_way_to_leave_shows_in_the_overlay(desk: Desk) -> None:
    desk.window.use_keys(ModeMachine(Keymap(exit_method="ctrl_backslash")))
    desk.press("?")
    card = desk.cards.top
    assert isinstance(card, HelpCard)
    assert any("Ctrl+\\" in row.keys for group in card.groups for row in group.rows)

