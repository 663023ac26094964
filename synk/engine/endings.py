"""How a run ended when that alone says why: signals, memory, limits, waiting, programs that could not be started (section 10)."""

import os
import re
import signal as signals
from collections.abc import Iterator, Mapping

from synk.engine.evidence import Facts
from synk.engine.findings import Failure, Frame
from synk.engine.modules import nearest
from synk.engine.tools.generic import last_lines

_SAID: Mapping[str, str] = {
    "SIGABRT": "it ended itself: a failed assertion, or an error found by the C library",
    "SIGBUS": "it accessed memory that is not there, often a file that was cut while mapped, or a full disk",
    "SIGFPE": "it divided by zero or overflowed in native code",
    "SIGHUP": "its terminal was closed",
    "SIGILL": "it executed an instruction this processor does not have",
    "SIGINT": "it was interrupted",
    "SIGKILL": "it was killed without warning, by a person or by the system for lack of memory",
    "SIGPIPE": "it wrote to a program that had already ended",
    "SIGQUIT": "it was asked to quit with a core dump",
    "SIGSEGV": "it accessed memory that does not belong to it",
    "SIGTERM": "it was asked to end",
    "SIGTRAP": "it stopped at a trap of its own, such as a failed check",
    "SIGXCPU": "it used more CPU time than its limit allows",
    "SIGXFSZ": "it wrote a file larger than its limit allows",
}
_CRASHES = ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGTRAP")
_FAULT = re.compile(r"^Fatal Python error: (?P<reason>.+)$", re.MULTILINE)
_FAULT_FRAME = re.compile(r'^  File "(?P<file>[^"]+)", line (?P<line>\d+) in (?P<function>.+)$', re.MULTILINE)
_KERNELS = "/synk/host/kernels/"
"""In the path of a file of ours, which is below every cell and means nothing to its author."""
_EXTENSIONS = re.compile(r"^Extension modules: (?P<names>.+?)(?: \(total: \d+\))?$", re.MULTILINE)


def signal_of_code(code: int | None) -> str | None:
    """The signal in an exit code of a shell, 128 + n; None if the code is none."""
    if code is None or not 128 < code < 160:
        return None
    try:
        return signals.Signals(code - 128).name
    except ValueError:
        return None


def by_signal(facts: Facts, name: str) -> Failure:
    """The program ended by a signal; with faulthandler's stack if Python printed one."""
    message = f"{facts.program} ended by {name}: {_SAID.get(name, 'a signal')}"
    details: dict[str, object] = {"signal": name, "sent_by": "synk" if facts.status in ("killed", "interrupted") else "unknown"}
    frames: tuple[Frame, ...] = ()
    file = line = None
    hints = list(_signal_hints(name, facts))
    text = facts.stack or facts.own_text  # a kernel writes its stacks to a file of their own
    if fault := _FAULT.search(text):
        details["reason"] = fault["reason"]
        frames = _fault_frames(text[fault.end() :])
        if frames:
            file, line = frames[-1].file, frames[-1].line
        if name in _CRASHES:
            hints.insert(0, _native_hint(text, frames))
    return Failure("signal", message, file, line, frames=frames, suggestions=tuple(hints), details=details)


def _fault_frames(text: str) -> tuple[Frame, ...]:
    """faulthandler prints the newest call first; of several threads the one it calls current. Without those of our kernel."""
    current = text.find("Current thread")
    block = text[max(current, 0) :].strip("\n").partition("\n\n")[0]
    found = [Frame(each["file"], int(each["line"]), each["function"]) for each in _FAULT_FRAME.finditer(block)]
    return tuple(frame for frame in reversed(found) if _KERNELS not in frame.file)


def _without_kernel(text: str) -> str:
    """faulthandler's text without the lines of our kernel."""
    return "".join(line for line in text.splitlines(keepends=True) if not (line.startswith('  File "') and _KERNELS in line))


def _native_hint(text: str, frames: tuple[Frame, ...]) -> str:
    top = frames[-1] if frames else None
    extensions = _EXTENSIONS.search(text)
    package = re.search(r"/(?:site|dist)-packages/([^/]+)/", top.file) if top else None
    if top and package:
        return f"The crash is in native code below {package[1]}, called from {top.function}: try another version of it."
    if top and "ctypes" in top.file:
        return "The crash is in a C function called through ctypes: check its arguments and pointers."
    loaded = f" Extension modules loaded: {extensions['names']}." if extensions else ""
    where = f" below {top.file}:{top.line} in {top.function}" if top else ""
    return f"The crash is in native code{where}, not in Python itself.{loaded}"


def _signal_hints(name: str, facts: Facts) -> Iterator[str]:
    if name == "SIGXCPU":
        yield f"Raise the limit of CPU time{_now(facts.limits.get('cpu_s'), ' s')}, or find what keeps computing."
    elif name == "SIGXFSZ":
        yield f"Raise the limit of file size{_now(facts.limits.get('file_bytes'), ' bytes')}, or write less."
    elif name == "SIGKILL" and facts.status in ("crashed", "failed"):
        yield "Nothing in Synk sent it: `journalctl -k` or `dmesg` says whether memory ran out."
    elif name == "SIGHUP":
        yield "Its terminal was closed: start it with `nohup`, or as a run in the background."
    elif name == "SIGPIPE":
        yield "The reading side of the pipe ended first; often that is meant, as in `... | head`."


def _now(limit: object, unit: str) -> str:
    return f" (now {limit:,.0f}{unit})" if isinstance(limit, int | float) and limit else ""


def stopped(facts: Facts) -> Failure:
    """A caller stopped it, or its owner went away."""
    name = facts.signal or signal_of_code(facts.exit_code)
    how = "interrupted" if facts.status == "interrupted" else "stopped"
    details = {"signal": name, "sent_by": "synk"}
    return Failure("stopped", f"{facts.program} was {how} by its caller{f' ({name})' if name else ''}", details=details)


def out_of_memory(facts: Facts) -> Failure:
    """The kernel killed it because the limit, or all memory, was used up."""
    limit = facts.limits.get("memory_bytes")
    peak = f"; its processes used up to {_mib(facts.peak_rss)}" if facts.peak_rss else ""
    message = f"{facts.program} ran out of memory{f' (limit {_mib(limit)})' if limit else ''}{peak}"
    hints = ("Raise the memory limit." if limit else "The machine has no more memory: end other programs.",)
    details = {"limit_bytes": limit, "peak_bytes": facts.peak_rss or None}
    return Failure("oom", message, suggestions=(*hints, "Read or process the data in pieces."), details=details)


def _mib(size: object) -> str:
    return f"{size / 2**20:,.0f} MiB" if isinstance(size, int | float) else "unknown"


def timed_out(facts: Facts) -> Failure:
    """A limit of time was reached: which, how long it had been silent, what it was doing."""
    is_idle = facts.reason == "idle_timeout"
    asked = facts.limits.get("timeout_s")
    limit = asked or facts.limits.get("idle_s" if is_idle else "hard_s")
    which = "idle" if is_idle else "client" if asked else "hard"
    after = f"{limit:g} s" if isinstance(limit, int | float) else f"{facts.duration_s:.0f} s"
    why = f"{after} without output, CPU time or I/O" if is_idle else f"{after}, its limit of time"
    age = f"; its last output was {facts.output_age_s:.0f} s before" if facts.output_age_s is not None and not is_idle else ""
    frames = _fault_frames(facts.stack) if "most recent call first" in facts.stack else ()
    place = frames[-1] if frames else None
    hints = [
        f"Give it more time: timeout_s={max(int(float(limit or facts.duration_s) * 4), 60)}.",
        "Let it go on after the limit: on_timeout=background.",
    ]
    if is_idle:
        hints.insert(0, "It may wait for something that never comes: a network answer, a lock, input on another terminal.")
    details = {"limit": which, "limit_s": limit, "output_age_s": facts.output_age_s, "last_lines": last_lines(facts.text, 5)}
    if facts.stack:
        details["stack"] = _without_kernel(facts.stack)
    return Failure(
        "timeout", f"{facts.program} was stopped after {why}{age}", place.file if place else None, place.line if place else None,
        frames=frames, suggestions=tuple(hints), details=details,
    )  # fmt: skip


_YES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("apt", "apt-get", "aptitude"), "-y"),
    (("dpkg",), "--force-confold"),
    (("npm", "npx"), "--yes"),
    (("pip", "pip3*"), "-y"),
    (("conda", "mamba"), "-y"),
    (("terraform", "tofu"), "-auto-approve"),
    (("gh",), "--yes"),
    (("docker", "podman"), "--force"),
    (("rm", "cp", "mv"), "-f"),
    (("dnf", "yum", "zypper", "pacman"), "-y"),
)


_ASKS: Mapping[str, str] = {"password": "for a password", "key": "for a key", "fullscreen": "in a full screen program"}


def waits(facts: Facts) -> Failure:
    """It is blocked reading its terminal."""
    waiting = facts.waiting or {}
    kind, prompt = str(waiting.get("kind") or "line"), str(waiting.get("prompt") or "").strip()
    program = str(waiting.get("program") or facts.program)
    asks = _ASKS.get(kind, "for a line of input")
    hints = []
    if kind == "password":
        hints.append("Send the password with input, or use a key or token so that none is asked for.")
    elif kind == "fullscreen":
        hints.append("Send keys with input, or use an option of the program that does the work without a screen.")
    else:
        hints.append("Answer it with input.")
    option = next((option for names, option in _YES if program in names or facts.runs(*names)), None)
    if "continue connecting" in prompt:
        option = "-o StrictHostKeyChecking=accept-new"  # of ssh, whoever started it
    if kind in ("line", "key") and option:
        hints.append(f"The option {option} answers such questions in advance.")
    details = {"prompt": prompt, "kind": kind, "program": program}
    message = f"{program} waits {asks}{f': {prompt}' if prompt else ''}"
    return Failure("waiting", message, suggestions=tuple(hints), details=details)


def cannot_start(facts: Facts) -> Failure:
    """No process came to be."""
    message = facts.start_error or f"Cannot start {facts.program}"
    hints: list[str] = []
    if "Similar: " in message:
        pass  # the host has named the nearest programs
    elif "not found" in message or "No such file" in message:
        hints += command_hints(facts.program, facts)
    elif "ermission" in message or "not executable" in message:
        path = message.removeprefix("Cannot start ").partition(":")[0]
        hints.append(f"Make it executable, if it is a program: chmod +x {path}")
    return Failure("cannot_start", message, suggestions=tuple(hints), details={"program": facts.program})


def command_hints(name: str, facts: Facts) -> Iterator[str]:
    """Where a command that was not found may be: in a project's own environment, or under a like name."""
    folder = facts.cwd or "."
    for place in (".venv/bin", "venv/bin", "env/bin", "node_modules/.bin", "bin", "vendor/bin"):
        if os.access(os.path.join(folder, place, name), os.X_OK):
            yield f"It is installed in the project: run {place}/{name}."
            return
    if os.access(os.path.join(folder, name), os.X_OK) and os.path.isfile(os.path.join(folder, name)):
        yield f"It is in this folder: run ./{name}."
        return
    if near := nearest(name, commands_on(facts.variables.get("PATH", os.defpath)), cutoff=0.7):
        yield f"Did you mean {near}?"
    else:
        yield f"Install {name}, or give its full path."


def commands_on(path: str) -> Iterator[str]:
    """Names of all programs on a PATH; unreadable folders are passed over."""
    for folder in dict.fromkeys(path.split(":")):
        try:
            yield from os.listdir(folder or ".")
        except OSError:
            continue
