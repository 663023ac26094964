"""Where Synk keeps things: its five directories, and the data files shipped with it."""

import os
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from synk.base.errors import SynkError

APP = "synk"


class DirectoryUnusable(SynkError):
    """A directory of Synk cannot be created or written, or does not belong to the user alone."""


@dataclass(frozen=True, slots=True)
class Directories:
    """The five directories of 04-persistence.md, section 1. Nothing is created until `make_private`."""

    config: Path
    """`settings.toml`, `agents/`, ...: what a person edits."""
    data: Path
    """`state.db` and worktrees."""
    state: Path
    """Logs and run outputs."""
    cache: Path
    """May be deleted at any time."""
    runtime: Path
    """Lock and sockets of window and host; gone after logout."""

    @property
    def log(self) -> Path:
        """The folder of `synk.log` and its predecessors."""
        return self.state / "log"

    @property
    def settings(self) -> Path:
        """The settings file; it need not exist."""
        return self.config / "settings.toml"


def find_directories(profile: Path | None = None) -> Directories:
    """The directories of this user, or with `profile` all five below that folder."""
    if profile is not None:
        base = absolute(profile)
        return Directories(
            config=base / "config",
            data=base / "data",
            state=base / "state",
            cache=base / "cache",
            runtime=runtime_directory(profile),
        )
    # 14 ms that `synk ctl`, which only asks for the runtime directory, does not pay.
    from platformdirs import PlatformDirs

    found = PlatformDirs(APP, appauthor=False)
    return Directories(
        config=found.user_config_path,
        data=found.user_data_path,
        state=found.user_state_path,
        cache=found.user_cache_path,
        runtime=runtime_directory(),
    )


def runtime_directory(profile: Path | None = None, environment: Mapping[str, str] | None = None) -> Path:
    """Where the sockets are, without importing platformdirs.

    `$XDG_RUNTIME_DIR/synk`; without that variable (or with a relative one, which the XDG specification
    calls invalid) `/run/user/UID/synk`; where there is no such folder `synk-UID` in the temporary directory.
    """
    if profile is not None:
        return absolute(profile) / "runtime"
    variables = os.environ if environment is None else environment
    base = variables.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(base):
        return Path(base) / APP
    uid = os.getuid()
    login = Path(f"/run/user/{uid}")
    if os.access(login, os.W_OK | os.X_OK) and login.stat().st_uid == uid:
        return login / APP
    # 4 ms that hardly anybody needs to pay.
    from tempfile import gettempdir

    return Path(variables.get("TMPDIR") or gettempdir()) / f"{APP}-{uid}"


def make_private(directory: Path) -> Path:
    """Create the directory and its parents with mode 0700 where they are missing; returns it.

    Raises:
        DirectoryUnusable: it cannot be created, is no folder, or belongs to another user.
    """
    try:
        for folder in (*reversed(directory.parents), directory):
            if not folder.exists():
                folder.mkdir(mode=0o700, exist_ok=True)
        owner = directory.stat().st_uid
    except OSError as error:
        raise DirectoryUnusable(f"Cannot create the folder {directory}: {error.strerror or error}") from error
    if not directory.is_dir():
        raise DirectoryUnusable(f"{directory} is not a folder")
    if owner != os.getuid():
        raise DirectoryUnusable(f"The folder {directory} belongs to another user (uid {owner})")
    return directory


def make_runtime_directory(directory: Path) -> Path:
    """Create the runtime directory, or check that the one found lets nobody else in; returns it.

    It may lie in a folder everybody can write to, where another user could have made it first.

    Raises:
        DirectoryUnusable: it cannot be created, is a link, belongs to another user, or is open to others.
    """
    make_private(directory)
    found = directory.lstat()
    if stat.S_ISLNK(found.st_mode) or found.st_uid != os.getuid():
        raise DirectoryUnusable(f"The folder {directory} is a link or belongs to another user")
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o077:
        raise DirectoryUnusable(f"The folder {directory} is open to other users (mode {mode:04o}); run: chmod 700 {directory}")
    return directory


def resource_directory() -> Path:
    """The folder `resources/`: data files in a checkout, an installed wheel or a frozen app."""
    bundle = getattr(sys, "_MEIPASS", None)
    if bundle is not None:
        return Path(bundle) / "resources"
    package = Path(__file__).resolve().parent.parent
    installed = package / "_resources"
    return installed if installed.is_dir() else package.parent / "resources"


def absolute(path: Path) -> Path:
    """`path` with `~` expanded, made absolute without following links."""
    return Path(os.path.abspath(path.expanduser()))
