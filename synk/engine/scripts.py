"""Python files in forks of a warm interpreter: what `python FILE` does, without its start and its imports."""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace

from synk.base.paths import resource_directory
from synk.engine.active import ActiveRun
from synk.engine.client import EngineClient
from synk.engine.commands import recognise
from synk.engine.following import followed
from synk.engine.options import Job
from synk.engine.repls import repl_environment
from synk.engine.requests import Reading, folder_of, text_of
from synk.engine.results import Event, ExecResult

POLL_S = 0.1
"""The script writes its files itself, so nobody tells of new bytes; only while somebody listens."""


async def run_python(client: EngineClient, job: Job, *, on_event: Callable[[Event], object] | None = None) -> ExecResult:
    """Run `job.file` with `job.args`, or `job.code`, in a kernel of its own, which ends with it.

    Standard output and error are the files of the run's spool, byte for byte; standard input is empty.

    Raises:
        UsageError: no Python was found, or a variable cannot be.
        NotAllowed: the caller may not, or too much runs.
    """
    cwd = folder_of(job.cwd)
    file = os.path.join(cwd, os.path.expanduser(job.file)) if job.file is not None else None
    words = ["python", job.file or "-c", *job.args] if job.file is not None else ["python", "-c", job.code or "", *job.args]
    recognised = recognise(words, client.classes)
    built = await repl_environment(client, cwd, job.env, "inherit")
    reading = Reading(recognised=recognised, masks=built.masks, parse_as=job.parse_as, variables=built.values)
    with _output_files(str(client.state)) as (out, err):
        script = {"file": file, "name": job.file, "code": job.code, "args": list(job.args), "out": out, "err": err}
        program = str(resource_directory() / "batch" / "python_script.py")
        started, watch = await client.link.start(
            "repl.exec",
            **client.languages.request("python", interpreter="", environment=built.values, cwd=cwd),
            once=True,
            environment=built.values,
            cwd=cwd,
            code=f"__import__('runpy').run_path({program!r}, {{'script': {script!r}}}, 'synk_script')",
            want="text",
            timeout_s=job.timeout_s,
            watch=True,
        )
        active = ActiveRun(client, {**started, "kind": "job", "command": text_of(words)}, watch, reading)
        for stream, path in (("out", out), ("err", err)):
            # Under both names, whichever the script opens first: it belongs to the run from now on.
            os.link(path, os.path.join(active.folder, f"{stream}.raw"))
        client.remember(active.run, reading)
        sizes = asyncio.create_task(_tell_sizes(active)) if on_event is not None else None
        try:
            result = await followed(active, on_event=on_event, early=())
        finally:
            if sizes is not None:
                sizes.cancel()
    return replace(result, kind="job", command=built.masks.mask(text_of(words)))


async def _tell_sizes(active: ActiveRun) -> None:
    while not active.is_over:
        active.tell_sizes(*(_size(active.folder, stream) for stream in ("out", "err")))
        await asyncio.sleep(POLL_S)


def _size(folder: str, stream: str) -> int:
    try:
        return os.stat(os.path.join(folder, f"{stream}.raw")).st_size
    except OSError:
        return 0


@contextlib.contextmanager
def _output_files(state: str) -> Iterator[tuple[str, str]]:
    """Two empty files on the disk of the spools; gone at the end under these names."""
    paths: list[str] = []
    try:
        for stream in ("out", "err"):
            fd, path = tempfile.mkstemp(prefix=".job-", suffix=f".{stream}", dir=state)
            os.close(fd)
            paths.append(path)
        yield paths[0], paths[1]
    finally:
        for path in paths:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)

