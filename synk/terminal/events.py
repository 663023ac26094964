"""What a program told its terminal that is not cells: titles, bells, directories, the clipboard."""

from dataclasses import dataclass
from typing import Literal


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
    """Absolute, percent signs decoded, bytes that are no UTF-8 as in `os.fsdecode`. "" if it cannot be told: the program
    gave none, or one with control characters."""


@dataclass(frozen=True, slots=True)
class ClipboardWritten(TerminalEvent):
    """OSC 52: the program asks to set the clipboard. Reading it is never answered."""

    target: str
    """`c` clipboard, `p` primary selection."""
    text: str


@dataclass(frozen=True, slots=True)
class ColorsChanged(TerminalEvent):
    """OSC 4, 5, 10-19, 104, 105, 110-119: everything has to be painted again."""


@dataclass(frozen=True, slots=True)
class ClipboardAsked(TerminalEvent):
    """OSC 52 with `?`, where the user allows it: answer with `Emulator.tell_clipboard`."""

    target: str
    """`c` clipboard, `p` primary selection, `s0` clipboard of a program that named none."""


@dataclass(frozen=True, slots=True)
class NotificationSent(TerminalEvent):
    """OSC 9, 99 or 777. Texts are in one line, without control, format and direction characters."""

    title: str
    """At most 256 characters; may be empty."""
    body: str
    """At most 1024 characters; may be empty."""
    id: str = ""
    """The program's name for it (OSC 99), "" without one: a later one of the same name replaces it."""
    urgency: int = 1
    """0 low, 1 normal, 2 critical."""


@dataclass(frozen=True, slots=True)
class NotificationClosed(TerminalEvent):
    """OSC 99: the program takes a notification back."""

    id: str


@dataclass(frozen=True, slots=True)
class ProgressChanged(TerminalEvent):
    """OSC 9;4: how far the program is."""

    state: Literal["none", "normal", "error", "busy", "paused"]
    percent: int | None
    """0 to 100; None while it is not known (busy) or there is no progress."""


@dataclass(frozen=True, slots=True)
class PointerChanged(TerminalEvent):
    """OSC 22: `Emulator.pointer` may have changed."""


@dataclass(frozen=True, slots=True)
class StatusReported(TerminalEvent):
    """OSC 7501: `Emulator.program_status` has changed."""


@dataclass(frozen=True, slots=True)
class PromptMarked(TerminalEvent):
    """OSC 133: where the shell stands."""

    kind: Literal["prompt", "command", "output", "end"]
    """A prompt is shown, the user types, the command runs, the command has ended."""
    status: int | None = None
    """Exit status of the command that ended, if the shell told it."""


@dataclass(frozen=True, slots=True)
class VariableSet(TerminalEvent):
    """OSC 1337 SetUserVar: something a program wants to be known about its pane. A claim, nothing more."""

    name: str
    value: str
    """Without control characters, at most 1024 characters."""
