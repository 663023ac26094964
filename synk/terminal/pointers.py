"""Shapes of the mouse pointer that a program asks for (OSC 22 as in kitty), with a stack for each screen."""

SHAPES = frozenset(
    {
        "alias",
        "all-scroll",
        "cell",
        "col-resize",
        "copy",
        "crosshair",
        "default",
        "e-resize",
        "ew-resize",
        "grab",
        "grabbing",
        "help",
        "move",
        "n-resize",
        "ne-resize",
        "nesw-resize",
        "no-drop",
        "not-allowed",
        "ns-resize",
        "nw-resize",
        "nwse-resize",
        "pointer",
        "progress",
        "row-resize",
        "s-resize",
        "se-resize",
        "sw-resize",
        "text",
        "vertical-text",
        "w-resize",
        "wait",
        "zoom-in",
        "zoom-out",
    }
)
"""The names of CSS."""
# Names X11 programs use, for xterm's form of OSC 22.
_ALIASES = {"xterm": "text", "left_ptr": "default", "arrow": "default", "hand2": "pointer", "hand1": "grab", "watch": "wait"}
MAX_STACK = 16
"""As kitty; what is deeper is forgotten."""


class Pointers:
    """The stacks; the last entry of one is in force, "" is the window's own choice."""

    def __init__(self) -> None:
        self.stacks: dict[bool, list[str]] = {False: [], True: []}
        """By whether it is that of the alternate screen; entries are of `SHAPES` or ""."""

    def reset(self) -> None:
        """The window's own choice on both screens."""
        self.stacks = {False: [], True: []}

    def of(self, is_alternate: bool) -> str:
        """The shape in force."""
        stack = self.stacks[is_alternate]
        return stack[-1] if stack else ""

    def run(self, is_alternate: bool, request: str) -> str | None:
        """Carry out the payload of OSC 22: `=` or no prefix sets, `>` pushes, `<` pops, `?` asks; returns the answer."""
        operation, names = (request[:1], request[1:]) if request[:1] in ("=", ">", "<", "?") else ("=", request)
        shapes = [_ALIASES.get(name, name) for name in names.split(",")[:MAX_STACK]]
        stack = self.stacks[is_alternate]
        if operation == "?":
            return "22;" + ",".join([self._answer(is_alternate, shape) for shape in shapes])
        if operation == "<":
            del stack[-1:]
        elif operation == "=":
            stack[-1:] = [shapes[0] if shapes[0] in SHAPES else ""]
        else:
            stack += [shape if shape in SHAPES else "" for shape in shapes]
            del stack[:-MAX_STACK]
        return None

    def _answer(self, is_alternate: bool, shape: str) -> str:
        if shape == "__current__":
            return self.of(is_alternate) or "0"
        if shape in ("__default__", "__grabbed__"):
            return "text" if shape == "__default__" else "default"
        return "1" if shape in SHAPES else "0"
