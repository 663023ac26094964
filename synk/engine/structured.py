"""What a finished command did, as data: from the report it was asked to write, else from its text (section 4)."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from synk.engine.commands import Recognised
from synk.engine.evidence import Ended
from synk.engine.readers import reader

READERS: Mapping[str, str] = {
    "apt": "apt.result",
    "builds": "builds.result",
    "cargo": "cargo.result",
    "containers": "containers.result",
    "deploy": "deploy.result",
    "download": "download.result",
    "generic": "generic.result",
    "git": "git.result",
    "native": "native.result",
    "node": "node.result",
    "none": "generic.no_result",
    "npm": "npm.result",
    "pip": "pip.result",
    "pytest": "pytest.result",
    "python": "python.result",
    "r": "r.result",
    "server": "server.result",
}
"""By the word `result` of a class: a function in `tools/`. What it gives names its `source`: "report" or "text"."""


def structured_result(
    recognised: Recognised,
    *,
    out: str,
    err: str,
    exit_code: int | None,
    signal: str | None,
    report: Path | None = None,
    cwd: str | Path = "",
) -> dict[str, Any] | None:
    """JSON types only; None if the class has no result, or the output tells none.

    `err` is empty where both streams were one terminal. Reads the report and, for git, a few files of the repository.
    """
    read: Callable[[Ended], dict[str, Any] | None] = reader(READERS.get(recognised.cls.result, READERS["generic"]))
    return read(Ended(recognised, out, err, exit_code, signal, report, Path(cwd)))
