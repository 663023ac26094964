"""The table of cases through the Python API and through the command line."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from synk.base.errors import SynkError
from tests.process.engine.cases import CASES, Case, Step

Answer = tuple[Any, int]
"""The JSON of an answer, or {"error": ...}, and the exit code (0 where there is none)."""


def python_runner(engine: Any, _place: Any) -> Callable[[Step, Mapping[str, Any]], Answer]:
    """Calls of the blocking API; what they give as JSON."""

    def run(step: Step, arguments: Mapping[str, Any]) -> Answer:
        try:
            return _plain(_python_call(engine, step.call, dict(arguments))), step.exit_code
        except SynkError as error:
            return {"error": {"kind": error.kind, "message": error.message}}, step.exit_code

    return run


def _python_call(engine: Any, call: str, arguments: dict[str, Any]) -> Any:
    match call:
        case "repl.exec":
            return engine.repl.use(arguments.pop("repl")).exec(**arguments)
        case "session.exec":
            return engine.session.get(arguments.pop("session")).exec(**arguments)
        case "session.close":
            return engine.session.get(arguments["session"]).close()
        case "repl.start":
            return {"repl_id": engine.repl.start(**arguments).id}
        case "session.create":
            return {"session_id": engine.session.create(**arguments).id}
        case "runs.list" | "repl.list" | "session.list":
            part, _, verb = call.partition(".")
            name = {"runs": "runs", "repl": "repls", "session": "sessions"}[part]
            return {name: [each.as_dict() for each in getattr(getattr(engine, part), verb)(**arguments)]}
    target = engine
    for word in call.split("."):
        target = getattr(target, word)
    return target(**arguments)


def _plain(answer: Any) -> Any:
    return json.loads(json.dumps(answer.as_dict() if hasattr(answer, "as_dict") else answer))


def cli_runner(_engine: Any, place: Any) -> Callable[[Step, Mapping[str, Any]], Answer]:
    """`synk ... --json` as a process of its own."""

    def run(step: Step, arguments: Mapping[str, Any]) -> Answer:
        words = _words(step.call, dict(arguments), place.base)
        command = [sys.executable, "-P", "-m", "synk", "--profile", str(place.profile), *words]
        done = subprocess.run(command, env=place.environment, capture_output=True, text=True, timeout=60, check=False)
        assert done.stderr == "", done.stderr
        lines = done.stdout.splitlines()
        assert len(lines) == 1, f"one object and nothing else: {done.stdout}"
        return json.loads(lines[0]), done.returncode

    return run


def _words(call: str, arguments: dict[str, Any], folder: Path) -> list[str]:
    """The command line of a call: what has a place of its own, then options."""
    words = call.split(".")
    if call == "input":
        return ["runs", "input", "--json", arguments["target"], arguments["text"]]
    if call == "batch":
        file = folder / "jobs.json"
        file.write_text(json.dumps(arguments["jobs"]))
        return ["batch", "--json", str(file)]
    if call == "pool.init":
        sizes = [f"{name}={size['count']}" for name, size in arguments["config"].items()]
        return ["pool", "init", "--json", *sizes]
    places = {
        "exec": ["command"], "repl.start": ["language"], "repl.exec": ["repl", "code"], "repl.stop": ["repl"],
        "session.create": ["kind"], "session.exec": ["session", "input"], "session.close": ["session"],
        "analyze": ["language", "load", "operations"], "pool.scale": ["language", "count"],
    }.get(call, ["run_id"] if words[0] == "runs" else [])  # fmt: skip
    placed: list[str] = []
    for name in places:
        value = arguments.pop(name, None)
        placed += [str(each) for each in value] if isinstance(value, list) else [] if value is None else [str(value)]
    return [*words, "--json", *_options(arguments), *(["--"] if call == "exec" else []), *placed]


def _options(arguments: Mapping[str, Any]) -> list[str]:
    words: list[str] = []
    names = {"timeout_s": "--timeout", "tail_lines": "--tail"}
    for name, value in arguments.items():
        if name == "environment":
            words.append(f"--{value}-env")
        elif isinstance(value, Mapping):
            for key, each in value.items():
                words += [f"--{name}", f"{key}={each}"]
        elif isinstance(value, list):
            for each in value:
                words += [f"--{name}", str(each)]
        elif value is True:
            words.append(f"--{name.replace('_', '-')}")
        else:
            words += [names.get(name, f"--{name.replace('_', '-')}"), str(value)]
    return words


RUNNERS = {"python": python_runner, "cli": cli_runner}


def at(answer: Any, path: str) -> Any:
    """The value at `a.0.b`; a missing one is None."""
    for word in path.split("."):
        if isinstance(answer, list):
            answer = answer[int(word)] if int(word) < len(answer) else None
        else:
            answer = answer.get(word) if isinstance(answer, Mapping) else None
    return answer


def filled(value: Any, kept: Mapping[str, Any]) -> Any:
    """The value with `$name` replaced by what was kept."""
    if isinstance(value, str):
        return kept.get(value[1:], value) if value.startswith("$") else value
    if isinstance(value, Mapping):
        return {key: filled(each, kept) for key, each in value.items()}
    return [filled(each, kept) for each in value] if isinstance(value, list) else value


def check(case: Case, run: Callable[[Step, Mapping[str, Any]], Answer], kept: dict[str, Any]) -> None:
    """Do all steps and compare; a runner gives the answer as JSON and the exit code."""
    for step in case.steps:
        answer, code = run(step, filled(step.arguments, kept))
        if step.error:
            assert at(answer, "error.kind") == step.error, f"{step.call}: {answer}"
            assert at(answer, "error.message")
        for path, expected in filled(step.expected, kept).items():
            value = at(answer, path)
            assert expected(value) if callable(expected) else value == expected, f"{step.call}: {path} is {value!r} in {answer}"
        assert code == step.exit_code, f"{step.call}: exit code {code}, {answer}"
        kept |= {name: at(answer, path) for name, path in step.keep.items()}


@pytest.fixture
def clean(engine: Any) -> Iterator[None]:
    """No REPL and no session of an earlier case."""
    yield
    for each in engine.repl.list():
        engine.repl.stop(each.repl_id)


@pytest.mark.usefixtures("clean")
@pytest.mark.parametrize("runner", RUNNERS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.sentence)
def test_every_way_to_the_engine_gives_the_same_answer(case: Case, runner: str, engine: Any, place: Any) -> None:
    for program in case.needs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    check(case, RUNNERS[runner](engine, place), {"fifo": str(place.fifo), "csv": str(place.csv)})
