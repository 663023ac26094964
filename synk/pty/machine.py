"""The pool's decisions as a pure state machine: what happened goes in with the time, orders come out."""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import replace
from typing import Literal

from synk.pty.lifecycle import Phase, Shell, State
from synk.pty.memory import MemoryPressure
from synk.pty.messages import RefusalKind
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
from synk.pty.retries import Retries

WARMUP_TIMEOUT_S = 5.0
REFILL_DELAY_S = 0.1
"""A replacement does not compete with the session that is just drawing its first prompt."""
LEASE_TIMEOUT_S = 5.0
"""For the shell's own `cd`, which can hang on a dead network mount."""
INTERRUPT_WAIT_S = 0.5
"""After Ctrl+C: time for a program to end and for the shell to draw its prompt again."""
RECYCLE_TIMEOUT_S = 2.0
"""For the shell to save its history and end, and again for the new one to become ready."""
REWARM_INTERVAL_S = 10.0
"""A start-up file that changes all the time must not keep the machine busy with start-ups."""
UPKEEP_S = 5.0
"""Longest time between two looks at start-up files and memory."""
LEASE_TRIES = 3
"""A lease that ends every shell it is sent to would else go round for ever."""
PRESSURE_STEP_S = 1.0
"""Idle shells end one by one, since the first may be enough."""


class PoolMachine:
    """Which shells are started, handed out, run again and ended.

    Every method is one thing that happened at `now` (seconds of one monotonic clock) and returns the orders
    that follow, to be carried out in sequence. `tick` must be called at `deadline()`. No I/O, no clock.
    """

    def __init__(self, limits: Limits, now: float, signature: Hashable = None) -> None:
        self.limits = limits
        self.shells: dict[int, Shell] = {}
        """By number; also the dead ones that are not reaped yet."""
        self.queue: list[Ask] = []
        """Accepted claims without a lease, longest waiting first."""
        self.adopted = 0
        self.retries = Retries()
        self.pressure = MemoryPressure()
        self.counts: Counter[str] = Counter()
        """forks, dead, claims_warm, claims_cold, recycles, recycles_failed, kills, deaths."""
        self._signature = signature
        self._last_number = 0
        self._pool_fork_at = float("-inf")
        self._rewarmed_at = float("-inf")
        self._refill_at: float | None = None
        self._retry_at: float | None = None
        self._upkeep_at = now + limits.upkeep_s
        self._pressure_at = now
        self._is_closed = False
        self._orders: list[Order] = []

    def start(self, now: float) -> list[Order]:
        """Begin to warm shells, the first at once."""
        return self._settle(now, refill_delay=0.0)

    def configure(self, now: float, limits: Limits, signature: Hashable) -> list[Order]:
        """Settings or base environment changed: grow or shrink at once."""
        old, self.limits = self.limits, limits
        if limits.recipe != old.recipe or limits.is_poolable != old.is_poolable:
            self._signature = signature
            self._retire_all(self._standing_by(), "settings changed")
        if limits.initial_pool_size < old.initial_pool_size:
            self._shrink_to(limits.initial_pool_size)
        if limits != old:
            self._start_over()
        self._upkeep_at = min(self._upkeep_at, now + limits.upkeep_s)
        self._refill_at = None
        return self._settle(now, refill_delay=0.0)

    def claim(self, now: float, ask: Ask, signature: Hashable) -> list[Order]:
        """A session is wanted. `signature` stands for the start-up files as they are now."""
        if self.live() >= self.limits.max_active:
            most = self.limits.max_active
            text = f"All {most} sessions are in use. Close one, or raise Settings > Performance > Most sessions."
            self._orders.append(Refuse(ask.request, "exhausted", text))
            return self._settle(now)
        self._observe(now, signature, is_claim=True)
        self._retire_all([shell for shell in self._idle() if self._is_aged(shell, now)], "too old")
        self.queue.append(ask)
        self._match(now, is_warm=True)
        return self._settle(now)

    def cancel(self, now: float, request: int) -> list[Order]:
        """The claim is not wanted any more. One that was answered already must be released instead."""
        waiting = [ask for ask in self.queue if ask.request == request]
        shells = self._started_for(request)
        if not waiting and not shells:
            self._orders.append(Ignored(f"cancel of claim {request}, which does not wait"))
            return self._settle(now)
        self.queue = [ask for ask in self.queue if ask.request != request]
        self._retire_all(shells, "claim cancelled")
        self._orders.append(Refuse(request, "cancelled", ""))
        return self._settle(now)

    def ready(self, now: float, number: int) -> list[Order]:
        """The shell printed its marker and waits at the gate."""
        shell = self.shells.get(number)
        if shell is None or not (shell.state is State.WARMING or shell.phase is Phase.RESPAWNED):
            return self._settle(now)
        if shell.state is State.RECYCLING:
            self.counts["recycles"] += 1
        else:
            self._start_over()
        shell.move(State.IDLE)
        shell.idle_since = now
        self._match(now, is_warm=False)
        if shell.is_ready and not shell.is_own:
            shell.kind = "pooled"  # the claim it was started for is served: from now on its start-up files must be current
        return self._settle(now)

    def answered(self, now: float, number: int, refusal: str, kind: RefusalKind = "folder") -> list[Order]:
        """The shell took its lease (""), or refused its directory or program and waits at the gate again."""
        shell = self.shells.get(number)
        if shell is None or shell.phase is not Phase.LEASING or shell.ask is None:
            return self._settle(now)
        ask = shell.ask
        if not refusal:
            shell.move(State.ACTIVE)
            shell.is_recyclable = not ask.has_program
            self._accept(shell, ask)
            return self._settle(now)
        self._orders.append(Refuse(ask.request, kind, refusal))
        shell.phase, shell.deadline, shell.ask = Phase.PLAIN, None, None
        if shell.is_own:
            self._retire(shell, "claim refused")
        shell.kind = "pooled"
        return self._settle(now)

    def started(self, now: float, number: int) -> list[Order]:
        """A `ForkCold` succeeded."""
        shell = self.shells[number]
        assert shell.ask is not None
        self._accept(shell, shell.ask)
        return self._settle(now)

    def start_failed(self, now: float, number: int, kind: RefusalKind, text: str) -> list[Order]:
        """A `Fork`, `ForkCold` or `Respawn` started no process."""
        shell = self.shells.pop(number)
        self.counts["forks"] -= 1
        if shell.state is State.DEAD:  # it was retired before its start was tried
            return self._settle(now)
        if shell.state is State.RECYCLING:
            self.counts["recycles_failed"] += 1
            return self._settle(now)
        # A claim in the base environment waits for whichever shell is ready first: the longest waiting one hears of it.
        ask = shell.ask or next((ask for ask in self.queue if ask.environment is None), None)
        if ask is not None:
            self.queue = [other for other in self.queue if other.request != ask.request]
            self._orders.append(Refuse(ask.request, kind, text))
        if shell.state is State.WARMING:
            self._count_failure(now, shell)
        return self._settle(now)

    def release(self, now: float, number: int, is_reusable: bool) -> list[Order]:
        """The session of this shell is closed; its place is free at once."""
        shell = self.shells.get(number)
        if shell is None or shell.state is not State.ACTIVE:
            self._orders.append(Ignored(f"release of shell {number}, which is not in use"))
        elif is_reusable and self._may_recycle(shell, now):
            shell.move(State.RECYCLING)
            shell.ask, shell.is_own = None, False
            shell.phase, shell.deadline = Phase.INTERRUPTED, now + INTERRUPT_WAIT_S
            self._orders.append(TakeBack(number))
        else:
            self._retire(shell, "released")
        return self._settle(now)

    def checked(self, now: float, number: int, problem: str) -> list[Order]:
        """Result of `CheckQuiet`: "" if the shell is alone, else what speaks against running it again."""
        shell = self.shells.get(number)
        if shell is None or shell.phase is not Phase.INTERRUPTED:
            return self._settle(now)
        if problem:
            self._retire(shell, problem)
            return self._settle(now)
        shell.phase, shell.deadline = Phase.HANGING_UP, now + RECYCLE_TIMEOUT_S
        self._orders.append(HangUp(number))
        return self._settle(now)

    def died(self, now: float, number: int) -> list[Order]:
        """The process ended, by itself or by our SIGHUP; it may not be reaped yet. May be said more than once."""
        shell = self.shells.get(number)
        if shell is not None:
            self._lose(now, shell)
        return self._settle(now)

    def reaped(self, now: float, number: int) -> list[Order]:
        """The process ended and its exit status was taken; nothing more comes of it."""
        shell = self.shells.get(number)
        if shell is None:
            return self._settle(now)
        self._lose(now, shell)
        self.counts["dead"] += 1
        del self.shells[number]
        if shell.phase is Phase.HANGING_UP:
            self._run_again(now, shell)
        return self._settle(now)

    def inspected(self, now: float, signature: Hashable, available: float) -> list[Order]:
        """Result of `Inspect`: the start-up files as they are now, and available memory from 0 to 1."""
        self.pressure.observe(now, available)
        if self.pressure.is_high:
            self._upkeep_at = min(self._upkeep_at, now + PRESSURE_STEP_S)
            self._relieve(now)
        self._observe(now, signature, is_claim=False)
        return self._settle(now)

    def refresh(self, now: float) -> list[Order]:
        """Replace all idle shells, on the user's wish."""
        self._retire_all(self._idle(), "refreshed")
        self._start_over()
        return self._settle(now, refill_delay=0.0)

    def adopt(self, now: float, change: int) -> list[Order]:
        """So many more (or fewer) live sessions are not ours but count."""
        self.adopted += change
        return self._settle(now)

    def close(self, now: float) -> list[Order]:
        """End the pool: waiting claims are refused, every shell without a session is let go."""
        self._is_closed = True
        leasing = [shell.ask for shell in self.shells.values() if shell.phase is Phase.LEASING and shell.ask is not None]
        for ask in leasing + self.queue:
            self._orders.append(Refuse(ask.request, "closed", "Synk is shutting down"))
        self.queue = []
        self._retire_all([s for s in self.shells.values() if s.state not in (State.ACTIVE, State.DEAD)], "closing")
        return self._settle(now)

    def tick(self, now: float) -> list[Order]:
        """Do what is due."""
        for shell in list(self.shells.values()):
            if shell.deadline is not None and now >= shell.deadline:
                shell.deadline = None
                self._overdue(now, shell)
        if now >= self._upkeep_at:
            self._upkeep_at = now + (PRESSURE_STEP_S if self.pressure.is_high else self.limits.upkeep_s)
            self._orders.append(Inspect())
        self._relieve(now)
        return self._settle(now)

    def deadline(self) -> float:
        """The next time at which `tick` has something to do."""
        times = [self._upkeep_at, self._refill_at, self._retry_at, self._pressure_at if self.pressure.is_high else None]
        times += [shell.deadline for shell in self.shells.values()]
        return min(time for time in times if time is not None)

    def count(self, state: State) -> int:
        """Number of shells in a state."""
        return sum(shell.state is state for shell in self.shells.values())

    def live(self) -> int:
        """What counts against `max_active`: live sessions, and claims that will become one."""
        leasing = sum(shell.phase is Phase.LEASING for shell in self.shells.values())
        return self.count(State.ACTIVE) + leasing + len(self.queue) + self.adopted

    def _settle(self, now: float, refill_delay: float = REFILL_DELAY_S) -> list[Order]:
        """Bring the pool towards its targets after any change; returns all orders since the last time."""
        if not self._is_closed:
            self._trim(now)
            self._match(now, is_warm=False)
            self._serve_queue(now)
            self._refill(now, refill_delay)
        orders, self._orders = self._orders, []
        return orders

    def _trim(self, now: float) -> None:
        """End idle shells nobody should get: other settings, too many, or old with their replacement warm."""
        self._retire_all([shell for shell in self._idle() if shell.recipe != self.limits.recipe], "settings changed")
        idle, target = self._idle(), self.limits.initial_pool_size
        most = self.limits.max_pool_size if target else 0
        self._retire_all(idle[: max(0, len(idle) - most)], "not needed")
        idle = self._idle()
        aged = [shell for shell in idle if self._is_aged(shell, now)]
        self._retire_all(aged[: max(0, len(idle) - target)], "too old")

    def _match(self, now: float, *, is_warm: bool) -> None:
        """Lease idle shells to waiting claims, longest waiting to longest waiting."""
        for ask in list(self.queue):
            shell = self._fit_for(ask, now)
            if shell is not None:
                self.queue.remove(ask)
                shell.ask, shell.is_warm = ask, is_warm
                shell.phase, shell.deadline = Phase.LEASING, now + LEASE_TIMEOUT_S
                self._orders.append(SendLease(shell.number, ask.request))

    def _serve_queue(self, now: float) -> None:
        """Start something for the claims no idle shell fits."""
        self._retry_at = None
        for ask in list(self.queue):
            if ask.is_direct or not self.limits.is_poolable or self.retries.is_degraded:
                self.queue.remove(ask)
                self._fork_cold(now, ask)
        if not self.queue:
            return
        if now < self.retries.not_before:
            self._retry_at = self.retries.not_before
            return
        most = 1 - self.count(State.WARMING) if self.retries.is_failing else len(self.queue)
        own = [ask for ask in self.queue if ask.environment is not None and not self._started_for(ask.request)]
        shared: list[Ask | None] = [None] * (self._waiting() - len(self._coming(for_claims=True)))
        for ask_or_none in (own + shared)[: max(0, most)]:
            self._fork(now, "demand", ask_or_none)

    def _refill(self, now: float, delay: float) -> None:
        """Start warm shells one by one until enough are idle or on their way."""
        while self._shortage(now) > 0:
            if self._refill_at is None:
                earliest = max(self._pool_fork_at + self.limits.warmup_delay_s, self._rewarmed_at)
                self._refill_at = max(now + delay, earliest)
            self._refill_at = max(self._refill_at, self.retries.not_before)
            if now < self._refill_at:
                return
            self._fork(now, "pooled", None)
            self._pool_fork_at, self._refill_at, delay = now, None, 0.0
        self._refill_at = None

    def _shortage(self, now: float) -> int:
        """Warm shells to start for the idle target."""
        if not self.limits.is_poolable or self.pressure.is_high:
            return 0
        coming = len(self._coming(for_claims=False))
        fresh = sum(not self._is_aged(shell, now) for shell in self._idle())
        shortage = self.limits.initial_pool_size - max(0, fresh + coming - self._waiting())
        return min(shortage, 1 - self.count(State.WARMING)) if self.retries.is_failing else shortage

    def _start_over(self) -> None:
        """Forget failures: a shell became ready, or the cause may be gone."""
        if self.retries.is_failing:
            self._refill_at = None  # it may lie at the end of a pause
        self.retries.start_over()

    def _observe(self, now: float, signature: Hashable, *, is_claim: bool) -> None:
        """Start-up files looked at. A claim never gets an outdated shell; else changes are followed at most every 10 s."""
        if signature != self._signature:
            self._signature = signature
            self._start_over()
        stale = [s for s in self._standing_by() if s.kind == "pooled" and s.signature != signature]
        if stale and (is_claim or now >= self._rewarmed_at + REWARM_INTERVAL_S):
            self._rewarmed_at = max(now, self._rewarmed_at + REWARM_INTERVAL_S)
            self._refill_at = None
            self._retire_all(stale, "start-up files changed")

    def _relieve(self, now: float) -> None:
        """Under memory pressure: give back one shell, if the last one was long enough ago."""
        if self.pressure.is_high and now >= self._pressure_at:
            self._pressure_at = now + PRESSURE_STEP_S
            self._retire_all(self._idle()[:1], "memory pressure")

    def _overdue(self, now: float, shell: Shell) -> None:
        """The phase of a shell has reached its deadline."""
        if shell.phase is Phase.INTERRUPTED:
            self._orders.append(CheckQuiet(shell.number))
        elif shell.phase is Phase.LEASING and shell.ask is not None:
            text = f"Folder {shell.ask.directory} did not answer within {LEASE_TIMEOUT_S:.0f} s"
            self._orders.append(Refuse(shell.ask.request, "folder", text))
            self._retire(shell, "lease not answered")
        elif shell.state is State.WARMING:
            self._retire(shell, "not ready")
            self._count_failure(now, shell)
        else:
            self._retire(shell, "not ready again" if shell.phase is Phase.RESPAWNED else "did not end on SIGHUP")

    def _lose(self, now: float, shell: Shell) -> None:
        """The process is gone. While hanging up that is what was wanted; then `reaped` goes on."""
        if shell.state is State.DEAD or shell.phase is Phase.HANGING_UP:
            return
        if shell.state is State.ACTIVE:
            shell.move(State.DEAD)  # whoever holds the session sees its end too, and looks after what is left of it
            return
        was_warming, ask = shell.state is State.WARMING, shell.ask if shell.phase is Phase.LEASING else None
        self.counts["deaths"] += 1
        self._retire(shell, "ended by itself", is_alive=False)
        if was_warming:
            self._count_failure(now, shell)
        if ask is not None and ask.tries + 1 >= LEASE_TRIES:
            text = f"Your shell ended {LEASE_TRIES} times while the session was started"
            self._orders.append(Refuse(ask.request, "spawn", text))
        elif ask is not None:
            self.queue.insert(0, replace(ask, tries=ask.tries + 1))
            self._match(now, is_warm=shell.is_warm)

    def _run_again(self, now: float, shell: Shell) -> None:
        """The old shell has saved its history and is reaped: start the next one on its terminal."""
        old = shell.number
        if self._is_closed or not self.limits.initial_pool_size or not self.limits.is_poolable:
            shell.move(State.DEAD)
            self._orders.append(Retire(old, "not needed"))
            return
        shell.number, shell.phase = self._next_number(), Phase.RESPAWNED
        shell.deadline = now + RECYCLE_TIMEOUT_S
        shell.recipe, shell.signature, shell.kind = self.limits.recipe, self._signature, "pooled"
        self.shells[shell.number] = shell
        self._orders.append(Respawn(old, shell.number))

    def _fork(self, now: float, kind: Literal["pooled", "demand"], ask: Ask | None) -> None:
        number = self._next_number()
        self.shells[number] = Shell(
            number,
            kind,
            State.WARMING,
            created_at=now,
            recipe=self.limits.recipe,
            signature=self._signature,
            round=self.retries.round,
            deadline=now + WARMUP_TIMEOUT_S,
            ask=ask,
            is_own=ask is not None,
        )
        self._orders.append(Fork(number, ask))

    def _fork_cold(self, now: float, ask: Ask) -> None:
        number = self._next_number()
        self.shells[number] = Shell(number, "cold", State.ACTIVE, created_at=now, ask=ask)
        self._orders.append(ForkCold(number, ask.request))

    def _next_number(self) -> int:
        self.counts["forks"] += 1
        self._last_number += 1
        return self._last_number

    def _accept(self, shell: Shell, ask: Ask) -> None:
        self.counts["claims_warm" if shell.is_warm else "claims_cold"] += 1
        self._orders.append(Accept(shell.number, ask.request, shell.is_warm))

    def _count_failure(self, now: float, shell: Shell) -> None:
        if self.retries.failed(now, shell.round):
            self._orders.append(TellNotReady())

    def _retire(self, shell: Shell, reason: str, *, is_alive: bool = True) -> None:
        if shell.state is State.RECYCLING:
            self.counts["recycles_failed"] += 1
        self.counts["kills"] += is_alive
        shell.move(State.DEAD)
        self._orders.append(Retire(shell.number, reason))

    def _retire_all(self, shells: Iterable[Shell], reason: str) -> None:
        for shell in list(shells):
            self._retire(shell, reason)

    def _shrink_to(self, size: int) -> None:
        """End surplus shells: those still warming first, newest first, then idle ones, oldest first."""
        coming, idle = self._coming(for_claims=False), self._idle()
        surplus = max(0, len(coming) + len(idle) - self._waiting() - size)
        self._retire_all([*reversed(coming), *idle][:surplus], "not needed")

    def _idle(self) -> list[Shell]:
        """Idle shells any claim can have, longest waiting first."""
        idle = [shell for shell in self.shells.values() if shell.is_ready and not shell.is_own]
        return sorted(idle, key=lambda shell: (shell.idle_since, shell.number))

    def _coming(self, *, for_claims: bool) -> list[Shell]:
        """Warming shells any claim can have, oldest first; `for_claims`: without those whose start-up files changed since."""
        return [
            shell
            for shell in self.shells.values()
            if shell.state is State.WARMING
            and not shell.is_own
            and not (for_claims and shell.kind == "pooled" and shell.signature != self._signature)
        ]

    def _standing_by(self) -> list[Shell]:
        """Shells without a claim or session: warming and idle."""
        return [shell for shell in self.shells.values() if shell.state is State.WARMING or shell.is_ready]

    def _started_for(self, request: int) -> list[Shell]:
        """The shell a claim has for itself, or that is taking its lease; at most one."""
        return [
            shell
            for shell in self.shells.values()
            if shell.ask is not None and shell.ask.request == request and shell.state in (State.WARMING, State.IDLE)
        ]

    def _waiting(self) -> int:
        """Claims that the next shell of the pool would serve."""
        return sum(ask.environment is None and not ask.is_direct for ask in self.queue)

    def _fit_for(self, ask: Ask, now: float) -> Shell | None:
        """The idle shell that waits longest and that this claim may have."""
        if ask.is_direct:
            return None
        if ask.environment is not None:
            return next((shell for shell in self._started_for(ask.request) if shell.is_ready), None)
        for shell in self._idle():
            is_current = shell.signature == self._signature or shell.kind == "demand"
            if is_current and shell.recipe == self.limits.recipe and not self._is_aged(shell, now):
                return shell
        return None

    def _may_recycle(self, shell: Shell, now: float) -> bool:
        standing_by = len(self._idle()) + len(self._coming(for_claims=False)) + self.count(State.RECYCLING)
        return (
            shell.is_recyclable
            and self.limits.is_recycling
            and self.limits.is_poolable
            and self.limits.initial_pool_size > 0
            and not self.pressure.is_high
            and not self._is_aged(shell, now)
            and standing_by < self.limits.max_pool_size
        )

    def _is_aged(self, shell: Shell, now: float) -> bool:
        return now - shell.created_at >= self.limits.max_age_s
