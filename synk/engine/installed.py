"""Variables that only some versions of a tool understand: set when the version that will run is known, from its files."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from synk.engine.commands import Part, Recognised

RAW_BAR_SINCE = (24, 1)
"""pip's first version with PIP_PROGRESS_BAR=raw; earlier ones end with code 3 at that word."""
_VERSION = re.compile(r"pip-(?P<major>\d+)\.(?P<minor>\d+)[\w.]*\.dist-info")
_PACKAGES = ("lib/python3*/site-packages", "lib/python3*/dist-packages", "lib/python3/dist-packages")


def more_variables(recognised: Recognised, *, cwd: str, path: str) -> dict[str, str]:
    """What can be set besides the class's own variables; `path` is the run's PATH. Lists some directories for pip, else none.

    Without the raw bar pip shows the progress of a download on a terminal only, and its standard output is a pipe.
    """
    if recognised.cls.progress != "pip":
        return {}
    pips = [part for part in recognised.parts if part.program.startswith("pip") and part.program != "pipx"]
    versions = [_pip_version(part, cwd, path) for part in pips]
    return {"PIP_PROGRESS_BAR": "raw"} if pips and all(version and version >= RAW_BAR_SINCE for version in versions) else {}


def _pip_version(part: Part, cwd: str, path: str) -> tuple[int, int] | None:
    """Of the environment the program lies in; None if it cannot be told, as behind a shim."""
    for folder in _folders(part.path, cwd, path):
        found = [match for name in _packages(folder) if (match := _VERSION.fullmatch(name))]
        if found:
            return max((int(match["major"]), int(match["minor"])) for match in found)
        return None
    return None


def _folders(program: str, cwd: str, path: str) -> Iterator[Path]:
    """The prefix of the installation the shell would take the program from: the folder above its `bin`."""
    places = [program] if "/" in program else [os.path.join(folder, program) for folder in path.split(":") if folder]
    for place in places:
        full = os.path.join(cwd, place)
        if os.access(full, os.X_OK) and os.path.isfile(full):
            # A virtual environment's python is a link, and the link's folder is what counts.
            yield Path(os.path.dirname(os.path.dirname(full)))


def _packages(prefix: Path) -> Iterator[str]:
    for pattern in _PACKAGES:
        for folder in prefix.glob(pattern):
            yield from (entry.name for entry in folder.glob("pip-*.dist-info"))
