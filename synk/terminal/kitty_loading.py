"""Takes pixels in, as the kitty graphics protocol sends them: in chunks, files or shared memory, packed or as PNG."""

import zlib
from collections.abc import Callable

from synk.terminal import png
from synk.terminal.kitty_command import Command, Refused
from synk.terminal.pictures import MAX_PIXELS, MAX_SIDE, Raster

Read = Callable[[str, bytes, int, int, int], bytes]
"""`read(medium, name, offset, size, limit)`: see `kitty_media.read_medium`."""

_BYTES_PER_PIXEL = {24: 3, 32: 4}
MAX_BYTES = 4 * MAX_PIXELS


class Loading:
    """The data of one picture or frame, while it comes."""

    def __init__(self, command: Command) -> None:
        self.command = command
        """The first one: its keys hold for all chunks."""
        self.refused: Refused | None = None
        """What was wrong with a chunk; the rest is waited for and thrown away."""
        self._data = bytearray()
        self.add(command)

    def goes_on_with(self, chunk: Command) -> bool:
        """False if a command begins with another picture: the program that sent this one was ended in the middle."""
        return all([key not in chunk or chunk.letter(key, "0") == self.command.letter(key, "0") for key in "iI"])

    def add(self, chunk: Command) -> None:
        """Take one chunk."""
        if self.refused is not None:
            return
        try:
            self._data += chunk.data()
        except Refused as refused:
            self.refused = refused
        if len(self._data) > MAX_BYTES + (MAX_BYTES >> 3):
            self.refused = _too_large()
        if self.refused is not None:
            self._data.clear()

    def raster(self, read: Read) -> Raster:
        """The pixels, once all chunks are here.

        Raises:
            Refused: they are not what the command says.
        """
        if self.refused is not None:
            raise self.refused
        command = self.command
        bits = command.number("f", 32)
        width, height = command.number("s"), command.number("v")
        if bits == 100:
            return self._png(self._packed(read))
        if bits not in _BYTES_PER_PIXEL:
            raise Refused("EINVAL", "unknown format of pixels")
        if not width or not height:
            raise Refused("EINVAL", "width and height are missing")
        _check_size(width, height)
        size = width * height * _BYTES_PER_PIXEL[bits]
        data = self._packed(read)
        if command.letter("o", "") == "z":
            data = _inflated(data, size)
        if len(data) < size:
            raise Refused("ENODATA", f"{size - len(data)} bytes are missing")
        return Raster(width, height, "rgb" if bits == 24 else "rgba", data[:size])

    def _packed(self, read: Read) -> bytes:
        """The data as it was sent, from wherever it is."""
        command, data = self.command, bytes(self._data)
        self._data.clear()
        medium = command.letter("t", "d")
        if command.letter("o", "z") != "z":
            raise Refused("EINVAL", "unknown way of packing")
        if medium == "d":
            return data
        if medium not in ("f", "t", "s"):
            raise Refused("EINVAL", "unknown medium")
        return read(medium, data, command.number("O"), command.number("S"), MAX_BYTES + (MAX_BYTES >> 3))

    def _png(self, data: bytes) -> Raster:
        if self.command.letter("o", "") == "z":
            data = _inflated(data, MAX_BYTES)
        try:
            head = png.header(data)
            _check_size(head.width, head.height)
            png.check(data)
        except ValueError as error:
            raise Refused("EBADPNG", str(error)) from error
        return Raster(head.width, head.height, "png", data)


def _too_large() -> Refused:
    return Refused("EFBIG", "more than a picture may have")


def _check_size(width: int, height: int) -> None:
    if width > MAX_SIDE or height > MAX_SIDE or width * height > MAX_PIXELS:
        raise _too_large()


def _inflated(data: bytes, limit: int) -> bytes:
    """The data unpacked, at most `limit` bytes of it."""
    try:
        return zlib.decompressobj().decompress(data, limit)
    except zlib.error as error:
        raise Refused("EINVAL", "the data cannot be unpacked") from error
