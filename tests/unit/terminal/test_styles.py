"""SGR sequences and the table of pens."""

from dataclasses import astuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synk.terminal import styles
from synk.terminal.emulator import Emulator
from synk.terminal.styles import RGB, PenTable, Style


def style_after(sgr: str) -> Style:
    emulator = Emulator(cols=10, rows=2, reply=lambda _: None)
    emulator.feed(f"\x1b[{sgr}mx".encode())
    return emulator.row(0)[0].style


@pytest.mark.parametrize(
    ("sgr", "style"),
    [
        ("", Style()),
        ("0", Style()),
        ("1;3;4;5", Style(bold=True, italic=True, underline=1, blink=True)),
        ("7;8;9;53", Style(inverse=True, hidden=True, strike=True, overline=True)),
        ("1;2;22", Style()),
        ("1;3;23;9;29;7;27;5;25;8;28;53;55;4;24;1;22", Style()),
        ("21", Style(underline=2)),
        ("4:3", Style(underline=3)),
        ("4:3;4:0", Style()),
        ("4:9", Style(underline=5)),
        ("31;42", Style(fg=1, bg=2)),
        ("97;100", Style(fg=15, bg=8)),
        ("31;39;41;49", Style()),
        ("38;5;200", Style(fg=200)),
        ("48;2;1;2;3", Style(bg=RGB | 0x010203)),
        ("38:5:200", Style(fg=200)),
        ("38:2:1:2:3", Style(fg=RGB | 0x010203)),
        ("38:2::1:2:3", Style(fg=RGB | 0x010203)),
        ("38:2:0:1:2:3:0:0", Style(fg=RGB | 0x010203)),
        ("58;5;9", Style(underline_color=9)),
        ("58:2::1:2:3;59", Style()),
        ("38;5;300;1", Style(bold=True)),
        ("38;2;1;2;300;1", Style(bold=True)),
        ("38;7;1", Style(bold=True)),
        ("38", Style()),
        ("38;2;1;2:3;4;1", Style(bold=True)),
        ("38;5;1:2;1", Style(bold=True)),
        ("38;5", Style(fg=0)),
        ("38:5", Style()),
        (":", Style()),
        ("4:", Style()),
        ("001;031", Style(fg=1, bold=True)),
        ("999;1", Style(bold=True)),
        ("31;;1", Style(bold=True)),
    ],
)
def test_sgr_gives_style(sgr: str, style: Style) -> None:
    assert style_after(sgr) == style


def test_equal_styles_are_one_object() -> None:
    emulator = Emulator(cols=10, rows=2, reply=lambda _: None)
    emulator.feed(b"\x1b[1;31mx\r\n\x1b[0m\x1b[31m\x1b[1my")
    assert emulator.row(0)[0].style is emulator.row(1)[0].style


def test_more_styles_than_there_are_pens_keep_the_newest_and_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(styles, "MAX_PENS", 256)
    monkeypatch.setattr("synk.terminal.grid.MAX_PENS", 256)
    emulator = Emulator(cols=10, rows=4, reply=lambda _: None)
    for number in range(2000):
        emulator.feed(b"\x1b[38;2;%d;%d;7mx" % (number >> 8, number & 255))
    assert len(emulator.screen.grid.pens) <= 256
    shown = [run.style.fg for y in range(emulator.rows) for run in emulator.row(y)]
    assert shown == [RGB | number >> 8 << 16 | (number & 255) << 8 | 7 for number in range(2000 - len(shown), 2000)]


def test_a_full_table_falls_back_to_palette_colors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(styles, "MAX_PENS", 2)
    table = PenTable()
    red = table.pen(Style(fg=196))
    assert table.pen(Style(fg=RGB | 0xFF0000)) is red
    assert table.pen(Style(fg=RGB | 0x00FF00)) is table.default


color_parts = st.sampled_from(["38", "48", "58", "2", "5", "0", "", "7", "255", "256", "010", "1:2"])


@given(st.lists(color_parts, max_size=11).map(";".join), st.lists(color_parts, max_size=11).map(";".join))
def test_the_short_way_to_a_color_leads_where_the_general_one_does(before: str, sgr: str) -> None:
    table = PenTable()
    start = table.pen(Style(*styles.apply_sgr(astuple(Style(bold=True)), before)))
    assert table.after(start, sgr).style == Style(*styles.apply_sgr(start.values, sgr))
    assert table.after(start, sgr) is table.pen(table.after(start, sgr).style)


def test_a_picture_of_more_colors_than_there_are_pens_keeps_those_on_the_screen() -> None:
    fast = Emulator(cols=100, rows=10, reply=lambda _: None, scrollback_lines=50)
    slow = Emulator(cols=100, rows=10, reply=lambda _: None, scrollback_lines=50)
    for start in range(0, styles.MAX_PENS + 4000, 1000):
        picture = "".join(f"\x1b[38;2;{color >> 16};{color >> 8 & 255};{color & 255}m#" for color in range(start, start + 1000))
        fast.feed(picture.encode())
        for piece in picture.split("#"):
            slow.feed(piece.encode() + b"#" if piece else b"")
        assert [fast.row(y) for y in range(10)] == [slow.row(y) for y in range(10)]
    assert fast.row(9)[-1].style == Style(fg=RGB | start + 999)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_pen_in_use_keeps_its_look_whatever_else_is_forgotten(monkeypatch: pytest.MonkeyPatch, data: st.DataObject) -> None:
    monkeypatch.setattr(styles, "MAX_PENS", 8)
    table = PenTable()
    held: dict[str, Style] = {}
    pen = table.default
    for _ in range(data.draw(st.integers(1, 60))):
        step = data.draw(st.sampled_from(["new", "new", "after", "after", "erase", "drop", "sweep"]))
        color = data.draw(st.integers(0, 11))
        if step == "drop":
            held = {char: style for char, style in held.items() if data.draw(st.booleans())}
        elif step == "sweep" or table.needs_room:
            table.keep_only({*held, pen.char})
        elif step == "erase":
            char = table.erase(pen)
            held[char] = table[char].style
            assert held[char].bg in (-1, pen.style.bg)
        else:
            sgr = f"48;5;{color}"
            asked = Style(fg=color, bold=color % 2 == 0) if step == "new" else Style(*styles.apply_sgr(pen.values, sgr))
            pen = table.pen(asked) if step == "new" else table.after(pen, sgr)
            # If there is no place for it, another one stands for it.
            if pen.style == asked:
                held[pen.char] = asked
        assert {char: table[char].style for char in held} == held
        assert table.known(pen) is pen
