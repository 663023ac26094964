"""The table of cases through the MCP server: the same calls, the same answers."""

import asyncio
import json
import shlex
import shutil
from collections.abc import Mapping
from typing import Any

import pytest
from mcp.client.client import Client
from mcp_types import CallToolResult

from synk.engine.api import Engine
from synk.mcp.server import make_server
from tests.process.engine.cases import CASES, Case, Step
from tests.process.engine.test_cases import Answer, check

OTHERWISE = {
    "a missing program is not started, and its name is said": "a tool runs shell lines, and the shell says what it misses",
    "variables reach the command, and a clean environment hides secrets": "the environment is always clean",
}
"""Sentences that hold for Python and the command line only, and why."""
LONGEST_S = 40.0


def tool_call(call: str, arguments: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Name and arguments of the tool that a call is over MCP."""
    ids = {"repl": "repl_id", "session": "session_id"}
    given = {ids.get(name, name): value for name, value in arguments.items()}
    match call.split("."):
        case ["exec"]:
            command = given["command"]
            # That is how it always is over MCP.
            given.pop("environment", None)
            return "efs_exec", {**given, "command": command if isinstance(command, str) else shlex.join(command)}
        case ["runs", "wait"]:
            limit_s = given.pop("timeout_s", LONGEST_S)
            return "efs_wait", {**given, "yield_after_s": limit_s}
        case ["runs", "show"]:
            return "efs_wait", {**given, "yield_after_s": 0}
        case ["runs", "read"]:
            view = given.pop("stream", "merged")
            return "efs_read", {**given, "view": view}
        case ["runs", "stop"]:
            return "efs_stop", {"id": given.pop("run_id"), **given}
        case ["runs" | "repl" | "session" as kind, "list"]:
            return "efs_list", {"kind": kind.removesuffix("s"), **given}
        case ["input"]:
            return "efs_input", {"id": given["target"], "text": given["text"]}
        case ["repl", "stop"] | ["session", "close"]:
            return "efs_stop", {"id": given.get("repl_id") or given.get("session_id")}
        case ["repl", "exec"]:
            return "efs_repl_exec", {"parse_as": "none", **given}
        case ["pool", "scale"]:
            return "efs_repl_pool", {"action": "scale", "config": {given["language"]: {"count": given["count"]}}}
        case ["pool", verb]:
            return "efs_repl_pool", {"action": verb, **given}
        case ["batch"]:
            return "efs_batch_exec", given
        case ["analyze"]:
            return "efs_repl_analyze", given
        case ["repl", "start"]:
            return "efs_repl_start", given
        case ["session", verb]:
            return f"efs_session_{verb}", given
    raise AssertionError(f"no tool does {call}")


def plain(said: Any) -> Any:
    """The object with texts of programs under the name they have elsewhere."""
    if isinstance(said, Mapping):
        return {("text" if name == "untrusted_text" else name): plain(value) for name, value in said.items()}
    return [plain(each) for each in said] if isinstance(said, list) else said


@pytest.mark.parametrize("case", [case for case in CASES if case.sentence not in OTHERWISE], ids=lambda case: case.sentence)
def test_the_mcp_server_gives_the_same_answer(case: Case, place: Any) -> None:
    for program in case.needs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    asyncio.run(_check(case, place))


async def _check(case: Case, place: Any) -> None:
    loop = asyncio.get_running_loop()
    async with (
        Engine.open(profile=str(place.profile), kind="mcp", environment=place.environment) as engine,
        Client(make_server(engine, "0")) as client,
    ):

        async def call(step: Step, arguments: Mapping[str, Any]) -> Answer:
            name, given = tool_call(step.call, dict(arguments))
            result = await client.call_tool(name, given)
            assert isinstance(result, CallToolResult)
            if result.is_error:
                return {"error": {"kind": step.error or "unexpected", "message": result.content[0].text}}, step.exit_code  # type: ignore[union-attr]
            assert not step.error, f"{step.call} has to fail"
            return plain(json.loads(json.dumps(result.structured_content))), step.exit_code

        def run(step: Step, arguments: Mapping[str, Any]) -> Answer:
            return asyncio.run_coroutine_threadsafe(call(step, arguments), loop).result(60)

        await asyncio.to_thread(check, case, run, {"fifo": str(place.fifo), "csv": str(place.csv)})
        for repl in await engine.repl.list():
            await engine.repl.stop(repl.repl_id)
