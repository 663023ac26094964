"""Marks of shell integration (OSC 133, "semantic prompts"): where prompts, commands and their output begin and end.

A mark is fastened to a cell of a row and travels with it: through scrolling, into the scrollback, through lines that
are laid out anew. So a jump from prompt to prompt is a walk over rows, and nothing has to be renumbered.
"""

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple


class MarkKind(Enum):
    """What begins at a mark; the values are the letters of OSC 133."""

    PROMPT = "A"
    """The prompt of a new command."""
    COMMAND = "B"
    """The prompt ended: what the user types."""
    OUTPUT = "C"
    """The command was started: what it prints."""
    END = "D"
    """The command ended, maybe with a status."""
    PICTURE = "picture"
    """Not of the shell: a row of a picture lies on the row (`picture_rows`)."""


class Mark(NamedTuple):
    """One mark of a row."""

    kind: MarkKind
    col: int
    """Column from 0; the number of columns means after the last one."""
    status: int | None = None
    """Exit status told with `END`, None if the shell told none; with `PICTURE` which row of which picture."""


Marks = tuple[Mark, ...]
"""Marks of one row in the order in which they came. Nearly always empty."""


class ShellState:
    """Where the shell stands, from the latest marks."""

    def __init__(self) -> None:
        self.latest: MarkKind | None = None
        """Kind of the latest mark; None before the first one."""
        self.last_status: int | None = None
        """Exit status of the last command that told one."""

    @property
    def is_at_prompt(self) -> bool:
        """The prompt is shown or the user types: the shell draws it again when the size changes."""
        return self.latest in (MarkKind.PROMPT, MarkKind.COMMAND)

    def note(self, mark: Mark) -> None:
        """A mark was set."""
        self.latest = mark.kind
        if mark.kind is MarkKind.END and mark.status is not None:
            self.last_status = mark.status


def with_mark(marks: Marks, mark: Mark) -> Marks:
    """Marks of a row after one more was set in it.

    A shell that draws its prompt again sets its marks again: those right of the new one are of the prompt it replaces,
    those at the same place only if they are of the same kind (`END` and `PROMPT` come together). Pictures stay.
    """
    return (*[old for old in marks if old.col < mark.col or (old.col == mark.col and old.kind is not mark.kind)
              or old.kind is MarkKind.PICTURE], mark)  # fmt: skip


def of_shell(marks: Marks) -> Marks:
    """Those of shell integration."""
    return tuple([mark for mark in marks if mark.kind is not MarkKind.PICTURE])


def of_pictures(marks: Marks) -> Marks:
    """The others."""
    return tuple([mark for mark in marks if mark.kind is MarkKind.PICTURE])


def shifted(marks: Iterable[Mark], by: int) -> Marks:
    """The marks moved to the right by this many cells."""
    return tuple([mark._replace(col=mark.col + by) for mark in marks])
