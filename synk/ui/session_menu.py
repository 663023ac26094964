"""The menu of a session: the same at its pane and at its card in the sidebar."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from synk.sessions.session import Session

SEPARATOR = ("", "", ())
ENTRIES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Type here", "Enter", ("pane.select {0}", "pane.type")),
    ("Zoom", "z", ("pane.select {0}", "pane.zoom")),
    SEPARATOR,
    ("Session settings …", "i", ("session.config {0}",)),
    ("Clear scrollback", "", ("session.clear {0}",)),
    ("Restart", "Shift+r", ("session.restart {0}",)),
    SEPARATOR,
    ("Close", "x", ("session.close {0}",)),
)
"""Text, key, and the command lines it runs one after the other."""


def session_menu(parent: QWidget, session: Session, run: Callable[[str], object]) -> QMenu:
    """A menu that deletes itself when it closes; `run(line)`: a command line."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for text, key, lines in ENTRIES:
        if not text:
            menu.addSeparator()
            continue
        action = menu.addAction(f"{text}\t{key}" if key else text)
        commands = [line.format(f"session:{session.id}") for line in lines]
        action.triggered.connect(lambda _checked=False, commands=commands: [run(line) for line in commands])
    return menu
