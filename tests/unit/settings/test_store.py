"""The settings file on disk: noticed within a second, written key by key, never lost."""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synk.base.errors import SynkError
from synk.base.files import replace_file
from synk.settings.edit import edited
from synk.settings.schema import Settings
from synk.settings.store import SETTLE_S, SettingsNotWritten, SettingsStore


class Clock:
    """Far enough ahead of the files that they count as settled, unless a test says otherwise."""

    def __init__(self) -> None:
        self.time = 4e9

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.toml"


@pytest.fixture
def write(path: Path) -> Callable[[str], None]:
    def write(text: str) -> None:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")

    return write


@pytest.fixture
def store(path: Path) -> SettingsStore:
    return SettingsStore(path, now=Clock())


def test_a_missing_file_gives_defaults_and_appears_with_the_first_change(store: SettingsStore, path: Path) -> None:
    assert store.load().settings == Settings()
    assert not path.exists()
    store.change({"performance.max_active": 3})
    assert path.read_text() == "version = 1\n\n[performance]\nmax_active = 3\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_change_of_the_file_is_noticed_once(store: SettingsStore, write: Callable[[str], None]) -> None:
    write("ui.font_px = 20\n")
    store.load()
    assert store.poll() is None
    write("ui.font_px = 21\n")
    loaded = store.poll()
    assert loaded is not None
    assert loaded.settings.ui.font_px == 21
    assert store.poll() is None
    assert store.current is loaded


def test_a_file_that_was_only_touched_is_no_change(store: SettingsStore, write: Callable[[str], None], path: Path) -> None:
    write("ui.font_px = 20\n")
    store.load()
    os.utime(path)
    assert store.poll() is None


def test_a_file_is_left_to_settle_after_a_write(path: Path, write: Callable[[str], None]) -> None:
    write("ui.font_px = 20\n")
    clock = Clock()
    store = SettingsStore(path, now=clock)
    store.load()
    write("ui.font_px = 21\n")
    clock.time = path.stat().st_ctime + SETTLE_S / 2
    assert store.poll() is None
    clock.time = path.stat().st_ctime + SETTLE_S * 2
    assert store.poll() is not None


def test_a_moment_without_the_file_changes_nothing_but_a_removed_file_does(
    store: SettingsStore, path: Path, write: Callable[[str], None]
) -> None:
    write("ui.font_px = 20\n")
    store.load()
    path.unlink()
    assert store.poll() is None
    write("ui.font_px = 20\n")
    assert store.poll() is None
    path.unlink()
    assert store.poll() is None
    loaded = store.poll()
    assert loaded is not None
    assert loaded.settings == Settings()


def test_a_file_replaced_by_rename_is_noticed(store: SettingsStore, path: Path, write: Callable[[str], None]) -> None:
    write("ui.font_px = 20\n")
    store.load()
    other = path.with_name("other")
    other.write_text("ui.font_px = 22\n")
    other.replace(path)
    loaded = store.poll()
    assert loaded is not None
    assert loaded.settings.ui.font_px == 22


def test_a_change_keeps_every_other_byte(store: SettingsStore, path: Path, write: Callable[[str], None]) -> None:
    before = (
        "# my settings\nversion = 1   # do not touch\n\n[performance]\n"
        "max_active   =  5  # five\n"
        "shell = '/bin/zsh'\n\n\n[gone]  # unknown\n x = [1,\n  2] # two\n[ui]\nfont_px = 'big'\n"
    )
    write(before)
    store.change({"performance.max_active": 7})
    assert path.read_text() == before.replace("5  # five", "7  # five")


def test_bad_bytes_stay_through_ten_changes_and_a_restart(store: SettingsStore, path: Path, write: Callable[[str], None]) -> None:
    bad = "[ui]\nfont_px = 'big'  # mine\nfont_pxx = 9\n\n[performance]\nmax_pool_size = 1\ninitial_pool_size = 2\n"
    write(bad)
    store.load()
    for height in range(200, 210):
        store.change({"ui.drawer_height": height})
    again = SettingsStore(path)
    assert [problem.keys for problem in again.load().problems] == [
        ("ui.font_px",),
        ("ui.font_pxx",),
        ("performance.max_pool_size", "performance.initial_pool_size"),
    ]
    assert again.current.settings.ui.drawer_height == 209
    for line in bad.splitlines():
        assert line in path.read_text().splitlines()


def test_setting_a_wrong_key_mends_its_line(store: SettingsStore, path: Path, write: Callable[[str], None]) -> None:
    write("[ui]\nfont_px = 'big'  # mine\n")
    assert store.change({"ui.font_px": 14}).problems == ()
    assert path.read_text() == "[ui]\nfont_px = 14  # mine\n"


def test_a_broken_file_is_never_written(store: SettingsStore, path: Path, write: Callable[[str], None]) -> None:
    write("[ui\nfont_px = 3\n")
    store.load()
    with pytest.raises(SettingsNotWritten, match=r"settings\.toml line 1, column 4: .*Nothing was changed"):
        store.change({"ui.font_px": 14})
    assert path.read_text() == "[ui\nfont_px = 3\n"
    assert store.current.settings == Settings()
    write("[ui]\nfont_px = 9\n")
    assert store.change({"ui.drawer_height": 300}).settings.ui.font_px == 9


def test_edits_in_dialog_and_editor_are_both_kept(store: SettingsStore, write: Callable[[str], None]) -> None:
    write("[ui]\nfont_px = 10\n")
    store.load()
    write("[ui]\nfont_px = 11\ndrawer_height = 300\n")
    loaded = store.change({"ui.reduce_motion": True})
    assert (loaded.settings.ui.font_px, loaded.settings.ui.drawer_height, loaded.settings.ui.reduce_motion) == (11, 300, True)
    assert store.poll() is None


def test_none_takes_a_key_out_again(store: SettingsStore, path: Path, write: Callable[[str], None]) -> None:
    write("[ui]\n# size\nfont_px = 10\ndrawer_height = 300\n")
    assert store.change({"ui.font_px": None}).settings.ui.font_px == 13
    assert path.read_text() == "[ui]\n# size\ndrawer_height = 300\n"


def test_an_old_name_is_replaced_when_its_key_is_changed(path: Path, write: Callable[[str], None]) -> None:
    write("[ui]\nfont_size = 10\ndrawer_height = 300\n")
    store = SettingsStore(path, renamed={"ui.font_size": "ui.font_px"})
    assert store.load().settings.ui.font_px == 10
    store.change({"ui.drawer_height": 301})
    assert "font_size = 10" in path.read_text()
    assert store.change({"ui.font_px": 12}).settings.ui.font_px == 12
    assert path.read_text() == "[ui]\ndrawer_height = 301\nfont_px = 12\n"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"ui.font_px": 99}, r"ui.font_px: a whole number from 6 to 32, not 99. Nothing was changed."),
        ({"ui.nope": 1}, r"There is no setting ui.nope"),
        ({"performance.max_pool_size": 1}, r"max_pool_size \(1\) is less than performance.initial_pool_size \(2\). Nothing was"),
    ],
)
def test_a_value_out_of_bounds_is_refused_and_not_written(
    store: SettingsStore, path: Path, values: dict[str, Any], message: str
) -> None:
    with pytest.raises(SynkError, match=message):
        store.change(values)
    assert not path.exists()
    assert store.current.settings == Settings()


def test_both_pool_sizes_change_together(store: SettingsStore) -> None:
    performance = store.change({"performance.initial_pool_size": 6, "performance.max_pool_size": 8}).settings.performance
    assert (performance.initial_pool_size, performance.max_pool_size) == (6, 8)


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Writing fails until the returned function frees some space."""

    def refuse(path: Path, _data: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr("synk.settings.store.replace_file", refuse)
    return lambda: monkeypatch.setattr("synk.settings.store.replace_file", replace_file)


def test_a_change_that_cannot_be_written_holds_and_waits_for_retry(
    store: SettingsStore, path: Path, full_disk: Callable[[], None]
) -> None:
    with pytest.raises(SettingsNotWritten, match=r"settings\.toml cannot be written: No space left on device\. .*not saved"):
        store.change({"ui.font_px": 14})
    assert store.current.settings.ui.font_px == 14
    assert (store.unsaved, store.unsaved_because) == ({"ui.font_px": 14}, "No space left on device")
    assert not path.exists()
    full_disk()
    assert store.retry().settings.ui.font_px == 14
    assert store.unsaved == {}
    assert SettingsStore(path).load().settings.ui.font_px == 14


def test_an_unsaved_change_that_no_longer_fits_the_file_gives_way_to_it(
    store: SettingsStore, write: Callable[[str], None], full_disk: Callable[[], None]
) -> None:
    with pytest.raises(SettingsNotWritten):
        store.change({"performance.initial_pool_size": 4})
    full_disk()
    write("performance.max_pool_size = 3\n")
    loaded = store.load()
    assert loaded.settings.performance.max_pool_size == 3
    assert loaded.problems[0].text.startswith("performance.initial_pool_size: changed in Synk and not saved")


def test_a_folder_that_cannot_be_made_is_told_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = SettingsStore(tmp_path / "file" / "settings.toml")
    assert store.load().problems[0].text == f"{tmp_path}/file/settings.toml cannot be read: Not a directory. Using defaults."


def test_a_link_is_followed_and_stays_a_link_and_the_mode_is_kept(
    store: SettingsStore, path: Path, write: Callable[[str], None]
) -> None:
    write("")
    real = path.parent.parent / "dotfiles.toml"
    real.write_text("[ui]\nfont_px = 10\n")
    real.chmod(0o640)
    path.unlink()
    path.symlink_to(real)
    store.change({"ui.font_px": 12})
    assert path.is_symlink()
    assert real.read_text() == "[ui]\nfont_px = 12\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_safe_mode_touches_no_file_and_keeps_changes_in_memory() -> None:
    store = SettingsStore(None)
    assert store.load().settings == Settings()
    assert store.poll() is None
    assert store.change({"ui.font_px": 12}).settings.ui.font_px == 12


def test_a_folder_in_place_of_the_file_is_told_and_not_written(store: SettingsStore, path: Path) -> None:
    path.mkdir(parents=True)
    loaded = store.load()
    assert loaded.settings == Settings()
    assert loaded.problems[0].text == f"{path} cannot be read: Is a directory. Using defaults."
    with pytest.raises(SettingsNotWritten):
        store.change({"ui.font_px": 12})


def test_an_absurdly_large_file_is_refused(store: SettingsStore, write: Callable[[str], None]) -> None:
    write("#" * (1 << 21))
    assert "larger than 1 MB" in store.load().problems[0].text


LINES = st.lists(
    st.sampled_from(
        [
            "# a comment with = and [brackets]",
            "",
            "   ",
            "unknown = { a = 1, b = [1, 2] } # x",
            "text = '''\nfont_px = 3\n'''",
            'quoted."key.with.dots" = "#"',
            "numbers = [1, # one\n  2,\n]",
        ]
    ),
    unique=True,
    max_size=7,
)
ENDING = st.sampled_from(["\n", "\r\n"])


@given(before=LINES, after=LINES, comment=st.sampled_from(["", " # why", "\t#x"]), end=ENDING, value=st.integers(6, 32))
def test_changing_one_value_changes_only_its_bytes(
    before: list[str], after: list[str], comment: str, end: str, value: int
) -> None:
    after = [line for line in after if line not in before or line.startswith("#") or not line.strip()]
    head = "\n".join([*before, "[first]", "a = 1", "", "[ui]", "drawer_height=200", "font_px  =  "]).replace("\n", end)
    tail = (comment + "\n" + "\n".join([*after, "[last]", "z = 1 # end"])).replace("\n", end)
    result = edited(f"{head}10{tail}".encode(), {"ui.font_px": value}, {})
    assert result.decode() == f"{head}{value}{tail}"
