#!/usr/bin/env python3
"""Sets up a checkout of Synk and runs it: needs Python 3.11 and git, makes or names everything else.

    python3 packaging/dev.py run [ARGUMENTS OF SYNK]       starts Synk
    python3 packaging/dev.py test [ARGUMENTS OF PYTEST]    runs all tests
    python3 packaging/dev.py check                         ruff and mypy
    python3 packaging/dev.py bench [ARGUMENTS]             prints the table of benchmarks
    python3 packaging/dev.py setup                         only sets up

The environment is `.venv`, made with uv if that is there, else with venv and pip. System packages that are
missing are installed with apt when this runs as root; else the exact line is printed and the exit status is 3.
Standard library only.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "synk-setup"
OLDEST = (3, 11)

CANNOT_START = 3
"""Exit status if the machine lacks something that only the user can give."""

WORKERS = "3"
"""Processes that run tests which wait."""
TEST_PROGRAMS = {
    "bash": "bash",
    "zsh": "zsh",
    "fish": "fish",
    "git": "git",
    "vim": "vim",
    "less": "less",
    "tmux": "tmux",
    "ps": "procps",
    "htop": "htop",
    "Xvfb": "xvfb",
    "xdotool": "xdotool",
    "dbus-daemon": "dbus",
}
"""Programs that tests drive, and the Debian packages that hold them."""


def main(arguments: Sequence[str]) -> int:
    """Do what the first argument says; the program that does it takes this process over."""
    verb, rest = (arguments[0], list(arguments[1:])) if arguments else ("", [])
    if verb not in ("run", "test", "check", "bench", "setup"):
        print(__doc__, file=sys.stdout if verb in ("-h", "--help") else sys.stderr)
        return 0 if verb in ("-h", "--help") else 2
    use_new_python(arguments)
    system = load_system()
    if verb == "run":
        return run(system, rest)
    if verb == "test":
        return test(system, rest)
    needed = [] if verb == "check" else libraries(system, for_window=True, display=":0")
    install(system, [*needed, *environment_packages()])
    set_up_environment()
    if verb == "bench":
        take_over([str(PYTHON), str(ROOT / "tests" / "bench" / "run.py"), *rest])
    if verb == "check":
        results = [subprocess.run([PYTHON, "-m", *tool], cwd=ROOT, check=False) for tool in (["ruff", "check", "."], ["mypy"])]
        return max(result.returncode for result in results)
    return 0


def run(system: ModuleType, arguments: Sequence[str]) -> int:
    """Start Synk; for a window only if there is a display."""
    needs_window = system.opens_window(arguments)
    if needs_window and not system.has_display(os.environ):
        print(system.no_display_text("python3 packaging/dev.py run"), file=sys.stderr)
        return CANNOT_START
    is_picture = any(word.partition("=")[0] == "--screenshot" for word in arguments)
    packages = libraries(system, for_window=needs_window) if needs_window or is_picture else []
    install(system, [*packages, *environment_packages()])
    set_up_environment()
    take_over([str(VENV / "bin" / "synk"), *arguments])


def test(system: ModuleType, arguments: Sequence[str]) -> int:
    """Run the tests without a display; those with a real window start their own."""
    programs = [package for program, package in TEST_PROGRAMS.items() if not shutil.which(program)]
    needed = [*libraries(system, for_window=True, display=":0"), *environment_packages()]
    if arguments and not can_install():
        # Some tests only: they may well do without zsh.
        if programs:
            print(f"Some tests will fail: {system.apt_line(programs)}", file=sys.stderr)
        programs = []
    install(system, [*needed, *programs])
    set_up_environment()
    os.chdir(ROOT)
    if arguments:
        take_over([str(PYTHON), "-m", "pytest", *arguments], QT_QPA_PLATFORM="offscreen")
    return test_everything()


def test_everything() -> int:
    """All tests, in two parts side by side; what the second part says comes when the first is done.

    Tests of real processes wait most of the time, for shells, for the end of stubborn programs: 9 minutes in a row, 3 in
    a few workers beside all others, which compute, and for which Qt wants to be set up once.
    """
    waiting = ["tests/process", "tests/e2e"]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    pytest = [str(PYTHON), "-m", "pytest"]
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as said:
        # A folder of its own, because workers make paths longer: one line has to hold a prompt with such a path.
        beside = ["-n", WORKERS, "--dist", "loadfile", "--basetemp", f"{folder}/t", *waiting]
        with subprocess.Popen([*pytest, *beside], env=environment, stdout=said, stderr=said) as waits:
            computes = subprocess.run([*pytest, *(f"--ignore={each}" for each in waiting)], env=environment, check=False)
        said.seek(0)
        shutil.copyfileobj(said, sys.stdout.buffer)
        sys.stdout.flush()
    return max(computes.returncode, waits.returncode)


def take_over(command: Sequence[str], **variables: str) -> NoReturn:
    """Become `command`: its signals, output and exit status are ours."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(command[0], list(command), {**os.environ, **variables})


def use_new_python(arguments: Sequence[str]) -> None:
    """Start again with Python 3.11 or newer if this one is older."""
    if sys.version_info >= OLDEST:
        return
    again = [str(Path(__file__).resolve()), *arguments]
    for minor in range(OLDEST[1], 30):
        if found := shutil.which(f"python3.{minor}"):
            os.execv(found, [found, *again])
    if uv := shutil.which("uv"):
        os.execv(uv, [uv, "run", "--no-project", "--python", ">=3.11", "python", *again])
    print(
        f"Synk needs Python 3.11 or newer, this is {sys.version.split()[0]}.\n"
        "Install it with: sudo apt-get install --yes python3.11 python3.11-venv",
        file=sys.stderr,
    )
    raise SystemExit(CANNOT_START)


def load_system() -> ModuleType:
    """`synk/base/system.py`, which knows what Qt needs, loaded by its path: nothing is installed yet."""
    spec = importlib.util.spec_from_file_location("synk_system", ROOT / "synk" / "base" / "system.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up there
    spec.loader.exec_module(module)
    return module


def libraries(system: ModuleType, *, for_window: bool, display: str = "") -> list[str]:
    """The packages of libraries that Qt needs and this machine lacks; `display` as if DISPLAY were set to it."""
    environment = {"DISPLAY": display} if display else os.environ
    missing = system.missing_libraries(for_window=for_window, environment=environment)
    if missing and not shutil.which("apt-get"):
        print(system.missing_libraries_text(missing), file=sys.stderr)
        raise SystemExit(CANNOT_START)
    return [library.package for library in missing]


def environment_packages() -> list[str]:
    """The package that holds what `python3 -m venv` needs, if it is needed and missing: Debian splits it off."""
    if is_set_up() or shutil.which("uv") or has_pip() or all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        return []
    return [f"python3.{sys.version_info.minor}-venv"]


def can_install() -> bool:
    """True if packages can be installed without asking anybody."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(system: ModuleType, packages: Sequence[str]) -> None:
    """Install packages with apt, or say how and exit."""
    if not packages:
        return
    line = system.apt_line(packages)
    if not can_install():
        print(f"Some system packages are missing. Install them, then run this again:\n{line}", file=sys.stderr)
        raise SystemExit(CANNOT_START)
    print(f"Installing system packages: {' '.join(dict.fromkeys(packages))}", file=sys.stderr)
    options = ["-qq", "-o", "DPkg::Lock::Timeout=300"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update"], system.apt_arguments(packages)):
        done = call(["apt-get", *options, *step], env=environment)
        if done != 0 and step != ["update"]:
            print(f"apt could not do it. By hand: {line}", file=sys.stderr)
            raise SystemExit(CANNOT_START)


def set_up_environment() -> None:
    """Make `.venv` with Synk (editable) and everything tests need, unless it is there already."""
    if is_set_up():
        return
    with locked():
        if is_set_up():
            return
        print("Setting up .venv; this takes about a minute, once ...", file=sys.stderr)
        wanted = ["--editable", str(ROOT), *development_packages()]
        if not (install_with_uv(wanted) or install_with_pip(wanted)):
            print("The environment could not be set up; see the messages above.", file=sys.stderr)
            raise SystemExit(1)
        STAMP.write_text(fingerprint(), encoding="utf-8")


def install_with_uv(wanted: Sequence[str]) -> bool:
    """False if there is no uv, or it fails: it knows nothing of pip's configuration, so pip may still get on."""
    uv = shutil.which("uv")
    if uv is None:
        return False
    if not can_run(PYTHON) and call([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(VENV)]) != 0:
        return False
    if call([uv, "pip", "install", "--quiet", "--python", str(PYTHON), *wanted]) == 0:
        return True
    print("uv could not install everything; trying venv and pip.", file=sys.stderr)
    return False


def install_with_pip(wanted: Sequence[str]) -> bool:
    """Make the environment with the standard library, if it is missing or has no pip, and fill it."""
    if not has_pip():
        clear = [] if can_run(PYTHON) else ["--clear"]
        if call([sys.executable, "-m", "venv", *clear, str(VENV)]) != 0:
            return False
    return call([str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted]) == 0


def development_packages() -> list[str]:
    """The group `dev` of pyproject.toml. Debian 12's pip is older than its option `--group`."""
    groups: dict[str, list[str]] = read_pyproject()["dependency-groups"]
    return groups["dev"]


def read_pyproject() -> dict[str, Any]:
    """What pyproject.toml says."""
    import tomllib

    with open(ROOT / "pyproject.toml", "rb") as file:
        return tomllib.load(file)


def is_set_up() -> bool:
    """True if `.venv` was filled from this pyproject.toml at this place, and its Python still runs."""
    try:
        return STAMP.read_text(encoding="utf-8") == fingerprint() and os.access(PYTHON, os.X_OK)
    except OSError:
        return False


def fingerprint() -> str:
    """Changes when the environment has to be filled again: other dependencies, or a checkout that was moved."""
    return hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + bytes(ROOT)).hexdigest()


def has_pip() -> bool:
    """True if `.venv` exists and has pip; one made by uv has none."""
    return can_run(PYTHON, "-m", "pip", "--version")


def can_run(program: Path, *arguments: str) -> bool:
    """True if `program` starts and ends with status 0."""
    try:
        return subprocess.run([program, *(arguments or ["-c", ""])], check=False, capture_output=True).returncode == 0
    except OSError:
        return False


def call(command: Sequence[str], env: dict[str, str] | None = None) -> int:
    """Run a step of the set-up; its output goes to stderr, because stdout belongs to the program that is started."""
    return subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=sys.stderr, env=env).returncode


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """Hold off a second set-up of this checkout; the lock is on pyproject.toml, so no file is left behind."""
    with open(ROOT / "pyproject.toml", "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
