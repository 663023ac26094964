"""Values of user code as JSON: nothing breaks the encoder, and what JSON can say it says exactly."""

import collections
import dataclasses
import datetime
import decimal
import enum
import json
import math
import pathlib
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synk.host.kernels.python_values import MAX_ITEMS, MAX_REPR, encode, safe_repr

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.complex_numbers()
    | st.datetimes() | st.dates() | st.timedeltas() | st.decimals() | st.fractions() | st.uuids() | st.just(object()),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.integers() | st.text(), inner)
    | st.sets(st.integers() | st.text()) | st.builds(lambda value: collections.namedtuple("P", "a b")(value, 1), inner),
    max_leaves=30,
)  # fmt: skip


def one(value: object, **options: Any) -> dict[str, Any]:
    return encode(value, max_rows=200, **options)


@given(PLAIN)
def test_what_json_has_comes_through_exactly(value: object) -> None:
    found = one(value)
    assert json.loads(json.dumps(found))["value"] == value
    assert "is_exact" not in found


@given(ANYTHING)
def test_every_value_becomes_json_that_any_reader_takes(value: object) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    json.loads(json.dumps(one(value), allow_nan=False), parse_constant=refuse)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (float("nan"), {"type": "float", "value": "nan", "is_exact": False}),
        ([-math.inf, 1.5], {"type": "list", "value": ["-inf", 1.5], "is_exact": False}),
        (complex(0, math.inf), {"type": "complex", "value": [0.0, "inf"], "is_exact": False}),
        ((1, {2}), {"type": "tuple", "value": [1, [2]], "is_exact": False}),
        ({3: "x"}, {"type": "dict", "value": {"3": "x"}, "is_exact": False}),
        (b"\x00\xff", {"type": "bytes", "value": "00ff", "is_exact": False}),
        (datetime.date(2024, 2, 29), {"type": "date", "value": "2024-02-29", "python_type": "datetime.date"}),
        (datetime.timedelta(minutes=1.5), {"type": "timedelta", "value": 90.0, "python_type": "datetime.timedelta"}),
        (decimal.Decimal("0.10"), {"type": "decimal", "value": "0.10", "python_type": "decimal.Decimal"}),
        (pathlib.PurePosixPath("/a"), {"type": "path", "value": "/a", "python_type": "pathlib.PurePosixPath"}),
        (uuid.UUID(int=1), {"type": "uuid", "value": str(uuid.UUID(int=1)), "python_type": "uuid.UUID"}),
        (range(3), {"type": "range", "value": [0, 3, 1], "python_type": "range"}),
        (enum.IntEnum("Color", "RED").RED, {"type": "int", "value": 1, "python_type": f"{__name__}.Color"}),
        (collections.OrderedDict(a=1), {"type": "dict", "value": {"a": 1}, "python_type": "collections.OrderedDict"}),
    ],
)
def test_what_json_has_not_becomes_the_nearest_form(value: object, expected: dict[str, Any]) -> None:
    assert one(value) == expected


def test_a_named_tuple_and_a_dataclass_have_names() -> None:
    point = collections.namedtuple("Point", "x y")(1, [2])
    assert one(point)["value"] == {"x": 1, "y": [2]}
    record = dataclasses.make_dataclass("Record", ["a", "b"])(1, math.inf)
    assert one(record)["value"] == {"a": 1, "b": "inf"}


def test_huge_integers_long_lists_and_endless_ones_are_cut() -> None:
    assert one(10**5000)["value"] == hex(10**5000)
    found = one(list(range(MAX_ITEMS + 5)))
    assert (len(found["value"]), found["truncated"]) == (MAX_ITEMS, True)
    endless: list[Any] = []
    endless += [endless, endless]
    json.dumps(one(endless))
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    json.dumps(one(deep))


class Hostile:
    """Everything about it raises."""

    def __init__(self, error: BaseException) -> None:
        object.__setattr__(self, "error", error)

    def __getattribute__(self, name: str) -> Any:
        raise object.__getattribute__(self, "error")

    def __repr__(self) -> str:
        raise object.__getattribute__(self, "error")

    __eq__ = __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize("error", [ValueError(), SystemExit(), RecursionError(), GeneratorExit()])
def test_no_object_breaks_the_encoder(error: BaseException) -> None:
    for value in (Hostile(error), [Hostile(error)], {"k": Hostile(error)}):
        json.dumps(one(value))
    assert "whose repr raised" in safe_repr(Hostile(error))


def test_a_specialist_that_breaks_is_passed_over() -> None:
    def broken(_value: object, _limits: object) -> None:
        raise MemoryError

    assert one(3, specialists=(broken,))["value"] == "3"


def test_only_ctrl_c_gets_through() -> None:
    with pytest.raises(KeyboardInterrupt):
        one(Hostile(KeyboardInterrupt()))


def test_a_repr_is_cut_and_a_wrong_one_is_text() -> None:
    assert len(safe_repr("x" * 100_000)) == MAX_REPR
    assert safe_repr(type("Odd", (), {"__repr__": lambda _self: 3})()).startswith("<")
