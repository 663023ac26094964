"""The arguments of a tool: their schema from the signatures of functions, and what is wrong with those of a call in words."""

import difflib
import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from synk.base.errors import UsageError


class Arguments:
    """What one tool takes."""

    def __init__(self, tool: str, *functions: Callable[..., Any]) -> None:
        """The keyword parameters of these functions; positional ones are not the client's."""
        fields: dict[str, Any] = {}
        for function in functions:
            hints = get_type_hints(function, include_extras=True)
            for each in inspect.signature(function).parameters.values():
                if each.kind is each.KEYWORD_ONLY:
                    fields[each.name] = (hints[each.name], ... if each.default is each.empty else each.default)
        self._tool = tool
        self._model: type[BaseModel] = create_model(tool, __config__=ConfigDict(extra="forbid"), **fields)
        self.schema: dict[str, Any] = self._model.model_json_schema()
        """As `tools/list` tells it."""
        self._names = tuple(fields)
        self._structured = frozenset(name for name, told in self.schema["properties"].items() if _is_structured(told))

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """What the function is called with.

        Raises:
            UsageError: arguments are unknown, missing or wrong; all of them are named.
        """
        try:
            made = self._model.model_validate({name: self._loaded(name, value) for name, value in given.items()})
        except ValidationError as error:
            raise UsageError(f"{self._tool}: {'; '.join(self._problems(error))}") from None
        return {name: getattr(made, name) for name in self._names}

    def _loaded(self, name: str, value: Any) -> Any:
        """Some clients send lists and objects as JSON in a text."""
        if isinstance(value, str) and name in self._structured:
            try:
                return json.loads(value)
            except ValueError:
                return value
        return value

    def _problems(self, error: ValidationError) -> list[str]:
        """One for each argument that is wrong; of a union only the first of its reasons."""
        found: dict[str, str] = {}
        for each in error.errors(include_url=False):
            name = str(each["loc"][0])
            if each["type"] == "extra_forbidden":
                problem = f"unknown argument {name}. {self._meant(name)}"
            elif each["type"] == "missing" and len(each["loc"]) == 1:
                problem = f"argument {name} is missing"
            else:
                problem = f"{'.'.join(map(str, each['loc']))}: {each['msg']}, not {_short(each['input'])}"
            found.setdefault(name, problem)
        return list(found.values())

    def _meant(self, name: str) -> str:
        close = difflib.get_close_matches(name, self._names, n=1)
        return f"Did you mean {close[0]}?" if close else f"There are {', '.join(self._names)}"


def _is_structured(schema: Mapping[str, Any]) -> bool:
    return any(each.get("type") in ("array", "object") for each in (schema, *schema.get("anyOf", ())))


def _short(value: Any) -> str:
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."
