"""Encoded values as Markdown."""

from synk.engine.markdown import table_of, value_of


def test_a_data_frame_is_a_table_with_its_index() -> None:
    encoded = {
        "type": "dataframe", "columns": ["a", ["b", 1]], "index": ["x", None], "data": [[1, 0.123456789], ["p|q", None]],
        "shape": [5, 2], "truncated": True, "index_names": ["id"],
    }  # fmt: skip
    assert table_of(encoded) == (
        "| id | a | b / 1 |\n| --- | --- | --- |\n| x | 1 | 0.123457 |\n|  | p\\|q |  |\n\n2 of 5 rows"
    )


def test_a_series_has_two_columns_and_an_index_one() -> None:
    series = {"type": "series", "name": None, "index": [0, 1], "data": ["a\nb", True], "shape": [2]}
    assert table_of(series) == "|  | value |\n| --- | --- |\n| 0 | a b |\n| 1 | True |"
    assert table_of({"type": "index", "name": "n", "data": [1]}) == "| n |\n| --- |\n| 1 |"


def test_plain_values_are_text_and_nested_ones_json() -> None:
    assert value_of({"type": "float", "value": 2.5}) == "2.5"
    assert value_of({"type": "str", "value": "a | b"}) == "a | b"
    assert value_of({"type": "dict", "value": {"a": [1]}}) == '```json\n{\n  "a": [\n    1\n  ]\n}\n```'
