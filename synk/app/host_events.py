"""What the host tells the window, and what the window answers to `synk ctl`, which reaches it through the host."""

from functools import partial

from synk.app.launch import Launch, host_settings
from synk.base.errors import SynkError, describe
from synk.base.events import NoticeRaised
from synk.base.wire import Message
from synk.services import Services
from synk.sessions.events import HostBack, HostLost, PoolChanged


def hear_host(services: Services, launched: Launch, profile: str | None) -> None:
    """Take the host's events; runs on the GUI thread, in the order they were sent."""
    hub, host, manager = services.hub, services.host, services.manager

    def heard(message: Message, fds: tuple[int, ...]) -> None:
        match message.get("event"):
            case "exited":
                manager.exited(message)
            case "attached":
                manager.attached(message, fds)
            case "pool":
                hub.publish(PoolChanged(message["stats"]))
            case "notice":
                hub.publish(NoticeRaised(message["level"], message["text"]))
            case "ctl":
                services.control.handle(message["verb"], message["args"], partial(answer, message["call"]))

    def answer(call: int, result: object) -> None:
        if not isinstance(result, SynkError):
            try:
                host.call("ctl.reply", call=call, result=result)
                return
            except SynkError as error:  # too large for a message
                result = error
        host.call("ctl.reply", call=call, error=describe(result))

    def lost() -> None:
        hub.publish(HostLost())

    def back(welcome: Message) -> None:
        settings = host_settings(services.settings.current.settings, profile)
        manager.host_back(welcome, lambda: host.call("configure", **settings))
        hub.publish(HostBack())
        text = "The background process ended unexpectedly. Your sessions go on; a new one was started."
        hub.publish(NoticeRaised("warning", text))

    launched.events.event, launched.events.lost, launched.events.back = heard, lost, back
