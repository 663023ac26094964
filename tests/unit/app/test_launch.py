"""What is decided before Qt: the folder to open, and how settings reach the host and the sessions."""

import os
from pathlib import Path

import pytest

from synk.app.launch import (
    HostEvents,
    Waker,
    choose_project,
    host_address,
    host_settings,
    session_rules,
    settings_notice,
    start_folder,
)
from synk.base.events import Hub, NoticeRaised
from synk.base.paths import find_directories
from synk.pty.messages import PoolConfig
from synk.settings.check import Problem
from synk.settings.schema import Settings


@pytest.fixture
def notices() -> list[NoticeRaised]:
    return []


@pytest.fixture
def hub(notices: list[NoticeRaised]) -> Hub:
    made = Hub(lambda: None)
    made.subscribe(NoticeRaised, notices.append)
    return made


def test_the_given_folder_is_opened_by_its_real_path(tmp_path: Path, hub: Hub) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert choose_project(str(tmp_path / "link"), hub) == str(tmp_path / "real")


def test_without_a_folder_the_home_screen_is_shown_and_sessions_begin_in_the_current_one(
    tmp_path: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert choose_project(None, hub) is None
    assert start_folder() == str(tmp_path)


@pytest.mark.parametrize("is_file", [True, False])
def test_a_path_that_is_no_folder_is_said_twice_and_the_home_screen_shown(
    tmp_path: Path,
    hub: Hub,
    notices: list[NoticeRaised],
    capsys: pytest.CaptureFixture[str],
    is_file: bool,
) -> None:
    wanted = tmp_path / "wanted"
    if is_file:
        wanted.touch()
    assert choose_project(str(wanted), hub) is None
    assert capsys.readouterr().err == f"synk: {wanted} is not a folder\n"
    hub.deliver()
    assert notices == [NoticeRaised("error", f"{wanted} is not a folder")]


def test_a_current_folder_that_was_removed_is_replaced_by_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    monkeypatch.setenv("HOME", str(tmp_path))
    gone.rmdir()
    assert start_folder() == str(tmp_path)


def test_a_file_that_cannot_be_read_is_not_offered_to_be_opened(tmp_path: Path) -> None:
    unreadable = Problem("error", "settings.toml cannot be read: Not a directory.", (), None)
    assert settings_notice(unreadable, tmp_path).action == ""
    assert settings_notice(Problem("error", "settings.toml line 3: no.", (), 3), tmp_path).command == f"file.edit {tmp_path}:3"


def test_every_setting_of_the_pool_reaches_it() -> None:
    sent = host_settings(Settings(), None)
    config = PoolConfig(**sent["pool"])
    assert config == PoolConfig()
    assert sent["profile"] == ""
    assert (sent["kill_detached"], sent["keep_after_crash_minutes"]) == ("agents", 60)


def test_a_profile_is_told_by_its_full_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert host_settings(Settings(), "mine")["profile"] == str(tmp_path / "mine")


def test_the_rules_of_sessions_are_those_of_the_settings() -> None:
    settings = Settings.model_validate(
        {"performance": {"max_active": 5}, "session": {"shell_exit": "keep"}, "terminal": {"scrollback_lines": 100}}
    )
    rules = session_rules(settings)
    assert (rules.max_active, rules.shell_exit, rules.scrollback_lines) == (5, "keep", 100)


def test_a_host_is_looked_for_in_the_profile(tmp_path: Path) -> None:
    address = host_address(find_directories(tmp_path), "1.2")
    assert (address.runtime, address.state, address.version) == (f"{tmp_path}/runtime", f"{tmp_path}/state", "1.2")
    assert os.path.isdir(os.path.join(address.resources, "shell"))


def test_before_qt_runs_nobody_is_woken_and_descriptors_of_early_events_are_closed() -> None:
    Waker()()
    read_end, write_end = os.pipe()
    HostEvents().event({"event": "attached"}, (read_end,))
    with pytest.raises(BrokenPipeError):
        os.write(write_end, b"x")
    os.close(write_end)
