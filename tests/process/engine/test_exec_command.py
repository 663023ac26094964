"""`synk exec` as a shell sees it: bytes, exit codes, signals, pipes, terminals."""

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

LIMIT_S = 30.0


@pytest.fixture
def start(place: Any) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """`start("exec", ...)`: the command line, running; killed after the test."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(*words: str, **options: Any) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-P", "-m", "synk", "--profile", str(place.profile), *words]
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        started.append(subprocess.Popen(command, env=place.environment, **streams))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()


@pytest.fixture
def run(start: Callable[..., subprocess.Popen[bytes]]) -> Callable[..., tuple[int, bytes, bytes]]:
    """Exit code, standard output and error of a whole call."""

    def whole(*words: str, data: bytes | None = None) -> tuple[int, bytes, bytes]:
        process = start(*words, stdin=subprocess.DEVNULL if data is None else subprocess.PIPE)
        out, err = process.communicate(data, timeout=LIMIT_S)
        return process.returncode, out, err

    return whole


class Terminal:
    """A terminal somebody sits at, with `synk exec` as its session."""

    def __init__(self, place: Any, words: Sequence[str], *, cols: int, rows: int) -> None:
        command = [sys.executable, "-P", "-m", "synk", "--profile", str(place.profile), "exec", *words]
        self.master, slave = os.openpty()
        self.resize(cols, rows)
        self.modes = termios.tcgetattr(slave)
        self.slave = slave
        self.process = subprocess.Popen(
            command, env={**place.environment, "TERM": "xterm"}, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )  # fmt: skip
        self.output = b""

    def resize(self, cols: int, rows: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def read_until(self, text: bytes) -> None:
        deadline = time.monotonic() + LIMIT_S
        while text not in self.output:
            assert time.monotonic() < deadline, f"no {text!r} in {self.output!r}"
            if select.select([self.master], [], [], 0.05)[0]:
                self.output += os.read(self.master, 4096)

    def type(self, text: bytes) -> None:
        os.write(self.master, text)

    def type_until(self, text: bytes) -> None:
        """Press Enter again and again until the program shows this."""
        deadline = time.monotonic() + LIMIT_S
        while text not in self.output:
            assert time.monotonic() < deadline, f"no {text!r} in {self.output!r}"
            self.type(b"\r")
            if select.select([self.master], [], [], 0.2)[0]:
                self.output += os.read(self.master, 4096)

    def echoes(self) -> bool:
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
def terminal(place: Any) -> Iterator[Callable[..., Terminal]]:
    """`terminal("--tty", "both", "vi")`: `synk exec` in a terminal of 91 x 17."""
    opened: list[Terminal] = []

    def make(*words: str) -> Terminal:
        opened.append(Terminal(place, words, cols=91, rows=17))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


def test_bytes_and_exit_codes_are_those_of_the_command(run: Callable[..., tuple[int, bytes, bytes]]) -> None:
    assert run("exec", "printf 'a\\0\\377\\r\\n\\033[31m'; printf 'e\\377' >&2; exit 7") == (7, b"a\0\xff\r\n\x1b[31m", b"e\xff")
    assert run("exec", "kill -TERM $$") == (143, b"", b"")
    assert run("exec", "--", "printf", "%s,", "a b", "--json") == (0, b"a b,--json,", b"")
    code, out, err = run("exec", "no-such-program-here")
    assert (code, out) == (127, b"")
    assert b"command not found" in err
    code, out, err = run("exec", "--", "/etc/passwd")
    assert (code, out) == (126, b"")
    assert b"/etc/passwd" in err
    code, _, err = run("exec", "--timeout", "300ms", "sleep 60")
    assert code == 124
    assert b"0.3 s" in err


def test_much_output_arrives_whole_through_a_pipe(run: Callable[..., tuple[int, bytes, bytes]]) -> None:
    code, out, err = run("exec", "seq 300000; seq 20000 >&2")
    assert code == 0
    assert out == b"".join(b"%d\n" % n for n in range(1, 300001))
    assert err == b"".join(b"%d\n" % n for n in range(1, 20001))


def test_a_reader_that_leaves_ends_the_command_without_a_word(
    start: Callable[..., subprocess.Popen[bytes]], ended: Callable[[str], None]
) -> None:
    process = start("exec", "--env", "LEFT=pipe", "--", "yes")
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.read(4) == b"y\ny\n"
    process.stdout.close()
    assert process.wait(LIMIT_S) == 141
    assert process.stderr.read() == b""
    ended("LEFT=pipe")


def test_standard_input_is_passed_on_only_if_asked_for(run: Callable[..., tuple[int, bytes, bytes]]) -> None:
    data = bytes(range(256)) * 1000
    assert run("exec", "--stdin", "cat", data=data) == (0, data, b"")
    assert run("exec", "wc -c", data=b"not for you") == (0, b"0\n", b"")


def test_ctrl_c_ends_the_tree_and_gives_130(
    start: Callable[..., subprocess.Popen[bytes]], ended: Callable[[str], None]
) -> None:
    process = start("exec", "--env", "LEFT=int", "trap 'echo bye; exit 3' INT; echo begun; sleep 300 & wait")
    assert process.stdout is not None
    assert process.stdout.readline() == b"begun\n"
    process.send_signal(signal.SIGINT)
    assert process.wait(LIMIT_S) == 130
    assert process.stdout.read() == b"bye\n"
    ended("LEFT=int")


def test_a_second_ctrl_c_kills_what_ignores_the_first(
    start: Callable[..., subprocess.Popen[bytes]], ended: Callable[[str], None], engine: Any
) -> None:
    process = start("exec", "--env", "LEFT=twice", "trap '' INT TERM; echo begun; while :; do sleep 0.05; done")
    assert process.stdout is not None
    assert process.stdout.readline() == b"begun\n"
    process.send_signal(signal.SIGINT)
    assert len(engine.runs.list(state="live")) == 1
    process.send_signal(signal.SIGINT)
    assert process.wait(LIMIT_S) == 130
    ended("LEFT=twice")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_other_signals_end_the_tree_too(
    start: Callable[..., subprocess.Popen[bytes]], ended: Callable[[str], None], number: signal.Signals, code: int
) -> None:
    process = start("exec", "--env", f"LEFT={number}", "echo begun; sleep 300")
    assert process.stdout is not None
    assert process.stdout.readline() == b"begun\n"
    process.send_signal(number)
    assert process.wait(LIMIT_S) == code
    ended(f"LEFT={number}")


def test_a_client_that_is_killed_takes_its_command_with_it(
    start: Callable[..., subprocess.Popen[bytes]], ended: Callable[[str], None]
) -> None:
    process = start("exec", "--env", "LEFT=killed", "echo begun; sleep 300")
    assert process.stdout is not None
    assert process.stdout.readline() == b"begun\n"
    process.kill()
    ended("LEFT=killed")


def test_a_program_in_the_terminal_has_its_keys_its_size_and_ctrl_c(terminal: Callable[..., Terminal]) -> None:
    script = "trap 'echo int' INT; while :; do stty size; read -r x || [ $? -gt 128 ] || break; echo got $x; done"
    screen = terminal("--tty", "both", script)
    screen.read_until(b"17 91")
    screen.type(b"hello\r")
    screen.read_until(b"got hello")
    screen.resize(80, 24)
    os.killpg(screen.process.pid, signal.SIGWINCH)
    screen.type_until(b"24 80")
    screen.type(b"\x03")
    screen.type_until(b"int")
    screen.type(b"\x04")
    assert screen.process.wait(LIMIT_S) == 0
    assert termios.tcgetattr(screen.slave) == screen.modes


def test_a_password_is_typed_unseen_and_the_terminal_is_as_before(terminal: Callable[..., Terminal]) -> None:
    screen = terminal("read -s -p 'Password: ' p </dev/tty; echo; echo ${#p}; exit 5")
    screen.read_until(b"Password: ")
    deadline = time.monotonic() + LIMIT_S
    while screen.echoes():
        assert time.monotonic() < deadline
        select.select([], [], [], 0.01)
    screen.type(b"hunter2\n")
    screen.read_until(b"\n7")
    assert screen.process.wait(LIMIT_S) == 5
    assert b"hunter" not in screen.output
    assert termios.tcgetattr(screen.slave) == screen.modes


def test_the_quick_path_imports_nothing_slow() -> None:
    code = (
        "import sys\nsys.argv = ['synk', '--profile', '/nonexistent', 'exec', 'true']\n"
        "from synk.cli import _command_parser\n_command_parser('exec').parse_args(sys.argv[1:])\n"
        "import synk.engine.command_line.exec\n"
        "slow = {'asyncio', 'pydantic', 'PySide6', 'platformdirs', 'ssl', 'email', 'http', 'csv', 'subprocess'}\n"
        "print(sorted(slow & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_slow_reader_holds_the_command_up_and_misses_nothing(
    start: Callable[..., subprocess.Popen[bytes]], engine: Any, tmp_path: Any, wait_until: Callable[..., None]
) -> None:
    marker, count = tmp_path / "written", 100_000_000
    process = start("exec", "--env", f"MARKER={marker}", f"head -c {count} /dev/zero; touch $MARKER")
    assert process.stdout is not None

    def is_far_ahead() -> bool:
        live = engine.runs.list(state="live")
        return bool(live) and live[0].output_bytes > 60_000_000

    wait_until(is_far_ahead, LIMIT_S)
    assert not marker.exists()
    received = 0
    while data := process.stdout.read(1 << 20):
        received += len(data)
    assert received == count
    assert process.wait(LIMIT_S) == 0
    assert marker.exists()
