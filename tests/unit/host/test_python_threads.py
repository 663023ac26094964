"""How many threads computing libraries get: set once before the forks, again only for owners who want another number."""

import os

from synk.host.kernels.python_threads import Pools


def pools(called: list[int]) -> Pools:
    made = Pools()
    made._setters.append(called.append)
    return made


def test_forks_find_the_threads_set_and_set_them_only_if_their_owner_wants_others() -> None:
    called: list[int] = []
    made = pools(called)
    made.set_before_forks()
    cores = len(os.sched_getaffinity(0))
    assert called == [cores]
    made.set({})
    assert called == [cores]
    made.set({"OMP_NUM_THREADS": "3", "OPENBLAS_NUM_THREADS": "nonsense"})
    assert called == [cores, 3]


def test_a_process_of_its_own_sets_them_when_it_gets_its_owner() -> None:
    called: list[int] = []
    pools(called).set({})
    assert called == [len(os.sched_getaffinity(0))]
