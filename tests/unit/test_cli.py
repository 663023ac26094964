"""The command line: what is asked of whom, exit statuses, and that nothing heavy is imported for a small question."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from synk import cli
from synk.base import system
from synk.base.errors import HostEnding, HostUnavailable, SynkError, UsageError
from synk.base.system import Library
from synk.hoststart import host_argv


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """A profile nobody uses."""
    (tmp_path / "runtime").mkdir(mode=0o700)
    return tmp_path


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"synk {cli.synk_version()}\n"


@pytest.mark.parametrize("words", [["--fly"], ["a", "b"], ["host", "fly"], ["host"], ["ctl"], ["--profile"]])
def test_what_is_not_known_ends_with_2_and_the_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    assert ended.value.code == 2
    assert "usage: synk" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ([], ""), (["ctl", "list"], "ctl"), (["--profile", "ctl", "path"], "path"), (["--safe", "host", "stop"], "host"),
        (["--profile=x", "ctl"], "ctl"), (["--profile"], ""),
    ],
)  # fmt: skip
def test_a_command_is_the_first_word_that_is_no_option(words: list[str], first: str) -> None:
    assert cli._first_word(words) == first


def test_without_a_display_the_way_out_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], profile: Path
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert cli.main(["--profile", str(profile)]) == 3
    assert "neither DISPLAY nor WAYLAND_DISPLAY is set" in capsys.readouterr().err
    assert not (profile / "config").exists()


def test_missing_libraries_are_named_with_the_line_that_installs_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], profile: Path
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr(system, "missing_libraries", lambda **_: [Library("libEGL.so.1", "libegl1")])
    assert cli.main(["--profile", str(profile)]) == 3
    told = capsys.readouterr().err
    assert "libEGL.so.1" in told
    assert "libegl1" in told


@pytest.mark.parametrize(
    ("error", "status"),
    [(UsageError("x"), 2), (SynkError("x"), 3), (HostUnavailable("x"), 6), (HostEnding("x"), 6), (KeyboardInterrupt(), 130)],
)
def test_what_keeps_synk_from_starting_has_its_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: BaseException, status: int
) -> None:
    def fail(_options: Any) -> int:
        raise error

    monkeypatch.setattr(cli, "_run_window", fail)
    assert cli.main([]) == status
    assert capsys.readouterr().err == ("synk: x\n" if isinstance(error, SynkError) else "")


@pytest.mark.parametrize("words", [["ctl", "list"], ["host", "status"], ["host", "stop"]])
def test_without_a_host_the_status_is_6(profile: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--profile", str(profile), *words]) == 6
    assert capsys.readouterr().err == "No host is running for this profile.\n"
    assert cli.main(["--profile", str(profile), *words, "--json"]) == 6
    assert '"kind": "refused"' in capsys.readouterr().out


def test_a_pane_means_the_window_it_is_in(
    monkeypatch: pytest.MonkeyPatch, profile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (profile / "runtime").chmod(0o755)
    monkeypatch.setenv("SYNK_PROFILE", str(profile))
    assert cli.main(["ctl", "list"]) == 6
    assert str(profile / "runtime") in capsys.readouterr().err


def run(*words: str, code: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    program = ["-c", code] if code else ["-m", "synk"]
    return subprocess.run(
        [sys.executable, "-P", *program, *words],
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_question_to_the_window_imports_nothing_heavy(profile: Path) -> None:
    code = (
        "import sys; from synk.cli import main; "
        f"main(['--profile', {str(profile)!r}, 'ctl', 'list']); "
        "print(sorted({'PySide6', 'pydantic', 'platformdirs', 'psutil', 'pyte', 'ssl', 'asyncio', 'tomlkit'} & set(sys.modules)))"
    )
    assert run(code=code).stdout == "[]\n"


def test_a_reader_that_has_gone_is_no_error(profile: Path) -> None:
    # Standard output is a pipe nobody reads: what is printed last is written when the interpreter ends.
    code = (
        "import os, sys; r, w = os.pipe(); os.dup2(w, 1); os.close(r); os.close(w); from synk.cli import main; "
        f"sys.exit(main(['--profile', {str(profile)!r}, 'ctl', 'list', '--json']))"
    )
    done = run(code=code)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_host_of_a_frozen_program_is_started_by_the_same_program(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Its one executable is told `host` and the host's own options; here the options are wrong on purpose.
    with pytest.raises(SystemExit) as ended:
        cli.main(["host", "--runtime", str(tmp_path)])
    assert ended.value.code == 2
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert host_argv() == (sys.executable, "host")
