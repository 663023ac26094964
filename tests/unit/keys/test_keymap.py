"""The table of keys: every row, the ways to leave terminal mode, and the user's own bindings."""

import pytest

from synk.base.errors import UsageError
from synk.base.keypress import KeyPress
from synk.keys.chords import parse_chord, press_of
from synk.keys.keymap import BINDINGS, Binding, ExitMethod, Keymap, Where

N, T, ENDED, DRAWER, DIALOG, LINE = (
    Where.NAVIGATION, Where.TERMINAL, Where.ENDED, Where.DRAWER, Where.DIALOG, Where.LINE,
)  # fmt: skip

ROWS = [
    ("h", N, "pane.move left"),
    ("left", N, "pane.move left"),
    ("j", N, "pane.move down"),
    ("down", N, "pane.move down"),
    ("k", N, "pane.move up"),
    ("up", N, "pane.move up"),
    ("l", N, "pane.move right"),
    ("right", N, "pane.move right"),
    *((key, N, f"pane.select {index + 1}") for index, key in enumerate("1234567890-=")),
    ("[", N, "page.move previous"),
    ("pageup", N, "page.move previous"),
    ("]", N, "page.move next"),
    ("pagedown", N, "page.move next"),
    ("enter", N, "pane.type"),
    ("space", N, "attention.next"),
    ("shift+space", N, "attention.previous"),
    ("/", N, "line.open"),
    ("enter", LINE, "line.run"),
    ("escape", LINE, "line.close"),
    ("up", LINE, "line.move previous"),
    ("down", LINE, "line.move next"),
    ("tab", LINE, "line.complete"),
    ("shift+tab", LINE, "line.choose previous"),
    *(("ctrl+b", where, "broadcast.toggle") for where in (N, T)),
    *((f"ctrl+{number}", N, f"tab.select {number}") for number in range(1, 9)),
    ("ctrl+9", N, "tab.select last"),
    ("ctrl+t", N, "tab.open"),
    ("ctrl+w", N, "tab.close"),
    *(("ctrl+tab", where, "tab.move next") for where in (N, T, LINE, DRAWER)),
    *(("ctrl+shift+tab", where, "tab.move previous") for where in (N, T, LINE, DRAWER)),
    ("n", N, "session.new"),
    ("shift+n", N, "session.again"),
    ("x", N, "session.close"),
    ("shift+r", N, "session.restart"),
    ("z", N, "pane.zoom"),
    ("?", N, "help.open"),
    ("p", N, "panel.toggle pool"),
    ("ctrl+j", N, "drawer.toggle"),
    ("ctrl+q", N, "app.quit"),
    ("ctrl+=", N, "font.size larger"),
    ("ctrl+-", N, "font.size smaller"),
    ("ctrl+0", N, "font.size reset"),
    *(("f11", where, "window.fullscreen") for where in (N, T, LINE, DRAWER, DIALOG)),
    ("tab", N, "focus.move next"),
    ("shift+tab", N, "focus.move previous"),
    ("escape", DRAWER, "focus.move grid"),
    ("ctrl+shift+escape", T, "pane.leave"),
    *(("ctrl+shift+c", where, "text.copy") for where in (N, T)),
    ("ctrl+shift+v", T, "text.paste"),
    *(("shift+pageup", where, "scroll.move page-up") for where in (N, T)),
    *(("shift+pagedown", where, "scroll.move page-down") for where in (N, T)),
    *(("shift+home", where, "scroll.move top") for where in (N, T)),
    *(("shift+end", where, "scroll.move bottom") for where in (N, T)),
    ("enter", ENDED, "session.restart"),
    ("s", ENDED, "session.shell"),
    ("x", ENDED, "session.close"),
    ("escape", DIALOG, "close"),
]


@pytest.mark.parametrize(("key", "where", "command"), ROWS)
def test_each_row_of_the_table_runs_its_command(key: str, where: Where, command: str) -> None:
    binding = Keymap().find(press_of(key), where)
    assert binding is not None
    assert binding.command == command


@pytest.mark.parametrize("key", ["ctrl+c", "ctrl+p", "ctrl+w", "tab", "/", "a", "ctrl+q", "ctrl+j", "f5", "escape", "pageup"])
def test_every_other_key_is_the_program_s_in_terminal_mode(key: str) -> None:
    assert Keymap().find(press_of(key), T) is None


def test_each_binding_says_what_it_does_in_words() -> None:
    assert all(binding.effect and binding.area and binding.keys and binding.where for binding in BINDINGS)
    assert all(parse_chord(chord) for binding in BINDINGS for keys in binding.keys for chord in keys.split(" "))


@pytest.mark.parametrize("method", ["double_escape", "ctrl_backslash", "ctrl_shift_escape"])
def test_ctrl_shift_escape_leaves_with_every_method_and_ctrl_backslash_only_with_its_own(method: ExitMethod) -> None:
    keymap = Keymap(exit_method=method)
    assert keymap.find(press_of("ctrl+shift+escape"), T) is not None
    assert (keymap.find(press_of("ctrl+\\"), T) is not None) == (method == "ctrl_backslash")
    assert ("escape escape" in [key for b in keymap.bindings for key in b.keys]) == (method == "double_escape")


def test_an_own_binding_takes_the_place_of_the_default() -> None:
    keymap = Keymap().with_own(navigation={"ctrl+shift+n": "session.new claude", "z": "help.open"}, terminal={})
    new, zoom = keymap.find(press_of("ctrl+shift+n"), N), keymap.find(press_of("z"), N)
    assert new is not None
    assert new.command == "session.new claude"
    assert new.is_own
    assert zoom is not None
    assert zoom.command == "help.open"
    assert not any(binding.command == "pane.zoom" for binding in keymap.bindings)


def test_an_empty_command_frees_a_key_in_that_mode_only() -> None:
    keymap = Keymap().with_own(navigation={"ctrl+shift+c": ""}, terminal={})
    assert keymap.find(press_of("ctrl+shift+c"), N) is None
    copy = keymap.find(press_of("ctrl+shift+c"), T)
    assert copy is not None
    assert copy.command == "text.copy"


def test_freeing_one_of_two_keys_keeps_the_other() -> None:
    keymap = Keymap().with_own(navigation={"h": ""}, terminal={})
    left = keymap.find(press_of("left"), N)
    assert keymap.find(press_of("h"), N) is None
    assert left is not None
    assert left.keys == ("left",)


def test_one_key_bound_twice_names_both_commands() -> None:
    with pytest.raises(UsageError, match=r"ctrl\+shift\+n.*session.new claude.*session.new codex"):
        Keymap().with_own(navigation={"ctrl+shift+n": "session.new claude", "shift+ctrl+n": "session.new codex"}, terminal={})


def test_two_rows_with_the_same_key_in_one_place_are_refused() -> None:
    rows = [Binding(("a",), (N,), command, "area", "effect") for command in ("pane.zoom", "help.open")]
    with pytest.raises(UsageError, match=r"pane.zoom.*help.open"):
        Keymap(rows)


def test_a_shifted_symbol_finds_its_row_by_what_it_shows() -> None:
    binding = Keymap().find(KeyPress("/", text="?", shift=True), N)
    assert binding is not None
    assert binding.command == "help.open"
