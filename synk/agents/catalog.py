"""The agents Synk knows: one TOML file each, shipped ones and the user's own, merged key by key."""

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from synk.base.toml import TomlBroken, TomlDocument, TomlPath, decode_toml

TERMINAL = "terminal"
"""Id of the agent that is a plain shell."""

ID = re.compile(r"[a-z][a-z0-9_-]*")
PLACEHOLDER = re.compile(r"\{[a-z_]+\}")
VARIABLE = re.compile(r"(?!SYNK_)[A-Za-z_][A-Za-z0-9_]*")
"""As sessions accept them (01-pool-and-sessions.md, section 9)."""


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _is_variable(value: str) -> str:
    if not VARIABLE.fullmatch(value):
        raise PydanticCustomError("variable", "is not a valid name of a variable")
    return value


Texts = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]
VariableName = Annotated[str, AfterValidator(_is_variable)]


class _Table(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class Detect(_Table):
    """How an agent is found on this machine."""

    executables: Texts = ()
    """Names looked for on PATH, or paths; the first one found is the agent."""


class Launch(_Table):
    """How an agent is started."""

    argv: Texts = ()
    """Arguments always passed, after the executable."""
    env: dict[VariableName, str] = Field(default_factory=dict)
    """Variables set in its environment."""
    unset: Annotated[tuple[VariableName, ...], BeforeValidator(_as_tuple)] = ()
    """Variables removed from it: markers that another agent leaves in its children."""
    repl: str = ""
    """A language of the engine: the pane is the prompt of one of its warm interpreters, and `argv` is not used."""

    @model_validator(mode="after")
    def _placeholders_are_known(self) -> Self:
        for argument in self.argv:
            if match := PLACEHOLDER.search(argument):
                raise PydanticCustomError("placeholder", "{text}", {"text": f"argv: unknown placeholder {match[0]}"})
        return self


class Agent(_Table):
    """One entry of the catalog (06-agents.md, section 1)."""

    # `schema` is the name of the key in the file; pydantic's own method of that name is deprecated.
    schema_version: Literal[1] = Field(alias="schema")
    id: str
    """The file's name without `.toml`."""
    name: str = Field(min_length=1, max_length=40)
    badge: str = Field(min_length=1, max_length=2)
    color: Literal["grey", "blue", "green", "orange", "red", "purple"] = "grey"
    """Color token of the badge."""
    order: int = 1000
    """Place in menus, small numbers first."""
    install: str = ""
    """The command that installs it: shown and copied, never run."""
    detect: Detect = Detect()
    launch: Launch = Launch()

    @property
    def is_shell(self) -> bool:
        """True if it is a plain shell: there is no executable to look for."""
        return not self.detect.executables

    def find_executable(self, path: str) -> str | None:
        """The first of its executables found on `path` (a PATH value); None if there is none. Looks at the disk."""
        for name in self.detect.executables:
            if found := shutil.which(os.path.expanduser(name), path=path):
                return found
        return None


@dataclass(frozen=True, slots=True)
class Catalog:
    """All agents that can be offered, and what is wrong with the files of the others."""

    agents: tuple[Agent, ...]
    """By `order`, then name."""
    problems: tuple[str, ...] = ()
    """One sentence or two each, with file and line, and what is used instead."""

    def get(self, agent_id: str) -> Agent | None:
        """The agent of this id, None if there is none."""
        return next((agent for agent in self.agents if agent.id == agent_id), None)


Signature = frozenset[tuple[str, int, int, int]]


class CatalogReader:
    """Reads the catalog, and again when a file of the user changed. Waits for the disk: not on the GUI thread."""

    def __init__(self, shipped: Path, user: Path | None) -> None:
        """`shipped` and `user` are folders of TOML files; `user` may be missing, and is None with `synk --safe`."""
        self._shipped = shipped
        self._user = user
        self._signature: Signature | None = None

    def read(self) -> Catalog:
        """All entries as the files are now. Never raises: a bad file becomes a problem."""
        self._signature = self._look()
        shipped = dict(_files(self._shipped))
        own = dict(_files(self._user))
        problems: list[str] = []
        agents: list[Agent] = []
        for name in {**shipped, **own}:
            agent = _entry(name, shipped.get(name), own.get(name), problems)
            if agent is not None:
                agents.append(agent)
        return Catalog(tuple(sorted(agents, key=lambda agent: (agent.order, agent.name))), tuple(problems))

    def poll(self) -> Catalog | None:
        """The catalog if one of the user's files changed since it was last read, else None."""
        return None if self._look() == self._signature else self.read()

    def _look(self) -> Signature:
        return frozenset(
            (path.name, found.st_ino, found.st_size, found.st_mtime_ns)
            for _, path in _files(self._user)
            if (found := _stat(path)) is not None
        )


class _Refused(Exception):
    """An entry that cannot be used; the text names file and line."""


def _entry(name: str, shipped: Path | None, own: Path | None, problems: list[str]) -> Agent | None:
    """The user's entry on top of the shipped one; without the user's file if that is no good."""
    base: dict[str, Any] = {}
    instead = "The agent is left out."
    agent: Agent | None = None
    for path in filter(None, (shipped, own)):
        try:
            document = _document(path)
            base = _merged(base, document.values)
            agent = _checked(name, path, base, document)
            instead = "The shipped entry is used."
        except _Refused as error:
            problems.append(f"{error}. {instead}")
    return agent


def _document(path: Path) -> TomlDocument:
    try:
        return decode_toml(path.read_bytes())
    except TomlBroken as error:
        raise _Refused(f"agents/{path.name} line {error.line}, column {error.column}: {error.reason}") from error
    except OSError as error:
        raise _Refused(f"agents/{path.name}: {error.strerror or error}") from error


def _checked(name: str, path: Path, values: dict[str, Any], document: TomlDocument) -> Agent:
    if not ID.fullmatch(name):
        raise _Refused(f"agents/{path.name}: the name of the file is the agent's id: small letters, digits, - and _")
    values = {"id": name, "schema": 1, **values}
    if values["id"] != name:
        raise _Refused(_place(path, document, ("id",)) + f"id: has to be the name of the file, '{name}', not {values['id']!r}")
    try:
        return Agent.model_validate(values)
    except ValidationError as error:
        details = error.errors(include_url=False)[0]
        raise _Refused(_place(path, document, details["loc"]) + _worded(details)) from error


def _place(path: Path, document: TomlDocument, key: TomlPath) -> str:
    line = document.line(key)
    return f"agents/{path.name}{'' if line is None else f' line {line}'}: "


def _worded(error: ErrorDetails) -> str:
    key = ".".join(str(part) for part in error["loc"] if part != "[key]")
    match error["type"]:
        case "extra_forbidden":
            return f"unknown key {key}"
        case "missing":
            return f"{key} is missing"
        case "placeholder":
            return f"{key}.{error['msg']}"
        case "variable":
            return f"{key}: {error['input']!r} {error['msg']}"
        case _:
            wanted = error["msg"].removeprefix("Input should be ").removeprefix("a valid ")
            return f"{key}: has to be {wanted}, not {error['input']!r}"


def _merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in own.items():
        below = result.get(key)
        result[key] = _merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return result


def _files(folder: Path | None) -> Iterator[tuple[str, Path]]:
    if folder is None:
        return
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in names:
        if name.endswith(".toml") and not name.startswith("."):
            yield name.removesuffix(".toml"), folder / name


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None
