"""Layout of panes: the table of shapes, cells that fill the page, neighbors, pages."""

from itertools import combinations
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synk.sessions import grid
from synk.sessions.grid import Direction

COUNTS = st.integers(1, 12)
OPPOSITE: dict[Direction, Direction] = {"left": "right", "right": "left", "up": "down", "down": "up"}


@pytest.mark.parametrize(
    ("counts", "shape"),
    [((1,), (1, 1)), ((2,), (2, 1)), ((3, 4), (2, 2)), ((5, 6), (3, 2)), ((7, 8, 9), (3, 3)), ((10, 11, 12), (4, 3))],
)
def test_the_shape_follows_the_number_of_panes(counts: tuple[int, ...], shape: tuple[int, int]) -> None:
    assert {grid.shape(count) for count in counts} == {shape}


def test_a_thirteenth_pane_does_not_fit_a_page() -> None:
    with pytest.raises(ValueError, match="13"):
        grid.shape(13)


@given(COUNTS, st.integers(200, 4000), st.integers(150, 3000), st.integers(0, 12))
def test_cells_lie_inside_the_page_and_do_not_touch(count: int, width: int, height: int, gap: int) -> None:
    found = grid.cells(count, width=width, height=height, gap=gap)
    assert len(found) == count
    for cell in found:
        assert gap <= cell.x < cell.x + cell.width <= width - gap
        assert gap <= cell.y < cell.y + cell.height <= height - gap
    for one, other in combinations(found, 2):
        is_beside = one.x + one.width + gap <= other.x or other.x + other.width + gap <= one.x
        is_below = one.y + one.height + gap <= other.y or other.y + other.height + gap <= one.y
        assert is_beside or is_below


@given(COUNTS, st.integers(200, 4000), st.integers(150, 3000), st.integers(0, 12))
def test_cells_are_equal_but_for_a_pixel_of_rounding(count: int, width: int, height: int, gap: int) -> None:
    found = grid.cells(count, width=width, height=height, gap=gap)
    for sizes in ([cell.width for cell in found], [cell.height for cell in found]):
        assert max(sizes) - min(sizes) <= 1


def test_a_full_page_reaches_its_right_and_lower_edge() -> None:
    last = grid.cells(12, width=1281, height=803, gap=6)[-1]
    assert (last.x + last.width + 6, last.y + last.height + 6) == (1281, 803)


def test_no_panes_need_no_cells() -> None:
    assert grid.cells(0, width=100, height=100, gap=6) == []


@given(COUNTS, st.integers(0, 11), st.sampled_from(get_args(Direction)))
def test_the_way_to_a_neighbor_leads_back(count: int, index: int, direction: Direction) -> None:
    index %= count
    target = grid.neighbor(index, count, direction)
    if target is not None:
        assert 0 <= target < count
        assert grid.neighbor(target, count, OPPOSITE[direction]) == index


def test_moving_stops_at_the_edge_and_goes_down_only_if_a_pane_is_there() -> None:
    assert grid.neighbor(0, 5, "left") is None
    assert grid.neighbor(0, 5, "up") is None
    assert grid.neighbor(1, 5, "down") == 4
    assert grid.neighbor(2, 5, "down") is None
    assert grid.neighbor(4, 5, "right") is None


@given(st.lists(st.integers(1, 200), unique=True))
def test_empty_pages_are_left_out(panes: list[int]) -> None:
    assert grid.pages(panes) == sorted({(pane - 1) // 12 for pane in panes})


def test_the_thirteenth_pane_is_on_the_second_page() -> None:
    assert [grid.page_of(pane) for pane in (1, 12, 13, 24, 25)] == [0, 0, 1, 1, 2]


@pytest.mark.parametrize(("cols", "rows", "is_too_small"), [(20, 4, False), (19, 4, True), (20, 3, True)])
def test_twenty_by_four_cells_are_just_enough(cols: int, rows: int, is_too_small: bool) -> None:
    assert grid.is_too_small(cols=cols, rows=rows) is is_too_small
