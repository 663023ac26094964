"""Asks for the name of a layout to save: what is suggested stands there, and what it would replace is said while one types."""

import time
from collections.abc import Callable, Sequence

from synk.actions.layouts import saved_text
from synk.base.errors import UsageError
from synk.base.keypress import KeyPress
from synk.sessions.snapshots import check_name
from synk.storage.layouts import Layout
from synk.ui.card import Card, label, recolor
from synk.ui.pickers.card_line import CardLine
from synk.ui.questions import Footer
from synk.ui.theme import Theme

TITLE = "Save layout"
FOOTER = (("Enter", "save"), ("Esc", "cancel"))
FREE = "Panes, agents and folders are kept; no output, no conversations, no secrets."


class NameCard(Card):
    """Enter saves under the name in the line, if it can be one."""

    def __init__(
        self,
        theme: Theme,
        suggestion: str,
        taken: Sequence[Layout],
        on_name: Callable[[str], object],
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`taken`: the layouts there are; `now()` in seconds, for their age."""
        super().__init__(theme, TITLE, width=theme.sizes.card_width)
        self._taken = {each.name: each for each in taken}
        self._on_name = on_name
        self._now = now
        self.line = CardLine(self.take_key, self.pressed.emit, self)
        """The name."""
        self.line.setAccessibleName("Name of the layout")
        self.line.setText(suggestion)
        self.line.selectAll()
        self.note = label(theme, "", theme.fonts.label(), "text-soft")
        """What is wrong with the name, or what it means."""
        self.column.addWidget(self.line)
        self.column.addWidget(self.note)
        self.column.addWidget(Footer(theme, FOOTER))
        self.setFocusProxy(self.line)
        self.line.textChanged.connect(lambda _text: self._show_note())
        self._show_note()

    @property
    def problem(self) -> str:
        """Why the text in the line cannot be a name; "" if it can."""
        try:
            check_name(self.line.text())
        except UsageError as error:
            return error.message
        return ""

    def take_key(self, press: KeyPress) -> bool:
        """Enter, also on the keypad."""
        if press.name.removeprefix("kp_") == "enter" and not press.repeat:
            self.confirm()
            return True
        return False

    def confirm(self) -> None:
        """Save, if the name can be one."""
        if not self.problem:
            self.finished.emit()
            self._on_name(self.line.text().strip())

    def _show_note(self) -> None:
        problem, old = self.problem, self._taken.get(self.line.text().strip())
        token = "orange" if problem else "text-soft"
        if problem:
            text = problem
        elif old is not None:
            text = f"Replaces the one saved {saved_text(old, self._now())}."
        else:
            text = FREE
        recolor(self.note, token)
        self.note.setText(text)
