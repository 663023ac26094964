"""Texts all over the screen: when they are written at once."""

import pytest

from synk.terminal.emulator import Emulator


def test_a_resize_does_not_make_texts_come_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    emulator = Emulator(cols=60, rows=8, reply=lambda _data: None)
    emulator.feed(b"one\r\ntwo\r\n" + b"w" * 50 + b"\x1b[8;1H")
    emulator.resize(cols=40, rows=8)
    one_by_one: list[str] = []
    texts = "".join(f"\x1b[{n % 8 + 1};{n % 37 + 1}Hab" for n in range(40)).encode()
    emulator.feed(b"\x1b[m\x1b[2J" + texts)
    fresh = Emulator(cols=40, rows=8, reply=lambda _data: None)
    fresh.feed(texts)
    assert [emulator.text(y) for y in range(8)] == [fresh.text(y) for y in range(8)]
    monkeypatch.setattr(emulator.screen, "draw", one_by_one.append)
    emulator.feed(texts)
    assert one_by_one == []
