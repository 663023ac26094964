"""Sixel pictures: the pixels that come out, and what happens to the screen (as in xterm 379)."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from synk.terminal.emulator import Emulator
from synk.terminal.pictures import Pictures
from synk.terminal.sixel import MAX_SIDE, Pixels, Registers, SixelDecoder

RED, GREEN, CLEAR = b"\xff\0\0\xff", b"\0\xff\0\xff", b"\0\0\0\0"
BLACK = b"\0\0\0\xff"
DEFINE = "#1;2;100;0;0#2;2;0;100;0"


def decode(data: str, parameters: str = "0;1") -> Pixels | None:
    decoder = SixelDecoder(parameters, Registers())
    decoder.feed(data)
    return decoder.finish()


def rows_of(pixels: Pixels | None) -> list[list[bytes]]:
    """All pixels, on their ground."""
    assert pixels is not None
    assert len(pixels.rgba) == 4 * pixels.drawn_width * pixels.drawn_height
    ground = pixels.ground.to_bytes(4, "big")
    rows = [[ground] * pixels.width for _ in range(pixels.height)]
    for at in range(0, len(pixels.rgba), 4):
        y, x = divmod(at // 4, pixels.drawn_width)
        rows[y][x] = pixels.rgba[at : at + 4] if pixels.rgba[at + 3] else ground
    return rows


def test_a_sixel_is_six_pixels_from_the_top() -> None:
    assert rows_of(decode(DEFINE + "#1@A_")) == [
        [RED, CLEAR, CLEAR],
        [CLEAR, RED, CLEAR],
        [CLEAR, CLEAR, CLEAR],
        [CLEAR, CLEAR, CLEAR],
        [CLEAR, CLEAR, CLEAR],
        [CLEAR, CLEAR, RED],
    ]


def test_later_sixels_cover_earlier_ones() -> None:
    assert rows_of(decode(DEFINE + "#1~~~$#2?@"))[:2] == [[RED, GREEN, RED], [RED, RED, RED]]


def test_repeats_and_new_lines() -> None:
    pixels = decode(DEFINE + "#1!3~-#2!2~!0@")
    rows = rows_of(pixels)
    assert rows[:6] == [[RED] * 3] * 6
    assert rows[6] == [GREEN, GREEN, GREEN]
    assert rows[7:] == [[GREEN, GREEN, CLEAR]] * 5


def test_line_feeds_at_the_end_add_nothing() -> None:
    pixels = decode(DEFINE + "#1~---")
    assert pixels is not None
    assert pixels.height == 6


def test_raster_attributes_are_the_least_size() -> None:
    pixels = decode('"1;1;4;8' + DEFINE + "#1~~")
    rows = rows_of(pixels)
    assert rows == [[RED, RED, CLEAR, CLEAR]] * 6 + [[CLEAR] * 4] * 2
    assert rows_of(decode('"1;1;1;1' + DEFINE + "#1~~"))[0] == [RED, RED]


def test_without_transparency_the_ground_is_register_0() -> None:
    assert rows_of(decode(DEFINE + "#1A", "0;0"))[:2] == [[BLACK], [RED]]
    assert rows_of(decode("#0;2;0;100;0" + DEFINE + "#1A", ""))[0] == [GREEN]


@pytest.mark.parametrize(
    ("color", "expected"),
    [
        ("#5;2;100;50;0", (255, 128, 0)),
        ("#5;2;500;50;0", (255, 128, 0)),
        ("#5;1;0;50;100", (0, 0, 255)),
        ("#5;1;120;50;100", (255, 0, 0)),
        ("#5;1;240;50;100", (0, 255, 0)),
        ("#5;1;60;50;0", (128, 128, 128)),
        ("#5;1;360;100;100", (255, 255, 255)),
        ("#5;3;1;1;1", (51, 204, 204)),
        ("#5", (51, 204, 204)),
        ("#700", (0, 0, 0)),
        ("#99999999999;2;1;1;1", (0, 0, 0)),
    ],
)
def test_colors(color: str, expected: tuple[int, int, int]) -> None:
    assert rows_of(decode(color + "~"))[0] == [bytes([*expected, 255])]


def test_more_colors_in_a_band_than_slots() -> None:
    colors = [(n % 101, n // 101 * 20, 50) for n in range(600)]
    data = "".join(f"#1;2;{r};{g};{b}~" for r, g, b in colors) + "$#2;2;0;100;0!3@"
    rows = rows_of(decode(data))
    expected = [bytes([(r * 255 + 50) // 100, (g * 255 + 50) // 100, 128, 255]) for r, g, b in colors]
    assert rows[1] == expected
    assert rows[0] == [GREEN] * 3 + expected[3:]


def test_pixels_that_are_not_square() -> None:
    assert rows_of(decode('"2;1' + DEFINE + "#1@#2?A"))[:5] == [[RED, CLEAR, CLEAR]] * 2 + [[CLEAR, CLEAR, GREEN]] * 2 + [
        [CLEAR] * 3
    ]
    assert rows_of(decode('"1;2' + DEFINE + "#1@#2@"))[0] == [RED, RED, GREEN, GREEN]


def test_what_is_too_large_is_not_drawn() -> None:
    wide, high = decode(DEFINE + f"#1!99999@!{MAX_SIDE}~"), decode(DEFINE + "#1@" + "-@" * 3000)
    large = decode(DEFINE + "#1" + "!9999~-" * 400)
    assert wide is not None
    assert wide.width == MAX_SIDE
    assert high is not None
    assert MAX_SIDE - 6 <= high.height <= MAX_SIDE
    assert large is not None
    assert 4 * large.width * large.height == len(large.rgba) <= 64 << 20
    empty = decode('"1;1;9999;1600#1~')
    assert empty is not None
    assert (empty.width, empty.height, len(empty.rgba)) == (9999, 1600, 24)
    assert decode('"1;1;9999;9999' + DEFINE + "#1@") == decode(DEFINE + "#1@")


def test_nothing_is_no_picture() -> None:
    assert decode("") is None
    assert decode("$-#1") is None
    assert decode("garbage \x7f\x80\u1234 ! ; 12") is not None


@given(st.text('0123456789;#!"$-?@ABCDEFGHIJ~_x é', max_size=120), st.lists(st.integers(0, 120), max_size=6))
@example("@?", [1])
@settings(max_examples=150, deadline=None)
def test_any_pieces_give_the_same_picture(data: str, cuts: list[int]) -> None:
    whole = decode(data)
    decoder = SixelDecoder("0;1", Registers())
    places = sorted(min(cut, len(data)) for cut in cuts)
    for start, end in zip([0, *places], [*places, len(data)], strict=True):
        decoder.feed(data[start:end])
    assert decoder.finish() == whole


@given(st.lists(st.tuples(st.integers(0, 12), st.text("?@A~o", max_size=9), st.sampled_from("$-")), max_size=20))
@settings(max_examples=100, deadline=None)
def test_pixels_are_those_of_the_simplest_decoder(parts: list[tuple[int, str, str]]) -> None:
    data = "".join(f"#{color}{run}{end}" for color, run, end in parts)
    registers = Registers()
    drawn: dict[tuple[int, int], int] = {}
    top = x = 0
    for color, run, end in parts:
        for char in run:
            for bit in range(6):
                if (ord(char) - 63) >> bit & 1:
                    drawn[x, top + bit] = registers[color]
            x += 1
        x = 0
        top += 6 * (end == "-")
    pixels = decode(data)
    found = {}
    for y, row in enumerate(rows_of(pixels) if pixels else []):
        found.update({(x, y): int.from_bytes(cell[:3], "big") for x, cell in enumerate(row) if cell[3]})
    assert found == drawn


class Terminal:
    """A screen of 20 columns and 8 lines with cells of 8 x 12 pixels."""

    def __init__(self, *, rows: int = 8) -> None:
        self.replies: list[bytes] = []
        self.emulator = Emulator(cols=20, rows=rows, reply=self.replies.append)
        self.emulator.describe_window(cell_width=8, cell_height=12, is_dark=True)

    def feed(self, data: str) -> None:
        self.emulator.feed(data.encode())

    def sixel(self, width: int, height: int) -> None:
        bands = "-".join([f"#1!{width}~"] * (height // 6))
        self.feed(f'\x1bP0;1q"1;1;{width};{height}#1;2;100;0;0{bands}\x1b\\')

    @property
    def pictures(self) -> Pictures:
        return self.emulator.pictures

    @property
    def cursor(self) -> tuple[int, int]:
        return self.emulator.cursor.x, self.emulator.cursor.y

    def seen(self) -> dict[int, list[tuple[int, int]]]:
        """The columns of each row in which pictures are seen."""
        found: dict[int, list[tuple[int, int]]] = {}
        for each in self.emulator.shown_pictures(self.emulator.first_row(), self.emulator.rows):
            for piece in each.pieces or ():
                found.setdefault(piece.y, []).append((piece.col, piece.end))
        return found


def test_the_cursor_goes_to_the_last_row_of_the_picture() -> None:
    terminal = Terminal()
    terminal.feed("\x1b[2;3H")
    terminal.sixel(30, 24)
    assert terminal.cursor == (2, 2)
    assert terminal.seen() == {1: [(2, 6)], 2: [(2, 6)]}
    terminal.feed("\x1b[?8452h\x1b[2;3H")
    terminal.sixel(30, 24)
    assert terminal.cursor == (6, 2)
    terminal.feed("\x1b[2;18H")
    terminal.sixel(30, 24)
    assert terminal.cursor == (0, 3)


def test_a_picture_at_the_bottom_scrolls() -> None:
    terminal = Terminal()
    terminal.feed("top\x1b[8;1H")
    terminal.sixel(16, 36)
    assert terminal.cursor == (0, 7)
    assert terminal.seen() == {5: [(0, 2)], 6: [(0, 2)], 7: [(0, 2)]}
    terminal.feed("\r\n" * 7)
    assert terminal.seen() == {-2: [(0, 2)], -1: [(0, 2)], 0: [(0, 2)]}


def test_between_side_margins_it_ends_at_the_bottom() -> None:
    terminal = Terminal()
    terminal.feed("\x1b[?69h\x1b[3;9s\x1b[7;4H")
    terminal.sixel(16, 60)
    assert terminal.seen() == {6: [(3, 5)], 7: [(3, 5)]}
    assert terminal.cursor == (3, 7)


def test_in_a_scroll_region_it_scrolls_the_region() -> None:
    terminal = Terminal()
    terminal.feed("top\x1b[8;1Hend\x1b[3;6r\x1b[5;1H")
    terminal.sixel(16, 36)
    assert terminal.seen() == {3: [(0, 2)], 4: [(0, 2)], 5: [(0, 2)]}
    assert (terminal.emulator.text(0), terminal.emulator.text(7)) == ("top", "end")
    terminal.feed("\x1b[8;1H")
    terminal.sixel(16, 36)
    assert terminal.cursor == (0, 7)
    assert terminal.seen()[7] == [(0, 2)]


def test_in_display_mode_it_is_in_the_corner_and_nothing_moves() -> None:
    terminal = Terminal()
    terminal.feed("\x1b[?80h\x1b[8;5H")
    terminal.sixel(16, 240)
    assert terminal.cursor == (4, 7)
    assert list(terminal.seen()) == list(range(8))


def test_what_is_written_or_erased_covers_it() -> None:
    terminal = Terminal()
    terminal.sixel(80, 48)
    terminal.feed("\x1b[1;3Hab\x1b[2;2H \x1b[3;4H\x1b[K\x1b[4;1H\x1b[2X")
    assert terminal.seen() == {0: [(0, 2), (4, 10)], 1: [(0, 1), (2, 10)], 2: [(0, 3)], 3: [(2, 10)]}
    terminal.feed("\x1b[2J")
    assert terminal.seen() == {}


def test_text_below_it_stays() -> None:
    terminal = Terminal()
    terminal.feed("some text\r")
    terminal.sixel(80, 12)
    assert terminal.emulator.text(0) == "some text"
    assert terminal.emulator.link_at(0, 0) == ""


def test_lines_that_move_take_their_part_along() -> None:
    terminal = Terminal()
    terminal.sixel(16, 36)
    terminal.feed("\x1b[2;1H\x1b[L")
    assert terminal.seen() == {0: [(0, 2)], 2: [(0, 2)], 3: [(0, 2)]}


def test_a_narrower_screen_hides_it_and_a_wider_one_shows_it_again() -> None:
    terminal = Terminal()
    terminal.feed("a line that is wrapped when there is less room\r\n")
    terminal.sixel(80, 24)
    terminal.feed("\r\n" * 3 + "end")
    terminal.emulator.resize(cols=6, rows=8)
    first = min(terminal.seen())
    assert terminal.seen() == {first: [(0, 6)], first + 1: [(0, 6)]}
    terminal.feed("\r\n" * 9)
    terminal.emulator.resize(cols=20, rows=8)
    first = min(terminal.seen())
    assert first < 0
    assert terminal.seen() == {first: [(0, 10)], first + 1: [(0, 10)]}
    terminal.emulator.resize(cols=6, rows=8)
    first = min(terminal.seen())
    assert terminal.seen() == {first: [(0, 6)], first + 1: [(0, 6)]}
    assert "".join(map(terminal.emulator.text, range(terminal.emulator.first_row(), 8))).startswith("a line that is wrapped")


def test_pictures_out_of_the_scrollback_are_forgotten() -> None:
    terminal = Terminal()
    terminal.emulator.scrollback.limit_lines = 20
    for _ in range(200):
        terminal.sixel(16, 12)
        terminal.feed("\r\n")
    shelf = terminal.pictures.shelves[False]
    assert len(shelf.placements) < 120
    assert len(shelf.pictures) == len(shelf.placements)


def test_the_oldest_go_when_there_are_too_many_bytes() -> None:
    terminal = Terminal()
    terminal.pictures.quota_bytes = 20_000
    for _ in range(30):
        terminal.sixel(32, 12)
        terminal.feed("\r\n")
    assert terminal.pictures.size_bytes <= 20_000
    assert max(terminal.seen()) == terminal.cursor[1] - 1


def test_a_reset_forgets_pictures() -> None:
    terminal = Terminal()
    terminal.sixel(16, 12)
    terminal.feed("\x1bc")
    assert terminal.pictures.is_empty


def test_colors_last_from_picture_to_picture_only_if_wanted() -> None:
    terminal = Terminal()
    terminal.feed("\x1b[?1070l\x1bPq#9;2;0;100;0~\x1b\\\x1bPq#9~\x1b\\\x1b[?1070h\x1bPq#9~\x1b\\")
    rasters = [raster for each in terminal.pictures.shelves[False].pictures.values() for raster in each.drawing.rasters()]
    assert [raster.data[:4] for raster in rasters] == [GREEN, GREEN, bytes([84, 84, 153, 255])]


def test_a_picture_that_is_given_up_is_not_shown() -> None:
    terminal = Terminal()
    terminal.feed("\x1bPq#1~~\x18text\x1bP0;1")
    terminal.feed("\x1b[0mmore\x1bPq~\x1b\\")
    assert terminal.emulator.text(0) == "textmore"
    assert len(terminal.seen()) == 1


def test_without_pictures_they_are_swallowed() -> None:
    terminal = Terminal()
    terminal.sixel(16, 12)
    terminal.emulator.allow_images(False)
    assert terminal.pictures.is_empty
    terminal.sixel(16, 12)
    terminal.feed("\x1b[c\x1b[?80$p\x1b[?1;1;0S\x1b_Gi=7,a=q;AAAA\x1b\\")
    assert terminal.seen() == {}
    assert terminal.replies == [
        b"\x1b[?64;6;21;22;28;52c",
        b"\x1b[?80;0$y",
        b"\x1b[?1;3;0S",
        b"\x1b_Gi=7;ENOTSUP:no graphics\x1b\\",
    ]


def test_a_row_knows_no_picture_that_another_one_covers() -> None:
    emulator = Emulator(cols=20, rows=4, reply=lambda _: None)
    emulator.feed(b"\x1b[?80h" + b"\x1bPq#1!30~\x1b\\" * 20 + b"\x1bPq#2!10~\x1b\\")
    assert len(emulator.screen.grid.rows[0].marks) == 2
    assert [picture.placement.area.width for picture in emulator.shown_pictures(0, 4)] == [30, 10]


def test_a_picture_that_few_bytes_ask_for_is_worked_out_when_somebody_looks() -> None:
    pixels = decode(DEFINE + "#1!3000~-#2!3000@$#1!2?!2~")
    assert pixels is not None
    assert pixels.late_rgba.size == len(pixels.rgba) == 4 * 3000 * 12
    assert pixels.rgba[:4] == RED
    assert pixels.rgba[4 * 3000 * 6 :][:16] == GREEN + GREEN + RED + RED
