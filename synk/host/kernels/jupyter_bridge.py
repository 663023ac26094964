"""Any Jupyter kernel as a kernel of ours: a small process that owns `jupyter_client` and speaks our protocol to the host.

Usage: `python jupyter_bridge.py KERNEL_NAME`, in an interpreter that has jupyter_client (extra `synk[jupyter]`), with
the control channel as fd 100. What the Jupyter kernel prints goes to our own terminal. See jupyter-client.readthedocs.io,
"Messaging in Jupyter".
"""

from __future__ import annotations

import base64
import json
import os
import queue
import signal
import sys
import time
from importlib import import_module
from typing import Any

CONTROL_FD = 100
CONTROL_LOST = 70
READY_LIMIT_S = 40.0
POLL_S = 1.0
"""A Jupyter kernel that died sends nothing: so often it is looked whether it lives."""
MAX_FIGURES = 10
MAX_VALUE_CHARS = 200_000
CLIENT = "jupyter_client"
"""Not a dependency of the host: this file runs in the environment of whoever asked for a Jupyter kernel."""


def main() -> None:
    """Start the Jupyter kernel, then obey the host until it says `shutdown` or is gone."""
    folder = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path if os.path.abspath(path or ".") != folder]
    channel = Channel(CONTROL_FD)
    os.set_inheritable(CONTROL_FD, False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    bridge = Bridge(channel, sys.argv[1])
    try:
        bridge.serve()
    except EOFError:
        bridge.end()
        os._exit(CONTROL_LOST)
    bridge.end()


class Channel:
    """Length-prefixed JSON on a socket; blocking."""

    def __init__(self, fd: int) -> None:
        self._file = os.fdopen(fd, "r+b", buffering=0, closefd=False)

    def send(self, message: dict[str, Any]) -> None:
        """Raises EOFError: the host is gone."""
        body = json.dumps(message).encode("ascii")
        data = memoryview(len(body).to_bytes(4, "little") + body)
        while data:
            try:
                data = data[self._file.write(data) or 0 :]
            except OSError as error:
                raise EOFError from error

    def receive(self) -> dict[str, Any]:
        """The next message; raises EOFError when the host is gone."""
        message: dict[str, Any] = json.loads(self._read(int.from_bytes(self._read(4), "little")))
        return message

    def _read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self._file.read(count - len(data))
            if not more:
                raise EOFError
            data += more
        return data


class Bridge:
    """One Jupyter kernel and its client."""

    def __init__(self, channel: Channel, name: str) -> None:
        self._channel = channel
        manager_class = import_module(CLIENT).KernelManager
        self._manager: Any = manager_class(kernel_name=name)
        # A child of ours in our process tree: it ends with us.
        self._manager.start_kernel()
        self._client: Any = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=READY_LIMIT_S)
        self._images: list[str] = []

    def serve(self) -> None:
        """The loop."""
        self._channel.send({"is": "warm", "pid": os.getpid()})
        while True:
            message = self._channel.receive()
            what = message["do"]
            if what == "exec":
                self._exec(message)
            elif what == "claim":
                self._channel.send({"is": "claimed", "error": ""})
            elif what == "ping" and self._manager.is_alive():
                self._channel.send({"is": "pong"})
            elif what == "shutdown":
                return

    def end(self) -> None:
        """End the Jupyter kernel."""
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    def _exec(self, message: dict[str, Any]) -> None:
        cell, wants_value = message["cell"], message.get("want") == "value"
        self._channel.send({"is": "started", "cell": cell})
        self._images = []
        done: dict[str, Any] = {"is": "done", "cell": cell, "ok": True, "value": None, "error": None, "interrupted": False}
        begun = time.monotonic()
        number = self._client.execute(message["code"], allow_stdin=True, store_history=False)
        interrupts = Interrupts(self._manager)
        try:
            self._follow(number, message, done, wants_value=wants_value)
        finally:
            interrupts.end()
        done["interrupted"] = interrupts.count > 0 and not done["ok"]
        done["images"] = self._images
        done["ms"] = round((time.monotonic() - begun) * 1000, 3)
        sys.stdout.flush()
        self._channel.send(done)

    def _follow(self, number: str, message: dict[str, Any], done: dict[str, Any], *, wants_value: bool) -> None:
        """Pass on what comes until the kernel is idle again."""
        while True:
            self._answer_input(message["cell"])
            try:
                reply = self._client.get_iopub_msg(timeout=0.05)
            except queue.Empty:
                if not self._manager.is_alive():
                    sys.exit("the Jupyter kernel has ended")
                continue
            if reply["parent_header"].get("msg_id") != number:
                continue
            kind, content = reply["msg_type"], reply["content"]
            if kind == "stream":
                sys.stdout.write(content["text"])
                sys.stdout.flush()
            elif kind == "execute_result":
                value = self._value(content["data"], message.get("folder", ""))
                if wants_value:
                    done["value"] = value
                else:
                    print(content["data"].get("text/plain", ""), flush=True)
            elif kind == "display_data":
                value = self._value(content["data"], message.get("folder", ""))
                self._channel.send({"is": "display", "cell": message["cell"], "value": value})
            elif kind == "error":
                done["ok"] = False
                done["error"] = _error(content)
                if not wants_value:
                    print(done["error"]["text"], file=sys.stderr, flush=True)
            elif kind == "status" and content["execution_state"] == "idle":
                return

    def _answer_input(self, cell: str) -> None:
        try:
            request = self._client.get_stdin_msg(timeout=0)
        except queue.Empty:
            return
        prompt = request["content"]["prompt"]
        print(prompt, end="", flush=True)
        self._channel.send({"is": "input_request", "cell": cell, "prompt": prompt})
        line = sys.stdin.readline()
        self._channel.send({"is": "input_taken", "cell": cell})
        self._client.input(line.rstrip("\n"))

    def _value(self, data: dict[str, Any], folder: str) -> dict[str, Any]:
        """A MIME bundle as a value."""
        text = str(data.get("text/plain", ""))[:MAX_VALUE_CHARS]
        if "image/png" in data and folder and len(self._images) < MAX_FIGURES:
            name = f"figure-{len(self._images) + 1}.png"
            with open(os.path.join(folder, name), "xb") as file:
                file.write(base64.b64decode(data["image/png"]))
            self._images.append(name)
            return {"type": "figure", "value": name, "repr": text}
        plain = data.get("application/json")
        if plain is not None and len(json.dumps(plain)) <= MAX_VALUE_CHARS:
            return {"type": "dict" if isinstance(plain, dict) else "list", "value": plain}
        return {"type": "repr", "value": text, "python_type": ""}


class Interrupts:
    """While a cell runs Ctrl+C is passed on to the Jupyter kernel, which is in a session of its own."""

    def __init__(self, manager: Any) -> None:
        self.count = 0
        self._manager = manager
        signal.signal(signal.SIGINT, self._interrupt)

    def end(self) -> None:
        """The cell is over."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def _interrupt(self, _number: int, _frame: object) -> None:
        self.count += 1
        self._manager.interrupt_kernel()


def _error(content: dict[str, Any]) -> dict[str, Any]:
    import re

    text = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(content.get("traceback") or []))
    return {
        "type": content.get("ename", ""),
        "message": content.get("evalue", ""),
        "frames": [],
        "cause": None,
        "context": None,
        "is_suppressed": False,
        "notes": [],
        "group": [],
        "syntax": None,
        "text": text,
    }


if __name__ == "__main__":
    main()
