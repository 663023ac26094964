"""A window of Qt's that does nothing but show what is typed: the least that a key's echo takes in Python and Qt.

Started as `bare_line.py COLOR PROGRAM ARGUMENT ...` beside other terminals (glass.py). It knows no sequence and one line of text,
behind a square of the prompt's color: a key goes to the program at once, what that answers within 0.4 ms is read at once, and one
call of `QPainter.drawText` paints the line.
"""

import contextlib
import os
import pty
import select
import sys

from PySide6.QtCore import QPointF, QRect, QSocketNotifier, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QApplication, QWidget

LINE = QRect(0, 0, 640, 20)
ECHO_S = 0.0004
SETTLE_MS = 6
"""As Synk: see `synk/ui/flushes.py`."""


class BareLine(QWidget):
    """One line."""

    def __init__(self, fd: int, color: str) -> None:
        super().__init__()
        self._fd = fd
        self._text = ""
        self._font = QFont("monospace")
        self._font.setPixelSize(13)
        self._ground, self._ink, self._prompt = QColor("black"), QColor("white"), QColor(color)
        self._notifier = QSocketNotifier(fd, QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._read)
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.timeout.connect(self._settle)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
        self.resize(LINE.width(), 420)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Straight to the program, and look for the answer."""
        data = event.text().encode()
        if data:
            os.write(self._fd, data)
            if select.select((self._fd,), (), (), ECHO_S)[0]:
                self._read()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The whole line."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._ground)
        painter.fillRect(QRect(4, 4, 10, 10), self._prompt)
        painter.setPen(self._ink)
        painter.setFont(self._font)
        painter.drawText(QPointF(60, 14), self._text)
        painter.end()

    def _read(self) -> None:
        data = b""
        with contextlib.suppress(OSError):
            data = os.read(self._fd, 65536)
        if not data:
            QApplication.quit()
        elif data.isalpha():
            self._text += data.decode()
        else:
            self._text = ""  # a prompt, or what answers Ctrl+U
        self.repaint(LINE)
        self._settling.start(SETTLE_MS)

    def _settle(self) -> None:
        store = self.backingStore()
        store.beginPaint(QRegion(self.rect()))
        store.endPaint()


def main() -> int:
    """Open it."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execvp(sys.argv[2], sys.argv[2:])
    application = QApplication(sys.argv[:1])
    window = BareLine(fd, sys.argv[1])
    window.show()
    return int(application.exec())


if __name__ == "__main__":
    sys.exit(main())
