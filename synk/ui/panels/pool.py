"""The pool panel: counts against targets, claims, every shell of the host, detached processes, and what the engine runs."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Protocol

from PySide6.QtCore import QPointF, QRect, Qt, QTimer
from PySide6.QtGui import QFont, QGuiApplication, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from synk.ui.drawer import PanelButton
from synk.ui.panels.amounts import age_text, milliseconds_text, size_text
from synk.ui.panels.engine_table import EngineTable, Entry
from synk.ui.panels.table import PanelTable
from synk.ui.theme import Theme, faded

REFRESH_MS = 1000
"""While visible; events come on top."""

Members = Callable[[Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]]], None]
"""Takes the shells (pid, tty, state, age_s, memory_bytes or None, program) and the detached processes (pid, command, session)."""

Entries = Callable[[Sequence[Mapping[str, Any]]], None]
"""Takes runs, REPLs and engine sessions as objects with the attributes of `Entry`, the ones that run first."""

STATE_TOKENS = {"idle": "green", "warming": "orange", "recycling": "orange", "active": "blue"}
STATES = tuple(STATE_TOKENS)
"""In the order of the table."""


class PoolSource(Protocol):
    """Where the numbers come from; nothing here waits."""

    def stats(self) -> Mapping[str, Any]:
        """The last `PoolStats.as_dict()` that arrived; empty before the first."""

    def request_members(self, on_members: Members) -> None:
        """Ask the host for its processes; answered later on the GUI thread, or never if the host is gone."""

    def refresh(self) -> None:
        """Retire all idle shells and warm new ones."""

    def kill_detached(self, pid: int) -> None:
        """End a detached process."""


class EngineSource(Protocol):
    """What the engine runs."""

    def request_entries(self, on_entries: Entries) -> None:
        """Ask the host for runs, REPLs and engine sessions; answered later on the GUI thread, or never."""


class PoolPanel:
    """The drawer panel `pool`."""

    id = "pool"
    title = "Pool"

    def __init__(
        self,
        theme: Theme,
        source: PoolSource,
        engine: EngineSource,
        *,
        run: Callable[[str], object],
        on_summary: Callable[[], None] = lambda: None,
    ) -> None:
        """`run` carries out a command line; `on_summary` is called when the words beside the title change."""
        self.on_summary = on_summary
        """Set by the drawer's owner."""
        self._source = source
        self._entries_source = engine
        self._run = run
        self._members: list[Mapping[str, Any]] = []
        self._detached: list[Mapping[str, Any]] = []
        self._is_active = False
        self._numbers = PoolNumbers(theme)
        self._table = ShellTable(theme)
        self._table.acted.connect(lambda _verb, row: self._kill(row))
        self._entries: list[Entry] = []
        self._engine = EngineTable(theme)
        self._engine.acted.connect(self._act)
        self.refresh_button = PanelButton("Refresh")
        """Retire all idle shells."""
        self.copy_button = PanelButton("Copy as JSON")
        """Everything shown, to the clipboard."""
        self.widget = self._build(theme)
        self._timer = QTimer(self.widget)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self.update)

    @property
    def summary(self) -> str:
        """`2 idle, 3 active`."""
        stats = self._source.stats()
        if not stats:
            return ""
        words = [f"{stats.get('idle', 0)} idle", f"{stats.get('active', 0)} active"]
        words += [f"{stats[state]} {state}" for state in ("warming", "recycling") if stats.get(state)]
        return ", ".join(words)

    def show_active(self, is_active: bool) -> None:
        """Ask once a second while in front, not at all otherwise."""
        if is_active == self._is_active:
            return
        self._is_active = is_active
        if is_active:
            self._timer.start()
            self.update()
        else:
            self._timer.stop()

    def update(self) -> None:
        """New numbers: an event came, or a second is over."""
        self.on_summary()
        if self._is_active:
            self._numbers.show_stats(self._source.stats())
            self._source.request_members(self._show_members)
            self._entries_source.request_entries(self._show_entries)

    def as_json(self) -> str:
        """All counts, shells, detached processes, runs, REPLs and engine sessions."""
        content = {
            "stats": dict(self._source.stats()),
            "shells": self._members,
            "detached": self._detached,
            "engine": [asdict(entry) for entry in self._entries],
        }
        return json.dumps(content, indent=2, default=dict)

    def _show_members(self, members: Sequence[Mapping[str, Any]], detached: Sequence[Mapping[str, Any]]) -> None:
        self._members, self._detached = list(members), list(detached)
        if self._is_active:
            self._table.show_rows(self._members, self._detached)

    def _show_entries(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self._entries = [Entry.of(row) for row in rows]
        if self._is_active:
            self._engine.show_entries(self._entries)

    def _act(self, verb: str, row: int) -> None:
        self._run(f"engine.{verb.lower()} {self._engine.entries[row].id}")
        self.update()

    def _kill(self, row: int) -> None:
        self._source.kill_detached(int(self._table.detached[row]["pid"]))
        self.update()

    def _refresh(self) -> None:
        self._source.refresh()
        self.update()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.as_json())

    def _build(self, theme: Theme) -> QWidget:
        size = theme.sizes
        widget = PoolPage((self.refresh_button, self.copy_button), (self._engine, self._table))
        widget.setAccessibleName("Process pool")
        left = QVBoxLayout()
        left.setSpacing(size.space_s)
        buttons = QHBoxLayout()
        buttons.setSpacing(size.space_s)
        for button, action in ((self.refresh_button, self._refresh), (self.copy_button, self._copy)):
            button.clicked.connect(action)
            button.setFont(theme.fonts.label())
            buttons.addWidget(button)
        buttons.addStretch()
        left.addWidget(self._numbers, 1)
        left.addLayout(buttons)
        tables = QWidget()
        column = QVBoxLayout(tables)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        # What runs for somebody is above what waits for nobody.
        column.addWidget(self._engine)
        column.addWidget(self._table)
        column.addStretch()
        scroll = QScrollArea()
        scroll.setWidget(tables)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        row = QHBoxLayout(widget)
        row.setContentsMargins(size.space_l, 0, size.space_s, size.space_m)
        row.setSpacing(size.space_xl)
        row.addLayout(left)
        row.addWidget(scroll, 1)
        return widget


class PoolPage(QWidget):
    """The panel itself: Down goes from the buttons to the tables, Up at the first row back."""

    def __init__(self, buttons: Sequence[PanelButton], tables: Sequence[PanelTable]) -> None:
        super().__init__()
        self._buttons = buttons
        self._tables = tables
        for index, table in enumerate(tables):
            table.left.connect(lambda step, index=index: self._leave(index, step))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What a button or a table had no use for; the rest is the drawer's."""
        is_in_buttons = any(button.hasFocus() for button in self._buttons)
        if event.key() != Qt.Key.Key_Down or not is_in_buttons or not self._enter(self._tables):
            event.ignore()

    def _leave(self, index: int, step: int) -> None:
        if step > 0:
            self._enter(self._tables[index + 1 :])
        elif not self._enter(self._tables[:index][::-1], at_end=True):
            self._buttons[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def _enter(self, tables: Sequence[PanelTable], *, at_end: bool = False) -> bool:
        return any(table.take_keyboard(at_end=at_end) for table in tables)


class PoolNumbers(QWidget):
    """Counts in large figures, the rest as lines of words."""

    COUNTS = (("idle", "initial_pool_size"), ("warming", ""), ("active", "max_active"), ("recycling", ""))
    """Each state with the target it is measured against."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._stats: Mapping[str, Any] = {}
        self.setFixedWidth(theme.sizes.card_width)

    def show_stats(self, stats: Mapping[str, Any]) -> None:
        """Paint these."""
        if stats != self._stats:
            self._stats = dict(stats)
            self.setAccessibleDescription(", ".join(self.lines()))
            self.update()

    def lines(self) -> list[str]:
        """The words below the figures."""
        stats = self._stats
        if not stats:
            return ["Waiting for the host"]
        claims = f"{stats.get('claims_warm', 0)} warm, {stats.get('claims_cold', 0)} cold"
        keys = (("last", "claim_last_ms"), ("median", "claim_p50_ms"), ("p95", "claim_p95_ms"))
        times = [f"{name} {milliseconds_text(stats.get(key))}" for name, key in keys]
        return [
            f"Claims  {claims}",
            f"Claim time  {', '.join(times)}",
            f"Recycled  {stats.get('recycles', 0)}, failed {stats.get('recycles_failed', 0)}   Kills  {stats.get('kills', 0)}",
            "Memory pressure: no warm shells are kept" if stats.get("memory_pressure") else "Memory  enough",
            *([f"Last error  {stats['last_error']}"] if stats.get("last_error") else []),
        ]

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Figures on top, lines below."""
        painter = QPainter(self)
        theme = self._theme
        colors, size = theme.colors, theme.sizes
        width = self.width() // len(self.COUNTS)
        targets = self._stats.get("targets", {})
        for index, (state, target) in enumerate(self.COUNTS):
            x = index * width
            painter.setFont(theme.fonts.hero())
            count = self._stats.get(state, 0)
            painter.setPen(colors.token(STATE_TOKENS[state]) if count else colors.text_dim)
            figure = str(count)
            painter.drawText(QRect(x, 0, width, size.space_xl), Qt.AlignmentFlag.AlignVCenter, figure)
            indent = painter.fontMetrics().horizontalAdvance(figure) + size.space_xs
            painter.setFont(theme.fonts.label())
            painter.setPen(colors.text_dim)
            if target in targets:
                place = QRect(x + indent, size.space_xs // 2, width, size.space_xl)
                painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, f"/ {targets[target]}")
            painter.drawText(QRect(x, size.space_xl, width, size.space_l), Qt.AlignmentFlag.AlignVCenter, state)
        y = size.space_xl + size.space_l + size.space_m
        metrics = painter.fontMetrics()
        for line in self.lines():
            is_bad = line.startswith(("Last error", "Memory pressure"))
            painter.setPen(colors.orange if is_bad else colors.text_dim)
            text = metrics.elidedText(line, Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(QRect(0, y, self.width(), metrics.lineSpacing()), Qt.AlignmentFlag.AlignVCenter, text)
            y += metrics.lineSpacing() + size.space_xs


class ShellTable(PanelTable):
    """One row per shell, then one per detached process with a Kill button."""

    HEADERS = ("pid", "pty", "state", "age", "memory", "shell")

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.rows: list[tuple[str, ...]] = []
        """The cells as they read, below `HEADERS`."""
        self.detached: list[Mapping[str, Any]] = []
        """Processes that outlived their session, below the shells."""
        self.setAccessibleName("Warm and used shells, and detached processes")

    @property
    def row_count(self) -> int:
        """Only detached processes can be marked: nothing can be done with a shell here."""
        return len(self.detached)

    def verbs(self, row: int) -> Sequence[str]:
        """Kill."""
        return ("Kill",) if 0 <= row < len(self.detached) else ()

    def top(self, row: int) -> int:
        """Below the shells and a line of its own."""
        return self.theme.sizes.table_row * (2 + len(self.rows) + row)

    def show_rows(self, members: Sequence[Mapping[str, Any]], detached: Sequence[Mapping[str, Any]]) -> None:
        """Paint these: the shells that wait first, those in use last."""
        rows = [_cells(member) for member in sorted(members, key=_order)]
        if rows != self.rows or list(detached) != self.detached:
            self.rows, self.detached = rows, list(detached)
            self.setMinimumHeight(self.theme.sizes.table_row * (1 + len(rows) + bool(detached) + len(detached)))
            self.setAccessibleDescription("; ".join(", ".join(row) for row in rows))
            self.keep_mark()
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Header, shells, detached processes."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self.theme
        size = theme.sizes
        y = 0
        widths = self.column_widths(self.HEADERS, self.rows, wide=len(self.HEADERS) - 1, room=self.width())
        self._paint_cells(painter, self.HEADERS, widths, y, theme.fonts.label(QFont.Weight.Medium), "text-dim")
        painter.setPen(QPen(faded(theme.colors.border, 0.5), size.border))
        painter.drawLine(QPointF(0, size.table_row - 0.5), QPointF(self.width(), size.table_row - 0.5))
        for row in self.rows:
            y += size.table_row
            self._paint_cells(painter, row, widths, y, theme.fonts.mono(), "text")
        if self.detached:
            y += size.table_row
            painter.setFont(theme.fonts.label(QFont.Weight.Medium))
            painter.setPen(theme.colors.text_dim)
            place = QRect(size.space_xs, y, self.width(), size.table_row)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, "detached processes")
        for index, process in enumerate(self.detached):
            self.paint_row(painter, index)
            self._paint_detached(painter, process, index)

    def _paint_cells(
        self, painter: QPainter, cells: Sequence[str], widths: Sequence[int], y: int, font: QFont, token: str
    ) -> None:
        theme = self.theme
        painter.setFont(font)
        metrics = painter.fontMetrics()
        x = theme.sizes.space_xs
        for index, (cell, width) in enumerate(zip(cells, widths, strict=True)):
            painter.setPen(theme.colors.token(STATE_TOKENS.get(cell, token) if index == 2 else token))
            text = metrics.elidedText(cell, Qt.TextElideMode.ElideMiddle, width - theme.sizes.space_s)
            painter.drawText(QRect(x, y, width, theme.sizes.table_row), Qt.AlignmentFlag.AlignVCenter, text)
            x += width

    def _paint_detached(self, painter: QPainter, process: Mapping[str, Any], index: int) -> None:
        theme = self.theme
        size = theme.sizes
        room = self.button_area(index, "Kill").left() - size.space_s
        painter.setFont(theme.fonts.mono())
        painter.setPen(theme.colors.text)
        text = f"{process.get('pid')}  {process.get('command', '')}"
        if process.get("session"):
            text += f"  (session {process['session']})"
        text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)
        place = QRect(size.space_xs, self.top(index), room, size.table_row)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)


def _order(member: Mapping[str, Any]) -> int:
    state = member.get("state")
    return STATES.index(state) if state in STATES else len(STATES)


def _cells(member: Mapping[str, Any]) -> tuple[str, ...]:
    tty = str(member.get("tty") or "-").removeprefix("/dev/")
    shell = str(member.get("program") or "-").rsplit("/", 1)[-1]
    return (
        str(member.get("pid") or "-"),
        tty,
        str(member.get("state") or "-"),
        age_text(member.get("age_s")),
        size_text(member.get("memory_bytes")),
        shell,
    )
