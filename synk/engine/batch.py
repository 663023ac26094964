"""`engine.batch`: many jobs side by side, each after those it depends on; Python files in forks of a warm interpreter."""

import asyncio
import inspect
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from synk.base.errors import SynkError, UsageError
from synk.engine.client import EngineClient
from synk.engine.following import followed
from synk.engine.options import Job
from synk.engine.requests import SHELLS, RunRequest, check_parse_as, text_of
from synk.engine.results import BatchResult, Event, ExecResult, Output
from synk.engine.scripts import run_python

BY_ENDING = {".py": "python", ".sh": "bash", ".bash": "bash", ".zsh": "zsh", ".js": "node", ".mjs": "node", ".cjs": "node",
             ".r": "R", ".R": "R"}  # fmt: skip
PROGRAMS = {"node": ("node",), "R": ("Rscript",)}
"""What runs a file of a language that has no shell of that name."""
CODE_OPTIONS = {"node": "-e", "R": "-e"}
LANGUAGES = ("python", "node", "R")


@dataclass(frozen=True, slots=True)
class BatchEvent:
    """Something happened to one job."""

    job: int
    """Position from 0."""
    kind: Literal["started", "ended", "event"]
    done: int
    """Jobs that are over."""
    total: int
    result: ExecResult | None = None
    event: Event | None = None
    """Of the run of that job."""

    def as_dict(self) -> dict[str, Any]:
        return {
            "event": f"job_{self.kind}",
            "job": self.job,
            "done": self.done,
            "total": self.total,
            "result": self.result.as_dict() if self.result else None,
            "of_run": self.event.as_dict() if self.event else None,
        }


async def run_batch(
    client: EngineClient,
    jobs: Sequence[Job | Mapping[str, Any] | str],
    *,
    max_parallel: int | None = None,
    fail_fast: bool = False,
    retries: int = 0,
    on_event: Callable[[Any], object] | None = None,
) -> BatchResult:
    """See `Engine.batch`."""
    planned = plan_jobs(jobs)
    limit = max_parallel if max_parallel is not None else min(len(os.sched_getaffinity(0)), max(len(planned), 1))
    if limit < 1:
        raise UsageError(f"max_parallel is {limit}; it has to be at least 1")
    return await _Batch(client, planned, limit, fail_fast, retries, on_event).run()


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """A job whose dependencies are positions."""

    number: int
    job: Job
    after: tuple[int, ...]

    @property
    def title(self) -> str:
        """How messages call it."""
        return self.job.name or f"{self.number} ({_text(self.job)[:40]})"


def plan_jobs(jobs: Sequence[Job | Mapping[str, Any] | str]) -> list[PlannedJob]:
    """The jobs, checked.

    Raises:
        UsageError: a job that says not exactly one thing to do, an unknown shell or format, a name given twice, a dependency
            that is not there, or a cycle (names its jobs).
    """
    given = [Job.of(job) for job in jobs]
    names = {job.name: number for number, job in enumerate(given) if job.name}
    if len(names) < sum(1 for job in given if job.name):
        raise UsageError("Two jobs have the same name")
    planned = [PlannedJob(number, job, _positions(number, job, names, len(given))) for number, job in enumerate(given)]
    for each in planned:
        _check(each)
    cycle = find_cycle({each.number: each.after for each in planned})
    if cycle:
        raise UsageError(f"These jobs wait for each other: {' -> '.join(planned[number].title for number in cycle)}")
    return planned


def find_cycle(after: Mapping[int, Sequence[int]]) -> list[int]:
    """Positions that wait for each other in a ring, the first one again at the end; empty if there is no ring."""
    done: set[int] = set()
    for start in after:
        path: list[int] = []
        stack = [iter((start,))]
        while stack:
            number = next(stack[-1], None)
            if number is None:
                stack.pop()
                if path and stack:
                    done.add(path.pop())
            elif number in path:
                return [*path[path.index(number) :], number]
            elif number not in done:
                path.append(number)
                stack.append(iter(after[number]))
    return []


class _Batch:
    """One batch while it runs."""

    def __init__(
        self,
        client: EngineClient,
        jobs: list[PlannedJob],
        limit: int,
        fail_fast: bool,
        retries: int,
        on_event: Callable[[Any], object] | None,
    ) -> None:
        self._client = client
        self._jobs = jobs
        self._limit = limit
        self._fail_fast = fail_fast
        self._retries = retries
        self._on_event = on_event
        self._results: dict[int, ExecResult] = {}
        self._running: dict[asyncio.Task[ExecResult], PlannedJob] = {}

    async def run(self) -> BatchResult:
        started = time.monotonic()
        try:
            while len(self._results) < len(self._jobs):
                await self._skip_hopeless()
                for job in self._startable():
                    self._running[asyncio.create_task(self._run_job(job))] = job
                if self._running:
                    await self._take_ended()
        finally:
            await self._end_all()
        return self._summary((time.monotonic() - started) * 1000)

    def _startable(self) -> list[PlannedJob]:
        """As many as may run now, in the order of the input."""
        begun = {job.number for job in self._running.values()} | self._results.keys()
        free = self._limit - len(self._running)
        waiting = (job for job in self._jobs if job.number not in begun and all(number in self._results for number in job.after))
        return [job for _, job in zip(range(free), waiting, strict=False)]

    async def _skip_hopeless(self) -> None:
        """Jobs that come after one that did not succeed, and those that come after these."""
        has_changed = True
        while has_changed:
            has_changed = False
            for job in self._jobs:
                culprit = next((n for n in job.after if n in self._results and not self._results[n].ok), None)
                if culprit is not None and job.number not in self._results:
                    await self._note(job, _skipped(job, self._jobs[culprit].title))
                    has_changed = True

    async def _take_ended(self) -> None:
        ended, _ = await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            job = self._running.pop(task)
            result = task.result()
            await self._note(job, result)
            if self._fail_fast and not result.ok:
                await self._stop_rest(job)

    async def _stop_rest(self, culprit: PlannedJob) -> None:
        running = list(self._running.values())
        await self._end_all()
        for job in self._jobs:
            if job.number not in self._results:
                is_stopped = job in running
                await self._note(job, replace(_skipped(job, culprit.title), status="killed" if is_stopped else "skipped"))

    async def _end_all(self) -> None:
        """Cancelled tasks stop their runs."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        self._running.clear()

    async def _note(self, job: PlannedJob, result: ExecResult) -> None:
        self._results[job.number] = result
        await self._tell(job, "ended", result=result)

    async def _tell(
        self,
        job: PlannedJob,
        kind: Literal["started", "ended", "event"],
        *,
        result: ExecResult | None = None,
        event: Event | None = None,
    ) -> None:
        if self._on_event is None:
            return
        told = self._on_event(BatchEvent(job.number, kind, len(self._results), len(self._jobs), result, event))
        if inspect.isawaitable(told):
            await told

    async def _run_job(self, job: PlannedJob) -> ExecResult:
        await self._tell(job, "started")
        tries = 1 + (self._retries if job.job.retries is None else job.job.retries)
        while True:
            tries -= 1
            try:
                result = await self._run_once(job)
            except SynkError as error:
                # One bad job is a result of its own; the others run.
                result = _not_started(job, error.message)
            if result.ok or tries <= 0 or result.status in ("not_started", "interrupted", "killed"):
                return result

    async def _run_once(self, planned: PlannedJob) -> ExecResult:
        job, on_event = planned.job, None
        if self._on_event is not None:

            async def on_event(event: Event) -> None:
                await self._tell(planned, "event", event=event)

        if language_of(job) == "python":
            return await run_python(self._client, job, on_event=on_event)
        request = RunRequest(
            command_of(job),
            cwd=job.cwd,
            env=job.env or {},
            shell=job.shell if job.cmd is not None and job.shell else "bash",
            timeout_s=job.timeout_s,
            parse_as=job.parse_as,
            kind="job",
        )
        return await followed(await self._client.begin(request), on_event=on_event, early=())

    def _summary(self, wall_ms: float) -> BatchResult:
        results = tuple(self._results[number] for number in range(len(self._jobs)))
        statuses = [result.status for result in results]
        return BatchResult(
            jobs=results,
            ok=sum(1 for result in results if result.ok),
            failed=sum(1 for result in results if not result.ok and result.status not in ("timeout", "skipped")),
            timeout=statuses.count("timeout"),
            skipped=statuses.count("skipped"),
            wall_ms=round(wall_ms, 3),
            cpu_ms=sum(result.cpu_ms for result in results),
        )


def language_of(job: Job) -> str:
    """`python`, a shell, ..., or "" for a program that is run as it is."""
    if job.shell:
        return job.shell
    if job.file is not None:
        return BY_ENDING.get(os.path.splitext(job.file)[1], "")
    return "bash" if job.code is not None else ""


def command_of(job: Job) -> str | list[str]:
    """What is run for a job that is not Python: a line, or a program and its arguments."""
    if job.cmd is not None:
        return job.cmd
    if job.argv is not None:
        return list(job.argv)
    language = language_of(job)
    program = PROGRAMS.get(language, (language,) if language else ())
    if job.file is not None:
        # Without a known language it is a program itself, or a script whose first line names one.
        file = job.file if program or "/" in job.file else f"./{job.file}"
        return [*program, file, *job.args]
    return [*program, CODE_OPTIONS.get(language, "-c"), job.code or "", *job.args]


def _positions(number: int, job: Job, names: Mapping[str, int], count: int) -> tuple[int, ...]:
    found = []
    for wanted in job.depends_on:
        position = names.get(wanted) if isinstance(wanted, str) else wanted
        if position is None or not isinstance(position, int) or not 0 <= position < count:
            raise UsageError(f"Job {job.name or number} depends on {wanted!r}; there are {count} jobs, from 0, {_named(names)}")
        found.append(position)
    return tuple(dict.fromkeys(found))


def _named(names: Mapping[str, int]) -> str:
    return f"named {', '.join(names)}" if names else "and none has a name"


def _check(planned: PlannedJob) -> None:
    job = planned.job
    given = [name for name in ("cmd", "argv", "file", "code") if getattr(job, name) is not None]
    if len(given) != 1:
        has = ", ".join(given) or "none"
        raise UsageError(f"Job {job.name or planned.number} has to have one of cmd, argv, file and code; it has {has}")
    if job.shell and job.shell not in (*SHELLS, *LANGUAGES):
        raise UsageError(f"Job {planned.title}: {job.shell} is none of {', '.join((*SHELLS, *LANGUAGES))}")
    if job.cmd is not None and job.shell in LANGUAGES:
        raise UsageError(f"Job {planned.title}: cmd is a line for a shell; give statements of {job.shell} as code")
    if job.args and job.file is None and job.code is None:
        raise UsageError(f"Job {planned.title}: args belong to a file or code")
    check_parse_as(job.parse_as)


def _text(job: Job) -> str:
    """The job as people read it."""
    if job.cmd is not None:
        return job.cmd
    if job.argv is not None:
        return text_of(list(job.argv))
    return text_of([job.file, *job.args]) if job.file is not None else (job.code or "").strip()


def _blank(job: PlannedJob) -> ExecResult:
    return ExecResult(
        run_id="", kind="job", command=_text(job.job), cwd=job.job.cwd or "", owner="user", started_at=time.time(),
        status="skipped", reason="", exit_code=None, signal=None, duration_ms=0, cpu_ms=0, peak_rss=0, output=Output(),
        stderr=Output(),
    )  # fmt: skip


def _skipped(job: PlannedJob, culprit: str) -> ExecResult:
    return replace(_blank(job), skipped_for=culprit)


def _not_started(job: PlannedJob, message: str) -> ExecResult:
    return replace(_blank(job), status="not_started", reason="spawn_error", stderr=Output(text=message))
