"""Files `NAME.toml` of which each declares one thing (a class of commands, a language): read, mistakes named with their line."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

Thing = TypeVar("Thing")


class Misfit(Exception):
    """A value that cannot be used; `key` says where it stands."""

    def __init__(self, reason: str, *key: str | int) -> None:
        super().__init__(reason)
        self.key = key


def read_declared(
    folders: Iterable[Path], build: Callable[[Mapping[str, Any], Path], Thing]
) -> tuple[list[Thing], list[str]]:
    """What `build` makes of each `*.toml`, folder by folder and by name, and what is wrong with those that are left out.

    `build` raises Misfit, or ValueError where no place can be named. A problem reads `line 3 of lua.toml: sentinel: missing`.
    """
    found: list[Thing] = []
    problems: list[str] = []
    for path in (path for folder in folders for path in sorted(folder.glob("*.toml"))):
        try:
            found.append(_read(path, build))
        except _Wrong as wrong:
            problems.append(f"line {wrong.line} of {path.name}: {wrong}")
        except OSError as error:
            problems.append(f"{path.name}: {error.strerror or error}")
    return found, problems


class _Wrong(ValueError):
    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.line = line


def _read(path: Path, build: Callable[[Mapping[str, Any], Path], Thing]) -> Thing:
    from tomllib import loads  # not for those who find the classes read before (shipped.py)

    data = path.read_bytes()
    try:
        # The plain reader costs a third of the one that knows lines, and every `synk exec` waits for it.
        return build(loads(data.decode("utf-8")), path)
    except (ValueError, Misfit) as error:
        from synk.base.toml import TomlBroken, decode_toml  # only for the line of a mistake

        key = error.key if isinstance(error, Misfit) else ()
        try:
            line = decode_toml(data).line(key) or 1
        except TomlBroken as broken:
            raise _Wrong(broken.reason, broken.line) from error
        raise _Wrong(str(error), line) from error
