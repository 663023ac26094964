"""How a cell ended, in the words of a run's record: from the kernel's answer, or from the kernel's death."""

from dataclasses import dataclass

from synk.base.wire import Message
from synk.host.repls.cell import Cell
from synk.host.repls.process import Exit

CONTROL_LOST = 70
"""Exit code of a kernel that could not reach us any more; one that user code ends says so first."""
INTERRUPTED = 130
_LIMITS = {"SIGXCPU": "limit_cpu", "SIGXFSZ": "limit_file"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Status and reason as in 07-automation.md, section 2; never both a code and a signal."""

    status: str
    reason: str
    exit_code: int | None = None
    signal: str | None = None


def of_answer(cell: Cell, done: Message) -> Outcome:
    """The kernel answered."""
    if cell.why == "timeout":
        return Outcome("timeout", "hard_timeout")
    # A cell that failed after it was told to stop failed because of that: its child process was interrupted, say.
    if done.get("interrupted") or (cell.why and not done.get("ok")):
        return Outcome("interrupted", "stopped" if cell.why == "stop" else "cancelled", exit_code=INTERRUPTED)
    return _by_code(0 if done.get("ok") else 1)


def of_death(cell: Cell, how: Exit, *, is_oom: bool) -> Outcome:
    """The kernel ended while the cell ran."""
    if is_oom:
        return Outcome("crashed", "oom", signal=how.signal)
    if cell.why == "timeout":
        return Outcome("timeout", "hard_timeout", exit_code=how.code, signal=how.signal)
    if cell.is_killed or cell.why == "stop":
        return Outcome("killed", "stopped", exit_code=how.code, signal=how.signal)
    if how.signal is not None:
        return Outcome("crashed", _LIMITS.get(how.signal, "signaled"), signal=how.signal)
    if how.code is None:
        return Outcome("crashed", "host_lost")
    if how.code == CONTROL_LOST and not cell.is_leaving:
        return Outcome("crashed", "control_lost", exit_code=how.code)
    return _by_code(how.code)


def in_words(how: Exit, *, is_oom: bool) -> str:
    """How a kernel ended, for people to read."""
    if is_oom:
        return "out of memory"
    if how.signal is not None:
        return how.signal
    return "unknown exit status" if how.code is None else f"exit code {how.code}"


def _by_code(code: int) -> Outcome:
    return Outcome("completed" if code == 0 else "failed", "exited", exit_code=code)
