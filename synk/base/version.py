"""The version of the installed package."""


def synk_version() -> str:
    """As pip knows it; `0+unknown` in a copy that was never installed."""
    # 20 ms, for `e-mail` of all things: a short command asks no version.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("synk")
    except PackageNotFoundError:
        return "0+unknown"
