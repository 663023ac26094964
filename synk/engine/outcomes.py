"""From the host's record of a run and its spool to what a caller gets: text within a budget, progress, result, reason."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from synk.base.wire import Message
from synk.engine.environment import Masks
from synk.engine.evidence import Facts
from synk.engine.excerpts import excerpt
from synk.engine.failures import explain
from synk.engine.findings import Failure, ParseError, Progress
from synk.engine.kept import KeptOutput, Stream, tails_of
from synk.engine.outputs import parse
from synk.engine.progress import ProgressReader
from synk.engine.requests import Reading
from synk.engine.results import FINAL, Background, ExecResult, Output, Ready, Waiting
from synk.engine.structured import structured_result
from synk.engine.texts import rendered

PARSED_BYTES = 64 << 20
"""The most that is parsed: the part of the output that is kept for certain (spool.HEAD_BYTES)."""
FINDING_BYTES = 4 << 20
"""From each end of the output: where results and reasons stand."""
PROGRESS_BYTES = 64 << 10


def result_of(record: Message, reading: Reading) -> ExecResult:
    """The result of a run, over or not. Reads its spool: some ms, for large outputs and `parse_as` up to a second."""
    with KeptOutput(record) as kept:
        return _Outcome(record, reading, kept).result()


_TOLD = ("command", "extra", "waiting", "ready", "background", "error")
"""Fields of a record with texts of the program: what a cell gave back, its exception, a prompt."""


def masked(value: Any, masks: Masks) -> Any:
    """JSON with secrets replaced in all its texts, also in names."""
    if isinstance(value, str):
        return masks.mask(value)
    if isinstance(value, Mapping):
        return {masks.mask(name): masked(each, masks) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [masked(each, masks) for each in value]
    return value


class _Outcome:
    def __init__(self, record: Message, reading: Reading, kept: KeptOutput) -> None:
        if reading.masks:
            record = {**record, **{name: masked(record.get(name), reading.masks) for name in _TOLD}}
        self._record = record
        self._reading = reading
        self._kept = kept
        self._is_over = record["status"] in FINAL
        self._extra: Mapping[str, Any] = record.get("extra") or {}
        self._out = self._err = ""
        self._sizes = {stream: self._size_of(stream) for stream in ("out", "err")}
        """Bytes and lines."""

    def result(self) -> ExecResult:
        record = self._record
        output, stderr = self._output("out"), self._output("err")
        self._out, self._err = self._findings_text("out", output), self._findings_text("err", stderr)
        structured = self._structured()
        parsed, problem = self._parsed(structured)
        return ExecResult(
            run_id=record["run"],
            kind=record["kind"],
            command=self._mask(record["command"]),
            cwd=record["cwd"],
            owner=record["owner"],
            started_at=record["started_at"],
            status=record["status"],
            reason=record["reason"] or "",
            exit_code=record["exit_code"],
            signal=signal_name(record["signal"]),
            duration_ms=record["duration_ms"],
            cpu_ms=record["cpu_ms"],
            peak_rss=record["peak_rss"],
            output=output,
            stderr=stderr,
            waiting=waiting_of(record.get("waiting")),
            ready=ready_of(record.get("ready")),
            background=tuple(Background(int(each["pid"]), str(each["command"])) for each in record.get("background") or ()),
            progress=self._progress(),
            result=structured,
            parsed=parsed,
            parse_error=problem,
            error=self._failure(),
            state_lost=bool(record.get("state_lost")),
            images=tuple(os.path.join(record["folder"], name) for name in self._extra.get("images") or ()),
            notes=tuple(filter(None, (*(self._extra.get("notes") or ()), self._extra.get("spool_problem")))),
        )

    def _size_of(self, stream: Stream) -> tuple[int, int]:
        told = int(self._record[stream]["bytes"]), int(self._record[stream]["lines"])
        size = self._kept.size(stream)
        if size == told[0]:
            return told
        # The host has counted nothing.
        return size, self._kept.read_fully(stream, 0, size).count(b"\n")

    def _output(self, stream: Stream) -> Output:
        size, lines = self._sizes[stream]
        text, is_cut = excerpt(
            lambda cursor, count: self._kept.read_fully(stream, cursor, count),
            size=size,
            lines=lines,
            max_chars=self._reading.max_output_chars,
            run_id=self._record["run"],
            mask=self._mask,
        )
        spool = os.path.join(self._record["folder"], f"{stream}.raw")
        return Output(
            text=text,
            truncated=is_cut or self._is_incomplete(stream),
            bytes=size,
            lines=lines,
            cursor=size,
            spool=spool if size else "",
        )

    def _findings_text(self, stream: Stream, output: Output) -> str:
        """What reasons and results are looked for in: all of it, or both ends."""
        if not output.truncated:
            return output.text
        size = output.bytes
        if size <= 2 * FINDING_BYTES:
            data = self._kept.read_fully(stream, 0, size)
        else:
            first, last = (self._kept.read_fully(stream, start, FINDING_BYTES) for start in (0, size - FINDING_BYTES))
            data = first + b"\n" + last
        return self._mask(rendered(data))

    def _is_incomplete(self, stream: Stream) -> bool:
        told = self._record[stream]
        return bool(told.get("dropped")) and len(tails_of(self._record).get(stream, b"")) < int(told["bytes"])

    def _parsed(self, structured: Any) -> tuple[Any, ParseError | None]:
        reading = self._reading
        if reading.parse_as == "none":
            return None, None
        if self._record["kind"] == "cell" and reading.parse_as in ("python", "auto") and "value" in self._extra:
            return plain_value(self._extra["value"]), None
        if not self._is_over:
            return None, None
        size = self._sizes["out"][0]
        if size > PARSED_BYTES:
            return None, ParseError(f"{size:,} bytes of output are too many to be parsed: at most {PARSED_BYTES >> 20} MiB")
        if self._is_incomplete("out"):
            return None, ParseError("a part of the output is not kept any more")
        text = self._mask(rendered(self._kept.read_fully("out", 0, size)))
        if reading.recognised is not None and reading.recognised.cls.result == "generic":
            structured = None  # exit code and last lines say less than a parser that knows the command
        found = parse(text, reading.parse_as, recognised=reading.recognised, max_rows=reading.max_rows, result=structured)
        return found.value, found.error

    def _structured(self) -> Any:
        if self._record["kind"] == "cell":
            return self._extra.get("value")
        recognised = self._reading.recognised
        if recognised is None or not self._is_over or self._record["status"] == "not_started":
            return None
        report = Path(report_path(self._record["folder"]))
        return structured_result(
            recognised,
            out=self._out,
            err=self._err,
            exit_code=self._record["exit_code"],
            signal=signal_name(self._record["signal"]),
            report=report if report.exists() else None,
            cwd=self._record["cwd"],
        )

    def _progress(self) -> Progress | None:
        recognised = self._reading.recognised
        if recognised is None:
            return None
        reader = ProgressReader(recognised.cls)
        newest: Progress | None = None
        for stream in ("out", "err"):
            size = self._sizes[stream][0]
            data = self._kept.read_fully(stream, max(0, size - PROGRESS_BYTES), PROGRESS_BYTES)
            newest = (reader.feed(stream, data) if data else None) or newest
        return with_eta(newest, self._reading, self._record["duration_ms"] / 1000, is_over=self._is_over)

    def _failure(self) -> Failure | None:
        facts = Facts.of_record(
            {**self._record, "signal": signal_name(self._record["signal"]), **self._start_problem()},
            recognised=self._reading.recognised,
            out_tail=self._out,
            err_tail=self._err,
            limits=self._reading.limits,
            variables=self._reading.variables,
        )
        return explain(facts)

    def _start_problem(self) -> Message:
        """The host's words of why there is no process; of a cell `extra.error` is a traceback."""
        return {"error": self._extra.get("error"), "extra": {}} if self._record["status"] == "not_started" else {}

    def _mask(self, text: str) -> str:
        return self._reading.masks.mask(text)


def signal_name(name: str | None) -> str | None:
    """`SIGKILL`; the host leaves SIG away."""
    return name if not name or name.startswith("SIG") else f"SIG{name}"


def report_path(folder: str) -> str:
    """Where programs of some classes write their report, in the folder of the run."""
    return os.path.join(folder, "report")


def plain_value(encoded: Any) -> Any:
    """The JSON part of a value a kernel encoded: what a caller computes with."""
    if not isinstance(encoded, dict) or "type" not in encoded:
        return encoded
    if encoded["type"] in ("dataframe", "series", "index", "array"):
        return {key: value for key, value in encoded.items() if key not in ("type", "repr")}
    return encoded.get("value")


def with_eta(progress: Progress | None, reading: Reading, elapsed_s: float, *, is_over: bool) -> Progress | None:
    """The progress with what is known from earlier times where the program tells no ETA itself; what has ended has none."""
    if is_over:
        return replace(progress, eta_s=None) if progress is not None else None
    if progress is not None and progress.eta_s is not None:
        return progress
    eta_s = reading.usual.eta_s(elapsed_s)
    typical_s = reading.usual.typical_s
    if eta_s is None or not typical_s:
        return progress
    if progress is None:
        return Progress(pct=min(99.0, 100.0 * elapsed_s / typical_s), eta_s=eta_s, confidence="low")
    return Progress(
        progress.pct, progress.done, progress.total, progress.unit, progress.phase, eta_s, progress.confidence
    )


def waiting_of(message: Mapping[str, Any] | None) -> Waiting | None:
    """As the host tells of it."""
    if not message:
        return None
    return Waiting(message["kind"], message.get("prompt", ""), message.get("program", ""), message.get("confidence", "high"))


def ready_of(message: Mapping[str, Any] | None) -> Ready | None:
    """As the host tells of it."""
    if not message:
        return None
    return Ready(tuple(message.get("urls", ())), tuple(message.get("ports", ())), message.get("pid"))

