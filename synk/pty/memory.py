"""Memory pressure: how much memory is available, and whether the pool should give some back."""

PRESSURE_BELOW = 0.10
CALM_ABOVE = 0.15
"""Higher than `PRESSURE_BELOW`, so that the memory of the ended shells alone does not start them again."""
CALM_FOR_S = 30.0


def available_memory() -> float:
    """MemAvailable as a share of MemTotal (proc_meminfo(5)); 1.0 if it cannot be read."""
    amounts: dict[str, int] = {}
    try:
        with open("/proc/meminfo", "rb") as file:
            for line in file:
                name, _, rest = line.partition(b":")
                if name in (b"MemTotal", b"MemAvailable"):
                    amounts[name.decode()] = int(rest.split()[0])
                    if len(amounts) == 2:
                        return amounts["MemAvailable"] / amounts["MemTotal"]
    except (OSError, ValueError, IndexError, ZeroDivisionError):
        pass
    return 1.0


class MemoryPressure:
    """Starts below `PRESSURE_BELOW`, ends after `CALM_FOR_S` above `CALM_ABOVE`."""

    def __init__(self) -> None:
        self.is_high = False
        self._calm_since: float | None = None

    def observe(self, now: float, available: float) -> None:
        """Take in one measurement, a share from 0 to 1."""
        if available < PRESSURE_BELOW:
            self.is_high = True
        if not self.is_high or available <= CALM_ABOVE:
            self._calm_since = None
        elif self._calm_since is None:
            self._calm_since = now
        elif now - self._calm_since >= CALM_FOR_S:
            self.is_high = False
