"""Every key of a TOML document has its line, whatever stands around it."""

from typing import Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from synk.base.toml import TomlBroken, TomlPath, decode_toml, parse_toml

DOCUMENT = '''# comment = "no key"
version = 1
[performance] # x = 2
max_pool_size = 4
"quoted.key" = """a
fake = 1
b "" \\""" c""""
arr = [ # hi = 1
  1, {a = 2, b = [3,
  4]},
]
single = 'x # y'
multi = \'\'\'
[not.a.table]\'\'\'
[[t]]
a = 1
[[t]]
a.b . 'c d' = 1
[t.x]
when = 1979-05-27 07:32:00
'''


def test_lines_are_found_among_strings_arrays_tables_and_comments() -> None:
    expected: dict[TomlPath, int] = {
        ("version",): 2,
        ("performance",): 3,
        ("performance", "max_pool_size"): 4,
        ("performance", "quoted.key"): 5,
        ("performance", "arr"): 8,
        ("performance", "arr", 0): 9,
        ("performance", "arr", 1): 9,
        ("performance", "arr", 1, "a"): 9,
        ("performance", "arr", 1, "b"): 9,
        ("performance", "arr", 1, "b", 0): 9,
        ("performance", "arr", 1, "b", 1): 10,
        ("performance", "single"): 12,
        ("performance", "multi"): 13,
        ("t",): 15,
        ("t", 0): 15,
        ("t", 0, "a"): 16,
        ("t", 1): 17,
        ("t", 1, "a"): 18,
        ("t", 1, "a", "b"): 18,
        ("t", 1, "a", "b", "c d"): 18,
        ("t", 1, "x"): 19,
        ("t", 1, "x", "when"): 20,
    }
    assert parse_toml(DOCUMENT).lines == expected
    assert parse_toml(DOCUMENT.replace("\n", "\r\n")).lines == expected


def test_a_path_without_a_line_gets_that_of_what_is_around_it() -> None:
    document = parse_toml("[a]\nb = 1\n")
    assert document.line(("a", "b", "c")) == 2
    assert document.line(("a", "x")) == 1
    assert document.line(("y",)) is None


@pytest.mark.parametrize(
    ("data", "line", "column"),
    [
        (b"a = 1\nb == 2\n", 2, 4),
        (b"a = [1,\n", 2, 1),
        (b"a = 1\na = 2\n", 2, 6),
        ("a = 1\nä = '\xff'".encode("latin-1"), 2, 1),
        (b"a = " + b"[" * 5000, 1, 1),
    ],
)
def test_broken_text_is_named_with_line_and_column(data: bytes, line: int, column: int) -> None:
    with pytest.raises(TomlBroken) as caught:
        decode_toml(data)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert "line" not in caught.value.reason


KEYS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8)
LEAVES = st.one_of(st.integers(-9, 9), st.booleans(), st.text(max_size=20), st.lists(st.integers(0, 9), max_size=3))
TABLES = st.recursive(
    st.dictionaries(KEYS, LEAVES, max_size=4),
    lambda inner: st.dictionaries(KEYS, st.one_of(LEAVES, inner, st.lists(inner, min_size=1, max_size=3)), max_size=4),
    max_leaves=12,
)


def paths_of(value: Any, path: TomlPath = ()) -> set[TomlPath]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {path for path in [path] if path}.union(*(paths_of(item, (*path, key)) for key, item in inner))


@given(TABLES)
def test_every_key_of_any_document_has_exactly_one_line(table: dict[str, Any]) -> None:
    text = tomlkit.dumps(table)
    document = parse_toml(text)
    assert set(document.lines) == paths_of(document.values)
    assert all(1 <= line <= text.count("\n") + 1 for line in document.lines.values())
