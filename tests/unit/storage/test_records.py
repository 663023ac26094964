"""What is put into the records comes out again, in the order and within the limits that are promised."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from synk.storage.database import Database
from synk.storage.layouts import VERSION, Layout, LayoutPane
from synk.storage.notices import NotificationRecord
from synk.storage.projects import TabRecord, project_key
from synk.storage.records import Records
from synk.storage.schema import STEPS
from synk.storage.starts import StartRecord
from synk.storage.statistics import SessionRecord

DAY_S = 86400.0
NOON = datetime(2026, 11, 20, 12).timestamp()

PANE = LayoutPane(
    pane=3, agent="claude", working_dir="/code/api", session=17, model="opus", provider="anthropic", title="Fix login",
    note="terminal: claude missing", branch="feat/login", isolation="worktree", worktree="/data/wt/login", base="main",
    skills=("review",), mcp_servers=("files", "web"), variables={"LEVEL": "2", "API_KEY": None}, argv=("claude", "--fast"),
    agent_session="b1c2",
)  # fmt: skip
LAYOUT = Layout(
    project="/code/api", name="test-layout", kind="named", saved_at=5.0, panes=(LayoutPane(1, "terminal", "/code"), PANE),
    mode="manual", cols=2, rows=1, page=0, selected=3, tasks=({"id": "t1", "title": "Fix login"},),
)  # fmt: skip


class Clock:
    """Stands at noon of a day until a test moves it."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "state.db", STEPS)
    yield opened
    opened.close()


@pytest.fixture
def problems() -> list[str]:
    return []


@pytest.fixture
def records(database: Database, clock: Clock, problems: list[str]) -> Records:
    return Records(database, on_problem=problems.append, now=clock)


def test_recent_projects_come_newest_first_and_no_more_than_asked(records: Records, clock: Clock) -> None:
    for name in ("api", "web", "app"):
        clock.now += 1
        records.project_opened(f"/code/{name}", name)
    clock.now += 1
    records.project_opened("/code/api", "API").result(30)
    assert [(each.path, each.name) for each in records.recent_projects(2)] == [("/code/api", "API"), ("/code/app", "app")]


def test_a_forgotten_project_keeps_its_layouts_and_numbers(records: Records) -> None:
    records.project_opened("/code/api", "api")
    records.save_layout(LAYOUT)
    records.session_opened(SessionRecord(1, "/code/api", "claude", NOON))
    records.forget_project("/code/api").result(30)
    assert records.recent_projects() == []
    assert [each.name for each in records.layouts("/code/api")] == ["test-layout"]
    assert records.totals("/code/api").sessions == 1


@pytest.mark.parametrize(
    ("path", "slug"),
    [("/w/My API!", "my-api"), ("/w/a_b.c-d", "a_b.c-d"), ("/w/äöü", "project"), ("/", "project"), ("/w/\udcff", "project")],
)
def test_the_key_of_a_project_is_its_slug_and_eight_digits_of_its_path(path: str, slug: str) -> None:
    name, _, digits = project_key(path).rpartition("-")
    assert name == slug
    assert len(bytes.fromhex(digits)) == 4


def test_two_projects_of_one_name_have_different_keys() -> None:
    assert project_key("/code/api") != project_key("/home/api")


def test_tabs_come_back_in_their_order_with_the_active_one_and_their_view(records: Records) -> None:
    tabs = [TabRecord("/b", view={"sidebar.folded": ["skills"]}), TabRecord("/a", is_active=True)]
    records.save_tabs(tabs).result(30)
    assert records.tabs() == tabs
    records.save_tabs(tabs[1:]).result(30)
    assert records.tabs() == tabs[1:]


def test_a_view_state_that_is_no_json_costs_only_the_view(records: Records, database: Database) -> None:
    database.write(lambda db: db.execute("INSERT INTO tabs VALUES (0, '/a', 1, '{broken')")).result(30)
    assert records.tabs() == [TabRecord("/a", is_active=True)]


def test_what_the_parts_of_the_window_were_like_is_remembered_beside_its_place(records: Records) -> None:
    assert records.parts() == {}
    records.save_window({"x": 10}).result(30)
    records.save_parts({"sidebar.is_open": False}).result(30)
    assert (records.parts(), records.window()) == ({"sidebar.is_open": False}, {"x": 10})


def test_the_place_of_the_window_is_remembered(records: Records) -> None:
    assert records.window() == {}
    records.save_window({"x": 10, "width": 1280}).result(30)
    assert records.window() == {"x": 10, "width": 1280}


def test_a_start_without_an_end_crashed_unless_it_runs_or_was_dismissed(records: Records, clock: Clock) -> None:
    first = records.begin_start(10, "boot", "1.0")
    clock.now += 60
    second = records.begin_start(20, "boot", "1.0")
    ended = records.begin_start(30, "boot", "1.0")
    records.end_start(ended)
    own = records.begin_start(40, "boot", "1.0")
    assert own == records.start
    records.save_window({}).result(30)

    def is_running(start: StartRecord) -> bool:
        return start.pid == 20

    (crashed,) = records.crashed_starts(is_running)
    assert (crashed.id, crashed.started_at, crashed.boot_id) == (first, NOON, "boot")
    assert {start.id for start in records.crashed_starts(lambda _start: False)} == {first, second}
    records.dismiss_start(first).result(30)
    assert records.crashed_starts(is_running) == []


def test_every_field_of_a_layout_comes_back(records: Records) -> None:
    records.save_layout(LAYOUT).result(30)
    assert records.layout("/code/api", "test-layout") == LAYOUT
    assert records.layouts() == [LAYOUT]
    assert records.layout("/code/web", "test-layout") is None


def test_a_layout_replaces_the_one_of_its_name_in_its_project_only(records: Records) -> None:
    records.save_layout(LAYOUT)
    records.save_layout(replace(LAYOUT, project="/code/web"))
    records.save_layout(replace(LAYOUT, panes=LAYOUT.panes[:1])).result(30)
    assert [(each.project, len(each.panes)) for each in records.layouts()] == [("/code/api", 1), ("/code/web", 2)]


def test_layouts_are_listed_by_name_and_autosaves_after_them(records: Records) -> None:
    autosave = replace(LAYOUT, name="autosave", kind="autosave", start=7)
    for layout in (
        autosave, replace(LAYOUT, name="b 10"), replace(LAYOUT, name="b 2"), replace(LAYOUT, name="A"),
        replace(autosave, start=8, saved_at=9.0), replace(autosave, start=9, panes=()),
    ):  # fmt: skip
        records.save_layout(layout).result(30)
    listed = [(each.name, each.start) for each in records.layouts("/code/api")]
    assert listed == [("A", 0), ("b 2", 0), ("b 10", 0), ("autosave", 8), ("autosave", 7)]


def test_a_layout_of_a_newer_version_is_listed_and_not_loadable(records: Records) -> None:
    records.save_layout(replace(LAYOUT, version=VERSION + 1)).result(30)
    assert [each.is_loadable for each in records.layouts()] == [False]


def test_a_deleted_layout_is_gone_with_its_panes(records: Records, database: Database) -> None:
    records.save_layout(LAYOUT)
    assert records.delete_layout("/code/api", "test-layout").result(30)
    assert not records.delete_layout("/code/api", "test-layout").result(30)
    assert database.read(lambda db: db.execute("SELECT count(*) FROM layout_panes").fetchone()[0]) == 0


def autosave_of(start: int, at: float, panes: tuple[LayoutPane, ...] = LAYOUT.panes) -> Layout:
    return replace(LAYOUT, name="autosave", kind="autosave", start=start, saved_at=at, panes=panes)


def test_what_was_open_last_is_offered_once(records: Records) -> None:
    records.save_layout(autosave_of(1, NOON - 100))
    records.save_layout(autosave_of(2, NOON - 50)).result(30)
    offered = records.last_autosave("/code/api")
    assert offered is not None
    assert offered.start == 2
    records.layout_settled(offered).result(30)
    assert records.last_autosave("/code/api") is None
    assert len(records.layouts("/code/api")) == 2


def test_a_start_that_ended_without_panes_leaves_nothing_to_offer(records: Records) -> None:
    records.save_layout(autosave_of(1, NOON - 100))
    records.save_layout(autosave_of(2, NOON - 50, panes=())).result(30)
    assert records.last_autosave("/code/api") is None


def test_an_autosave_is_kept_for_seven_days(records: Records, clock: Clock) -> None:
    records.save_layout(autosave_of(1, NOON - 6.9 * DAY_S)).result(30)
    records.begin_start(1, "boot", "1.0")
    assert records.last_autosave("/code/api") is not None
    clock.now += 0.2 * DAY_S
    assert records.last_autosave("/code/api") is None
    records.begin_start(1, "boot", "1.0")
    records.save_window({}).result(30)
    assert records.layouts() == []


def test_an_autosave_that_still_holds_does_not_age(records: Records, clock: Clock) -> None:
    start = records.begin_start(1, "boot", "1.0")
    records.save_layout(autosave_of(start, NOON))
    records.save_layout(autosave_of(start - 1, NOON - 5))
    clock.now += 6 * DAY_S
    records.autosave_holds("/code/api")
    clock.now += 6 * DAY_S
    records.begin_start(2, "boot", "1.0")
    records.save_window({}).result(30)
    (layout,) = records.layouts("/code/api")
    assert (layout.start, layout.saved_at) == (start, NOON + 6 * DAY_S)


def test_the_autosaves_of_a_start_are_those_with_panes(records: Records) -> None:
    records.save_layout(autosave_of(1, NOON))
    records.save_layout(replace(autosave_of(1, NOON), project="/code/web", panes=())).result(30)
    (layout,) = records.autosaves_of(1)
    assert layout.project == "/code/api"
    records.layout_settled(layout).result(30)
    assert records.autosaves_of(1) == []


def test_notifications_come_newest_first_and_are_marked_read(records: Records, clock: Clock) -> None:
    note = NotificationRecord(1, "session_waits", "warning", "api waits", "body", session=4, project="/code/api", at=NOON)
    records.add_notification(note)
    records.add_notification(replace(note, id=2, session=None, read=True)).result(30)
    assert records.notifications() == [replace(note, id=2, session=None, read=True), note]
    clock.now += 5
    records.count_again(2).result(30)
    assert records.notifications(1) == [replace(note, id=2, session=None, count=2, at=NOON + 5)]
    records.mark_read().result(30)
    assert {each.read for each in records.notifications()} == {True}
    records.clear_notifications().result(30)
    assert records.notifications() == []


def test_five_hundred_notifications_of_thirty_days_are_kept(records: Records) -> None:
    old = NotificationRecord(1, "task_done", "info", "old", at=NOON - 31 * DAY_S)
    records.add_notification(old).result(30)
    assert records.notifications() == []
    for number in range(2, 520):
        done = records.add_notification(replace(old, id=number, at=NOON))
    done.result(10)
    kept = records.notifications(1000)
    assert (len(kept), kept[0].id) == (500, 519)


def test_lines_come_oldest_first_and_each_once(records: Records) -> None:
    for text in ("/new", "/help", "/new"):
        records.add_line(text).result(30)
    assert records.lines() == ["/help", "/new"]
    assert records.lines(1) == ["/new"]


def test_totals_are_sums_of_one_project_or_of_all(records: Records) -> None:
    began = (("/a", "claude"), ("/a", "terminal"), ("/a", "terminal"), ("/b", "codex"))
    for number, (project, agent) in enumerate(began, start=1):
        records.session_opened(SessionRecord(number, project, agent, NOON))
    records.session_opened(SessionRecord(1, "/a", "claude", NOON))
    records.session_ended(1, code=0, worked_s=90.0)
    records.task_done("/a")
    records.task_done("/b")
    records.add_cost("/b", 0.25).result(30)
    one, every = records.totals("/a"), records.totals()
    assert (one.sessions, one.tasks_done, one.hours_saved, one.cost_usd, one.most_used_agent) == (3, 1, 0.5, 0.0, "claude")
    assert (every.sessions, every.tasks_done, every.hours_saved, every.cost_usd) == (4, 2, 1.0, 0.25)
    assert records.totals("/c") == records.totals("/d")
    assert records.totals("/c").most_used_agent == ""


def test_an_end_is_stored_with_its_status_and_the_time_worked(records: Records, database: Database) -> None:
    records.session_opened(SessionRecord(1, "/a", "claude", NOON))
    records.session_ended(1, signal=9, worked_s=2.5).result(30)
    row = database.read(lambda db: db.execute("SELECT ended_at, exit_code, exit_signal FROM sessions").fetchone()[:])
    assert row == (NOON, None, 9)
    assert database.read(lambda db: db.execute("SELECT sum(worked_s) FROM stats").fetchone()[0]) == 2.5


@pytest.mark.parametrize(
    ("days_ago", "streak"), [((0, 1, 2), 3), ((1, 2), 2), ((0, 2, 3), 1), ((2, 3), 0), ((), 0)], ids=str
)
def test_a_streak_is_the_days_in_a_row_up_to_today_or_yesterday(
    records: Records, clock: Clock, days_ago: tuple[int, ...], streak: int
) -> None:
    today = date(2026, 11, 20)
    for number, ago in enumerate(days_ago):
        clock.now = datetime.combine(today - timedelta(days=ago), datetime.min.time()).timestamp() + 3600
        records.session_opened(SessionRecord(number + 1, "/a", "claude", clock.now))
    clock.now = NOON
    records.save_window({}).result(30)
    assert records.totals().streak_days == streak


def test_a_change_that_is_not_stored_is_told_of_once_until_one_is(
    records: Records, database: Database, problems: list[str]
) -> None:
    database.write(lambda db: db.execute("ALTER TABLE lines RENAME TO gone")).result(30)
    for _ in range(3):
        records.add_line("/new").exception(5)
    records.save_window({}).result(30)
    assert len(problems) == 1
    assert "could not be written: no such table" in problems[0]
    records.add_line("/new").exception(5)
    records.save_window({}).result(30)
    assert len(problems) == 2


def test_records_without_a_file_work_and_leave_nothing(tmp_path: Path) -> None:
    database = Database(None, STEPS)
    records = Records(database)
    records.save_layout(LAYOUT).result(30)
    assert records.layouts() == [LAYOUT]
    assert not records.is_stored
    assert not records.is_new
    database.close()
    assert list(tmp_path.iterdir()) == []


def test_records_know_whether_there_was_a_file(tmp_path: Path) -> None:
    for is_new in (True, False):
        database = Database(tmp_path / "state.db", STEPS)
        assert Records(database).is_new is is_new
        database.close()
