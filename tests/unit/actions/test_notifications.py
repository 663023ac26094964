"""Commands about what the user was told."""

from pathlib import Path
from typing import Any

import pytest

from synk.actions.notifications import NotificationActions
from synk.base.errors import UsageError


class History:
    def __init__(self, count: int) -> None:
        self.count = count
        self.toggles = 0

    def toggle_history(self) -> None:
        self.toggles += 1

    def clear(self) -> int:
        return self.count


class Manager:
    def __init__(self) -> None:
        self.created: list[dict[str, Any]] = []

    def create(self, **options: Any) -> None:
        self.created.append(options)


def actions(log: Path | None = None, count: int = 0) -> tuple[NotificationActions, History, Manager]:
    history, manager = History(count), Manager()
    return NotificationActions(history, manager, log_file=log), history, manager  # type: ignore[arg-type]


def test_the_history_opens_and_is_cleared() -> None:
    commands, history, _ = actions(count=1)
    commands.open_history()
    assert history.toggles == 1
    assert commands.clear_history() == "Cleared 1 notification"
    assert actions(count=12)[0].clear_history() == "Cleared 12 notifications"


def test_the_end_of_the_log_is_read_in_a_pane() -> None:
    commands, _, manager = actions(Path("/state/log/synk.log"))
    assert commands.show_log() == "The log is /state/log/synk.log"
    assert manager.created == [{"argv": ["less", "+G", "/state/log/synk.log"], "note": "log"}]


def test_without_a_log_it_says_so() -> None:
    commands, _, manager = actions()
    with pytest.raises(UsageError, match="There is no log"):
        commands.show_log()
    assert manager.created == []
