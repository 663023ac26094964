"""cargo and rustc: how many crates are built, the compiler's errors with their places, panics and failed tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from synk.engine.findings import Failure, Progress

if TYPE_CHECKING:
    from synk.engine.evidence import Ended, Facts

_BAR = re.compile(
    r"(?P<phase>Building|Checking|Compiling|Documenting) \[[=> ]*\] (?P<done>\d+)/(?P<total>\d+)(?:: (?P<what>.*))?"
)
_DOWNLOAD = re.compile(r"(?P<phase>Downloading|Fetch|Updating) \[[=> ]*\]\s*(?:(?P<pct>[\d.]+)%|(?P<left>\d+) crates)?")


class CargoProgress:
    """`Building [==> ] 12/40: name`."""

    def line(self, text: str) -> Progress | None:
        """See LineReader."""
        if found := _BAR.search(text):
            done, total = float(found["done"]), float(found["total"])
            return Progress(100 * done / total if total else None, done, total, "crates", "building", confidence="high")
        if (found := _DOWNLOAD.search(text)) and found["pct"]:
            return Progress(float(found["pct"]), phase=found["phase"].lower())
        return None


_MESSAGE = re.compile(r"^(?P<level>error|warning)(?:\[(?P<code>\w+)\])?: (?P<text>.+)$", re.MULTILINE)
_ARROW = re.compile(r"^\s*--> (?P<file>[^:\n]+):(?P<line>\d+):(?P<column>\d+)", re.MULTILINE)
_SUMMARY = re.compile(
    r"aborting due to|could not compile|generated \d+ warning|\d+ warnings? emitted|^For more information"
    r"|build failed|test failed"
)
_TESTS = re.compile(r"^test result: \w+\. (?P<passed>\d+) passed; (?P<failed>\d+) failed; (?P<ignored>\d+) ignored", re.MULTILINE)
_FAILED_TEST = re.compile(r"^test (?P<name>\S+) \.\.\. FAILED", re.MULTILINE)
_PANIC = re.compile(
    r"^thread '(?P<thread>[^']*)'(?: \(\d+\))? panicked at (?:'(?P<old>.*)', )?(?P<file>[^:\n']+):(?P<line>\d+):"
    r"(?P<column>\d+):?\n?(?P<new>.*)",
    re.MULTILINE,
)


def messages(text: str) -> Iterator[dict[str, Any]]:
    """Errors and warnings of the compiler: {level, code, text, file, line, column}; places are None for those without."""
    found = list(_MESSAGE.finditer(text))
    for number, each in enumerate(found):
        if _SUMMARY.search(each["text"]):
            continue
        end = found[number + 1].start() if number + 1 < len(found) else len(text)
        place = _ARROW.search(text, each.end(), end)
        yield {
            "level": each["level"],
            "code": each["code"],
            "text": each["text"].strip(),
            "file": place["file"].strip() if place else None,
            "line": int(place["line"]) if place else None,
            "column": int(place["column"]) if place else None,
        }


def result(ended: Ended) -> dict[str, Any] | None:
    """{errors, warnings, tests: {passed, failed, ignored, failures}, profile}."""
    text = ended.text
    found = list(messages(text))
    errors = [{key: value for key, value in each.items() if key != "level"} for each in found if each["level"] == "error"]
    tests = None
    if summaries := list(_TESTS.finditer(text)):
        tests = {key: sum(int(each[key]) for each in summaries) for key in ("passed", "failed", "ignored")}
        tests["failures"] = [each["name"] for each in _FAILED_TEST.finditer(text)]  # type: ignore[assignment]
    finished = re.search(r"Finished `?(?P<profile>\w+)`? ", text)
    if not errors and tests is None and finished is None:
        return None
    warnings = sum(each["level"] == "warning" for each in found)
    return {
        "source": "text",
        "errors": errors,
        "warnings": warnings,
        "tests": tests,
        "profile": finished["profile"] if finished else None,
    }


def explain(facts: Facts) -> Failure | None:
    """The first error, a failed test, or a panic of the program that was run."""
    text = facts.text
    errors = [each for each in messages(text) if each["level"] == "error"]
    if facts.exit_code == 0 or (not errors and not _PANIC.search(text)):
        return None
    if failed := [each["name"] for each in _FAILED_TEST.finditer(text)]:
        return _test(text, failed, facts)
    if errors and (placed := next((each for each in errors if each["file"]), None)):
        return _compiler(placed, len(errors), facts)
    if panic := _PANIC.search(text):
        return _panicked(panic, "panic", facts)
    return _cargo(errors[0], text, facts) if errors else None


def _compiler(error: dict[str, Any], count: int, facts: Facts) -> Failure:
    code = error["code"]
    more = f" (and {count - 1} more)" if count > 1 else ""
    hints = (f"rustc --explain {code} says more about it.",) if code else ()
    details = {"code": code, "exit_code": facts.exit_code, "errors": count}
    head = f"error[{code}]" if code else "error"
    return Failure(
        "rustc",
        f"{head}: {error['text']}{more}",
        error["file"],
        error["line"],
        error["column"],
        suggestions=hints,
        details=details,
    )


def _test(text: str, failed: list[str], facts: Facts) -> Failure:
    panic = next((each for each in _PANIC.finditer(text) if each["thread"] in failed), None)
    more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
    said = f": {_said(panic)}" if panic else ""
    return Failure(
        "tests", f"{failed[0]} failed{said}{more}", panic["file"] if panic else None, int(panic["line"]) if panic else None,
        int(panic["column"]) if panic else None, suggestions=(f"Run only this test: cargo test {failed[0]}",),
        details={"code": facts.exit_code, "failed": failed},
    )  # fmt: skip


def _said(panic: re.Match[str]) -> str:
    return (panic["old"] or panic["new"] or "").strip()


def _panicked(panic: re.Match[str], kind: str, facts: Facts) -> Failure:
    return Failure(
        "rustc", f"{kind}: {_said(panic)}", panic["file"], int(panic["line"]), int(panic["column"]),
        suggestions=("RUST_BACKTRACE=1 shows the calls that led there.",),
        details={"code": facts.exit_code, "thread": panic["thread"]},
    )  # fmt: skip


def _cargo(error: dict[str, Any], text: str, facts: Facts) -> Failure:
    message = error["text"]
    hints: list[str] = []
    if "could not find `Cargo.toml`" in message:
        hints.append("Change to the folder of the crate, or name it: --manifest-path PATH/Cargo.toml")
    elif "no matching package" in text:
        hints.append("There is no such crate in the registry: check its name in Cargo.toml.")
        if named := re.search(r"no matching package (?:named )?`([^`]+)`", text):
            message = f"no matching package named `{named[1]}` found"
    elif re.search(r"failed to (?:download|fetch|get)|Could(?:n't| not) resolve host|network failure", text):
        hints.append("The registry cannot be reached: check the network, or build with --offline.")
    elif "failed to parse manifest" in message or "failed to load manifest" in text:
        hints.append("Cargo.toml is not valid: the lines below the error name the place.")
    elif "no such command" in message or "no such subcommand" in message:
        hints.append("cargo --list shows the commands there are.")
    return Failure(
        "rustc", f"error: {message}", suggestions=tuple(hints), details={"code": error["code"], "exit_code": facts.exit_code}
    )
