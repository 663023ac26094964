"""The controls of the settings dialog: one per kind of value, with a signal when the user sets another."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QFocusEvent, QFontDatabase, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QComboBox,
    QCompleter,
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSlider,
    QSpinBox,
    QWidget,
)

from synk.settings.schema import Setting
from synk.ui.card import label
from synk.ui.settings.words import choice_label
from synk.ui.theme import Theme

MOST_SEGMENTS = 3
"""More choices than that drop down from one button."""


class Control(Protocol):
    """A widget that shows one value. `changed` comes only from the user, never from `show_value`."""

    changed: SignalInstance

    @property
    def value(self) -> Any:
        """What is set now."""

    def show_value(self, value: Any) -> None:
        """Show a value that came from elsewhere."""


class Switch(QAbstractButton):
    """On or off; Space and Enter turn it."""

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedSize(self.sizeHint())
        self.clicked.connect(lambda: self.changed.emit())

    @property
    def value(self) -> bool:
        """Whether it is on."""
        return self.isChecked()

    def show_value(self, value: Any) -> None:
        """See `Control`."""
        self.setChecked(bool(value))

    def sizeHint(self) -> QSize:
        """The track and the focus ring around it."""
        size = self._theme.sizes
        return QSize(size.switch_width + size.space_xs, size.switch_height + size.space_xs)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter does what Space does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A track with a knob, and a ring around it with the keyboard."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors, size = self._theme.colors, self._theme.sizes
        ring = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if self.hasFocus():
            painter.setPen(QPen(colors.blue, size.border))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(ring, ring.height() / 2, ring.height() / 2)
        if not self.isEnabled():
            painter.setOpacity(self._theme.opacity.dim_text)
        track = QRectF(0, 0, size.switch_width, size.switch_height)
        track.moveCenter(QRectF(self.rect()).center())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.blue if self.isChecked() else colors.border)
        painter.drawRoundedRect(track, track.height() / 2, track.height() / 2)
        inset = track.height() / 2
        knob = QPointF(track.right() - inset if self.isChecked() else track.left() + inset, track.center().y())
        painter.setBrush(colors.bg_primary if self.isChecked() else colors.text_soft)
        painter.drawEllipse(knob, size.switch_knob / 2, size.switch_knob / 2)


class _Whole(QSpinBox):
    """The mouse wheel scrolls the page, unless the field has the keyboard."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """See the class."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class _Fraction(QDoubleSpinBox):
    """As `_Whole`."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """See the class."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class Number(QWidget):
    """A number within bounds: typed (taken with Enter or when the field is left), or by arrow keys and buttons."""

    changed = Signal()

    def __init__(
        self, theme: Theme, *, low: float, high: float, is_whole: bool, unit: str = "", has_buttons: bool = True
    ) -> None:
        super().__init__()
        self.field: QSpinBox | QDoubleSpinBox = _Whole() if is_whole else _Fraction()
        """Where the number stands; values out of bounds cannot be entered."""
        field = self.field
        if isinstance(field, QSpinBox):
            field.setRange(int(low), int(high))
            field.setSingleStep(1 if high - low <= 200 else 10 if high - low <= 2000 else 100)
        else:
            field.setDecimals(2)
            field.setRange(low, high)
            field.setSingleStep(0.05 if high - low <= 1 else 0.5)
        # Half a number is none: with "5" of "5000" the scrollback would be gone.
        field.setKeyboardTracking(False)
        # Its own buttons are made invisible by the style sheet: without any, Qt 6.11 gives a styled field no room.
        field.setFixedHeight(theme.sizes.button_height)
        field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        field.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        field.setFixedWidth(theme.sizes.number_width if has_buttons else theme.sizes.number_narrow)
        field.valueChanged.connect(lambda: self.changed.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.sizes.space_xs)
        self._less = self._stepper(theme, "−", "Less", -1)
        self._more = self._stepper(theme, "+", "More", 1)
        row.addWidget(self._less)
        row.addWidget(field)
        row.addWidget(self._more)
        self._less.setVisible(has_buttons)
        self._more.setVisible(has_buttons)
        if unit:
            row.addSpacing(theme.sizes.space_xs)
            row.addWidget(label(theme, unit, theme.fonts.label(), "text-soft"))
        row.addStretch(1)
        self.setFocusProxy(field)

    @property
    def value(self) -> int | float:
        """The number; what is being typed is taken first."""
        self.field.interpretText()
        return self.field.value()

    def show_value(self, value: Any) -> None:
        """See `Control`."""
        self.field.blockSignals(True)
        if isinstance(self.field, QSpinBox):
            self.field.setValue(int(value))
        else:
            self.field.setValue(float(value))
        self.field.blockSignals(False)

    def setAccessibleName(self, name: str) -> None:
        """The field is what a screen reader finds."""
        self.field.setAccessibleName(name)
        self._less.setAccessibleName(f"{name}: less")
        self._more.setAccessibleName(f"{name}: more")

    def _stepper(self, theme: Theme, text: str, name: str, step: int) -> QPushButton:
        """For the mouse; the keyboard has the arrow keys."""
        widget = QPushButton(text)
        widget.setProperty("compact", True)
        widget.setFixedWidth(theme.sizes.button_height)
        widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        widget.setAutoRepeat(True)
        widget.setToolTip(name)
        widget.clicked.connect(lambda: self.field.stepBy(step))
        return widget


class SliderNumber(QWidget):
    """A whole number with a slider beside it; `moved` while it is dragged, `changed` when it is let go."""

    changed = Signal()
    moved = Signal()

    def __init__(self, theme: Theme, *, low: int, high: int) -> None:
        super().__init__()
        self.slider = _Slider(Qt.Orientation.Horizontal)
        """For the mouse; the field has the keyboard."""
        self.slider.setRange(low, high)
        self.slider.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.number = Number(theme, low=low, high=high, is_whole=True)
        self.number.changed.connect(self._typed)
        self.slider.valueChanged.connect(self._slid)
        self.slider.sliderReleased.connect(lambda: self.changed.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.sizes.space_s)
        row.addWidget(self.slider, 1)
        row.addWidget(self.number)
        self.setFocusProxy(self.number.field)

    @property
    def value(self) -> int:
        """The number, also while the slider is dragged."""
        return int(self.number.value)

    def show_value(self, value: Any) -> None:
        """See `Control`; a slider in the user's hand stays there."""
        if self.slider.isSliderDown():
            return
        self.number.show_value(value)
        self.slider.blockSignals(True)
        self.slider.setValue(int(value))
        self.slider.blockSignals(False)

    def setAccessibleName(self, name: str) -> None:
        """See `Number`."""
        self.number.setAccessibleName(name)
        self.slider.setAccessibleName(f"{name}: slider")

    def _slid(self, value: int) -> None:
        self.number.show_value(value)
        self.moved.emit()
        if not self.slider.isSliderDown():
            self.changed.emit()

    def _typed(self) -> None:
        self.show_value(self.number.value)
        self.moved.emit()
        self.changed.emit()


class _Slider(QSlider):
    """The mouse wheel scrolls the page."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """See the class."""
        event.ignore()


class Segments(QWidget):
    """A few choices side by side; arrow keys choose."""

    changed = Signal()

    def __init__(self, theme: Theme, choices: Sequence[str]) -> None:
        super().__init__()
        self._choices = list(choices)
        self._group = QButtonGroup(self)
        self._name = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.sizes.space_xs)
        for index, choice in enumerate(self._choices):
            widget = QPushButton(choice_label(choice))
            widget.setCheckable(True)
            widget.setProperty("choice", True)
            widget.setCursor(Qt.CursorShape.PointingHandCursor)
            self._group.addButton(widget, index)
            row.addWidget(widget)
        row.addStretch(1)
        self._group.idToggled.connect(self._toggled)
        self.setFocusProxy(self._group.button(0))

    @property
    def value(self) -> str:
        """The choice."""
        return self._choices[max(0, self._group.checkedId())]

    def show_value(self, value: Any) -> None:
        """See `Control`."""
        self._group.blockSignals(True)
        chosen = self._group.button(self._choices.index(value))
        chosen.setChecked(True)
        self._group.blockSignals(False)
        self.setFocusProxy(chosen)

    def setAccessibleName(self, name: str) -> None:
        """Each button says what it chooses."""
        for widget in self._group.buttons():
            widget.setAccessibleName(f"{name}: {widget.text()}")

    def _toggled(self, index: int, is_checked: bool) -> None:
        if is_checked:
            # Tab stops at the choice, as Qt does it for such a group.
            self.setFocusProxy(self._group.button(index))
            self.changed.emit()


class Choices(QComboBox):
    """One of many, in a list that drops down."""

    changed = Signal()

    def __init__(self, theme: Theme, choices: Sequence[tuple[str, str]]) -> None:
        """`choices`: value and what is shown."""
        super().__init__()
        self._theme = theme
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedWidth(theme.sizes.control_width)
        for value, shown in choices:
            self.addItem(shown, value)
        self.activated.connect(lambda: self.changed.emit())

    @property
    def value(self) -> str:
        """The value chosen."""
        return str(self.currentData())

    def show_value(self, value: Any) -> None:
        """See `Control`; a value that is not among the choices is added to them."""
        if self.findData(value) < 0:
            self.addItem(str(value), value)
        self.setCurrentIndex(self.findData(value))

    def setAccessibleName(self, name: str) -> None:
        """Also of the list."""
        super().setAccessibleName(name)
        self.view().setAccessibleName(name)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The field, and an angle that says it opens."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colors.text_soft, 1.5 * self._theme.sizes.border))
        half = self._theme.sizes.space_xs
        x, y = self.width() - self._theme.sizes.space_l, self.height() / 2
        points = [QPointF(x - half, y - half / 2), QPointF(x, y + half / 2), QPointF(x + half, y - half / 2)]
        painter.drawPolyline(points)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel scrolls the page."""
        event.ignore()


class TextLine(QLineEdit):
    """A line of text, taken with Enter or when it is left."""

    changed = Signal()

    def __init__(self, theme: Theme, *, placeholder: str = "", suggestions: Callable[[], Sequence[str]] | None = None) -> None:
        """`suggestions` are asked for when the field is first used."""
        super().__init__()
        self._suggestions = suggestions
        self._known = ""
        self.setPlaceholderText(placeholder)
        self.setFixedWidth(theme.sizes.control_width)
        self.editingFinished.connect(self._finished)

    @property
    def value(self) -> str:
        """The text."""
        return self.text()

    def show_value(self, value: Any) -> None:
        """See `Control`; what is being typed stays."""
        if not self.hasFocus() or self.text() == self._known:
            self.setText(str(value))
        self._known = str(value)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The first time: have suggestions."""
        super().focusInEvent(event)
        if self._suggestions is not None and self.completer() is None:
            completer = QCompleter(list(self._suggestions()), self)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            self.setCompleter(completer)

    def _finished(self) -> None:
        if self.text() != self._known:
            self._known = self.text()
            self.changed.emit()


def fixed_pitch_families() -> list[str]:
    """Fonts whose characters are all equally wide."""
    return [family for family in QFontDatabase.families() if QFontDatabase.isFixedPitch(family)]


def control_for(theme: Theme, setting: Setting, choices: Sequence[tuple[str, str]] | None = None) -> Control:
    """The control of a switch, number, choice or text; `choices` (value, shown) for a text that is one of several."""
    match setting.kind:
        case "switch":
            return Switch(theme)
        case "whole" | "number":
            assert setting.low is not None
            assert setting.high is not None
            is_whole = setting.kind == "whole"
            return Number(theme, low=setting.low, high=setting.high, is_whole=is_whole, unit=setting.unit)
        case "choice" if len(setting.choices) <= MOST_SEGMENTS and _fits(theme, setting.choices):
            return Segments(theme, setting.choices)
        case "choice":
            return Choices(theme, [(choice, choice_label(choice)) for choice in setting.choices])
        case _ if choices is not None:
            return Choices(theme, choices)
        case _:
            families = fixed_pitch_families if setting.name == "ui.font_family" else None
            return TextLine(theme, placeholder="automatic" if setting.default == "" else "", suggestions=families)


def _fits(theme: Theme, choices: Sequence[str]) -> bool:
    """Whether the choices have room side by side."""
    size, metrics = theme.sizes, QFontMetrics(theme.fonts.body())
    words = sum(metrics.horizontalAdvance(choice_label(choice)) + 2 * size.space_s + 2 * size.border for choice in choices)
    return words + (len(choices) - 1) * size.space_xs <= size.control_width
