"""Opening the panes of a layout again: at once as places, then program after program (04-persistence.md, section 9)."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from synk.base.errors import PoolExhausted, SynkError, UsageError
from synk.base.events import Event, NoticeRaised
from synk.sessions.session import Session
from synk.sessions.tabs import Tab
from synk.storage.layouts import Layout, LayoutPane

STEP_MS = 100
"""Between two starts: the pool has two warm shells, and a third at once would only make the first slower."""
PATIENCE_MS = 5000
"""A folder that was not found after this is told of; its pane goes on waiting."""

RESTORING = "restoring"
EVENT = "layout.restored"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an agent is started today; the layout only knows its name."""

    agent: str
    argv: tuple[str, ...] = ()
    """Empty for a shell."""
    variables: Mapping[str, str] = field(default_factory=dict)
    unset: tuple[str, ...] = ()
    is_repl: bool = False
    note: str = ""
    """What the header says if something else is started instead: "terminal: gemini missing"."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pane's program can be started, or why not."""

    directory: str = ""
    problem: str = ""


class Panes(Protocol):
    """The part of the session manager that is needed here."""

    def sessions_of(self, project: str | None) -> Sequence[Session]: ...
    def place(
        self,
        *,
        pane: int | None,
        agent: str,
        project: str,
        directory: str,
        title: str = "",
        note: str = "",
        variables: Mapping[str, str] | None = None,
        unset: Sequence[str] = (),
        argv: Sequence[str] = (),
        is_repl: bool = False,
        problem: str = "",
    ) -> Session: ...
    def begin(self, session: Session, *, directory: str = "", note: str = "") -> None: ...
    def give_up(self, session: Session, problem: str) -> None: ...


class Work(Protocol):
    """Runs a function off the GUI thread and hands its result to another on the GUI thread."""

    def __call__(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None: ...


def find_place(pane: LayoutPane) -> Place:
    """The folder the pane had, if it is there. May wait for the disk; replaced where worktrees can be made again."""
    if os.path.isdir(pane.working_dir):
        return Place(pane.working_dir)
    what = f"worktree of {pane.branch}" if pane.isolation == "worktree" and pane.branch else "folder"
    return Place(problem=f"The {what} is gone: {pane.working_dir}")


@dataclass(slots=True, eq=False)
class _Round:
    """One restore, until it was summed up."""

    project: str
    waiting: set[int] = field(default_factory=set)
    """Session ids whose folder is being looked for."""
    opened: int = 0
    problems: dict[int, str] = field(default_factory=dict)
    """By pane number what could not be done."""
    notes: dict[int, str] = field(default_factory=dict)
    """By pane number what was done otherwise."""
    is_told: bool = False


class Restorer:
    """Opens layouts. GUI thread; nothing in it waits, and only in a tab that was empty a pane is selected."""

    def __init__(
        self,
        panes: Panes,
        *,
        recipe: Callable[[str], Recipe],
        later: Callable[[int, Callable[[], None]], None],
        aside: Work,
        notify: Callable[[Event], None],
        place: Callable[[LayoutPane], Place] = find_place,
    ) -> None:
        """`recipe(agent)`: how it is started now; `aside` runs `place(pane)` on a thread that may hang.

        `later` runs a function after so many milliseconds, `notify` publishes an event.
        """
        self._panes = panes
        self._recipe = recipe
        self._later = later
        self._aside = aside
        self._notify = notify
        self._find_place = place
        self._origins: dict[int, tuple[LayoutPane, Recipe]] = {}
        """By session id what a pane that did not start was made from."""
        self._ready: list[tuple[Session, Place, _Round]] = []
        self._is_stepping = False

    def restore(self, layout: Layout, tab: Tab, *, only: Callable[[LayoutPane], bool] = lambda _pane: True) -> int:
        """Open the panes of a layout in a tab, in the background; returns how many.

        Only in a tab that was empty a pane is selected: the layout's, else the first. `only` leaves out panes, such as those that
        outlived a crash. One notice sums up, once all folders were looked for.

        Raises:
            UsageError: the layout is of another project, or of a newer version; nothing was opened.
        """
        if layout.project != tab.project:
            raise UsageError(f'"{layout.name}" is a layout of {layout.project}. Open that folder first.')
        if not layout.is_loadable:
            raise UsageError(f'"{layout.name}" was saved by a newer Synk (version {layout.version}) and cannot be loaded')
        is_empty = not self._panes.sessions_of(tab.project)
        keeps_numbers = is_empty or layout.kind == "autosave"
        done = _Round(tab.project)
        numbers: dict[int, int] = {}
        for pane in filter(only, layout.panes):
            session = self._open(pane, pane.pane if keeps_numbers else None, done)
            if session is not None:
                numbers[pane.pane] = session.pane
                tab.workspace.opened(session.pane, by_user=False)
        if is_empty and numbers:
            tab.workspace.select(numbers.get(layout.selected or 0, min(numbers.values())))
        if done.waiting:
            self._later(PATIENCE_MS, lambda: self._sum_up(done))
        else:
            self._sum_up(done)
        return len(numbers)

    def retry(self, session: Session) -> bool:
        """Look again for what a pane lacked, and start it; False if it is not one of those that were restored."""
        origin = self._origins.get(session.id)
        if origin is None:
            return False
        again = _Round(session.project, is_told=True)
        again.waiting.add(session.id)
        self._look(session, origin[0], again)
        return True

    def forget(self, session: int) -> None:
        """A session was closed, by its id."""
        self._origins.pop(session, None)

    def _open(self, pane: LayoutPane, number: int | None, done: _Round) -> Session | None:
        recipe = self._recipe(pane.agent)
        kept = {name: value for name, value in pane.variables.items() if value is not None}
        argv = pane.argv or recipe.argv

        def place(problem: str) -> Session:
            return self._panes.place(
                pane=number, agent=recipe.agent, project=done.project, directory=pane.working_dir, title=pane.title,
                note="" if problem else RESTORING, variables={**recipe.variables, **kept}, unset=recipe.unset, argv=argv,
                is_repl=recipe.is_repl and not pane.argv, problem=problem,
            )  # fmt: skip

        try:
            try:
                session = place("")
            except PoolExhausted:
                session = place("session limit")
                done.problems[session.pane] = "session limit"
        except SynkError as error:
            done.problems[pane.pane] = error.message
            return None
        self._origins[session.id] = (pane, recipe)
        if recipe.note:
            done.notes[session.pane] = recipe.note
        if session.is_live:
            done.waiting.add(session.id)
            self._look(session, pane, done)
        return session

    def _look(self, session: Session, pane: LayoutPane, done: _Round) -> None:
        self._aside(lambda: self._find_place(pane), lambda place: self._found(session, place, done))

    def _found(self, session: Session, place: Place, done: _Round) -> None:
        """The first one begins at once, the others each a step later."""
        self._ready.append((session, place, done))
        if not self._is_stepping:
            self._step()

    def _step(self) -> None:
        self._is_stepping = bool(self._ready)
        if self._ready:
            session, place, done = self._ready.pop(0)
            self._later(STEP_MS, self._step)
            self._begin(session, place, done)

    def _begin(self, session: Session, place: Place, done: _Round) -> None:
        done.waiting.discard(session.id)
        origin = self._origins.get(session.id)
        problem = place.problem
        if origin is None:
            problem = "closed"
        elif not problem:
            try:
                self._panes.begin(session, directory=place.directory, note=origin[1].note)
            except PoolExhausted:
                problem = "session limit"
        if problem:
            self._panes.give_up(session, problem)
            done.problems[session.pane] = problem
        else:
            done.opened += 1
        if not done.waiting:
            self._sum_up(done)

    def _sum_up(self, done: _Round) -> None:
        """One notice for all; a folder that does not answer counts as not restored yet."""
        if done.is_told:
            return
        done.is_told = True
        for session in self._panes.sessions_of(done.project):
            if session.id in done.waiting:
                done.problems[session.pane] = f"{session.working_dir} does not answer"
        title = _count(done.opened, "pane") + " restored"
        if done.problems:
            title += f", {len(done.problems)} could not"
        told = sorted({**done.notes, **done.problems}.items())
        body = "\n".join(f"Pane {pane}: {text}" for pane, text in told)
        if done.problems:
            self._notify(NoticeRaised("warning", title, body, project=done.project))
        elif done.opened:
            self._notify(NoticeRaised("info", title, body, project=done.project, event=EVENT))


def _count(number: int, word: str) -> str:
    return f"{number or 'No'} {word}{'' if number == 1 else 's'}"
