"""What a shell says when it cannot run a command: 127 not found, 126 not executable, 2 not understood."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from synk.engine.endings import command_hints
from synk.engine.findings import Failure

if TYPE_CHECKING:
    from synk.engine.evidence import Facts

_PREFIX = r"^(?:[^\s:]*/)?(?:ba|da|z|k)?sh: (?:-c: )?(?:line )?(?:\d+: )?|^[\w./-]+: (?:line )?\d+: |^zsh:\d+: "
_NOT_FOUND = re.compile(
    rf"(?:{_PREFIX})(?:(?P<name>\S+): (?:command )?not found|command not found: (?P<zsh>\S+)"
    r"|(?P<path>\S+): No such file or directory|no such file or directory: (?P<zpath>\S+))$",
    re.MULTILINE,
)
_ENV_NOT_FOUND = re.compile(
    r"^(?:\S*/)?(?:env|timeout|nohup|nice|stdbuf|setsid|time): (?:failed to run command )?"
    r"['‘\"](?P<name>[^'’\"]+)['’\"]:? No such file",
    re.MULTILINE,
)
_INTERPRETER = re.compile(r"^(?:.*: )?(?P<path>\S+): (?P<interpreter>\S+?)(?P<cr>\^M|\r)?: bad interpreter", re.MULTILINE)
_MISSING_FILE = re.compile(r"^(?:.*: )?(?P<path>\S+): cannot execute: required file not found", re.MULTILINE)
_DENIED = re.compile(
    rf"(?:{_PREFIX})(?:permission denied: (?P<zsh>\S+)|(?P<path>\S+): (?:Permission denied|Is a directory))$",
    re.MULTILINE | re.IGNORECASE,
)
_FORMAT = re.compile(r"^(?:.*: )?(?P<path>\S+): (?:cannot execute binary file|[Ee]xec format error)", re.MULTILINE)
_SYNTAX = re.compile(rf"(?:{_PREFIX})(?P<message>[Ss]yntax error.*|unexpected EOF.*|parse error.*|unmatched .*)$", re.MULTILINE)
_SYNTAX_LINE = re.compile(r"(?:line |^\S+: |^zsh:)(?P<line>\d+):", re.MULTILINE)


def explain(facts: Facts) -> Failure | None:
    """By the exit code first; the text then names the word or path."""
    text = facts.own_text
    match facts.exit_code:
        case 127:
            return _not_found(text, facts)
        case 126:
            return _not_executable(text, facts)
        case 1 | 2:
            return _syntax(text, facts)
        case _:
            return None


def _not_found(text: str, facts: Facts) -> Failure:
    if bad := _INTERPRETER.search(text) or _MISSING_FILE.search(text):
        return _interpreter(bad, facts)
    found = _ENV_NOT_FOUND.search(text)
    name = found["name"] if found else ""
    if not name and (said := list(_NOT_FOUND.finditer(text))):
        last = said[-1]
        name = last["name"] or last["zsh"] or last["path"] or last["zpath"] or ""
    if name.endswith(("\r", "\\r")):
        script = facts.recognised.words[0] if facts.recognised and facts.recognised.words else facts.program
        return _carriage_return(script, facts)
    if not name:
        return Failure("shell", f"{facts.program} ended with 127: a command was not found", details={"code": 127})
    if "/" in name:
        hint = f"{name} does not exist (the command ran in {facts.cwd})." if facts.cwd else f"{name} does not exist."
        return Failure("shell", f"{name}: no such file", name, suggestions=(hint,), details={"code": 127, "word": name})
    hints = tuple(command_hints(name, facts))
    return Failure("shell", f"{name}: command not found", suggestions=hints, details={"code": 127, "word": name})


def _not_executable(text: str, facts: Facts) -> Failure:
    if bad := _INTERPRETER.search(text):
        return _interpreter(bad, facts)
    if wrong := _FORMAT.search(text):
        path = wrong["path"]
        hint = "It was built for another processor or system, or it is a script without #! in its first line."
        return Failure("shell", f"{path} cannot be executed", path, suggestions=(hint,), details={"code": 126, "word": path})
    denied = _DENIED.search(text)
    if denied is None:
        return Failure("shell", f"{facts.program} ended with 126: a command could not be executed", details={"code": 126})
    path = denied["path"] or denied["zsh"]
    if os.path.isdir(os.path.join(facts.cwd, path)) or "is a directory" in denied[0].lower():
        hint = f"{path} is a folder: name the program in it, or use cd."
        return Failure("shell", f"{path}: is a folder", path, suggestions=(hint,), details={"code": 126, "word": path})
    hint = f"Make it executable: chmod +x {path}"
    return Failure("shell", f"{path}: permission denied", path, suggestions=(hint,), details={"code": 126, "word": path})


def _interpreter(bad: re.Match[str], facts: Facts) -> Failure:
    path = bad["path"]
    named = bad.groupdict().get("interpreter") or _first_line(os.path.join(facts.cwd, path))
    if bad.groupdict().get("cr") or named.endswith(("\r", "^M")):
        return _carriage_return(path, facts)
    hint = f"The first line of {path} names {named or 'a program'}, which is not there: install it or correct the line."
    details = {"code": facts.exit_code, "word": named}
    return Failure("shell", f"{path}: its interpreter was not found", path, 1, suggestions=(hint,), details=details)


def _first_line(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return file.readline(300).decode("utf-8", "replace").rstrip("\n").removeprefix("#!").strip(" ")
    except OSError:
        return ""


def _carriage_return(path: str, facts: Facts) -> Failure:
    hint = f"The first line of the script ends with CR LF as on Windows: sed -i 's/\\r$//' {path}"
    message = f"{path}: the name of the interpreter ends with a carriage return"
    return Failure("shell", message, path, 1, suggestions=(hint,), details={"code": facts.exit_code})


def _syntax(text: str, facts: Facts) -> Failure | None:
    found = _SYNTAX.search(text)
    if found is None or (facts.exit_code == 1 and "zsh" not in found[0]):
        return None
    line = _SYNTAX_LINE.search(found[0])
    file = re.match(r"(?:.*/)?([\w.-]+\.\w+): ", found[0])
    is_open = re.search("EOF|unmatched|end of file", found["message"])
    hint = "A quote, bracket or block is not closed." if is_open else "Quote what the shell shall not read as its own signs."
    return Failure(
        "shell", found["message"].strip(), file[0][:-2] if file else None, int(line["line"]) if line else None,
        suggestions=(hint,), details={"code": facts.exit_code},
    )  # fmt: skip
