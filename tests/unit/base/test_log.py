"""The log keeps a file a day for a week, masks secrets, and never stops the program."""

import logging
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from synk.base.log import DailyFile, ProcessLog, Redaction


def record(text: str, at: datetime) -> logging.LogRecord:
    made = logging.LogRecord("synk.test", logging.INFO, __file__, 1, text, None, None)
    made.created = at.timestamp()
    return made


@contextmanager
def opened(log: ProcessLog) -> Iterator[ProcessLog]:
    try:
        yield log
    finally:
        log.close()


def test_what_is_logged_is_in_a_private_file(tmp_path: Path) -> None:
    with opened(ProcessLog(tmp_path / "log")) as log:
        assert log.problem == ""
        logging.getLogger("synk.some.part").info("hello %s", "there")
        logging.getLogger("synk.some.part").debug("too much")
    path = tmp_path / "log" / "synk.log"
    assert path.read_text().endswith(" synk.some.part: hello there\n")
    assert "too much" not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_debug_logs_more(tmp_path: Path) -> None:
    with opened(ProcessLog(tmp_path, debug=True)):
        logging.getLogger("synk").debug("details")
    assert "details" in (tmp_path / "synk.log").read_text()


def test_a_new_day_begins_a_new_file_and_a_week_is_kept(tmp_path: Path) -> None:
    handler = DailyFile(tmp_path, "synk", Redaction())
    start = datetime.now()
    for days in range(1, 10):
        day = (start - timedelta(days=days)).date()
        (tmp_path / f"synk.{day.isoformat()}.log").write_text("old\n")
    handler.emit(record("today", start))
    assert len(list(tmp_path.iterdir())) == 7
    handler.emit(record("tomorrow", start + timedelta(days=1)))
    handler.close()
    assert (tmp_path / "synk.log").read_text().endswith("tomorrow\n")
    assert (tmp_path / f"synk.{start.date().isoformat()}.log").read_text().endswith("today\n")
    assert len(list(tmp_path.iterdir())) == 7


def test_two_processes_share_one_file_over_midnight(tmp_path: Path) -> None:
    first, second = DailyFile(tmp_path, "synk", Redaction()), DailyFile(tmp_path, "synk", Redaction())
    start = datetime.now()
    first.emit(record("one", start))
    second.emit(record("two", start))
    first.emit(record("three", start + timedelta(days=1)))
    second.emit(record("four", start + timedelta(days=2)))
    for handler in (first, second):
        handler.close()
    texts = {path.name: path.read_text().count("\n") for path in tmp_path.iterdir()}
    assert sum(texts.values()) == 4


def test_secrets_are_masked_in_messages_arguments_and_tracebacks(tmp_path: Path) -> None:
    with opened(ProcessLog(tmp_path)) as log:
        log.redaction.learn(["hunter22", "hunter22-longer", "abc", ""])
        logging.getLogger("synk").info("key=hunter22-longer %s", {"k": "hunter22"})
        try:
            raise ValueError("hunter22")
        except ValueError:
            logging.getLogger("synk").exception("abc failed")
    text = (tmp_path / "synk.log").read_text()
    assert "hunter22" not in text
    assert "key=*** {'k': '***'}" in text
    assert "ValueError: ***" in text
    assert "abc failed" in text


def test_a_directory_that_cannot_be_made_is_told_and_nothing_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    with opened(ProcessLog(tmp_path / "file" / "log")) as log:
        assert log.problem == f"Cannot create the folder {tmp_path}/file/log: Not a directory. The log is not kept."
        logging.getLogger("synk").info("quiet")
        logging.getLogger("synk").error("loud")
    assert capsys.readouterr().err == "loud\n"


def test_a_write_that_fails_loses_that_record_only(tmp_path: Path) -> None:
    handler = DailyFile(tmp_path / "missing", "synk", Redaction())
    handler.emit(record("lost", datetime.now()))
    (tmp_path / "missing").mkdir()
    handler.emit(record("kept", datetime.now()))
    handler.close()
    assert (tmp_path / "missing" / "synk.log").read_text().endswith("kept\n")


def test_exceptions_at_the_top_of_a_thread_are_logged(tmp_path: Path) -> None:
    def fail() -> None:
        raise RuntimeError("in a thread")

    hooks = sys.excepthook, threading.excepthook
    with opened(ProcessLog(tmp_path)):
        thread = threading.Thread(target=fail, name="synk-test")
        thread.start()
        thread.join()
        sys.excepthook(KeyError, KeyError("in main"), None)
    text = (tmp_path / "synk.log").read_text()
    assert "RuntimeError: in a thread" in text
    assert "KeyError: 'in main'" in text
    assert (sys.excepthook, threading.excepthook) == hooks


def test_broken_arguments_of_a_log_call_do_not_raise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)
    handler = DailyFile(tmp_path, "synk", Redaction())
    broken = logging.LogRecord("synk", logging.INFO, __file__, 1, "%d %d", ("x",), None)
    handler.handle(broken)
    handler.close()
