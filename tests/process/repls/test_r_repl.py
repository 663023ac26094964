"""The R kernel: values, warnings, plots, input, interrupts, ends."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(shutil.which("R") is None, reason="R is not installed")


@pytest.fixture
def r(start: Callable[..., Any]) -> Any:
    return start("R")


VALUES = [
    ("1L + 1L", {"type": "int", "value": 2}),
    ("0.1 + 0.2", {"type": "float", "value": 0.30000000000000004}),
    ("'\\u00fc \"q\" \\\\ \\n'", {"type": "str", "value": 'ü "q" \\ \n'}),
    ("NULL", {"type": "none", "value": None}),
    ("c(1.5, -Inf)", {"type": "list", "value": [1.5, "-Inf"], "shape": [2], "is_exact": False}),
    ("c(TRUE, NA)", {"type": "list", "value": [True, None], "shape": [2]}),
    ("list(a = 1, b = list('x'))", {"type": "dict", "value": {"a": 1, "b": ["x"]}}),
    ("as.Date('2024-02-29')", {"type": "date", "value": "2024-02-29"}),
]


def test_values(r: Any) -> None:
    for code, value in VALUES:
        assert r.exec(code)["extra"]["value"] == value


def test_a_data_frame_comes_typed_and_capped(r: Any) -> None:
    code = "data.frame(n = 1:1e5, s = c('a', NA), f = factor(c('x', 'y')), d = as.Date('2020-01-01'), stringsAsFactors = FALSE)"
    value = r.exec(code, max_rows=2)["extra"]["value"]
    assert value["columns"] == ["n", "s", "f", "d"]
    assert value["data"] == [[1, "a", "x", "2020-01-01"], [2, None, "y", "2020-01-01"]]
    assert value["dtypes"] == ["integer", "character", "factor", "Date"]
    assert (value["shape"], value["truncated"]) == ([100000, 4], True)


def test_warnings_errors_and_wrong_syntax(r: Any) -> None:
    record = r.exec("warning('careful'); 3")
    assert record["extra"]["warnings"] == ["careful"]
    error = r.exec("f <- function(x) stop('boom')\nf(1)")["extra"]["error"]
    assert (error["type"], error["message"]) == ("simpleError", "boom")
    assert any("stop('boom')" in frame["source"] for frame in error["frames"])
    assert r.exec("x <- (")["extra"]["error"]["syntax"]["line"] == 2


def test_plots_are_pictures_of_their_own_cell(r: Any) -> None:
    record = r.exec("plot(1:3); hist(c(1, 2, 2))")
    assert record["extra"]["images"] == ["figure-1.png", "figure-2.png"]
    assert Path(record["folder"], "figure-2.png").read_bytes().startswith(b"\x89PNG")
    assert r.exec("1")["extra"]["images"] == []


def test_visible_values_are_printed(r: Any, output_of: Callable[..., bytes]) -> None:
    assert output_of(r.exec("1:3\nx <- 4\ninvisible(5)\n'end'", want="text")) == b'[1] 1 2 3\r\n[1] "end"\r\n'


def test_input_and_interrupts(r: Any, engine: Any) -> None:
    cell = r.begin("readline('Who? ')")
    assert engine.wait(cell, "awaiting_input")["waiting"]["prompt"].strip() == "Who?"
    engine.ask("repl.input", repl=r.id, text="ada\n")
    assert engine.wait(cell)["extra"]["value"]["value"] == "ada"
    cell = r.begin("cat('begun\\n'); repeat {}")
    engine.wait(cell, "output", cursor=0)
    r.interrupt()
    assert engine.wait(cell)["status"] == "interrupted"
    r.interrupt()
    assert r.value("2L") == 2


def test_how_it_ended_is_known(r: Any) -> None:
    record = r.exec("quit('no', 3)")
    assert (record["status"], record["reason"], record["exit_code"]) == ("failed", "exited", 3)
