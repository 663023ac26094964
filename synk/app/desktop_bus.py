"""The desktop's notification service, spoken to over the session bus (Desktop Notifications Specification 1.2)."""

import html
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jeepney import DBusAddress, HeaderFields, MatchRule, Message, MessageType, new_method_call
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from synk.base.errors import SynkError

SERVICE = DBusAddress(
    "/org/freedesktop/Notifications", bus_name="org.freedesktop.Notifications", interface="org.freedesktop.Notifications"
)
ANSWER_S = 2.0
"""A service that has not answered by then is treated like none."""
DEFAULT_ACTION = "default"
"""What a click on the notification itself means."""


class NoService(SynkError):
    """There is no session bus, or nobody on it shows notifications."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a notification: the user clicked it, or it is gone."""

    id: int
    is_click: bool
    token: str = ""
    """Of a click: lets a window come forward under Wayland; "" where there is none."""


class NotificationBus:
    """One connection. Belongs to one thread; every call may wait up to `ANSWER_S`."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        """Raises NoService."""
        try:
            self._connection: DBusConnection = open_dbus_connection(bus=_address(environment), auth_timeout=ANSWER_S)
        # Addresses come from outside: jeepney has an error of its own for each way they can be wrong.
        except (OSError, RuntimeError, StopIteration, ValueError) as error:
            why = (error.strerror if isinstance(error, OSError) else "") or str(error)
            raise NoService(f"there is no session bus ({why})" if why else "there is no session bus") from error
        self._tokens: dict[int, str] = {}
        self._events: list[Answer] = []
        try:
            capabilities = self._call("GetCapabilities", "", ())[0]
            self._has_markup, self._has_actions = "body-markup" in capabilities, "actions" in capabilities
            rule = MatchRule(type="signal", interface=SERVICE.interface, path=SERVICE.object_path)
            self._ask(message_bus.AddMatch(rule))
        except SynkError:
            self.close()
            raise

    def fileno(self) -> int:
        """Readable when the service has something to tell."""
        return int(self._connection.sock.fileno())

    def close(self) -> None:
        """Leave the bus."""
        self._connection.close()

    def notify(self, title: str, body: str, *, icon: str, action: str, replaces: int = 0) -> int:
        """Show a notification, or show it in the place of another one; returns its number.

        Raises:
            NoService: the service does not answer.
        """
        hints = {"urgency": ("y", 1), "desktop-entry": ("s", "synk")}
        actions = [DEFAULT_ACTION, action] if self._has_actions else []
        # Both texts may be a program's: where the service reads markup in the body, ours is none.
        text = html.escape(body, quote=False) if self._has_markup else body
        arguments = ("Synk", replaces, icon, title, text, actions, hints, -1)
        return int(self._call("Notify", "susssasa{sv}i", arguments)[0])

    def withdraw(self, number: int) -> None:
        """Take a notification back; one that is gone already is no error."""
        try:
            self._call("CloseNotification", "u", (number,))
        except NoService:
            return

    def events(self) -> Iterator[Answer]:
        """What the user did since the last call; does not wait.

        Raises:
            NoService: the bus is gone.
        """
        try:
            while True:
                self._take(self._connection.receive(timeout=0))
        except TimeoutError:
            pass
        except OSError as error:
            raise NoService("the session bus is gone") from error
        events, self._events = self._events, []
        yield from events

    def _take(self, message: Message) -> None:
        fields = message.header.fields
        if message.header.message_type is not MessageType.signal or fields.get(HeaderFields.interface) != SERVICE.interface:
            return
        match fields.get(HeaderFields.member), message.body:
            case "ActivationToken", (int(number), str(token)):
                self._tokens[number] = token
            case "ActionInvoked", (int(number), str(_)):
                self._events.append(Answer(number, True, self._tokens.pop(number, "")))
            case "NotificationClosed", (int(number), *_):
                self._tokens.pop(number, None)
                self._events.append(Answer(number, False))

    def _call(self, method: str, signature: str, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
        return self._ask(new_method_call(SERVICE, method, signature or None, arguments))

    def _ask(self, message: Message) -> tuple[Any, ...]:
        """Signals that come before the answer are kept for `events`."""
        serial = next(self._connection.outgoing_serial)
        try:
            self._connection.send(message, serial=serial)
            while True:
                answer = self._connection.receive(timeout=ANSWER_S)
                if answer.header.fields.get(HeaderFields.reply_serial) == serial:
                    break
                self._take(answer)
        except TimeoutError as error:
            raise NoService("the notification service does not answer") from error
        except OSError as error:
            raise NoService("the session bus is gone") from error
        if answer.header.message_type is MessageType.error:
            raise NoService("no notification service runs on this desktop")
        return tuple(answer.body)


def _address(environment: Mapping[str, str]) -> str:
    """As the specification says, and where systemd puts the bus of a user."""
    return environment.get("DBUS_SESSION_BUS_ADDRESS") or f"unix:path={environment.get('XDG_RUNTIME_DIR', '/nonexistent')}/bus"
