"""The settings dialog over a real file: every setting is set from the keyboard, and nothing in the file is lost."""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from synk.actions.ports import Question
from synk.base.errors import SynkError, UsageError
from synk.keys.keymap import Keymap
from synk.settings.check import LoadedSettings
from synk.settings.memory import GB, Machine
from synk.settings.schema import Setting, all_settings
from synk.settings.store import SettingsStore
from synk.ui.cards import CardStack
from synk.ui.help_card import HelpTable
from synk.ui.settings.about import About
from synk.ui.settings.controls import Choices, Number, Segments, SliderNumber, Switch, TextLine
from synk.ui.settings.key_table import KeyTable
from synk.ui.settings.languages import LanguageTable
from synk.ui.settings.order import PanelOrder
from synk.ui.settings.page import SettingsPage
from synk.ui.settings.surroundings import Surroundings
from synk.ui.theme import Theme

LIMIT_MS = 30_000
NAMES = [setting.name for setting in all_settings()]
Key = Qt.Key


class File:
    """`SettingsSource` over a real store; jobs run when the dialog hands them over."""

    def __init__(self, path: Path | None) -> None:
        self.store = SettingsStore(path)
        self.store.load()
        self.path = str(path or "")
        self.changes: list[dict[str, Any]] = []
        self.refusal = ""
        self.is_slow = False
        self.late: list[Callable[[], None]] = []
        self.told: list[str] = []
        self.on_change: Callable[[], None] = lambda: None

    @property
    def loaded(self) -> LoadedSettings:
        return self.store.current

    @property
    def unsaved(self) -> Mapping[str, Any]:
        return self.store.unsaved

    @property
    def unsaved_because(self) -> str:
        return self.store.unsaved_because

    def change(self, values: Mapping[str, Any], done: Callable[[str], None]) -> None:
        self.changes.append(dict(values))
        if self.is_slow:
            self.late.append(lambda: self._try(lambda: self.store.change(values), done))
            return
        if self.refusal:
            done(self.refusal)
            return
        self._try(lambda: self.store.change(values), done)

    def tell(self, text: str) -> None:
        self.told.append(text)

    def retry(self, done: Callable[[str], None]) -> None:
        self._try(self.store.retry, done)

    def _try(self, work: Callable[[], object], done: Callable[[str], None]) -> None:
        try:
            work()
        except SynkError as error:
            done("" if self.unsaved else error.message)
        else:
            done("")
        self.on_change()


class Dialog:
    """A page in a window of its own, and everything it asks for."""

    def __init__(self, theme: Theme, path: Path | None) -> None:
        self.file = File(path)
        self.keymap = Keymap()
        self.questions: list[Question] = []
        self.opened = 0
        self.machine = Machine(4 * GB, 16 * GB, 8)
        self.notes: dict[str, Callable[[], str]] = {}
        self.window = QWidget()
        self.window.resize(1000, 700)
        self.cards = CardStack(self.window)
        around = Surroundings(
            keymap=lambda: self.keymap,
            check_command=_check,
            request_machine=lambda done: done(self.machine),
            ask=self._ask,
            open_file=self._open,
            about=About("1.2", [("Settings", "/tmp/s")], [("Synk", "MIT")], [("Python", "3.11")]),
            themes=["dark", "light", "system"],
            agents=[("terminal", "Terminal"), ("claude", "Claude Code")],
            languages=["node", "python", "r"],
            panels=[("git", "Git"), ("pool", "Pool")],
            notes=self.notes,
        )
        self.page = SettingsPage(theme, self.file, around)
        self.file.on_change = self.page.refresh
        self.window.show()
        self.cards.open(self.page)

    def saved(self) -> str:
        path = Path(self.file.path)
        return path.read_text() if path.exists() else ""

    def press(self, *keys: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        for key in keys:
            QTest.keyClick(self.window.focusWidget(), key, modifiers)

    def type(self, text: str) -> None:
        QTest.keyClicks(self.window.focusWidget(), text)

    def focus(self, name: str) -> Any:
        """Give the keyboard to the control of a setting; returns the control."""
        control = self.page.row(name).control
        self.page.show_group(name.partition(".")[0])
        self.page.row(name).widget.setFocus()
        return control

    def _ask(self, question: Question, on_confirm: Callable[[], object]) -> None:
        self.questions.append(question)
        on_confirm()

    def _open(self) -> None:
        self.opened += 1


def _check(line: str) -> None:
    if not line.startswith(("session.", "pane.")):
        raise UsageError(f"Unknown command /{line}.")


@pytest.fixture
def make_dialog(theme: Theme, qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[..., Dialog]]:
    made: list[Dialog] = []

    def make(text: str = "", *, path: Path | None = None, is_safe: bool = False) -> Dialog:
        path = path or tmp_path / "settings.toml"
        if text:
            path.write_text(text)
        dialog = Dialog(theme, None if is_safe else path)
        qtbot.addWidget(dialog.window)
        with qtbot.waitActive(dialog.window):
            dialog.window.activateWindow()
        made.append(dialog)
        return dialog

    yield make
    for dialog in made:
        dialog.window.close()


@pytest.fixture
def dialog(make_dialog: Callable[..., Dialog]) -> Dialog:
    return make_dialog()


def set_another(dialog: Dialog, setting: Setting) -> Any:
    """Set a value that is not the default, as a user does with the keyboard; returns it."""
    control = dialog.focus(setting.name)
    match control:
        case Switch():
            dialog.press(Key.Key_Space)
        case Segments():
            dialog.press(Key.Key_Right)
        case Choices():
            dialog.press(Key.Key_Down)
        case Number() | SliderNumber():
            number = control.number if isinstance(control, SliderNumber) else control
            field = number.field.findChild(QLineEdit)
            assert field is not None
            field.selectAll()
            other = setting.low if setting.default != setting.low else setting.high
            # The pool's maximum cannot be below what it keeps waiting.
            other = 5 if setting.name == "performance.max_pool_size" else other
            dialog.type(f"{other:.10g}")
            dialog.press(Key.Key_Return)
        case TextLine():
            control.selectAll()
            dialog.type("/bin/sh" if setting.key == "shell" else "Fira Code")
            dialog.press(Key.Key_Return)
        case KeyTable():
            dialog.press(Key.Key_Space)
            dialog.press(Key.Key_Y, modifiers=Qt.KeyboardModifier.ControlModifier)
            dialog.type("session.new claude")
            dialog.press(Key.Key_Return)
        case LanguageTable():
            dialog.press(Key.Key_Down, Key.Key_Tab, Key.Key_Space)
        case PanelOrder():
            dialog.press(Key.Key_Down, modifiers=Qt.KeyboardModifier.AltModifier)
        case _:
            raise AssertionError(f"no way to set {setting.name}")
    return control.value


def test_every_setting_is_changed_by_keyboard_and_survives_a_restart(make_dialog: Callable[..., Dialog], qtbot: QtBot) -> None:
    dialog = make_dialog()
    values = {setting.name: set_another(dialog, setting) for setting in all_settings()}
    qtbot.waitUntil(lambda: not dialog.page.pending and dialog.file.store.unsaved == {}, timeout=LIMIT_MS)
    same = [setting.name for setting in all_settings() if values[setting.name] == setting.default]
    assert same == []
    again = make_dialog(path=Path(dialog.file.path))
    assert {name: again.page.row(name).control.value for name in values} == values
    assert again.file.loaded.problems == ()
    assert [name for name in NAMES if not again.page.row(name).reset.isVisibleTo(again.page.row(name))] == []


def test_every_setting_has_title_help_bounds_and_an_accessible_control(dialog: Dialog) -> None:
    for setting in all_settings():
        row = dialog.page.row(setting.name)
        words = [child.text() for child in row.findChildren(QLabel)]
        assert setting.title in words
        assert any(setting.help.replace("`", "") in word for word in words), setting.name
        if setting.low is not None:
            assert any(f"{setting.low:g} to {setting.high:.10g}" in word for word in words), setting.name
        assert [stop for stop in _stops(row.widget) if not stop.accessibleName()] == [], setting.name
        assert _stops(row.widget), setting.name


def _stops(widget: QWidget) -> list[QWidget]:
    each = [widget, *widget.findChildren(QWidget)]
    return [w for w in each if w.focusPolicy() & Qt.FocusPolicy.TabFocus and w.focusProxy() is None]


def test_a_change_is_written_once_though_it_was_stepped_through(dialog: Dialog, qtbot: QtBot) -> None:
    dialog.focus("ui.font_px")
    dialog.press(Key.Key_Up, Key.Key_Up, Key.Key_Up)
    qtbot.waitUntil(lambda: "font_px = 16" in dialog.saved(), timeout=LIMIT_MS)
    assert dialog.file.changes == [{"ui.font_px": 16}]


def test_a_number_out_of_bounds_cannot_be_entered(dialog: Dialog) -> None:
    control = dialog.focus("ui.font_px")
    for text, value in (("99", 9), ("3", 13), ("abc", 13)):
        control.show_value(13)
        control.field.findChild(QLineEdit).selectAll()
        dialog.type(text)
        dialog.press(Key.Key_Return)
        assert control.value == value or 6 <= control.value <= 32


def test_half_a_number_takes_no_effect(dialog: Dialog) -> None:
    control = dialog.focus("terminal.scrollback_lines")
    control.field.findChild(QLineEdit).selectAll()
    dialog.type("7")
    assert dialog.page.pending == {}
    dialog.type("000")
    dialog.press(Key.Key_Tab)
    assert dialog.page.pending == {"terminal.scrollback_lines": 7000}


def test_reset_takes_the_key_out_of_the_file_and_keeps_the_rest(make_dialog: Callable[..., Dialog], qtbot: QtBot) -> None:
    dialog = make_dialog("[ui]\n# mine\nfont_px = 15 # big\ndrawer_height = 300\n")
    row = dialog.page.row("ui.font_px")
    assert row.reset.isVisible()
    row.reset.setFocus()
    dialog.press(Key.Key_Space)
    assert row.control.value == 13
    assert not row.reset.isVisible()
    qtbot.waitUntil(lambda: "font_px" not in dialog.saved(), timeout=LIMIT_MS)
    assert "# mine" in dialog.saved()
    assert "drawer_height = 300" in dialog.saved()


def test_reset_page_asks_and_resets_this_group_only(make_dialog: Callable[..., Dialog], qtbot: QtBot) -> None:
    dialog = make_dialog("[ui]\nfont_px = 15\nreduce_motion = true\n[session]\nrestore = 'never'\n")
    dialog.page.reset_page.click()
    assert [question.title for question in dialog.questions] == ["Reset 2 settings of Appearance?"]
    qtbot.waitUntil(lambda: "font_px" not in dialog.saved(), timeout=LIMIT_MS)
    assert "restore = 'never'" in dialog.saved()
    assert not dialog.page.reset_page.isVisible()


def test_search_finds_words_of_title_help_and_name_in_all_groups(dialog: Dialog) -> None:
    dialog.type("shell wait")
    shown = [name for name in NAMES if dialog.page.row(name).isVisible()]
    assert "performance.initial_pool_size" in shown
    assert "ui.font_px" not in shown
    assert dialog.page.groups.selectedItems() == [], "what is shown is of several groups"
    dialog.press(Key.Key_Escape)
    assert [item.text() for item in dialog.page.groups.selectedItems()] == ["Appearance"]
    assert dialog.page.search.text() == ""
    assert dialog.page.row("ui.font_px").isVisible()
    dialog.type("restore zebra")
    assert [name for name in NAMES if dialog.page.row(name).isVisible()] == []


def test_the_page_is_walked_by_keyboard_alone(dialog: Dialog) -> None:
    dialog.press(Key.Key_Down, Key.Key_J)
    assert dialog.page.group == "keyboard"
    dialog.press(Key.Key_Return)
    assert dialog.window.focusWidget().accessibleName() == "Leave terminal mode with: Esc Esc"
    seen = set()
    for _ in range(40):
        dialog.press(Key.Key_Tab)
        seen.add(dialog.window.focusWidget().accessibleName())
    assert {"Search settings", "Groups of settings", "Time for a double Escape", "Hold the first Escape"} <= seen
    dialog.press(Key.Key_Backtab)
    dialog.press(Key.Key_Escape)
    assert dialog.cards.top is dialog.page or dialog.cards.top is None


def test_escape_clears_the_search_first_and_then_closes(dialog: Dialog) -> None:
    pressed: list[str] = []
    dialog.cards.pressed.connect(lambda press: pressed.append(press.name))
    dialog.type("font")
    dialog.press(Key.Key_Escape)
    assert pressed == []
    dialog.press(Key.Key_Escape)
    assert pressed == ["escape"]


def test_what_is_being_typed_counts_when_the_dialog_closes(dialog: Dialog) -> None:
    control = dialog.focus("ui.font_px")
    control.field.findChild(QLineEdit).selectAll()
    dialog.type("20")
    dialog.page.cancel()
    assert "font_px = 20" in dialog.saved()


def test_what_comes_back_after_the_dialog_is_gone_is_written_in_order_and_its_errors_are_told(
    dialog: Dialog, qtbot: QtBot
) -> None:
    dialog.file.is_slow = True
    dialog.focus("ui.font_px")
    dialog.press(Key.Key_Up)
    qtbot.waitUntil(lambda: len(dialog.file.late) == 1, timeout=LIMIT_MS)
    dialog.press(Key.Key_Up)
    page = dialog.page
    dialog.file.on_change = lambda: None
    gone: list[bool] = []
    page.destroyed.connect(lambda: gone.append(True))
    page.cancel()
    qtbot.waitUntil(lambda: bool(gone), timeout=LIMIT_MS)
    assert dialog.file.changes == [{"ui.font_px": 14}, {"ui.font_px": 15}]
    dialog.file.late[0]()
    dialog.file.late[1]()
    assert "font_px = 15" in dialog.saved()
    Path(dialog.file.path).write_text("[")
    dialog.file.late[0]()
    assert len(dialog.file.told) == 1
    assert "Nothing was changed" in dialog.file.told[0]


def test_an_edit_by_an_editor_at_the_same_time_is_kept_and_shown(make_dialog: Callable[..., Dialog], qtbot: QtBot) -> None:
    dialog = make_dialog("[ui]\nfont_px = 15\n")
    dialog.focus("ui.reduce_motion")
    dialog.press(Key.Key_Space)
    Path(dialog.file.path).write_text("[ui]\nfont_px = 18 # from vi\n")
    qtbot.waitUntil(lambda: "reduce_motion = true" in dialog.saved(), timeout=LIMIT_MS)
    assert "font_px = 18 # from vi" in dialog.saved()
    assert dialog.page.row("ui.font_px").control.value == 18


def test_a_file_that_does_not_parse_makes_the_dialog_read_only(make_dialog: Callable[..., Dialog]) -> None:
    dialog = make_dialog("[ui]\nfont_px = \n")
    assert dialog.page.banner.text.text().startswith("settings.toml line 2, column")
    assert [name for name in NAMES if dialog.page.row(name).widget.isEnabled()] == []
    assert dialog.page.banner.button.text() == "Open file"
    dialog.page.banner.button.click()
    assert dialog.opened == 1
    assert dialog.cards.top is None
    assert dialog.saved() == "[ui]\nfont_px = \n"


def test_it_can_be_changed_again_once_the_file_parses(make_dialog: Callable[..., Dialog]) -> None:
    dialog = make_dialog("[ui\n")
    Path(dialog.file.path).write_text("[ui]\nfont_px = 16\n")
    dialog.file.store.load()
    dialog.page.refresh()
    assert not dialog.page.banner.isVisible()
    assert dialog.page.row("ui.font_px").widget.isEnabled()
    assert dialog.page.row("ui.font_px").control.value == 16


def test_a_change_that_cannot_be_written_holds_is_said_and_retried(
    make_dialog: Callable[..., Dialog], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = make_dialog("[ui]\nfont_px = 15\n")

    def full(*_arguments: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("synk.settings.store.replace_file", full)
        dialog.focus("ui.reduce_motion")
        dialog.press(Key.Key_Space)
        qtbot.waitUntil(lambda: dialog.page.banner.isVisible(), timeout=LIMIT_MS)
    told = dialog.page.banner.text.text()
    assert told == f"Not saved: ui.reduce_motion. {dialog.file.path} cannot be written: No space left on device."
    assert dialog.page.row("ui.reduce_motion").control.value is True
    dialog.page.banner.button.click()
    assert "reduce_motion = true" in dialog.saved()
    assert not dialog.page.banner.isVisible()


def test_a_wrong_value_in_the_file_is_said_under_its_setting(make_dialog: Callable[..., Dialog]) -> None:
    dialog = make_dialog('[performance]\nmax_active = "four"\n[keyboard.navigation]\n"ctrl+n" = 3\n')
    assert dialog.page.row("performance.max_active").note.text().startswith("settings.toml line 2: performance.max_active")
    assert "line 4" in dialog.page.row("keyboard.navigation").note.text()
    assert dialog.page.row("ui.font_px").note.text() == ""


def test_a_refused_value_is_said_and_the_old_one_shown(dialog: Dialog, qtbot: QtBot) -> None:
    dialog.file.refusal = "performance.shell: no file"
    control = dialog.focus("performance.shell")
    dialog.type("/bin/nothing")
    dialog.press(Key.Key_Return)
    row = dialog.page.row("performance.shell")
    qtbot.waitUntil(lambda: row.note.text() == "performance.shell: no file", timeout=LIMIT_MS)
    assert control.value == ""


def test_safe_mode_says_that_nothing_is_kept(make_dialog: Callable[..., Dialog]) -> None:
    dialog = make_dialog(is_safe=True)
    assert "--safe" in dialog.page.banner.text.text()


def test_the_warm_shells_raise_their_maximum_along(dialog: Dialog, qtbot: QtBot) -> None:
    dialog.page.show_group("performance")
    least, most = (dialog.page.row(f"performance.{key}").control for key in ("initial_pool_size", "max_pool_size"))
    assert isinstance(least, SliderNumber)
    assert isinstance(most, SliderNumber)
    least.slider.setValue(9)
    assert most.value == 9
    most.slider.setValue(3)
    assert most.value == 9
    qtbot.waitUntil(lambda: "max_pool_size = 9" in dialog.saved(), timeout=LIMIT_MS)
    assert "initial_pool_size = 9" in dialog.saved()


def test_the_estimate_follows_the_slider_while_it_moves_and_the_value_when_it_is_let_go(dialog: Dialog) -> None:
    dialog.page.show_group("performance")
    control = dialog.page.row("performance.max_active").control
    assert isinstance(control, SliderNumber)
    note = dialog.page.memory
    assert note.estimate.text().startswith("About 496.0 MB")
    control.slider.setSliderDown(True)
    control.slider.setValue(20)
    assert note.estimate.text().startswith("About 816.0 MB")
    assert dialog.page.pending == {}
    control.slider.setSliderDown(False)
    assert dialog.page.pending == {"performance.max_active": 20}


def test_recommended_sets_what_suits_the_machine(dialog: Dialog, qtbot: QtBot) -> None:
    dialog.page.show_group("performance")
    dialog.page.memory.button.click()
    assert dialog.page.row("performance.initial_pool_size").control.value == 3
    qtbot.waitUntil(lambda: "initial_pool_size = 3" in dialog.saved(), timeout=LIMIT_MS)


def test_a_key_is_recorded_even_if_it_is_tab_or_enter(dialog: Dialog) -> None:
    control = dialog.focus("keyboard.navigation")
    for key, chord in ((Key.Key_Tab, "tab"), (Key.Key_Return, "enter"), (Key.Key_F5, "f5")):
        control.record.setFocus()
        control.record.start()
        dialog.press(key)
        assert control.record.chord == chord


def test_escape_ends_recording_and_does_not_close(dialog: Dialog) -> None:
    control = dialog.focus("keyboard.navigation")
    control.record.start()
    dialog.press(Key.Key_Escape)
    assert not control.record.is_recording
    assert control.record.chord == ""
    assert dialog.cards.top is dialog.page


def test_a_recorded_key_says_what_it_does_now(dialog: Dialog) -> None:
    control = dialog.focus("keyboard.navigation")
    control.record.start()
    dialog.press(Key.Key_X)
    assert control.message.text() == "x now: close; asks if a program is running"


def test_an_unknown_command_is_not_taken(dialog: Dialog) -> None:
    control = dialog.focus("keyboard.navigation")
    control.record.start()
    dialog.press(Key.Key_F5)
    dialog.type("zebra")
    dialog.press(Key.Key_Return)
    assert control.message.text() == "Unknown command /zebra."
    assert control.value == {}


def test_own_keys_are_edited_and_removed_and_their_comments_stay(make_dialog: Callable[..., Dialog], qtbot: QtBot) -> None:
    dialog = make_dialog('[keyboard.navigation]\n"f5" = "session.new" # often\n"f6" = "pane.zoom"\n')
    control = dialog.focus("keyboard.navigation")
    control.lines[1].command.setFocus()
    control.lines[1].command.selectAll()
    dialog.type("/session.close")
    dialog.press(Key.Key_Return)
    qtbot.waitUntil(lambda: '"f6" = "session.close"' in dialog.saved(), timeout=LIMIT_MS)
    assert '"f5" = "session.new" # often' in dialog.saved()
    control.lines[1].remove.click()
    qtbot.waitUntil(lambda: "f6" not in dialog.saved(), timeout=LIMIT_MS)
    assert control.value == {"f5": "session.new"}


def test_the_keys_in_force_below_follow_a_change(dialog: Dialog) -> None:
    dialog.page.show_group("keyboard")
    table = dialog.page.findChild(HelpTable)
    assert table is not None
    assert "F5" not in [key for group in table.groups for row in group.rows for key in row.keys]
    dialog.keymap = Keymap().with_own(navigation={"f5": "session.new"}, terminal={})
    dialog.page.refresh()
    assert "F5" in [key for group in table.groups for row in group.rows for key in row.keys]


def test_a_language_is_set_up_and_removed(make_dialog: Callable[..., Dialog], qtbot: QtBot) -> None:
    dialog = make_dialog("[automation.languages.python]\n# for work\ncount = 2\n")
    control = dialog.focus("automation.languages")
    line = control.lines["python"]
    line.modules.setFocus()
    dialog.type("pandas, numpy")
    dialog.press(Key.Key_Return)
    line.memory.setFocus()
    dialog.type("much")
    dialog.press(Key.Key_Return)
    assert "python: memory is a size as 512M or 2G, not 'much'" in control.message.text()
    line.memory.selectAll()
    dialog.type("2G")
    dialog.press(Key.Key_Return)
    qtbot.waitUntil(lambda: 'memory = "2G"' in dialog.saved(), timeout=LIMIT_MS)
    assert 'preload = ["pandas", "numpy"]' in dialog.saved()
    assert "# for work" in dialog.saved()
    line.remove.click()
    qtbot.waitUntil(lambda: "python" not in dialog.saved(), timeout=LIMIT_MS)


def test_panels_that_do_not_exist_keep_their_place_in_the_order(dialog: Dialog) -> None:
    control = dialog.focus("ui.drawer_panel_order")
    control.buttons[1].click()
    assert control.value == ["cost", "pool", "tasks", "reviews", "servers", "git"]


def test_a_font_that_is_not_installed_is_noted(make_dialog: Callable[..., Dialog]) -> None:
    dialog = make_dialog('[ui]\nfont_family = "No Such Mono"\n')
    assert dialog.page.row("ui.font_family").note.text() == "No Such Mono is not installed; JetBrains Mono is used."


def test_what_is_worth_knowing_stands_under_the_setting_it_is_about(dialog: Dialog) -> None:
    dialog.notes["notifications.desktop"] = lambda: "No service"
    dialog.page.show_group("notifications")
    assert dialog.page.row("notifications.desktop").note.text() == "No service"


def test_about_copies_what_a_report_needs(dialog: Dialog) -> None:
    dialog.page.show_group("about")
    dialog.page.focusNextPrevChild(True)
    button = next(stop for stop in _stops(dialog.page) if getattr(stop, "text", lambda: "")() == "Copy diagnostics")
    button.setFocus()
    dialog.press(Key.Key_Space)
    text = QGuiApplication.clipboard().text()
    assert text.startswith("Synk 1.2\n")
    assert "Qt: 6." in text
    assert "Settings: /tmp/s" in text


def test_it_fits_the_smallest_window(make_dialog: Callable[..., Dialog]) -> None:
    dialog = make_dialog("[automation.languages.python]\ncount = 2\n[keyboard.navigation]\n'ctrl+shift+f12' = ''\n")
    dialog.window.resize(800, 600)
    dialog.cards.arrange()
    for group in dict.fromkeys(name.partition(".")[0] for name in NAMES):
        dialog.page.show_group(group)
        QGuiApplication.processEvents()
        rows = [dialog.page.row(name) for name in NAMES if name.startswith(f"{group}.")]
        assert [row.setting.name for row in rows if row.mapTo(dialog.window, row.rect().topRight()).x() > 800] == []
    assert os.path.exists(dialog.file.path)
