"""What the programs of a pane say they are doing: records of the program status protocol (OSC 7501, revision 0.3)."""

import base64
import binascii
import re
from dataclasses import dataclass, replace
from typing import Literal, get_args

from synk.terminal.texts import has_controls, plain

State = Literal["idle", "working", "done", "blocked", "error"]
Kind = Literal["permission", "question", "auth"]

MAX_REPORT_BYTES = 4096
MAX_RECORDS = 256
_MAX_PARTS = 8
_MAX_ID_CHARS = 128
# Encoded and decoded bytes.
_MAX_MESSAGE = (2732, 2048)
_MAX_TITLE = (256, 192)
_NAME = re.compile(r"[A-Za-z0-9_.+-]{1,32}")
_STATES: dict[str, State] = {state: state for state in get_args(State)}
_KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}


@dataclass(frozen=True, slots=True)
class StatusRecord:
    """The latest report of one program, or of one of its parts."""

    id: tuple[str, ...]
    """Its place: empty for the program in front, `("deploy", "us-east")` for a part of a part."""
    state: State
    kind: Kind | None = None
    """What a blocked program waits for, if it said so."""
    app: str = ""
    """As the program or the nearest record above named it; "" if none did."""
    progress: int | None = None
    """Percent."""
    message: str = ""
    title: str = ""


class StatusRecords:
    """The records of one terminal, bounded: the one that was reported longest ago goes first."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, ...], StatusRecord] = {}

    def all(self) -> tuple[StatusRecord, ...]:
        """The records, latest report last."""
        return tuple(self._records.values())

    def take(self, report: str) -> bool:
        """Carry out the payload of a report; False if it is refused as a whole or changes nothing."""
        if len(report.encode("utf-8", "replace")) > MAX_REPORT_BYTES:
            return False
        fields = dict(field.split("=", 1) for field in report.split(":") if "=" in field)
        place = _place(fields.get("id", ""))
        if place is None:
            return False
        if fields.get("state") == "clear":
            return self._clear(place)
        record = self._read(fields, place)
        if record is None:
            return False
        self._records.pop(place, None)
        self._records[place] = record
        if len(self._records) > MAX_RECORDS:
            del self._records[next(iter(self._records))]
        return True

    def end_running(self) -> bool:
        """The shell has its prompt again: nothing works and nothing waits any more; True if that changed something."""
        ended = [place for place, record in self._records.items() if record.state in ("working", "blocked")]
        for place in ended:
            del self._records[place]
        return bool(ended)

    def reset(self) -> bool:
        """Forget all; True if there were any."""
        return self._clear(())

    def restore(self, records: list[StatusRecord]) -> None:
        """Take over what `all` gave."""
        self._records = {record.id: record for record in records}

    def _clear(self, place: tuple[str, ...]) -> bool:
        gone = [other for other in self._records if other[: len(place)] == place]
        for other in gone:
            del self._records[other]
        return bool(gone)

    def _read(self, fields: dict[str, str], place: tuple[str, ...]) -> StatusRecord | None:
        state = _STATES.get(fields.get("state", ""))
        app = fields.get("app", "")
        progress = fields.get("progress", "")
        message, title = _decoded(fields.get("msg", ""), _MAX_MESSAGE), _decoded(fields.get("title", ""), _MAX_TITLE)
        if state is None or message is None or title is None or (app and not _NAME.fullmatch(app)):
            return None
        if progress and not (re.fullmatch(r"[0-9]{1,3}", progress) and int(progress) <= 100):
            return None
        record = StatusRecord(id=place, state=state, app=app or self._app_above(place), message=message, title=title)
        if state == "blocked":
            record = replace(record, kind=_KINDS.get(fields.get("kind", "")))
        return replace(record, progress=int(progress)) if progress else record

    def _app_above(self, place: tuple[str, ...]) -> str:
        for size in range(len(place), -1, -1):
            above = self._records.get(place[:size])
            if above is not None and above.app:
                return above.app
        return ""


def is_record_valid(record: StatusRecord) -> bool:
    """True if `take` could have made this record."""
    names = [*record.id, *([record.app] if record.app else [])]
    return (
        record.state in _STATES
        and (record.kind is None or (record.kind in _KINDS and record.state == "blocked"))
        and len(record.id) <= _MAX_PARTS
        and all(_NAME.fullmatch(name) for name in names)
        and (record.progress is None or 0 <= record.progress <= 100)
        and len(record.message) <= _MAX_MESSAGE[1]
        and len(record.title) <= _MAX_TITLE[1]
        and not has_controls(record.message + record.title)
    )


def _place(text: str) -> tuple[str, ...] | None:
    """The parts of an id; None if it is not one."""
    if not text:
        return ()
    parts = tuple(text.split("/"))
    if len(text) > _MAX_ID_CHARS or len(parts) > _MAX_PARTS or not all(_NAME.fullmatch(part) for part in parts):
        return None
    return parts


def _decoded(encoded: str, limits: tuple[int, int]) -> str | None:
    """The text of base64 UTF-8, without characters that only steer how it is shown; None if it is refused."""
    if len(encoded) > limits[0]:
        return None
    try:
        data = base64.b64decode(encoded, validate=True)
        text = data.decode()
    except (binascii.Error, ValueError):
        return None
    if len(data) > limits[1] or has_controls(text):
        return None
    return plain(text)
