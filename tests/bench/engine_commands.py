"""Rows A4 to A11: commands through MCP, beside Desktop Commander MCP."""

import asyncio
import hashlib
import json
import os
import subprocess
import textwrap
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from mcp_peers import STARTUP_S, Home, home, interleaved, rival, science_python, synk
from measure import Limit, NotMeasured, Options, Row, median, summary

from synk.pty.processes import table

IDS = ("A4", "A5", "A6", "A7", "A8", "A9", "A10", "A11")
ROUNDS = 7
LINES, EVERY_S = 12, 0.4
RUNS, RUN_BYTES, PARALLEL = 10_000, 100_000, 8
FLOOD_BYTES = 62_000_000

AWKWARD: tuple[tuple[str, str, int | None, str | None], ...] = (
    ("plain", "echo hi", 0, "hi"),
    ("a status", "(exit 7)", 7, ""),
    ("silent", ":", 0, ""),
    ("no newline at the end", "printf abc", 0, "abc"),
    ("looks like a prompt", "echo '$ '; echo '>>> '", 0, "$ \n>>> "),
    ("several lines", "for i in 1 2 3; do\necho $i\ndone", 0, "1\n2\n3"),
    ("a here-document", "cat <<'END'\na $b 'c'\nEND", 0, "a $b 'c'"),
    ("a line of 10,000 characters", "echo " + "x" * 10_000, 0, "x" * 10_000),
    ("broken quoting", "echo 'abc", 2, None),
    ("a stray bracket", "if true; then echo a", 2, None),
    ("reads its input to the end", "cat < /dev/null; echo done", 0, "done"),
    ("a background process", "sleep 30 & echo started; kill $!", 0, None),
    ("stderr", "echo oops >&2; false", 1, "oops"),
    ("a signal", "bash -c 'kill -9 $$'", 137, None),
    ("a pipe closed early", "seq 100000 | head -1", 0, "1"),
    ("changes directory", "cd /tmp", 0, ""),
    ("is in that directory", "pwd", 0, "/tmp"),
    ("a variable", "x='a  b'", 0, ""),
    ("knows the variable", 'echo "$x"', 0, "a  b"),
    ("a function", "f() { return 3; }; f", 3, ""),
    ("unicode", "echo 'žluťoučký 🐎'", 0, "žluťoučký 🐎"),
    ("tabs", "printf 'a\\tb\\n'", 0, "a\tb"),
    ("control characters", "printf 'a\\033[31mb\\033[0m\\n'", 0, None),
    ("an alias of echo", "alias e='echo aliased'\ne", 0, "aliased"),
    ("errexit", "set -e; false; set +e", 1, None),
    ("exec", "exec true", 0, None),
)
"""Name, line, exit code, output (None: not compared). The shell must be usable afterwards, if need be another one."""

WAITERS: tuple[tuple[str, str, str | None], ...] = (
    ("python input()", "python3 -c 'input(\"name? \")'", "line"),
    ("bash read", "bash -c 'read -p \"ok [y/n] \" a'", "line"),
    ("cat", "cat", "line"),
    ("password", "python3 -c 'import getpass; getpass.getpass()'", "password"),
    ("one key", "bash -c 'read -n1 -s -p press'", "key"),
    ("python REPL", "python3 -q", "line"),
    ("sed quit", "sed 2q", "line"),
    ("tr", "tr a b", "line"),
    ("sleeper that printed a prompt", "bash -c 'printf \"Continue? [y/N] \"; sleep 3'", None),
    ("sleeper that printed >>>", "bash -c 'printf \">>> \"; sleep 3'", None),
    ("busy loop with a prompt", "bash -c 'printf \"$ \"; for ((i=0;i<1500000;i++)); do :; done'", None),
    ("select without the terminal", "python3 -c 'import time; print(\"(yes/no)? \", end=\"\", flush=True); time.sleep(3)'", None),
)
"""Name, command on a terminal, what it waits for (None: a decoy, it waits for nothing)."""


def run(options: Options, wanted: set[str]) -> Iterator[Row]:
    """The rows asked for."""
    tests: dict[str, Callable[[Home, Options], Awaitable[Row]]] = {
        "A5": _batch, "A6": _stream, "A7": _lost_bytes, "A8": _flood, "A9": _awkward, "A10": _waiting, "A11": _survivors,
    }  # fmt: skip
    if "A4" in wanted:
        for startup_s, factor in ((0.0, 5), (STARTUP_S, 20)):
            with home(startup_s=startup_s) as at:
                yield asyncio.run(_shell_command(at, options, factor, "with" if startup_s else "without"))
    for name, test in tests.items():
        if name in wanted:
            with home(python=science_python() if name == "A5" else None) as at:
                yield asyncio.run(test(at, options))


async def _shell_command(at: Home, options: Options, factor: int, how: str) -> Row:
    async with synk(at) as ours, rival(at) as theirs:
        session = (await ours.synk("efs_session_create", kind="bash"))["session_id"]
        samples = await interleaved(
            10 if options.is_quick else 30,
            block=5,
            synk=lambda: ours.synk("efs_session_exec", session_id=session, input="echo hi"),
            rival=lambda: theirs.rival("start_process", command="bash -lc 'echo hi'", timeout_ms=10000),
        )
    mine, other = median(samples["synk"]), median(samples["rival"])
    values = {"Synk": mine, "p95": summary(samples["synk"])["p95"], "rival": other, "times rival": other / mine}
    return Row("A4", f"shell command, {how} start-up files", "ms", values, [Limit("times rival", factor, is_floor=True)])


async def _batch(at: Home, options: Options) -> Row:
    python = science_python()
    scripts = []
    for number in range(8):
        script = at.path / f"job{number}.py"
        script.write_text(f"import pandas as pd\nprint(pd.DataFrame({{'a': [{number}]}}).a.sum())\n")
        scripts.append(str(script))
    async with synk(at) as ours, rival(at) as theirs:
        await ours.synk("efs_repl_pool", action="init", config={"python": {"count": 2, "max": 8, "preload": ["pandas"]}})

        async def with_synk() -> None:
            result = await ours.synk("efs_batch_exec", jobs=[{"file": script, "shell": "python"} for script in scripts])
            if result["ok"] != 8:
                raise NotMeasured(f"batch: {json.dumps(result)[:300]}")

        async def with_rival() -> None:
            await asyncio.gather(
                *(theirs.rival("start_process", command=f"{python} {script}", timeout_ms=30000) for script in scripts)
            )

        samples = await interleaved(3 if options.is_quick else ROUNDS, synk=with_synk, rival=with_rival)
    mine, other = median(samples["synk"]), median(samples["rival"])
    values = {"Synk": mine, "rival": other, "times rival": other / mine}
    return Row("A5", "8 scripts importing pandas, 1 call against 8", "ms", values, [Limit("times rival", 8, is_floor=True)])


async def _stream(at: Home, options: Options) -> Row:
    del options
    command = f"for i in $(seq {LINES}); do date +line-$i-%s.%N; sleep {EVERY_S}; done"
    late: list[float] = []
    seen: set[str] = set()

    async def progress(_done: float, _total: float | None, message: str | None) -> None:
        now = time.time()
        for line in (message or "").splitlines():
            if line.startswith("line-") and line not in seen:
                seen.add(line)
                late.append((now - float(line.split("-")[2])) * 1000)

    events: list[float] = []

    async def counted(_done: float, _total: float | None, _message: str | None) -> None:
        events.append(time.time())

    async with synk(at) as ours, rival(at) as theirs:
        await ours.call("efs_exec_stream", {"command": command, "yield_after_s": 30}, progress_callback=progress)
        await theirs.call("start_process", {"command": command, "timeout_ms": 20000}, progress_callback=counted)
    if not late:
        raise NotMeasured("no line was seen while it ran")
    values = {**summary(late), "lines": float(len(late)), "rival's events": float(len(events))}
    limits = [Limit("p95", 50, is_latency=True), Limit("lines", LINES, is_floor=True)]
    return Row("A6", f"{LINES} lines, one every {EVERY_S:g} s: print to arrival", "ms", values, limits)


async def _lost_bytes(at: Home, options: Options) -> Row:
    """Lines of digits, so that a missing piece shows; ours counted in bytes by the run and hashed from its spool."""
    count = 200 if options.is_quick else RUNS
    command = f"seq 1000000 | head -c {RUN_BYTES}"
    expected = hashlib.sha256("".join(f"{number}\n" for number in range(1, 40000)).encode()[:RUN_BYTES]).hexdigest()
    short = 0
    async with synk(at) as ours, rival(at) as theirs:

        async def one() -> int:
            result = await ours.synk("efs_exec", command=command)
            data = Path(result["output"]["spool"]).read_bytes()
            return int(result["output"]["bytes"] != RUN_BYTES or hashlib.sha256(data).hexdigest() != expected)

        for _ in range(0, count, PARALLEL):
            short += sum(await asyncio.gather(*(one() for _ in range(PARALLEL))))
        rivals_short = rivals = 0
        for _ in range(0, 120, PARALLEL):
            texts = await asyncio.gather(
                *(theirs.rival("start_process", command=command, timeout_ms=20000) for _ in range(PARALLEL))
            )
            rivals += PARALLEL
            rivals_short += sum(len(text) < RUN_BYTES for text in texts)
    values = {"short": float(short), "runs": float(count), "rival short": float(rivals_short), "rival runs": float(rivals)}
    return Row("A7", f"{PARALLEL} parallel runs of {RUN_BYTES:,} bytes", "runs", values, [Limit("short", 1)])


async def _flood(at: Home, options: Options) -> Row:
    """62 MB of output; meanwhile a second client asks for something small."""
    del options
    async with synk(at) as ours, synk(at) as second:
        command = f"yes 0123456789012345678901234567890123456789 | head -c {FLOOD_BYTES}"
        flood = asyncio.ensure_future(ours.synk("efs_exec", command=command, yield_after_s=45))
        took = []
        while not flood.done():
            started = time.perf_counter()
            await second.synk("efs_list")
            took.append((time.perf_counter() - started) * 1000)
            await asyncio.sleep(0.005)
        result = await flood
    is_complete = result["output"]["bytes"] == FLOOD_BYTES
    values = {"complete": float(is_complete), "seconds": result["duration_ms"] / 1000, **summary(took)}
    limits = [Limit("complete", 1, is_floor=True), Limit("p95", 50, is_latency=True)]
    return Row("A8", "62 MB of output: other calls meanwhile", "ms", values, limits)


async def _awkward(at: Home, options: Options) -> Row:
    del options
    wrong: list[str] = []
    async with synk(at) as ours, rival(at) as theirs:
        session = (await ours.synk("efs_session_create", kind="bash"))["session_id"]
        for name, line, code, text in AWKWARD:
            result = await ours.synk("efs_session_exec", session_id=session, input=line, timeout_s=10, max_output_chars=50_000)
            said = result["output"]["untrusted_text"].rstrip("\n")
            if result["exit_code"] != code or (text is not None and said != text):
                wrong.append(name)
            if result["reason"] in ("shell_exited", "control_lost"):
                session = (await ours.synk("efs_session_create", kind="bash"))["session_id"]
        process = await theirs.rival_start("bash --norc -i", timeout_ms=2000)
        rivals_right = 0
        for _, line, code, text in AWKWARD[:-1]:
            said = await theirs.rival("interact_with_process", pid=process, input=line, timeout_ms=3000)
            status = await theirs.rival("interact_with_process", pid=process, input="echo status=$?", timeout_ms=3000)
            rivals_right += f"status={code}" in status and (text is None or text in said)
    values = {"right": float(len(AWKWARD) - len(wrong)), "of": float(len(AWKWARD)), "rival right": float(rivals_right)}
    limits = [Limit("right", len(AWKWARD), is_floor=True)]
    return Row("A9", "awkward shell commands: code and output", "commands", values, limits, note=", ".join(wrong))


async def _waiting(at: Home, options: Options) -> Row:
    del options
    wrong: list[str] = []
    async with synk(at) as ours:
        for name, command, kind in WAITERS:
            result = await ours.synk("efs_exec", command=command, tty="both", yield_after_s=2)
            found = (result["waiting"] or {}).get("kind")
            if found != kind:
                wrong.append(f"{name}: {found}")
            await ours.synk("efs_stop", id=result["run_id"], mode="kill")
    values = {"right": float(len(WAITERS) - len(wrong)), "of": float(len(WAITERS))}
    return Row("A10", "waiting for input, decoys included", "programs", values, [Limit("right", len(WAITERS), is_floor=True)],
               note=", ".join(wrong))  # fmt: skip


async def _survivors(at: Home, options: Options) -> Row:
    """Trees that do not want to go: stopped by a call, and by cancelling a call."""
    del options
    script = at.path / "stubborn.py"
    script.write_text(textwrap.dedent("""
        import os, signal, sys, time
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        depth = int(sys.argv[1])
        if depth:
            for how in range(3):
                if os.fork() == 0:
                    if how: os.setsid()
                    if how == 2 and os.fork(): os._exit(0)
                    os.execve(sys.executable, ["SYNKBENCH", __file__, str(depth - 1)], {} if how == 2 else dict(os.environ))
        time.sleep(600)
    """))
    left = 0
    async with synk(at) as ours:
        for how in ("stop", "cancel"):
            command = f"python3 {script} 2"
            if how == "stop":
                result = await ours.synk("efs_exec", command=command, yield_after_s=1.5)
                await ours.synk("efs_stop", id=result["run_id"], mode="kill")
            else:
                call = asyncio.ensure_future(ours.synk("efs_exec", command=command, yield_after_s=40))
                await asyncio.sleep(1.5)
                call.cancel()
                await asyncio.gather(call, return_exceptions=True)
                await asyncio.sleep(7)
            left += _count(str(script))
            subprocess.run(["pkill", "-9", "-f", str(script)], check=False)
    return Row("A11", "survivors of kill and cancel", "processes", {"left": float(left)}, [Limit("left", 1)])


def _count(script: str) -> int:
    found = 0
    for pid in table():
        try:
            found += script in Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace") and pid != os.getpid()
        except OSError:
            continue
    return found
