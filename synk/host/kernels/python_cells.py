"""Runs one cell of Python: statements, then the value of a last expression; `await` at top level works."""

from __future__ import annotations
import __future__

import ast
import linecache
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CO_COROUTINE = 0x80
"""Of `inspect`, whose import takes 5 ms."""
FUTURES = 0
for _name in __future__.all_feature_names:
    FUTURES |= getattr(__future__, _name).compiler_flag
SOURCES_KEPT = 1_000
"""Cells whose text stays known, for tracebacks and `inspect.getsource`."""
CANCEL_WAIT_S = 1.0
"""For what was awaited to clean up after an interrupt."""


class Cells:
    """One namespace and the cells run in it. Main thread only."""

    def __init__(self) -> None:
        self.main = types.ModuleType("__main__")
        self.main.__dict__["__builtins__"] = __builtins__
        self.namespace = self.main.__dict__
        self._futures = 0
        """`from __future__ import ...` holds for later cells too."""
        self._files: list[str] = []
        self._loop: Any = None

    def run(self, code: str, filename: str) -> tuple[bool, Any]:
        """(True, value) if the cell ends in an expression, else (False, None). Raises what the cell raises."""
        self._remember(code, filename)
        flags = self._futures | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        tree = compile(code, filename, "exec", flags | ast.PyCF_ONLY_AST, True)
        last = tree.body[-1] if tree.body else None
        if isinstance(last, ast.Expr):
            tree.body.pop()
        else:
            last = None
        codes = []
        if tree.body:
            codes.append(compile(tree, filename, "exec", flags, True))
            self._futures |= codes[0].co_flags & FUTURES
        if last is not None:
            codes.append(compile(ast.Expression(last.value), filename, "eval", self._futures | flags, True))
        if any(code.co_flags & CO_COROUTINE for code in codes):
            value = self._wait(self._evaluate(codes))
        else:
            value = None
            for code in codes:
                value = eval(code, self.namespace)
        return last is not None, value

    def pending_loop(self) -> Any:
        """The event loop of this kernel if tasks wait in it, else None."""
        loop = self._loop
        if loop is None or loop.is_closed():
            return None
        import asyncio

        return loop if asyncio.all_tasks(loop) else None

    async def _evaluate(self, codes: list[types.CodeType]) -> Any:
        """All of a cell with an `await` in it, so that its other statements find the event loop running too."""
        value = None
        for code in codes:
            value = eval(code, self.namespace)
            if code.co_flags & CO_COROUTINE:
                value = await value
        return value

    def _wait(self, coroutine: Any) -> Any:
        import asyncio  # 25 ms that only a cell with `await` pays

        if self._loop is None or self._loop.is_closed():
            self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        task = self._loop.create_task(coroutine)
        try:
            return self._loop.run_until_complete(task)
        except BaseException:
            if not task.done():
                task.cancel()
                self._loop.run_until_complete(asyncio.wait([task], timeout=CANCEL_WAIT_S))
            raise

    def _remember(self, code: str, filename: str) -> None:
        linecache.cache[filename] = (len(code), None, code.splitlines(keepends=True), filename)
        self._files.append(filename)
        if len(self._files) > SOURCES_KEPT:
            linecache.cache.pop(self._files.pop(0), None)


@contextmanager
def watching(loop: Any, fd: int) -> Iterator[None]:
    """Let the event loop stop as soon as `fd` can be read."""
    loop.add_reader(fd, loop.stop)
    try:
        yield
    finally:
        loop.remove_reader(fd)
