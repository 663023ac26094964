"""Builds of C and C++: make, ninja, cmake, meson, compilers and linkers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from synk.engine.findings import Failure, Progress
from synk.engine.tools.python import final_traceback, with_hints

if TYPE_CHECKING:
    from synk.engine.evidence import Ended, Facts

_COUNT = re.compile(r"^\[\s*(?P<done>[\d,]+)\s*/\s*(?P<total>[\d,]+)\s*\]")
_PERCENT = re.compile(r"^\[\s*(?P<pct>\d{1,3})%\]")


class NativeProgress:
    """`[12/40]` of ninja, meson and bazel, `[ 45%]` of make files that cmake wrote."""

    def line(self, text: str) -> Progress | None:
        """See LineReader."""
        if found := _COUNT.match(text):
            done, total = (float(found[key].replace(",", "")) for key in ("done", "total"))
            return Progress(100 * done / total if total else None, done, total, "steps", "building", confidence="high")
        if found := _PERCENT.match(text):
            return Progress(float(found["pct"]), phase="building", confidence="high")
        return None


_COMPILER = re.compile(
    r"^(?P<file>(?:/|\.{0,2}/)?[^\s:()]+(?: [^\s:()]+)*?\.[A-Za-z+]{1,4}):(?P<line>\d+):(?:(?P<column>\d+):)? "
    r"(?P<level>fatal error|error|warning): (?P<text>.+)$",
    re.MULTILINE,
)
_LINKER = re.compile(r"^.*?(?P<text>undefined reference to .+|cannot find -l\S+.*|multiple definition of .+)$", re.MULTILINE)
_CMAKE = re.compile(r"^CMake Error at (?P<file>[^:\n]+):(?P<line>\d+) \((?P<command>\w+)\):\s*\n\s+(?P<text>.+)", re.MULTILINE)
_CMAKE_PLAIN = re.compile(r"^CMake Error: (?P<text>.+)$", re.MULTILINE)
_MAKE = re.compile(
    r"^g?make(?:\[\d+\])?: \*\*\* (?:\[(?:(?P<file>[^\]:]+):(?P<line>\d+): )?(?P<target>[^\]]+)\] )?(?P<text>.+)$", re.MULTILINE
)
_MAKEFILE = re.compile(r"^(?P<file>[^\s:]+):(?P<line>\d+): \*\*\* (?P<text>.+)$", re.MULTILINE)
_NINJA = re.compile(r"^FAILED: (?:\[code=\d+\] )?(?P<target>\S+)", re.MULTILINE)
_NINJA_SAID = re.compile(r"^ninja: (?:error: |fatal: )(?P<text>.+)$", re.MULTILINE)
_MESON = re.compile(r"^(?P<file>[^\s:]*meson\.build):(?P<line>\d+):(?P<column>\d+): ERROR: (?P<text>.+)$", re.MULTILINE)


def errors(text: str) -> Iterator[dict[str, Any]]:
    """Errors with their places, in the order they were printed."""
    found: list[tuple[int, dict[str, Any]]] = []
    for each in _COMPILER.finditer(text):
        if each["level"] != "warning":
            found.append((each.start(), _error(each["file"], each["line"], each["column"], each["text"])))
    for each in _CMAKE.finditer(text):
        found.append((each.start(), _error(each["file"], each["line"], None, each["text"])))
    for each in _MESON.finditer(text):
        found.append((each.start(), _error(each["file"], each["line"], each["column"], each["text"])))
    for each in _MAKEFILE.finditer(text):
        found.append((each.start(), _error(each["file"], each["line"], None, each["text"])))
    for each in _LINKER.finditer(text):
        found.append((each.start(), _error(None, None, None, each["text"])))
    return (each for _, each in sorted(found, key=lambda pair: pair[0]))


def _error(file: str | None, line: str | None, column: str | None, text: str) -> dict[str, Any]:
    return {"file": file, "line": int(line) if line else None, "column": int(column) if column else None, "text": text.strip()}


def failed_target(text: str) -> str | None:
    """The target that could not be made: the innermost one make names, or ninja's."""
    if ninja := _NINJA.search(text):
        return ninja["target"]
    targets = [found["target"] for found in _MAKE.finditer(text) if found["target"]]
    return targets[0].rpartition(": ")[2] if targets else None


def result(ended: Ended) -> dict[str, Any] | None:
    """{errors, warnings, failed_target}."""
    text = ended.text
    found = list(errors(text)) if not ended.is_fine else []
    warnings = sum(each["level"] == "warning" for each in _COMPILER.finditer(text))
    return {"source": "text", "errors": found, "warnings": warnings, "failed_target": failed_target(text)}


def explain(facts: Facts) -> Failure | None:
    """The first error of compiler, linker or build file; else the target and its exit code."""
    text = facts.text
    target = failed_target(text)
    found = list(errors(text))
    details: dict[str, Any] = {"code": facts.exit_code, "target": target, "errors": len(found)}
    if found:
        first = next((each for each in found if each["file"]), found[0])
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        hints = tuple(_hints(first["text"], text))
        return Failure(
            "make", first["text"] + more, first["file"], first["line"], first["column"], suggestions=hints, details=details
        )
    if said := _CMAKE_PLAIN.search(text) or _NINJA_SAID.search(text):
        return Failure("make", said["text"].strip(), suggestions=tuple(_hints(said["text"], text)), details=details)
    made = list(_MAKE.finditer(text))
    if not made:
        return None
    if (traceback := final_traceback(text)) and made[0].start() > text.find("Traceback (most recent"):
        return with_hints(traceback.failure, facts)
    first_said = made[0]
    file, line = (first_said["file"], int(first_said["line"])) if first_said["file"] else (None, None)
    message = f"{target}: {first_said['text']}" if target else first_said["text"]
    return Failure("make", message, file, line, suggestions=tuple(_hints(first_said["text"], text)), details=details)


def _hints(message: str, text: str) -> Iterator[str]:
    if header := re.search(r"([\w./+-]+\.h\w*): No such file or directory", message):
        yield f"The header {header[1]} is missing: install the development package that has it (apt-file search {header[1]})."
    elif library := re.search(r"cannot find -l(\S+?):?(?: |$)", message):
        yield f"The library {library[1]} is missing: install its development package."
    elif symbol := re.search(r"undefined reference to [`'](?P<name>[^'`]+)'", message):
        yield f"{symbol['name']} is declared but nowhere defined: add the file or library (-l...) that has it."
    elif re.search(r"No rule to make target", message):
        yield "There is no such target or file: check its name, and the folder with -C."
    elif re.search(r"No targets specified and no makefile found", message):
        yield "There is no Makefile in this folder: change the folder, or run ./configure or cmake first."
    elif "missing separator" in message:
        yield "The lines of a recipe begin with a tab, not with blanks."
    elif "loading 'build.ninja'" in message:
        yield "There is no build.ninja in this folder: set up the build first, or name the folder with -C."
    elif re.search(r"[Cc]ould not find|By not providing|Could NOT find", message):
        yield "A package the build needs is not installed, or not where cmake looks (CMAKE_PREFIX_PATH)."
    elif command := re.search(r"(?:/bin/sh: \d+: |sh: line \d+: )(\S+): (?:command )?not found", text):
        yield f"{command[1]} is not installed."
