"""The folder picker: what is typed, what is listed, what Enter opens."""

import time
from collections.abc import Callable, Collection, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synk.ui.pickers.folder_card import FolderCard
from synk.ui.pickers.pick_list import Pick
from synk.ui.pickers.typed_folders import (
    FolderNames,
    TypedPath,
    as_typed,
    begun_anew,
    fitting,
    matched_places,
    shortened,
    take_apart,
)
from synk.ui.theme import Theme
from tests.gui.desk import Desk

FOLDERS = {
    "/home/user/code": ("api", "api-client", "docs", "my-api", ".config"),
    "/home/user/code/api": ("src",),
    "/home/user": ("code", "Documents"),
    "/": ("etc", "home"),
}
RECENT = [Pick("/home/user/web", "web", "~/web", "5m ago", initials="WE")]


class Disk:
    """Folders as the test has them; answers at once, or when it is told to."""

    def __init__(self) -> None:
        self.is_slow = False
        self.waiting: list[tuple[str, Callable[[FolderNames], None]]] = []
        self.asked: list[str] = []

    def list_folder(self, folder: str, done: Callable[[FolderNames], None]) -> None:
        self.asked.append(folder)
        if self.is_slow:
            self.waiting.append((folder, done))
        else:
            done(self.names_of(folder))

    def answer(self) -> None:
        waiting, self.waiting = self.waiting, []
        for folder, done in waiting:
            done(self.names_of(folder))

    @staticmethod
    def names_of(folder: str) -> FolderNames:
        if folder == "/many":
            return FolderNames(folder, [f"folder-{number:05}" for number in range(10_000)])
        names = FOLDERS.get(folder)
        return FolderNames(folder, names) if names else FolderNames(folder, problem="" if names == () else "no such file")

    @staticmethod
    def find_repositories(folders: Sequence[str], done: Callable[[Collection[str]], None]) -> None:
        done({folder for folder in folders if folder.endswith("/api")})


class Picker:
    """The card in a real window."""

    def __init__(self, desk: Desk, theme: Theme) -> None:
        self.desk = desk
        self.disk = Disk()
        self.chosen: list[str] = []
        self._theme = theme

    def open(self, *, start: str = "/home/user/code") -> FolderCard:
        card = FolderCard(
            self._theme,
            start=start,
            home="/home/user",
            recent=RECENT,
            list_folder=self.disk.list_folder,
            find_repositories=self.disk.find_repositories,
            on_choice=self.chosen.append,
        )
        self.desk.cards.open(card)
        return card


@pytest.fixture
def picker(desk: Desk, theme: Theme) -> Picker:
    return Picker(desk, theme)


def names(card: FolderCard) -> list[str]:
    return [pick.name for pick in card.list.picks]


def test_it_begins_in_a_folder_and_enter_opens_that(picker: Picker) -> None:
    card = picker.open()
    assert card.line.text() == "~/code/"
    assert names(card) == ["code", "api", "api-client", "docs", "my-api"]
    picker.desk.press("enter")
    assert picker.chosen == ["/home/user/code"]
    assert picker.desk.cards.top is None


def test_letters_narrow_the_list_and_names_that_begin_so_come_first(picker: Picker) -> None:
    card = picker.open()
    picker.desk.type("api")
    assert names(card) == ["api", "api-client", "my-api"]
    picker.desk.press("down", "enter")
    assert picker.chosen == ["/home/user/code/api-client"]


def test_tab_goes_into_the_marked_folder_and_shift_tab_and_alt_up_out_of_it(picker: Picker) -> None:
    card = picker.open()
    picker.desk.press("down", "tab")
    assert (card.line.text(), names(card)) == ("~/code/api/", ["api", "src"])
    picker.desk.press("shift+tab", "alt+up")
    assert (card.line.text(), names(card)) == ("~/", ["user", "code", "Documents"])


def test_a_path_typed_behind_another_begins_anew(picker: Picker) -> None:
    card = picker.open()
    picker.desk.type("/et")
    assert (card.line.text(), names(card)) == ("/et", ["etc"])
    picker.desk.type("/~/co")
    assert (card.line.text(), names(card)) == ("~/co", ["code"])


def test_repositories_are_marked(picker: Picker) -> None:
    card = picker.open()
    assert [(pick.name, pick.icon) for pick in card.list.picks if pick.tag == "git"] == [("api", "branch")]


def test_nothing_typed_shows_recent_projects(picker: Picker) -> None:
    card = picker.open()
    card.line.clear()
    assert names(card) == ["web"]
    picker.desk.press("enter")
    assert picker.chosen == ["/home/user/web"]


def test_a_folder_that_does_not_answer_can_be_typed_through(picker: Picker) -> None:
    picker.disk.is_slow = True
    card = picker.open()
    assert card.note.text() == "Reading ~/code \u2026"
    picker.desk.type("dead")
    picker.desk.press("enter")
    assert picker.chosen == ["/home/user/code/dead"]
    picker.disk.answer()
    assert picker.disk.asked == ["/home/user/code"]


def test_an_answer_that_comes_late_fills_the_list(picker: Picker) -> None:
    picker.disk.is_slow = True
    card = picker.open()
    picker.desk.type("do")
    picker.disk.answer()
    assert names(card) == ["docs"]


def test_why_the_list_is_empty_is_said(picker: Picker) -> None:
    card = picker.open()
    picker.desk.type("zzz")
    assert card.note.text() == 'No folder in ~/code has "zzz" in its name'
    card.line.setText("/gone/")
    assert card.note.text() == "/gone: no such file"


def test_escape_opens_nothing(picker: Picker) -> None:
    picker.open()
    picker.desk.press("escape")
    assert (picker.chosen, picker.desk.cards.top) == ([], None)


def test_ten_thousand_folders_are_filtered_within_a_frame_or_two(picker: Picker) -> None:
    card = picker.open(start="/many")
    times = []
    for letter in "7777":
        began = time.thread_time()
        picker.desk.type(letter)
        times.append(time.thread_time() - began)
    assert names(card)[0] == "folder-07777"
    # 12 ms of this thread's own time, whatever else runs; a walk over all lines for each of them takes seconds.
    assert min(times) < 0.2


def test_what_is_typed_is_taken_apart() -> None:
    def parts(text: str) -> TypedPath:
        return take_apart(text, start="/home/user/code", home="/home/user")

    assert parts("~/co") == TypedPath("/home/user", "co")
    assert parts("~") == TypedPath("/home/user", "")
    assert parts("api") == TypedPath("/home/user/code", "api")
    assert parts("../Do") == TypedPath("/home/user", "Do")
    assert parts("/") == TypedPath("/", "")
    assert parts("..") == TypedPath("/home/user", "")
    assert parts("~x/") == TypedPath("/home/user/code/~x", "")


def test_hidden_folders_are_for_those_who_type_a_dot() -> None:
    listed = (".config", "config")
    assert fitting(listed, "") == ["config"]
    assert fitting(listed, "con") == ["config"]
    assert fitting(listed, ".c") == [".config"]


def test_an_exact_name_comes_before_longer_ones() -> None:
    assert fitting(("API", "api-client", "api", "my-api"), "api") == ["api", "API", "api-client", "my-api"]
    assert set(matched_places("my-api", "API")) == {3, 4, 5}


def test_the_home_folder_is_a_tilde() -> None:
    assert shortened("/home/user/x", "/home/user") == "~/x"
    assert shortened("/home/username", "/home/user") == "/home/username"
    assert shortened("/etc", "/") == "/etc"
    assert (as_typed("/", "/home/user"), as_typed("/home/user", "/home/user")) == ("/", "~/")


@given(st.text(alphabet="ab/~. ", max_size=20))
def test_a_path_is_begun_anew_once(text: str) -> None:
    anew = begun_anew(text)
    assert begun_anew(anew) == anew
    assert text.endswith(anew)


@given(st.lists(st.text(min_size=1, max_size=6).filter(lambda name: "/" not in name), max_size=10), st.text(max_size=3))
def test_what_fits_is_among_the_names_once(given_names: list[str], fragment: str) -> None:
    found = fitting(sorted(set(given_names)), fragment)
    assert len(found) == len(set(found))
    assert set(found) <= set(given_names)
    assert all(fragment.lower() in name.lower() for name in found)
