"""The command boundary: what a command raises becomes a message, and nothing leaves it."""

import logging
from collections.abc import Callable

from synk.base.errors import PoolExhausted, SynkError
from synk.base.events import Hub, NoticeRaised
from synk.commands.line import NothingSelected

log = logging.getLogger(__name__)


def guarded(hub: Hub, part: str, act: Callable[[], object]) -> None:
    """Run `act`: a user error is shown as it is, anything else goes to the log. `part` names it for the user."""
    try:
        act()
    except NothingSelected:
        return  # a key without an object does nothing
    except PoolExhausted as error:
        hub.publish(NoticeRaised("warning", error.message, event="pool.exhausted"))
    except SynkError as error:
        hub.publish(NoticeRaised("error", error.message))
    except Exception:
        log.exception("%s failed", part)
        title = f"Something went wrong in {part}. Nothing was changed."
        hub.publish(NoticeRaised("error", title, "Details: log", action="Show log", command="log.show"))
