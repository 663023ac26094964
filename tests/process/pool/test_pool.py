"""The pool with real shells: warm-up, claim, refill, failures, upkeep, and what is left behind (nothing)."""

import os
import select
import signal
import statistics
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synk.base.errors import PoolClosed, UsageError
from synk.pty import spawn
from synk.pty.gate import Lease
from synk.pty.messages import ForkBegan, ForkEnded, PoolConfig, PoolNotice, Retired, StartRequest, StatsChanged


def adds_up(stats) -> bool:
    states = stats.warming + stats.idle + stats.active + stats.recycling + stats.ending + stats.dead
    return states == stats.forks


def test_two_shells_are_warm_after_the_start_and_the_second_starts_later(host) -> None:
    began = time.monotonic()
    host.start(warmup_delay_ms=100)
    host.warm(2)
    assert time.monotonic() - began > 0.1
    assert next(event.stats.forks for event in host.of(StatsChanged) if event.stats.warming) == 1
    assert host.stats.forks == 2
    assert [row.state for row in host.pool.members()] == ["idle", "idle"]
    assert [row.program for row in host.pool.members()] == ["/bin/bash", "/bin/bash"]


def test_claimed_shell_has_directory_variables_and_size_and_is_a_login_shell(host, tmp_path: Path) -> None:
    host.start()
    host.warm()
    value = "two\nlines 'x' \"y\" $(date) `id` \\n ü"
    session = host.session(tmp_path, {"SPECIAL": value}, cols=91, rows=33)
    assert session.is_warm
    assert host.run(session, 'pwd; stty size; shopt -q login_shell && echo login; printf %s "$SPECIAL"') == (
        f"{tmp_path}\n33 91\nlogin\n{value}"
    )
    assert host.run(session, "echo $SYNK_HOST") == f"00c0ffee.{session.shell}\n"
    assert host.run(session, "tty; echo $$") == f"{session.tty}\n{session.pid}\n"


def test_startup_output_comes_first_and_without_the_marker(host) -> None:
    (host.home / ".bash_profile").write_text("echo welcome; PS1='ready$ '\n")
    host.start()
    host.warm()
    session = host.session()
    host.until(lambda: session.read() or session.output.endswith(b"ready$ "))
    assert session.output.startswith(b"welcome\r\n")
    assert b"SYNK" not in session.output


def test_shell_integration_is_a_matter_of_the_claim_so_warm_shells_stay(host) -> None:
    (host.home / ".bash_profile").write_text("PS1='ready$ '\n")
    host.start(shell_integration=True)
    host.warm()
    marked = host.session()
    host.until(lambda: marked.read() or marked.output.endswith(b"\x1b]133;A\x07ready$ \x1b]133;B\x07"))
    host.warm()
    forks = host.stats.forks
    host.pool.configure(PoolConfig(shell_integration=False), host.environment)
    plain = host.session()
    host.until(lambda: plain.read() or plain.output.endswith(b"ready$ "))
    assert b"\x1b]" not in plain.output
    assert host.stats.claims_warm == 2
    assert host.stats.forks == forks


def test_replacement_is_started_100_ms_after_a_claim(host) -> None:
    host.start()
    host.warm()
    host.session()
    host.until(lambda: host.stats.forks == 3)
    assert 100 <= host.stats.refill_scheduled_ms < 4000  # the next look for other reasons is 5 s away
    host.warm(2)
    assert adds_up(host.stats)


def test_agent_replaces_the_shell_and_has_its_pid(host) -> None:
    host.start()
    host.warm()
    session = host.session(None, {"A": "b c"}, "sh", "-c", 'echo "$A|$1|$$"; exit 7', "x", "two words")
    assert session.is_warm
    host.until(lambda: session.status is not None)
    session.read()
    assert session.output.decode().endswith(f"b c|two words|{session.pid}\r\n")
    assert os.waitstatus_to_exitcode(session.status) == 7
    host.until(lambda: host.stats.active == 0 and adds_up(host.stats))


def test_missing_folder_is_refused_and_the_shell_stays_idle(host) -> None:
    host.start(initial_pool_size=1)
    host.warm(1)
    pid = host.pool.members()[0].pid
    refusal = host.refused("/no/such/folder")
    assert (refusal.kind, refusal.error) == ("folder", "Folder /no/such/folder does not exist")
    host.warm(1)
    assert host.stats.active == 0
    assert host.session().pid == pid


def test_missing_agent_is_refused_with_its_name(host) -> None:
    host.start(initial_pool_size=1)
    host.warm(1)
    refusal = host.refused(None, None, "no-such-agent")
    assert (refusal.kind, refusal.error) == ("spawn", "Cannot start no-such-agent: not found in PATH")
    host.warm(1)
    assert host.stats.active == 0


def test_session_over_the_limit_is_refused_before_anything_starts_and_a_release_makes_room_at_once(host) -> None:
    host.start(max_active=2, recycle_enabled=False)
    host.warm()
    first, _second = host.session(), host.session()
    host.warm()
    forks = host.stats.forks
    refusal = host.refused()
    assert refusal.kind == "exhausted"
    assert refusal.error == "All 2 sessions are in use. Close one, or raise Settings > Performance > Most sessions."
    assert host.stats.forks == forks
    host.close(first)
    assert host.session().is_warm


def test_nothing_idle_starts_a_shell_on_demand(host) -> None:
    host.start(initial_pool_size=0)
    host.until(lambda: host.stats.shell)
    session = host.session(variables={"X": "1"})
    assert not session.is_warm
    assert not session.is_cold
    assert host.run(session, "echo $X; shopt -q login_shell && echo login") == "1\nlogin\n"
    assert host.stats.idle == 0
    assert host.stats.claims_cold == 1


def test_many_claims_at_once_all_get_a_shell(host) -> None:
    host.start()
    requests = [host.claim() for _ in range(6)]
    host.until(lambda: all(request in host.sessions for request in requests))
    assert len({host.sessions[request].pid for request in requests}) == 6
    host.warm(2)


def test_client_with_another_environment_gets_a_shell_of_its_own(host) -> None:
    host.start()
    host.warm()
    session = host.session(environment={**host.environment, "FROM_CLIENT": "yes"})
    assert not session.is_warm
    assert host.run(session, "echo $FROM_CLIENT") == "yes\n"
    assert host.stats.idle == 2
    assert host.session(environment=dict(host.environment)).is_warm


def test_program_without_a_shell_starts_directly(host, tmp_path: Path) -> None:
    host.start()
    host.warm()
    session = host.session(tmp_path, {"X": "1"}, "sh", "-c", "echo $X; pwd; stty size", argv_only=True)
    host.until(lambda: session.status is not None)
    session.read()
    assert session.output.decode() == f"1\r\n{tmp_path}\r\n30 100\r\n"
    assert host.stats.idle == 2
    refusal = host.refused(None, None, "no-such-agent", argv_only=True)
    assert refusal.error == "Cannot start no-such-agent: not found in PATH"


def test_shell_without_a_gate_opens_cold_and_nothing_is_kept_warm(host, tmp_path: Path) -> None:
    host.start(shell="/bin/sh")
    session = host.session(tmp_path, {"X": "a b"})
    assert session.is_cold
    assert host.run(session, 'pwd; echo "$X"') == f"{tmp_path}\na b\n"
    assert host.stats.forks == 1


def test_idle_shell_that_is_killed_is_replaced_and_never_handed_out(host) -> None:
    host.start()
    for _ in range(5):
        host.warm()
        victims = [row.pid for row in host.pool.members() if row.state == "idle"]
        os.kill(victims[0], signal.SIGKILL)
        session = host.session()
        assert session.pid != victims[0]
        assert host.run(session, "echo alive") == "alive\n"
        host.close(session, reusable=False)
    assert host.stats.deaths == 5
    host.warm()
    assert adds_up(host.stats)


def test_cancelled_claim_ends_its_shell_and_is_answered(host) -> None:
    (host.home / ".bash_profile").write_text("sleep 0.5\n")
    host.start(initial_pool_size=0)
    request = host.claim(environment={**host.environment, "X": "1"})
    host.pool.cancel(request)
    host.until(lambda: host.refusal(request))
    assert host.refusal(request).kind == "cancelled"
    host.until(lambda: adds_up(host.stats) and host.stats.dead == 1)


def test_closing_refuses_waiting_claims_and_lets_go_of_every_shell(host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synk.pty.machine.WARMUP_TIMEOUT_S", 600.0)
    (host.home / ".bash_profile").write_text("sleep 600\n")
    pool = host.start()
    request = host.claim()
    host.until(lambda: host.stats.warming == 3)  # two to wait, and one for the claim
    pool.close()
    pool.join(30)
    assert not pool.is_alive()
    host.until(lambda: host.refusal(request) and len(host.of(Retired)) == 3)
    assert host.refusal(request).kind == "closed"
    with pytest.raises(PoolClosed):
        host.claim()
    pool.exited(1)
    pool.close()
    host.until(lambda: len(host.ended) == 3)


def test_bad_variable_name_is_refused_before_anything_is_queued(host) -> None:
    host.start(initial_pool_size=0)
    with pytest.raises(UsageError, match="Variable 9X is not a valid name"):
        host.claim(None, {"9X": "1"})
    assert host.stats.waiting == 0


def test_release_of_an_unknown_shell_changes_nothing(host, caplog: pytest.LogCaptureFixture) -> None:
    host.start()
    host.warm()
    before = host.stats
    host.pool.release(77)
    host.until(lambda: "release of shell 77" in caplog.text)
    assert host.stats == before


def test_settings_grow_and_shrink_the_pool_at_once(host) -> None:
    host.start(initial_pool_size=4, warmup_delay_ms=0)
    host.warm(4)
    oldest = [row.pid for row in host.pool.members()][:3]
    host.pool.configure(PoolConfig(initial_pool_size=1), host.environment)
    host.until(lambda: host.stats.idle == 1)
    host.warm(1)
    assert {event.pid for event in host.of(Retired)} == set(oldest)
    host.pool.configure(PoolConfig(initial_pool_size=3, warmup_delay_ms=0), host.environment)
    host.warm(3)
    host.pool.configure(PoolConfig(initial_pool_size=0), host.environment)
    host.warm(0)


def test_new_environment_warms_all_shells_anew(host) -> None:
    host.start()
    host.warm()
    host.pool.configure(host.config, {**host.environment, "NEW": "1"})
    host.until(lambda: host.stats.dead == 2)
    host.warm()
    assert host.run(host.session(), "echo $NEW") == "1\n"


def test_changed_startup_file_is_seen_by_the_next_claim(host) -> None:
    host.start()
    host.warm()
    (host.home / ".bash_profile").write_text("PS1='$ '; CHANGED=yes\n")
    session = host.session()
    assert not session.is_warm
    assert host.run(session, "echo $CHANGED") == "yes\n"
    host.warm()


def test_changed_startup_file_is_seen_by_the_timer(host) -> None:
    host.start(poll_interval_ms=250)
    host.warm()
    (host.home / ".bash_profile").write_text("PS1='$ '; CHANGED=yes\n")
    host.until(lambda: host.stats.forks == 4)
    host.warm()
    session = host.session()
    assert session.is_warm
    assert host.run(session, "echo $CHANGED") == "yes\n"


def test_memory_pressure_ends_idle_shells_one_by_one_and_starts_none(host) -> None:
    host.start(poll_interval_ms=250)
    host.warm()
    host.available = 0.05
    host.until(lambda: host.stats.idle == 0)
    assert 1 in [event.stats.idle for event in host.of(StatsChanged)[-3:]]
    assert host.stats.memory_pressure
    assert host.stats.forks == 2
    assert not host.session().is_warm


def test_old_shells_are_replaced_before_they_go(host) -> None:
    host.start(initial_pool_size=1, max_pty_age_minutes=0.5 / 60, poll_interval_ms=250)
    host.warm(1)
    first = host.pool.members()[0].pid
    host.until(lambda: any(event.pid == first for event in host.of(Retired)))
    position = next(i for i, event in enumerate(host.events) if isinstance(event, Retired) and event.pid == first)
    counts = [event.stats for event in host.events[:position] if isinstance(event, StatsChanged)]
    assert all(stats.idle >= 1 for stats in counts[next(i for i, stats in enumerate(counts) if stats.idle) :])


def test_refresh_replaces_all_idle_shells(host) -> None:
    host.start()
    host.warm()
    before = {row.pid for row in host.pool.members()}
    host.pool.refresh()
    host.until(lambda: host.stats.dead == 2)
    host.warm()
    assert not before & {row.pid for row in host.pool.members()}


def test_adopted_sessions_count_against_the_limit(host) -> None:
    host.start(max_active=1)
    host.pool.adopt(5)
    host.pool.adopt(5)
    assert host.refused().kind == "exhausted"
    host.pool.unadopt(5)
    assert host.session().pid


def test_shell_that_ends_during_warm_up_is_told_once_and_sessions_open_cold(host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synk.pty.retries.RETRY_AFTER_S", (0.05, 0.05, 0.05))
    (host.home / ".bash_profile").write_text("echo; echo -e '\\e[31mno license\\e[m'; [[ $SYNK_GATE$ENV ]] || exit 3\n")
    host.start(initial_pool_size=1)
    request = host.claim()
    host.until(lambda: request in host.sessions)
    session = host.sessions[request]
    assert session.is_cold
    assert host.notices == ["Your shell ended before it was ready. Last output: no license"]
    assert host.stats.is_degraded
    assert host.stats.forks == 5
    (host.home / ".bash_profile").write_text("PS1='$ '\n")
    assert not host.session().is_cold
    host.warm(1)
    assert not host.stats.is_degraded


def test_shell_that_hangs_is_killed_and_tried_again(host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synk.pty.retries.RETRY_AFTER_S", (0.05, 0.05, 0.05))
    monkeypatch.setattr("synk.pty.machine.WARMUP_TIMEOUT_S", 1.0)
    (host.home / ".bash_profile").write_text("echo connecting to vpn; sleep 1000\n")
    host.start(initial_pool_size=2)
    request = host.claim()
    host.until(lambda: request in host.sessions)
    assert host.sessions[request].is_cold
    assert len(host.notices) == 1
    assert "Last output: connecting to vpn" in host.notices[0]
    assert host.of(PoolNotice)[0].level == "error"  # the toast stays until somebody has read it
    host.until(lambda: host.stats.dead == host.stats.kills)


def test_startup_file_that_execs_another_shell_is_named(host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synk.pty.retries.RETRY_AFTER_S", (0.05, 0.05, 0.05))
    monkeypatch.setattr("synk.pty.machine.WARMUP_TIMEOUT_S", 1.0)
    program = os.path.realpath(sys.executable)
    (host.home / ".bash_profile").write_text(f"exec {program} -c 'input()'\n")
    host.start(initial_pool_size=1)
    host.until(lambda: host.notices)
    assert program in host.notices[0]
    assert "performance.shell" in host.notices[0]


def test_calls_return_at_once_while_shells_start_and_end(host) -> None:
    host.start(initial_pool_size=4, warmup_delay_ms=0, max_active=64)
    lease = Lease(str(host.home))
    times = []
    for request in range(1000, 1020):
        began = time.thread_time()
        host.pool.claim(StartRequest(request, lease, 80, 24))
        host.pool.cancel(request)
        host.pool.release(request)
        times.append(time.thread_time() - began)
    assert statistics.median(times) < 0.003
    host.until(lambda: all(host.refusal(request) or request in host.sessions for request in range(1000, 1020)))
    for request in range(1000, 1020):
        if request in host.sessions:
            host.close(host.sessions[request], reusable=False)
    host.warm(4)


@pytest.mark.parametrize("first", ["its end", "its status"])
def test_program_that_has_ended_before_its_start_is_noticed_runs_once(
    host, first: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wait_until: Callable[..., None]
) -> None:
    host.start(initial_pool_size=1)
    host.warm(1)
    selector = host.pool._selector
    real_select = selector.select

    def select_late(timeout_s: float | None = None) -> list[Any]:
        """The pool was busy with something else: what it hears of the program comes all at once, the end first."""
        ready = real_select(timeout_s)
        names = {getattr(getattr(key.data, "func", None), "__name__", "") for key, _ in ready}
        if not names & {"_answered", "_ended"}:
            return ready
        if first == "its status":
            wait_until(lambda: host.pool._calls)
            return []
        held = next(key.data.args[0] for key, _ in ready if hasattr(key.data, "args"))
        select.select([held.pidfd], [], [], 30)
        return sorted(real_select(0), key=lambda one: one[0].fd != held.pidfd)

    monkeypatch.setattr(selector, "select", select_late)
    session = host.session(None, None, "sh", "-c", f"echo run >>{tmp_path}/runs; exit 7")
    assert session.is_warm
    host.until(lambda: session.status is not None)
    assert os.waitstatus_to_exitcode(session.status) == 7
    assert (tmp_path / "runs").read_text() == "run\n"
    monkeypatch.undo()
    host.until(lambda: host.stats.active == 0 and host.is_calm)
    assert adds_up(host.stats)


def test_stuck_fork_is_killed_by_the_main_thread_and_tried_again(host, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real, flag = spawn._before_exec, tmp_path / "hung once"

    def hang_once(*arguments: object) -> None:
        if not flag.exists():
            flag.touch()
            signal.pause()
        real(*arguments)

    monkeypatch.setattr(spawn, "_before_exec", hang_once)
    host.start(initial_pool_size=1)
    host.until(lambda: flag.exists() and host.children.unregistered())
    (pid,) = host.children.unregistered()
    began = time.monotonic()
    host.until(lambda: time.monotonic() - began > 1)
    assert host.children.unregistered() == [pid]
    os.kill(pid, signal.SIGKILL)
    host.warm(1)
    host.turn()
    assert host.stats.forks == 1
    assert len(host.of(ForkBegan)) == len(host.of(ForkEnded)) == 2
    assert host.children.unregistered() == []


def test_claims_and_releases_leave_fds_threads_and_processes_flat(host) -> None:
    host.start(warmup_delay_ms=0)

    def use(times: int) -> None:
        for turn in range(times):
            session = host.session()
            host.close(session, reusable=turn % 3 > 0)
        host.until(lambda: host.stats.active == 0 and host.stats.idle >= 2 and host.is_calm)

    def resources() -> tuple[int, int, int]:
        idle = host.stats.idle
        fds = len(os.listdir("/proc/self/fd")) - 4 * idle  # each has its master, pidfd and two FIFOs
        return fds, threading.active_count(), len(host.children) - idle

    use(4)
    before = resources()
    use(26)
    assert resources() == before
    assert adds_up(host.stats)
    assert host.stats.claims == 30
