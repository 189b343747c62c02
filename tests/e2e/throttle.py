"""The limit of calls that all callers of an account share: beyond it AWS answers `Throttling`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from .faults import throttled
from .wire import Answer, Call


class TokenBucket:
    """Lets so many calls through a second, and up to `burst` at once after a pause. A rule for the wire."""

    def __init__(
        self, per_second: float, burst: int = 1, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_second, self._burst, self._clock = per_second, burst, clock
        self._tokens, self._then = float(burst), clock()
        self._lock = threading.Lock()
        self.let_through = 0
        self.refused = 0

    def __call__(self, call: Call) -> Answer | None:
        if call.service not in ("iam", "sns"):
            return None
        with self._lock:
            now = self._clock()
            self._tokens = min(self._burst, self._tokens + (now - self._then) * self._per_second)
            self._then = now
            if self._tokens >= 1:
                self._tokens -= 1
                self.let_through += 1
                return None
            self.refused += 1
        return throttled(call)
