"""Character sets of G0 to G3 that programs still use (VT510 manual, SCS): US, UK and the line drawing set."""

US = "B"
UK = "A"
LINES = "0"

_LINE_DRAWING = dict(zip(range(0x5F, 0x7F), "\u00a0◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·", strict=True))

TRANSLATIONS: dict[str, dict[int, str] | None] = {US: None, UK: {0x23: "£"}, LINES: _LINE_DRAWING}
"""What `str.translate` does with text written in a set; None changes nothing."""

_DESIGNATORS = {"(": 0, ")": 1, "*": 2, "+": 3, "-": 1, ".": 2, "/": 3}

Sets = tuple[str, str, str, str]


class Charsets:
    """Which sets G0 to G3 are, and which of them is written with."""

    def __init__(self, sets: Sets = (US,) * 4, shifted_in: int = 0, single_shift: int | None = None) -> None:
        self.sets = sets
        self.shifted_in = shifted_in
        self.single_shift = single_shift
        """Number of the set for the next character only (SS2, SS3)."""
        self._update()

    @property
    def is_plain(self) -> bool:
        """True if text is written as it is."""
        return self.translation is None and self.single_shift is None

    def designate(self, final: str, designator: str) -> None:
        """SCS: `designator` is one of `( ) * + - . /`; a set that is not known is taken for US."""
        sets = list(self.sets)
        sets[_DESIGNATORS[designator]] = final if final in TRANSLATIONS else US
        g0, g1, g2, g3 = sets
        self.sets = (g0, g1, g2, g3)
        self._update()

    def shift_to(self, number: int) -> None:
        """SI, SO, LS2, LS3."""
        self.shifted_in = number
        self._update()

    def translate(self, text: str) -> str:
        """Text (not empty) in the sets of the moment; ends a single shift."""
        first = ""
        if self.single_shift is not None:
            table = TRANSLATIONS[self.sets[self.single_shift]]
            self.single_shift = None
            first, text = text[0].translate(table) if table else text[0], text[1:]
        return first + (text if self.translation is None else text.translate(self.translation))

    def _update(self) -> None:
        self.translation = TRANSLATIONS[self.sets[self.shifted_in]]
