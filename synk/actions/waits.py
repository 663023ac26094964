"""What `synk ctl wait-for` can wait for: conditions on a session, checked on events and never by polling."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import ref

from synk.base.errors import NoSuchTarget, SynkError, TimedOut, UsageError
from synk.base.events import Hub
from synk.base.time_limit import TimeIsUp, TimeLimit
from synk.sessions.events import SessionChanged, SessionClosed, SessionOutput, TerminalReported
from synk.sessions.session import Session, Status
from synk.terminal.anchors import Anchor
from synk.terminal.emulator import Emulator
from synk.terminal.events import PromptMarked

LONGEST_S = 20 * 24 * 3600.0
"""Timers of Qt end at 24 days."""

PATTERN_LIMIT_S = 0.1
"""Processor time for looking at what one turn printed; only a pattern that tries without end needs more."""
LONGEST_LINE_ROWS = 200
"""Rows of one line that are looked at together: a line without end is not read from its beginning at each output."""

Later = Callable[[int, Callable[[], None]], None]
Done = Callable[[dict[str, Any] | SynkError], None]
"""Called once with what happened, or with the error that ended the wait."""


@dataclass(slots=True, eq=False, weakref_slot=True)
class Wait:
    """One waiting call."""

    session: Session
    until: str
    """`text`, `idle`, `exit`, `status` or `command`."""
    done: Done
    pattern: re.Pattern[str] | None = None
    status: Status | None = None
    idle_s: float = 0.0
    first: Anchor | None = None
    """Where the text begins that can still match."""
    ignored: list[tuple[Anchor, str]] = field(default_factory=list)
    """Lines that stood there before (`--new`), and where they begin."""
    last_output: float = 0.0
    command_running: bool = False
    """For `command`: one has begun that has not ended."""
    is_over: bool = False


class Waits:
    """All waiting calls of the window; GUI thread."""

    def __init__(self, hub: Hub, later: Later, *, now: Callable[[], float] = time.monotonic) -> None:
        self._later = later
        self._now = now
        self._limit = TimeLimit(PATTERN_LIMIT_S)
        self._waits: list[Wait] = []
        self._before_input: dict[int, int] = {}
        """How many commands a session had ended when input was last sent to it; waited for since: no entry."""
        hub.subscribe(SessionOutput, lambda event: self._each(event.session, self._printed))
        hub.subscribe(SessionChanged, lambda event: self._each(event.session, self._changed))
        hub.subscribe(TerminalReported, self._reported)
        hub.subscribe(SessionClosed, self._session_closed)

    def note_input(self, session: Session) -> None:
        """Text was sent to the session: the next wait for a command takes also one that ends before it begins."""
        self._before_input[session.id] = session.commands_ended

    def add(self, session: Session, arguments: Mapping[str, Any], done: Done) -> None:
        """Start a wait; `done` may be called before this returns.

        Raises:
            UsageError: no condition, a bad pattern, an unknown status, or a time that is none.
        """
        until = str(arguments.get("until", ""))
        timeout_s = None if arguments.get("timeout_s") is None else _seconds(arguments["timeout_s"])
        wait = Wait(session, until, done)
        emulator = session.emulator
        match until:
            case "text":
                try:
                    wait.pattern = re.compile(str(arguments.get("pattern", "")))
                except re.error as error:
                    raise UsageError(f"text={arguments.get('pattern')}: no regular expression: {error}") from error
                wait.first = emulator.anchor(emulator.scrolled_total, 0)
                if arguments.get("new"):
                    lines = _lines(emulator, emulator.scrolled_total)
                    wait.ignored = [(emulator.anchor(line, 0), text) for line, text in lines]
            case "status":
                words = [status.value for status in Status]
                if arguments.get("status") not in words:
                    raise UsageError(f"status={arguments.get('status')}: the words are {', '.join(words)}")
                wait.status = Status(arguments["status"])
            case "idle":
                wait.idle_s = _seconds(arguments.get("idle_s", 1.0))
            case "command":
                wait.command_running = session.is_command_running
                before = self._before_input.pop(session.id, session.commands_ended)
                if session.commands_ended > before and not arguments.get("new"):
                    # It was quicker than the call that waits for it.
                    done(_command_ended(session.last_exit))
                    return
            case "exit":
                pass
            case _:
                raise UsageError("wait-for needs text=RE, idle=SECONDS, exit, status=WORD, command or port=N")
        self._waits.append(wait)
        if timeout_s is not None:
            # The timer runs on when the wait is over; it must not keep the session and its screen until then.
            waiting = ref(wait)
            self._later(round(timeout_s * 1000), lambda: self._time_out(waiting(), timeout_s))
        self._printed(wait)
        self._changed(wait)
        if until == "idle":
            self._watch_idle(wait)

    def _each(self, number: int, check: Callable[[Wait], None]) -> None:
        for wait in tuple(self._waits):
            if wait.session.id == number:
                check(wait)

    def _printed(self, wait: Wait) -> None:
        wait.last_output = self._now()
        if wait.pattern is None or wait.first is None or wait.is_over:
            return
        emulator = wait.session.emulator
        ignored = {anchor.line: text for anchor, text in wait.ignored}
        found: tuple[str, str] | None = None
        try:
            with self._limit:
                found = _first_match(wait.pattern, _lines(emulator, wait.first.line), ignored)
        except TimeIsUp:
            self._finish(wait, UsageError(f"text={wait.pattern.pattern}: takes too long on what the session printed"))
            return
        if found is not None:
            self._finish(wait, {"happened": "text", "match": found[0], "line": found[1]})
        elif wait.first.line < emulator.scrolled_total:
            # Lines that have left the screen cannot change any more: they are looked at once.
            wait.first = emulator.anchor(emulator.scrolled_total, 0)

    def _changed(self, wait: Wait) -> None:
        session = wait.session
        if wait.status is session.status and wait.status is not None:
            self._finish(wait, {"happened": "status", "status": session.status.value})
        elif session.exit is not None:
            if wait.until == "exit":
                self._finish(wait, {"happened": "exit", "code": session.exit.code, "signal": session.exit.signal})
            elif wait.until in ("text", "idle", "command"):
                self._finish(wait, NoSuchTarget(f"Session {session.id} ended with {session.exit.describe()}"))

    def _reported(self, event: TerminalReported) -> None:
        match event.report:
            case PromptMarked("output"):
                for wait in self._for_command(event.session):
                    wait.command_running = True
            case PromptMarked("end", status):
                for wait in self._for_command(event.session):
                    if wait.command_running:
                        self._finish(wait, _command_ended(status))

    def _for_command(self, number: int) -> list[Wait]:
        return [wait for wait in self._waits if wait.until == "command" and wait.session.id == number]

    def _session_closed(self, event: SessionClosed) -> None:
        self._before_input.pop(event.session, None)
        self._each(event.session, self._closed)

    def _closed(self, wait: Wait) -> None:
        session = wait.session
        if wait.until == "exit":
            code, number = (session.exit.code, session.exit.signal) if session.exit else (None, None)
            self._finish(wait, {"happened": "exit", "code": code, "signal": number})
        else:
            self._finish(wait, NoSuchTarget(f"Session {session.id} was closed"))

    def _watch_idle(self, wait: Wait) -> None:
        if wait.is_over:
            return
        left_s = wait.idle_s - (self._now() - wait.last_output)
        if left_s <= 0:
            self._finish(wait, {"happened": "idle", "idle_s": wait.idle_s})
        else:
            self._later(max(1, round(left_s * 1000)), lambda: self._watch_idle(wait))

    def _time_out(self, wait: Wait | None, timeout_s: float) -> None:
        if wait is not None:
            self._finish(wait, TimedOut(f"Session {wait.session.id}: nothing of the kind within {timeout_s:g} s"))

    def _finish(self, wait: Wait, result: dict[str, Any] | SynkError) -> None:
        if not wait.is_over:
            wait.is_over = True
            if wait in self._waits:
                self._waits.remove(wait)
            wait.done(result)


def _lines(emulator: Emulator, first: int) -> list[tuple[int, str]]:
    """Lines as the program wrote them, whatever rows they fill: number of their first row, and text.

    From the one that row `first` (absolute) belongs to down to the end of the screen.
    """
    top = emulator.scrolled_total
    y = max(first - top, emulator.first_row())
    oldest = max(y - LONGEST_LINE_ROWS, emulator.first_row())
    while y > oldest and emulator.is_wrapped(y - 1):
        y -= 1
    lines: list[tuple[int, str]] = []
    goes_on, rows = False, 0
    for row in range(y, emulator.rows):
        text = emulator.text(row)
        if goes_on and rows < LONGEST_LINE_ROWS:
            lines[-1] = (lines[-1][0], lines[-1][1] + text)
            rows += 1
        else:
            lines.append((top + row, text))
            rows = 1
        goes_on = emulator.is_wrapped(row)
    return [(line, text.rstrip()) for line, text in lines]


def _first_match(pattern: re.Pattern[str], lines: list[tuple[int, str]], ignored: Mapping[int, str]) -> tuple[str, str] | None:
    """The first match and its line, in what was not there before."""
    for number, text in lines:
        old = ignored.get(number)
        if old != text and (found := pattern.search(text if old is None else text.removeprefix(old))):
            return found[0], text
    return None


def _command_ended(status: int | None) -> dict[str, Any]:
    return {"happened": "command", "status": status}


def _seconds(value: object) -> float:
    try:
        seconds = float(str(value))
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LONGEST_S:
        raise UsageError(f"{value} is no number of seconds from 0 to {LONGEST_S:.0f}")
    return seconds
