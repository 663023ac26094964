"""The REPL pool's decisions as a pure state machine: what happened goes in with the time, orders come out."""

from collections.abc import Hashable

from synk.host.repls.groups import QUIET_S, REFILL_DELAY_S, Group, Member, State, Zygote
from synk.host.repls.orders import End, EndZygote, Fork, Give, Order, Refuse, Start, StartZygote

MAX_MEMBERS = 32
"""All members of all languages, those in use too."""
MAX_GROUPS = 8
"""Kinds of member kept warm at once; the longest unused goes first."""
MAX_AGE_S = 1800.0
"""Idle members and zygotes this old, or unused this long, are made anew."""
RETRY_S = (1.0, 5.0, 30.0)
"""Between tries when members of a kind do not start."""
TRIES = 5
"""After that many failures in a row only a claim tries again."""
SHORT_RETRY_S = 10.0
"""How often a pool that is short of memory looks again."""


class ReplPool:
    """Which zygotes and members are started, given to whom, and ended.

    Every method is one thing that happened at `now` and returns the orders that follow. `tick` is called at
    `deadline()`. No I/O, no clock.
    """

    def __init__(self, *, max_members: int = MAX_MEMBERS) -> None:
        self.max_members = max_members
        self.members: dict[int, Member] = {}
        """Those that live, by number."""
        self.zygotes: dict[int, Zygote] = {}
        self.groups: dict[Hashable, Group] = {}
        self.is_short = False
        """Memory is short: nothing is made but what somebody waits for."""
        self.forks = 0
        self.claims = 0
        self.warm_claims = 0
        self._last_number = 0
        self._orders: list[Order] = []

    def configure(self, now: float, key: Hashable, *, uses_zygote: bool, count: int, most: int) -> list[Order]:
        """Keep `count` to `most` members of this kind warm from now on."""
        group = self._group(now, key, uses_zygote)
        group.count, group.max, group.is_configured = min(count, most), most, True
        group.refill_at = now
        return self._settle(now)

    def claim(
        self, now: float, ask: int, key: Hashable, *, uses_zygote: bool, is_stale: bool = False, count: int = 1, most: int = 8
    ) -> list[Order]:
        """Somebody wants a member. `is_stale`: packages changed since the zygote of this kind imported them.

        A kind that nobody configured is kept warm from now on, `count` to `most` of it, until it is quiet.
        """
        group = self._group(now, key, uses_zygote)
        if is_stale:
            self._renew(group, "packages changed")
        group.used_at = now
        if not group.is_configured:
            group.count, group.max = min(count, most), most
        group.claims.append(now)
        self.claims += 1
        idle = self._idle(group)
        if idle:
            self.warm_claims += 1
            member = idle[0]
            member.state, member.since = State.ACTIVE, now
            self._orders.append(Give(ask, member.number, is_warm=True))
            if group.refill_at is None:
                group.refill_at = now + REFILL_DELAY_S
        elif self._make_room(group):
            group.waiting.append(ask)
        else:
            self._orders.append(Refuse(ask, f"All {self.max_members} REPLs are in use. Stop one that is not needed."))
        return self._settle(now)

    def cancel(self, now: float, ask: int) -> list[Order]:
        """The claim is not wanted any more; nothing happens if it has its member."""
        for group in self.groups.values():
            if ask in group.waiting:
                group.waiting.remove(ask)
                self._orders.append(Refuse(ask, "cancelled"))
        return self._settle(now)

    def zygote_ready(self, now: float, number: int, *, may_fork: bool) -> list[Order]:
        """It has imported everything. `may_fork` is false if a module started threads: such members are made one by one."""
        zygote = self.zygotes.get(number)
        if zygote is None:
            return self._settle(now)
        group = self.groups.get(zygote.key)
        zygote.is_ready = True
        if group is not None and group.zygote == number:
            group.failures = 0
            if not may_fork:
                group.uses_zygote = False
                self._retire(zygote)
                group.zygote = 0
            elif group.refill_at is None:
                group.refill_at = now
        return self._settle(now)

    def zygote_ended(self, now: float, number: int, text: str = "") -> list[Order]:
        """Its process has ended. `text` says why if it never became ready."""
        zygote = self.zygotes.pop(number, None)
        if zygote is None:
            return self._settle(now)
        group = self.groups.get(zygote.key)
        if group is not None and group.zygote == number:
            group.zygote = 0
            if not zygote.is_ready:
                self._failed(now, group, text)
        return self._settle(now)

    def zygote_unfit(self, now: float, number: int) -> list[Order]:
        """It got threads after all: no more forks from it."""
        zygote = self.zygotes.get(number)
        if zygote is not None:
            group = self.groups.get(zygote.key)
            self._retire(zygote)
            if group is not None and group.zygote == number:
                group.zygote = 0
        return self._settle(now)

    def warm(self, now: float, number: int) -> list[Order]:
        """The member can run cells."""
        member = self.members.get(number)
        if member is None or member.state is not State.WARMING:
            return self._settle(now)
        group = self.groups[member.key]
        group.failures = 0
        group.refill_s = 0.7 * group.refill_s + 0.3 * (now - member.made_at)
        if group.waiting:
            member.state = State.ACTIVE
            self._orders.append(Give(group.waiting.popleft(), number, is_warm=False))
            if group.refill_at is None:
                group.refill_at = now + REFILL_DELAY_S
        else:
            member.state = State.IDLE
        member.since = now
        return self._settle(now)

    def ended(self, now: float, number: int, text: str = "") -> list[Order]:
        """The member's first process has ended, by itself or by order. `text`: why, if it never became warm."""
        member = self.members.pop(number, None)
        if member is None:
            return self._settle(now)
        group = self.groups.get(member.key)
        if group is not None:
            if member.state is State.WARMING:
                self._failed(now, group, text)
            elif member.state is State.IDLE and group.refill_at is None:
                # Not at once: an idle member that dies again and again must not keep the machine busy.
                group.refill_at = now + RETRY_S[0]
        return self._settle(now)

    def release(self, now: float, number: int, reason: str = "released") -> list[Order]:
        """Its owner does not need it any more: it ends, since nobody else may find what it left."""
        member = self.members.get(number)
        if member is not None and member.state is not State.DEAD:
            self._end(member, reason)
        return self._settle(now)

    def drain(self, now: float, key: Hashable | None = None, *, is_refilled: bool = False) -> list[Order]:
        """End what is idle (of this kind, or all); `is_refilled`: and make it anew, with new zygotes."""
        for group in list(self.groups.values()):
            if key is not None and group.key != key:
                continue
            self._renew(group, "recycled" if is_refilled else "drained")
            if is_refilled:
                group.refill_at, group.failures = now, 0
            else:
                group.count, group.is_configured, group.refill_at = 0, False, None
                group.claims.clear()
        return self._settle(now)

    def tick(self, now: float, *, is_short: bool) -> list[Order]:
        """Time went on. `is_short`: less than 10 % memory available, or more than 10 % pressure."""
        self.is_short = is_short
        for group in list(self.groups.values()):
            self._grow_old(now, group)
        return self._settle(now)

    def deadline(self) -> float | None:
        """When `tick` has something to do; None if nothing is kept."""
        times = [group.refill_at for group in self.groups.values() if group.refill_at is not None]
        times += [group.used_at + QUIET_S for group in self.groups.values() if group.claims]
        times += [group.used_at + MAX_AGE_S for group in self.groups.values() if not group.waiting]
        times += [member.made_at + MAX_AGE_S for member in self.members.values() if member.state is State.IDLE]
        return min(times, default=None)

    def count(self, state: State) -> int:
        """Members in this state."""
        return sum(1 for member in self.members.values() if member.state is state)

    def _group(self, now: float, key: Hashable, uses_zygote: bool) -> Group:
        group = self.groups.get(key)
        if group is None:
            others = [each for each in self.groups.values() if not each.waiting and not each.is_configured]
            if len(self.groups) >= MAX_GROUPS and others:
                self._drop(min(others, key=lambda each: each.used_at))
            group = self.groups[key] = Group(key, uses_zygote, now, count=1)
        return group

    def _drop(self, group: Group) -> None:
        """Forget a kind of member; those in use stay until they are released."""
        self._renew(group, "not used any more")
        for member in self._of(group, State.WARMING):
            self._end(member, "not used any more")
        del self.groups[group.key]

    def _renew(self, group: Group, reason: str) -> None:
        """What is idle ends, and the zygote forks no more."""
        for member in self._idle(group):
            self._end(member, reason)
        # What is being made now comes from the old zygote; whoever waits gets one of the new.
        for member in self._of(group, State.WARMING):
            self._end(member, reason)
        if group.zygote:
            self._retire(self.zygotes[group.zygote])
            group.zygote = 0

    def _retire(self, zygote: Zygote) -> None:
        zygote.is_retired = True

    def _failed(self, now: float, group: Group, text: str) -> None:
        """A member or zygote did not start: whoever waits longest hears of it, the next try comes later."""
        group.retry_at = now + RETRY_S[min(group.failures, len(RETRY_S) - 1)]
        group.failures += 1
        group.refill_at = group.retry_at if group.is_configured and group.failures <= TRIES else None
        while group.waiting:
            self._orders.append(Refuse(group.waiting.popleft(), text or "The interpreter ended while it started."))

    def _make_room(self, group: Group) -> bool:
        """True if one more member may live, after the longest idle one of another kind has gone if need be."""
        has_spare = len(self._of(group, State.WARMING)) > len(group.waiting)
        if has_spare or len(self._living()) + self._spoken_for() < self.max_members:
            return True
        idle = [member for member in self._living() if member.state is State.IDLE]
        if not idle:
            return False
        self._end(min(idle, key=lambda member: member.since), "room for another one")
        return True

    def _grow_old(self, now: float, group: Group) -> None:
        if now - group.used_at >= QUIET_S and not group.is_configured:
            group.count = 0
        if now - group.used_at >= MAX_AGE_S and not group.waiting:
            if not group.is_configured:
                self._drop(group)
                return
            self._renew(group, "unused for 30 minutes")
            group.used_at = group.refill_at = now
        for member in self._idle(group):
            if now - member.made_at >= MAX_AGE_S:
                self._end(member, "too old")
                group.refill_at = group.refill_at or now
        for member in self._idle(group)[group.target(now) :]:
            self._end(member, "not needed")

    def _end(self, member: Member, reason: str) -> None:
        member.state = State.DEAD
        self._orders.append(End(member.number, reason))

    def _settle(self, now: float) -> list[Order]:
        """Make what is missing, end zygotes nobody needs, and hand out the orders."""
        for group in self.groups.values():
            missing = len(group.waiting) - len(self._of(group, State.WARMING))
            if group.refill_at is not None and group.refill_at <= now:
                missing = self._refill(now, group, missing)
            for _ in range(missing):
                if not self._make(now, group):
                    break
        in_use = {member.zygote for member in self.members.values()}
        for zygote in [each for each in self.zygotes.values() if each.is_retired and each.number not in in_use]:
            del self.zygotes[zygote.number]
            self._orders.append(EndZygote(zygote.number))
        orders, self._orders = self._orders, []
        return orders

    def _refill(self, now: float, group: Group, missing: int) -> int:
        """How many to make now for those who wait and for the idle ones; the time of the next look is set."""
        if self.is_short or group.retry_at > now:
            group.refill_at = now + SHORT_RETRY_S if self.is_short else group.retry_at
            return missing
        group.refill_at = None
        ready = len(self._idle(group)) + len(self._of(group, State.WARMING))
        room = self.max_members - len(self._living()) - self._spoken_for() + max(0, missing)
        return max(missing, min(group.target(now) + len(group.waiting) - ready, room))

    def _make(self, now: float, group: Group) -> bool:
        """Order one more member; False if it has to wait for the zygote."""
        zygote = self.zygotes.get(group.zygote)
        if group.uses_zygote and zygote is None:
            group.zygote = self._number()
            zygote = self.zygotes[group.zygote] = Zygote(group.zygote, group.key, now)
            self._orders.append(StartZygote(zygote.number, group.key))
        if zygote is not None and not zygote.is_ready:
            group.refill_at = None
            return False
        self.forks += 1
        number = self._number()
        self.members[number] = Member(number, group.key, State.WARMING, now, now, zygote.number if zygote else 0)
        self._orders.append(Fork(number, zygote.number, group.key) if zygote else Start(number, group.key))
        return True

    def _spoken_for(self) -> int:
        """Members that somebody waits for and that are not being made yet."""
        return sum(max(0, len(each.waiting) - len(self._of(each, State.WARMING))) for each in self.groups.values())

    def _number(self) -> int:
        self._last_number += 1
        return self._last_number

    def _of(self, group: Group, state: State) -> list[Member]:
        return [member for member in self.members.values() if member.key == group.key and member.state is state]

    def _idle(self, group: Group) -> list[Member]:
        """Longest idle first."""
        return sorted(self._of(group, State.IDLE), key=lambda member: (member.since, member.number))

    def _living(self) -> list[Member]:
        return [member for member in self.members.values() if member.state is not State.DEAD]
