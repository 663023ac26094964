"""Other builds and tests: TypeScript, jest, vitest, node's runner, Go, Java, Gradle, Maven, .NET, mypy, and scripts of npm."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from synk.engine.findings import Failure, Progress
from synk.engine.tools import node, npm
from synk.engine.tools.python import final_traceback, with_hints

if TYPE_CHECKING:
    from synk.engine.evidence import Ended, Facts

_GRADLE = re.compile(r"^<[=-]*> (?P<pct>\d{1,3})% (?P<phase>[A-Z]+)")
_WEBPACK = re.compile(r"^<s> \[webpack.*?\] (?P<pct>\d{1,3})%|^(?P<bare>\d{1,3})% (?:building|sealing|emitting|\[\d)")
_MAVEN = re.compile(r"^\[INFO\] Building .*\[(?P<done>\d+)/(?P<total>\d+)\]")
_NINJA_LIKE = re.compile(r"^\[(?P<done>\d+)/(?P<total>\d+)\]")


class BuildProgress:
    """Gradle's bar, webpack's percentage, Maven's modules, `[3/7]`."""

    def line(self, text: str) -> Progress | None:
        """See LineReader."""
        if found := _GRADLE.match(text):
            return Progress(float(found["pct"]), phase=found["phase"].lower(), confidence="high")
        if found := _WEBPACK.match(text):
            return Progress(float(found["pct"] or found["bare"]), phase="building")
        if found := _MAVEN.match(text) or _NINJA_LIKE.match(text):
            done, total = float(found["done"]), float(found["total"])
            return Progress(100 * (done - 1) / total if total else None, done - 1, total, "steps", "building")
        return None


def _rule(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.MULTILINE)


_PLACES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], bool]], ...] = (
    # a.ts(3,7): error TS2322: ... and C#: Program.cs(3,5): error CS0103: ... [x.csproj]
    (_rule(
        r"^(?P<file>[^\s():][^():\n]*)\((?P<line>\d+),(?P<column>\d+)\): error (?P<code>[A-Z]+\d+): (?P<text>.+?)"
        r"(?: \[[^\]]+proj\])?$"), bool),
    # a.ts:3:7 - error TS2322: ...
    (_rule(r"^(?P<file>[^\s:]+):(?P<line>\d+):(?P<column>\d+) - error (?P<code>TS\d+): (?P<text>.+)$"), bool),
    # Maven: [ERROR] /path/A.java:[3,5] ...
    (_rule(r"^\[ERROR\] (?P<file>\S+\.(?:java|kt|scala)):\[(?P<line>\d+),(?P<column>\d+)\] (?P<text>.+)$"), bool),
    # javac: A.java:3: error: ...
    (_rule(r"^(?P<file>\S+\.java):(?P<line>\d+): error: (?P<text>.+)$"), bool),
    # Kotlin: e: file:///path/A.kt:3:5 ...
    (_rule(r"^e: (?:file://)?(?P<file>\S+?\.kts?):(?: \()?(?P<line>\d+)[:,] ?(?P<column>\d+)\)?:? (?P<text>.+)$"), bool),
    # Go: ./main.go:5:2: undefined: x
    (_rule(r"^(?:vet: )?(?P<file>\S+\.go):(?P<line>\d+):(?P<column>\d+): (?P<text>.+)$"), bool),
    # mypy, ruff, flake8: a.py:1: error: ...  a.py:1:5: F401 ...
    (_rule(
        r"^(?P<file>\S+\.pyi?):(?P<line>\d+):(?:(?P<column>\d+):)? (?:error: (?P<text>.+?)(?:  \[(?P<code>[\w-]+)\])?|"
        r"(?P<rule>[A-Z]+\d+) .+)$"), bool),
)  # fmt: skip


def errors(text: str) -> Iterator[dict[str, Any]]:
    """Errors with their places, in the order they were printed."""
    found: dict[tuple[Any, ...], tuple[int, dict[str, Any]]] = {}
    for pattern, _ in _PLACES:
        for each in pattern.finditer(text):
            groups = each.groupdict()
            error = {
                "code": groups.get("code") or groups.get("rule"),
                "text": (groups.get("text") or each[0].partition(": ")[2]).strip(),
                "file": groups["file"],
                "line": int(groups["line"]),
                "column": int(groups["column"]) if groups.get("column") else None,
            }
            found.setdefault((error["file"], error["line"], error["column"], error["text"]), (each.start(), error))
    return (error for _, error in sorted(found.values(), key=lambda pair: pair[0]))


_JEST = _rule(r"^Tests:\s+(?P<counts>(?:\d+ \w+, )+)\d+ total|^\s*Tests\s+(?P<vitest>(?:\d+ \w+(?: \| )?)+) \(\d+\)")
_COUNT = re.compile(r"(\d+) (passed|failed|skipped|todo|pending)")
_NODE_TEST = _rule(r"^(?:#|ℹ) (?P<word>pass|fail|skipped|todo) (?P<count>\d+)$")
_SUREFIRE = _rule(
    r"Tests run: (?P<run>\d+), Failures: (?P<failures>\d+), Errors: (?P<errors>\d+), Skipped: (?P<skipped>\d+)(?!.*Time)"
)
_DOTNET = _rule(r"(?:Failed|Passed)!\s+- Failed:\s+(?P<failed>\d+), Passed:\s+(?P<passed>\d+), Skipped:\s+(?P<skipped>\d+)")
_GO = _rule(r"^(?P<indent>\s*)--- (?P<state>PASS|FAIL|SKIP): (?P<name>\S+)")
_FAILED = (
    _rule(r"^\s+● (?P<name>(?!Console|Test suite failed to run).+)$"),
    _rule(r"^\s*(?:FAIL|×)\s+(?P<name>\S+\.[cm]?[jt]sx? > .+?)(?: \d+ms)?$"),
    _rule(r"^not ok \d+ - (?P<name>.+)$"),
    _rule(r"^✖ (?P<name>(?!failing tests).+?) \([\d.]+ms\)$"),
    _rule(r"^\[ERROR\]\s+(?P<name>\w+(?:\.\w+)+)(?::\d+)? .*(?:expected|FAILURE|ERROR)"),
    _rule(r"^\s*--- FAIL: (?P<name>\S+)"),
    _rule(r"^(?P<name>\S+ > \S+\(\)) FAILED$"),
)


def test_counts(text: str) -> dict[str, int] | None:
    """{passed, failed, skipped} of the summary; None if no tests ran."""
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    if jest := list(_JEST.finditer(text)):
        for number, word in _COUNT.findall(jest[-1]["counts"] or jest[-1]["vitest"]):
            counts["skipped" if word in ("todo", "pending") else word] += int(number)
        return counts
    if told := {found["word"]: int(found["count"]) for found in _NODE_TEST.finditer(text)}:
        return {
            "passed": told.get("pass", 0),
            "failed": told.get("fail", 0),
            "skipped": told.get("skipped", 0) + told.get("todo", 0),
        }
    if maven := list(_SUREFIRE.finditer(text)):
        last = {key: int(value) for key, value in maven[-1].groupdict().items()}
        failed = last["failures"] + last["errors"]
        return {"passed": last["run"] - failed - last["skipped"], "failed": failed, "skipped": last["skipped"]}
    if dotnet := _DOTNET.search(text):
        return {key: int(value) for key, value in dotnet.groupdict().items()}
    if go := list(_GO.finditer(text)):
        for found in go:
            counts[{"PASS": "passed", "FAIL": "failed", "SKIP": "skipped"}[found["state"]]] += 1
        return counts
    return None


def failed_tests(text: str) -> list[str]:
    """Names of the failed tests, each once."""
    names = [found["name"].strip() for pattern in _FAILED for found in pattern.finditer(text)]
    return list(dict.fromkeys(names))


def result(ended: Ended) -> dict[str, Any] | None:
    """{errors, tests: {passed, failed, skipped}, failed}; None if the tool printed neither."""
    text = ended.text
    found = list(errors(text))
    tests, failed = test_counts(text), failed_tests(text)
    if not found and tests is None and not failed:
        return {"source": "text", "errors": [], "tests": None, "failed": []} if ended.is_fine else None
    return {"source": "text", "errors": found, "tests": tests, "failed": failed}


_TSC_BARE = _rule(r"^error (?P<code>TS\d+): (?P<text>.+)$")
_GRADLE_FAILED = _rule(r"^\* What went wrong:\n(?P<text>.+(?:\n>? .+)*)")
_MAVEN_ERROR = _rule(
    r"^\[ERROR\] (?P<text>(?!\s*$|Help|To see|Re-run|For more|\[Help|->|COMPILATION|/).+?)(?: -> \[Help \d+\])?$"
)
_WEBPACK_ERROR = _rule(r"^ERROR in (?P<file>\S+)(?: (?P<line>\d+):(?P<column>\d+)(?:-\d+)?)?\n(?P<text>.+)")
_BUNDLER = _rule(r"^(?:\[vite\]: |\[plugin:\S+\] |✘ \[ERROR\] |error during build:\n)(?P<text>.+)")
_GO_PANIC = _rule(r"^panic: (?P<text>.+)")
_GO_FRAME = re.compile(r"^\t(?P<file>/\S+\.go):(?P<line>\d+)", re.MULTILINE)
_GO_SAID = _rule(r"^go(?:: |: .*?: )(?P<text>.+)$")


def explain(facts: Facts) -> Failure | None:
    """The first compiler error, the first failed test, else what the tool says; for npm also its scripts' own errors."""
    text = facts.text
    details: dict[str, Any] = {"code": facts.exit_code}
    if found := list(errors(text)):
        first, more = found[0], f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        message = f"{first['code']}: {first['text']}{more}" if first["code"] else f"{first['text']}{more}"
        details |= {"code": first["code"] or facts.exit_code, "errors": len(found)}
        return Failure(
            "build", message, first["file"], first["line"], first["column"], suggestions=tuple(_hints(text)), details=details
        )
    if failed := failed_tests(text):
        return _test(failed, text, facts)
    return _said(text, details) or _script(facts)


def _test(failed: list[str], text: str, facts: Facts) -> Failure:
    more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
    file, line, column = _test_place(failed[0], text)
    if said := re.search(rf"^\s+\S+_test\.go:{line}: (?P<text>.+)$", text, re.MULTILINE) if file else None:
        more = f": {said['text'].strip()}{more}"
    details = {"code": facts.exit_code, "failed": failed, "counts": test_counts(text)}
    return Failure("tests", f"{failed[0]} failed{more}", file, line, column, details=details)


_JS_PLACE = _rule(r"\(?(?:file://)?(?P<file>[^\s()'\"❯]*\.(?:test|spec)\.[cm]?[jt]sx?):(?P<line>\d+):(?P<column>\d+)")
_GO_PLACE = _rule(r"^\s+(?P<file>\S+_test\.go):(?P<line>\d+): ")


def _test_place(name: str, text: str) -> tuple[str | None, int | None, int | None]:
    start = max(text.find(name), 0)
    if found := _JS_PLACE.search(text, start) or _JS_PLACE.search(text):
        return found["file"], int(found["line"]), int(found["column"])
    if found := _GO_PLACE.search(text, start):
        return found["file"], int(found["line"]), None
    return None, None, None


def _said(text: str, details: dict[str, Any]) -> Failure | None:
    hints = tuple(_hints(text))
    if panic := _GO_PANIC.search(text):
        frame = _GO_FRAME.search(text, panic.end())
        file, line = (frame["file"], int(frame["line"])) if frame else (None, None)
        return Failure("build", f"panic: {panic['text'].strip()}", file, line, suggestions=hints, details=details)
    if webpack := _WEBPACK_ERROR.search(text):
        at = int(webpack["line"]) if webpack["line"] else None
        return Failure("build", webpack["text"].strip(), webpack["file"], at, suggestions=hints, details=details)
    if bare := _TSC_BARE.search(text):
        details["code"] = bare["code"]
        return Failure("build", f"{bare['code']}: {bare['text'].strip()}", suggestions=hints, details=details)
    for pattern in (_GRADLE_FAILED, _BUNDLER, _MAVEN_ERROR, _GO_SAID):
        if found := pattern.search(text):
            message = " ".join(line.strip(" >") for line in found["text"].strip().splitlines())
            return Failure("build", message, suggestions=hints, details=details)
    return None


def _script(facts: Facts) -> Failure | None:
    """npm ran a script: npm's own complaint, a stack of node, or a traceback of Python."""
    if not facts.runs("npm", "pnpm", "yarn", "bun", "npx", "node", "webpack", "vite", "jest", "vitest"):
        return None
    if (failure := npm.explain(facts)) or (failure := node.explain(facts)):
        return failure
    found = final_traceback(facts.own_text)
    return with_hints(found.failure, facts) if found and not found.is_cut else None


def _hints(text: str) -> Iterator[str]:
    if re.search(r"Cannot find module '\.|Can't resolve '\.|Could not resolve \"\.", text):
        yield "The file that is imported does not exist: check its path and spelling."
    elif missing := re.search(
        r"Can(?:not|'t) (?:find module|resolve) '(?P<name>[^.'/][^']*)'|Failed to resolve import \"(?P<vite>[^.\"]+)\"", text
    ):
        yield f"Install it: npm install {missing['name'] or missing['vite']}"
    elif missing := re.search(r"no required module provides package (\S+);", text):
        yield f"Install it: go get {missing[1]}"
    elif "offline mode" in text or "Could not transfer artifact" in text or "Unknown host" in text:
        yield "The repository of packages cannot be reached: check the network, or leave out the offline option."
    elif "TS18003" in text or "No inputs were found" in text:
        yield "tsconfig.json names no files that exist: check include and files."
