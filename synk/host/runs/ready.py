"""Since when a server answers: the first listening TCP socket of a run's processes, and the address it printed."""

import contextlib
import os
import re
from collections.abc import Iterable

from synk.host.runs.run import Ready

_LISTEN = b"0A"
_URL = re.compile(rb"https?://(?:localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\])(?::(\d{1,5}))?(?:/[\w./?=&%~-]*)?")
_ESCAPES = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]")
_SOCKET = re.compile(r"socket:\[(\d+)\]")


def listening_sockets() -> dict[str, int]:
    """Inode -> port of every listening TCP socket of the machine (proc_net_tcp: local address, state and inode)."""
    found = {}
    for path in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError), open(path, "rb") as file:
            for line in file:
                words = line.split(maxsplit=10)
                if len(words) > 9 and words[3] == _LISTEN:
                    found[words[9].decode()] = int(words[1].rpartition(b":")[2], 16)
    return found


def find_ready(pids: Iterable[int], sockets: dict[str, int], output: bytes) -> Ready | None:
    """What these processes listen on; with the addresses they printed, else those of the ports. None if on nothing.

    A server whose socket is elsewhere (in a container) is ready when it has printed its address.
    """
    ports: set[int] = set()
    owner = 0
    for pid in pids:
        found = {sockets[inode] for inode in _open_sockets(pid) if inode in sockets}
        if found and not owner:
            owner = pid
        ports |= found
    printed = printed_urls(output)
    if not ports and not printed:
        return None
    urls = [url for url, port in printed if not ports or port in ports]
    named = {port for _, port in printed}
    urls += [f"http://127.0.0.1:{port}/" for port in sorted(ports - named)]
    return Ready(tuple(urls), tuple(sorted(ports or named)), owner)


def printed_urls(output: bytes) -> list[tuple[str, int]]:
    """Addresses on this machine in a program's output, each once, with their ports."""
    found: dict[str, int] = {}
    for match in _URL.finditer(_ESCAPES.sub(b"", output)):
        url = match[0].decode().rstrip(".,")
        found.setdefault(url, int(match[1]) if match[1] else (443 if url.startswith("https") else 80))
    return list(found.items())


def _open_sockets(pid: int) -> Iterable[str]:
    """Inodes of the sockets a process has open."""
    with contextlib.suppress(OSError):
        for name in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                match = _SOCKET.match(os.readlink(f"/proc/{pid}/fd/{name}"))
                if match:
                    yield match[1]
