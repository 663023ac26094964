"""The programs of the first start: which are there, and what they say of their version; run by the host, never by the window."""

import asyncio
import os
import re
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from synk.agents.catalog import Agent, CatalogReader
from synk.app.agent_choices import COLORS
from synk.base.errors import SynkError

if TYPE_CHECKING:
    from synk.engine.api import Engine

ANSWER_S = 8.0
"""Longest time for a version: agents that look for updates first take 3 s."""
AT_ONCE = 4
"""Programs asked at a time: each of them is a start of Node or Python that wants a core."""
_VERSION = re.compile(r"\d+(?:\.\d+)+[0-9A-Za-z.+-]*")
LONGEST = 40
"""Characters of an answer without a number."""


@dataclass(frozen=True, slots=True)
class Program:
    """An agent or a tool."""

    id: str
    name: str
    badge: str
    color: str
    """Token of the theme."""
    path: str
    """"" if it is not on PATH."""
    install: str
    """The command that installs it, "" if none is known."""


def find_programs(reader: CatalogReader, environment: Mapping[str, str]) -> list[Program]:
    """Agents of the catalog, then git and the user's shell. Looks at the disk: not on the GUI thread."""
    path = environment.get("PATH", os.defpath)
    agents = [_agent(agent, path) for agent in reader.read().agents if not agent.is_shell]
    shell = environment.get("SHELL") or "/bin/sh"
    return [
        *agents,
        Program("git", "Git", "GI", "orange", shutil.which("git", path=path) or "", "sudo apt-get install git"),
        Program("shell", os.path.basename(shell), ">_", "text-dim", shutil.which(shell, path=path) or "", ""),
    ]


def version_in(text: str) -> str:
    """The number in what `--version` printed; without one its first line, shortened."""
    found = _VERSION.search(text)
    if found:
        return found[0].rstrip(".-+")
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return first if len(first) <= LONGEST else first[: LONGEST - 1] + "\u2026"


def _agent(agent: Agent, path: str) -> Program:
    color = COLORS.get(agent.color, agent.color)
    return Program(agent.id, agent.name, agent.badge, color, agent.find_executable(path) or "", agent.install)


class VersionRound:
    """Asks programs for their versions once, on a thread and loop of its own that end with the last answer."""

    def __init__(
        self,
        programs: Sequence[Program],
        told: Callable[[str, str], None],
        *,
        deliver: Callable[[Callable[[], None]], None],
        profile: str | None,
    ) -> None:
        """`told(id, version)` for each that is there, in the order they answer; "" for one that does not in time.

        `deliver` runs a function on the owner's thread (`hub.call`); `profile`: whose host runs the programs.
        """
        self._programs = [program for program in programs if program.path]
        self._told = told
        self._deliver = deliver
        self._profile = profile
        self._lock = threading.Lock()
        self._is_closed = False
        self._stop: Callable[[], object] = lambda: None
        threading.Thread(target=self._run, name="synk-job-versions", daemon=True).start()

    def close(self) -> None:
        """Ask no more: what runs is ended, and no answer comes."""
        with self._lock:
            self._is_closed = True
            self._stop()

    def _run(self) -> None:
        try:
            asyncio.run(self._ask_all())
        except asyncio.CancelledError:
            return
        except SynkError:  # there is no host: nothing can be asked
            for program in self._programs:
                self._tell(program, "")

    async def _ask_all(self) -> None:
        # 70 ms that no start but the first pays.
        from synk.engine.api import Engine

        with self._lock:
            task = asyncio.current_task()
            if self._is_closed or task is None:
                return
            self._stop = partial(asyncio.get_running_loop().call_soon_threadsafe, task.cancel)
        gate = asyncio.Semaphore(AT_ONCE)
        try:
            async with Engine.open(profile=self._profile) as engine:
                await asyncio.gather(*(self._ask(engine, program, gate) for program in self._programs))
        finally:
            with self._lock:
                self._stop = lambda: None

    async def _ask(self, engine: "Engine", program: Program, gate: asyncio.Semaphore) -> None:
        async with gate:
            try:
                result = await engine.exec([program.path, "--version"], cwd="/", timeout_s=ANSWER_S, tty="none")
            except SynkError:
                self._tell(program, "")
                return
            text = result.output.text or result.stderr.text
            self._tell(program, version_in(text) if result.exit_code == 0 else "")
            with suppress(SynkError):  # the user started none of these: they are not among the user's runs
                await engine.runs.forget(result.run_id)

    def _tell(self, program: Program, version: str) -> None:
        if not self._is_closed:
            self._deliver(partial(self._told, program.id, version))
