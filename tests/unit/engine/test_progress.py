"""Progress as it arrives."""

from pathlib import Path

import pytest

from synk.engine.classes import CommandClass, load_classes
from synk.engine.commands import recognise
from synk.engine.findings import Progress
from synk.engine.progress import CHUNK_BYTES, ProgressReader

SHIPPED = load_classes(Path(__file__).resolve().parents[3] / "resources" / "commands")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def reader(line: str, clock: Clock | None = None) -> ProgressReader:
    return ProgressReader(recognise(line, SHIPPED).cls, clock=clock or Clock())


def last(line: str, *chunks: bytes) -> Progress | None:
    found = reader(line)
    for chunk in chunks:
        found.feed("err", chunk)
    return found.last


def test_only_a_line_that_has_ended_counts() -> None:
    found = reader("some-tool")
    assert found.feed("out", b"work 10%") is None
    assert found.feed("out", b"\r") == Progress(pct=10.0, confidence="low")
    assert found.feed("out", b"work 20%\n") == Progress(pct=20.0, confidence="low")


def test_the_same_progress_is_told_once() -> None:
    found = reader("some-tool")
    assert found.feed("out", b"10%\n") is not None
    assert found.feed("out", b"10%\n") is None


def test_it_never_goes_back_in_a_phase() -> None:
    found = reader("git clone u")
    found.feed("err", b"Receiving objects:  50% (5/10)\r")
    assert found.feed("err", b"Receiving objects:  40% (4/10)\r") is None
    told = found.feed("err", b"Resolving deltas:  50% (5/10)\r")
    assert told is not None
    assert (told.pct, told.phase) == (90.0, "resolving")


def test_phases_of_git_are_weighed() -> None:
    assert [
        getattr(last("git clone u", line.encode() + b"\r"), "pct", None)
        for line in (
            "remote: Counting objects: 100% (10/10)",
            "remote: Compressing objects: 100% (8/8)",
            "Receiving objects:   0% (0/10)",
            "Receiving objects: 100% (10/10), 1.2 MiB | 3 MiB/s",
            "Resolving deltas: 100% (2/2), done.",
        )
    ] == [5.0, 10.0, 10.0, 80.0, 100.0]


def test_each_stream_has_its_own_open_line() -> None:
    found = reader("some-tool")
    found.feed("out", b"out 3")
    found.feed("err", b"0%\n")
    assert found.last == Progress(pct=0.0, confidence="low")
    found.feed("out", b"0%\n")
    assert found.last == Progress(pct=30.0, confidence="low")


def test_progress_is_read_in_the_recognised_class_only() -> None:
    assert last("vim a", b"50%\n") is None
    assert last("pytest", b"50%|#####     | 5/10 [00:01<00:01, 5.0it/s]\n") is None
    assert last("some-tool", b"Receiving objects:  50% (5/10)\n") == Progress(pct=50.0, confidence="low")


@pytest.mark.parametrize("line", [b"cpu 10% mem 20%\n", b"150%\n", b"100%done\n", b"a/50%\n", b"no number %\n"])
def test_a_bare_percentage_has_to_be_alone_and_sensible(line: bytes) -> None:
    assert last("some-tool", line) is None


def test_the_taskbar_sequence_needs_no_line() -> None:
    found = reader("some-tool")
    assert found.feed("err", b"\x1b]9;4;1;25\x1b\\") == Progress(pct=25.0, confidence="high")
    assert found.feed("err", b"\x1b]9;4;3;0\x07\x1b]9;4;1;75\x07") == Progress(pct=75.0, confidence="high")
    assert last("make", b"\x1b]9;4;1;25\x07") is None


def test_colours_do_not_hide_progress() -> None:
    assert last("ninja", b"\x1b[32m[3/4]\x1b[0m CC a.o\n") == Progress(75.0, 3.0, 4.0, "steps", "building", None, "high")


def test_time_left_follows_from_the_pace_where_the_program_tells_none() -> None:
    clock = Clock()
    found = reader("make", clock)
    found.feed("out", b"[ 10%] a\n")
    clock.now = 5.0
    told = found.feed("out", b"[ 60%] b\n")
    assert told is not None
    assert told.eta_s == pytest.approx(4.0)
    done = found.feed("out", b"[100%] c\n")
    assert done is not None
    assert done.eta_s == 0.0


def test_the_programs_own_estimate_is_kept() -> None:
    told = last("python a.py", b"rows:  50%|#####     | 1.5k/3.0k [00:10<00:12, 150.0rows/s]\r")
    assert told == Progress(50.0, 1500.0, 3000.0, "rows", "rows", 12.0, "high")


def test_a_flood_is_read_at_both_ends() -> None:
    found = reader("make")
    flood = b"[ 10%] first\n" + b"x" * 80 + b"\n" * 10 + b"noise without meaning\n" * (CHUNK_BYTES // 10) + b"[ 90%] last\n"
    told = found.feed("out", flood)
    assert told is not None
    assert told.pct == 90.0


def test_a_line_without_end_costs_no_memory() -> None:
    found = reader("some-tool")
    for _ in range(50):
        found.feed("out", b"x" * 10_000)
    assert sum(map(len, found._open.values())) <= 16 << 10


def test_a_class_with_an_unknown_reader_falls_back_to_the_generic_one() -> None:
    found = ProgressReader(CommandClass("mine", progress="not there"))
    assert found.feed("out", b"7%\n") == Progress(pct=7.0, confidence="low")


@pytest.mark.parametrize(
    ("command", "lines", "pct", "phase"),
    [
        ("pip install x", b"Downloading a-1.whl (2 MB)\nProgress 500 of 2000\n", 25.0, "a-1.whl"),
        ("pip install x", b"  3/4 [numpy]\n", 75.0, "installing"),
        ("yarn add x", b"[2/4] Fetching packages...\n", 25.0, ""),
        ("pytest", b"collected 4 items\ntest_a.py ..  [ 50%]\n", 50.0, "running"),
        ("cargo build", b"    Building [==>    ] 3/12: syn, quote\r", 25.0, "building"),
        ("apt-get install x", b"pmstatus:sl:66.6:Unpacking sl (amd64)\n", 66.6, "installing"),
        ("docker build .", b"#7 [stage-1 3/9] RUN make\n", 100 * 2 / 9, "stage-1"),
        ("docker pull x", b"a1b2c3d4e5f6: Pulling fs layer\na1b2c3d4e5f7: Pull complete\n", 50.0, "layers"),
        ("gradle build", b"<====---------> 31% EXECUTING [3s]\n", 31.0, "executing"),
        ("curl -O u", b" 45 2929k   45 1318k    0     0  1209k      0  0:00:02  0:00:01  0:00:01 1210k\r", 45.0, "downloading"),
        ("wget u", b"file   45%[====>      ]   1.29M  1.20MB/s    eta 1s\r", 45.0, "downloading"),
        ("rsync -a a b", b"     5,400,000  45%    8.13MB/s    0:00:01\r", 45.0, "downloading"),
        ("yt-dlp u", b"[download]  45.0% of   10.00MiB at    1.00MiB/s ETA 00:05\n", 45.0, "downloading"),
        (
            "terraform apply",
            b"Plan: 2 to add, 0 to change, 0 to destroy.\na.b: Creation complete after 1s [id=x]\n",
            50.0,
            "applying",
        ),
    ],
)
def test_each_tool_is_read_in_its_own_way(command: str, lines: bytes, pct: float, phase: str) -> None:
    told = last(command, lines)
    assert told is not None
    assert told.pct == pytest.approx(pct)
    assert told.phase == phase
