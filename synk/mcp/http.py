"""`synk mcp --http`: the server on the loopback interface, behind a bearer token. Owns the file the token is read from."""

import hashlib
import hmac
import json
import os
import secrets
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import uvicorn
from mcp.server.lowlevel import Server
from starlette.types import ASGIApp, Receive, Scope, Send

from synk.base.errors import SynkError

TOKEN_BYTES = 32
PATH = "/mcp"
TOKEN_FILE = "mcp.token"


class TokenGate:
    """ASGI middleware: passes requests with the right token on, and answers all others 401 without detail."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        # Only the hash stays in memory, and comparing hashes tells nothing by its duration.
        self._hash = _hash(token)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._is_allowed(scope):
            await self._app(scope, receive, send)
            return
        headers = [(b"www-authenticate", b"Bearer"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 401, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def _is_allowed(self, scope: Scope) -> bool:
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        scheme, _, token = (given[0] if len(given) == 1 else b"").partition(b" ")
        return scheme.lower() == b"bearer" and hmac.compare_digest(_hash(token.strip().decode("latin-1")), self._hash)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


async def serve(tools: Server[Any], *, port: int, runtime: Path) -> None:
    """Serve until SIGINT or SIGTERM; prints one line of JSON with `url` and `token_file` once it listens.

    `port` 0 takes a free one. The token is new each time; its file has mode 0600 and goes with the server.

    Raises:
        SynkError: the port is taken.
        OSError: the file cannot be written.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with _listen(port) as listener:
        path = runtime / f"{TOKEN_FILE}.{os.getpid()}"
        _write_private(path, token)
        try:
            # Origin and Host other than loopback names are refused by the SDK, which knows the address.
            app = TokenGate(tools.streamable_http_app(streamable_http_path=PATH, host="127.0.0.1"), token)
            server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on", access_log=False))
            # For the moment before uvicorn listens to signals, and after it has ended: it raises the signal once more for
            # whoever handled it before, and the default would let the token stay.
            signal.signal(signal.SIGTERM, lambda *_: setattr(server, "should_exit", True))
            url = f"http://127.0.0.1:{listener.getsockname()[1]}{PATH}"
            print(json.dumps({"url": url, "token_file": str(path)}), flush=True)
            await server.serve(sockets=[listener])
        finally:
            path.unlink(missing_ok=True)
    sys.stdout.flush()


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = error.strerror if isinstance(error, OSError) else "there are ports up to 65535"
        raise SynkError(f"Nothing can listen on port {port}: {reason}. Without --port a free one is taken.") from error
    return listener


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
