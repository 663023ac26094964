"""Panels, overlay, font, clipboard and scrolling: commands that only the window carries out."""

from typing import Annotated, Literal

from synk.actions.ports import FontStep, ScrollStep, View
from synk.commands.registry import Source, command

PanelName = Literal["pool"]
"""Ids of the drawer panels."""


class DisplayActions:
    """Commands about what the window shows."""

    def __init__(self, view: View) -> None:
        self._view = view

    def is_in_project(self) -> bool:
        """Whether a project is shown, and with it drawer and sidebar."""
        return not self._view.is_home

    @command("panel.toggle", when="is_in_project")
    def toggle_panel(self, panel: PanelName) -> None:
        """Open the drawer on a panel, or fold it if that panel is in front."""
        self._view.toggle_panel(panel)

    @command("drawer.toggle", when="is_in_project")
    def toggle_drawer(self) -> None:
        """Open or fold the drawer."""
        self._view.toggle_drawer()

    @command("help.open", short="help")
    def open_help(self, name: Annotated[str, Source("commands")] = "") -> None:
        """Show all keys and commands, or those that match a name; again: hide them."""
        self._view.toggle_help(name.removeprefix("/"))

    @command("close", is_offered=False)
    def close_topmost(self) -> None:
        """Close the topmost dialog, overlay or toast."""
        self._view.close_topmost()

    @command("font.size")
    def change_font_size(self, step: FontStep) -> None:
        """Make the terminal font larger or smaller, or reset it."""
        self._view.change_font(step)

    @command("window.fullscreen")
    def toggle_fullscreen(self) -> None:
        """Full screen, and back."""
        self._view.toggle_fullscreen()

    @command("text.copy")
    def copy_text(self) -> str:
        """Copy the selection of the selected pane to the clipboard."""
        count = self._view.copy_selection()
        return f"Copied {count} character{'s' if count != 1 else ''}" if count else "Nothing is selected"

    @command("text.paste")
    def paste_text(self) -> None:
        """Paste the clipboard into the program under the keyboard."""
        self._view.paste()

    @command("scroll.move")
    def scroll(self, step: ScrollStep) -> None:
        """Scroll the selected pane through its scrollback."""
        self._view.scroll_view(step)
