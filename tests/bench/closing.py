"""L14: from the key that confirms closing an agent, which ignores SIGTERM, to the grid without it.

Two panes, a shell and the agent. `x` asks, since a program is running; the clock runs from Enter to the moment when probe
pixels on the borders of the pane that remains have their new colors. The agent itself is killed 3 s later in the background.
"""

from grid_points import border_points
from measure import WARM_UPS, Options, Row, latency
from stage import STUBBORN, Stage, staged
from xserver import XServer

IDS = ("L14",)


def run(options: Options, wanted: set[str]) -> list[Row]:
    """The row."""
    del wanted
    with staged(startup_s=0, settings={"performance.max_active": 64}) as stage:
        screen = stage.open_window()
        stage.new()
        _open(stage, screen)
        before = screen.settle()
        _close(screen)
        points = border_points(before, screen.settle(), screen)
        samples = []
        for index in range(options.runs() + WARM_UPS):
            _open(stage, screen)
            started = _close(screen)
            ended = screen.wait_points(*points, what="the grid without the pane")
            if index >= WARM_UPS:
                samples.append((ended - started) * 1000)
    return [latency("L14", "close: Enter to pane gone and grid reflowed, agent ignores SIGTERM", samples, p95=50)]


def _open(stage: Stage, screen: XServer) -> None:
    session = stage.new(argv=STUBBORN)
    stage.wait_text(session, "deaf")
    stage.ctl("focus", target=f"session:{session}")
    stage.wait_warm()
    screen.settle(0.1)


def _close(screen: XServer) -> float:
    screen.key("x")
    screen.settle(0.1)
    return screen.key("enter")
