"""The kitty graphics protocol: what commands do, and what is answered."""

import os
import zlib
from base64 import b64encode
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synk.terminal import pictures
from synk.terminal.emulator import Emulator
from synk.terminal.pictures import Placement, Shelf
from synk.terminal.shown_pictures import Shown
from tests.unit.terminal.test_laws import PIECES

RGB = b"\x01\x02\x03" * 20


def chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def png(width: int, height: int, *, cut: int = 0, kind: int = 2, interlace: int = 0, palette: bytes = b"") -> bytes:
    """A black picture; the last `cut` bytes of its pixels are missing."""
    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, kind, 0, 0, interlace])
    size = (width * {2: 3, 3: 1, 6: 4}[kind] + 1) * height
    pixels = zlib.compress(bytes(size)[: size - cut])
    parts = [chunk(b"IHDR", head), chunk(b"PLTE", palette) if palette else b"", chunk(b"IDAT", pixels), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


class Terminal:
    """A screen of 20 columns and 8 lines with cells of 5 x 10 pixels."""

    def __init__(self) -> None:
        self.replies: list[bytes] = []
        self.emulator = Emulator(cols=20, rows=8, reply=self.replies.append, scrollback_lines=50)
        self.emulator.describe_window(cell_width=5, cell_height=10, is_dark=True)

    def send(self, keys: str, data: bytes = b"") -> list[str]:
        """One command; the answers to it."""
        self.replies.clear()
        self.emulator.feed(b"\x1b_G" + keys.encode() + b";" + b64encode(data) + b"\x1b\\")
        return [reply.decode().removeprefix("\x1b_G").removesuffix("\x1b\\") for reply in self.replies]

    def image(self, id: int, *, width: int = 10, height: int = 20, more: str = "") -> list[str]:
        return self.send(f"i={id},f=24,s={width},v={height}{more}", bytes(3 * width * height))

    def feed(self, text: str) -> None:
        self.emulator.feed(text.encode())

    @property
    def shelf(self) -> Shelf:
        return self.emulator.pictures.shelves[self.emulator.screen.grid.is_alternate]

    @property
    def cursor(self) -> tuple[int, int]:
        return self.emulator.cursor.x, self.emulator.cursor.y

    def shown(self) -> list[Shown]:
        return self.emulator.shown_pictures(self.emulator.first_row(), self.emulator.rows)

    def places(self) -> list[tuple[int, int, int]]:
        """Image id, row and column of what is seen."""
        return [(each.placement.picture.id, each.top, each.left) for each in self.shown()]

    def placement(self) -> Placement:
        [found] = self.shelf.placements.values()
        return found


@pytest.fixture
def terminal() -> Terminal:
    return Terminal()


def test_a_picture_is_stored_and_acknowledged(terminal: Terminal) -> None:
    assert terminal.send("i=31,f=24,s=4,v=5", RGB) == ["i=31;OK"]
    [raster] = terminal.shelf.by_id[31].drawing.rasters()
    assert (raster.width, raster.height, raster.format, raster.data) == (4, 5, "rgb", RGB)
    assert terminal.places() == []


@pytest.mark.parametrize(
    ("keys", "data", "answer"),
    [
        ("i=1,f=24,s=4,v=5", RGB[:-1], "i=1;ENODATA:1 bytes are missing"),
        ("i=1,f=24,s=4,v=5,o=z", zlib.compress(RGB), "i=1;OK"),
        ("i=1,f=24,s=4,v=5,o=z", b"no zlib", "i=1;EINVAL:the data cannot be unpacked"),
        ("i=1,f=24,s=4,v=5,o=x", RGB, "i=1;EINVAL:unknown way of packing"),
        ("i=1,f=32,s=3,v=5", RGB, "i=1;OK"),
        ("i=1,s=3,v=5", RGB, "i=1;OK"),
        ("i=1,f=16,s=3,v=5", RGB, "i=1;EINVAL:unknown format of pixels"),
        ("i=1,f=24", RGB, "i=1;EINVAL:width and height are missing"),
        ("i=1,f=24,s=20000,v=1", RGB, "i=1;EFBIG:more than a picture may have"),
        ("i=1,f=24,s=9999,v=9999", RGB, "i=1;EFBIG:more than a picture may have"),
        ("i=1,f=24,s=99999999999,v=1", RGB, "i=1;EINVAL:the value of s is no number of 32 bits"),
        ("i=1,f=24,s=-4,v=1", RGB, "i=1;EINVAL:the value of s is no number of 32 bits"),
        ("i=1,f=100", png(7, 9), "i=1;OK"),
        ("i=1,f=100,o=z,S=99", zlib.compress(png(7, 9)), "i=1;OK"),
        ("i=1,f=100", png(9, 9, kind=6, interlace=1), "i=1;EBADPNG:pixels are missing"),
        ("i=1,f=100", png(1, 1, kind=6, interlace=1), "i=1;OK"),
        ("i=1,f=100", png(3, 3, kind=3), "i=1;EBADPNG:no palette"),
        ("i=1,f=100", png(3, 3, kind=3, palette=b"abc"), "i=1;OK"),
        ("i=1,f=100", png(7, 9, cut=1), "i=1;EBADPNG:pixels are missing"),
        ("i=1,f=100", png(7, 9)[:-3], "i=1;EBADPNG:cut off"),
        ("i=1,f=100", png(7, 9).replace(b"IDAT", b"IDAX"), "i=1;EBADPNG:damaged"),
        ("i=1,f=100", b"GIF89a" + bytes(99), "i=1;EBADPNG:not a PNG file"),
        ("i=1,f=100", png(20000, 1), "i=1;EFBIG:more than a picture may have"),
        ("i=1,t=x,f=24,s=4,v=5", RGB, "i=1;EINVAL:unknown medium"),
        ("i=1,I=2,f=24,s=4,v=5", RGB, "i=1,I=2;EINVAL:only one of i and I is allowed"),
        ("a=p,i=9", b"", "i=9;ENOENT:no such picture"),
        ("a=p,i=9,p=4", b"", "i=9,p=4;ENOENT:no such picture"),
        ("a=k,i=9", b"", "i=9;EINVAL:unknown action"),
        ("a=q,i=5,f=24,s=4,v=5", RGB, "i=5;OK"),
    ],
)
def test_answers(terminal: Terminal, keys: str, data: bytes, answer: str) -> None:
    assert terminal.send(keys, data) == [answer]
    assert terminal.send(f"{keys},q=2", data) == []
    assert terminal.send(f"{keys},q=1", data) == ([] if answer.endswith("OK") else [answer])


def test_without_an_id_nothing_is_answered(terminal: Terminal) -> None:
    assert terminal.send("f=24,s=4,v=5", RGB) == []
    assert terminal.send("f=24", RGB) == []


def test_what_is_not_base64_is_refused(terminal: Terminal) -> None:
    terminal.feed("\x1b_Gi=1,f=24,s=4,v=5;a\x1b\\")
    assert terminal.replies == [b"\x1b_Gi=1;EINVAL:the payload is not Base64\x1b\\"]


def test_chunks_are_put_together(terminal: Terminal) -> None:
    assert terminal.send("a=T,i=7,f=24,s=4,v=5,m=1,q=0", RGB[:30]) == []
    terminal.feed("text between\r\n")
    assert terminal.send("m=1", RGB[30:33]) == []
    assert terminal.send("m=0", RGB[33:]) == ["i=7;OK"]
    [raster] = terminal.shelf.by_id[7].drawing.rasters()
    assert raster.data == RGB
    assert terminal.places() == [(7, 1, 0)]


def test_a_picture_that_was_given_up_does_not_take_the_next_one_along(terminal: Terminal) -> None:
    terminal.send("i=7,f=24,s=4,v=5,m=1", RGB[:30])
    assert terminal.send("i=8,f=24,s=4,v=5", RGB) == ["i=8;OK"]
    terminal.send("i=7,f=24,s=4,v=5,m=1", RGB[:30])
    terminal.send("a=d")
    assert terminal.send("i=7,f=24,s=4,v=5", RGB) == ["i=7;OK"]
    terminal.send("f=24,s=4,v=5,m=1", RGB[:30])
    terminal.emulator.renew()
    assert terminal.send("i=9,f=24,s=4,v=5", RGB) == ["i=9;OK"]
    terminal.send("f=24,s=4,v=5,m=1", RGB[:30])
    terminal.emulator.renew()
    terminal.send("a=T,f=24,s=4,v=5", RGB)
    assert len(terminal.shown()) == 1


def test_a_bad_chunk_is_told_once_at_the_end(terminal: Terminal) -> None:
    terminal.send("i=7,f=24,s=4,v=5,m=1", RGB)
    terminal.feed("\x1b_Gm=1;a\x1b\\")
    assert terminal.replies == []
    assert terminal.send("m=0", RGB) == ["i=7;EINVAL:the payload is not Base64"]


def test_numbers_get_ids(terminal: Terminal) -> None:
    [first] = terminal.send("I=13,f=24,s=4,v=5", RGB)
    [second] = terminal.send("I=13,f=24,s=4,v=5", RGB)
    assert first.endswith(",I=13;OK")
    assert first != second
    assert terminal.send("a=p,I=13") == [second]
    terminal.send("a=d,d=N,I=13")
    assert terminal.send("a=p,I=13") == [first]


def test_it_is_placed_at_the_cursor_which_goes_behind_it(terminal: Terminal) -> None:
    terminal.feed("\x1b[2;3H")
    assert terminal.image(5, more=",a=T") == ["i=5;OK"]
    assert terminal.places() == [(5, 1, 2)]
    assert terminal.cursor == (4, 2)
    assert terminal.send("a=p,i=5,C=1") == ["i=5;OK"]
    assert terminal.cursor == (4, 2)
    assert terminal.places() == [(5, 1, 2), (5, 2, 4)]


def test_at_the_bottom_the_screen_scrolls(terminal: Terminal) -> None:
    terminal.feed("\x1b[8;1H")
    terminal.image(5, width=100, height=35, more=",a=T")
    assert terminal.places() == [(5, 3, 0)]
    assert terminal.cursor == (0, 7)
    terminal.feed("\r\n" * 12)
    assert terminal.places() == [(5, -9, 0)]
    assert terminal.emulator.shown_pictures(0, 8) == []
    assert [each.top for each in terminal.emulator.shown_pictures(-7, 1)] == [-9]


@pytest.mark.parametrize(
    ("keys", "cols", "rows", "area", "stretched"),
    [
        ("", 2, 2, (0, 0, 10, 20), None),
        (",X=1,Y=1", 3, 3, (0, 0, 10, 20), None),
        (",x=4,y=5,w=3,h=99", 1, 2, (4, 5, 3, 15), None),
        (",c=4,r=3", 4, 3, (0, 0, 10, 20), (4, 3)),
        (",c=3", 3, 3, (0, 0, 10, 20), (3, 3)),
        (",r=1", 1, 1, (0, 0, 10, 20), (1, 1)),
        (",r=3,w=10,h=10", 6, 3, (0, 0, 10, 10), (6, 3)),
    ],
)
def test_sizes(
    terminal: Terminal, keys: str, cols: int, rows: int, area: tuple[int, ...], stretched: tuple[float, float] | None
) -> None:
    terminal.image(1)
    terminal.send("a=p,i=1" + keys)
    placement = terminal.placement()
    assert (placement.cols, placement.rows, placement.area, placement.stretched) == (cols, rows, area, stretched)


def test_no_part_of_a_picture_is_refused(terminal: Terminal) -> None:
    terminal.image(1)
    assert terminal.send("a=p,i=1,x=10") == ["i=1;EINVAL:no part of the picture"]
    assert terminal.send("a=p,i=1,c=5000") == ["i=1;EINVAL:more cells than any screen has"]


def test_the_same_placement_moves(terminal: Terminal) -> None:
    terminal.image(1)
    assert terminal.send("a=p,i=1,p=3,C=1") == ["i=1,p=3;OK"]
    terminal.feed("\x1b[4;4H")
    terminal.send("a=p,i=1,p=3,C=1")
    assert terminal.places() == [(1, 3, 3)]


def test_a_picture_sent_again_replaces_the_old_one_with_its_placements(terminal: Terminal) -> None:
    terminal.image(1, more=",a=T")
    terminal.image(1)
    assert terminal.places() == []


def test_text_does_not_touch_it_but_clearing_the_screen_does(terminal: Terminal) -> None:
    terminal.image(1, more=",a=T")
    terminal.feed("\x1b[Htext\x1b[K\x1b[J\x1b[1J")
    assert terminal.places() == [(1, 0, 0)]
    terminal.feed("\x1b[2J")
    assert terminal.places() == []
    assert terminal.send("a=p,i=1") == ["i=1;OK"]
    terminal.feed("\x1bc")
    assert terminal.send("a=p,i=1") == ["i=1;ENOENT:no such picture"]


def test_each_screen_has_its_own(terminal: Terminal) -> None:
    terminal.image(1, more=",a=T")
    terminal.feed("\x1b[?1049h")
    assert terminal.places() == []
    assert terminal.send("a=p,i=1") == ["i=1;ENOENT:no such picture"]
    terminal.image(2, more=",a=T")
    terminal.feed("\x1b[?1049l")
    assert terminal.places() == [(1, 0, 0)]
    terminal.feed("\x1b[?1049h")
    assert terminal.places() == []


def test_it_leaves_the_top_of_the_alternate_screen_bit_by_bit(terminal: Terminal) -> None:
    terminal.feed("\x1b[?1049h\x1b[H")
    terminal.image(1, height=40, more=",a=T")
    terminal.feed("\x1b[8;1H\n\n")
    [each] = terminal.shown()
    assert (each.top, each.first) == (-2, 0)
    terminal.feed("\n\n")
    assert terminal.shown() == []


def test_it_stays_with_its_line_in_a_new_size(terminal: Terminal) -> None:
    terminal.feed("x" * 30 + "\r\n")
    terminal.image(1, more=",a=T")
    terminal.emulator.resize(cols=10, rows=8)
    assert terminal.places() == [(1, 3, 0)]
    terminal.emulator.resize(cols=40, rows=8)
    assert terminal.places() == [(1, 1, 0)]
    terminal.emulator.resize(cols=40, rows=2)
    assert terminal.places() == [(1, 0, 0)]


@pytest.mark.parametrize(
    ("keys", "left"),
    [
        ("", []),
        ("d=a", []),
        ("d=i,i=1", [2, 3]),
        ("d=i,i=2,p=9", [1, 2, 3]),
        ("d=i,i=2,p=7", [1, 3]),
        ("d=c", [1, 2]),
        ("d=p,x=1,y=1", [2, 3]),
        ("d=p,x=3,y=1", [1, 2, 3]),
        ("d=q,x=6,y=4,z=5", [1, 3]),
        ("d=q,x=6,y=4,z=4", [1, 2, 3]),
        ("d=x,x=6", [1, 3]),
        ("d=y,y=5", [1, 3]),
        ("d=z,z=5", [1, 3]),
        ("d=r,x=2,y=3", [1]),
        ("d=n,I=1", [1, 2, 3]),
        ("d=*", [1, 2, 3]),
    ],
)
def test_deleting(terminal: Terminal, keys: str, left: list[int]) -> None:
    for letter in (keys, keys.replace("d=", "d=", 1).replace(keys[2:3], keys[2:3].upper(), 1) if keys else "d=A"):
        terminal.feed("\x1bc")
        terminal.image(1, more=",a=T,C=1")
        terminal.feed("\x1b[4;5H")
        terminal.image(2, more=",a=T,C=1,p=7,z=5")
        terminal.feed("\x1b[7;15H")
        terminal.image(3, more=",a=T,C=1")
        assert terminal.send("a=d," + letter) == []
        assert sorted(id for id, _, _ in terminal.places()) == left
        is_freed = letter[2:3].isupper()
        assert sorted(terminal.shelf.by_id) == (left if is_freed else [1, 2, 3])


def test_virtual_placements_are_shown_where_the_text_says_so(terminal: Terminal) -> None:
    terminal.image(42, width=10, height=20)
    assert terminal.send("a=p,U=1,i=42,c=2,r=2") == ["i=42;OK"]
    assert terminal.cursor == (0, 0)
    assert terminal.places() == []
    hold, zero, one = "\U0010eeee", "\u0305", "\u030d"
    terminal.feed(f"\x1b[2;4H\x1b[38;5;42m{hold}{zero}{zero}{hold}{zero}{one}\x1b[3;4H{hold}{one}{hold}\x1b[39m")
    assert terminal.places() == [(42, 1, 3)]
    pieces = [piece for each in terminal.shown() for piece in each.pieces or ()]
    assert pieces == [(1, 3, 5), (2, 3, 5)]
    terminal.feed("\x1b[2;5Hx")
    assert [piece for each in terminal.shown() for piece in each.pieces or ()] == [(1, 3, 4), (2, 3, 5)]
    terminal.send("a=d,d=a")
    assert terminal.shown()
    terminal.send("a=d,d=i,i=42")
    assert terminal.shown() == []


def test_placeholders_have_long_ids_and_placement_ids(terminal: Terminal) -> None:
    terminal.image(42 + (2 << 24) + (7 << 16))
    for number in (3, 4):
        terminal.send(f"a=p,U=1,i={42 + (2 << 24) + (7 << 16)},p={number},c={number},r=2")
    terminal.feed("\x1b[38;2;7;0;42m\x1b[58;5;3m\U0010eeee\u0305\u030d\u030e\U0010eeee")
    [each] = terminal.shown()
    assert (each.placement.id, each.left, each.pieces) == (3, -1, ((0, 0, 2),))


def test_relative_placements_move_and_go_with_their_parent(terminal: Terminal) -> None:
    for id in (1, 2, 3):
        terminal.image(id)
    terminal.feed("\x1b[3;3H")
    terminal.send("a=p,i=1,p=1,C=1")
    assert terminal.send("a=p,i=2,p=1,P=1,Q=1,H=4,V=-1") == ["i=2,p=1;OK"]
    assert terminal.send("a=p,i=3,p=1,P=2,Q=1,H=1,V=1") == ["i=3,p=1;OK"]
    assert terminal.places() == [(1, 2, 2), (2, 1, 6), (3, 2, 7)]
    assert terminal.cursor == (2, 2)
    terminal.feed("\x1b[8;1H\n")
    assert terminal.places() == [(1, 1, 2), (2, 0, 6), (3, 1, 7)]
    assert terminal.send("a=p,i=1,p=1,P=3,Q=1") == ["i=1,p=1;ECYCLE:a placement relative to itself"]
    assert terminal.send("a=p,i=3,p=2,P=9,Q=1") == ["i=3,p=2;ENOPARENT:no such parent"]
    assert terminal.send("a=p,i=3,p=2,P=1,Q=1,U=1") == ["i=3,p=2;EINVAL:a virtual placement is not relative"]
    terminal.send("a=d,d=i,i=1,p=1")
    assert terminal.places() == []


def test_chains_of_placements_are_limited(terminal: Terminal) -> None:
    terminal.image(1)
    terminal.send("a=p,i=1,p=1,C=1")
    answers = [terminal.send(f"a=p,i=1,p={number},P=1,Q={number - 1}") for number in range(2, 30)]
    assert answers[:8] == [[f"i=1,p={number};OK"] for number in range(2, 10)]
    assert any(";ETOODEEP:" in answer for [answer] in answers)


def test_frames(terminal: Terminal) -> None:
    terminal.image(1, more=",a=T")
    assert terminal.send("a=f,i=1,f=24,s=4,v=5,x=6,y=15,c=1,z=70", RGB) == ["i=1;OK"]
    assert terminal.send("a=f,i=1,f=24,s=4,v=5,x=7", RGB) == ["i=1;EINVAL:the frame is larger than the picture"]
    assert terminal.send("a=f,i=1,f=24,s=4,v=5,c=9", RGB) == ["i=1;ENOENT:no such frame"]
    assert terminal.send("a=f,i=2,f=24,s=4,v=5", RGB) == ["i=2;ENOENT:no such picture"]
    picture = terminal.shelf.by_id[1]
    assert [frame.gap_ms for frame in picture.frames] == [0, 70]
    assert terminal.send("a=a,i=1,r=1,z=30,s=3,v=3") == []
    assert (picture.is_animated, picture.gap_ms, picture.current) == (True, 30, 0)
    shown = []
    while picture.is_animated:
        picture.advance()
        shown.append(picture.current)
    assert shown == [1, 0, 1, 0, 1]
    terminal.send("a=a,i=1,c=1")
    assert picture.current == 0
    terminal.send("a=a,i=1,s=2")
    picture.advance()
    assert not picture.is_animated
    terminal.send("a=f,i=1,f=24,s=4,v=5,z=-1", RGB)
    terminal.send("a=f,i=1,f=24,s=4,v=5", RGB)
    assert picture.is_animated
    picture.advance()
    assert picture.current == 3
    terminal.send("a=a,i=1,s=1")
    assert not picture.is_animated
    terminal.send("a=d,d=f,i=1")
    assert len(picture.frames) == 1


def test_frames_are_changed_and_composed(terminal: Terminal) -> None:
    terminal.image(1)
    terminal.send("a=f,i=1,f=24,s=4,v=5", RGB)
    terminal.send("a=f,i=1,f=24,s=4,v=5,r=2,X=1", RGB)
    picture = terminal.shelf.by_id[1]
    assert len(picture.frames) == 2
    assert len(picture.frames[1].drawing.patches) == 2
    assert terminal.send("a=c,i=1,r=2,c=1,w=3,h=3,X=1,Y=2,x=4,y=5") == ["i=1;OK"]
    patch = picture.frames[0].drawing.patches[-1]
    assert (patch.area, patch.x, patch.y, patch.replaces) == ((1, 2, 3, 3), 4, 5, False)
    assert terminal.send("a=c,i=1,r=3,c=1") == ["i=1;ENOENT:no such frame"]
    assert terminal.send("a=c,i=1,r=2,c=1,x=1") == ["i=1;EINVAL:the rectangle is not in the picture"]
    assert terminal.send("a=c,i=1,r=2,c=2") == ["i=1;EINVAL:the rectangles overlap"]


def test_many_changes_of_a_frame_are_made_one(terminal: Terminal) -> None:
    terminal.image(1)
    answers = [terminal.send("a=f,i=1,r=1,f=24,s=4,v=5", RGB) for _ in range(100)]
    assert answers[0] == ["i=1;OK"]
    assert answers[-1] == ["i=1;ENOSPC:too many changes of one frame"]
    terminal.emulator.pictures.flatten = lambda drawing: bytes(4 * drawing.width * drawing.height)
    assert terminal.send("a=f,i=1,r=1,f=24,s=4,v=5", RGB) == ["i=1;OK"]
    assert len(terminal.shelf.by_id[1].drawing.patches) == 1


def test_the_quota_holds_for_pictures_and_frames(terminal: Terminal) -> None:
    terminal.emulator.pictures.quota_bytes = 20_000
    for id in range(1, 30):
        terminal.image(id, more=",a=T" if id == 5 else "")
    assert terminal.emulator.pictures.size_bytes <= 20_000
    assert 5 in terminal.shelf.by_id
    assert 29 in terminal.shelf.by_id
    answers = [terminal.send("a=f,i=29,f=24,s=10,v=20", bytes(600)) for _ in range(60)]
    assert answers[-1] == ["i=29;ENOSPC:no room for more frames"]
    assert terminal.emulator.pictures.size_bytes <= 20_000


def test_files_are_read(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "pixels"
    file.write_bytes(b"head" + RGB + b"tail")
    assert terminal.send("i=1,f=24,s=4,v=5,t=f,O=4,S=60", os.fsencode(file)) == ["i=1;OK"]
    [raster] = terminal.shelf.by_id[1].drawing.rasters()
    assert raster.data == RGB
    assert file.exists()
    link = tmp_path / "link"
    link.symlink_to(file)
    assert terminal.send("i=1,f=24,s=4,v=5,t=f", os.fsencode(link)) == ["i=1;OK"]


def test_only_regular_files_are_read(terminal: Terminal, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    answers = [
        terminal.send("i=1,f=24,s=4,v=5,t=f", name)
        for name in (os.fsencode(tmp_path / "fifo"), b"/dev/zero", b"/proc/self/environ", os.fsencode(tmp_path))
    ]
    assert answers == [["i=1;EPERM:not a regular file"]] * 4
    assert terminal.send("i=1,f=24,s=4,v=5,t=f", b"/no/such/file") == ["i=1;EBADF:no such file"]
    assert terminal.send("i=1,f=24,s=4,v=5,t=f", b"relative") == ["i=1;EINVAL:not the path of a file"]
    assert terminal.send("i=1,f=24,s=4,v=5,t=f", b"/a\0b") == ["i=1;EINVAL:not the path of a file"]


def test_temporary_files_of_the_protocol_are_deleted_and_others_only_read(terminal: Terminal) -> None:
    name = f"tty-graphics-protocol-{uuid4().hex}"
    good, other, away = Path("/tmp") / name, Path("/tmp") / f"other-{uuid4().hex}", Path("/var/tmp") / name
    for file in (good, other, away):
        file.write_bytes(RGB)
    try:
        answers = [terminal.send("i=1,f=24,s=4,v=5,t=t", os.fsencode(file)) for file in (good, other, away)]
        assert answers == [["i=1;OK"]] * 3
        assert [file.exists() for file in (good, other, away)] == [False, True, True]
    finally:
        for file in (good, other, away):
            file.unlink(missing_ok=True)


def test_shared_memory_is_read_and_deleted(terminal: Terminal) -> None:
    file = Path("/dev/shm") / f"synk-test-{uuid4().hex}"
    file.write_bytes(RGB.ljust(4096, b"\0"))
    try:
        assert terminal.send("i=1,f=24,s=4,v=5,t=s", f"/{file.name}".encode()) == ["i=1;OK"]
        assert not file.exists()
    finally:
        file.unlink(missing_ok=True)
    assert terminal.send("i=1,f=24,s=4,v=5,t=s", b"/../etc/passwd") == ["i=1;EINVAL:not the name of shared memory"]


def test_answers_hold_nothing_the_program_wrote(terminal: Terminal) -> None:
    evil = "\x0brm -rf"
    for keys in (f"i=1,a={evil}", f"i=1{evil}", f"{evil}=1,i=1", f"i=1,f={evil}", f"i=1,t=f,{evil}", f"i=1,s={evil}", "i=1,s=é"):
        for answer in terminal.send(keys, evil.encode()):
            assert "rm" not in answer
            assert answer.isascii()


def test_a_snapshot_leaves_pictures_out(terminal: Terminal) -> None:
    terminal.image(1, more=",a=T")
    restored = Emulator.restore(terminal.emulator.snapshot(), reply=terminal.replies.append)
    assert restored.shown_pictures(0, 8) == []
    assert restored.cursor == terminal.emulator.cursor


def test_many_placements_on_a_row_are_bounded(terminal: Terminal) -> None:
    for id in range(1, 300):
        terminal.image(id, more=",a=T,C=1")
    assert len(terminal.emulator.screen.grid.rows[0].marks) <= 64
    terminal.send("a=d,d=A")
    terminal.image(1, more=",a=T,C=1")
    assert len(terminal.emulator.screen.grid.rows[0].marks) == 1


def test_the_number_of_pictures_and_placements_is_bounded(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_PICTURES", 40)
    monkeypatch.setattr(pictures, "MAX_PLACEMENTS", 30)
    for id in range(1, 100):
        terminal.send(f"i={id},f=24,s=1,v=1", b"abc")
        terminal.send(f"a=p,i={id},C=1")
        terminal.feed("\r\n")
    assert 30 <= len(terminal.shelf.pictures) <= 40
    assert len(terminal.shelf.placements) <= 30
    assert 99 in terminal.shelf.by_id


COMMANDS = [
    "a=T,f=24,s=4,v=5,i=1", "a=T,f=24,s=4,v=5,i=2,C=1,z=-1", "a=t,f=24,s=4,v=5,i=3", "a=p,i=3,c=3,r=2", "a=p,i=1,p=1,P=3",
    "a=d", "a=d,d=A", "a=d,d=I,i=1", "a=d,d=c", "a=d,d=f,i=1", "a=f,i=1,f=24,s=4,v=5", "a=f,i=1,r=1,f=24,s=2,v=2,x=1",
    "a=c,i=1,r=1,c=2", "a=a,i=1,s=3,v=2", "a=T,f=24,s=4,v=5,m=1,i=4", "m=1", "m=0", "a=p,i=3,U=1,c=2,r=2", "a=q,i=9",
]  # fmt: skip
commands = st.sampled_from(COMMANDS).map(lambda keys: b"\x1b_G" + keys.encode() + b";" + b64encode(RGB) + b"\x1b\\")
noise = st.builds(
    lambda keys, data: b"\x1b_G" + ",".join(f"{key}={value}" for key, value in keys).encode() + b";" + data + b"\x1b\\",
    st.lists(st.tuples(st.sampled_from("aiIpqfsvxywhXYzcrCUPQHVtoSOmd"), st.sampled_from([*"0123tTpdfqAaz", "-1", "100", "24"]))),
    st.sampled_from([b"", b"AAAA", b"////", b"="]),
)
sixels = st.sampled_from([b"\x1bPq#1!30~-!9@\x1b\\", b'\x1bP0;1q"1;1;40;40#2~\x1b\\', b"\x1bP9q", b"\x1b[?80h", b"\x1b[?8452h"])
placeholders = st.sampled_from(["\x1b[38;5;3m\U0010eeee\u0305\u0305\U0010eeee".encode(), "\U0010eeee\u030d".encode()])
streams = st.lists(st.one_of(commands, noise, sixels, placeholders, st.sampled_from(PIECES)), max_size=30).map(b"".join)


@given(streams, st.lists(st.integers(0, 2000), max_size=6), st.sampled_from([(20, 6), (7, 3), (80, 24), (1, 1)]))
@settings(max_examples=100, deadline=None)
def test_any_chunking_gives_the_same_pictures(stream: bytes, cuts: list[int], size: tuple[int, int]) -> None:
    def run(pieces: list[bytes]) -> object:
        replies: list[bytes] = []
        emulator = Emulator(cols=size[0], rows=size[1], reply=replies.append, scrollback_lines=30)
        for piece in pieces:
            emulator.feed(piece)
        seen = emulator.shown_pictures(emulator.first_row(), emulator.rows)
        emulator.resize(cols=size[0] + 3, rows=max(1, size[1] - 1))
        emulator.resize(cols=max(1, size[0] - 3), rows=size[1] + 4)
        later = emulator.shown_pictures(emulator.first_row(), emulator.rows)
        places = [(each.placement.number, *each[1:]) for each in (*seen, *later)]
        return places, b"".join(replies), emulator.cursor, emulator.text(0)

    places = sorted(min(cut, len(stream)) for cut in cuts)
    pieces = [stream[start:end] for start, end in zip([0, *places], [*places, len(stream)], strict=True)]
    whole = run([stream])
    assert run(pieces) == whole
    assert run([stream[at : at + 1] for at in range(len(stream))]) == whole


@given(st.binary(max_size=60), st.text(max_size=30))
@settings(max_examples=60, deadline=None)
def test_nothing_raises(data: bytes, text: str) -> None:
    terminal = Terminal()
    terminal.emulator.feed(b"\x1b_G" + data + b"\x1b\\\x1bP0;1q" + data + b"\x1b\\")
    terminal.feed("\x1b_Ga=T,i=1," + text + ";AAAA\x1b\\")
    terminal.send("i=1,f=100", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" + data)
    terminal.send("i=1,t=f,f=100", data)
    terminal.shown()
