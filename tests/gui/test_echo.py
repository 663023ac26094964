"""A few cells that change are painted alone, and look as if all had been painted."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QApplication

from synk.terminal.emulator import Emulator
from synk.ui.terminal.echo import MOST_CELLS, changed_cells
from synk.ui.terminal.terminal_view import TerminalView
from tests.gui.desk import Desk
from tests.gui.pixels import painted_anew, seen, shows

PIECES = (
    "a", "W", "j", "|", "~", " ", "\b \b", "\b", "\r", "\r\n", "hello",
    "\x1b[31m", "\x1b[42m", "\x1b[1m", "\x1b[3m", "\x1b[4m", "\x1b[5m", "\x1b[7m", "\x1b[8m", "\x1b[m",
    "\x1b[C", "\x1b[K", "\x1b[P", "\x1b[@", "\x1b[5;20H", "\x1b[?25l", "\x1b[?25h", "\x1b[5 q", "\x1b[2 q",
    "%", "\u00dc", "\u0125", "\x1b[4:3m", "\x1b[A", "\x1b[B",
    "\u2502", "\u280b", "\u2588", "\ue0b0", "\u4e16", "e\u0301", "\U0001f600",
)  # fmt: skip


@pytest.fixture
def view(desk: Desk) -> TerminalView:
    """One terminal that is typed into."""
    desk.open(1)
    desk.press("enter")
    shows(desk, "$ ")
    QApplication.processEvents()
    return desk.pane(1).view


def areas(view: TerminalView, monkeypatch: pytest.MonkeyPatch) -> list[QRect]:
    """A list of the areas that are painted from now on."""
    painted: list[QRect] = []
    original = view._picture.paint

    def spy(painter: object, event: object) -> None:
        painted.append(event.rect())  # type: ignore[attr-defined]
        original(painter, event)  # type: ignore[arg-type]

    monkeypatch.setattr(view._picture, "paint", spy)
    return painted


def test_an_echo_paints_its_cell_and_the_cursor(desk: Desk, view: TerminalView, monkeypatch: pytest.MonkeyPatch) -> None:
    painted, font = areas(view, monkeypatch), view.font_cells.font
    shows(desk, "l")
    assert painted == [QRect(int(2 * font.cell_width), 0, int(2 * font.cell_width), int(font.cell_height))]


def test_a_long_change_paints_its_row(desk: Desk, view: TerminalView, monkeypatch: pytest.MonkeyPatch) -> None:
    painted = areas(view, monkeypatch)
    shows(desk, "x" * (MOST_CELLS + 1))
    assert [area.width() for area in painted] == [view.width()]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=24))
def test_cell_by_cell_looks_like_all_at_once(desk: Desk, view: TerminalView, pieces: list[str]) -> None:
    shows(desk, "\x1bc$ ")
    for piece in pieces:
        shows(desk, piece)
        QApplication.processEvents()
    view.blink.stop()
    now = seen(view)
    assert now == painted_anew(view)


def test_a_picture_of_the_pane_in_between_hides_no_change(desk: Desk, view: TerminalView) -> None:
    shows(desk, "ab")
    desk.manager.prints(1, b"\bc")
    view.grab()
    desk.hub.deliver()
    view.flush()
    assert seen(view) == painted_anew(view)


def test_cells_beside_a_glyph_that_leaves_its_cell_are_painted_with_it(
    desk: Desk, view: TerminalView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view.font_cells.font, "is_boxed", lambda text, _face: "W" not in text)
    shows(desk, "W")
    painted = areas(view, monkeypatch)
    shows(desk, "a")
    assert [area.width() for area in painted] == [view.width()]


@given(texts=st.lists(st.lists(st.sampled_from(PIECES), max_size=12), min_size=2, max_size=4))
def test_every_cell_that_differs_is_among_the_changed_ones(texts: list[list[str]]) -> None:
    rows = []
    for pieces in texts:
        emulator = Emulator(cols=40, rows=3, reply=lambda _data: None)
        emulator.feed("".join(pieces).encode())
        rows.append(emulator.row(0))
    for before, after in pairwise(rows):
        changed = changed_cells(before, after)
        first, end = changed or (0, 0)
        assert (changed is None) == (before == after)
        for runs in (before, after):
            others = after if runs is before else before
            for run in runs:
                if run not in others and run.cells == len(run.text):
                    for index, character in enumerate(run.text):
                        col = run.col + index
                        is_same = any(
                            other.col <= col < other.col + other.cells
                            and other.style == run.style
                            and other.cells == len(other.text)
                            and other.text[col - other.col] == character
                            for other in others
                        )
                        assert is_same or first <= col < end
