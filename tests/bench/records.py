"""The database: what is read before the first paint, the lists of a full profile, and a write as the GUI thread feels it.

The profile is as full as it gets: 500 notifications, 30 projects with 100 layouts of 4 panes, 12 tabs, 2,000 sessions, 200
lines. Reads are asked of an open database, as at the start; opening it is measured apart. In process, no window.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import lived_in
from measure import Options, Row, latency

from synk.storage.database import Database
from synk.storage.projects import TabRecord
from synk.storage.records import Records
from synk.storage.schema import STEPS

IDS = ("DB",)
READ_MS = 5.0
"""04-persistence.md, section 4: no read on the GUI thread takes longer."""
TABS = 12


def run(options: Options, wanted: set[str]) -> list[Row]:
    """Each read that a window does before its first paint, then the others."""
    del wanted
    runs = options.runs(200)
    with tempfile.TemporaryDirectory(prefix="synk-bench-") as folder:
        path = Path(folder) / "state.db"
        records = Records(Database(path, STEPS))
        _fill(records)
        records.close()
        openings = [_opening(path) for _ in range(runs)]
        records = Records(Database(path, STEPS))
        start = records.start or 1
        layout = lived_in.layout(0)
        try:
            rows = [latency("DB", "open the database of a full profile", openings)]
            reads: tuple[tuple[str, Callable[[], object]], ...] = (
                ("tabs, before the first paint", records.tabs),
                ("place of the window", records.window),
                ("30 recent projects", records.recent_projects),
                ("starts that crashed", lambda: records.crashed_starts(lambda _start: False)),
                ("autosaves of a start", lambda: records.autosaves_of(start)),
                ("last autosave of a project", lambda: records.last_autosave(layout.project)),
                ("500 notifications", records.notifications),
                ("100 layouts with 400 panes", records.layouts),
                ("200 lines of the command bar", records.lines),
                ("totals of all projects", records.totals),
            )
            for what, read in reads:
                rows.append(latency("DB", f"read {what}", [_timed(read) for _ in range(runs)], p95=READ_MS))
            queued = [_timed(lambda: records.save_layout(layout)) for _ in range(runs)]
            rows.append(latency("DB", "queue a layout of 4 panes", queued, p95=1.0))
            stored = [_timed(lambda: records.save_layout(layout).result()) for _ in range(runs)]
            rows.append(latency("DB", "... and until it is stored", stored))
        finally:
            records.close()
    return rows


def _opening(path: Path) -> float:
    start = time.perf_counter()
    database = Database(path, STEPS)
    opened = time.perf_counter()
    database.close()
    return (opened - start) * 1000


def _timed(act: Callable[[], object]) -> float:
    """Milliseconds."""
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000


def _fill(records: Records) -> None:
    records.begin_start(1, "boot", "1")
    lived_in.fill(records, time.time())
    view = {"sidebar.folded": ["skills", "servers"], "drawer.front": "pool"}
    tabs = [TabRecord(f"/home/somebody/projects/project-{number}", number == 3, view) for number in range(TABS)]
    records.save_tabs(tabs).result()
