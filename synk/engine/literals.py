"""Python literals in text, as values; nothing is evaluated."""

import ast
from typing import Any

from synk.engine.tables import Broken

MAX_CHARS = 1 << 20
"""Python's own parser needs a hundred times the text in memory, and recurses."""


def literal(text: str) -> Any:
    """The value of the one literal in `text`: numbers, texts, lists, dicts, tuples, sets, True, False, None.

    Raises:
        Broken: it is something else, such as the repr of an object (`np.int64(3)`), or too long or too deep.
    """
    stripped = text.strip()
    if not stripped:
        raise Broken("there is no output to parse", 1, 1)
    if len(stripped) > MAX_CHARS:
        raise Broken(f"a literal of more than {MAX_CHARS:,} characters", None, None)
    ahead = text[: text.index(stripped)].count("\n")
    try:
        tree = ast.parse(stripped, mode="eval")
    except SyntaxError as error:
        raise Broken(error.msg, (error.lineno or 1) + ahead, error.offset or 1) from error
    except (MemoryError, RecursionError, ValueError) as error:
        raise Broken("nested too deeply, or not text", None, None) from error
    try:
        return ast.literal_eval(tree)
    except ValueError as error:
        node = _first_foreign(tree.body)
        raise Broken(f"{_words(node)} is no literal", node.lineno + ahead, node.col_offset + 1) from error
    except (MemoryError, RecursionError, TypeError) as error:
        raise Broken(str(error) or "nested too deeply", None, None) from error


_ALLOWED = (ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.UnaryOp)


def _first_foreign(node: ast.expr) -> ast.expr:
    """The first part, in reading order, that is no literal."""
    found = [inner for inner in ast.walk(node) if isinstance(inner, ast.expr) and not isinstance(inner, _ALLOWED)]
    return min(found, key=lambda inner: (inner.lineno, inner.col_offset), default=node)


def _words(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 40 else text[:37] + "..."
