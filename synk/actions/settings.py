"""The settings dialog, and the file behind it."""

from typing import Annotated, Protocol

from synk.commands.registry import Source, command


class SettingsView(Protocol):
    """What shows the settings. Every call returns at once."""

    def open(self, group: str) -> None:
        """Show a group of settings, "" for the one shown last.

        Raises:
            UsageError: there is no such group.
        """

    def edit_file(self) -> None:
        """Open settings.toml in the user's editor."""


class SettingsActions:
    """Commands about preferences."""

    def __init__(self, view: SettingsView) -> None:
        self._view = view

    @command("settings.open", short="settings")
    def open_settings(self, group: Annotated[str, Source("settings")] = "") -> None:
        """Open the settings, or one group of them."""
        self._view.open(group)

    @command("settings.edit")
    def edit_settings(self) -> None:
        """Open settings.toml in $VISUAL or $EDITOR in a new session."""
        self._view.edit_file()
