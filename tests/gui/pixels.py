"""What a terminal shows on the screen, as the window system was given it: not what it would paint if it were asked."""

from PySide6.QtCore import QRect
from PySide6.QtGui import QGuiApplication, QImage

from synk.ui.terminal.terminal_view import TerminalView
from tests.gui.desk import Desk


def shows(desk: Desk, text: str) -> None:
    """The program of the first session prints, and it is painted."""
    desk.manager.prints(1, text.encode())
    desk.hub.deliver()
    desk.pane(1).view.flush()


def seen(view: TerminalView) -> QImage:
    """The pixels of a view on the screen."""
    picture = QGuiApplication.primaryScreen().grabWindow(int(view.window().winId())).toImage()
    return picture.copy(QRect(view.mapTo(view.window(), view.rect().topLeft()), view.size()))


def painted_anew(view: TerminalView) -> QImage:
    """The same once every row has been painted."""
    view.repaint()
    return seen(view)
