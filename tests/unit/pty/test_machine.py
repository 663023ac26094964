"""Laws of the pool under any sequence of events, and the rules of the spec one by one, on a fake clock."""

from collections.abc import Callable
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synk.pty.lifecycle import NEXT, Phase, Shell, State
from synk.pty.machine import PoolMachine
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


class World:
    """Carries out orders on pretended processes, and checks the laws after every step."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.now = 1000.0
        self.signature = 0
        self.available = 0.5
        self.machine = PoolMachine(limits or Limits(), self.now, self.signature)
        self.log: list[Order] = []
        self.alive: set[int] = set()
        """Processes that run, by start number."""
        self.unreaped: set[int] = set()
        """Started and not reaped, whether they run or not."""
        self.asked: set[int] = set()
        self.answers: dict[int, str] = {}
        self.sessions: set[int] = set()
        """Shells handed out and not released."""
        self.handed_out: set[int] = set()
        self.failing_starts = 0
        self.fork_times: list[float] = []
        self.forked_kinds: list[str] = []
        self.signature_at_start: dict[int, int] = {}
        self.states: dict[Shell, State] = {}
        self.take(self.machine.start(self.now))

    def take(self, orders: list[Order]) -> None:
        waiting = list(orders)
        while waiting:
            order = waiting.pop(0)
            self.log.append(order)
            waiting += self._carry_out(order)
        self.check()

    def _carry_out(self, order: Order) -> list[Order]:
        match order:
            case Fork() | ForkCold():
                if self.failing_starts:
                    self.failing_starts -= 1
                    return self.machine.start_failed(self.now, order.number, "spawn", "Cannot start bash: no memory")
                self.alive.add(order.number)
                self.unreaped.add(order.number)
                self.fork_times.append(self.now)
                self.forked_kinds.append(self.machine.shells[order.number].kind)
                self.signature_at_start[order.number] = self.signature
                if isinstance(order, ForkCold):
                    return self.machine.started(self.now, order.number)
            case SendLease():
                assert order.number not in self.sessions
            case Accept():
                assert order.number not in self.handed_out, "handed out twice"
                assert order.number in self.alive, "handed out dead"
                self.answer(order.request, "started")
                self.sessions.add(order.number)
                self.handed_out.add(order.number)
            case Refuse():
                self.answer(order.request, order.kind)
            case Retire():
                self.sessions.discard(order.number)
            case CheckQuiet():
                return self.machine.checked(self.now, order.number, "")
            case HangUp():
                self.alive.discard(order.number)
            case Respawn():
                assert order.number not in self.unreaped, "run again before the old one was reaped"
                if self.failing_starts:
                    self.failing_starts -= 1
                    return self.machine.start_failed(self.now, order.successor, "spawn", "Cannot start bash: no memory")
                self.alive.add(order.successor)
                self.unreaped.add(order.successor)
                self.signature_at_start[order.successor] = self.signature
            case Inspect():
                return self.machine.inspected(self.now, self.signature, self.available)
        return []

    def answer(self, request: int, answer: str) -> None:
        assert request in self.asked
        assert request not in self.answers, "answered twice"
        self.answers[request] = answer

    def check(self) -> None:
        machine = self.machine
        counted = sum(machine.count(state) for state in State) + machine.counts["dead"]
        assert counted == machine.counts["forks"]
        assert all(count >= 0 for count in machine.counts.values())
        for number, shell in machine.shells.items():
            assert number == shell.number
            before = self.states.get(shell)
            assert before is None or before is shell.state or shell.state in NEXT[before] or self._passed(before, shell.state)
            self.states[shell] = shell.state
        active = {number for number, shell in machine.shells.items() if shell.state is State.ACTIVE}
        assert active == self.sessions & set(machine.shells)
        waiting = self.asked - set(self.answers)
        leasing = {s.ask.request for s in machine.shells.values() if s.phase is Phase.LEASING and s.ask}
        assert {ask.request for ask in machine.queue} | leasing == waiting
        assert machine.live() == len(active) + len(waiting) + machine.adopted
        standing_by = [s for s in machine.shells.values() if s.state in (State.WARMING, State.IDLE)]
        assert all(s.ask is not None and s.ask.request in waiting for s in standing_by if s.is_own), "nobody waits for it"
        assert all(s.recipe == machine.limits.recipe for s in standing_by if s.phase is Phase.PLAIN), "other settings"
        if machine.limits.initial_pool_size:
            assert sum(s.is_ready for s in standing_by) <= machine.limits.max_pool_size
        else:
            assert not any(s.is_ready for s in standing_by), "the pool is off"

    @staticmethod
    def _passed(before: State, after: State) -> bool:
        """Two steps at once: a marker that is answered by retiring the shell, or by nothing else."""
        return any(after in NEXT[between] for between in NEXT[before])

    def claim(self, **facts: object) -> int:
        request = len(self.asked) + 1
        self.asked.add(request)
        live = self.machine.live()
        known = len(self.log)
        self.take(self.machine.claim(self.now, Ask(request, **facts), self.signature))
        for order in self.log[known:]:
            if isinstance(order, SendLease) and order.request == request:
                assert self.signature_at_start[order.number] == self.signature, "outdated"
        if live >= self.machine.limits.max_active:
            assert self.answers[request] == "exhausted"
        assert self.machine.live() <= max(live, self.machine.limits.max_active)
        return request

    def release(self, number: int, is_reusable: bool = True) -> None:
        self.sessions.discard(number)
        live = self.machine.live()
        self.take(self.machine.release(self.now, number, is_reusable))
        assert self.machine.live() < live

    def die(self, number: int) -> None:
        self.alive.discard(number)
        self.sessions.discard(number)
        self.take(self.machine.died(self.now, number))

    def reap(self, number: int) -> None:
        self.alive.discard(number)
        self.sessions.discard(number)
        self.unreaped.discard(number)
        self.take(self.machine.reaped(self.now, number))

    def reap_dead(self) -> None:
        """What the host does all the time: end what was let go, reap what has ended."""
        for number in sorted(self.unreaped):
            shell = self.machine.shells.get(number)
            if shell is None or shell.state is State.DEAD or number not in self.alive:
                self.reap(number)

    def ready(self, number: int) -> None:
        self.take(self.machine.ready(self.now, number))

    def ready_all(self) -> None:
        for number in self.starting():
            self.ready(number)

    def answer_all(self, refusal: str = "") -> None:
        for number in [n for n, s in self.machine.shells.items() if s.phase is Phase.LEASING]:
            self.take(self.machine.answered(self.now, number, refusal))

    def starting(self) -> list[int]:
        return [
            number
            for number, shell in self.machine.shells.items()
            if number in self.alive and (shell.state is State.WARMING or shell.phase is Phase.RESPAWNED)
        ]

    def go(self, seconds: float) -> None:
        """Let time pass, deadline by deadline."""
        end = self.now + seconds
        for _ in range(10_000):
            deadline = self.machine.deadline()
            if deadline > end:
                break
            self.now = max(self.now, deadline)
            self.take(self.machine.tick(self.now))
            assert self.machine.deadline() > self.now, "tick did nothing about its deadline"
        else:
            raise AssertionError("the machine never rests")
        self.now = end

    def live_on(self, seconds: float, step: float = 0.05) -> None:
        """Time passes in a world where everything works."""
        for _ in range(int(seconds / step)):
            self.go(step)
            self.reap_dead()
            self.ready_all()
            self.answer_all()

    def idle(self) -> list[int]:
        shells = sorted((s for s in self.machine.shells.values() if s.is_ready), key=lambda s: s.idle_since)
        return [shell.number for shell in shells]

    def of(self, kind: type) -> list:
        return [order for order in self.log if isinstance(order, kind)]


@pytest.fixture
def warm() -> Callable[..., World]:
    """`warm(**limits)`: a world whose pool has reached its target."""

    def make(**limits: object) -> World:
        world = World(Limits(**limits))
        world.live_on(3)
        assert len(world.idle()) == world.machine.limits.initial_pool_size
        return world

    return make


ACTIONS = st.one_of(
    st.tuples(st.just("claim"), st.sampled_from(["plain", "agent", "own", "direct"])),
    st.tuples(st.just("cancel"), st.integers(0, 5)),
    st.tuples(st.just("release"), st.integers(0, 5)),
    st.tuples(st.just("ready"), st.integers(0, 5)),
    st.tuples(st.just("answer"), st.sampled_from(["", "", "", "Folder /x does not exist"])),
    st.tuples(st.just("die"), st.integers(0, 8)),
    st.tuples(st.just("reap"), st.integers(0, 8)),
    st.tuples(st.just("go"), st.sampled_from([0.01, 0.1, 0.2, 0.6, 2.1, 6.0, 70.0])),
    st.tuples(st.just("limits"), st.integers(0, 5)),
    st.tuples(st.just("edit"), st.just(0)),
    st.tuples(st.just("memory"), st.sampled_from([0.05, 0.12, 0.5])),
    st.tuples(st.just("refresh"), st.just(0)),
    st.tuples(st.just("fail"), st.integers(1, 3)),
    st.tuples(st.just("adopt"), st.sampled_from([1, -1])),
)
CHOICES = [
    Limits(),
    Limits(initial_pool_size=0),
    Limits(initial_pool_size=4, max_pool_size=4, max_active=3, warmup_delay_s=0),
    Limits(initial_pool_size=1, max_pool_size=1, max_active=2, is_recycling=False),
    Limits(max_age_s=60, max_active=5),
    Limits(is_poolable=False, recipe="dash"),
]


@settings(max_examples=200, deadline=None)
@given(st.lists(ACTIONS, max_size=80), st.integers(0, 5))
def test_laws_hold_under_any_events_and_the_pool_recovers(actions: list[tuple[str, object]], first: int) -> None:
    run_and_recover(actions, first)


@pytest.mark.parametrize("seed", range(10))
def test_laws_hold_in_a_trace_of_1000_events(seed: int) -> None:
    chance = Random(seed)
    whole = {"cancel": 6, "release": 6, "ready": 6, "die": 9, "reap": 9, "limits": 6}
    some: dict[str, list[object]] = {
        "claim": ["plain", "plain", "agent", "own", "direct"],
        "answer": ["", "", "", "Folder /x does not exist"],
        "go": [0.01, 0.1, 0.2, 0.6, 2.1, 6.0, 70.0],
        "memory": [0.05, 0.5, 0.5],
        "adopt": [1, -1],
        "fail": [1, 2],
        "edit": [0],
        "refresh": [0],
    }
    weights = {"claim": 8, "answer": 8, "release": 6, "ready": 6, "go": 8, "reap": 6, "die": 3}
    names = [name for name in [*whole, *some] for _ in range(weights.get(name, 1))]
    picked = [chance.choice(names) for _ in range(1000)]
    run_and_recover([(name, chance.randrange(whole[name]) if name in whole else chance.choice(some[name])) for name in picked], 0)


def run_and_recover(actions: list[tuple[str, object]], first: int) -> None:
    """The laws are checked after every event; afterwards, with everything in order, the pool must reach its target."""
    world = World(CHOICES[first])
    for name, value in actions:
        act(world, name, value)
    world.available, world.failing_starts = 0.9, 0
    limits = Limits(initial_pool_size=3, max_pool_size=5, max_active=64)
    world.take(world.machine.configure(world.now, limits, world.signature))
    world.live_on(60, step=0.3)
    assert not world.asked - set(world.answers), "a claim was never answered"
    idle = len(world.idle())
    assert 3 <= idle <= 5
    assert not world.starting()
    request = world.claim()
    world.answer_all()
    assert world.answers[request] == "started"


def act(world: World, name: str, value: object) -> None:
    """One random event; the index wraps around what there is."""

    def pick(numbers: list[int]) -> int | None:
        assert isinstance(value, int)
        return numbers[value % len(numbers)] if numbers else None

    machine = world.machine
    match name:
        case "claim":
            facts = {
                "plain": {},
                "agent": {"has_program": True},
                "own": {"environment": len(world.asked) + 1},
                "direct": {"is_direct": True, "has_program": True},
            }[str(value)]
            world.claim(**facts)
        case "cancel":
            request = pick(sorted(world.asked))
            if request is not None:
                world.take(machine.cancel(world.now, request))
        case "release":
            number = pick(sorted(world.sessions))
            if number is not None:
                world.release(number)
        case "ready":
            number = pick(world.starting())
            if number is not None:
                world.ready(number)
        case "answer":
            world.answer_all(str(value))
        case "die":
            number = pick(sorted(world.alive))
            if number is not None:
                world.die(number)
        case "reap":
            number = pick(sorted(world.unreaped))
            if number is not None:
                world.reap(number)
        case "go":
            assert isinstance(value, float)
            world.go(value)
        case "limits":
            assert isinstance(value, int)
            world.take(machine.configure(world.now, CHOICES[value], world.signature))
        case "edit":
            world.signature += 1
        case "memory":
            assert isinstance(value, float)
            world.available = value
        case "refresh":
            world.take(machine.refresh(world.now))
        case "fail":
            assert isinstance(value, int)
            world.failing_starts = value
        case "adopt":
            assert isinstance(value, int)
            if machine.adopted + value >= 0:
                world.take(machine.adopt(world.now, value))


def test_shells_are_started_one_by_one() -> None:
    world = World(Limits(initial_pool_size=3, warmup_delay_s=0.1))
    world.go(1)
    assert [round(time - 1000, 3) for time in world.fork_times] == [0.0, 0.1, 0.2]


def test_oldest_idle_shell_is_handed_out_first(warm) -> None:
    world = warm(initial_pool_size=3)
    for expected in world.idle():
        world.claim()
        assert world.of(SendLease)[-1].number == expected


def test_replacement_starts_100_ms_after_the_claim(warm) -> None:
    world = warm()
    world.claim()
    asked = world.now
    world.go(0.5)
    assert world.fork_times[-1] == pytest.approx(asked + 0.1)


def test_refused_folder_gives_the_shell_back(warm) -> None:
    world = warm(initial_pool_size=1)
    (number,) = world.idle()
    request = world.claim()
    world.answer_all("Folder /x does not exist")
    assert world.answers[request] == "folder"
    assert world.idle() == [number]


def test_shell_that_dies_during_the_claim_is_followed_by_the_next(warm) -> None:
    world = warm()
    first, second = world.idle()
    request = world.claim()
    world.die(first)
    assert world.of(SendLease)[-1].number == second
    world.answer_all()
    assert world.answers[request] == "started"
    assert world.of(Accept)[-1].is_warm


def test_lease_that_kills_every_shell_is_given_up(warm) -> None:
    world = warm()
    request = world.claim()
    for _ in range(3):
        world.die(world.of(SendLease)[-1].number)
        world.go(0.2)
        world.ready_all()
    assert world.answers[request] == "spawn"


def test_lease_that_is_not_answered_is_refused_after_5_s(warm) -> None:
    world = warm()
    request = world.claim(directory="/net/dead")
    world.go(4.9)
    assert request not in world.answers
    world.go(0.2)
    assert world.answers[request] == "folder"
    assert "/net/dead" in world.of(Refuse)[-1].text


def test_claim_takes_over_a_shell_that_is_warming_already() -> None:
    world = World(Limits(initial_pool_size=1))
    request = world.claim()
    assert len(world.fork_times) == 1
    world.ready_all()
    world.answer_all()
    assert world.answers[request] == "started"
    assert not world.of(Accept)[-1].is_warm


def test_full_pool_refuses_with_the_number_of_the_setting(warm) -> None:
    world = warm(max_active=3)
    for _ in range(4):
        world.claim()
        world.live_on(1)
    refusal = world.of(Refuse)[-1]
    assert refusal.text == "All 3 sessions are in use. Close one, or raise Settings > Performance > Most sessions."


def test_start_is_tried_again_after_1_2_and_4_s_then_not_for_60_s() -> None:
    world = World(Limits(initial_pool_size=1))
    request = world.claim()
    world.go(26.9)
    # The second is the replacement of the shell the claim waits for.
    assert [round(time - 1000, 1) for time in world.fork_times] == [0.0, 0.1, 6.0, 13.0, 22.0]
    assert request not in world.answers
    assert not world.of(TellNotReady)
    world.go(0.2)
    assert world.answers[request] == "started"
    assert len(world.of(TellNotReady)) == len(world.of(ForkCold)) == 1
    assert world.answers[world.claim()] == "started"
    world.go(59.7)
    assert len(world.of(Fork)) == 5
    world.go(0.2)
    assert len(world.of(Fork)) == 6
    world.go(300)
    assert len(world.of(TellNotReady)) == 1


def test_shells_that_warm_together_fail_together() -> None:
    world = World(Limits(initial_pool_size=4))
    world.go(26)
    assert [round(time - 1000, 1) for time in world.fork_times] == [0.0, 0.1, 0.2, 0.3, 6.0, 13.0, 22.0]


@pytest.mark.parametrize("change", ["settings", "start-up file"])
def test_pause_ends_early_when_something_changed(change: str) -> None:
    world = World(Limits(initial_pool_size=1))
    world.go(30)
    forks = len(world.fork_times)
    if change == "settings":
        world.take(world.machine.configure(world.now, Limits(initial_pool_size=1, recipe="zsh"), world.signature))
    else:
        world.signature = 1
    world.go(5.1)
    assert len(world.fork_times) == forks + 1
    world.ready_all()
    assert not world.machine.retries.is_degraded


def test_changed_startup_file_warms_everything_anew_at_most_every_10_s(warm) -> None:
    world = warm()
    for _ in range(60):
        world.signature += 1
        world.live_on(1)
    assert len(world.of(Retire)) <= 2 * 7
    assert len(world.of(Retire)) >= 2 * 5
    assert {order.reason for order in world.of(Retire)} == {"start-up files changed"}


def test_warm_shells_are_not_started_again_for_every_claim_while_a_startup_file_keeps_changing(warm) -> None:
    world = warm(max_active=200)
    before = world.forked_kinds.count("pooled")
    for _ in range(30):
        world.claim()
        world.live_on(0.05)
        world.signature += 1
        world.claim()
        world.live_on(0.95)
    assert world.forked_kinds.count("pooled") - before <= 2 * 3
    assert set(world.answers.values()) == {"started"}


def test_claim_never_gets_a_shell_with_outdated_startup_files(warm) -> None:
    world = warm()
    for _ in range(5):
        old = set(world.idle())
        world.signature += 1
        request = world.claim()
        assert not old & set(world.idle())
        world.ready_all()
        world.answer_all()
        assert world.answers[request] == "started"
        assert world.of(Accept)[-1].number not in old


def test_old_shell_goes_when_its_replacement_is_warm(warm) -> None:
    world = warm(initial_pool_size=1, max_age_s=60)
    (old,) = world.idle()
    world.go(62)
    assert world.idle() == [old]
    assert world.starting()
    world.ready_all()
    assert old not in world.idle()
    assert len(world.idle()) == 1


def test_claim_does_not_get_an_old_shell(warm) -> None:
    world = warm(initial_pool_size=1, max_age_s=60)
    (old,) = world.idle()
    world.now += 61
    world.claim()
    assert world.of(Retire)[-1].number == old
    assert world.of(Fork)[-1].number != old


def test_shrinking_ends_the_oldest_at_once(warm) -> None:
    world = warm(initial_pool_size=4)
    oldest = world.idle()
    world.take(world.machine.configure(world.now, Limits(initial_pool_size=1), world.signature))
    assert world.idle() == oldest[3:]


def test_memory_pressure_ends_one_idle_shell_per_second_until_30_s_above_15_percent(warm) -> None:
    world = warm(initial_pool_size=3, max_pool_size=3)
    world.available = 0.09
    world.go(5)
    counts = [len(world.idle())]
    for _ in range(3):
        world.go(1)
        counts.append(len(world.idle()))
    assert counts[-1] == 0
    assert sorted(counts, reverse=True) == counts
    assert all(a - b <= 1 for a, b in pairwise(counts))
    forks = len(world.fork_times)
    world.available = 0.12
    world.go(100)
    assert len(world.fork_times) == forks
    world.available = 0.2
    world.go(29)
    assert len(world.fork_times) == forks
    world.live_on(5)
    assert len(world.idle()) == 3


def test_claim_under_memory_pressure_is_served_on_demand(warm) -> None:
    world = warm()
    world.available = 0.05
    world.go(20)
    request = world.claim()
    world.ready_all()
    world.answer_all()
    assert world.answers[request] == "started"


def test_released_shell_is_run_again_step_by_step(warm) -> None:
    world = warm()
    world.claim()
    world.answer_all()
    (number,) = world.sessions
    world.live_on(1)
    world.release(number)
    released = world.now
    assert isinstance(world.log[-1], TakeBack)
    world.go(0.49)
    assert not world.of(CheckQuiet)
    world.go(0.02)
    assert world.of(HangUp) == [HangUp(number)]
    world.reap(number)
    (respawn,) = world.of(Respawn)
    world.ready(respawn.successor)
    assert respawn.successor in world.idle()
    assert world.machine.shells[respawn.successor].created_at < released
    assert world.machine.counts["recycles"] == 1


def test_no_shell_is_run_again_once_the_pool_is_off(warm) -> None:
    world = warm()
    world.claim()
    world.answer_all()
    (number,) = world.sessions
    world.live_on(1)
    world.release(number)
    world.go(0.6)
    world.take(world.machine.configure(world.now, Limits(initial_pool_size=0), world.signature))
    world.reap(number)
    assert not world.of(Respawn)
    assert Retire(number, "not needed") in world.of(Retire)


def test_shell_run_again_with_outdated_startup_files_is_not_handed_out(warm) -> None:
    world = warm()
    world.claim()
    world.answer_all()
    (number,) = world.sessions
    world.live_on(1)
    world.release(number)
    world.go(0.6)
    world.reap(number)
    (respawn,) = world.of(Respawn)
    world.signature += 1
    world.claim()
    world.ready(respawn.successor)
    assert not [order for order in world.of(SendLease) if order.number == respawn.successor]
    world.live_on(15)
    assert respawn.successor not in world.idle()


def test_only_as_many_shells_are_run_again_as_may_be_kept(warm) -> None:
    world = warm(initial_pool_size=1, max_pool_size=3)
    for _ in range(5):
        world.claim()
        world.live_on(1)
    for number in sorted(world.sessions):
        world.release(number)
    assert len(world.of(TakeBack)) == 2


def test_shell_that_is_not_ready_again_within_2_s_is_let_go(warm) -> None:
    world = warm()
    world.claim()
    world.answer_all()
    (number,) = world.sessions
    world.live_on(1)
    world.release(number)
    world.go(0.6)
    world.reap(number)
    world.go(2.1)
    assert world.of(Retire)[-1].reason == "not ready again"
    assert world.machine.counts["recycles_failed"] == 1


def test_released_place_is_free_at_once(warm) -> None:
    world = warm(max_active=1)
    world.claim()
    world.answer_all()
    (number,) = world.sessions
    world.release(number)
    assert world.machine.live() == 0
    request = world.claim()
    world.answer_all()
    assert world.answers[request] == "started"


def test_release_of_a_shell_not_in_use_is_ignored(warm) -> None:
    world = warm()
    before = dict(world.machine.counts)
    for number in (world.idle()[0], 99):
        world.take(world.machine.release(world.now, number, True))
        assert isinstance(world.log[-1], Ignored)
    assert dict(world.machine.counts) == before


def test_closing_answers_every_claim_and_keeps_only_sessions(warm) -> None:
    world = warm(max_active=20)
    world.claim()
    world.answer_all()
    waiting = [world.claim() for _ in range(4)]
    world.take(world.machine.close(world.now))
    assert {world.answers[request] for request in waiting} == {"closed"}
    assert world.machine.count(State.ACTIVE) == 1
    assert all(shell.state in (State.ACTIVE, State.DEAD) for shell in world.machine.shells.values())


def test_illegal_transition_is_a_bug() -> None:
    shell = Shell(1, "pooled", State.DEAD, created_at=0.0)
    with pytest.raises(AssertionError, match="dead -> idle"):
        shell.move(State.IDLE)
