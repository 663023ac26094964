"""A slice of the fuzzing (tests/bench/fuzz.py), always the same cases: nothing is raised, no state that cannot be."""

from tests.bench.fuzz import SCREENS, Fuzzer, read_recordings

CASES = range(40)


def test_noise_grammar_and_mutated_recordings_raise_nothing() -> None:
    fuzzer = Fuzzer(read_recordings([SCREENS]))
    for case in CASES:
        fuzzer.run(case)
    assert fuzzer.failures == []
    assert fuzzer.bytes_fed > 100_000


def test_every_prefix_of_a_recording_leaves_a_terminal_that_works() -> None:
    fuzzer = Fuzzer([])
    fuzzer.run_prefixes((SCREENS / "tmux.bytes").read_bytes()[:2000])
    assert fuzzer.failures == []


def test_a_case_is_made_from_its_number_alone() -> None:
    recordings = read_recordings([SCREENS])
    one, other = Fuzzer(recordings), Fuzzer(recordings)
    other.run(3)
    one.run(7)
    fed = other.bytes_fed
    other.run(7)
    assert other.bytes_fed - fed == one.bytes_fed
