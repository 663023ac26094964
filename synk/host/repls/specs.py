"""What the host knows of a language: how its interpreter is started and talked to. Read from `languages/NAME.toml`."""

import logging
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from importlib import import_module
from typing import Any, Literal

log = logging.getLogger(__name__)

Kind = Literal["python", "kernel", "declared", "shell", "jupyter"]
KINDS = ("python", "kernel", "declared", "shell", "jupyter")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+.#:-]{0,63}")


class SpecError(Exception):
    """A value of a language file that cannot be used; `key` says which."""

    def __init__(self, key: str, text: str) -> None:
        super().__init__(f"{key}: {text}")
        self.key = key
        self.text = text


@dataclass(frozen=True, slots=True)
class LanguageSpec:
    """One language. Texts may contain {program}, {kernels} (our folder of kernels), {mark}, {code}, {file}, {folder}."""

    name: str
    kind: Kind
    title: str = ""
    aliases: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    """Names looked up in PATH, the first that is there; a path is taken as it is."""
    argv: tuple[str, ...] = ("{program}",)
    channel: Literal["socket", "pipes"] = "socket"
    """How a kernel of ours is reached: one socket as fd 100, or pipes as 100 (to it) and 102 (from it)."""
    key_variables: tuple[str, ...] = ()
    """Variables read at the start, shell patterns: a kernel made with other values is not given out."""
    preload: tuple[str, ...] = ()
    """Imported where installed, unless the caller says otherwise."""
    file_endings: tuple[str, ...] = ()
    install: str = ""
    """How to get it, shown when it is missing."""
    # For `declared`:
    sentinel: str = ""
    """A statement that prints {mark} on a line of its own."""
    statement: str = "{code}"
    """How a single line is sent."""
    multiline: str = ""
    """How several lines are sent: with {file}, a file they are written to, or with {code}; "" if the same way as one."""
    interrupt: str = "signal"
    """`signal` (SIGINT), or what is typed to stop a statement."""
    quit: str = ""
    """What ends it; "" if the end of its input does."""
    prompts: tuple[str, ...] = ()
    """Regular expressions of prompts, taken away at the beginnings of lines."""
    failed: str = ""
    """Regular expression of a line that says the statement failed; "" if nobody can tell."""
    stdin: Literal["pipe", "tty"] = "pipe"
    """Most programs print no prompts and echo nothing when their input is a pipe."""
    chdir: str = ""
    """Statement that enters {folder}; "" if the directory has to be right at the start."""
    setup: tuple[str, ...] = ()
    """Statements sent once, before the first cell."""

    def as_message(self) -> dict[str, Any]:
        """The file's values, for the way to the host."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}


def spec_from(values: Mapping[str, Any]) -> LanguageSpec:
    """The language that these values (a TOML file, a message) describe.

    Raises:
        SpecError: an unknown key, a value of the wrong type, or one that makes no sense.
    """
    known = {field.name: field for field in fields(LanguageSpec)}
    for key, value in values.items():
        if key not in known:
            raise SpecError(key, f"unknown; known are {', '.join(sorted(known))}")
        _check_type(key, value)
    for key in ("name", "kind"):
        if not values.get(key):
            raise SpecError(key, "missing")
    checked: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    spec = LanguageSpec(**checked)
    for key, (is_good, text) in _CHECKS.items():
        if not is_good(spec):
            raise SpecError(key, text)
    for key in ("prompts", "failed"):
        for pattern in _texts(getattr(spec, key)):
            try:
                re.compile(pattern)
            except re.error as error:
                raise SpecError(key, f"{pattern!r} is no regular expression: {error}") from error
    return spec


def read_specs(folder: str) -> dict[str, LanguageSpec]:
    """The language files of a folder by name; one that is broken is logged and left out (the client names its line)."""
    # Most hosts never start a REPL, and each module counts for how small one is (target M5).
    toml = import_module("tomllib")
    found: dict[str, LanguageSpec] = {}
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".toml"))
    except OSError:
        return found
    for name in names:
        try:
            with open(os.path.join(folder, name), "rb") as file:
                spec = spec_from(toml.load(file))
        except (OSError, ValueError, SpecError) as error:
            log.warning("%s: %s", name, error)
            continue
        found[spec.name] = spec
    return found


_CHECKS: dict[str, tuple[Callable[[LanguageSpec], bool], str]] = {
    "name": (lambda spec: bool(NAME.fullmatch(spec.name)), "letters, digits and _ + . # : - only, a letter first"),
    "kind": (lambda spec: spec.kind in KINDS, f"one of {', '.join(KINDS)}"),
    "channel": (lambda spec: spec.channel in ("socket", "pipes"), "socket or pipes"),
    "stdin": (lambda spec: spec.stdin in ("pipe", "tty"), "pipe or tty"),
    "argv": (lambda spec: bool(spec.argv), "at least the program"),
    "programs": (lambda spec: spec.kind == "jupyter" or bool(spec.programs), "at least one name"),
    "sentinel": (
        lambda spec: spec.kind != "declared" or "{mark}" in spec.sentinel,
        "a declared language needs a statement that prints {mark}",
    ),
    "multiline": (
        lambda spec: not spec.multiline or "{file}" in spec.multiline or "{code}" in spec.multiline,
        "must contain {file} or {code}",
    ),
    "statement": (lambda spec: "{code}" in spec.statement or "{file}" in spec.statement, "must contain {code} or {file}"),
    "chdir": (lambda spec: not spec.chdir or "{folder}" in spec.chdir, "must contain {folder}"),
}


def _check_type(key: str, value: object) -> None:
    default = next((field.default for field in fields(LanguageSpec) if field.name == key), "")
    if isinstance(default, tuple):
        if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
            raise SpecError(key, "must be a list of texts")
    elif not isinstance(value, str):
        raise SpecError(key, "must be a text")


def _texts(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (value,) if value else ()


def _plain(value: str | tuple[str, ...]) -> str | list[str]:
    return list(value) if isinstance(value, tuple) else value
