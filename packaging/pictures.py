"""Makes the README's pictures from a running window, in a home and projects of its own, so that they show no machine.

Run it in the checkout's environment: `.venv/bin/python packaging/pictures.py`.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PICTURES = Path(__file__).parent / "pictures"
PROJECTS = ("book", "api", "website", "notes")
LIMIT_S = 30
FOLLOW_S = 1.5
"""A change of the settings takes effect within a second."""
QUIET_S = 1
"""A command that has printed nothing for so long has drawn what there is to see."""
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
    """Make all pictures; returns the exit status."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        home.mkdir()
        (home / ".bash_profile").write_text(f"{PROMPT}\nunset HISTFILE\n")
        for name in PROJECTS:
            make_project(home / name)
        with Studio(home, Path(folder, "profile")) as studio:
            shoot(studio)
    return 0


def shoot(studio: "Studio") -> None:
    """One window, from its grid to its settings."""
    sessions = [studio.open(command) for command in COMMANDS]
    studio.synk("ctl", "focus", f"session:{sessions[0]}")
    studio.picture("window")
    studio.look('theme = "light"')
    studio.picture("light")
    studio.look("")
    studio.do("settings.open performance")
    studio.picture("settings")
    studio.do("close")
    studio.do("help.open")
    studio.picture("keys")
    studio.do("close")
    for name in PROJECTS[1:]:
        studio.do(f"tab.open {studio.home / name}")
    studio.do("home.show")
    studio.picture("home")


class Studio:
    """A window without a display, driven by `synk ctl`."""

    def __init__(self, home: Path, profile: Path) -> None:
        self.home = home
        self._profile = profile
        self._environment = {
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "SHELL": "/bin/bash",
            "LANG": "C.UTF-8",
            "QT_QPA_PLATFORM": "offscreen",
        }

    def __enter__(self) -> "Studio":
        """Start it in the first project, and wait until it answers."""
        self.look("")
        self._window = subprocess.Popen([*self._synk(), str(self.home / PROJECTS[0])], env=self._environment)
        deadline = time.monotonic() + LIMIT_S
        while subprocess.run([*self._synk(), "ctl", "list"], env=self._environment, capture_output=True, check=False).returncode:
            if time.monotonic() > deadline:
                raise SystemExit("the window does not answer")
        return self

    def __exit__(self, *_: object) -> None:
        """End window and host."""
        self._window.terminate()
        self._window.wait(LIMIT_S)

    def open(self, command: str) -> int:
        """A session that runs a command, once what it prints has settled."""
        session = int(json.loads(self.synk("ctl", "new", "--json"))["session"])
        self.synk("ctl", "wait-for", f"session:{session}", "status=idle")
        self.synk("ctl", "send-text", f"session:{session}", command, "--enter")
        self.synk("ctl", "wait-for", f"session:{session}", f"idle={QUIET_S}")
        return session

    def look(self, ui: str) -> None:
        """Write settings.toml; a running window follows within a second."""
        config = self._profile / "config"
        config.mkdir(parents=True, exist_ok=True)
        (config / "settings.toml").write_text(f"version = 1\n\n[ui]\n{ui}\n")
        time.sleep(FOLLOW_S)

    def do(self, line: str) -> None:
        """Run a line of the command bar."""
        self.synk("ctl", "do", line)

    def picture(self, name: str) -> None:
        """Save what the window shows once it stands still."""
        time.sleep(FOLLOW_S)
        self.synk("ctl", "screenshot", str(PICTURES / f"{name}.png"))

    def synk(self, *arguments: str) -> str:
        """What `synk ARGUMENTS` prints for this window."""
        done = subprocess.run([*self._synk(), *arguments], env=self._environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"synk {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def _synk(self) -> list[str]:
        return [sys.executable, "-P", "-m", "synk", "--profile", str(self._profile)]


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
