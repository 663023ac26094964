"""The pool of Python kernels: what a claim finds, and what it does not find."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synk.base.errors import FolderMissing, NotAllowed, SpawnFailed, UsageError
from synk.base.wire import Message

Start = Callable[..., Any]


def idle(engine: Any) -> int:
    count: int = engine.ask("repl.pool", action="stats")["idle"]
    return count


def is_empty(stats: Message) -> bool:
    """No member that nobody owns, and nothing that is just ending."""
    return not any(row["warming"] or row["idle"] or row["dead"] for row in stats["languages"].values()) and not stats["zygotes"]


def test_the_second_repl_was_waiting(start: Start, engine: Any, wait_until: Callable[..., None]) -> None:
    first = start()
    wait_until(lambda: idle(engine) > 0)
    second = start()
    assert second.started["is_warm"] is True
    assert first.pid != second.pid


def test_a_claim_finds_nothing_of_others_and_all_of_its_own(start: Start, engine: Any, wait_until: Any, tmp_path: Path) -> None:
    one = start()
    one.exec("import os, sys\nsys.path.append('/nowhere'); os.environ['LEFT'] = '1'; left = 1; os.chdir('/')")
    wait_until(lambda: idle(engine) > 0)
    two = start(environment={"PATH": "/usr/bin:/bin", "ONLY": "this", "LANG": "C.UTF-8"}, cwd=str(tmp_path))
    assert two.started["is_warm"] is True
    code = "import os, sys; ['left' in globals(), '/nowhere' in sys.path, os.getcwd(), __name__, sys.argv, sys.path[0]]"
    assert two.value(code) == [False, False, str(tmp_path), "__main__", [""], ""]
    assert set(two.value("dict(os.environ)")) == {"PATH", "ONLY", "LANG", "SYNK_HOST", "TERM", "MPLBACKEND"}
    assert two.value("[name for name in sys.modules if 'synk' in name]") == []
    assert two.value("[os.isatty(n) for n in (0, 1, 2)], os.getsid(0) == os.getpid(), os.tcgetpgrp(0) == os.getpid()") == [
        [True] * 3, True, True,
    ]  # fmt: skip


def test_a_kernel_carries_its_own_mark(repl: Any) -> None:
    mark = repl.value("import os; os.environ['SYNK_HOST']")
    assert Path(f"/proc/{repl.pid}/environ").read_bytes().startswith(f"SYNK_HOST={mark}\0".encode())
    assert mark.endswith(f".{repl.id}")


def test_forks_of_one_zygote_draw_different_numbers(start: Start) -> None:
    repls = [start(preload=["random", "uuid"]) for _ in range(3)]
    drawn = {repl.value("import random; random.random()") for repl in repls}
    assert len(drawn) == 3


def test_another_environment_at_import_is_another_kind(start: Start, engine: Any, wait_until: Any) -> None:
    start()
    wait_until(lambda: idle(engine) > 0)
    other = start(environment={**engine.environment, "PYTHONHASHSEED": "7"})
    assert other.started["is_warm"] is False
    assert other.value("import sys; sys.flags.hash_randomization, hash('x') == hash('x')") is not None


def test_the_next_claim_sees_changed_code_and_packages(start: Start, engine: Any, wait_until: Any, tmp_path: Path) -> None:
    module = tmp_path / "ours.py"
    module.write_text("VALUE = 1\n")
    environment = {**engine.environment, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    first = start(preload=["ours"], environment=environment)
    assert first.value("import ours; ours.VALUE") == 1
    wait_until(lambda: idle(engine) > 0)
    module.write_text("VALUE = 22\n")
    second = start(preload=["ours"], environment=environment)
    assert second.value("import ours; ours.VALUE") == 22
    (tmp_path / "thing-1.0.dist-info").mkdir()
    third = start(preload=["ours"], environment=environment)
    assert third.started["is_warm"] is False
    assert first.value("ours.VALUE") == 1, "the old ones stay"


def test_a_preload_that_fails_is_named_and_the_rest_works(start: Start, engine: Any) -> None:
    repl = start(preload=["decimal", "no_such_module_at_all"])
    assert repl.value("import sys; 'decimal' in sys.modules") is True
    problems = engine.ask("repl.pool", action="stats")["preload_problems"]
    assert "No module named" in problems["no_such_module_at_all"]


def test_who_gets_an_interpreter_without_a_module_is_told_once(start: Start, engine: Any) -> None:
    note = "no_such_module_at_all was not preloaded: ModuleNotFoundError: No module named 'no_such_module_at_all'"
    repl = start(preload=["decimal", "no_such_module_at_all"])
    assert repl.started["notes"] == [note]
    assert "notes" not in repl.exec("1")["extra"]
    # A later one, from the pool, is told as well; one that is made by its first cell with the result of that cell.
    assert start(preload=["decimal", "no_such_module_at_all"]).started["notes"] == [note]
    options = {"environment": engine.environment, "cwd": engine.cwd, "interpreter": sys.executable, "wait_s": 30}
    cell = engine.ask(
        "repl.exec", language="python", name="noted", code="1", preload=["decimal", "no_such_module_at_all"], **options
    )
    assert cell["extra"]["notes"] == [note]
    engine.ask("repl.stop", repl=cell["extra"]["repl"])


def test_a_preload_that_starts_a_thread_gets_processes_of_its_own(start: Start, engine: Any, tmp_path: Path) -> None:
    (tmp_path / "threaded.py").write_text(
        "import threading, time\nstarted = threading.Event()\n"
        "threading.Thread(target=lambda: (started.set(), time.sleep(1000)), daemon=True).start()\nstarted.wait()\n"
    )
    environment = {**engine.environment, "PYTHONPATH": str(tmp_path)}
    repl = start(preload=["threaded"], environment=environment)
    assert repl.value("import threading, threaded; threaded.started.is_set(), threading.active_count()") == [True, 2]


def test_released_kernels_end_and_nothing_grows(start: Start, engine: Any, wait_until: Any, is_gone: Any) -> None:
    def fds_without_pool() -> int:
        engine.ask("repl.pool", action="drain")
        wait_until(lambda: is_empty(engine.ask("repl.pool", action="stats")))
        count: int = engine.ask("host.status")["fds"]
        return count

    start().stop()
    before = fds_without_pool()
    pids = []
    for _ in range(15):
        repl = start()
        assert repl.value("1") == 1
        pids.append(repl.pid)
        repl.stop()
    wait_until(lambda: all(map(is_gone, pids)))
    assert fds_without_pool() == before


def test_pool_actions(engine_clients: Callable[[], Any], wait_until: Any) -> None:
    with engine_clients() as client:
        config = {"python": {"count": 2, "max": 3, "preload": [], "interpreter": sys.executable}}
        client.ask("repl.pool", action="init", config=config, environment=dict(client.environment), cwd="/")
        wait_until(lambda: idle(client) == 2)
        config["python"]["count"] = 1
        client.ask("repl.pool", action="scale", config=config, environment=dict(client.environment))
        client.ask("repl.pool", action="recycle", config={"python": {}})
        wait_until(lambda: idle(client) == 1)
        client.ask("repl.pool", action="drain")
        wait_until(lambda: idle(client) == 0 and client.ask("host.status")["zygotes"] == 0)
        with pytest.raises(UsageError, match="count is 0 to 32"):
            client.ask("repl.pool", action="init", config={"python": {"count": 99}})


def test_exec_by_language_goes_on_with_the_same_repl_and_once_does_not(engine: Any) -> None:
    given = {"interpreter": sys.executable, "environment": dict(engine.environment), "cwd": engine.cwd}
    given |= {"want": "value", "wait_s": 30}
    first = engine.ask("repl.exec", language="python", name="shared", code="x = 5", **given)
    again = engine.ask("repl.exec", language="python", name="shared", code="x", **given)
    assert again["extra"]["value"]["value"] == 5
    assert again["extra"]["repl"] == first["extra"]["repl"]
    once = engine.ask("repl.exec", language="python", name="shared", code="'x' in globals()", once=True, **given)
    assert once["extra"]["value"]["value"] is False
    engine.ask("repl.stop", repl=again["extra"]["repl"])


def test_what_cannot_be_started_is_refused_with_the_reason(start: Start) -> None:
    with pytest.raises(UsageError, match=r"Unknown language 'klingon'. Known are .*python.*languages/klingon.toml"):
        start("klingon")
    with pytest.raises(UsageError, match="is a shell: use a session"):
        start("bash")
    with pytest.raises(SpawnFailed, match="no such file"):
        start(interpreter="/nowhere/python")
    with pytest.raises((UsageError, FolderMissing), match="no such folder"):
        start(cwd="/nowhere")
    with pytest.raises(UsageError, match="Unknown limit"):
        start(limits={"height": 3})


def test_no_more_runs_than_allowed_at_once(repl: Any, engine: Any) -> None:
    cell = repl.begin("import time; time.sleep(60)")
    with pytest.raises(NotAllowed, match="busy"):
        repl.exec("1")
    repl.interrupt()
    engine.wait(cell)


def interpreter_of(version: str) -> str | None:
    """In PATH, or among those that pyenv has."""
    pyenv = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"))
    return str(pyenv[-1]) if pyenv else shutil.which(f"python{version}")


@pytest.mark.parametrize("version", ["3.9", "3.10", "3.12", "3.13", "3.14"])
def test_other_versions_of_python(start: Start, version: str) -> None:
    found = interpreter_of(version)
    if found is None:
        pytest.skip(f"python{version} is not installed")
    repl = start(interpreter=found, preload=["json"])
    assert repl.value("import sys; '%d.%d' % sys.version_info[:2]") == version
    assert repl.exec("1 / 0")["extra"]["error"]["type"] == "ZeroDivisionError"
    assert repl.value("import asyncio; await asyncio.sleep(0, 3)") == 3


def test_languages_of_the_settings_are_warm_at_the_start(engine_clients: Callable[[], Any], wait_until: Any) -> None:
    with engine_clients() as client:
        languages = {"python": {"count": 2, "max": 4, "preload": [], "memory": "1G"}}
        client.ask("automation.configure", automation={"languages": languages, "warm_at_start": True})
        wait_until(lambda: client.ask("repl.pool", action="stats")["languages"].get("python", {}).get("idle") == 2)


def test_a_repl_ends_with_its_client_if_it_asked_for_that(
    start: Start, engine_clients: Callable[[], Any], wait_until: Any, is_gone: Any
) -> None:
    stays, goes = engine_clients(), engine_clients()
    kept, ended = start(client=goes), start(client=goes, on_disconnect="stop")
    goes.close()
    wait_until(lambda: [row["repl"] for row in stays.ask("repl.list")["repls"] if row["state"] != "dead"] == [kept.id])
    assert is_gone(ended.pid)
    assert not is_gone(kept.pid)


def test_who_waits_for_a_repl_is_told_that_it_will_not_come(
    engine_clients: Callable[[], Any], wait_until: Any, tmp_path: Path
) -> None:
    code = "import pathlib, time\npathlib.Path(__file__).with_suffix('.begun').touch()\ntime.sleep(600)\n"
    (tmp_path / "slow.py").write_text(code)
    waiting, stopping = engine_clients(), engine_clients()
    given = {"interpreter": sys.executable, "environment": {**waiting.environment, "PYTHONPATH": str(tmp_path)}, "cwd": "/"}
    number = waiting.post("repl.start", language="python", preload=["slow"], **given)
    wait_until((tmp_path / "slow.begun").exists)
    stopping.ask("host.stop")
    answers: list[Message] = []
    wait_until(lambda: answers.extend(waiting.take_events()) or any(answer.get("re") == number for answer in answers))
    assert "was ended while it started (the host ends)" in str(answers)


def test_a_kernel_with_numpy_starts_no_threads_before_it_computes(start: Start) -> None:
    python = shutil.which("python3") or ""
    if subprocess.run([python, "-c", "import numpy"], capture_output=True, check=False).returncode != 0:
        pytest.skip("python3 has no numpy")
    repl = start(interpreter=python, preload=["numpy"], environment={"PATH": os.environ["PATH"]})
    assert repl.value("import os; len(os.listdir('/proc/self/task'))") == 1
    assert repl.value("import numpy; x = numpy.random.rand(600, 600); bool(numpy.allclose((x @ x)[0], x[0] @ x))") is True
