"""Python scripts: the traceback as result and as failure, with what may help."""

from __future__ import annotations

import builtins
import keyword
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synk.engine.findings import Failure
from synk.engine.modules import PACKAGES, SYSTEM_PACKAGES, environment_with, hides, nearest, nearest_module, package_of
from synk.engine.tracebacks import Found, last_traceback, of_object

if TYPE_CHECKING:
    from synk.engine.evidence import Ended, Facts

_NO_MODULE = re.compile(r"No module named '?(?P<name>[\w.]+)'?(?P<not_package>; '?[\w.]+'? is not a package)?")
_BARE_NO_MODULE = re.compile(r"^\S*python[\d.]*: No module named '?(?P<name>[\w.]+)", re.MULTILINE)
_NO_NAME = re.compile(r"name '(?P<name>\w+)' is not defined")
_NO_ATTRIBUTE = re.compile(r"(?:'(?P<owner>[\w.]+)' object|module .*|type object .*) has no attribute '(?P<name>\w+)'")
_CANNOT_IMPORT = re.compile(r"cannot import name '(?P<name>\w+)' from (?:partially initialized module )?'(?P<module>[\w.]+)'")
_DID_YOU_MEAN = re.compile(r"Did you mean: '?(?P<name>[^'?]+)'?\?")
_NO_FILE = re.compile(r"\[Errno 2\] No such file or directory: (?P<path>'[^']*'|\"[^\"]*\")")
_INCOMPLETE = re.compile(
    r"was never closed|unexpected EOF|unterminated triple-quoted|expected an indented block|incomplete input"
)
_NO_SCRIPT = re.compile(
    r"^\S*python[\d.]*: can't open file '(?P<path>[^']+)': \[Errno (?P<number>\d+)\] (?P<reason>.+)$", re.MULTILINE
)
_TAIL_LINES = 3
_NOISE = re.compile(r"\s|Exception ignored|sys:1:|g?make|\[|npm |\S+: ")
"""What else ends a program that failed: messages at exit, what the program around it says."""


def result(ended: Ended) -> dict[str, Any] | None:
    """The traceback the script ended with; None after success."""
    if ended.exit_code not in (1, 130):
        return None
    found = final_traceback(ended.err or ended.out)
    return {"source": "text", "traceback": found.failure.as_dict()} if found else None


def explain(facts: Facts) -> Failure | None:
    """A traceback at the end of the program's own output, or Python's complaint about what it was started with."""
    text = facts.own_text
    # Python ends with 1 after an exception; what a program printed before it asked for another code was not its end.
    if facts.exit_code in (1, 130, None) and (found := final_traceback(text)):
        return with_hints(found.failure, facts)
    if missing := _NO_SCRIPT.search(text):
        return _no_script(missing, facts)
    if (bare := _BARE_NO_MODULE.search(text)) and bare["name"]:
        message = f"No module named {bare['name']}"
        return with_hints(Failure("python_exception", message, details={"type": "ModuleNotFoundError"}), facts)
    return None


def final_traceback(text: str) -> Found | None:
    """The traceback that ends the text; None if the program printed on as if nothing had happened."""
    found = last_traceback(text)
    if found is None:
        return None
    rest = [line for line in text.split("\n")[found.end :] if line.strip()]
    return found if len(rest) <= _TAIL_LINES or all(_NOISE.match(line) for line in rest) else None


def of_kernel(facts: Facts) -> Failure | None:
    """The traceback object of a REPL."""
    if facts.traceback is None:
        return None
    return with_hints(of_object(facts.traceback), facts)


def with_hints(failure: Failure, facts: Facts) -> Failure:
    """The failure with its kind made exact and what may help; a package to install, a nearer name."""
    kind_of = str(failure.details.get("type", "")).rpartition(".")[2]
    message = failure.message
    if failure.kind == "python_syntax":
        hints = tuple(_syntax_hints(message))
        return replace(failure, suggestions=hints)
    if kind_of in ("ModuleNotFoundError", "ImportError") and (missing := _NO_MODULE.search(message)):
        return _module_missing(failure, missing, facts)
    if kind_of == "ImportError" and (found := _CANNOT_IMPORT.search(message)):
        return replace(failure, kind="module_not_found", suggestions=tuple(_import_hints(found, message, facts)))
    if kind_of in ("NameError", "UnboundLocalError") and (name := _NO_NAME.search(message)):
        return replace(failure, kind="name", suggestions=tuple(_name_hints(name["name"], failure)))
    if kind_of == "AttributeError":
        return replace(failure, kind="attribute", suggestions=tuple(_attribute_hints(failure, facts)))
    if kind_of == "KeyError":
        return replace(failure, kind="key", suggestions=tuple(_candidates(failure, message.partition(": ")[2].strip("'\""))))
    if kind_of in ("MemoryError", "_ArrayMemoryError"):
        return replace(failure, kind="oom", suggestions=_memory_hints(facts))
    return replace(failure, suggestions=tuple(_other_hints(kind_of, message, facts)))


def _module_missing(failure: Failure, missing: re.Match[str], facts: Facts) -> Failure:
    module = missing["name"]
    top = module.partition(".")[0]
    folder = Path(facts.cwd or ".")
    hints: list[str] = []
    package = package_of(module)
    if missing["not_package"] and (hiding := hides(folder, top)):
        hints.append(f"The file {hiding.name} in this folder hides the package {top}: rename it.")
    elif top in SYSTEM_PACKAGES:
        hints.append(f"{top} is a part of Python that comes separately: apt install {SYSTEM_PACKAGES[top]}.")
    elif elsewhere := _environment(module, facts):
        python = elsewhere / "bin" / "python"
        hints.append(f"{top} is installed in {elsewhere}, but another Python was run: use {python}.")
    elif top in sys.stdlib_module_names:
        hints.append(f"{top} belongs to Python's standard library: this Python is too old, too new, or incomplete for {module}.")
    else:
        meant = nearest_module(module)
        if meant:
            hints.append(f"Did you mean {meant}?")
        if not meant or top in PACKAGES:
            hints.append(f"Install it: python -m pip install {package}")
    details = {**failure.details, "module": module, "package": package}
    return replace(failure, kind="module_not_found", suggestions=tuple(hints), details=details)


def _environment(module: str, facts: Facts) -> Path | None:
    """A virtual environment near by that has the module and is not the one in use."""
    folder = Path(facts.cwd) if facts.cwd else None
    near = [folder / name for name in (".venv", "venv", "env")] if folder else []
    if own := facts.variables.get("VIRTUAL_ENV"):
        near.append(Path(own))
    used = facts.variables.get("PATH", "").partition(":")[0]
    return environment_with(module, (env for env in near if str(env / "bin") != used and env.is_dir()))


def _import_hints(found: re.Match[str], message: str, facts: Facts) -> Iterator[str]:
    top = found["module"].partition(".")[0]
    hiding = hides(Path(facts.cwd or "."), top)
    if hiding and (top in sys.stdlib_module_names or top in PACKAGES):
        yield f"The file {hiding.name} in this folder hides the module {top}: rename it."
    elif "partially initialized" in message or "circular import" in message:
        yield f"{found['module']} is imported while it is itself being imported: move one of the two imports into a function."
    elif meant := _DID_YOU_MEAN.search(message):
        yield f"Did you mean {meant['name']}?"
    else:
        yield f"{found['module']} has no {found['name']}: its version may be another one than the code was written for."


def _name_hints(name: str, failure: Failure) -> Iterator[str]:
    if meant := _DID_YOU_MEAN.search(failure.message):
        yield f"Did you mean {meant['name']}?"
        return
    if name in sys.stdlib_module_names:
        yield f"The module is not imported: add `import {name}`."
        return
    candidates = [*failure.details.get("candidates", ()), *dir(builtins), *keyword.kwlist]
    if near := nearest(name, candidates):
        yield f"Did you mean {near}?"


def _attribute_hints(failure: Failure, facts: Facts) -> Iterator[str]:
    message = failure.message
    if meant := _DID_YOU_MEAN.search(message):
        yield f"Did you mean {meant['name']}?"
    found = _NO_ATTRIBUTE.search(message)
    module = re.search(r"module '([\w.]+)' has no attribute", message)
    hiding = hides(Path(facts.cwd or "."), module[1]) if module else None
    if module and hiding and (module[1] in sys.stdlib_module_names or package_of(module[1]) != module[1]):
        yield f"The file {hiding.name} in this folder hides the module {module[1]}: rename it."
    elif "partially initialized module" in message:
        yield "The module is imported while it is itself being imported: move one of the two imports into a function."
    elif found and found["owner"] == "NoneType":
        yield "The value is None: what was expected to give an object gave none."
    elif found and not meant:
        yield from _candidates(failure, found["name"])


def _candidates(failure: Failure, name: str) -> Iterator[str]:
    if near := nearest(name, map(str, failure.details.get("candidates", ())), cutoff=0.6):
        yield f"Did you mean {near}?"


def _syntax_hints(message: str) -> Iterator[str]:
    if _INCOMPLETE.search(message):
        yield "The block is not complete: send all of it at once, with every bracket and quote closed."
    elif "Missing parentheses in call to 'print'" in message:
        yield "This is Python 2 code: print needs parentheses."
    elif "inconsistent use of tabs" in message or "unindent does not match" in message:
        yield "Indent with spaces only: tabs and spaces are mixed."


def _other_hints(kind_of: str, message: str, facts: Facts) -> Iterator[str]:
    if kind_of == "FileNotFoundError" and (missing := _NO_FILE.search(message)):
        path = missing["path"][1:-1]
        where = f" (the command ran in {facts.cwd})" if facts.cwd and not path.startswith("/") else ""
        yield f"{path} does not exist{where}: check the path."
    elif kind_of == "RecursionError":
        yield "A function calls itself without end: the frames show which."
    elif kind_of == "UnicodeDecodeError":
        yield "The file is not in the encoding it was opened with: name the right one, open(path, encoding=...)."
    elif kind_of == "EOFError" and "EOF when reading a line" in message:
        yield "The program asks for input and there is none: run it with tty=both or give it stdin."
    elif kind_of == "ConnectionRefusedError":
        yield "Nothing listens at that address: start the server first, or check host and port."
    elif kind_of == "OSError" and "Address already in use" in message:
        yield "Another program uses that port: `ss -ltnp` shows which."


def _memory_hints(facts: Facts) -> tuple[str, ...]:
    limit = facts.limits.get("memory_bytes")
    what = f"Raise the memory limit (now {int(limit) / 2**20:,.0f} MiB)" if limit else "Give it more memory"
    return (f"{what}, or read the data in pieces.",)


def _no_script(missing: re.Match[str], facts: Facts) -> Failure:
    path = missing["path"]
    hints = [f"{path} does not exist: check the name and the folder the command runs in."]
    folder = Path(path).parent if Path(path).is_absolute() else Path(facts.cwd or ".") / Path(path).parent
    others = [file.name for file in folder.glob("*.py")] if folder.is_dir() else []
    if missing["number"] == "2" and (near := nearest(Path(path).name, others)):
        hints.append(f"Did you mean {near}?")
    if missing["number"] != "2":
        hints = [f"{path}: {missing['reason']}."]
    message = f"Python cannot open {path}: {missing['reason']}"
    return Failure("shell", message, path, suggestions=tuple(hints), details={"path": path})
