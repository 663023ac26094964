"""Directories follow the XDG variables, a profile keeps all five together, and resources are found."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from synk.base.paths import (
    DirectoryUnusable,
    find_directories,
    make_private,
    make_runtime_directory,
    resource_directory,
    runtime_directory,
)

FIVE = ("config", "data", "state", "cache", "runtime")


def test_xdg_variables_move_all_five(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "RUNTIME"))
    found = find_directories()
    assert {name: getattr(found, name) for name in FIVE} == {name: tmp_path / name.upper() / "synk" for name in FIVE}
    assert list(tmp_path.iterdir()) == []


def test_home_alone_moves_the_four_that_outlast_a_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.delenv(f"XDG_{name}_HOME", raising=False)
    found = find_directories()
    assert found.config == tmp_path / ".config" / "synk"
    assert found.data == tmp_path / ".local" / "share" / "synk"
    assert found.log == tmp_path / ".local" / "state" / "synk" / "log"
    assert found.cache == tmp_path / ".cache" / "synk"
    assert found.settings == tmp_path / ".config" / "synk" / "settings.toml"


def test_a_profile_keeps_all_five_below_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = find_directories(Path("here"))
    assert {name: getattr(found, name) for name in FIVE} == {name: tmp_path / "here" / name for name in FIVE}


def test_a_relative_runtime_variable_is_invalid_and_ignored() -> None:
    assert runtime_directory(environment={"XDG_RUNTIME_DIR": "run"}) == runtime_directory(environment={})


def test_without_a_login_folder_the_runtime_directory_is_in_the_temporary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = 3_999_999
    monkeypatch.setattr(os, "getuid", lambda: uid)
    assert runtime_directory(environment={"TMPDIR": str(tmp_path)}) == tmp_path / f"synk-{uid}"


def test_directories_are_made_private_with_their_parents(tmp_path: Path) -> None:
    directory = make_private(tmp_path / "a" / "b")
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (directory, directory.parent)} == {0o700}
    assert make_private(directory) == directory


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DirectoryUnusable, match=f"Cannot create the folder {tmp_path}/file/synk: Not a directory"):
        make_private(tmp_path / "file" / "synk")
    with pytest.raises(DirectoryUnusable, match=f"{tmp_path}/file is not a folder"):
        make_private(tmp_path / "file")


def test_a_runtime_directory_open_to_others_is_refused_with_the_remedy(tmp_path: Path) -> None:
    directory = make_runtime_directory(tmp_path / "synk-1")
    directory.chmod(0o755)
    with pytest.raises(DirectoryUnusable, match=rf"open to other users \(mode 0755\); run: chmod 700 {directory}"):
        make_runtime_directory(directory)


def test_a_runtime_directory_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(DirectoryUnusable, match="is a link"):
        make_runtime_directory(tmp_path / "link")


def test_a_directory_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(DirectoryUnusable, match="belongs to another user"):
        make_private(tmp_path)


def test_resources_of_a_checkout_are_found() -> None:
    assert (resource_directory() / "agents" / "terminal.toml").is_file()


def test_resources_of_a_frozen_app_are_found_in_its_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert resource_directory() == tmp_path / "resources"


def test_the_runtime_directory_is_found_without_platformdirs() -> None:
    code = "import sys, synk.base.paths as p; p.runtime_directory(); sys.exit('platformdirs' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
