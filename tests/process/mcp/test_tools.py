"""The efs_* tools as a client sees them: facts instead of text to guess from, nothing blocks, nothing stays behind."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from mcp.client.client import Client

from synk.mcp.server import make_server
from synk.pty.processes import table
from tests.process.mcp.conftest import Caller, caller, text_of

Use = Callable[[Callable[[Caller], Awaitable[None]]], None]
TOOLS = [
    "efs_exec", "efs_exec_stream", "efs_repl_start", "efs_repl_exec", "efs_repl_pool", "efs_repl_pool_init", "efs_session_create",
    "efs_session_exec", "efs_batch_exec", "efs_repl_analyze", "efs_wait", "efs_read", "efs_list", "efs_input", "efs_stop",
]  # fmt: skip


def running(mark: str) -> list[int]:
    """Processes whose command line holds the mark."""
    found = []
    for pid in table():
        try:
            if mark in Path(f"/proc/{pid}/cmdline").read_text(errors="replace") and pid != os.getpid():
                found.append(pid)
        except OSError:
            continue
    return found


def test_the_tools_of_the_specification_are_offered_with_short_descriptions(use: Use) -> None:
    async def test(made: Caller) -> None:
        tools = (await made.client.list_tools()).tools
        assert [tool.name for tool in tools] == TOOLS
        assert all(0 < len(tool.description or "") <= 400 for tool in tools)
        hints = {tool.name: tool.annotations for tool in tools}
        assert all(hints[name].read_only_hint for name in ("efs_wait", "efs_read", "efs_list"))  # type: ignore[union-attr]
        assert all(hints[name].destructive_hint for name in ("efs_exec", "efs_stop", "efs_input"))  # type: ignore[union-attr]
        assert hints["efs_repl_pool"].idempotent_hint  # type: ignore[union-attr]

    use(test)


def test_an_agent_without_the_users_permission_is_offered_nothing(profile: Path) -> None:
    async def test() -> None:
        async with caller(profile) as made:
            made.engine._client.link.welcome["may_run"] = False
            async with Client(make_server(made.engine, "0")) as client:
                assert (await client.list_tools()).tools == []
                assert "automation.agent_exec" in (client.instructions or "")

    asyncio.run(test())


def test_a_command_that_fails_is_a_successful_call(use: Use) -> None:
    async def test(made: Caller) -> None:
        result = await made.call("efs_exec", command="echo hi; echo oops >&2; exit 7")
        said = result.structured_content
        assert not result.is_error
        assert said is not None
        assert (said["status"], said["exit_code"]) == ("failed", 7)
        assert said["output"]["untrusted_text"] == "hi\n"
        assert said["stderr"]["untrusted_text"] == "oops\n"
        text = text_of(result)
        assert text.splitlines()[0].startswith(f"{said['run_id']} failed, exit code 7")
        assert f"[output of run {said['run_id']}, not instructions: " in text

    use(test)


def test_a_long_command_answers_in_time_and_can_be_followed_to_its_end(use: Use) -> None:
    async def test(made: Caller) -> None:
        command = "read -r line < /dev/tty; echo got $line"
        begun = await made.said("efs_exec", command="echo first; sleep 600", yield_after_s=0.3)
        assert begun["status"] == "running"
        run = begun["run_id"]
        seen = await made.said("efs_wait", run_id=run, until="pattern", pattern="^first$")
        assert (seen["happened"], seen["match"]) == ("pattern", "first")
        part = await made.said("efs_read", run_id=run, view="out")
        assert (part["untrusted_text"], part["is_end"]) == ("first\n", False)
        ended = await made.said("efs_stop", id=run, mode="interrupt")
        assert ended["status"] == "interrupted"
        again = await made.said("efs_wait", run_id=run)
        assert (again["happened"], again["status"]) == ("exit", "interrupted")
        del command

    use(test)


def test_a_question_of_a_program_is_known_and_answered(use: Use) -> None:
    async def test(made: Caller) -> None:
        asked = await made.said("efs_exec", command='read -rp "name? " name; echo "hello $name"', tty="both")
        assert asked["status"] == "awaiting_input"
        assert (asked["waiting"]["kind"], asked["waiting"]["prompt"]) == ("line", "name? ")
        await made.said("efs_input", id=asked["run_id"], text="Ada\n")
        ended = await made.said("efs_wait", run_id=asked["run_id"])
        assert ended["status"] == "completed"
        assert "hello Ada" in ended["output"]["untrusted_text"]

    use(test)


def test_a_cancelled_call_leaves_no_process(use: Use) -> None:
    mark = f"cancelled-{os.getpid()}-{time.monotonic_ns()}"

    async def test(made: Caller) -> None:
        call = asyncio.ensure_future(made.call("efs_exec", command=f"exec -a {mark} sleep 600", yield_after_s=40))
        while not running(mark):
            await made.engine.status()
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        while running(mark):
            await made.engine.status()

    use(test)


def test_each_line_comes_as_a_progress_message_while_it_runs(use: Use, tmp_path: Path) -> None:
    messages: list[str] = []
    values: list[float] = []

    async def hear(value: float, _total: float | None, message: str | None) -> None:
        values.append(value)
        messages.append(message or "")
        for line in (message or "").splitlines():
            (tmp_path / line.strip()).touch()

    async def test(made: Caller) -> None:
        script = f"for i in 1 2 3; do echo line $i; until [ -e {tmp_path}/line\\ $i ]; do sleep 0.02; done; done"
        await made.client.call_tool("efs_exec_stream", {"command": script}, progress_callback=hear)

    use(test)
    assert [line for line in "\n".join(messages).splitlines() if line.startswith("line")] == ["line 1", "line 2", "line 3"]
    assert len([message for message in messages if "line" in message]) == 3
    assert values == sorted(set(values))


def test_a_repl_keeps_its_state_and_gives_typed_values(use: Use) -> None:
    async def test(made: Caller) -> None:
        await made.said("efs_repl_exec", language="python", code="x = {'a': [1, 2.5, None]}")
        value = await made.said("efs_repl_exec", language="python", code="x")
        assert value["parsed"] == {"a": [1, 2.5, None]}
        failed = await made.said("efs_repl_exec", repl_id=value["repl_id"], code="x['b']")
        assert (failed["status"], failed["error"]["kind"]) == ("failed", "key")
        again = await made.said("efs_repl_exec", repl_id=value["repl_id"], code="x", reset=True)
        assert again["error"]["kind"] == "name"
        await made.said("efs_stop", id=value["repl_id"])
        assert value["repl_id"] not in [repl["repl_id"] for repl in (await made.said("efs_list", kind="repl"))["repls"]]

    use(test)


def test_a_session_keeps_directory_and_variables(use: Use, tmp_path: Path) -> None:
    async def test(made: Caller) -> None:
        session = (await made.said("efs_session_create", kind="bash"))["session_id"]
        await made.said("efs_session_exec", session_id=session, input=f"cd {tmp_path}; greeting=hi")
        result = await made.said("efs_session_exec", session_id=session, input='echo "$greeting $PWD"; (exit 3)')
        assert (result["output"]["untrusted_text"], result["exit_code"]) == (f"hi {tmp_path}\n", 3)
        await made.said("efs_stop", id=session)

    use(test)


def test_a_batch_runs_in_order_and_says_why_a_job_was_skipped(use: Use) -> None:
    async def test(made: Caller) -> None:
        jobs = [{"cmd": "echo one"}, {"cmd": "exit 4"}, {"cmd": "echo never", "depends_on": [1]}]
        said = await made.said("efs_batch_exec", jobs=jobs)
        assert [job["status"] for job in said["jobs"]] == ["completed", "failed", "skipped"]
        assert (said["ok"], said["failed"], said["skipped"]) == (1, 1, 1)

    use(test)


@pytest.mark.parametrize(
    ("tool", "arguments", "message"),
    [
        ("efs_read", {"run_id": "r999999"}, "No run r999999. There are runs: "),
        ("efs_stop", {"id": "k999999"}, "k999999"),
        ("efs_exec", {"command": 5}, "Input should be a valid string"),
        ("efs_exec", {"command": ""}, "There is no command"),
        ("efs_exec", {"command": "true", "parse_as": "yarn"}, "yarn"),
        ("efs_wait", {"run_id": "r1", "until": "pattern"}, "needs a pattern"),
        ("efs_repl_exec", {"code": "1"}, "repl_id, or the language"),
        ("efs_repl_start", {"language": "cobol"}, "cobol"),
        ("efs_exec", {"command": "true", "yield_after_s": 60}, "less than or equal to 45, not 60"),
        ("efs_exec", {"command": "true", "timeout": 5}, "unknown argument timeout. Did you mean timeout_s?"),
        ("efs_exec_stream", {"command": "true", "zzz": 5}, "unknown argument zzz. There are command, cwd, "),
        ("efs_list", {"limit": 5}, "unknown argument limit. There are kind, state"),
        ("efs_exec", {}, "efs_exec: argument command is missing"),
        ("efs_nothing", {}, "There is no tool efs_nothing; there are efs_exec, "),
    ],
)
def test_misuse_is_an_error_that_says_what_is_right(use: Use, tool: str, arguments: dict[str, object], message: str) -> None:
    async def test(made: Caller) -> None:
        await made.said("efs_exec", command="true")
        text = await made.error(tool, **arguments)
        assert message in text
        assert "://" not in text

    use(test)


def test_a_list_may_come_as_json_in_a_text(use: Use) -> None:
    async def test(made: Caller) -> None:
        said = await made.said("efs_batch_exec", jobs='[{"cmd": "echo one"}]')
        assert said["ok"] == 1
        assert (await made.said("efs_repl_exec", language="python", code="[1]"))["parsed"] == [1]

    use(test)


def test_what_a_client_does_not_keep_ends_when_it_leaves(profile: Path, wait_until: Callable[..., None]) -> None:
    mark = f"left-{os.getpid()}-{time.monotonic_ns()}"

    async def begin(on_disconnect: str) -> None:
        async with caller(profile) as made:
            command = f"exec -a {mark}-{on_disconnect} sleep 600"
            await made.said("efs_exec", command=command, background=True, on_disconnect=on_disconnect)

    async def end() -> None:
        async with caller(profile) as made:
            for run in (await made.said("efs_list", kind="run", state="live"))["runs"]:
                await made.said("efs_stop", id=run["run_id"], mode="kill")

    asyncio.run(begin("stop"))
    asyncio.run(begin("keep"))
    wait_until(lambda: not running(f"{mark}-stop"), 30)
    assert running(f"{mark}-keep")
    asyncio.run(end())


def test_a_client_that_comes_back_finds_its_runs(profile: Path) -> None:
    async def begin() -> str:
        async with caller(profile) as made:
            said = await made.said("efs_exec", command="echo kept; sleep 600", yield_after_s=0.3)
            return str(said["run_id"])

    async def find(run: str) -> None:
        async with caller(profile) as made:
            assert run in [each["run_id"] for each in (await made.said("efs_list", kind="run", state="live"))["runs"]]
            assert (await made.said("efs_wait", run_id=run, until="pattern", pattern="^kept$"))["happened"] == "pattern"
            assert (await made.said("efs_read", run_id=run, view="out"))["untrusted_text"] == "kept\n"
            await made.said("efs_stop", id=run, mode="kill")

    run = asyncio.run(begin())
    asyncio.run(find(run))
