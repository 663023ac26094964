"""Languages declared by a TOML file only: real programs, text results."""

import shutil
from collections.abc import Callable
from typing import Any

import pytest

from synk.base.errors import SynkError, UsageError

Output = Callable[..., bytes]


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


CELLS = [
    pytest.param("sqlite3", "select 1+1 as a;", "completed", b"a\n-\n2\n", marks=needs("sqlite3")),
    pytest.param("sqlite3", "create table t(a);\ninsert into t values('x');\nselect a from t;", "completed", b"a\n-\nx\n",
                 marks=needs("sqlite3")),
    pytest.param("sqlite3", "select nope;", "failed", b"no such column", marks=needs("sqlite3")),
    pytest.param("sqlite3", "select 'unfinished", "failed", b"unrecognized token", marks=needs("sqlite3")),
    pytest.param("gdb", "print 1+1", "completed", b"$1 = 2\n", marks=needs("gdb")),
    pytest.param("gdb", "echo no line feed", "completed", b"no line feed", marks=needs("gdb")),
    pytest.param("gdb", "frobnicate", "failed", b"Undefined command", marks=needs("gdb")),
    pytest.param("ruby", "[1, 2].map { |v|\n  v + 1 }", "completed", b"=> [2, 3]\n", marks=needs("ruby")),
    pytest.param("ruby", "raise 'boom'", "failed", b"boom (RuntimeError)", marks=needs("ruby")),
    pytest.param("ruby", "def f(", "failed", b"SyntaxError", marks=needs("ruby")),
    pytest.param("ghci", "f 0 = 1\nf n = n * f (n-1)", "completed", b"", marks=needs("ghci")),
    pytest.param("ghci", "product [1..5]", "completed", b"120\n", marks=needs("ghci")),
    pytest.param("julia", "x = 5\nx * 2", "completed", b"10\n", marks=needs("julia")),
]  # fmt: skip


@pytest.mark.parametrize(("language", "code", "status", "text"), CELLS)
def test_a_cell(start: Callable[..., Any], output_of: Output, language: str, code: str, status: str, text: bytes) -> None:
    record = start(language).exec(code, want="text")
    output = output_of(record)
    assert record["status"] == status, output
    assert output == text if status == "completed" else text in output
    assert b"synk-" not in output


@needs("sqlite3")
def test_state_stays_and_another_one_has_none_of_it(start: Callable[..., Any], output_of: Output) -> None:
    one, two = start("sqlite3"), start("sqlite3")
    one.exec("create table t(a); insert into t values(7);", want="text")
    assert b"7" in output_of(one.exec("select a from t;", want="text"))
    assert two.exec("select a from t;", want="text")["status"] == "failed"


@needs("sqlite3")
def test_ten_thousand_lines_arrive_without_mark(start: Callable[..., Any], output_of: Output) -> None:
    repl = start("sqlite3")
    query = "with recursive n(i) as (select 1 union all select i+1 from n where i<10000) select i from n;"
    code = f".mode list\n.headers off\n{query}"
    assert output_of(repl.exec(code, want="text")).split() == [b"%d" % n for n in range(1, 10001)]


@needs("ruby")
def test_an_interrupt_ends_the_statement_and_keeps_the_program(start: Callable[..., Any], engine: Any, output_of: Output) -> None:
    repl = start("ruby")
    repl.exec("$kept = 41", want="text")
    cell = repl.begin("puts 1; sleep 60", want="text")
    engine.wait(cell, "output", cursor=0)
    repl.interrupt()
    assert engine.wait(cell)["status"] == "interrupted"
    assert output_of(repl.exec("$kept + 1", want="text")) == b"=> 42\n"


@needs("ruby")
def test_the_end_of_the_program_is_known(start: Callable[..., Any]) -> None:
    record = start("ruby").exec("exit! 4", want="text")
    assert (record["status"], record["reason"], record["exit_code"]) == ("failed", "exited", 4)


def test_a_language_of_the_users_own(start: Callable[..., Any], output_of: Output) -> None:
    spec = {
        "name": "echoes", "kind": "declared", "programs": ["bash"], "sentinel": "echo {mark}", "multiline": ". {file}",
        "argv": ["{program}", "--norc", "--noprofile"], "failed": "command not found",
    }  # fmt: skip
    repl = start("echoes", spec=spec)
    assert output_of(repl.exec("x=1; echo $x", want="text")) == b"1\n"
    assert output_of(repl.exec("for i in 1 2\ndo echo $i\ndone", want="text")) == b"1\n2\n"
    assert repl.exec("frobnicate", want="text")["status"] == "failed"


def test_a_program_that_does_not_start_says_what_it_printed(start: Callable[..., Any]) -> None:
    spec = {"name": "broken", "kind": "declared", "programs": ["bash"], "sentinel": "echo {mark}"}
    with pytest.raises(SynkError, match=r"broken ended while it started \(3\).*no licence"):
        start("broken", spec={**spec, "argv": ["{program}", "-c", "echo no licence; exit 3"]})
    with pytest.raises(UsageError, match="sentinel: a declared language needs"):
        start("broken", spec={**spec, "sentinel": "echo"})
