"""`make bench`: the sign-in function beside a bare one, boto3 and Cloud Custodian; and sweeps.

All get the same events, in turn, from the same runtime API, in front of the same emulated AWS. The table, the
numbers and the picture are written into `docs/`. What is aimed at is in the table, and whether it is met.
Nothing fails for it, since times are those of a machine with other work.
"""

import argparse
import json
import os
import platform
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path

from tests.e2e.deployment import ROOT
from tests.e2e.emulator import emulator

from .containments import measure
from .over_tls import over_tls
from .picture import picture
from .rows import Row, SweptRow, functions_table, rows, sweep_rows, sweeps_table
from .subjects import BARE, OURS, Bench, size_bytes
from .sweep import swept
from .wire import distant

PAGE = ROOT / "docs" / "PERFORMANCE.md"
NUMBERS = ROOT / "docs" / "bench.json"
PICTURE = ROOT / "docs" / "pictures" / "bench.svg"
MARKED = re.compile(r"(?<=<!-- bench -->\n).*?(?=<!-- /bench -->)", re.DOTALL)
# About what a call to IAM takes.
MILLISECONDS = 60
RUNS = 15
SIZES = (500, 1000, 5000)
# What the picture shows.
DRAWN = ("start", "peak memory", "event to the end", "CPU time")


def progress(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


def sweeps(sizes: Sequence[int]) -> list[SweptRow]:
    found = []
    for users in sizes:
        progress(f"a sweep of {users:,} users")
        one = swept(users)
        if one.lost or one.peak_kib is None:
            raise SystemExit(f"{len(one.lost)} users were lost in a sweep of {users}.")
        daily = one.daily[-1]
        acted = ("contained", "repaired", "released", "told")
        found.append(
            SweptRow(
                users=users,
                acted_on=sum(daily.figures.get(change, 0) for change in acted),
                daily_calls=len(daily.calls),
                daily_seconds=daily.seconds,
                hourly_calls=len(one.hourly.calls),
                hourly_seconds=one.hourly.seconds,
                peak_mib=one.peak_kib / 1024,
            )
        )
    return found


def page(text: str, functions: Sequence[Row], swept_rows: Sequence[SweptRow], made: str) -> str:
    """The page with what was measured now."""
    written = f"\n{made}\n\n{functions_table(functions)}\n{sweeps_table(swept_rows)}\n"
    changed, count = MARKED.subn(lambda _: written, text)
    if count != 1:
        raise SystemExit("docs/PERFORMANCE.md has no place for the benchmarks.")
    return changed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help="how often each function is started")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="users of the accounts to sweep")
    parser.add_argument("--dry-run", action="store_true", help="print, and write nothing")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mfa-enforcer-") as folder, emulator() as running:
        with distant(running, MILLISECONDS / 1000) as wire:
            bench = Bench(running.url, Path(folder))
            found = measure(running, wire, bench, options.runs, progress)
        late = wire.late
        progress("endpoints with TLS")
        tls = over_tls(running, bench, Path(folder))
    swept_rows = sweeps(options.sizes)
    sizes = {OURS: size_bytes("sign-in"), BARE: size_bytes("bare")}
    functions = rows(found, tls, sizes, MILLISECONDS) + sweep_rows(swept_rows, size_bytes("sweep"))
    machine = f"{os.cpu_count()} cores, {platform.machine()}"
    now = datetime.now(timezone.utc)
    made = f"{now:%-d %B %Y}, {machine}, medians of {options.runs} runs in turn."
    print(functions_table(functions))
    print(sweeps_table(swept_rows))
    print(f"{made} {late} answers of the emulator took longer than {MILLISECONDS} ms.")
    unmet = [row.what for row in functions if row.met is False]
    print(f"Not met: {'; '.join(unmet)}." if unmet else "All targets are met.")
    if options.dry_run:
        return 0
    numbers = {
        "date": f"{now:%Y-%m-%d}",
        "machine": machine,
        "runs": options.runs,
        "late_answers": late,
        "functions": [row.as_json() for row in functions],
        "sweeps": [asdict(one) for one in swept_rows],
    }
    PAGE.write_text(page(PAGE.read_text("utf-8"), functions, swept_rows, made), "utf-8")
    NUMBERS.write_text(json.dumps(numbers, indent=2) + "\n", "utf-8")
    drawn = [row for row in functions if row.unit not in ("", "times bare") and row.what.startswith(DRAWN)]
    PICTURE.write_text(picture([row for row in drawn if len(row.values) > 1], swept_rows, made), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
