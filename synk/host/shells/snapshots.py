"""What of an engine session is kept under a name: directory, exports, preload and history, as a private JSON file."""

import contextlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from synk.base.errors import NoSuchTarget, UsageError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
_OF_THE_PLACE = frozenset({"_", "PWD", "OLDPWD", "SHLVL", "TERM", "COLUMNS", "LINES", "WINDOWID"})
"""Variables that belong to a moment or a terminal."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A session as it can be made again."""

    kind: str
    cwd: str
    exports: Mapping[str, str] = field(default_factory=dict)
    """What it exports beyond, or other than, what it started with."""
    unset: tuple[str, ...] = ()
    """What it started with and exports no more."""
    preload: tuple[str, ...] = ()
    history: tuple[str, ...] = ()


class Snapshots:
    """The folder with the snapshots of a profile: 0700, one file each."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def save(self, name: str, snapshot: Snapshot) -> str:
        """Keep it, in place of an older one of that name; returns the file.

        Raises:
            UsageError: the name is none for a file.
        """
        path = self._path(name)
        os.makedirs(self._folder, mode=0o700, exist_ok=True)
        fd = os.open(f"{path}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with open(fd, "w", encoding="utf-8", errors="surrogateescape") as file:
            json.dump(asdict(snapshot), file)
        os.replace(f"{path}.new", path)
        return path

    def load(self, name: str) -> Snapshot:
        """The snapshot of that name.

        Raises:
            NoSuchTarget: there is none; names those there are.
            UsageError: the name is none for a file, or the file is damaged.
        """
        path = self._path(name)
        try:
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                data: Any = json.load(file)
            return Snapshot(
                str(data["kind"]), str(data["cwd"]), dict(data["exports"]), tuple(data["unset"]), tuple(data["preload"]),
                tuple(data["history"]),
            )  # fmt: skip
        except FileNotFoundError as error:
            raise NoSuchTarget(f"No snapshot {name}. There are: {', '.join(self.names()) or 'none'}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(f"Snapshot {path} is damaged") from error

    def names(self) -> list[str]:
        """All that are kept."""
        with contextlib.suppress(OSError):
            return sorted(name.removesuffix(".json") for name in os.listdir(self._folder) if name.endswith(".json"))
        return []

    def _path(self, name: str) -> str:
        if not _NAME.match(name):
            raise UsageError(f"{name!r} is no name for a snapshot: letters, digits, dots, dashes; at most 64")
        return os.path.join(self._folder, f"{name}.json")


def parse_environment(data: bytes) -> dict[str, str]:
    """What `env -0` prints."""
    pairs = (entry.partition(b"=") for entry in data.split(b"\0") if b"=" in entry)
    return {os.fsdecode(name): os.fsdecode(value) for name, _, value in pairs}


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """(set or changed, gone) from one environment to the other, without what belongs to a place or to Synk."""

    def counts(name: str) -> bool:
        return name not in _OF_THE_PLACE and not name.startswith(("SYNK_", "BASH_FUNC_"))

    added = {name: value for name, value in now.items() if counts(name) and before.get(name) != value}
    return added, tuple(name for name in before if counts(name) and name not in now)
