"""Runs in a terminal that is measured: for each path it reads from a pipe it has `cat` print that file, then one marked screen.

`printer.py PIPE`: a line of the pipe is `COLOR PATH`, COLOR three decimal numbers with `;` between; the line `end` ends it.
The marked screen is empty but for two rows of that color at its top, so it is seen from outside once everything before was
parsed and the last screen painted.
"""

import subprocess
import sys
import termios
import tty

RESET = b"\x1b[!p\x1b[?69l\x1b[r\x1b[?1049l\x1b[?6l\x1b(B\x0f\x1b[0m\x1b[H\x1b[2J\x1b[3J"
"""Leaves whatever the stream has set."""


def main() -> None:
    """Serve the pipe to its end."""
    sys.stdout.flush()
    # As it comes: the streams bring their own carriage returns, and replies to their queries are not to be echoed.
    tty.setraw(0, termios.TCSANOW)
    while True:
        with open(sys.argv[1]) as pipe:
            for line in pipe:
                if line.strip() == "end":
                    return
                color, path = line.rstrip("\n").split(" ", 1)
                if path != "-":
                    subprocess.run(["cat", path], check=False)
                _print(RESET + b"\x1b[48;2;%sm" % color.encode() + (b" " * 20 + b"\r\n") * 2 + b"\x1b[0m")
                termios.tcflush(0, termios.TCIFLUSH)


def _print(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
