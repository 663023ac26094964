"""What outlives a host: ids are never used again, and damaged files cost old numbers at most."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synk.host.ledger import HOSTS_KEPT, LEFT_KEPT, Ledger, Left

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


def ledger(folder: Path) -> Ledger:
    return Ledger(state=str(folder), runtime=str(folder))


def test_reserved_ids_are_distinct(tmp_path: Path) -> None:
    book = ledger(tmp_path)
    assert [book.reserve(64), book.reserve(1), book.reserve(5)] == [1, 65, 66]


@given(used=st.lists(st.integers(1, 300), min_size=1))
def test_an_id_that_was_used_is_never_given_again(used: list[int], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("state")
    book = ledger(folder)
    for number in used:
        book.use_session(number)
    assert book.reserve(1) > max(used)
    assert ledger(folder).reserve(1) == max(used) + 1


def test_what_was_only_reserved_is_given_again_by_the_next_host(tmp_path: Path) -> None:
    ledger(tmp_path).reserve(64)
    assert ledger(tmp_path).reserve(64) == 1


def test_the_next_host_knows_the_earlier_ones_and_not_itself(tmp_path: Path) -> None:
    hosts = [ledger(tmp_path).host_id for _ in range(4)]
    last = ledger(tmp_path)
    assert last.earlier_hosts == set(hosts)
    assert last.host_id not in last.earlier_hosts


def test_the_oldest_hosts_are_forgotten_first(tmp_path: Path) -> None:
    hosts = [ledger(tmp_path).host_id for _ in range(HOSTS_KEPT + 5)]
    assert ledger(tmp_path).earlier_hosts == set(hosts[-HOSTS_KEPT:])


def test_processes_left_on_purpose_are_remembered_and_the_newest_kept(tmp_path: Path) -> None:
    book = ledger(tmp_path)
    book.leave([Left(10, 1), Left(11, 2)])
    book.leave([Left(10, 1)])
    assert ledger(tmp_path).left == {Left(10, 1), Left(11, 2)}
    book.leave(Left(pid, 9) for pid in range(1000, 1000 + LEFT_KEPT))
    assert ledger(tmp_path).left == {Left(pid, 9) for pid in range(1000, 1000 + LEFT_KEPT)}


@given(sessions=JSON, hosts=JSON)
def test_a_damaged_file_never_stops_a_host(
    sessions: object, hosts: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("state")
    (folder / "sessions.json").write_text(json.dumps({"next": sessions}))
    (folder / "hosts.json").write_text(json.dumps({"hosts": hosts, "left": hosts}))
    assert ledger(folder).reserve(1) >= 1
    (folder / "sessions.json").write_text(json.dumps(sessions))
    (folder / "hosts.json").write_text(json.dumps(hosts)[:-1])
    assert ledger(folder).reserve(1) >= 1


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    book = ledger(tmp_path / "missing")
    book.use_session(5)
    assert book.reserve(1) == 6


def test_the_files_are_private(tmp_path: Path) -> None:
    ledger(tmp_path).use_session(1)
    assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {
        "sessions.json": 0o600,
        "hosts.json": 0o600,
    }
