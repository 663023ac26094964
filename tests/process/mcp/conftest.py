"""A profile with a host of its own for all tests of this folder, and clients of its MCP server in this process."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp.client.client import Client
from mcp_types import CallToolResult

from synk.engine.api import Engine
from synk.mcp.server import make_server

SYNK = (sys.executable, "-P", "-m", "synk")
LIMIT_S = 60.0
"""A loaded machine may need long; a test that waits this long has failed."""


@pytest.fixture(scope="module")
def profile() -> Iterator[Path]:
    """A profile whose host ends after the module's tests."""
    folder = Path(tempfile.mkdtemp(prefix="synk-mcp-"))
    # By another process, so that the host is no child of the tests' own.
    subprocess.run([*SYNK, "--profile", str(folder), "exec", "true"], check=True, timeout=LIMIT_S)
    yield folder
    subprocess.run([*SYNK, "--profile", str(folder), "host", "stop"], capture_output=True, check=False, timeout=60)
    shutil.rmtree(folder, ignore_errors=True)


class Caller:
    """A connected client."""

    def __init__(self, client: Client, engine: Engine) -> None:
        self.client = client
        self.engine = engine

    async def call(self, tool: str, **arguments: Any) -> CallToolResult:
        """A tool's result, whatever it is."""
        result = await self.client.call_tool(tool, arguments)
        assert isinstance(result, CallToolResult)
        return result

    async def said(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The object a successful call gives."""
        result = await self.call(tool, **arguments)
        assert not result.is_error, text_of(result)
        assert result.structured_content is not None
        return result.structured_content

    async def error(self, tool: str, **arguments: Any) -> str:
        """The text of a call that must fail."""
        result = await self.call(tool, **arguments)
        assert result.is_error
        return text_of(result)


def text_of(result: CallToolResult) -> str:
    return "\n".join(getattr(block, "text", "") for block in result.content)


@contextlib.asynccontextmanager
async def caller(profile: Path) -> AsyncIterator[Caller]:
    """A client of a server in this process."""
    async with (
        Engine.open(profile=str(profile), kind="mcp", environment=dict(os.environ)) as engine,
        Client(make_server(engine, "0")) as client,
    ):
        yield Caller(client, engine)


@pytest.fixture
def use(profile: Path) -> Callable[[Callable[[Caller], Awaitable[None]]], None]:
    """Runs a test's coroutine with a connected client."""

    def run(test: Callable[[Caller], Awaitable[None]]) -> None:
        async def connected() -> None:
            async with asyncio.timeout(LIMIT_S), caller(profile) as made:
                await test(made)

        asyncio.run(connected())

    return run
