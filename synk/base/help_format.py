"""How wide help texts are: as argparse finds it out, without the modules it imports for that."""

import argparse
import os

WIDTH = 80


def help_format(prog: str) -> argparse.HelpFormatter:
    """For `formatter_class`. argparse makes one for each argument it is told of, and imports `shutil` (3 ms) for the width."""
    try:
        columns = int(os.environ.get("COLUMNS", "")) or WIDTH
    except ValueError:
        try:
            columns = os.get_terminal_size(1).columns or WIDTH
        except OSError:
            columns = WIDTH
    return argparse.HelpFormatter(prog, width=columns - 2)
