"""What the settings dialog needs from outside: the settings file, and what it offers and asks beside it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from synk.actions.ports import Question
from synk.keys.keymap import Keymap
from synk.settings.check import LoadedSettings
from synk.settings.memory import Machine
from synk.ui.settings.about import About


class SettingsSource(Protocol):
    """The settings file as the dialog sees it; nothing here waits."""

    @property
    def loaded(self) -> LoadedSettings:
        """What is in force."""

    @property
    def unsaved(self) -> Mapping[str, Any]:
        """Changes in force that could not be written."""

    @property
    def unsaved_because(self) -> str:
        """Why they could not: `Read-only file system`."""

    @property
    def path(self) -> str:
        """The file; "" with `--safe`, where changes live in memory only."""

    def change(self, values: Mapping[str, Any], done: Callable[[str], None]) -> None:
        """See `Change`."""

    def tell(self, text: str) -> None:
        """Say what went wrong after the dialog was closed."""

    def retry(self, done: Callable[[str], None]) -> None:
        """Write what is not saved."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the dialog offers and asks, beside the settings themselves."""

    keymap: Callable[[], Keymap]
    """The keys in force."""
    check_command: Callable[[str], None]
    """Raises UsageError for a line that names no command."""
    request_machine: Callable[[Callable[[Machine], None]], None]
    """Has memory and cores measured."""
    ask: Callable[[Question, Callable[[], object]], None]
    """Asks before several settings are reset."""
    open_file: Callable[[], None]
    """Opens the settings file in the user's editor; the dialog closes first."""
    about: About
    themes: Sequence[str] = ()
    agents: Sequence[tuple[str, str]] = ()
    """Id and name."""
    languages: Sequence[str] = ()
    panels: Sequence[tuple[str, str]] = ()
    """Id and title."""
    notes: Mapping[str, Callable[[], str]] = field(default_factory=dict)
    """By `group.key`: what is worth knowing about the setting on this machine, "" for nothing."""
