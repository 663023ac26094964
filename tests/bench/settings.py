"""L18: from a change of a setting, by an editor or in the dialog, to its effect on the screen with 12 sessions open.

The setting is the theme, whose effect is everywhere: the clock stops once forty points of the ground that are spread over the
screen have the color of the other theme. By an editor: the file is replaced as editors do it. In the dialog: an arrow key on
the field, which is written 450 ms later and then takes effect.
"""

import os
import time

from measure import WARM_UPS, NotMeasured, Options, Row, latency
from stage import Stage, staged
from xserver import Point, XServer, color_bytes

from synk.ui.schemes import Appearance, bundled_scheme, read_scheme

IDS = ("L18",)
PANES = 12
POINTS = 40
TOP_PX = 64
LIMIT_MS = 1000
NAMES: tuple[Appearance, Appearance] = ("light", "dark")


def run(options: Options, wanted: set[str]) -> list[Row]:
    """One row for the editor, one for the dialog."""
    del wanted
    rows = []
    with staged(settings={"ui.theme": "dark", "ui.drawer_height": 250}) as stage:
        screen = stage.open_window()
        for _ in range(PANES):
            stage.new()
        screen.settle()
        grid = _ground(screen)
        samples = _edits(stage, screen, grid, options.runs(30))
        rows.append(latency("L18", "settings.toml edited to all repainted", samples, p95=LIMIT_MS))
        stage.write_settings({"ui.theme": "dark"})
        _await(screen, grid, "dark")
        screen.key("ctrl+comma")
        screen.settle()
        for name in ("t", "h", "e", "m", "e", "enter"):
            screen.key(name)
        screen.settle()
        samples = _presses(screen, _ground(screen), options.runs(30))
        rows.append(latency("L18", "key in the dialog to all repainted", samples, p95=LIMIT_MS))
    return rows


def _edits(stage: Stage, screen: XServer, points: list[Point], runs: int) -> list[float]:
    path = stage.profile / "config" / "settings.toml"
    new = path.with_suffix(".new")
    samples = []
    for index in range(runs + WARM_UPS):
        # Not always at the same moment between two looks of the window at its file.
        time.sleep(0.5 + (index * 0.13) % 0.5)
        name = NAMES[index % 2]
        new.write_text(f'[ui]\ntheme = "{name}"\n')
        started = time.perf_counter()
        os.replace(new, path)
        ended = _await(screen, points, name)
        if index >= WARM_UPS:
            samples.append((ended - started) * 1000)
    return samples


def _presses(screen: XServer, points: list[Point], runs: int) -> list[float]:
    samples = []
    for index in range(runs + WARM_UPS):
        time.sleep(0.2)
        name = NAMES[index % 2]
        started = screen.key("Down" if name == "light" else "Up")
        ended = _await(screen, points, name)
        if index >= WARM_UPS:
            samples.append((ended - started) * 1000)
    return samples


def _ground(screen: XServer) -> list[Point]:
    """Points of the ground, which have the color of the dark theme now."""
    # Below the top bar, whose icon keeps its colors.
    found = [point for point in screen.find(_color("dark")) if point[1] > TOP_PX]
    if len(found) < POINTS:
        raise NotMeasured("the ground of the dark theme is not to be seen")
    return found[:: len(found) // POINTS]


def _await(screen: XServer, points: list[Point], name: Appearance) -> float:
    wanted = color_bytes(_color(name))
    return screen.wait(lambda: all(screen.pixel(point) == wanted for point in points), what=f"the {name} theme")


def _color(name: Appearance) -> str:
    return str(read_scheme(bundled_scheme(name)).colors.bg_primary.name())
