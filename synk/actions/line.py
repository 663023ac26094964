"""The command bar: commands behind its keys."""

from synk.actions.ports import CommandLine, Step
from synk.commands.registry import command


class LineActions:
    """Commands about the line that is being typed. Only `line.open` means something elsewhere."""

    def __init__(self, line: CommandLine) -> None:
        self._line = line

    @command("line.open", is_offered=False)
    def open(self) -> None:
        """Open the command bar."""
        self._line.open()

    @command("line.close", is_offered=False)
    def close(self) -> None:
        """Close the command bar; nothing runs."""
        self._line.close()

    @command("line.run", is_offered=False)
    def run(self) -> None:
        """Run the line, or take the completion that was chosen."""
        self._line.run_line()

    @command("line.complete", is_offered=False)
    def complete(self) -> None:
        """Take the completion that was chosen, or the best one."""
        self._line.complete()

    @command("line.choose", is_offered=False)
    def choose(self, step: Step) -> None:
        """Choose the completion below or above."""
        self._line.choose(step)

    @command("line.move", is_offered=False)
    def move(self, step: Step) -> None:
        """Show an older or newer line; below the newest one: choose among the completions."""
        self._line.move(step)
