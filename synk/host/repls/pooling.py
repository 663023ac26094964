"""Carries out what the pool decides: starts zygotes and kernels, hands kernels out, ends them. Main loop only."""

import asyncio
import contextlib
import logging
import resource
import time
from collections.abc import Callable, Hashable, Iterable
from functools import partial
from typing import Any

from synk.base.wire import Message
from synk.host.repls import memory
from synk.host.repls.declared import TextSpeaker
from synk.host.repls.endings import KernelEndings
from synk.host.repls.groups import State
from synk.host.repls.keys import Fingerprint
from synk.host.repls.machine import ReplPool
from synk.host.repls.making import attach_socket, start_kernel
from synk.host.repls.orders import End, EndZygote, Fork, Give, Order, Refuse, Start, StartZygote
from synk.host.repls.process import Exit, Kernel
from synk.host.repls.recipes import Recipe, preparation
from synk.host.repls.terminal import Terminal
from synk.host.repls.zygotes import ZygoteProcess
from synk.host.runs.cgroups import ControlGroups
from synk.host.runs.tree import RLIMIT_LOCKS, tag_of, tagged
from synk.host.service import HostParts

log = logging.getLogger(__name__)

DEFAULT_MOST = 8
WARM_LIMIT_S = 45.0
"""For an interpreter to start and to import its modules."""
GENTLE_S = 1.0
"""For exit handlers of a REPL that is stopped."""

Given = Callable[[Kernel], None]
Failed = Callable[[str], None]


class KernelPool:
    """The machine's hands. Watches kernels until they are given away, and always hears of their end."""

    def __init__(self, parts: HostParts, *, groups: ControlGroups, on_notice: Callable[[str], None]) -> None:
        """`on_notice`: a module cannot be preloaded."""
        self._on_notice = on_notice
        self._parts = parts
        self._loop = parts.loop
        self._machine = ReplPool()
        self._recipes: dict[Hashable, Recipe] = {}
        """The newest one of each key."""
        self._zygotes: dict[int, ZygoteProcess] = {}
        self._fingerprints: dict[Hashable, Fingerprint] = {}
        self._stale: set[Hashable] = set()
        self.kernels: dict[int, Kernel] = {}
        """All that have a process or are about to."""
        self._recipe_of: dict[int, Recipe] = {}
        self._asks: dict[int, tuple[Given, Failed, float]] = {}
        self._last_ask = 0
        self._timer: asyncio.TimerHandle | None = None
        self.endings = KernelEndings(parts.loop, groups, on_gone=self._check_empty)
        """What ends kernels, and limits them with all they start."""
        self._warm_timers: dict[int, asyncio.TimerHandle] = {}
        self._claim_ms: list[float] = []
        self._on_empty: list[Callable[[], None]] = []
        self._is_closing = False
        self.sizes: dict[str, tuple[int, int]] = {}
        """Language -> how many wait warm at least and at most, of each kind that is used."""
        self.problems: dict[str, str] = {}
        """Module -> error of preloads that failed, for the pool's stats."""
        self._notes: dict[Hashable, tuple[str, ...]] = {}
        """The same by kind, for those who get one."""

    def claim(self, recipe: Recipe, on_given: Given, on_failed: Failed) -> int:
        """Ask for a kernel; one of the two is called once, maybe before this returns. Returns a number for `cancel`."""
        count, most = self.sizes.get(recipe.spec.name, (1, DEFAULT_MOST))
        self._last_ask += 1
        ask = self._last_ask
        self._asks[ask] = (on_given, on_failed, time.perf_counter())
        key = recipe.key
        self._recipes[key] = recipe
        fingerprint = self._fingerprints.get(key)
        is_stale = fingerprint is not None and fingerprint.is_stale()
        if is_stale:
            del self._fingerprints[key]
        self._carry_out(
            self._machine.claim(
                time.monotonic(), ask, key, uses_zygote=recipe.uses_zygote, is_stale=is_stale, count=count, most=most
            )
        )
        return ask

    def cancel(self, ask: int) -> None:
        """The caller has gone; nothing is called any more."""
        if ask in self._asks:
            self._asks[ask] = (self._unwanted, lambda _text: None, 0.0)
            self._carry_out(self._machine.cancel(time.monotonic(), ask))

    def configure(self, recipe: Recipe, *, count: int, most: int) -> None:
        """Keep so many of this kind warm."""
        self._recipes[recipe.key] = recipe
        self._carry_out(
            self._machine.configure(time.monotonic(), recipe.key, uses_zygote=recipe.uses_zygote, count=count, most=most)
        )

    def drain(self, keys: Iterable[Hashable] | None, *, is_refilled: bool) -> None:
        """End what is idle, of these kinds or of all; with `is_refilled` it is made anew."""
        for key in tuple(self._machine.groups) if keys is None else tuple(keys):
            self._fingerprints.pop(key, None)
            self._carry_out(self._machine.drain(time.monotonic(), key, is_refilled=is_refilled))

    def notes_of(self, recipe: Recipe) -> tuple[str, ...]:
        """What its kernels lack: modules that could not be preloaded, with the reason."""
        return self._notes.get(recipe.key, ())

    def keys_of(self, language: str) -> list[Hashable]:
        """Keys of the kinds of this language that the pool knows."""
        return [key for key in self._machine.groups if self._recipes[key].spec.name == language]

    def release(self, kernel: Kernel, reason: str = "released", *, gently: bool = False) -> None:
        """End a kernel that was given out. `gently`: an idle one of ours may run its exit handlers first."""
        if kernel.is_over:
            return
        if gently:
            kernel.send({"do": "shutdown"})
            self.endings.end(kernel, "terminate", delay_s=GENTLE_S)
        self._carry_out(self._machine.release(time.monotonic(), kernel.number, reason))

    def kill(self, kernel: Kernel, reason: str) -> None:
        """End a kernel and all it started at once; its watcher hears of its end."""
        if not kernel.is_over:
            log.info("killing kernel %d: %s", kernel.number, reason)
            self.endings.end(kernel, "kill")
            self._carry_out(self._machine.release(time.monotonic(), kernel.number, reason))

    def close(self, on_empty: Callable[[], None]) -> None:
        """End everything, then call `on_empty`."""
        self._is_closing = True
        self._on_empty.append(on_empty)
        for kernel in tuple(self.kernels.values()):
            self.endings.end(kernel, "kill")
        for zygote in tuple(self._zygotes.values()):
            zygote.end()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._check_empty()

    @property
    def is_empty(self) -> bool:
        """True if no process of the pool is left."""
        return not self.kernels and not self._zygotes and not self.endings

    def stats(self) -> Message:
        """Counts and times, and by language."""
        machine = self._machine
        languages: dict[str, dict[str, Any]] = {}
        for member in machine.members.values():
            name = self._recipes[member.key].spec.name
            row = languages.setdefault(name, {state.value: 0 for state in State})
            row[member.state.value] += 1
        for key, group in machine.groups.items():
            row = languages.setdefault(self._recipes[key].spec.name, {state.value: 0 for state in State})
            row["count"] = row.get("count", 0) + group.target(time.monotonic())
            row["max"] = max(row.get("max", 0), group.max)
        times = sorted(self._claim_ms)
        return {
            "languages": languages,
            "idle": machine.count(State.IDLE),
            "warming": machine.count(State.WARMING),
            "active": machine.count(State.ACTIVE),
            "zygotes": len(self._zygotes),
            "forks": machine.forks,
            "claims": machine.claims,
            "warm_claims": machine.warm_claims,
            "claim_p50_ms": times[len(times) // 2] if times else None,
            "claim_p95_ms": times[int(len(times) * 0.95)] if times else None,
            "preload_problems": dict(self.problems),
            "is_short_of_memory": machine.is_short,
        }

    def members(self) -> list[Message]:
        """Kernels that nobody owns, for lists: language, state, age, memory, pid."""
        now = time.monotonic()
        return [
            {
                "language": self._recipes[member.key].spec.name,
                "state": member.state.value,
                "age_s": round(now - member.made_at, 1),
                "memory_bytes": memory.share_of(self.kernels[member.number].pid),
                "pid": self.kernels[member.number].pid,
                "member": member.number,
            }
            for member in self._machine.members.values()
            if member.state in (State.WARMING, State.IDLE) and member.number in self.kernels
        ]

    def ping(self, on_silent: Callable[[Kernel], None]) -> None:
        """For the health check: idle members that did not answer the last ping are given to `on_silent`."""
        for member in tuple(self._machine.members.values()):
            kernel = self.kernels.get(member.number)
            if kernel is None or member.state is not State.IDLE:
                continue
            if kernel.is_asked:
                on_silent(kernel)
            else:
                kernel.is_asked = True
                kernel.send({"do": "ping"})

    # As the watcher of kernels that nobody owns yet.

    def said(self, kernel: Kernel, message: Message) -> None:
        """`warm` is the only thing a kernel says by itself."""
        kernel.is_asked = False
        if message.get("is") != "warm":
            return
        self._forget_timer(kernel)
        recipe = self._recipe_of[kernel.number]
        if "path" in message:  # a Python kernel that is a process of its own has imported its modules itself
            self._imported(recipe, message)
        self._carry_out(self._machine.warm(time.monotonic(), kernel.number))

    def printed(self, kernel: Kernel, data: bytes) -> None:
        """What a kernel prints before it has an owner tells why it did not start."""
        kernel.start_output = (kernel.start_output + data)[-4096:]

    def lost(self, kernel: Kernel) -> None:
        """It is of no use without its channel."""
        self.endings.end(kernel, "kill")

    def ended(self, kernel: Kernel, how: Exit) -> None:
        """Told to the machine by `_over`, as for all kernels."""

    def _unwanted(self, kernel: Kernel) -> None:
        self.release(kernel)

    def _carry_out(self, orders: Iterable[Order]) -> None:
        for order in orders:
            match order:
                case StartZygote():
                    self._parts.when_safe_to_start(partial(self._start_zygote, order))
                case EndZygote():
                    zygote = self._zygotes.get(order.zygote)
                    if zygote is not None:
                        zygote.end()
                case Fork():
                    self._fork(order)
                case Start():
                    self._parts.when_safe_to_start(partial(self._start, order))
                case Give():
                    self._give(order)
                case Refuse():
                    self._asks.pop(order.ask)[1](order.text)
                case End():
                    kernel = self.kernels.get(order.member)
                    if kernel is not None and not self.endings.has(order.member):
                        log.info("ending kernel %d: %s", order.member, order.reason)
                        self.endings.end(kernel, "kill")
        self._schedule()

    def _schedule(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self._machine.deadline()
        if deadline is not None and not self._is_closing:
            self._timer = self._loop.call_later(max(0.001, deadline - time.monotonic()), self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._carry_out(self._machine.tick(time.monotonic(), is_short=memory.is_short()))

    def _give(self, order: Give) -> None:
        on_given, _, asked = self._asks.pop(order.ask)
        self.kernels[order.member].was_idle = order.is_warm
        if asked:
            self._claim_ms.append(round((time.perf_counter() - asked) * 1000, 3))
            del self._claim_ms[:-1000]
        on_given(self.kernels[order.member])

    def _start_zygote(self, order: StartZygote) -> None:
        recipe = self._recipes[order.key]
        number = order.zygote
        zygote = ZygoteProcess(
            self._loop,
            on_ready=partial(self._zygote_ready, number, recipe),
            on_unfit=lambda: self._carry_out(self._machine.zygote_unfit(time.monotonic(), number)),
            on_ended=partial(self._zygote_ended, number),
            watch=self._watch,
        )
        mark = f"{self._parts.ledger.host_id}.z{number:012d}"
        try:
            with tagged(tag_of(mark)):
                zygote.start(recipe.argv(), recipe.start_environment(mark), preparation(recipe))
        except OSError as error:
            self._loop.call_soon(self._zygote_ended, number, f"Cannot start {recipe.program}: {error.strerror}")
            return
        self._zygotes[number] = zygote
        self._loop.call_later(WARM_LIMIT_S, self._zygote_too_slow, number)
        if self._is_closing:
            zygote.end()

    def _zygote_too_slow(self, number: int) -> None:
        known = self._machine.zygotes.get(number)
        if known is not None and not known.is_ready and number in self._zygotes:
            log.warning("zygote %d imports for more than %g s: killed", number, WARM_LIMIT_S)
            self._zygotes[number].end()

    def _zygote_ready(self, number: int, recipe: Recipe, answer: Message) -> None:
        self._imported(recipe, answer)
        self._carry_out(self._machine.zygote_ready(time.monotonic(), number, may_fork=answer["threads"] == 1))

    def _imported(self, recipe: Recipe, answer: Message) -> None:
        self._fingerprints[recipe.key] = Fingerprint(answer["path"], answer["sources"], began_ns=int(answer["began_ns"]))
        for module in answer["loaded"]:
            self.problems.pop(module, None)
        for failure in answer["failed"]:
            module, error = failure["module"], failure["error"]
            log.warning("preload of %s in %s failed: %s", module, recipe.program, error)
            if self.problems.get(module) != error:
                self._on_notice(f"{recipe.spec.title or recipe.spec.name} is warmed without {module}: {error}")
            self.problems[module] = error
        self._notes[recipe.key] = tuple(
            f"{failure['module']} was not preloaded: {failure['error']}" for failure in answer["failed"]
        )

    def _zygote_ended(self, number: int, text: str) -> None:
        self._zygotes.pop(number, None)
        self._carry_out(self._machine.zygote_ended(time.monotonic(), number, text))
        self._check_empty()

    def _fork(self, order: Fork) -> None:
        kernel = self._new_kernel(order.member, self._recipes[order.key])
        zygote = self._zygotes.get(order.zygote)
        if kernel is None:
            return
        if zygote is None:
            self._fork_failed(kernel, order.member, "the zygote has ended")
            return
        control = attach_socket(self._loop, kernel)
        zygote.fork(kernel, control.fileno(), partial(self._fork_failed, kernel))
        control.close()

    def _fork_failed(self, kernel: Kernel, _number: int, text: str) -> None:
        kernel.discard()
        self.kernels.pop(kernel.number, None)
        self._recipe_of.pop(kernel.number, None)
        self._carry_out(self._machine.ended(time.monotonic(), kernel.number, f"No kernel could be forked: {text}."))
        self._check_empty()

    def _start(self, order: Start) -> None:
        recipe = self._recipes[order.key]
        if self._is_closing or self._machine.members[order.member].state is not State.WARMING:
            self._carry_out(self._machine.ended(time.monotonic(), order.member))
            return
        kernel = self._new_kernel(order.member, recipe)
        if kernel is None:
            return
        try:
            pid, pidfd = start_kernel(self._loop, kernel, recipe)
        except OSError as error:
            self._fork_failed(kernel, kernel.number, f"{recipe.program}: {error.strerror}")
            return
        unwatch = self._watch(pid, lambda status: kernel.exited(Exit(status)))
        kernel.started(pid, pidfd, unwatch=unwatch)
        if recipe.spec.kind == "python":
            kernel.send(preparation(recipe))
        elif isinstance(kernel.speaker, TextSpeaker):
            kernel.speaker.begin()

    def _new_kernel(self, number: int, recipe: Recipe) -> Kernel | None:
        mark = f"{self._parts.ledger.host_id}.k{number}"
        try:
            terminal = Terminal(has_echo=recipe.spec.kind != "declared")
        except OSError as error:
            text = f"No terminal for a REPL: {error.strerror}."
            self._loop.call_soon(lambda: self._carry_out(self._machine.ended(time.monotonic(), number, text)))
            return None
        kernel = Kernel(self._loop, number, mark, terminal, self)
        kernel.on_started = self._started
        kernel.on_over = self._over
        self.kernels[number] = kernel
        self._recipe_of[number] = recipe
        return kernel

    def _started(self, kernel: Kernel) -> None:
        self._tag(kernel)
        self._warm_timers[kernel.number] = self._loop.call_later(WARM_LIMIT_S, self._too_slow, kernel)
        if kernel.is_doomed or self._is_closing:
            self.endings.end(kernel, "kill")

    def _forget_timer(self, kernel: Kernel) -> None:
        timer = self._warm_timers.pop(kernel.number, None)
        if timer is not None:
            timer.cancel()

    def _too_slow(self, kernel: Kernel) -> None:
        member = self._machine.members.get(kernel.number)
        if member is not None and member.state is State.WARMING and not kernel.is_over:
            kernel.start_output += f" Not ready after {WARM_LIMIT_S:g} s.".encode()
            self.endings.end(kernel, "kill")

    def _tag(self, kernel: Kernel) -> None:
        """A fork has its zygote's tag until now: by its own one all it starts can be found (tree.py)."""
        with contextlib.suppress(OSError):
            hard = resource.prlimit(kernel.pid, RLIMIT_LOCKS)[1]
            resource.prlimit(kernel.pid, RLIMIT_LOCKS, (tag_of(kernel.mark), hard))

    def _watch(self, pid: int, on_exit: Callable[[int], None]) -> Callable[[], None]:
        self._parts.reaper.watch(pid, on_exit)
        return partial(self._parts.reaper.unwatch, pid)

    def _over(self, kernel: Kernel, how: Exit) -> None:
        """The kernel's process has ended: what it left behind goes too."""
        del self.kernels[kernel.number]
        self._forget_timer(kernel)
        recipe = self._recipe_of.pop(kernel.number)
        printed = kernel.start_output.decode(errors="replace").strip()
        text = f"{recipe.spec.title or recipe.spec.name} ended while it started ({how.signal or how.code}). {printed}".strip()
        self.endings.end(kernel, "kill")
        self._carry_out(self._machine.ended(time.monotonic(), kernel.number, text))
        self._check_empty()

    def _check_empty(self) -> None:
        if self._is_closing and self.is_empty:
            waiting, self._on_empty = self._on_empty, []
            self._is_closing = False
            for on_empty in waiting:
                on_empty()

