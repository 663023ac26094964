"""How many cells a character takes (by wcwidth), as a table that turns text into cells in one `str.translate`."""

import re
import unicodedata

from wcwidth import wcwidth

from synk.terminal.rows import CLUSTER_FIRST, CLUSTER_LAST, STUB

MARK = "\udc01"
"""In the cells of a text: the character after it cannot be a cell by itself (see `Widths.of`)."""

# Format characters that shape the glyph before them; other format characters (bidi marks) are dropped.
_JOINERS = {"\u200c", "\u200d"}
REGIONAL = range(0x1F1E6, 0x1F200)
"""Two of these letters are a flag."""
# Tag characters build flags of regions: 🏴 and some of these.
_TAGS = range(0xE0020, 0xE0080)


NARROW = re.compile(
    "[ -~\xa1-\xac\xae-\u02ff\u0391-\u03a1\u03a3-\u03ff\u0400-\u0481\u2010-\u2015\u2018-\u2026\u2030-\u205e"
    "\u2190-\u2319\u2500-\u25fc\u2800-\u28ff\u2713\u276f]*+"
)
"""Text whose characters all take one cell, as that of most programs: found out ten times as fast as with the table below."""

_WIDE = "\u3041-\u3096\u309b-\u30ff\u3250-\ua48c\uac00-\ud7a3"
# Kana, ideographs and syllables that all take two cells, so many that finding them pays.
_WIDE_RUN = re.compile(f"([{_WIDE}]{{24,}}+)")
# Looking for them in a line of several scripts takes longer than it saves.
_MIN_RUN_TEXT = 160


class Widths(dict[int, str]):
    """Cells by code point, for `str.translate`: a wide character is followed by its stub, what is not shown is "".

    Filled as characters are met: working out all of them takes longer than showing a first screen.
    """

    CLUSTER = 3
    """Width of a character of the private plane that holds the stand-ins of clusters."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        width = self.of(char)
        cells = {1: char, 2: char + STUB, -1: ""}.get(width, MARK + char)
        self[code] = cells
        return cells

    def cells(self, text: str) -> str:
        """The cells of text. Long runs of wide characters get their stubs in one step, five times as fast."""
        if len(text) < _MIN_RUN_TEXT:
            return text.translate(self)
        parts = _WIDE_RUN.split(text)
        parts[::2] = [part.translate(self) for part in parts[::2]]
        parts[1::2] = [STUB.join(part) + STUB for part in parts[1::2]]
        return "".join(parts)

    @staticmethod
    def of(char: str) -> int:
        """1 or 2 cells, 0 for a mark joined to the cell before, -1 for a character that is not shown, or `CLUSTER`."""
        if CLUSTER_FIRST <= char <= CLUSTER_LAST:
            return Widths.CLUSTER
        if char in ("\ufffe", "\uffff"):
            return -1
        if ord(char) in REGIONAL:
            # Two of them are a flag of two cells for xterm, glibc (so every shell) and kitty; wcwidth gives one alone two.
            return 1
        width = wcwidth(char)
        if width == 0:
            category = unicodedata.category(char)
            if category in ("Cf", "Zl", "Zp", "Cc"):
                return 0 if char in _JOINERS or ord(char) in _TAGS else -1
            if category == "Mc":
                # Vowel signs and the like that take room. wcwidth has none of them; xterm, glibc (so every shell) and vim
                # have all 445, and a line with them must end where the program thinks. In mode 2027 they join.
                return 2 if unicodedata.east_asian_width(char) == "W" else 1
        return width
