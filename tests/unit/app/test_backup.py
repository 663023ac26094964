"""A backup holds settings and a sound copy of the database, and nothing secret."""

import sqlite3
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from synk import cli
from synk.app.backup import back_up
from synk.app.records import open_records
from synk.base.errors import SynkError
from synk.base.paths import Directories, find_directories
from synk.storage.records import Records

SECRET = "sk-very-secret"


@pytest.fixture
def directories(tmp_path: Path) -> Directories:
    return find_directories(tmp_path / "profile")


@pytest.fixture
def records(directories: Directories) -> Iterator[Records]:
    """A window that is running."""
    (directories.config / "agents").mkdir(parents=True)
    directories.settings.write_text("# mine\n[ui]\nfont_px = 15\n")
    (directories.config / "agents" / "mine.toml").write_text('id = "mine"\n')
    opened = open_records(directories.data, "1.0", lambda _event: None)
    (directories.data / "credentials.json").write_text(SECRET)
    (directories.config / "credentials.json").write_text(SECRET)
    yield opened
    opened.close()


EXPECTED = ["config/agents/mine.toml", "config/settings.toml", "data/state.db"]


def unpacked(archive: Path, target: Path) -> Path:
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(target)
    else:
        with tarfile.open(archive) as tar:
            tar.extractall(target, filter="data")
    return target


@pytest.mark.parametrize("name", ["kept.tar.gz", "kept.zip"])
def test_a_backup_of_a_running_window_opens_as_a_profile(
    directories: Directories, records: Records, tmp_path: Path, name: str
) -> None:
    records.project_opened("/code/api", "api").result(30)
    archive = tmp_path / name
    assert back_up(directories, archive) == EXPECTED
    assert archive.stat().st_mode & 0o777 == 0o600
    profile = find_directories(unpacked(archive, tmp_path / "again"))
    assert profile.settings.read_text() == "# mine\n[ui]\nfont_px = 15\n"
    with closing(sqlite3.connect(profile.data / "state.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    copy = open_records(profile.data, "1.0", lambda _event: None)
    assert [project.path for project in copy.recent_projects()] == ["/code/api"]
    copy.close()
    left = [path for path in (tmp_path / "again").rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert left == []
    assert list(tmp_path.glob(".synk-backup-*")) == []


def test_a_backup_replaces_nothing(directories: Directories, records: Records, tmp_path: Path) -> None:
    assert records.is_stored
    target = tmp_path / "mine.zip"
    target.write_text("precious")
    with pytest.raises(SynkError, match="exists: choose another name"):
        back_up(directories, target)
    assert target.read_text() == "precious"


def test_a_backup_into_a_folder_that_is_not_there_names_it(directories: Directories, tmp_path: Path) -> None:
    with pytest.raises(SynkError, match="gone does not exist"):
        back_up(directories, tmp_path / "gone" / "x.zip")


def test_a_profile_that_was_never_used_has_nothing_to_keep(directories: Directories, tmp_path: Path) -> None:
    with pytest.raises(SynkError, match="nothing to keep"):
        back_up(directories, tmp_path / "x.zip")
    assert list(tmp_path.iterdir()) == []


def test_settings_alone_are_kept_too(directories: Directories, tmp_path: Path) -> None:
    directories.config.mkdir(parents=True)
    directories.settings.write_text("")
    assert back_up(directories, tmp_path / "x.zip") == ["config/settings.toml"]


def test_the_command_line_says_what_was_written(
    directories: Directories, records: Records, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert records.is_stored
    target = tmp_path / "x.tar.gz"
    profile = str(directories.config.parent)
    assert cli.main(["--profile", profile, "--backup", str(target)]) == 0
    assert capsys.readouterr().out == f"{target}: 3 files\n"
    assert cli.main(["--profile", profile, "--backup", str(target)]) == 3
    assert "choose another name" in capsys.readouterr().err
