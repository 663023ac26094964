"""PySide6 gives back every reference to None it takes; 6.12.0 on Python 3.11 does not, and aborts after a while."""

import subprocess
import sys

CALLS = 2000
"""The defect loses one reference per call; the interpreter dies after about 5,000."""

PROGRAM = f"""
import sys
from PySide6.QtCore import QObject
object = QObject()
object.blockSignals(False)
object.setObjectName("x")
before = sys.getrefcount(None)
for _ in range({CALLS}):
    object.setObjectName("x")
print(sys.getrefcount(None) - before)
"""


def test_calls_that_return_nothing_leave_the_reference_count_of_none_alone() -> None:
    """In a process of its own: with the defect the interpreter aborts sooner or later."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert abs(int(done.stdout)) < CALLS / 10


def test_a_long_run_of_calls_does_not_end_the_interpreter() -> None:
    program = PROGRAM.replace(str(CALLS), "50000")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
