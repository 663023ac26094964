"""Search, prompts, output and links: commands that find something in what a program printed."""

from synk.actions.ports import Reading, Step
from synk.base.errors import UsageError
from synk.commands.registry import Rest, command


class ReadingActions:
    """Commands about the text of the selected pane."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    @command("text.find")
    def find(self) -> None:
        """Search screen and scrollback of the selected pane."""
        self._reading.find()

    @command("find.move", is_offered=False)
    def move_find(self, step: Step) -> None:
        """Go to the next or previous hit of the search."""
        self._reading.move_find(step)

    @command("find.regex", is_offered=False)
    def toggle_find_regex(self) -> None:
        """Search for a regular expression, or for plain text again."""
        self._reading.toggle_find_regex()

    @command("find.close", is_offered=False)
    def close_find(self) -> None:
        """Close the search; the view stays where it is."""
        self._reading.close_find()

    @command("prompt.move")
    def move_to_prompt(self, step: Step) -> str | None:
        """Scroll to the prompt above or below what is shown."""
        if self._reading.move_to_prompt(step):
            return None
        return "No prompt above" if step == "previous" else "No prompt below"

    @command("output.copy")
    def copy_output(self) -> str:
        """Select what the last command printed, and copy it to the clipboard."""
        count = self._reading.copy_output()
        return f"Copied {count} character{'s' if count != 1 else ''}" if count else "No command has printed anything here"

    @command("link.hints")
    def toggle_hints(self) -> str | None:
        """Label the links shown with letters, or take the labels away."""
        return None if self._reading.toggle_link_hints() else "No links are shown"

    @command("link.open")
    def open_link(self, target: Rest) -> None:
        """Open an address: http, https, mailto or file."""
        if not target:
            raise UsageError("/link.open needs an address")
        self._reading.open_link(target)
