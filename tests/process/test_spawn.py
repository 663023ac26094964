"""Programs started on a PTY: what they inherit, how failures read, and that nothing of ptyprocess stays behind."""

import contextlib
import gc
import os
import resource
import select
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from synk.base.errors import FolderMissing, SpawnFailed
from synk.pty.spawn import IUTF8, ForkStuck, Spawned, discard_output, open_slave, respawn, restore_modes, set_size, spawn

ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": "/", "TERM": "xterm-256color"}


@pytest.fixture
def started() -> Iterator[Callable[..., Spawned]]:
    """Starts programs as `spawn` does and ends them after the test."""
    alive: list[Spawned] = []

    def start(*argv: str, cwd: str = "/", environment: dict[str, str] | None = None) -> Spawned:
        program = spawn(argv, cwd=cwd, environment=environment or ENVIRONMENT, cols=80, rows=24)
        alive.append(program)
        return program

    yield start
    for program in alive:
        with contextlib.suppress(OSError):
            signal.pidfd_send_signal(program.pidfd, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(program.pid, 0)
        os.close(program.pidfd)
        os.close(program.master)


def output_of(program: Spawned) -> str:
    """Everything it prints until its terminal hangs up."""
    data = b""
    while True:
        select.select([program.master], [], [], 5)
        try:
            data += os.read(program.master, 65536)
        except OSError:
            return data.decode().replace("\r\n", "\n")


def test_program_gets_its_own_terminal_of_the_given_size(started: Callable[..., Spawned]) -> None:
    program = started("sh", "-c", "tty; stty size; ps -o sid=,tpgid= -p $$ | tr -s ' '; echo $$")
    tty, size, session, pid = output_of(program).split("\n")[:4]
    assert (tty, size) == (program.tty, "24 80")
    assert session.split() == [str(program.pid), str(program.pid)]
    assert pid == str(program.pid)


def test_program_has_default_signals_an_empty_mask_and_three_fds(started: Callable[..., Spawned]) -> None:
    script = "grep -E '^Sig(Ign|Blk)' /proc/self/status; ls /proc/self/fd"
    results: list[Spawned] = []

    def start_with_blocked_signals() -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGCHLD})
        results.append(started("bash", "-c", script))

    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    extra = os.open("/dev/null", os.O_RDONLY)
    os.set_inheritable(extra, True)
    try:
        thread = threading.Thread(target=start_with_blocked_signals)
        thread.start()
        thread.join()
    finally:
        signal.signal(signal.SIGHUP, before)
        os.close(extra)
    lines = output_of(results[0]).split("\n")
    assert [line.split()[1] for line in lines[:2]] == ["0" * 16, "0" * 16]
    assert lines[2:] == ["0  1  2  3", ""]  # 3 is the folder that ls reads


def test_arguments_folder_and_variables_arrive_unchanged(started: Callable[..., Spawned], tmp_path: Path) -> None:
    folder = tmp_path / "a 'b' $(c)"
    folder.mkdir()
    text = "two\nlines $(date) 'x' \"y\" ü"
    program = started(
        "sh", "-c", 'pwd; printf "%s|" "$1" "$V"', "x", text, cwd=str(folder), environment={**ENVIRONMENT, "V": text}
    )
    assert output_of(program) == f"{folder}\n{text}|{text}|"


def test_program_is_looked_up_in_the_path_of_its_own_environment(started: Callable[..., Spawned], tmp_path: Path) -> None:
    tool = tmp_path / "only-here"
    tool.write_text("#!/bin/sh\necho found\n")
    tool.chmod(0o755)
    assert output_of(started("only-here", environment={**ENVIRONMENT, "PATH": str(tmp_path)})) == "found\n"
    assert output_of(started("./only-here", cwd=str(tmp_path))) == "found\n"


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["no-such-program"], "Cannot start no-such-program: not found in PATH"),
        (["/no/such/program"], "Cannot start /no/such/program: no such file"),
        (["/etc/passwd"], "Cannot start /etc/passwd: not executable"),
        (["sh", "a\0b"], "Cannot start sh: an argument contains a NUL character"),
        (["sh", "-c", "x" * (1 << 18)], "Cannot start sh: Argument list too long"),
        ([""], "Cannot start a program without a name"),
    ],
)
def test_failure_names_program_and_reason(argv: list[str], message: str) -> None:
    with pytest.raises(SpawnFailed) as caught:
        spawn(argv, cwd="/", environment=ENVIRONMENT, cols=80, rows=24)
    assert caught.value.message == message
    reap_failed_child()


def test_a_script_without_interpreter_is_refused(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    with pytest.raises(SpawnFailed, match="the interpreter it names does not exist"):
        spawn([str(script)], cwd="/", environment=ENVIRONMENT, cols=80, rows=24)
    reap_failed_child()


def test_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FolderMissing, match=f"Folder {tmp_path}/gone does not exist"):
        spawn(["sh"], cwd=f"{tmp_path}/gone", environment=ENVIRONMENT, cols=80, rows=24)


def reap_failed_child() -> None:
    """A failed exec leaves a child for the reaper."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(-1, 0)


def test_failed_and_successful_starts_leave_no_fd_and_never_sleep(
    started: Callable[..., Spawned], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    naps: list[float] = []
    monkeypatch.setattr(time, "sleep", naps.append)
    script = tmp_path / "broken"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    before = set(os.listdir("/proc/self/fd"))
    for _ in range(5):
        with pytest.raises(SpawnFailed):
            spawn([str(script)], cwd="/", environment=ENVIRONMENT, cols=80, rows=24)
        gc.collect()
        reap_failed_child()
    assert naps == [], "ptyprocess sleeps when its object is closed or collected"
    assert set(os.listdir("/proc/self/fd")) == before
    program = started("sleep", "100")
    gc.collect()
    assert os.get_inheritable(program.master) is False
    assert len(os.listdir("/proc/self/fd")) == len(before) + 2
    assert os.waitpid(program.pid, os.WNOHANG) == (0, 0)


def test_no_more_processes_allowed_reads_as_an_error_and_leaks_nothing() -> None:
    """In a child process, because the limit holds for all processes of the user."""
    script = (
        "import os, resource\n"
        "from synk.base.errors import SpawnFailed\n"
        "from synk.pty.spawn import spawn\n"
        "before = os.listdir('/proc/self/fd')\n"
        "if os.getuid() == 0: os.setresuid(12345, 12345, 12345)\n"
        "resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))\n"
        "for _ in range(3):\n"
        "    try: spawn(['/bin/sh'], cwd='/', environment={}, cols=80, rows=24)\n"
        "    except SpawnFailed as error: print(error)\n"
        "print(len(os.listdir('/proc/self/fd')) - len(before))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:3] == ["Cannot start /bin/sh: Resource temporarily unavailable"] * 3
    assert done.stdout.split("\n")[3] == "0"


def test_no_more_fds_allowed_reads_as_an_error_and_leaks_nothing() -> None:
    """With one more fd allowed each time, the start fails at each place that needs one, and at last succeeds."""
    script = (
        "import os, resource, signal\n"
        "from synk.base.errors import SpawnFailed\n"
        "from synk.pty.spawn import open_slave, respawn, spawn\n"
        "fds = lambda: sorted(int(fd) for fd in os.listdir('/proc/self/fd'))[:-1]\n"
        "before = fds()\n"
        "first = spawn(['/bin/true'], cwd='/', environment={}, cols=80, rows=24)\n"
        "os.waitpid(first.pid, 0)\n"
        "slave = open_slave(first.master)\n"
        "held = fds()\n"
        "def try_all(start):\n"
        "    failed = 0\n"
        "    for limit in range(max(held) + 1, max(held) + 12):\n"
        "        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, 64))\n"
        "        try:\n"
        "            started = start()\n"
        "        except SpawnFailed as error:\n"
        "            assert 'Too many open files' in str(error) or 'out of pty' in str(error), error\n"
        "            failed += 1\n"
        "        else:\n"
        "            for fd in started: os.close(fd)\n"
        "        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))\n"
        "        while True:\n"
        "            try: os.waitpid(-1, 0)\n"
        "            except ChildProcessError: break\n"
        "        assert fds() == held, (fds(), held)\n"
        "    print(failed)\n"
        "def new():\n"
        "    spawned = spawn(['/bin/true'], cwd='/', environment={}, cols=80, rows=24)\n"
        "    return spawned.master, spawned.pidfd\n"
        "try_all(new)\n"
        "try_all(lambda: [respawn(slave, ['/bin/true'], cwd='/', environment={})[1]])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    failures = [int(line) for line in done.stdout.split()]
    assert failures[0] >= 3
    assert failures[1] >= 2


def test_fork_that_was_killed_before_exec_is_told_apart_from_a_program_that_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child hangs as on a lock that another thread held; the host's watchdog kills it after 1 s."""
    timers: list[threading.Timer] = []

    def kill_later(pid: int) -> None:
        timers.append(threading.Timer(1.0, os.kill, (pid, signal.SIGKILL)))
        timers[0].start()

    monkeypatch.setattr("synk.pty.spawn._before_exec", lambda *_: signal.pause())
    with pytest.raises(ForkStuck):
        spawn(["sleep", "100"], cwd="/", environment=ENVIRONMENT, cols=80, rows=24, begun=kill_later)
    timers[0].join()
    os.waitpid(-1, 0)


def test_a_program_that_ends_at_once_is_no_failure(started: Callable[..., Spawned]) -> None:
    program = started("true")
    assert os.waitstatus_to_exitcode(os.waitpid(program.pid, 0)[1]) == 0


def test_second_program_runs_on_the_same_terminal_with_the_first_modes(started: Callable[..., Spawned]) -> None:
    first = started("sh", "-c", "umask 077; ulimit -n 64; stty raw -echo -iutf8; echo noise")
    slave = open_slave(first.master)
    set_size(first.master, cols=200, rows=50)
    assert os.waitpid(first.pid, 0)[1] == 0
    restore_modes(slave, first.modes)
    set_size(first.master, cols=80, rows=24)
    discard_output(first.master)
    script = "tty; stty size; umask; ulimit -n; stty -a | grep -o 'echo \\| icanon\\| iutf8\\|opost'; ls /proc/self/fd | wc -l"
    pid, pidfd = respawn(slave, ["sh", "-c", script], cwd="/", environment=ENVIRONMENT)
    second = Spawned(pid, pidfd, first.master, first.tty, first.modes)
    os.close(slave)
    lines = output_of(second).split()
    os.waitpid(pid, 0)
    os.close(pidfd)
    umask = os.umask(0)
    os.umask(umask)
    assert lines[:5] == [first.tty, "24", "80", f"{umask:04o}", str(resource.getrlimit(resource.RLIMIT_NOFILE)[0])]
    assert sorted(lines[5:-1]) == ["echo", "icanon", "iutf8", "opost"]
    assert lines[-1] == "4"
    assert first.tty == second.tty


def test_failed_second_program_is_reported(started: Callable[..., Spawned], tmp_path: Path) -> None:
    script = tmp_path / "broken"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    first = started("true")
    slave = open_slave(first.master)
    os.waitpid(first.pid, 0)
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(SpawnFailed, match="interpreter"):
        respawn(slave, [str(script)], cwd="/", environment=ENVIRONMENT)
    assert len(os.listdir("/proc/self/fd")) == before
    os.close(slave)
    reap_failed_child()


def test_a_terminal_stopped_with_control_s_goes_on_after_its_modes_are_restored(
    started: Callable[..., Spawned], wait_until: Callable[..., None]
) -> None:
    program = started("cat")
    slave = open_slave(program.master)
    assert termios.tcgetattr(slave)[0] & termios.IXON
    os.write(program.master, b"\x13")
    wait_until(lambda: not select.select([], [slave], [], 0)[1])
    restore_modes(slave, program.modes)
    os.write(program.master, b"go on\n")
    assert read_until(program.master, b"go on\r\ngo on\r\n")
    os.close(slave)


def read_until(master: int, expected: bytes) -> bool:
    """Read until `expected` was printed; False after 5 s of silence."""
    data = b""
    while expected not in data:
        if not select.select([master], [], [], 5)[0]:
            return False
        data += os.read(master, 4096)
    return True


def test_the_first_modes_are_those_of_a_terminal_nobody_has_touched(started: Callable[..., Spawned]) -> None:
    # The program may be quicker than we are: what it has changed by then is not what the next one gets.
    program = started("sh", "-c", "stty raw -echo; sleep 100")
    lflag = program.modes[3]
    assert lflag & termios.ICANON
    assert lflag & termios.ECHO
    master, slave = os.openpty()
    untouched = termios.tcgetattr(slave)
    os.close(slave)
    os.close(master)
    assert (program.modes[1:], program.modes[0] & ~IUTF8) == (untouched[1:], untouched[0] & ~IUTF8)
