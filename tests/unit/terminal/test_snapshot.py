"""Snapshots: small, quick, and refused when damaged (the laws are in test_laws.py)."""

import json
import zlib
from typing import Any

import pytest

from synk.terminal.emulator import Emulator

MAGIC = b"SYNKSCR1"


def terminal(stream: str = "") -> Emulator:
    emulator = Emulator(cols=20, rows=4, reply=lambda _: None)
    emulator.feed(stream.encode())
    return emulator


def fields_of(snapshot: bytes) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(zlib.decompress(snapshot[len(MAGIC) :]).decode("utf-8", "surrogatepass"))
    return fields


def packed(fields: Any) -> bytes:
    return MAGIC + zlib.compress(json.dumps(fields).encode("utf-8", "surrogatepass"))


def test_everything_comes_back() -> None:
    emulator = terminal(
        "\x1b]2;title\a\x1b]4;1;#123456\amain\x1b[?1049h\x1b[1;38;2;1;2;3malt 你 e\u0301"
        "\x1b[2;3r\x1b[?2004h\x1b[?1006h\x1b[5 q\x1b[12"
    )
    restored = Emulator.restore(emulator.snapshot(), reply=lambda _: None)
    assert restored.snapshot() == emulator.snapshot()
    assert [restored.row(y) for y in range(4)] == [emulator.row(y) for y in range(4)]
    assert (restored.title, restored.modes, restored.cursor) == (emulator.title, emulator.modes, emulator.cursor)
    assert restored.colors.overrides == {1: 0x123456}
    restored.feed(b";3Hx\x1b[?1049l!")
    assert restored.text(0) == "main!"


def test_a_character_cut_in_two_is_completed() -> None:
    emulator = terminal()
    emulator.feed("é".encode()[:1])
    restored = Emulator.restore(emulator.snapshot(), reply=lambda _: None)
    restored.feed("é".encode()[1:])
    assert restored.text(0) == "é"


def test_a_plain_screen_is_small() -> None:
    emulator = Emulator(cols=120, rows=40, reply=lambda _: None)
    emulator.feed(b"-rw-r--r-- 1 dev dev 1234 Nov 12 10:00 file\r\n" * 60)
    assert len(emulator.snapshot()) < 2000


@pytest.mark.parametrize("field", sorted(fields_of(terminal().snapshot())))
@pytest.mark.parametrize("value", [None, -1, 1 << 70, "x", [], {}, [[]], [1, 2, 3], True, 1.5])
def test_a_wrong_field_is_refused_or_harmless(field: str, value: Any) -> None:
    fields = fields_of(terminal("abc你\x1b7").snapshot())
    fields[field] = value
    try:
        emulator = Emulator.restore(packed(fields), reply=lambda _: None)
    except ValueError:
        return
    emulator.feed(b"abc\x1b8\x1b[?1049h\x1b[?1049l\r\n\x1b[2J")
    assert [emulator.row(y) for y in range(emulator.rows)] == [()] * emulator.rows


@pytest.mark.parametrize("field", sorted(fields_of(terminal().snapshot())))
def test_a_missing_field_is_refused(field: str) -> None:
    fields = fields_of(terminal().snapshot())
    del fields[field]
    with pytest.raises(ValueError, match="damaged"):
        Emulator.restore(packed(fields), reply=lambda _: None)


@pytest.mark.parametrize(
    "data",
    [b"", MAGIC, MAGIC + b"x", MAGIC + zlib.compress(b"{"), MAGIC + zlib.compress(b"[" * 100_000), packed([]), packed("x")],
)
def test_what_is_no_snapshot_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the text differs, the type is the promise
        Emulator.restore(data, reply=lambda _: None)


def test_a_snapshot_cut_off_is_refused() -> None:
    data = terminal("hello").snapshot()
    with pytest.raises(ValueError, match="cut off"):
        Emulator.restore(data[:-5], reply=lambda _: None)
