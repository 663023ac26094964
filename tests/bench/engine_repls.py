"""Rows A1 to A3, A12 and A13: warm interpreters through MCP, beside Desktop Commander MCP, pexpect and jupyter_client."""

import asyncio
import json
import subprocess
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mcp_peers import Home, Peer, home, interleaved, rival, science_python, synk
from measure import Limit, NotMeasured, Options, Row, median, summary

IDS = ("A1", "A2", "A3", "A12", "A13")
ROUNDS = 7
CELLS = 100
CRASHES = {
    "abort": ("import os; os.abort()", "SIGABRT"),
    "segfault": ("import ctypes; ctypes.string_at(0)", "SIGSEGV"),
    "exit": ("import os; os._exit(3)", None),
}
FRAME = "import pandas as pd; pd.DataFrame({'a': range(1000)}).sum()['a']"
OWN_REPL = """
    import json, sys, time
    from pexpect.replwrap import REPLWrapper
    shell = REPLWrapper(sys.executable + " -i", ">>> ", "import sys; sys.ps1={!r}; sys.ps2={!r}")
    shell.run_command("x = 1")
    took = []
    for _ in range(20):
        started = time.perf_counter()
        shell.run_command("x + 1")
        took.append((time.perf_counter() - started) * 1000)
    print(json.dumps(took))
"""
JUPYTER = """
    import json, time
    from jupyter_client.manager import start_new_kernel
    took = {"start": [], "cell": []}
    for _ in range(3):
        started = time.perf_counter()
        manager, client = start_new_kernel(kernel_name="python3")
        client.execute_interactive(%r, output_hook=lambda message: None)
        took["start"].append((time.perf_counter() - started) * 1000)
        for _ in range(20):
            started = time.perf_counter()
            client.execute_interactive("1 + 1", output_hook=lambda message: None)
            took["cell"].append((time.perf_counter() - started) * 1000)
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    print(json.dumps(took))
"""


def run(options: Options, wanted: set[str]) -> Iterator[Row]:
    """The rows asked for."""
    python = science_python()
    with home(python=python) as at:
        if wanted & {"A1", "A2", "A3"}:
            yield from asyncio.run(_compared(at, python, options, wanted))
        if "A12" in wanted:
            yield asyncio.run(_crashes(at, options))
        if "A13" in wanted:
            yield asyncio.run(_memory(at, python))


async def _compared(at: Home, python: Path, options: Options, wanted: set[str]) -> list[Row]:
    rows = []
    async with synk(at) as ours, rival(at) as theirs:
        rounds = 3 if options.is_quick else ROUNDS
        if "A1" in wanted:
            await _warm(ours, preload=[])
            what = "new Python REPL, first statement"
            rows.append(await _first_statement("A1", what, ours, theirs, python, "1 + 1", [], rounds))
        if "A2" in wanted:
            await _warm(ours, preload=["pandas"])
            row = await _first_statement("A2", "the same with pandas", ours, theirs, python, FRAME, ["pandas"], rounds)
            jupyter = median(_jupyter(python, FRAME)["start"])
            values = {**row.values, "jupyter_client": jupyter, "times jupyter_client": jupyter / row.values["Synk"]}
            limits = [Limit("times rival", 100, is_floor=True), Limit("times jupyter_client", 50, is_floor=True)]
            rows.append(Row("A2", row.what, "ms", values, limits))
        if "A3" in wanted:
            rows.append(await _cells(ours, theirs, python, options))
    return rows


async def _warm(ours: Peer, preload: list[str]) -> None:
    """Have two interpreters waiting."""
    await ours.synk("efs_repl_pool", action="init", config={"python": {"count": 2, "max": 4, "preload": preload}})
    await _until_idle(ours)


async def _until_idle(ours: Peer, count: int = 2, limit_s: float = 30.0) -> None:
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        stats = await ours.synk("efs_repl_pool", action="stats")
        if json.dumps(stats).count('"idle"') and _idle_of(stats) >= count:
            return
        await asyncio.sleep(0.02)
    raise NotMeasured(f"no {count} warm interpreters within {limit_s:g} s")


def _idle_of(stats: dict[str, Any]) -> int:
    return int(stats["languages"]["python"]["idle"])


async def _first_statement(
    row: str, what: str, ours: Peer, theirs: Peer, python: Path, statement: str, preload: list[str], rounds: int
) -> Row:
    used: list[tuple[str, Any]] = []

    async def with_synk() -> None:
        repl = (await ours.synk("efs_repl_start", language="python", preload=preload))["repl_id"]
        result = await ours.synk("efs_repl_exec", repl_id=repl, code=statement)
        if result["status"] != "completed":
            raise NotMeasured(f"{statement}: {result}")
        used.append(("synk", repl))

    async def with_rival() -> None:
        # By its path: the rival's shells read the start-up files of the system, which set another PATH.
        process = await theirs.rival_start(f"{python} -i")
        for line in statement.split("; "):
            await theirs.rival("interact_with_process", pid=process, input=line, timeout_ms=20000)
        used.append(("rival", process))

    samples: dict[str, list[float]] = {"synk": [], "rival": []}
    for number in range(rounds + 1):
        for name, call in (("synk", with_synk), ("rival", with_rival)):
            started = time.perf_counter()
            await call()
            if number:
                samples[name].append((time.perf_counter() - started) * 1000)
        for name, handle in used:
            await (ours.synk("efs_stop", id=handle) if name == "synk" else theirs.rival("force_terminate", pid=handle))
        used.clear()
        # A claim takes a warm one; what is measured is not how fast the pool fills up.
        await _until_idle(ours)
    mine, other = median(samples["synk"]), median(samples["rival"])
    values = {"Synk": mine, "p95": summary(samples["synk"])["p95"], "rival": other, "times rival": other / mine}
    return Row(row, what, "ms", values, [Limit("times rival", 30, is_floor=True)])


async def _cells(ours: Peer, theirs: Peer, python: Path, options: Options) -> Row:
    repl = (await ours.synk("efs_repl_start", language="python"))["repl_id"]
    process = await theirs.rival_start("python3 -i")
    samples = await interleaved(
        options.runs(CELLS),
        block=10,
        synk=lambda: ours.synk("efs_repl_exec", repl_id=repl, code="1 + 1"),
        rival=lambda: theirs.rival("interact_with_process", pid=process, input="1 + 1", timeout_ms=5000),
    )
    mine, other = median(samples["synk"]), median(samples["rival"])
    own, jupyter = median(_script(python, OWN_REPL)), median(_jupyter(python, "1 + 1")["cell"])
    values = {
        "Synk": mine, "p95": summary(samples["synk"])["p95"], "rival": other, "times rival": other / mine,
        "pexpect": own, "jupyter_client": jupyter, "times the faster": min(own, jupyter) / mine,
    }  # fmt: skip
    limits = [Limit("times rival", 20, is_floor=True), Limit("times the faster", 1, is_floor=True)]
    return Row("A3", "one-liner in a warm REPL, through MCP", "ms", values, limits)


async def _crashes(at: Home, options: Options) -> Row:
    """From sending the code that kills the interpreter to knowing how it ended."""
    took: list[float] = []
    wrong = 0
    async with synk(at) as ours:
        await _warm(ours, preload=[])
        for _ in range(3 if options.is_quick else ROUNDS):
            for code, signal in CRASHES.values():
                repl = (await ours.synk("efs_repl_start", language="python"))["repl_id"]
                started = time.perf_counter()
                result = await ours.synk("efs_repl_exec", repl_id=repl, code=code)
                took.append((time.perf_counter() - started) * 1000)
                wrong += (result["signal"], result["exit_code"]) != (signal, None if signal else 3)
    values = {**summary(took), "wrong": float(wrong)}
    return Row("A12", "REPL crash known, with cause", "ms", values, [Limit("p95", 100, is_latency=True), Limit("wrong", 1)])


async def _memory(at: Home, python: Path) -> Row:
    """Eight interpreters with pandas: ours beside eight processes, idle and after work and a collection."""
    work = "import gc; frame = pd.DataFrame({'a': range(200_000)}); frame.describe(); frame['a'].rolling(9).mean(); gc.collect()"
    async with synk(at) as ours:
        await ours.synk("efs_repl_pool", action="init", config={"python": {"count": 2, "max": 8, "preload": ["pandas"]}})
        await _until_idle(ours)
        repls = []
        for _ in range(8):
            repl = await ours.synk("efs_repl_start", language="python", preload=["pandas"])
            repls.append(repl)
            await ours.synk("efs_repl_exec", repl_id=repl["repl_id"], code="import pandas as pd")
        pids = [int(repl["pid"]) for repl in repls]
        idle = _proportional_mb(_with_zygotes(pids))
        for repl in repls:
            await ours.synk("efs_repl_exec", repl_id=repl["repl_id"], code=work)
        worked = _proportional_mb(_with_zygotes(pids))
    apart_idle, apart_worked = _apart(python, work)
    values = {
        "Synk idle": idle, "apart idle": apart_idle, "idle share": idle / apart_idle,
        "Synk worked": worked, "apart worked": apart_worked, "worked share": worked / apart_worked,
    }  # fmt: skip
    limits = [Limit("idle share", 1 / 3), Limit("worked share", 0.5)]
    return Row("A13", "8 pandas REPLs, PSS", "MB", values, limits)


def _with_zygotes(pids: list[int]) -> set[int]:
    """The interpreters and the process each was forked from, which holds what they share."""
    parents = {int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]) for pid in pids}
    return set(pids) | {pid for pid in parents if "kernel" in Path(f"/proc/{pid}/cmdline").read_text()}


def _apart(python: Path, work: str) -> tuple[float, float]:
    script = f"import sys, pandas as pd; print(1, flush=True); input(); {work}; print(2, flush=True); input()"
    programs = [subprocess.Popen([python, "-c", script], stdin=-1, stdout=-1, text=True) for _ in range(8)]
    try:
        for program in programs:
            assert program.stdout is not None
            program.stdout.readline()
        idle = _proportional_mb({program.pid for program in programs})
        for program in programs:
            assert program.stdout is not None
            assert program.stdin is not None
            program.stdin.write("\n")
            program.stdin.flush()
            program.stdout.readline()
        return idle, _proportional_mb({program.pid for program in programs})
    finally:
        for program in programs:
            program.kill()
            program.communicate()


def _proportional_mb(pids: set[int]) -> float:
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def _jupyter(python: Path, statement: str) -> Any:
    return _script(python, JUPYTER % statement)


def _script(python: Path, script: str) -> Any:
    done = subprocess.run([python, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        raise NotMeasured(done.stderr.strip().splitlines()[-1][:200])
    return json.loads(done.stdout.splitlines()[-1])
