"""Output read in the format that was asked for."""

from pathlib import Path
from typing import Any

import pytest

from synk.engine import outputs
from synk.engine.classes import load_classes
from synk.engine.commands import recognise
from synk.engine.outputs import FORMATS, UnknownFormat, check_format, parse

SHIPPED = load_classes(Path(__file__).resolve().parents[3] / "resources" / "commands")
DF = """Filesystem     1K-blocks     Used Available Use% Mounted on
udev             4001234        0   4001234   0% /dev
/dev/sda1       97000000 51000000  41000000  56% /
tmpfs             800000     1234    798766   1% /run/user/1000
"""
GOOD: list[tuple[str, str, Any]] = [
    ("lines", "a\nb\r\n\nc", {"lines": ["a", "b", "", "c"], "count": 4, "truncated": False}),
    ("lines", "", {"lines": [], "count": 0, "truncated": False}),
    ("lines", "x\n", {"lines": ["x"], "count": 1, "truncated": False}),
    ("json", '{"a": [1, 2.5, null, true]}', {"a": [1, 2.5, None, True]}),
    ("json", ' "text"\n', "text"),
    ("json", "[]", []),
    ("jsonl", '{"a": 1}\n\n{"a": 2}\n', {"values": [{"a": 1}, {"a": 2}], "count": 2, "truncated": False}),
    ("jsonl", "1", {"values": [1], "count": 1, "truncated": False}),
    ("jsonl", '"a"\r\n[2]\r\n', {"values": ["a", [2]], "count": 2, "truncated": False}),
    ("csv", "a,b\n1,2\n", {"columns": ["a", "b"], "data": [["1", "2"]], "shape": [1, 2], "truncated": False}),
    ("csv", 'a,b\n"x\ny","q""q"\n', {"columns": ["a", "b"], "data": [["x\ny", 'q"q']], "shape": [1, 2], "truncated": False}),
    ("csv", "a;b\r\n1,5;2\r\n", {"columns": ["a", "b"], "data": [["1,5", "2"]], "shape": [1, 2], "truncated": False}),
    ("tsv", "a\tb\n1\t2\n", {"columns": ["a", "b"], "data": [["1", "2"]], "shape": [1, 2], "truncated": False}),
    ("tsv", "a\n1\n", {"columns": ["a"], "data": [["1"]], "shape": [1, 1], "truncated": False}),
    ("tsv", 'a\tb\n"x\ty\n', {"columns": ["a", "b"], "data": [['"x', "y"]], "shape": [1, 2], "truncated": False}),
    (
        "table",
        "NAME   READY\nweb-1  1/1\n",
        {"columns": ["NAME", "READY"], "data": [["web-1", "1/1"]], "shape": [1, 2], "truncated": False},
    ),
    (
        "table",
        " id | name \n----+------\n  1 | a b\n(1 row)\n",
        {"columns": ["id", "name"], "data": [["1", "a b"]], "shape": [1, 2], "truncated": False},
    ),
    (
        "table",
        "CONTAINER ID   STATUS\nabc            Up 2 hours\ndef            Exited\n",
        {
            "columns": ["CONTAINER ID", "STATUS"],
            "data": [["abc", "Up 2 hours"], ["def", "Exited"]],
            "shape": [2, 2],
            "truncated": False,
        },
    ),
    ("kv", "A=1\n# note\nB: two words \n", {"A": "1", "B": "two words"}),
    ("kv", 'NAME="Some OS"\nURL=http://a/?b=c\n', {"NAME": "Some OS", "URL": "http://a/?b=c"}),
    ("kv", "a=1\na=2\na=3", {"a": ["1", "2", "3"]}),
    ("yaml", "a: 1\nb: [x, 2020-01-02]\n", {"a": 1, "b": ["x", "2020-01-02"]}),
    ("yaml", "---\na: 1\n---\nb: 2\n", [{"a": 1}, {"b": 2}]),
    ("yaml", "x: &x {k: v}\ny: *x\n", {"x": {"k": "v"}, "y": {"k": "v"}}),
    ("toml", "a = 1\n[b]\nc = 1979-05-27\n", {"a": 1, "b": {"c": "1979-05-27"}}),
    ("toml", "x = [1, 2]\n", {"x": [1, 2]}),
    ("toml", "[[t]]\nn = 'a'\n", {"t": [{"n": "a"}]}),
    ("xml", "<a x='1'>t</a>", {"tag": "a", "attributes": {"x": "1"}, "text": "t", "children": []}),
    (
        "xml",
        "<a><b/>&lt;&#65;</a>",
        {"tag": "a", "attributes": {}, "text": "<A", "children": [{"tag": "b", "attributes": {}, "text": "", "children": []}]},
    ),
    ("xml", "<?xml version='1.0'?>\n<r><![CDATA[ <x> ]]></r>", {"tag": "r", "attributes": {}, "text": "<x>", "children": []}),
    ("python", "{'a': (1, -2.5), 3: {4}, None: b'x'}", {"a": [1, -2.5], "3": [4], "None": "b'x'"}),
    ("python", "\n\n[True, 'x']\n", [True, "x"]),
    ("python", "'text'", "text"),
    ("none", "anything", None),
]
BROKEN = [
    ("json", "", 1, 1), ("json", '{"a":\n [1,}', 2, 5), ("json", "[1, NaN]", 1, 5), ("json", "[" * 100_000, None, None),
    ("jsonl", "", 1, 1), ("jsonl", '{"a": 1}\n{b}', 2, 2), ("jsonl", "1\n2 3", 2, 3),
    ("csv", "", 1, 1), ("csv", "a,b\n1,2\n3\n", 3, 1), ("csv", 'a,b\n1,"open\n', 2, 1),
    ("tsv", "", 1, 1), ("tsv", "a\tb\n1\n", 2, 1), ("tsv", "a\tb\n\n1\t2\t3\n", 3, 1),
    ("table", "", 1, 1), ("table", "one\ntwo\n", 1, 1), ("table", "NAME  AGE\nmuch-too-long  3d\n", 2, 1),
    ("table", "| a | b |\n|---|---|\n| 1 |\n", 3, 1),
    ("kv", "", 1, 1), ("kv", "a=1\nnothing here\n", 2, 1), ("kv", "=1\n", 1, 1),
    ("yaml", "", 1, 1), ("yaml", "a: [1\nb: 2", 2, 2), ("yaml", "a: 2020-13-45", None, None),
    ("toml", "", 1, 1), ("toml", "a = 1\nb = \n", 2, 5), ("toml", "a = 1\na = 2\n", 2, 6),
    ("xml", "", 1, 1), ("xml", "<a>\n<b></a>", 2, 6), ("xml", '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', 1, 25),
    ("python", "", 1, 1), ("python", "[1, np.int64(3)]", 1, 5), ("python", "__import__('os').system('true')", 1, 1),
    ("python", "[1,", 1, 1),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "value"), GOOD)
def test_good_input_gives_its_value(name: str, text: str, value: Any) -> None:
    found = parse(text, name)
    assert found.error is None
    assert found.value == value


@pytest.mark.parametrize(("name", "text", "line", "column"), BROKEN)
def test_broken_input_says_where(name: str, text: str, line: int | None, column: int | None) -> None:
    found = parse(text, name)
    assert found.value is None
    assert found.error is not None
    assert found.error.message
    assert found.error.line == line
    assert column is None or found.error.column is None or abs(found.error.column - column) <= 1


def test_each_format_has_three_good_and_three_broken_inputs() -> None:
    for name in FORMATS:
        if name not in ("none", "auto"):
            assert sum(entry[0] == name for entry in GOOD) >= 3, name
            assert name == "lines" or sum(entry[0] == name for entry in BROKEN) >= 3, name


def test_rows_are_capped_and_the_result_says_so() -> None:
    table = parse("a,b\n" + "1,2\n" * 1000, "csv").value
    assert (len(table["data"]), table["shape"], table["truncated"]) == (200, [1000, 2], True)
    assert parse("x\n" * 300, "lines", max_rows=5).value == {"lines": ["x"] * 5, "count": 300, "truncated": True}


def test_aliases_of_aliases_end() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{name}: &{name} [{','.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdef", "bcdefg", strict=True)
    )
    found = parse(bomb, "yaml")
    assert found.error is not None
    assert "values" in found.error.message


def test_an_unknown_format_is_refused_at_once() -> None:
    with pytest.raises(UnknownFormat, match="Unknown format xls: there are none, auto, lines"):
        check_format("xls")
    with pytest.raises(UnknownFormat, match="jc has no parser named nothing-there"):
        check_format("jc:nothing-there")
    check_format("jc:git-log")


def test_jc_reads_what_it_knows() -> None:
    rows = parse(DF, "jc:df").value
    assert [row["mounted_on"] for row in rows] == ["/dev", "/", "/run/user/1000"]
    broken = parse("not json\n", "jc:toml")
    assert broken.error is not None
    assert broken.error.message.startswith("jc cannot read this as toml")


def test_without_the_extra_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "_import_jc", lambda: None)
    monkeypatch.setattr(outputs, "_import_yaml", lambda: None)
    for name in ("jc:df", "yaml"):
        error = parse("a: 1", name).error
        assert error is not None
        assert "pip install 'synk[parse]'" in error.message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        ("a,b\n1,2\n", {"columns": ["a", "b"], "data": [["1", "2"]], "shape": [1, 2], "truncated": False}),
        ("Hello, world\nthis is prose, it has commas\nlike this, too\n", None),
        ("{not json\n", None),
        ("just text\n", None),
        ("", None),
    ],
)
def test_auto_takes_the_first_reading_that_fits(text: str, value: Any) -> None:
    assert parse(text, "auto").value == value
    assert parse(text, "auto").error is None


def test_auto_takes_the_result_of_the_class_before_jc() -> None:
    df = recognise("df", SHIPPED)
    assert parse(DF, "auto", recognised=df).value[0]["mounted_on"] == "/dev"
    assert parse(DF, "auto", recognised=df, result={"own": 1}).value == {"own": 1}


def test_real_tables_of_real_programs() -> None:
    table = parse(DF, "table").value
    assert table["columns"] == ["Filesystem", "1K-blocks", "Used", "Available", "Use%", "Mounted on"]
    assert table["data"][1] == ["/dev/sda1", "97000000", "51000000", "41000000", "56%", "/"]
    free = "         total   used   free\nMem:      7950   1234    456\nSwap:     2047      0   2047\n"
    assert parse(free, "table").value["columns"] == ["", "total", "used", "free"]
    assert parse(free, "table").value["data"][1] == ["Swap:", "2047", "0", "2047"]


def test_a_number_too_wide_for_its_column_joins_no_columns() -> None:
    text = (
        "USER         PID %CPU    VSZ   RSS TTY      STAT COMMAND\n"
        "root           1  0.6  60580 25376 ?        SLl  /sbin/init splash\n"
        "root           2  0.0      0     0 ?        S    [kthreadd]\n"
        "ada        10348 99.9 9709692 1106376 pts/11 Sl+ python -m  synk --profile /tmp/p\n"
    )
    parsed = parse(text, "table").value
    assert parsed["columns"] == ["USER", "PID", "%CPU", "VSZ", "RSS", "TTY", "STAT", "COMMAND"]
    assert parsed["data"][0] == ["root", "1", "0.6", "60580", "25376", "?", "SLl", "/sbin/init splash"]
    assert parsed["data"][2][:4] == ["ada", "10348", "99.9", "9709692"]
    assert parsed["data"][2][4:] == ["1106376", "pts/11", "Sl+", "python -m  synk --profile /tmp/p"]


def test_a_first_column_set_to_the_right_has_the_name_above_it() -> None:
    parsed = parse("  PID USER\n    1 root\n10348 ada\n", "table").value
    assert (parsed["columns"], parsed["data"]) == (["PID", "USER"], [["1", "root"], ["10348", "ada"]])
