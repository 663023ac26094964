"""The classes of commands that come with Synk, read once per process, and from one file where they were read before.

Reading 22 TOML files takes 8 ms with the reader's import, a tenth of all that `synk exec true` may take.
"""

import marshal
import os
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from synk.base.files import replace_file
from synk.engine.classes import Classes, CommandClass, Match, load_classes

_FIELDS = tuple(CommandClass.__dataclass_fields__), tuple(Match.__dataclass_fields__)


@cache
def shipped_classes(resources: Path, state: Path | None = None) -> Classes:
    """All of `resources/commands`; with a state directory they are kept there in a form that is read at once."""
    folder = resources / "commands"
    if state is None:
        return load_classes(folder)
    # What marshal writes is of one version of Python; it is read from the user's own private folder only.
    path = state / f"commands-{sys.implementation.cache_tag}.marshal"
    stamp = _stamp(folder)
    known = _kept(path, stamp)
    if known is None:
        known = load_classes(folder)
        if not known.problems:
            with suppress(OSError):
                replace_file(path, marshal.dumps((stamp, [_plain(cls) for cls in known])))
    return known


def _stamp(folder: Path) -> tuple[Any, ...]:
    """Changes with every file, and with what is known about a class."""
    with suppress(OSError), os.scandir(folder) as entries:
        files = sorted((entry.name, entry.stat().st_mtime_ns, entry.stat().st_size) for entry in entries)
        return (str(folder), *_FIELDS, *files)
    return (str(folder), *_FIELDS)


def _kept(path: Path, stamp: tuple[Any, ...]) -> Classes | None:
    try:
        known, rows = marshal.loads(path.read_bytes())
        if known != stamp:
            return None
        return Classes([CommandClass(**{**row, "matches": tuple(Match(**match) for match in row["matches"])}) for row in rows])
    except (OSError, ValueError, TypeError, KeyError, EOFError):
        # Not there, cut off by a full disk, or of another time: it is made anew.
        return None


def _plain(cls: CommandClass) -> dict[str, Any]:
    fields = {name: getattr(cls, name) for name in _FIELDS[0]}
    fields["matches"] = [{name: getattr(match, name) for name in _FIELDS[1]} for match in cls.matches]
    return {name: dict(value) if isinstance(value, dict) else value for name, value in fields.items()}
