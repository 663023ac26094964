"""The command bar at work: runs what is typed, completes it, walks the history, and says what came of it."""

import logging
from collections.abc import Callable

from synk.actions.ports import Step
from synk.base.errors import SynkError
from synk.base.keypress import KeyPress
from synk.commands.completion import Completer
from synk.commands.history import LineHistory
from synk.ui.line.command_bar import CommandBar

log = logging.getLogger(__name__)

SLASH = "/"


class CommandLine:
    """Fulfils `actions.ports.CommandLine` with a bar. GUI thread."""

    def __init__(
        self,
        bar: CommandBar,
        completer: Completer,
        history: LineHistory,
        *,
        run: Callable[[str], str],
        take_key: Callable[[KeyPress], bool],
        leave: Callable[[], None],
        is_covered: Callable[[], bool],
        remember: Callable[[str], object] = lambda _line: None,
        is_secret: Callable[[str], bool] = lambda _line: False,
    ) -> None:
        """`run(line)` gives the result or raises; `take_key(press)` acts on a key of the table.

        `leave()` gives the keyboard back to grid or program; `is_covered()`: a dialog has it only for a while;
        `remember(line)` keeps a line for the next start; `is_secret(line)`: it is kept nowhere.
        """
        self._bar = bar
        self._completer = completer
        self._history = history
        self._run = run
        self._leave = leave
        self._is_covered = is_covered
        self._remember = remember
        self._is_secret = is_secret
        self._take_key = take_key
        self._offered: tuple[str, int] | None = None
        """Line and cursor the list was made for; None: it shows something else."""
        bar.take_key = self._key_pressed
        bar.field.textEdited.connect(self._edited)
        bar.field.cursorPositionChanged.connect(lambda _old, _new: self._offer())
        bar.field.left.connect(self._left)
        bar.list.chosen.connect(self._take)

    def open(self, text: str = SLASH) -> None:
        """See `actions.ports.CommandLine`."""
        self._history.leave()
        self._bar.open(text)
        self._offer_anew()

    def close(self) -> None:
        """See `actions.ports.CommandLine`."""
        had_keyboard = self._bar.field.hasFocus()
        self._history.leave()
        self._bar.close_line()
        if had_keyboard:
            self._leave()

    def run_line(self) -> None:
        """See `actions.ports.CommandLine`."""
        if self._bar.list.marked is not None:
            self._take(self._bar.list.marked)
            return
        line, cursor = self._bar.field.text(), self._bar.field.cursorPosition()
        if not line.strip(" /"):
            self.close()
            return
        if self._is_secret(line):
            self._history.leave()
        else:
            self._history.add(line)
            self._remember(line)
        try:
            result = self._run(line)
        except SynkError as error:
            self._show_error(line, cursor, error.message)
        except Exception:
            # The command boundary: as for a key, the details are for the log.
            log.exception("%s failed", line.split(" ")[0])
            self._show_error(line, cursor, "Something went wrong. Nothing was changed. Details: log")
        else:
            self.close()
            self._bar.show_result(result)

    def complete(self) -> None:
        """See `actions.ports.CommandLine`."""
        items = self._bar.list.items
        if items:
            self._take(self._bar.list.marked or 0)

    def choose(self, step: Step) -> None:
        """See `actions.ports.CommandLine`."""
        items, marked = self._bar.list.items, self._bar.list.marked
        if not items:
            return
        if marked is None:
            index: int | None = 0 if step == "next" else len(items) - 1
        else:
            after = marked + (1 if step == "next" else -1)
            index = after if 0 <= after < len(items) else None  # past an end: back to the line itself
        self._mark(index)

    def move(self, step: Step) -> None:
        """See `actions.ports.CommandLine`."""
        bar_list = self._bar.list
        if bar_list.marked is not None or (step == "next" and not self._history.is_walking):
            if bar_list.marked is None or step == "previous" or bar_list.marked + 1 < len(bar_list.items):
                self.choose(step)
            return
        line = self._history.older(self._bar.field.text()) if step == "previous" else self._history.newer()
        if line is not None:
            self._bar.field.setText(line)
            self._offer_anew()

    def _key_pressed(self, press: KeyPress) -> bool:
        """Any key takes an error away; then the table of keys has it."""
        if self._bar.list.is_error and not press.is_modifier:
            self._offer_anew()
        return self._take_key(press)

    def _edited(self, _text: str) -> None:
        if self._history.is_walking:
            self._history.leave()
            self._offered = None
        self._offer()

    def _offer(self) -> None:
        """Show what may follow. Not while the history is walked: what is shown then is a line, not the beginning of one."""
        line = (self._bar.field.text(), self._bar.field.cursorPosition())
        if not self._bar.is_open or line == self._offered:  # Qt tells of a typed character and of the cursor it moved
            return
        self._offered = line
        if self._history.is_walking:
            self._bar.list.show_items(())
        else:
            offer = self._completer.offer(*line)
            self._bar.list.show_items(offer.items, message=offer.usage)
        self._describe()

    def _offer_anew(self) -> None:
        self._offered = None
        self._offer()

    def _take(self, index: int) -> None:
        items = self._bar.list.items
        if index < len(items):
            item = items[index]
            self._history.leave()
            self._bar.field.setText(item.line)
            self._bar.field.setCursorPosition(item.cursor)
            self._offer_anew()

    def _mark(self, index: int | None) -> None:
        self._bar.list.mark(index)
        self._describe()

    def _describe(self) -> None:
        """For a screen reader: the completion that is chosen, else how the command is used."""
        shown = self._bar.list
        item = shown.items[shown.marked] if shown.marked is not None else None
        self._bar.field.setAccessibleDescription(f"{item.label}, {item.detail}" if item is not None else shown.message)

    def _show_error(self, line: str, cursor: int, text: str) -> None:
        """The line stays to be corrected, wherever the failed command left the keyboard."""
        self._bar.open(line)
        self._bar.field.setCursorPosition(cursor)
        self._bar.list.show_items((), message=text, is_error=True)
        self._describe()

    def _left(self) -> None:
        """The user went elsewhere; a dialog comes back here."""
        if not self._is_covered():
            self.close()
