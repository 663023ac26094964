"""Secrets by name: a file only the user can read; values leave it for the start of a run and nothing else."""

import json
import os
import re
import stat
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
    """Where secrets come from; the file below, or a keyring."""

    def get(self, name: str) -> str | None:
        """The value of the secret; None if there is none of that name."""


class SecretFile:
    """`secrets.json` in the configuration folder, mode 0600; read anew at each call, so that no value stays in memory for long.

    The desktop's Secret Service speaks D-Bus, which the standard library does not; a source for it can be given in place of this.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

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
            UsageError: the name is not one word, or the value is too short to be hidden in output, or holds a NUL byte.
            SecretsUnreadable: as `get`.
            OSError: the file cannot be written.
        """
        if not _NAME.match(name):
            raise UsageError(f"{name!r} is no name for a secret: letters, digits, _ . - and at most 100 of them")
        if len(value) < SHORTEST or "\0" in value:
            raise UsageError(f"The secret {name} needs at least {SHORTEST} characters and no NUL byte")
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
