"""The estimate beside the pool's sizes, and what is recommended for a machine."""

import pytest

from synk.settings.memory import GB, Machine, PoolSizes, estimated_bytes, recommended


@pytest.mark.parametrize(
    ("memory_gb", "cores", "initial", "most"),
    [(4, 2, 2, 3), (8, 4, 2, 3), (16, 8, 3, 4), (32, 12, 4, 6), (64, 32, 4, 6), (64, 4, 2, 3), (8, 32, 2, 3), (31, 16, 3, 4)],
)
def test_the_last_row_whose_memory_and_cores_the_machine_has(memory_gb: int, cores: int, initial: int, most: int) -> None:
    assert recommended(Machine(0, memory_gb * GB, cores)) == PoolSizes(initial, most)


def test_unmeasured_shells_count_8_mb_and_sessions_40() -> None:
    assert estimated_bytes(2, 12, Machine(0, 16 * GB, 8)) == (2 * 8 + 12 * 40) << 20


def test_what_was_measured_counts_instead() -> None:
    machine = Machine(0, 16 * GB, 8, idle_shell_bytes=5e6, session_bytes=100e6)
    assert estimated_bytes(4, 3, machine) == 320_000_000
