"""Every style looks as in its golden picture, at 1x, 1.5x and 2x; see tests/gui/golden.py for how to renew them."""

from pathlib import Path

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage

from synk.ui.theme import Theme
from tests.gui import golden


@pytest.mark.parametrize("ratio", golden.RATIOS)
@pytest.mark.parametrize("name", list(golden.names()))
def test_it_looks_like_its_golden_picture(theme: Theme, name: str, ratio: float, tmp_path: Path) -> None:
    image = golden.paint(theme, name, ratio)
    off = golden.difference(image, QImage(str(golden.path_of(name, ratio))))
    if off > golden.MOST_OFF:
        image.save(str(tmp_path / "now.png"))
        pytest.fail(f"{off:.2%} of the pixels differ; the picture as it is now: {tmp_path / 'now.png'}")


def test_no_golden_picture_is_left_without_its_screen() -> None:
    wanted = {golden.path_of(name, ratio).name for name in golden.names() for ratio in golden.RATIOS}
    assert {path.name for path in golden.FOLDER.iterdir()} == wanted


def test_text_moved_by_one_device_pixel_is_seen(theme: Theme) -> None:
    image = golden.paint(theme, "plain", 1.0)
    moved = image.copy(QRect(1, 0, image.width(), image.height()))
    assert golden.difference(image, moved) > golden.MOST_OFF
