"""Saved sets of panes, by name or saved by themselves: rows of `layouts` and `layout_panes` (04-persistence.md, section 7)."""

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal

VERSION = 1
"""Of what the rows mean. A layout of a newer version is listed and not loaded."""

AUTOSAVE = "autosave"
"""Name of the layouts that are saved by themselves: one per project and start of the program."""

Kind = Literal["named", "autosave"]


@dataclass(frozen=True, slots=True)
class LayoutPane:
    """One pane of a layout: what is needed to open it again, and nothing of what it showed."""

    pane: int
    """Number in the grid, from 1."""
    agent: str
    working_dir: str
    session: int = 0
    """Id of the session that was there: one that outlived a crash is not restored a second time."""
    model: str = ""
    provider: str = ""
    title: str = ""
    note: str = ""
    branch: str = ""
    isolation: str = "none"
    worktree: str = ""
    base: str = ""
    skills: tuple[str, ...] = ()
    mcp_servers: tuple[str, ...] = ()
    variables: Mapping[str, str | None] = field(default_factory=dict)
    """Set on top of the agent's own; None: the name looks secret, so its value was not kept."""
    argv: tuple[str, ...] = ()
    """A command the user gave instead of the agent's."""
    agent_session: str = ""
    """The agent's own id of its conversation, for an exact resume."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A saved set of panes of one project."""

    project: str
    """Resolved path."""
    name: str
    kind: Kind
    saved_at: float
    """Unix time in seconds."""
    panes: tuple[LayoutPane, ...]
    """In the order of their numbers."""
    start: int = 0
    """The start of the program that saved it by itself; 0 for one with a name."""
    mode: str = "manual"
    """Orchestration mode."""
    cols: int = 1
    rows: int = 1
    """Shape of the page that was shown."""
    page: int = 0
    """From 0."""
    selected: int | None = None
    """Pane number."""
    tasks: tuple[Mapping[str, str], ...] = ()
    """Id, title, state and priority: for the summary only."""
    version: int = VERSION
    is_settled: bool = False
    """The user opened it again, or did not want to: it is not offered any more."""

    @property
    def is_loadable(self) -> bool:
        """False for one that a newer Synk wrote."""
        return self.version <= VERSION

    @property
    def agents(self) -> tuple[str, ...]:
        """Each agent once, in pane order."""
        return tuple(dict.fromkeys(pane.agent for pane in self.panes))


_COLUMNS = "project, kind, name, start, version, mode, saved_at, cols, rows, page, selected, tasks"
_PANE_COLUMNS = ", ".join(each.name for each in fields(LayoutPane))
"""In the order of the fields: a row is then a pane, but for what is JSON."""
_SKILLS, _MCP_SERVERS, _VARIABLES, _ARGV = (
    [each.name for each in fields(LayoutPane)].index(name) for name in ("skills", "mcp_servers", "variables", "argv")
)
_JSON = frozenset((_SKILLS, _MCP_SERVERS, _VARIABLES, _ARGV))
_EMPTY = "[]"
"""What nearly every list is: not to parse it reads 100 layouts in a third of the time."""


def put_layout(connection: sqlite3.Connection, layout: Layout) -> None:
    """Store a layout in place of the one of the same project, kind, name and start."""
    slot = (layout.project, layout.kind, layout.name, layout.start)
    connection.execute("DELETE FROM layouts WHERE project = ? AND kind = ? AND name = ? AND start = ?", slot)
    number = connection.execute(
        f"INSERT INTO layouts ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *slot, layout.version, layout.mode, layout.saved_at, layout.cols, layout.rows, layout.page, layout.selected,
            json.dumps([dict(task) for task in layout.tasks]),
        ),
    ).lastrowid  # fmt: skip
    marks = ", ".join("?" for _ in fields(LayoutPane))
    connection.executemany(
        f"INSERT INTO layout_panes (layout, {_PANE_COLUMNS}) VALUES (?, {marks})",
        [_pane_row(number, pane) for pane in layout.panes],
    )


def layouts_of(connection: sqlite3.Connection, project: str | None = None) -> list[Layout]:
    """The layouts of one project, or all: those with a name by name, then those saved by themselves, newest first."""
    where, values = ("WHERE project = ?", (project,)) if project is not None else ("", ())
    return sorted(_read(connection, where, values), key=_place_in_list)


def named_layout(connection: sqlite3.Connection, project: str, name: str) -> Layout | None:
    """The layout of that name; None if the project has none."""
    found = _read(connection, "WHERE project = ? AND kind = 'named' AND name = ?", (project, name))
    return found[0] if found else None


def last_autosave(connection: sqlite3.Connection, project: str, *, since: float) -> Layout | None:
    """What was saved last of a project's panes; None if there were none, that is longer ago, or the user saw to it."""
    where = "WHERE project = ? AND kind = 'autosave' AND saved_at >= ? ORDER BY saved_at DESC LIMIT 1"
    found = _read(connection, where, (project, since))
    return found[0] if found and found[0].panes and not found[0].is_settled else None


def autosaves_of(connection: sqlite3.Connection, start: int) -> list[Layout]:
    """What a start of the program saved by itself, one per project that had panes and was not seen to."""
    found = _read(connection, "WHERE kind = 'autosave' AND start = ? ORDER BY saved_at DESC", (start,))
    return [layout for layout in found if layout.panes and not layout.is_settled]


def put_settled(connection: sqlite3.Connection, layout: Layout) -> None:
    """Note that the user saw to an autosave: it is not offered once more, but stays loadable."""
    connection.execute(
        "UPDATE layouts SET is_settled = 1 WHERE project = ? AND kind = ? AND name = ? AND start = ?",
        (layout.project, layout.kind, layout.name, layout.start),
    )


def put_time(connection: sqlite3.Connection, project: str, start: int, at: float) -> None:
    """Note that what a start saved by itself of a project was still so at that time."""
    query = "UPDATE layouts SET saved_at = ? WHERE project = ? AND kind = 'autosave' AND start = ?"
    connection.execute(query, (at, project, start))


def drop_layout(connection: sqlite3.Connection, project: str, name: str) -> bool:
    """Delete a layout by name; False if there is none."""
    query = "DELETE FROM layouts WHERE project = ? AND kind = 'named' AND name = ?"
    return connection.execute(query, (project, name)).rowcount > 0


def drop_old_autosaves(connection: sqlite3.Connection, before: float) -> None:
    """Forget what was saved by itself before that time."""
    connection.execute("DELETE FROM layouts WHERE kind = 'autosave' AND saved_at < ?", (before,))


def _place_in_list(layout: Layout) -> tuple[Any, ...]:
    """By name as people count: `layout 2` before `layout 10`."""
    if layout.kind == "autosave":
        return (1, -layout.saved_at, layout.project)
    pieces = re.split(r"([0-9]+)", layout.name.casefold())
    return (0, [(int(piece), "") if piece.isdigit() else (-1, piece) for piece in pieces], layout.project)


def _read(connection: sqlite3.Connection, rest: str, values: Sequence[object]) -> list[Layout]:
    rows = connection.execute(f"SELECT * FROM layouts {rest}", tuple(values)).fetchall()
    panes: dict[int, list[LayoutPane]] = {row["id"]: [] for row in rows}
    marks = ", ".join("?" for _ in rows)
    # One question for the panes of all: a hundred would take ten times as long.
    query = f"SELECT layout, {_PANE_COLUMNS} FROM layout_panes WHERE layout IN ({marks}) ORDER BY layout, pane"
    for row in connection.execute(query, tuple(panes)):
        panes[row[0]].append(_pane(list(row)[1:]))
    return [_layout(row, tuple(panes[row["id"]])) for row in rows]


def _layout(row: sqlite3.Row, panes: tuple[LayoutPane, ...]) -> Layout:
    return Layout(
        project=row["project"], name=row["name"], kind=row["kind"], saved_at=row["saved_at"], panes=panes, start=row["start"],
        mode=row["mode"], cols=row["cols"], rows=row["rows"], page=row["page"], selected=row["selected"],
        tasks=tuple(json.loads(row["tasks"])), version=row["version"], is_settled=bool(row["is_settled"]),
    )  # fmt: skip


def _pane_row(layout: int | None, pane: LayoutPane) -> tuple[object, ...]:
    values = [getattr(pane, each.name) for each in fields(LayoutPane)]
    return (layout, *(json.dumps(value) if place in _JSON else value for place, value in enumerate(values)))


def _pane(values: list[Any]) -> LayoutPane:
    for place in (_SKILLS, _MCP_SERVERS, _ARGV):
        values[place] = () if values[place] == _EMPTY else tuple(json.loads(values[place]))
    values[_VARIABLES] = json.loads(values[_VARIABLES])
    return LayoutPane(*values)
