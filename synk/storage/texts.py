"""Texts that SQLite refuses: names of files need not be UTF-8, and Python has lone surrogates for what is not (PEP 383).

Such a text is stored as JSON after a mark and comes back as it was. One of them would else keep all tabs from being stored.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

MARK = "\x1aJ"
"""What begins with it is JSON; a text that does by itself is stored as JSON too."""


class TextConnection(sqlite3.Connection):
    """Takes and gives any `str`, also in comparisons: the same text is always stored in the same way."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.text_factory = given

    def execute(self, sql: str, parameters: Sequence[object] = (), /) -> sqlite3.Cursor:  # type: ignore[override]
        """As `sqlite3.Connection.execute`, with positional parameters."""
        return super().execute(sql, [stored(value) for value in parameters])

    def executemany(self, sql: str, rows: Iterable[Sequence[object]], /) -> sqlite3.Cursor:  # type: ignore[override]
        """As `sqlite3.Connection.executemany`, with positional parameters."""
        return super().executemany(sql, [[stored(value) for value in row] for row in rows])


def stored(value: object) -> object:
    """A value as SQLite takes it."""
    if not isinstance(value, str) or (value.isascii() and not value.startswith(MARK)):
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return MARK + json.dumps(value)
    return MARK + json.dumps(value) if value.startswith(MARK) else value


def given(data: bytes) -> str:
    """A text as it was put in."""
    # A damaged file may hold anything: better a strange letter than no list at all.
    text = data.decode(errors="replace")
    return str(json.loads(text.removeprefix(MARK))) if text.startswith(MARK) else text
