"""Secrets by name: where they come from, and the file that keeps them where there is no keyring."""

import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from synk.base.errors import SynkError, UsageError
from synk.base.files import replace_file

SECRET_PREFIX = "secret:"
"""A variable's value `secret:NAME` stands for the secret."""
SHORTEST = 4
"""Characters; anything shorter would be found, and hidden, all over ordinary output."""
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}\Z")


class SecretsUnreadable(SynkError):
    """The store is open to others, belongs to another user, or is damaged."""

    kind = "secrets"


class SecretSource(Protocol):
    """Where secrets come from; values leave it for the start of a run and nothing else."""

    def get(self, name: str) -> str | None:
        """The value of the secret; None if there is none of that name."""


class SecretStore(SecretSource, Protocol):
    """One that can be written."""

    @property
    def place(self) -> str:
        """What it is, for people."""

    def set(self, name: str, value: str) -> None:
        """Keep `value` under `name`."""

    def remove(self, name: str) -> bool:
        """Forget it; False if there was none."""


class SecretWanted(Exception):
    """Asked of `KnownSecrets` that have not got it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True)
class KnownSecrets:
    """Secrets that were fetched before, for code on an event loop, which must not wait for a keyring."""

    values: Mapping[str, str | None]

    def get(self, name: str) -> str | None:
        """The value of the secret; None if there is none of that name.

        Raises:
            SecretWanted: it was not fetched.
        """
        if name not in self.values:
            raise SecretWanted(name)
        return self.values[name]


def check_secret(name: str, value: str) -> None:
    """Refuse what could not be hidden in output or handed to a program.

    Raises:
        UsageError: the name is not one word, or the value is too short, or holds a NUL byte.
    """
    if not _NAME.match(name):
        raise UsageError(f"{name!r} is no name for a secret: letters, digits, _ . - and at most 100 of them")
    if len(value) < SHORTEST or "\0" in value:
        raise UsageError(f"The secret {name} needs at least {SHORTEST} characters and no NUL byte")


class SecretFile:
    """A JSON object in a file of mode 0600; read anew at each call, so that no value stays in memory for long."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def place(self) -> str:
        """For people."""
        return str(self._path)

    def get(self, name: str) -> str | None:
        """The value of the secret; None if there is none of that name.

        Raises:
            SecretsUnreadable: the file may be read by others, belongs to somebody else, or is damaged.
        """
        return self._read().get(name)

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted(self._read())

    def set(self, name: str, value: str) -> None:
        """Keep `value` under `name`.

        Raises:
            UsageError: as `check_secret`.
            SecretsUnreadable: as `get`.
            OSError: the file cannot be written.
        """
        check_secret(name, value)
        self._write({**self._read(), name: value})

    def remove(self, name: str) -> bool:
        """Forget it; False if there was none.

        Raises:
            SecretsUnreadable: as `get`.
            OSError: the file cannot be written.
        """
        values = self._read()
        if values.pop(name, None) is None:
            return False
        self._write(values)
        return True

    def _read(self) -> dict[str, str]:
        try:
            fd = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise SecretsUnreadable(f"Cannot read {self._path}: {error.strerror or error}") from error
        with open(fd, "rb") as file:
            found = os.fstat(fd)
            if found.st_uid != os.getuid():
                raise SecretsUnreadable(f"{self._path} belongs to another user (uid {found.st_uid})")
            if stat.S_IMODE(found.st_mode) & 0o077:
                raise SecretsUnreadable(f"{self._path} is open to other users; run: chmod 600 {self._path}")
            data = file.read()
        try:
            values = json.loads(data)
        except ValueError:
            values = None
        if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
            raise SecretsUnreadable(f"{self._path} is damaged: it has to hold one JSON object of texts")
        return values

    def _write(self, values: dict[str, str]) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(self._path, json.dumps(values, indent=1, sort_keys=True).encode(), mode=0o600)
