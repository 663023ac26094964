"""What a typed path means to the folder picker: the folder it is in, what is typed of a name, and which names fit. Pure."""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass

MOST_SHOWN = 2000
"""More names than anybody walks through; typing a letter finds the others."""


@dataclass(frozen=True, slots=True)
class FolderNames:
    """The sub folders of one folder."""

    folder: str
    names: Sequence[str] = ()
    """Sorted as people sort: without case."""
    problem: str = ""
    """Why it could not be read."""


@dataclass(frozen=True, slots=True)
class TypedPath:
    """A text, taken apart."""

    folder: str
    """Absolute path of the folder whose content is listed."""
    fragment: str
    """What is typed of a name in it; "" right after a slash."""


def take_apart(text: str, *, start: str, home: str) -> TypedPath:
    """`~/co` is the fragment `co` in the home folder; what is no absolute path begins in `start`."""
    head, slash, fragment = text.rpartition("/")
    head += slash
    if text in ("~", "..", "."):
        head, fragment = text, ""
    if head == "~" or head.startswith("~/"):
        head = home + head[1:]
    return TypedPath(os.path.normpath(os.path.join(start, head or ".")), fragment)


def begun_anew(text: str) -> str:
    """A second slash, or `~` after one, begins the path again: nobody has to remove what stood there."""
    at = max(text.rfind("//"), text.rfind("/~"))
    return text[at + 1 :] if at >= 0 else text


def shortened(path: str, home: str) -> str:
    """With `~` for the home folder."""
    return "~" + path[len(home) :] if home != "/" and (path == home or path.startswith(home + "/")) else path


def as_typed(path: str, home: str) -> str:
    """As it stands in the line, ready for the next name: with `~`, and a slash at the end."""
    short = shortened(path, home)
    return short if short.endswith("/") else short + "/"


def fitting(names: Sequence[str], fragment: str) -> list[str]:
    """Names that begin with the fragment, then those that contain it; hidden ones only if it begins with a dot."""
    if not fragment.startswith("."):
        names = [name for name in names if not name.startswith(".")]
    low = fragment.lower()
    begins = [name for name in names if name.lower().startswith(low)]
    if not low:
        return begins[:MOST_SHOWN]
    exact = [name for name in begins if name == fragment]
    others = [name for name in begins if name != fragment]
    contains = [name for name in names if low in name.lower()[1:] and not name.lower().startswith(low)]
    return [*exact, *others, *contains][:MOST_SHOWN]


def matched_places(name: str, fragment: str) -> Collection[int]:
    """Characters of the name that were typed."""
    at = name.lower().find(fragment.lower()) if fragment else -1
    return range(at, at + len(fragment)) if at >= 0 else ()
