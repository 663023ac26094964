"""What a program told its terminal that is not cells: titles, bells, directories, the clipboard."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TerminalEvent:
    """Base of the events of one emulator; collected with `Emulator.take_events`."""


@dataclass(frozen=True, slots=True)
class TitleChanged(TerminalEvent):
    """OSC 0 or 2, or a title taken from the stack."""

    title: str
    """Without control characters, at most 1024 characters."""


@dataclass(frozen=True, slots=True)
class BellRang(TerminalEvent):
    """BEL; at most one per `take_events`."""


@dataclass(frozen=True, slots=True)
class DirectoryChanged(TerminalEvent):
    """OSC 7: the program's working directory. A claim of the program, nothing more."""

    host: str
    """Host name as given; "" for this machine."""
    path: str
    """Absolute, percent signs decoded."""


@dataclass(frozen=True, slots=True)
class ClipboardWritten(TerminalEvent):
    """OSC 52: the program asks to set the clipboard. Reading it is never answered."""

    target: str
    """`c` clipboard, `p` primary selection."""
    text: str


@dataclass(frozen=True, slots=True)
class ColorsChanged(TerminalEvent):
    """OSC 4, 10-12, 104, 110-112: everything has to be painted again."""
