"""Records what real programs print on a screen of a given size: `NAME-COLSxROWS.gz`, which `tests/bench/streams.py` plays.

    python tests/data/streams/record.py [--size COLSxROWS] [NAME]...

Each program runs on a pseudo terminal inside a real xterm of that size, on a private X server: xterm answers what the program
asks, and everything it prints is kept. Keys follow when the program is quiet; it is left with its own key, so it leaves the
screen as it found it. The text is this repository's, and htop sees the processes of a namespace of its own, with invented names;
that one needs root. Needs Xvfb, xterm and the programs.
"""

import argparse
import fcntl
import gzip
import os
import pty
import re
import select
import shlex
import struct
import subprocess
import sys
import tempfile
import termios
import time
import tty
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.beside_xterm import display

HERE = Path(__file__).parent
QUIET_S, LIMIT_S = 0.06, 2.0
"""A key is done when nothing was printed for so long, and at the latest after so long."""
SOURCE = "9d576bb:synk/terminal/screen.py"
VIMRC = "syntax on\nset number cursorline hlsearch laststatus=2 ruler noswapfile viminfo= noshowcmd\n"
PROCESSES = """
mount --bind passwd /etc/passwd
mount -t tmpfs -o uid=1000 none /mnt
for number in 1 2 3 4 5 6 7 8 9 10 11 12; do (exec -a "worker --number $number" sleep 60) & done
(exec -a builder bash build.sh) &
HOME=/mnt setpriv --reuid 1000 --regid 1000 --clear-groups htop --delay 3
kill $(jobs -p)
"""
"""Run as process 1 of the namespace that htop shows."""
BUILD = "while :; do for ((step = 0; step < 20000; step++)); do :; done; sleep 0.05; done\n"
"""Now and then busy."""


@dataclass(frozen=True, slots=True)
class Program:
    """What runs, and the keys that are pressed one after the other; a number is a time in seconds without one."""

    argv: tuple[str, ...]
    keys: tuple[str | float, ...]


PROGRAMS = {
    # Pages, single lines, a search, text typed in the middle, half pages, two windows.
    "vim": Program(
        ("vim", "project/screen.py"),
        (
            *["\x06"] * 14, *["\x02"] * 10, *"j" * 60, "/self\r", *"n" * 12, "gg", "G", "gg", "50%", "o",
            *"# a comment that is typed here, one key after the other", *"\r" * 5, "\x1b",
            *["\x04"] * 12, *["\x15"] * 12, ":vsplit\r", *["\x06"] * 10, *["\x05"] * 30, ":qa!\r",
        ),
    ),
    # Pages of `git log -p` to and fro, single lines to and fro, a search.
    "less": Program(("sh", "-c", "less -R < log"), (*" " * 40, *"b" * 20, *"j" * 60, *"k" * 40, "/paper\r", *"n" * 10, "q")),
    # A few seconds in each order, with the selection moving, then as a tree.
    "htop": Program(
        ("unshare", "--mount", "--pid", "--fork", "--mount-proc", "bash", "tasks.sh"),
        (1.0, *["\x1bOB", 0.4] * 13, "M", 0.5, "t", *[0.5] * 14, "q"),
    ),
}  # fmt: skip


def main() -> None:
    """Record the programs named, or all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", default="80x24", metavar="COLSxROWS")
    parser.add_argument("--inside", metavar="FILE", help="used by itself, in the xterm: the program's output goes there")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {' '.join(PROGRAMS)}")
    options = parser.parse_args()
    for name in options.names or PROGRAMS:
        if options.inside:
            Path(options.inside).write_bytes(play(PROGRAMS[name]))
        else:
            data = record(name, options.size)
            (HERE / f"{name}-{options.size}.gz").write_bytes(gzip.compress(data, 9, mtime=0))
            print(f"{name}: {len(data)} bytes")


def record(name: str, size: str) -> bytes:
    """What the program prints in an xterm of that size."""
    with tempfile.TemporaryDirectory() as folder, display() as screen:
        home = Path(folder)
        prepare(home)
        inside = [sys.executable, str(Path(__file__).resolve()), "--inside", str(home / "output"), name]
        environment = {"PATH": os.environ["PATH"], "HOME": folder, "LANG": "C.UTF-8"}
        subprocess.run(
            ["xterm", "-display", screen, "-geometry", size, "-u8", "-fn", "fixed", "-e", shlex.join(inside)],
            env=environment, cwd=home, check=True,
        )  # fmt: skip
        return (home / "output").read_bytes()


def prepare(home: Path) -> None:
    """The files that the programs show."""
    (home / "project").mkdir()
    source = subprocess.run(["git", "show", SOURCE], cwd=HERE, capture_output=True, check=True).stdout
    (home / "project" / "screen.py").write_bytes(source)
    (home / ".vimrc").write_text(VIMRC)
    log = gzip.decompress((HERE / "git_log.gz").read_bytes()).replace(b"\r\n", b"\n")
    (home / "log").write_bytes(re.sub(rb"(?m)^---\n( .*\n)+(?=\n)", b"", log))
    (home / "passwd").write_text("root:x:0:0::/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n")
    (home / "tasks.sh").write_text(PROCESSES)
    (home / "build.sh").write_text(BUILD)


def play(program: Program) -> bytes:
    """Run it between this terminal and the keys; what it printed, to its end."""
    tty.setraw(0)
    size = fcntl.ioctl(0, termios.TIOCGWINSZ, bytes(8))
    cols, rows = struct.unpack("HHHH", size)[1::-1]
    pid, master = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        os.environ.pop("WINDOWID", None)
        os.execvp("sh", ["sh", "-c", f"stty rows {rows} cols {cols}; exec {shlex.join(program.argv)}"])
    printed = bytearray()
    is_open = pump(master, printed, quiet_s=0.5)
    for key in program.keys:
        if is_open and isinstance(key, str):
            os.write(master, key.encode())
            is_open = pump(master, printed)
        elif is_open and isinstance(key, float):
            is_open = pump(master, printed, quiet_s=key, limit_s=key)
    while is_open:
        is_open = pump(master, printed)
    os.waitpid(pid, 0)
    return bytes(printed)


def pump(master: int, printed: bytearray, *, quiet_s: float = QUIET_S, limit_s: float = LIMIT_S) -> bool:
    """Carry output to the terminal and its answers back, until it is quiet; False at the end of the program."""
    limit = time.monotonic() + limit_s
    while (left_s := limit - time.monotonic()) > 0 and (ready := select.select([master, 0], [], [], min(quiet_s, left_s))[0]):
        if master in ready:
            try:
                data = os.read(master, 65536)
            except OSError:
                return False
            printed += data
            os.write(1, data)
        if 0 in ready:
            os.write(master, os.read(0, 4096))
    return True


if __name__ == "__main__":
    main()
