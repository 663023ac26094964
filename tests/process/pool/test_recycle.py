"""Recycling: the next session on a terminal finds nothing of the one before, and a terminal in doubt is never used again."""

import shutil
import sys
import time

import pytest

from synk.pty.messages import Retired

STATE = (
    # What a session can leave behind, value by value; numbers that differ in every shell are left out.
    "export -p | grep -v SYNK_HOST; pwd; umask; ulimit -a; shopt; set -o; trap; alias; declare -F; stty -a; "
    "echo $OLDPWD; dirs -v; jobs; hash; complete | sort; echo $SHLVL; ls -l /proc/$$/fd | wc -l; fc -l 2>&1; "
    "cat /proc/$$/status | grep -E '^Sig(Blk|Ign|Cgt)'; nice; set | grep -c ."
)

MESS = (
    "export LEFT=behind; LEFT_TOO=1; cd /tmp; cd /; umask 077; ulimit -n 77; ulimit -s 1024; set -o noclobber; shopt -s extglob; "
    "trap 'echo trapped' USR1 EXIT; trap '' TERM; alias ll='ls -l'; left() { :; }; complete -W x left; hash -p /bin/true truth; "
    "PROMPT_COMMAND='printf .'; PS1='left> '; exec 9</dev/null; renice -n 5 $$ >/dev/null; pushd /tmp >/dev/null; "
    "for i in {1..3000}; do echo $i; done"
)


def test_nothing_of_a_session_is_left_for_the_next_on_its_terminal(host) -> None:
    host.environment["HISTFILE"] = "/dev/null"
    host.start(initial_pool_size=1, max_pool_size=3)
    host.warm(1)
    messy = host.session(cols=200, rows=60)
    host.run(messy, MESS)
    messy.type("stty raw -echo -icrnl; printf '\\033[?1049h\\033[31m'; echo changed; stty -a")
    host.until(lambda: messy.read() or b"changed" in messy.output)
    host.warm(1)
    host.close(messy)
    host.until(lambda: host.stats.recycles == 1)
    host.warm(2)
    fresh = host.session(cols=80, rows=24)
    recycled = host.session(cols=80, rows=24)
    assert recycled.tty == messy.tty
    assert recycled.pid != messy.pid
    expected = host.run(fresh, STATE)
    assert "LEFT" not in expected
    assert host.run(recycled, STATE) == expected
    assert b"\x1b[31m" not in recycled.output


def test_recycled_shell_printed_nothing_of_the_session_before(host) -> None:
    host.start(initial_pool_size=1, max_pool_size=2)
    host.warm(1)
    first = host.session()
    host.run(first, "echo some secret")
    first.type("echo more secrets # unread")
    host.warm(1)
    host.close(first)
    host.until(lambda: host.stats.recycles == 1)
    host.session()
    second = host.session()
    assert second.tty == first.tty
    host.until(lambda: second.read() or b"$ " in second.output)
    assert b"secret" not in second.output
    assert host.run(second, "echo $SYNK_HOST") == f"00c0ffee.{second.shell}\n"


def test_released_shell_saves_its_history_as_on_a_closed_terminal(host) -> None:
    host.start(initial_pool_size=1, max_pool_size=2)
    host.warm(1)
    session = host.session()
    host.run(session, "true remember me")
    host.warm(1)
    host.close(session)
    host.until(lambda: host.stats.recycles == 1)
    assert "remember me" in (host.home / ".bash_history").read_text()


@pytest.mark.parametrize(
    ("left", "seen"),
    [
        ("sleep 1000 & echo up", b"up"),
        ("setsid -f sleep 1000; echo up", b"up"),
        ("(trap '' INT HUP TERM; echo up; while :; do sleep 1; done)", b"up"),
        ("stty raw; echo up; sleep 1000", b"up"),
        (f"{sys.executable} -q", b">>> "),
        ("vim -u NONE", b"\x1b["),
        ("sleep 1000 & kill -STOP $!; echo up", b"up"),
        (f"exec {sys.executable} -q", b">>> "),
        ("exec sh -i", b"# "),
    ],
    ids=["background", "detached", "ignores signals", "raw", "python", "vim", "stopped", "exec python", "exec sh"],
)
def test_terminal_is_not_used_again_when_something_is_left_on_it(host, left: str, seen: bytes) -> None:
    if left.startswith("vim") and shutil.which("vim") is None:
        pytest.skip("no vim")
    host.start(initial_pool_size=1, max_pool_size=2)
    host.warm(1)
    session = host.session()
    host.run(session, "true")
    session.type(left)
    host.until(lambda: session.read() or seen in session.output.replace(left.encode(), b""))
    host.warm(1)
    host.close(session)
    host.until(lambda: any(event.shell == session.shell for event in host.of(Retired)))
    assert host.stats.recycles == 0
    assert host.stats.recycles_failed == 1
    host.until(lambda: host.is_calm)
    assert host.stats.idle == 1
    assert not [survivor for ended in host.ended for survivor in ended.survivors]


def test_program_in_the_foreground_that_ends_on_control_c_does_not_stop_recycling(host) -> None:
    host.start(initial_pool_size=1, max_pool_size=2)
    host.warm(1)
    session = host.session()
    session.type("echo up; sleep 1000")
    host.until(lambda: session.read() or session.output.count(b"up") == 2)
    host.warm(1)
    host.close(session)
    host.until(lambda: host.stats.recycles == 1)


def test_flooding_program_is_read_away_while_the_shell_is_recycled(host) -> None:
    host.start(initial_pool_size=1, max_pool_size=2)
    host.warm(1)
    session = host.session()
    session.type("echo up; yes")
    host.until(lambda: session.read() or session.output.count(b"up") == 2)
    host.warm(1)
    host.close(session)
    host.until(lambda: host.stats.recycles == 1)


@pytest.mark.parametrize(
    "settings", [{"recycle_enabled": False}, {"max_pool_size": 1}, {"max_pty_age_minutes": 0.2 / 60}, {"initial_pool_size": 0}]
)
def test_settings_that_forbid_recycling(host, settings: dict[str, object]) -> None:
    host.start(**{"initial_pool_size": 1, "max_pool_size": 4, "warmup_delay_ms": 0, **settings})
    session = host.session()
    host.run(session, "true")
    began = time.monotonic()
    host.until(lambda: time.monotonic() - began > 0.3 and (host.stats.idle or not host.config.initial_pool_size))
    host.close(session)
    host.until(lambda: any(event.shell == session.shell and event.reason == "released" for event in host.of(Retired)))
    assert host.stats.recycles == host.stats.recycles_failed == 0


def test_agents_and_cold_programs_are_never_recycled(host) -> None:
    host.start(max_pool_size=4)
    host.warm()
    agent = host.session(None, None, "sleep", "1000")
    host.warm()
    host.close(agent)
    direct = host.session(None, None, "sleep", "1000", argv_only=True)
    host.close(direct)
    host.until(lambda: len(host.of(Retired)) == 2)
    assert host.stats.recycles_failed == 0


def test_shell_that_does_not_become_ready_again_is_let_go(host) -> None:
    host.start(initial_pool_size=1, max_pool_size=2)
    host.warm(1)
    session = host.session()
    host.run(session, "true")
    host.warm(1)
    flag = host.home / "slow"
    profile = host.home / ".bash_profile"
    # The same size, time and inode: what changes is what the file finds, not the file.
    profile.write_text(f"PS1='$ '; [ -e {flag} ] && sleep 1000\n")
    other = host.session()
    host.warm(1)
    flag.touch()
    host.close(other)
    host.until(lambda: host.stats.recycles_failed == 1)
    assert host.stats.recycles == 0
    flag.unlink()
    host.close(session)
    host.until(lambda: host.stats.recycles == 1)


def test_pool_takes_back_no_more_shells_than_it_may_keep(host) -> None:
    host.start(initial_pool_size=1, max_pool_size=3)
    host.warm(1)
    sessions = [host.session() for _ in range(5)]
    for session in sessions:
        host.run(session, "true")
    host.warm(1)
    for session in sessions:
        host.close(session)
    host.until(lambda: host.stats.recycles == 2 and host.is_calm)
    assert host.stats.idle == 3
    assert host.stats.dead == 5
    assert host.stats.forks == 8
