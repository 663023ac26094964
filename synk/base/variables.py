"""Which environment variables a session may be given; asked before anything is started, in the window and again in the host."""

import re
from collections.abc import Mapping

from synk.base.errors import UsageError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def check_variables(given: Mapping[str, str]) -> None:
    """Accept the variables, or say which one cannot be (01-pool-and-sessions.md, section 9).

    Raises:
        UsageError: a name no shell accepts, a reserved name, or a value with a NUL byte. Never shows the value.
    """
    for name, value in given.items():
        if not _NAME.match(name):
            raise UsageError(f"Variable {name} is not a valid name")
        if name.startswith("SYNK_"):
            raise UsageError(f"Variable {name} is reserved: names that start with SYNK_ are set by Synk")
        if "\0" in value:
            raise UsageError(f"Variable {name} holds a NUL byte, which no program can receive")
