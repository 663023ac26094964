"""Test runs of pytest: progress from its lines, results and failures from the JUnit report or its summary."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from synk.engine.findings import Failure, Progress
from synk.engine.tracebacks import last_traceback

if TYPE_CHECKING:
    from pathlib import Path

    from synk.engine.evidence import Ended, Facts

_PERCENT = re.compile(r"\[\s*(?P<pct>\d{1,3})%\]$")
_COLLECTED = re.compile(r"collected (?P<count>\d+) items?")
_NUMBER = re.compile(r"\[\s*(?P<done>\d+)/(?P<total>\d+)\]$")
_LOCATION = re.compile(r"^(?:(?:\S*/)?\S+):(?P<line>\d+): (?P<what>.*)$", re.MULTILINE)


class PytestProgress:
    """`[ 45%]` at the end of a line, of the tests that were collected."""

    def __init__(self) -> None:
        self._total: float | None = None

    def line(self, text: str) -> Progress | None:
        """See LineReader."""
        if collected := _COLLECTED.search(text):
            self._total = float(collected["count"])
            return Progress(0.0, 0.0, self._total, "tests", "running", confidence="high") if self._total else None
        if found := _PERCENT.search(text):
            pct = float(found["pct"])
            count = float(round(self._total * pct / 100)) if self._total else None
            return Progress(pct, count, self._total, "tests", "running", confidence="high")
        if found := _NUMBER.search(text):
            done, total = float(found["done"]), float(found["total"])
            return Progress(100 * done / total if total else None, done, total, "tests", "running", confidence="high")
        return None


_SUMMARY = re.compile(r"^=* ?(?P<counts>(?:\d+ [a-z]+(?:, )?)+) in [\d.]+s.*$|^=+ no tests ran in .*$", re.MULTILINE)
_COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed|deselected|warnings?|rerun)")
_SHORT = re.compile(r"^(?P<kind>FAILED|ERROR) (?P<id>\S.*?)(?: - (?P<message>.*))?$", re.MULTILINE)
_PLACE = re.compile(r"^(?P<file>[^\s:]+\.py):(?P<line>\d+): (?P<what>\w[\w.]*)?", re.MULTILINE)


def result(ended: Ended) -> dict[str, Any] | None:
    """{counts: {passed, failed, errors, skipped}, duration_s, failures: [{test, file, line, message}]}."""
    if ended.report is not None and (found := read_report(ended.report)) is not None:
        return found
    return _from_text(ended.text)


_ESCAPES = re.compile(r"#x1B\[[0-9;]*m")
"""How pytest writes colours into XML."""


class _Report:
    """Collects test cases while expat reads (JUnit XML as pytest writes it, family xunit2)."""

    MESSAGE_CHARS = 500
    DETAIL_CHARS = 4000

    def __init__(self) -> None:
        self.counts = {"passed": 0, "failed": 0, "errors": 0, "skipped": 0}
        self.duration_s = 0.0
        self.failures: list[dict[str, Any]] = []
        self._case: dict[str, str] = {}
        self._kind = ""
        self._message = ""
        self._text = ""
        self._is_reading = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "testsuite":
            self.duration_s += float(attributes.get("time") or 0)
        elif tag == "testcase":
            self._case, self._kind = attributes, "passed"
        elif tag in ("failure", "error", "skipped"):
            self._kind = {"failure": "failed", "error": "errors", "skipped": "skipped"}[tag]
            self._message, self._text, self._is_reading = attributes.get("message", ""), "", tag != "skipped"

    def text(self, text: str) -> None:
        if self._is_reading and len(self._text) < self.DETAIL_CHARS * 4:
            self._text += text

    def end(self, tag: str) -> None:
        if tag in ("failure", "error"):
            self._is_reading = False
            self.failures.append(self._failure())
        elif tag == "testcase":
            self.counts[self._kind] += 1

    def _failure(self) -> dict[str, Any]:
        name, module = self._case.get("name", ""), self._case.get("classname", "")
        file, line, what = _place(self._text)
        message = _ESCAPES.sub("", self._message).strip() or what
        if message in ("collection failure", "") and (reason := _reason(self._text)):
            message = reason
        test = name if not module else f"{module}.{name}" if name else module
        return {
            "test": test,
            "file": file,
            "line": line,
            "message": message[: self.MESSAGE_CHARS],
            "kind": "error" if self._kind == "errors" else "failed",
        }


def _reason(text: str) -> str:
    """What pytest's lines led by E say."""
    said = [line[1:].strip() for line in text.splitlines() if line.startswith("E ")]
    return said[-1] if said else ""


_FOREIGN = re.compile(r"/(?:site|dist)-packages/|/lib/python3[\d.]*/")


def _place(text: str) -> tuple[str | None, int | None, str]:
    """File and line of the failure: the innermost call that is not of Python or a package; for syntax errors what they name."""
    places = [found for found in _PLACE.finditer(text) if not _FOREIGN.search(found["file"])]
    if named := re.search(r'^E +File "(?P<file>[^"]+)", line (?P<line>\d+)', text, re.MULTILINE):
        return named["file"], int(named["line"]), ""
    if not places:
        return None, None, ""
    return places[-1]["file"], int(places[-1]["line"]), places[-1]["what"] or ""


def read_report(path: Path) -> dict[str, Any] | None:
    """The JUnit report; None if it cannot be read, as after a crash in the middle of writing."""
    report, parser = _Report(), expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = report.start, report.end, report.text
    try:
        parser.Parse(path.read_bytes(), True)
    except (OSError, ValueError, KeyError, expat.ExpatError):
        return None
    return {"source": "report", "counts": report.counts, "duration_s": report.duration_s, "failures": report.failures}


def _from_text(text: str) -> dict[str, Any] | None:
    summaries = list(_SUMMARY.finditer(text))
    if not summaries:
        return None
    counts = {"passed": 0, "failed": 0, "errors": 0, "skipped": 0}
    for number, word in _COUNT.findall(summaries[-1]["counts"] or ""):
        key = "errors" if word.startswith("error") else word
        if key in counts:
            counts[key] += int(number)
    failures = []
    for found in _SHORT.finditer(text):
        file, _, test = found["id"].partition("::")
        at = re.search(rf"^{re.escape(file)}:(\d+): ", text, re.MULTILINE)
        failures.append({
            "test": test or file,
            "file": file,
            "line": int(at[1]) if at else None,
            "message": found["message"] or "",
            "kind": "error" if found["kind"] == "ERROR" else "failed",
        })  # fmt: skip
    seconds = re.search(r" in ([\d.]+)s", summaries[-1][0])
    return {"source": "text", "counts": counts, "duration_s": float(seconds[1]) if seconds else None, "failures": failures}


_USAGE = re.compile(r"^(?:ERROR: (?!usage)|.*: error: )(?P<message>.+)$", re.MULTILINE)
_NO_TESTS = re.compile(r"^=* ?no tests (?:ran|collected)", re.MULTILINE)


def explain(facts: Facts) -> Failure | None:
    """The first failed test, a file that could not be collected, or wrong usage."""
    text = facts.text
    if facts.exit_code == 4 and (usage := _USAGE.search(text)):
        missing = re.search(r"file or directory not found: (\S+)", text)
        hint = f"{missing[1]} does not exist here." if missing else "`pytest --help` lists the options."
        return Failure("tests", usage["message"].strip(), suggestions=(hint,), details={"code": 4})
    is_empty = facts.exit_code == 5 or _NO_TESTS.search(text) is not None
    if is_empty and not _SHORT.search(text):
        hints = ("pytest looks for files test_*.py and functions test_*: check the folder and the names.",)
        return Failure("tests", "No test was found", suggestions=hints, details={"code": facts.exit_code})
    found = _from_text(text)
    if found is None or not found["failures"]:
        return _crash(text) if facts.exit_code == 3 else None
    first = found["failures"][0]
    more = len(found["failures"]) - 1
    message = f"{first['test']}: {first['message']}".removesuffix(": ") + (f" (and {more} more)" if more else "")
    file, line, reason = _first_place(text, first)
    if reason and not first["message"]:
        message = f"{first['test']}: {reason}" + (f" (and {more} more)" if more else "")
    details = {"code": facts.exit_code, "failed": [item["test"] for item in found["failures"]], "counts": found["counts"]}
    return Failure("tests", message, file, line, suggestions=tuple(_hints(text, first)), details=details)


def _first_place(text: str, first: dict[str, Any]) -> tuple[str | None, int | None, str]:
    """Where the first failure stands; for a syntax error the place the E lines name."""
    block = text[text.find(first["file"]) :]
    said = [line[1:].strip() for line in block.splitlines() if line.startswith("E ")]
    if first["line"] is not None:
        return first["file"], first["line"], said[-1] if said else ""
    for line in said:
        if named := re.match(r'File "(?P<file>[^"]+)", line (?P<line>\d+)', line):
            return first["file"], int(named["line"]), said[-1]
    if found := re.search(rf"^(?:\S*/)?{re.escape(first['file'])}:(\d+): ", block, re.MULTILINE):
        return first["file"], int(found[1]), said[0] if said else ""
    return first["file"], None, said[0] if said else ""


def _hints(text: str, first: dict[str, Any]) -> Iterator[str]:
    if missing := re.search(r"^E +(?:ModuleNotFoundError|ImportError): No module named '([\w.]+)'", text, re.MULTILINE):
        yield f"The module {missing[1]} is missing in this environment, or pytest runs in another folder than the code expects."
    elif first["kind"] == "failed":
        yield f"Run only this test: pytest '{first['file']}::{first['test']}'"


def _crash(text: str) -> Failure | None:
    found = last_traceback(text.replace("INTERNALERROR> ", ""))
    return found.failure if found else None
