"""`synk --backup FILE`: settings and a consistent copy of the database in one archive, also while a window runs.

The archive has the folders `config` and `data` of a profile: unpacked into a folder it can be opened with `--profile`.
"""

import argparse
import os
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from synk.app.records import FILE
from synk.base.errors import SynkError
from synk.base.paths import Directories, find_directories
from synk.storage.database import copy_database

CREDENTIALS = "credentials.json"
"""Never in a backup, wherever it lies (04-persistence.md, section 6)."""


def run(options: argparse.Namespace) -> int:
    """Write the archive; returns the exit status.

    Raises:
        SynkError: there is nothing to keep, FILE exists, or it cannot be written; nothing is left behind.
    """
    target = Path(options.backup).absolute()
    directories = find_directories(Path(options.profile) if options.profile else None)
    names = back_up(directories, target)
    print(f"{target}: {len(names)} files")
    return 0


def back_up(directories: Directories, target: Path) -> list[str]:
    """Write the archive, a zip file if it is named so, else a compressed tar file; returns the names in it.

    Raises:
        SynkError: see `run`.
    """
    if target.exists():
        raise SynkError(f"{target} exists: choose another name, a backup overwrites nothing")
    if not target.parent.is_dir():
        raise SynkError(f"The folder {target.parent} does not exist")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".synk-backup-") as folder:
            files = dict(_config_files(directories.config))
            database = directories.data / FILE
            if database.exists():
                copy = Path(folder) / FILE
                copy_database(database, copy)
                files[f"data/{FILE}"] = copy
            if not files:
                raise SynkError(f"There is nothing to keep in {directories.config} and {directories.data}")
            made = Path(folder) / "archive"
            _write(made, files, is_zip=target.suffix == ".zip")
            _flush(made)
            _put(made, target)
    except FileExistsError as error:
        raise SynkError(f"{target} exists: choose another name, a backup overwrites nothing") from error
    except OSError as error:
        raise SynkError(f"{target} cannot be written: {error.strerror or error}") from error
    return sorted(files)


def _put(made: Path, target: Path) -> None:
    """Give the archive its name; a file that has come there meanwhile is not replaced."""
    try:
        os.link(made, target)
    except FileExistsError:
        raise
    except OSError:  # the file system knows no links
        if target.exists():
            raise FileExistsError(target) from None
        made.rename(target)


def _config_files(config: Path) -> Iterator[tuple[str, Path]]:
    """Every file below the config directory by its name in the archive; what cannot be read is told and left out."""
    for folder, folders, names in os.walk(config):
        folders.sort()
        for name in sorted(names):
            path = Path(folder, name)
            if name == CREDENTIALS or name.endswith(".synk-new") or not path.is_file():
                continue
            if not os.access(path, os.R_OK):
                print(f"synk: {path} cannot be read and is left out", file=sys.stderr)
                continue
            yield str(Path("config") / path.relative_to(config)), path


def _write(archive: Path, files: dict[str, Path], *, is_zip: bool) -> None:
    fd = os.open(archive, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(fd, "wb") as stream:
        if is_zip:
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
                for name, path in sorted(files.items()):
                    packed.write(path, name)
        else:
            with tarfile.open(fileobj=stream, mode="w:gz") as tar:
                for name, path in sorted(files.items()):
                    tar.add(os.path.realpath(path), name)


def _flush(path: Path) -> None:
    with suppress(OSError), path.open("rb") as file:
        os.fsync(file.fileno())
