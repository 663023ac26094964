"""Carries out the pool's orders on real shells: fork, lease, hand over, take back, run again, let go."""

import contextlib
import errno
import logging
import os
import select
import selectors
import signal
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial

from synk.base.errors import FolderMissing, SynkError
from synk.pty.diagnosis import why_not_ready
from synk.pty.held import HeldShell
from synk.pty.lifecycle import Phase, State
from synk.pty.machine import PoolMachine
from synk.pty.messages import Member, PoolEvent, PoolNotice, RefusalKind, Refused, Retired, Started, StartRequest
from synk.pty.orders import (
    Accept,
    CheckQuiet,
    Fork,
    ForkCold,
    HangUp,
    Ignored,
    Inspect,
    Limits,
    Order,
    Refuse,
    Respawn,
    Retire,
    SendLease,
    TakeBack,
    TellNotReady,
)
from synk.pty.processes import ProcessTree, command_line, program_of, table
from synk.pty.spawn import open_slave, set_size
from synk.pty.starts import ShellKind, Starter
from synk.pty.stats import RecentTimes

log = logging.getLogger(__name__)

READ_BYTES = 65536


class OrderExecutor:
    """Holds every process of the pool and its terminal. Used by the pool thread only.

    Each fd it waits for is registered in `selector` with a function without arguments as data. What happens
    there goes into `machine`, and its orders come back here.
    """

    def __init__(
        self,
        *,
        selector: selectors.BaseSelector,
        starter: Starter,
        on_event: Callable[[PoolEvent], None],
        now: Callable[[], float],
        memory: Callable[[], float],
    ) -> None:
        self._selector = selector
        self._starter = starter
        self._on_event = on_event
        self._now = now
        self._memory = memory
        self.machine = PoolMachine(Limits(initial_pool_size=0, is_poolable=False), now())
        """Replaced once the shell is known."""
        self.shell = ShellKind("")
        """What is started next; set by the pool, as is `environment`."""
        self.environment: dict[str, str] = {}
        self.claim_times = RecentTimes()
        self.fork_ms = 0.0
        """Of the last start, until exec."""
        self.refill_ms = 0.0
        """From the last claim of a warm shell to the start of its replacement."""
        self.last_error = ""
        self._refill_asked_at: float | None = None
        self._not_ready_text = ""
        self._held: dict[int, HeldShell] = {}
        self._numbers: dict[int, int] = {}
        """pid -> start number, of processes that are not reaped."""
        self._claims: dict[int, tuple[StartRequest, float]] = {}
        """Claims without an answer, and when they were made."""
        self._orders: deque[Order] = deque()
        self._is_busy = False

    def expect(self, request: StartRequest, asked_at: float) -> None:
        """Remember a claim before the machine is told of it."""
        self._claims[request.request] = (request, asked_at)

    def reaped(self, pid: int) -> None:
        """A child was reaped; it need not be one of the pool."""
        number = self._numbers.pop(pid, None)
        if number is not None:
            self._hear_last_answer(number)
            self.do(self.machine.reaped(self._now(), number))

    def notice_deaths(self) -> None:
        """Before a claim: a shell that ended this moment must not be handed out."""
        poll = select.poll()
        idle = {held.pidfd: number for number, held in self._held.items() if self._state(number) is State.IDLE}
        for pidfd in idle:
            poll.register(pidfd, select.POLLIN)
        for pidfd, _ in poll.poll(0):
            self.do(self.machine.died(self._now(), idle[pidfd]))

    def do(self, orders: list[Order]) -> None:
        """Carry out orders, and those that follow from their outcome, in sequence."""
        self._orders.extend(orders)
        if self._is_busy:
            return  # called from an order: the loop below goes on with what was added
        self._is_busy = True
        while self._orders:
            order = self._orders.popleft()
            try:
                self._carry_out(order)
            except Exception:
                log.exception("could not carry out %s", order)
        self._is_busy = False
        for number in [number for number in self._held if number not in self.machine.shells]:
            held = self._held.pop(number)
            self._unwatch(held)
            held.close()

    def members(self) -> tuple[tuple[Member, float], ...]:
        """A row for each process, and when its terminal was made."""
        return tuple(
            (Member(held.number, held.pid, held.tty, shell.state.value, 0.0, held.program, held.kind), shell.created_at)
            for shell in self.machine.shells.values()
            if (held := self._held.get(shell.number)) is not None
        )

    def close(self) -> None:
        """Close what is still held: the pool's share of the sessions, which go on."""
        for held in self._held.values():
            self._unwatch(held)
            held.close()
        self._held.clear()

    def _carry_out(self, order: Order) -> None:
        match order:
            case Fork():
                self._fork(order)
            case ForkCold():
                self._fork_cold(order)
            case SendLease():
                self._send_lease(order)
            case Accept():
                self._accept(order)
            case Refuse():
                self._claims.pop(order.request, None)
                self._on_event(Refused(order.request, order.kind, order.text))
            case Retire():
                self._retire(order)
            case TakeBack():
                self._take_back(self._held[order.number])
            case CheckQuiet():
                self.do(self.machine.checked(self._now(), order.number, self._problem(self._held[order.number])))
            case HangUp():
                for number in (signal.SIGHUP, signal.SIGCONT):
                    self._signal(self._held[order.number], number)
            case Respawn():
                self._respawn(order)
            case Inspect():
                self.do(self.machine.inspected(self._now(), self.shell.signature(), self._memory()))
            case TellNotReady():
                # An error, which stays until it is closed: it comes half a minute after the start, and only the user can help.
                self._on_event(PoolNotice("error", self._not_ready_text))
            case Ignored():
                log.warning("%s: ignored", order.text)

    def _fork(self, order: Fork) -> None:
        if self._refill_asked_at is not None and order.ask is None:
            self.refill_ms = (self._now() - self._refill_asked_at) * 1000
            self._refill_asked_at = None
        environment: Mapping[str, str] = self.environment
        if order.ask is not None:
            environment = self._claims[order.ask.request][0].environment or self.environment
        began = self._now()
        shell = self.machine.shells[order.number]
        try:
            held = self._starter.start_shell(
                order.number,
                self.shell,
                environment,
                kind="pooled" if shell.kind == "pooled" else "demand",
                now=began,
            )
        except SynkError as error:
            self._not_ready_text = error.message
            self._start_failed(order.number, error)
            return
        self.fork_ms = (self._now() - began) * 1000
        self._hold(held)
        self._watch(held)

    def _fork_cold(self, order: ForkCold) -> None:
        request, _ = self._claims[order.request]
        began = self._now()
        environment = request.environment if request.environment is not None else self.environment
        try:
            held = self._starter.start_cold(
                order.number, self.shell, environment, request.lease, cols=request.cols, rows=request.rows, now=began
            )
        except SynkError as error:
            self._start_failed(order.number, error)
            return
        self.fork_ms = (self._now() - began) * 1000
        self._hold(held)
        self.do(self.machine.started(self._now(), order.number))

    def _respawn(self, order: Respawn) -> None:
        held = self._held.pop(order.number)
        self._unwatch(held)
        held.number = order.successor
        self._held[order.successor] = held
        try:
            self._starter.start_again(held, order.successor, self.shell, self.environment)
        except (SynkError, OSError) as error:
            self._start_failed(order.successor, error)
            return
        self._numbers[held.pid] = held.number
        self._watch(held)

    def _start_failed(self, number: int, error: SynkError | OSError) -> None:
        self.last_error = str(error)
        log.warning("start %d: %s", number, error)
        kind: RefusalKind = "folder" if isinstance(error, FolderMissing) else "spawn"
        self.do(self.machine.start_failed(self._now(), number, kind, str(error)))

    def _hold(self, held: HeldShell) -> None:
        self._held[held.number] = held
        self._numbers[held.pid] = held.number

    def _send_lease(self, order: SendLease) -> None:
        held = self._held[order.number]
        request, asked_at = self._claims[order.request]
        assert held.gate is not None
        self._refill_asked_at = asked_at
        # From here on the session's window reads what the shell prints.
        self._stop_reading(held)
        with contextlib.suppress(OSError):  # a terminal that just hung up: the end of its shell is noticed elsewhere
            set_size(held.master, cols=request.cols, rows=request.rows)
        held.gate.send(request.lease)
        self._selector.register(held.gate.answer_fd, selectors.EVENT_READ, partial(self._answered, held))
        if held.gate.pending:
            self._selector.register(held.gate.lease_fd, selectors.EVENT_WRITE, partial(self._pump, held))

    def _pump(self, held: HeldShell) -> None:
        """The pipe of a long lease has room again."""
        assert held.gate is not None
        held.gate.pump()
        if not held.gate.pending:
            self._selector.unregister(held.gate.lease_fd)

    def _answered(self, held: HeldShell) -> None:
        assert held.gate is not None
        answer = held.gate.read_answer()
        if answer is None:
            return
        self._stop_leasing(held)
        if answer:
            self._read_from(held)
        kind: RefusalKind = "folder" if answer.startswith("Folder ") else "spawn"  # the gate answers with one sentence only
        self.do(self.machine.answered(self._now(), held.number, answer, kind))

    def _accept(self, order: Accept) -> None:
        """Hand the session over: from here on its end is reported by `exited` only."""
        held = self._held[order.number]
        request, asked_at = self._claims.pop(order.request)
        self._unwatch(held)
        output = held.output.text if held.output is not None else b""
        held.close_gate()
        held.output = None
        try:
            pidfd = os.dup(held.pidfd)
            try:
                master = os.dup(held.master)
            except OSError:
                os.close(pidfd)
                raise
        except OSError as error:  # no fd is free
            self.last_error = str(error)
            self._on_event(Refused(order.request, "spawn", f"Cannot start a session: {error.strerror}"))
            self.do(self.machine.release(self._now(), order.number, False))
            return
        claim_ms = (self._now() - asked_at) * 1000
        self.claim_times.add(claim_ms)
        self._on_event(
            Started(
                request.request,
                held.number,
                held.pid,
                pidfd,
                master,
                held.tty,
                output,
                is_warm=order.is_warm,
                is_cold=held.kind == "cold",
                claim_ms=claim_ms,
            )
        )

    def _retire(self, order: Retire) -> None:
        held = self._held.get(order.number)
        if held is None or held.master < 0:
            return
        if order.reason in ("not ready", "ended by itself") and held.output is not None and not held.output.is_ready:
            self._not_ready_text = why_not_ready(held, has_ended=order.reason != "not ready")
            self.last_error = self._not_ready_text
        self._unwatch(held)
        pidfd, master = held.hand_over()
        self._on_event(Retired(held.number, held.pid, pidfd, master, order.reason))

    def _take_back(self, held: HeldShell) -> None:
        """First step of recycling; the session's window does not read the terminal any more."""
        try:
            held.slave = open_slave(held.master)
        except OSError as error:
            self.do(self.machine.checked(self._now(), held.number, f"terminal not usable: {error.strerror}"))
            return
        self._watch(held)
        with contextlib.suppress(OSError):  # input full: then a program reads nothing, and the check finds it
            os.write(held.master, b"\x03")

    def _problem(self, held: HeldShell) -> str:
        """Why a released shell must not be run again; "" if it is alone at its prompt."""
        if program_of(held.pid) != os.path.realpath(held.program):
            return "another program took the place of the shell"
        try:
            if os.tcgetpgrp(held.master) != held.pid:
                return "a program is in the foreground"
        except OSError:
            return "terminal not usable"
        tree = ProcessTree(table(), host_pid=os.getpid())
        attached, loose = tree.members_of_session(pid=held.pid, mark=self._starter.mark(held.number))
        others = sorted((attached | loose) - {held.pid})
        if others:
            return f"left behind: {others[0]} {command_line(others[0])}"
        return ""

    @staticmethod
    def _signal(held: HeldShell, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(held.pidfd, number)

    def _watch(self, held: HeldShell) -> None:
        """Read what a shell without a session prints, and notice its end."""
        os.set_blocking(held.master, False)
        self._read_from(held)
        self._selector.register(held.pidfd, selectors.EVENT_READ, partial(self._ended, held))

    def _read_from(self, held: HeldShell) -> None:
        self._selector.register(held.master, selectors.EVENT_READ, partial(self._printed, held))

    def _stop_reading(self, held: HeldShell) -> None:
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(held.master)

    def _stop_leasing(self, held: HeldShell) -> None:
        if held.gate is not None:
            for fd in (held.gate.answer_fd, held.gate.lease_fd):
                with contextlib.suppress(KeyError, ValueError):
                    self._selector.unregister(fd)

    def _unwatch(self, held: HeldShell) -> None:
        """Before fds are closed or given away."""
        self._stop_reading(held)
        self._stop_leasing(held)
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(held.pidfd)

    def _printed(self, held: HeldShell) -> None:
        try:
            data = os.read(held.master, READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno != errno.EIO:
                log.warning("reading %s: %s", held.tty, error)
            data = b""
        if not data:
            # No process has the terminal open; the pidfd tells when the shell itself has ended.
            self._stop_reading(held)
            return
        if held.output is not None:
            was_ready = held.output.is_ready
            if held.output.feed(data) and not was_ready:
                self.do(self.machine.ready(self._now(), held.number))

    def _ended(self, held: HeldShell) -> None:
        """The shell is a zombie now. Its last words may still be unread."""
        self._selector.unregister(held.pidfd)
        if held.output is not None and held.master in self._selector.get_map():
            self._printed(held)
        self._hear_last_answer(held.number)
        if self._state(held.number) is not State.ACTIVE:
            self.do(self.machine.died(self._now(), held.number))

    def _hear_last_answer(self, number: int) -> None:
        """Before an end is believed: a program that ends at once has been started all the same, and must not be again."""
        shell, held = self.machine.shells.get(number), self._held.get(number)
        if shell is not None and held is not None and shell.phase is Phase.LEASING:
            self._answered(held)

    def _state(self, number: int) -> State | None:
        shell = self.machine.shells.get(number)
        return shell.state if shell is not None else None
