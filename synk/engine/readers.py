"""Readers of single tools, found by the word a class of commands names; imported when a command needs them, not before."""

from importlib import import_module
from typing import Any


def reader(path: str) -> Any:
    """`pip.result` is the function `result` of `synk/engine/tools/pip.py`.

    All readers together take 40 ms to import, mostly their patterns, which no `synk exec` shall wait for.
    """
    module, _, name = path.partition(".")
    return getattr(import_module(f"synk.engine.tools.{module}"), name)
