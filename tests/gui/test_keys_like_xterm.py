"""Every key of a US, German and French keyboard with every modifier sends what xterm 379 sent for it.

The tables in tests/data/keys were recorded under Xvfb: XTest pressed each key (by X11 key code) in xterm, with
metaSendsEscape, and in a Qt window; a row holds Qt's event and xterm's bytes in several modes (null: not
recorded). Modifier numbers are as with a keymap in which Alt is not Meta at the same time, and Enter and Tab under
modifyOtherKeys have the codes 13 and 9, as with xterm's default resources.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from synk.terminal.keyboard import encode_key
from synk.terminal.modes import Modes
from synk.ui.keys import KeyReader

TABLES = Path(__file__).parent.parent / "data" / "keys"
MODES = {
    "plain": Modes(),
    "application": Modes(application_cursor=True, application_keypad=True),
    "application_keypad": Modes(application_keypad=True, keypad_is_numeric=False),
    "other_keys_1": Modes(modify_other_keys=1),
    "other_keys_2": Modes(modify_other_keys=2),
    "backarrow_newline": Modes(backarrow_is_backspace=True, newline=True),
}


def rows(table: str) -> Iterator[tuple[dict[str, str], QKeyEvent]]:
    """Each row with the event that Qt made of the key."""
    header, *lines = (TABLES / f"{table}.tsv").read_text().splitlines()
    for line in lines:
        row = dict(zip(header.split("\t"), line.split("\t"), strict=True))
        key, modifiers, state = (int(row[name], 16) for name in ("key", "modifiers", "state"))
        text = json.loads(row["text"])
        yield row, QKeyEvent(
            QEvent.Type.KeyPress, key, Qt.KeyboardModifier(modifiers), int(row["code"]), 0, state, text, False
        )


@pytest.mark.parametrize("table", ["us", "us_num_lock", "de", "fr"])
def test_every_key_sends_what_xterm_sent(table: str) -> None:
    reader, checked = KeyReader("xcb"), 0
    for row, event in rows(table):
        press = reader.read(event)
        for name in MODES.keys() & row.keys():
            wanted = json.loads(row[name])
            if wanted is not None:
                sent = encode_key(press, MODES[name]).decode() if press else ""
                assert sent == wanted, f"{row['held']} {row['code']} in {name}: {press}"
                checked += 1
    assert checked > 200


@pytest.mark.parametrize(
    ("table", "code", "held", "sent"),
    [
        ("us", 54, "ctrl", "99;5u"),
        ("us", 10, "shift+ctrl", "49:33;6u"),
        ("de", 29, "ctrl", "122::121;5u"),
        ("de", 16, "shift+ctrl", "55:47;6u"),
        ("de", 20, "shift+ctrl", "223:63:45;6u"),
        ("de", 34, "ctrl", "252::91;5u"),
        ("de", 47, "shift+ctrl", "246:214:59;6u"),
        ("de", 24, "ctrl+altgr", "113;5u"),
        ("fr", 24, "ctrl", "97::113;5u"),
        ("fr", 10, "shift+ctrl", "38:49:49;6u"),
        ("fr", 11, "ctrl", "233::50;5u"),
        ("fr", 58, "shift+ctrl", "44:63:109;6u"),
        ("fr", 19, "ctrl+altgr", "224::48;5u"),
    ],
)
def test_the_kitty_protocol_has_the_unshifted_key_of_the_layout(table: str, code: int, held: str, sent: str) -> None:
    reader = KeyReader("xcb")
    modes = Modes(kitty_keyboard=1 | 4)
    for row, event in rows(table):
        press = reader.read(event)
        if press and (row["code"], row["held"]) == (str(code), held):
            assert encode_key(press, modes).decode() == f"\x1b[{sent}"
            return
    pytest.fail("no such row")


@pytest.mark.parametrize("table", ["de", "fr"])
def test_altgr_is_never_alt_or_ctrl(table: str) -> None:
    reader = KeyReader("xcb")
    seen = 0
    for row, event in rows(table):
        press = reader.read(event)
        if press and "altgr" in row["held"]:
            assert press.alt == ("alt" in row["held"].split("+"))
            assert press.ctrl == ("ctrl" in row["held"])
            seen += 1
    assert seen > 100


def test_the_same_key_has_the_same_name_with_and_without_shift() -> None:
    for table in ("us", "de", "fr"):
        reader = KeyReader("xcb")
        names: dict[str, set[str]] = {}
        for row, event in rows(table):
            press = reader.read(event)
            if press and "altgr" not in row["held"] and row["text"] != '""':
                names.setdefault(row["code"], set()).add(press.name)
        assert {code: found for code, found in names.items() if len(found) > 1} == {}
