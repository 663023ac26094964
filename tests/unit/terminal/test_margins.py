"""Left and right margins (DECLRMM, DECSLRM) and what obeys them; the expected screens are xterm's."""

import pytest

from synk.terminal.emulator import Emulator

MARGINS = "\x1b[?69h\x1b[3;6s"
BOX = "abcdefgh\r\nijklmnop\r\nqrstuvwx\r\nyzABCDEF" + MARGINS


def screen(stream: str) -> Emulator:
    emulator = Emulator(cols=8, rows=4, reply=lambda _: None)
    emulator.feed(stream.encode())
    return emulator


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (BOX + "\x1b[S", ["abklmngh", "ijstuvop", "qrABCDwx", "yz    EF"]),
        (BOX + "\x1b[T", ["ab    gh", "ijcdefop", "qrklmnwx", "yzstuvEF"]),
        (BOX + "\x1b[2;3r\x1b[S", ["abcdefgh", "ijstuvop", "qr    wx", "yzABCDEF"]),
        (BOX + "\x1b[2;4H\x1b[L", ["abcdefgh", "ij    op", "qrklmnwx", "yzstuvEF"]),
        (BOX + "\x1b[2;4H\x1b[MX", ["abcdefgh", "ijXtuvop", "qrABCDwx", "yz    EF"]),
        (BOX + "\x1b[2;1H\x1b[M", ["abcdefgh", "ijklmnop", "qrstuvwx", "yzABCDEF"]),
        (BOX + "\x1b[1;4H\x1b[2@", ["abc  dgh", "ijklmnop", "qrstuvwx", "yzABCDEF"]),
        (BOX + "\x1b[1;4H\x1b[2P", ["abcf  gh", "ijklmnop", "qrstuvwx", "yzABCDEF"]),
        (BOX + "\x1b[1;7H\x1b[2P", ["abcdefgh", "ijklmnop", "qrstuvwx", "yzABCDEF"]),
        (BOX + "\x1b[4;3H\nX", ["abklmngh", "ijstuvop", "qrABCDwx", "yzX   EF"]),
        (BOX + "\x1b[4;8H\nX", ["abcdefgh", "ijklmnop", "qrstuvwx", "yzABCDEX"]),
        (BOX + "\x1b[1;3H\x1bMX", ["abX   gh", "ijcdefop", "qrklmnwx", "yzstuvEF"]),
        (BOX + "\x1b[1;1H\x1bMX", ["Xbcdefgh", "ijklmnop", "qrstuvwx", "yzABCDEF"]),
        (BOX + "\x1b[1;5H1234", ["abcd12gh", "ij34mnop", "qrstuvwx", "yzABCDEF"]),
        (BOX + "\x1b[1;7H1234", ["abcdef12", "ij34mnop", "qrstuvwx", "yzABCDEF"]),
        (BOX + "\x1b[1;5H12\x1b[A3", ["abcd13gh", "ijklmnop", "qrstuvwx", "yzABCDEF"]),
        (BOX + "\x1b[?7l\x1b[1;5H1234", ["abcd14gh", "ijklmnop", "qrstuvwx", "yzABCDEF"]),
        (BOX + "\x1b[4h\x1b[1;3H1", ["ab1cdegh", "ijklmnop", "qrstuvwx", "yzABCDEF"]),
        (BOX + "\x1b[1;5H\rX", ["abXdefgh", "ijklmnop", "qrstuvwx", "yzABCDEF"]),
        (BOX + "\x1b[1;2H\rX", ["Xbcdefgh", "ijklmnop", "qrstuvwx", "yzABCDEF"]),
        (BOX + "\x1b[1;5H\x1b[9CX", ["abcdeXgh", "ijklmnop", "qrstuvwx", "yzABCDEF"]),
        (BOX + "\x1b[1;5H\x1b[9DX", ["abXdefgh", "ijklmnop", "qrstuvwx", "yzABCDEF"]),
        (BOX + "\x1b[1;2H\x1b[9DX", ["Xbcdefgh", "ijklmnop", "qrstuvwx", "yzABCDEF"]),
        (BOX + "\x1b[?6h\x1b[1;1HX\x1b[9;9HY", ["abXdefgh", "ijklmnop", "qrstuvwx", "yzABCYEF"]),
        (BOX + "\x1b[?6h\x1b[2GX", ["abcXefgh", "ijklmnop", "qrstuvwx", "yzABCDEF"]),
        (BOX + "\x1b[?45h\x1b[2;3H\bX", ["abcdeXgh", "ijklmnop", "qrstuvwx", "yzABCDEF"]),
        (BOX + "\x1b[1;4H\x1b['}", ["abc degh", "ijk lmop", "qrs tuwx", "yzA BCEF"]),
        (BOX + "\x1b[1;4H\x1b['~", ["abcef gh", "ijkmn op", "qrsuv wx", "yzACD EF"]),
        (BOX + "\x1b[1;3H\x1b6", ["ab cdegh", "ij klmop", "qr stuwx", "yz ABCEF"]),
        (BOX + "\x1b[1;6H\x1b9", ["abdef gh", "ijlmn op", "qrtuv wx", "yzBCD EF"]),
        (BOX + "\x1b[1;3H\x1b[ @", ["abdef gh", "ijlmn op", "qrtuv wx", "yzBCD EF"]),
        (BOX + "\x1b[1;3H\x1b[ A", ["ab cdegh", "ij klmop", "qr stuwx", "yz ABCEF"]),
        (BOX + "\x1b[?69lX", ["Xbcdefgh", "ijklmnop", "qrstuvwx", "yzABCDEF"]),
        (BOX + "\x1b[2;2s\x1b[S", ["abklmngh", "ijstuvop", "qrABCDwx", "yz    EF"]),
        (BOX + "\x1b[!p\x1b[S", ["ijklmnop", "qrstuvwx", "yzABCDEF", ""]),
        (BOX + "\x1b[1;7H\tX", ["abcdeXgh", "ijklmnop", "qrstuvwx", "yzABCDEF"]),
        (BOX + "\x1b[1;7H\x1b[9IX", ["abcdeXgh", "ijklmnop", "qrstuvwx", "yzABCDEF"]),
        (BOX + "\x1b[1;6H\x1b[?7l好Y", ["abcdeYgh", "ijklmnop", "qrstuvwx", "yzABCDEF"]),
        (BOX + "\x1b[1;6H好", ["abcdefgh", "ij好mnop", "qrstuvwx", "yzABCDEF"]),
        ("好好好好" + MARGINS + "\x1b[S", ["好    好", "", "", ""]),
        ("a好好好b\x1b[?69h\x1b[3;6s\x1b[S", ["a      b", "", "", ""]),
    ],
)
def test_sequence_gives_screen(stream: str, expected: list[str]) -> None:
    emulator = screen(stream)
    assert [emulator.text(y) for y in range(4)] == expected


def test_lines_between_margins_do_not_go_to_the_scrollback() -> None:
    emulator = screen(BOX + "\x1b[4;3H\n\n\n")
    assert emulator.first_row() == 0


def test_a_pending_wrap_shows_the_cursor_on_the_margin() -> None:
    emulator = screen(MARGINS + "\x1b[1;3H1234")
    assert (emulator.cursor.x, emulator.cursor.y) == (5, 0)
    emulator.feed("\u0301".encode())
    assert emulator.text(0) == "  1234\u0301"


def test_a_saved_cursor_keeps_its_pending_wrap() -> None:
    emulator = screen(MARGINS + "\x1b[1;3H1234\x1b7\x1b[H\x1b85")
    assert [emulator.text(y) for y in range(2)] == ["  1234", "  5"]
