"""Texts that programs hand to the window: what may be shown of them, and what may be sent back."""

import base64
import binascii
import re
import unicodedata

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# Identifiers that are echoed in an answer; nothing in them means anything to a shell or a terminal.
_ECHO = re.compile(r"[A-Za-z0-9_.+-]{1,128}")


def has_controls(text: str) -> bool:
    """True if there are control characters or line separators in it."""
    return _CONTROLS.search(text) is not None


def plain(text: str, limit_chars: int | None = None) -> str:
    """The text in one line, without controls, format and direction characters, surrogates and private characters.

    Such characters reorder, hide or imitate what the window says around them. Emoji joiners go too.
    """
    text = _CONTROLS.sub(" ", text)
    if not text.isascii():
        text = "".join([char for char in text if unicodedata.category(char) not in ("Cf", "Cs", "Co", "Cn")])
    return text if limit_chars is None else text[:limit_chars]


def is_echo_safe(text: str) -> bool:
    """True if a program's own text may stand in an answer to it: an identifier of ASCII letters, digits and `_.+-`."""
    return _ECHO.fullmatch(text) is not None


def decoded(encoded: str) -> str | None:
    """The text of base64 UTF-8 (missing padding is no error), None if it is not that."""
    try:
        data = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return data.decode("utf-8", "replace")
