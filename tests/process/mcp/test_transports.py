"""`synk mcp` as clients start it: over stdio in any protocol version, and on the loopback interface behind a token."""

import http.client
import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.process.mcp.conftest import LIMIT_S, SYNK


class StdioServer:
    """A server process that is spoken to in lines of JSON, as the protocol has it."""

    def __init__(self, profile: Path) -> None:
        self.process = subprocess.Popen(
            [*SYNK, "--profile", str(profile), "mcp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, method: str, **params: Any) -> Any:
        """A request and its answer."""
        self.tell(method, id=1, **params)
        assert self.process.stdout is not None
        while (line := self.process.stdout.readline()) and (answer := json.loads(line)).get("id") != 1:
            pass
        return answer

    def tell(self, method: str, *, id: int | None = None, **params: Any) -> None:
        """A request or notification."""
        message = {"jsonrpc": "2.0", "method": method, "params": params, **({} if id is None else {"id": id})}
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def close(self) -> int:
        """Close its stdin; the exit status."""
        self.process.communicate(timeout=LIMIT_S)
        return self.process.returncode


@pytest.mark.parametrize("version", ["2024-11-05", "2025-06-18"])
def test_a_client_of_an_older_protocol_lists_and_calls_the_tools(profile: Path, version: str) -> None:
    server = StdioServer(profile)
    info = {"name": "old", "version": "1"}
    answer = server.ask("initialize", protocolVersion=version, capabilities={}, clientInfo=info)
    assert answer["result"]["protocolVersion"] == version
    server.tell("notifications/initialized")
    assert "efs_exec" in [tool["name"] for tool in server.ask("tools/list")["result"]["tools"]]
    result = server.ask("tools/call", name="efs_exec", arguments={"command": "echo hi"})["result"]
    assert result["structuredContent"]["output"]["untrusted_text"] == "hi\n"
    assert server.close() == 0


OLD = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "old", "version": "1"}}
HELLO = [
    {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": OLD},
    {"jsonrpc": "2.0", "method": "notifications/initialized"},
    {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "efs_exec", "arguments": {"command": "echo hi"}}},
]


def test_a_client_may_be_at_the_other_end_of_a_socket(profile: Path) -> None:
    """As node makes the standard streams of its children."""
    ours, theirs = socket.socketpair()
    with ours, subprocess.Popen([*SYNK, "--profile", str(profile), "mcp"], stdin=theirs, stdout=theirs) as process:
        theirs.close()
        with ours.makefile("rw") as stream:
            # Text that is no message is passed over; a message may be larger than what a socket holds.
            large = {"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {"name": "efs_exec", "arguments": {}}}
            large["params"]["arguments"] = {"command": "wc -c", "stdin": "x" * 300_000}  # type: ignore[index]
            stream.write("no json\n" + "".join(json.dumps(message) + "\n" for message in [*HELLO, large]))
            stream.flush()
            answers: dict[int, Any] = {}
            while len(answers) < 3:
                answer = json.loads(stream.readline())
                answers[answer.get("id")] = answer
        assert answers[3]["result"]["structuredContent"]["output"]["untrusted_text"] == "300000\n"
        ours.shutdown(socket.SHUT_RDWR)
        assert process.wait(LIMIT_S) == 0


def test_messages_may_come_from_a_file(profile: Path, tmp_path: Path) -> None:
    file = tmp_path / "messages"
    file.write_text("".join(json.dumps(message) + "\n" for message in HELLO[:1]))
    with open(file) as stdin:
        done = subprocess.run(
            [*SYNK, "--profile", str(profile), "mcp"], stdin=stdin, capture_output=True, check=True, timeout=LIMIT_S
        )
    assert json.loads(done.stdout)["result"]["serverInfo"]["name"] == "synk"


class HttpServer:
    """A server on the loopback interface."""

    def __init__(self, profile: Path) -> None:
        self.process = subprocess.Popen([*SYNK, "--profile", str(profile), "mcp", "--http"], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        said = json.loads(self.process.stdout.readline())
        self.address = urlsplit(said["url"])
        self.token_file = Path(said["token_file"])
        self.token = self.token_file.read_text().strip()

    def post(self, message: dict[str, Any], **headers: str) -> tuple[int, str]:
        """Status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.address.port or 0, timeout=LIMIT_S)
        try:
            accept = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
            connection.request("POST", self.address.path, json.dumps(message), {**accept, **headers})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()


@pytest.fixture
def server(profile: Path) -> Iterator[HttpServer]:
    made = HttpServer(profile)
    yield made
    made.process.send_signal(signal.SIGTERM)
    made.process.communicate(timeout=LIMIT_S)


INITIALIZE = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
}  # fmt: skip


def test_only_the_right_token_opens_the_door(server: HttpServer) -> None:
    assert server.address.hostname == "127.0.0.1"
    for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": server.token}, {"authorization": "Bearer "}):
        assert server.post(INITIALIZE, **headers) == (401, "")
    status, body = server.post(INITIALIZE, authorization=f"Bearer {server.token}")
    assert status == 200
    assert '"name":"synk"' in body.replace(" ", "")


def test_requests_for_other_hosts_and_from_other_origins_are_refused(server: HttpServer) -> None:
    allowed = {"authorization": f"Bearer {server.token}"}
    assert server.post(INITIALIZE, host="evil.example", **allowed)[0] in (403, 421)
    assert server.post(INITIALIZE, origin="http://evil.example", **allowed)[0] == 403


def test_the_token_is_private_and_goes_with_the_server(profile: Path) -> None:
    server = HttpServer(profile)
    assert server.token_file.stat().st_mode & 0o777 == 0o600
    assert len(server.token) >= 43  # 32 random bytes
    assert server.token not in Path(f"/proc/{server.process.pid}/environ").read_text()
    server.process.send_signal(signal.SIGTERM)
    server.process.communicate(timeout=LIMIT_S)
    assert not server.token_file.exists()


def test_a_port_that_is_taken_is_said(profile: Path, server: HttpServer) -> None:
    command = [*SYNK, "--profile", str(profile), "mcp", "--http", "--port", str(server.address.port)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT_S, env=dict(os.environ))
    assert done.returncode == 3
    assert f"port {server.address.port}" in done.stderr
