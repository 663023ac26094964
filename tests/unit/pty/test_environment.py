"""The environment of sessions: what belongs to Synk or to another terminal goes, what is the user's stays."""

import sys
from pathlib import Path

import pytest

from synk.pty.environment import clean_environment, terminal_variables

USERS = {"HOME": "/home/me", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "QT_QPA_PLATFORM": "wayland", "EDITOR": "vim"}


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    """A virtual environment Synk could run from."""
    folder = tmp_path / "venv"
    (folder / "bin").mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text("")
    return folder


@pytest.mark.parametrize(
    "name",
    ["SYNK_HOST", "SYNK_SESSION", "COLUMNS", "LINES", "TMUX", "TMUX_PANE", "STY", "ZELLIJ", "ZELLIJ_SESSION_NAME",
     "VTE_VERSION", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "KITTY_WINDOW_ID", "KITTY_PID"],
)  # fmt: skip
def test_variables_of_synk_and_of_other_terminals_are_removed(name: str) -> None:
    assert clean_environment({**USERS, name: "1"}) == USERS


def test_only_the_qt_variables_that_synk_set_are_removed() -> None:
    environment = {**USERS, "QT_SCALE_FACTOR": "2"}
    assert clean_environment(environment) == environment
    assert clean_environment(environment, own_qt=("QT_QPA_PLATFORM",)) == {
        name: value for name, value in environment.items() if name != "QT_QPA_PLATFORM"
    }


def test_own_virtual_environment_is_left(venv: Path) -> None:
    environment = {
        **USERS,
        "VIRTUAL_ENV": str(venv),
        "VIRTUAL_ENV_PROMPT": "(synk)",
        "PYTHONHOME": str(venv),
        "PATH": f"{venv}/bin:/usr/bin:/bin",
        "LD_LIBRARY_PATH": f"{venv}/lib:/opt/lib",
    }
    assert clean_environment(environment, prefix=str(venv)) == {**USERS, "LD_LIBRARY_PATH": "/opt/lib"}


def test_virtual_environment_of_the_user_stays(venv: Path) -> None:
    environment = {
        **USERS,
        "VIRTUAL_ENV": "/home/me/project/.venv",
        "VIRTUAL_ENV_PROMPT": "(project)",
        "PYTHONHOME": "/opt/python",
        "PATH": f"/home/me/project/.venv/bin:{venv}/bin:/usr/bin",
        "LD_LIBRARY_PATH": "/opt/lib::/usr/lib",
    }
    assert clean_environment(environment, prefix=str(venv)) == {
        **environment,
        "PATH": "/home/me/project/.venv/bin:/usr/bin",
    }


def test_folder_that_only_begins_like_ours_stays(venv: Path) -> None:
    environment = {**USERS, "VIRTUAL_ENV": f"{venv}-other", "PATH": f"{venv}-other/bin:/usr/bin"}
    assert clean_environment(environment, prefix=str(venv)) == environment


def test_our_folder_is_known_by_a_link_to_it_too(venv: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(venv)
    environment = {**USERS, "VIRTUAL_ENV": str(link), "PATH": f"{link}/bin:/usr/bin:/bin"}
    assert clean_environment(environment, prefix=str(venv)) == USERS


def test_python_of_the_system_belongs_to_everybody(tmp_path: Path) -> None:
    environment = {**USERS, "PATH": f"{tmp_path}/bin:/usr/bin", "PYTHONHOME": str(tmp_path)}
    assert clean_environment(environment, prefix=str(tmp_path)) == environment


def test_bundle_gives_back_the_users_library_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    bundle = f"{tmp_path}/_internal"
    theirs = {**USERS, "LD_LIBRARY_PATH": "/opt/lib"}
    ours = {**USERS, "LD_LIBRARY_PATH": f"{bundle}:/opt/lib", "LD_LIBRARY_PATH_ORIG": "/opt/lib"}
    assert clean_environment(ours, prefix=bundle) == theirs
    assert clean_environment({**USERS, "LD_LIBRARY_PATH": bundle}, prefix=bundle) == USERS


def test_given_environment_is_not_changed(venv: Path) -> None:
    environment = {**USERS, "TMUX": "1", "VIRTUAL_ENV": str(venv)}
    before = dict(environment)
    clean_environment(environment, prefix=str(venv))
    assert environment == before


def test_programs_are_told_which_terminal_they_run_in() -> None:
    assert terminal_variables("1.2.3") == {
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "TERM_PROGRAM": "Synk",
        "TERM_PROGRAM_VERSION": "1.2.3",
    }
