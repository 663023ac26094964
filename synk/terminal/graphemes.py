"""What belongs to one character as people see it (mode 2027): extended grapheme clusters of Unicode, with their widths.

Whether two code points belong together depends on nothing but the cluster before, so text may come in any pieces. There
is one deviation from UAX #29: what stands before another character (Prepend) is a character of its own, as nothing that
is shown can wait for what may come next.
"""

from collections.abc import Iterator

from wcwidth import iter_graphemes, wcswidth

from synk.terminal.rows import Clusters
from synk.terminal.widths import REGIONAL, Widths

# Leading consonants of Hangul: they join what follows.
_LEADING = (range(0x1100, 0x1160), range(0xA960, 0xA97D))
_EMOJI_STYLE = "\ufe0f"

_ALONE, _JOINS, _PAIRS, _PREPENDS = range(4)


class Kinds(dict[str, int]):
    """What a character does to its neighbors, found when it is met."""

    def __missing__(self, char: str) -> int:
        code = ord(char)
        kind = _ALONE
        if len(list(iter_graphemes("a" + char))) == 1:
            kind = _JOINS
        elif code in REGIONAL or any(code in leading for leading in _LEADING) or Widths.of(char) == 0:
            kind = _PAIRS
        elif len(list(iter_graphemes(char + "a"))) == 1:
            kind = _PREPENDS
        self[char] = kind
        return kind


class Graphemes:
    """Splits text into clusters."""

    def __init__(self) -> None:
        self._kinds = Kinds()

    def are_plain(self, text: str) -> bool:
        """True if every character of the text stands for itself, unless the first belongs to what is before it."""
        kinds = self._kinds
        return not any([kinds[char] for char in set(text)])

    def split(self, before: str, text: str) -> tuple[str, list[str]]:
        """The part of `text` (not empty) that belongs to the character `before` (may be empty), and clusters of the rest.

        No cluster begins with a character without width: such a one belongs to the cluster before, or to nothing. What
        exceeds the length of a cluster is left out.
        """
        last = list(self._clusters(before))[-1] if before else ""
        found = list(self._clusters(last + text))
        joined = found.pop(0)[len(last) :] if last else ""
        clusters: list[str] = []
        for cluster in found:
            if Widths.of(cluster[0]) > 0:
                clusters.append(cluster)
            elif clusters:
                clusters[-1] = (clusters[-1] + cluster)[: Clusters.MAX_CODE_POINTS]
            elif last:
                joined += cluster
        return joined, clusters

    def _clusters(self, text: str) -> Iterator[str]:
        kinds = self._kinds
        for cluster in iter_graphemes(text):
            while len(cluster) > 1 and kinds[cluster[0]] == _PREPENDS and kinds[cluster[1]] != _JOINS:
                yield cluster[0]
                cluster = cluster[1:]
            if len(cluster) <= Clusters.MAX_CODE_POINTS:
                yield cluster
                continue
            kept, rest = cluster[: Clusters.MAX_CODE_POINTS], cluster[Clusters.MAX_CODE_POINTS :]
            yield kept
            while rest and len(list(iter_graphemes(kept + rest[0]))) == 1:
                rest = rest[1:]
            yield from self._clusters(rest)


def cluster_width(cluster: str) -> int:
    """Cells of a cluster: those of its first character, two with the emoji variation selector (VS16), and of a flag, or half."""
    if ord(cluster[0]) in REGIONAL:
        return 2
    width = Widths.of(cluster[0])
    if width == 1 and _EMOJI_STYLE in cluster and wcswidth(cluster[0] + _EMOJI_STYLE) == 2:
        return 2
    return 1 if width == Widths.CLUSTER else width
