"""When a cell typed at the prompt of a REPL is complete."""

import pytest

from synk.engine.console import brackets_need_more, python_needs_more


@pytest.mark.parametrize(
    "source",
    [
        "if x:", "if x:\n    y = 1", "f(1,", "'''text", "def f():\n    return 1", "@decorator", "x = \\",
        "async def f():\n    await g()",
    ],
)
def test_python_that_is_only_begun_asks_for_more(source: str) -> None:
    assert python_needs_more(source)


@pytest.mark.parametrize(
    "source",
    [
        "", "1 + 1", "if x:\n    y = 1\n", "def f():\n    return 1\n", "await f()", "x = 'abc", "1 +* 2", "a = 1\nb = 2",
        "f(1,\n2)", "\0",
    ],
)
def test_python_that_is_complete_or_wrong_is_sent(source: str) -> None:
    assert not python_needs_more(source)


@pytest.mark.parametrize("source", ["function f() {", "f(1,", "[1, [2]", "`a\nb", "select 1 \\", "{ '}' "])
def test_open_brackets_and_templates_ask_for_more(source: str) -> None:
    assert brackets_need_more(source)


@pytest.mark.parametrize("source", ["", "f(1)", "const s = '(';", 'x = "{"', "a)", r"'\'('", "`${a}`", "it's"])
def test_everything_else_is_sent(source: str) -> None:
    assert not brackets_need_more(source)
