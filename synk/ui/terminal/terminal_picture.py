"""What is seen of one terminal: taken from its emulator at one moment, and painted row by row."""

from collections.abc import Iterable
from functools import partial
from itertools import pairwise
from math import ceil
from typing import Protocol, cast

from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QRegion

from synk.sessions.session import Session, Status
from synk.terminal.emulator import Cursor
from synk.terminal.rows import Run
from synk.terminal.shown_pictures import Shown
from synk.ui.overlays import Overlay, SelectionOverlay, paint_mark
from synk.ui.terminal.cursor_blink import CursorBlink, TextBlink
from synk.ui.terminal.echo import MOST_CELLS, Echo, changed_cells
from synk.ui.terminal.finder import Finder
from synk.ui.terminal.link_hover import LinkHover
from synk.ui.terminal.preedit import Preedit
from synk.ui.terminal.scroll_position import ScrollPosition
from synk.ui.terminal.terminal_colors import Palette
from synk.ui.terminal.terminal_images import Layer, PictureClock, layer_of
from synk.ui.terminal.terminal_mouse import TerminalMouse
from synk.ui.terminal.terminal_paint import RowPainter, character_at
from synk.ui.theme import faded


class Onlooker(Protocol):
    """What is needed of the view."""

    session: Session
    scroll_position: ScrollPosition
    mouse: TerminalMouse
    links: LinkHover
    finder: Finder | None
    blink: CursorBlink
    text_blink: TextBlink
    preedit: Preedit

    @property
    def rows_shown(self) -> int:
        """Whole rows that fit."""

    @property
    def is_frame_open(self) -> bool:
        """Whether what was taken last is what is to be seen."""

    @property
    def is_typed_into(self) -> bool:
        """Whether the cursor is filled, and blinks."""

    def width(self) -> int:
        """In logical pixels."""


class TerminalPicture:
    """Knows what was painted last, and so what has to be painted again."""

    def __init__(self, view: Onlooker, rows: RowPainter, clock: PictureClock) -> None:
        """`clock` shows the next frames of animations."""
        self._view = view
        self._rows = rows
        self._clock = clock
        self._palettes: dict[bool, Palette] = {}
        self._palette_used: Palette | None = None
        self._overrides: dict[int, int] = {}
        self._dim_by = 0.0
        self._veil: QColor | None = None
        """What dims it, once that was painted."""
        self.cursor = view.session.emulator.cursor
        """As it is shown."""
        self.cursor_rect = QRect()
        """Where it was painted."""
        self.skip = 0
        """Rows of the screen above the first one shown."""
        self.pictures: list[Shown] = []
        """Those in sight."""
        self.is_fresh = False
        """What is to be painted was taken just now."""
        self._line = self._first = 0
        self._cursor_area = QRectF()
        self._runs: dict[int, tuple[Run, ...]] = {}
        """By row of the view, as taken last."""
        self._painted: dict[int, tuple[Run, ...]] = {}
        """By row of the view, those of which every cell is seen as it is here once what is asked for has been painted."""
        self._echo: Echo | None = None
        """The few cells to be painted next, if it is only these."""

    def use_rows(self, rows: RowPainter) -> None:
        """Another font or theme from now on."""
        self._rows = rows
        self._palettes.clear()
        self._painted.clear()

    def dim(self, by: float) -> bool:
        """How much is taken away, 0 to 1; True if that is new."""
        is_new = by != self._dim_by
        if is_new:
            self._dim_by = by
            self._veil = None
        return is_new

    def recolor(self) -> bool:
        """Follow the colors that the program set; True if they are new."""
        overrides = self._view.session.emulator.colors.overrides
        is_new = overrides != self._overrides
        if is_new:
            self._overrides = dict(overrides)
            self._palettes.clear()
            self._painted.clear()
        return is_new

    def area_of(self, dirty: set[int], before: Cursor) -> QRect | QRegion | None:
        """Where these rows of the screen are, and the cursor, which was elsewhere `before`, if it is not in one of them."""
        self._echo = self._echo_in(dirty, before) if len(dirty) == 1 else None
        if self._echo is not None:
            return self._echo.area
        height, width, skip, cursor = self._rows.font.cell_height, self._view.width(), self.skip, self.cursor
        areas = [
            QRect(0, int((first - skip) * height), width, ceil((last + 1 - skip) * height) - int((first - skip) * height))
            for first, last in _joined(dirty)
        ]
        if cursor != before and not (cursor.y in dirty and before.y in dirty):
            areas += [self.cursor_rect, self._cursor_area.toAlignedRect()]
        if len(areas) == 1:
            return areas[0]
        region = QRegion()
        for area in areas:
            region += area
        return None if region.isEmpty() else region

    def _echo_in(self, dirty: set[int], before: Cursor) -> Echo | None:
        """The cells that changed, if they are few in one row, and nothing lies over or under them."""
        view, font, cursor = self._view, self._rows.font, self.cursor
        (y,) = dirty
        row = y - self.skip
        painted = self._painted.get(row)
        is_elsewhere = cursor != before and (cursor.y != y or before.y != y)
        if painted is None or is_elsewhere or self.pictures or view.text_blink.lines or view.preedit or font.ratio % 1:
            return None
        if view.mouse.selection is not None or view.links.link is not None or view.finder is not None:
            return None
        runs = view.session.emulator.row(y)
        first, end = changed_cells(painted, runs) or (cursor.x, cursor.x)
        if cursor != before:
            under, was_under = character_at(runs, cursor.x), character_at(painted, before.x)
            first = min(first, cursor.x, before.x)
            end = max(end, cursor.x + (under.cells if under else 1), before.x + (was_under.cells if was_under else 1))
        palette = self._palette()
        if end - first > MOST_CELLS or not self._rows.has_boxed_cells(palette, runs, (first, end)):
            return None
        if not self._rows.has_boxed_cells(palette, painted, (first, end)):
            return None  # what a glyph left in a cell beside it goes with that glyph
        left, top = int(first * font.cell_width), int(row * font.cell_height)
        area = QRect(left, top, int(end * font.cell_width) - left, int((row + 1) * font.cell_height) - top)
        return Echo(area, row, (first, end), runs)

    def cursor_area(self) -> QRectF:
        """Where the cursor is now, in pixels; empty if it is out of sight."""
        view = self._view
        rows = view.rows_shown
        return self._area_of_cursor(view.session.emulator.cursor, view.scroll_position.first_line(rows), rows)

    def look(self, rows: int) -> None:
        """Take what is to be shown in so many rows from the emulator; until the next look, a row that was painted keeps its
        text."""
        emulator = self._view.session.emulator
        self.skip = self._view.scroll_position.skipped(rows)
        self._line = self._view.scroll_position.first_line(rows)
        self._first = self._line - emulator.scrolled_total
        pictures = emulator.shown_pictures(self._first, self._first + rows)
        if pictures or self.pictures:
            self._clock.keep(pictures)
        self.pictures = pictures
        self.cursor = emulator.cursor
        self._cursor_area = self._area_of_cursor(self.cursor, self._line, rows)

    def paint(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint what the event's region covers: background, rows, overlays, cursor, and the veil of an unfocused pane."""
        palette = self._palette()
        if not (self.is_fresh or self._view.is_frame_open):
            self.look(self._view.rows_shown)
        area, echo = event.rect(), self._echo
        self._echo = None
        if echo is not None and area == echo.area and (self.is_fresh or echo.runs is self._row(echo.row)):
            painter.fillRect(area, palette.background)
            top = echo.row * self._rows.font.cell_height
            self._rows.paint_cells(painter, palette, echo.runs, left=0, top=top, cols=echo.cols)
            self._painted[echo.row] = echo.runs
            self._paint_cursor(painter, palette, area)
        else:
            self._paint_region(painter, palette, event.region())
        if self._dim_by:
            if self._veil is None:
                self._veil = faded(palette.background, self._dim_by)
            painter.fillRect(self._touched(area), self._veil)

    def _touched(self, rect: QRect) -> QRect:
        """An area to be painted, and what Qt adds to it for whole device pixels where they are not logical ones."""
        return rect.adjusted(-1, -1, 1, 1) if self._rows.font.ratio % 1 else rect

    def _paint_region(self, painter: QPainter, palette: Palette, region: QRegion) -> None:
        area = region.boundingRect()
        if region.rectCount() == 1:
            painter.fillRect(self._touched(area), palette.background)
            self._paint_rows(painter, palette, area)
        else:
            for rect in cast(Iterable[QRect], region):
                # Qt clips to the region. Text that is in two parts of it must not be drawn twice.
                painter.setClipRect(rect)
                painter.fillRect(self._touched(rect), palette.background)
                self._paint_rows(painter, palette, rect)
            painter.setClipping(False)
        self._paint_cursor(painter, palette, region)

    def _palette(self) -> Palette:
        is_reversed = self._view.session.emulator.is_reversed
        palette = self._palettes.get(is_reversed)
        if palette is None:
            rows = self._rows
            palette = Palette(rows.theme, self._overrides, is_reversed=is_reversed, minimum_contrast=rows.minimum_contrast)
            self._palettes[is_reversed] = palette
        if palette is not self._palette_used:
            self._palette_used = palette
            self._veil = None
        return palette

    def _area_of_cursor(self, cursor: Cursor, first_line: int, rows: int) -> QRectF:
        emulator, font = self._view.session.emulator, self._rows.font
        row = cursor.y + emulator.scrolled_total - first_line
        if not cursor.is_visible or not 0 <= row < rows or not self._view.session.is_live:
            return QRectF()
        under = character_at(emulator.row(cursor.y), cursor.x)
        cells = under.cells if under is not None else 1
        return QRectF(cursor.x * font.cell_width, row * font.cell_height, cells * font.cell_width, font.cell_height)

    def _row(self, row: int) -> tuple[Run, ...]:
        """What to paint in a row of the view: as it is now, or as it was painted last while a frame is open."""
        runs = self._runs.get(row) if self._view.is_frame_open else None
        if runs is None:
            runs = self._runs[row] = self._view.session.emulator.row(self._first + row)
        return runs

    def _paint_rows(self, painter: QPainter, palette: Palette, rect: QRect) -> None:
        emulator, font, blink = self._view.session.emulator, self._rows.font, self._view.text_blink
        is_starting = self._view.session.status is Status.STARTING and not emulator.text(0) and emulator.cursor.y == 0
        if is_starting:
            self._paint_starting(painter, rect)
        # What changed since has been asked for by nobody yet; and this may be a picture of the pane for a file.
        is_known = not is_starting and not emulator.has_dirty
        height, width = font.cell_height, font.cell_width
        first_line, first = self._line, self._first
        touched = self._touched(rect)
        last = min(int(touched.bottom() / height) + 1, self._view.rows_shown, emulator.rows - first)
        # And a cell to either side, whose glyph may reach into these.
        cols = (int(touched.left() / width) - 1, int(touched.right() / width) + 2)
        layers = {layer_of(each) for each in self.pictures} if self.pictures else ()
        if Layer.UNDER_GROUND in layers:
            self._paint_pictures(painter, Layer.UNDER_GROUND, first)
        rows = range(max(0, int(touched.top() / height)), last)
        under_text = None
        for row in rows:
            top, runs = row * height, self._row(row)
            if is_known and rect.contains(QRect(0, int(top), self._view.width(), ceil(height))):
                self._painted[row] = runs
            elif not is_known or self._painted.get(row) != runs:
                self._painted.pop(row, None)
            if Layer.UNDER_TEXT in layers:
                under_text = partial(self._paint_under_text, painter, first, QRectF(rect), top)
            blinks = self._rows.paint_row(
                painter, palette, runs, left=0, top=top, cols=cols, is_blink_on=blink.is_on, under_text=under_text
            )
            if blinks or (blink.lines and cols[0] < 0 and cols[1] > emulator.cols):
                blink.note(first_line + row, blinks)
        if Layer.OVER_TEXT in layers:
            self._paint_pictures(painter, Layer.OVER_TEXT, first)
        if self._view.mouse.selection is not None or self._view.links.link is not None or self._view.finder is not None:
            self._paint_marks(painter, first_line, rows)

    def _paint_pictures(self, painter: QPainter, layer: Layer, first: int) -> None:
        emulator = self._view.session.emulator
        rows = min(self._view.rows_shown, emulator.rows - first)
        self._rows.pictures.paint(painter, self.pictures, layer, first=first, cols=emulator.cols, rows=rows)

    def _paint_under_text(self, painter: QPainter, first: int, rect: QRectF, top: float) -> None:
        """The part of the pictures that is under the text of one row."""
        painter.save()
        painter.setClipRect(rect.intersected(QRectF(0, top, self._view.width(), self._rows.font.cell_height)))
        self._paint_pictures(painter, Layer.UNDER_TEXT, first)
        painter.restore()

    def _paint_marks(self, painter: QPainter, first_line: int, rows: range) -> None:
        """Selection, hits and links over the rows painted."""
        if not rows:
            return
        font = self._rows.font
        for overlay in self._overlays():
            for line, marks in overlay.marks(first_line + rows[0], first_line + rows[-1]).items():
                for mark in marks:
                    paint_mark(
                        painter,
                        mark,
                        top=(line - first_line) * font.cell_height,
                        cell_width=font.cell_width,
                        cell_height=font.cell_height,
                        line=font.line_width,
                    )

    def _overlays(self) -> list[Overlay]:
        """What marks text now, the lowest first."""
        selection = SelectionOverlay(self._view.mouse.selection, self._view.session.emulator, self._rows.selection_color)
        return [self._view.links, selection] if self._view.finder is None else [self._view.finder, self._view.links, selection]

    def _paint_starting(self, painter: QPainter, rect: QRect) -> None:
        font = self._rows.font
        if rect.top() < font.cell_height:
            painter.setPen(self._rows.theme.colors.text_dim)
            painter.setFont(font.faces[0])
            painter.drawText(QPointF(0, font.baseline), "starting ...")

    def _paint_cursor(self, painter: QPainter, palette: Palette, region: QRect | QRegion) -> None:
        area, cursor = self._cursor_area, self.cursor
        self.cursor_rect = area.toAlignedRect()
        if area.isEmpty() or not region.intersects(self.cursor_rect):
            return
        if self._view.preedit:
            caret = self._rows.theme.sizes.cursor_bar
            place = self._view.preedit.area(self._rows.font, area, self._view.width())
            self._view.preedit.paint(painter, palette, self._rows.font, place, caret)
            return
        is_typed_into = self._view.is_typed_into
        if self._view.session.status is Status.STARTING or (is_typed_into and not self._view.blink.is_on):
            return
        under = character_at(self._row(round(area.top() / self._rows.font.cell_height)), cursor.x)
        self._rows.paint_cursor(
            painter, palette, under, area=area, shape=cursor.shape, is_focused=is_typed_into
        )


def _joined(rows: Iterable[int]) -> list[tuple[int, int]]:
    """First and last of each stretch of neighboring rows, from the top."""
    ordered = sorted(rows)
    breaks = [(before, after) for before, after in pairwise(ordered) if after > before + 1]
    firsts = [*ordered[:1], *(after for _, after in breaks)]
    lasts = [*(before for before, _ in breaks), *ordered[-1:]]
    return list(zip(firsts, lasts, strict=True))
