"""Opens a link in the user's browser for the window, which starts no program but the host."""

import asyncio
import os
from collections.abc import Mapping

from synk.base.errors import SpawnFailed, UsageError
from synk.pty.children import Children
from synk.pty.spawn import find_program

SCHEMES = ("http:", "https:", "mailto:", "file:")
PROGRAM = "xdg-open"
RETRY_S = 0.01
"""While the pool forks, the master of a new terminal may be inherited for a moment; we wait until it cannot."""


def open_url(loop: asyncio.AbstractEventLoop, children: Children, url: str, environment: Mapping[str, str]) -> None:
    """Start `xdg-open URL` in a session of its own; the reaper takes its end.

    Raises:
        UsageError: not a link of those kinds, or one with blanks or control characters.
        SpawnFailed: there is no xdg-open.
    """
    if not url.lower().startswith(SCHEMES) or not url.isascii() or not url.isprintable() or " " in url:
        raise UsageError(f"{url[:200]!r} is no link that can be opened")
    try:
        program = find_program(PROGRAM, cwd="/", environment=environment)
    except SpawnFailed as error:
        raise SpawnFailed(f"{error.message}. Install the package xdg-utils to open {url[:200]}") from error
    nothing = [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_RDWR, 0) for fd in (0, 1, 2)]
    with children.starting() as is_safe:
        if is_safe:
            os.posix_spawn(program, [PROGRAM, url], dict(environment), file_actions=nothing, setsid=True, setsigmask=[])
            return
    loop.call_later(RETRY_S, open_url, loop, children, url, environment)
