"""The rules of the code's layout: imports point inward, one door per dependency, no clutter in the tree."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

RINGS = {
    0: {"base"},
    1: {"settings", "storage", "keys", "pty", "terminal", "git", "agents", "discovery"},
    2: {"sessions", "engine", "tasks", "orchestrators", "planner", "mcp", "hostclient", "hoststart", "host"},
    3: {"actions", "commands"},
    4: {"ui"},
    5: {"cli", "ctl", "app", "services", "__main__"},
}
"""Imports point to a smaller number; packages of ring 1 do not know each other."""

DOORS = {
    "PySide6": ("synk.ui", "synk.app.gui"),
    "shiboken6": ("synk.ui", "synk.app.gui"),
    "ptyprocess": ("synk.pty.spawn",),
    "pyte": ("synk.terminal.screen",),
    "wcwidth": ("synk.terminal.widths", "synk.terminal.graphemes"),
    "platformdirs": ("synk.base.paths",),
    "tomlkit": ("synk.settings.edit",),
    "pydantic": ("synk.settings", "synk.agents.catalog", "synk.mcp.tools", "synk.mcp.arguments", "synk.mcp.stdio"),
    "pydantic_core": ("synk.settings", "synk.agents.catalog"),
    "jeepney": ("synk.app.desktop_bus",),
    "psutil": ("synk.app", "synk.ui.panels"),
    "mcp": ("synk.mcp",),
    "mcp_types": ("synk.mcp",),
    "uvicorn": ("synk.mcp.http",),
    "keyring": ("synk.engine.keyring_store",),
    "starlette": ("synk.mcp.http",),
    "sqlite3": ("synk.storage",),
    # The window forks nothing, and what forks for it is in one place. The host asks a shell for its version.
    "subprocess": ("synk.git.repo", "synk.pty.shells"),
    "multiprocessing": (),
    # The extra `parse`; the program works without.
    "jc": ("synk.engine.outputs",),
    "yaml": ("synk.engine.outputs",),
}
"""Module (or package) names that may import a dependency; a dependency that is not named here may not be imported at all."""

STANDARD_ONLY = ("synk.host", "synk.pty")
"""Run in the host process: with everything they import they need the standard library and ptyprocess only."""

SLOW = {"ssl", "pydantic", "PySide6", "platformdirs", "numpy", "http", "urllib.request"}
"""Never in the host, which has to start fast and stay small."""


@dataclass(frozen=True, slots=True)
class Import:
    """One import statement of one module."""

    importer: str
    line: int
    module: str
    """Dotted name of what is imported; for `from package import module` the module."""
    is_for_types: bool
    """Below `if TYPE_CHECKING`: read by mypy, not run."""

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.module}"


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {module_name(path): path for path in sorted((ROOT / "synk").rglob("*.py"))}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in SOURCES.items()}


def imports_of(name: str) -> Iterator[Import]:
    tree = TREES[name]
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        for module in _modules(node):
            yield Import(name, getattr(node, "lineno", 0), module, id(node) in for_types)


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        below = [f"{node.module}.{alias.name}" for alias in node.names]
        return [name if name in SOURCES else node.module for name in below]
    if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
        function = node.func
        called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if called in ("import_module", "__import__") and isinstance(node.args[0].value, str):
            return [node.args[0].value]
    return []


IMPORTS = [found for name in SOURCES for found in imports_of(name)]


def package_of(module: str) -> str:
    """`terminal` of `synk.terminal.screen`, `cli` of `synk.cli`, "" of `synk` itself."""
    return module.partition(".")[2].partition(".")[0]


def ring_of(module: str) -> int:
    return next(ring for ring, packages in RINGS.items() if package_of(module) in packages)


def is_inside(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def tracked_files() -> list[Path]:
    """What belongs to the project: the files git tracks or would track."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


def test_every_package_has_a_ring() -> None:
    packages = {package_of(name) for name in SOURCES if name != "synk"}
    assert packages <= set().union(*RINGS.values())


def test_imports_point_inward() -> None:
    wrong = []
    for found in IMPORTS:
        if not is_inside(found.module, "synk") or found.module == "synk":
            continue
        outer, inner = ring_of(found.importer), ring_of(found.module)
        is_same_package = package_of(found.importer) == package_of(found.module)
        if inner > outer or (inner == outer == 1 and not is_same_package):
            wrong.append(str(found))
    assert wrong == []


def test_imports_name_modules_that_exist() -> None:
    assert [str(found) for found in IMPORTS if is_inside(found.module, "synk") and found.module not in SOURCES] == []


def test_each_dependency_comes_in_through_its_door() -> None:
    wrong = []
    for found in IMPORTS:
        top = found.module.partition(".")[0]
        if top == "synk" or (top in sys.stdlib_module_names and top not in DOORS):
            continue
        if not any(is_inside(found.importer, door) for door in DOORS.get(top, ())):
            wrong.append(str(found))
    assert wrong == []


def test_every_dependency_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [requirement for extra in project.get("optional-dependencies", {}).values() for requirement in extra]
    requirements = [*project["dependencies"], *extras]
    declared = {requirement.split(";")[0].split(">")[0].split("=")[0].strip().lower() for requirement in requirements}
    installed_by = {
        "PySide6": "pyside6-essentials",
        "shiboken6": "pyside6-essentials",
        "pydantic_core": "pydantic",
        "yaml": "pyyaml",
        "mcp_types": "mcp",
        "starlette": "mcp",
    }
    tops = {found.module.partition(".")[0] for found in IMPORTS} - sys.stdlib_module_names - {"synk"}
    assert {installed_by.get(top, top) for top in tops} <= declared


def test_the_host_runs_on_the_standard_library_and_ptyprocess() -> None:
    reached = [name for name in SOURCES if any(is_inside(name, package) for package in STANDARD_ONLY)]
    outside = []
    for name in reached:  # grows while we walk it
        for found in IMPORTS:
            if found.importer != name or found.is_for_types:
                continue
            top = found.module.partition(".")[0]
            if top == "synk" and found.module in SOURCES and found.module not in reached:
                reached.append(found.module)
            elif (top != "synk" and top not in sys.stdlib_module_names and top != "ptyprocess") or found.module in SLOW:
                outside.append(str(found))
    assert outside == []
    packages = {package_of(name) for name in reached}
    assert packages <= {"host", "pty", "base", ""}, "the host reaches into other parts"


def test_no_module_imports_itself_by_a_detour() -> None:
    graph = {
        name: {found.module for found in IMPORTS if found.importer == name and not found.is_for_types and found.module in SOURCES}
        for name in SOURCES
    }
    done: set[str] = set()

    def visit(name: str, path: list[str]) -> None:
        assert name not in path, " -> ".join([*path[path.index(name) :], name])
        if name not in done:
            for inner in graph[name]:
                visit(inner, [*path, name])
            done.add(name)

    for name in graph:
        visit(name, [])


def test_only_the_places_meant_for_it_start_processes() -> None:
    starters = {"fork", "forkpty", "system", "popen", "posix_spawn", "posix_spawnp", "spawnv", "spawnl"}
    allowed = {"synk.pty.spawn", "synk.hoststart", "synk.host.opening", "synk.host.runs.start", "synk.host.repls.process"} | {
        # Runs in an interpreter of its own that does nothing else.
        "synk.host.kernels.python_zygote",
    }
    found = {
        f"{name}:{node.lineno} calls os.{node.func.attr}"
        for name, tree in TREES.items()
        if name not in allowed
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in starters
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "os"
    }
    assert found == set()


def test_package_files_are_empty_and_modules_say_what_they_are_for() -> None:
    for name, path in SOURCES.items():
        if name == "synk.engine":
            # The library's public face: `from synk.engine import Engine`; its names are looked up when they are asked for.
            continue
        if path.name == "__init__.py":
            assert path.read_text(encoding="utf-8").strip() == "", f"{name} has code in __init__.py"
        else:
            docstring = ast.get_docstring(TREES[name])
            assert docstring, f"{name} has no docstring"
            assert docstring.split("\n\n")[0].rstrip().endswith("."), f"the first paragraph of {name}'s docstring is no sentence"


def test_module_names_say_what_they_hold() -> None:
    assert {path.stem for path in SOURCES.values()}.isdisjoint({"utils", "util", "helpers", "common", "misc", "core"})


def test_tests_do_not_wait_by_the_clock() -> None:
    waits = []
    for path in sorted((ROOT / "tests").rglob("*.py")):
        if is_inside(module_name(path), "tests.bench"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
                called = f"{node.func.value.id}.{node.func.attr}"
                if called in ("time.sleep", "qtbot.wait", "QTest.qWait", "asyncio.sleep"):
                    waits.append(f"{path.relative_to(ROOT)}:{node.lineno} {called}")
    assert waits == []


def test_no_lock_file_is_tracked() -> None:
    locks = {"uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "package-lock.json"}
    assert [str(path) for path in tracked_files() if path.name in locks] == []


def test_no_file_names_a_path_of_the_machine_it_was_written_on_or_a_package_registry() -> None:
    # Put together here, so that this file does not find itself.
    words = ["/" + "work/", "/" + "root/", "pypi" + ".org", "python" + "hosted", "npm" + "js.com"]
    found = []
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {word}" for word in words if word in text]
    assert found == []
