"""Opening a place in a file in the user's editor, as a session of its own."""

import os
import re
import shlex
import shutil
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from synk.actions.ports import Sessions
from synk.base.errors import UsageError
from synk.base.events import Event, NoticeRaised
from synk.commands.registry import Whole, command

R = TypeVar("R")

_PLACE = re.compile(r"(?P<path>.+?)(?::(?P<line>\d+))?(?::(?P<column>\d+))?", re.DOTALL)

# Editors that do not take vi's "+12 FILE": how they want a line named.
_NAMED = {
    **dict.fromkeys(("code", "codium", "code-insiders", "cursor", "windsurf"), ("-g", "{path}:{line}")),
    **dict.fromkeys(("hx", "helix", "subl", "zed", "zeditor", "lite-xl"), ("{path}:{line}",)),
}

USUAL = ("editor", "nano", "vim", "vi", "emacs")
"""Looked for on PATH where neither `$VISUAL` nor `$EDITOR` is set; the first is Debian's name for the chosen one."""


class Background(Protocol):
    """Runs work off the GUI thread: `Jobs.submit`."""

    def __call__(self, work: Callable[[], R], done: Callable[[R], None]) -> None: ...


class EditingActions:
    """Commands that open files."""

    def __init__(
        self,
        manager: Sessions,
        *,
        environment: Mapping[str, str],
        submit: Background,
        notify: Callable[[Event], None],
    ) -> None:
        """`environment`: where `$VISUAL`, `$EDITOR` and `$PATH` are; `notify` publishes an event."""
        self._manager = manager
        self._environment = environment
        self._submit = submit
        self._notify = notify

    @command("file.edit")
    def edit(self, place: Whole) -> None:
        """Open a file, or a place in it (`app.py:12`), in $VISUAL or $EDITOR in a new session."""
        match = _PLACE.fullmatch(place)
        if match is None:
            raise UsageError("/file.edit needs a file, or a file and a line: app.py:12")
        path, line = os.path.abspath(match["path"]), int(match["line"] or 1)

        def look() -> tuple[list[str], str]:
            """The command, or why there is none. Looking at a file may take seconds on a network file system."""
            if not os.path.isfile(path):
                return [], f"There is no file {path}"
            try:
                return editor_argv(self._environment, path, line), ""
            except UsageError as error:
                return [], error.message

        def open_it(found: tuple[list[str], str]) -> None:
            argv, problem = found
            if argv:
                self._manager.create(directory=os.path.dirname(path), argv=argv)
            else:
                self._notify(NoticeRaised("warning", problem))

        self._submit(look, open_it)


def editor_argv(environment: Mapping[str, str], path: str, line: int) -> list[str]:
    """The command that opens a file at a line; looks for a usual editor on PATH if none is named.

    Raises:
        UsageError: no editor is named or found.
    """
    editor = environment.get("VISUAL") or environment.get("EDITOR") or ""
    try:
        words = shlex.split(editor)
    except ValueError:
        words = []
    if not words:
        found = (shutil.which(name, path=environment.get("PATH", "")) for name in USUAL)
        words = [path for path in found if path][:1]
    if not words:
        raise UsageError(f"Set $VISUAL or $EDITOR to open {path}")
    forms = _NAMED.get(os.path.basename(words[0]), ("+{line}", "{path}"))
    return words + [form.format(path=path, line=line) for form in forms]
