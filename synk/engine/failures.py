"""Why a run failed (07-automation.md, section 10); nothing is loaded for runs that did not."""

from synk.engine.evidence import Facts
from synk.engine.findings import Failure

_NO_FAILURE = frozenset(("completed", "ready", "running", "skipped"))


def explain(facts: Facts) -> Failure | None:
    """Why it failed or what it waits for; None for a run that did neither.

    Reads a few files near the run's directory (virtual environments, a script's first line); milliseconds.
    """
    if facts.status in _NO_FAILURE:
        return None
    # 20 ms of patterns and difflib, which runs that end well do not need.
    from synk.engine.diagnosis import diagnose

    return diagnose(facts)
