"""`synk analyze LANGUAGE LOAD OPERATION...`: load a file once and ask many questions about it."""

import argparse
import base64
import json
from pathlib import Path
from typing import Any

from synk.engine.analyze import USAGES
from synk.engine.api import Engine
from synk.engine.command_line.calling import run as run
from synk.engine.command_line.calling import whole
from synk.engine.command_line.exits import DONE, NOT_SO
from synk.engine.command_line.reporting import advice, colored, print_json, print_table
from synk.engine.options import seconds
from synk.engine.results import AnalysisResult, Operation

MAX_ROWS = 50


def add_parser(commands: Any, help_text: str) -> None:
    """Add `analyze` to the command line."""
    parser = commands.add_parser(
        "analyze",
        help=help_text,
        description="Load a file or the value of an expression as `df`, then do each operation by itself.",
        epilog=f"OPERATION: code, or one of {USAGES}. Exit status 1 if loading or an operation failed.",
    )
    parser.add_argument("language", metavar="LANGUAGE", help="python or R")
    parser.add_argument("load", metavar="LOAD", help="csv, tsv, parquet, json, jsonl, xlsx, sqlite file (FILE#TABLE), or code")
    parser.add_argument("operations", nargs="+", metavar="OPERATION")
    parser.add_argument("--markdown", action="store_true", help="print Markdown")
    parser.add_argument("--interpreter", default="", metavar="PATH", help="default: the project's, then the first on PATH")
    parser.add_argument("--images", metavar="DIR", help="put pictures there")
    parser.add_argument("--max-rows", type=whole, default=MAX_ROWS, metavar="N", help=f"rows of a table ({MAX_ROWS})")
    parser.add_argument("--timeout", metavar="TIME", help="longest time of one operation")
    parser.add_argument("--cwd", metavar="DIR", help="directory to start in")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--profile", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    parser.set_defaults(work=_analyze)


async def _analyze(engine: Engine, options: argparse.Namespace) -> int:
    result = await engine.analyze(
        options.language,
        options.load,
        options.operations,
        interpreter=options.interpreter,
        max_rows=options.max_rows,
        images=options.images or True,
        cwd=options.cwd,
        timeout_s=seconds(options.timeout) if options.timeout else None,
    )
    if options.json:
        print_json(_as_json(result, is_embedded=not options.images))
    elif options.markdown:
        print(result.markdown)
    else:
        _show(result)
    is_fine = result.error is None and all(each.kind != "error" for each in result.operations)
    return DONE if is_fine else NOT_SO


def _as_json(result: AnalysisResult, *, is_embedded: bool) -> dict[str, Any]:
    """With the pictures themselves, unless they were put into a folder."""
    values = result.as_dict()
    if is_embedded:
        for each, operation in zip(values["operations"], result.operations, strict=True):
            each["images"] = [base64.b64encode(Path(image).read_bytes()).decode() for image in operation.images]
    return values


def _show(result: AnalysisResult) -> None:
    if result.error is not None:
        place = f" (line {result.error.line})" if result.error.line else ""
        print(f"{colored('error', 'red')}  {result.error.message}{place}")
        return
    print(colored(", ".join(f"{name} {value}" for name, value in result.source.items()), "grey"))
    for each in result.operations:
        print(f"\n{colored(each.operation, 'bold')}")
        _show_operation(each)


def _show_operation(operation: Operation) -> None:
    data = operation.data
    if operation.error is not None:
        print(f"{colored('error', 'red')}  {operation.error.message}")
        for suggestion in operation.error.suggestions:
            print(advice(suggestion))
    elif operation.kind == "table" and isinstance(data, dict) and "columns" in data:
        rows = [[_label(label), *row] for label, row in zip(data["index"], data["data"], strict=False)]
        print_table(["", *map(_label, data["columns"])], [[_number(value) for value in row] for row in rows], empty="no rows")
        _show_rest(data, len(rows))
    elif operation.kind == "series" and isinstance(data, dict) and "index" in data:
        pairs = zip(data["index"], data["data"], strict=False)
        print_table(["", _label(data.get("name")) or "value"], [[_label(label), _number(value)] for label, value in pairs])
        _show_rest(data, len(data["data"]))
    elif operation.images:
        for image in operation.images:
            print(image)
    elif isinstance(data, str) or operation.kind == "scalar":
        print(str(data).rstrip("\n"))
    else:
        print(json.dumps(data, ensure_ascii=False, indent=2))


def _show_rest(data: dict[str, Any], shown: int) -> None:
    if data.get("truncated") and data.get("shape"):
        print(colored(f"{shown} of {data['shape'][0]} rows", "grey"))


def _label(label: Any) -> str:
    return " / ".join(map(str, label)) if isinstance(label, list) else "" if label is None else str(label)


def _number(value: Any) -> Any:
    return f"{value:.6g}" if isinstance(value, float) else value
