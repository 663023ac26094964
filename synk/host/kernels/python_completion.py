"""Names that begin like what was typed at a prompt: of the namespace, of builtins and keywords, or of an object's attributes."""

from __future__ import annotations

import builtins
import keyword
import re
from typing import Any

DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*\.?\Z")
MAX_NAMES = 500


def complete(text: str, namespace: dict[str, Any]) -> list[str]:
    """All that `text` (a name, maybe with dots) can become, sorted; names that begin with `_` only if `text` asks for them.

    Only names and attributes are looked up, nothing is called, though an attribute may be a property.
    """
    if text and not DOTTED.match(text):
        return []
    head, dot, begun = text.rpartition(".")
    try:
        names = _attributes(head, namespace) if dot else {*namespace, *dir(builtins), *keyword.kwlist}
    except KeyboardInterrupt:
        raise
    except BaseException:  # a property may raise anything
        return []
    found = sorted(name for name in names if isinstance(name, str) and name.startswith(begun))
    if not begun.startswith("_"):
        found = [name for name in found if not name.startswith("_")]
    return [f"{head}{dot}{name}" for name in found[:MAX_NAMES]]


def _attributes(path: str, namespace: dict[str, Any]) -> set[str]:
    first, *others = path.split(".")
    value = namespace[first] if first in namespace else getattr(builtins, first)
    for name in others:
        value = getattr(value, name)
    return {*dir(value)}
