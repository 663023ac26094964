"""Reads a command's standard output in the format the caller names: JSON, CSV, tables, and what jc knows (section 5)."""

import csv
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Any, cast
from xml.parsers import expat

from synk.base.errors import UsageError
from synk.base.toml import TomlBroken, parse_toml
from synk.engine.commands import Recognised
from synk.engine.findings import ParseError
from synk.engine.literals import literal
from synk.engine.tables import Broken, read_table

MAX_ROWS = 200
"""Of lines, records and table rows handed out; the result says how many there were."""
MAX_CHARS = 32 << 20
"""More is not read into objects: Python needs ten times the text for them. The output itself stays in the spool."""
MAX_NODES = 1_000_000
"""Of a YAML document with its aliases followed; ten lines can stand for more than any memory holds."""
INSTALL = "install the extra: pip install 'synk[parse]'"


class UnknownFormat(UsageError):
    """`parse_as` names no format; nothing was started."""

    kind = "usage"


@dataclass(frozen=True, slots=True)
class Parsed:
    """What was read: a value of JSON types, or why there is none."""

    value: Any = None
    error: ParseError | None = None


def check_format(name: str) -> None:
    """Accept `name`, or refuse it before anything runs.

    Raises:
        UnknownFormat: with the formats there are; for `jc:NAME` with jc installed also if it has no such parser.
    """
    if name.startswith("jc:"):
        jc = _import_jc()
        parser = name[3:]
        if not parser or (jc is not None and parser.replace("-", "_") not in _jc_parsers()):
            raise UnknownFormat(f"jc has no parser named {parser or '(empty)'}; `jc --about` lists them")
    elif name not in FORMATS:
        raise UnknownFormat(f"Unknown format {name}: there are {', '.join(FORMATS)} and jc:NAME")


def parse(
    text: str, parse_as: str, *, recognised: Recognised | None = None, max_rows: int = MAX_ROWS, result: Any = None
) -> Parsed:
    """`text` as a value; `result` is the class's own structured result, which `auto` may choose.

    Lines give {lines, count, truncated}, JSON lines {values, count, truncated}, tables {columns, data, shape, truncated} with
    all cells as text. Never evaluates anything. Never raises for what the text holds.

    Raises:
        UnknownFormat: as `check_format`.
    """
    check_format(parse_as)
    if len(text) > MAX_CHARS:
        return Parsed(error=ParseError(f"{len(text):,} characters are more than can be parsed ({MAX_CHARS:,}); read the run"))
    if parse_as == "auto":
        return Parsed(_auto(text, recognised, max_rows, result))
    try:
        if parse_as.startswith("jc:"):
            return Parsed(_jc(text, parse_as[3:]))
        return Parsed(_READERS[parse_as](text, max_rows))
    except Broken as broken:
        return Parsed(error=ParseError(str(broken), broken.line, broken.column))
    except RecursionError:
        return Parsed(error=ParseError("nested too deeply"))


def _none(_text: str, _max_rows: int) -> None:
    return None


def _lines(text: str, max_rows: int) -> dict[str, Any]:
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    lines = [line.removesuffix("\r") for line in lines]
    return {"lines": lines[:max_rows], "count": len(lines), "truncated": len(lines) > max_rows}


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


def _json(text: str, _max_rows: int = 0) -> Any:
    if not text.strip():
        raise Broken("there is no output to parse", 1, 1)
    try:
        return json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise Broken(error.msg, error.lineno, error.colno) from error
    except ValueError as error:
        at = min((found for word in ("NaN", "Infinity") if (found := text.find(word)) >= 0), default=0)
        raise Broken(str(error), text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)) from error


def _jsonl(text: str, max_rows: int) -> dict[str, Any]:
    values: list[Any] = []
    count = 0
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = _json(line)
        except Broken as broken:
            raise Broken(str(broken), number, broken.column) from broken
        count += 1
        if count <= max_rows:
            values.append(value)
    if not count:
        raise Broken("there is no output to parse", 1, 1)
    return {"values": values, "count": count, "truncated": count > max_rows}


def _csv(text: str, max_rows: int) -> dict[str, Any]:
    header = text.lstrip("\n").partition("\n")[0]
    delimiter = ";" if ";" in header and "," not in header else ","
    return _records(text, max_rows, delimiter, quoting=csv.QUOTE_MINIMAL)


def _tsv(text: str, max_rows: int) -> dict[str, Any]:
    return _records(text, max_rows, "\t", quoting=csv.QUOTE_NONE)


def _records(text: str, max_rows: int, delimiter: str, *, quoting: int) -> dict[str, Any]:
    # Other line ends inside a quoted cell belong to it; the module splits nothing itself when it is given the lines' ends.
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True, quoting=cast(Any, quoting))
    columns: list[str] = []
    data: list[list[str]] = []
    count = 0
    start = 1
    try:
        for row in reader:
            line, start = start, reader.line_num + 1
            if not row:
                continue
            if not columns:
                columns = row
                continue
            if len(row) != len(columns):
                raise Broken(f"{len(row)} cells where the header has {len(columns)}", line, 1)
            count += 1
            if count <= max_rows:
                data.append(row)
    except csv.Error as error:
        raise Broken(str(error), start, 1) from error
    if not columns:
        raise Broken("there is no header", 1, 1)
    return {"columns": columns, "data": data, "shape": [count, len(columns)], "truncated": count > max_rows}


def _table(text: str, max_rows: int) -> dict[str, Any]:
    columns, rows = read_table(text)
    shape = [len(rows), len(columns)]
    return {"columns": columns, "data": rows[:max_rows], "shape": shape, "truncated": len(rows) > max_rows}


def _kv(text: str, _max_rows: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith(("#", ";")):
            continue
        ends = [end for sign in "=:" if (end := stripped.find(sign)) >= 0]
        if not ends:
            raise Broken("neither = nor : in this line", number, 1)
        key, value = stripped[: min(ends)].strip(), stripped[min(ends) + 1 :].strip()
        if not key:
            raise Broken("nothing stands in front of the sign", number, 1)
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        if key in found:
            earlier = found[key]
            found[key] = [*earlier, value] if isinstance(earlier, list) else [earlier, value]
        else:
            found[key] = value
    if not found:
        raise Broken("there is no output to parse", 1, 1)
    return found


def _yaml(text: str, _max_rows: int) -> Any:
    yaml = _import_yaml()
    if yaml is None:
        raise Broken(f"YAML needs PyYAML; {INSTALL}", None, None)
    if not text.strip():
        raise Broken("there is no output to parse", 1, 1)
    try:
        documents = list(yaml.safe_load_all(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error).partition("\n")[0]
        raise Broken(reason, mark.line + 1 if mark else 1, mark.column + 1 if mark else 1) from error
    except ValueError as error:  # a date that does not exist
        raise Broken(str(error), None, None) from error
    left = [MAX_NODES]
    plain = [_plain(document, left) for document in documents]
    return plain[0] if len(plain) == 1 else plain


def _toml(text: str, _max_rows: int) -> Any:
    if not text.strip():
        raise Broken("there is no output to parse", 1, 1)
    try:
        return _plain(parse_toml(text).values, [MAX_NODES])
    except TomlBroken as error:
        raise Broken(error.reason, error.line, error.column) from error


def _plain(value: Any, left: list[int]) -> Any:
    """The value in JSON types; `left` counts down, so that aliases of aliases end."""
    left[0] -= 1
    if left[0] < 0:
        raise Broken(f"more than {MAX_NODES:,} values", None, None)
    if isinstance(value, Mapping):
        return {key if isinstance(key, str) else str(key): _plain(inner, left) for key, inner in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(inner, left) for inner in value]
    if isinstance(value, float) and value - value != 0:
        return str(value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


class _Tree:
    """Builds {tag, attributes, text, children} from expat's calls; entities of the document's own are refused."""

    MAX_DEPTH = 200

    def __init__(self) -> None:
        self.root: dict[str, Any] | None = None
        self._open: list[dict[str, Any]] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= self.MAX_DEPTH:
            raise RecursionError
        node: dict[str, Any] = {"tag": tag, "attributes": attributes, "text": "", "children": []}
        if self._open:
            self._open[-1]["children"].append(node)
        else:
            self.root = node
        self._open.append(node)

    def end(self, _tag: str) -> None:
        node = self._open.pop()
        node["text"] = node["text"].strip()

    def text(self, text: str) -> None:
        if self._open:
            self._open[-1]["text"] += text


def _xml(text: str, _max_rows: int) -> Any:
    parser, tree = expat.ParserCreate(), _Tree()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = tree.start, tree.end
    parser.CharacterDataHandler = tree.text

    def refuse(*_declared: Any) -> None:
        raise Broken("it declares entities, which are not expanded", parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)

    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = cast(Any, refuse)
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise Broken(expat.ErrorString(error.code), error.lineno, error.offset + 1) from error
    return tree.root


def _python(text: str, _max_rows: int) -> Any:
    return _plain(literal(text), [MAX_NODES])


_READERS: Mapping[str, Callable[[str, int], Any]] = {
    "none": _none, "lines": _lines, "json": _json, "jsonl": _jsonl, "csv": _csv, "tsv": _tsv, "table": _table, "kv": _kv,
    "yaml": _yaml, "toml": _toml, "xml": _xml, "python": _python,
}  # fmt: skip
FORMATS = ("none", "auto", *(name for name in _READERS if name != "none"))
"""All but `jc:NAME`."""


def _auto(text: str, recognised: Recognised | None, max_rows: int, result: Any) -> Any:
    """The first reading that fits: JSON, CSV, the class's result, jc; None if nothing does."""
    stripped = text.lstrip()
    try:
        if stripped.startswith(("{", "[")):
            return _json(text)
    except (Broken, RecursionError):
        pass
    if _is_csv(stripped):
        try:
            return _csv(text, max_rows)
        except Broken:
            pass
    if result is not None:
        return result
    parser = _jc_for(recognised)
    if parser is None or not stripped:
        return None
    try:
        return _jc(text, parser)
    except Broken:
        return None


def _is_csv(text: str) -> bool:
    """Two or more rows with the same number of separators, and words in the first: prose has commas, too."""
    lines = text.split("\n", 50)[:50]
    rows = [line for line in lines if line.strip()]
    if len(rows) < 2:
        return False
    sign = ";" if ";" in rows[0] and "," not in rows[0] else ","
    counts = {row.count(sign) for row in rows if '"' not in row}
    header = rows[0].split(sign)
    return len(counts) == 1 and counts != {0} and all(0 < len(name.strip()) <= 60 and name == name.strip() for name in header)


@lru_cache(maxsize=1)
def _import_jc() -> ModuleType | None:
    """jc, if the extra `parse` is installed; imported only when asked for (40 ms)."""
    try:
        import jc
    except ImportError:
        return None
    return jc


@lru_cache(maxsize=1)
def _import_yaml() -> ModuleType | None:
    try:
        import yaml
    except ImportError:
        return None
    return yaml


@lru_cache(maxsize=1)
def _jc_parsers() -> frozenset[str]:
    jc = _import_jc()
    return frozenset(name.replace("-", "_") for name in jc.parser_mod_list()) if jc is not None else frozenset()


_WHATEVER = (ValueError, LookupError, TypeError, AttributeError, AssertionError, ArithmeticError, OSError)
"""jc is 249 parsers by many hands; on text they were not written for they raise any of these."""


def _jc(text: str, parser: str) -> Any:
    jc = _import_jc()
    if jc is None:
        raise Broken(f"jc:{parser} needs jc; {INSTALL}", None, None)
    try:
        value = jc.parse(parser.replace("-", "_"), text, quiet=True)
    except (jc.exceptions.ParseError, jc.exceptions.LibraryNotInstalled, *_WHATEVER) as error:
        raise Broken(f"jc cannot read this as {parser}: {error or type(error).__name__}", None, None) from error
    left = [MAX_NODES]
    return _plain(value if isinstance(value, Mapping | list) else list(cast(Iterable[Any], value)), left)


def _jc_for(recognised: Recognised | None) -> str | None:
    """jc's parser for the command, if it is one program that jc says it knows."""
    if recognised is None or len(recognised.parts) != 1:
        return None
    part = recognised.parts[0]
    known = _jc_commands()
    return known.get(f"{part.program} {part.words[0]}" if part.words else "") or known.get(part.program)


@lru_cache(maxsize=1)
def _jc_commands() -> dict[str, str]:
    """ "df" -> "df", "pip list" -> "pip_list": what jc's own command line recognises."""
    jc = _import_jc()
    if jc is None:
        return {}
    known: dict[str, str] = {}
    for info in jc.all_parser_info():
        for command in info.get("magic_commands", ()):
            known.setdefault(command, info["name"])
    return known
