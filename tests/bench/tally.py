"""What a suite of scripts was found to expect, and what did not come."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """Of all scripts of a suite."""

    checked: int = 0
    failures: list[str] = field(default_factory=list)
    """Where, what was expected and what came."""

    def check(self, place: str, wanted: str, got: str) -> None:
        """Compare the two and remember the outcome."""
        self.checked += 1
        if wanted != got:
            self.failures.append(f"{place}: {wanted!r} expected, {got!r} came")
