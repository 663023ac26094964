"""Which theme the window wears: the one `ui.theme` names, the desktop's for `system`, exchanged while everything runs."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication

from synk.base.events import Level
from synk.ui.legibility import LEAST, faint_pairs
from synk.ui.schemes import Appearance, Scheme, ThemeBroken, bundled_scheme, read_scheme
from synk.ui.theme import Theme, load_theme, redress

SYSTEM = "system"
"""The name that stands for the desktop's choice."""
FIRST = ("dark", "light", SYSTEM)
"""The names that are always there, in the order in which they are offered."""

Signature = tuple[int, int, int] | None
"""Inode, size and mtime (ns) of a theme file of the user's; None if it is not there."""

Reading = tuple[Signature, Scheme | ThemeBroken]
"""The file just before it was read, and what came of it."""


SETTLE_S = 0.1
"""A file is read only this long after its last change: an editor that empties and refills it would otherwise be taken at
its word in between."""


def theme_names(folder: Path | None) -> list[str]:
    """What `ui.theme` may be: the themes that come with Synk, then the files in the user's folder. Reads both folders."""
    names = dict.fromkeys(FIRST)
    for place in (bundled_scheme("").parent, folder):
        with suppress(OSError):
            names |= dict.fromkeys(sorted(path.stem for path in place.glob("?*.toml")) if place is not None else ())
    return list(names)


def desktop_appearance(application: QApplication) -> Appearance:
    """What the desktop prefers; dark where it does not say."""
    return "light" if application.styleHints().colorScheme() is Qt.ColorScheme.Light else "dark"


def find_theme(name: str, folder: Path | None, desktop: Appearance) -> Scheme:
    """Read the theme of that name. Blocks for the disk.

    Raises:
        ThemeBroken: there is none, or its file cannot be used.
    """
    if name == SYSTEM:
        name = desktop
    if _is_bundled(name):
        return read_scheme(bundled_scheme(name))
    path = own_file(name, folder)
    if path is None or not path.exists():
        raise ThemeBroken(f"There is no theme {name!r}; there are {', '.join(theme_names(folder))}")
    return read_scheme(path, lambda appearance: read_scheme(bundled_scheme(appearance)))


def own_file(name: str, folder: Path | None) -> Path | None:
    """Where the theme of that name is if it is one of the user's, which cannot take the place of one that comes with Synk;
    None for those, and for what is no file name. Looks at the disk.
    """
    is_name = bool(name) and Path(name).name == name
    return None if folder is None or name == SYSTEM or not is_name or _is_bundled(name) else folder / f"{name}.toml"


def first_theme(application: QApplication, name: str, folder: Path | None) -> Theme:
    """The theme for the first paint: reads files. The dark one if there is something wrong, which `Look` then tells."""
    theme = load_theme()
    with suppress(ThemeBroken):
        theme.wear(find_theme(name, folder, desktop_appearance(application)))
    return theme


class Look(QObject):
    """Keeps a theme in the colors it should have. GUI thread; files are read in jobs."""

    def __init__(
        self,
        application: QApplication,
        theme: Theme,
        folder: Path | None,
        *,
        submit: Callable[[Callable[[], Reading], Callable[[Reading], None]], None],
        tell: Callable[[str, Level], None],
        repaint: Callable[[], None],
    ) -> None:
        """`folder`: the user's theme files; it need not exist, None: only the bundled ones.

        `submit(work, done)` as `Jobs.submit`; `tell` takes what is wrong with a theme; `repaint` is called after each change,
        for what keeps colors of its own.
        """
        super().__init__()
        self._application = application
        self._theme = theme
        self._folder = folder
        self._submit = submit
        self._tell = tell
        self._repaint = repaint
        self._name = ""
        self._seen: Signature = None
        self._faint: list[str] = []
        """What was said to be hard to read, so that an edit of something else does not say it again."""
        application.styleHints().colorSchemeChanged.connect(self._desktop_changed)

    def follow(self, name: str) -> None:
        """`ui.theme` as it is now."""
        if name != self._name:
            self._name = name
            self.read()

    def poll(self) -> bool | None:
        """In a job, now and then: True if the user's own file was edited since it was last read, else None."""
        path = own_file(self._name, self._folder)
        if path is None:
            return None
        signature = _signature(path)
        if signature == self._seen or (signature is not None and 0 <= time.time() - signature[2] / 1e9 < SETTLE_S):
            return None
        return True

    def read(self) -> None:
        """Read the theme again, and show it if it differs."""
        name, desktop = self._name, desktop_appearance(self._application)

        def work() -> Reading:
            path = own_file(name, self._folder)
            signature = _signature(path) if path is not None else None
            try:
                return signature, find_theme(name, self._folder, desktop)
            except ThemeBroken as error:
                return signature, error

        def done(result: Reading) -> None:
            if name == self._name:
                self._seen, found = result
                self._take(found)

        self._submit(work, done)

    def _take(self, found: Scheme | ThemeBroken) -> None:
        if isinstance(found, ThemeBroken):
            self._tell(f"ui.theme: {found.message}. The theme stays as it is.", "error")
            return
        faint, self._faint = self._faint, faint_pairs(found)
        if self._faint and self._faint != faint:
            pairs = ", ".join(self._faint)
            self._tell(f"ui.theme: {self._name} is hard to read: {pairs}; at least {LEAST} is needed.", "warning")
        if found != self._theme.scheme:
            self._theme.wear(found)
            redress(self._application, self._theme)
            self._repaint()

    def _desktop_changed(self) -> None:
        if self._name == SYSTEM:
            self.read()


def _is_bundled(name: str) -> bool:
    """Names of themes that come with Synk mean the same on every machine."""
    return bool(name) and Path(name).name == name and bundled_scheme(name).is_file()


def _signature(path: Path) -> Signature:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return (found.st_ino, found.st_size, found.st_mtime_ns)
