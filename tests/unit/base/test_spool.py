"""The spool of a run: what was written is what is read, whatever the chunks, the cursors and the quotas."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synk.base.spool import INDEX_BYTES, TAIL_BYTES, Gap, SpoolReader, SpoolWriter

CHUNKS = st.lists(st.tuples(st.sampled_from(["out", "err"]), st.binary(min_size=1, max_size=300)), max_size=40)


def write(folder: Path, data: bytes, stream: str = "out", chunk: int = 50_000, **options: int) -> SpoolWriter:
    writer = SpoolWriter(str(folder), **options)
    for start in range(0, len(data), chunk):
        writer.write(stream, data[start : start + chunk])
    return writer


def read_all(reader: SpoolReader, stream: str, cursor: int = 0) -> tuple[bytes, list[Gap]]:
    found, gaps = b"", []
    while True:
        data, cursor, gap = reader.read(stream, cursor, 65536)
        if not data:
            return found, gaps
        found += data
        gaps += [gap] if gap else []


@settings(max_examples=40, deadline=None)
@given(CHUNKS, st.integers(1, 200))
def test_both_views_give_back_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, chunks: list[tuple[str, bytes]], step: int
) -> None:
    folder = tmp_path_factory.mktemp("runs") / "r1"
    # A small head and small parts: most readings cross a border between files.
    writer = SpoolWriter(str(folder), quota_bytes=1 << 20, head_bytes=500, part_bytes=4096)
    for stream, data in chunks:
        writer.write(stream, data)
    writer.close()
    with SpoolReader(str(folder)) as reader:
        for stream in ("out", "err"):
            wanted = b"".join(data for name, data in chunks if name == stream)
            assert read_all(reader, stream) == (wanted, [])
            assert reader.size(stream) == writer.size(stream) == len(wanted)
            assert writer.lines(stream) == len(wanted.split(b"\n")) - (not wanted or wanted.endswith(b"\n"))
        merged: list[tuple[str, bytes]] = []
        cursor = 0
        while True:
            found, cursor, gap = reader.read_merged(cursor, step)
            assert gap is None
            if not found:
                break
            merged += found
    as_bytes = [(name, byte) for name, data in chunks for byte in data]
    assert [(name, byte) for name, data in merged for byte in data] == as_bytes


def test_a_reader_follows_while_the_program_prints(tmp_path: Path) -> None:
    writer = SpoolWriter(str(tmp_path / "r1"))
    with SpoolReader(str(tmp_path / "r1")) as reader:
        assert reader.read("out", 0, 100) == (b"", 0, None)
        merged, cursor = b"", 0
        for number in range(50):
            writer.write("out" if number % 3 else "err", b"%d\n" % number)
            chunks, cursor, _ = reader.read_merged(cursor, 1000)
            merged += b"".join(data for _, data in chunks)
        assert merged == b"".join(b"%d\n" % number for number in range(50))
    writer.close()


def test_the_head_stays_and_the_oldest_parts_go(tmp_path: Path) -> None:
    data = os.urandom(900_000)
    writer = write(tmp_path / "r1", data, quota_bytes=400_000, head_bytes=100_000, part_bytes=20_000)
    assert writer.disk_bytes <= 400_000
    dropped = writer.dropped("out")
    assert dropped is not None
    start, end = dropped
    assert start == 100_000
    with SpoolReader(writer.folder) as reader:
        found, gaps = read_all(reader, "out")
        assert found == data[:start] + data[end:]
        assert gaps == [Gap(start, end)]
        assert reader.read("out", start + 5, 10) == (data[end : end + 10], end + 10, Gap(start + 5, end))
        chunks, cursor, gap = reader.read_merged(start + 5, 10)
        assert (chunks, cursor, gap) == ([("out", data[end : end + 10])], end + 10, Gap(start + 5, end))
    writer.close()


def test_a_flood_on_one_stream_does_not_push_out_the_other(tmp_path: Path) -> None:
    writer = write(tmp_path / "r1", b"x" * 300_000, quota_bytes=400_000, head_bytes=100_000, part_bytes=20_000)
    writer.write("err", b"the one message\n")
    for _ in range(40):
        writer.write("out", b"y" * 50_000)
    with SpoolReader(writer.folder) as reader:
        assert reader.read("err", 0, 100) == (b"the one message\n", 16, None)
    assert writer.dropped("err") is None
    writer.close()


def test_any_line_is_found_with_little_reading(tmp_path: Path) -> None:
    lines = [b"line %d %s\n" % (number, b"." * (number % 90)) for number in range(1, 120_001)]
    writer = write(tmp_path / "r1", b"".join(lines))
    read = 0
    with SpoolReader(writer.folder) as reader:
        original = reader.read

        def counted(stream: str, cursor: int, max_bytes: int) -> tuple[bytes, int, Gap | None]:
            nonlocal read
            data, behind, gap = original(stream, cursor, max_bytes)
            read += len(data)
            return data, behind, gap

        reader.read = counted  # type: ignore[method-assign]
        for number in (1, 2, 60_000, 119_999, 120_000):
            read = 0
            assert reader.line("out", number) == lines[number - 1]
            assert read <= 2 * INDEX_BYTES
        assert reader.line("out", 120_001) is None
        assert reader.line("out", 0) is None
        data, start = reader.tail("out", 3)
        assert data == b"".join(lines[-3:])
        assert start == writer.size("out") - len(data)
    assert writer.lines("out") == 120_000
    writer.close()


def test_a_cursor_beyond_the_end_reads_nothing_and_stays(tmp_path: Path) -> None:
    writer = write(tmp_path / "r1", b"abc")
    with SpoolReader(writer.folder) as reader:
        assert reader.read("out", 99, 10) == (b"", 99, None)
        assert reader.read_merged(99, 10) == ([], 99, None)
        assert reader.read("err", 0, 10) == (b"", 0, None)
    writer.close()


def test_folder_and_files_are_private_and_links_are_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "r1"
    writer = write(folder, b"secret")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    aim = tmp_path / "aim"
    aim.write_text("mine")
    (folder / "err.raw").symlink_to(aim)
    writer.write("err", b"overwritten?")
    assert aim.read_text() == "mine"
    assert writer.problem
    writer.close()


def test_without_free_disk_counts_and_tail_go_on_and_the_views_stay_true(tmp_path: Path) -> None:
    writer = SpoolWriter(str(tmp_path / "r1"), free_bytes=1)
    writer.write("out", b"kept\n")
    writer._free_bytes, writer._until_check = 1 << 60, 0
    writer.write("out", b"lost\n")
    assert "MiB are free" in writer.problem
    writer.write("err", b"lost as well")
    assert (writer.size("out"), writer.lines("out"), writer.tail("out")) == (10, 2, b"kept\nlost\n")
    assert writer.dropped("out") == (5, 10)
    writer._free_bytes, writer._until_check = 1, 0
    writer.write("out", b"again\n")
    assert writer.problem == ""
    with SpoolReader(writer.folder) as reader:
        assert read_all(reader, "out") == (b"kept\nagain\n", [Gap(5, 10)])
        found, cursor = [], 0
        while True:
            chunks, cursor, gap = reader.read_merged(cursor, 100)
            if not chunks:
                break
            found += [(chunks, gap)]
        assert [chunks for chunks, _ in found] == [[("out", b"kept\n")], [("out", b"again\n")]]
        assert cursor == writer.size("out") + writer.size("err")
    writer.close()


def test_the_tail_in_memory_is_the_end_of_the_stream(tmp_path: Path) -> None:
    data = os.urandom(400_000)
    for chunk in (7000, 100_000, 400_000):
        writer = write(tmp_path / f"r{chunk}", data, chunk=chunk)
        assert writer.tail("out") == data[-TAIL_BYTES:]
        writer.close()
