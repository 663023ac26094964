"""Looks at PNG files: their size, and whether they are whole, so that a program is told what is wrong (PNG, 3rd edition).

They are decoded when somebody looks at them, by Qt. What is checked here is bounded in time: all checksums (a gigabyte a
second), and the first megabytes of pixels.
"""

import zlib
from typing import NamedTuple

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
# First column and row of each pass of Adam7, and how far its pixels are apart.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
# Inflated at a time, and thrown away.
_STEP_BYTES = 1 << 18
# Takes 10 ms; all of a photo of a few megapixels takes 100 ms, and the window would stop so long.
_CHECKED_BYTES = 2 << 20


class Header(NamedTuple):
    """What IHDR says."""

    width: int
    height: int
    bits_per_pixel: int
    is_interlaced: bool
    needs_palette: bool


def header(data: bytes) -> Header:
    """The header of a PNG file.

    Raises:
        ValueError: it is none.
    """
    if len(data) < 33 or not data.startswith(_SIGNATURE) or data[8:16] != b"\0\0\0\x0dIHDR":
        raise ValueError("not a PNG file")
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    depth, kind, compression, filtering, interlace = data[24:29]
    if not 0 < width < 1 << 31 or not 0 < height < 1 << 31 or depth not in _DEPTHS.get(kind, ()):
        raise ValueError("no PNG file has this header")
    if compression or filtering or interlace > 1:
        raise ValueError("unknown way of packing")
    return Header(width, height, depth * _CHANNELS[kind], bool(interlace), kind == 3)


def check(data: bytes) -> None:
    """Refuse a file that cannot be decoded.

    Raises:
        ValueError: it is cut off or damaged.
    """
    head = header(data)
    packed: list[bytes] = []
    has_palette = False
    at = len(_SIGNATURE)
    view = memoryview(data)
    while True:
        size = int.from_bytes(view[at : at + 4], "big")
        kind = bytes(view[at + 4 : at + 8])
        end = at + 12 + size
        if end > len(data):
            raise ValueError("cut off")
        if zlib.crc32(view[at + 4 : end - 4]) != int.from_bytes(view[end - 4 : end], "big"):
            raise ValueError("damaged")
        if kind == b"PLTE":
            has_palette = True
        elif kind == b"IDAT":
            packed.append(bytes(view[at + 8 : end - 4]))
        elif kind == b"IEND":
            break
        at = end
    if head.needs_palette and not has_palette:
        raise ValueError("no palette")
    wanted = min(_raw_bytes(head), _CHECKED_BYTES)
    if _inflated_bytes(packed, limit=wanted) < wanted:
        raise ValueError("pixels are missing")


def _raw_bytes(head: Header) -> int:
    """Bytes of all rows, each after the byte that names its filter."""
    passes = _PASSES if head.is_interlaced else ((0, 0, 1, 1),)
    total = 0
    for left, top, across, down in passes:
        width, height = -(-(head.width - left) // across), -(-(head.height - top) // down)
        if width > 0 and height > 0:
            total += ((width * head.bits_per_pixel + 7) // 8 + 1) * height
    return total


def _inflated_bytes(packed: list[bytes], *, limit: int) -> int:
    inflator = zlib.decompressobj()
    size = 0
    try:
        for piece in packed:
            rest = piece
            while rest and size < limit and not inflator.eof:
                size += len(inflator.decompress(rest, _STEP_BYTES))
                rest = inflator.unconsumed_tail
        while size < limit and not inflator.eof:
            more = inflator.decompress(inflator.unconsumed_tail, _STEP_BYTES)
            if not more:
                break
            size += len(more)
    except zlib.error as error:
        raise ValueError("damaged") from error
    return size
