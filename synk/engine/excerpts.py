"""Head and tail of an output that may be larger than anybody wants to read into memory."""

from collections.abc import Callable

from synk.engine.texts import HEAD_SHARE, budget, left_out, rendered

WHOLE_BYTES = 1 << 20
"""Output up to here is read as a whole; of more only what the budget shows."""
BYTES_PER_CHAR = 4
"""UTF-8 at its longest."""


def excerpt(
    read: Callable[[int, int], bytes], *, size: int, lines: int, max_chars: int, run_id: str, mask: Callable[[str], str]
) -> tuple[str, bool]:
    """The text of an output of `size` bytes within `max_chars`, and whether something was left out.

    `read(cursor, count)` gives bytes of it. `lines` is how many there are, 0 if nobody counted them.
    """
    if size <= max(WHOLE_BYTES, max_chars * BYTES_PER_CHAR):
        return budget(mask(rendered(read(0, size))), max_chars, run_id=run_id)
    # Of 62 MB only the ends are read, each a little longer than what is shown of it.
    count = max_chars * BYTES_PER_CHAR
    first, last = read(0, count), read(size - count, count)
    room = max(max_chars - len(left_out(lines, size, run_id=run_id, cursor=size)) - 2, 0)
    head = mask(rendered(first[: first.rfind(b"\n") + 1] or first))[: int(room * HEAD_SHARE)]
    head = head[: head.rfind("\n") + 1] or f"{head}\n"
    tail = mask(rendered(last[last.find(b"\n") + 1 :]))
    tail = tail[max(len(tail) - int(room * (1 - HEAD_SHARE)), 0) :]
    tail = tail[tail.find("\n") + 1 :]
    shown = len(head.encode()) + len(tail.encode())
    gone = max(lines - head.count("\n") - len(tail.splitlines()), 1)
    return f"{head}{left_out(gone, size - shown, run_id=run_id, cursor=len(head.encode()))}\n{tail}", True
