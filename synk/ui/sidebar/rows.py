"""What the sidebar is made of: sections, and the kinds of rows they give."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from synk.sessions.session import Status


@dataclass(frozen=True, slots=True)
class HeadRow:
    """The head of a section: folds and unfolds it."""

    section: str
    """Id of the section."""
    title: str
    note: str = ""
    """A few words at its right end."""
    is_calling: bool = False
    """The note is about what needs the user."""
    is_folded: bool = False

    @property
    def key(self) -> str:
        """Names the row, also when its content changes."""
        return f"head {self.section}"

    @property
    def spoken(self) -> str:
        """For a screen reader."""
        state = "folded" if self.is_folded else "unfolded"
        return ", ".join(filter(None, (self.title, self.note, state)))


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """The project that is open: where it is and on which branch."""

    name: str
    path: str
    branch: str
    """"" without git."""

    @property
    def key(self) -> str:
        """See `HeadRow.key`."""
        return "place"

    @property
    def spoken(self) -> str:
        """See `HeadRow.spoken`."""
        return ", ".join(filter(None, (self.name, self.path, f"branch {self.branch}" if self.branch else "")))


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """Another project: one that is open, or was."""

    path: str
    name: str
    note: str
    """`2 waiting`, `open` or `5m ago`."""
    is_open: bool
    is_calling: bool = False
    """A session of it needs the user."""

    @property
    def key(self) -> str:
        """See `HeadRow.key`."""
        return f"project {self.path}"

    @property
    def spoken(self) -> str:
        """See `HeadRow.spoken`."""
        return ", ".join(filter(None, (self.name, self.note)))


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A card: one session of the open project."""

    session: int
    pane: int
    badge: str
    color: str
    """Token of the theme the badge is drawn in."""
    title: str
    detail: str
    """Place and branch."""
    note: str
    """What it costs, or that its input is full; "" for nothing."""
    status: Status
    is_selected: bool

    @property
    def key(self) -> str:
        """See `HeadRow.key`."""
        return f"session {self.session}"

    @property
    def spoken(self) -> str:
        """See `HeadRow.spoken`."""
        words = (f"Pane {self.pane}", self.title, self.detail, self.note, self.status.value)
        return ", ".join(filter(None, words)) + (", selected" if self.is_selected else "")


@dataclass(frozen=True, slots=True)
class FactRow:
    """A name and its value."""

    name: str
    value: str
    command: str
    """The command line that Enter and a click run; "" for none."""

    @property
    def key(self) -> str:
        """See `HeadRow.key`."""
        return f"fact {self.name}"

    @property
    def spoken(self) -> str:
        """See `HeadRow.spoken`."""
        return f"{self.name}: {self.value}"


@dataclass(frozen=True, slots=True)
class TextRow:
    """A sentence in the place of rows: what to press, or what went wrong."""

    text: str
    section: str
    is_error: bool = False
    command: str = ""
    """The command line that Enter and a click run; "" for none."""

    @property
    def key(self) -> str:
        """See `HeadRow.key`."""
        return f"text {self.section} {self.text}"

    @property
    def spoken(self) -> str:
        """See `HeadRow.spoken`."""
        return self.text


Row = HeadRow | PlaceRow | ProjectRow | SessionRow | FactRow | TextRow


class Section(Protocol):
    """A part of the sidebar. Asked whenever something it shows may have changed, and only while it is seen."""

    id: str
    title: str

    @property
    def note(self) -> str:
        """A few words beside the title, also while it is folded; "" for none."""

    @property
    def is_calling(self) -> bool:
        """Whether the note is about what needs the user."""

    def rows(self) -> Sequence[Row]:
        """Top to bottom. What it raises is shown in its place; the other sections go on."""
