"""`Engine.sync()`: the calls of the engine, blocking, for programs without a loop; owns the thread `synk-engine`."""

import asyncio
import concurrent.futures
import inspect
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any

from synk.engine.api import Engine
from synk.engine.repls import Pool, Repl, Repls
from synk.engine.runs import Runs
from synk.engine.sessions import Session, Sessions

_PARTS = (Repls, Repl, Sessions, Session, Pool, Runs)
"""What a call may give that has calls of its own."""


class SyncEngine:
    """All of `Engine`: what is awaited there returns here, and `async for` becomes `for`.

    `with Engine.sync() as eng: eng.exec("make").ok`. Callbacks (`on_event`) run on the engine's thread. Ctrl+C during a call
    cancels it, which ends what it runs.
    """

    def __init__(self, *, profile: str | None = None, environment: Mapping[str, str] | None = None) -> None:
        self._profile = profile
        self._environment = environment
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._opened: AbstractAsyncContextManager[Engine] | None = None
        self._engine: Engine | None = None

    def __enter__(self) -> "SyncEngine":
        """Connect.

        Raises:
            HostUnavailable: no host could be started.
        """
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="synk-engine", daemon=True)
        self._thread.start()
        self._opened = Engine.open(profile=self._profile, environment=self._environment)
        try:
            self._engine = self._wait(self._opened.__aenter__())
        except BaseException:
            self._stop_loop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._opened is not None:
            try:
                self._wait(self._opened.__aexit__(None, None, None))
            finally:
                self._stop_loop()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or self._engine is None:
            raise AttributeError(name)
        return self._blocking(getattr(self._engine, name))

    def _blocking(self, thing: Any) -> Any:
        """The same with its calls blocking; values stay what they are."""
        if isinstance(thing, _PARTS):
            return _Blocking(thing, self._blocking)
        if inspect.iscoroutinefunction(thing):
            return _Call(thing, lambda *args, **kwargs: self._blocking(self._wait(thing(*args, **kwargs))))
        if inspect.isasyncgenfunction(thing):
            return _Call(thing, lambda *args, **kwargs: self._iterate(thing(*args, **kwargs)))
        if inspect.ismethod(thing):
            return _Call(thing, lambda *args, **kwargs: self._blocking(thing(*args, **kwargs)))
        return thing

    def _wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        assert self._loop is not None
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            if not future.done():
                # Ctrl+C: what was begun is ended before we go on.
                future.cancel()
                concurrent.futures.wait((future,), timeout=1)
            raise

    def _iterate(self, events: AsyncIterator[Any]) -> Iterator[Any]:
        async def next_event() -> Any:
            return await anext(events, _END)

        try:
            while (event := self._wait(next_event())) is not _END:
                yield event
        finally:
            self._wait(_close(events))

    def _stop_loop(self) -> None:
        assert self._loop is not None
        assert self._thread is not None
        self._wait(self._loop.shutdown_asyncgens())
        self._wait(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._engine = self._opened = None


_END = object()


async def _close(events: AsyncIterator[Any]) -> None:
    close = getattr(events, "aclose", None)
    if close is not None:
        await close()


class _Blocking:
    """A part of the engine (`runs`, a REPL) with its calls blocking; also a context manager if the part is one."""

    def __init__(self, part: Any, blocking: Callable[[Any], Any]) -> None:
        self._part = part
        self._blocking = blocking

    def __getattr__(self, name: str) -> Any:
        return self._blocking(getattr(self._part, name))

    def __repr__(self) -> str:
        return f"<blocking {self._part!r}>"

    def __enter__(self) -> "_Blocking":
        return self

    def __exit__(self, *_: object) -> None:
        self._blocking(self._part.__aexit__)(None, None, None)


class _Call:
    """A blocking call that still says what it is: `help(engine.exec)` shows the one it stands for."""

    def __init__(self, original: Callable[..., Any], call: Callable[..., Any]) -> None:
        self._call = call
        self.__doc__ = original.__doc__
        self.__name__ = original.__name__
        self.__wrapped__ = original

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._call(*args, **kwargs)
