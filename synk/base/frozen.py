"""What a program frozen by PyInstaller undoes before it starts others: they would load our libraries instead of theirs."""

import os
import sys
from collections.abc import MutableMapping

LIBRARY_PATH = "LD_LIBRARY_PATH"


def leave_no_traces(environment: MutableMapping[str, str] | None = None, *, is_frozen: bool | None = None) -> None:
    """Give the environment back as it was before the boot loader changed it; nothing happens in a program that is not frozen.

    It puts our folder into `LD_LIBRARY_PATH` (the old value is in `LD_LIBRARY_PATH_ORIG`), and variables `_PYI_...` for
    itself. Shells, agents and the host inherit what is left.
    """
    if not (getattr(sys, "frozen", False) if is_frozen is None else is_frozen):
        return
    variables = os.environ if environment is None else environment
    before = variables.pop(f"{LIBRARY_PATH}_ORIG", None)
    if before is not None:
        variables[LIBRARY_PATH] = before
    else:
        variables.pop(LIBRARY_PATH, None)
    for name in [name for name in variables if name.startswith("_PYI_")]:
        del variables[name]
