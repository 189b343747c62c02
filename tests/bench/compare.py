"""`make bench`: the sign-in function beside others; sweeps, the core, and a replay.

All functions get the same events, in turn, from the same runtime API, in front of the same emulated AWS. The
tables, the numbers and the picture are written into `docs/`. What is aimed at is in the table, and whether
it is met. Nothing fails for it, since times are those of a machine with other work.
"""

import argparse
import json
import os
import platform
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from tests.e2e.deployment import ROOT
from tests.e2e.emulator import emulator

from .containments import measure
from .core import Timed, core_table
from .core import measured as measured_core
from .over_tls import over_tls
from .picture import picture
from .replay import MEGABYTES, Replayed, in_a_small_process
from .rows import Row, SweptRow, functions_table, rows, sweep_rows, sweeps_table
from .subjects import BARE, OURS, Bench, size_bytes
from .sweep import swept
from .wire import distant

PAGE = ROOT / "docs" / "PERFORMANCE.md"
REPLAY_PAGE = ROOT / "docs" / "TESTING.md"
NUMBERS = ROOT / "docs" / "bench.json"
PICTURE = ROOT / "docs" / "pictures" / "bench.svg"
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


def place(name: str) -> re.Pattern[str]:
    """The part of a page that a command writes."""
    return re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", re.DOTALL)


def write(page: Path, name: str, written: str) -> None:
    """Writes this part of the page anew."""
    changed, count = place(name).subn(lambda _: written, page.read_text("utf-8"))
    if count != 1:
        raise SystemExit(f"docs/{page.name} has no place for {name}.")
    page.write_text(changed, "utf-8")


@dataclass(frozen=True)
class Measured:
    """All that was measured, and where."""

    # As 2026-11-29.
    date: str
    machine: str
    runs: int
    functions: list[Row]
    sweeps: list[SweptRow]
    core: list[Timed]
    replay: Replayed

    @classmethod
    def of(cls, read: dict[str, Any]) -> "Measured":
        """What `as_json` wrote."""
        names = {field.name for field in fields(Row)}
        return cls(
            date=read["date"],
            machine=read["machine"],
            runs=read["runs"],
            functions=[
                Row(**{name: value for name, value in row.items() if name in names})
                for row in read["functions"]
            ],
            sweeps=[SweptRow(**one) for one in read["sweeps"]],
            core=[Timed(**one) for one in read["core"]],
            replay=Replayed.of(read["replay"]),
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "date": self.date,
            "machine": self.machine,
            "runs": self.runs,
            "functions": [row.as_json() for row in self.functions],
            "sweeps": [asdict(one) for one in self.sweeps],
            "core": [one.as_json() for one in self.core],
            "replay": self.replay.as_json(),
        }

    @property
    def made(self) -> str:
        """When, and on what."""
        return f"{datetime.fromisoformat(self.date):%-d %B %Y}, {self.machine}"

    @property
    def in_turn(self) -> str:
        """The same of the functions."""
        return f"{self.made}, medians of {self.runs} runs in turn."

    def parts(self) -> dict[tuple[Path, str], str]:
        """What is written into which part of which page."""
        replay = self.replay
        of_parts = {
            (PAGE, "bench"): [self.in_turn, functions_table(self.functions), sweeps_table(self.sweeps)],
            (PAGE, "core"): [f"{self.made}.", core_table(self.core)],
            (REPLAY_PAGE, "replay"): [f"{self.made}. {replay.archive}", replay.table, replay.of_longest],
        }
        return {
            part: "\n" + "".join(f"{text.strip()}\n\n" for text in texts) for part, texts in of_parts.items()
        }

    def write(self, late: int) -> None:
        """Into the pages, the file and the picture."""
        for (page, name), text in self.parts().items():
            write(page, name, text)
        NUMBERS.write_text(json.dumps(self.as_json() | {"late_answers": late}, indent=2) + "\n", "utf-8")
        rows_ = [row for row in self.functions if row.unit not in ("", "times bare")]
        drawn = [row for row in rows_ if row.what.startswith(DRAWN) and len(row.values) > 1]
        PICTURE.write_text(picture(drawn, self.sweeps, self.core, self.replay, self.in_turn), "utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help="how often each function is started")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="users of the accounts to sweep")
    parser.add_argument("--megabytes", type=int, default=MEGABYTES, help="of the archive to replay")
    parser.add_argument("--dry-run", action="store_true", help="print, and write nothing")
    options = parser.parse_args()
    # First, since it is what can run out of room.
    progress(f"a replay of {options.megabytes} MB")
    replay = in_a_small_process(options.megabytes)
    with tempfile.TemporaryDirectory(prefix="mfa-enforcer-") as folder, emulator() as running:
        with distant(running, MILLISECONDS / 1000) as wire:
            bench = Bench(running.url, Path(folder))
            found = measure(running, wire, bench, options.runs, progress)
        late = wire.late
        progress("endpoints with TLS")
        tls = over_tls(running, bench, Path(folder))
    swept_rows = sweeps(options.sizes)
    progress("the core")
    core = measured_core()
    sizes = {OURS: size_bytes("sign-in"), BARE: size_bytes("bare")}
    functions = rows(found, tls, sizes, MILLISECONDS) + sweep_rows(swept_rows, size_bytes("sweep"))
    machine = f"{os.cpu_count()} cores, {platform.machine()}"
    today = f"{datetime.now(timezone.utc):%Y-%m-%d}"
    found_all = Measured(today, machine, options.runs, functions, swept_rows, core, replay)
    print("".join(found_all.parts().values()))
    print(f"{late} answers of the emulator took longer than {MILLISECONDS} ms.")
    unmet = [row.what for row in functions if row.met is False]
    print(f"Not met: {'; '.join(unmet)}." if unmet else "All targets are met.")
    if not options.dry_run:
        found_all.write(late)
    return 0


if __name__ == "__main__":
    sys.exit(main())
