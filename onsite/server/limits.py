"""How often a hand-in may be tried. Generous: fifty people in a room share one address and hand in together."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """A token bucket: `burst` at once, then `per_second`."""

    burst: int
    per_second: float


ONE_ADDRESS = Rate(burst=120, per_second=1.0)
ALL_ADDRESSES = Rate(burst=600, per_second=10.0)
_MANY = 10_000


class RateLimit:
    """Counts requests by address and in all; forgets addresses that have been quiet."""

    def __init__(
        self,
        each: Rate = ONE_ADDRESS,
        total: Rate = ALL_ADDRESSES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._each, self._total, self._clock = each, total, clock
        self._level: dict[str, tuple[float, float]] = {}

    def wait(self, address: str) -> int:
        """Take one request from `address`: 0 when it may go on, otherwise the whole seconds to wait first."""
        now = self._clock()
        if len(self._level) > _MANY:
            self._level = {a: (level, at) for a, (level, at) in self._level.items() if now - at < 600}
        short = max(
            self._missing("", self._total, now),
            self._missing(address, self._each, now),
        )
        if short > 0:
            return int(short) + 1
        for name, rate in (("", self._total), (address, self._each)):
            self._level[name] = (self._available(name, rate, now) - 1, now)
        return 0

    def _available(self, name: str, rate: Rate, now: float) -> float:
        level, at = self._level.get(name, (float(rate.burst), now))
        return min(rate.burst, level + (now - at) * rate.per_second)

    def _missing(self, name: str, rate: Rate, now: float) -> float:
        return max(0.0, 1 - self._available(name, rate, now)) / rate.per_second
