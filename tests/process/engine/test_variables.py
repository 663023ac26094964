"""The variables a class sets change neither the exit code of a command nor the files it makes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from synk.engine.classes import REPORT, load_classes
from synk.engine.commands import recognise

SHIPPED = load_classes(Path(__file__).resolve().parents[3] / "resources" / "commands")
PYTEST = f"{sys.executable} -m pytest -q -p no:cacheprovider"


def run(folder: Path, line: str, *, with_variables: bool) -> tuple[int, dict[str, bytes]]:
    """Exit code, and every file below `folder` with its content; dates and reports of the tools are left out."""
    cls = recognise(line, SHIPPED).cls
    report = str(folder.parent / "report")
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    if with_variables:
        variables |= {name: value.replace(REPORT, report) for name, value in {**cls.variables, **cls.appended}.items()}
    code = subprocess.run(["bash", "-c", line], cwd=folder, env=variables, capture_output=True, check=False).returncode
    files = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and ".git" not in path.parts
    }
    return code, files


@pytest.mark.parametrize(
    ("line", "files"),
    [
        (PYTEST, {"test_a.py": "def test_a(tmp_path):\n    (tmp_path / 'f').touch()\n"}),
        (PYTEST, {"test_a.py": "def test_a():\n    open('made', 'w').write('x')\n    assert 0\n"}),
        ("make", {"Makefile": "all:\n\techo x > made\n"}),
        ("make", {"Makefile": "all:\n\tfalse\n"}),
        ("git init -q src && git clone -q src out", {}),
        ("git clone /nowhere/at/all out", {}),
        (
            "node --test",
            {"a.test.js": "require('node:test').test('a', () => { require('fs').writeFileSync('made', process.env.CI || '') });"},
        ),
    ],
)
def test_a_command_ends_and_leaves_files_as_it_does_without_them(tmp_path: Path, line: str, files: dict[str, str]) -> None:
    found = []
    for with_variables in (False, True):
        folder = tmp_path / f"run{with_variables}" / "project"
        folder.mkdir(parents=True)
        for name, text in files.items():
            (folder / name).write_text(text)
        found.append(run(folder, line, with_variables=with_variables))
    assert found[0] == found[1]
