"""The look: sizes and fonts of resources/look.toml and the colors of a theme; no other module holds a literal of them."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QLoggingCategory
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from synk.base.paths import resource_directory
from synk.base.toml import parse_toml
from synk.ui.schemes import Scheme, ThemeBroken, bundled_scheme, pixels, pixels_or_family, read_scheme, read_tokens


@dataclass(frozen=True, slots=True)
class Sizes:
    """Logical pixels."""

    window_width: int
    window_height: int
    window_min_width: int
    window_min_height: int
    top_bar: int
    pane_header: int
    pane_gap: int
    pane_radius: int
    pane_padding: int
    border: int
    border_selected: int
    mark: int
    badge_height: int
    badge_radius: int
    ended_bar: int
    drawer_folded: int
    drawer_min: int
    drawer_max: int
    grip_width: int
    grip_height: int
    space_xs: int
    space_s: int
    space_m: int
    space_l: int
    space_xl: int
    space_xxl: int
    card_radius: int
    card_width: int
    overlay_width: int
    overlay_height: int
    line_height: int
    keycap_height: int
    keycap_radius: int
    toast_width: int
    toast_radius: int
    button_height: int
    button_radius: int
    close_button: int
    scrollbar: int
    chip_height: int
    find_width: int
    find_margin: int
    hint_radius: int
    progress_height: int
    cursor_bar: int
    cursor_line: int
    table_row: int
    tab_min: int
    tab_max: int
    icon: int
    icon_button: int
    line_field: int
    line_field_min: int
    line_open: int
    home_width: int
    home_side: int
    home_logo: int
    tile: int
    recent_row: int
    figure_height: int
    sidebar_min: int
    sidebar_max: int
    sidebar_row: int
    sidebar_room: int
    picker_width: int
    picker_height: int
    settings_groups: int
    settings_width: int
    control_width: int
    number_width: int
    number_narrow: int
    switch_width: int
    switch_height: int
    switch_knob: int


@dataclass(frozen=True, slots=True)
class Fonts:
    """Families and pixel sizes; all families are bundled."""

    terminal: str
    terminal_fallback: str
    text: str
    text_px: int
    label_px: int
    title_px: int
    hero_px: int
    terminal_min_px: int
    terminal_max_px: int

    def body(self, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """13 px text."""
        return self._text(self.text_px, weight)

    def label(self, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """12 px labels."""
        return self._text(self.label_px, weight)

    def title(self) -> QFont:
        """Titles of cards."""
        return self._text(self.title_px, QFont.Weight.DemiBold)

    def hero(self) -> QFont:
        """The one line of an empty grid."""
        return self._text(self.hero_px, QFont.Weight.DemiBold)

    def mono(self) -> QFont:
        """Numbers, keys and paths among text."""
        return self._sized(QFont([self.terminal, self.terminal_fallback]), self.label_px)

    def _text(self, px: int, weight: QFont.Weight) -> QFont:
        font = self._sized(QFont(self.text), px)
        font.setWeight(weight)
        return font

    @staticmethod
    def _sized(font: QFont, px: int) -> QFont:
        font.setPixelSize(px)
        return font


class Theme:
    """Everything the window looks like. `wear` exchanges the colors while it lives: read them when you paint, keep none."""

    def __init__(self, scheme: Scheme, sizes: Sizes, fonts: Fonts) -> None:
        self.sizes = sizes
        self.fonts = fonts
        self.wear(scheme)

    def wear(self, scheme: Scheme) -> None:
        """Take the colors of another theme; `redress` shows them."""
        self.scheme = scheme
        """What was read from the file."""
        self.colors = scheme.colors
        self.terminal = scheme.terminal
        self.opacity = scheme.opacity

    @property
    def is_dark(self) -> bool:
        """What programs are told that ask."""
        return self.scheme.is_dark


def load_theme(path: Path | None = None) -> Theme:
    """The bundled sizes and fonts with the colors of a complete theme file, by default the dark one. Reads files.

    Raises:
        ThemeBroken: names the file, its line and the token.
    """
    look = resource_directory() / "look.toml"
    document = parse_toml(look.read_text("utf-8"))
    sizes = Sizes(**read_tokens(document, "sizes", Sizes, pixels, look))
    fonts = Fonts(**read_tokens(document, "fonts", Fonts, pixels_or_family, look))
    return Theme(read_scheme(path or bundled_scheme("dark")), sizes, fonts)


def install_fonts() -> None:
    """Make the bundled fonts known to Qt, also where they are not installed. Needs the application object.

    Raises:
        ThemeBroken: a font file is missing or damaged.
    """
    # For a script no font here can draw Qt would list every font on stderr: hundreds of lines for one word of Hindi.
    QLoggingCategory.setFilterRules("qt.text.font.db.info=false")
    for path in sorted((resource_directory() / "fonts").glob("*.ttf")):
        if QFontDatabase.addApplicationFont(str(path)) < 0:
            raise ThemeBroken(f"The font {path} cannot be read")


def dress(application: QApplication, theme: Theme) -> None:
    """Give the application the theme: icon, fonts, style and palette. Once, before the first window."""
    install_fonts()
    application.setWindowIcon(QIcon(str(resource_directory() / "icons" / "synk.png")))
    application.setStyle("fusion")
    application.setFont(theme.fonts.body())
    redress(application, theme)


def redress(application: QApplication, theme: Theme) -> None:
    """Show the theme's colors: every widget paints itself anew."""
    application.setPalette(palette_of(theme))
    application.setStyleSheet(style_sheet(theme))


def palette_of(theme: Theme) -> QPalette:
    """Qt's palette in the theme's colors, for the few standard widgets."""
    colors = theme.colors
    palette = QPalette()
    for role, color in (
        (QPalette.ColorRole.Window, colors.bg_sidebar),
        (QPalette.ColorRole.Base, colors.bg_primary),
        (QPalette.ColorRole.AlternateBase, colors.bg_secondary),
        (QPalette.ColorRole.Button, colors.bg_tertiary),
        (QPalette.ColorRole.WindowText, colors.text),
        (QPalette.ColorRole.Text, colors.text),
        (QPalette.ColorRole.ButtonText, colors.text),
        (QPalette.ColorRole.PlaceholderText, colors.text_dim),
        (QPalette.ColorRole.Highlight, colors.bg_hover),
        (QPalette.ColorRole.HighlightedText, colors.text),
        (QPalette.ColorRole.ToolTipBase, colors.bg_tertiary),
        (QPalette.ColorRole.ToolTipText, colors.text),
    ):
        palette.setColor(role, color)
    return palette


def style_sheet(theme: Theme) -> str:
    """Rules for labels, buttons, fields, scroll bars and tool tips; everything else paints itself."""
    c, s = theme.colors, theme.sizes
    labels = "".join(f'QLabel[token="{name}"] {{ color: {color.name()}; }}\n' for name, color in c.by_token().items())
    return f"""
    {labels}
    QPushButton {{ background: {c.bg_tertiary.name()}; color: {c.text.name()}; border: {s.border}px solid {c.border.name()};
        border-radius: {s.button_radius}px; padding: 0 {s.space_m}px; min-height: {s.button_height - 2 * s.border}px; }}
    QPushButton:hover {{ background: {c.bg_hover.name()}; }}
    QPushButton:focus {{ border-color: {c.blue.name()}; }}
    QPushButton[primary="true"] {{ background: {mixed(c.blue, c.bg_secondary, theme.opacity.primary).name()};
        border-color: {mixed(c.blue, c.bg_secondary, theme.opacity.primary_border).name()}; }}
    QPushButton[primary="true"]:focus {{ border: {s.border_selected}px solid {c.blue.name()}; }}
    QPushButton[primary="true"]:hover {{ background: {mixed(c.blue, c.bg_secondary, theme.opacity.primary_border).name()}; }}
    QPushButton[compact="true"] {{ padding: 0; }}
    QPushButton:checked {{ color: {c.blue.name()}; border-color: {c.blue.name()}; }}
    QPushButton:disabled {{ color: {c.text_dim.name()}; }}
    QLineEdit {{ background: {c.bg_primary.name()}; color: {c.text.name()}; border: {s.border}px solid {c.border.name()};
        border-radius: {s.button_radius}px; padding: 0 {s.space_s}px; min-height: {s.button_height - 2 * s.border}px;
        selection-background-color: {c.bg_hover.name()}; }}
    QLineEdit:focus {{ border-color: {c.blue.name()}; }}
    QLineEdit:disabled {{ color: {c.text_dim.name()}; }}
    QPlainTextEdit {{ background: {c.bg_primary.name()}; color: {c.text.name()}; border: {s.border}px solid {c.border.name()};
        border-radius: {s.button_radius}px; selection-background-color: {c.bg_hover.name()}; }}
    QPlainTextEdit:focus {{ border-color: {c.blue.name()}; }}
    QSpinBox, QDoubleSpinBox, QComboBox {{ background: {c.bg_primary.name()}; color: {c.text.name()};
        border: {s.border}px solid {c.border.name()}; border-radius: {s.button_radius}px;
        min-height: {s.button_height - 2 * s.border}px; selection-background-color: {c.bg_hover.name()};
        selection-color: {c.text.name()}; }}
    QComboBox {{ padding: 0 {s.space_s}px; }}
    QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {{ width: 0;
        border: none; }}
    QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus {{ border-color: {c.blue.name()}; }}
    QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled {{ color: {c.text_dim.name()}; }}
    QSpinBox QLineEdit, QDoubleSpinBox QLineEdit {{ background: transparent; border: none; padding: 0 {s.space_s}px;
        min-height: 0; }}
    QComboBox::drop-down {{ border: none; width: {s.space_xl}px; }}
    QComboBox::down-arrow {{ image: none; }}
    QAbstractItemView {{ background: {c.bg_secondary.name()}; color: {c.text.name()};
        border: {s.border}px solid {c.border.name()}; selection-background-color: {c.bg_hover.name()};
        selection-color: {c.text.name()}; outline: none; }}
    QListWidget[groups="true"] {{ background: transparent; border: none; }}
    QListWidget[groups="true"]::item {{ color: {c.text_soft.name()}; border: {s.border}px solid transparent;
        border-radius: {s.button_radius}px; padding: 0 {s.space_s}px; }}
    QListWidget[groups="true"]::item:hover {{ background: {c.bg_tertiary.name()}; }}
    QListWidget[groups="true"]::item:selected {{ background: {c.bg_tertiary.name()}; color: {c.text.name()}; }}
    QListWidget[groups="true"]::item:selected:focus {{ border-color: {c.blue.name()}; }}
    QPushButton[quiet="true"] {{ background: transparent; border-color: transparent; color: {c.blue.name()};
        padding: 0 {s.space_xs}px; min-height: {s.keycap_height - 2 * s.border}px; }}
    QPushButton[quiet="true"]:hover {{ background: {c.bg_hover.name()}; }}
    QPushButton[quiet="true"]:focus {{ border-color: {c.blue.name()}; }}
    QPushButton[choice="true"] {{ padding: 0 {s.space_s}px; }}
    QPushButton[choice="true"]:checked {{ background: {mixed(c.blue, c.bg_secondary, theme.opacity.primary).name()};
        border-color: {mixed(c.blue, c.bg_secondary, theme.opacity.primary_border).name()}; color: {c.text.name()}; }}
    QPushButton[choice="true"]:focus {{ border-color: {c.blue.name()}; }}
    QSlider::groove:horizontal {{ background: {c.border.name()}; height: {s.space_xs}px; border-radius: {s.space_xs // 2}px; }}
    QSlider::sub-page:horizontal {{ background: {c.blue.name()}; border-radius: {s.space_xs // 2}px; }}
    QSlider::handle:horizontal {{ background: {c.text.name()}; width: {s.switch_knob}px; height: {s.switch_knob}px;
        margin: -{(s.switch_knob - s.space_xs) // 2}px 0; border-radius: {s.switch_knob // 2}px; }}
    QSlider::handle:horizontal:focus {{ background: {c.blue.name()}; }}
    QScrollArea, QListView, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
    QMenu {{ background: {c.bg_secondary.name()}; color: {c.text.name()}; border: {s.border}px solid {c.border.name()};
        padding: {s.space_xs}px; }}
    QMenu::item {{ padding: {s.space_xs + 1}px {s.space_l}px {s.space_xs + 1}px {s.space_m}px;
        border-radius: {s.button_radius}px; }}
    QMenu::item:selected {{ background: {c.bg_hover.name()}; }}
    QMenu::item:disabled {{ color: {c.text_dim.name()}; }}
    QMenu::separator {{ height: {s.border}px; background: {c.border.name()}; margin: {s.space_xs}px {s.space_s}px; }}
    QScrollBar:vertical {{ background: transparent; width: {s.scrollbar}px; margin: 0; }}
    QScrollBar::handle:vertical {{ background: {c.border.name()}; border-radius: {s.scrollbar // 2}px;
        min-height: {s.space_xl}px; }}
    QScrollBar::handle:vertical:hover {{ background: {c.text_dim.name()}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; width: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QToolTip {{ background: {c.bg_tertiary.name()}; color: {c.text.name()}; border: {s.border}px solid {c.border.name()};
        padding: {s.space_xs}px; }}
    """


def faded(color: QColor, opacity: float) -> QColor:
    """The color with so much of it remaining, to be painted over something."""
    result = QColor(color)
    result.setAlphaF(opacity)
    return result


def mixed(color: QColor, ground: QColor, amount: float) -> QColor:
    """`amount` of the color, the rest of the ground; opaque."""
    rest = 1 - amount
    return QColor(
        round(color.red() * amount + ground.red() * rest),
        round(color.green() * amount + ground.green() * rest),
        round(color.blue() * amount + ground.blue() * rest),
    )
