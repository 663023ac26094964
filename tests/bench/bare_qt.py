"""A Qt program with nothing but the gap monitor, as a control: what its event loop waits is the machine's doing.

Started by `gui_thread.py` beside the window, on the same screen. A line on its standard input starts the monitor, the next one
has it print what it measured, the end of the input ends it.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import QSocketNotifier
from PySide6.QtWidgets import QApplication, QWidget

from synk.ui.stalls import StallMonitor


def main() -> int:
    """Serve the input to its end."""
    application = QApplication([])
    window = QWidget()
    window.resize(64, 64)
    window.show()
    monitor = StallMonitor()
    notifier = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)

    def asked() -> None:
        match sys.stdin.readline().strip():
            case "start":
                monitor.start()
            case "stop":
                monitor.stop()
                print(json.dumps(asdict(monitor.report())), flush=True)
            case _:
                application.exit()

    notifier.activated.connect(asked)
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
