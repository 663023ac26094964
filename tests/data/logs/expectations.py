"""What the readers of Synk say about a log of the corpus; the tests compare it with what a person has accepted."""

import fnmatch
import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from synk.engine.classes import Classes, load_classes
from synk.engine.commands import recognise
from synk.engine.evidence import Facts
from synk.engine.failures import explain
from synk.engine.progress import ProgressReader
from synk.engine.structured import structured_result
from synk.engine.texts import rendered

ROOT = Path(__file__).resolve().parents[3]
PROJECT = "/home/user/project"
COMMANDS = ("git", "grep", "make", "python3", "node", "ls", "cat")
"""What is on PATH for the readers: suggestions of near names must not depend on the machine."""
CHUNK = 997
"""Bytes fed at a time: lines and characters are cut anywhere."""


def read_log(log: dict[str, Any], mode: str, folder: Path) -> dict[str, Any]:
    """{class, status, progress, result, failure} of one recording; `folder` is empty and becomes the run's directory."""
    taken = log["taken"][mode]
    cwd = folder / "project"
    for name, text in log.get("files", {}).items():
        path = cwd / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    cwd.mkdir(exist_ok=True)
    bins = folder / "bin"
    bins.mkdir()
    for name in COMMANDS:
        (bins / name).touch()
    recognised = recognise(log["command"], shipped())
    streams = {name: taken[name].replace(PROJECT, str(cwd)).encode("utf-8", "surrogateescape") for name in ("err", "out")}
    reader = ProgressReader(recognised.cls, clock=lambda: 0.0)
    for name, data in streams.items():
        for at in range(0, len(data), CHUNK):
            reader.feed(name, data[at : at + CHUNK])
    report = folder / "report"
    if "report" in taken:
        report.write_text(taken["report"])
    out, err = rendered(streams["out"]), rendered(streams["err"])
    code, signal = taken["exit_code"], taken["signal"]
    stopped = log.get("stopped") and (signal or code not in recognised.cls.normal_codes)
    ended = "completed" if code in recognised.cls.normal_codes else "failed"
    status = "interrupted" if stopped else "crashed" if signal else ended
    reason = "cancelled" if stopped else "signaled" if signal else "exited"
    result = structured_result(
        recognised, out=out, err=err, exit_code=code, signal=signal, report=report if report.exists() else None, cwd=cwd
    )
    facts = Facts(
        status, reason, code, signal, recognised, out_tail=out, err_tail=err,
        variables={"PATH": str(bins)}, cwd=str(cwd),
    )  # fmt: skip
    failure = explain(facts)
    told = {
        "class": recognised.cls.name,
        "status": status,
        "progress": without_none(reader.last.as_dict()) if reader.last else None,
        "result": result,
        "failure": slim(failure.as_dict()) if failure else None,
    }
    text = json.dumps(told, ensure_ascii=False).replace(str(cwd), PROJECT)
    return dict(json.loads(text))


@cache
def shipped() -> Classes:
    return load_classes(ROOT / "resources/commands")


def without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (None, "", [], {})}


def slim(failure: dict[str, Any]) -> dict[str, Any]:
    """Short enough for a person to read: frames in one line each, nothing that is empty."""
    told = without_none(failure)
    told["frames"] = [f"{frame['file']}:{frame['line']} {frame['function']}".strip() for frame in failure["frames"]][-6:]
    told["chain"] = [slim(inner) for inner in failure["chain"]]
    told["details"] = without_none(failure["details"])
    return without_none(told)


def write_expected(paths: list[Path], only: list[str]) -> None:
    """Write what the readers say today; one entry for both modes where they agree."""
    for path in paths:
        if only and not any(fnmatch.fnmatch(path.stem, glob) for glob in only):
            continue
        log = json.loads(path.read_text())
        told: dict[str, Any] = {}
        for mode in log["taken"]:
            with tempfile.TemporaryDirectory() as folder:
                told[mode] = read_log(log, mode, Path(folder))
        log["expected"] = {"both": told["pipe"]} if told["pipe"] == told.get("pty") else told
        path.write_text(json.dumps(log, indent=1, ensure_ascii=False) + "\n")
