"""Small parts of the REPL service: restarts, fingerprints, keys, language specs, the marks of declared languages."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synk.host.repls.declared import TextSpeaker
from synk.host.repls.keys import Fingerprint, key_of
from synk.host.repls.restarts import DEATHS, Restarts
from synk.host.repls.specs import LanguageSpec, SpecError, spec_from


def test_a_repl_starts_again_at_once_and_then_later_and_later() -> None:
    restarts = Restarts()
    assert [restarts.died(now) for now in (0.0, 1.0, 3.0, 9.0)] == [0.0, 1.0, 5.0, 30.0]
    assert restarts.died(40.0) is None


@given(st.lists(st.floats(0, 100), min_size=1, max_size=30))
def test_five_deaths_within_a_minute_are_the_end(gaps: list[float]) -> None:
    restarts, now, times = Restarts(), 0.0, []
    for gap in gaps:
        now += gap
        times.append(now)
        is_over = restarts.died(now) is None
        assert is_over == (sum(1 for time in times if now - time <= 60.0) >= DEATHS)


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    (tmp_path / "one-1.0.dist-info").mkdir()
    (tmp_path / "extra.pth").write_text("/somewhere\n")
    return tmp_path


CHANGES: dict[str, Callable[[Path], object]] = {
    "installed": lambda folder: (folder / "two-2.0.dist-info").mkdir(),
    "removed": lambda folder: (folder / "one-1.0.dist-info").rmdir(),
    "upgraded": lambda folder: (folder / "one-1.0.dist-info").rename(folder / "one-1.1.dist-info"),
    "path file edited": lambda folder: (folder / "extra.pth").write_text("/elsewhere\n"),
    "own source edited": lambda folder: (folder / "mine.py").write_text("x = 2\n"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_packages_is_seen_at_the_next_look(packages: Path, change: str) -> None:
    source = packages / "mine.py"
    source.write_text("x = 1\n")
    os.utime(source, ns=(1, 1))
    os.utime(packages / "extra.pth", ns=(1, 1))
    fingerprint = Fingerprint([str(packages), str(packages / "missing")], [str(source)])
    assert not fingerprint.is_stale()
    CHANGES[change](packages)
    assert fingerprint.is_stale()


def test_what_is_no_package_does_not_matter(packages: Path) -> None:
    fingerprint = Fingerprint([str(packages)], [])
    (packages / "__pycache__").mkdir()
    assert not fingerprint.is_stale()
    assert not fingerprint.is_stale()


def test_what_changed_during_the_import_is_stale(packages: Path) -> None:
    began = os.stat(packages / "one-1.0.dist-info").st_mtime_ns - 1
    assert Fingerprint([str(packages)], [], began_ns=began).is_stale()


def test_kernels_are_alike_by_interpreter_environment_and_what_is_read_at_import(tmp_path: Path) -> None:
    given: dict[str, Any] = {"language": "python", "program": "/usr/bin/env", "preload": ["a"]}
    given["key_variables"] = ["PYTHON*", "TZ"]
    first = key_of(**given, environment={"TZ": "UTC", "PYTHONPATH": "/x", "HOME": "/a"})
    assert first == key_of(**given, environment={"PYTHONPATH": "/x", "TZ": "UTC", "HOME": "/b", "NEW": "1"})
    assert first != key_of(**given, environment={"TZ": "CET", "PYTHONPATH": "/x"})
    assert first != key_of(**{**given, "preload": ["b"]}, environment={"TZ": "UTC", "PYTHONPATH": "/x"})
    link = tmp_path / "venv" / "bin" / "python"
    link.parent.mkdir(parents=True)
    link.symlink_to("/usr/bin/env")
    (tmp_path / "venv" / "pyvenv.cfg").write_text("")
    inside = key_of(**{**given, "program": str(link)}, environment={"TZ": "UTC", "PYTHONPATH": "/x"})
    assert (inside.program, inside.prefix) == (first.program, str(tmp_path / "venv"))
    assert inside != first


GOOD = {"name": "lua", "kind": "declared", "programs": ["lua"], "sentinel": 'print("{mark}")'}


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"sentinel": "print()"}, "sentinel"),
        ({"kind": "magic"}, "kind"),
        ({"name": "no spaces"}, "name"),
        ({"programs": []}, "programs"),
        ({"programs": "lua"}, "programs"),
        ({"argv": []}, "argv"),
        ({"prompts": ["("]}, "prompts"),
        ({"multiline": "dofile()"}, "multiline"),
        ({"chdir": "cd"}, "chdir"),
        ({"statement": "x"}, "statement"),
        ({"stdin": "socket"}, "stdin"),
        ({"colour": "red"}, "colour"),
        ({"title": 3}, "title"),
    ],
)
def test_a_wrong_value_of_a_language_is_named(change: dict[str, Any], key: str) -> None:
    with pytest.raises(SpecError) as caught:
        spec_from({**GOOD, **change})
    assert caught.value.key == key


def test_a_language_survives_the_way_to_the_host() -> None:
    spec = spec_from({**GOOD, "prompts": ["> "], "aliases": ["l"]})
    assert spec_from(spec.as_message()) == spec


class FakeKernel:
    """What a TextSpeaker needs of a kernel."""

    number, is_over = 7, False

    def __init__(self) -> None:
        self.heard: Callable[[Any], None] = lambda message: self.messages.append(message)
        self.messages: list[Any] = []
        self.shown = b""
        self.watcher = self

    def printed(self, _kernel: object, data: bytes) -> None:
        self.shown += data


SPEC = LanguageSpec("x", "declared", programs=("x",), sentinel="echo {mark}", prompts=(r"\(x\) ", "> "), failed="^Error")


@settings(max_examples=60, deadline=None)
@given(
    lines=st.lists(st.sampled_from(["hello", "", "(x) odd", "> 3", "Errors inside", "synk-7-", "syn", "\r"]), max_size=6),
    tail=st.sampled_from(["", "no line feed", "(x) "]),
    cuts=st.lists(st.integers(0, 200), max_size=8),
)
def test_any_chunking_of_the_output_shows_the_same(lines: list[str], tail: str, cuts: list[int]) -> None:
    async def shown(cuts: list[int]) -> tuple[bytes, list[Any]]:
        kernel = FakeKernel()
        reading, writing = os.pipe()
        speaker = TextSpeaker(asyncio.get_running_loop(), SPEC, kernel, writing)  # type: ignore[arg-type]
        speaker.send({"do": "exec", "cell": "r1", "code": "go"})
        mark = os.read(reading, 4096).splitlines()[-1].removeprefix(b"echo ")
        output = "".join(f"{line}\r\n" for line in lines).encode() + tail.encode() + mark + b"\r\n(x) "
        places = sorted({min(cut, len(output)) for cut in cuts})
        for start, end in zip([0, *places], [*places, len(output)], strict=True):
            kernel.shown += speaker.filter(output[start:end])
        for _ in range(2):  # "done", and what is told because of it
            turn = asyncio.get_running_loop().create_future()
            asyncio.get_running_loop().call_soon(turn.set_result, None)
            await turn
        speaker.drain()
        speaker.close()
        os.close(reading)
        return kernel.shown, [message["is"] for message in kernel.messages]

    whole, whole_messages = asyncio.run(shown([]))
    assert asyncio.run(shown(cuts)) == (whole, whole_messages)
    assert whole_messages == ["started", "done"]
    assert b"synk-7-1-" not in whole
