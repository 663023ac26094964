"""Who may talk to the host, and what happens to a client that misbehaves: it alone is closed."""

import contextlib
import json
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from typing import Any as Profile

import pytest

from synk.base.errors import HostUnavailable, NoSuchTarget, SynkError, UsageError, WindowRunning, WindowUnavailable
from synk.base.wire import FrameDecoder, encode_bytes, encode_message, receive, send_some
from synk.hostclient import SyncHostClient
from synk.hoststart import HostAddress


def message_from(sock: socket.socket) -> dict[str, Profile]:
    """The next message; {} if the host closed the connection."""
    decoder = FrameDecoder()
    while True:
        try:
            data, fds = receive(sock)
        except ConnectionResetError:
            return {}
        if not data:
            return {}
        for frame in decoder.feed(data, fds):
            return frame.message or {}


def ask(sock: socket.socket, **message: object) -> dict[str, Profile]:
    sock.sendall(encode_message(message))
    return message_from(sock)


def test_the_socket_is_private(profile: Profile) -> None:
    profile.client()
    assert (profile.runtime / "host-1.sock").stat().st_mode & 0o777 == 0o600
    assert (profile.runtime / "host-1.lock").stat().st_mode & 0o777 == 0o600


def test_starters_in_several_processes_at_once_get_one_host(profile: Profile) -> None:
    script = (
        "import json, sys\n"
        "from synk.hostclient import SyncHostClient\n"
        "from synk.hoststart import HostAddress\n"
        "sys.stdin.readline()\n"
        "client = SyncHostClient(HostAddress(*json.loads(sys.argv[1])))\n"
        "print(client.welcome['pid'], flush=True)\n"
        "sys.stdin.readline()\n"
        "client.close()\n"
    )
    a = profile.address
    told = json.dumps([a.runtime, a.state, a.resources, a.version, list(a.argv)])
    starters = [
        subprocess.Popen(
            [sys.executable, "-P", "-c", script, told], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    for starter in starters:
        starter.stdin.write("\n")
        starter.stdin.flush()
    pids = {int(starter.stdout.readline()) for starter in starters}
    assert len(pids) == 1
    assert profile.hosts() == list(pids)
    for starter in starters:
        starter.communicate("\n")


@pytest.mark.parametrize("mode", [0o755, 0o710, 0o707])
def test_a_runtime_directory_open_to_others_is_refused_and_named(
    profile: Profile, refused: Callable[..., str], mode: int
) -> None:
    profile.runtime.chmod(mode)
    assert str(profile.runtime) in refused(profile.client)
    assert profile.hosts() == []


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_a_runtime_directory_of_somebody_else_is_refused_and_named(profile: Profile, refused: Callable[..., str]) -> None:
    os.chown(profile.runtime, 65534, 65534)
    assert str(profile.runtime) in refused(profile.client)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_a_client_of_another_user_is_closed_unread(profile: Profile) -> None:
    profile.client()
    profile.runtime.chmod(0o701)
    (profile.runtime / "host-1.sock").chmod(0o666)
    script = (
        "import os, socket, sys\n"
        "os.setgroups([])\n"
        "os.setgid(65534)\n"
        "os.setuid(65534)\n"
        "sock = socket.socket(socket.AF_UNIX)\n"
        "sock.settimeout(10)\n"
        "sock.connect('host-1.sock')\n"
        "try:\n"
        "    sys.exit(len(sock.recv(100)))\n"
        "except ConnectionResetError:\n"
        "    sys.exit(0)\n"
    )
    # From inside the folder: the folders above let nobody else through.
    assert subprocess.run([sys.executable, "-c", script], cwd=profile.runtime, check=False).returncode == 0
    assert "a process of user 65534 connected" in profile.log()


def test_a_socket_path_longer_than_107_bytes_works(profile: Profile) -> None:
    profile.runtime = profile.base / ("deep" * 30) / ("er" * 60)
    profile.runtime.mkdir(parents=True, mode=0o700)
    assert len(str(profile.runtime / "host-1.sock")) > 200
    first = profile.client()
    assert profile.client().welcome["pid"] == first.welcome["pid"]


def test_a_stale_socket_of_a_dead_host_is_replaced(profile: Profile) -> None:
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(profile.runtime / "host-1.sock"))
    stale.close()
    assert profile.client().call("host.status")["sessions"] == 0


@pytest.mark.parametrize(
    "data",
    [
        b"\0\0\0\0\0",
        struct.pack("<IB", 1 << 21, 0),
        b"\x02\0\0\0\x07x",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x03\0\0\0\x0012",
        encode_bytes(1, b"bytes of no stream"),
        struct.pack("<IB", (1 << 20) - 1, 0) + b"[" * ((1 << 20) - 2),
        encode_message({"id": 1, "do": "hello", "fds": 3}),
    ],
    ids=["empty", "too long", "unknown kind", "another protocol", "no object", "bytes", "deep", "no descriptors"],
)
def test_garbage_closes_the_client_that_sent_it_and_nobody_else(profile: Profile, data: bytes) -> None:
    good = profile.client()
    with profile.raw() as bad:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            bad.sendall(data)
        assert message_from(bad) == {}
    assert good.call("host.status")["clients"] == 1


def test_half_a_frame_and_then_silence_disturbs_nobody(profile: Profile) -> None:
    good = profile.client()
    with profile.raw() as slow:
        slow.sendall(encode_message({"id": 1, "do": "hello"})[:9])
        assert good.call("host.status")["clients"] == 1


def test_a_client_that_never_reads_is_cut_off_and_slows_nobody(profile: Profile) -> None:
    good = profile.client()
    with profile.raw() as deaf:
        hello = {"id": 0, "do": "hello", "proto": [1, 1], "kind": "cli", "environment": {}}
        assert ask(deaf, **hello)["ok"]["proto"] == 1
        request = encode_message({"id": "x" * 60_000, "do": "host.status"})
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            deaf.sendall(request * 1000)
        assert good.call("host.status")["clients"] == 1
    assert "does not read: closed" in profile.log()


def test_descriptors_sent_along_with_any_request_are_not_kept(profile: Profile) -> None:
    client = profile.client()
    before = client.call("host.status")["fds"]
    for verb in ("host.status", "no.such.verb", "session.adopt", "hello"):
        for count in (1, 3):
            with contextlib.suppress(SynkError):
                client.connection.call(verb, fds=[0] * count, session=1, pid=1)
    assert client.call("host.status")["fds"] == before


def test_descriptors_in_front_of_garbage_are_not_kept(profile: Profile) -> None:
    client = profile.client()
    before = client.call("host.status")["fds"]
    with profile.raw() as bad:
        data = encode_message({"id": 1, "do": "host.status"}, [0, 0]) + b"\0\0\0\0\0"
        send_some(bad, memoryview(data), [0, 0])
        assert message_from(bad) == {}
    assert client.call("host.status")["fds"] == before


def test_the_first_word_must_be_hello(profile: Profile) -> None:
    profile.client()
    with profile.raw() as sock:
        answer = ask(sock, id=5, do="host.status")
        assert answer == {"re": 5, "error": {"kind": "usage", "message": "Say hello first."}}


@pytest.mark.parametrize("proto", [[2, 3], [0, 0], None, [1], "ab", [{}, {}]])
def test_another_protocol_is_refused(profile: Profile, proto: object) -> None:
    profile.client()
    with profile.raw() as sock:
        answer = ask(sock, id=0, do="hello", proto=proto, kind="cli", environment={})
        assert "ok" not in answer
        if proto == [2, 3]:
            assert answer["error"]["message"] == "This host speaks protocol 1, not 2 to 3 as cli."
        assert ask(sock, id=1, do="host.status")["error"]["message"] == "Say hello first."


def test_a_client_of_an_unknown_kind_is_refused(profile: Profile) -> None:
    with pytest.raises(HostUnavailable):
        profile.client("browser")


def test_an_unknown_verb_is_named(profile: Profile) -> None:
    with pytest.raises(UsageError, match=r"^The host does not know 'session.fly'\.$"):
        profile.client().call("session.fly")


@pytest.mark.parametrize(
    "verb",
    ["configure", "session.start", "session.close", "session.meta", "session.attach", "session.adopt", "quit", "ctl.reply"],
)
def test_what_only_the_window_may_do_is_refused_to_others(profile: Profile, verb: str) -> None:
    profile.window()
    with pytest.raises(UsageError, match=rf"^Only the window may ask for {verb}\.$"):
        profile.client().call(verb, session=1)


def test_a_second_window_is_refused(profile: Profile) -> None:
    profile.window()
    with pytest.raises(WindowRunning, match=r"^A window of this profile is running\.$"):
        profile.client("window")


def test_a_request_that_makes_no_sense_is_answered_and_the_connection_stays(profile: Profile) -> None:
    window = profile.window()
    with pytest.raises(SynkError, match="The host failed: KeyError"):
        window.call("session.start", session=1)
    with pytest.raises(SynkError, match="The host failed: TypeError"):
        window.call("configure", pool={"no_such_setting": 1})
    assert window.call("session.list") == {"sessions": []}


def test_a_control_verb_goes_to_the_window_and_its_answer_comes_back(profile: Profile) -> None:
    window, cli = profile.window(), profile.client()
    cli.connection._sock.sendall(encode_message({"id": 77, "do": "ctl", "verb": "list", "args": {"what": "panes"}}))
    asked = window.event("ctl")
    assert (asked["verb"], asked["args"]) == ("list", {"what": "panes"})
    window.call("ctl.reply", call=asked["call"], result={"panes": []})
    assert cli.connection.next_event(10).message == {"re": 77, "ok": {"panes": []}}


def test_a_control_verb_without_a_window_says_how_to_start_one(profile: Profile) -> None:
    with pytest.raises(WindowUnavailable, match=r"^No Synk window is running for this profile\. Start one with: synk$"):
        profile.client().call("ctl", verb="list")


def test_a_call_the_window_has_not_answered_ends_with_it(profile: Profile) -> None:
    window, cli = profile.window(), profile.client()
    cli.connection._sock.sendall(encode_message({"id": 7, "do": "ctl", "verb": "list"}))
    window.event("ctl")
    window.close()
    answer = cli.connection.next_event(10).message
    assert answer == {"re": 7, "error": {"kind": "no_window", "message": "The window went away."}}


def test_no_host_is_started_for_a_client_that_only_looks(profile: Profile) -> None:
    with pytest.raises(HostUnavailable, match=r"^No host is running for this profile\.$"):
        SyncHostClient(profile.address, start=False)
    assert profile.hosts() == []


def test_a_host_that_cannot_start_is_told_at_once_with_the_place_of_the_log(profile: Profile) -> None:
    profile.argv = (sys.executable, "-c", "raise SystemExit(1)")
    with pytest.raises(HostUnavailable, match=rf"{profile.state}/log/host\.log"):
        profile.client()


def test_a_host_program_that_does_not_exist_is_named(profile: Profile) -> None:
    profile.argv = ("/no/such/python",)
    with pytest.raises(HostUnavailable, match="/no/such/python: No such file"):
        profile.client()


def test_a_host_that_hangs_at_its_start_is_not_waited_for_longer_than_the_limit(
    profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("synk.hoststart.START_TIMEOUT_S", 0.2)
    profile.argv = ("/bin/sh", "-c", "exec sleep 60", "sh")
    with pytest.raises(HostUnavailable, match=r"did not start within 0\.2 s"):
        profile.client()


def test_unknown_sessions_are_named(profile: Profile) -> None:
    window = profile.window()
    for verb in ("session.close", "session.meta", "session.ring"):
        with pytest.raises(NoSuchTarget, match=r"^No session 99$"):
            window.call(verb, session=99)


def test_the_address_is_data(profile: Profile) -> None:
    assert profile.address == HostAddress(
        str(profile.runtime), str(profile.state), profile.address.resources, "1.2.3", tuple(profile.argv)
    )
