"""What a finished command did, as data: from the report it was asked to write, else from its text (section 4)."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from synk.engine.commands import Recognised
from synk.engine.evidence import Ended
from synk.engine.tools import generic

READERS: Mapping[str, Callable[[Ended], dict[str, Any] | None]] = {
    "generic": generic.result,
    "none": generic.no_result,
}
"""By the word `result` of a class. Each names its `source`: "report" or "text"."""


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
    reader = READERS.get(recognised.cls.result, generic.result)
    return reader(Ended(recognised, out, err, exit_code, signal, report, Path(cwd)))
