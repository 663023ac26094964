"""Data frames, series, indexes and arrays as JSON: pandas, polars, pyarrow and numpy, without importing any of them.

A data frame is `{columns, index, data, dtypes, shape, truncated}` with `data` row by row. What is missing (NaN, NaT,
NA, None) is null; dates are ISO 8601; rows of a multi-index and names of multi-level columns are lists.
"""

from __future__ import annotations

import math
import sys
from typing import Any

from synk.host.kernels.python_values import Encoded, Limits, safe_repr, to_json

MAX_COLUMNS = 1_000
"""A wider table is cut on the right, and says so."""
MAX_CELLS = 200_000
"""Of one table or array, whatever `max_rows` says."""


def table(value: Any, limits: Limits) -> Encoded | None:
    """The encoding of a value of these libraries; None for all other values."""
    kind = type(value)
    for base in kind.__mro__:
        root = base.__module__.partition(".")[0] if isinstance(base.__module__, str) else ""
        encoder = _ENCODERS.get((root, base.__name__))
        if encoder is not None and root in sys.modules:
            found: Encoded = encoder(value, limits)
            return found
    return None


def _pandas_frame(value: Any, limits: Limits) -> Encoded:
    rows, columns = value.shape
    keep_columns = min(columns, MAX_COLUMNS)
    keep = _rows_kept(rows, keep_columns, limits)
    head = value.iloc[:keep, :keep_columns]
    # By column: `itertuples` and `to_dict` turn integers next to floats into floats.
    by_column = [_pandas_items(head.iloc[:, place], limits) for place in range(keep_columns)]
    found: Encoded = {
        "type": "dataframe",
        "columns": [_label(name, limits) for name in head.columns],
        "index": _pandas_labels(head.index, limits),
        "data": _rows(by_column, keep),
        "dtypes": [str(kind) for kind in head.dtypes],
        "shape": [rows, columns],
        "truncated": keep < rows or keep_columns < columns,
    }
    names = [_label(name, limits) for name in value.index.names]
    if any(name is not None for name in names):
        found["index_names"] = names
    return found


def _pandas_series(value: Any, limits: Limits) -> Encoded:
    keep = _rows_kept(len(value), 1, limits)
    head = value.iloc[:keep]
    found: Encoded = {
        "type": "series",
        "name": _label(value.name, limits),
        "index": _pandas_labels(head.index, limits),
        "data": _pandas_items(head, limits),
        "dtype": str(value.dtype),
        "shape": [len(value)],
        "truncated": keep < len(value),
    }
    names = [_label(name, limits) for name in value.index.names]
    if any(name is not None for name in names):
        found["index_names"] = names
    return found


def _pandas_index(value: Any, limits: Limits) -> Encoded:
    keep = _rows_kept(len(value), 1, limits)
    return {
        "type": "index",
        "name": _label(value.name, limits),
        "data": _pandas_labels(value[:keep], limits),
        "dtype": str(value.dtype),
        "shape": [len(value)],
        "truncated": keep < len(value),
    }


def _pandas_labels(index: Any, limits: Limits) -> list[Any]:
    if index.nlevels > 1:
        return [[_item(part, limits) for part in label] for label in index.tolist()]
    return [_item(label, limits) for label in index.tolist()]


def _pandas_items(column: Any, limits: Limits) -> list[Any]:
    return [_item(item, limits) for item in column.tolist()]


def _pandas_timestamp(value: Any, _limits: Limits) -> Encoded:
    return {"type": "datetime", "value": _item(value, Limits(0))}


def _pandas_timedelta(value: Any, _limits: Limits) -> Encoded:
    missing = value != value
    return {"type": "timedelta", "value": None if missing else value.total_seconds()}


def _pandas_missing(_value: Any, _limits: Limits) -> Encoded:
    return {"type": "none", "value": None}


def _polars_frame(value: Any, limits: Limits) -> Encoded:
    rows, columns = value.shape
    keep_columns = min(columns, MAX_COLUMNS)
    keep = _rows_kept(rows, keep_columns, limits)
    head = value[:, :keep_columns].head(keep)
    return {
        "type": "dataframe",
        "columns": list(head.columns),
        "index": list(range(keep)),
        "data": [[_item(item, limits) for item in row] for row in head.rows()],
        "dtypes": [str(kind) for kind in head.dtypes],
        "shape": [rows, columns],
        "truncated": keep < rows or keep_columns < columns,
    }


def _polars_series(value: Any, limits: Limits) -> Encoded:
    keep = _rows_kept(len(value), 1, limits)
    return {
        "type": "series",
        "name": value.name,
        "index": list(range(keep)),
        "data": [_item(item, limits) for item in value.head(keep).to_list()],
        "dtype": str(value.dtype),
        "shape": [len(value)],
        "truncated": keep < len(value),
    }


def _arrow_table(value: Any, limits: Limits) -> Encoded:
    keep_columns = min(value.num_columns, MAX_COLUMNS)
    keep = _rows_kept(value.num_rows, keep_columns, limits)
    head = value.slice(0, keep)
    by_column = [[_item(item, limits) for item in head.column(place).to_pylist()] for place in range(keep_columns)]
    return {
        "type": "dataframe",
        "columns": list(value.schema.names[:keep_columns]),
        "index": list(range(keep)),
        "data": _rows(by_column, keep),
        "dtypes": [str(field.type) for field in list(value.schema)[:keep_columns]],
        "shape": [value.num_rows, value.num_columns],
        "truncated": keep < value.num_rows or keep_columns < value.num_columns,
    }


def _array(value: Any, limits: Limits) -> Encoded:
    room = MAX_CELLS
    head = value
    for axis, length in enumerate(value.shape):
        keep = min(length, max(limits.max_rows, 1), max(room, 1))
        room //= max(keep, 1)
        head = head[(slice(None),) * axis + (slice(0, keep),)]
    return {
        "type": "array",
        "data": _nested(head.tolist(), limits),
        "dtype": str(value.dtype),
        "shape": list(value.shape),
        "truncated": head.shape != value.shape,
    }


def _nested(value: Any, limits: Limits) -> Any:
    return [_nested(item, limits) for item in value] if isinstance(value, list) else _item(value, limits)


def _rows(columns: list[list[Any]], count: int) -> list[list[Any]]:
    return [[column[place] for column in columns] for place in range(count)]


def _rows_kept(rows: int, columns: int, limits: Limits) -> int:
    return min(rows, limits.max_rows, max(1, MAX_CELLS // max(columns, 1)))


def _label(value: Any, limits: Limits) -> Any:
    """A column's or index's name."""
    return [_item(part, limits) for part in value] if isinstance(value, tuple) else _item(value, limits)


def _item(value: Any, limits: Limits) -> Any:
    """One cell: plain JSON, null for whatever stands for "missing"."""
    if value is None or type(value) in (str, int, bool):
        return to_json(value, limits)
    if type(value) is float:
        return value if math.isfinite(value) else (None if value != value else repr(value))
    name = type(value).__name__
    if name in ("NaTType", "NAType"):
        return None
    if hasattr(value, "isoformat"):  # timestamps, dates, times; a timedelta of pandas too
        return value.total_seconds() if hasattr(value, "total_seconds") else value.isoformat()
    if hasattr(value, "total_seconds"):
        return value.total_seconds()
    if name in ("Period", "Interval"):
        return str(value)
    if name in ("list", "tuple", "dict", "set", "ndarray"):
        return to_json(value.tolist() if name == "ndarray" else value, limits)
    found = to_json(value, limits)
    return found if isinstance(found, (str, int, float, bool, list, dict)) or found is None else safe_repr(value)


_ENCODERS = {
    ("pandas", "DataFrame"): _pandas_frame,
    ("pandas", "Series"): _pandas_series,
    ("pandas", "Index"): _pandas_index,
    ("pandas", "Timestamp"): _pandas_timestamp,
    ("pandas", "Timedelta"): _pandas_timedelta,
    ("pandas", "NaTType"): _pandas_missing,
    ("pandas", "NAType"): _pandas_missing,
    ("polars", "DataFrame"): _polars_frame,
    ("polars", "Series"): _polars_series,
    ("pyarrow", "Table"): _arrow_table,
    ("numpy", "ndarray"): _array,
}
"""By top-level module and class; subclasses are found through their bases."""
