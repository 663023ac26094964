"""`synk mcp`: how it is called; the server itself is imported only to be run."""

import argparse
from importlib import import_module

from synk.base.version import synk_version

DESCRIPTION = """\
Serve the engine's tools (efs_*) to an MCP client: over stdio, as clients start it, or with --http on the loopback
interface, behind a bearer token. Runs, REPLs and sessions are kept by Synk's background process: a client that comes back
finds them."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", help_text: str) -> None:
    """Add the command."""
    parser = commands.add_parser("mcp", help=help_text, description=DESCRIPTION)
    parser.add_argument("--profile", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    parser.add_argument(
        "--http", action="store_true", help="streamable HTTP on 127.0.0.1; prints one line of JSON with url and token_file"
    )
    parser.add_argument("--port", type=int, default=0, metavar="N", help="with --http: the port (default: a free one)")


def run(options: argparse.Namespace) -> int:
    """Serve; returns the exit status."""
    server = import_module("synk.mcp.server")
    return int(server.run(profile=options.profile, version=synk_version(), http_port=options.port if options.http else None))
