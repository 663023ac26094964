"""Opens the pages of the first start, finds what they show, and writes the settings file at their end."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from synk.agents.catalog import CatalogReader
from synk.app.launch import Launch
from synk.app.programs import Program, VersionRound, find_programs
from synk.base.errors import SynkError
from synk.base.events import NoticeRaised
from synk.base.files import replace_file
from synk.base.jobs import Jobs
from synk.base.paths import make_private, resource_directory
from synk.settings.template import template
from synk.ui.onboarding.card import OnboardingCard
from synk.ui.onboarding.program_list import ASKING, ProgramLine
from synk.ui.onboarding.steps import ANOTHER, START
from synk.ui.pickers.typed_folders import shortened
from synk.ui.theme import Theme
from synk.ui.window import Window

CHOSEN_HERE = ("keyboard.terminal_exit_method", "ui.theme")
"""Settings the pages ask for."""


def is_first_start(launched: Launch) -> bool:
    """Whether the profile had neither settings nor records; looks at the disk. Never with `--safe`, which writes nothing."""
    path = launched.settings.path
    return path is not None and launched.records.is_stored and launched.records.is_new and not path.exists()


class Onboarding:
    """The first start of one window. GUI thread; nothing on the pages waits."""

    def __init__(
        self,
        theme: Theme,
        launched: Launch,
        *,
        window: Window,
        jobs: Jobs,
        change: Callable[[Mapping[str, Any]], None],
        open_folder: Callable[[str], None],
        profile: str | None,
    ) -> None:
        """`change(values)` writes settings by name; `open_folder(path)` shows its tab; `profile` as on the command line."""
        self._theme = theme
        self._launched = launched
        self._window = window
        self._jobs = jobs
        self._change = change
        self._open_folder = open_folder
        self._profile = profile
        self._reader = CatalogReader(resource_directory() / "agents", launched.directories.config / "agents")
        self._card: OnboardingCard | None = None
        self._round: VersionRound | None = None

    def open(self) -> None:
        """Cover the window with the first page."""
        folder = self._launched.start_folder
        self._card = OnboardingCard(
            self._theme,
            folder=os.path.basename(folder) or folder,
            folder_path=shortened(folder, os.path.expanduser("~")),
            values=self._values(),
            look=self._look,
            choose=self._choose,
            on_end=self._end,
        )
        self._window.widget.cards.open(self._card)

    def _values(self) -> dict[str, str]:
        settings = self._launched.settings.current.settings
        return {name: str(getattr(getattr(settings, name.split(".")[0]), name.split(".")[1])) for name in CHOSEN_HERE}

    def _look(self) -> None:
        """Names and paths at once, versions as they come."""
        self._stop_asking()
        self._jobs.submit(lambda: find_programs(self._reader, os.environ), self._found)

    def _found(self, programs: list[Program]) -> None:
        if self._card is None:
            return
        self._card.programs.show_programs([line_of(program) for program in programs])
        self._stop_asking()
        deliver = self._launched.hub.call
        self._round = VersionRound(programs, self._answered, deliver=deliver, profile=self._profile)

    def _answered(self, id: str, version: str) -> None:
        if self._card is not None:
            self._card.programs.show_version(id, version)

    def _choose(self, name: str, value: str) -> None:
        """In force at once; the commented file is there first, so that the value finds its place in it."""
        self._write_template()
        self._change({name: value})

    def _end(self, choice: str) -> None:
        self._stop_asking()
        self._card = None
        self._write_template()
        if choice == START:
            self._open_folder(self._launched.start_folder)
        elif choice == ANOTHER:
            self._window.run("tab.open")

    def _stop_asking(self) -> None:
        if self._round is not None:
            self._round.close()
            self._round = None

    def _write_template(self) -> None:
        path = self._launched.settings.path
        if path is not None:
            self._jobs.submit(lambda: write_template(path), lambda _none: None, failed=self._not_written)

    def _not_written(self, error: Exception) -> None:
        reason = error.message if isinstance(error, SynkError) else str(error)
        self._launched.hub.publish(NoticeRaised("error", "The settings file cannot be written", reason))


def line_of(program: Program) -> ProgramLine:
    """As the page shows it before its version is known."""
    return ProgramLine(program.id, program.name, program.badge, program.color, program.path, ASKING, program.install)


def write_template(path: Path) -> None:
    """The commented settings file, unless there is one.

    Raises:
        OSError: it cannot be written.
        DirectoryUnusable: its folder cannot be made.
    """
    if not path.exists():
        make_private(path.parent)
        replace_file(path, template().encode())
