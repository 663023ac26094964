"""A run that is a program of its own: started, read, limited, stopped, and over when nothing of its output can be missing."""

import asyncio
import logging
import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from synk.host.reaper import exit_of
from synk.host.runs.clock import Clock
from synk.host.runs.ladder import GIVE_UP_S, StopLadder
from synk.host.runs.reading import InputWriter, ScreenModes, StreamReader
from synk.host.runs.request import RunRequest
from synk.host.runs.run import Run, signal_name
from synk.host.runs.start import Started
from synk.host.runs.tree import TICKS_PER_S, Tree, describe, doing, start_time_of, tagged_processes
from synk.host.service import HostParts
from synk.pty.spawn import set_size

log = logging.getLogger(__name__)

LINGER_S = 0.05
"""A stream whose other end somebody else still holds is read on for so long after the program's end."""
SURE_BYTES = 2 << 20
"""More than a pipe or terminal can hold: after so much, what the program itself wrote has been read, whoever writes on."""
AHEAD_BYTES = 64 << 20
"""A program in the foreground of a shell is this far ahead of whoever reads it and then waits, as in front of a full pipe;
the spool keeps three times as much behind its head."""
ADOPTED_CHECK_S = 0.25
"""How often it is looked whether a run that has no first process any more is over."""
EMPTY_CHECK_S = 0.02
"""While a run is stopped: how often it is looked whether its last process has gone."""
DOING_SHOWN = 10
"""Processes of which a run that reached a limit tells what they were doing."""
_LIMIT_SIGNALS = {signal.SIGXCPU: "limit_cpu", signal.SIGXFSZ: "limit_file"}
_SHELL_SIGNAL = 128
"""A shell tells that its command died of signal n by exiting with 128 + n."""


class ProgramRun:
    """One started program; the main loop. Gives itself to the run as its control."""

    def __init__(
        self,
        parts: HostParts,
        run: Run,
        request: RunRequest,
        started: Started,
        *,
        mark: str,
        on_over: Callable[["ProgramRun"], None],
        adopt: Callable[["ProgramRun"], Run | None],
    ) -> None:
        """`on_over` when the run is over and nothing of it is left to read; `adopt` makes the run of its own that what
        stays behind goes on as, None if there are too many.
        """
        self._loop = parts.loop
        self._reaper = parts.reaper
        self.run = run
        self.request = request
        self.started = started
        self.tree = Tree(started.pid, start_time_of(started.pid), mark)
        self.modes = ScreenModes()
        self.clock = Clock(
            request.idle_s, request.hard_s, request.hard_from_life, request.input_timeout_s, time.monotonic()
        )
        self.last_output = time.monotonic()
        self.answered_at = 0.0
        """When it last was given input."""
        self._on_over = on_over
        self._adopt = adopt
        self._status: int | None = None
        self._since_exit = 0
        self._seen = 0 if request.is_paced else -1
        """Bytes its client has shown; -1 if nobody has to see everything."""
        self._held_since = 0.0
        self._is_finished = False
        self._stop_reason = ""
        self._stop_mode = ""
        self._mode_at_exit = ""
        self._is_adopted = False
        self._stop_background = request.on_background == "kill"
        self._kill_until = 0.0
        self._cpu_of_ended = 0
        self._oom_kills = oom_kills()
        self._timer: asyncio.TimerHandle | None = None
        self._ladder = StopLadder(parts.loop, self.tree, foreground=self.foreground, on_empty=self._emptied)
        run.pid = started.pid
        run.control = self
        streams = started.streams
        self._readers = {
            name: StreamReader(
                parts.loop,
                fd,
                is_terminal=fd == streams.master,
                on_data=self._sink(name, is_terminal=fd == streams.master),
                on_end=self._stream_ended,
            )
            for name, fd in (("out", streams.out), ("err", streams.err))
            if fd >= 0
        }
        self._stdin = streams.stdin
        target = streams.stdin if streams.stdin >= 0 else streams.master
        self._input = InputWriter(parts.loop, target) if target >= 0 else None
        self._typed = InputWriter(parts.loop, streams.master) if streams.stdin >= 0 and streams.master >= 0 else None
        """Answers typed at the terminal although input comes through a pipe (a password read from /dev/tty)."""
        self._reaper.watch(started.pid, self._exited)
        if request.input or request.eof:
            self.send_input(request.input, eof=request.eof)

    @property
    def master(self) -> int:
        """Its terminal; -1 if it has none or it is closed."""
        reader = next((each for each in self._readers.values() if each.is_terminal), None)
        return -1 if reader is None or reader.is_at_end else self.started.streams.master

    def last_text(self) -> bytes:
        """The end of what was printed where a question stands: on the terminal, or in a line begun on stdout."""
        name = "out" if self.request.tty == "both" else "err"
        text = self.run.spool.tail(name)[-4096:]
        if not text or text.endswith(b"\n"):
            # Python's input() asks on stdout, also if that is no terminal.
            return self.run.spool.tail("out")[-4096:] or text
        return text

    @property
    def is_main_alive(self) -> bool:
        """True while the first process runs."""
        return self._status is None

    def foreground(self) -> int:
        """The process group Ctrl+C would go to: the terminal's, or that of the program without one; 0 if there is none."""
        if self.master >= 0:
            try:
                return os.tcgetpgrp(self.master)
            except OSError:
                return 0
        return self.started.pid if self.is_main_alive else 0

    def send_input(self, data: bytes, *, eof: bool) -> str:
        """Answer its question, or feed its stdin; returns a note if nothing waits for it."""
        is_asked = self.run.waiting is not None
        writer = self._typed if is_asked and self._typed is not None else self._input
        if writer is None or (writer is self._input and self._stdin >= 0 and self._is_stdin_closed):
            return "This run has no stdin and no terminal that could take input."
        self.answered_at = time.monotonic()
        self.run.set_waiting(None)
        self.clock.waits(False, time.monotonic())
        if data:
            writer.write(data)
        if eof and writer is self._input and self._stdin >= 0:
            writer.when_written(self._close_stdin)
        elif eof:
            # Ctrl+D at the beginning of a line is the end of the input of a terminal.
            writer.write(b"\x04")
        return "" if is_asked or self._stdin >= 0 else "Nothing was waiting for input; it was sent all the same."

    @property
    def is_held(self) -> bool:
        """It waits for its client to show what it printed; that time counts against no limit."""
        return self._held_since > 0

    def seen(self, count: int) -> None:
        """Its client has shown so many bytes of both streams; -1: there is no such client any more."""
        self._seen = count
        if self.is_held and (count < 0 or self.run.written - count < AHEAD_BYTES // 2):
            self._go_on()

    def stop(self, mode: str, reason: str = "") -> None:
        """Begin the ladder; the first reason is the one that is kept."""
        if self._is_finished:
            return
        if not self._stop_mode:
            self._stop_mode = mode
            self._stop_reason = reason or ("cancelled" if mode == "interrupt" else "stopped")
        self.run.is_stopping = True
        self._ladder.begin(mode)
        if not self.is_main_alive:
            self._await_empty()

    def resize(self, *, cols: int, rows: int) -> None:
        """Set the terminal's size."""
        if self.master >= 0:
            set_size(self.master, cols=cols, rows=rows)

    def tick(self, scan: Mapping[int, list[int]], now: float) -> None:
        """Now and then: measure the tree, and look at the limits."""
        sample = self.tree.sample(scan)
        self.run.cpu_ms = max(self.run.cpu_ms, sample.cpu_ticks * 1000 // TICKS_PER_S)
        self.run.peak_rss = max(self.run.peak_rss, sample.rss_bytes)
        if self._is_finished or self._stop_mode:
            return
        limit = self.request.limits.memory_bytes
        if limit is not None and self.tree.group is None and sample.rss_bytes > limit:
            self.stop("kill", "oom")
            return
        self.clock.sampled(cpu_ticks=sample.cpu_ticks, io_bytes=sample.io_bytes, now=now)
        self.clock.waits(self.run.waiting is not None, now)

    def reached_limit(self, reason: str) -> None:
        """A limit of the clock was reached: stop, or let it go on without limits."""
        self.run.extra["output_age_s"] = round(time.monotonic() - self.last_output, 1)
        self.run.extra["stack"] = "\n".join(doing(pid) for pid in self.tree.living(tagged_processes())[:DOING_SHOWN])
        if self.request.on_timeout == "background":
            self.clock.unset()
            self.run.extra["limit"] = reason
            self.run.tell_state()
            return
        self.run.extra["limit"] = reason
        self.stop("interrupt", reason)

    def end_quickly(self) -> None:
        """The host ends: no step is waited for."""
        self.stop("terminate")

    def close(self) -> None:
        """Close every descriptor; what still writes gets an error from the kernel."""
        self._cancel_timer()
        self._ladder.leave()
        for writer in (self._input, self._typed):
            if writer is not None:
                writer.close()
        for reader in self._readers.values():
            reader.close()
        self._close_stdin()
        if self.started.pidfd >= 0:
            os.close(self.started.pidfd)
            self.started = replace(self.started, pidfd=-1)

    @property
    def _is_stdin_closed(self) -> bool:
        return self._stdin < 0

    def _sink(self, stream: str, *, is_terminal: bool) -> Callable[[bytes], None]:
        def take(data: bytes) -> None:
            now = time.monotonic()
            self.last_output = now
            self.clock.printed(data, now)
            if is_terminal:
                self.modes.feed(data)
            if self._status is not None:
                self._since_exit += len(data)
            if self._is_finished:
                self.run.spool.write(stream, data)
                return
            self.run.write(stream, data)
            if self.run.waiting is not None:
                self.run.set_waiting(None)
                self.clock.waits(False, now)
            if 0 <= self._seen < self.run.written - AHEAD_BYTES and not self.is_held and self._status is None:
                self._held_since = now
                for reader in self._readers.values():
                    reader.pause()

        return take

    def _go_on(self) -> None:
        now = time.monotonic()
        self.clock.started += now - self._held_since
        self.clock.last_life = now
        self._held_since = 0.0
        for reader in self._readers.values():
            reader.resume()

    def _close_stdin(self) -> None:
        if self._stdin >= 0:
            if self._input is not None:
                self._input.close()
            os.close(self._stdin)
            self._stdin = -1
            self._input = None

    def _exited(self, status: int) -> None:
        """The first process is reaped: read what it wrote, and finish as soon as that is certain (section 2)."""
        self._status = status
        if self.is_held:
            self._go_on()
        usage = self._reaper.usage
        if usage is not None:
            self._cpu_of_ended = round((usage.ru_utime + usage.ru_stime) * 1000)
            if usage.ru_maxrss * 1024 > self.started.lent_rss:
                self.run.peak_rss = max(self.run.peak_rss, usage.ru_maxrss * 1024)
        self.run.cpu_ms = max(self.run.cpu_ms, self._cpu_of_ended)
        self._mode_at_exit = self._ladder.mode
        for reader in self._readers.values():
            reader.drain(SURE_BYTES)
        if self._stop_mode:
            self._await_empty()
        elif self._are_streams_over:
            self._finish()
        else:
            self._timer = self._loop.call_later(LINGER_S, self._lingered)

    @property
    def _are_streams_over(self) -> bool:
        return all(reader.is_at_end for reader in self._readers.values())

    def _stream_ended(self) -> None:
        if not self._are_streams_over:
            return
        if self._is_finished:
            self._loop.call_soon(self._release)
        elif self._status is not None and not self._stop_mode and not self._is_adopted and self._timer is not None:
            self._cancel_timer()
            self._finish()

    def _lingered(self) -> None:
        self._timer = None
        quiet = [reader.drain(SURE_BYTES) for reader in self._readers.values()]
        if not self._is_finished and (all(quiet) or self._since_exit >= SURE_BYTES):
            self._finish()
        elif not self._is_finished:
            self._timer = self._loop.call_later(LINGER_S, self._lingered)

    def _await_empty(self) -> None:
        """It is being stopped and its first process has ended: the rest has to go as well."""
        self._cancel_timer()
        if self._is_finished:
            return
        if not self.tree.living(tagged_processes()) and not self.tree.members():
            self._emptied()
            return
        self._ladder.begin("terminate")
        self._timer = self._loop.call_later(EMPTY_CHECK_S, self._await_empty)

    def _emptied(self) -> None:
        """Nothing is left of the tree; the reaper may not have told of the first process yet."""
        self._ladder.leave()
        if self._status is None:
            return
        for reader in self._readers.values():
            reader.drain(SURE_BYTES)
        if self._is_adopted and not self._is_finished:
            self._finish_adopted()
        elif not self._is_finished:
            self._finish()

    def _finish(self) -> None:
        assert self._status is not None
        self._cancel_timer()
        self._ladder.leave()
        code, number = exit_of(self._status)
        left = self.tree.left_behind()
        sample = self.tree.sample({self.tree.tag: left})
        self.run.cpu_ms = max(self.run.cpu_ms, self._cpu_of_ended + sample.cpu_ticks * 1000 // TICKS_PER_S)
        if left and self._stop_background and not self._stop_mode:
            self._kill_background()
            return
        self.run.background = describe(left)
        goes_on = bool(left) and self.request.on_background == "adopt" and not self._stop_mode
        adopted = self._adopt(self) if goes_on else None
        status, reason = self._outcome(code, number)
        self._is_finished = True
        self.run.finish(
            status=status,
            reason=reason,
            exit_code=code,
            signal=None if number is None else signal_name(number),
            extra={"adopted": adopted.id} if adopted is not None else {},
            keep_spool=adopted is None and not self._are_streams_over,
        )
        if adopted is not None:
            self._go_on_as(adopted)
        elif self._are_streams_over:
            self._loop.call_soon(self._release)

    def _go_on_as(self, run: Run) -> None:
        """What the command left behind is a run of its own from here on; it is over when its last process has gone.

        The limits were those of the command, which has ended.
        """
        self.clock.unset()
        self.run, self._is_finished, self._is_adopted = run, False, True
        run.pid, run.control = self.started.pid, self
        self._timer = self._loop.call_later(ADOPTED_CHECK_S, self._await_adopted)

    def _await_adopted(self) -> None:
        self._timer = None
        if self.tree.living(tagged_processes()):
            self._timer = self._loop.call_later(ADOPTED_CHECK_S, self._await_adopted)
            return
        for reader in self._readers.values():
            reader.drain(SURE_BYTES)
        self._finish_adopted()

    def _finish_adopted(self) -> None:
        status, reason = self._outcome(0, None)
        self._is_finished = True
        self.run.finish(status=status, reason=reason, keep_spool=not self._are_streams_over)
        if self._are_streams_over:
            self._loop.call_soon(self._release)

    def _kill_background(self) -> None:
        now = time.monotonic()
        self._kill_until = self._kill_until or now + GIVE_UP_S
        if self.tree.kill() and now < self._kill_until:
            self._timer = self._loop.call_later(EMPTY_CHECK_S / 4, self._kill_background)
        else:
            for reader in self._readers.values():
                reader.drain(SURE_BYTES)
            self._stop_background = False
            self._finish()

    def _outcome(self, code: int | None, number: int | None) -> tuple[str, str]:
        """Status and reason (section 2)."""
        if self._stop_reason == "oom":
            return "crashed", "oom"
        if self._stop_reason in ("idle_timeout", "hard_timeout"):
            return "timeout", self._stop_reason
        if self._stop_mode:
            is_gentle = self._stop_mode == "interrupt" and self._mode_at_exit == "interrupt"
            return ("interrupted" if is_gentle else "killed"), self._stop_reason
        if self._is_out_of_memory(code, number):
            return "crashed", "oom"
        limit = self._limit_of(code, number)
        if number is not None:
            return "crashed", limit or "signaled"
        return ("completed" if code in self.request.normal_codes else "failed"), limit or "exited"

    def _is_out_of_memory(self, code: int | None, number: int | None) -> bool:
        if self.tree.group is not None and self.tree.group.limits_memory:
            # The count is of this tree alone, so what a shell tells of its command can be believed too.
            is_killed = signal.SIGKILL in (number, (code or 0) - _SHELL_SIGNAL)
            return is_killed and self.tree.group.oom_kills() > 0
        return number == signal.SIGKILL and oom_kills() > self._oom_kills

    def _limit_of(self, code: int | None, number: int | None) -> str:
        """The limit that ended it, if one was set and its signal came, told by a shell or not."""
        if number is None and code is not None and code > _SHELL_SIGNAL:
            number = code - _SHELL_SIGNAL
        reason = next((reason for each, reason in _LIMIT_SIGNALS.items() if number == each), "")
        limits = self.request.limits
        if (reason == "limit_cpu" and limits.cpu_s is None) or (reason == "limit_file" and limits.file_bytes is None):
            return ""
        return reason

    def _release(self) -> None:
        self.close()
        self.run.spool.close()
        self._on_over(self)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def oom_kills() -> int:
    """How often the kernel killed a process for want of memory since it started; 0 if it does not count."""
    with open("/proc/vmstat", "rb") as file:
        for line in file:
            if line.startswith(b"oom_kill "):
                return int(line.split()[1])
    return 0
