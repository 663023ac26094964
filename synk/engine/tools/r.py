"""Scripts of R: the `Error in` line and what may help."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from synk.engine.findings import Failure
from synk.engine.modules import nearest

if TYPE_CHECKING:
    from synk.engine.evidence import Ended, Facts

_ERROR = re.compile(r"^Error(?: in (?P<call>.+?))?\s?:\s*(?P<message>.+(?:\n  (?!Calls).+)*)", re.MULTILINE)
_SYNTAX = re.compile(r"^Error: unexpected (?P<what>.+?)(?: in(?: \"|:)|\s*$)", re.MULTILINE)
_SYNTAX_PLACE = re.compile(
    r"<text>:(?P<line>\d+):(?P<column>\d+)|^(?P<script>\S+\.[rR]):(?P<script_line>\d+):(?P<script_column>\d+)", re.MULTILINE
)
_NUMBERED = re.compile(r"^(?P<line>\d+): ", re.MULTILINE)
_CALLS = re.compile(r"^Calls: (?P<calls>.+)$", re.MULTILINE)
_HALTED = "Execution halted"
_COMMON = (
    "aggregate", "apply", "array", "c", "cat", "cbind", "character", "colnames", "data.frame", "dim", "factor",
    "filter", "function", "grepl", "head", "ifelse", "is.na", "lapply", "length", "library", "list", "lm", "matrix",
    "max", "mean", "median", "merge", "min", "mutate", "names", "ncol", "nrow", "order", "paste", "paste0", "plot",
    "print", "quantile", "rbind", "read.csv", "rep", "rownames", "sapply", "sd", "select", "seq", "seq_along",
    "sprintf", "strsplit", "subset", "substr", "sum", "summary", "table", "tail", "tapply", "unique", "unlist", "var",
    "which", "with", "write.csv",
)  # fmt: skip


def result(ended: Ended) -> dict[str, Any] | None:
    """The error the script ended with; None after success."""
    if ended.is_fine:
        return None
    failure = read_error(ended.err or ended.out)
    return {"source": "text", "error": failure.as_dict()} if failure else None


def explain(facts: Facts) -> Failure | None:
    """What stands above `Execution halted`."""
    failure = read_error(facts.own_text)
    if failure is None:
        return None
    hints = tuple(_hints(failure))
    return Failure(failure.kind, failure.message, failure.file, failure.line, suggestions=hints, details=failure.details)


def of_kernel(failure: Failure, _facts: Facts) -> Failure:
    """A condition of an R REPL."""
    failure = replace(failure, kind="r", message=failure.message.removeprefix("simpleError: "))
    return replace(failure, suggestions=tuple(_hints(failure)))


def read_error(text: str) -> Failure | None:
    """The last error before R halted; None if it did not."""
    if _HALTED not in text and "Error" not in text:
        return None
    found = list(_ERROR.finditer(text))
    if not found:
        return None
    last = found[-1]
    message = " ".join(line.strip() for line in last["message"].splitlines())
    details: dict[str, Any] = {"call": (last["call"] or "").strip() or None}
    if calls := _CALLS.search(text, last.end()):
        details["calls"] = calls["calls"].split(" -> ")
    if syntax := _SYNTAX.search(text):
        line = [int(number["line"]) for number in _NUMBERED.finditer(text, syntax.start())]
        return Failure("r", f"unexpected {syntax['what']}", None, line[-1] if line else None, details={**details, "syntax": True})
    return Failure("r", message, details=details)


def _hints(failure: Failure) -> Iterator[str]:
    message = failure.message
    if missing := re.search(r"there is no package called ['‘](\w[\w.]*)['’]", message):
        failure.details["package"] = missing[1]
        yield f"Install it: Rscript -e 'install.packages(\"{missing[1]}\")'"
    elif function := re.search(r'could not find function "([^"]+)"', message):
        near = nearest(function[1], _COMMON, cutoff=0.75)
        yield f"Did you mean {near}?" if near else f"Load the package that has {function[1]} with library(), or check the name."
    elif named := re.search(r"object '([^']+)' not found", message):
        yield f"{named[1]} is defined nowhere: assign it first, or check the name."
    elif "cannot open file" in message or "cannot open the connection" in message:
        yield "The file does not exist: check the path and the folder the command runs in (getwd())."
    elif failure.details.get("syntax"):
        yield "A bracket, comma or quote is missing just before that place."
