"""Output is whatever a program prints: readers stay quick on long lines, blank lines and endless repetitions."""

import time
from pathlib import Path

import pytest

from synk.engine.classes import load_classes
from synk.engine.commands import recognise
from synk.engine.evidence import Facts, readable
from synk.engine.failures import explain
from synk.engine.progress import ProgressReader
from synk.engine.structured import structured_result

SHIPPED = load_classes(Path(__file__).resolve().parents[3] / "resources" / "commands")
SIZE = 100_000
LIMIT_S = 3.0
"""Of CPU time for all three readers; they take 0.05 s, and before lines were cut some took minutes."""
COMMANDS = (
    "cargo build", "make", "npm test", "npm install x", "pip install x", "git pull", "pytest", "docker build .",
    "apt-get install x", "terraform apply", "python a.py", "node a.js", "Rscript a.R", "curl u", "flask run",
)  # fmt: skip
PIECES = ("x", " \n", "word ", "1,", "Traceback (most recent call last):\n", '  File "a.py", line 1, in f\n', "error: ")


@pytest.mark.parametrize("command", COMMANDS)
def test_hostile_output_keeps_no_reader_busy(command: str) -> None:
    recognised = recognise(command, SHIPPED)
    for piece in PIECES:
        text = piece * (SIZE // len(piece))
        began = time.process_time()
        structured_result(recognised, out=text, err=text, exit_code=1, signal=None)
        explain(Facts("failed", exit_code=1, recognised=recognised, out_tail=text, err_tail=text))
        ProgressReader(recognised.cls).feed("out", text.encode() + b"\n")
        assert time.process_time() - began < LIMIT_S, repr(piece)


def test_readable_text_keeps_lines_and_single_blank_ones() -> None:
    assert readable("a\n\n\nb") == "a\n\n\nb"
    long = "a\n" + " \n" * 5000 + "b\n\nc\n" + "x" * 9000
    assert readable(long) == "a\n\nb\n\nc\n" + "x" * 1000
