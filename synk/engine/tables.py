"""Tables in text: columns found from where the words of the header start, or between vertical lines."""

import itertools
import re


class Broken(ValueError):
    """The text is not of the format; `line` and `column` (from 1) say where, None where that cannot be said."""

    def __init__(self, reason: str, line: int | None, column: int | None) -> None:
        super().__init__(reason)
        self.line = line
        self.column = column


_WORD = re.compile(r"\S+")
_RULE = re.compile(r"[\s|+:=\-─┼├┤│┌┐└┘┬┴━┃╇╋╞╪╡]+\Z")
_BARS = re.compile(r"[|│┃]")


def read_table(text: str) -> tuple[list[str], list[list[str]]]:
    """Names of the columns and the rows below, all as text; shorter rows are filled with "".

    Raises:
        Broken: no header, only one column, or text of a row that lies across two columns.
    """
    lines = [(number, line.expandtabs().rstrip()) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not lines:
        raise Broken("there is no header", 1, 1)
    if len(_BARS.findall(lines[0][1])) or (len(lines) > 1 and _RULE.match(lines[0][1]) and _BARS.search(lines[1][1])):
        return _between_bars(lines)
    return _aligned(lines)


def _between_bars(lines: list[tuple[int, str]]) -> tuple[list[str], list[list[str]]]:
    rows = [(number, line) for number, line in lines if not _RULE.match(line) and not re.match(r"\(\d+ rows?\)\Z", line)]
    if not rows:
        raise Broken("there is no header", 1, 1)
    closed = rows[0][1].strip()[0] in "|│┃" and rows[0][1].strip()[-1] in "|│┃"
    inner = [(number, line.strip().strip("|│┃") if closed else line) for number, line in rows]
    cells = [(number, [cell.strip() for cell in _BARS.split(line)]) for number, line in inner]
    columns = cells[0][1]
    if len(columns) < 2:
        raise Broken("there is only one column; parse it as lines", rows[0][0], 1)
    for number, row in cells[1:]:
        if len(row) != len(columns):
            raise Broken(f"{len(row)} cells where the header has {len(columns)}", number, 1)
    return columns, [row for _, row in cells[1:]]


def _aligned(lines: list[tuple[int, str]]) -> tuple[list[str], list[list[str]]]:
    header_number, header = lines[0]
    rows = [(number, line) for number, line in lines[1:] if not _RULE.match(line)]
    words = [(found.start(), found.end()) for found in _WORD.finditer(header)]
    if (found := _by_words(words, [line for _, line in rows])) is not None:
        return [header[start:end] for start, end in words], found
    used = _used([line for _, line in rows])
    if words[0][0] > 1 and 0 in used and _gutter((0, 0), words[0], used, is_close=False) is not None:
        words.insert(0, (0, 0))  # `free`: the first column has no name
    cuts: list[int] = []
    """Where each column but the first begins."""
    groups = [[words[0]]]
    for left, right in itertools.pairwise(words):
        cut = _gutter(left, right, used, is_close=right[0] - left[1] == 1)
        if cut is None and right[0] - left[1] > 1:
            _blame(left, right, rows, header)
        if cut is None:
            groups[-1].append(right)
        else:
            cuts.append(cut)
            groups.append([right])
    if not cuts:
        raise Broken("there is only one column; parse it as lines", header_number, 1)
    names = [header[group[0][0] : group[-1][1]] for group in groups]
    ends = [*cuts, None]
    starts = [0, *cuts]
    return names, [[line[start:end].strip() for start, end in zip(starts, ends, strict=True)] for _, line in rows]


def _by_words(words: list[tuple[int, int]], rows: list[str]) -> list[list[str]] | None:
    """The rows split at blanks, the last cell with all that is left, as `ps` prints; None if they are not of that kind.

    A number too wide for its column pushes all behind it to the right, and then no place between two columns is empty in
    every row. So most rows have to stand under the header word by word, and no row may have fewer words.
    """
    if len(words) < 2:
        return None
    split, aligned = [], 0
    for row in rows:
        found = list(itertools.islice(_WORD.finditer(row), len(words)))
        if len(found) < len(words):
            return None
        pairs = zip(words, found, strict=True)
        aligned += all(start == cell.start() or end == cell.end() for (start, end), cell in pairs)
        split.append([*(cell[0] for cell in found[:-1]), row[found[-1].start() :]])
    return split if aligned * 2 > len(rows) else None


def _used(rows: list[str]) -> set[int]:
    """The places where some row has a character."""
    return {place for row in rows for found in _WORD.finditer(row) for place in range(found.start(), found.end())}


def _gutter(left: tuple[int, int], right: tuple[int, int], used: set[int], *, is_close: bool) -> int | None:
    """Where the right column begins: behind a place between the two words that is empty in every row; None: one column.

    Cells may stand left of their header (numbers are set to the right) or run on behind it, but not into the next header's word.
    """
    free = [place for place in range(left[1], right[0]) if place not in used]
    if free and is_close and used and not any(place in used for place in range(right[0], right[1])):
        return None  # "Mounted on" above short cells: nothing stands below the second word
    if free:
        return free[-1] + 1 if free[-1] + 1 == right[0] else _widest(free) + 1
    return None


def _widest(free: list[int]) -> int:
    """The last place of the longest empty stretch."""
    best = run_start = previous = free[0]
    best_length = 0
    for place in free:
        run_start = place if place - previous > 1 else run_start
        if place - run_start + 1 >= best_length:
            best, best_length = place, place - run_start + 1
        previous = place
    return best


def _blame(left: tuple[int, int], right: tuple[int, int], rows: list[tuple[int, str]], header: str) -> None:
    """Name the row that closes the space between two headers.

    Raises:
        Broken: the row whose text lies across both columns.
    """
    for number, row in rows:
        for found in _WORD.finditer(row):
            if found.start() <= left[1] and found.end() >= right[0]:
                names = f"{header[left[0] : left[1]]} and {header[right[0] : right[1]]}"
                raise Broken(f"{found[0][:40]} lies across the columns {names}", number, found.start() + 1)
