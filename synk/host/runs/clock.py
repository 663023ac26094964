"""When a run has taken too long: idle, hard and input limits, decided from what was seen of it. Pure."""

from dataclasses import dataclass

BUSY_TICKS_PER_S = 1.5
"""CPU above this in clock ticks (10 ms) a second is work; below it is somebody looking at a clock or turning a spinner."""


@dataclass(slots=True)
class Clock:
    """Times are seconds of one monotonic clock. A limit of None never fires."""

    idle_s: float | None
    hard_s: float | None
    is_hard_from_life: bool
    """The hard limit counts from the last sign of life, not from the start."""
    input_s: float | None
    started: float
    last_life: float = 0.0
    waiting_since: float | None = None
    _cpu_ticks: int = 0
    _io_bytes: int = 0
    _sampled_at: float = 0.0
    _printed: int = 0
    """Bytes printed: they are in the count of I/O as well, and alone no sign of life."""
    _is_redrawn: bool = False
    """A carriage return has come since the last line feed: what follows is the same line once more."""
    _silent_io: int = 0
    """Most I/O seen so far beyond what was printed."""

    def __post_init__(self) -> None:
        self.last_life = self._sampled_at = self.started

    def unset(self) -> None:
        """Lift every limit."""
        self.idle_s = self.hard_s = self.input_s = None

    @property
    def is_set(self) -> bool:
        """True if any limit can fire."""
        return self.idle_s is not None or self.hard_s is not None or self.input_s is not None

    @property
    def shortest_s(self) -> float:
        """The smallest limit, by which the clock has to be looked at often enough."""
        return min((limit for limit in (self.idle_s, self.hard_s, self.input_s) if limit is not None), default=60.0)

    def printed(self, data: bytes, now: float) -> None:
        """It printed. A line that is only drawn anew (carriage return, escape sequences, no line feed) is no sign of life
        by itself: curl and wget go on counting seconds in front of a dead connection, curl letter by letter."""
        self._printed += len(data)
        feed = data.rfind(b"\n")
        self._is_redrawn = (feed < 0 and self._is_redrawn) or b"\r" in data[feed + 1 :]
        if feed >= 0 or not (self._is_redrawn or b"\x1b" in data):
            self.last_life = now

    def sampled(self, *, cpu_ticks: int, io_bytes: int, now: float) -> None:
        """CPU time and I/O of the tree up to now. Less than before is the end of some process: a change, so life."""
        cpu, silent_io = cpu_ticks - self._cpu_ticks, io_bytes - self._printed
        elapsed = max(0.001, now - self._sampled_at)
        has_ended_part = cpu < 0 or io_bytes < self._io_bytes
        if has_ended_part or cpu / elapsed > BUSY_TICKS_PER_S or silent_io > self._silent_io:
            self.last_life = now
        self._silent_io = silent_io if has_ended_part else max(silent_io, self._silent_io)
        self._cpu_ticks, self._io_bytes, self._sampled_at = cpu_ticks, io_bytes, now

    def waits(self, is_waiting: bool, now: float) -> None:
        """It waits for input, which counts only against the input limit; or it goes on."""
        if is_waiting and self.waiting_since is None:
            self.waiting_since = now
        elif not is_waiting and self.waiting_since is not None:
            self.started += now - self.waiting_since
            self.waiting_since = None
            self.last_life = now

    def reached(self, now: float) -> str:
        """`idle_timeout` or `hard_timeout` if a limit is reached; else ""."""
        if self.waiting_since is not None:
            is_over = self.input_s is not None and now - self.waiting_since >= self.input_s
            return "idle_timeout" if is_over else ""
        if self.idle_s is not None and now - self.last_life >= self.idle_s:
            return "idle_timeout"
        since = self.last_life if self.is_hard_from_life else self.started
        if self.hard_s is not None and now - since >= self.hard_s:
            return "hard_timeout"
        return ""
