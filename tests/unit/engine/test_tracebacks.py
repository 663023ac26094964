"""Python tracebacks: from text printed by Python itself, and from kernels."""

import subprocess
import sys
from pathlib import Path

import pytest

from synk.engine.tracebacks import last_traceback, of_object


def printed(tmp_path: Path, source: str) -> str:
    path = tmp_path / "a.py"
    path.write_text(source)
    return subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False).stderr


def test_frames_message_and_place(tmp_path: Path) -> None:
    found = last_traceback(printed(tmp_path, "def f(x):\n    return int(x)\n\nf('a')\n"))
    assert found is not None
    failure = found.failure
    assert (failure.kind, failure.line, failure.details["type"]) == ("python_exception", 2, "ValueError")
    assert [(frame.line, frame.function, frame.source) for frame in failure.frames] == [
        (4, "<module>", "f('a')"),
        (2, "f", "return int(x)"),
    ]


def test_the_place_is_the_users_own_code(tmp_path: Path) -> None:
    found = last_traceback(printed(tmp_path, "import json\njson.loads('{')\n"))
    assert found is not None
    assert (Path(str(found.failure.file)).name, found.failure.line) == ("a.py", 2)


def test_causes_and_contexts_form_a_chain_nearest_first(tmp_path: Path) -> None:
    source = (
        "try:\n    try:\n        1 / 0\n    except ZeroDivisionError:\n        {}['k']\n"
        "except KeyError as e:\n    raise OSError('x') from e\n"
    )
    found = last_traceback(printed(tmp_path, source))
    assert found is not None
    assert found.failure.message == "OSError: x"
    assert [link.details["type"] for link in found.failure.chain] == ["KeyError", "ZeroDivisionError"]
    assert found.failure.details["joint"] == "cause"


def test_members_of_groups_are_found_in_their_groups(tmp_path: Path) -> None:
    source = "raise ExceptionGroup('all', [ValueError('a'), ExceptionGroup('in', [TypeError('b'), KeyError('c')])])\n"
    found = last_traceback(printed(tmp_path, source))
    assert found is not None
    outer = found.failure
    assert outer.message.startswith("ExceptionGroup: all")
    assert [member.details["type"] for member in outer.chain] == ["ValueError", "ExceptionGroup"]
    assert [member.details["type"] for member in outer.chain[1].chain] == ["TypeError", "KeyError"]


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [("x = (1,\n", 1, 5), ("if True:\n  f(a b)\n", 2, 3), ("a = 1\nb = = 2\n", 2, 5), ("def f():\nreturn 1\n", 2, 1)],
)
def test_a_syntax_error_has_its_line_and_column(tmp_path: Path, source: str, line: int, column: int) -> None:
    found = last_traceback(printed(tmp_path, source))
    assert found is not None
    assert (found.failure.kind, found.failure.line) == ("python_syntax", line)
    assert found.failure.column in (column, column + 1, column + 2)


def test_a_deep_recursion_keeps_both_ends(tmp_path: Path) -> None:
    found = last_traceback(printed(tmp_path, "def f(): return g()\ndef g(): return f()\nf()\n"))
    assert found is not None
    assert len(found.failure.frames) == 50
    assert found.failure.details["frames_left_out"] > 900


def test_text_around_a_traceback_is_not_taken_for_its_message(tmp_path: Path) -> None:
    text = "start\n" + printed(tmp_path, "raise ValueError('bad')\n") + "make: *** [Makefile:2: all] Error 1\n"
    found = last_traceback(text)
    assert found is not None
    assert found.failure.message == "ValueError: bad"
    assert text.split("\n")[found.end].startswith("make")


def test_a_message_of_several_lines_is_kept(tmp_path: Path) -> None:
    found = last_traceback(printed(tmp_path, "raise ValueError('one\\n  two\\n  three')\n"))
    assert found is not None
    assert found.failure.message == "ValueError: one\n  two\n  three"


@pytest.mark.parametrize("text", ["", "no traceback", "Traceback of the parcel", 'File "a.py", line 3', "ValueError: alone"])
def test_ordinary_text_has_none(text: str) -> None:
    assert last_traceback(text) is None


def test_an_object_from_a_kernel_reads_the_same() -> None:
    frame = {"file": "<cell 1>", "line": 1, "function": "<module>", "source": "f()"}
    inner = {"type": "KeyError", "message": "'k'", "frames": []}
    told = {
        "type": "RuntimeError", "message": "outer", "frames": [frame], "notes": ["n"],
        "cause": {"type": "OSError", "message": "inner", "frames": [], "context": inner},
        "group": [],
    }  # fmt: skip
    failure = of_object(told)
    assert (failure.message, failure.line, failure.details["notes"]) == ("RuntimeError: outer", 1, ["n"])
    assert [link.message for link in failure.chain] == ["OSError: inner", "KeyError: 'k'"]


def test_a_suppressed_context_is_left_out() -> None:
    told = {
        "type": "A",
        "message": "",
        "frames": [],
        "is_suppressed": True,
        "context": {"type": "B", "message": "", "frames": []},
    }
    assert of_object(told).chain == ()
    assert of_object(told).message == "A"


def test_a_syntax_error_from_a_kernel_has_its_place() -> None:
    told = {
        "type": "SyntaxError", "message": "'(' was never closed", "frames": [],
        "syntax": {"line": 2, "column": 6, "end_column": 7, "text": "print("},
    }  # fmt: skip
    failure = of_object(told)
    assert (failure.kind, failure.line, failure.column, failure.details["text"]) == ("python_syntax", 2, 6, "print(")
