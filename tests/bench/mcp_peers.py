"""Synk and Desktop Commander MCP, both driven over stdio by the same MCP client, with a home of their own.

The rival (npm `@wonderwhy-er/desktop-commander` 0.2.46) is installed with `python tests/bench/mcp_peers.py` below the folder
that `SYNK_BENCH_CACHE` names (default: `synk-bench` in the user's cache folder); nothing is installed globally. Where it is
not there, the rows that compare are not measured, and nothing is claimed.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from measure import NotMeasured

RIVAL, RIVAL_VERSION = "@wonderwhy-er/desktop-commander", "0.2.46"
STARTUP_S = 0.15
"""What the start-up file of the second home takes, as nvm, conda or a prompt theme do."""
CALL_LIMIT_S = 60.0
"""The call limit of usual MCP clients."""


def cache() -> Path:
    """Where rivals are installed."""
    given = os.environ.get("SYNK_BENCH_CACHE")
    return Path(given) if given else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "synk-bench"


def rival_script() -> Path | None:
    """The rival's program; None if it is not installed."""
    script = cache() / "node_modules" / RIVAL / "dist" / "index.js"
    return script if script.exists() and shutil.which("node") else None


def install_rival() -> None:
    """Install the rival into the cache folder, without running any script of its packages."""
    cache().mkdir(parents=True, exist_ok=True)
    package = {
        "private": True,
        "dependencies": {RIVAL: RIVAL_VERSION},
        # A later release of this package cannot be installed beside its own dependencies.
        "overrides": {"typedarray.prototype.slice": "1.0.5"},
    }
    (cache() / "package.json").write_text(json.dumps(package))
    subprocess.run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=cache(), check=True)


def science_python() -> Path:
    """A Python with pandas, numpy, matplotlib, jupyter_client, ipykernel and pexpect in the cache folder.

    Raises:
        NotMeasured: it is not installed; `python tests/bench/mcp_peers.py` does that.
    """
    python = cache() / "science" / "bin" / "python"
    if not python.exists():
        raise NotMeasured("no Python with pandas: run tests/bench/mcp_peers.py once")
    return python


def install_science() -> None:
    """Make that Python."""
    folder = cache() / "science"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    packages = ["pandas", "numpy", "matplotlib", "jupyter_client", "ipykernel", "pexpect"]
    subprocess.run([str(folder / "bin" / "pip"), "install", "-q", *packages], check=True)


@dataclass(slots=True)
class Home:
    """A home folder, a profile of Synk in it, and the environment of both peers."""

    path: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def profile(self) -> Path:
        return self.path / "profile"


@contextlib.contextmanager
def home(*, startup_s: float = 0.0, python: Path | None = None) -> Any:
    """A new home; `python` comes first on its PATH."""
    path = Path(tempfile.mkdtemp(prefix="synk-bench-"))
    for name in (".bashrc", ".profile", ".bash_profile"):
        (path / name).write_text(f"sleep {startup_s / (3 if name == '.profile' else 1):g}\n" if startup_s else "")
    search = "/usr/local/bin:/usr/bin:/bin"
    made = Home(path, {
        "HOME": str(path), "PATH": f"{python.parent}:{search}" if python else search, "LANG": "C.UTF-8", "SHELL": "/bin/bash",
        "USER": "bench", "LOGNAME": "bench",
    })  # fmt: skip
    try:
        yield made
    finally:
        stop = [sys.executable, "-P", "-m", "synk", "--profile", str(made.profile), "host", "stop"]
        subprocess.run(stop, capture_output=True, check=False)
        shutil.rmtree(path, ignore_errors=True)


class Peer:
    """One connected server."""

    def __init__(self, session: ClientSession, ready_s: float) -> None:
        self.session = session
        self.ready_s = ready_s
        """From the start of the process to the end of `initialize`."""

    async def call(self, tool: str, arguments: dict[str, Any], **options: Any) -> Any:
        """The result of a tool, and an error if it is one.

        Raises:
            NotMeasured: the tool reports a fault.
        """
        result = await self.session.call_tool(tool, arguments, read_timeout_seconds=CALL_LIMIT_S, **options)
        if result.is_error:
            raise NotMeasured(f"{tool}: {result.content[0].text[:200]}")
        return result

    async def synk(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """A tool of Synk; its structured result."""
        content: dict[str, Any] = (await self.call(tool, arguments)).structured_content
        return content

    async def rival(self, tool: str, **arguments: Any) -> str:
        """A tool of the rival; its text."""
        return str((await self.call(tool, arguments)).content[0].text)

    async def rival_start(self, command: str, timeout_ms: int = 30000) -> int:
        """Start a program in the rival; its process id."""
        text = await self.rival("start_process", command=command, timeout_ms=timeout_ms)
        found = re.search(r"PID (\d+)", text)
        if found is None:
            raise NotMeasured(f"the rival did not start {command}: {text[:200]}")
        return int(found[1])


@contextlib.asynccontextmanager
async def synk(at: Home, *options: str) -> AsyncIterator[Peer]:
    """`synk mcp` for this home."""
    arguments = ["-P", "-m", "synk", "--profile", str(at.profile), "mcp", *options]
    async with _peer(sys.executable, arguments, at) as peer:
        yield peer


@contextlib.asynccontextmanager
async def rival(at: Home) -> AsyncIterator[Peer]:
    """Desktop Commander MCP for this home.

    Raises:
        NotMeasured: it is not installed.
    """
    script = rival_script()
    if script is None:
        raise NotMeasured("Desktop Commander MCP is not installed: run tests/bench/mcp_peers.py once")
    async with _peer(shutil.which("node") or "node", [str(script)], at) as peer:
        yield peer


@contextlib.asynccontextmanager
async def _peer(command: str, arguments: Sequence[str], at: Home) -> AsyncIterator[Peer]:
    started = time.perf_counter()
    with open(os.devnull, "w") as nowhere:
        server = StdioServerParameters(command=command, args=list(arguments), env=at.environment, cwd=str(at.path))
        async with stdio_client(server, errlog=nowhere) as (reading, writing), ClientSession(reading, writing) as session:
            await session.initialize()
            yield Peer(session, time.perf_counter() - started)


async def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Milliseconds that awaiting `call()` took, and its result."""
    started = time.perf_counter()
    result = await call()
    return (time.perf_counter() - started) * 1000, result


async def interleaved(rounds: int, block: int = 1, **calls: Callable[[], Any]) -> dict[str, list[float]]:
    """Milliseconds of each call by name; the calls take turns in blocks, so that noise meets all of them.

    A call right after 50 ms of another peer's finds cold caches: 6 ms where the next ones take 2. Who works with a
    peer makes calls in a row.
    """
    samples: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(rounds // block + 1):
        for name, call in calls.items():
            for _ in range(block):
                took, _ = await timed(call)
                if number:  # the first round warms up
                    samples[name].append(took)
    return samples


if __name__ == "__main__":
    install_rival()
    install_science()
