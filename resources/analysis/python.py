"""What `synk analyze python` can do beside the user's own code: load files and the operations that start with @.

Run by path in the user's interpreter (CPython 3.9 or later); needs pandas there, and of other packages what a format needs.
"""

import json
import os
import random
import sqlite3
from urllib.parse import quote

import pandas as pd

SHARE = 0.5
"""Of the free memory a table may take; a bigger one is sampled."""
GROWTH = {".csv": 4.0, ".tsv": 4.0, ".parquet": 8.0, ".json": 8.0, ".jsonl": 6.0, ".ndjson": 6.0, ".xlsx": 20.0}
"""How much larger a table is in memory than its file, about; measured with texts and numbers half and half."""
DISTINCT_ROWS = 1_000_000
"""Distinct values are counted up to here; more takes seconds."""


def load(path, table=None):
    """The file as a data frame, and what is to be said about it: rows, columns, sampled."""
    ending = os.path.splitext(path)[1].lower()
    reader = READERS.get(ending)
    if reader is None:
        raise ValueError(f"{ending or path} is no format that can be loaded; there are {', '.join(sorted(READERS))}")
    size = os.path.getsize(path)
    room = free_memory() * SHARE
    needed = size * GROWTH.get(ending, 2.0)
    fraction = min(1.0, room / needed) if needed > 0 else 1.0
    if ending in SQLITE:
        frame, more = _sqlite(path, table, fraction)
    else:
        frame, more = reader(path, fraction), {}
    source = {"rows": len(frame), "columns": len(frame.columns), "bytes": size, "sampled": fraction < 1.0}
    if fraction < 1.0:
        source["fraction"] = round(fraction, 4)
        loaded = f"a random {fraction:.1%} of the rows was loaded"
        source["note"] = f"About {needed / 1e6:.0f} MB would not fit into half of the free memory: {loaded}"
    source.update(more)
    return frame, source


def free_memory():
    """Bytes that programs can still take."""
    with open("/proc/meminfo") as file:
        for line in file:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return 1 << 30


def frame(value):
    """A data frame of what was loaded: rows, columns, a series, a table of another library."""
    if isinstance(value, pd.DataFrame):
        return value
    if isinstance(value, pd.Series):
        return value.to_frame()
    if hasattr(value, "to_pandas"):
        return value.to_pandas()
    return pd.DataFrame(value)


def profile(value):
    """A row for each column: type, missing and distinct values, range."""
    data = frame(value)
    rows = []
    for name in data.columns:
        column = data[name]
        row = {"column": name, "type": str(column.dtype), "nulls": int(column.isna().sum())}
        row["nulls_pct"] = round(100.0 * row["nulls"] / len(column), 2) if len(column) else 0.0
        row["distinct"] = _distinct(column)
        row.update(_range(column))
        rows.append(row)
    wanted = ["column", "type", "nulls", "nulls_pct", "distinct", "min", "max", "mean", "std", "top"]
    return pd.DataFrame(rows, columns=wanted).set_index("column")


def head(value, count="10"):
    return frame(value).head(_count(count))


def tail(value, count="10"):
    return frame(value).tail(_count(count))


def sample(value, count="10"):
    data = frame(value)
    return data.sample(min(_count(count), len(data)))


def counts(value, column):
    return _column(frame(value), column).value_counts(dropna=False)


def groupby(value, column, aggregate="mean"):
    data = frame(value)
    _column(data, column)
    if aggregate in ("size", "count"):
        return data.groupby(column, dropna=False).size() if aggregate == "size" else data.groupby(column, dropna=False).count()
    numeric = [name for name in data.select_dtypes("number").columns if name != column]
    return data.groupby(column, dropna=False)[numeric].agg(aggregate)


def corr(value):
    return frame(value).select_dtypes("number").corr()


def resample(value, column, rule, aggregate="mean"):
    data = frame(value)
    moments = pd.to_datetime(_column(data, column))
    numeric = [name for name in data.select_dtypes("number").columns if name != column]
    return data[numeric].set_index(pd.DatetimeIndex(moments)).sort_index().resample(rule).agg(aggregate)


def _count(text):
    count = int(text)
    if count < 0:
        raise ValueError(f"{text}: a number of rows is not below 0")
    return count


def _column(data, name):
    if name in data.columns:
        return data[name]
    # Columns may be numbers, which nobody can write otherwise.
    for each in data.columns:
        if str(each) == name:
            return data[each]
    raise KeyError(f"{name} is no column; there are {', '.join(map(str, data.columns))}")


def _distinct(column):
    if len(column) > DISTINCT_ROWS:
        return None
    try:
        return int(column.nunique())
    except TypeError:  # lists and dicts in cells
        return None


def _range(column):
    known = column.dropna()
    if known.empty:
        return {}
    found = {}
    if pd.api.types.is_bool_dtype(column):
        return {"min": bool(known.min()), "max": bool(known.max()), "mean": float(known.mean())}
    if pd.api.types.is_numeric_dtype(column):
        found = {"min": known.min(), "max": known.max(), "mean": known.mean(), "std": known.std()}
    elif pd.api.types.is_datetime64_any_dtype(column):
        found = {"min": known.min(), "max": known.max()}
    else:
        try:
            found = {"min": known.min(), "max": known.max(), "top": known.mode().iloc[0]}
        except TypeError:  # values that cannot be compared
            found = {}
    return found


def _csv(path, fraction, separator=None):
    options = {"sep": separator or _separator(path)}
    if fraction < 1.0:
        # The first row are the names.
        options["skiprows"] = lambda row: row > 0 and random.random() > fraction
    try:
        return pd.read_csv(path, **options)
    except UnicodeDecodeError:
        return pd.read_csv(path, encoding="latin-1", **options)


def _separator(path):
    """`;` if the first line has it and no comma: what spreadsheets write where the comma is the decimal sign."""
    with open(path, "rb") as file:
        names = file.readline(1 << 16)
    return ";" if b";" in names and b"," not in names else ","


def _tsv(path, fraction):
    return _csv(path, fraction, "\t")


def _parquet(path, fraction):
    if fraction >= 1.0:
        return pd.read_parquet(path)
    import pyarrow.parquet

    parts = [batch.to_pandas().sample(frac=fraction) for batch in pyarrow.parquet.ParquetFile(path).iter_batches()]
    return pd.concat(parts, ignore_index=True)


def _json(path, fraction):
    if fraction < 1.0:
        raise MemoryError("JSON is read as a whole, and this does not fit into half of the free memory: use JSON lines")
    with open(path, encoding="utf-8") as file:
        values = json.load(file)
    if isinstance(values, dict) and not all(isinstance(value, list) for value in values.values()):
        # {"data": [...], "count": 2} as many services answer, or one record.
        lists = [value for value in values.values() if isinstance(value, list)]
        values = lists[0] if len(lists) == 1 and all(isinstance(row, dict) for row in lists[0]) else [values]
    if isinstance(values, list) and values and all(isinstance(row, dict) for row in values):
        return pd.json_normalize(values)
    return pd.DataFrame(values)


def _jsonl(path, fraction):
    rows = []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.strip() and (fraction >= 1.0 or random.random() <= fraction):
                try:
                    rows.append(json.loads(line))
                except ValueError as error:
                    raise ValueError(f"line {number}: {error}") from None
    return pd.json_normalize(rows) if all(isinstance(row, dict) for row in rows) else pd.DataFrame(rows)


def _xlsx(path, fraction):
    if fraction < 1.0:
        raise MemoryError("A workbook is read as a whole, and this does not fit into half of the free memory: save it as CSV")
    return pd.read_excel(path)


def _sqlite(path, table, fraction):
    connection = sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True)
    try:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'")
        names = [name for (name,) in rows]
        if not names:
            raise ValueError("This database has no tables")
        if table is not None and table not in names:
            raise ValueError(f"{table} is no table; there are {', '.join(names)}")
        sizes = {name: connection.execute(f"SELECT count(*) FROM {_quoted(name)}").fetchone()[0] for name in names}
        chosen = table or max(names, key=lambda name: sizes[name])
        where = "" if fraction >= 1.0 else f" WHERE abs(random() % 1000000) < {int(fraction * 1000000)}"
        data = pd.read_sql_query(f"SELECT * FROM {_quoted(chosen)}{where}", connection)
    finally:
        connection.close()
    return data, {"table": chosen, "tables": sizes}


def _quoted(name):
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


SQLITE = (".sqlite", ".sqlite3", ".db")
READERS = {
    ".csv": _csv, ".tsv": _tsv, ".parquet": _parquet, ".json": _json, ".jsonl": _jsonl, ".ndjson": _jsonl, ".xlsx": _xlsx,
    ".sqlite": _sqlite, ".sqlite3": _sqlite, ".db": _sqlite,
}  # fmt: skip
