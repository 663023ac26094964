"""Real shells on real terminals, started by hand or led through the start gate."""

import contextlib
import os
import pwd
import re
import select
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from synk.base.errors import SynkError
from synk.base.paths import resource_directory
from synk.base.spool import SpoolReader
from synk.base.wire import Message
from synk.hostclient import SyncHostClient
from synk.hoststart import HostAddress, host_argv
from synk.pty.gate import Gate, Lease, StartupOutput
from synk.pty.spawn import Spawned, set_size, spawn

RESOURCES = str(Path(__file__).parents[2] / "resources" / "shell")
PROMPTS = {
    "bash": re.compile(rb"\x1b\[\?2004h(?:(?!\x1b\[\?2004l).)*[#$>] $", re.DOTALL),
    "zsh": re.compile(rb"\x1b\[\?2004h$"),
    "fish": re.compile(rb"\x1b\[\?2004h(?s:.*)\r\x1b\[\d+C$"),
}
"""The output when the shell waits for a line: all three switch bracketed paste on, then write what follows here."""
TOLD = re.compile(rb"\x1b\](133|7);([^\x07\x1b]*)\x07")
"""What the shell integration tells the terminal: prompts and commands (OSC 133), the directory (OSC 7)."""
LIMIT_S = 30.0
"""A loaded machine may need long; a test that waits this long has failed."""


class LiveShell:
    """A shell on a terminal, and all it printed so far in `output`."""

    def __init__(self, program: Spawned, family: str) -> None:
        self._family = family
        self.pid = program.pid
        self.pidfd = program.pidfd
        self.master = program.master
        self.output = b""

    def read(self, timeout_s: float = 0.02) -> bytes:
        """What arrives within the time; empty if nothing does, also after the terminal hung up."""
        if not select.select([self.master], [], [], timeout_s)[0]:
            return b""
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return b""
        self.output += data
        return data

    def at_prompt(self) -> None:
        """Return once the shell waits for a line."""
        self._read_until(PROMPTS[self._family])

    @property
    def plain(self) -> bytes:
        """The output without what the shell integration told the terminal."""
        return TOLD.sub(b"", self.output)

    @property
    def told(self) -> list[str]:
        """What it told, in order: `A`, `B`, `C`, `D;1`, `7;file://...`."""
        return [os.fsdecode(text if code == b"133" else code + b";" + text) for code, text in TOLD.findall(self.output)]

    def wait_for(self, text: str) -> None:
        """Return once the output contains the text."""
        self._read_until(re.compile(re.escape(text.encode())))

    def until(self, predicate: Callable[[], object]) -> None:
        """Read on until the predicate is true."""
        deadline = time.monotonic() + LIMIT_S
        while not predicate():
            assert time.monotonic() < deadline, f"still not so: {self.output[-2000:]!r}"
            self.read()

    def _read_until(self, pattern: re.Pattern[bytes]) -> None:
        deadline = time.monotonic() + LIMIT_S
        while not pattern.search(self.plain):
            assert time.monotonic() < deadline, f"no {pattern.pattern!r} in {self.output[-2000:]!r}"
            self.read()

    def type(self, line: str) -> None:
        """Type a line and Enter."""
        os.write(self.master, line.encode() + b"\r")

    def run(self, command: str, path: Path) -> str:
        """What commands print when they are typed; it goes into the file `path`, so nothing on the terminal disturbs."""
        self.at_prompt()
        begin, end = ("begin", "end") if self._family == "fish" else ("{", "}")
        self.type(f"{begin} {command}; {end} >{path} 2>&1; echo complete >>{path}")
        deadline = time.monotonic() + LIMIT_S
        while not (path.exists() and path.read_bytes().endswith(b"complete\n")):
            assert time.monotonic() < deadline, f"no {path} after {command}: {self.output[-2000:]!r}"
            self.read()
        text = os.fsdecode(path.read_bytes())
        path.unlink()
        return text.removesuffix("complete\n")

    def ends(self) -> int:
        """Wait for the end of the process; returns its status as `os.waitstatus_to_exitcode` does."""
        deadline = time.monotonic() + LIMIT_S
        while not select.select([self.pidfd], [], [], 0)[0]:
            assert time.monotonic() < deadline, f"still runs: {self.output[-2000:]!r}"
            self.read()
        while self.read(0):
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def close(self) -> None:
        """End it, if it still runs, and close its fds."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)
        os.close(self.pidfd)
        os.close(self.master)


class Shells:
    """Starts shells of one family in one home directory, all in the same environment."""

    def __init__(self, family: str, shell: str, home: Path) -> None:
        self.family = family
        self.shell = shell
        self.home = home
        self.resources = RESOURCES
        self.environment = {
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "USER": pwd.getpwuid(os.getuid()).pw_name,
            "LOGNAME": pwd.getpwuid(os.getuid()).pw_name,
            "SHELL": shell,
            "SYNK_HOST": "00ff.1",
        }
        self.gates: Path = home.parent / "gates"
        self.gates.mkdir(mode=0o700)
        self.live: list[LiveShell] = []
        self.open_gates: list[Gate] = []

    def by_hand(
        self,
        *,
        cwd: str | Path = "",
        cols: int = 80,
        rows: int = 24,
        variables: Mapping[str, str] | None = None,
        login: tuple[str, ...] = ("-l",),
    ) -> LiveShell:
        """A login shell as a plain terminal starts it."""
        program = spawn(
            [self.shell, *login],
            cwd=str(cwd or self.home),
            environment={**self.environment, **(variables or {})},
            cols=cols,
            rows=rows,
        )
        self.live.append(LiveShell(program, self.family))
        return self.live[-1]

    def warm(self) -> tuple[LiveShell, Gate, StartupOutput]:
        """A shell that has been started towards a gate, 80 x 24 in the home directory; not awaited."""
        gate = Gate.open(
            str(self.gates), family=self.family, shell=self.shell, resources=self.resources, base=self.environment
        )
        self.open_gates.append(gate)
        program = spawn(
            gate.argv, cwd=str(self.home), environment={**self.environment, **gate.environment}, cols=80, rows=24
        )
        self.live.append(LiveShell(program, self.family))
        return self.live[-1], gate, StartupOutput(gate.token)

    def at_gate(self) -> tuple[LiveShell, Gate, StartupOutput]:
        """A shell that waits at its gate; its output so far is in the StartupOutput."""
        shell, gate, startup = self.warm()
        deadline = time.monotonic() + LIMIT_S
        while not startup.feed(shell.read()):
            assert time.monotonic() < deadline, f"not at the gate: {startup.text!r}"
        shell.output = b""
        return shell, gate, startup

    def claimed(self, lease: Lease | None = None, *, cols: int = 80, rows: int = 24) -> LiveShell:
        """A shell that got its lease (default: the home directory); its output starts with the start-up output."""
        shell, gate, startup = self.at_gate()
        set_size(shell.master, cols=cols, rows=rows)
        gate.send(lease or Lease(str(self.home)))
        assert answer_of(shell, gate) == ""
        gate.close()
        shell.output = startup.text + shell.output
        return shell

    def close(self) -> None:
        """End everything."""
        for gate in self.open_gates:
            gate.close()
        for shell in self.live:
            shell.close()


def answer_of(shell: LiveShell, gate: Gate) -> str:
    """The answer to the lease just sent."""
    deadline = time.monotonic() + LIMIT_S
    while True:
        gate.pump()
        answer = gate.read_answer()
        if answer is not None:
            return answer
        assert time.monotonic() < deadline, f"no answer: {shell.output[-2000:]!r}"
        shell.read(0.002)


@pytest.fixture
def answer() -> Callable[[LiveShell, Gate], str]:
    """`answer(shell, gate)`: waits for the shell's answer to the lease just sent."""
    return answer_of


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home directory."""
    path = tmp_path / "home"
    path.mkdir()
    return path


@pytest.fixture
def start_shells(home: Path) -> Iterator[Callable[[str], Shells]]:
    """`start_shells(family)`: shells in the empty home directory; ended after the test."""
    made: list[Shells] = []

    def make(family: str) -> Shells:
        shell = shutil.which(family)
        if shell is None:
            pytest.skip(f"{family} is not installed")
        made.append(Shells(family, shell, home))
        return made[-1]

    yield make
    for shells in made:
        shells.close()


PROBES = {
    "bash": r"""
        echo "status=$?"
        set -o; shopt; echo "flags=$-"; alias; trap; trap -p DEBUG ERR RETURN; umask; ulimit -a
        declare -F; declare -f; set; declare -p; history; bind -p; bind -s; bind -v; complete -p; jobs; dirs; hash
        echo "0=$0 SHLVL=$SHLVL depth=${#BASH_SOURCE[@]}"
    """,
    "zsh": r"""
        print -r -- "status=$?"
        set -o; print -r -- "flags=$-"; alias -L; trap; umask; ulimit -a; zmodload -L
        functions; set; typeset; typeset -p; fc -l 1; bindkey -L; zle -lL; jobs; dirs; hash; hash -d
        print -r -- "SHLVL=$SHLVL $ZSH_ARGZERO $HISTCMD"
    """,
    "fish": r"""
        echo "status=$status"
        set; set -S; functions -a; for name in (functions -a); functions $name; end; abbr; trap; umask; ulimit -a
        history; bind; jobs; dirs; status
    """,
}
"""Print what a shell knows; sourced at its first prompt."""
# What no two shells have in common: numbers of processes, random numbers, clocks, names of terminals.
DIFFERING = re.compile(
    r"^(?:declare \S+ |typeset \S+ |integer 10 (?:readonly )?|float |export )?\$?"
    r"(?:BASHPID|PPID|S?RANDOM|EPOCH\w+|SECONDS|PIPESTATUS|_|TTY|TTYIDLE|'\$'|'!'|!|fish_pid|last_pid)(?:\[1\])?\b.*"
)
PASSING = re.compile(r"\.[\w.-]+=/")
"""Among the commands in PATH a hidden file: somebody installs something this moment (`pyenv rehash`)."""


OUR_FUNCTION = re.compile(
    r"^(?:# Defined in \S+/integration.fish @ line \d+\n)?(?:function )?__synk_\w+ (?:\(\)|--on).*\n(?:.*\n)*?(?:\}|end)\n",
    re.MULTILINE,
)
"""A function of the shell integration, as the shells print it."""
OUR_LINES = {
    # PROMPT_COMMAND too: tests of its own say what becomes of it.
    "bash": r"(declare -\S+ )?(__synk|PROMPT_COMMAND)=|declare -f __synk_"
    r"|(declare -- )?PS0=['\"]\\?\$\{__synk\[0\]\+\\+e\]133;C\\+a\}['\"]$",
    "zsh": r"(array |typeset -a |typeset -g -a )?(__synk|pre(cmd|exec)_functions)=",
    "fish": r"(\$)?__synk_",
}
"""Lines that tell what it keeps in variables."""
OUR_MARKS = re.compile(r"\\+\[\\?\$\{__synk\[0\]\+.*?a\}\\+\]|\$'%\{\\C-\[\]133;[AB]\\C-G%\}'")


def without_integration(text: str, family: str) -> str:
    """What a shell said of itself, without what the shell integration adds to it: just that, and nothing else."""
    text = OUR_MARKS.sub("", OUR_FUNCTION.sub("", text))
    return "".join([line for line in text.splitlines(keepends=True) if not re.match(OUR_LINES[family], line)])


def state_of(shell: LiveShell, shells: Shells, *, undo_integration: bool = False) -> list[str]:
    """All that a shell at its prompt knows, in sorted lines; equal for equal shells.

    With `undo_integration` without what the shell integration adds.
    """
    shell.at_prompt()
    outside = Path(f"/proc/{shell.pid}/status").read_text().splitlines()
    lines = [line for line in outside if line.startswith(("SigIgn", "SigCgt", "Groups", "Umask"))]
    lines += [f"fd to {os.readlink(fd)}" for fd in Path(f"/proc/{shell.pid}/fd").iterdir()]
    lines += [f"group {os.getpgid(shell.pid)} session {os.getsid(shell.pid)}"]
    probe = shells.home.parent / "probe"
    probe.write_text(PROBES[shells.family] + "env; stty -a\n")
    command = "source" if shells.family == "fish" else "."
    text = shell.run(f"{command} {probe}", shells.home / "state")
    lines += (without_integration(text, shells.family) if undo_integration else text).splitlines()
    # Of all shells that are compared: a number may also stand for something else, such as a key (`"\300": self-insert`).
    pids = re.compile(rf"\b(?:{'|'.join(str(each.pid) for each in shells.live)})\b")
    lines = [pids.sub("PID", re.sub(r"/dev/pts/\d+", "TERMINAL", line)) for line in lines]
    # The line that was just typed is in the history, and in that of another fish if it started in the same second.
    return sorted(line for line in lines if not (DIFFERING.match(line) or PASSING.match(line) or str(probe) in line))


@pytest.fixture(name="state_of")
def _state_of() -> Callable[[LiveShell, Shells], list[str]]:
    """`state_of(shell, shells)`: all that a shell at its prompt knows, in sorted lines."""
    return state_of


class EngineClient(SyncHostClient):
    """A command line that runs things through a host of its own."""

    address: HostAddress
    environment: Mapping[str, str]
    cwd: str

    def ask(self, do: str, **arguments: Any) -> Message:
        """One request with any arguments, its answer."""
        message = {"id": self._next, "do": do, **arguments}
        self._next += 1
        return self._call(message, (), 4 * LIMIT_S)[0]

    def start(self, line: str = "", *, argv: list[str] | None = None, **options: Any) -> Message:
        """Start a command of bash, or `argv`; the reply to `run.start`."""
        given = {"argv": argv or ["bash", "-c", line], "cwd": self.cwd, "environment": dict(self.environment), **options}
        return self.ask("run.start", **given)

    def wait(self, run: Message, until: str = "exit", **options: Any) -> Message:
        """The record of a run when it is over, or when that has happened."""
        return self.ask("run.wait", run=run["run"], until=until, **options)

    def run(self, line: str = "", **options: Any) -> Message:
        """Run a command to its end; its record."""
        started = self.start(line, **options)
        return self.wait(started) if started["status"] == "running" else started

    def event(self, name: str, run: str = "") -> Message:
        """The next event of this name (of this run); others are dropped."""
        while True:
            message = self.next_event(LIMIT_S).message or {}
            if message.get("event") == name and (not run or message.get("run") == run):
                return message


def output_of(record: Message, stream: str = "out") -> bytes:
    """All that a run printed."""
    found, cursor = b"", 0
    with SpoolReader(record["folder"]) as reader:
        while True:
            data, cursor, _ = reader.read(stream, cursor, 1 << 20)
            if not data:
                return found
            found += data


@pytest.fixture(name="output_of")
def _output_of() -> Callable[..., bytes]:
    """`output_of(record, stream="out")`: all that a run printed."""
    return output_of


class EngineHost:
    """Where a host for the engine lives, with empty folders; it starts with the first client."""

    def __init__(self, folder: Path) -> None:
        paths = [folder / name for name in ("runtime", "state", "work", "engine-home")]
        for path in paths:
            path.mkdir(mode=0o700)
        runtime, state, self.work, home = map(str, paths)
        self.address = HostAddress(runtime, state, str(resource_directory()), "1.2.3", host_argv())
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "LANG": "C.UTF-8",
            "SHELL": "/bin/bash",
            "TERM": "xterm-256color",
        }
        self.clients: list[EngineClient] = []

    def hasten(self, *assignments: str) -> None:
        """Later hosts start with other limits, e.g. `server.SWEEP_AFTER_S = 0.2`, so that nobody waits for minutes."""
        script = (
            "import sys; sys.modules['ssl'] = None; import synk.host.server as server; import synk.host.process as process; "
            f"{'; '.join(assignments)}; process.main()"
        )
        self.address = replace(self.address, argv=(sys.executable, "-P", "-c", script))

    def connect(self) -> EngineClient:
        """One more client."""
        made = EngineClient(self.address, environment=self.environment)
        made.address, made.environment, made.cwd = self.address, self.environment, self.work
        self.clients.append(made)
        return made

    def close(self) -> None:
        """End the host and all it runs."""
        for client in self.clients:
            client.close()
        with contextlib.suppress(SynkError), self.connect() as last:
            last.ask("host.stop")
        for client in self.clients:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(client.welcome["pid"], 0)


@pytest.fixture
def engine_host(tmp_path: Path) -> Iterator[EngineHost]:
    """A host that this test has for itself; not started."""
    host = EngineHost(tmp_path)
    yield host
    host.close()


@pytest.fixture
def engine_clients(tmp_path: Path) -> Iterator[Callable[[], EngineClient]]:
    """`engine_clients()`: one more client of a host that this test has for itself."""
    host = EngineHost(tmp_path)
    yield host.connect
    host.close()


@pytest.fixture(scope="module")
def _engine_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineHost]:
    host = EngineHost(tmp_path_factory.mktemp("engine"))
    host.connect().close()
    yield host
    host.close()


@pytest.fixture
def engine(_engine_host: EngineHost) -> Iterator[EngineClient]:
    """A client of a host that the tests of a file share."""
    with _engine_host.connect() as client:
        yield client
