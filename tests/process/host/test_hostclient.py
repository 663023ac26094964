"""The window's connection: calls are answered or fail, a dead host is replaced, and the window itself never forks."""

import os
import queue
import select
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any as Profile

import pytest

from synk.base.errors import HostUnavailable, NoSuchTarget, UsageError, WindowRunning
from synk.base.wire import Message
from synk.hostclient import HostClient, Reply, SyncHostClient
from synk.hoststart import HostAddress, host_argv


class Owner:
    """What a window does with its client: runs what is delivered, on one thread, and writes down what it heard."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.heard: list[object] = []
        self.replies: dict[str, Reply] = {}
        self._delivered: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.client = HostClient(
            profile.address,
            environment=profile.environment,
            deliver=self._delivered.put,
            on_event=lambda message, fds: self.heard.append((message["event"], fds)),
            on_lost=lambda: self.heard.append("lost"),
            on_back=lambda welcome: self.heard.append(("back", welcome["pid"])),
        )
        self.pids = {int(self.client.welcome["pid"])}

    def ask(self, name: str, do: str, **arguments: Profile) -> None:
        def answered(reply: Reply) -> None:
            self.heard.append(name)
            self.replies[name] = reply

        self.client.call(do, answered, **arguments)

    def until(self, predicate: Callable[[], object]) -> None:
        while not predicate():
            self._delivered.get(timeout=30)()

    def is_back(self) -> bool:
        return any(isinstance(item, tuple) and item[0] == "back" for item in self.heard)

    def kill_host(self) -> None:
        self.pids.add(int(self.client.welcome["pid"]))
        os.kill(self.client.welcome["pid"], signal.SIGKILL)


@pytest.fixture
def owner(profile: Profile) -> Iterator[Owner]:
    made = Owner(profile)
    yield made
    made.client.close()


def test_a_call_is_answered_on_the_owners_thread(owner: Owner) -> None:
    owner.ask("status", "host.status")
    assert owner.replies == {}
    owner.until(lambda: owner.replies)
    assert owner.replies["status"].error is None
    assert owner.replies["status"].ok["window"] == os.getpid()


def test_an_error_comes_back_as_the_error_it_was(owner: Owner) -> None:
    owner.ask("close", "session.close", session=99)
    owner.until(lambda: owner.replies)
    error = owner.replies["close"].error
    assert (type(error), str(error)) == (NoSuchTarget, "No session 99")
    assert owner.replies["close"].ok is None


def test_answers_come_in_the_order_of_the_calls(owner: Owner) -> None:
    names = [str(number) for number in range(200)]
    for name in names:
        owner.ask(name, "session.reserve", count=1)
    owner.until(lambda: len(owner.replies) == 200)
    assert owner.heard == names
    firsts = [owner.replies[name].ok["first"] for name in names]
    assert firsts == list(range(firsts[0], firsts[0] + 200))


def test_descriptors_stay_the_callers_and_arrive(owner: Owner) -> None:
    read_end, write_end = os.pipe()
    owner.ask("adopt", "session.adopt", fds=[read_end], session=1, pid=1)
    os.close(read_end)
    owner.until(lambda: owner.replies)
    assert "needs 3 descriptors, not 1" in str(owner.replies["adopt"].error)
    poll = select.poll()
    poll.register(write_end, 0)
    assert poll.poll(30_000) == [(write_end, select.POLLERR)], "somebody still holds the other end"
    os.close(write_end)


def test_events_come_with_their_descriptors(owner: Owner) -> None:
    owner.client.call("configure", pool={"initial_pool_size": 0})
    owner.ask("start", "session.start", session=1, directory="/", argv=["/bin/true"], agent="claude", cols=80, rows=24)
    owner.until(lambda: ("exited", ()) in owner.heard)
    for fd in owner.replies["start"].fds:
        os.close(fd)


def test_a_dead_host_is_replaced_first_lost_then_failed_calls_then_back(owner: Owner) -> None:
    # The stopped host reads nothing, so the call is surely not answered when it dies.
    os.kill(owner.client.welcome["pid"], signal.SIGSTOP)
    owner.ask("call", "host.status")
    owner.kill_host()
    owner.until(owner.is_back)
    assert [item for item in owner.heard if item in ("lost", "call") or item[0] == "back"] == owner.heard
    assert owner.heard[:2] == ["lost", "call"]
    assert isinstance(owner.replies["call"].error, HostUnavailable)
    assert owner.heard[2] == ("back", owner.client.welcome["pid"])


def test_calls_made_while_no_host_is_there_wait_for_the_next_one(owner: Owner) -> None:
    owner.kill_host()
    owner.until(lambda: "lost" in owner.heard)
    owner.ask("late", "host.status")
    owner.until(lambda: owner.replies and owner.is_back())
    answer = owner.replies["late"]
    # Asked before the loss was noticed everywhere it may also fail; it is never forgotten.
    assert answer.error is None or isinstance(answer.error, HostUnavailable)
    assert owner.heard.index("lost") < owner.heard.index("late")


def test_a_host_that_was_told_to_end_is_not_replaced(owner: Owner, host_ends: Callable[[], None]) -> None:
    owner.client.expect_end()
    owner.ask("quit", "quit")
    owner.until(lambda: owner.replies)
    assert owner.replies["quit"].error is None
    host_ends()
    owner.client._thread.join(30)
    assert "lost" not in owner.heard
    assert owner.profile.hosts() == []


def test_quitting_while_the_host_is_dead_fails_the_call_and_starts_nothing_for_long(
    owner: Owner, host_ends: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()

    def refuse(*_: object, **__: object) -> object:
        gate.set()
        raise HostUnavailable("not now")

    monkeypatch.setattr("synk.hostclient.connect", refuse)
    owner.kill_host()
    assert gate.wait(30)
    owner.client.expect_end()
    owner.ask("quit", "quit")
    owner.until(lambda: "quit" in owner.replies)
    assert isinstance(owner.replies["quit"].error, HostUnavailable)
    owner.client._thread.join(30)
    assert not owner.client._thread.is_alive()
    host_ends()


def test_closing_while_the_host_is_dead_ends_the_thread_at_once(
    owner: Owner, monkeypatch: pytest.MonkeyPatch, host_ends: Callable[[], None]
) -> None:
    gate = threading.Event()
    tries = []

    def refuse(*_: object, **__: object) -> object:
        tries.append(1)
        gate.set()
        raise HostUnavailable("not now")

    monkeypatch.setattr("synk.hostclient.connect", refuse)
    owner.kill_host()
    assert gate.wait(30)
    for name in "abc":
        # Every call wakes the thread; it must not try again before its time for that.
        owner.ask(name, "host.status")
    client = owner.client
    client._is_closing = True
    os.eventfd_write(client._wake_fd, 1)
    client._thread.join(30)
    assert not client._thread.is_alive()
    assert len(tries) == 1
    client._fail_calls("closed")
    owner.until(lambda: len(owner.replies) == 3)
    host_ends()


def test_the_window_has_no_child_but_its_hosts(owner: Owner) -> None:
    def children() -> set[int]:
        return {int(pid) for path in Path("/proc/self/task").glob("*/children") for pid in path.read_text().split()}

    owner.client.call("configure", pool={"initial_pool_size": 2})
    owner.ask("start", "session.start", session=1, directory="/", cols=80, rows=24)
    owner.until(lambda: owner.replies)
    for fd in owner.replies["start"].fds:
        os.close(fd)
    assert children() == owner.pids
    owner.kill_host()
    owner.until(owner.is_back)
    assert children() <= owner.pids | {int(owner.client.welcome["pid"])}


def test_a_window_that_is_refused_leaves_nothing(profile: Profile) -> None:
    profile.window()
    before = sorted(os.listdir("/proc/self/fd"))
    with pytest.raises(WindowRunning, match=r"^A window of this profile is running\.$"):
        Owner(profile)
    assert sorted(os.listdir("/proc/self/fd")) == before


def test_a_message_too_large_for_a_frame_is_an_error_of_the_caller(profile: Profile) -> None:
    with SyncHostClient(profile.address) as client:
        with pytest.raises(UsageError, match="too much for one message"):
            client.call("ctl", text="x" * (1 << 20))
        assert client.call("host.status")["clients"] == 1


def test_an_answer_that_does_not_come_is_said_after_the_time_limit(profile: Profile) -> None:
    profile.window()
    with (
        SyncHostClient(profile.address) as client,
        pytest.raises(HostUnavailable, match=r"^The host did not answer within 0\.1 s\.$"),
    ):
        client.call("ctl", timeout_s=0.1, verb="list")


def test_a_host_that_goes_away_in_the_middle_of_a_call_is_said(profile: Profile) -> None:
    client = profile.client()
    os.kill(client.welcome["pid"], signal.SIGSTOP)
    threading.Timer(0.05, os.kill, (client.welcome["pid"], signal.SIGKILL)).start()
    with pytest.raises(HostUnavailable, match=r"^The host went away\.$"):
        client.call("host.status")


def test_an_address_says_how_a_host_is_started() -> None:
    assert host_argv()[-2:] == ("-m", "synk.host")
    assert HostAddress("r", "s", "x", "1", host_argv()).argv == host_argv()


def test_a_one_shot_client_can_ask_without_waiting_and_hears_the_answer_among_the_events(profile: Profile) -> None:
    client = profile.client().connection
    first = client.post("host.status")
    second = client.post("no.such.verb")
    assert not client.has_events
    answers: dict[int, Message] = {}
    while len(answers) < 2:
        assert select.select([client], [], [], 30)[0]
        answers |= {message["re"]: message for message in client.take_events()}
    numbers = [client.post("host.status") for _ in range(20)]
    heard: list[int] = []
    while len(heard) < len(numbers):
        heard += [message["re"] for message in client.take_events()]
    assert heard == numbers, "in the order in which they were sent"
    assert answers[first]["ok"]["clients"] == 1
    assert answers[second]["error"]["kind"] == "usage"
    assert client.call("host.status")["clients"] == 1


def test_the_welcome_names_the_state_directory(profile: Profile) -> None:
    assert profile.client().welcome["state"] == str(profile.state)
