"""Where a command's output begins and ends in what a shell prints: marks that only our own lines in the shell know. Pure."""

import re
from dataclasses import dataclass
from typing import Literal

_INTRO = b"\x1b]7770;"
_LONGEST = 64
"""Bytes of a mark: more are no mark."""
_MODES = re.compile(rb"\x1b\[\?[0-9;]+[hl]")


@dataclass(frozen=True, slots=True)
class Mark:
    """`C`: the command begins; `D`: it has ended; `P`: a prompt."""

    kind: Literal["C", "D", "P"]
    id: str
    """Of the command; "" for a prompt."""


class Splitter:
    """Cuts a terminal's output into text and marks, in chunks of any size. A program cannot forge a mark: it does not know
    the token."""

    def __init__(self, token: str) -> None:
        self._mark = re.compile(rb"\x1b\]7770;" + token.encode() + rb";([CDP]);(\d*)\x07")
        self._intro = _INTRO + token.encode() + b";"
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes | Mark]:
        """What is complete, in order; the beginning of what may be a mark is kept for the next time (`rest`)."""
        data = self._rest + data
        found: list[bytes | Mark] = []
        at = 0
        for match in self._mark.finditer(data):
            if match.start() > at:
                found.append(data[at : match.start()])
            found.append(Mark(match[1].decode(), match[2].decode()))  # type: ignore[arg-type]
            at = match.end()
        end = self._unfinished(data, at)
        if end > at:
            found.append(data[at:end])
        self._rest = data[end:]
        return found

    def rest(self) -> bytes:
        """What looked like the beginning of a mark, and nothing followed."""
        rest, self._rest = self._rest, b""
        return rest

    def _unfinished(self, data: bytes, start: int) -> int:
        """Where a mark that is not complete begins; the end of the data if none does."""
        at = data.rfind(b"\x1b", max(start, len(data) - _LONGEST))
        if at < 0:
            return len(data)
        tail = data[at:]
        is_begun = self._intro.startswith(tail) or (tail.startswith(self._intro) and b"\x07" not in tail)
        return at if is_begun else len(data)


def modes_in(data: bytes) -> bytes:
    """Only what switches terminal modes on and off: what a screen must not miss of what it is not shown."""
    return b"".join(_MODES.findall(data))
