"""Colors in CIE spaces and TekHVC, with what xterm 379 made of them (Xlib's color management)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synk.terminal.color_spaces import SPACES, from_space
from synk.terminal.colors import parse_color

NUMBERS = st.floats(-500, 500)


def channels(color: int) -> tuple[int, int, int]:
    return color >> 16, color >> 8 & 0xFF, color & 0xFF


@pytest.mark.parametrize(
    ("text", "color"),
    [
        ("rgbi:0/0/0", 0x000000),
        ("rgbi:.25/.25/.25", 0x938D8E),
        ("CIEXYZ:0.559/0.620/0.941", 0xBED2D5),
        ("ciexyz:5e-1/.5/0.5", 0xDDB5A0),
        ("CIEuvY:0.234/0.533/0.438", 0xE5AB4A),
        ("CIExyY:0.3/0.3/0.3", 0xAB9495),
        ("CIELab:50/0/0", 0x837D7E),
        ("CIELab:8/0/0", 0x262927),
        ("CIELuv:26.585/-18.659/59.606", 0x3D540E),
        ("TekHVC:400/50/20", 0x9F7764),
        ("TekHVC:-40/50/20", 0xA66C8D),
        ("TekHVC:90/100/40", 0xFFFFFF),
        ("CIELuv:0/5/5", 0x000000),
    ],
)
def test_a_color_is_what_xterm_shows(text: str, color: int) -> None:
    found = parse_color(text)
    assert found is not None
    # Xlib's curves are interpolated: one step of 255 may be missing.
    assert max(abs(a - b) for a, b in zip(channels(found), channels(color), strict=True)) <= 1


@pytest.mark.parametrize(
    "text",
    [
        "CIEXYZ:0.5/1.2/0.5",
        "CIELab:101/0/0",
        "CIELab:-1/0/0",
        "CIELuv:-1/0/0",
        "TekHVC:40/101/20",
        "TekHVC:40/50/-2",
        "CIExyY:.3/-.1/.5",
        "CIEuvY:.2/.2/1.1",
        "TekHVC:40/50/",
        "rgbi:0/0/1.5",
        "CIEXYZ:1e999/0/0",
        "CIEXYZ:nan/0/0",
    ],
)
def test_what_is_no_color_is_refused(text: str) -> None:
    assert parse_color(text) is None


def test_a_color_the_screen_cannot_show_becomes_paler_and_keeps_its_hue() -> None:
    strong, stronger = (from_space("tekhvc", 20.0, 50.0, chroma) for chroma in (150.0, 250.0))
    within = from_space("tekhvc", 20.0, 50.0, 60.0)
    assert strong == stronger
    assert strong is not None
    assert within is not None
    assert channels(strong)[0] > channels(within)[0] > channels(within)[1] > channels(strong)[1]


@given(st.sampled_from(SPACES), NUMBERS, NUMBERS, NUMBERS)
def test_any_numbers_are_a_color_or_none(space: str, first: float, second: float, third: float) -> None:
    color = from_space(space, first, second, third)
    assert color is None or 0 <= color <= 0xFFFFFF


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_light_is_never_darker(one: float, other: float) -> None:
    dark, light = sorted((one, other))
    before, after = from_space("rgbi", dark, dark, dark), from_space("rgbi", light, light, light)
    assert before is not None
    assert after is not None
    # The measured curves of green and blue sag by less than a step near black.
    assert all(a <= b + 1 for a, b in zip(channels(before), channels(after), strict=True))
