"""What a shell tells of itself and its commands (OSC 7, OSC 133), as its session knows it."""

from synk.sessions.session import Session
from synk.terminal.events import DirectoryChanged, PromptMarked, TerminalEvent


def take_report(session: Session, event: TerminalEvent, *, machine: str) -> bool:
    """Note a directory, or that a command began or ended; True if the session shows something else now.

    `machine` is the name of this one: over ssh, a shell elsewhere tells directories that mean nothing here.
    """
    match event:
        case DirectoryChanged(host, path) if host.lower() in ("", "localhost", machine.lower()):
            changed = session.current_dir != (path or None)
            session.current_dir = path or None
            return changed
        case PromptMarked("output"):
            session.is_command_running = True
        case PromptMarked("end", status) if session.is_command_running:
            # An end without a beginning is a line without a command: an empty one, or one that was given up.
            session.is_command_running = False
            session.commands_ended += 1
            session.last_exit = status
            return True
    return False


def forget_reports(session: Session) -> None:
    """The program that told them is gone."""
    session.current_dir = session.last_exit = None
    session.is_command_running = False
