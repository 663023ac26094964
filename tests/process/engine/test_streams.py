"""Streams, cancelling, early answers, secrets, and what becomes of a call when the host dies under it."""

import asyncio
import json
import os
import signal
import threading
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from synk.base.errors import NotAllowed, UsageError
from synk.base.wire import Message
from synk.engine import Engine
from synk.engine.results import ExitEvent, OutputEvent, StateEvent

SLEEP = "echo begun; sleep 300"


def opened(place: Any) -> Any:
    return Engine.open(profile=str(place.profile), environment=place.environment)


def test_events_come_in_order_and_the_exit_last(place: Any) -> None:
    async def run() -> list[Any]:
        command = "printf 'caf\\303'; printf '\\251\\n'; echo e >&2; for i in 1 2 3; do echo $i; done; exit 4"
        async with opened(place) as engine:
            return [event async for event in engine.stream(command)]

    events = asyncio.run(run())
    assert isinstance(events[0], StateEvent)
    assert isinstance(events[-1], ExitEvent)
    assert events[-1].result.exit_code == 4
    printed = [event for event in events if isinstance(event, OutputEvent)]
    out = [event for event in printed if event.stream == "out"]
    assert b"".join(event.data for event in out) == "café\n1\n2\n3\n".encode()
    assert "".join(event.text for event in out) == "café\n1\n2\n3\n"
    assert [event.offset for event in out] == [sum(len(e.data) for e in out[:n]) for n in range(len(out))]
    assert "".join(event.text for event in printed if event.stream == "err") == "e\n"
    json.dumps([event.as_dict() for event in events])


def test_a_line_is_heard_while_the_command_runs(place: Any) -> None:
    async def run() -> None:
        async with opened(place) as engine:
            async for event in engine.stream("echo first; read x < $FIFO; echo $x", env={"FIFO": str(place.fifo)}):
                if isinstance(event, OutputEvent) and event.text == "first\n":
                    # Only what we write lets it go on: so it has not ended yet.
                    await asyncio.to_thread(Path(place.fifo).write_text, "second\n")
                if isinstance(event, ExitEvent):
                    assert event.result.output.text == "first\nsecond\n"
                    return
            raise AssertionError("no exit")

    asyncio.run(run())


def test_leaving_the_loop_ends_the_tree(place: Any, ended: Callable[[str], None]) -> None:
    async def run() -> None:
        async with opened(place) as engine:
            async with aclosing(engine.stream(f"(sleep 300 & {SLEEP})", env={"LEFT": "loop"})) as events:
                async for event in events:
                    if isinstance(event, OutputEvent):
                        break
            await asyncio.to_thread(ended, "LEFT=loop")

    asyncio.run(run())


def test_cancelling_a_call_ends_the_tree(place: Any, ended: Callable[[str], None]) -> None:
    async def run() -> None:
        async with opened(place) as engine:
            begun = asyncio.Event()
            task = asyncio.create_task(engine.exec(SLEEP, env={"LEFT": "cancel"}, on_event=lambda _event: begun.set()))
            await begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.to_thread(ended, "LEFT=cancel")

    asyncio.run(run())


def test_a_call_that_is_cancelled_in_the_moment_of_its_answer_leaves_nothing(place: Any, ended: Callable[[str], None]) -> None:
    async def run() -> None:
        async with opened(place) as engine:
            link = engine._client.link
            dispatch = link._dispatch

            def dispatch_and_cancel(message: Message) -> None:
                dispatch(message)
                if "run" in message.get("ok", {}):
                    task.cancel()

            link._dispatch = dispatch_and_cancel
            task = asyncio.create_task(engine.exec(SLEEP, env={"LEFT": "moment"}, on_disconnect="keep"))
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.to_thread(ended, "LEFT=moment")

    asyncio.run(run())


def test_closing_the_engine_ends_what_it_ran_but_not_what_was_put_into_the_background(
    place: Any, ended: Callable[[str], None]
) -> None:
    async def run() -> str:
        async with opened(place) as engine:
            await engine.exec(SLEEP, env={"LEFT": "close"}, yield_after_s=0.05)
            kept = await engine.exec(SLEEP, env={"LEFT": "kept"}, background=True)
            return str(kept.run_id)

    kept = asyncio.run(run())
    ended("LEFT=close")
    assert place.processes("LEFT=kept")
    with place.engine() as engine:
        assert engine.runs.stop(kept, "kill").status == "killed"
    ended("LEFT=kept")


def test_a_call_returns_when_its_time_is_up_and_the_run_goes_on(place: Any) -> None:
    async def run() -> None:
        async with opened(place) as engine:
            early = await engine.exec("echo begun; read x < $FIFO", env={"FIFO": str(place.fifo)}, yield_after_s=0.3)
            assert (early.status, early.is_final) == ("running", False)
            waiting = asyncio.create_task(engine.runs.wait(early.run_id))
            await asyncio.to_thread(Path(place.fifo).write_text, "go\n")
            assert (await waiting).result.status == "completed"

    asyncio.run(run())


def test_at_the_limit_a_run_may_go_on_without_the_call(place: Any, ended: Callable[[str], None]) -> None:
    async def run() -> None:
        async with opened(place) as engine:
            early = await engine.exec(SLEEP, timeout_s=0.3, on_timeout="background", env={"LEFT": "limit"})
            assert early.status == "running"
            assert (await engine.runs.stop(early.run_id)).status == "interrupted"
            await asyncio.to_thread(ended, "LEFT=limit")

    asyncio.run(run())


def test_input_is_given_at_the_start_as_text_or_bytes(engine: Any) -> None:
    assert engine.exec("cat", stdin="é\n").output.text == "é\n"
    assert engine.exec("od -An -tx1", stdin=b"\xff\x00").output.text.split() == ["ff", "00"]
    assert engine.exec("wc -c").output.text == "0\n"


def test_input_may_be_larger_than_a_message_and_than_what_is_read_of_it(place: Any, engine: Any) -> None:
    text = "é\n" * 1_500_000
    result = engine.exec("wc -lc; echo end", stdin=text)
    assert result.output.text.split() == ["1500000", "4500000", "end"]
    assert engine.exec("head -c 3", stdin=b"\xff" * 3_000_000).output.bytes == 3
    given = {"env": {"OUT": str(place.base / "out")}, "background": True}
    run = engine.exec("cat > $OUT", stdin="a" * 300_000, is_stdin_open=True, **given)
    engine.runs.input(run.run_id, "b" * 2_000_000, eof=True)
    assert engine.runs.wait(run.run_id).result.status == "completed"
    assert (place.base / "out").read_text() == "a" * 300_000 + "b" * 2_000_000


def test_a_keyring_that_lets_wait_holds_up_nobody_else(place: Any) -> None:
    answer = threading.Event()

    class Slow:
        def get(self, _name: str) -> str:
            assert answer.wait(60)
            return "late-value"

    async def run() -> None:
        async with opened(place) as engine:
            engine._client.secrets = Slow()
            waiting = asyncio.create_task(engine.exec("echo $T", env={"T": "secret:gh"}))
            assert (await engine.exec("echo other")).output.text == "other\n"
            assert not waiting.done()
            answer.set()
            assert (await waiting).output.text == "***gh***\n"

    asyncio.run(run())


def test_an_option_that_does_not_exist_is_named_with_those_that_do(engine: Any) -> None:
    with pytest.raises(UsageError, match=r"exec has no .timeot_s.; there are .*timeout_s"):
        engine.exec("true", timeot_s=1)
    with pytest.raises(UsageError, match="limits has no 'ram'"):
        engine.exec("true", limits={"ram": 1})
    assert engine.exec("ulimit -n", limits={"open_files": 77}).output.text == "77\n"


def test_a_question_ends_the_call_early_and_is_answered_by_the_next(place: Any) -> None:
    async def run() -> None:
        async with opened(place) as engine:
            asked = await engine.exec("read -s -p 'Password: ' p </dev/tty; echo ${#p}")
            assert asked.status == "awaiting_input"
            assert asked.waiting is not None
            assert (asked.waiting.kind, asked.waiting.prompt.strip()) == ("password", "Password:")
            assert asked.error is not None
            assert asked.error.kind == "waiting"
            await engine.input(asked.run_id, "secret\n")
            assert (await engine.runs.wait(asked.run_id)).result.output.text == "6\n"

    asyncio.run(run())


def test_a_server_is_ready_and_runs_on(place: Any, ended: Callable[[str], None]) -> None:
    async def run() -> None:
        async with opened(place) as engine:
            ready = await engine.exec("python3 -m http.server 0 --bind 127.0.0.1", env={"LEFT": "server"})
            assert ready.status == "ready"
            assert ready.ready is not None
            assert ready.ready.ports
            assert ready.ok
            await engine.runs.stop(ready.run_id, "terminate")
            await asyncio.to_thread(ended, "LEFT=server")

    asyncio.run(run())


def test_secrets_are_hidden_in_every_view_and_not_in_the_program(place: Any) -> None:
    # Where an earlier version kept it.
    store = place.profile / "config" / "secrets.json"
    store.parent.mkdir(parents=True, exist_ok=True)
    store.write_text(json.dumps({"gh": "s3cr3t-value"}))
    store.chmod(0o600)
    command = "printf s3cr3t-; sleep 0.05; echo value; echo $T; echo ${#T}"

    async def run() -> None:
        async with opened(place) as engine:
            events = [event async for event in engine.stream(command, env={"T": "secret:gh"})]
            result = events[-1].result
            assert result.output.text == "***gh***\n***gh***\n12\n"
            assert "".join(event.text for event in events if isinstance(event, OutputEvent)) == result.output.text
            again = await engine.exec("echo $T", env={"T": "secret:gh"})
            assert (await engine.runs.read(again.run_id)).text == "***gh***\n"
            assert "s3cr3t" not in json.dumps((await engine.runs.show(again.run_id)).as_dict())
            with place.engine() as other:
                # It never heard of that run, and does not know its environment.
                text = await asyncio.to_thread(lambda: other.runs.read(again.run_id).text)
            assert text == "***gh***\n"
            for path in (place.profile / "state" / "runs" / again.run_id).iterdir():
                assert path.suffix == ".raw" or "s3cr3t" not in path.read_text(errors="replace")
            repl = await engine.repl.start("python", env={"T": "secret:gh"})
            shell = await engine.session.create("bash", env={"T": "secret:gh"})
            value = "import os; print(os.environ['T']); os.environ['T']"
            hidden = [await repl.exec(value, parse_as="python"), await repl.exec("raise ValueError(os.environ['T'])")]
            hidden.append(await shell.exec("echo $T"))
            assert (hidden[0].parsed, hidden[1].error.message) == ("***gh***", "ValueError: ***gh***")
            async with opened(place) as other:
                # Another client that knows their ids only.
                hidden.append(await other.repl.get(repl.id).exec(value, parse_as="python"))
                hidden.append(await other.session.get(shell.id).exec("echo $T"))
                hidden += [await other.runs.show(each.run_id) for each in hidden]
            assert all("***gh***" in json.dumps(each.as_dict()) for each in hidden)
            assert "s3cr3t" not in json.dumps([each.as_dict() for each in hidden])
            with pytest.raises(UsageError, match="no secret named nope"):
                await engine.exec("true", env={"T": "secret:nope"})

    asyncio.run(run())


def test_a_large_output_is_complete_in_the_spool_and_short_for_the_caller(place: Any) -> None:
    async def run() -> None:
        async with opened(place) as engine:
            result = await engine.exec("seq 400000", max_output_chars=1000)
            assert result.output.bytes == sum(len(str(n)) + 1 for n in range(1, 400001))
            assert result.output.lines == 400000
            assert result.output.truncated
            assert len(result.output.text) <= 1000
            assert result.output.text.startswith("1\n2\n")
            assert result.output.text.endswith("\n399999\n400000\n")
            assert f"read {result.run_id} from cursor" in result.output.text
            found = await engine.runs.read(result.run_id, grep="^3141.9$")
            assert found.text.split() == [f"3141{n}9" for n in range(10)]
            assert found.lines == tuple(int(text) for text in found.text.split())
            part = await engine.runs.read(result.run_id, stream="out", cursor=1_000_000, max_chars=100)
            assert 0 < len(part.text) <= 100
            assert part.cursor == 1_000_000 + len(part.text)
            assert not part.is_end

    asyncio.run(run())


def test_the_blocking_engine_streams_too_and_leaving_its_loop_ends_the_tree(
    engine: Any, ended: Callable[[str], None]
) -> None:
    events = engine.stream(SLEEP, env={"LEFT": "sync"})
    for event in events:
        if isinstance(event, OutputEvent):
            break
    events.close()
    ended("LEFT=sync")
    assert "Run a command" in engine.exec.__doc__


def test_a_call_during_which_the_host_dies_tells_so_and_the_next_one_starts_another(tmp_path: Path) -> None:
    settings = tmp_path / "profile" / "config" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("[automation]\nmax_runs = 1\n")
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    pids: list[int] = []

    async def run() -> None:
        async with Engine.open(profile=str(tmp_path / "profile"), environment=environment) as engine:
            pids.append(int((await engine.status())["pid"]))

            def kill(event: Any) -> None:
                if isinstance(event, OutputEvent):
                    os.kill(pids[0], signal.SIGKILL)

            result = await engine.exec("echo printed; sleep 300", on_event=kill)
            assert (result.status, result.reason) == ("crashed", "host_lost")
            assert result.output.text == "printed\n"
            assert result.error is not None
            after = await engine.exec("echo again")
            assert after.output.text == "again\n"
            # The new host was told the user's settings, too.
            await engine.exec("sleep 300", yield_after_s=0)
            with pytest.raises(NotAllowed, match="max_runs is 1"):
                await engine.exec("true")
            pids.append(int((await engine.status())["pid"]))

    asyncio.run(run())
    assert pids[0] != pids[1]
    os.kill(pids[1], signal.SIGTERM)
    for pid in pids:
        os.waitpid(pid, 0)
