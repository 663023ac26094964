"""Other terminals on the screen of a stage, each with 80 x 24 cells, to be measured beside Synk in the same run."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from measure import NotMeasured
from stage import Stage
from xserver import XServer

COLS, ROWS = 80, 24
START_LIMIT_S = 15.0
WIDTH, HEIGHT = 1000, 620
"""Of a tile of the screen: room for 80 x 24 cells in any terminal's default font, and for Synk's bars."""
SYSTEM_PYTHON = "/usr/bin/python3"
_SIZE = f"{COLS}x{ROWS}"


@dataclass(frozen=True, slots=True)
class Peer:
    """How one other terminal is started with a program in it."""

    name: str
    argv: tuple[str, ...]
    """Its own command, which the program's follows."""

    @property
    def is_installed(self) -> bool:
        """Whether it can be tried; it may yet fail to open a window."""
        if self.name == "VTE":
            look = [SYSTEM_PYTHON, "-c", "import gi; gi.require_version('Vte', '2.91'); gi.require_version('Gtk', '3.0')"]
            return Path(SYSTEM_PYTHON).exists() and not subprocess.run(look, capture_output=True, check=False).returncode
        return shutil.which(self.argv[0]) is not None


XTERM = Peer("xterm", ("xterm", "-geometry", _SIZE, "-e"))
PEERS = (
    XTERM,
    Peer("VTE", (SYSTEM_PYTHON, str(Path(__file__).with_name("vte_window.py")))),
    Peer(
        "konsole",
        (
            "konsole", "--nofork", "--notransparency", "--hide-menubar", "--hide-tabbar", "-p", f"TerminalColumns={COLS}",
            "-p", f"TerminalRows={ROWS}", "-e",
        ),
    ),
    Peer(
        "alacritty",
        ("alacritty", "-o", f"window.dimensions.columns={COLS}", "-o", f"window.dimensions.lines={ROWS}", "-e"),
    ),
    Peer(
        "kitty",
        (
            "kitty", "--config", "NONE", "-o", "remember_window_size=no", "-o", f"initial_window_width={COLS}c",
            "-o", f"initial_window_height={ROWS}c", "-o", "cursor_blink_interval=0", "-o", "update_check_interval=0",
        ),
    ),
)  # fmt: skip
"""xterm first; the others are there for comparison where they are installed. kitty and alacritty draw by software OpenGL."""


class PeerWindow:
    """Another terminal that runs a program in its own tile of the screen; owns its process."""

    def __init__(self, peer: Peer, screen: XServer, *, tile: int, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Raises NotMeasured if it opens no window."""
        self.name = peer.name
        self._screen = screen
        self.left, self.top = tile_place(tile)
        before = screen.windows
        self._process = subprocess.Popen(
            [*peer.argv, *command],
            env={**environment, "LIBGL_ALWAYS_SOFTWARE": "1", "XDG_RUNTIME_DIR": environment["HOME"]},
            cwd=environment["HOME"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        deadline = time.monotonic() + START_LIMIT_S
        while not (new := screen.windows - before):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.close()
                raise NotMeasured(f"{peer.name} opened no window")
            time.sleep(0.01)
        self.window = min(new)
        # Konsole shows its window in another size first.
        time.sleep(0.5)
        screen.move(self.window, left=self.left, top=self.top)

    def focus(self) -> None:
        """Give it the keyboard."""
        self._screen.focus(self.window)

    def close(self) -> None:
        """End it and what runs in it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(3)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(5)


def screen_size(tiles: int) -> dict[str, int]:
    """Width and height of a screen with so many tiles."""
    return {"width": 3 * WIDTH, "height": HEIGHT * ((tiles + 2) // 3)}


def tile_place(tile: int) -> tuple[int, int]:
    """Left and top of a tile; Synk has tile 0."""
    return WIDTH * (tile % 3), HEIGHT * (tile // 3)


def open_peers(stage: Stage, peers: Sequence[Peer], command: Callable[[Peer], Sequence[str]]) -> list[PeerWindow]:
    """Those peers that are installed and open a window, each in a tile of its own, running `command(peer)`."""
    assert stage.screen is not None
    opened: list[PeerWindow] = []
    for peer in peers:
        if peer.is_installed:
            with contextlib.suppress(NotMeasured):
                window = PeerWindow(
                    peer, stage.screen, tile=len(opened) + 1, command=command(peer), environment=stage.environment
                )
                opened.append(window)
    return opened


def fit_synk(stage: Stage) -> None:
    """Give Synk's window, with one session open, the size at which its pane has 80 x 24 cells.

    Raises:
        NotMeasured: no such size was found.
    """
    assert stage.screen is not None
    width, height = WIDTH - 60, HEIGHT - 60
    for _ in range(40):
        stage.screen.place(stage.window_id, width=width, height=height)
        stage.screen.settle(0.15)
        session = stage.ctl("list")["sessions"][0]
        cols, rows = session["cols"], session["rows"]
        if (cols, rows) == (COLS, ROWS):
            return
        # A cell is about 8 x 17 pixels: the last steps go pixel by pixel in effect.
        width += 8 * (COLS - cols) if abs(COLS - cols) > 1 else 4 * (COLS - cols)
        height += 16 * (ROWS - rows) if abs(ROWS - rows) > 1 else 8 * (ROWS - rows)
    raise NotMeasured(f"no size of the window gives {COLS} x {ROWS}")
