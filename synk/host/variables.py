"""The variables a session's program starts with: names checked, the reserved ones set."""

import re
from collections.abc import Mapping

from synk.base.errors import UsageError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def session_variables(
    given: Mapping[str, str], *, session: int, project: str, agent: str, profile: str
) -> dict[str, str]:
    """What the client gave plus SYNK_SESSION, SYNK_PROJECT and SYNK_AGENT (01-pool-and-sessions.md, section 9).

    SYNK_PROFILE is set only with a profile of its own.

    Raises:
        UsageError: a name no shell accepts, a reserved name, or a value with a NUL byte; nothing is started.
    """
    for name, value in given.items():
        if not _NAME.match(name):
            raise UsageError(f"Variable {name} is not a valid name")
        if name.startswith("SYNK_"):
            raise UsageError(f"Variable {name} is reserved: names that start with SYNK_ are set by Synk")
        if "\0" in value:
            raise UsageError(f"Variable {name} holds a NUL byte, which no program can receive")
    own = {"SYNK_SESSION": str(session), "SYNK_PROJECT": project, "SYNK_AGENT": agent}
    return {**given, **own, **({"SYNK_PROFILE": profile} if profile else {})}
