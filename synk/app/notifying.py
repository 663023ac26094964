"""What the user is told, from the events to toasts, desktop and history: builds it, keeps it, and follows the settings."""

from collections.abc import Sequence

from synk.actions.notifications import NotificationActions
from synk.app.desktop_notes import DesktopNotes
from synk.app.launch import Launch
from synk.base.events import SettingsChanged
from synk.base.jobs import Jobs
from synk.commands.registry import Registry
from synk.sessions.manager import SessionManager
from synk.sessions.notices import NOTICE_KINDS, Notice, Notices, kind_of
from synk.sessions.session_notices import SessionNotices
from synk.settings.schema import Notifications
from synk.storage.notices import NotificationRecord
from synk.storage.records import Records
from synk.ui.notices.notice_board import NoticeOptions
from synk.ui.window import Window


class KeptNotices:
    """The history in `state.db`. No call waits."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def add(self, notice: Notice) -> None:
        """A new entry."""
        self._records.add_notification(record_of(notice))

    def change(self, notice: Notice) -> None:
        """It happened again; the row of the same id is replaced."""
        self._records.add_notification(record_of(notice))

    def mark_read(self) -> None:
        """All of them."""
        self._records.mark_read()

    def clear(self) -> None:
        """Remove all of them."""
        self._records.clear_notifications()


class Notifying:
    """Ties notices to the window, the desktop and the records. GUI thread."""

    def __init__(
        self, launched: Launch, *, window: Window, notices: Notices, manager: SessionManager, jobs: Jobs, registry: Registry
    ) -> None:
        """`notices`: the history `window` was given."""
        self._launched = launched
        self._window = window
        self.desktop = DesktopNotes(deliver=launched.hub.call, on_chosen=self._chosen_on_desktop)
        """Close it at the end."""
        window.notices.desktop = self.desktop
        SessionNotices(launched.hub, by_id=manager.by_id)
        log_file = None if launched.log.problem else launched.directories.log / "synk.log"
        registry.add(NotificationActions(window.notices, manager, log_file=log_file))
        launched.hub.subscribe(SettingsChanged, lambda _event: self._follow_settings())
        self._follow_settings()

        def loaded(records: Sequence[NotificationRecord]) -> None:
            notices.load([notice_of(record) for record in records])
            window.notices.loaded()

        jobs.submit(launched.records.notifications, loaded)

    def _follow_settings(self) -> None:
        self._window.notices.options = notice_options(self._launched.settings.current.settings.notifications)

    def _chosen_on_desktop(self, number: int, token: str) -> None:
        """A click on a desktop notification: the window comes forward and shows its cause."""
        self._window.come_forward(token)
        self._window.notices.go_to(number)


def notice_options(settings: Notifications) -> NoticeOptions:
    """The settings as the board takes them."""
    switches = {kind.id: bool(getattr(settings, kind.setting)) for kind in NOTICE_KINDS}
    return NoticeOptions(switches, to_desktop=settings.desktop)


def record_of(notice: Notice) -> NotificationRecord:
    """As the database keeps it."""
    return NotificationRecord(
        id=notice.id, event=notice.event, level=notice.level, title=notice.title, body=notice.body, session=notice.session,
        project=notice.project or "", at=notice.at, count=notice.count, read=notice.is_read,
    )  # fmt: skip


def notice_of(record: NotificationRecord) -> Notice:
    """As the window shows it."""
    kind = kind_of(record.event)
    level = record.level if record.level in ("info", "success", "warning", "error") else (kind.level if kind else "info")
    return Notice(
        id=record.id, event=record.event, level=level, title=record.title, body=record.body,  # type: ignore[arg-type]
        session=record.session, project=record.project or None, at=record.at, count=record.count, is_read=record.read,
    )  # fmt: skip
