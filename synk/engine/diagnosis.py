"""Finds the reason of a failure: how it ended first, then structure, text last and only of the program that wrote it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from synk.engine import endings
from synk.engine.evidence import Explain, Facts
from synk.engine.findings import Failure
from synk.engine.readers import reader
from synk.engine.tools import python, shell
from synk.engine.tools.generic import LAST_LINES, last_lines
from synk.engine.tracebacks import of_object

READERS: Mapping[str, str] = {
    "apt": "apt.explain",
    "builds": "builds.explain",
    "containers": "containers.explain",
    "deploy": "deploy.explain",
    "download": "download.explain",
    "git": "git.explain",
    "native": "native.explain",
    "node": "node.explain",
    "npm": "npm.explain",
    "pip": "pip.explain",
    "pytest": "pytest.explain",
    "python": "python.explain",
    "r": "r.explain",
    "rust": "cargo.explain",
    "server": "server.explain",
}
"""By the word `failure` of a class: an Explain in `tools/`."""
KERNELS: Mapping[str, str] = {"R": "r.of_kernel", "node": "node.of_kernel"}
"""By the language of a REPL; the others throw as Python does."""

PRINTERS = frozenset((
    "cat", "bat", "tac", "head", "tail", "less", "more", "grep", "egrep", "fgrep", "rg", "ag", "ack", "zgrep", "sed", "awk",
    "echo", "printf", "tee", "cut", "sort", "uniq", "jq", "yq", "xxd", "strings", "journalctl", "dmesg", "zcat", "xzcat", "nl",
    "column", "fold", "tr", "git", "curl", "wget", "docker", "podman", "kubectl", "gh", "ssh", "find", "ls", "test", "[", "[[",
    "false", "true", "exit", "cd", "set", "export", "sleep", "kill", "read", "diff", "gawk",
    "gcc", "g++", "cc", "rustc", "go", "node", "java", "perl", "ruby",
))  # fmt: skip
"""What they print is somebody else's text, or they are known to be no Python."""
_SHOWING = frozenset(("cat", "bat", "tail", "head", "echo", "printf", "grep", "rg", "sed", "awk", "journalctl", "jq", "git"))
"""Of these the ones that show files and texts: what stands behind them on one terminal may be theirs."""

CODES: Mapping[int, str] = {
    2: "wrong arguments, or a problem it does not name further",
    124: "a limit given to `timeout` was reached",
    126: "a command could not be executed",
    127: "a command was not found",
    130: "it was interrupted (SIGINT)",
    137: "it was killed (SIGKILL), often for lack of memory",
    143: "it was asked to end (SIGTERM)",
}
"""Of any program; a class may know better."""
_LOST: Mapping[str, str] = {
    "host_lost": "the background process of Synk ended while it ran; its exit status is unknown",
    "control_lost": "the program closed the connection by which it is controlled",
    "shell_exited": "the shell of the session ended",
}


def diagnose(facts: Facts) -> Failure:
    """Why it failed; at the least its exit code and last lines."""
    if facts.status == "awaiting_input":
        return endings.waits(facts)
    return _by_ending(facts) or _by_structure(facts) or _by_text(facts) or _by_code(facts)


def _by_ending(facts: Facts) -> Failure | None:
    if facts.status == "not_started":
        return endings.cannot_start(facts)
    if facts.status == "timeout":
        return endings.timed_out(facts)
    if facts.reason == "oom":
        return endings.out_of_memory(facts)
    if facts.reason in ("limit_cpu", "limit_file"):
        return endings.by_signal(facts, "SIGXCPU" if facts.reason == "limit_cpu" else "SIGXFSZ")
    if facts.reason in _LOST:
        return Failure("lost", f"{facts.program}: {_LOST[facts.reason]}", details={"reason": facts.reason})
    return None


def _by_structure(facts: Facts) -> Failure | None:
    if failure := _of_kernel(facts):
        return failure
    if facts.status in ("killed", "interrupted"):
        return endings.stopped(facts)
    if not facts.signal:
        return None
    return _out_of_heap(facts) or endings.by_signal(facts, facts.signal)


def _of_kernel(facts: Facts) -> Failure | None:
    """The exception a cell ended with, in the words of its language."""
    if facts.traceback is None or facts.language not in KERNELS:
        return python.of_kernel(facts)
    of_kernel: Callable[[Failure, Facts], Failure] = reader(KERNELS[facts.language])
    return of_kernel(of_object(facts.traceback), facts)


def _out_of_heap(facts: Facts) -> Failure | None:
    """node aborts when its heap is full, and says so before."""
    is_node = not {"node", "npm", "builds", "server"}.isdisjoint(_reader_names(facts))
    read: Explain = reader(READERS["node"])
    return read(facts) if is_node and "JavaScript heap out of memory" in facts.own_text else None


def _by_text(facts: Facts) -> Failure | None:
    """The reader of each class in the line; then the shell; then a traceback of a program that may be Python."""
    for name in _reader_names(facts):
        read: Explain | None = reader(READERS[name]) if name in READERS else None
        if read is not None and (failure := read(facts)):
            return _with_cut(failure, facts)
    if failure := shell.explain(facts):
        return failure
    if (name := endings.signal_of_code(facts.exit_code) or "") and not facts.runs("git"):
        return _out_of_heap(facts) or endings.by_signal(facts, name)
    return _foreign_python(facts)


def _reader_names(facts: Facts) -> Iterator[str]:
    if facts.recognised is not None:
        yield from dict.fromkeys(part.cls.failure for part in reversed(facts.recognised.parts))


def _foreign_python(facts: Facts) -> Failure | None:
    """A traceback that ends the output of a program which is not known to be something else."""
    if facts.exit_code not in (1, 2) or facts.recognised is None:
        return None
    names = {part.program for part in facts.recognised.parts}
    if not names - PRINTERS or (not facts.err_tail and names & _SHOWING):
        return None
    found = python.final_traceback(facts.own_text)
    if found is None or (found.is_cut and not facts.is_cut):
        return None
    return _with_cut(python.with_hints(found.failure, facts), facts)


def _with_cut(failure: Failure, facts: Facts) -> Failure:
    return replace(failure, confidence="low") if facts.is_cut else failure


def _by_code(facts: Facts) -> Failure:
    """Nothing recognised: the exit code with its name, and the last lines."""
    code = facts.exit_code
    meaning = _meaning(facts, code)
    ended = f"{facts.program} ended with exit code {code}" if code is not None else f"{facts.program} did not end well"
    details = {"code": code, "meaning": meaning, "last_lines": last_lines(facts.text, LAST_LINES)}
    hints = tuple(hint for names, words, hint in _REFUSED if words in facts.own_text and facts.runs(*names))
    message = f"{ended}: {meaning}" if meaning else ended
    return Failure("exit", message, suggestions=hints, confidence="medium", details=details)


_SSH = ("ssh", "sftp")
_REFUSED: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("sudo", "su", "runuser"), "a terminal is required to read the password",
     "Let it ask on a terminal (tty=stderr), and send the password with input."),
    (("sudo",), "is not in the sudoers file", "This user may not use sudo: ask whoever administers the machine."),
    (_SSH, "Permission denied (", "No key was accepted: load one into the SSH agent, and let it be used (ssh_agent=true)."),
    (_SSH, "Host key verification failed", "The key of the host is not the known one: check it, then ssh-keygen -R HOST."),
)  # fmt: skip
"""What programs say that were not let in: their names, their words, what may help."""


def _meaning(facts: Facts, code: int | None) -> str:
    if code is None:
        return ""
    if facts.recognised is not None:
        for part in reversed(facts.recognised.parts):
            if code in part.cls.codes and code not in part.cls.normal_codes:
                return part.cls.codes[code]
    return CODES.get(code, "")
