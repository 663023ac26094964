"""The README says what the code does: its tables are generated, its commands exist."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_tables_of_keys_and_settings_are_those_of_the_code() -> None:
    command = [sys.executable, ROOT / "packaging" / "readme.py", "--check"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"run packaging/readme.py {done.stderr}"


def test_files_and_folders_the_readme_names_exist() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    words = {word.strip("`.,;:()|") for word in text.split()}
    named = {word for word in words if word.startswith(("synk/", "resources/", "packaging/", "tests/", ".ci/"))}
    assert len(named) > 5
    assert [word for word in sorted(named) if "NAME" not in word and not (ROOT / word).exists()] == []
