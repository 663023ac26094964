"""L3 and L4: how long a new session takes to its prompt, with and without a warm shell, beside tmux and a bare login shell.

A real window on Xvfb; `n` and Enter come through the X test extension, and the clock stops at the first pixel of the
prompt's color in the new pane. One other session stays open, so each new one also reflows the grid. Before each run the
pool is at rest with two idle shells or more (the recycled shell of the run before counts). bash has a start-up file of
300 ms. tmux (`new-window`, up to the prompt on its client's terminal: nothing is painted) and `bash -l` (up to the prompt
on its terminal) run in turn with Synk.
"""

from dataclasses import dataclass, field

from measure import WARM_UPS, Limit, Options, Row, latency, median, percentile
from rivals import BareShell, Tmux
from stage import PROMPT_COLOR, Stage, staged
from xserver import Point, XServer, color_bytes

IDS = ("L3", "L4")
TIMES_FASTER = 5
"""Issue 2: a warm session is at least so many times faster than tmux and than a bare login shell."""
FOCUS_COLOR = "#3fb950"
"""Border of the pane that has the keyboard (resources/themes)."""


@dataclass(slots=True)
class Times:
    """Milliseconds of each run."""

    card: list[float] = field(default_factory=list)
    """`n` to the card with the question for the agent."""
    pane: list[float] = field(default_factory=list)
    """Enter to the border of the new pane."""
    prompt: list[float] = field(default_factory=list)
    """Enter to the prompt."""
    both: list[float] = field(default_factory=list)
    """`n` to card, and Enter to prompt: what Synk makes the user wait."""
    tmux: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)


def run(options: Options, wanted: set[str]) -> list[Row]:
    """Both rows, and those of the comparison."""
    rows: list[Row] = []
    if "L3" in wanted:
        times = _measure({}, options.runs(), with_tmux=True)
        rows += [
            latency("L3", "new session, warm shell: Enter to prompt painted", times.prompt, p95=100),
            latency("L3", "... n to card, and Enter to prompt", times.both),
            latency("L3", "tmux new-window to prompt, same start-up file", times.tmux),
            latency("L3", "bash -l to prompt, same start-up file", times.bare),
            _ratio("tmux new-window / Synk n+Enter", times.tmux, times.both),
            _ratio("bash -l / Synk n+Enter", times.bare, times.both),
        ]
    if "L4" in wanted:
        times = _measure({"performance.initial_pool_size": 0}, options.runs(), with_tmux=False)
        own = median(times.bare)
        beyond = [prompt - own for prompt in times.prompt]
        rows += [
            latency("L4", "new session, no warm shell: Enter to pane", times.pane, p95=100),
            latency("L4", "... to prompt, beyond a bare shell's own start", beyond, p95=200, note=f"bash -l p50 {own:.0f} ms"),
        ]
    return rows


def _ratio(what: str, slow: list[float], fast: list[float]) -> Row:
    values = {"of medians": median(slow) / median(fast), "of p95": percentile(sorted(slow), 95) / percentile(sorted(fast), 95)}
    return Row("L3", what, "times", values, [Limit("of medians", TIMES_FASTER, is_floor=True)])


def _measure(settings: dict[str, object], runs: int, *, with_tmux: bool) -> Times:
    times = Times()
    with staged(settings=settings) as stage:
        screen = stage.open_window()
        opener = Opener(stage, screen)
        bare = BareShell(stage.environment)
        tmux = Tmux(stage.environment, stage.base) if with_tmux else None
        try:
            for index in range(runs + WARM_UPS):
                sample = opener.open_and_close()
                others = (tmux.new() if tmux is not None else 0.0, bare.new())
                if index >= WARM_UPS:
                    for samples, value in zip((times.card, times.pane, times.prompt), sample, strict=True):
                        samples.append(value)
                    times.both.append(sample[0] + sample[2])
                    times.tmux.append(others[0])
                    times.bare.append(others[1])
        finally:
            if tmux is not None:
                tmux.close()
    return times


class Opener:
    """Opens and closes a second session, after it has found out where its card, pane and prompt appear."""

    def __init__(self, stage: Stage, screen: XServer) -> None:
        self._stage, self._screen = stage, screen
        stage.ctl("do", line="session.again")
        stage.wait_text(1, r"ready\$")
        self._to_navigation()
        before = screen.settle()
        screen.key("n")
        self._card = self._new_point(before, screen.settle(), color=None)
        screen.key("enter")
        stage.wait_text(2, r"ready\$")
        after = screen.settle()
        self._pane = self._new_point(before, after, color=color_bytes(FOCUS_COLOR))
        self._prompt = self._new_point(before, after, color=color_bytes(PROMPT_COLOR))
        self._close()

    def open_and_close(self) -> tuple[float, float, float]:
        """Milliseconds to card, pane and prompt."""
        screen = self._screen
        self._stage.wait_warm()
        screen.settle(0.05)
        started = screen.key("n")
        card = (self._seen(self._card, "the card") - started) * 1000
        screen.settle(0.05)
        started = screen.key("enter")
        pane = (self._seen(self._pane, "the new pane") - started) * 1000
        prompt = (self._seen(self._prompt, "the prompt") - started) * 1000
        self._close()
        return card, pane, prompt

    def _seen(self, wanted: tuple[Point, bytes], what: str) -> float:
        return self._screen.wait_points([wanted[0]], [wanted[1]], what=what)

    def _close(self) -> None:
        self._to_navigation()
        self._screen.key("x")
        self._screen.wait(lambda: len(self._stage.ctl("list")["sessions"]) == 1, what="one session")
        self._screen.settle(0.1)

    def _to_navigation(self) -> None:
        self._screen.settle(0.05)
        self._screen.key("ctrl+shift+escape")
        self._screen.wait(lambda: self._stage.ctl("list")["mode"] == "navigation", what="navigation mode")

    def _new_point(self, before: bytes, after: bytes, *, color: bytes | None) -> tuple[Point, bytes]:
        """A pixel near the end of what changed (of one color), which is painted last if anything is."""
        for at in range(len(after) - 4, -4, -4):
            pixel = after[at : at + 3]
            if pixel != before[at : at + 3] and (color is None or pixel == color):
                return (at // 4 % self._screen.width, at // 4 // self._screen.width), pixel
        raise AssertionError("nothing changed")
