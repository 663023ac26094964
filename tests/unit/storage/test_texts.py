"""Any text comes back as it was put in, also the name of a folder that is no UTF-8."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from synk.storage.database import Database
from synk.storage.layouts import Layout, LayoutPane
from synk.storage.projects import TabRecord
from synk.storage.records import Records
from synk.storage.schema import STEPS
from synk.storage.texts import MARK, TextConnection, given, stored

ODD = os.fsdecode(b"/home/ada/caf\xe9")
ANY_TEXT = st.text(st.characters(codec=None), max_size=20) | st.text(max_size=5).map(lambda text: MARK + text)


@for_all(ANY_TEXT)
def test_a_text_is_stored_as_utf_8_and_comes_back(text: str) -> None:
    kept = stored(text)
    assert isinstance(kept, str)
    assert given(kept.encode()) == text


@for_all(ANY_TEXT, ANY_TEXT)
def test_two_texts_are_stored_alike_only_if_they_are_the_same(one: str, other: str) -> None:
    assert (stored(one) == stored(other)) == (one == other)


@pytest.mark.parametrize("value", [None, 1, 2.5, b"\xff", True])
def test_what_is_no_text_stays_as_it_is(value: object) -> None:
    assert stored(value) is value


@pytest.fixture
def records() -> Iterator[Records]:
    opened = Records(Database(None, STEPS))
    yield opened
    opened.close()


def test_a_folder_whose_name_is_no_utf_8_is_remembered_like_any_other(records: Records) -> None:
    tabs = [TabRecord(ODD, is_active=True, view={"a": ODD}), TabRecord("/plain")]
    layout = Layout(ODD, "mine", "named", 1.0, (LayoutPane(1, "terminal", ODD, title=ODD, variables={"X": ODD}),))
    records.save_tabs(tabs).result(30)
    records.save_layout(layout).result(30)
    records.project_opened(ODD, os.path.basename(ODD)).result(30)
    assert records.tabs() == tabs
    assert records.layout(ODD, "mine") == layout
    assert [project.path for project in records.recent_projects()] == [ODD]
    records.forget_project(ODD).result(30)
    assert records.recent_projects() == []


def test_bytes_of_a_damaged_file_do_not_keep_a_list_from_being_read() -> None:
    with closing(sqlite3.connect(":memory:", factory=TextConnection)) as connection:
        found = connection.execute("SELECT CAST(x'61ff62' AS TEXT)").fetchone()[0]
    assert found == "a\ufffdb"
