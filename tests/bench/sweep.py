"""`make bench-sweep`: a sweep of the largest account that IAM allows, without a throttle and with one.

The function runs by itself, as Lambda runs it, against the emulated AWS. Everything is printed, and only one
thing is judged: that nobody was lost.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from werkzeug.wrappers import Response

from tests.e2e.account import UserState
from tests.e2e.emulator import emulator
from tests.e2e.faults import throttled
from tests.e2e.harness import Harness, Observation
from tests.e2e.people import crowd
from tests.e2e.proxy import Call, Forward
from tests.e2e.runtime_api import bootstrap

PER_SECOND = 10
# IAM's quota of users in an account.
USERS = 5000
# More calls a second than any machine makes.
UNLIMITED = 1_000_000


class TokenBucket:
    """The limit that all callers of an account share: so many calls a second, and as many at once."""

    def __init__(self, per_second: float) -> None:
        self._per_second, self._tokens = per_second, per_second
        self._then = time.monotonic()
        self._lock = threading.Lock()
        self.passed = self.refused = 0

    def __call__(self, call: Call, forward: Forward) -> Response:
        with self._lock:
            now = time.monotonic()
            self._tokens = min(self._per_second, self._tokens + (now - self._then) * self._per_second)
            self._then = now
            passes = self._tokens >= 1
            self._tokens -= passes
            self.passed += passes
            self.refused += not passes
        return forward(call) if passes else throttled(call, forward)


@dataclass(frozen=True)
class Swept:
    """A daily sweep of an account, as often as Lambda has to run it, and an hourly one after it."""

    daily: list[Observation]
    hourly: Observation
    bucket: TokenBucket
    peak_kib: int | None
    log_bytes: int

    @property
    def overdue(self) -> list[UserState]:
        """Who is overdue in the end."""
        return [user for user in self.daily[-1].after.values() if user.posture == "overdue"]

    @property
    def lost(self) -> list[UserState]:
        """Of them, who is not contained, tagged and told."""
        return [user for user in self.overdue if user.is_lost]


def swept(count: int, per_second: float = UNLIMITED) -> Swept:
    """Sweeps a new account until a run succeeds, as Lambda does, and once more an hour later."""
    bucket = TokenBucket(per_second)
    with tempfile.TemporaryDirectory(prefix="mfa-enforcer-") as folder, emulator() as running:
        log = Path(folder) / "log"
        running.account.fill(crowd(count))
        with bootstrap("release", running.url, log, MAX_QUARANTINES="0") as sweep, running.proxy.rule(bucket):
            account = Harness(running, sweep.invoke)
            runs = account.sweep_until_done()
            hourly = account.sweep_hourly()
            peak = peak_memory_kib(sweep.process.pid)
        return Swept(runs, hourly, bucket, peak, log.stat().st_size)


def measure(title: str, count: int, per_second: float) -> bool:
    """Says what the sweeps took. Returns whether nobody was lost."""
    print(f"\n{title}")
    found = swept(count, per_second)
    for number, run in enumerate(found.daily, 1):
        _say_run(f"daily, run {number}", run)
    _say_run("hourly, after that", found.hourly)
    peak = found.peak_kib
    say("peak memory", f"{peak / 1024:.1f} MiB" if peak else "this system does not tell")
    say("log", f"{found.log_bytes / 1024:.0f} KiB")
    say("let through, refused", f"{found.bucket.passed}, {found.bucket.refused}")
    done = len(found.overdue) - len(found.lost)
    told = Counter(label for run in found.daily for label in run.told)
    say("overdue users", f"{len(found.overdue)}: {done} contained, tagged and told")
    say("told more than once", str(sum(1 for times in told.values() if times > 1)))
    return not found.lost


def _say_run(title: str, run: Observation) -> None:
    bulk, single = run.bulk_calls, run.single_calls
    say(title, f"{run.seconds:.1f} s, {run.answer}")
    say("calls for all", f"{bulk.total()}: {listed(bulk)}")
    acted = sum(run.figures.get(change, 0) for change in ("contained", "repaired", "released", "told"))
    average = f", {single.total() / acted:.1f} for each of {acted} users acted on" if acted else ""
    say("calls for users", f"{single.total()}{average}: {listed(single)}")


def listed(calls: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(calls.items()))


def peak_memory_kib(process: int) -> int | None:
    """The most memory that a process ever held; none where the system does not tell."""
    with suppress(OSError):
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
        return int(status.partition("VmHWM:")[2].split()[0])
    return None


def say(what: str, text: str) -> None:
    print(f"  {what:<22}{text}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=USERS, help="how many users the account has")
    parser.add_argument("--per-second", type=float, default=PER_SECOND, help="calls that the throttle allows")
    options = parser.parse_args()
    print(f"{options.users} users. The emulator shares the machine with the function.")
    slowly = f"With {options.per_second:g} calls a second, and `Throttling` beyond"
    unhindered = measure("Without a throttle", options.users, UNLIMITED)
    hindered = measure(slowly, options.users, options.per_second)
    print("\nNobody was lost." if unhindered and hindered else "\nSOMEBODY WAS LOST, see above.")
    return 0 if unhindered and hindered else 1


if __name__ == "__main__":
    sys.exit(main())
