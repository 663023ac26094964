

def test_a_cell_of_no_size_is_harmless() -> None:
    emulator = Emulator(cols=9, rows=4, reply=lambda _: None)
    emulator.describe_window(cell_width=0, cell_height=0, is_dark=True)
    emulator.feed(b"\x1bPq#1~~@@-\x1b\\")
    assert not emulator.pictures.is_empty
