"""Text can be told from its background whatever two colors a program puts together; shapes keep theirs."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor

from synk.terminal.styles import RGB, Style
from synk.ui.terminal.contrast import contrast, readable
from synk.ui.terminal.terminal_colors import Palette
from synk.ui.theme import Theme

BLACK, WHITE = QColor("black"), QColor("white")
colors = st.builds(QColor.fromRgb, st.integers(0, 0xFFFFFF))


@pytest.mark.parametrize(
    ("one", "other", "expected"), [(BLACK, WHITE, 21), (WHITE, BLACK, 21), (BLACK, BLACK, 1), (QColor("#777777"), WHITE, 4.48)]
)
def test_contrast_is_that_of_wcag(one: QColor, other: QColor, expected: float) -> None:
    assert contrast(one, other) == pytest.approx(expected, abs=0.01)


@given(colors, colors, st.floats(1, 21))
def test_a_text_gets_the_contrast_asked_for_or_what_black_and_white_allow(text: QColor, ground: QColor, least: float) -> None:
    best = max(contrast(BLACK, ground), contrast(WHITE, ground))
    found = readable(text, ground, least)
    assert contrast(found, ground) >= min(least, best) - 1e-9
    if contrast(text, ground) >= least:
        assert found == text


def text_contrast(palette: Palette, style: Style) -> float:
    look = palette.look(style)
    return contrast(look.fg, look.bg or palette.background)


def test_every_pair_of_the_palette_can_be_read(theme: Theme) -> None:
    palette = Palette(theme, {})
    grounds = (-1, *range(16), 236, 250, RGB | 0x808080)
    for fg, bg, inverse in itertools.product((-1, *range(16)), grounds, (False, True)):
        style = Style(fg=fg, bg=bg, inverse=inverse)
        if (bg if inverse else fg) < 16 and fg != bg:
            assert text_contrast(palette, style) >= 3, style


def test_colors_that_can_be_read_stay_as_the_theme_has_them(theme: Theme) -> None:
    palette = Palette(theme, {})
    for number in range(1, 16):
        assert palette.look(Style(fg=number)).fg == theme.terminal.palette[number]


def test_a_color_chosen_exactly_stays_until_more_is_asked_for(theme: Theme) -> None:
    style = Style(fg=RGB | 0x333333)
    assert Palette(theme, {}).look(style).fg == QColor("#333333")
    assert Palette(theme, {}, minimum_contrast=1).look(Style(fg=4, bg=2)).fg == theme.terminal.palette[4]
    assert text_contrast(Palette(theme, {}, minimum_contrast=7), style) >= 7


def test_text_in_the_color_of_its_background_stays_hidden(theme: Theme) -> None:
    palette = Palette(theme, {})
    style = Style(fg=4, bg=4)
    assert palette.look(style).fg == theme.terminal.palette[4]


def test_shapes_match_the_background_beside_them(theme: Theme) -> None:
    look = Palette(theme, {}).look(Style(fg=4, bg=2))
    assert look.shape_rgba == theme.terminal.palette[4].rgba()
    assert look.rgba != look.shape_rgba
