"""Encoded values as Markdown, for people and models: tables with a header, numbers as they are written."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

MAX_CELL = 200
"""Characters of a cell; a table is read by its width."""


def table_of(encoded: Mapping[str, Any]) -> str:
    """A data frame, series or index as a table; says if rows are left out."""
    if encoded["type"] == "dataframe":
        names = [_label(name) for name in encoded.get("index_names") or [None]]
        header = [" ".join(name for name in names if name), *map(_label, encoded["columns"])]
        rows = [[_label(label), *map(_cell, row)] for label, row in zip(encoded["index"], encoded["data"], strict=False)]
    elif encoded["type"] == "series":
        header = ["", _label(encoded.get("name")) or "value"]
        rows = [[_label(label), _cell(value)] for label, value in zip(encoded["index"], encoded["data"], strict=False)]
    else:
        header = [_label(encoded.get("name")) or "value"]
        rows = [[_cell(value)] for value in encoded["data"]]
    lines = [_row(header), _row(["---"] * len(header)), *map(_row, rows)]
    if encoded.get("truncated"):
        shape = encoded.get("shape") or []
        lines.append(f"\n{len(rows)} of {shape[0] if shape else 'more'} rows")
    return "\n".join(lines)


def value_of(encoded: Mapping[str, Any]) -> str:
    """Any other value: a plain one as it is, a nested one as JSON."""
    value = encoded.get("value")
    if value is None and encoded.get("text"):
        value = encoded["text"]
    if isinstance(value, dict | list):
        return f"```json\n{json.dumps(value, ensure_ascii=False, indent=2, default=str)}\n```"
    return _cell(value) if not isinstance(value, str) else value


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _label(label: Any) -> str:
    if isinstance(label, list | tuple):
        return " / ".join(map(_cell, label))
    return "" if label is None else _cell(label)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        text = f"{value:.6g}"
    elif isinstance(value, dict | list):
        text = json.dumps(value, ensure_ascii=False, default=str)
    else:
        text = str(value)
    flat = " ".join(text.split()).replace("|", "\\|")
    return flat if len(flat) <= MAX_CELL else f"{flat[: MAX_CELL - 1]}…"
