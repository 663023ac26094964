"""Figures of matplotlib as PNG files in the run's folder, drawn without a display."""

from __future__ import annotations

import os
import sys
from typing import Any

from synk.host.kernels.python_values import Encoded, Limits, type_name

MAX_FIGURES = 10
"""Of one cell; more are counted, not drawn."""
MAX_PIXELS = 1600
"""Longer side."""
MAX_BYTES = 1_000_000
TRIES = 6
"""Each try scales a picture that is too large in bytes down; noise shrinks with its area."""


class Figures:
    """The pictures of one cell. Without matplotlib in use it does nothing."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        """Where they go; it exists already. "" if nobody wants pictures."""
        self.files: list[str] = []
        """File names in the folder, in the order they were drawn."""
        self.left_out = 0
        self._known: dict[int, tuple[Any, str]] = {}

    def value(self, value: Any, _limits: Limits) -> Encoded | None:
        """The encoding of a figure, of axes, or of an array of axes; None for all other values."""
        figures = _figures_in(value)
        if not figures:
            return self._picture(value)
        names = [name for name in map(self.save, figures) if name]
        if not names:
            return None
        found: Encoded = {"type": "figure", "value": names[0], "python_type": type_name(value)}
        if len(names) > 1:
            found["files"] = names
        return found

    def collect(self) -> None:
        """Draw what pyplot holds open, and close it: a figure belongs to the cell that made it."""
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is None:
            return
        for number in pyplot.get_fignums():
            self.save(pyplot.figure(number))
        pyplot.close("all")

    def save(self, figure: Any) -> str:
        """File name of the figure's picture; "" if it was not drawn."""
        known = self._known.get(id(figure))
        if known is not None:
            return known[1]
        path = self._next_path()
        if not path:
            return ""
        name = os.path.basename(path)
        # The figure is kept alive with its name: its id could else be given to another one.
        self._known[id(figure)] = (figure, name)
        _draw(figure, path)
        self.files.append(name)
        return name

    def _picture(self, value: Any) -> Encoded | None:
        """An object that draws itself (an image of Pillow)."""
        draw = getattr(type(value), "_repr_png_", None)
        if draw is None:
            return None
        data = draw(value)
        if not isinstance(data, bytes) or len(data) > MAX_BYTES:
            return None
        path = self._next_path()
        if not path:
            return None
        with open(path, "xb") as file:
            file.write(data)
        self.files.append(os.path.basename(path))
        return {"type": "figure", "value": self.files[-1], "python_type": type_name(value)}

    def _next_path(self) -> str:
        if not self.folder:
            return ""
        if len(self.files) >= MAX_FIGURES:
            self.left_out += 1
            return ""
        return os.path.join(self.folder, f"figure-{len(self.files) + 1}.png")


def _figures_in(value: Any) -> list[Any]:
    """Figures that a plotting call gave back, directly or through its axes."""
    if "matplotlib" not in sys.modules:
        return []
    figure_class = getattr(sys.modules.get("matplotlib.figure"), "Figure", None)
    artist_class = getattr(sys.modules.get("matplotlib.artist"), "Artist", None)
    if figure_class is None or artist_class is None:
        return []
    if isinstance(value, figure_class):
        return [value]
    if isinstance(value, artist_class):
        figure = _outermost(value)
        return [] if figure is None else [figure]
    if isinstance(value, (list, tuple)) or (type(value).__name__ == "ndarray" and value.dtype == object):
        items = list(value.flat) if hasattr(value, "flat") else list(value)
        if items and len(items) <= 1000 and all(isinstance(item, artist_class) for item in items):
            figures = [figure for figure in map(_outermost, items) if figure is not None]
            return list({id(figure): figure for figure in figures}.values())
    return []


def _outermost(artist: Any) -> Any:
    figure = artist.get_figure() if hasattr(artist, "get_figure") else getattr(artist, "figure", None)
    while figure is not None and getattr(figure, "figure", figure) is not figure:
        figure = figure.figure  # a subfigure
    return figure


def _draw(figure: Any, path: str) -> None:
    width, height = figure.get_size_inches()
    dpi = min(float(figure.dpi), MAX_PIXELS / max(width, height, 0.01))
    for _ in range(TRIES):
        figure.savefig(path, dpi=dpi, format="png")
        size = os.path.getsize(path)
        if size <= MAX_BYTES:
            return
        dpi *= max(0.3, 0.95 * (MAX_BYTES / size) ** 0.5)
