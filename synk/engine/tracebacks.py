"""Python tracebacks in text and from kernels: chained, grouped, cut off, syntax errors (docs.python.org, module traceback)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from synk.engine.findings import Failure, Frame

_HEADER = re.compile(r"^(?P<indent>\s*)(?:\+ )?(?:Exception Group )?Traceback \(most recent call last\):\s*$")
_FRAME = re.compile(r'^\s*File "(?P<file>[^"]+)", line (?P<line>\d+)(?:, in (?P<function>.+))?\s*$')
_LAST = re.compile(r"^(?P<type>[A-Za-z_][\w.]*)(?::(?: (?P<message>.*))?)?$")
_CARETS = re.compile(r"^\s*[~^]+\s*$")
_REPEATED = re.compile(r"^\s*\[Previous line repeated (\d+) more times?\]")
_CAUSE = "The above exception was the direct cause of the following exception:"
_CONTEXT = "During handling of the above exception, another exception occurred:"
_MEMBER = re.compile(r"^\s*\+[-+]*-{5,} (?:\d+|\.\.\.) -{5,}\s*$")
_BAR = re.compile(r"^\s*\| ?")
_SYNTAX_TYPES = ("SyntaxError", "IndentationError", "TabError")
_FOREIGN_FILE = re.compile(r"^<frozen |/(?:site|dist)-packages/|/lib/python3[\d.]*/|/runpy\.py$")
_AROUND = re.compile(r"(?:g?make(?:\[\d+\])?|npm|pnpm|yarn|ninja|\w*sh|tox|error|ERROR|INFO|WARNING|DEBUG)\b")
"""What the program around Python says afterwards, not a line of the message."""
_EXCEPTION_NAME = re.compile(r"(?:Error|Exception|Interrupt|Exit|Warning)$")
_MAX_MESSAGE_LINES = 20
_FIRST_FRAMES, _LAST_FRAMES = 10, 40
"""Of a deep recursion; what lies between says nothing more."""


@dataclass(frozen=True, slots=True)
class Found:
    """A traceback in a text."""

    failure: Failure
    end: int
    """The line behind it, from 0."""
    is_cut: bool = False
    """Its beginning is missing."""


def last_traceback(text: str) -> Found | None:
    """The last traceback in `text`, with what led to it; None if there is none."""
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines) if "Traceback (most" in line and _HEADER.match(line)]
    if not starts:
        return _syntax_alone(lines) or _cut(lines)
    first = _chain_start(lines, starts)
    links: list[tuple[Failure, str]] = []
    at, joint = first, ""
    while True:
        failure, at = _one(lines, at)
        links.append((failure, joint))
        joint, following = _joint(lines, at)
        if not joint:
            break
        at = following
    *causes, (newest, _) = links
    if causes:
        details = {**newest.details, "joint": links[-1][1]}
        newest = replace(newest, chain=(*(failure for failure, _ in reversed(causes)), *newest.chain), details=details)
    return Found(newest, at)


def of_object(told: Mapping[str, Any]) -> Failure:
    """The same from a kernel's traceback object: {type, message, frames, cause, context, group, notes, syntax}."""
    kind_of = str(told.get("type") or "Exception")
    message = str(told.get("message") or "")
    frames = tuple(
        Frame(str(frame.get("file") or ""), frame.get("line"), str(frame.get("function") or ""), str(frame.get("source") or ""))
        for frame in told.get("frames") or ()
    )
    chain: list[Failure] = [of_object(member) for member in told.get("group") or ()]
    inner = told.get("cause") or (None if told.get("is_suppressed") else told.get("context"))
    if inner:
        cause = of_object(inner)
        chain = [replace(cause, chain=()), *cause.chain, *chain]
    details: dict[str, Any] = {"type": kind_of}
    if notes := told.get("notes"):
        details["notes"] = [str(note) for note in notes]
    if told.get("cause") or told.get("context"):
        details["joint"] = "cause" if told.get("cause") else "context"
    if candidates := told.get("candidates"):
        details["candidates"] = list(candidates)
    syntax = told.get("syntax")
    if syntax:
        file = str(syntax.get("file") or (frames[-1].file if frames else "")) or None
        return Failure(
            "python_syntax", _headline(kind_of, message), file, syntax.get("line"), syntax.get("column"), frames, tuple(chain),
            details={**details, "text": str(syntax.get("text") or "")},
        )  # fmt: skip
    return _placed(Failure("python_exception", _headline(kind_of, message), frames=frames, chain=tuple(chain), details=details))


def _headline(kind_of: str, message: str) -> str:
    return f"{kind_of}: {message}" if message else kind_of


def _chain_start(lines: Sequence[str], starts: Sequence[int]) -> int:
    """Where the chain begins whose last link is the last traceback outside a group."""
    outside = [number for number in starts if not _BAR.match(lines[number])]
    if not outside:
        return starts[-1]
    at = outside[-1]
    for earlier in reversed(outside[:-1]):
        between = lines[earlier:at]
        if not any(_CAUSE in line or _CONTEXT in line for line in between):
            break
        at = earlier
    return at


def _joint(lines: Sequence[str], at: int) -> tuple[str, int]:
    """ "cause" or "context" and the line of the next traceback; "" if the chain ends here."""
    for number in range(at, min(at + 4, len(lines))):
        word = "cause" if _CAUSE in lines[number] else "context" if _CONTEXT in lines[number] else ""
        if word:
            for start in range(number + 1, min(number + 4, len(lines))):
                if _HEADER.match(_BAR.sub("", lines[start])):
                    return word, start
            return "", at
    return "", at


def _one(lines: Sequence[str], start: int) -> tuple[Failure, int]:
    """The traceback whose header is at `start`, and the line behind it."""
    if "Exception Group" in lines[start]:
        return _group(lines, start)
    frames, at = _frames(lines, start + 1)
    if at < len(lines) and (last := _LAST.match(lines[at].strip())) and not lines[at].startswith("  "):
        message, end = _message(lines, at, last)
        kind_of = last["type"]
        if kind_of in _SYNTAX_TYPES and frames:
            return _syntax(lines, at, frames, kind_of, message), end
        details = {"type": kind_of}
        return _placed(Failure("python_exception", _headline(kind_of, message), frames=frames, details=details)), end
    cut = Failure("python_exception", "A traceback without its end", frames=frames, confidence="low", details={"type": ""})
    return _placed(cut), at


def _frames(lines: Sequence[str], at: int) -> tuple[tuple[Frame, ...], int]:
    frames: list[Frame] = []
    while at < len(lines):
        line = lines[at]
        if found := _FRAME.match(line):
            indent = len(line) - len(line.lstrip())
            source = ""
            at += 1
            while at < len(lines) and not _FRAME.match(lines[at]) and len(lines[at]) - len(lines[at].lstrip()) > indent:
                if not source and not _CARETS.match(lines[at]):
                    source = lines[at].strip()
                at += 1
            frames.append(Frame(found["file"], int(found["line"]), found["function"] or "", source))
        elif _REPEATED.match(line) or _CARETS.match(line):
            at += 1
        else:
            break
    return tuple(frame for frame in frames if not frame.file.startswith("<frozen ")), at


def _message(lines: Sequence[str], at: int, last: re.Match[str]) -> tuple[str, int]:
    """The message with its further lines: indented ones, and what follows at the very end of the text."""
    parts = [last["message"] or ""]
    end = at + 1
    while end < len(lines) and len(parts) < _MAX_MESSAGE_LINES:
        line = lines[end]
        is_more = line.startswith((" ", "\t")) or (_is_tail(lines, end) and not _AROUND.match(line))
        if not line.strip() or _HEADER.match(line) or not is_more:
            break
        parts.append(line.rstrip())
        end += 1
    return "\n".join(parts).strip(), end


def _is_tail(lines: Sequence[str], at: int) -> bool:
    """From here on there are only a few lines, all of one message: nothing but a note or a second line of it."""
    rest = [line for line in lines[at:] if line.strip()]
    return len(rest) <= 3 and not any(_HEADER.match(line) or _CAUSE in line or _CONTEXT in line for line in rest)


def _syntax(lines: Sequence[str], at: int, frames: tuple[Frame, ...], kind_of: str, message: str) -> Failure:
    place = frames[-1]
    carets = lines[at - 1] if _CARETS.match(lines[at - 1]) else ""
    source_line = lines[at - 2] if carets else ""
    column = carets.index("^") - (len(source_line) - len(source_line.lstrip())) + 1 if "^" in carets else None
    kept = frames[:-1] if not place.function else frames
    details = {"type": kind_of, "text": place.source}
    return Failure("python_syntax", _headline(kind_of, message), place.file, place.line, column, kept, details=details)


def _syntax_alone(lines: Sequence[str]) -> Found | None:
    """A syntax error in the script itself: Python prints it without header."""
    for at in range(len(lines) - 1, 0, -1):
        last = _LAST.match(lines[at].strip())
        if last is None or last["type"] not in _SYNTAX_TYPES:
            continue
        for start in range(at - 1, max(at - 5, -1), -1):
            if _FRAME.match(lines[start]):
                frames, end = _frames(lines, start)
                if end == at:
                    return Found(_syntax(lines, at, frames, last["type"], last["message"] or ""), at + 1)
                break
    return None


def _cut(lines: Sequence[str]) -> Found | None:
    """Frames whose header was lost, as at the edge of what a quota left over."""
    at = 0
    while at < len(lines):
        found = _FRAME.match(lines[at])
        if found is None or found["function"] is None:
            at += 1
            continue
        # What these frames take is not looked at again: output may hold nothing but such lines.
        frames, at = _frames(lines, at)
        if at < len(lines) and (last := _LAST.match(lines[at])) and _EXCEPTION_NAME.search(last["type"]):
            message, end = _message(lines, at, last)
            failure = Failure(
                "python_exception", _headline(last["type"], message), frames=frames, confidence="low",
                details={"type": last["type"]},
            )  # fmt: skip
            return Found(_placed(failure), end, is_cut=True)
    return None


def _group(lines: Sequence[str], start: int) -> tuple[Failure, int]:
    """An exception group: lines led by bars, its members between ruled lines, each indented further."""
    indent = len(lines[start]) - len(lines[start].lstrip())
    end = start + 1
    while end < len(lines) and re.match(r"\s*[|+]", lines[end]) and len(lines[end]) - len(lines[end].lstrip()) >= indent:
        end += 1
    body = [_BAR.sub("", line) for line in lines[start + 1 : end]]
    first_member = next((number for number, line in enumerate(lines[start + 1 : end]) if _MEMBER.match(line)), len(body))
    frames, at = _frames(body[:first_member], 0)
    last = _LAST.match(body[at].strip()) if at < first_member else None
    kind_of, message = (last["type"], last["message"] or "") if last else ("ExceptionGroup", "")
    members = _members(lines[start + 1 + first_member : end])
    details = {"type": kind_of}
    headline = _headline(kind_of, message)
    return _placed(Failure("python_exception", headline, frames=frames, chain=members, details=details)), end


def _members(lines: Sequence[str]) -> tuple[Failure, ...]:
    """The exceptions between ruled lines of the outermost level."""
    ruled = [number for number, line in enumerate(lines) if _MEMBER.match(line)]
    if not ruled:
        return ()
    depth = min(_rule_column(lines[number]) for number in ruled)
    outer = [number for number in ruled if _rule_column(lines[number]) == depth]
    members: list[Failure] = []
    for start, end in zip(outer, [*outer[1:], len(lines)], strict=True):
        block = [_BAR.sub("", line) for line in lines[start + 1 : end]]
        head = next((number for number, line in enumerate(block) if _HEADER.match(line)), None)
        if head is not None:
            members.append(_one(block, head)[0])
        elif block and (last := _LAST.match(block[0].strip())):
            headline = _headline(last["type"], last["message"] or "")
            inner = _members(lines[start + 2 : end])
            members.append(Failure("python_exception", headline, chain=inner, details={"type": last["type"]}))
    return tuple(members)


def _rule_column(line: str) -> int:
    return line.rindex("+", 0, line.index("---") + 1) if "+" in line else 0


def _placed(failure: Failure) -> Failure:
    """With the place of the innermost call that is the user's own, not Python's or a package's."""
    own = [frame for frame in failure.frames if not _FOREIGN_FILE.search(frame.file)]
    place = own[-1] if own else failure.frames[-1] if failure.frames else None
    if place is None:
        return failure
    frames, details = failure.frames, failure.details
    if len(frames) > _FIRST_FRAMES + _LAST_FRAMES:
        details = {**details, "frames_left_out": len(frames) - _FIRST_FRAMES - _LAST_FRAMES}
        frames = frames[:_FIRST_FRAMES] + frames[-_LAST_FRAMES:]
    return replace(failure, file=place.file, line=place.line, frames=frames, details=details)
