"""Pictures of a terminal, what they are made of, and where they are shown: bounded in number and bytes, the oldest go first."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

MAX_SIDE = 10_000
"""Pixels; larger pictures are refused."""
MAX_PIXELS = 16 << 20
"""64 MiB as RGBA: four screens of 4K."""
QUOTA_BYTES = 64 << 20
"""Of all pictures of a terminal."""
MAX_PICTURES = 2048
"""Of a terminal: they are looked through with each new one."""
MAX_PLACEMENTS = 4096
MAX_FRAMES = 4096
MAX_PATCHES = 64
"""More are made one: a program that changes a part of a frame all the time must not make it ever more expensive."""
MAX_ROWS = 4095
"""Of a placement; as many slices can be told apart in a mark."""
# An object and its place in two tables.
_OVERHEAD_BYTES = 1024

Format = Literal["rgb", "rgba", "png"]


class LateBytes(Protocol):
    """Bytes that are worked out when somebody looks."""

    size: int

    def __call__(self) -> bytes:
        """The bytes."""


class Area(NamedTuple):
    """A rectangle of pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, eq=False)
class Raster:
    """Pixels as they came; checked, so that they can be shown."""

    width: int
    height: int
    format: Format
    source: "bytes | LateBytes" = field(repr=False)

    @property
    def data(self) -> bytes:
        """The bytes; may have to be worked out."""
        return self.source if isinstance(self.source, bytes) else self.source()

    @property
    def size_bytes(self) -> int:
        """How many they are."""
        return len(self.source) if isinstance(self.source, bytes) else self.source.size


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A part of a drawing."""

    source: "Raster | Drawing"
    area: Area
    """Of the source."""
    x: int
    y: int
    """Where its upper left corner comes to."""
    replaces: bool = False
    """The pixels below go; else they shine through."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """What a frame shows; never changes, so whoever paints it can keep the result."""

    width: int
    height: int
    patches: tuple[Patch, ...]
    """The lowest first."""
    ground: int = 0
    """RGBA."""

    @classmethod
    def of(cls, raster: Raster) -> "Drawing":
        """A drawing of nothing else."""
        whole = Area(0, 0, raster.width, raster.height)
        return cls(raster.width, raster.height, (Patch(raster, whole, 0, 0, replaces=True),))

    def with_patch(self, patch: Patch) -> "Drawing":
        """The drawing with one more patch; what that hides altogether is left out."""
        is_whole = (patch.x, patch.y, *patch.area[2:]) == (0, 0, self.width, self.height)
        is_opaque = patch.replaces or (isinstance(patch.source, Raster) and patch.source.format == "rgb")
        below = () if is_whole and is_opaque else self.patches
        return Drawing(self.width, self.height, (*below, patch), self.ground)

    @property
    def weight(self) -> int:
        """How many patches have to be painted."""
        return sum([1 if isinstance(patch.source, Raster) else patch.source.weight for patch in self.patches])

    def rasters(self) -> Iterator[Raster]:
        """All pixels it is made of."""
        for patch in self.patches:
            if isinstance(patch.source, Raster):
                yield patch.source
            else:
                yield from patch.source.rasters()


@dataclass(slots=True, eq=False)
class Frame:
    """One frame of a picture; most pictures have only one."""

    drawing: Drawing
    gap_ms: int = 0
    """Until the next one is shown; 0: no animation goes past it, negative: it is skipped at once."""


@dataclass(slots=True, eq=False)
class Picture:
    """Pixels with a name; shown where its placements are."""

    number: int
    """Of this terminal, counted up."""
    width: int
    height: int
    frames: list[Frame]
    id: int = 0
    """Of the kitty protocol; 0: it has none."""
    image_number: int = 0
    """Of the kitty protocol, not unique; 0: it has none."""
    size_bytes: int = 0
    current: int = 0
    """Index of the frame that is shown."""
    is_running: bool = False
    """The terminal goes from frame to frame."""
    waits_at_end: bool = False
    """More frames are to come: the last one stays until then."""
    loops_left: int | None = None
    """How often it starts again; None: for ever."""
    max_loops: int | None = None

    @property
    def drawing(self) -> Drawing:
        """What is shown now."""
        return self.frames[self.current].drawing

    @property
    def is_animated(self) -> bool:
        """Another frame follows by itself."""
        if not self.is_running or len(self.frames) < 2 or not any([frame.gap_ms > 0 for frame in self.frames]):
            return False
        is_last = self.current == len(self.frames) - 1
        return not is_last or not (self.waits_at_end or self.loops_left == 0)

    @property
    def gap_ms(self) -> int:
        """How long the frame that is shown stays."""
        return max(0, self.frames[self.current].gap_ms)

    def advance(self) -> None:
        """Show the next frame of a running animation; those without a gap are skipped."""
        for _ in self.frames:
            if self.current + 1 < len(self.frames):
                self.current += 1
            elif self.waits_at_end or self.loops_left == 0:
                return
            else:
                self.current = 0
                if self.loops_left is not None:
                    self.loops_left -= 1
            if self.frames[self.current].gap_ms >= 0:
                return

    def recount(self) -> None:
        """Find `size_bytes`."""
        rasters = {id(raster): raster.size_bytes for frame in self.frames for raster in frame.drawing.rasters()}
        self.size_bytes = sum(rasters.values()) + _OVERHEAD_BYTES


@dataclass(slots=True, eq=False)
class Placement:
    """A picture, or a part of it, in a rectangle of cells. Where that is, the marks of rows say (`MarkKind.PICTURE`)."""

    number: int
    """Of this terminal, counted up."""
    picture: Picture
    area: Area
    """The part of the picture."""
    cell: tuple[int, int]
    """Width and height of a cell in pixels when it was placed: it covers the same cells with any other font."""
    cols: int
    rows: int
    """Cells it covers."""
    offset: tuple[int, int] = (0, 0)
    """Pixels from the upper left corner of its first cell."""
    stretched: tuple[float, float] | None = None
    """Columns and rows it is made to fill; None: its pixels keep their size."""
    z: int = 0
    """The lower ones are covered by the others, below 0 also by text, below `UNDER_GROUND` by backgrounds too."""
    id: int = 0
    """Of the kitty protocol; 0: it has none."""
    is_masked: bool = False
    """Sixel: it is gone in cells that something was written to since."""
    is_virtual: bool = False
    """It is shown where the text says so (`placeholders`), fit into its rectangle."""
    parent: "Placement | None" = None
    """It moves with this one, and goes with it."""
    shift: tuple[int, int] = (0, 0)
    """Columns and rows from the parent."""


UNDER_GROUND = -(1 << 30)


def slice_number(placement: Placement, row: int) -> int:
    """What the mark of row `row` of a placement says."""
    return placement.number << 12 | row


class Shelf:
    """The pictures of one screen."""

    def __init__(self) -> None:
        self.pictures: dict[int, Picture] = {}
        """By number, the oldest first."""
        self.placements: dict[int, Placement] = {}
        """By number, the oldest first."""
        self.by_id: dict[int, Picture] = {}
        self._has_children = False
        """There may be placements relative to others."""

    def picture(self, *, id: int = 0, image_number: int = 0) -> Picture | None:
        """The picture of this id, or the newest one of this number."""
        if id:
            return self.by_id.get(id)
        found = [picture for picture in self.pictures.values() if image_number and picture.image_number == image_number]
        return found[-1] if found else None

    def of(self, picture: Picture) -> list[Placement]:
        """Its placements."""
        return [placement for placement in self.placements.values() if placement.picture is picture]

    def placement(self, picture: Picture, id: int) -> Placement | None:
        """A placement by its id, any of them with id 0; None if there is none."""
        found = [placement for placement in self.of(picture) if not id or placement.id == id]
        return found[-1] if found else None

    def add(self, placement: Placement) -> None:
        """Take one more placement."""
        self.placements[placement.number] = placement
        self._has_children |= placement.parent is not None

    def remove(self, placement: Placement) -> None:
        """Forget a placement and those that go with it."""
        if not self._has_children:
            self.placements.pop(placement.number, None)
            return
        gone = [placement]
        while gone:
            going = gone.pop()
            self.placements.pop(going.number, None)
            gone += [child for child in self.placements.values() if child.parent is going]

    def discard(self, picture: Picture) -> None:
        """Forget a picture with its placements."""
        for placement in self.of(picture):
            self.remove(placement)
        self.pictures.pop(picture.number, None)
        if self.by_id.get(picture.id) is picture:
            del self.by_id[picture.id]


@dataclass(slots=True)
class Pictures:
    """All pictures of a terminal."""

    shelves: dict[bool, Shelf] = field(default_factory=lambda: {False: Shelf(), True: Shelf()})
    """By `grid.is_alternate`."""
    flatten: Callable[[Drawing], bytes] | None = None
    """Paints a drawing as RGBA; set by whoever can."""
    quota_bytes: int = QUOTA_BYTES
    _last_number: int = 0
    _placed_since_sweep: int = 0
    _bytes_since_sweep: int = 0

    @property
    def is_empty(self) -> bool:
        """Nothing can be shown: looking for it is not worth a step."""
        return not (self.shelves[False].placements or self.shelves[True].placements)

    @property
    def size_bytes(self) -> int:
        """Of all pictures."""
        return sum([picture.size_bytes for shelf in self.shelves.values() for picture in shelf.pictures.values()])

    def clear(self) -> None:
        """Forget everything."""
        self.shelves = {False: Shelf(), True: Shelf()}

    def next_number(self) -> int:
        """For a new picture or placement."""
        self._last_number += 1
        return self._last_number

    def add(self, shelf: Shelf, drawing: Drawing, *, id: int = 0, image_number: int = 0) -> Picture:
        """A new picture; one with the same id goes."""
        if id and (old := shelf.by_id.get(id)) is not None:
            shelf.discard(old)
        picture = Picture(self.next_number(), drawing.width, drawing.height, [Frame(drawing)], id, image_number)
        picture.recount()
        shelf.pictures[picture.number] = picture
        if id:
            shelf.by_id[id] = picture
        self._bytes_since_sweep += picture.size_bytes
        self.keep_quota(picture)
        return picture

    def place(self, shelf: Shelf, placement: Placement) -> None:
        """Show a picture; the oldest placement goes if there are too many."""
        if placement.id and (old := shelf.placement(placement.picture, placement.id)) is not None:
            shelf.remove(old)
        while len(shelf.placements) >= MAX_PLACEMENTS:
            shelf.remove(next(iter(shelf.placements.values())))
        shelf.add(placement)
        self._placed_since_sweep += 1

    def keep_quota(self, newest: Picture) -> bool:
        """Let the oldest pictures go until all fit, those that are shown nowhere first; False if `newest` alone is too much."""
        size, count = self.size_bytes, sum([len(shelf.pictures) for shelf in self.shelves.values()])
        if size <= self.quota_bytes and count <= MAX_PICTURES:
            return True
        newest.recount()
        held = [(shelf, picture) for shelf in self.shelves.values() for picture in shelf.pictures.values()]
        shown = {placement.picture.number for shelf in self.shelves.values() for placement in shelf.placements.values()}
        held.sort(key=lambda pair: (pair[1].number in shown, pair[1].number))
        size = self.size_bytes
        # Some more than must be, so that not each new one begins this anew.
        surplus = count - MAX_PICTURES * 7 // 8 if count > MAX_PICTURES else 0
        for shelf, picture in held:
            if size <= self.quota_bytes and surplus <= 0:
                break
            if picture is not newest:
                size -= picture.size_bytes
                surplus -= 1
                shelf.discard(picture)
        return size <= self.quota_bytes

    def needs_sweep(self) -> bool:
        """Many placements or bytes came since the last `sweep`."""
        return self._placed_since_sweep > 64 or self._bytes_since_sweep > self.quota_bytes // 8

    def sweep(self, seen: set[int]) -> None:
        """Forget placements that no row knows any more (`seen`: numbers), and sixel pictures without one."""
        self._placed_since_sweep = self._bytes_since_sweep = 0
        for shelf in self.shelves.values():
            for placement in list(shelf.placements.values()):
                if placement.number not in seen and not placement.is_virtual and placement.parent is None:
                    shelf.remove(placement)
            shown = {placement.picture.number for placement in shelf.placements.values()}
            for picture in list(shelf.pictures.values()):
                if picture.number not in shown and not picture.id and not picture.image_number:
                    shelf.discard(picture)
