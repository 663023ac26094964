"""The lines typed in the command bar, and the walk through them with Up and Down. Pure."""

from collections.abc import Iterable

MOST_LINES = 200


class LineHistory:
    """The last lines, and where the walk is. What was being typed when it began is its newest end."""

    def __init__(self, lines: Iterable[str] = ()) -> None:
        """`lines`: oldest first."""
        self._lines: list[str] = []
        self._at: int | None = None
        self._draft = ""
        for line in lines:
            self.add(line)

    @property
    def lines(self) -> list[str]:
        """Oldest first, at most 200, none twice."""
        return list(self._lines)

    @property
    def is_walking(self) -> bool:
        """Whether an older line is shown in place of what was typed."""
        return self._at is not None

    def add(self, line: str) -> None:
        """A line was run: it is the newest now, wherever it was before. Ends the walk."""
        self._at = None
        if line.strip(" /"):
            if line in self._lines:
                self._lines.remove(line)
            self._lines = [*self._lines, line][-MOST_LINES:]

    def put_before(self, lines: Iterable[str]) -> None:
        """Lines of earlier runs of Synk, oldest first, which were read from disk meanwhile."""
        mine = self._lines
        self._lines = []
        for line in (*lines, *mine):
            self.add(line)

    def older(self, typed: str) -> str | None:
        """The line before the one shown (`typed` when the walk begins here); None at the oldest."""
        if self._at is None:
            self._draft = typed
            self._at = len(self._lines)
        if self._at == 0:
            if not self._lines:
                self._at = None
            return None
        self._at -= 1
        return self._lines[self._at]

    def newer(self) -> str | None:
        """The line after the one shown, at last what was typed when the walk began; None if that is shown."""
        if self._at is None:
            return None
        self._at += 1
        if self._at < len(self._lines):
            return self._lines[self._at]
        self._at = None
        return self._draft

    def leave(self) -> None:
        """What is shown was changed, or the bar was closed: the walk begins anew."""
        self._at = None
