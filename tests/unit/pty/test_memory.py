"""Memory pressure begins at once and ends only after a while."""

from synk.pty.memory import MemoryPressure, available_memory


def test_pressure_begins_below_10_percent() -> None:
    pressure = MemoryPressure()
    pressure.observe(0, 0.10)
    assert not pressure.is_high
    pressure.observe(1, 0.099)
    assert pressure.is_high


def test_pressure_ends_after_30_s_in_a_row_above_15_percent() -> None:
    pressure = MemoryPressure()
    pressure.observe(0, 0.05)
    for now, available in ((1, 0.16), (25, 0.16), (26, 0.15), (27, 0.16), (56, 0.16)):
        pressure.observe(now, available)
        assert pressure.is_high, now
    pressure.observe(57, 0.16)
    assert not pressure.is_high


def test_available_memory_is_a_share() -> None:
    assert 0 < available_memory() <= 1
