"""Makes the README's picture with `synk --screenshot`, in a home and a project of its own, so that it shows no machine.

Run it in the checkout's environment: `.venv/bin/python packaging/pictures.py`.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

PICTURE = Path(__file__).parent / "pictures" / "window.png"
PROMPT = r"PS1='\[\e[38;5;75m\]\W\[\e[0m\] \[\e[38;5;114m\]$(git branch --show-current 2>/dev/null)\[\e[0m\] \$ '"
COMMITS = ("Add the order book", "Match orders by price and time", "Reject orders without a price", "Report fills as events")
SOURCE = '''"""The order book: orders by price, then by time."""

from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Order:
    """One order; `size` in lots, `price` in ticks."""

    side: str
    price: int
    size: int


def match(bids: deque[Order], asks: deque[Order]) -> list[int]:
    """Fill crossing orders; returns the prices, best first."""
    fills = []
    while bids and asks and bids[0].price >= asks[0].price:
        fills.append(asks.popleft().price)
        bids.popleft()
    return fills
'''
PRIMES = "[n for n in range(2, 80) if all(n % d for d in range(2, n))]"
COLORS = r"for i in 0 1 2 3 4 5 6 7; do printf '\e[48;5;%sm    ' $i; done; printf '\e[0m\n'"
COMMANDS = (
    "clear; vim -n -u NONE -N +'syntax on' +'set bg=dark nu' +12 book.py",
    "clear; git log --oneline --graph --color; git status",
    f"clear; python3 -q -i -c 'primes = {PRIMES}; print(primes); print(sum(primes))'",
    f"clear; ls -l --color --time-style=+%H:%M; {COLORS}",
)


def main() -> int:
    """Make the picture; returns the exit status."""
    PICTURE.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home, project = Path(folder, "home"), Path(folder, "book")
        home.mkdir()
        (home / ".bash_profile").write_text(f"{PROMPT}\nunset HISTFILE\n")
        make_project(project)
        environment = {"HOME": str(home), "PATH": os.environ["PATH"], "SHELL": "/bin/bash", "LANG": "C.UTF-8"}
        runs = [word for command in COMMANDS for word in ("--run", command)]
        synk = [sys.executable, "-P", "-m", "synk", "--screenshot", str(PICTURE), *runs, str(project)]
        return subprocess.run(synk, env=environment, check=False).returncode


def make_project(project: Path) -> None:
    """A small repository with a history."""
    project.mkdir()
    git = ["git", "-C", str(project), "-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    (project / "book.py").write_text(SOURCE)
    for number, message in enumerate(COMMITS):
        (project / f"part{number}.py").write_text(f'"""{message}."""\n')
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-q", "-m", message], check=True)
    (project / "part3.py").write_text('"""Report fills as events, in order."""\n')


if __name__ == "__main__":
    sys.exit(main())
