"""Changing single values in the text of settings.toml; every other byte stays (the only importer of tomlkit)."""

import tomllib
from collections.abc import Mapping, MutableMapping
from typing import Any

import tomlkit

from synk.base.errors import SynkError
from synk.settings.schema import VERSION


def edited(data: bytes, changes: Mapping[str, Any], renamed: Mapping[str, str]) -> bytes:
    """The file with `group.key` set to each value, or removed where it is None; an old name becomes the new one.

    Raises:
        SynkError: the text could not be changed without changing something else.
    """
    text = data.decode("utf-8")
    document = tomlkit.parse(text)
    if not text.strip():
        document["version"] = VERSION
    expected = tomllib.loads(tomlkit.dumps(document))
    old_names = {new: old for old, new in renamed.items()}
    for name, value in changes.items():
        for table in (document, expected):
            if name in old_names:
                _remove(table, old_names[name])
            if value is None:
                _remove(table, name)
            else:
                _set(table, name, value)
    result = tomlkit.dumps(document)
    if _without_empty(tomllib.loads(result)) != _without_empty(expected):
        raise SynkError(f"{', '.join(changes)} cannot be changed in this file without touching other lines; edit it by hand")
    return _ended_alike(result, text).encode("utf-8")


def _ended_alike(result: str, text: str) -> str:
    """With the line ends of a file whose lines all end in CRLF: tomlkit ends a new line with LF."""
    is_crlf = "\r\n" in text and text.count("\n") == text.count("\r\n")
    return result.replace("\r\n", "\n").replace("\n", "\r\n") if is_crlf else result


def _without_empty(document: Mapping[str, Any]) -> dict[str, Any]:
    """Groups and settings that are empty tables mean the same as none: tomlkit drops a table with its last entry."""
    groups = {
        group: {key: value for key, value in inner.items() if value != {}} if isinstance(inner, dict) else inner
        for group, inner in document.items()
    }
    return {group: inner for group, inner in groups.items() if inner != {}}


def _set(document: MutableMapping[str, Any], name: str, value: Any) -> None:
    group, _, key = name.partition(".")
    if not isinstance(document.get(group), MutableMapping):
        document[group] = tomlkit.table() if isinstance(document, tomlkit.TOMLDocument) else {}
    _put(document[group], key, value)


def _put(table: MutableMapping[str, Any], key: str, value: Any) -> None:
    """Of a table only the entries that differ, so that comments and order of the others stay."""
    old = table.get(key)
    if not isinstance(old, MutableMapping) or not isinstance(value, Mapping):
        if old != value or type(old) is not type(value):
            table[key] = value
        return
    for gone in [name for name in old if name not in value]:
        old.pop(gone)
    for name, inner in value.items():
        _put(old, name, inner)


def _remove(document: MutableMapping[str, Any], name: str) -> None:
    group, _, key = name.partition(".")
    if isinstance(document.get(group), MutableMapping):
        document[group].pop(key, None)
