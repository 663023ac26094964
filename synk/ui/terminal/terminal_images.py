"""Paints the pictures of a terminal (sixel, kitty graphics) on its grid of cells, and runs their animations."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from enum import Enum
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QObject, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter

from synk.terminal.pictures import UNDER_GROUND, Area, Drawing, Picture, Raster
from synk.terminal.shown_pictures import Shown
from synk.ui.terminal.terminal_font import TerminalFont

MAX_CACHED_BYTES = 96 << 20
"""Of pictures unpacked and scaled for the screen, over all panes: twelve panes full of them at 4K; the oldest go."""
LARGE_PIXELS = 1 << 18
"""A PNG file with more is decoded on another thread: 15 ms for so many, 160 ms for a screen of 1920 x 1080."""
LEAST_GAP_MS = 10
"""An animation changes at most so often: faster than any screen."""

_FORMATS = {"rgb": (QImage.Format.Format_RGB888, 3), "rgba": (QImage.Format.Format_RGBA8888, 4)}
_PAINTED = QImage.Format.Format_ARGB32_Premultiplied


class Layer(Enum):
    """What is painted between what."""

    UNDER_GROUND = 0
    """Under backgrounds that are not the terminal's own."""
    UNDER_TEXT = 1
    OVER_TEXT = 2


def layer_of(shown: Shown) -> Layer:
    """Where a picture belongs."""
    z = shown.placement.z
    return Layer.OVER_TEXT if z >= 0 else Layer.UNDER_TEXT if z >= UNDER_GROUND else Layer.UNDER_GROUND


class _Key(NamedTuple):
    drawing: Drawing
    area: Area | None
    size: tuple[int, int]


Submit = Callable[[Callable[[], QImage], Callable[[QImage], None]], None]
"""`submit(work, done)`: run `work` on another thread, then `done` with its result on this one."""


class PictureCache(QObject):
    """Pictures as the screen wants them; shared by all panes."""

    loaded = Signal()
    """A large picture that was asked for is there now: paint again."""

    def __init__(self) -> None:
        super().__init__()
        self.submit: Submit | None = None
        """Set by whoever has a thread to spare; without it the window waits for large pictures."""
        self._loading: set[Drawing] = set()
        self._images: OrderedDict[_Key, QImage] = OrderedDict()
        self._size_bytes = 0

    def drawing(self, drawing: Drawing, *, may_wait: bool = True) -> QImage:
        """A drawing in its own size. Empty if it cannot be decoded; or, unless it `may_wait`, not yet (see `loaded`)."""
        key = _whole(drawing)
        found = self._images.get(key)
        if found is not None:
            self._images.move_to_end(key)
        elif not may_wait and self.submit is not None and (raster := _large(drawing)) is not None:
            if drawing not in self._loading:
                self._loading.add(drawing)
                self.submit(partial(_decoded, raster), partial(self._take, drawing))
            return QImage()
        else:
            found = self._painted(drawing)
            self._keep(key, found)
        return found

    def _take(self, drawing: Drawing, image: QImage) -> None:
        self._loading.discard(drawing)
        self._keep(_whole(drawing), image)
        self.loaded.emit()

    def scaled(self, drawing: Drawing, area: Area, size: QSize) -> QImage:
        """A part of a drawing in the size it is shown in, device pixels."""
        key = _Key(drawing, area, (size.width(), size.height()))
        found = self._images.get(key)
        if found is not None:
            self._images.move_to_end(key)
            return found
        image = self.drawing(drawing, may_wait=False)
        if image.isNull():
            return image
        if area != (0, 0, drawing.width, drawing.height):
            image = image.copy(QRect(*area))
        elif image.size() == size:
            return image
        if image.size() != size:
            smooth = Qt.TransformationMode.SmoothTransformation
            image = image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
        self._keep(key, image)
        return image

    def flatten(self, drawing: Drawing) -> bytes:
        """A drawing as RGBA, rows from the top."""
        image = self.drawing(drawing)
        if image.isNull():
            return bytes(4 * drawing.width * drawing.height)
        # The image has to live while its bits are read.
        straight = image.convertToFormat(QImage.Format.Format_RGBA8888)
        return bytes(straight.constBits())

    def _keep(self, key: _Key, image: QImage) -> None:
        self._images[key] = image
        self._size_bytes += image.sizeInBytes()
        while self._size_bytes > MAX_CACHED_BYTES and len(self._images) > 1:
            _, old = self._images.popitem(last=False)
            self._size_bytes -= old.sizeInBytes()

    def _painted(self, drawing: Drawing) -> QImage:
        """A drawing with all its patches."""
        if len(drawing.patches) == 1 and isinstance(drawing.patches[0].source, Raster):
            [patch] = drawing.patches
            raster = drawing.patches[0].source
            is_whole = (patch.x, patch.y) == (0, 0) and (raster.width, raster.height) == (drawing.width, drawing.height)
            if patch.replaces and is_whole:
                return _decoded(raster)
        image = QImage(drawing.width, drawing.height, _PAINTED)
        red, green, blue, alpha = drawing.ground.to_bytes(4, "big")
        image.fill(QColor(red, green, blue, alpha))
        painter = QPainter(image)
        for patch in drawing.patches:
            mode = QPainter.CompositionMode.CompositionMode_Source
            painter.setCompositionMode(mode if patch.replaces else QPainter.CompositionMode.CompositionMode_SourceOver)
            source = patch.source
            part = _decoded(source) if isinstance(source, Raster) else self.drawing(source)
            painter.drawImage(QPointF(patch.x, patch.y), part, QRectF(QRect(*patch.area)))
        painter.end()
        return image


def _whole(drawing: Drawing) -> _Key:
    return _Key(drawing, None, (drawing.width, drawing.height))


def _large(drawing: Drawing) -> Raster | None:
    """The file to be decoded, if the drawing is nothing else and that takes long."""
    source = drawing.patches[0].source if len(drawing.patches) == 1 else None
    is_large = drawing.width * drawing.height > LARGE_PIXELS
    return source if is_large and isinstance(source, Raster) and source.format == "png" else None


def _decoded(raster: Raster) -> QImage:
    if raster.format == "png":
        image = QImage.fromData(raster.data)
    else:
        format, depth = _FORMATS[raster.format]
        image = QImage(raster.data, raster.width, raster.height, depth * raster.width, format)
    # A copy: the bytes are Python's.
    return image.convertToFormat(_PAINTED)


class PicturePainter:
    """Paints pictures in the cells of one font; shared by all panes."""

    def __init__(self, font: TerminalFont, cache: PictureCache | None = None) -> None:
        self._font = font
        self.cache = cache or PictureCache()

    def paint(self, painter: QPainter, pictures: Iterable[Shown], layer: Layer, *, first: int, cols: int, rows: int) -> None:
        """Paint the pictures of a layer, the lowest first. Rows of `pictures` count from `first`, which is at the top;
        nothing is painted beyond `cols` and `rows`."""
        font = self._font
        grid = QRectF(0, 0, cols * font.cell_width, rows * font.cell_height)
        for each in pictures:
            if layer_of(each) is not layer:
                continue
            place, image = self._image(each, first)
            if image.isNull():
                continue
            for part in self._parts(each, first):
                self._draw(painter, image, place, part.intersected(grid))

    def area(self, shown: Shown, first: int) -> QRectF:
        """Where a picture is at most, in logical pixels; see `paint`."""
        font, placement = self._font, shown.placement
        return QRectF(
            shown.left * font.cell_width,
            (shown.top - first) * font.cell_height,
            placement.cols * font.cell_width,
            placement.rows * font.cell_height,
        )

    def _parts(self, shown: Shown, first: int) -> list[QRectF]:
        """Where a picture is seen."""
        font = self._font
        width, height = font.cell_width, font.cell_height
        if shown.pieces is None:
            top = (max(shown.first, shown.top) - first) * height
            return [QRectF(0, top, 1e6, 1e6)]
        return [QRectF(col * width, (y - first) * height, (end - col) * width, height) for y, col, end in shown.pieces]

    def _image(self, shown: Shown, first: int) -> tuple[QRectF, QImage]:
        """The whole picture, and where it lies."""
        font, placement = self._font, shown.placement
        width, height = font.cell_width, font.cell_height
        area, cell = placement.area, placement.cell
        x, y = placement.offset[0] / cell[0], placement.offset[1] / cell[1]
        if placement.is_virtual:
            scale = min(placement.cols * cell[0] / area.width, placement.rows * cell[1] / area.height)
            cols, rows = area.width * scale / cell[0], area.height * scale / cell[1]
            x, y = (placement.cols - cols) / 2, (placement.rows - rows) / 2
        elif placement.stretched is not None:
            cols, rows = placement.stretched[0] - x, placement.stretched[1] - y
        else:
            cols, rows = area.width / cell[0], area.height / cell[1]
        ratio = font.ratio
        place = QRect(
            round((shown.left + x) * width * ratio),
            round((shown.top - first + y) * height * ratio),
            max(1, round(cols * width * ratio)),
            max(1, round(rows * height * ratio)),
        )
        place_f = QRectF(place.x() / ratio, place.y() / ratio, place.width() / ratio, place.height() / ratio)
        return place_f, self.cache.scaled(placement.picture.drawing, area, place.size())

    def _draw(self, painter: QPainter, image: QImage, place: QRectF, part: QRectF) -> None:
        seen = place.intersected(part)
        if seen.isEmpty():
            return
        ratio = self._font.ratio
        source = QRectF(
            (seen.x() - place.x()) * ratio, (seen.y() - place.y()) * ratio, seen.width() * ratio, seen.height() * ratio
        )
        painter.drawImage(seen, image, source)




class PictureClock(QObject):
    """Shows the next frames of the animations in sight when it is time; without one nothing wakes the event loop."""

    def __init__(self, parent: QObject, on_change: Callable[[Picture], None]) -> None:
        """`on_change(picture)`: another frame of it is to be painted."""
        super().__init__(parent)
        self._on_change = on_change
        self._due: dict[Picture, float] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    @property
    def is_running(self) -> bool:
        """Whether a timer wakes the event loop for it."""
        return self._timer.isActive()

    def keep(self, pictures: Iterable[Shown]) -> None:
        """These are in sight now."""
        running = {each.placement.picture for each in pictures if each.placement.picture.is_animated}
        if not running:
            self.stop()
            return
        now = time.monotonic()
        self._due = {picture: self._due.get(picture, now + _gap_s(picture)) for picture in running}
        self._start(now)

    def stop(self) -> None:
        """Nothing is in sight."""
        if self._due:
            self._timer.stop()
            self._due.clear()

    def _start(self, now: float) -> None:
        self._timer.start(max(1, int((min(self._due.values()) - now) * 1000) + 1))

    def _tick(self) -> None:
        now = time.monotonic()
        for picture, due in list(self._due.items()):
            if due > now:
                continue
            if picture.is_animated:
                picture.advance()
                self._on_change(picture)
            if picture.is_animated:
                # Late frames are not made up for: a slow painter must not fall behind ever more.
                self._due[picture] = now + _gap_s(picture)
            else:
                del self._due[picture]
        if self._due:
            self._start(now)


def _gap_s(picture: Picture) -> float:
    return max(LEAST_GAP_MS, picture.gap_ms) / 1000
