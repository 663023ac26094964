"""The leak checks of tests/conftest.py see what they are there for."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = (Path(__file__).parents[1] / "conftest.py").read_text(encoding="utf-8")

LEAKS = {
    "thread": "threading.Thread(target=threading.Event().wait, name='lost', daemon=True).start()",
    "child": "subprocess.Popen(['sleep', '1000'])",
    "fd": "os.dup(0)",
}


@pytest.fixture
def outcome(tmp_path: Path) -> "Outcome":
    return Outcome(tmp_path)


class Outcome:
    """Runs a test file of one test with our conftest.py, in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, body: str) -> str:
        """Pytest's output for a test with this body."""
        conftest = CONFTEST.replace("SETTLE_S = 10.0", "SETTLE_S = 0.1")
        (self._folder / "conftest.py").write_text(conftest, encoding="utf-8")
        test = f"import os, subprocess, threading\ndef test_it():\n    {body}\n"
        (self._folder / "test_it.py").write_text(test, encoding="utf-8")
        (self._folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(self._folder)]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True, cwd=self._folder
        )
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith(("1 passed", "1 failed")):
                break
        os.killpg(process.pid, signal.SIGKILL)
        process.stdout.close()
        process.wait()
        return "".join(lines)


@pytest.mark.parametrize("kind", LEAKS)
def test_a_test_that_leaves_something_behind_fails(outcome: Outcome, kind: str) -> None:
    output = outcome.of(LEAKS[kind])
    assert f"left behind: {kind} " in output
    assert "1 error" in output


def test_a_clean_test_passes(outcome: Outcome) -> None:
    output = outcome.of("threading.Thread(target=int).start(); subprocess.run(['true']); os.close(os.dup(0))")
    assert "1 passed" in output
    assert "error" not in output
