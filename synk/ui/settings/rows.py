"""Which control a setting gets: by its kind, and for a few by what the dialog knows to offer."""

from collections.abc import Callable
from typing import Any

from synk.settings.schema import Setting
from synk.ui.settings.controls import Control, SliderNumber, control_for
from synk.ui.settings.key_table import KeyTable
from synk.ui.settings.languages import LanguageTable
from synk.ui.settings.order import PanelOrder
from synk.ui.settings.row import SettingRow
from synk.ui.settings.surroundings import Surroundings
from synk.ui.theme import Theme

POOL_SIZES = ("performance.initial_pool_size", "performance.max_pool_size", "performance.max_active")
"""Settings with a slider, and the estimate of memory below them."""


class RowMaker:
    """Makes the rows of the dialog."""

    def __init__(
        self,
        theme: Theme,
        around: Surroundings,
        *,
        on_edited: Callable[[str, Any], None],
        on_moved: Callable[[], None],
    ) -> None:
        """`on_edited(name, value)`: the user set a value; `on_moved`: a slider of `POOL_SIZES` is being dragged."""
        self._theme = theme
        self._around = around
        self._on_edited = on_edited
        self._on_moved = on_moved

    def make(self, setting: Setting) -> SettingRow:
        """A row with the control for the setting."""
        control, is_wide = self._control(setting)
        row = SettingRow(self._theme, setting, control, is_wide=is_wide)
        row.edited.connect(self._on_edited)
        return row

    def _control(self, setting: Setting) -> tuple[Control, bool]:
        """The control, and whether it needs the whole width."""
        theme, around = self._theme, self._around
        match setting.name:
            case "keyboard.navigation" | "keyboard.terminal":
                return KeyTable(theme, around.check_command, self._effect_of), True
            case "automation.languages":
                return LanguageTable(theme, around.languages), True
            case "ui.drawer_panel_order":
                return PanelOrder(theme, around.panels), False
            case "ui.theme":
                return control_for(theme, setting, [(name, name.capitalize()) for name in around.themes]), False
            case "session.default_agent":
                return control_for(theme, setting, around.agents), False
            case name if name in POOL_SIZES:
                slider = SliderNumber(theme, low=int(setting.low or 0), high=int(setting.high or 0))
                slider.moved.connect(self._on_moved)
                return slider, True
            case _:
                return control_for(theme, setting), False

    def _effect_of(self, chord: str) -> str:
        """What a key does now, in words; "" for nothing."""
        bindings = self._around.keymap().bindings
        return next((binding.effect for binding in bindings if chord in binding.keys), "")
