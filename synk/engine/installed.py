"""Variables that only some versions or scripts want: set when files say what will run."""

import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from synk.engine.commands import Part, Recognised

RAW_BAR_SINCE = (24, 1)
"""pip's first version with PIP_PROGRESS_BAR=raw; earlier ones end with code 3 at that word."""
_VERSION = re.compile(r"pip-(?P<major>\d+)\.(?P<minor>\d+)[\w.]*\.dist-info")
_PACKAGES = ("lib/python3*/site-packages", "lib/python3*/dist-packages", "lib/python3/dist-packages")


def more_variables(recognised: Recognised, *, cwd: str, path: str) -> dict[str, str]:
    """What can be set besides the class's own variables; `path` is the run's PATH.

    Reads package.json for scripts of npm and lists some directories for pip; nothing for other commands.
    """
    return _raw_bar(recognised, cwd, path) | _no_watching(recognised, cwd)


_WATCHERS = re.compile(r"\b(?:react-scripts|vue-cli-service|ng) test\b|\bkarma start\b")
"""They watch for changes, also without a terminal, unless CI is set."""
_RUNNERS = frozenset(("npm", "pnpm", "yarn", "bun"))


def _no_watching(recognised: Recognised, cwd: str) -> dict[str, str]:
    for part in recognised.parts:
        text = " ".join((part.program, *part.words))
        if _WATCHERS.search(text) or (part.program in _RUNNERS and _WATCHERS.search(_script(part.words, cwd))):
            return {"CI": "1"}
    return {}


def _script(words: Sequence[str], cwd: str) -> str:
    """The text of the script that `npm test` or `npm run NAME` runs; empty if there is none."""
    names = [word for word in words if not word.startswith("-") and word not in ("run", "run-script")]
    name = "test" if names[:1] == ["t"] else names[0] if names else ""
    try:
        with open(os.path.join(cwd, "package.json"), "rb") as file:
            return str(json.load(file)["scripts"][name])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _raw_bar(recognised: Recognised, cwd: str, path: str) -> dict[str, str]:
    """Without it pip shows the progress of a download on a terminal only, and its standard output is a pipe."""
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
