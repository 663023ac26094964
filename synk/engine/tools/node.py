"""Scripts of node: its stacks, error codes, and what may help."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from synk.engine.findings import Failure, Frame
from synk.engine.modules import nearest

if TYPE_CHECKING:
    from synk.engine.evidence import Ended, Facts

_HEAD = re.compile(
    r"^(?:Uncaught )?(?P<name>(?:[A-Z]\w*\.)*[A-Z]\w*(?:Error|Exception|Warning)?)(?: \[(?P<code>[A-Z_]+)\])?: ?(?P<message>.*)$"
)
_FRAME = re.compile(
    r"^\s+at (?:(?P<function>.+?) \()?(?P<file>(?:file://)?[^()\s][^()]*?):(?P<line>\d+):(?P<column>\d+)\)?(?: \{)?$"
)
_PLACE = re.compile(r"^(?P<file>(?:file://)?/\S.*?|\S+\.[cm]?[jt]sx?):(?P<line>\d+)$")
_CODE = re.compile(r"^\s+code: '(?P<code>\w+)'", re.MULTILINE)
_FIELD = re.compile(r"^\s+(?P<key>errno|syscall|address|port|path): '?(?P<value>[^',\n]+)'?", re.MULTILINE)
_CAUSE = re.compile(r"^\s+\[cause\]: (?P<head>.+)$", re.MULTILINE)
_HEAP = re.compile(r"JavaScript heap out of memory|Reached heap limit")
_VERSION = re.compile(r"^Node\.js v\d+\.\d+", re.MULTILINE)


def result(ended: Ended) -> dict[str, Any] | None:
    """The error the script ended with; None after success."""
    if ended.is_fine:
        return None
    failure = read_stack(ended.err or ended.out)
    return {"source": "text", "error": failure.as_dict()} if failure else None


def explain(facts: Facts) -> Failure | None:
    """Heap limit, or the stack at the end of the output."""
    text = facts.own_text
    if _HEAP.search(text):
        hint = "Raise the heap limit: node --max-old-space-size=4096, or read the data in pieces."
        limit = re.search(r"--max-old-space-size=(\d+)", " ".join(facts.recognised.words if facts.recognised else ()))
        details = {"limit_mib": int(limit[1]) if limit else None, "code": facts.exit_code}
        return Failure("oom", "JavaScript heap out of memory", suggestions=(hint,), details=details)
    failure = read_stack(text)
    if failure is None:
        return None
    hints = tuple(_hints(failure, text, facts))
    return Failure(
        failure.kind, failure.message, failure.file, failure.line, failure.column, failure.frames, failure.chain, hints,
        failure.confidence, failure.details,
    )  # fmt: skip


def of_kernel(failure: Failure, facts: Facts) -> Failure:
    """An exception of a node REPL."""
    message = failure.message.partition("\nRequire stack:")[0]
    failure = replace(failure, kind="node", message=message, chain=tuple(replace(each, kind="node") for each in failure.chain))
    return replace(failure, suggestions=tuple(_hints(failure, message, facts)))


def read_stack(text: str) -> Failure | None:
    """The last stack in `text`; None without one.

    node ends a script that did not catch an error with the line of code, the stack, and its version in the last line; what a
    script only prints about an error has no version below it.
    """
    lines = text.split("\n")
    heads = [number for number, line in enumerate(lines) if _HEAD.match(line) and _has_stack(lines, number)]
    if not heads:
        return None
    at = heads[-1] if not _VERSION.search(text) else heads[0]
    head = _HEAD.match(lines[at])
    if head is None or not _ends_the_program(lines, at, text):
        return None
    end = at + 1
    message = [head["message"]]
    while end < len(lines) and not _FRAME.match(lines[end]) and lines[end].strip() and not _VERSION.match(lines[end]):
        message.append(lines[end].strip())
        end += 1
    frames = tuple(_frames(lines[end:]))
    rest = "\n".join(lines[at:])
    code = head["code"] or (found["code"] if (found := _CODE.search(rest)) else None)
    details: dict[str, Any] = {
        "type": head["name"],
        "code": code,
        **{each["key"]: each["value"] for each in _FIELD.finditer(rest)},
    }
    file, line_number = _place(lines[:at], frames)
    if file is None and (importer := _IMPORTED_FROM.search("\n".join(message))):
        file = importer["file"]
    chain = _causes(rest)
    name = f"{head['name']}: " if head["message"] else head["name"]
    required = "Require stack:"
    said = "\n".join(line for line in message if line and line != required and not line.startswith("- /"))
    return Failure("node", f"{name}{said}".strip(), file, line_number, frames=frames, chain=chain, details=details)


def _has_stack(lines: list[str], at: int) -> bool:
    return any(_FRAME.match(line) for line in lines[at + 1 : at + 12]) or any(
        _VERSION.match(line) for line in lines[at + 1 : at + 6]
    )


def _ends_the_program(lines: list[str], at: int, text: str) -> bool:
    """node's own mark of an uncaught error: its version below, or the place and the marked line above."""
    return bool(_VERSION.search(text)) or any(_PLACE.match(line) for line in lines[max(at - 8, 0) : at])


def _frames(lines: list[str]) -> Iterator[Frame]:
    """The user's own calls, outermost first; node's are left out."""
    found: list[Frame] = []
    for line in lines:
        frame = _FRAME.match(line)
        if frame is None:
            if found and line.strip() and not line.lstrip().startswith("at "):
                break
            continue
        if not frame["file"].startswith("node:"):
            found.append(Frame(frame["file"].removeprefix("file://"), int(frame["line"]), frame["function"] or ""))
    return reversed(found)


def _place(before: list[str], frames: tuple[Frame, ...]) -> tuple[str | None, int | None]:
    own = [frame for frame in frames if "/node_modules/" not in frame.file]
    if own:
        return own[-1].file, own[-1].line
    for line in reversed(before[-8:]):
        if (found := _PLACE.match(line)) and not found["file"].startswith("node:"):
            return found["file"].removeprefix("file://"), int(found["line"])
    return (frames[-1].file, frames[-1].line) if frames else (None, None)


_IMPORTED_FROM = re.compile(r" imported from (?P<file>/\S+)$", re.MULTILINE)


def _causes(text: str) -> tuple[Failure, ...]:
    return tuple(Failure("node", found["head"].strip(" {")) for found in _CAUSE.finditer(text))


def _hints(failure: Failure, text: str, facts: Facts) -> Iterator[str]:
    code, message = failure.details.get("code"), failure.message
    if missing := re.search(r"Cannot find (?:module|package) '([^']+)'", message):
        yield from _module_hints(missing[1], failure, facts)
    elif "Cannot use import statement outside a module" in text or "Unexpected token 'export'" in message:
        yield 'The file is an ES module: name it .mjs, or set "type": "module" in package.json.'
    elif "require is not defined in ES module scope" in message or code == "ERR_REQUIRE_ESM":
        yield "In an ES module use import in place of require, or name the file .cjs."
    elif code == "EADDRINUSE":
        port = failure.details.get("port")
        who = f"`ss -ltnp 'sport = :{port}'`" if port else "`ss -ltnp`"
        yield f"Another program listens on port {port or 'that port'}: {who} shows which; end it or use another port."
    elif code == "ENOENT":
        path = failure.details.get("path")
        yield f"{path or 'The file'} does not exist: check the path and the folder the command runs in."
    elif code == "EACCES":
        yield "The file or port may not be opened by this user; ports below 1024 need root."
    elif code == "ECONNREFUSED":
        yield "Nothing listens at that address: start the server first, or check host and port."
    elif code == "ERR_UNKNOWN_FILE_EXTENSION":
        yield "node does not run this kind of file by itself: for TypeScript use npx tsx FILE."
    elif undefined := re.search(r"^ReferenceError: (\w+) is not defined", message):
        near = nearest(undefined[1], re.findall(r"[A-Za-z_$][\w$]*", _source(failure.file, facts)))
        yield from (f"Did you mean {name}?" for name in (near,) if name)


def _module_hints(name: str, failure: Failure, facts: Facts) -> Iterator[str]:
    failure.details["module"] = name
    if name.startswith((".", "/")):
        folder = os.path.join(facts.cwd, os.path.dirname(name)) if name.startswith(".") else os.path.dirname(name)
        wanted = os.path.basename(name)
        near = nearest(wanted, (os.path.splitext(other)[0] for other in _listed(folder)), cutoff=0.6)
        yield (
            f"Did you mean {os.path.join(os.path.dirname(name), near)}?"
            if near
            else f"The file {name} does not exist: check its path."
        )
        return
    local = next((other for other in _listed(facts.cwd) if os.path.splitext(other)[0] == name), None)
    if local:
        yield f"{local} is in this folder: write require('./{name}') for a file of your own."
    else:
        package = "/".join(name.split("/")[: 2 if name.startswith("@") else 1])
        yield f"Install it: npm install {package}"


def _listed(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder or "."))
    except OSError:
        return []


def _source(path: str | None, facts: Facts) -> str:
    """The beginning of the script, for names that are nearly the one that is missing."""
    if not path:
        return ""
    try:
        with open(os.path.join(facts.cwd, path), encoding="utf-8", errors="replace") as file:
            return file.read(100_000)
    except OSError:
        return ""
