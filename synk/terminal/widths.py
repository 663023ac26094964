"""How many cells a character takes (Unicode 16, by wcwidth), remembered per character."""

import unicodedata

from wcwidth import wcwidth

from synk.terminal.rows import CLUSTER_FIRST, CLUSTER_LAST

# Format characters that shape the glyph before them; other format characters (bidi marks) are dropped.
_JOINERS = {"\u200c", "\u200d"}
# Tag characters build flags of regions: 🏴 and some of these.
_TAGS = range(0xE0020, 0xE0080)


class Widths:
    """Sorts characters into narrow, wide, marks (joined to the cell before), and those that are not shown."""

    # The cells of this private plane are stand-ins for clusters, so a program's own need one as well.
    CLUSTER = 3

    def __init__(self) -> None:
        self._narrow = set(map(chr, range(0x20, 0x7F)))
        self._width: dict[str, int] = {}

    def are_narrow(self, text: str) -> bool:
        """True if every character takes exactly one cell."""
        if self._narrow.issuperset(text):
            return True
        narrow = True
        for char in set(text):
            if self.of(char) != 1:
                narrow = False
        return narrow

    def of(self, char: str) -> int:
        """1 or 2 cells, 0 for a mark, -1 for a character that is not shown, or `CLUSTER`."""
        width = self._width.get(char)
        if width is None:
            width = self._width[char] = _classify(char)
            if width == 1:
                self._narrow.add(char)
        return width


def _classify(char: str) -> int:
    if CLUSTER_FIRST <= char <= CLUSTER_LAST:
        return Widths.CLUSTER
    width = wcwidth(char)
    if width == 0:
        if unicodedata.category(char) in ("Cf", "Zl", "Zp", "Cc") and char not in _JOINERS and ord(char) not in _TAGS:
            return -1
        return 0
    if char in ("\ufffe", "\uffff"):
        return -1
    return width
