"""Colors given by what the eye sees (CIE, TekHVC) or by intensities, in red, green and blue as XParseColor has them.

Xlib's color management knows nothing of the real screen and takes a typical one: what the numbers here say was measured by
asking xterm 379 for 1,600 intensities and 260 colors. Of the levels 3 % differ by one; and on the edge of what can be shown
it may be the darkest level here and none there.
"""

import math
from bisect import bisect_left
from typing import NamedTuple

SPACES = ("rgbi", "ciexyz", "cieuvy", "ciexyy", "cielab", "cieluv", "tekhvc")
"""Names before the colon, in small letters."""


class _Seen(NamedTuple):
    """A color by its chromaticity in the CIE 1976 u'v' diagram and its luminance, 1 that of white."""

    u: float
    v: float
    luminance: float


_Triple = tuple[float, float, float]
# Intensities of red, green and blue from CIE XYZ, on the screen that Xlib assumes; white is what gives 1 for each.
_FROM_XYZ: tuple[_Triple, _Triple, _Triple] = (
    (3.48340, -1.52176, -0.55923),
    (-1.07153, 1.96594, 0.03674),
    (0.06351, -0.20021, 0.81071),
)
_WHITE_XYZ = (0.94966, 1.0, 1.40604)
_WHITE = _Seen(0.188353, 0.446256, 1.0)
# The hue of TekHVC begins at the direction of a pure red seen from white.
_RED = math.atan2(0.4931 - _WHITE.v, 0.7127 - _WHITE.u)
_CHROMA = 7.50725
# How bright a pixel is does not follow the number it holds: levels of red, green and blue for some intensities, to be
# interpolated by the 0.4th power, which makes the curve nearly straight. Below the first one a pixel stays dark.
_POWER = 0.4
_INTENSITIES = (
    1e-5, 4e-4, 7e-4, 1e-3, 1.5e-3, 2.5e-3, 5e-3, 0.012, 0.03, 0.06, 0.1, 0.15, 0.22, 0.3, 0.4, 0.5, 0.6, 0.75, 0.88, 1.0,
)  # fmt: skip
_LEVELS = (
    (
        9.2, 9.7, 10.9, 11.0, 15.5, 21.3, 30.1, 44.3, 64.5, 84.9, 103.6, 121.2, 140.7, 158.5, 177.3, 193.6, 208.1, 227.4, 242.6,
        255.4,
    ),
    (
        19.2, 19.9, 20.7, 21.1, 23.4, 27.1, 33.8, 45.8, 63.8, 82.3, 99.6, 116.1, 134.5, 152.0, 170.6, 187.2, 202.2, 223.1, 240.1,
        255.4,
    ),
    (
        14.8, 14.0, 15.1, 15.0, 16.4, 22.5, 31.2, 44.7, 63.6, 82.5, 100.0, 116.7, 135.3, 152.8, 171.5, 187.9, 202.9, 223.6,
        240.4, 255.4,
    ),
)  # fmt: skip
_STEPS = tuple(intensity**_POWER for intensity in _INTENSITIES)
# Lightness below which it is proportional to luminance (CIE 1976).
_DARK_LIGHTNESS, _DARK_LUMINANCE, _DARK_SLOPE = 7.99953624, 0.008856, 903.29
_FARTHEST = 1.0 - 1e-9
"""Of the way to the edge of what can be shown: on the edge itself a channel is dark, as if it were not needed."""


def from_space(space: str, first: float, second: float, third: float) -> int | None:
    """0xrrggbb of a color in one of `SPACES`; None if it cannot be one there (brighter than white, say).

    What the screen cannot show is shown paler, in the same hue and lightness.
    """
    if space == "rgbi":
        return _pixel((first, second, third)) if 0 <= min(first, second, third) <= max(first, second, third) <= 1 else None
    seen = _READERS[space](first, second, third)
    if seen is None or not 0 <= seen.luminance <= 1:
        return None
    return _pixel(_shown(seen))


def _from_xyz(x: float, y: float, z: float) -> _Seen:
    total = x + 15 * y + 3 * z
    return _Seen(4 * x / total, 9 * y / total, y) if total else _Seen(_WHITE.u, _WHITE.v, y)


def _from_xyy(x: float, y: float, luminance: float) -> _Seen | None:
    total = 3 - 2 * x + 12 * y
    return _Seen(4 * x / total, 9 * y / total, luminance) if y >= 0 and total > 0 else None


def _from_lab(lightness: float, a: float, b: float) -> _Seen | None:
    if not 0 <= lightness <= 100:
        return None
    root = (lightness + 16) / 116
    white_x, _, white_z = _WHITE_XYZ
    if root**3 < _DARK_LUMINANCE:
        # A hundred times as bright as it should be, and a and b as well: Xlib's error, which all of X11 shares.
        luminance = lightness * 100 / _DARK_SLOPE
        return _from_xyz(white_x * (luminance + a / 3893.5), luminance, white_z * (luminance - b / 1557.4))
    return _from_xyz(white_x * (root + a / 5) ** 3, root**3, white_z * (root - b / 2) ** 3)


def _from_luv(lightness: float, u: float, v: float) -> _Seen | None:
    if not 0 <= lightness <= 100:
        return None
    # Xlib takes u and v for hundredths, as lightness.
    scale = 0.13 * lightness or math.inf
    return _Seen(_WHITE.u + u / scale, _WHITE.v + v / scale, _luminance(lightness))


def _from_hvc(hue: float, value: float, chroma: float) -> _Seen | None:
    if not 0 <= value <= 100 or chroma < 0:
        return None
    angle = math.radians(hue % 360) + _RED
    # There is but one black and one white.
    distance = chroma / (value * _CHROMA) if 0 < value < 100 else 0.0
    return _Seen(_WHITE.u + distance * math.cos(angle), _WHITE.v + distance * math.sin(angle), _luminance(value))


_READERS = {
    "ciexyz": _from_xyz,
    "cieuvy": _Seen,
    "ciexyy": _from_xyy,
    "cielab": _from_lab,
    "cieluv": _from_luv,
    "tekhvc": _from_hvc,
}


def _luminance(lightness: float) -> float:
    return lightness / _DARK_SLOPE if lightness < _DARK_LIGHTNESS else ((lightness + 16) / 116) ** 3


def _shown(seen: _Seen) -> _Triple:
    """Intensities of the color, or of the one nearest to it on the way to the white of its lightness."""
    if seen.v > 0:
        intensities = _intensities(seen)
        if min(intensities) >= 0 and max(intensities) <= 1:
            return intensities
    if not 0 < seen.luminance < 1:
        return (seen.luminance,) * 3
    # With the luminance fixed, intensity times v is linear on the way: so is each of its limits.
    u, v = seen.u - _WHITE.u, seen.v - _WHITE.v
    part = 1.0
    for x, y, z in _FROM_XYZ:
        at_white = 9 * x * _WHITE.u + 4 * y * _WHITE.v + z * (12 - 3 * _WHITE.u - 20 * _WHITE.v)
        growth = 9 * x * u + 4 * y * v - z * (3 * u + 20 * v)
        room = 4 * _WHITE.v / seen.luminance - at_white
        shrinking = growth - 4 * v / seen.luminance
        if at_white + growth < 0:
            part = min(part, at_white / -growth)
        if shrinking > room:
            part = min(part, max(room, 0.0) / shrinking)
    part *= _FARTHEST
    return _intensities(_Seen(_WHITE.u + part * u, _WHITE.v + part * v, seen.luminance))


def _intensities(seen: _Seen) -> _Triple:
    scale = seen.luminance / (4 * seen.v)
    x, y, z = 9 * seen.u * scale, seen.luminance, (12 - 3 * seen.u - 20 * seen.v) * scale
    red, green, blue = (row[0] * x + row[1] * y + row[2] * z for row in _FROM_XYZ)
    return red, green, blue


def _pixel(intensities: _Triple) -> int:
    red, green, blue = (_level(*each) for each in zip(_LEVELS, intensities, strict=True))
    return red << 16 | green << 8 | blue


def _level(levels: tuple[float, ...], intensity: float) -> int:
    if intensity <= 0:
        return 0
    step = min(max(intensity, _INTENSITIES[0]), 1.0) ** _POWER
    at = max(bisect_left(_STEPS, step), 1)
    before, after = levels[at - 1], levels[at]
    return int(before + (after - before) * (step - _STEPS[at - 1]) / (_STEPS[at] - _STEPS[at - 1]))
