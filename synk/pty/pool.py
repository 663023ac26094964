"""The process pool: a thread that owns all shells without a session and starts every program on a terminal."""

import contextlib
import logging
import os
import pwd
import selectors
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from synk.base.errors import PoolClosed, UsageError
from synk.pty.children import Children
from synk.pty.executor import OrderExecutor
from synk.pty.lifecycle import Phase, State
from synk.pty.machine import UPKEEP_S, PoolMachine
from synk.pty.memory import available_memory
from synk.pty.messages import Member, PoolConfig, PoolEvent, PoolNotice, StartRequest, StatsChanged
from synk.pty.orders import Ask, Limits
from synk.pty.shells import choose_shell, family_of
from synk.pty.starts import ShellKind, Starter
from synk.pty.stats import PoolStats, PoolTargets

log = logging.getLogger(__name__)

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
        self._calls: deque[Callable[[], None]] = deque()
        self._calls_lock = threading.Lock()
        self._is_closed = False
        self._is_over = False
        self._wake_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._wake_fd, selectors.EVENT_READ, self._woken)
        starter = Starter(
            home=home,
            host_id=host_id,
            gate_directory=gate_directory,
            resources=resources,
            children=children,
            on_event=on_event,
        )
        self._executor = OrderExecutor(selector=self._selector, starter=starter, on_event=on_event, now=now, memory=memory)
        self._adopted: set[int] = set()
        self._last_warning = ""
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
            self._post(partial(self._executor.reaped, pid))

    def adopt(self, session: int) -> None:
        """A session of a dead host lives on; it counts against `max_active` until `unadopt`."""
        self._post(partial(self._do_adopt, session, True))

    def unadopt(self, session: int) -> None:
        """The adopted session ended or is closed."""
        self._post(partial(self._do_adopt, session, False))

    def refresh(self) -> None:
        """Retire all idle shells and warm new ones."""
        self._post(self._do_refresh)

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
        self._executor.close()
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

    @property
    def _machine(self) -> PoolMachine:
        return self._executor.machine

    def _begin(self) -> None:
        self._choose_shell()
        self._executor.machine = PoolMachine(self._limits(), self._now(), self._executor.shell.signature())
        self._executor.do(self._machine.start(self._now()))
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
            self._executor.do(self._machine.tick(self._now()))
        self._publish()

    def _woken(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._wake_fd)

    def _do_configure(self, config: PoolConfig, environment: dict[str, str]) -> None:
        self._config, self._environment = config, environment
        self._choose_shell()
        self._executor.do(self._machine.configure(self._now(), self._limits(), self._executor.shell.signature()))

    def _do_claim(self, request: StartRequest, asked_at: float) -> None:
        request = replace(request, lease=replace(request.lease, is_integrated=self._config.shell_integration))
        self._executor.notice_deaths()
        self._executor.expect(request, asked_at)
        is_base = request.environment is None or dict(request.environment) == self._environment
        ask = Ask(
            request.request,
            directory=request.lease.directory,
            # Nobody else's claim fits a shell with this environment, so the claim's own id names it.
            environment=None if is_base else request.request,
            has_program=bool(request.lease.argv),
            is_direct=request.argv_only,
        )
        self._executor.do(self._machine.claim(self._now(), ask, self._executor.shell.signature()))

    def _do_cancel(self, request: int) -> None:
        self._executor.do(self._machine.cancel(self._now(), request))

    def _do_release(self, number: int, is_reusable: bool) -> None:
        self._executor.do(self._machine.release(self._now(), number, is_reusable))

    def _do_refresh(self) -> None:
        self._executor.do(self._machine.refresh(self._now()))

    def _do_adopt(self, session: int, is_live: bool) -> None:
        before = len(self._adopted)
        (self._adopted.add if is_live else self._adopted.discard)(session)
        self._executor.do(self._machine.adopt(self._now(), len(self._adopted) - before))

    def _do_close(self) -> None:
        self._executor.do(self._machine.close(self._now()))
        self._is_over = True

    def _choose_shell(self) -> None:
        """Find the login shell of the settings and what is to be watched for it."""
        path, warning = choose_shell(self._config.shell, self._environment, _passwd_shell())
        if warning and warning != self._last_warning:
            self._on_event(PoolNotice("warning", warning))
        self._last_warning = warning
        self._executor.shell = ShellKind(path, family_of(path), self._environment)
        self._executor.environment = self._environment

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
            is_poolable=self._executor.shell.family is not None,
            recipe=(self._executor.shell.path, frozenset(self._environment.items())),
        )

    def _publish(self) -> None:
        """Make the counts visible to other threads, and tell if they changed."""
        self._members = self._executor.members()
        stats = self._snapshot()
        if stats != self._stats:
            self._stats = stats
            self._on_event(StatsChanged(stats))

    def _snapshot(self) -> PoolStats:
        executor, config = self._executor, self._config
        machine, counts = executor.machine, executor.machine.counts
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
            claim_last_ms=executor.claim_times.last,
            claim_p50_ms=executor.claim_times.percentile(50),
            claim_p95_ms=executor.claim_times.percentile(95),
            recycles=counts["recycles"],
            recycles_failed=counts["recycles_failed"],
            kills=counts["kills"],
            deaths=counts["deaths"],
            refill_scheduled_ms=executor.refill_ms,
            fork_last_ms=executor.fork_ms,
            last_error=executor.last_error,
            memory_pressure=machine.pressure.is_high,
            is_degraded=machine.retries.is_degraded,
            shell=executor.shell.path,
        )


def _passwd_shell() -> str:
    """The login shell of the user's passwd entry; "" if there is none."""
    try:
        return pwd.getpwuid(os.getuid()).pw_shell
    except KeyError:
        return ""
