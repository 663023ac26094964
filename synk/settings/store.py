"""The file settings.toml: read, looked at for changes, and written one value at a time."""

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from synk.base.errors import SynkError
from synk.base.files import remove_leftovers, replace_file
from synk.base.paths import make_private
from synk.settings.check import LoadedSettings, Problem, check, dotted, shown
from synk.settings.schema import RENAMED, Setting, Settings, all_settings

SETTLE_S = 0.1
"""A file is read only this long after its last change: an editor that empties and refills it would otherwise
switch everything to defaults in between, and two changes within one tick of the file system's clock look alike."""

LIMIT_BYTES = 1 << 20
"""A larger settings file is a mistake; reading it would only take long."""


class SettingsNotWritten(SynkError):
    """A change could not be written; whether it holds until the end of the program is in the text."""


Signature = tuple[int, int, int, int, int] | None
"""Device, inode, size, mtime and ctime (ns) of a file; None if there is no file. ctime tells of a mended mode, too."""


class SettingsStore:
    """The one reader and writer of a settings file. Any thread; every method but `current` may wait for the disk."""

    def __init__(
        self,
        path: Path | None,
        *,
        renamed: Mapping[str, str] = RENAMED,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`path` None (`synk --safe`): defaults, changes live in memory only, no file is touched."""
        self._path = path
        self._renamed = renamed
        self._now = now
        self._lock = threading.Lock()
        self._signature: Signature = None
        self._was_missing = False
        self._unsaved: dict[str, Any] = {}
        self._unsaved_because = ""
        self._loaded = LoadedSettings()

    @property
    def current(self) -> LoadedSettings:
        """What was last read or changed. Never waits."""
        return self._loaded

    @property
    def path(self) -> Path | None:
        """The file; None if changes live in memory only."""
        return self._path

    @property
    def unsaved(self) -> Mapping[str, Any]:
        """Changes in force that could not be written, by `group.key`; `retry` writes them."""
        return dict(self._unsaved)

    @property
    def unsaved_because(self) -> str:
        """Why they could not be written: `Read-only file system`; "" before anything failed."""
        return self._unsaved_because

    def load(self) -> LoadedSettings:
        """Read the file now, whatever its age. Never raises: what cannot be read becomes a problem."""
        with self._lock:
            if self._path is not None:
                remove_leftovers(self._path)
            return self._read()

    def poll(self) -> LoadedSettings | None:
        """Read the file if it changed since it was last read; None if it did not. Meant to be called every 0.5 s."""
        with self._lock:
            if self._path is None:
                return None
            signature = _signature(self._path)
            if signature == self._signature:
                self._was_missing = False
                return None
            if signature is None:
                # An editor that renames the old file away and then writes a new one leaves a moment without any.
                self._was_missing, is_first = True, not self._was_missing
                if is_first:
                    return None
            elif 0 <= self._now() - signature[4] / 1e9 < SETTLE_S:
                return None
            before = self._loaded
            after = self._read()
            return None if (after.settings, after.problems) == (before.settings, before.problems) else after

    def change(self, values: Mapping[str, Any]) -> LoadedSettings:
        """Set `group.key` to a value, or with None back to its default, in the file as it is on disk at this moment.

        Raises:
            SynkError: a value is out of bounds or contradicts another; nothing was changed.
            SettingsNotWritten: the file is broken (nothing was changed), or cannot be written (the change is
                in force until the end of the program, and in `unsaved`).
        """
        with self._lock:
            loaded = self._read()
            if not loaded.is_writable:
                raise SettingsNotWritten(f"{loaded.problems[0].text} Nothing was changed.")
            _refuse_bad(values, loaded.settings)
            self._unsaved.update(values)
            return self._write()

    def retry(self) -> LoadedSettings:
        """Write what is in `unsaved`.

        Raises:
            SettingsNotWritten: it still cannot be written.
        """
        with self._lock:
            loaded = self._read()
            if not loaded.is_writable:
                raise SettingsNotWritten(loaded.problems[0].text)
            return self._write()

    def _read(self) -> LoadedSettings:
        if self._path is None:
            self._loaded = self._with_unsaved(LoadedSettings())
            return self._loaded
        self._signature = _signature(self._path)
        self._was_missing = False
        try:
            loaded = check(_read_bytes(self._path), self._path.name, self._renamed)
        except FileNotFoundError:
            loaded = LoadedSettings()
        except OSError as error:
            text = f"{self._path} cannot be read: {error.strerror or error}. Using defaults."
            loaded = LoadedSettings(problems=(Problem("error", text, (), None),), is_writable=False)
        self._loaded = self._with_unsaved(loaded)
        return self._loaded

    def _with_unsaved(self, loaded: LoadedSettings) -> LoadedSettings:
        try:
            return replace(loaded, settings=_with_changes(loaded.settings, self._unsaved))
        except ValidationError:
            names = ", ".join(self._unsaved)
            self._unsaved.clear()
            text = f"{names}: changed in Synk and not saved, but no longer possible beside what the file says. Using the file."
            return replace(loaded, problems=(*loaded.problems, Problem("error", text, (), None)))

    def _write(self) -> LoadedSettings:
        if self._path is not None and self._unsaved:
            try:
                self._replace_file()
            except (OSError, SynkError) as error:
                reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
                self._unsaved_because = reason
                self._read()
                raise SettingsNotWritten(
                    f"{self._path} cannot be written: {reason}. The change holds until Synk ends; it is not saved."
                ) from error
            self._unsaved.clear()
        return self._read()

    def _replace_file(self) -> None:
        from synk.settings.edit import edited  # tomlkit, 25 ms, is needed at the first change only

        assert self._path is not None
        try:
            old = _read_bytes(self._path)
        except FileNotFoundError:
            old = b""
        make_private(self._path.parent)
        replace_file(self._path, edited(old, self._unsaved, self._renamed))


def _refuse_bad(values: Mapping[str, Any], settings: Settings) -> None:
    known: dict[str, Setting] = {setting.name: setting for setting in all_settings()}
    for name in values:
        if name not in known:
            raise SynkError(f"There is no setting {name}")
    try:
        _with_changes(settings, values)
    except ValidationError as error:
        details = error.errors(include_url=False)[0]
        if details["type"] == "contradiction":
            raise SynkError(f"{details['msg']}. Nothing was changed.") from error
        name = dotted(details["loc"][:2])
        raise SynkError(f"{name}: {known[name].wanted}, not {shown(details['input'])}. Nothing was changed.") from error


def _with_changes(settings: Settings, values: Mapping[str, Any]) -> Settings:
    # Without what nobody set: of a language in `automation.languages` the dialog shows and writes what the file says.
    data = settings.model_dump(exclude_unset=True)
    for name, value in values.items():
        group, _, key = name.partition(".")
        inner = data.setdefault(group, {})
        if value is None:
            inner.pop(key, None)
        else:
            inner[key] = value
    return Settings.model_validate(data)


def _signature(path: Path) -> Signature:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _read_bytes(path: Path) -> bytes:
    with open(path, "rb") as file:
        data = file.read(LIMIT_BYTES + 1)
    if len(data) > LIMIT_BYTES:
        raise OSError(f"larger than {LIMIT_BYTES >> 20} MB")
    return data
