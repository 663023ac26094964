"""Which colors of a theme are written on which, and where that is too faint to be read (WCAG 2.2, contrast of small text)."""

from synk.ui.schemes import Colors, Scheme
from synk.ui.terminal.contrast import contrast

LEAST = 4.5
"""Contrast of text to its background."""

WRITTEN_ON = {
    "text": ("bg_primary", "bg_secondary", "bg_sidebar", "bg_tertiary", "bg_hover"),
    "text_soft": ("bg_primary", "bg_secondary", "bg_sidebar", "bg_tertiary", "bg_hover"),
    "text_dim": ("bg_primary", "bg_sidebar"),
    "blue": ("bg_primary", "bg_sidebar"),
    "green": ("bg_primary", "bg_sidebar"),
    "orange": ("bg_primary", "bg_secondary", "bg_sidebar"),
    "red": ("bg_primary", "bg_sidebar"),
    "purple": ("bg_primary", "bg_sidebar"),
}
"""Tokens of text, and the backgrounds each stands on somewhere."""


def faint_pairs(scheme: Scheme) -> list[str]:
    """`text-dim on bg-sidebar (3.1)` for each pair below `LEAST`, and the text of terminals."""
    colors: Colors = scheme.colors
    pairs = [
        (text, ground, contrast(getattr(colors, text), getattr(colors, ground)))
        for text, grounds in WRITTEN_ON.items()
        for ground in grounds
    ]
    terminal = scheme.terminal
    pairs.append(("terminal foreground", "background", contrast(terminal.foreground, terminal.background)))
    return [f"{text} on {ground} ({ratio:.1f})".replace("_", "-") for text, ground, ratio in pairs if ratio < LEAST]
