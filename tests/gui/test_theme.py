"""The theme: one place for colors and sizes, readable contrast, honest errors, bundled fonts."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QLoggingCategory
from PySide6.QtGui import QFontInfo, QImage, QPainter

import synk.ui
from synk.base.paths import resource_directory
from synk.ui.legibility import faint_pairs
from synk.ui.schemes import Appearance, Scheme, ThemeBroken, bundled_scheme, read_scheme
from synk.ui.terminal.contrast import contrast
from synk.ui.theme import Theme

BUNDLED = sorted(path.stem for path in bundled_scheme("dark").parent.glob("*.toml"))

LITERALS = re.compile(
    r"#[0-9a-fA-F]{6}\b|QColor\(\s*[\d\"'#]|Qt\.(?:white|black|red|green|blue)\b|GlobalColor\.(?!transparent)"
    r"|set(?:Fixed|Minimum|Maximum)(?:Width|Height|Size)\(\s*\d|setContentsMargins\(\s*[1-9]|setSpacing\(\s*[1-9]"
    r"|setPixelSize\(\s*\d|setPointSize"
)


def test_no_color_or_size_literal_stands_outside_the_theme() -> None:
    folder = Path(next(iter(synk.ui.__path__)))
    found = [
        f"{path.name}:{number}: {line.strip()}"
        for path in folder.rglob("*.py")
        if path.name != "theme.py"
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if LITERALS.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("name", BUNDLED)
def test_text_stands_out_at_least_four_and_a_half_to_one(name: str) -> None:
    assert faint_pairs(read_scheme(bundled_scheme(name))) == []


@pytest.mark.parametrize("name", BUNDLED)
def test_the_colors_of_programs_stand_out_from_the_terminal(name: str) -> None:
    terminal = read_scheme(bundled_scheme(name)).terminal
    assert contrast(terminal.foreground, terminal.background) >= 7
    named = terminal.palette[1:7] + terminal.palette[9:15]
    assert [index for index, color in enumerate(named) if contrast(color, terminal.background) < 3] == []


def test_the_tokens_of_the_specification_have_its_values(theme: Theme) -> None:
    wanted = {
        "bg-primary": "#1e1e2e", "bg-secondary": "#252535", "bg-sidebar": "#181825", "bg-tertiary": "#2d2d3f",
        "bg-hover": "#353548", "border": "#3a3a4e", "text": "#e0e0e8", "text-dim": "#8888a0", "blue": "#58a6ff",
        "orange": "#d29922", "red": "#f85149", "purple": "#bc8cff", "green": "#3fb950",
    }  # fmt: skip
    assert {name: theme.colors.token(name).name() for name in wanted} == wanted


def test_an_unknown_token_is_the_text_color(theme: Theme) -> None:
    assert theme.colors.token("mauve") == theme.colors.text


def test_the_palette_has_256_colors_of_which_240_are_xterm_s(theme: Theme) -> None:
    assert len(theme.terminal.palette) == 256
    assert [theme.terminal.palette[index].name() for index in (16, 21, 196, 231, 232, 255)] == [
        "#000000", "#0000ff", "#ff0000", "#ffffff", "#080808", "#eeeeee",
    ]  # fmt: skip


def test_the_bundled_fonts_are_used(theme: Theme) -> None:
    assert QFontInfo(theme.fonts.body()).family() == "Geist"
    assert QFontInfo(theme.fonts.mono()).family() == "JetBrains Mono"


def test_each_bundled_font_has_its_license_beside_it() -> None:
    folder = resource_directory() / "fonts"
    for font in folder.glob("*.ttf"):
        family = font.stem.split("-")[0].replace("DejaVuSansMono", "DejaVu")
        assert (folder / f"{family}-LICENSE.txt").stat().st_size > 1000


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("bg-hover = ", "bg-hovr = ", "line 11: unknown token: bg-hovr"),
        ("bg-hover = ", "# ", "line 6: tokens missing: bg-hover"),
        ('"#3a3a4e"', '"#nocolor"', "line 12: border is a color such as #rrggbb, not '#nocolor'"),
        ('"#45455c", ', "", "line 31: palette is a list of 16 colors, not ["),
        ("scrim = 0.55", "scrim = 2", "line 37: scrim is a number from 0 to 1, not 2"),
        ('appearance = "dark"', 'appearance = "dim"', "line 4: appearance is \"dark\" or \"light\", not 'dim'"),
        ("[opacity]", "[opacities]", "line 36: unknown: opacities"),
        ("[opacity]", "[opacity", "line 36, column"),
    ],
)
def test_a_broken_theme_names_file_line_and_token(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(bundled_scheme("dark").read_text().replace(old, new, 1))
    with pytest.raises(ThemeBroken, match=re.escape(f"{path} {message}")):
        read_scheme(path)


def test_a_theme_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ThemeBroken, match=r"gone.toml cannot be read: No such file"):
        read_scheme(tmp_path / "gone.toml")


def test_what_a_theme_leaves_out_is_taken_from_the_bundled_one_of_its_appearance(tmp_path: Path) -> None:
    def base(appearance: Appearance) -> Scheme:
        return read_scheme(bundled_scheme(appearance))

    path = tmp_path / "mine.toml"
    path.write_text('appearance = "light"\n[colors]\nblue = "#0000ff"\n')
    mine, light = read_scheme(path, base), base("light")
    assert not mine.is_dark
    assert mine.colors.blue.name() == "#0000ff"
    assert mine.colors.red == light.colors.red
    assert mine.terminal == light.terminal
    assert mine.opacity == light.opacity


def test_text_that_no_font_can_draw_is_not_reported_font_by_font(theme: Theme, capfd: pytest.CaptureFixture[str]) -> None:
    image = QImage(200, 50, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setFont(theme.fonts.mono())
    painter.drawText(5, 20, "\u0928\u092e\u0938\u094d\u0924\u0947 \u0e2a\u0e27\u0e31")
    painter.end()
    assert not QLoggingCategory("qt.text.font.db").isInfoEnabled()
    assert "OpenType support missing" not in capfd.readouterr().err
