"""What the command bar is built from: tips that are shown once in the life of a profile, and the words it completes."""

from pathlib import Path

from synk.actions.ports import TERMINAL, AgentChoice
from synk.app.line import FirstTimes, agent_words, key_words, project_words, setting_words
from synk.keys.chords import parse_chord
from synk.storage.database import Database
from synk.storage.records import Records
from synk.storage.schema import STEPS


def test_a_tip_is_due_once_in_the_life_of_a_profile(tmp_path: Path) -> None:
    for is_due in (True, False):
        records = Records(Database(tmp_path / "state.db", STEPS))
        tips = FirstTimes(records)
        tips.known(records.tips())
        assert [tips.is_first("broadcast"), tips.is_first("broadcast")] == [is_due, False]
        records.close()


def test_one_tip_does_not_hide_another(tmp_path: Path) -> None:
    records = Records(Database(tmp_path / "state.db", STEPS))
    tips = FirstTimes(records)
    tips.known(())
    assert [tips.is_first("one"), tips.is_first("two"), tips.is_first("one")] == [True, True, False]
    records.tip_shown("three").result(timeout=30)
    assert set(records.tips()) == {"one", "two", "three"}
    records.close()


def test_before_it_is_known_what_was_shown_nothing_is() -> None:
    records = Records(Database(None, STEPS))
    assert not FirstTimes(records).is_first("broadcast")
    records.close()


def test_lines_come_back_after_a_restart_oldest_first(tmp_path: Path) -> None:
    for text in ("/one", "/two"):
        records = Records(Database(tmp_path / "state.db", STEPS))
        records.add_line(text)
        records.close()
    records = Records(Database(tmp_path / "state.db", STEPS))
    assert records.lines() == ["/one", "/two"]
    records.close()


def test_agents_are_offered_with_what_is_missing() -> None:
    missing = AgentChoice("codex", "Codex", "CX", is_found=False)
    assert [(each.word, each.detail) for each in agent_words(lambda: [TERMINAL, missing])()] == [
        ("terminal", "Terminal"),
        ("codex", "Codex, not installed"),
    ]


def test_of_two_projects_with_one_name_the_second_is_offered_by_its_path() -> None:
    words = project_words(lambda: [("/a/api", "api"), ("/b/api", "api"), ("/b/web", "web")])
    assert [each.word for each in words()] == ["api", "/b/api", "web"]


def test_every_key_that_is_offered_can_be_pressed() -> None:
    words = [each.word for each in key_words()()]
    assert {"escape", "enter", "ctrl+b", "f12"} <= set(words)
    assert all(parse_chord(word) for word in words)


def test_groups_of_settings_are_offered_once_each() -> None:
    words = [each.word for each in setting_words()()]
    assert len(set(words)) == len(words)
    assert {"performance", "keyboard", "ui", "about"} <= set(words)
