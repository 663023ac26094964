"""The state of a terminal beside its screen: titles, colors, cursor style, events not yet taken."""

from synk.terminal.colors import Colors
from synk.terminal.events import (
    NotificationClosed,
    NotificationSent,
    PointerChanged,
    PromptMarked,
    StatusReported,
    TerminalEvent,
    TitleChanged,
    VariableSet,
)
from synk.terminal.key_flags import KeyFlags
from synk.terminal.notifications import Notifications
from synk.terminal.parser import ST
from synk.terminal.pointers import Pointers
from synk.terminal.program_status import StatusRecords
from synk.terminal.screen import Screen

# Longer titles are an attack on whoever shows them.
MAX_TITLE_CHARS = 1024
MAX_LEVEL = 4
"""A VT420."""
SIDE_MARGINS_LEVEL = 4
"""The conformance level that left and right margins need."""
# As xterm.
MAX_TITLES = 10
# Each of them counts, not only the latest.
_QUEUED = (NotificationSent, NotificationClosed, PromptMarked, VariableSet)
MAX_QUEUED = 32
"""Events of one of these kinds that wait to be taken; the oldest goes for one more."""


class TerminalState:
    """What control sequences change; written by the interpreter and the parts it uses, read by the emulator."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.colors = Colors()
        self.events: dict[object, TerminalEvent] = {}
        """The latest of each kind since they were taken, so a flood of titles or bells takes no memory; of the kinds
        in `_QUEUED` the latest few."""
        self._published = 0
        self.notifications = Notifications(self.publish)
        self.pointers = Pointers()
        self.status_records = StatusRecords()
        """Of OSC 7501."""
        self.may_read_clipboard = False
        """The user lets programs read the clipboard (OSC 52)."""
        self.clipboard_end = ST
        """How the last question for the clipboard ended, and so does the answer."""
        self.titles: list[tuple[str, str]] = []
        """Title and icon name, pushed with `CSI 22 t`; newest last."""
        self.saved_modes: dict[int, bool] = {}
        """XTSAVE: private modes by key."""
        self.modify_other_keys = 0
        self.key_flags = KeyFlags()
        """Of the kitty keyboard protocol."""
        self.conformance_level = MAX_LEVEL
        """DECSCL: reports, rectangles and side margins are there from the level on that has them (`Interpreter`)."""
        self.sends_eight_bit = False
        """S8C1T: answers begin with C1 controls of one byte, as in xterm. Keys do not: every program reads both."""
        self.cursor_style = 0
        """DECSCUSR: 0 default, 1-2 block, 3-4 underline, 5-6 bar; odd numbers blink."""
        self.version_text = ""
        """Version of Synk, for XTVERSION."""
        self.cell_pixels: tuple[int, int] | None = None
        """Width and height of a cell, for the size reports in pixels; None: they are not answered."""
        self.has_images = True
        """Sixel and kitty graphics are shown; else such programs are told that they are not."""
        self.is_dark = True
        """Answer to DSR ?996: the theme is dark."""

    def publish(self, event: TerminalEvent) -> None:
        """Keep an event until it is taken; it replaces an earlier one of its kind, or joins the queue of its kind."""
        key: object = type(event)
        if isinstance(event, _QUEUED):
            self._published += 1
            key = (type(event), self._published)
            mine = [other for other in self.events if isinstance(other, tuple) and other[0] is type(event)]
            if len(mine) >= MAX_QUEUED:
                del self.events[mine[0]]
        self.events.pop(key, None)
        self.events[key] = event

    def reset_program(self) -> None:
        """Forget what the program set beside the screen: key encodings, pointers, unfinished notifications, status."""
        self.modify_other_keys = self.cursor_style = 0
        self.conformance_level = MAX_LEVEL
        self.sends_eight_bit = False
        self.key_flags.reset()
        self.notifications.unfinished.clear()
        if self.pointers.of(self.screen.grid.is_alternate):
            self.publish(PointerChanged())
        self.pointers.reset()
        if self.status_records.reset():
            self.publish(StatusReported())

    def set_title(self, *, title: str | None = None, icon_name: str | None = None) -> None:
        """OSC 0, 1, 2 and the title stack; None leaves one as it is."""
        if icon_name is not None:
            self.screen.icon_name = icon_name[:MAX_TITLE_CHARS]
        if title is not None and title[:MAX_TITLE_CHARS] != self.screen.title:
            self.screen.title = title[:MAX_TITLE_CHARS]
            self.publish(TitleChanged(self.screen.title))
