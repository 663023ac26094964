"""What the actions need from outside: the sessions they act on and the view that shows the result."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from synk.sessions.session import Session, Status

FocusStep = Literal["next", "previous", "grid"]
FontStep = Literal["larger", "smaller", "reset"]
ScrollStep = Literal["page-up", "page-down", "top", "bottom"]
Step = Literal["next", "previous"]


@dataclass(frozen=True, slots=True)
class AgentChoice:
    """One line of the question "which agent?"."""

    id: str
    """Catalog id; `terminal` is a plain shell."""
    name: str
    badge: str
    """Two letters, or `>_`."""
    color: str = "text-dim"
    """Token of the theme the badge is drawn in."""
    argv: tuple[str, ...] = ()
    """The agent's command; empty for a shell."""
    is_found: bool = True
    """Whether its command is on PATH."""
    command: str = ""
    """The command that is looked for."""
    variables: tuple[tuple[str, str], ...] = ()
    """Set in its environment."""
    unset: tuple[str, ...] = ()
    """Removed from its environment."""
    is_repl: bool = False
    """The prompt of an interpreter, not an agent."""


TERMINAL = AgentChoice("terminal", "Terminal", ">_")


@dataclass(frozen=True, slots=True)
class Question:
    """Something to confirm: Enter confirms, Esc keeps everything as it is."""

    title: str
    body: str
    confirm: str
    """What Enter does, one or two words: `Close`, `Quit`."""
    keep: str
    """What Esc does: `Keep`."""


class EngineControl(Protocol):
    """What the window asks the host about runs, REPLs and engine sessions; answers come as notices. Nothing waits."""

    def stop(self, kind: str, id: str) -> None:
        """End it; `kind` is `run`, `REPL` or `session`."""

    def show_session(self, session: int) -> None:
        """Give a session that has no pane to this window."""


class Sessions(Protocol):
    """The part of the session manager that actions use. GUI thread; nothing waits."""

    @property
    def sessions(self) -> Sequence[Session]:
        """Open sessions of all projects, in pane order."""

    def create(
        self,
        *,
        agent: str = "terminal",
        project: str | None = None,
        directory: str | None = None,
        variables: Mapping[str, str] | None = None,
        unset: Sequence[str] = (),
        argv: Sequence[str] = (),
        note: str = "",
        select: bool = True,
        is_repl: bool = False,
    ) -> Session: ...
    def close(self, session: Session) -> None: ...
    def restart(self, session: Session) -> None: ...
    def shell_here(self, session: Session) -> None: ...
    def write(self, session: Session, data: bytes) -> bool: ...
    def read_first(self, session: Session | None) -> None: ...
    def resize(self, session: Session, *, cols: int, rows: int) -> None: ...
    def clear_scrollback(self, session: Session) -> None: ...
    def rename(self, session: Session, title: str) -> None: ...
    def set_status(self, session: Session, status: Status) -> None: ...
    def is_busy(self, session: Session) -> bool: ...
    def program_of(self, session: Session) -> str: ...
    def busy_sessions(self) -> Sequence[Session]: ...


class View(Protocol):
    """What actions ask of the window. Every call returns at once; answers come through the callback."""

    @property
    def is_home(self) -> bool:
        """Whether the home screen is shown and no project."""

    def show_workspace(self) -> None:
        """Selection, mode, page or zoom changed."""

    def ask_agent(self, choices: Sequence[AgentChoice], last: str, on_choice: Callable[[AgentChoice], object]) -> None:
        """Ask which agent to start, `last` chosen beforehand; no call on Esc."""

    def ask_folder(self, on_choice: Callable[[str], object]) -> None:
        """Ask for a folder to open; no call on Esc."""

    def ask(self, question: Question, on_confirm: Callable[[], object]) -> None:
        """Ask to confirm; no call on Esc."""

    def close_topmost(self) -> None:
        """Close the topmost dialog, overlay or toast."""

    def toggle_panel(self, panel: str) -> None:
        """Open the drawer on this panel with the focus in it, or fold it if the panel is in front."""

    def toggle_drawer(self) -> None: ...
    def toggle_help(self, needle: str = "") -> None:
        """Show the keys and commands that `needle` is found in, or hide them."""

    def toggle_fullscreen(self) -> None: ...
    def move_focus(self, step: FocusStep) -> None: ...
    def change_font(self, step: FontStep) -> None: ...
    def scroll_view(self, step: ScrollStep) -> None: ...

    def show_broadcast(self) -> None:
        """Who gets what is typed changed."""

    def copy_selection(self) -> int:
        """Copy the selected pane's selection to the clipboard; returns the number of characters, 0: nothing selected."""

    def paste(self) -> None:
        """Paste the clipboard into the program under the keyboard."""

    def quit(self) -> None:
        """Begin the shutdown; nothing is asked any more."""


class CommandLine(Protocol):
    """The line that is being typed in the command bar. Every call returns at once."""

    def open(self) -> None:
        """Take the keyboard, with the cursor after a slash."""

    def close(self) -> None:
        """Give the keyboard back; nothing runs."""

    def run_line(self) -> None:
        """Run the line, or take the completion that was chosen."""

    def complete(self) -> None:
        """Take the completion that was chosen, or the best one."""

    def choose(self, step: Step) -> None:
        """Choose the completion below or above."""

    def move(self, step: Step) -> None:
        """Show an older or newer line; below the newest one choose among the completions."""


class Reading(Protocol):
    """Finding one's way in what the selected pane's program printed. Every call returns at once."""

    def find(self) -> None:
        """Open the search bar of the pane with the keyboard in it."""

    def move_find(self, step: Step) -> None:
        """Go to another hit."""

    def toggle_find_regex(self) -> None:
        """Take what is searched as a regular expression, or as it stands."""

    def close_find(self) -> None:
        """Close the search bar; the view stays where it is."""

    def move_to_prompt(self, step: Step) -> bool:
        """Scroll to another prompt; False if the shell marked none there."""

    def copy_output(self) -> int:
        """Select and copy what the last command printed; number of characters, 0: the shell marked none."""

    def toggle_link_hints(self) -> bool:
        """Label the links shown, or take the labels away; False if there is none."""

    def open_link(self, target: str) -> None:
        """Open an address with the desktop's program for it.

        Raises:
            UsageError: it is not of a kind that is opened.
        """
