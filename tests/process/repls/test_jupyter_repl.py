"""A Jupyter kernel through the bridge."""

import os
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from synk.engine.languages import load_languages

PYTHON = os.environ.get("SYNK_TEST_JUPYTER", sys.executable)
"""An interpreter with jupyter_client and ipykernel; by default that of the tests."""

pytestmark = pytest.mark.skipif(
    sys.executable == PYTHON and (find_spec("jupyter_client") is None or find_spec("ipykernel") is None),
    reason="jupyter_client and ipykernel are not installed (SYNK_TEST_JUPYTER names an interpreter that has them)",
)


def test_a_jupyter_kernel_runs_cells(start: Callable[..., Any], engine: Any, output_of: Callable[..., bytes]) -> None:
    request = load_languages(Path("none")).request("jupyter:python3", interpreter=PYTHON, environment={}, cwd="/")
    repl = start(**request)
    assert repl.exec("x = 1\nx + 1")["extra"]["value"]["value"] == "2"
    assert output_of(repl.exec("print('out'); x", want="text")) == b"out\r\n1\r\n"
    assert repl.exec("1 / 0")["extra"]["error"]["type"] == "ZeroDivisionError"
    cell = repl.begin("input('Who? ')")
    assert engine.wait(cell, "awaiting_input")["waiting"]["prompt"] == "Who? "
    engine.ask("repl.input", repl=repl.id, text="ada\n")
    assert engine.wait(cell)["extra"]["value"]["value"] == "'ada'"
    cell = repl.begin("print(1)\nimport time; time.sleep(60)")
    engine.wait(cell, "output", cursor=0)
    repl.interrupt()
    assert engine.wait(cell)["status"] == "interrupted"
    assert repl.exec("x")["extra"]["value"]["value"] == "1"
