"""Pictures in the terminal widget: where they are painted, what moves them, and when an animation wakes the event loop."""

import zlib
from base64 import b64encode
from collections.abc import Callable

import pytest
from PySide6.QtCore import QBuffer, QPointF, QSize
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from synk.terminal.pictures import Area, Drawing, Patch, Raster
from synk.ui.terminal import terminal_images
from synk.ui.terminal.terminal_images import PictureCache
from synk.ui.terminal.terminal_view import TerminalView
from tests.gui.desk import Desk

RED, GREEN, BLUE = QColor(255, 0, 0), QColor(0, 255, 0), QColor(0, 0, 255)


@pytest.fixture
def view(desk: Desk) -> TerminalView:
    """One terminal that is typed into."""
    desk.open(1)
    desk.press("enter")
    show(desk, "\x1b[?25l")
    return desk.pane(1).view


def show(desk: Desk, text: str) -> None:
    """Print, deliver events and paint."""
    desk.manager.prints(1, text.encode())
    desk.hub.deliver()
    desk.pane(desk.manager.sessions[0].pane).view.flush()
    QApplication.processEvents()


def sixel(view: TerminalView, cols: int, rows: int) -> str:
    """A red picture that fills so many cells."""
    width, height = view.cell_pixels
    bands = "-".join([f"#1!{cols * width}~"] * (rows * height // 6)) + f"-#1!{cols * width}" + chr(
        62 + (1 << rows * height % 6)
    )
    return f"\x1bP0;1q#1;2;100;0;0{bands}\x1b\\"


def kitty(keys: str, color: QColor, width: int = 8, height: int = 8) -> str:
    data = zlib.compress(bytes([color.red(), color.green(), color.blue()]) * width * height)
    return f"\x1b_G{keys},q=2,f=24,s={width},v={height},o=z;{b64encode(data).decode()}\x1b\\"


def color_at(view: TerminalView, col: float, row: float) -> QColor:
    font = view.font_cells.font
    place = QPointF((col + 0.5) * font.cell_width, (row + 0.5) * font.cell_height).toPoint()
    return QColor(view.grab().toImage().pixel(place * view.devicePixelRatio()))


def test_a_picture_fills_its_cells_and_no_more(desk: Desk, view: TerminalView) -> None:
    show(desk, "\x1b[2;3H" + sixel(view, 4, 2))
    assert [color_at(view, col, 1) == RED for col in (1, 2, 5, 6)] == [False, True, True, False]
    assert [color_at(view, 3, row) == RED for row in (0, 1, 2, 3)] == [False, True, True, False]


def test_it_scrolls_with_the_text_and_comes_back(desk: Desk, view: TerminalView) -> None:
    show(desk, sixel(view, 4, 2) + "\r\n" * (view.rows_shown + 10))
    assert color_at(view, 1, 0) != RED
    desk.press("shift+home")
    QApplication.processEvents()
    assert color_at(view, 1, 0) == RED
    assert color_at(view, 1, 1) == RED


def test_writing_over_it_repaints_the_row(desk: Desk, view: TerminalView) -> None:
    show(desk, sixel(view, 4, 2))
    count = view.paint_count
    show(desk, "\x1b[1;2H ")
    assert view.paint_count > count
    assert [color_at(view, col, 0) == RED for col in (0, 1, 2)] == [True, False, True]


def test_it_is_cut_at_the_edge_of_the_grid(desk: Desk, view: TerminalView) -> None:
    emulator = view.session.emulator
    show(desk, f"\x1b[1;{emulator.cols}H" + kitty("a=T,i=1,c=30,r=90,C=1", GREEN))
    font = view.font_cells.font
    image = view.grab().toImage()
    right, bottom = emulator.cols * font.cell_width, emulator.rows * font.cell_height
    assert color_at(view, emulator.cols - 1, emulator.rows - 1) == GREEN
    for x, y in ((right + 1, 5), (right - 2, bottom + 1)):
        if x < view.width() and y < view.height():
            assert QColor(image.pixel(int(x), int(y))) != GREEN


def test_layers(desk: Desk, view: TerminalView) -> None:
    show(desk, "\x1b[44m  \x1b[0m  \x1b[H" + kitty("a=T,i=1,z=-1,c=3,r=1,C=1", GREEN))
    assert [color_at(view, col, 0) == GREEN for col in (0, 2, 3)] == [True, True, False]
    show(desk, "\x1b[H" + kitty("a=T,i=1,z=-2000000000,c=3,r=1,C=1", GREEN))
    assert [color_at(view, col, 0) == GREEN for col in (0, 2, 3)] == [False, True, False]


def test_deleting_it_repaints(desk: Desk, view: TerminalView) -> None:
    show(desk, kitty("a=T,i=1,c=3,r=1,C=1", GREEN))
    show(desk, "\x1b_Ga=d\x1b\\")
    assert color_at(view, 0, 0) != GREEN


def animate(desk: Desk) -> None:
    show(desk, kitty("a=T,i=1,c=3,r=1,C=1", GREEN) + kitty("a=f,i=1,z=20", BLUE))
    show(desk, "\x1b_Ga=a,i=1,q=2,r=1,z=20\x1b\\\x1b_Ga=a,i=1,q=2,s=3,v=1\x1b\\")


def test_an_animation_runs_while_it_is_seen(desk: Desk, view: TerminalView, wait_until: Callable[..., None]) -> None:
    animate(desk)
    picture = view.session.emulator.pictures.shelves[False].by_id[1]
    clock = view._picture_clock
    assert clock.is_running

    def shows(color: QColor) -> bool:
        QApplication.processEvents()
        return color_at(view, 0, 0) == color

    wait_until(lambda: shows(BLUE))
    wait_until(lambda: shows(GREEN))
    show(desk, "\x1b_Ga=a,i=1,q=2,s=1\x1b\\")
    assert not picture.is_animated
    assert not clock.is_running


def test_an_animation_out_of_sight_costs_nothing(desk: Desk, view: TerminalView) -> None:
    animate(desk)
    show(desk, "\r\n" * (view.rows_shown + 5))
    assert not view._picture_clock.is_running
    desk.press("shift+home")
    QApplication.processEvents()
    assert view._picture_clock.is_running
    view.hide()
    assert not view._picture_clock.is_running


def test_without_pictures_nothing_is_looked_for(view: TerminalView, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal_images.PicturePainter, "paint", lambda *_arguments, **_options: pytest.fail("painted"))
    view.repaint()
    assert not view._picture_clock.is_running


def drawing(color: bytes, width: int = 4, height: int = 4) -> Drawing:
    return Drawing.of(Raster(width, height, "rgba", color * width * height))


def test_patches_are_laid_over_each_other() -> None:
    cache = PictureCache()
    half = Raster(2, 2, "rgba", b"\0\xff\0\x80" * 4)
    whole = Area(0, 0, 2, 2)
    made = drawing(b"\xff\0\0\xff").with_patch(Patch(half, whole, 0, 0)).with_patch(Patch(half, whole, 2, 2, replaces=True))
    copied = made.with_patch(Patch(made, Area(0, 0, 1, 1), 3, 0, replaces=True))
    pixels = cache.flatten(copied)
    found = [pixels[at : at + 4] for at in range(0, len(pixels), 4)]
    blended = (0x7F, 0x80, 0, 0xFF)
    assert all(abs(a - b) <= 1 for a, b in zip(found[0], blended, strict=True))
    assert found[3] == found[0]
    assert found[2] == b"\xff\0\0\xff"
    assert found[10][3] == 0x80
    assert cache.flatten(Drawing(1, 1, (), 0x11223344))[3] == 0x44


def test_the_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal_images, "MAX_CACHED_BYTES", 10_000)
    cache = PictureCache()
    drawings = [drawing(bytes([number, 0, 0, 255]), 20, 20) for number in range(20)]
    for each in drawings:
        cache.scaled(each, Area(0, 0, 20, 20), QSize(30, 20))
    assert cache._size_bytes <= 10_000
    assert cache._size_bytes == sum(image.sizeInBytes() for image in cache._images.values())


def png(width: int, height: int) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(BLUE)
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def test_a_large_file_is_decoded_elsewhere_and_shown_when_it_is_there(desk: Desk, view: TerminalView) -> None:
    waiting: list[Callable[[], None]] = []
    cache = view.font_cells.pictures.cache
    cache.submit = lambda work, done: waiting.append(lambda: done(work()))
    show(desk, f"\x1b_Ga=T,i=1,f=100,q=2,c=4,r=2,C=1;{b64encode(png(900, 400)).decode()}\x1b\\")
    view.repaint()
    assert color_at(view, 1, 1) != BLUE
    [load] = waiting
    before = view.paint_count
    load()
    QApplication.processEvents()
    assert view.paint_count > before
    assert color_at(view, 1, 1) == BLUE
    assert waiting == [load]


def test_a_small_file_is_shown_at_once(desk: Desk, view: TerminalView) -> None:
    view.font_cells.pictures.cache.submit = lambda _work, _done: pytest.fail("submitted")
    show(desk, f"\x1b_Ga=T,i=1,f=100,q=2,c=4,r=2,C=1;{b64encode(png(90, 40)).decode()}\x1b\\")
    assert color_at(view, 1, 1) == BLUE


def test_what_cannot_be_decoded_is_not_painted(desk: Desk, view: TerminalView) -> None:
    cache = PictureCache()
    broken = Drawing.of(Raster(4, 4, "png", b"no picture"))
    assert cache.drawing(broken).isNull()
    assert cache.flatten(broken) == bytes(64)
    show(desk, "\x1b_Ga=T,i=1,f=100,q=2;bm8gcGljdHVyZQ==\x1b\\")
    assert view.session.emulator.pictures.is_empty


def test_the_size_in_pixels_is_told_in_device_pixels(view: TerminalView) -> None:
    font = view.font_cells.font
    emulator = view.session.emulator
    width, height = emulator.size_pixels
    assert (width, height) == (
        emulator.cols * round(font.cell_width * font.ratio),
        emulator.rows * round(font.cell_height * font.ratio),
    )
