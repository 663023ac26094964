"""Notifications programs ask for: OSC 9 (iTerm2), OSC 777 (urxvt) and OSC 99 (kitty's desktop notifications protocol)."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from synk.terminal.events import NotificationClosed, NotificationSent, TerminalEvent
from synk.terminal.texts import decoded, is_echo_safe, plain

MAX_TITLE_CHARS = 256
MAX_BODY_CHARS = 1024
MAX_UNFINISHED = 8
"""Notifications sent in several parts; the oldest is given up for one more."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """The parts of a notification that came so far, as sent."""

    title: str = ""
    body: str = ""
    urgency: int = 1


class Notifications:
    """Reads requests and publishes them as events; text is never trusted."""

    def __init__(self, publish: Callable[[TerminalEvent], None]) -> None:
        self._publish = publish
        self.unfinished: dict[str, Unfinished] = {}
        """By identifier, oldest first."""

    def simple(self, text: str) -> None:
        """OSC 9 with a text."""
        self._send("", Unfinished(body=text))

    def titled(self, payload: str) -> None:
        """OSC 777: `notify;title;body`; other subcommands are not known."""
        command, _, rest = payload.partition(";")
        title, _, body = rest.partition(";")
        if command == "notify":
            self._send("", Unfinished(title=title, body=body))

    def kitty(self, payload: str) -> str | None:
        """OSC 99: `key=value:...;text`; returns the payload of the answer, None if there is none."""
        head, _, text = payload.partition(";")
        keys = dict(field.split("=", 1) for field in head.split(":") if "=" in field)
        identifier = keys.get("i", "")
        if identifier and not is_echo_safe(identifier):
            return None
        kind = keys.get("p", "title")
        if kind == "?":
            return f"99;i={identifier or '0'}:p=?;p=title,body,close,?:u=0,1,2:c=0:a=:o=always"
        if kind == "close":
            self.unfinished.pop(identifier, None)
            self._publish(NotificationClosed(identifier))
        elif kind in ("title", "body"):
            self._add(identifier, kind, text, keys)
        return None

    def _add(self, identifier: str, kind: str, text: str, keys: dict[str, str]) -> None:
        if keys.get("e") == "1":
            text = decoded(text) or ""
        parts = self.unfinished.pop(identifier, Unfinished())
        if kind == "title":
            parts = replace(parts, title=(parts.title + text)[:MAX_TITLE_CHARS])
        else:
            parts = replace(parts, body=(parts.body + text)[:MAX_BODY_CHARS])
        if keys.get("u") in ("0", "1", "2"):
            parts = replace(parts, urgency=int(keys["u"]))
        if keys.get("d") != "0":
            self._send(identifier, parts)
            return
        self.unfinished[identifier] = replace(parts, title=plain(parts.title), body=plain(parts.body))
        if len(self.unfinished) > MAX_UNFINISHED:
            del self.unfinished[next(iter(self.unfinished))]

    def _send(self, identifier: str, parts: Unfinished) -> None:
        title, body = plain(parts.title, MAX_TITLE_CHARS).strip(), plain(parts.body, MAX_BODY_CHARS).strip()
        if title or body:
            self._publish(NotificationSent(title=title, body=body, id=identifier, urgency=parts.urgency))
