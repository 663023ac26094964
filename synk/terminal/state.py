"""The state of a terminal beside its screen: titles, colors, cursor style, events not yet taken."""

from synk.terminal.colors import Colors
from synk.terminal.events import TerminalEvent, TitleChanged
from synk.terminal.key_flags import KeyFlags
from synk.terminal.screen import Screen

# Longer titles are an attack on whoever shows them.
MAX_TITLE_CHARS = 1024
# As xterm.
MAX_TITLES = 10


class TerminalState:
    """What control sequences change; written by the interpreter and the parts it uses, read by the emulator."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.colors = Colors()
        self.events: dict[type[TerminalEvent], TerminalEvent] = {}
        """The latest of each kind since they were taken, so a flood of titles or bells takes no memory."""
        self.titles: list[tuple[str, str]] = []
        """Title and icon name, pushed with `CSI 22 t`; newest last."""
        self.saved_modes: dict[int, bool] = {}
        """XTSAVE: private modes by key."""
        self.modify_other_keys = 0
        self.key_flags = KeyFlags()
        """Of the kitty keyboard protocol."""
        self.cursor_style = 0
        """DECSCUSR: 0 default, 1-2 block, 3-4 underline, 5-6 bar; odd numbers blink."""
        self.version_text = ""
        """Version of Synk, for XTVERSION."""
        self.cell_pixels: tuple[int, int] | None = None
        """Width and height of a cell, for the size reports in pixels; None: they are not answered."""
        self.is_dark = True
        """Answer to DSR ?996: the theme is dark."""

    def publish(self, event: TerminalEvent) -> None:
        """Keep an event until it is taken; it replaces an earlier one of its kind."""
        self.events.pop(type(event), None)
        self.events[type(event)] = event

    def set_title(self, *, title: str | None = None, icon_name: str | None = None) -> None:
        """OSC 0, 1, 2 and the title stack; None leaves one as it is."""
        if icon_name is not None:
            self.screen.icon_name = icon_name[:MAX_TITLE_CHARS]
        if title is not None and title[:MAX_TITLE_CHARS] != self.screen.title:
            self.screen.title = title[:MAX_TITLE_CHARS]
            self.publish(TitleChanged(self.screen.title))
