"""What becomes of rows that a sequence changes: remembered, because who rewrites the screen once does so again and again."""

from collections.abc import Callable, Hashable, Iterable

from synk.terminal.rows import Row

# The rows of a few screens before and after: together a megabyte on a screen of 200 columns.
_MAX_ROWS = 256
_MAX_CHANGES = 4


class RowChange:
    """One change of rows."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[str, str] | None] = {}
        """Text and pens of rows before and after; None: nothing happens to them."""
        self.pens: dict[int, str] = {}
        """What becomes of pens, by code point, where the change is one of these."""

    def carry_out(self, rows: Iterable[Row], change: Callable[[Row], object]) -> None:
        """Change these rows, with `change` where it is not known what becomes of one."""
        known = self._known
        for row in rows:
            before = row.text, row.pens
            if before in known:
                after = known[before]
                if after is not None:
                    row.text, row.pens = after
                continue
            change(row)
            if len(known) >= _MAX_ROWS:
                known.clear()
            is_same = row.text is before[0] and row.pens is before[1]
            known[before] = None if is_same else (row.text, row.pens)


class RowMemory:
    """Text and pens of rows before and after changes that depend on nothing else."""

    def __init__(self) -> None:
        self._changes: dict[Hashable, RowChange] = {}

    def of(self, change: Hashable) -> RowChange:
        """What is known of a change; whatever it depends on beside text and pens of a row is in its name."""
        found = self._changes.get(change)
        if found is None:
            if len(self._changes) >= _MAX_CHANGES:
                self._changes.clear()
            found = self._changes[change] = RowChange()
        return found
