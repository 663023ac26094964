"""The variables a session's program starts with: names checked, the reserved ones set."""

from collections.abc import Mapping

from synk.base.variables import check_variables


def session_variables(
    given: Mapping[str, str], *, session: int, project: str, agent: str, profile: str
) -> dict[str, str]:
    """What the client gave plus SYNK_SESSION, SYNK_PROJECT and SYNK_AGENT (01-pool-and-sessions.md, section 9).

    SYNK_PROFILE is set only with a profile of its own.

    Raises:
        UsageError: a name no shell accepts, a reserved name, or a value with a NUL byte; nothing is started.
    """
    check_variables(given)
    own = {"SYNK_SESSION": str(session), "SYNK_PROJECT": project, "SYNK_AGENT": agent}
    return {**given, **own, **({"SYNK_PROFILE": profile} if profile else {})}
