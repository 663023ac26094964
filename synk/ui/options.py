"""The settings the window follows, as plain values; the defaults are those of 03-workspace.md, section 10."""

from dataclasses import dataclass

from synk.ui.notices.toasts import DURATION_MS, Corner
from synk.ui.terminal.program_reports import ClipboardRead
from synk.ui.terminal.terminal_colors import MINIMUM_CONTRAST


@dataclass(frozen=True, slots=True)
class UiOptions:
    """Given to `Window` at the start and again at each change of the settings."""

    font_family: str = "JetBrains Mono"
    font_px: int = 13
    """Terminal font, 6 to 32."""
    sidebar_width: int = 280
    drawer_height: int = 250
    drawer_panel_order: tuple[str, ...] = ()
    """Ids, left to right; panels it does not name come last."""
    dim_unfocused: bool = True
    unfocused_opacity: float = 0.7
    """What remains of the other panes in terminal mode."""
    reduce_motion: bool = False
    toast_corner: Corner = "top-right"
    toast_ms: int = DURATION_MS
    confirm_multiline_paste: bool = True
    """Ask before several lines go to a program without bracketed paste."""
    minimum_contrast: float = MINIMUM_CONTRAST
    clipboard_read: ClipboardRead = "never"
    """Whether a program may read the clipboard."""
