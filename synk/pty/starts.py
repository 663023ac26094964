"""How the pool starts programs: environment, gate, folder, one fork at a time, and one more try for a fork that hangs."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from synk.base.errors import SpawnFailed
from synk.pty.children import Children
from synk.pty.gate import Gate, Lease, StartupOutput
from synk.pty.held import HeldShell
from synk.pty.messages import ForkBegan, ForkEnded, PoolEvent
from synk.pty.processes import MARK
from synk.pty.shells import cold_start, startup_files
from synk.pty.spawn import ForkStuck, discard_output, respawn, restore_modes, set_size, spawn

COLS, ROWS = 80, 24
"""Of a shell nobody has claimed yet."""

T = TypeVar("T")


Signature = tuple[tuple[int, int, int] | None, ...]


@dataclass(slots=True)
class ShellKind:
    """Which login shell is started, and whether its start-up files have changed."""

    path: str
    family: str | None = None
    """None: it has no gate, so it only starts cold."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """The base environment: it says where the start-up files are."""
    _files: tuple[str, ...] = ()
    _signature: Signature = ()

    def signature(self) -> Signature:
        """Changes when a start-up file is edited, replaced, made or removed; about 3 microseconds a file."""
        found = tuple(_stamp(path) for path in self._files)
        if self.family is not None and (found != self._signature or not self._files):
            # The change may be a new file in one of the folders: from now on that is watched too.
            self._files = startup_files(self.family, self.environment)
            self._signature = found = tuple(_stamp(path) for path in self._files)
        return found


class Starter:
    """Starts programs on terminals and registers them before anybody could reap them. Pool thread only."""

    def __init__(
        self,
        *,
        home: str,
        host_id: str,
        gate_directory: str,
        resources: str,
        children: Children,
        on_event: Callable[[PoolEvent], None],
    ) -> None:
        self._home = home
        self._host_id = host_id
        self._gate_directory = gate_directory
        self._resources = resources
        self._children = children
        self._on_event = on_event

    def start_shell(
        self, number: int, shell: ShellKind, environment: Mapping[str, str], *, kind: Literal["pooled", "demand"], now: float
    ) -> HeldShell:
        """Start a login shell up to its gate, in the home directory, 80 x 24.

        Raises:
            SpawnFailed: it cannot be started, or its gate cannot be made.
            FolderMissing: not even / is there.
        """
        gate = self._open_gate(shell, environment)
        full = self._marked({**environment, **gate.environment}, number)
        try:
            spawned = self._fork(
                lambda begun: spawn(gate.argv, cwd=self._folder(), environment=full, cols=COLS, rows=ROWS, begun=begun),
                number,
                shell.path,
            )
        except BaseException:
            gate.close()
            raise
        return HeldShell(
            number,
            spawned.pid,
            spawned.pidfd,
            spawned.master,
            spawned.tty,
            spawned.modes,
            shell.path,
            kind,
            now,
            gate=gate,
            output=StartupOutput(gate.token),
        )

    def start_cold(
        self,
        number: int,
        shell: ShellKind,
        environment: Mapping[str, str],
        lease: Lease,
        *,
        cols: int,
        rows: int,
        now: float,
    ) -> HeldShell:
        """Start the lease's program, or else a plain login shell, with directory and variables set before exec.

        Raises:
            SpawnFailed: it cannot be started.
            FolderMissing: the lease's directory is not there.
        """
        full = {name: value for name, value in environment.items() if name not in lease.unset}
        argv = list(lease.argv)
        if not argv:
            argv, additions = cold_start(shell.path, full)
            full.update(additions)
        full = self._marked({**full, **lease.variables}, number)
        spawned = self._fork(
            lambda begun: spawn(argv, cwd=lease.directory, environment=full, cols=cols, rows=rows, begun=begun), number, argv[0]
        )
        return HeldShell(
            number, spawned.pid, spawned.pidfd, spawned.master, spawned.tty, spawned.modes, argv[0], "cold", now
        )

    def start_again(self, held: HeldShell, number: int, shell: ShellKind, environment: Mapping[str, str]) -> None:
        """Run the login shell on the terminal of a shell that has ended and been reaped; `held.slave` must be open.

        Raises:
            SpawnFailed: it cannot be started; `held` still owns its terminal.
            FolderMissing: not even / is there.
            OSError: the terminal cannot be reset.
        """
        restore_modes(held.slave, held.modes)
        set_size(held.master, cols=COLS, rows=ROWS)
        discard_output(held.master)
        gate = self._open_gate(shell, environment)
        full = self._marked({**environment, **gate.environment}, number)
        try:
            pid, pidfd = self._fork(
                lambda begun: respawn(held.slave, gate.argv, cwd=self._folder(), environment=full, begun=begun),
                number,
                shell.path,
            )
        except BaseException:
            gate.close()
            raise
        os.close(held.pidfd)
        held.close_slave()
        held.number, held.pid, held.pidfd = number, pid, pidfd
        held.program, held.kind, held.gate, held.output = shell.path, "pooled", gate, StartupOutput(gate.token)

    def mark(self, number: int) -> str:
        """What a start carries in its environment."""
        return f"{self._host_id}.{number}"

    def _marked(self, environment: dict[str, str], number: int) -> dict[str, str]:
        return {**environment, MARK: self.mark(number)}

    def _open_gate(self, shell: ShellKind, environment: Mapping[str, str]) -> Gate:
        assert shell.family is not None
        try:
            os.makedirs(self._gate_directory, mode=0o700, exist_ok=True)
            return Gate.open(
                self._gate_directory, family=shell.family, shell=shell.path, resources=self._resources, base=environment
            )
        except OSError as error:
            raise SpawnFailed(f"Cannot start {shell.path}: no start gate in {self._gate_directory}: {error.strerror}") from error

    def _fork(self, start: Callable[[Callable[[int], None]], T], number: int, name: str) -> T:
        """Run one start; the main thread is told, so that it can kill a fork that hangs. Then one more try."""
        for _ in range(2):
            self._on_event(ForkBegan())
            try:
                with self._children.forking():
                    return start(lambda pid: self._children.register(pid, number))
            except ForkStuck:
                continue
            finally:
                self._on_event(ForkEnded())
        raise SpawnFailed(f"Cannot start {name}: it did not start within 1 s, twice")

    def _folder(self) -> str:
        return self._home if os.path.isdir(self._home) else "/"


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
