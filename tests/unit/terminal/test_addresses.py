"""A cell of the scrollback is found again by its address."""

from hypothesis import given
from hypothesis import strategies as st

from synk.terminal.emulator import Emulator
from synk.terminal.rows import Row
from synk.terminal.scrollback import Scrollback


@given(st.lists(st.integers(2, 30), min_size=1, max_size=6), st.data())
def test_an_address_is_that_of_the_same_cell_at_any_width(widths: list[int], data: st.DataObject) -> None:
    emulator = Emulator(cols=10, rows=2, reply=lambda _: None)
    emulator.feed(b"".join([b"%03d " % number * (number % 7) + b"\r\n" for number in range(100)]))
    history = emulator.scrollback
    history.seal()
    index = data.draw(st.sampled_from([at for at in range(len(history)) if history.line(at).text.strip()]))
    text = history.line(index).text.rstrip()
    col = data.draw(st.integers(0, len(text) - 1))
    address = history.address(index, col)
    assert address is not None
    for columns in widths:
        history.set_columns(columns)
        found = history.index_of(address)
        assert found is not None
        assert history.line(found[0]).text[found[1]] == text[col]
        cells = history.cells_of(address.block, address.line)
        assert cells is not None
        assert cells[address.offset] == text[col]
        # There and back.
        assert history.address(*found) == address


def test_a_line_keeps_its_address_while_older_ones_go() -> None:
    history = Scrollback(limit_lines=400, limit_bytes=1 << 20)
    history.set_columns(5)
    history.push([Row(str(number)) for number in range(400)])
    history.seal()
    old, kept = history.address(10, 0), history.address(350, 2)
    assert old is not None
    assert kept is not None
    history.push([Row("new") for _ in range(300)])
    assert history.index_of(old) is None
    assert history.cells_of(old.block, old.line) is None
    assert history.index_of(kept) == (50, 2)
    assert history.cells_of(kept.block, kept.line) == "350"
    history.push([Row("new") for _ in range(300)])
    assert history.index_of(kept) is None


def test_rows_that_are_not_set_aside_have_no_address() -> None:
    history = Scrollback(limit_lines=400, limit_bytes=1 << 20)
    history.set_columns(5)
    history.push([Row("old"), Row("older")])
    assert history.address(0, 0) is None
    history.seal()
    history.push_row(Row("new"))
    assert history.address(1, 0) is not None
    assert history.address(2, 0) is None
    assert history.address(-1, 0) is None
