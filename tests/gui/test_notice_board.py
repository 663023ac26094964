"""Notices on their way to the history, toasts and the desktop, and from there back to their cause."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from synk.actions.ports import Question
from synk.base.events import Hub, NoticeRaised
from synk.sessions.notices import Notice, Notices, NoticesChanged
from synk.sessions.session import Session
from synk.terminal.emulator import Emulator
from synk.ui.cards import CardStack
from synk.ui.notices.history_card import HistoryCard
from synk.ui.notices.notice_board import NoticeBoard, NoticeOptions
from synk.ui.notices.toasts import ToastStack
from synk.ui.theme import Theme

WAITS = NoticeRaised("warning", "claude waits for you", "Pane 3 of api", session=7, event="session.waits")


class FakeDesktop:
    def __init__(self) -> None:
        self.shown: list[Notice] = []
        self.withdrawn = 0

    def show(self, notice: Notice) -> None:
        self.shown.append(notice)

    def withdraw(self) -> None:
        self.withdrawn += 1


class Board:
    """A notice board in a window of its own."""

    def __init__(self, theme: Theme) -> None:
        self.window = QWidget()
        self.window.resize(1280, 800)
        self.hub = Hub(lambda: None)
        self.toasts = ToastStack(theme, self.window)
        self.cards = CardStack(self.window)
        self.commands: list[str] = []
        self.questions: list[tuple[Question, Callable[[], object]]] = []
        self.unread: list[int] = []
        self.is_active = True
        self.typed_into: int | None = None
        self.sessions = {
            number: Session(
                id=number, pane=3, agent="claude", project="/home/user/api", working_dir="/home/user/api",
                emulator=Emulator(cols=80, rows=24, reply=lambda _data: None),
            )
            for number in (7, 8)
        }  # fmt: skip
        self.desktop = FakeDesktop()
        self.notices = Notices()
        self.board = NoticeBoard(
            theme,
            hub=self.hub,
            notices=self.notices,
            toasts=self.toasts,
            cards=self.cards,
            session=lambda number: self.sessions.get(number or 0),
            is_active=lambda: self.is_active,
            is_typed_into=lambda session: session.id == self.typed_into,
            run=self.commands.append,
            ask=lambda question, on_confirm: self.questions.append((question, on_confirm)),
        )
        self.board.desktop = self.desktop
        self.hub.subscribe(NoticesChanged, lambda event: self.unread.append(event.unread))

    def raise_(self, *notices: NoticeRaised) -> None:
        for notice in notices:
            self.hub.publish(notice)
        self.hub.deliver()
        self.hub.deliver()

    def open_history(self) -> HistoryCard:
        self.board.toggle_history()
        self.hub.deliver()
        card = self.cards.top
        assert isinstance(card, HistoryCard)
        return card


@pytest.fixture
def board(qtbot: QtBot, theme: Theme) -> Board:
    board = Board(theme)
    qtbot.addWidget(board.window)
    board.window.show()
    return board


def test_a_notice_is_a_toast_and_an_unread_entry(board: Board) -> None:
    board.raise_(WAITS)
    assert [toast.notice for toast in board.toasts.shown] == [WAITS]
    assert board.unread[-1] == 1
    assert board.notices.entries[0].project == "/home/user/api"


def test_a_kind_that_is_switched_off_is_in_the_history_only(board: Board) -> None:
    board.board.options = NoticeOptions({"session.waits": False})
    board.is_active = False
    board.raise_(WAITS)
    assert (board.toasts.shown, board.desktop.shown) == ([], [])
    assert board.unread[-1] == 1


def test_opening_the_history_clears_the_badge_and_shows_what_was_unread(board: Board) -> None:
    board.raise_(WAITS, NoticeRaised("info", "some news"))
    card = board.open_history()
    assert [(row.title, row.is_unread) for row in card.list.rows] == [("some news", True), ("claude waits for you", True)]
    assert card.list.rows[1].place == "api"
    assert board.unread[-1] == 0
    assert board.toasts.shown == []
    board.board.toggle_history()
    assert board.cards.top is None
    assert [row.is_unread for row in board.open_history().list.rows] == [False, False]


def test_what_comes_while_the_history_is_open_is_seen_at_once(board: Board) -> None:
    card = board.open_history()
    board.raise_(NoticeRaised("info", "some news"))
    assert [row.title for row in card.list.rows] == ["some news"]
    assert (board.board.unread, board.toasts.shown) == (0, [])
    board.raise_(NoticeRaised("error", "It broke"))
    assert [toast.notice.title for toast in board.toasts.shown] == ["It broke"]


def test_enter_goes_to_the_cause_and_closes_the_history(board: Board) -> None:
    board.raise_(NoticeRaised("info", "nothing to go to"), WAITS)
    card = board.open_history()
    QTest.keyClick(card, Qt.Key.Key_Down)
    QTest.keyClick(card, Qt.Key.Key_Return)
    assert (board.commands, board.cards.top) == ([], card)
    QTest.keyClick(card, Qt.Key.Key_Up)
    QTest.keyClick(card, Qt.Key.Key_Return)
    assert board.commands == ["pane.select session:7"]
    assert board.cards.top is None


def test_a_session_that_is_gone_cannot_be_gone_to(board: Board) -> None:
    board.raise_(WAITS)
    board.sessions.clear()
    card = board.open_history()
    QTest.keyClick(card, Qt.Key.Key_Return)
    assert (board.commands, board.cards.top) == ([], card)


def test_a_click_on_a_toast_runs_its_command_or_goes_to_its_session(board: Board) -> None:
    board.raise_(WAITS)
    QTest.mouseClick(board.toasts.shown[0], Qt.MouseButton.LeftButton, pos=QPoint(60, 20))
    board.raise_(NoticeRaised("error", "Something went wrong", action="Show log", command="log.show"))
    toast = board.toasts.shown[0]
    QTest.mouseClick(toast, Qt.MouseButton.LeftButton, pos=toast.action_area().center())
    assert board.commands == ["pane.select session:7", "log.show"]


def test_an_event_that_comes_again_is_one_toast_and_one_entry_counted(board: Board) -> None:
    board.raise_(WAITS, NoticeRaised("warning", "claude asks again", session=7, event="session.waits"))
    assert [(toast.notice.title, toast.count) for toast in board.toasts.shown] == [("claude asks again", 2)]
    assert [notice.count for notice in board.notices.entries] == [2]


def test_clearing_asks_first(board: Board) -> None:
    board.raise_(WAITS, NoticeRaised("info", "some news"))
    card = board.open_history()
    QTest.keyClick(card, Qt.Key.Key_Delete)
    question, confirm = board.questions[0]
    assert question.title == "Clear all 2 notifications?"
    assert len(card.list.rows) == 2
    confirm()
    assert card.list.rows == []


def test_what_calls_for_the_user_goes_to_the_desktop_while_the_window_is_inactive(board: Board) -> None:
    finished = NoticeRaised("info", "claude finished", session=8, event="agent.finished")
    board.raise_(WAITS)
    assert board.desktop.shown == []
    board.is_active = False
    board.raise_(WAITS, finished)
    assert [(notice.title, notice.count) for notice in board.desktop.shown] == [("claude waits for you", 2)]
    board.board.options = NoticeOptions(to_desktop=False)
    board.raise_(WAITS)
    assert len(board.desktop.shown) == 1


def test_coming_back_to_the_window_takes_the_desktops_back(board: Board) -> None:
    board.is_active = False
    board.board.window_activated()
    assert board.desktop.withdrawn == 0
    board.is_active = True
    board.board.window_activated()
    assert board.desktop.withdrawn == 1


def test_nothing_pops_up_over_the_question_the_user_is_answering(board: Board) -> None:
    board.typed_into = 7
    board.raise_(WAITS)
    assert board.toasts.shown == []
    assert [notice.is_read for notice in board.notices.entries] == [True]
