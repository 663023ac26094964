"""What a layout keeps of a project's panes: where they stand and how to start them again, never what they showed. Pure."""

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

from synk.base.errors import UsageError
from synk.sessions import grid
from synk.sessions.session import Session, missing_agent
from synk.sessions.tabs import Tab
from synk.storage.layouts import AUTOSAVE, Kind, Layout, LayoutPane

LONGEST_NAME = 80

TERMINAL = "terminal"

_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSWORD", re.IGNORECASE)
"""Variables whose value is not kept (04-persistence.md, section 7)."""


def take_snapshot(
    tab: Tab, sessions: Sequence[Session], *, name: str, kind: Kind, saved_at: float, start: int = 0, mode: str = "manual"
) -> Layout:
    """The panes of a tab as they are now; `sessions` may hold those of other projects too."""
    panes = tuple(_pane(session) for session in sorted(sessions, key=lambda each: each.pane) if session.project == tab.project)
    workspace = tab.workspace
    shown = [pane for pane in panes if grid.page_of(pane.pane) == workspace.page]
    cols, rows = grid.shape(max(1, len(shown)))
    return Layout(
        project=tab.project, name=name, kind=kind, saved_at=saved_at, panes=panes, start=start, mode=mode,
        cols=cols, rows=rows, page=workspace.page, selected=workspace.selected,
    )  # fmt: skip


def is_same(one: Layout | None, other: Layout) -> bool:
    """Whether two layouts say the same but for the time they were saved."""
    return one is not None and replace(one, saved_at=other.saved_at, is_settled=other.is_settled) == other


def masked(variables: Mapping[str, str]) -> dict[str, str | None]:
    """The variables, without the values of those whose names look secret."""
    return {name: None if _SECRET.search(name) else value for name, value in variables.items()}


def check_name(name: str) -> str:
    """The name of a layout without blanks around it.

    Raises:
        UsageError: it is empty, too long, has control characters, or is what Synk calls its own.
    """
    name = name.strip()
    if not name:
        raise UsageError("A layout needs a name")
    if len(name) > LONGEST_NAME:
        raise UsageError(f"The name of a layout has at most {LONGEST_NAME} characters, not {len(name)}")
    if not name.isprintable():
        raise UsageError("The name of a layout cannot have control characters")
    if name.lower() == AUTOSAVE:
        raise UsageError(f'"{name}" is the layout that Synk saves by itself: choose another name')
    return name


def suggested_name(taken: Container[str], last: str = "") -> str:
    """What is offered as a name: the one this tab's panes were saved or loaded under last, else a free one."""
    if last:
        return last
    return next(name for number in range(1, 10_000) if (name := f"layout {number}") not in taken)


def _pane(session: Session) -> LayoutPane:
    is_shell = not session.argv
    return LayoutPane(
        pane=session.pane,
        # Where a terminal stands in for an agent, the agent is what is wanted: it may be installed next time.
        agent=missing_agent(session.note) or session.agent,
        # A shell comes back where it was, a program where it was started.
        working_dir=(session.current_dir if is_shell else None) or session.working_dir,
        session=session.id,
        title=session.title,
        note=session.note,
        variables=masked(session.variables),
        argv=_kept_command(session),
    )


def _kept_command(session: Session) -> tuple[str, ...]:
    """The command of a pane that is no agent's; () if it is one's, or if a word of it looks like a secret."""
    is_own = session.agent == TERMINAL and not any(_SECRET.search(word) for word in session.argv)
    return session.argv if is_own else ()
