"""`engine.analyze`: a file or value loaded once in an interpreter, and operations on it, each by itself."""

import os
import re
import shlex
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from synk.base.errors import UsageError
from synk.base.paths import resource_directory
from synk.engine.findings import Failure
from synk.engine.markdown import table_of, value_of
from synk.engine.outcomes import plain_value
from synk.engine.repls import Repl, Repls
from synk.engine.requests import folder_of
from synk.engine.results import AnalysisResult, ExecResult, Operation

ENDINGS = (".csv", ".tsv", ".parquet", ".json", ".jsonl", ".ndjson", ".xlsx", ".sqlite", ".sqlite3", ".db")
"""Of files that `load` may name; a table of a database follows after `#`."""
BUILT_IN: Mapping[str, tuple[int, int]] = {
    "profile": (0, 0), "head": (0, 1), "tail": (0, 1), "sample": (0, 1), "counts": (1, 1), "groupby": (1, 2), "corr": (0, 0),
    "resample": (2, 3),
}  # fmt: skip
"""Name -> least and most arguments."""
USAGES = "@profile, @head N, @tail N, @sample N, @counts COL, @groupby COL AGG, @corr, @resample COL RULE"
ReturnFormat = Literal["json", "markdown"]
Kind = Literal["table", "series", "scalar", "figure", "text", "error"]
_KINDS: Mapping[str, Kind] = {
    "dataframe": "table", "series": "series", "index": "series", "figure": "figure", "int": "scalar", "float": "scalar",
    "bool": "scalar", "str": "scalar", "datetime": "scalar", "date": "scalar", "time": "scalar", "timedelta": "scalar",
    "complex": "scalar", "decimal": "scalar",
}  # fmt: skip
"""Type of an encoded value -> kind of the operation; all others are text."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a language is asked to do what it does not do by itself."""

    setup: str
    """Makes the functions of the resource file known; `{path}` is that file."""
    load_file: str
    """Gives what is to be said about the source; `{path}` and `{table}` are literals."""
    keep_value: str
    """After the cell that gave the value."""
    call: str
    """`{name}` and `{arguments}` (literals, each led by a comma)."""
    nothing: str


DIALECTS: Mapping[str, Dialect] = {
    "python": Dialect(
        setup="_synk = __import__('types').SimpleNamespace(**__import__('runpy').run_path({path}))\n"
        "import pandas as pd\n"
        "try:\n    import numpy as np\nexcept ImportError:\n    pass",
        load_file="df, _synk_source = _synk.load({path}, {table})\n_synk_source",
        keep_value="df = _",
        call="_synk.{name}(df{arguments})",
        nothing="None",
    ),
    "R": Dialect(
        setup=".synk <- new.env(); sys.source({path}, envir = .synk); invisible(NULL)",
        load_file=".synk_loaded <- .synk$load({path}, {table}); df <- .synk_loaded$frame; .synk_loaded$source",
        keep_value="df <- .Last.value",
        call=".synk${name}(df{arguments})",
        nothing="NULL",
    ),
}
"""By language; its functions are in `resources/analysis/LANGUAGE.py` or `.R`."""
_NOT_THE_USERS = ("<cell ", "<frozen ")
"""Files of frames between our call and what failed."""
_LINE = re.compile(r"\bline (\d+)\b")
"""What readers of formats say of a broken file."""
_RESOURCES = {"python": "python.py", "R": "R.R"}
_NAMES = {"py": "python", "python3": "python", "r": "R"}


async def analyze(
    repls: Repls,
    language: str,
    load: str,
    operations: Sequence[str],
    *,
    return_format: ReturnFormat,
    interpreter: str,
    max_rows: int,
    images: bool | str,
    cwd: str | None,
    env: Mapping[str, str] | None,
    timeout_s: float | None,
) -> AnalysisResult:
    """See `Engine.analyze`."""
    if return_format not in get_args(ReturnFormat):
        raise UsageError(f"return_format is {' or '.join(get_args(ReturnFormat))}, not {return_format!r}")
    name = _NAMES.get(language, language)
    dialect = DIALECTS.get(name)
    if dialect is None:
        raise UsageError(f"{language} cannot analyze; there are {', '.join(DIALECTS)}")
    codes = [code_of(operation, dialect) for operation in operations]
    repl = await repls.start(name, interpreter=interpreter, cwd=cwd, env=env, name="analyze")
    try:
        analysis = _Analysis(repl, name, dialect, folder_of(cwd), max_rows, images, timeout_s)
        problem, source = await analysis.load(load)
        if problem is not None:
            return AnalysisResult(name, load, {}, (), problem)
        done = [await analysis.operate(text, code) for text, code in zip(operations, codes, strict=True)]
        if return_format == "markdown":
            done = [replace(each, data=None) for each in done]
        return AnalysisResult(name, load, source, tuple(done))
    finally:
        await repl.stop()


def code_of(operation: str, dialect: Dialect) -> str:
    """The code of an operation: its own, or a call of what is built in.

    Raises:
        UsageError: an unknown `@name`, or a wrong number of arguments.
    """
    text = operation.strip()
    if not text.startswith("@"):
        return operation
    try:
        name, *arguments = shlex.split(text[1:])
    except ValueError as error:
        raise UsageError(f"{operation}: {error}") from error
    allowed = BUILT_IN.get(name)
    if allowed is None:
        raise UsageError(f"There is no @{name}; there are {USAGES}")
    if not allowed[0] <= len(arguments) <= allowed[1]:
        raise UsageError(f"{operation}: write it as one of {USAGES}")
    return dialect.call.format(name=name, arguments="".join(f", {literal(each)}" for each in arguments))


def literal(text: str) -> str:
    """A text as Python and R both read it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return f'"{escaped}"'


class _Analysis:
    def __init__(
        self, repl: Repl, language: str, dialect: Dialect, cwd: str, max_rows: int, images: bool | str, timeout_s: float | None
    ) -> None:
        self._repl = repl
        self._language = language
        self._dialect = dialect
        self._cwd = cwd
        self._max_rows = max_rows
        self._images = images
        self._timeout_s = timeout_s
        self._pictures = 0

    @property
    def _resource(self) -> str:
        """The file with our own functions, which run in the user's interpreter."""
        return str(resource_directory() / "analysis" / _RESOURCES[self._language])

    async def load(self, what: str) -> tuple[Failure | None, Mapping[str, Any]]:
        """Load the file, or run the code; why that failed, and what is to be said about the source."""
        path = self._resource
        ready = await self._cell(self._dialect.setup.replace("{path}", literal(path)))
        if not ready.ok:
            return _outside(_failure(ready), path), {}
        file, _, table = what.partition("#")
        if os.path.splitext(file)[1].lower() not in ENDINGS or "(" in file or "\n" in file:
            return await self._load_code(what)
        full = os.path.join(self._cwd, os.path.expanduser(file))
        if not os.path.isfile(full):
            return Failure("file", f"{full} does not exist or is no file", file=full), {}
        wanted = literal(table) if table else self._dialect.nothing
        done = await self._cell(self._dialect.load_file.replace("{path}", literal(full)).replace("{table}", wanted))
        if not done.ok:
            failure = _outside(_failure(done), path)
            line = _LINE.search(failure.message)
            return replace(failure, file=full, line=int(line[1]) if line else None), {}
        source = plain_value(done.result)
        return None, source if isinstance(source, dict) else {}

    async def operate(self, text: str, code: str) -> Operation:
        """One operation; an error is its result."""
        done = await self._cell(code)
        images = self._kept(done.images)
        encoded = done.result if isinstance(done.result, dict) else {}
        if not done.ok:
            failure = _failure(done) if code == text else _outside(_failure(done), self._resource)
            return Operation(text, "error", done.output.text or None, f"**{failure.message}**", images, failure)
        kind: Kind = _KINDS.get(str(encoded.get("type")), "text")
        if images and (kind in ("figure", "text") or encoded.get("value") is None):
            drawn = "\n".join(f"![{text}]({image})" for image in images)
            return Operation(text, "figure", None, drawn, images)
        if kind in ("table", "series"):
            return Operation(text, kind, plain_value(encoded), table_of(encoded), images)
        if kind == "scalar":
            return Operation(text, "scalar", encoded.get("value"), value_of(encoded), images)
        said = encoded if encoded.get("type") not in (None, "none") else {}
        data = plain_value(said) if said else done.output.text
        return Operation(text, "text", data, value_of(said) if said else f"```\n{done.output.text}```", images)

    async def _load_code(self, code: str) -> tuple[Failure | None, Mapping[str, Any]]:
        done = await self._cell(code)
        if not done.ok:
            return _failure(done), {}
        encoded = done.result if isinstance(done.result, dict) else {}
        if encoded.get("type") not in (None, "none"):
            kept = await self._cell(self._dialect.keep_value)
            if not kept.ok:
                return _failure(kept), {}
        rows, columns = [*encoded.get("shape", []), None, None][:2]
        source = {"rows": rows, "columns": columns, "sampled": False}
        return None, {name: value for name, value in source.items() if value is not None}

    async def _cell(self, code: str) -> ExecResult:
        return await self._repl.exec(code, parse_as="python", timeout_s=self._timeout_s, max_rows=self._max_rows)

    def _kept(self, files: Sequence[str]) -> tuple[str, ...]:
        """The pictures where the caller wants them."""
        if self._images is False:
            return ()
        if self._images is True:
            return tuple(files)
        folder = os.path.join(self._cwd, os.path.expanduser(self._images))
        os.makedirs(folder, exist_ok=True)
        kept = []
        for file in files:
            self._pictures += 1
            kept.append(shutil.copy(file, os.path.join(folder, f"figure-{self._pictures}.png")))
        return tuple(kept)


def _failure(done: ExecResult) -> Failure:
    return done.error or Failure("exit", f"It ended as {done.status} ({done.reason})")


def _outside(failure: Failure, ours: str) -> Failure:
    """The failure of code the user has not written, without the places in it: they would be looked for in vain."""
    frames = tuple(frame for frame in failure.frames if frame.file != ours and not frame.file.startswith(_NOT_THE_USERS))
    chain = tuple(_outside(each, ours) for each in failure.chain)
    return replace(failure, file=None, line=None, column=None, frames=frames, chain=chain)
