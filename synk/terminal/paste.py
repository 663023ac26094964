"""Pasted and dropped text as bytes for a program: only text, and never the end of its own brackets."""

import re
from collections.abc import Iterable

from synk.terminal.modes import Modes

_END_HEADS = (b"\x1b[201", b"\xc2\x9b201")
"""What makes a following `~` the end of a bracketed paste in UTF-8, with a 7-bit and an 8-bit introducer."""

_NOT_PASTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9a\x9c-\x9f]")
"""Control characters but tab, newline, and the two that can begin an end marker."""
_INTRODUCERS = re.compile("[\x1b\x9b]")

_PLAIN_PATH = re.compile(r"[\w@%+:,./-]+")
"""No character in it means anything to a shell, at the start of a word neither."""
_QUOTED = str.maketrans({"'": "'\\''", "\\": "'\\\\'"})
"""Inside single quotes fish reads a backslash as an escape, bash and zsh do not: it goes outside, where all agree."""


def encode_paste(text: str, modes: Modes) -> bytes:
    """Pasted text: without control characters and end markers, lines ended by CR, in brackets if the program wants them.

    A marker that only comes together when characters between its parts are removed is one too.
    """
    text = _NOT_PASTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if _INTRODUCERS.search(text):
        text = _INTRODUCERS.sub("", _without_end_markers(text))
    data = text.replace("\n", "\r").encode("utf-8", "replace")
    return b"\x1b[200~" + data + b"\x1b[201~" if modes.bracketed_paste else data


def _without_end_markers(text: str) -> str:
    """One pass, whatever is nested: each `~` can only complete the marker that ends right before it."""
    first, *parts = text.encode("utf-8", "replace").split(b"~")
    kept = bytearray(first)
    for part in parts:
        head = next((head for head in _END_HEADS if kept.endswith(head)), None)
        if head is None:
            kept += b"~"
        else:
            del kept[-len(head) :]
        kept += part
    return kept.decode()


def quote_paths(paths: Iterable[str]) -> str:
    """File names as words of a shell's command line, each followed by a space so that the next word can be typed."""
    return "".join(f"{quote_path(path)} " for path in paths)


def quote_path(path: str) -> str:
    """One file name as one word for bash, zsh and fish.

    A name with control characters, or with bytes that are no UTF-8 (lone surrogates, as Python has them), cannot be
    typed as it is: it becomes `$'...'` with escapes, which bash and zsh read.
    """
    if _PLAIN_PATH.fullmatch(path) and path.isprintable():
        return path
    if path.isprintable():
        return f"'{path.translate(_QUOTED)}'"
    return "$'" + "".join(_escaped(character) for character in path) + "'"


def _escaped(character: str) -> str:
    if character in "\\'":
        return "\\" + character
    if character.isprintable():
        return character
    # Three octal digits end by themselves; after \x the next character could be read as a third digit.
    return "".join(f"\\{byte:03o}" for byte in character.encode("utf-8", "surrogateescape"))
