"""Finding one's way in a terminal's text: search, prompts, the last output, links. Acts on the selected pane."""

import os
from collections.abc import Callable

from PySide6.QtCore import QSysInfo, QUrl
from PySide6.QtGui import QGuiApplication

from synk.actions.ports import Question, Step
from synk.base.errors import UsageError
from synk.base.keypress import KeyPress
from synk.keys.keymap import Keymap, Where
from synk.terminal.links import FoundLink, links_in, refusal
from synk.terminal.texts import plain
from synk.ui.pane import Pane
from synk.ui.terminal.find_bar import FindBar
from synk.ui.terminal.finder import Finder
from synk.ui.terminal.link_hints import LinkHints
from synk.ui.terminal.terminal_view import TerminalView
from synk.ui.theme import Theme

LONGEST_PREFILL = 200
"""A selection up to this many characters is taken as what is searched next."""
LONGEST_SHOWN = 400
"""Characters of a target in a question; longer ones are cut."""


class Reading:
    """Fulfils `actions.ports.Reading`."""

    def __init__(
        self,
        *,
        theme: Theme,
        pane: Callable[[], Pane | None],
        keymap: Callable[[], Keymap],
        run: Callable[[str], None],
        ask: Callable[[Question, Callable[[], object]], None],
        leave: Callable[[], None],
        open_url: Callable[[str], None],
    ) -> None:
        """`pane()`: the selected one; `run(line)`: a command; `leave()`: give the keyboard back to grid or program."""
        self._theme = theme
        self._pane = pane
        self._keymap = keymap
        self._run = run
        self._ask = ask
        self._leave = leave
        self._open_url = open_url
        self._hints: LinkHints | None = None

    @property
    def hints(self) -> LinkHints | None:
        """The labels on links, while they are there."""
        return self._hints

    def watch(self, pane: Pane) -> None:
        """Open the links that are clicked in a new pane."""
        pane.view.link_clicked.connect(lambda link: self.open(pane.view, link))

    def find(self) -> None:
        """See `actions.ports.Reading`."""
        pane = self._pane()
        if pane is None or not pane.view.isVisible():
            return
        view = pane.view
        if view.finder is None:
            bar = FindBar(self._theme, lambda press: self._take(press, Where.SEARCH), view)
            bar.asked.connect(self._run)
            view.finder = Finder(view, bar, self._theme)
        selected = view.mouse.text()
        view.finder.open(selected if "\n" not in selected and len(selected) <= LONGEST_PREFILL else "")

    def move_find(self, step: Step) -> None:
        """See `actions.ports.Reading`."""
        if (finder := self._finder()) is not None:
            finder.move(step)

    def toggle_find_regex(self) -> None:
        """See `actions.ports.Reading`."""
        if (finder := self._finder()) is not None:
            finder.bar.toggle_regex()

    def close_find(self) -> None:
        """See `actions.ports.Reading`."""
        if (finder := self._finder()) is not None:
            finder.close()
            self._leave()

    def move_to_prompt(self, step: Step) -> bool:
        """See `actions.ports.Reading`."""
        pane = self._pane()
        if pane is None:
            return False
        view, emulator = pane.view, pane.session.emulator
        find = emulator.previous_prompt if step == "previous" else emulator.next_prompt
        line = find(view.first_line)
        if line is not None:
            view.show_first(line)
        elif step == "next" and not view.is_following:
            view.follow()
        else:
            return False
        return True

    def copy_output(self) -> int:
        """See `actions.ports.Reading`."""
        pane = self._pane()
        selection = pane.session.emulator.last_output() if pane is not None else None
        if pane is None or selection is None:
            return 0
        text = selection.text(pane.session.emulator)
        if text:
            pane.view.mouse.select(selection)
            QGuiApplication.clipboard().setText(text)
        return len(text)

    def toggle_link_hints(self) -> bool:
        """See `actions.ports.Reading`."""
        if self._hints is not None:
            self._close_hints()
            return True
        pane = self._pane()
        if pane is None or not pane.view.isVisible():
            return False
        view = pane.view
        first = view.first_line
        last = first + min(view.rows_shown, pane.session.emulator.rows) - 1
        links = [link for link in links_in(pane.session.emulator, first, last) if first <= link.spans[0][0] <= last]
        if links:
            self._show_hints(view, links)
        return bool(links)

    def open(self, view: TerminalView, link: FoundLink, *, asks: bool = False) -> None:
        """Open a link of a view; `asks`: show the target first where the text on the screen may be another."""
        if link.kind == "place":
            self._run(f"file.edit {os.path.join(_directory_of(view), os.path.expanduser(link.target))}")
        elif asks and link.is_declared and not refusal(link.target):
            question = Question("Open this link?", plain(link.target, LONGEST_SHOWN), confirm="Open", keep="Cancel")
            self._ask(question, lambda: self._run(f"link.open {link.target}"))
        else:
            self._run(f"link.open {link.target}")

    def open_link(self, target: str) -> None:
        """See `actions.ports.Reading`."""
        if reason := refusal(target):
            raise UsageError(reason)
        url = QUrl(target, QUrl.ParsingMode.TolerantMode)
        if url.scheme() == "file":
            if url.host() not in ("", "localhost", QSysInfo.machineHostName().lower()):
                raise UsageError(f"The file is on another machine: {plain(url.host(), LONGEST_SHOWN)}")
            url.setHost("")
        if not url.isValid():
            raise UsageError(f"Nothing here opens {plain(target, LONGEST_SHOWN)}")
        self._open_url(bytes(url.toEncoded().data()).decode("ascii"))

    def _show_hints(self, view: TerminalView, links: list[FoundLink]) -> None:
        hints = LinkHints(
            links,
            self._theme,
            place_of=view.place_of,
            take=lambda press: self._take(press, Where.LINKS),
            parent=view,
        )

        def chosen(link: FoundLink) -> None:
            self._close_hints()
            self.open(view, link, asks=True)

        def copied(link: FoundLink) -> None:
            self._close_hints()
            QGuiApplication.clipboard().setText(link.target)

        hints.chosen.connect(chosen)
        hints.copied.connect(copied)
        hints.left.connect(self._close_hints)
        self._hints = hints
        hints.show()
        hints.setFocus()

    def _close_hints(self) -> None:
        hints, self._hints = self._hints, None
        if hints is not None:
            had_focus = hints.hasFocus()
            hints.hide()
            hints.deleteLater()
            if had_focus:
                self._leave()

    def _finder(self) -> Finder | None:
        """The search of the selected pane, if its bar is open."""
        pane = self._pane()
        finder = pane.view.finder if pane is not None else None
        return finder if finder is not None and finder.is_open else None

    def _take(self, press: KeyPress, where: Where) -> bool:
        """Act on a key of the table."""
        binding = self._keymap().find(press, where)
        if binding is not None:
            self._run(binding.command)
        return binding is not None


def _directory_of(view: TerminalView) -> str:
    """Where the program of a view is: as its shell says, else where it was started."""
    return view.session.current_dir or view.session.working_dir
