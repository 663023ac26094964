#!/usr/bin/env python3
"""Builds what people install: a frozen program that needs no Python, and a Debian package of it.

    python3 packaging/build.py              the tree, its smoke test, and the package
    python3 packaging/build.py tree         build/synk/, made by PyInstaller
    python3 packaging/build.py smoke        starts that tree in an empty profile, offscreen
    python3 packaging/build.py deb          build/synk_VERSION_ARCH.deb from the tree

Everything goes below `build/`. PyInstaller comes from the group `package` of pyproject.toml, into an environment of its own.
"""

import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
TREE = BUILD / "synk"
PROGRAM = TREE / "synk"
PACKAGING = ROOT / "packaging"
LIMIT_MB = 60
"""Of the package (target S22)."""
ICON_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
SCREENSHOT_LIMIT_S = 120
MAINTAINER = "The Synk developers <synk@localhost>"


def main(arguments: Sequence[str]) -> int:
    """Do the steps that are named, in their order; all of them if none is."""
    steps = {"tree": build_tree, "smoke": smoke, "deb": build_deb}
    if any(word not in steps for word in arguments):
        print(__doc__, file=sys.stderr)
        return 2
    if not is_build_environment():
        return build_environment(arguments)
    for name, step in steps.items():
        if not arguments or name in arguments:
            print(f"-- {name}", flush=True)
            step()
    return 0


def is_build_environment() -> bool:
    """Whether this runs in `build/venv`, which has Synk, what it needs, and PyInstaller: nothing else may get into the tree."""
    return Path(sys.prefix) == BUILD / "venv"


def build_environment(arguments: Sequence[str]) -> int:
    """Make or refresh that environment and run again in it."""
    import tomllib

    python = BUILD / "venv" / "bin" / "python"
    if not python.exists():
        run([sys.executable, "-m", "venv", str(BUILD / "venv")])
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"{ROOT}[parse]", *groups["package"]])
    # Of this installed copy only the version counts: PyInstaller takes the checkout.
    return subprocess.run([str(python), str(PACKAGING / "build.py"), *arguments], check=False).returncode


def build_tree() -> None:
    """Freeze the program."""
    shutil.rmtree(TREE, ignore_errors=True)
    options = ["--noconfirm", "--log-level", "WARN", "--distpath", str(BUILD), "--workpath", str(BUILD / "work")]
    run([sys.executable, "-m", "PyInstaller", *options, str(PACKAGING / "synk.spec")], cwd=ROOT)
    if shutil.which("strip"):
        # A Python built by hand has its debug symbols in it: 20 MB.
        libraries = [str(file) for file in TREE.rglob("*.so*") if not file.is_symlink() and "PySide6" not in file.parts]
        run(["strip", "--strip-unneeded", *libraries])
    size = sum(file.stat().st_size for file in TREE.rglob("*") if file.is_file() and not file.is_symlink())
    print(f"{TREE.relative_to(ROOT)}: {size / 1e6:.0f} MB")


def smoke() -> None:
    """Start the frozen program as its user would; everything it finds by name must be there.

    Raises:
        SystemExit: something is missing.
    """
    with tempfile.TemporaryDirectory(prefix="synk-smoke-") as folder:
        Smoke(Path(folder)).run()


class Smoke:
    """A profile of its own, and the checks one after the other."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._profile = folder / "profile"
        home = folder / "home"
        home.mkdir()
        keep = {name: os.environ[name] for name in ("PATH", "LANG", "USER") if name in os.environ}
        self._environment = {**keep, "HOME": str(home), "SHELL": "/bin/bash", "QT_QPA_PLATFORM": "offscreen"}

    def run(self) -> None:
        """All checks; the host ends in any case."""
        try:
            self._check_command_line()
            self._check_window()
        finally:
            self._synk("host", "stop", check=False)

    def _check_command_line(self) -> None:
        expect(self._synk("--version").startswith("synk "), "--version")
        expect(self._synk("exec", "--", "sh", "-c", "echo out; echo err >&2") == "out\n", "exec prints what its command prints")
        inherited = self._synk("exec", "--", "env")
        expect("_PYI_" not in inherited and "LD_LIBRARY_PATH" not in inherited, "programs inherit nothing of the boot loader")
        if shutil.which("python3"):
            failed = json.loads(self._run("exec", "--json", "--", "python3", "-c", "import nosuchmodule").stdout)
            expect("nosuchmodule" in json.dumps(failed["error"]), "command classes explain a failure")
            repl = self._synk("repl", "start", "python").strip()
            expect(self._synk("repl", "exec", repl, "6 * 7").strip() == "42", "a Python kernel runs")
        expect("efs_exec" in self._listed_tools(), "the MCP server lists its tools")

    def _listed_tools(self) -> str:
        """What an MCP client reads from `synk mcp` after the handshake."""
        start = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "smoke", "version": "1"}}
        messages = (
            {"id": 1, "method": "initialize", "params": start},
            {"method": "notifications/initialized"},
            {"id": 2, "method": "tools/list"},
        )
        command = [str(PROGRAM), "--profile", str(self._profile), "mcp"]
        with subprocess.Popen(
            command, env=self._environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as server:
            assert server.stdin is not None
            assert server.stdout is not None
            for message in messages:
                server.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
            server.stdin.flush()
            said = "".join(server.stdout.readline() for _ in range(2))
            server.stdin.close()
        return said

    def _check_window(self) -> None:
        window = subprocess.Popen([PROGRAM, "--profile", self._profile, self._folder], env=self._environment)
        try:
            self._until(lambda: self._answer("list") is not None, "the window answers")
            self._until(lambda: (self._answer("pool-stats") or {}).get("idle", 0) >= 2, "the pool is warm")
            session = json.loads(self._synk("ctl", "new", "--json"))["session"]
            self._synk("ctl", "wait-for", f"session:{session}", "status=idle")
            self._synk("ctl", "send-text", f"session:{session}", "echo $((6*7))-done", "--enter")
            self._synk("ctl", "wait-for", f"session:{session}", "text=42-done")
            picture = self._folder / "window.png"
            self._synk("ctl", "screenshot", str(picture))
            expect(picture.stat().st_size > 10_000, "a screenshot shows something")
            shutil.copyfile(picture, BUILD / "smoke.png")
        finally:
            window.terminate()
            window.wait(30)

    def _answer(self, verb: str) -> dict[str, Any] | None:
        done = self._run("ctl", verb, "--json")
        return dict(json.loads(done.stdout)) if done.returncode == 0 else None

    def _until(self, holds: Any, what: str) -> None:
        deadline = time.monotonic() + 60
        while not (is_held := bool(holds())) and time.monotonic() < deadline:
            pass  # each look is a program that runs
        expect(is_held, what)

    def _synk(self, *arguments: str, check: bool = True) -> str:
        done = self._run(*arguments)
        if check and done.returncode != 0:
            raise SystemExit(f"synk {' '.join(arguments)}: status {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        is_option = arguments[0].startswith("-")
        command = [str(PROGRAM), *(() if is_option else ("--profile", str(self._profile))), *arguments]
        return subprocess.run(
            command, env=self._environment, capture_output=True, text=True, timeout=SCREENSHOT_LIMIT_S, check=False
        )


def expect(holds: bool, what: str) -> None:
    """Say that it holds, or end."""
    if not holds:
        raise SystemExit(f"FAILED: {what}")
    print(f"ok: {what}", flush=True)


def build_deb() -> None:
    """Lay out the package as the Debian policy wants it, and pack it.

    Raises:
        SystemExit: it is larger than it may be.
    """
    version, architecture = version_of("synk"), output(["dpkg", "--print-architecture"])
    with tempfile.TemporaryDirectory(prefix="synk-deb-") as folder:
        stage = Path(folder)
        os.chmod(stage, 0o755)
        shutil.copytree(TREE, stage / "usr/lib/synk", symlinks=True)
        place(stage / "usr/bin").mkdir()
        (stage / "usr/bin/synk").symlink_to("../lib/synk/synk")
        share = stage / "usr/share"
        write(share / "applications/synk.desktop", (PACKAGING / "linux/synk.desktop").read_text(encoding="utf-8"))
        write(share / "metainfo/dev.synk.Synk.metainfo.xml", metainfo(version))
        write(share / "doc/synk/copyright", copyright_text())
        pack(share / "doc/synk/NEWS.gz", (PACKAGING / "CHANGELOG.md").read_bytes())
        pack(share / "doc/synk/changelog.gz", changelog(version).encode())
        pack(share / "man/man1/synk.1.gz", output([sys.executable, str(PACKAGING / "manual.py")]).encode() + b"\n")
        icons(share / "icons/hicolor")
        size_kb = sum(file.lstat().st_size for file in stage.rglob("*")) // 1024
        write(stage / "DEBIAN/control", control(version, architecture, size_kb))
        package = BUILD / f"synk_{version}_{architecture}.deb"
        run(["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(stage), str(package)])
    megabytes = package.stat().st_size / 1e6
    expect(megabytes < LIMIT_MB, f"{package.relative_to(ROOT)} has {megabytes:.0f} MB, at most {LIMIT_MB}")


def control(version: str, architecture: str, size_kb: int) -> str:
    """The package's description; its libraries are those the program itself looks for at the start."""
    from synk.base.system import QT_LIBRARIES, X11_LIBRARIES

    needed = [f"{library.package} | {library.package}t64" for library in (*QT_LIBRARIES, *X11_LIBRARIES)]
    lines = {
        "Package": "synk",
        "Version": version,
        "Architecture": architecture,
        "Maintainer": MAINTAINER,
        "Installed-Size": str(size_kb),
        "Depends": ", ".join(["libc6 (>= 2.28)", *needed]),
        "Recommends": "bash, git",
        "Suggests": "zsh, fish",
        "Section": "utils",
        "Priority": "optional",
        "Description": "many shells, REPLs and coding agents side by side\n"
        " Synk is a keyboard-driven command center: a grid of terminals in which shells,\n"
        " interpreters and coding agents run side by side. Shells and interpreters wait\n"
        " warm in the background, so a new session shows its prompt at once.",
    }
    return "".join(f"{key}: {value}\n" for key, value in lines.items())


def metainfo(version: str) -> str:
    """What software centers show, with this version and the day of the last commit."""
    day = output(["git", "-C", str(ROOT), "log", "-1", "--format=%cs"])
    template = (PACKAGING / "linux/dev.synk.Synk.metainfo.xml").read_text(encoding="utf-8")
    return template.replace("@VERSION@", version).replace("@DATE@", day)


def changelog(version: str) -> str:
    """In Debian's form; what changed is in NEWS."""
    day = output(["git", "-C", str(ROOT), "log", "-1", "--format=%cD"])
    return f"synk ({version}) unstable; urgency=medium\n\n  * See NEWS.gz.\n\n -- {MAINTAINER}  {day}\n"


def copyright_text() -> str:
    """Our license, and those of the fonts that come along."""
    parts = [(ROOT / "LICENSE").read_text(encoding="utf-8")]
    for path in sorted((ROOT / "resources/fonts").glob("*LICENSE*")):
        parts.append(f"Fonts, {path.name}:\n\n{path.read_text(encoding='utf-8')}")
    return "\n\n".join(parts)


def icons(folder: Path) -> None:
    """The app icon in the sizes desktops ask for, painted from the one drawing."""
    drawing = ROOT / "resources/icons/synk.svg"
    place(folder / "scalable/apps").mkdir()
    shutil.copyfile(drawing, folder / "scalable/apps/synk.svg")
    run([sys.executable, str(PACKAGING / "icons.py"), str(drawing), str(folder), *map(str, ICON_SIZES)])


def write(path: Path, text: str) -> None:
    """A file, with the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.chmod(path, 0o644)


def pack(path: Path, data: bytes) -> None:
    """The same, compressed and without a time stamp, so that two builds give the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data, 9, mtime=0))
    os.chmod(path, 0o644)


def place(folder: Path) -> Path:
    """The folder, with the ones above it made."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    return folder


def output(command: Sequence[str]) -> str:
    """What a command prints, without the last line's end."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.rstrip("\n")


def run(command: Sequence[str], cwd: Path | None = None) -> None:
    """Run a step; ends the build if it fails."""
    done = subprocess.run(command, check=False, cwd=cwd)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)[:200]}: status {done.returncode}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
