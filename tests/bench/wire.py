"""The emulated AWS at a distance: every answer takes a fixed time, and every call is taken down."""

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from werkzeug.wrappers import Response

from tests.e2e.emulator import Emulator
from tests.e2e.proxy import Call, Forward, Rule

# What brings a user under quarantine.
CONTAINMENT = "iam:AttachUserPolicy"


@dataclass(frozen=True)
class Seen:
    """A call, when it arrived, and when its answer was sent."""

    name: str
    arrived: float
    answered: float


@dataclass
class Wire:
    """A rule in front of all others: an answer is sent this long after its call came, or later."""

    behind: Rule
    seconds: float = 0
    seen: list[Seen] = field(default_factory=list)
    # How often the emulator was slower.
    late: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __call__(self, call: Call, forward: Forward) -> Response:
        arrived = time.perf_counter()
        response = self.behind(call, forward)
        left = arrived + self.seconds - time.perf_counter()
        if left > 0:
            time.sleep(left)
        with self._lock:
            self.late += left < 0
            self.seen.append(Seen(call.name, arrived, time.perf_counter()))
        return response

    def take(self) -> list[Seen]:
        """The calls since the last time."""
        with self._lock:
            seen, self.seen = self.seen, []
        return seen


def depths(seen: Iterable[Seen]) -> list[tuple[int, str]]:
    """Of each call, how many answers had to be awaited one after the other until its own was there."""
    found: list[tuple[int, Seen]] = []
    for call in sorted(seen, key=lambda call: call.arrived):
        before = [depth for depth, other in found if other.answered <= call.arrived]
        found.append((1 + max(before, default=0), call))
    return [(depth, call.name) for depth, call in found]


def round_trips(seen: Iterable[Seen]) -> tuple[int, int]:
    """Round trips until the user is contained, and until all is over."""
    found = depths(seen)
    return (
        next(depth for depth, name in found if name == CONTAINMENT),
        max(depth for depth, _ in found),
    )


@contextmanager
def distant(running: Emulator, seconds: float) -> Iterator[Wire]:
    """Moves the emulated AWS away for a while."""
    proxy = running.proxy
    before = proxy._witness
    wire = Wire(before, seconds)
    proxy._witness = wire
    try:
        yield wire
    finally:
        proxy._witness = before
