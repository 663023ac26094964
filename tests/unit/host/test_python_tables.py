"""Data frames, series and arrays as JSON; where the libraries are installed."""

import json
from typing import Any

import pytest

from synk.host.kernels.python_tables import table
from synk.host.kernels.python_values import encode


def one(value: object, max_rows: int = 200) -> dict[str, Any]:
    found = encode(value, max_rows=max_rows, specialists=(table,))
    return json.loads(json.dumps(found, allow_nan=False))  # type: ignore[no-any-return]


class TestPandas:
    """pandas."""

    pd: Any

    @pytest.fixture(autouse=True)
    def _pandas(self) -> None:
        type(self).pd = pytest.importorskip("pandas", reason="pandas is not installed")

    def test_types_dates_and_missing_values(self) -> None:
        pd = self.pd
        frame = pd.DataFrame(
            {
                "n": [1, 2],
                "x": [0.5, float("nan")],
                "s": ["a", None],
                "t": pd.to_datetime(["2024-02-29 12:00", None]),
                "b": pd.array([True, pd.NA], dtype="boolean"),
                "c": pd.Categorical(["u", "v"]),
            }
        )
        found = one(frame)
        assert found["data"] == [[1, 0.5, "a", "2024-02-29T12:00:00", True, "u"], [2, None, None, None, None, "v"]]
        assert found["dtypes"][:2] == ["int64", "float64"]
        assert found["dtypes"][3].startswith("datetime64")
        assert (found["shape"], found["truncated"], found["index"]) == ([2, 6], False, [0, 1])

    def test_multi_index_and_multi_columns(self) -> None:
        pd = self.pd
        frame = pd.DataFrame(
            [[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")]),
            index=pd.MultiIndex.from_tuples([("r", pd.Timestamp("2024-01-01"))], names=["k", None]),
        )  # fmt: skip
        found = one(frame)
        assert found["columns"] == [["a", "x"], ["a", "y"]]
        assert found["index"] == [["r", "2024-01-01T00:00:00"]]
        assert found["index_names"] == ["k", None]

    def test_a_million_rows_are_capped(self) -> None:
        frame = self.pd.DataFrame({"a": range(1_000_000), "b": 1.5})
        found = one(frame)
        assert (len(found["data"]), found["shape"], found["truncated"]) == (200, [1_000_000, 2], True)
        assert found["data"][199] == [199, 1.5]

    def test_equal_column_names_and_no_rows_or_columns(self) -> None:
        pd = self.pd
        assert one(pd.DataFrame([[1, 2]], columns=["a", "a"]))["data"] == [[1, 2]]
        assert one(pd.DataFrame({"a": []}))["data"] == []
        assert one(pd.DataFrame(index=[1, 2]))["data"] == [[], []]

    def test_series_index_and_scalars(self) -> None:
        pd = self.pd
        found = one(pd.Series([1, None], index=["a", "b"], name="s"))
        assert (found["type"], found["name"], found["index"], found["data"]) == ("series", "s", ["a", "b"], [1.0, None])
        assert one(pd.date_range("2024-01-01", periods=2))["data"] == ["2024-01-01T00:00:00", "2024-01-02T00:00:00"]
        assert one(pd.Timestamp("2024-01-01"))["value"] == "2024-01-01T00:00:00"
        assert one(pd.NaT)["value"] is None
        assert one(pd.Timedelta("1min"))["value"] == 60.0
        assert one({"frame": pd.Series([1])})["type"] == "dict"


class TestNumpy:
    """numpy."""

    np: Any

    @pytest.fixture(autouse=True)
    def _numpy(self) -> None:
        type(self).np = pytest.importorskip("numpy", reason="numpy is not installed")

    def test_scalars_are_numbers(self) -> None:
        np = self.np
        assert one(np.int64(3)) == {"type": "int", "value": 3, "python_type": "numpy.int64"}
        assert one(np.bool_(True))["value"] is True
        assert one([np.float32(0.5), np.str_("x")])["value"] == [0.5, "x"]
        assert one(np.float64("nan"))["value"] == "nan"

    def test_arrays_are_capped_along_each_axis(self) -> None:
        np = self.np
        found = one(np.arange(12).reshape(3, 4), max_rows=2)
        assert (found["data"], found["shape"], found["truncated"]) == ([[0, 1], [4, 5]], [3, 4], True)
        assert one(np.zeros((0, 3)))["data"] == []
        assert one(np.array(5))["data"] == 5
        assert one(np.zeros((50, 50, 50, 50)), max_rows=50)["truncated"] is True


def test_polars_and_arrow() -> None:
    polars = pytest.importorskip("polars", reason="polars is not installed")
    frame = polars.DataFrame({"a": [1, None], "b": ["x", "y"]})
    found = one(frame)
    assert (found["columns"], found["data"], found["dtypes"]) == (["a", "b"], [[1, "x"], [None, "y"]], ["Int64", "String"])
    assert one(frame["a"])["data"] == [1, None]
    arrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    assert one(arrow.table({"a": [1, 2]}), max_rows=1)["data"] == [[1]]
