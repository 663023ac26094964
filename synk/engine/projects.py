"""The project a command runs in: the nearest folder around it that has `.synk` or `.git`, and the variables it asks for."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from synk.base.errors import UsageError


@dataclass(frozen=True, slots=True)
class Project:
    """A folder, and `[env]` of its `.synk/config.toml` (04-persistence.md, section 5)."""

    folder: str
    variables: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def around(cls, folder: str) -> "Project":
        """The project of this folder; outside every project the folder itself.

        Raises:
            UsageError: its file cannot be read, with the place.
        """
        current = folder
        while True:
            if os.path.exists(os.path.join(current, ".synk")) or os.path.exists(os.path.join(current, ".git")):
                return cls(current, _variables(os.path.join(current, ".synk", "config.toml")))
            parent = os.path.dirname(current)
            if parent == current:
                return cls(folder)
            current = parent


def _variables(path: str) -> Mapping[str, str]:
    try:
        with open(path, "rb") as file:
            data = file.read()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    # Only where there is a file: 8 ms.
    from synk.base.toml import TomlBroken, decode_toml

    try:
        given = decode_toml(data).values.get("env", {})
    except TomlBroken as error:
        raise UsageError(f"{path}: {error}") from error
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise UsageError(f'{path}: [env] holds texts only: NAME = "value"')
    return given
