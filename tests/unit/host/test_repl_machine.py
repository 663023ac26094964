"""The REPL pool's decisions: laws that hold whatever happens in whatever order, and the rules one by one."""

from collections.abc import Iterable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from synk.host.repls.groups import QUIET_S, REFILL_DELAY_S, State
from synk.host.repls.machine import MAX_AGE_S, ReplPool
from synk.host.repls.orders import End, EndZygote, Fork, Give, Order, Refuse, Start, StartZygote

PYTHON, NODE = "python", "node"


class World:
    """Carries out the pool's orders as the machine would, but only when told to."""

    def __init__(self, **options: int) -> None:
        self.pool = ReplPool(**options)
        self.now = 0.0
        self.open_asks: set[int] = set()
        self.given: dict[int, int] = {}
        """Member -> ask; stays after the end."""
        self.refused: dict[int, str] = {}
        self.importing: list[int] = []
        self.zygotes: set[int] = set()
        self.starting: list[int] = []
        self.running: set[int] = set()
        self.zygote_of: dict[int, int] = {}
        self.stale: set[int] = set()
        """Zygotes that imported packages which have changed since."""
        self.last_ask = 0

    def do(self, orders: Iterable[Order]) -> None:
        for order in orders:
            match order:
                case StartZygote():
                    self.importing.append(order.zygote)
                    self.zygotes.add(order.zygote)
                case EndZygote():
                    self.zygotes.discard(order.zygote)
                    assert not [m for m in self.running | set(self.starting) if self.zygote_of[m] == order.zygote]
                case Fork():
                    assert order.zygote in self.zygotes
                    assert order.zygote not in self.importing
                    self.starting.append(order.member)
                    self.zygote_of[order.member] = order.zygote
                case Start():
                    self.starting.append(order.member)
                    self.zygote_of[order.member] = 0
                case Give():
                    assert order.ask in self.open_asks, "answered twice"
                    assert order.member in self.running
                    assert order.member not in self.given, "a member changed its owner"
                    self.open_asks.discard(order.ask)
                    self.given[order.member] = order.ask
                case Refuse():
                    assert order.ask in self.open_asks, "answered twice"
                    self.open_asks.discard(order.ask)
                    self.refused[order.ask] = order.text
                case End():
                    if order.member in self.starting:
                        self.starting.remove(order.member)
                    self.running.discard(order.member)
                    self.do(self.pool.ended(self.now, order.member))

    def claim(self, key: str = PYTHON, *, is_stale: bool = False) -> int:
        self.last_ask += 1
        self.open_asks.add(self.last_ask)
        self.do(self.pool.claim(self.now, self.last_ask, key, uses_zygote=key == PYTHON, is_stale=is_stale))
        return self.last_ask

    def imported(self, *, may_fork: bool = True) -> None:
        self.do(self.pool.zygote_ready(self.now, self.importing.pop(0), may_fork=may_fork))

    def warmed(self) -> None:
        member = self.starting.pop(0)
        self.running.add(member)
        self.do(self.pool.warm(self.now, member))

    def after(self, seconds: float) -> None:
        self.now += seconds
        self.do(self.pool.tick(self.now, is_short=False))

    def quiesce(self) -> None:
        """Let everything that was begun succeed."""
        for _ in range(500):
            if self.importing:
                self.imported()
            elif self.starting:
                self.warmed()
            else:
                return
        raise AssertionError("the pool makes more and more")


class Laws(RuleBasedStateMachine):
    """Anything may happen in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(max_members=6)

    @rule(key=st.sampled_from([PYTHON, NODE, "other"]), is_stale=st.booleans())
    def claim(self, key: str, is_stale: bool) -> None:
        world = self.world
        before = set(world.running | set(world.starting)) if is_stale else set()
        ask = world.claim(key, is_stale=is_stale)
        given = [member for member, other in world.given.items() if other == ask]
        assert not before & {m for m in given if world.pool.members[m].key == key}, "given from before the change"

    @rule(key=st.sampled_from([PYTHON, NODE]), count=st.integers(0, 4), more=st.integers(0, 3))
    def configure(self, key: str, count: int, more: int) -> None:
        world = self.world
        world.do(world.pool.configure(world.now, key, uses_zygote=key == PYTHON, count=count, most=max(1, count + more)))

    @rule(may_fork=st.booleans())
    def imported(self, may_fork: bool) -> None:
        if self.world.importing:
            self.world.imported(may_fork=may_fork)

    @rule()
    def warmed(self) -> None:
        if self.world.starting:
            self.world.warmed()

    @rule()
    def start_fails(self) -> None:
        world = self.world
        if world.starting:
            world.do(world.pool.ended(world.now, world.starting.pop(0), "it failed"))

    @rule(data=st.data())
    def member_dies(self, data: st.DataObject) -> None:
        world = self.world
        if world.running:
            member = data.draw(st.sampled_from(sorted(world.running)))
            world.running.discard(member)
            world.do(world.pool.ended(world.now, member, "killed"))

    @rule(data=st.data())
    def zygote_dies(self, data: st.DataObject) -> None:
        world = self.world
        if world.zygotes:
            zygote = data.draw(st.sampled_from(sorted(world.zygotes)))
            world.zygotes.discard(zygote)
            if zygote in world.importing:
                world.importing.remove(zygote)
            world.do(world.pool.zygote_ended(world.now, zygote, "killed"))
            for member in [m for m in world.starting if world.zygote_of[m] == zygote]:
                world.starting.remove(member)
                world.do(world.pool.ended(world.now, member, "the zygote has ended"))

    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        world = self.world
        used = sorted(set(world.given) & world.running)
        if used:
            world.do(world.pool.release(world.now, data.draw(st.sampled_from(used))))

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        world = self.world
        if world.open_asks:
            world.do(world.pool.cancel(world.now, data.draw(st.sampled_from(sorted(world.open_asks)))))

    @rule(is_refilled=st.booleans())
    def drain(self, is_refilled: bool) -> None:
        self.world.do(self.world.pool.drain(self.world.now, is_refilled=is_refilled))

    @rule(seconds=st.sampled_from([0.05, 0.2, 2.0, 400.0, 2000.0]), is_short=st.booleans())
    def time_passes(self, seconds: float, is_short: bool) -> None:
        world = self.world
        world.now += seconds
        world.do(world.pool.tick(world.now, is_short=is_short))

    @invariant()
    def the_machine_knows_what_there_is(self) -> None:
        world = self.world
        assert set(world.pool.members) == world.running | set(world.starting)

    @invariant()
    def there_are_never_too_many(self) -> None:
        # Those that were told to end take a moment, and their successors are made meanwhile.
        assert sum(member.state is not State.DEAD for member in self.world.pool.members.values()) <= 6

    @invariant()
    def the_next_look_is_in_the_future(self) -> None:
        world = self.world
        deadline = world.pool.deadline()
        if deadline is not None and deadline <= world.now:
            world.do(world.pool.tick(world.now, is_short=False))
            deadline = world.pool.deadline()
            assert deadline is None or deadline > world.now, "the timer would fire for ever"

    def teardown(self) -> None:
        world = self.world
        world.quiesce()
        assert not world.open_asks, "a claim was never answered"
        world.do(world.pool.drain(world.now))
        for member in tuple(world.running):
            world.do(world.pool.release(world.now, member))
        world.quiesce()
        assert not world.running
        world.do(world.pool.tick(world.now + 1, is_short=False))
        assert not world.zygotes, "a zygote stays without kernels and work"


TestLaws = Laws.TestCase
TestLaws.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


@pytest.fixture
def world() -> World:
    return World()


def members(world: World, state: State) -> list[int]:
    return [member.number for member in world.pool.members.values() if member.state is state]


def test_the_longest_idle_member_is_given_first(world: World) -> None:
    world.do(world.pool.configure(0.0, PYTHON, uses_zygote=True, count=3, most=8))
    world.imported()
    order = list(world.starting)
    for _ in range(3):
        world.now += 1
        world.warmed()
    world.claim()
    assert list(world.given) == order[:1]


def test_a_used_member_is_replaced_a_moment_later(world: World) -> None:
    world.do(world.pool.configure(0.0, PYTHON, uses_zygote=True, count=1, most=8))
    world.quiesce()
    world.now = 10.0
    world.claim()
    assert world.starting == []
    world.after(REFILL_DELAY_S)
    assert len(world.starting) == 1


def test_a_burst_of_claims_makes_more_wait_warm_until_it_is_quiet(world: World) -> None:
    world.do(world.pool.configure(0.0, NODE, uses_zygote=False, count=1, most=4))
    world.quiesce()
    for _ in range(3):
        world.claim(NODE)
    world.quiesce()
    world.after(REFILL_DELAY_S)
    world.quiesce()
    assert len(members(world, State.IDLE)) == 3
    world.after(QUIET_S + 1)
    assert len(members(world, State.IDLE)) == 1


def test_nothing_is_made_in_advance_while_memory_is_short(world: World) -> None:
    world.do(world.pool.configure(0.0, NODE, uses_zygote=False, count=1, most=4))
    world.quiesce()
    world.claim(NODE)
    world.now += 1
    world.do(world.pool.tick(world.now, is_short=True))
    assert world.starting == []
    world.claim(NODE)
    assert len(world.starting) == 1, "a caller that waits still gets one"


def test_a_stale_zygote_stays_until_its_last_kernel_ends(world: World) -> None:
    world.claim()
    world.quiesce()
    old = next(iter(world.zygotes))
    used = next(iter(world.given))
    world.claim(is_stale=True)
    world.quiesce()
    assert len(world.zygotes) == 2
    world.do(world.pool.release(world.now, used))
    assert old not in world.zygotes
    assert len(world.zygotes) == 1


def test_modules_that_start_threads_get_a_process_each(world: World) -> None:
    ask = world.claim()
    world.imported(may_fork=False)
    assert world.zygotes == set()
    assert world.zygote_of[world.starting[0]] == 0
    world.warmed()
    assert world.given == {next(iter(world.running)): ask}


def test_a_claim_of_a_kind_that_does_not_start_hears_why(world: World) -> None:
    ask = world.claim()
    world.do(world.pool.zygote_ended(world.now, world.importing.pop(), "no such library"))
    assert world.refused == {ask: "no such library"}


def test_a_kind_nobody_configured_goes_away_when_nobody_uses_it(world: World) -> None:
    world.claim()
    world.quiesce()
    world.do(world.pool.release(world.now, next(iter(world.given))))
    world.after(REFILL_DELAY_S)
    world.quiesce()
    world.after(QUIET_S + 1)
    assert world.running == set()
    world.after(MAX_AGE_S)
    assert world.zygotes == set()
    assert world.pool.deadline() is None


def test_an_idle_member_makes_room_for_another_language() -> None:
    world = World(max_members=2)
    world.do(world.pool.configure(0.0, NODE, uses_zygote=False, count=2, most=2))
    world.quiesce()
    world.claim(PYTHON)
    world.quiesce()
    assert len(world.given) == 1
    assert len(world.running) == 2


def test_what_is_made_anew_leaves_room_for_another_language_that_is_waited_for() -> None:
    world = World(max_members=3)
    world.do(world.pool.configure(0.0, NODE, uses_zygote=False, count=2, most=3))
    ask = world.claim("other")
    world.do(world.pool.configure(0.0, NODE, uses_zygote=False, count=3, most=3))
    world.do(world.pool.drain(0.0, is_refilled=True))
    assert len(members(world, State.WARMING)) == 3
    world.quiesce()
    assert ask in world.given.values()


def test_a_claim_beyond_the_limit_is_refused_with_the_limit() -> None:
    world = World(max_members=1)
    world.claim(NODE)
    world.quiesce()
    ask = world.claim(NODE)
    assert "All 1 REPLs" in world.refused[ask]
