"""The classes of commands that come with Synk, read once per process."""

from functools import cache
from pathlib import Path

from synk.engine.classes import Classes, load_classes


@cache
def shipped_classes(resources: Path) -> Classes:
    """All of `resources/commands`."""
    return load_classes(resources / "commands")
