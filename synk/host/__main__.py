"""Entry point of the host process: `python -m synk.host`."""

import sys
from importlib import import_module

# asyncio imports ssl for its TLS transports; the host has none, and OpenSSL costs 5 MB and 20 ms (target M5, row A16).
# None in this table makes the import fail cleanly, which asyncio is prepared for.
sys.modules["ssl"] = None  # type: ignore[assignment]


def run(argv: list[str] | None = None) -> int:
    """Serve until nothing is left to do; `argv` without the program's name."""
    return int(import_module("synk.host.process").main(argv))


if __name__ == "__main__":
    sys.exit(run())
