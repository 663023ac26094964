"""Makes a kernel as a process of its own, with the channel its language has."""

import asyncio
import os
import socket

from synk.host.repls.declared import TextSpeaker
from synk.host.repls.link import KernelLink
from synk.host.repls.process import CONTROL_FD, FAULT_FD, Kernel, LinkSpeaker, spawn
from synk.host.repls.recipes import Recipe
from synk.host.runs.tree import tag_of, tagged

FROM_KERNEL_FD = 102
"""Where a kernel with pipes writes to; it reads from 100."""


def start_kernel(loop: asyncio.AbstractEventLoop, kernel: Kernel, recipe: Recipe) -> tuple[int, int]:
    """Connect the kernel and start its process; returns (pid, pidfd). When no fork of the pool is under way.

    Raises:
        OSError: it cannot be executed.
    """
    passed: dict[int, int] = {FAULT_FD: kernel.fault}
    closing: list[int] = []
    stdin = None
    argv = recipe.argv()
    if recipe.spec.kind == "declared":
        writing = -1
        if recipe.spec.stdin == "pipe":
            stdin, writing = os.pipe2(os.O_CLOEXEC)
            closing.append(stdin)
        kernel.speaker = TextSpeaker(loop, recipe.spec, kernel, writing)
    elif recipe.spec.channel == "pipes":
        to_kernel, ours_out = os.pipe2(os.O_CLOEXEC)
        ours_in, from_kernel = os.pipe2(os.O_CLOEXEC)
        closing += [to_kernel, from_kernel]
        passed.update({CONTROL_FD: to_kernel, FROM_KERNEL_FD: from_kernel})
        _attach_link(loop, kernel, ours_in, ours_out)
    else:
        closing.append(attach_socket(loop, kernel).detach())
        passed[CONTROL_FD] = closing[-1]
    if recipe.spec.kind == "python":
        argv += ["kernel", str(CONTROL_FD), str(FAULT_FD)]
    environment = recipe.start_environment(kernel.mark)
    try:
        with tagged(tag_of(kernel.mark)):
            return spawn(argv, environment, terminal=kernel.terminal.path, stdin=stdin, passed=passed)
    finally:
        for fd in closing:
            os.close(fd)


def attach_socket(loop: asyncio.AbstractEventLoop, kernel: Kernel) -> socket.socket:
    """Connect the kernel's link to a new socket; returns the end for the kernel."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    fd = ours.detach()
    _attach_link(loop, kernel, fd, fd)
    return theirs


def _attach_link(loop: asyncio.AbstractEventLoop, kernel: Kernel, reading: int, writing: int) -> None:
    link = KernelLink(
        loop, reading, writing, on_message=lambda message, _fds: kernel.heard(message), on_lost=kernel.channel_lost
    )
    kernel.speaker = LinkSpeaker(link)
