"""The page about Synk: version, directories, what it is made of, and all of that as text for a bug report."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from synk.ui.card import label
from synk.ui.theme import Theme


@dataclass(frozen=True, slots=True)
class About:
    """What there is to say."""

    version: str
    directories: Sequence[tuple[str, str]] = ()
    """Name and path."""
    parts: Sequence[tuple[str, str]] = ()
    """Bundled programs and fonts: name with version, and license."""
    system: Sequence[tuple[str, str]] = ()
    """Python, kernel, desktop."""

    def diagnostics(self) -> str:
        """All of it as plain text; no names of projects, no contents of files."""
        lines = [f"Synk {self.version}"]
        for rows in ((*self.system, *window_facts()), self.directories, self.parts):
            lines += ["", *(f"{name}: {value}" for name, value in rows)]
        return "\n".join(lines) + "\n"


def window_facts() -> Sequence[tuple[str, str]]:
    """Qt and the screens."""
    screens = [
        f"{each.size().width()} x {each.size().height()} at {each.devicePixelRatio():g}" for each in QGuiApplication.screens()
    ]
    return (("Qt", f"{qVersion()}, {QGuiApplication.platformName()}"), ("Screens", "; ".join(screens)))


class AboutView(QWidget):
    """Rows of words, and a button that copies them."""

    def __init__(self, theme: Theme, about: About) -> None:
        super().__init__()
        self._theme = theme
        self._about = about
        size, fonts = theme.sizes, theme.fonts
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(size.space_m)
        self.copy_button = QPushButton("Copy diagnostics")
        self.copy_button.clicked.connect(self.copy)
        self.copied = label(theme, "", fonts.label(), "text-soft")
        """Says that it was copied."""
        head = QHBoxLayout()
        head.setSpacing(size.space_m)
        version = label(theme, f"Synk {about.version}", fonts.body(QFont.Weight.DemiBold))
        version.setWordWrap(False)
        head.addWidget(version)
        head.addWidget(self.copied)
        head.addStretch(1)
        head.addWidget(self.copy_button)
        column.addLayout(head)
        parts = (("System", (*about.system, *window_facts())), ("Directories", about.directories), ("Made with", about.parts))
        for title, rows in parts:
            column.addSpacing(size.space_s)
            column.addWidget(label(theme, title, fonts.label(QFont.Weight.Medium), "text-soft"))
            column.addLayout(self._rows(rows))
        column.addStretch(1)
        self.setFocusProxy(self.copy_button)

    def copy(self) -> None:
        """Put the text on the clipboard."""
        QGuiApplication.clipboard().setText(self._about.diagnostics())
        self.copied.setText("Copied")

    def _rows(self, rows: Sequence[tuple[str, str]]) -> QGridLayout:
        theme = self._theme
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.sizes.space_l)
        grid.setVerticalSpacing(theme.sizes.space_xs)
        grid.setColumnMinimumWidth(0, theme.sizes.settings_groups - theme.sizes.space_xxl)
        grid.setColumnStretch(1, 1)
        for index, (name, value) in enumerate(rows):
            grid.addWidget(label(theme, name, theme.fonts.label(), "text"), index, 0, Qt.AlignmentFlag.AlignTop)
            shown: QLabel = label(theme, value, theme.fonts.label(), "text-soft")
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(shown, index, 1)
        return grid
