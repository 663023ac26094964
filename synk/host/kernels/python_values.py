"""Values of user code as JSON: `{"type": ..., "value": ...}`, made inside the kernel where the value lives.

What JSON has is kept as it is; what it has not becomes the nearest plain form (`is_exact` false) or, at last, the
`repr`. No object can break the encoder: whatever its methods raise, there is an answer.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

MAX_ITEMS = 100_000
"""Items of nested containers in one value; more would make a reply nobody reads."""
MAX_DEPTH = 32
"""Containers inside containers; deeper ones are shown by their repr."""
MAX_TEXT = 1 << 20
"""Characters of a string; the rest is in the program's own output or nowhere."""
MAX_REPR = 10_000
MAX_INT_BITS = 10_000
"""Python refuses to write longer integers in decimals since 3.11 (4,300 digits)."""

Encoded = dict[str, Any]


class Limits:
    """How much of one value is encoded; counts down while it is."""

    def __init__(self, max_rows: int) -> None:
        self.max_rows = max_rows
        """Rows of a table or series, and items of an array along each axis."""
        self.items_left = MAX_ITEMS
        self.is_truncated = False
        self.is_exact = True
        """False once something was written as JSON has no word for it."""


Specialist = Callable[[Any, Limits], "Encoded | None"]
"""Encodes what it knows (a data frame, a figure), else gives None."""


def encode(value: Any, *, max_rows: int, specialists: tuple[Specialist, ...] = ()) -> Encoded:
    """The value as a JSON object. Raises nothing but KeyboardInterrupt.

    `max_rows` caps the rows of tables and series and the items of arrays along each axis.
    """
    try:
        limits = Limits(max_rows)
        for specialist in specialists:
            found = specialist(value, limits)
            if found is not None:
                return found
        return _encode(value, limits)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return {"type": "repr", "value": safe_repr(value), "python_type": type_name(value), "problem": type(error).__name__}


def _encode(value: Any, limits: Limits) -> Encoded:
    name = _TYPE_NAMES.get(type(value))
    if name is None:
        plain = _unwrap(value)
        if plain is not value:
            found = _encode(plain, limits)
            return {**found, "python_type": type_name(value)}
        found = {"type": "repr", "value": safe_repr(value), "python_type": type_name(value)}
        converted = _converted(value)
        if converted is not None:
            found["type"], found["value"] = converted
        return found
    found = {"type": name, "value": to_json(value, limits)}
    if limits.is_truncated:
        found["truncated"] = True
    if not limits.is_exact:
        found["is_exact"] = False
    return found


_TYPE_NAMES: dict[type, str] = {
    type(None): "none",
    bool: "bool",
    int: "int",
    float: "float",
    str: "str",
    list: "list",
    tuple: "tuple",
    dict: "dict",
    set: "set",
    frozenset: "set",
    bytes: "bytes",
    bytearray: "bytes",
    complex: "complex",
}


def to_json(value: Any, limits: Limits, depth: int = 0) -> Any:
    """Plain JSON for any value, nested as far as the limits allow."""
    kind = type(value)
    if value is None or kind is bool:
        return value
    if kind is int:
        return _integer(value, limits)
    if kind is float:
        if math.isfinite(value):
            return value
        # JSON has no word for it; null would be a value that is missing.
        limits.is_exact = False
        return repr(value)
    if kind is str:
        return _text(value, limits)
    if depth > MAX_DEPTH:
        limits.is_exact = False
        return safe_repr(value)
    if kind is list or kind is tuple:
        return _items(value, limits, depth)
    if kind is dict:
        return _mapping(value, limits, depth)
    limits.is_exact = False
    if kind is set or kind is frozenset:
        return _items(_sorted(value), limits, depth)
    plain = _unwrap(value)
    if plain is not value:
        return to_json(plain, limits, depth + 1)
    converted = _converted(value)
    return converted[1] if converted is not None else safe_repr(value)


def _integer(value: int, limits: Limits) -> int | str:
    if value.bit_length() <= MAX_INT_BITS:
        return value
    limits.is_exact = False
    return hex(value)


def _text(value: str, limits: Limits) -> str:
    if len(value) <= MAX_TEXT:
        return value
    limits.is_truncated = True
    return value[:MAX_TEXT]


def _items(values: Any, limits: Limits, depth: int) -> list[Any]:
    found = []
    for item in values:
        if limits.items_left <= 0:
            limits.is_truncated = True
            break
        limits.items_left -= 1
        found.append(to_json(item, limits, depth + 1))
    return found


def _mapping(values: dict[Any, Any], limits: Limits, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, item in values.items():
        if limits.items_left <= 0:
            limits.is_truncated = True
            break
        limits.items_left -= 1
        if type(key) is str:
            name = key
        else:
            limits.is_exact = False
            name = safe_repr(key)
        found[name] = to_json(item, limits, depth + 1)
    return found


def _sorted(values: Any) -> list[Any]:
    """A set in a steady order where its items have one."""
    try:
        return sorted(values)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return list(values)


def _unwrap(value: Any) -> Any:
    """The plain value inside a numpy scalar, an enum or a subclass of a built-in type; else the same object."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.generic):
        plain = value.item()
        return value if isinstance(plain, numpy.generic) else plain
    if isinstance(value, int):
        return int.__index__(value)
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, tuple):  # a named tuple reads best by its names
        names = getattr(type(value), "_fields", None)
        return tuple(value) if names is None else {name: tuple.__getitem__(value, n) for n, name in enumerate(names)}
    if isinstance(value, list):
        return list(value)
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return set(value)
    return value


def _converted(value: Any) -> tuple[str, Any] | None:
    """(type, JSON) of well-known classes of the standard library; None for others.

    Asked by module name, so that a kernel that never used them does not import them.
    """
    kind = type(value)
    if kind in (bytes, bytearray):
        return "bytes", value[:MAX_TEXT].hex()
    if kind is complex:
        return "complex", [part if math.isfinite(part) else repr(part) for part in (value.real, value.imag)]
    module = getattr(kind, "__module__", "")
    if module == "datetime":
        if kind.__name__ in ("datetime", "date", "time"):
            return kind.__name__, value.isoformat()
        if kind.__name__ == "timedelta":
            return "timedelta", value.total_seconds()
    if module in ("decimal", "_decimal", "uuid", "fractions", "pathlib", "pathlib._local"):
        return kind.__name__.replace("Posix", "").replace("Pure", "").lower(), str(value)
    if kind is range:
        return "range", [value.start, value.stop, value.step]
    fields = getattr(kind, "__dataclass_fields__", None)
    if fields is not None and module != "builtins":
        limits = Limits(0)
        return "dataclass", {name: to_json(getattr(value, name, None), limits, 1) for name in fields}
    return None


def safe_repr(value: Any) -> str:
    """`repr`, whatever it does: at most 10,000 characters, and an explanation if it raises."""
    try:
        text = repr(value)
        if type(text) is not str:
            text = str.__str__(text)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return f"<{type_name(value)} object, whose repr raised {type(error).__name__}>"
    if len(text) > MAX_REPR:
        return text[: MAX_REPR - 3] + "..."
    return text


def type_name(value: Any) -> str:
    """`module.Class` of a value; plain `Class` for built-in ones."""
    kind = type(value)
    module = getattr(kind, "__module__", "")
    name = getattr(kind, "__qualname__", kind.__name__)
    return name if module in ("builtins", "", None) else f"{module}.{name}"
