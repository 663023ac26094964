"""Batches of real jobs: order, how many at once, retries, the end of the rest, and Python files as `python FILE` runs them."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synk.engine import Engine, Job

SCRIPT = """
import __main__, atexit, os, pickle, sys, threading
import neighbor

class Thing:
    pass

if __name__ == "__main__":
    print(sys.argv, __name__, os.path.basename(__file__), neighbor.VALUE, __main__.Thing is Thing)
    print(pickle.loads(pickle.dumps(Thing())).__class__.__name__, sys.path[0] == os.path.dirname(os.path.realpath(__file__)))
    atexit.register(print, "at exit")
    threading.Thread(target=lambda: (threading.main_thread().join(), print("thread"))).start()
    print("to stderr", file=sys.stderr)
    sys.stdout.buffer.write(b"bytes \\xff\\r\\n")
    try:
        input("? ")
    except EOFError:
        print("end of input")
    exec(sys.argv[1])
"""


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    (tmp_path / "neighbor.py").write_text("VALUE = 42\n")
    (tmp_path / "script.py").write_text(SCRIPT)
    return tmp_path


def test_fifty_jobs_run_after_those_they_depend_on_and_never_more_at_once_than_allowed(engine: Any, tmp_path: Path) -> None:
    log = tmp_path / "log"
    # Diamonds: one, three that need it, one that needs the three, and so on.
    after: list[list[int]] = []
    for number in range(50):
        base = number // 4 * 4
        after.append([base - 1, base - 2, base - 3] if number % 4 == 0 and base else [base] if number % 4 else [])
    jobs = [
        Job(argv=["sh", "-c", f"echo + {number} >> {log}; echo - {number} >> {log}"], depends_on=needed)
        for number, needed in enumerate(after)
    ]
    result = engine.batch(jobs, max_parallel=3)
    assert result.ok == len(result.jobs) == 50
    ended: set[int] = set()
    running: set[int] = set()
    for line in log.read_text().splitlines():
        sign, number = line[0], int(line[2:])
        if sign == "+":
            assert ended.issuperset(after[number])
            running.add(number)
            assert len(running) <= 3
        else:
            running.remove(number)
            ended.add(number)
    assert ended == set(range(50))


@pytest.mark.parametrize(
    "ending",
    ["pass", "sys.exit(3)", "sys.exit('words')", "1 / 0", "raise SystemExit", "sys.exit(300)", "os._exit(9)", "exit()"],
)
def test_a_python_file_does_what_it_does_alone(engine: Any, scripts: Path, ending: str, place: Any) -> None:
    alone = subprocess.run(
        [sys.executable, "script.py", ending, "é x"], cwd=scripts, env={**place.environment, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
    (job,) = engine.batch([Job(file="script.py", args=[ending, "é x"], cwd=str(scripts))]).jobs
    assert job.exit_code == alone.returncode
    assert Path(job.output.spool).read_bytes() == alone.stdout
    errors = Path(job.stderr.spool).read_text()
    assert errors == alone.stderr.decode()
    assert job.kind == "job"


def test_a_python_file_that_is_not_there_says_so(engine: Any, tmp_path: Path) -> None:
    (job,) = engine.batch([Job(file="none.py", cwd=str(tmp_path))]).jobs
    assert (job.status, job.exit_code) == ("failed", 2)
    assert "can't open file" in job.stderr.text


def test_a_job_is_tried_again(engine: Any, tmp_path: Path) -> None:
    command = f"echo x >> {tmp_path}/tries; test $(wc -l < {tmp_path}/tries) -ge 3"
    assert engine.batch([command], retries=1).jobs[0].status == "failed"
    assert engine.batch([Job(cmd=command, retries=3)]).jobs[0].status == "completed"
    assert (tmp_path / "tries").read_text() == "x\nx\nx\n"


def test_with_fail_fast_the_rest_is_ended(engine: Any, ended: Callable[[str], None]) -> None:
    events: list[tuple[str, int]] = []
    jobs = [Job(cmd="sleep 300", env={"LEFT": "fast"}), Job(cmd="exit 1"), Job(cmd="true", depends_on=[0]), Job(cmd="true")]
    result = engine.batch(
        jobs, fail_fast=True, max_parallel=2, on_event=lambda event: events.append((event.kind, event.job))
    )
    assert [job.status for job in result.jobs] == ["killed", "failed", "skipped", "skipped"]
    assert {job.skipped_for for job in result.jobs if job.status != "failed"} == {"1 (exit 1)"}
    assert ("ended", 1) in events
    ended("LEFT=fast")


def test_a_cancelled_batch_leaves_no_process(place: Any, ended: Callable[[str], None], scripts: Path) -> None:
    async def run() -> None:
        async with Engine.open(profile=str(place.profile), environment=place.environment) as engine:
            begun = asyncio.Event()

            def heard(event: Any) -> None:
                if event.kind == "event" and "begun" in getattr(event.event, "text", ""):
                    begun.set()

            jobs = [
                Job(cmd="sleep 300", env={"LEFT": "batch"}),
                Job(file="script.py", args=["print('begun'); import time; time.sleep(300)"], cwd=str(scripts)),
            ]
            task = asyncio.create_task(engine.batch(jobs, on_event=heard, max_parallel=2))
            await asyncio.wait_for(begun.wait(), 30)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.to_thread(ended, "LEFT=batch")
            for each in await engine.runs.list(state="live"):
                # Its interpreter may still be going.
                assert (await engine.runs.wait(each.run_id, timeout_s=30)).happened == "exit"

    asyncio.run(run())
