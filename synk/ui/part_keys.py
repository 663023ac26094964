"""Keys in the parts of the window beside the grid: what a part did not take itself, by the one table."""

from collections.abc import Callable

from synk.base.keypress import KeyPress
from synk.keys.keymap import Where
from synk.ui.keys import KeyRouter
from synk.ui.sidebar.sidebar import Sidebar

OF_A_SESSION = frozenset({"session.close", "session.config", "session.restart", "session.clear"})
"""Commands that a card of the sidebar is a target for."""


class PartKeys:
    """Runs the commands of such keys; what the table does not know for a part is a key of navigation."""

    def __init__(self, router: KeyRouter, sidebar: Sidebar, *, run: Callable[[str], None]) -> None:
        self._router = router
        self._sidebar = sidebar
        self._run = run

    def leave_part(self, forward: bool) -> None:
        """Tab (True) or Shift+Tab (False) in a part of the window that is not the grid."""
        self._run(f"focus.move {'next' if forward else 'previous'}")

    def press_in(self, where: Where, press: KeyPress) -> None:
        """A key that the part under the keyboard did not take: the table's rows for it first, then those of navigation."""
        binding = self._router.machine.keymap.find(press, where)
        if binding is not None:
            self._run(binding.command)
        else:
            self._router.press(press)

    def press_in_sidebar(self, press: KeyPress) -> None:
        """A key that acts on a session means the card with the keyboard, not the pane that is selected."""
        session = self._sidebar.current_session
        binding = self._router.machine.keymap.find(press, Where.NAVIGATION)
        if session is not None and binding is not None and binding.command in OF_A_SESSION:
            self._run(f"{binding.command} session:{session}")
        else:
            self.press_in(Where.DRAWER, press)

    def press_in_card(self, press: KeyPress) -> None:
        binding = self._router.machine.keymap.find(press, Where.DIALOG)
        if binding is not None:
            self._run(binding.command)
