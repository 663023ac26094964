"""What a batch is refused for, and the order its jobs may run in."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synk.base.errors import UsageError
from synk.engine.batch import command_of, find_cycle, language_of, plan_jobs
from synk.engine.options import Job


@given(st.lists(st.lists(st.integers(0, 11), max_size=4), min_size=1, max_size=12))
def test_a_cycle_is_found_exactly_where_no_order_exists(wanted: list[list[int]]) -> None:
    after = {number: [each for each in row if each < len(wanted)] for number, row in enumerate(wanted)}
    done: set[int] = set()
    while ready := [number for number, row in after.items() if number not in done and done.issuperset(row)]:
        done.update(ready)
    cycle = find_cycle(after)
    assert bool(cycle) == (len(done) < len(after))
    if cycle:
        assert cycle[0] == cycle[-1]
        assert all(second in after[first] for first, second in pairwise(cycle))


def test_a_cycle_names_its_jobs() -> None:
    jobs = [Job(cmd="a", name="one", depends_on=["three"]), Job(cmd="b", name="two", depends_on=["one"])]
    with pytest.raises(UsageError, match="one -> three -> two -> one"):
        plan_jobs([*jobs, Job(cmd="c", name="three", depends_on=["two"])])


@pytest.mark.parametrize(
    ("job", "words"),
    [
        ({}, "one of cmd, argv, file and code; it has none"),
        ({"cmd": "a", "file": "b"}, "it has cmd, file"),
        ({"cmd": "a", "depends_on": [5]}, "depends on 5; there are 1 jobs"),
        ({"cmd": "a", "depends_on": ["x"]}, "depends on 'x'"),
        ({"cmd": "a", "depends_on": [0]}, "wait for each other"),
        ({"cmd": "a", "shell": "python"}, "give statements of python as code"),
        ({"code": "a", "shell": "cobol"}, "cobol is none of"),
        ({"cmd": "a", "args": ["b"]}, "args belong to a file or code"),
        ({"cmd": "a", "parse_as": "poem"}, "Unknown format poem"),
    ],
)
def test_a_job_that_cannot_be_is_refused_before_anything_runs(job: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        plan_jobs([job])


def test_two_jobs_of_one_name_are_refused() -> None:
    with pytest.raises(UsageError, match="same name"):
        plan_jobs([Job(cmd="a", name="x"), Job(cmd="b", name="x")])


@pytest.mark.parametrize(
    ("job", "language", "command"),
    [
        (Job(cmd="a | b"), "", "a | b"),
        (Job(argv=["a", "b c"]), "", ["a", "b c"]),
        (Job(file="x/deploy", args=["1"]), "", ["x/deploy", "1"]),
        (Job(file="deploy"), "", ["./deploy"]),
        (Job(file="a.sh"), "bash", ["bash", "a.sh"]),
        (Job(file="a.mjs"), "node", ["node", "a.mjs"]),
        (Job(file="a.R"), "R", ["Rscript", "a.R"]),
        (Job(file="a.txt", shell="zsh"), "zsh", ["zsh", "a.txt"]),
        (Job(code="echo 1"), "bash", ["bash", "-c", "echo 1"]),
        (Job(code="1", shell="node", args=["x"]), "node", ["node", "-e", "1", "x"]),
    ],
)
def test_what_runs_a_job_follows_from_its_shell_or_its_ending(job: Job, language: str, command: object) -> None:
    assert language_of(job) == language
    assert command_of(job) == command


def test_python_files_go_to_the_warm_interpreter() -> None:
    assert language_of(Job(file="a.py")) == language_of(Job(code="1", shell="python")) == "python"
