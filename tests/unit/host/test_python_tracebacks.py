"""Exceptions as JSON objects."""

import json
import sys
from typing import Any

import pytest

from synk.host.kernels.python_cells import Cells
from synk.host.kernels.python_tracebacks import MAX_FRAMES, MAX_LINKS, describe


def of(code: str) -> dict[str, Any]:
    """The description of what a cell raises."""
    cells = Cells()
    with pytest.raises(BaseException) as caught:  # noqa: PT011
        cells.run(code, "<cell r1>")
    found = describe(caught.value)
    json.dumps(found)
    return found


def test_frames_are_the_users_with_their_source() -> None:
    found = of("def f(x):\n    return x.missing\n\nf(1)")
    assert [(frame["function"], frame["line"], frame["source"]) for frame in found["frames"][-2:]] == [
        ("<module>", 4, "f(1)"), ("f", 2, "return x.missing"),
    ]  # fmt: skip
    assert all("kernels" not in frame["file"] for frame in found["frames"])
    assert found["type"] == "AttributeError"


def test_cause_context_and_suppression() -> None:
    found = of("try:\n    1/0\nexcept ZeroDivisionError as e:\n    raise KeyError('k') from e")
    assert found["cause"]["type"] == "ZeroDivisionError"
    assert found["is_suppressed"] is True
    found = of("try:\n    1/0\nexcept ZeroDivisionError:\n    raise KeyError('k')")
    assert (found["context"]["type"], found["cause"], found["is_suppressed"]) == ("ZeroDivisionError", None, False)


def test_notes_and_groups() -> None:
    found = of("e = ValueError('v'); e.add_note('look here')\nraise ExceptionGroup('many', [e, KeyError('k')])")
    assert [member["type"] for member in found["group"]] == ["ValueError", "KeyError"]
    assert found["group"][0]["notes"] == ["look here"]


def test_wrong_syntax_and_what_is_not_finished() -> None:
    found = of("def f(:\n  pass")
    place = found["syntax"]
    assert (found["type"], place["line"], place["column"], place["text"]) == ("SyntaxError", 1, 7, "def f(:")
    assert found["frames"][-1:] == [] or found["frames"][-1]["file"] != "<cell r1>"
    assert of("(")["type"] == "SyntaxError"


def test_a_deep_recursion_is_cut_in_the_middle() -> None:
    found = of("def f(): f()\nf()")
    assert len(found["frames"]) == MAX_FRAMES
    assert sum(frame.get("left_out", 0) for frame in found["frames"]) > 100


def test_an_endless_chain_ends() -> None:
    chain = "e = ValueError(1)\nfor n in range(100):\n    old, e = e, ValueError(n)\n    e.__cause__ = old\n"
    found = of(f"{chain}e.__context__ = e\nraise e")
    depth = 0
    while found is not None:
        found, depth = found["cause"], depth + 1
    assert depth <= MAX_LINKS


def test_names_that_were_meant_are_offered() -> None:
    found = of("frequency = 1\nfreqency")
    assert found["candidates"][0] == "frequency"
    assert found["name"] == "freqency"
    assert "append" in of("[].apend")["candidates"]


@pytest.mark.parametrize("method", ["__str__", "__repr__", "__getattribute__"])
def test_an_exception_that_raises_is_described(method: str) -> None:
    code = f"class Bad(Exception):\n    def {method}(self, *_): raise SystemExit\nraise Bad"
    assert of(code)["type"].endswith("Bad")


def test_module_not_found_names_the_module() -> None:
    found = of("import no_such_module.inner")
    assert (found["type"], found["name"]) == ("ModuleNotFoundError", "no_such_module")
    assert sys.modules.get("no_such_module") is None
