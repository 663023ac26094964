"""What Qt needs from the machine is checked in words a person can act on."""

import socket
from pathlib import Path

import pytest

from synk.base import system
from synk.base.system import Library


def test_on_this_machine_nothing_is_missing_for_pictures_without_a_window() -> None:
    assert system.missing_libraries(for_window=False) == []


def test_a_library_that_cannot_be_opened_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Library("libsynk-gone.so.0", "libsynk-gone0")
    monkeypatch.setattr(system, "QT_LIBRARIES", (*system.QT_LIBRARIES, gone))
    assert system.missing_libraries(for_window=False) == [gone]


@pytest.mark.parametrize(
    ("environment", "names"),
    [
        ({"DISPLAY": ":0"}, ["x11"]),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, ["x11"]),
        ({"WAYLAND_DISPLAY": "wayland-0"}, ["wayland"]),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, []),
    ],
)
def test_the_display_decides_which_further_libraries_a_window_needs(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], names: list[str]
) -> None:
    monkeypatch.setattr(system, "QT_LIBRARIES", ())
    monkeypatch.setattr(system, "X11_LIBRARIES", (Library("libsynk-x.so.0", "x11"),))
    monkeypatch.setattr(system, "WAYLAND_LIBRARIES", (Library("libsynk-w.so.0", "wayland"),))
    assert [lib.package for lib in system.missing_libraries(for_window=True, environment=environment)] == names
    assert system.missing_libraries(for_window=False, environment=environment) == []


def test_the_message_ends_with_the_line_that_installs_each_package_once() -> None:
    missing = [Library("liba.so.1", "one"), Library("libb.so.1", "one"), Library("libc.so.1", "two")]
    text = system.missing_libraries_text(missing)
    assert "liba.so.1, libb.so.1, libc.so.1" in text
    assert text.endswith("sudo apt-get install --yes --no-install-recommends one two")


def test_without_apt_the_message_names_libraries_and_no_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    text = system.missing_libraries_text([Library("liba.so.1", "one")])
    assert "liba.so.1" in text
    assert "apt-get" not in text


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, False),
        ({"DISPLAY": ""}, False),
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({"QT_QPA_PLATFORM": "offscreen"}, True),
        ({"QT_QPA_PLATFORM": "offscreen:size=100x100"}, True),
        ({"QT_QPA_PLATFORM": "xcb"}, False),
        ({"QT_QPA_PLATFORM": "wayland-egl;xcb"}, False),
    ],
)
def test_a_window_needs_a_display_unless_qt_draws_without(environment: dict[str, str], expected: bool) -> None:
    assert system.has_display(environment) is expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], True),
        (["."], True),
        (["--debug", "--profile", "x"], True),
        (["--version"], False),
        (["--screenshot", "a.png"], False),
        (["--profile", "x", "--screenshot=a.png"], False),
        (["ctl", "list"], False),
        (["host", "status"], False),
        (["--profile", "x", "ctl", "list"], False),
        (["--profile", "ctl"], True),
        (["folder", "--screenshot", "a.png"], False),
        (["./ctl"], True),
    ],
)
def test_only_the_window_itself_needs_a_display(arguments: list[str], expected: bool) -> None:
    assert system.opens_window(arguments) is expected


def test_a_display_nobody_serves_is_told_and_not_left_to_qt_which_aborts(tmp_path: Path) -> None:
    gone = {"DISPLAY": "localhost:63000", "WAYLAND_DISPLAY": "wayland-7", "XDG_RUNTIME_DIR": str(tmp_path)}
    silent = system.silent_displays(gone)
    assert silent == ["WAYLAND_DISPLAY=wayland-7", "DISPLAY=localhost:63000"]
    assert "DISPLAY=localhost:63000 cannot be reached" in system.silent_displays_text(silent)


def test_one_display_that_answers_is_enough(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "w0"))
        server.listen()
        here = {"DISPLAY": "localhost:63000", "WAYLAND_DISPLAY": "w0", "XDG_RUNTIME_DIR": str(tmp_path)}
        assert system.silent_displays(here) == []


def test_a_platform_without_a_display_asks_none() -> None:
    assert system.silent_displays({"DISPLAY": "localhost:63000", "QT_QPA_PLATFORM": "offscreen"}) == []
