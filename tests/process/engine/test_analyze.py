"""Analyses in an interpreter that has pandas and matplotlib; skipped where `python3` has none."""

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synk.base.errors import SpawnFailed, UsageError

CHECK = "import pandas, matplotlib, pyarrow, openpyxl"
WRITE = """
import pandas as pd
df = pd.DataFrame({"c": ["a", "b", "a", None], "v": [1, 2, 5, 7.5], "d": pd.to_datetime(["2024-01-01", "2024-01-02"] * 2)})
df.to_csv("t.csv", index=False); df.to_csv("t.tsv", sep="\\t", index=False); df.to_csv("semicolons.csv", sep=";", index=False)
df.to_parquet("t.parquet")
df.to_excel("t.xlsx", index=False)
df.to_json("t.json", orient="records", date_format="iso"); df.to_json("t.jsonl", orient="records", lines=True, date_format="iso")
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four rows in each format."""
    if subprocess.run(["python3", "-c", CHECK], capture_output=True, check=False).returncode != 0:
        pytest.skip("python3 has no pandas, matplotlib, pyarrow or openpyxl")
    folder = tmp_path_factory.mktemp("data")
    subprocess.run(["python3", "-c", WRITE], cwd=folder, check=True)
    with sqlite3.connect(folder / "t.sqlite") as connection:
        connection.execute("CREATE TABLE big (c, v)")
        connection.executemany("INSERT INTO big VALUES (?, ?)", [("a", 1), ("b", 2), ("a", 5), (None, 7.5)])
        connection.execute("CREATE TABLE small (c)")
    connection.close()
    return folder


@pytest.fixture
def analyze(place: Any, data: Path) -> Callable[..., Any]:
    """`analyze(load, *operations)` in the folder of the data, with the `python3` that has pandas."""
    place.environment["PATH"] = f"{Path(shutil.which('python3') or '').parent}:{place.environment['PATH']}"

    def run(load: str, *operations: str, **options: Any) -> Any:
        with place.engine() as engine:
            return engine.analyze("python", load, operations, cwd=str(data), **options)

    return run


@pytest.mark.parametrize(
    "file",
    ["t.csv", "semicolons.csv", "t.tsv", "t.parquet", "t.xlsx", "t.json", "t.jsonl", "t.sqlite", "t.sqlite#big"],
)
def test_each_format_is_loaded(analyze: Callable[..., Any], file: str) -> None:
    result = analyze(file, "df.v.sum()", "@counts c")
    assert result.error is None
    assert (result.source["rows"], result.source["sampled"]) == (4, False)
    assert [operation.kind for operation in result.operations] == ["scalar", "series"]
    assert result.operations[0].data == 15.5
    assert result.operations[1].data["data"][0] == 2


def test_tables_series_figures_and_errors_each_stand_for_themselves(analyze: Callable[..., Any], tmp_path: Path) -> None:
    result = analyze(
        "t.csv", "df.describe()", "df.groupby('c').size()", "df.v.plot()", "1/0", "print('said')", "@profile", "@groupby c sum",
        "@resample d D sum", "@corr", "@head 2", "@tail 1", "@sample 3", "@counts nope", images=str(tmp_path / "drawn"),
    )  # fmt: skip
    kinds = [operation.kind for operation in result.operations]
    assert kinds == ["table", "series", "figure", "error", "text", *["table"] * 7, "error"]
    picture = result.operations[2].images
    assert [Path(path).read_bytes()[:4] for path in picture] == [b"\x89PNG"]
    assert all(not operation.images for operation in result.operations if operation is not result.operations[2])
    assert result.operations[3].error.message == "ZeroDivisionError: division by zero"
    assert result.operations[4].data == "said\n"
    profile = result.operations[5].data
    assert profile["index"] == ["c", "v", "d"]
    assert profile["data"][0][profile["columns"].index("nulls")] == 1
    assert [len(result.operations[number].data["data"]) for number in (9, 10, 11)] == [2, 1, 3]
    assert "c, v, d" in result.operations[12].error.message
    json.dumps(result.as_dict())


def test_a_load_that_fails_runs_no_operation(analyze: Callable[..., Any]) -> None:
    for load, words in (("none.csv", "does not exist"), ("df = 1 +", "SyntaxError"), ("1/0", "ZeroDivisionError")):
        result = analyze(load, "1")
        assert words in result.error.message
        assert result.operations == ()
    assert analyze("1/0", "1").error.line == 1


def test_an_error_names_no_place_the_user_has_not_written(analyze: Callable[..., Any], data: Path) -> None:
    (data / "broken.csv").write_text("c,v\na,1\nb,2,3,4\n")
    error = analyze("broken.csv", "1").error
    assert (error.file, error.line) == (str(data / "broken.csv"), 3)
    counts, own = analyze("t.csv", "@counts nope", "1\ndf['nope']").operations
    assert (counts.error.file, counts.error.line, counts.error.frames) == (None, None, ())
    assert (own.error.line, own.error.file.startswith("<cell ")) == (2, True)


def test_as_markdown_there_is_no_data(analyze: Callable[..., Any]) -> None:
    result = analyze("t.csv", "@counts c", return_format="markdown")
    assert result.operations[0].data is None
    assert "## `@counts c`\n\n|  | count |\n| --- | --- |\n| a | 2 |" in result.markdown
    with pytest.raises(UsageError, match="return_format is json or markdown, not 'html'"):
        analyze("t.csv", "1", return_format="html")


def test_the_interpreter_can_be_chosen(place: Any, data: Path) -> None:
    chosen = shutil.which("python3")
    with place.engine() as engine:
        result = engine.analyze("python", "t.csv", ["__import__('sys').executable"], cwd=str(data), interpreter=chosen)
        assert os.path.realpath(result.operations[0].data) == os.path.realpath(chosen)
        with pytest.raises(SpawnFailed, match="Cannot start /no/such/python"):
            engine.analyze("python", "t.csv", ["1"], interpreter="/no/such/python")


def test_code_can_give_the_data(analyze: Callable[..., Any]) -> None:
    assert analyze("pd.DataFrame({'x': [1, 2]})", "df.x.sum()").operations[0].data == 3
    assert analyze("df = [{'x': 1}]", "@head").operations[0].data["data"] == [[1]]


def test_a_file_that_would_not_fit_is_sampled_and_says_so(data: Path) -> None:
    program = Path(__file__).parents[3] / "resources" / "analysis" / "python.py"
    (data / "long.csv").write_text("n\n" + "".join(f"{n}\n" for n in range(5000)))
    code = (
        f"import runpy, json; m = runpy.run_path({str(program)!r})\n"
        "m['load'].__globals__['free_memory'] = lambda: 50000\n"
        "frame, source = m['load']('long.csv'); print(json.dumps(source))"
    )
    done = subprocess.run(["python3", "-c", code], cwd=data, capture_output=True, text=True, check=True)
    source = json.loads(done.stdout)
    assert source["sampled"]
    assert 0 < source["rows"] < 5000
    assert "half of the free memory" in source["note"]
