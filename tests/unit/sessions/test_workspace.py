"""Selection, mode, page and zoom: what moves them, and that automation never does."""

from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from synk.keys.modes import Mode
from synk.sessions import grid
from synk.sessions.grid import Direction
from synk.sessions.workspace import Workspace


def workspace(*panes: int) -> Workspace:
    """These panes open, opened by the user one after the other, in navigation mode."""
    space = Workspace()
    for pane in panes:
        space.opened(pane, by_user=True)
    space.leave()
    return space


def picture(space: Workspace) -> tuple[Any, ...]:
    return space.mode, space.selected, space.page, space.is_zoomed


def test_a_pane_the_user_opens_is_selected_shown_and_typed_into() -> None:
    space = workspace(*range(1, 13))
    space.opened(13, by_user=True)
    assert (space.selected, space.page, space.mode) == (13, 1, Mode.TERMINAL)


def test_a_pane_that_automation_opens_changes_nothing_but_the_list() -> None:
    space = workspace(1, 2)
    before = picture(space)
    space.opened(3, by_user=False)
    space.opened(13, by_user=False)
    assert picture(space) == before
    assert space.panes == [1, 2, 3, 13]


def test_the_first_pane_that_automation_opens_is_shown_but_not_selected() -> None:
    space = Workspace()
    space.opened(13, by_user=False)
    assert (space.selected, space.shown) == (None, [13])


def test_closing_the_selected_pane_selects_the_next_else_the_previous() -> None:
    space = workspace(1, 2, 3)
    space.select(2)
    space.closed(2)
    assert space.selected == 3
    space.closed(3)
    assert space.selected == 1


def test_closing_the_last_pane_of_a_page_goes_on_with_the_next_page() -> None:
    space = workspace(1, 2, 13)
    space.select(2)
    space.closed(2)
    assert (space.selected, space.page) == (13, 1)


def test_closing_another_pane_leaves_the_selection_alone() -> None:
    space = workspace(1, 2, 3)
    space.select(1)
    space.closed(3)
    assert space.selected == 1


def test_closing_the_last_pane_is_navigation_again() -> None:
    space = workspace(1)
    space.type()
    space.closed(1)
    assert (space.mode, space.selected, space.page_position) == (Mode.NAVIGATION, None, 0)


def test_a_pane_that_closes_while_typing_keeps_the_mode() -> None:
    space = workspace(1, 2)
    space.type()
    space.closed(2)
    assert (space.mode, space.selected) == (Mode.TERMINAL, 1)


def test_positions_count_on_the_page_shown() -> None:
    space = workspace(1, 2, 13, 14)
    assert space.select_position(2)
    assert space.selected == 14
    assert not space.select_position(5)
    assert space.selected == 14


def test_turning_the_page_selects_the_pane_last_selected_there() -> None:
    space = workspace(1, 2, 3, 13, 14)
    space.select(2)
    space.turn_page(1)
    assert space.selected == 14
    space.turn_page(-1)
    assert space.selected == 2
    assert not space.turn_page(-1)


def test_empty_pages_are_left_out_of_the_count() -> None:
    space = workspace(1, 30)
    assert (space.page_count, space.page_position) == (2, 2)
    space.turn_page(-1)
    assert space.page_position == 1


def test_moving_with_nothing_selected_takes_the_first_pane_shown() -> None:
    space = Workspace()
    for pane in (4, 7):
        space.opened(pane, by_user=False)
    space.move("right")
    assert space.selected == 4
    space.move("right")
    assert space.selected == 7


def test_typing_with_nothing_open_stays_in_navigation() -> None:
    space = Workspace()
    assert not space.type()
    assert space.mode is Mode.NAVIGATION


def test_zoom_follows_the_selection_and_ends_with_its_pane_or_a_new_one() -> None:
    space = workspace(1, 2)
    space.toggle_zoom()
    space.move("left")
    assert (space.is_zoomed, space.selected) == (True, 1)
    space.closed(1)
    assert not space.is_zoomed
    space.toggle_zoom()
    space.opened(3, by_user=True)
    assert not space.is_zoomed


def test_zoom_needs_a_selected_pane() -> None:
    space = Workspace()
    space.toggle_zoom()
    assert not space.is_zoomed


ACTS = st.one_of(
    st.tuples(st.just("opened"), st.integers(1, 40), st.booleans()),
    st.tuples(st.just("closed"), st.integers(1, 40)),
    st.tuples(st.just("select"), st.integers(1, 40)),
    st.tuples(st.just("position"), st.integers(1, 12)),
    st.tuples(st.just("move"), st.sampled_from(get_args(Direction))),
    st.tuples(st.just("turn"), st.sampled_from([-1, 1])),
    st.tuples(st.sampled_from(["type", "leave", "zoom"])),
)


def act(space: Workspace, step: tuple[Any, ...]) -> None:
    match step:
        case ("opened", pane, by_user):
            space.opened(pane, by_user=by_user)
        case ("closed", pane):
            space.closed(pane)
        case ("select", pane):
            space.select(pane)
        case ("position", position):
            space.select_position(position)
        case ("move", direction):
            space.move(direction)
        case ("turn", step_by):
            space.turn_page(step_by)
        case ("type",):
            space.type()
        case ("leave",):
            space.leave()
        case ("zoom",):
            space.toggle_zoom()


@given(st.lists(ACTS, max_size=80))
def test_the_workspace_is_consistent_after_any_acts(steps: list[tuple[Any, ...]]) -> None:
    space = Workspace()
    for step in steps:
        act(space, step)
        assert space.panes == sorted(set(space.panes))
        assert space.selected is None or space.selected in space.panes
        if space.panes:
            assert space.shown == [pane for pane in space.panes if grid.page_of(pane) == space.page]
            assert space.shown
            assert 1 <= space.page_position <= space.page_count
        else:
            assert space.mode is Mode.NAVIGATION
        if space.selected is not None:
            assert space.selected in space.shown
        if space.is_zoomed or space.mode is Mode.TERMINAL:
            assert space.selected is not None


@given(st.lists(ACTS, max_size=40), st.lists(st.integers(1, 40), max_size=10))
def test_automation_never_moves_selection_mode_page_or_zoom(steps: list[tuple[Any, ...]], opened: list[int]) -> None:
    space = Workspace()
    space.opened(1, by_user=True)
    for step in steps:
        act(space, step)
    if space.panes:
        before = picture(space)
        for pane in opened:
            space.opened(pane, by_user=False)
        assert picture(space) == before
