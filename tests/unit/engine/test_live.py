"""Following a spool that is being written."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synk.base.spool import SpoolWriter
from synk.engine.kept import tails_of
from synk.engine.live import LiveOutput, Piece

STREAM = st.sampled_from(["out", "err"])


def told(writer: SpoolWriter) -> dict[str, int]:
    return {"out": writer.size("out"), "err": writer.size("err")}


@given(st.lists(st.tuples(STREAM, st.binary(min_size=1, max_size=40), st.integers(0, 50)), max_size=20))
def test_each_byte_comes_once_and_in_order_however_it_is_written_and_read(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, bytes, int]]
) -> None:
    writer = SpoolWriter(str(tmp_path_factory.mktemp("spool") / "r1"))
    live = LiveOutput(writer.folder)
    pieces: list[Piece] = []
    for stream, data, wanted in steps:
        writer.write(stream, data)
        if wanted:
            pieces += live.take(wanted, **told(writer))
    while more := live.take(7, **told(writer)):
        pieces += more
    writer.close()
    live.close()
    assert [(p.stream, byte) for p in pieces for byte in p.data] == [(stream, byte) for stream, data, _ in steps for byte in data]
    for stream in ("out", "err"):
        own = [p for p in pieces if p.stream == stream]
        assert [p.offset for p in own] == [sum(len(p.data) for p in own[:number]) for number in range(len(own))]


def test_what_was_dropped_before_it_was_read_is_told_and_the_rest_still_comes(tmp_path: Path) -> None:
    writer = SpoolWriter(str(tmp_path / "r1"), quota_bytes=1 << 17, part_bytes=1 << 13)
    written = bytearray()
    for number in range(100):
        data = bytes([number]) * 4096
        written += data
        writer.write("out", data)
    writer.write("err", b"end")
    live = LiveOutput(writer.folder)
    pieces: list[Piece] = []
    while more := live.take(10_000, **told(writer)):
        pieces += more
    assert sum(p.lost for p in pieces) > 0
    assert sum(len(p.data) + p.lost for p in pieces if p.stream == "out") == len(written)
    for piece in pieces:
        if piece.stream == "out":
            assert piece.data == written[piece.offset : piece.offset + len(piece.data)]
    assert b"".join(p.data for p in pieces if p.stream == "err") == b"end"
    assert not live.is_behind(**told(writer))
    writer.close()
    live.close()


def test_bytes_that_no_disk_kept_are_known_to_be_lost_at_the_end(tmp_path: Path) -> None:
    writer = SpoolWriter(str(tmp_path / "r1"))
    writer.write("out", b"kept")
    live = LiveOutput(writer.folder)
    assert [p.data for p in live.take(100, out=4, err=0)] == [b"kept"]
    assert live.take(100, out=10, err=0) == []
    assert live.give_up(out=10, err=0) == [Piece("out", 4, b"", 6)]
    tails = tails_of({"extra": {"tail": {"out": "YWJj"}}})
    assert live.give_up(out=20, err=2, tails=tails) == [Piece("out", 17, b"abc", 7), Piece("err", 0, b"", 2)]
    assert not live.is_behind(out=10, err=0)
    writer.close()
    live.close()


def test_following_can_start_in_the_middle(tmp_path: Path) -> None:
    writer = SpoolWriter(str(tmp_path / "r1"))
    writer.write("out", b"0123456789")
    live = LiveOutput(writer.folder, out=4)
    assert live.take(100, out=10, err=0) == [Piece("out", 4, b"456789")]
    writer.close()
    live.close()
