"""How far a run is, in the words of the pool panel."""

from pathlib import Path

import pytest

from synk.app.run_progress import RunProgress, progress_text
from synk.base.paths import resource_directory
from synk.base.spool import SpoolWriter
from synk.base.wire import Message
from synk.engine.findings import Progress


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (Progress(pct=45.2, phase="receiving", eta_s=120), "receiving, 45 %, 2 min left"),
        (Progress(done=3, total=9, unit="steps"), "3 of 9 steps"),
        (Progress(pct=7, eta_s=12.4), "7 %, 12 s left"),
        (Progress(eta_s=9000), "2.5 h left"),
        (Progress(), ""),
    ],
)
def test_progress_in_words(progress: Progress, text: str) -> None:
    assert progress_text(progress) == text


@pytest.fixture
def progress_of(tmp_path: Path) -> RunProgress:
    return RunProgress(tmp_path / "state", resource_directory())


def record_of(folder: Path, command: str, printed: bytes, **more: object) -> Message:
    folder.mkdir()
    spool = SpoolWriter(str(folder))
    spool.write("err", printed)
    spool.close()
    sizes = {"out": {"bytes": 0, "lines": 0, "dropped": None}, "err": {"bytes": len(printed), "lines": 0, "dropped": None}}
    return {
        "run": "r1", "kind": "exec", "command": command, "cwd": str(folder), "owner": "user", "started_at": 0.0,
        "status": "running", "reason": "", "exit_code": None, "signal": None, "duration_ms": 5000, "cpu_ms": 0, "peak_rss": 0,
        "waiting": None,
        "folder": str(folder), "extra": {}, **sizes, **more,
    }  # fmt: skip


def test_a_running_clone_shows_what_git_says(progress_of: RunProgress, tmp_path: Path) -> None:
    printed = b"Cloning into 'x'...\nReceiving objects:  40% (40/100)\rReceiving objects:  50% (50/100)\r"
    text = progress_of(record_of(tmp_path / "r1", "git clone x", printed))
    assert "%" in text


def test_a_run_that_waits_says_for_what(progress_of: RunProgress, tmp_path: Path) -> None:
    waiting = {"kind": "password", "prompt": "Password:", "program": "ssh", "confidence": "high"}
    assert progress_of(record_of(tmp_path / "r1", "ssh host", b"", waiting=waiting)) == "waits for a password"


def test_a_short_run_shows_nothing(progress_of: RunProgress, tmp_path: Path) -> None:
    assert progress_of(record_of(tmp_path / "r1", "git clone x", b"Receiving objects:  50%\r", duration_ms=500)) == ""


def test_a_run_whose_folder_is_gone_shows_nothing(progress_of: RunProgress, tmp_path: Path) -> None:
    record = record_of(tmp_path / "r1", "git clone x", b"")
    assert progress_of({**record, "folder": str(tmp_path / "nowhere")}) == ""
