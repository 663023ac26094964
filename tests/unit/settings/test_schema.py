"""The table of settings: every field has help and bounds, and the numbers are those of the specification."""

import pytest
from pydantic import ValidationError

from synk.settings.schema import Performance, Settings, all_settings


def test_every_setting_has_help_and_every_number_has_bounds_and_a_default_inside() -> None:
    for setting in all_settings():
        assert setting.help.endswith("."), setting.name
        assert setting.title[0].isupper(), setting.name
        if setting.kind in ("whole", "number"):
            assert setting.low is not None, setting.name
            assert setting.high is not None, setting.name
            assert setting.low <= setting.default <= setting.high, setting.name
        if setting.kind == "whole":
            assert setting.unit, setting.name


def test_performance_has_the_defaults_and_bounds_of_its_table() -> None:
    table = {s.key: (s.default, s.low, s.high) for s in all_settings() if s.group == "performance"}
    assert table == {
        "shell": ("", None, None),
        "initial_pool_size": (2, 0, 12),
        "max_pool_size": (4, 1, 64),
        "max_active": (12, 1, 64),
        "recycle_enabled": (True, None, None),
        "max_pty_age_minutes": (30, 1, 1440),
        "warmup_delay_ms": (100, 0, 5000),
        "poll_interval_ms": (5000, 250, 60000),
    }


def test_the_limit_of_sessions_has_the_title_that_its_message_names() -> None:
    """`All 12 sessions are in use. Close one, or raise Settings > Performance > Most sessions.`"""
    assert {s.name: s.title for s in all_settings()}["performance.max_active"] == "Most sessions"


def test_bounds_are_inclusive() -> None:
    for setting in all_settings():
        for bound in (setting.low, setting.high):
            if bound is None:
                continue
            value = float(bound) if setting.kind == "number" else int(bound)
            values = {setting.group: {setting.key: value}}
            if setting.name == "performance.initial_pool_size":
                values["performance"]["max_pool_size"] = 64
            if setting.name == "performance.max_pool_size":
                values["performance"]["initial_pool_size"] = 0
            Settings.model_validate(values)


def test_settings_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValidationError):
        Settings().performance.max_active = 3  # type: ignore[misc]


def test_an_equal_pool_is_no_contradiction() -> None:
    assert Performance(initial_pool_size=4, max_pool_size=4).max_pool_size == 4
