"""`make bench`: a sweep of the largest account that IAM allows, without a throttle and with one.

The function runs by itself, as Lambda runs it, against the emulated AWS. Everything is printed, and nothing
is judged but one thing: that nobody was lost.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path

from tests.e2e import samples
from tests.e2e.answer import Answer
from tests.e2e.deployment import ROOT
from tests.e2e.emulator import Emulator, emulator
from tests.e2e.faults import TokenBucket
from tests.e2e.harness import SWEEP
from tests.e2e.mailbox import collect
from tests.e2e.people import LARGEST_CROWD, crowd
from tests.e2e.proxy import Call
from tests.e2e.runtime_api import Bootstrap, bootstrap
from tests.e2e.story import BULK

# How often Lambda runs an event that fails.
RUNS = 3
PER_SECOND = 10


def binary() -> Path:
    """The function as it was built last: for release if it was built so at all."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    built = (target / place for place in ("lambda/sweep/bootstrap", "release/sweep", "debug/sweep"))
    found = next((path for path in built if path.exists()), None)
    if found is None:
        raise SystemExit(f"no binary below {target}; `cargo build --release --bin sweep` makes one")
    return found


def measure(title: str, count: int, function: Path, bucket: TokenBucket | None) -> bool:
    """Sweeps until a run finishes, as Lambda does, and says what it took. Whether nobody was lost."""
    print(f"\n{title}")
    with tempfile.TemporaryDirectory(prefix="mfa-enforcer-") as folder, emulator() as running:
        account, log = running.account, Path(folder) / "log"
        account.fill(crowd(count))
        with (
            bootstrap(function, running.url, log) as process,
            running.proxy.rule(bucket) if bucket else nullcontext(),
        ):
            _runs(process, running)
            peak = process.peak_memory_kib()
        _say("peak memory", f"{peak / 1024:.1f} MiB" if peak else "this system does not tell")
        _say("log", f"{log.stat().st_size / 1024:.0f} KiB")
        if bucket is not None:
            _say("let through, refused", f"{bucket.passed}, {bucket.refused}")
        overdue = [user for user in account.users().values() if user.posture == "overdue"]
        lost = [user for user in overdue if user.is_lost]
        told = Counter(message.label for message in collect() if message.audience == "user")
        _say("overdue users", f"{len(overdue)}: {len(overdue) - len(lost)} contained, tagged and told")
        _say("told more than once", str(sum(1 for times in told.values() if times > 1)))
        return not lost


def _runs(process: Bootstrap, running: Emulator) -> None:
    payload = json.dumps(samples.fresh(SWEEP)).encode()
    for run in range(1, RUNS + 1):
        mark, began = running.proxy.mark(), time.monotonic()
        answer = process.invoke("sweep", payload)
        _say(f"run {run}", f"{time.monotonic() - began:.1f} s, {answer}")
        _calls(running.proxy.since(mark), answer)
        if answer.report:
            return


def _calls(calls: Iterable[Call], answer: Answer) -> None:
    bulk, single = Counter[str](), Counter[str]()
    for call in calls:
        (bulk if call.action in BULK else single)[call.name] += 1
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
    parser.add_argument("--users", type=int, default=LARGEST_CROWD, help="how many users the account has")
    parser.add_argument("--per-second", type=float, default=PER_SECOND, help="calls that the throttle allows")
    options = parser.parse_args()
    function = binary()
    shown = "/".join(function.parts[-3:])
    print(f"{options.users} users, {shown}. The emulator shares the machine with the function.")
    bucket = TokenBucket(options.per_second, burst=int(options.per_second))
    slowly = f"With {options.per_second:g} calls a second, and `Throttling` beyond"
    unhindered = measure("Without a throttle", options.users, function, None)
    throttled = measure(slowly, options.users, function, bucket)
    print("\nNobody was lost." if unhindered and throttled else "\nSOMEBODY WAS LOST, see above.")
    return 0 if unhindered and throttled else 1


if __name__ == "__main__":
    sys.exit(main())
