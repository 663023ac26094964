"""Desktop notifications over a real bus: a service that shows them, one that does not answer, and no bus at all."""

import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from jeepney import HeaderFields, Message, MessageType, new_error, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, Proxy, open_dbus_connection

from synk.app.desktop_bus import SERVICE, NotificationBus
from synk.app.desktop_notes import DesktopNotes
from synk.sessions.notices import Notice

WaitUntil = Callable[..., None]
LIMIT_S = 30

CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={socket}</listen>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>"""


def notice(number: int, title: str = "claude waits for you", body: str = "Pane 3 of api", count: int = 1) -> Notice:
    return Notice(
        id=number, event="session.waits", level="warning", title=title, body=body, session=7, project="/p", at=0.0, count=count
    )


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[str]:
    """Address of a bus of its own, that starts no services."""
    config = tmp_path / "bus.conf"
    config.write_text(CONFIG.format(socket=tmp_path / "bus"))
    arguments = ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as daemon:
        assert daemon.stdout is not None
        yield daemon.stdout.readline().strip()
        daemon.terminate()
        daemon.wait(LIMIT_S)


class Service:
    """Shows notifications as a desktop does: writes down what it is asked, and tells what the test has the user do."""

    def __init__(self, address: str, *, capabilities: tuple[str, ...] = ("actions", "body", "body-markup")) -> None:
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.signatures: set[str] = set()
        self.answers = True
        self.refuses = False
        self._capabilities = list(capabilities)
        self._next = 41
        self._connection: DBusConnection = open_dbus_connection(bus=address)
        Proxy(message_bus, self._connection).RequestName(SERVICE.bus_name)
        self._wake = os.eventfd(0)
        self._thread = threading.Thread(target=self._serve, name="test-service")
        self._thread.start()

    def does(self, signal: str, signature: str, body: tuple[Any, ...]) -> None:
        """Emit a signal."""
        self._connection.send(new_signal(SERVICE, signal, signature, body))

    def named(self, method: str) -> list[tuple[Any, ...]]:
        """The arguments of all calls of a method."""
        return [arguments for name, arguments in self.calls if name == method]

    def close(self) -> None:
        self._connection.sock.shutdown(2)
        self._thread.join(LIMIT_S)
        self._connection.close()
        os.close(self._wake)

    def _serve(self) -> None:
        while True:
            try:
                message = self._connection.receive()
            except OSError:
                return
            if message.header.message_type is MessageType.method_call:
                self._answer(message)

    def _answer(self, message: Message) -> None:
        name = message.header.fields[HeaderFields.member]
        self.calls.append((name, message.body))
        if name == "Notify":
            self.signatures.add(message.header.fields[HeaderFields.signature])
        if not self.answers:
            return
        if self.refuses:
            self._connection.send(new_error(message, "org.freedesktop.DBus.Error.Failed"))
        elif name == "GetCapabilities":
            self._connection.send(new_method_return(message, "as", (self._capabilities,)))
        elif name == "Notify":
            replaces = message.body[1]
            self._next += 0 if replaces else 1
            self._connection.send(new_method_return(message, "u", (replaces or self._next,)))
        else:
            self._connection.send(new_method_return(message))


class Notes:
    """The thread under test and what it delivered."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.chosen: list[tuple[int, str]] = []
        self.notes = DesktopNotes(
            deliver=lambda function: function(),
            on_chosen=lambda number, token: self.chosen.append((number, token)),
            connect=partial(NotificationBus, environment),
        )


@pytest.fixture
def service(bus: str) -> Iterator[Service]:
    service = Service(bus)
    yield service
    service.close()


@pytest.fixture
def make_notes() -> Iterator[Callable[[dict[str, str]], Notes]]:
    made: list[Notes] = []

    def make(environment: dict[str, str]) -> Notes:
        made.append(Notes(environment))
        return made[-1]

    yield make
    for notes in made:
        notes.notes.close()


@pytest.fixture
def notes(bus: str, make_notes: Callable[[dict[str, str]], Notes]) -> Notes:
    return make_notes({"DBUS_SESSION_BUS_ADDRESS": bus})


def test_a_notice_is_shown_as_the_specification_says(notes: Notes, service: Service, wait_until: WaitUntil) -> None:
    notes.notes.show(notice(1, body="asks: <b>rm -rf /</b> & more"))
    wait_until(lambda: service.named("Notify"), LIMIT_S)
    name, replaces, icon, title, body, actions, hints, timeout = service.named("Notify")[0]
    assert (name, replaces, title, timeout) == ("Synk", 0, "claude waits for you", -1)
    assert body == "asks: &lt;b&gt;rm -rf /&lt;/b&gt; &amp; more"
    assert Path(icon).is_file()
    assert actions == ["default", "Go there"]
    assert hints["desktop-entry"] == ("s", "synk")
    assert service.signatures == {"susssasa{sv}i"}


def test_a_service_without_markup_and_actions_gets_none(
    bus: str, make_notes: Callable[[dict[str, str]], Notes], wait_until: WaitUntil
) -> None:
    service = Service(bus, capabilities=("body",))
    try:
        make_notes({"DBUS_SESSION_BUS_ADDRESS": bus}).notes.show(notice(1, body="a < b"))
        wait_until(lambda: service.named("Notify"), LIMIT_S)
        assert service.named("Notify")[0][4:6] == ("a < b", [])
    finally:
        service.close()


def test_the_same_event_again_takes_the_place_of_the_first(notes: Notes, service: Service, wait_until: WaitUntil) -> None:
    notes.notes.show(notice(1))
    notes.notes.show(notice(2, title="codex failed"))
    notes.notes.show(notice(1, count=2))
    wait_until(lambda: len(service.named("Notify")) == 3, LIMIT_S)
    assert [call[1] for call in service.named("Notify")] == [0, 0, 42]
    assert service.named("Notify")[2][3] == "claude waits for you (2)"


def test_a_click_names_the_notice_and_brings_the_token_of_wayland(
    notes: Notes, service: Service, wait_until: WaitUntil
) -> None:
    notes.notes.show(notice(5))
    wait_until(lambda: service.named("Notify"), LIMIT_S)
    service.does("ActionInvoked", "us", (99, "default"))  # of another program
    service.does("ActivationToken", "us", (42, "token-1"))
    service.does("ActionInvoked", "us", (42, "default"))
    wait_until(lambda: notes.chosen, LIMIT_S)
    assert notes.chosen == [(5, "token-1")]


def test_looking_at_the_window_takes_back_what_is_still_shown(notes: Notes, service: Service, wait_until: WaitUntil) -> None:
    notes.notes.withdraw()
    notes.notes.show(notice(1))
    notes.notes.show(notice(2))
    wait_until(lambda: len(service.named("Notify")) == 2, LIMIT_S)
    service.does("NotificationClosed", "uu", (42, 2))
    service.does("ActionInvoked", "us", (43, "default"))
    wait_until(lambda: notes.chosen, LIMIT_S)
    notes.notes.withdraw()
    wait_until(lambda: service.named("CloseNotification"), LIMIT_S)
    assert service.named("CloseNotification") == [(43,)]


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/bus"},
        {"DBUS_SESSION_BUS_ADDRESS": "nonsense"},
        {"DBUS_SESSION_BUS_ADDRESS": "tcp:host=localhost,port=1"},
    ],
)
def test_without_a_bus_it_is_silent_and_says_so_once(
    make_notes: Callable[[dict[str, str]], Notes], wait_until: WaitUntil, environment: dict[str, str]
) -> None:
    notes = make_notes(environment)
    assert notes.notes.problem == ""
    notes.notes.show(notice(1))
    wait_until(lambda: notes.notes.problem, LIMIT_S)
    assert "there is no session bus" in notes.notes.problem


def test_a_bus_without_the_service_is_a_problem_until_there_is_one(notes: Notes, bus: str, wait_until: WaitUntil) -> None:
    notes.notes.show(notice(1))
    wait_until(lambda: "no notification service runs on this desktop" in notes.notes.problem, LIMIT_S)
    service = Service(bus)
    try:
        notes.notes.show(notice(2))
        wait_until(lambda: service.named("Notify"), LIMIT_S)
        wait_until(lambda: notes.notes.problem == "", LIMIT_S)
    finally:
        service.close()


def test_a_service_that_does_not_answer_keeps_nobody_waiting(
    notes: Notes, service: Service, wait_until: WaitUntil
) -> None:
    service.answers = False
    for number in range(100):
        notes.notes.show(notice(number))
    wait_until(lambda: "the notification service does not answer" in notes.notes.problem, LIMIT_S)
    assert len(service.calls) == 1
    assert notes.notes._bus is None


def test_a_service_that_refuses_is_no_service(notes: Notes, service: Service, wait_until: WaitUntil) -> None:
    service.refuses = True
    notes.notes.show(notice(1))
    wait_until(lambda: notes.notes.problem, LIMIT_S)


def test_a_bus_that_goes_away_is_noticed_and_the_next_notice_asks_again(
    tmp_path: Path, notes: Notes, service: Service, wait_until: WaitUntil
) -> None:
    notes.notes.show(notice(1))
    wait_until(lambda: service.named("Notify"), LIMIT_S)
    pid = int(subprocess.run(["pgrep", "-f", str(tmp_path / "bus.conf")], capture_output=True, text=True, check=True).stdout)
    os.kill(pid, 15)
    wait_until(lambda: "the session bus is gone" in notes.notes.problem, LIMIT_S)
    notes.notes.show(notice(2))
    wait_until(lambda: "there is no session bus" in notes.notes.problem, LIMIT_S)
