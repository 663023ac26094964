"""Fixtures of the window tests."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from synk.ui.theme import Theme, dress, load_theme
from tests.gui.desk import Desk

LIMIT_MS = 30_000
"""A busy machine may need long; pytest-qt gives up after 5 s."""


class PatientBot(QtBot):
    """Waits so long."""

    def waitUntil(self, callback: Callable[[], object], *, timeout: int = LIMIT_MS) -> None:
        """Until it is true."""
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = LIMIT_MS, **options: Any) -> Any:
        """Until it was sent."""
        return super().waitSignal(signal, timeout=timeout, **options)

    def waitActive(self, widget: QWidget, *, timeout: int = LIMIT_MS) -> Any:
        """Until the window has the focus."""
        return super().waitActive(widget, timeout=timeout)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """The one of pytest-qt, with more patience."""
    del qapp
    return PatientBot(request)


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    theme = load_theme()
    dress(qapp, theme)
    return theme


@pytest.fixture(scope="session")
def _warm_qt(qapp: QApplication, theme: Theme) -> QApplication:
    """What Qt opens with the first window that takes the focus, and keeps, is open before the first count."""
    desk = Desk(theme)
    desk.window.show()
    qapp.processEvents()
    desk.close()
    qapp.processEvents()
    return qapp


@pytest.fixture
def make_desk(qtbot: QtBot, theme: Theme) -> Iterator[Callable[..., Desk]]:
    desks: list[Desk] = []

    def make(**options: Any) -> Desk:
        desk = Desk(theme, **options)
        desks.append(desk)
        qtbot.addWidget(desk.window.widget)
        with qtbot.waitActive(desk.window.widget):
            desk.window.show()
            desk.window.widget.activateWindow()
        return desk

    yield make
    for desk in desks:
        desk.close()


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk()
