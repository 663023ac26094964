"""The home screen and the way between projects: recent ones, what a crash left, the numbers."""

from collections.abc import Callable, Sequence
from typing import Annotated, Literal, Protocol

from synk.base.errors import UsageError
from synk.base.fuzzy import ranked
from synk.commands.registry import Source, Whole, command

NO_NAME = Whole("")

ListStep = Literal["next", "previous", "first", "last", "page-down", "page-up"]


class HomeScreen(Protocol):
    """What the actions ask of the home screen. GUI thread; nothing waits."""

    @property
    def marked_project(self) -> str | None:
        """Path of the marked recent project; None if there is none, or the home screen is not shown."""

    def move_mark(self, step: ListStep) -> None:
        """Mark another one; nothing if the home screen is not shown."""

    def toggle_scope(self) -> None:
        """Numbers of all projects, or of the marked one."""

    def ask_project(self) -> None:
        """Let the user choose among open and recent projects."""

    def restore_crash(self, project: str) -> None:
        """Open again what was open in a project when Synk ended unexpectedly; "": the one told of first."""

    def dismiss_crash(self, project: str) -> None:
        """Never tell of it again; "": as above."""


class Projects(Protocol):
    """The projects Synk knows."""

    def known(self) -> Sequence[tuple[str, str]]:
        """Path and name: open ones first, then recent ones, newest first."""

    def is_missing(self, path: str) -> bool:
        """Whether its folder was not there when it was last looked at."""

    def forget(self, path: str) -> None:
        """Take it off the list of recent ones; nothing is deleted."""


class HomeActions:
    """Commands of the home screen and of the switcher."""

    def __init__(self, screen: HomeScreen, projects: Projects, *, open_folder: Callable[[str], None]) -> None:
        """`open_folder(path)` shows its tab, or says what is wrong with it."""
        self._screen = screen
        self._projects = projects
        self._open_folder = open_folder

    @command("project.switch", short="project")
    def switch(self, name: Annotated[Whole, Source("projects")] = NO_NAME) -> None:
        """Go to an open or recent project; asks which if none is named."""
        if not name:
            self._screen.ask_project()
            return
        self._open_folder(self._find(name))

    @command("recent.move", is_offered=False)
    def move_mark(self, step: ListStep) -> None:
        """Mark another recent project on the home screen."""
        self._screen.move_mark(step)

    @command("recent.open", is_offered=False)
    def open_recent(self) -> None:
        """Open the marked recent project."""
        path = self._screen.marked_project
        if path is None:
            return
        if self._projects.is_missing(path):
            raise UsageError(f"{path} is not there. Delete takes it off the list")
        self._open_folder(path)

    @command("recent.remove")
    def remove_recent(self, path: Annotated[Whole, Source("projects")] = NO_NAME) -> str | None:
        """Take a project off the list of recent ones, by default the marked one; the folder stays as it is."""
        wanted = self._find(path) if path else self._screen.marked_project
        if wanted is None:
            return None
        self._projects.forget(wanted)
        return f"{wanted} is off the list"

    @command("figures.toggle", is_offered=False)
    def toggle_figures(self) -> None:
        """Show the numbers of all projects on the home screen, or of the marked one."""
        self._screen.toggle_scope()

    @command("crash.restore", is_offered=False)
    def restore_crash(self, project: str = "") -> None:
        """Open again what was open in a project when Synk ended unexpectedly; by default the one told of first."""
        self._screen.restore_crash(project)

    @command("crash.dismiss", is_offered=False)
    def dismiss_crash(self, project: str = "") -> None:
        """Never offer again what was open in a project when Synk ended unexpectedly; by default the one told of first."""
        self._screen.dismiss_crash(project)

    def _find(self, wanted: str) -> str:
        """Path of the project of that path or name; else of the one whose name fits best."""
        known = self._projects.known()
        for path, name in known:
            if wanted in (path, name):
                return path
        fitting = ranked(wanted, known, lambda project: project[1])
        if not fitting:
            raise UsageError(f'No project is called "{wanted}". /tab.open opens a folder')
        return fitting[0][0][0]
