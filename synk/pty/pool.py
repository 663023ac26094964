"""The process pool: a thread that owns all shells without a session and starts every program on a terminal."""

import contextlib
import errno
import logging
import os
import pwd
import select
import selectors
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial

from synk.base.errors import FolderMissing, PoolClosed, SynkError, UsageError
from synk.pty.children import Children
from synk.pty.diagnosis import why_not_ready
from synk.pty.held import HeldShell
from synk.pty.lifecycle import Phase, State
from synk.pty.machine import UPKEEP_S, PoolMachine
from synk.pty.memory import available_memory
from synk.pty.messages import (
    Member,
    PoolConfig,
    PoolEvent,
    PoolNotice,
    RefusalKind,
    Refused,
    Retired,
    Started,
    StartRequest,
    StatsChanged,
)
from synk.pty.orders import (
    Accept,
    Ask,
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
from synk.pty.processes import command_line, members_of_session, program_of, table
from synk.pty.shells import choose_shell, family_of, startup_files
from synk.pty.spawn import open_slave, set_size
from synk.pty.starts import ShellKind, Starter
from synk.pty.stats import PoolStats, PoolTargets, RecentTimes

log = logging.getLogger(__name__)

READ_BYTES = 65536
AFTER_ERROR_S = 0.1
"""A bug that shows on every turn must not take a whole core."""


class ProcessPool(threading.Thread):
    """Keeps login shells warm and hands them out; see 01-pool-and-sessions.md, sections 1 to 7.

    Methods may be called from any thread: they only queue and return at once. Everything that happens is told
    to `on_event`, on the pool's own thread. The pool never waits for a child and never kills one: whoever
    reaps calls `exited`, and whoever gets `Retired` ends the process.
    """

    def __init__(
        self,
        *,
        config: PoolConfig,
        environment: Mapping[str, str],
        home: str,
        host_id: str,
        gate_directory: str,
        resources: str,
        on_event: Callable[[PoolEvent], None],
        children: Children,
        now: Callable[[], float] = time.monotonic,
        memory: Callable[[], float] = available_memory,
    ) -> None:
        """`resources` is the folder resources/shell; `memory` returns available memory as a share from 0 to 1."""
        super().__init__(name="ProcessPool")
        self._config = config
        self._environment = dict(environment)
        self._on_event = on_event
        self._children = children
        self._now = now
        self._memory = memory
        self._starter = Starter(
            home=home,
            host_id=host_id,
            gate_directory=gate_directory,
            resources=resources,
            children=children,
            on_event=on_event,
        )
        self._calls: deque[Callable[[], None]] = deque()
        self._calls_lock = threading.Lock()
        self._is_closed = False
        self._is_over = False
        self._wake_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._wake_fd, selectors.EVENT_READ, self._woken)
        self._held: dict[int, HeldShell] = {}
        self._numbers: dict[int, int] = {}
        self._claims: dict[int, tuple[StartRequest, float]] = {}
        self._adopted: set[int] = set()
        self._orders: deque[Order] = deque()
        self._shell = ShellKind("", None)
        self._machine = PoolMachine(Limits(), now())
        self._claim_times = RecentTimes()
        self._fork_ms = 0.0
        self._refill_asked_at: float | None = None
        self._refill_ms = 0.0
        self._not_ready_text = ""
        self._last_error = ""
        self._stats = PoolStats()
        self._members: tuple[tuple[Member, float], ...] = ()

    def configure(self, config: PoolConfig, environment: Mapping[str, str]) -> None:
        """Take over settings and base environment; the pool grows, shrinks or warms anew at once.

        Raises:
            PoolClosed: after `close`, as all methods but `exited`, `stats` and `members`.
        """
        self._post(partial(self._do_configure, config, dict(environment)))

    def claim(self, request: StartRequest) -> None:
        """Start a session; the answer is `Started` or `Refused`, also after `cancel` and `close`.

        Raises:
            UsageError: a variable name is not valid, or the directory is not absolute.
        """
        try:
            request.lease.encode()
        except ValueError as error:
            raise UsageError(str(error)) from error
        self._post(partial(self._do_claim, request, self._now()))

    def cancel(self, request: int) -> None:
        """The session was closed while it was starting. Has no effect if `Started` is already on its way: release it then."""
        self._post(partial(self._do_cancel, request))

    def release(self, shell: int, *, reusable: bool = True) -> None:
        """The session of this shell is closed and nobody reads its master any more; its place is free at once.

        The shell is run again for another session, or comes back as `Retired`.
        """
        self._post(partial(self._do_release, shell, reusable))

    def exited(self, pid: int) -> None:
        """The child was reaped. Allowed at any time, for any pid; an unknown one is ignored."""
        self._children.forget(pid)
        with contextlib.suppress(PoolClosed):
            self._post(partial(self._do_exited, pid))

    def adopt(self, session: int) -> None:
        """A session of a dead host lives on; it counts against `max_active` until `unadopt`."""
        self._post(partial(self._do_adopt, session, True))

    def unadopt(self, session: int) -> None:
        """The adopted session ended or is closed."""
        self._post(partial(self._do_adopt, session, False))

    def refresh(self) -> None:
        """Retire all idle shells and warm new ones."""
        self._post(lambda: self._do(self._machine.refresh(self._now())))

    def close(self) -> None:
        """End the pool: claims without an answer are refused, shells without a session come as `Retired`, then the thread ends.

        Sessions go on; `release` is not needed for them. May be called again.
        """
        with contextlib.suppress(PoolClosed):
            self._post(self._do_close, is_last=True)
            if self.ident is None:  # never started: nothing is held
                self._selector.close()
                os.close(self._wake_fd)

    def stats(self) -> PoolStats:
        """The counts as of the last change."""
        return self._stats

    def members(self) -> list[Member]:
        """The processes of the pool, oldest first; ages as of now."""
        now = self._now()
        return [
            Member(row.shell, row.pid, row.tty, row.state, now - created_at, row.program, row.kind)
            for row, created_at in self._members
        ]

    def run(self) -> None:
        """The thread: wait for output, answers, ends, calls and deadlines; decide; act."""
        self._guard(self._begin)
        while not self._is_over:
            self._guard(self._turn)
        for held in self._held.values():
            held.close()
        self._held.clear()
        self._selector.close()
        with self._calls_lock:
            os.close(self._wake_fd)

    def _guard(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception:
            log.exception("the process pool failed in one step and goes on")
            threading.Event().wait(AFTER_ERROR_S)

    def _post(self, call: Callable[[], None], *, is_last: bool = False) -> None:
        with self._calls_lock:
            if self._is_closed:
                raise PoolClosed("The pool is closed")
            self._is_closed = is_last
            self._calls.append(call)
            os.eventfd_write(self._wake_fd, 1)

    def _begin(self) -> None:
        self._choose_shell()
        self._machine = PoolMachine(self._limits(), self._now(), self._shell.signature())
        self._do(self._machine.start(self._now()))
        self._publish()

    def _turn(self) -> None:
        timeout_s = max(0.0, self._machine.deadline() - self._now())
        for key, _ in self._selector.select(timeout_s):
            current = self._selector.get_map().get(key.fd)
            # An earlier event of this turn may have closed the fd, and another shell may have got its number.
            if current is not None and current.data is key.data:
                key.data()
        while self._calls:
            self._calls.popleft()()
        if not self._is_over and self._now() >= self._machine.deadline():
            self._do(self._machine.tick(self._now()))
        self._publish()

    def _woken(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._wake_fd)

    def _do_configure(self, config: PoolConfig, environment: dict[str, str]) -> None:
        self._config, self._environment = config, environment
        self._choose_shell()
        self._do(self._machine.configure(self._now(), self._limits(), self._shell.signature()))

    def _do_claim(self, request: StartRequest, asked_at: float) -> None:
        self._notice_deaths()
        self._claims[request.request] = (request, asked_at)
        is_base = request.environment is None or dict(request.environment) == self._environment
        ask = Ask(
            request.request,
            directory=request.lease.directory,
            # Nobody else's claim fits a shell with this environment, so the claim's own id names it.
            environment=None if is_base else request.request,
            has_program=bool(request.lease.argv),
            is_direct=request.argv_only,
        )
        orders = self._machine.claim(self._now(), ask, self._shell.signature())
        if any(isinstance(order, SendLease) for order in orders):
            self._refill_asked_at = asked_at
        self._do(orders)

    def _do_cancel(self, request: int) -> None:
        self._do(self._machine.cancel(self._now(), request))

    def _do_release(self, number: int, is_reusable: bool) -> None:
        self._do(self._machine.release(self._now(), number, is_reusable))

    def _do_exited(self, pid: int) -> None:
        number = self._numbers.pop(pid, None)
        if number is not None:
            self._do(self._machine.reaped(self._now(), number))

    def _do_adopt(self, session: int, is_live: bool) -> None:
        before = len(self._adopted)
        (self._adopted.add if is_live else self._adopted.discard)(session)
        self._do(self._machine.adopt(self._now(), len(self._adopted) - before))

    def _do_close(self) -> None:
        self._do(self._machine.close(self._now()))
        self._is_over = True

    def _choose_shell(self) -> None:
        """Find the login shell of the settings and what is to be watched for it."""
        path, warning = choose_shell(self._config.shell, self._environment, _passwd_shell())
        if warning:
            self._on_event(PoolNotice("warning", warning))
        family = family_of(path)
        files = startup_files(family, self._environment) if family is not None else ()
        self._shell = ShellKind(path, family, files)

    def _limits(self) -> Limits:
        config = self._config
        return Limits(
            initial_pool_size=config.initial_pool_size,
            max_pool_size=config.max_pool_size,
            max_active=config.max_active,
            is_recycling=config.recycle_enabled,
            max_age_s=config.max_pty_age_minutes * 60,
            warmup_delay_s=config.warmup_delay_ms / 1000,
            upkeep_s=min(UPKEEP_S, config.poll_interval_ms / 1000),
            is_poolable=self._shell.family is not None,
            recipe=(self._shell.path, frozenset(self._environment.items())),
        )

    def _notice_deaths(self) -> None:
        """Before a claim: a shell that ended this moment must not be handed out."""
        poll = select.poll()
        idle = {held.pidfd: number for number, held in self._held.items() if self._state(number) is State.IDLE}
        for pidfd in idle:
            poll.register(pidfd, select.POLLIN)
        for pidfd, _ in poll.poll(0):
            self._do(self._machine.died(self._now(), idle[pidfd]))

    def _state(self, number: int) -> State | None:
        shell = self._machine.shells.get(number)
        return shell.state if shell is not None else None

    def _do(self, orders: list[Order]) -> None:
        """Carry out orders, and those that follow from their outcome, in sequence."""
        is_nested = bool(self._orders)
        self._orders.extend(orders)
        if is_nested:
            return  # called from an order: the loop below goes on with what was added
        while self._orders:
            try:
                self._carry_out(self._orders[0])
            finally:
                self._orders.popleft()
        for number in [number for number in self._held if number not in self._machine.shells]:
            self._drop(self._held.pop(number))

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
                self._do(self._machine.checked(self._now(), order.number, self._problem(self._held[order.number])))
            case HangUp():
                for number in (signal.SIGHUP, signal.SIGCONT):
                    self._signal(self._held[order.number], number)
            case Respawn():
                self._respawn(order)
            case Inspect():
                self._do(self._machine.inspected(self._now(), self._shell.signature(), self._memory()))
            case TellNotReady():
                self._on_event(PoolNotice("warning", self._not_ready_text))
            case Ignored():
                log.warning("%s: ignored", order.text)

    def _fork(self, order: Fork) -> None:
        if self._refill_asked_at is not None and order.ask is None:
            self._refill_ms = (self._now() - self._refill_asked_at) * 1000
            self._refill_asked_at = None
        environment: Mapping[str, str] = self._environment
        if order.ask is not None:
            environment = self._claims[order.ask.request][0].environment or self._environment
        began = self._now()
        shell = self._machine.shells[order.number]
        try:
            held = self._starter.start_shell(
                order.number,
                self._shell,
                environment,
                kind="pooled" if shell.kind == "pooled" else "demand",
                now=began,
            )
        except SynkError as error:
            self._not_ready_text = error.message
            self._start_failed(order.number, error)
            return
        self._fork_ms = (self._now() - began) * 1000
        self._hold(held)
        self._watch(held)

    def _fork_cold(self, order: ForkCold) -> None:
        request, _ = self._claims[order.request]
        began = self._now()
        environment = request.environment if request.environment is not None else self._environment
        try:
            held = self._starter.start_cold(
                order.number, self._shell, environment, request.lease, cols=request.cols, rows=request.rows, now=began
            )
        except SynkError as error:
            self._start_failed(order.number, error)
            return
        self._fork_ms = (self._now() - began) * 1000
        self._hold(held)
        self._do(self._machine.started(self._now(), order.number))

    def _respawn(self, order: Respawn) -> None:
        held = self._held.pop(order.number)
        self._unwatch(held)
        held.number = order.successor
        self._held[order.successor] = held
        try:
            self._starter.start_again(held, order.successor, self._shell, self._environment)
        except (SynkError, OSError) as error:
            self._start_failed(order.successor, error)
            return
        self._numbers[held.pid] = held.number
        self._watch(held)

    def _start_failed(self, number: int, error: SynkError | OSError) -> None:
        self._last_error = str(error)
        log.warning("start %d: %s", number, error)
        kind: RefusalKind = "folder" if isinstance(error, FolderMissing) else "spawn"
        self._do(self._machine.start_failed(self._now(), number, kind, str(error)))

    def _hold(self, held: HeldShell) -> None:
        self._held[held.number] = held
        self._numbers[held.pid] = held.number

    def _send_lease(self, order: SendLease) -> None:
        held = self._held[order.number]
        request, _ = self._claims[order.request]
        assert held.gate is not None
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
        self._do(self._machine.answered(self._now(), held.number, answer, kind))

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
            self._last_error = str(error)
            self._on_event(Refused(order.request, "spawn", f"Cannot start a session: {error.strerror}"))
            self._do(self._machine.release(self._now(), order.number, False))
            return
        claim_ms = (self._now() - asked_at) * 1000
        self._claim_times.add(claim_ms)
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
            self._last_error = self._not_ready_text
        self._unwatch(held)
        pidfd, master = held.hand_over()
        self._on_event(Retired(held.number, held.pid, pidfd, master, order.reason))

    def _take_back(self, held: HeldShell) -> None:
        """First step of recycling; the session's window does not read the terminal any more."""
        try:
            held.slave = open_slave(held.master)
        except OSError as error:
            self._do(self._machine.checked(self._now(), held.number, f"terminal not usable: {error.strerror}"))
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
        processes = table()
        attached, loose = members_of_session(processes, pid=held.pid, key=self._starter.key(held.number), host_pid=os.getpid())
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
                self._do(self._machine.ready(self._now(), held.number))

    def _ended(self, held: HeldShell) -> None:
        """The shell is a zombie now. Its last words may still be unread."""
        self._selector.unregister(held.pidfd)
        if held.output is not None and held.master in self._selector.get_map():
            self._printed(held)
        self._do(self._machine.died(self._now(), held.number))

    def _drop(self, held: HeldShell) -> None:
        """The machine has forgotten it: close what was not handed over."""
        self._unwatch(held)
        held.close()

    def _publish(self) -> None:
        """Make the counts visible to other threads, and tell if they changed."""
        shells = self._machine.shells.values()
        self._members = tuple(
            (Member(held.number, held.pid, held.tty, shell.state.value, 0.0, held.program, held.kind), shell.created_at)
            for shell in shells
            if (held := self._held.get(shell.number)) is not None
        )
        stats = self._snapshot()
        if stats != self._stats:
            self._stats = stats
            self._on_event(StatsChanged(stats))

    def _snapshot(self) -> PoolStats:
        machine, counts, config = self._machine, self._machine.counts, self._config
        leasing = sum(shell.phase is Phase.LEASING for shell in machine.shells.values())
        return PoolStats(
            warming=machine.count(State.WARMING),
            idle=machine.count(State.IDLE),
            active=machine.count(State.ACTIVE),
            recycling=machine.count(State.RECYCLING),
            ending=machine.count(State.DEAD),
            dead=counts["dead"],
            forks=counts["forks"],
            adopted=machine.adopted,
            waiting=len(machine.queue) + leasing,
            targets=PoolTargets(config.initial_pool_size, config.max_pool_size, config.max_active),
            claims=counts["claims_warm"] + counts["claims_cold"],
            claims_warm=counts["claims_warm"],
            claims_cold=counts["claims_cold"],
            claim_last_ms=self._claim_times.last,
            claim_p50_ms=self._claim_times.percentile(50),
            claim_p95_ms=self._claim_times.percentile(95),
            recycles=counts["recycles"],
            recycles_failed=counts["recycles_failed"],
            kills=counts["kills"],
            deaths=counts["deaths"],
            refill_scheduled_ms=self._refill_ms,
            fork_last_ms=self._fork_ms,
            last_error=self._last_error,
            memory_pressure=machine.pressure.is_high,
            is_degraded=machine.retries.is_degraded,
            shell=self._shell.path,
        )


def _passwd_shell() -> str:
    """The login shell of the user's passwd entry; "" if there is none."""
    try:
        return pwd.getpwuid(os.getuid()).pw_shell
    except KeyError:
        return ""
