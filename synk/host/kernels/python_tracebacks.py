"""An exception of user code as JSON: type, message, frames without ours, cause, context, notes, groups, place of bad syntax."""

from __future__ import annotations

import linecache
import os
import traceback
from types import CodeType, TracebackType
from typing import Any

from synk.host.kernels.python_values import Encoded, type_name

FOLDER = os.path.dirname(os.path.abspath(__file__))
MAX_FRAMES = 50
"""The outermost and the innermost half; a recursion error has a thousand frames that say the same."""
MAX_LINKS = 20
"""Exceptions in one chain or group."""
MAX_MESSAGE = 10_000
MAX_TEXT = 100_000
MAX_SOURCE = 500
"""Characters of a line of source; generated code may have a megabyte in one."""


def describe(error: BaseException) -> Encoded:
    """The traceback object. Raises nothing but KeyboardInterrupt, whatever the exception's own methods do."""
    try:
        found = _describe(error, set())
        found["text"] = text_of(error)[:MAX_TEXT]
    except KeyboardInterrupt:
        raise
    except BaseException as problem:
        name = type_name(error)
        text = f"{name} (not described: {type(problem).__name__})\n"
        return {"type": name, "message": "", "frames": [], "cause": None, "context": None, "text": text}
    return found


def text_of(error: BaseException) -> str:
    """What the interpreter would print, without our frames."""
    try:
        formatter = traceback.TracebackException(type(error), error, _user_frames(error.__traceback__), compact=True)
    except TypeError:  # before Python 3.10
        formatter = traceback.TracebackException(type(error), error, _user_frames(error.__traceback__))
    except KeyboardInterrupt:
        raise
    except BaseException:
        return f"{type_name(error)}: {message_of(error)}\n"
    # Ctrl+C is raised in our own handler: that frame is the last one.
    formatter.stack[:] = [frame for frame in formatter.stack if os.path.dirname(frame.filename) != FOLDER]
    try:
        return "".join(formatter.format())
    except KeyboardInterrupt:
        raise
    except BaseException:
        return f"{type_name(error)}: {message_of(error)}\n"


def message_of(error: BaseException) -> str:
    """`str(error)`, whatever it does."""
    try:
        text = str(error)[:MAX_MESSAGE]
    except KeyboardInterrupt:
        raise
    except BaseException as problem:
        return f"<message could not be made: {type(problem).__name__}>"
    return text


def _describe(error: BaseException, seen: set[int]) -> Encoded:
    seen.add(id(error))
    found: Encoded = {
        "type": type_name(error),
        "message": message_of(error),
        "frames": _frames(error.__traceback__),
        "cause": _linked(error.__cause__, seen),
        "context": _linked(error.__context__, seen),
        "is_suppressed": error.__suppress_context__,
        "notes": _notes(error),
        "group": _group(error, seen),
        "syntax": _syntax(error) if isinstance(error, SyntaxError) else None,
    }
    if isinstance(error, (NameError, AttributeError)) and isinstance(getattr(error, "name", None), str):
        found["name"] = getattr(error, "name", None)
    if isinstance(error, ImportError) and isinstance(error.name, str):
        found["name"] = error.name
    candidates = _candidates(error)
    if candidates:
        found["candidates"] = candidates
    return found


def _linked(error: BaseException | None, seen: set[int]) -> Encoded | None:
    if error is None or id(error) in seen or len(seen) >= MAX_LINKS:
        return None
    return _describe(error, seen)


def _group(error: BaseException, seen: set[int]) -> list[Encoded]:
    members = getattr(error, "exceptions", None)
    if not isinstance(members, tuple):
        return []
    found = [_linked(member, seen) for member in members if isinstance(member, BaseException)]
    return [member for member in found if member is not None]


def _notes(error: BaseException) -> list[str]:
    notes = getattr(error, "__notes__", None)
    return [note[:MAX_MESSAGE] for note in notes if isinstance(note, str)] if isinstance(notes, list) else []


def _syntax(error: SyntaxError) -> Encoded:
    text = error.text if isinstance(error.text, str) else None
    return {
        "file": error.filename,
        "line": error.lineno,
        "column": error.offset,
        "end_line": getattr(error, "end_lineno", None),
        "end_column": getattr(error, "end_offset", None),
        "text": None if text is None else text.rstrip("\n")[:MAX_SOURCE],
    }


def _candidates(error: BaseException) -> list[str]:
    """Names that were there instead: of the innermost frame, of the object, or keys of the mapping."""
    try:
        names: Any = ()
        if isinstance(error, NameError) and error.__traceback__ is not None:
            last = error.__traceback__
            while last.tb_next is not None:
                last = last.tb_next
            names = [*last.tb_frame.f_locals, *last.tb_frame.f_globals]
        elif isinstance(error, AttributeError) and getattr(error, "obj", None) is not None:
            names = dir(getattr(error, "obj", None))
        found = [name for name in dict.fromkeys(names) if isinstance(name, str) and not name.startswith("__")]
    except KeyboardInterrupt:
        raise
    except BaseException:
        return []
    import difflib  # 2 ms that only an error pays

    return difflib.get_close_matches(str(getattr(error, "name", "")), found[:2000], n=3, cutoff=0.6)


def _user_frames(tracebacks: TracebackType | None) -> TracebackType | None:
    """The traceback from the first frame that is not of the kernel."""
    while tracebacks is not None and _is_ours(tracebacks.tb_frame.f_code):
        tracebacks = tracebacks.tb_next
    return tracebacks


def _frames(tracebacks: TracebackType | None) -> list[Encoded]:
    places: list[tuple[CodeType, int]] = []
    while tracebacks is not None:
        if not _is_ours(tracebacks.tb_frame.f_code):
            places.append((tracebacks.tb_frame.f_code, tracebacks.tb_lineno))
        tracebacks = tracebacks.tb_next
    left_out = len(places) - MAX_FRAMES
    if left_out > 0:
        places = places[: MAX_FRAMES // 2] + places[-MAX_FRAMES // 2 :]
    found: list[Encoded] = [
        {
            "file": code.co_filename,
            "line": line,
            "function": getattr(code, "co_qualname", code.co_name),
            "source": linecache.getline(code.co_filename, line).strip()[:MAX_SOURCE] if line else "",
        }
        for code, line in places
    ]
    if left_out > 0:
        found[MAX_FRAMES // 2]["left_out"] = left_out
    return found


def _is_ours(code: CodeType) -> bool:
    return os.path.dirname(code.co_filename) == FOLDER
