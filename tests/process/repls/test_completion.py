"""Names that Tab completes at the prompt of a REPL: the kernel knows them."""

import shutil
from collections.abc import Callable
from typing import Any

import pytest

Start = Callable[..., Any]


@pytest.mark.parametrize(
    ("language", "code", "text", "names"),
    [
        ("python", "value_one = 1; value_two = [2]", "value_", ["value_one", "value_two"]),
        ("python", "value_two = [2]", "value_two.ind", ["value_two.index"]),
        ("python", "1", "whil", ["while"]),
        ("python", "1", "no_such.x", []),
        ("python", "class A:\n    @property\n    def p(self): raise SystemExit\na = A()", "a.p.x", []),
        ("node", "const myOne = 1; var myTwo = {inner: {deep: 1}}", "my", ["myOne", "myTwo"]),
        ("node", "var valueTwo = {inner: {deepest: 1}}", "valueTwo.inner.dee", ["valueTwo.inner.deepest"]),
        ("node", "1", "no_such.x", []),
        ("R", "value_one <- 1; value_two <- list(inner = 2)", "value_", ["value_one", "value_two"]),
        ("R", "value_two <- list(inner = 2)", "value_two$in", ["value_two$inner"]),
    ],
)
def test_names_at_a_prompt_are_those_of_the_interpreter(
    start: Start, language: str, code: str, text: str, names: list[str]
) -> None:
    if shutil.which({"R": "R", "node": "node"}.get(language, "sh")) is None:
        pytest.skip(f"{language} is not installed")
    repl = start(language)
    assert repl.exec(code, want="text")["status"] == "completed"
    assert repl.client.ask("repl.complete", repl=repl.id, text=text) == {"names": names}
    assert repl.exec("1", want="text")["status"] == "completed"


def test_a_busy_interpreter_completes_nothing_and_is_not_waited_for(repl: Any, engine: Any) -> None:
    cell = repl.begin("input()")
    engine.wait(cell, "awaiting_input")
    assert engine.ask("repl.complete", repl=repl.id, text="pri") == {"names": []}
    engine.ask("repl.input", repl=repl.id, text="x\n")
    engine.wait(cell)
