"""What programs tell their terminal besides text: bells, notifications, progress, the clipboard, the pointer."""

from collections.abc import Callable, Iterable
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QClipboard, QGuiApplication

from synk.actions.ports import Question
from synk.base.events import Hub, Level, NoticeRaised
from synk.sessions.events import TerminalReported
from synk.sessions.session import Session
from synk.terminal.events import (
    BellRang,
    ClipboardAsked,
    ClipboardWritten,
    NotificationClosed,
    NotificationSent,
    PointerChanged,
    ProgressChanged,
    PromptMarked,
)
from synk.ui.notices.toasts import ToastStack
from synk.ui.pane import Pane

MOST_WAITING = 20
"""A program that sends notifications without end fills the queue of toasts this far; the others are dropped."""

ClipboardRead = Literal["never", "ask", "always"]

QUIET_AFTER_NO_S = 30.0
"""A program that was refused the clipboard is not asked about again for so long: it could ask without end."""

LONGEST_CLIPBOARD = 1 << 20
"""Characters a program gets at most, as many as it may write."""

CRITICAL = 2
"""Urgency of OSC 99."""

POINTERS = {
    "alias": Qt.CursorShape.DragLinkCursor,
    "all-scroll": Qt.CursorShape.SizeAllCursor,
    "cell": Qt.CursorShape.CrossCursor,
    "copy": Qt.CursorShape.DragCopyCursor,
    "crosshair": Qt.CursorShape.CrossCursor,
    "default": Qt.CursorShape.ArrowCursor,
    "grab": Qt.CursorShape.OpenHandCursor,
    "grabbing": Qt.CursorShape.ClosedHandCursor,
    "help": Qt.CursorShape.WhatsThisCursor,
    "move": Qt.CursorShape.SizeAllCursor,
    "no-drop": Qt.CursorShape.ForbiddenCursor,
    "not-allowed": Qt.CursorShape.ForbiddenCursor,
    "pointer": Qt.CursorShape.PointingHandCursor,
    "progress": Qt.CursorShape.BusyCursor,
    "wait": Qt.CursorShape.WaitCursor,
    **dict.fromkeys(("col-resize", "e-resize", "ew-resize", "w-resize"), Qt.CursorShape.SizeHorCursor),
    **dict.fromkeys(("row-resize", "n-resize", "ns-resize", "s-resize"), Qt.CursorShape.SizeVerCursor),
    **dict.fromkeys(("ne-resize", "nesw-resize", "sw-resize"), Qt.CursorShape.SizeBDiagCursor),
    **dict.fromkeys(("nw-resize", "nwse-resize", "se-resize"), Qt.CursorShape.SizeFDiagCursor),
}
"""Qt's shapes for those of CSS; the text cursor stands for the rest."""


class ProgramReports:
    """Shows each report where the user looks for it. None of them takes a key or moves the selection."""

    def __init__(
        self,
        hub: Hub,
        toasts: ToastStack,
        pane_of: Callable[[int], Pane | None],
        *,
        sessions: Callable[[], Iterable[Session]],
        ask: Callable[[Question, Callable[[], object]], None],
        now: Callable[[], float],
    ) -> None:
        """`pane_of(id)`: the pane of a session; `ask(question, on_confirm)`; `now()` in seconds."""
        self._hub = hub
        self._toasts = toasts
        self._pane_of = pane_of
        self._sessions = sessions
        self._ask = ask
        self._now = now
        self._clipboard_read: ClipboardRead = "never"
        self._asked_at: dict[int, float] = {}
        """When the user was last asked about the clipboard and has not agreed, by session."""
        self._named: dict[tuple[int, str], NoticeRaised] = {}
        hub.subscribe(TerminalReported, self._reported)

    def allow_clipboard_read(self, policy: ClipboardRead) -> None:
        """Whether programs may read the clipboard (OSC 52), from now on."""
        self._clipboard_read = policy
        for session in self._sessions():
            session.emulator.allow_clipboard_read(policy != "never")

    def watch(self, pane: Pane) -> None:
        """A new pane: what holds for all programs holds for its program."""
        pane.session.emulator.allow_clipboard_read(self._clipboard_read != "never")

    def _reported(self, event: TerminalReported) -> None:
        pane = self._pane_of(event.session)
        if pane is None:
            return
        match event.report:
            case BellRang():
                pane.ring()
            case ClipboardWritten() as copied:
                _copy(copied)
            case ClipboardAsked() as asked:
                self._ask_for_clipboard(pane, asked)
            case NotificationSent() as sent:
                self._notify(pane, sent)
            case NotificationClosed() as closed:
                self._take_back(event.session, closed.id)
            case ProgressChanged() as progress:
                pane.show_progress(progress)
            case PromptMarked(kind="prompt"):
                pane.show_progress(ProgressChanged("none", None))  # whoever was busy is not any more
            case PointerChanged():
                pane.view.use_pointer(POINTERS.get(pane.session.emulator.pointer, Qt.CursorShape.IBeamCursor))

    def _ask_for_clipboard(self, pane: Pane, asked: ClipboardAsked) -> None:
        session = pane.session
        if self._clipboard_read == "always":
            _tell_clipboard(session, asked.target)
            return
        last, now = self._asked_at.get(session.id), self._now()
        if self._clipboard_read == "never" or (last is not None and now - last < QUIET_AFTER_NO_S):
            return

        def agreed() -> None:
            self._asked_at.pop(session.id, None)
            _tell_clipboard(session, asked.target)

        self._asked_at[session.id] = now
        title = f"Let the program in pane {session.pane} read the clipboard?"
        body = "It gets what you copied last, wherever you copied it. Over ssh, a program on the other machine may be asking."
        self._ask(Question(title, body, confirm="Let it read", keep="Refuse"), agreed)

    def _notify(self, pane: Pane, sent: NotificationSent) -> None:
        """As a toast that says which pane it comes from: the text may imitate one of Synk's own."""
        title, body = (sent.title, sent.body) if sent.title else (sent.body, "")
        session = pane.session
        if sent.id:
            self._take_back(session.id, sent.id)
        if not title or self._toasts.waiting >= MOST_WAITING:
            return
        level: Level = "warning" if sent.urgency >= CRITICAL else "info"
        notice = NoticeRaised(level, f"Pane {session.pane}: {title}", body, session.id)
        if sent.id:
            self._named[session.id, sent.id] = notice
            while len(self._named) > MOST_WAITING:
                del self._named[next(iter(self._named))]
        self._hub.publish(notice)

    def _take_back(self, session: int, name: str) -> None:
        notice = self._named.pop((session, name), None)
        if notice is not None:
            self._toasts.take_back(notice)


def _copy(copied: ClipboardWritten) -> None:
    QGuiApplication.clipboard().setText(copied.text, _clipboard_mode(copied.target))


def _tell_clipboard(session: Session, target: str) -> None:
    if session.is_live:
        text = QGuiApplication.clipboard().text(_clipboard_mode(target))
        session.emulator.tell_clipboard(target, text[:LONGEST_CLIPBOARD])


def _clipboard_mode(target: str) -> QClipboard.Mode:
    is_primary = target == "p" and QGuiApplication.clipboard().supportsSelection()
    return QClipboard.Mode.Selection if is_primary else QClipboard.Mode.Clipboard
