"""What a profile holds that somebody has lived in: the targets have to hold there and not in an empty one."""

import time
from pathlib import Path

from synk.storage.database import Database
from synk.storage.layouts import Layout, LayoutPane
from synk.storage.notices import NotificationRecord
from synk.storage.records import Records
from synk.storage.schema import STEPS
from synk.storage.statistics import SessionRecord

PROJECTS, LAYOUTS, PANES, NOTIFICATIONS, SESSIONS, LINES = 30, 100, 4, 500, 2000, 200
FIRST_SESSION = 1_000_000
"""Numbers of sessions are never used again: those of the benchmark are smaller."""
AGO_S = 10 * 86_400.0
"""What a benchmark adds itself is newer."""


def make(data: Path) -> None:
    """Write `state.db` below this folder, as earlier windows left it."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    at = [time.time() - AGO_S]
    records = Records(Database(data / "state.db", STEPS), now=lambda: at[0])
    fill(records, at[0])
    records.close()


def fill(records: Records, at: float) -> None:
    """Recent projects, layouts, notifications, sessions and lines, all from this time (Unix time in seconds)."""
    for number in range(PROJECTS):
        records.project_opened(f"/home/somebody/projects/project-{number}", f"project-{number}")
    for number in range(LAYOUTS):
        records.save_layout(layout(number))
    for number in range(1, NOTIFICATIONS + 1):
        body = "Claude asks whether it may edit src/login.py"
        records.add_notification(NotificationRecord(number, "session.waits", "warning", "Pane 3 waits for you", body, at=at))
    records.mark_read()
    for number in range(FIRST_SESSION, FIRST_SESSION + SESSIONS):
        records.session_opened(SessionRecord(number, f"/home/somebody/projects/project-{number % PROJECTS}", "claude", at))
    for number in range(LINES):
        records.add_line(f"/send @{number} echo hello")


def layout(number: int) -> Layout:
    """One of four panes."""
    project = f"/home/somebody/projects/project-{number % PROJECTS}"
    panes = tuple(
        LayoutPane(pane, "claude", f"{project}/src", session=pane, title="Fix the login form", variables={"LEVEL": "2"})
        for pane in range(1, PANES + 1)
    )
    return Layout(project, f"layout {number}", "named", float(number), panes)
