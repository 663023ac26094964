"""Moving between panes, pages, modes and parts of the window."""

from collections.abc import Callable
from typing import Annotated, Literal

from synk.actions.ports import FocusStep, View
from synk.base.errors import UsageError
from synk.commands.registry import Only, Targets, command
from synk.sessions.grid import Direction
from synk.sessions.tabs import Tabs
from synk.sessions.workspace import Workspace


class NavigationActions:
    """Commands that change what is selected and where keys go."""

    def __init__(self, tabs: Tabs, view: View, *, on_empty: Callable[[], object] = lambda: None) -> None:
        """`on_empty()`: Enter was pressed in a project without panes."""
        self._tabs = tabs
        self._view = view
        self._on_empty = on_empty

    @property
    def _workspace(self) -> Workspace:
        return self._tabs.workspace

    @command("pane.move", when="has_panes")
    def move_selection(self, direction: Direction) -> None:
        """Select the neighboring pane; stops at the edge."""
        self._workspace.move(direction)
        self._view.show_workspace()

    @command("pane.select", short="goto", when="has_panes")
    def select_pane(self, target: Annotated[Targets, Only(is_single=True)] | None = None, position: int | None = None) -> None:
        """Select the pane @N, or the one at a position from 1 to 12 on the page shown."""
        if target is not None:
            if len(target) != 1:
                raise UsageError("Only one pane can be selected. Usage: /goto @5")
            self._tabs.show(self._tabs.by_project(target[0].project))
            self._workspace.select(target[0].pane)
        elif position is not None:
            self._workspace.select_position(position)
        else:
            raise UsageError("/goto needs a pane, for example @5")
        self._view.show_workspace()

    @command("page.move", when="has_pages")
    def move_page(self, direction: Literal["previous", "next"]) -> None:
        """Show the other page and select the pane last selected there."""
        self._workspace.turn_page(1 if direction == "next" else -1)
        self._view.show_workspace()

    @command("pane.type")
    def type_into_pane(self) -> None:
        """Enter terminal mode in the selected pane; in an empty grid open again what it offers."""
        if not self._workspace.type():
            self._on_empty()
        self._view.show_workspace()

    @command("pane.leave", is_offered=False)
    def leave_pane(self) -> None:
        """Back to navigation mode."""
        self._workspace.leave()
        self._view.show_workspace()

    @command("pane.zoom", when="has_panes")
    def zoom_pane(self) -> None:
        """Let the selected pane fill the grid, or put it back."""
        self._workspace.toggle_zoom()
        self._view.show_workspace()

    @command("focus.move")
    def move_focus(self, step: FocusStep) -> None:
        """Move the keyboard to the next or previous part of the window, or back to the grid."""
        self._view.move_focus(step)

    def has_panes(self) -> bool:
        """Whether there is one to select."""
        return bool(self._workspace.panes)

    def has_pages(self) -> bool:
        """Whether there is another page."""
        return self._workspace.page_count > 1
