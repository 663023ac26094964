"""A replaced file is the old or the new one whatever goes wrong, with the owner, mode and link it had."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from synk.base import files
from synk.base.files import remove_leftovers, replace_file


def test_a_new_file_is_private_and_complete(tmp_path: Path) -> None:
    replace_file(tmp_path / "new", b"x" * 100_000)
    assert (tmp_path / "new").read_bytes() == b"x" * 100_000
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["new"]


def test_mode_and_link_are_kept(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.write_text("old")
    real.chmod(0o664)
    (tmp_path / "link").symlink_to("real")
    replace_file(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert real.read_text() == "new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o664


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
def test_the_owner_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    os.chown(path, 1234, 2345)
    replace_file(path, b"new")
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 2345)


@pytest.mark.parametrize("call", ["fchmod", "fsync", "replace"])
def test_an_error_at_any_step_leaves_the_old_file_and_no_leftover(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "file"
    path.write_text("old")
    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        with pytest.raises(OSError, match="No space left"):
            replace_file(path, b"new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("call", ["fchmod", "fsync", "replace", "_flush_directory"])
def test_a_kill_at_any_step_leaves_a_whole_file_and_the_next_start_tidies_up(tmp_path: Path, call: str) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    code = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom synk.base import files\n"
        "def kill(*_): os.kill(os.getpid(), signal.SIGKILL)\n"
        f"setattr(files if {call!r}.startswith('_') else os, {call!r}, kill)\n"
        "files.replace_file(Path(sys.argv[1]), b'new' * 10000)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() in (b"old", b"new" * 10000)
    remove_leftovers(path)
    assert os.listdir(tmp_path) == ["file"]


def test_temporary_files_of_a_living_process_and_other_files_stay(tmp_path: Path) -> None:
    mine = tmp_path / f".file.{os.getpid()}.synk-new"
    others = tmp_path / ".other.1.synk-new"
    for path in (mine, others):
        path.touch()
    remove_leftovers(tmp_path / "file")
    assert mine.exists()
    assert others.exists()
    remove_leftovers(tmp_path / "missing" / "file")


def test_a_process_that_is_gone_is_not_running() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert not files._is_running(child.pid)
    assert files._is_running(1)
