"""`--screenshot` refuses what cannot become a picture before anything is started."""

from argparse import Namespace
from pathlib import Path

import pytest

from synk.app import screenshot
from synk.base.errors import SynkError, UsageError


@pytest.mark.parametrize("size", ["", "x", "1280", "1280x", "0x800", "-1x5", "1280x800x2", "9000x100", "axb"])
def test_a_size_that_is_none_is_named(size: str, tmp_path: Path) -> None:
    options = Namespace(size=size, screenshot=str(tmp_path / "x.png"))
    with pytest.raises(UsageError, match="write WIDTHxHEIGHT in pixels"):
        screenshot.run(options, "1")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    options = Namespace(size="1280x800", screenshot=str(tmp_path / "none" / "x.png"))
    with pytest.raises(SynkError, match=rf"^The folder {tmp_path}/none does not exist$"):
        screenshot.run(options, "1")
