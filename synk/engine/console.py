"""`synk repl open`: a person at the prompt of a warm interpreter, in a terminal or in a pane of the window.

The interpreter is the host's: agents and scripts may use the same one meanwhile, each cell at its turn. No asyncio.
"""

import ast
import codeop
import contextlib
import os
import readline
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

from synk.base.errors import SynkError
from synk.base.wire import Message
from synk.engine.foreground import Foreground
from synk.engine.own_terminal import OwnTerminal
from synk.hostclient import SyncHostClient

PROMPTS = {"python": (">>> ", "... "), "r": ("> ", "+ "), "bash": ("$ ", "> ")}
"""First line and further lines of a cell; languages that are not named have `OTHER`."""
OTHER = ("> ", "... ")
HISTORY_LINES = 2000
WATCH_MS = 16
"""How often new output is told: a person looks at it."""
INDENT = "    "
BETWEEN_NAMES = " \t\n`~!@#%^&*()-=+[{]}\\|;:'\",<>/?"
"""What ends a name; not the dot, so that all of `a.b.c` is asked for, and not the dollar sign, which node has in names."""
_OPENING, _CLOSING = "([{", ")]}"


class Console:
    """Reads cells, runs them, shows what they print. One REPL, one terminal."""

    def __init__(self, client: SyncHostClient, repl: str, language: str) -> None:
        self._client = client
        self._repl = repl
        self._first, self._further = PROMPTS.get(language, OTHER)
        self._is_more = python_needs_more if language == "python" else brackets_need_more
        self._terminal = OwnTerminal()

    def run(self, *, history: Path | None = None) -> int:
        """Until Ctrl+D, or until the interpreter ends; returns the exit status. `history`: file of earlier lines.

        The main thread. SIGHUP and SIGTERM end it like Ctrl+D: a pane was closed.
        """
        with _signals() as stop_listening, _history(history), _completion(self._names):
            try:
                while (code := self._read()) is not None:
                    if code.strip() and (ended := self._cell(code)) is not None:
                        return ended
            except _Closed:
                pass
            finally:
                stop_listening()
        return 0

    def _read(self) -> str | None:
        """The next cell; None at the end of input. Ctrl+C drops what was typed, as at any prompt."""
        lines: list[str] = []
        while True:
            try:
                lines.append(input(self._further if lines else self._first))
            except EOFError:
                print()
                return None
            except KeyboardInterrupt:
                print()
                lines.clear()
                continue
            if not self._is_more("\n".join(lines)):
                return "\n".join(lines)

    def _cell(self, code: str) -> int | None:
        """Run one; None, or the exit status if the interpreter is gone."""
        try:
            started = self._client.call("repl.exec", repl=self._repl, code=code, want="text", watch=True, every_ms=WATCH_MS)
        except SynkError as error:
            print(error.message, file=sys.stderr)
            # Somebody else's cell runs in it: that passes. Without the interpreter there is nothing to come back to.
            return 1 if error.kind in ("target", "refused") else None
        # SIGHUP and SIGTERM stop the run, and with it the cell; the console then finds its input closed.
        shown = Foreground(
            self._client,
            str(started["run"]),
            str(started["folder"]),
            terminal=self._terminal,
            interrupt=self._interrupt,
        )
        return self._tell_end(shown.follow().record)

    def _names(self, text: str) -> list[str]:
        names: list[str] = self._client.call("repl.complete", repl=self._repl, text=text)["names"]
        return names

    def _interrupt(self) -> None:
        self._client.post("repl.interrupt", repl=self._repl)

    def _tell_end(self, record: Message) -> int | None:
        """None if the interpreter is still there; `exit()` ends it as everywhere else."""
        rows = self._client.call("repl.list")["repls"]
        if any(row["repl"] == self._repl and row["state"] not in ("dead", "failed") for row in rows):
            return None
        if record["status"] != "completed":
            how = record["signal"] or f"exit status {record['exit_code']}"
            print(f"The interpreter ended: {how}.", file=sys.stderr)
        return 1 if record["exit_code"] is None else int(record["exit_code"])


def python_needs_more(source: str) -> bool:
    """True if this is only the beginning of a statement, or a block that an empty line has not ended yet."""
    compiler = codeop.CommandCompiler()
    compiler.compiler.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    try:
        with warnings.catch_warnings():
            # The interpreter itself tells of them.
            warnings.simplefilter("ignore")
            return compiler(source, "<console>", "single") is None
    except (SyntaxError, ValueError, OverflowError):
        # Wrong, or several statements pasted at once: the interpreter says which.
        return False


def brackets_need_more(source: str) -> bool:
    """True while a bracket or a template of several lines is open, or the last line ends in a backslash."""
    depth, quote, is_escaped = 0, "", False
    for char in source:
        if is_escaped:
            is_escaped = False
        elif char == "\\":
            is_escaped = True
        elif quote:
            quote = "" if char == quote or (char == "\n" and quote != "`") else quote
        elif char in "'\"`":
            quote = char
        elif char in _OPENING:
            depth += 1
        elif char in _CLOSING:
            depth -= 1
    return depth > 0 or quote == "`" or source.endswith("\\")


class _Closed(Exception):
    """Our terminal is going."""


@contextlib.contextmanager
def _signals() -> Iterator[Callable[[], None]]:
    """Ctrl+C interrupts the reading of a line, whatever an event loop made of it; the ends of a terminal raise `_Closed`.

    A pane that is closed sends two of them. Both may come within one `input()`, which forgets the first unless the second
    raises too. Once the end is known, one that comes late must not break it off: hence what this gives to be called.
    """
    is_heard = True
    # Made here: `input()` calls the second handler with the first exception set, when no object can be made (SystemError).
    closed = _Closed()

    def close(_number: int, _frame: object) -> None:
        if is_heard:
            raise closed

    def stop_listening() -> None:
        nonlocal is_heard
        is_heard = False

    handlers = {signal.SIGINT: signal.default_int_handler, signal.SIGHUP: close, signal.SIGTERM: close}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield stop_listening
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _completion(names_of: Callable[[str], list[str]]) -> Iterator[None]:
    """Tab completes names of the interpreter; where nothing is written yet it indents."""
    found: list[str] = []

    def complete(text: str, state: int) -> str | None:
        if not readline.get_line_buffer()[: readline.get_endidx()].strip():
            if state == 0:
                readline.insert_text(INDENT)
                readline.redisplay()
            return None
        if state == 0:
            # In a text or behind a bracket nothing is meant: file names would only be in the way.
            with contextlib.suppress(SynkError):
                found[:] = names_of(text) if text else []
        return found[state] if state < len(found) else None

    before, delimiters = readline.get_completer(), readline.get_completer_delims()
    readline.set_completer_delims(BETWEEN_NAMES)
    readline.set_completer(complete)
    readline.parse_and_bind("tab: complete")
    try:
        yield
    finally:
        readline.set_completer(before)
        readline.set_completer_delims(delimiters)


@contextlib.contextmanager
def _history(path: Path | None) -> Iterator[None]:
    """Lines of earlier consoles on Up, and this one's kept for later ones."""
    readline.set_history_length(HISTORY_LINES)
    if path is not None:
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
            readline.read_history_file(path)
    try:
        yield
    finally:
        if path is not None:
            with contextlib.suppress(OSError):
                readline.write_history_file(path)
