"""The classes that come with Synk, read from their files and from what was kept of them."""

import os
from pathlib import Path

import pytest

from synk.base.paths import resource_directory
from synk.engine import shipped
from synk.engine.commands import recognise


@pytest.fixture
def resources(tmp_path: Path) -> Path:
    folder = tmp_path / "resources" / "commands"
    folder.mkdir(parents=True)
    (folder / "brew.toml").write_text('schema = 1\nidle_s = 7\n[[match]]\nprograms = ["brew"]\n')
    return tmp_path / "resources"


def test_what_is_kept_says_the_same_as_the_files(tmp_path: Path) -> None:
    shipped.shipped_classes.cache_clear()
    read = shipped.shipped_classes(resource_directory())
    first = shipped.shipped_classes(resource_directory(), tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == [next(tmp_path.glob("commands-*.marshal")).name]
    shipped.shipped_classes.cache_clear()
    kept = shipped.shipped_classes(resource_directory(), tmp_path)
    assert list(kept) == list(first) == list(read)
    assert recognise("pip install x", kept) == recognise("pip install x", read)


def test_a_changed_file_is_read_again(resources: Path, tmp_path: Path) -> None:
    assert recognise("brew x", shipped.shipped_classes(resources, tmp_path)).cls.idle_s == 7
    file = resources / "commands" / "brew.toml"
    file.write_text('schema = 1\nidle_s = 8\n[[match]]\nprograms = ["brew"]\n')
    os.utime(file, ns=(1, 1))
    shipped.shipped_classes.cache_clear()
    assert recognise("brew x", shipped.shipped_classes(resources, tmp_path)).cls.idle_s == 8


@pytest.mark.parametrize("content", [b"", b"no marshal", b"\xe3", b"(\x02\x00\x00\x00"])
def test_what_is_kept_and_damaged_is_made_anew(resources: Path, tmp_path: Path, content: bytes) -> None:
    shipped.shipped_classes(resources, tmp_path)
    (file,) = tmp_path.glob("*.marshal")
    whole = file.read_bytes()
    file.write_bytes(content)
    shipped.shipped_classes.cache_clear()
    assert recognise("brew x", shipped.shipped_classes(resources, tmp_path)).cls.idle_s == 7
    assert file.read_bytes() == whole


def test_a_state_directory_that_is_not_there_costs_nothing(resources: Path, tmp_path: Path) -> None:
    assert recognise("brew x", shipped.shipped_classes(resources, tmp_path / "none")).cls.idle_s == 7
