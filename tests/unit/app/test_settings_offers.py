"""What the settings dialog offers, and the machine it measures."""

import os
import subprocess
import sys
from pathlib import Path

from synk.app.about import about, packages
from synk.app.settings_offers import measured, offered, tree_bytes
from synk.base.paths import find_directories


def test_own_themes_and_languages_are_offered_but_not_in_safe_mode(tmp_path: Path) -> None:
    directories = find_directories(tmp_path)
    (directories.config / "themes").mkdir(parents=True)
    (directories.config / "themes" / "paper.toml").touch()
    (directories.config / "languages").mkdir()
    text = 'title = "Lua"\nkind = "console"\nargv = ["lua"]\n[console]\nprompt = "> "\n'
    (directories.config / "languages" / "lua.toml").write_text(text)
    found, safe = (offered("1.0", directories, is_safe=is_safe) for is_safe in (False, True))
    assert "paper" in found.themes
    assert "paper" not in safe.themes
    assert "python" in safe.languages
    assert "lua" not in safe.languages


def test_what_synk_is_made_of_has_versions_and_licenses(tmp_path: Path) -> None:
    names = [name.split(" ")[0].lower() for name, _ in packages()]
    assert {"ptyprocess", "pyte", "pydantic", "platformdirs", "tomlkit", "psutil"} <= set(names)
    found = about("1.0", find_directories(tmp_path))
    assert ("Settings", str(tmp_path / "config" / "settings.toml")) in found.directories
    assert [row for row in (*found.parts, *found.system) if not all(row) or "UNKNOWN" in row] == []


def test_shells_and_sessions_are_averaged_with_the_programs_in_them() -> None:
    script = (
        "import subprocess, sys; child = subprocess.Popen(['sleep', '100']); print('up', flush=True); sys.stdin.read();"
        " child.kill(); child.wait()"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"up\n"
        rows = [
            {"state": "idle", "pid": 1, "memory_bytes": 8_000_000},
            {"state": "idle", "pid": 2, "memory_bytes": 4_000_000},
            {"state": "idle", "pid": 3, "memory_bytes": None},
            {"state": "active", "pid": parent.pid, "memory_bytes": 1},
        ]
        machine = measured(rows)
        assert machine.idle_shell_bytes == 6_000_000
        assert machine.session_bytes is not None
        assert machine.session_bytes > 1_000_000
        assert 0 < machine.used_bytes < machine.installed_bytes
        assert machine.cores == len(os.sched_getaffinity(0))
        parent.communicate(b"")


def test_a_process_that_is_gone_needs_no_memory() -> None:
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    assert tree_bytes(gone.pid) == 0
    assert measured([]).session_bytes is None
