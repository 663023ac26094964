"""Why a login shell did not become ready, in a sentence for the user."""

import os
import re

from synk.pty.held import HeldShell
from synk.pty.machine import WARMUP_TIMEOUT_S
from synk.pty.processes import program_of

LONGEST_LINE = 200
# CSI and OSC sequences, other escapes, and control characters: the text goes into a toast, not onto a terminal.
_CONTROLS = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def why_not_ready(held: HeldShell, *, has_ended: bool) -> str:
    """What to tell the user about a shell that printed no marker; to be asked before it is killed."""
    last = last_line(held.output.text if held.output is not None else b"")
    if has_ended:
        return f"Your shell ended before it was ready. Last output: {last}"
    program = program_of(held.pid)
    if program is not None and program != os.path.realpath(held.program):
        name, shell = os.path.basename(program), os.path.basename(held.program)
        return (
            f"Your start-up files replace {shell} by {name}, so no shell can wait ready. "
            f"Set performance.shell to {program} to start {name} directly."
        )
    return f"Your shell did not become ready in {WARMUP_TIMEOUT_S:.0f} s. Last output: {last}"


def last_line(output: bytes) -> str:
    """The last line with something to read on it, without escape sequences, at most 200 characters; "(none)" if there is none."""
    for line in reversed(re.split(r"[\r\n]+", output.decode(errors="replace"))):
        text = _CONTROLS.sub("", line).strip()
        if text:
            return text[-LONGEST_LINE:]
    return "(none)"
