"""Addresses that servers print."""

import pytest

from synk.host.runs.ready import find_ready, printed_urls


@pytest.mark.parametrize(
    ("output", "urls"),
    [
        (b"  Local:   \x1b[36mhttp://localhost:\x1b[1m5173\x1b[22m/\x1b[39m\n", [("http://localhost:5173/", 5173)]),
        (b"Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)", [("http://127.0.0.1:8000", 8000)]),
        (b"Serving HTTP on 0.0.0.0 port 8000 (http://0.0.0.0:8000/) ...", [("http://0.0.0.0:8000/", 8000)]),
        (b"see https://example.org:443/docs for help", []),
        (b"http://localhost and https://localhost/a.", [("http://localhost", 80), ("https://localhost/a", 443)]),
    ],
)
def test_only_addresses_of_this_machine_count(output: bytes, urls: list[tuple[str, int]]) -> None:
    assert printed_urls(output) == urls


def test_without_socket_and_address_nothing_is_ready() -> None:
    assert find_ready([], {}, b"starting ...") is None
