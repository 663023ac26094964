"""What the ring of a pane gives back after a crash: the same screen, also when the size changed on the way."""

from hypothesis import given, settings
from hypothesis import strategies as st

from synk.pty.ring import Ring
from synk.terminal.emulator import Emulator

COLS, ROWS = 20, 6

outputs = st.lists(
    st.one_of(
        st.text("ab 你é", max_size=50).map(lambda text: text + "\r\n"),
        st.sampled_from(
            ["$ ", "\x1b[31mred\x1b[m", "\x1b[H\x1b[2J", "\x1b]133;A\x07$ \x1b]133;B\x07", "\x1b]133;C\x07", "\x1b7", "\x1b8"]
        ),
    ),
    min_size=1,
    max_size=20,
).map(lambda pieces: "".join(pieces).encode())
steps = st.lists(st.one_of(outputs, outputs, st.tuples(st.integers(2, 40), st.just(ROWS)), st.just("checkpoint")), max_size=12)


@given(steps)
@settings(max_examples=150, deadline=None)
def test_a_replay_gives_the_same_screen(written: list[bytes | tuple[int, int] | str]) -> None:
    emulator = Emulator(cols=COLS, rows=ROWS, reply=lambda _: None)
    ring = Ring.create(cols=COLS, rows=ROWS)
    try:
        for step in written:
            if isinstance(step, bytes):
                ring.write(step)
                emulator.feed(step)
            elif isinstance(step, tuple):
                emulator.resize(cols=step[0], rows=step[1])
                ring.note_resize(ring.written, cols=step[0], rows=step[1])
            else:
                ring.checkpoint(ring.written, emulator.snapshot())
        replay = ring.replay()
    finally:
        ring.close()
    if replay.state is None:
        copy = Emulator(cols=replay.cols, rows=replay.rows, reply=lambda _: None)
    else:
        copy = Emulator.restore(replay.state, reply=lambda _: None)
    for part in replay.steps:
        if isinstance(part, bytes):
            copy.feed(part)
        else:
            copy.resize(cols=part[0], rows=part[1])
    assert [copy.row(y) for y in range(ROWS)] == [emulator.row(y) for y in range(ROWS)]
    assert (copy.cursor, copy.shell.latest) == (emulator.cursor, emulator.shell.latest)
