"""What the user looks at: selected pane, mode, page and zoom, as pure state that only the user's own acts move."""

from bisect import bisect_right, insort
from dataclasses import dataclass, field

from synk.keys.modes import Mode
from synk.sessions import grid
from synk.sessions.grid import Direction


@dataclass(slots=True)
class Workspace:
    """Selection, mode, page and zoom over the open pane numbers.

    Owned by the GUI thread. `opened` and `closed` follow the sessions; every other method is an act of the user. By
    rule G2 a pane that automation opens changes nothing here but the list.
    """

    mode: Mode = Mode.NAVIGATION
    selected: int | None = None
    """Pane number; None if nothing is open, or everything was opened by automation and nothing chosen yet."""
    page: int = 0
    """The page shown, from 0, as `grid.page_of` counts: it is left out of the count while it is empty."""
    is_zoomed: bool = False
    """The selected pane fills the grid."""
    panes: list[int] = field(default_factory=list)
    """Open pane numbers, ascending."""
    _last_selected: dict[int, int] = field(default_factory=dict)
    """Per page the pane last selected there."""

    @property
    def shown(self) -> list[int]:
        """Pane numbers of the page shown, in the order of the grid."""
        return [pane for pane in self.panes if grid.page_of(pane) == self.page]

    @property
    def page_count(self) -> int:
        """Pages that hold panes."""
        return len(grid.pages(self.panes))

    @property
    def page_position(self) -> int:
        """Place of the page shown among those with panes, from 1; 0 if there is none."""
        pages = grid.pages(self.panes)
        return pages.index(self.page) + 1 if self.page in pages else 0

    def opened(self, pane: int, *, by_user: bool) -> None:
        """A pane appeared. The user's own is selected, shown and typed into; others stay in the background.

        Calling it again for an open pane only selects it (if `by_user`).
        """
        if pane not in self.panes:
            insort(self.panes, pane)
            if len(self.panes) == 1:
                self.page = grid.page_of(pane)
        if by_user:
            self.is_zoomed = self.is_zoomed and pane == self.selected
            self.select(pane)
            self.mode = Mode.TERMINAL

    def closed(self, pane: int) -> None:
        """A pane is gone. If it was selected the next in order is, else the previous; none left: navigation."""
        if pane not in self.panes:
            return
        self.panes.remove(pane)
        self._last_selected = {page: last for page, last in self._last_selected.items() if last != pane}
        if pane == self.selected:
            self.is_zoomed = False
            self.selected = None
            if self.panes:
                self.select(self.panes[min(bisect_right(self.panes, pane), len(self.panes) - 1)])
        if not self.panes:
            self.mode = Mode.NAVIGATION
        elif not self.shown:
            self._show_nearest_page()

    def select(self, pane: int) -> bool:
        """Select an open pane and show its page; False (and nothing happens) if there is no such pane."""
        if pane not in self.panes:
            return False
        self.selected = pane
        self.page = grid.page_of(pane)
        self._last_selected[self.page] = pane
        return True

    def select_position(self, position: int) -> bool:
        """Select by position 1 to 12 on the page shown: on the second page 1 is pane 13."""
        return self.select(self.page * grid.PANES_PER_PAGE + position)

    def move(self, direction: Direction) -> bool:
        """Select the neighbor; at the edge nothing happens. With nothing selected: the first pane shown."""
        shown = self.shown
        if not shown:
            return False
        if self.selected not in shown:
            return self.select(shown[0])
        index = grid.neighbor(shown.index(self.selected), len(shown), direction)
        return index is not None and self.select(shown[index])

    def turn_page(self, step: int) -> bool:
        """Show the next (1) or previous (-1) page with panes and select the pane last selected there."""
        pages = grid.pages(self.panes)
        if self.page not in pages:
            return False
        index = pages.index(self.page) + step
        if not 0 <= index < len(pages):
            return False
        self.page = pages[index]
        last = self._last_selected.get(self.page)
        return self.select(last if last is not None else self.shown[0])

    def type(self) -> bool:
        """Enter terminal mode in the selected pane, or in the first one shown; False if there is none."""
        if self.selected is None and self.shown:
            self.select(self.shown[0])
        if self.selected is None:
            return False
        self.mode = Mode.TERMINAL
        return True

    def leave(self) -> None:
        """Back to navigation mode."""
        self.mode = Mode.NAVIGATION

    def toggle_zoom(self) -> None:
        """Let the selected pane fill the grid, or put it back."""
        self.is_zoomed = not self.is_zoomed and self.selected is not None

    def _show_nearest_page(self) -> None:
        pages = grid.pages(self.panes)
        self.page = min(pages, key=lambda page: (abs(page - self.page), -page))
