"""Parts of an output: lines that match, quickly and each once, and what is known of a run the disk did not take."""

import errno
import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synk.base.spool import SpoolWriter
from synk.base.wire import Message
from synk.engine.environment import Masks
from synk.engine.outcomes import result_of
from synk.engine.parts import OutputPart, PartReader
from synk.engine.requests import Reading
from synk.host.runs.run import Run


def made(folder: Path, **options: Any) -> Run:
    return Run("r1", "exec", "make", "user", "/", SpoolWriter(str(folder), **options))


def ended(run: Run) -> Message:
    run.finish(status="completed", exit_code=0)
    return run.record()


def read(record: Message, *, grep: str | None = None, **options: Any) -> OutputPart:
    wishes = {"stream": "merged", "max_chars": 8000, "view": "text", "mask": lambda text: text, **options}
    cursor, tail_lines = wishes.pop("cursor", None), wishes.pop("tail_lines", None)
    return PartReader(record, **wishes).read(cursor, tail_lines, re.compile(grep) if grep is not None else None)


PATTERNS = (
    "a", "^a", "b$", r"a\s*b", "a[^b]*c", r"\Aa", r"b\Z", "a(?!b)", "(?<!a)b", r"a\s++b", "(?i)A", "", "^$", r"\bab\b", "(?s)a.b",
)  # fmt: skip


@given(st.text("ab cB\n\r\x1b\x85\u2028é", max_size=60), st.sampled_from(PATTERNS))
def test_the_lines_that_match_are_those_that_match_by_themselves(tmp_path_factory: Any, text: str, pattern: str) -> None:
    run = made(tmp_path_factory.mktemp("run") / "r1")
    run.write("out", text.encode())
    whole = read(record := ended(run), max_chars=10_000).text
    lines = whole.split("\n")
    if not lines[-1]:
        lines.pop()
    wanted = [(number, line) for number, line in enumerate(lines, 1) if re.search(pattern, line)]
    part = read(record, grep=pattern)
    assert list(zip(part.lines, part.text.split("\n"), strict=False)) == wanted


def test_a_search_that_found_too_much_goes_on_where_it_stopped(tmp_path: Path) -> None:
    run = made(tmp_path / "r1")
    for start in range(0, 300_000, 1000):
        run.write("out", "".join(f"é {number}\r\n" for number in range(start, start + 1000)).encode())
    record = ended(run)
    found, cursor, above = [], 0, 0
    while True:
        part = read(record, grep="7{3}", cursor=cursor, max_chars=500)
        found += [(above + number, line) for number, line in zip(part.lines, part.text.split("\n"), strict=False)]
        if not part.truncated:
            break
        cursor, above = part.cursor, above + part.lines[-1]
    assert found == [(number + 1, f"é {number}") for number in range(300_000) if "777" in str(number)]


@pytest.mark.parametrize("stream", ["out", "merged"])
def test_what_the_disk_did_not_take_is_shown_as_far_as_it_is_known(tmp_path: Path, stream: str) -> None:
    run = made(tmp_path / "r1", free_bytes=1 << 62)
    run.write("out", b"first\nlast\n")
    record = ended(run)
    part = read(record, stream=stream)
    assert (part.text, part.is_end) == ("first\nlast\n", True)
    assert part.note.startswith("Output is not kept any more: ")
    assert read(record, stream=stream, tail_lines=1).text == "last\n"
    assert read(record, stream=stream, grep="la").lines == (2,)
    assert read(record, stream=stream, cursor=6).text == "last\n"


def test_behind_what_is_on_disk_comes_what_the_memory_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = made(tmp_path / "r1", free_bytes=0)
    run.write("out", b"kept\n")
    run.write("err", b"e1\n")

    def full(_fd: int, _data: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        run.write("out", b"x" * 100_000 + b"\nend\n")
        run.write("err", b"e2\n")
    record = ended(run)
    assert read(record, stream="out", cursor=0).text == "kept\n"
    behind = read(record, stream="out", cursor=5)
    assert behind.gap == (5, 100_010 - 65_536)
    assert read(record, stream="err").text == "e1\ne2\n"
    # Of both together: the order of what came last is not known, nothing of it is missing.
    assert read(record, cursor=8).gap == (8, 8 + behind.gap[1] - 5)
    tail = read(record, tail_lines=2).text
    assert tail == "end\ne2\n"
    result = result_of(record, Reading(recognised=None, masks=Masks()))
    assert result.output.text.startswith("kept\n")
    assert result.output.text.endswith("end\n")
    assert (result.output.truncated, result.stderr.text, result.stderr.truncated) == (True, "e1\ne2\n", False)
