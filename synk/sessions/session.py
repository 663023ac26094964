"""One session: a program on a terminal with its screen, from the first byte to the bar of its ended pane."""

from dataclasses import dataclass, field
from enum import Enum
from signal import Signals
from typing import Any

from synk.terminal.emulator import Emulator


class Status(Enum):
    """What a session is doing; the value is the word the user reads (03-workspace.md, section 2)."""

    STARTING = "starting"
    WORKING = "working"
    WAITING = "waiting"
    IDLE = "idle"
    DONE_UNSEEN = "done unseen"
    ENDED = "ended"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Exit:
    """How a program ended: a code, a signal, or (host lost) neither."""

    code: int | None = None
    signal: int | None = None

    @property
    def is_success(self) -> bool:
        """True for exit code 0 only."""
        return self.code == 0

    def describe(self) -> str:
        """`status 7`, `signal 11 (SIGSEGV)` or `exit status unknown`."""
        if self.code is not None:
            return f"status {self.code}"
        if self.signal is not None:
            try:
                return f"signal {self.signal} ({Signals(self.signal).name})"
            except ValueError:
                return f"signal {self.signal}"
        return "exit status unknown"


_MISSING = "terminal: {} missing"


def missing_note(agent: str) -> str:
    """What the header of a terminal says that stands in for an agent whose command is not there (03, section 2)."""
    return _MISSING.format(agent)


def missing_agent(note: str) -> str:
    """The agent a `missing_note` names; "" for any other note."""
    before, after = _MISSING.split("{}")
    is_one = note.startswith(before) and note.endswith(after)
    return note.removeprefix(before).removesuffix(after) if is_one else ""


@dataclass(slots=True, eq=False)
class Session:
    """State of one session. Owned by the GUI thread; only `SessionManager` writes to it."""

    id: int
    """From 1, never reused within a profile. 0 only while the host has not answered yet."""
    pane: int
    """Number in the grid, from 1; fixed while the pane is open."""
    agent: str
    """Catalog id; `terminal` is a plain shell."""
    project: str
    """Resolved path of the project folder."""
    working_dir: str
    """Folder the program was started in."""
    emulator: Emulator
    status: Status = Status.STARTING
    status_since: float = 0.0
    """Unix time in seconds at which it took this status; 0 for the one it began with."""
    title: str = ""
    """The user's own title, else "" (then the program's, else the place)."""
    program_title: str = ""
    """Set by the program with OSC 0 or 2."""
    note: str = ""
    """Shown in the header, e.g. "terminal: gemini missing"."""
    program: str = ""
    """argv[0] without its folder: what the bar of an ended pane names."""
    argv: tuple[str, ...] = ()
    """The agent's command; empty for a shell."""
    is_repl: bool = False
    """The prompt of an interpreter, which acts for the user as a shell does; not an agent."""
    variables: dict[str, str] = field(default_factory=dict)
    """Set for its program on top of the environment."""
    unset: tuple[str, ...] = ()
    """Removed from its program's environment."""
    pid: int | None = None
    started_at: float = 0.0
    """Unix time in seconds."""
    ended_at: float | None = None
    exit: Exit | None = None
    """None while the program runs."""
    problem: str = ""
    """Why its program could not be started; "" if it could."""
    current_dir: str | None = None
    """Where the shell says it is (OSC 7), with bytes that are no UTF-8 as in `os.fsdecode`; None if it never said, or cannot."""
    last_exit: int | None = None
    """Status of the command that ended last (OSC 133); None if the shell told of none."""
    is_command_running: bool = False
    """The shell told of a command that has not ended yet."""
    commands_ended: int = 0
    """How many commands the shell has told the end of."""
    is_input_full: bool = False
    """The program does not read: its 64 KiB input queue is full; header reads "input full"."""

    @property
    def is_live(self) -> bool:
        """True from the request to start it until its program ended."""
        return self.exit is None

    def become(self, status: Status, now: float) -> bool:
        """Take a status from `now` (Unix time) on; False, and nothing changes, if it has it already."""
        if status is self.status:
            return False
        self.status, self.status_since = status, now
        return True

    def describe(self) -> dict[str, Any]:
        """What another window needs to show this session again; the host keeps it. No variables: they may be secret."""
        return {
            "pane": self.pane,
            "agent": self.agent,
            "project": self.project,
            "working_dir": self.working_dir,
            "title": self.title,
            "note": self.note,
            "program": self.program,
            "argv": list(self.argv),
            "is_repl": self.is_repl,
        }

    @property
    def bar(self) -> str:
        """Text of the bar of an ended pane; "" while the program runs."""
        if self.exit is None:
            return ""
        if self.problem:
            return f"{self.problem.rstrip('.')} - Enter try again, x close"
        how = self.exit.describe()
        is_known = self.exit.code is not None or self.exit.signal is not None
        return f"{self.program} ended{' with' if is_known else ','} {how} - Enter restart, s shell here, x close"
