"""`make bench`: a sweep of the largest account that IAM allows, without a throttle and with one.

The function runs by itself, as Lambda runs it, against the emulated AWS. Everything is printed, and nothing
is judged but one thing: that nobody was lost.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.e2e import sweeping
from tests.e2e.answer import Answer
from tests.e2e.crowd import USERS, fill, outcome
from tests.e2e.deployment import ROOT
from tests.e2e.emulator import Emulator
from tests.e2e.runtime_api import Bootstrap
from tests.e2e.sweep_story import BULK
from tests.e2e.throttle import TokenBucket
from tests.e2e.wire import Call

# How often Lambda runs an event that fails.
RUNS = 3
PER_SECOND = 10


def binary() -> Path:
    """The function as it was built last: for release if it was built so at all."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    for found in (
        target / "lambda" / "sweep" / "bootstrap",
        *(target / kind / "sweep" for kind in ("release", "debug")),
    ):
        if found.exists():
            return found
    raise SystemExit(f"no binary below {target}; `cargo build --release --bin sweep` makes one")


def measure(title: str, count: int, function: Path, bucket: TokenBucket | None) -> bool:
    """Sweeps until a run finishes, as Lambda does, and says what it took. Whether nobody was lost."""
    print(f"\n{title}")
    with tempfile.TemporaryDirectory(prefix="mfa-enforcer-") as folder, Emulator() as emulator:
        fill(emulator, count)
        log = Path(folder) / "log"
        with Bootstrap(function, emulator.url, log) as process:
            if bucket is None:
                _runs(process, emulator)
            else:
                with emulator.wire.rule(bucket):
                    _runs(process, emulator)
            peak = process.peak_memory_kib()
        _say("peak memory", f"{peak / 1024:.1f} MiB" if peak else "this system does not tell")
        _say("log", f"{log.stat().st_size / 1024:.0f} KiB")
        if bucket is not None:
            _say("let through, refused", f"{bucket.let_through}, {bucket.refused}")
        end = outcome(emulator)
        _say(
            "overdue users", f"{end.overdue}: {end.contained} contained, {end.tagged} tagged, {end.told} told"
        )
        _say("told more than once", str(end.told_again))
        return end.nobody_is_lost


def _runs(process: Bootstrap, emulator: Emulator) -> None:
    payload = sweeping.order("rule")
    for run in range(1, RUNS + 1):
        mark, began = emulator.wire.mark(), time.monotonic()
        answer = process.invoke(payload)
        took = time.monotonic() - began
        _say(f"run {run}", f"{took:.1f} s, {answer}")
        _calls(emulator.wire.since(mark), answer)
        if answer.report:
            return


def _calls(calls: list[Call], answer: Answer) -> None:
    bulk = Counter(call.name for call in calls if call.action in BULK)
    single = Counter(call.name for call in calls if call.action not in BULK)
    _say("calls for all", f"{bulk.total()}: {_listed(bulk)}")
    figures = answer.report.get("sweep", {})
    acted = sum(figures.get(deed, 0) for deed in ("contained", "repaired", "released", "told"))
    average = f", {single.total() / acted:.1f} for each of {acted} users acted on" if acted else ""
    _say("calls for users", f"{single.total()}{average}: {_listed(single)}")


def _listed(calls: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(calls.items()))


def _say(what: str, text: str) -> None:
    print(f"  {what:<22}{text}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=USERS, help="how many users the account has")
    parser.add_argument("--per-second", type=float, default=PER_SECOND, help="calls that the throttle allows")
    options = parser.parse_args()
    function = binary()
    shown = (
        function.relative_to(ROOT)
        if function.is_relative_to(ROOT)
        else f".../{'/'.join(function.parts[-3:])}"
    )
    print(f"{options.users} users, {shown}. The emulator shares the machine with the function.")
    unhindered = measure("Without a throttle", options.users, function, None)
    bucket = TokenBucket(options.per_second, burst=int(options.per_second))
    throttled = measure(
        f"With {options.per_second:g} calls a second, and `Throttling` beyond",
        options.users,
        function,
        bucket,
    )
    if not (unhindered and throttled):
        print("\nSOMEBODY WAS LOST, see above.")
        return 1
    print("\nNobody was lost.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
