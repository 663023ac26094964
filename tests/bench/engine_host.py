"""Rows A15 to A18: the server's start, the host alone, throughput of runs, and growth over many of them."""

import asyncio
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from mcp_peers import Home, home, rival, synk
from measure import Limit, Options, Row, median

from synk.app.launch import host_address
from synk.base.paths import find_directories
from synk.hostclient import SyncHostClient

IDS = ("A15", "A16", "A17", "A18")
MEGABYTES = 400


def run(options: Options, wanted: set[str]) -> Iterator[Row]:
    """The rows asked for."""
    with home() as at:
        if "A15" in wanted:
            yield asyncio.run(_ready(at, options))
        if "A16" in wanted:
            yield _alone(at, options)
        if "A17" in wanted:
            yield from asyncio.run(_throughput(at, options))
        if "A18" in wanted:
            yield asyncio.run(_growth(at, options))


async def _ready(at: Home, options: Options) -> Row:
    ours, theirs = [], []
    for _ in range(3 if options.is_quick else 7):
        async with synk(at) as peer:
            ours.append(peer.ready_s * 1000)
        async with rival(at) as peer:
            theirs.append(peer.ready_s * 1000)
    mine, other = median(ours), median(theirs)
    values = {"Synk": mine, "rival": other, "times rival": other / mine}
    return Row("A15", "MCP server: start to initialized", "ms", values, [Limit("times rival", 1, is_floor=True)])


def _alone(at: Home, options: Options) -> Row:
    """A host that nobody has asked for anything: memory, time to its first answer, CPU while idle."""
    directories = find_directories(at.profile / "alone")
    directories.runtime.mkdir(parents=True, mode=0o700, exist_ok=True)
    started = time.perf_counter()
    with SyncHostClient(host_address(directories, "bench"), environment=at.environment) as client:
        ready_ms = (time.perf_counter() - started) * 1000
        pid = int(client.welcome["pid"])
        idle_s = 10 if options.is_quick else 60
        time.sleep(1)
        before = _cpu_ns(pid)
        time.sleep(idle_s)
        used_ms = (_cpu_ns(pid) - before) / 1e6
        resident = _status_mb(pid, "VmRSS")
        client.call("host.stop")
    values = {"RSS MB": resident, "ready": ready_ms, "CPU ms": used_ms, "idle s": float(idle_s)}
    limits = [Limit("RSS MB", 25), Limit("ready", 150, is_latency=True), Limit("CPU ms", 20)]
    return Row("A16", "host alone, nothing warm", "ms", values, limits)


async def _throughput(at: Home, options: Options) -> list[Row]:
    megabytes = MEGABYTES // 4 if options.is_quick else MEGABYTES
    rows = []
    async with synk(at) as ours:
        pid = _host_pid(at)
        for what, tty, floor in (("a pipe", "stderr", 100), ("a terminal", "both", 25)):
            # Lines of 80 characters: of lines of one the kernel's terminal alone passes on 8 MB/s, whoever reads.
            source = "tr '\\0' x < /dev/zero" if tty == "stderr" else f"yes {'0123456789' * 8}"
            command = f"{source} | head -c {megabytes}000000"
            peak = 0.0
            call = asyncio.ensure_future(ours.synk("efs_exec", command=command, tty=tty, yield_after_s=45))
            while not call.done():
                peak = max(peak, _status_mb(pid, "VmRSS"))
                await asyncio.sleep(0.05)
            result = await call
            speed = result["output"]["bytes"] / 1e6 / (result["duration_ms"] / 1000)
            alone = megabytes / _alone_s(command)
            values = {"MB/s": speed, "host MB": peak, "into /dev/null": alone}
            limits = [Limit("MB/s", floor, is_floor=True), Limit("host MB", 60)]
            rows.append(Row("A17", f"throughput of a run through {what}", "", values, limits))
    return rows


async def _growth(at: Home, options: Options) -> Row:
    """Memory, descriptors and processes of the host before and after many claims and runs."""
    count = 100 if options.is_quick else 1000
    async with synk(at) as ours:
        await ours.synk("efs_repl_pool", action="init", config={"python": {"count": 2, "max": 2, "preload": []}})
        pid = _host_pid(at)

        async def work(times: int) -> None:
            for _ in range(times):
                repl = await ours.synk("efs_repl_exec", language="python", code="1 + 1")
                await ours.synk("efs_stop", id=repl["repl_id"])
                await ours.synk("efs_exec", command="echo hi")

        await work(count // 5)
        await asyncio.sleep(2)
        before = _held(pid)
        await work(count)
        await asyncio.sleep(2)
        after = _held(pid)
    values = {f"{name} +": after[name] - before[name] for name in before}
    limits = [Limit("MB +", 3), Limit("fds +", 1), Limit("processes +", 1)]
    return Row("A18", f"{count} claims and {count} runs: growth of the host", "", values, limits)


def _held(pid: int) -> dict[str, float]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {"MB": _status_mb(pid, "VmRSS"), "fds": float(len(os.listdir(f"/proc/{pid}/fd"))), "processes": float(len(children))}


def _host_pid(at: Home) -> int:
    with SyncHostClient(host_address(find_directories(at.profile), "bench"), environment=at.environment, start=False) as client:
        return int(client.welcome["pid"])


def _alone_s(command: str) -> float:
    started = time.perf_counter()
    subprocess.run(["bash", "-c", command], stdout=subprocess.DEVNULL, check=False)
    return time.perf_counter() - started


def _status_mb(pid: int, name: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _cpu_ns(pid: int) -> int:
    return sum(int(Path(f"/proc/{pid}/task/{task}/schedstat").read_text().split()[0]) for task in os.listdir(f"/proc/{pid}/task"))
