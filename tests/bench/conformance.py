"""Conformance: public suites of terminal tests, run against Synk's emulator alone and against peers in the same run.

The suites are other people's work and not part of this tree. Each is run where its folder is named by the environment, and
its row says "not measured" otherwise.

    SYNK_ESCTEST        a checkout of esctest2 (T. Dickey's fork): the folder that holds `esctest/esctest.py`
    SYNK_LIBVTERM       the source of libvterm: the folder that holds `t/*.test`
    SYNK_TMUX_REGRESS   the folder `regress` of tmux's source
    SYNK_XTERMJS_FILES  the folder `escape_sequence_files` of xterm.js's source

libvterm's and tmux's tell what these do, also where xterm does otherwise, which decides here: where Synk differs from libvterm
`tests/conformance` has the reasons, and tmux's share has no limit. Each check that does not pass is listed by
`python tests/bench/conformance.py`. alacritty's reference recordings are not among them: all copies that could be had had lost
their escape characters.
"""

import contextlib
import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import tmux_scripts
from answering import COLS, ROWS, Answering, Pyte, Synk, XtermJs, attend
from measure import Limit, NotMeasured, Options, Row
from throughput import xterm_modules
from xserver import XServer

from tests.conformance import escape_files, libvterm_scripts

IDS = ("CONFORM",)
ESCTEST_STRICT = 500
"""02-terminal.md, section 8."""
XTERM_FILES_SHARE = 74 / 76
XTERM_LIMIT_S = 900.0
HASTY_S = 0.2
"""How long the suite waits for answers of terminals that give most of them not at all."""
_SUMMARY = re.compile(r"\*\*\* (\d+) tests? passed, (\d+) known bugs?, (\d+) (?:TESTS?|tests?) (?:FAILED|failed) \*\*\*")
_LEVEL = 4
# What xterm is told to allow, as the suite's README asks for: programs may change and ask for everything.
_XTERM_RESOURCES = (
    "*VT100*allowWindowOps: true",
    "*VT100*disallowedWindowOps:",
    "*VT100*allowTitleOps: true",
    "*VT100*allowColorOps: true",
    "*VT100*disallowedColorOps:",
    "*VT100*allowTcapOps: true",
    "*VT100*decTerminalID: 420",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a suite said about one terminal."""

    passed: int
    known_bugs: int
    """Tests that fail on xterm too, by the suite's own notes, or that need a higher level."""
    failed: tuple[str, ...]

    def plus(self, other: "Outcome") -> "Outcome":
        """Of both together."""
        return Outcome(self.passed + other.passed, self.known_bugs + other.known_bugs, self.failed + other.failed)

    @property
    def total(self) -> int:
        """All tests that the suite holds."""
        return self.passed + self.known_bugs + len(self.failed)


def run(options: Options, wanted: set[str]) -> list[Row]:
    """One row a suite."""
    del wanted
    return [esctest_row(options), xterm_files_row(), libvterm_row(), tmux_row()]


def esctest_row(options: Options) -> Row:
    """Tests passed by each terminal, by Synk alone in a quick run; a test that the suite expects to fail does not count."""
    what = "esctest2, VT level 4: tests passed, answered by the engine alone"
    folder = os.environ.get("SYNK_ESCTEST", "")
    if not folder:
        return Row("conf", what, reason="SYNK_ESCTEST names no checkout of esctest2")
    suite = Path(folder)
    ours = esctest(suite, Synk, timeout_s=1.0)
    values = {"Synk": float(ours.passed)}
    if not options.is_quick:
        peers: dict[str, Callable[[], Outcome]] = {
            "xterm": lambda: esctest_in_xterm(suite),
            "xterm.js": lambda: esctest(suite, lambda: XtermJs(xterm_modules()), timeout_s=HASTY_S),
            "pyte": lambda: esctest(suite, Pyte, timeout_s=HASTY_S),
        }
        for name, measure in peers.items():
            with contextlib.suppress(NotMeasured):
                values[name] = float(measure().passed)
    values["of"] = float(ours.total)
    for name in ours.failed:
        logging.getLogger(__name__).info("Synk fails %s", name)
    return Row("conf", what, "", values, [Limit("Synk", ESCTEST_STRICT, is_floor=True)])


def xterm_files_row() -> Row:
    """What xterm.js compares itself with: streams, each with the screen that xterm made of it."""
    what = "xterm.js's escape-sequence files: screens as expected"
    folder = os.environ.get("SYNK_XTERMJS_FILES", "")
    if not folder:
        return Row("conf", what, reason="SYNK_XTERMJS_FILES names no folder of such files")
    streams = escape_files.differences_in(Path(folder))
    failures = [f"{name}: {'; '.join(rows)}" for name, rows in streams.items() if rows]
    return _shares(what, len(streams), failures, least=XTERM_FILES_SHARE)


def libvterm_row() -> Row:
    """What libvterm's scripts expect of the screen, the answers and the keys."""
    what = "libvterm's scripts: answers like libvterm's"
    folder = os.environ.get("SYNK_LIBVTERM", "")
    if not folder:
        return Row("conf", what, reason="SYNK_LIBVTERM names no source of libvterm")
    answers = list(libvterm_scripts.answers_to(Path(folder) / "t"))
    differing = [answer for answer in answers if answer[2] != answer[3]]
    unexplained = [answer for answer in differing if not answer[4]]
    for place, asked, wanted, found, _ in unexplained:
        logging.getLogger(__name__).info("%s %s: %s expected, %s came", place, asked, wanted, found)
    values = {
        "Synk": len(answers) - len(differing), "of": len(answers), "differ as xterm does or for another known reason":
        len(differing) - len(unexplained), "for none": len(unexplained),
    }  # fmt: skip
    return Row("conf", what, "", {name: float(value) for name, value in values.items()}, [Limit("for none", 1)])


def tmux_row() -> Row:
    """What tmux's own tests expect of a pane."""
    what = "tmux's tests of input: checks passed"
    folder = os.environ.get("SYNK_TMUX_REGRESS", "")
    if not folder:
        return Row("conf", what, reason="SYNK_TMUX_REGRESS names no folder regress of tmux")
    tally = tmux_scripts.run_scripts(Path(folder))
    return _shares(what, tally.checked, tally.failures)


def _shares(what: str, checked: int, failures: Sequence[str], *, least: float | None = None) -> Row:
    if not checked:
        return Row("conf", what, reason="there are no scripts in the folder")
    for failure in failures:
        logging.getLogger(__name__).info("%s", failure)
    passed = checked - len(failures)
    limits = [Limit("share", least, is_floor=True)] if least else []
    return Row("conf", what, "", {"Synk": float(passed), "of": float(checked), "share": passed / checked}, limits)


def esctest(suite: Path, make: Callable[[], Answering], *, timeout_s: float) -> Outcome:
    """Run it in a pseudo terminal that a new terminal answers for each class of tests.

    Not in one run: an answer that nobody waited for would be read by the next test, and fail all that follow.
    """
    outcome = Outcome(0, 0, ())
    for name in _esctest_classes(suite):
        terminal = make()
        with tempfile.TemporaryDirectory(prefix="synk-conform-") as folder:
            log = Path(folder) / "log"
            try:
                attend(
                    terminal, _esctest_command(suite, log, include=rf"^{name}\.", timeout_s=timeout_s), folder=suite / "esctest"
                )
            finally:
                terminal.close()
            outcome = outcome.plus(_outcome(log))
    return outcome


def _esctest_classes(suite: Path) -> list[str]:
    """Names of the classes of tests that the suite runs."""
    listed = (suite / "esctest" / "tests" / "__init__.py").read_text()
    found = re.findall(r"^from tests\.\w+ import (\w+)$", listed, re.MULTILINE)
    if not found:
        raise NotMeasured("the suite lists no tests")
    return sorted(set(found))


def esctest_in_xterm(suite: Path) -> Outcome:
    """Run it in xterm on a screen of its own.

    Raises:
        NotMeasured: xterm or Xvfb is missing, or it did not end.
    """
    program = shutil.which("xterm")
    if program is None:
        raise NotMeasured("no xterm")
    with tempfile.TemporaryDirectory(prefix="synk-conform-") as folder:
        log = Path(folder) / "log"
        screen = XServer(Path(folder))
        try:
            resources = [part for resource in _XTERM_RESOURCES for part in ("-xrm", resource)]
            command = [program, *resources, "-geometry", f"{COLS}x{ROWS}", "-e", *_esctest_command(suite, log)]
            environment = {**os.environ, "DISPLAY": screen.name, "LC_ALL": "C.UTF-8"}
            subprocess.run(command, env=environment, cwd=suite / "esctest", timeout=XTERM_LIMIT_S, check=True)
        except subprocess.TimeoutExpired as error:
            raise NotMeasured("xterm did not come to the end") from error
        finally:
            screen.close()
        return _outcome(log)


def _esctest_command(suite: Path, log: Path, *, include: str = ".*", timeout_s: float = 1.0) -> list[str]:
    script = suite / "esctest" / "esctest.py"
    if not script.exists():
        raise NotMeasured(f"{script} is not there")
    arguments = [
        "--expected-terminal=xterm", f"--max-vt-level={_LEVEL}", f"--timeout={timeout_s}", f"--logfile={log}", "--no-print-logs",
        f"--include={include}", "--options", "xtermWinopsEnabled",
    ]  # fmt: skip
    return [sys.executable, str(script), *arguments]


def _outcome(log: Path) -> Outcome:
    text = log.read_text(errors="replace")
    summary = _SUMMARY.search(text)
    if summary is None:
        raise NotMeasured(f"the suite did not come to its end: {text[-300:]!r}")
    names = text[summary.end() :].partition("Failing tests:\n")[2].split()
    return Outcome(passed=int(summary[1]), known_bugs=int(summary[2]), failed=tuple(names))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    for line in run(Options(is_quick=True), set(IDS)):
        print(f"{line.what}: {line.measured_text}")
