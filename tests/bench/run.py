"""Runs the benchmarks and prints their table: `python3 packaging/dev.py bench [--only L3,L5] [--quick] [--json FILE]`.

Limits are those of the targets for a machine of four cores from 3 GHz; those of latencies count double on fewer cores,
others never change. A row that cannot be measured here says why and never counts as passed.
"""

import argparse
import importlib
import json
import logging
import os
import signal
import sys
import textwrap
import time
from collections.abc import Sequence
from pathlib import Path

from measure import NotMeasured, Options, Row, machine

MODULES = (
    "home", "startup", "new_session", "key_echo", "glass", "cat", "flood", "reflow", "gui_thread", "scrolling", "lists",
    "painting", "spawning", "closing", "memory", "quitting", "completion", "settings", "records", "idle", "flatness",
    "throughput", "conformance", "scrollback", "engine_repls", "engine_commands", "engine_host",
)  # fmt: skip
HEADS = ("id", "what", "measured", "limit", "")
WIDTHS = (4, 52, 58, 26, 12)


def main() -> int:
    """0 if every measured limit holds, else 1."""
    options = _parser().parse_args()
    logging.basicConfig(level=logging.ERROR)
    # As with Ctrl+C: what was started is ended on the way out.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(1))
    wanted = {word.strip().upper() for word in options.only.split(",")} if options.only else set()
    line, load = machine(), os.getloadavg()[0]
    print(f"{line}\n", flush=True)
    _print_line(HEADS)
    _print_line(tuple("-" * width for width in WIDTHS))
    rows: list[Row] = []
    for name in MODULES:
        module = importlib.import_module(name)
        chosen = {row for row in module.IDS if not wanted or row in wanted}
        for row in _run(module, Options(is_quick=options.quick), chosen) if chosen else ():
            rows.append(row)
            _print_line((row.id, _describe(row), row.measured_text, row.limit_text, row.verdict))
    # What else ran meanwhile makes latencies worse: a load far above that of the benchmarks themselves, 1 to 3, says so.
    line += f"; load {load:.1f} before, {os.getloadavg()[2]:.1f} on average at the end"
    print(f"\n{line}")
    if options.json:
        Path(options.json).write_text(json.dumps({"machine": line, "rows": [row.as_dict() for row in rows]}, indent=1) + "\n")
    if options.markdown:
        Path(options.markdown).write_text(_markdown(line, rows))
    return int(any(row.verdict == "MISSED" for row in rows))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dev.py bench", description="Measure Synk on this machine.")
    parser.add_argument("--only", default="", metavar="IDS", help="only these rows, for example L3,L5,throughput")
    parser.add_argument("--quick", action="store_true", help="fewer runs: to see that it works, not to publish")
    parser.add_argument("--json", metavar="FILE", help="write all rows there as well")
    parser.add_argument("--markdown", metavar="FILE", help="write the table there as well")
    return parser


def _run(module: object, options: Options, wanted: set[str]) -> Sequence[Row]:
    """The rows of one module; if it cannot measure, one row for each id that says why."""
    started = time.monotonic()
    try:
        rows: Sequence[Row] = module.run(options, wanted)  # type: ignore[attr-defined]
    except NotMeasured as error:
        rows = [Row(row, "", reason=str(error)) for row in sorted(wanted)]
    logging.getLogger(__name__).info("%s took %.0f s", module, time.monotonic() - started)
    return rows


def _describe(row: Row) -> str:
    return f"{row.what} ({row.note})" if row.note else row.what


def _print_line(cells: Sequence[str]) -> None:
    wrapped = [textwrap.wrap(cell, width) or [""] for cell, width in zip(cells, WIDTHS, strict=True)]
    for index in range(max(map(len, wrapped))):
        parts = [lines[index] if index < len(lines) else "" for lines in wrapped]
        print("  ".join(part.ljust(width) for part, width in zip(parts, WIDTHS, strict=True)).rstrip(), flush=True)


def _markdown(line: str, rows: Sequence[Row]) -> str:
    text = [f"# Benchmarks\n\nMade by `python3 packaging/dev.py bench` on: {line}.\n"]
    text.append("| id | what | measured | limit | |\n|---|---|---|---|---|")
    for row in rows:
        text.append(f"| {row.id} | {_describe(row)} | {row.measured_text} | {row.limit_text} | {row.verdict} |")
    return "\n".join(text) + "\n"


if __name__ == "__main__":
    sys.exit(main())
