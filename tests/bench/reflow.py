"""L6: from a resize of the window, a new pane or a closed one to the new arrangement on the screen, for 1 to 12 panes.

Each pane has 5,000 lines of scrollback (the one that comes and goes has none). The clock runs from the resize request to the X
server, or from the key (`shift+n`, `x`), until probe pixels on the moved borders have their new colors; where those are
was found in a first round that does not count. Between two events the picture settles and the pool warms up.
"""

from pathlib import Path

from grid_points import border_points
from measure import Options, Row, latency
from stage import Stage, staged
from streams import colored_log
from xserver import XServer

IDS = ("L6",)
PANES = range(1, 13)
LINES = 5000
SMALL = (1500, 900)


def run(options: Options, wanted: set[str]) -> list[Row]:
    """Resize, add, remove."""
    del wanted
    rounds = 2 if options.is_quick else 9
    times: dict[str, list[float]] = {"resize": [], "add": [], "remove": []}
    with staged(startup_s=0) as stage:
        screen = stage.open_window()
        log = Path(stage.project) / "log"
        log.write_bytes(b"\n".join(colored_log(2 << 20).split(b"\n")[: LINES + 100]) + b"\n")
        for count in PANES:
            if count < PANES[-1]:
                _fill(stage)
                _come_and_go(stage, screen, rounds, times)
            elif count == PANES[-1]:
                _fill(stage)
            _resize(stage, screen, rounds, times)
    what = f"1 to 12 panes with {LINES:,} lines"
    return [
        latency("L6", f"grid reflow: window resized, {what}", times["resize"], p95=16),
        latency("L6", f"grid reflow: pane added, {what}", times["add"], p95=16),
        latency("L6", f"grid reflow: pane removed, {what}", times["remove"], p95=16),
    ]


def _fill(stage: Stage) -> None:
    """One more session, with a full scrollback."""
    session = stage.new()
    stage.send(session, "cat log; echo all 'printed'")
    stage.wait_text(session, "all printed")
    stage.ctl("focus", target=f"session:{session}")


def _resize(stage: Stage, screen: XServer, rounds: int, times: dict[str, list[float]]) -> None:
    """Make the window smaller and larger again."""
    sizes = (SMALL, (screen.width, screen.height))
    wanted = {}
    picture = screen.settle()
    for index in range(2 * (rounds + 1)):
        size = sizes[index % 2]
        started = screen.place(stage.window_id, width=size[0], height=size[1])
        if size in wanted:
            times["resize"].append((screen.wait_points(*wanted[size], what="the resized grid") - started) * 1000)
            screen.settle(0.15)
        else:
            before, picture = picture, screen.settle()
            wanted[size] = border_points(before, picture, screen)


def _come_and_go(stage: Stage, screen: XServer, rounds: int, times: dict[str, list[float]]) -> None:
    """Open a pane and close it again."""
    wanted = {}
    picture = screen.settle()
    for _ in range(rounds + 1):
        for kind, key in (("add", "shift+n"), ("remove", "x")):
            stage.wait_warm()
            started = screen.key(key)
            if kind in wanted:
                if wanted[kind][0]:
                    times[kind].append((screen.wait_points(*wanted[kind], what=f"the grid after {key}") - started) * 1000)
                screen.settle(0.15)
            else:
                before, picture = picture, screen.settle()
                wanted[kind] = border_points(before, picture, screen)
            if kind == "add":
                screen.key("ctrl+shift+escape")
                picture = screen.settle(0.15)
