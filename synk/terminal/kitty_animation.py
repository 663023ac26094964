"""Animations of the kitty graphics protocol: frames are added, changed, composed and run."""

from synk.terminal.kitty_command import Command, Refused
from synk.terminal.pictures import (
    MAX_FRAMES,
    MAX_PATCHES,
    Area,
    Drawing,
    Frame,
    Patch,
    Picture,
    Pictures,
    Raster,
    Shelf,
)

DEFAULT_GAP_MS = 40
# A day: long enough, and a timer can count it.
_MAX_GAP_MS = 24 * 3600 * 1000


def add_frame(pictures: Pictures, picture: Picture, command: Command, raster: Raster) -> None:
    """`a=f`: a new frame, or a change of one.

    Raises:
        Refused: it does not fit, or there is no such frame.
    """
    number = command.number
    x, y, edited = number("x"), number("y"), number("r")
    if x + raster.width > picture.width or y + raster.height > picture.height:
        raise Refused("EINVAL", "the frame is larger than the picture")
    patch = Patch(raster, Area(0, 0, raster.width, raster.height), x, y, replaces=number("X") == 1)
    if edited and edited <= len(picture.frames):
        frame = picture.frames[edited - 1]
        drawing = _light(pictures, frame.drawing.with_patch(patch))
        picture.size_bytes += raster.size_bytes
        if not pictures.keep_quota(picture):
            raise Refused("ENOSPC", "no room for more frames")
        frame.drawing = drawing
        frame.gap_ms = _gap_ms(command, frame.gap_ms)
        return
    if edited > len(picture.frames) + 1:
        raise Refused("ENOENT", "no such frame")
    if len(picture.frames) >= MAX_FRAMES:
        raise Refused("ENOSPC", "no room for more frames")
    base = number("c")
    drawing = _frame(picture, base).drawing if base else Drawing(picture.width, picture.height, (), number("Y"))
    drawing = _light(pictures, drawing.with_patch(patch))
    picture.frames.append(Frame(drawing, _gap_ms(command, DEFAULT_GAP_MS)))
    picture.size_bytes += raster.size_bytes
    if not pictures.keep_quota(picture):
        picture.frames.pop()
        picture.recount()
        raise Refused("ENOSPC", "no room for more frames")


def compose(pictures: Pictures, picture: Picture, command: Command) -> None:
    """`a=c`: lay a part of one frame over another.

    Raises:
        Refused: there is no such frame or part.
    """
    number = command.number
    source, target = _frame(picture, number("r")), _frame(picture, number("c"))
    area = Area(number("X"), number("Y"), number("w") or picture.width, number("h") or picture.height)
    x, y = number("x"), number("y")
    if max(x, area.x) + area.width > picture.width or max(y, area.y) + area.height > picture.height:
        raise Refused("EINVAL", "the rectangle is not in the picture")
    if source is target and abs(x - area.x) < area.width and abs(y - area.y) < area.height:
        raise Refused("EINVAL", "the rectangles overlap")
    patch = Patch(source.drawing, area, x, y, replaces=number("C") == 1)
    target.drawing = _light(pictures, target.drawing.with_patch(patch))
    picture.recount()
    if not pictures.keep_quota(picture):
        raise Refused("ENOSPC", "no room for more frames")


def control(picture: Picture, command: Command) -> None:
    """`a=a`: gap of a frame, the frame to be shown, run or stop, how often.

    Raises:
        Refused: a value is no number.
    """
    number = command.number
    changed, current, state, loops = number("r"), number("c"), number("s"), number("v")
    if 0 < changed <= len(picture.frames):
        frame = picture.frames[changed - 1]
        frame.gap_ms = _gap_ms(command, frame.gap_ms)
    if 0 < current <= len(picture.frames):
        picture.current = current - 1
    if loops:
        picture.max_loops = None if loops == 1 else loops - 1
    if state == 1:
        picture.is_running = False
    elif state in (2, 3):
        picture.is_running = True
        picture.waits_at_end = state == 2
    if state or loops:
        picture.loops_left = picture.max_loops


def delete_frames(shelf: Shelf, command: Command, *, frees: bool) -> bool:
    """`d=f`: one frame (`r`) or all but the first; with `frees` a picture that has no other frame goes itself.

    Raises:
        Refused: a value is no number.
    """
    picture = shelf.picture(id=command.number("i"), image_number=command.number("I"))
    if picture is None:
        return False
    frames = picture.frames
    if len(frames) == 1:
        if frees:
            shelf.discard(picture)
        return frees
    which = command.number("r")
    if which:
        if which > len(frames):
            return False
        del frames[which - 1]
    else:
        del frames[1:]
    picture.current = min(picture.current, len(frames) - 1)
    picture.recount()
    return True


def _frame(picture: Picture, number: int) -> Frame:
    if not 0 < number <= len(picture.frames):
        raise Refused("ENOENT", "no such frame")
    return picture.frames[number - 1]


def _gap_ms(command: Command, before: int) -> int:
    gap = command.number("z")
    return min(gap, _MAX_GAP_MS) if gap else before


def _light(pictures: Pictures, drawing: Drawing) -> Drawing:
    """The drawing, painted if it is made of too many parts.

    Raises:
        Refused: nobody can paint it here.
    """
    if drawing.weight <= MAX_PATCHES:
        return drawing
    if pictures.flatten is None:
        raise Refused("ENOSPC", "too many changes of one frame")
    raster = Raster(drawing.width, drawing.height, "rgba", pictures.flatten(drawing))
    return Drawing.of(raster)
