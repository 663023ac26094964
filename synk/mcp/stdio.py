"""Standard input and output as the two streams of an MCP session: lines of JSON, read and written by the loop itself.

The SDK's own transport hands each line to threads, three times a message: 0.3 ms of the 0.5 ms that a `ping` took.
Owns the descriptors 0 and 1: while it serves they lead to nothing and to standard error, so that nobody else's output
gets between the messages.
"""

import asyncio
import fcntl
import os
import socket
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Any, Self

from mcp.server.stdio import stdio_server
from mcp.shared.message import SessionMessage
from mcp_types import jsonrpc_message_adapter
from pydantic import ValidationError

LONGEST_LINE = 256 << 20
"""Bytes of one message; a client that sends more is no MCP client."""


@asynccontextmanager
async def standard_streams() -> AsyncIterator[tuple[Any, Any]]:
    """What `Server.run` reads from and writes to, for whoever started this process. What was sent is written at the end."""
    if not (_can_be_polled(0) and _can_be_polled(1)):
        async with stdio_server() as streams:  # a file, a terminal
            yield streams
        return
    is_one = os.path.sameopenfile(0, 1)
    given, taken = _own(0, os.open(os.devnull, os.O_RDONLY)), _own(1, os.dup(2))
    if is_one:
        os.close(taken)
        reader, writer = await asyncio.open_connection(sock=socket.socket(fileno=given), limit=LONGEST_LINE)
    else:
        reader, writer = await _open_pipes(given, taken)
    # `drain` then waits until all is written.
    writer.transport.set_write_buffer_limits(high=0)
    try:
        yield _Lines(reader), _Answers(writer)
    finally:
        writer.close()


async def _open_pipes(given: int, taken: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Of two pipes, or of two sockets of which each is used in one direction."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(given, "rb", 0))
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, os.fdopen(taken, "wb", 0))
    return reader, asyncio.StreamWriter(transport, protocol, None, loop)


class _Lines:
    """Messages of the client, until it closes our standard input."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        line = await self._reader.readline()
        if not line:
            raise StopAsyncIteration
        try:
            return SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False))
        except ValidationError as error:
            return error

    async def receive(self) -> SessionMessage | Exception:
        return await anext(self)

    async def aclose(self) -> None:
        """The pipe is closed with the session."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()


class _Answers:
    """What we say; a client that does not read holds up who sends."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    async def send(self, item: SessionMessage) -> None:
        self._writer.write(item.message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n")
        # Who has left is not told any more; that it has is seen where we read.
        with suppress(ConnectionError):
            await self._writer.drain()

    async def aclose(self) -> None:
        """All is written as soon as it is sent."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()


def _can_be_polled(fd: int) -> bool:
    """It is a pipe or socket, as MCP clients give us."""
    mode = os.fstat(fd).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _own(fd: int, instead: int) -> int:
    """The descriptor under a number nobody else writes to; its own number leads to `instead` from now on."""
    private = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3)
    os.dup2(instead, fd)
    os.close(instead)
    return private
