"""Character sets of G0 to G3 that programs still use (VT510 manual, SCS): US, UK and the line drawing set."""

US = "B"
UK = "A"
LINES = "0"

_LINE_DRAWING = dict(zip(range(0x5F, 0x7F), "\u00a0◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·", strict=True))

TRANSLATIONS: dict[str, dict[int, str] | None] = {US: None, UK: {0x23: "£"}, LINES: _LINE_DRAWING}
"""What `str.translate` does with text written in a set; None changes nothing."""


def designated(final: str) -> str:
    """The set that `ESC ( final` designates; those not known are taken for US."""
    return final if final in TRANSLATIONS else US
