"""The rows of `make bench`: what each subject has, what is aimed at, and whether it is met."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .containments import Measured
from .over_tls import OverTls
from .subjects import ACTING, BARE, NAMES, OURS, SUBJECTS
from .tables import shown, table


@dataclass(frozen=True)
class Row:
    """One line of the table. `values` has a number for each subject that can have one."""

    what: str
    unit: str
    values: dict[str, float]
    # Ours may be no more.
    target: float | None = None
    # Digits after the point.
    digits: int = 0

    @property
    def met(self) -> bool | None:
        """Whether ours is what is aimed at, by the numbers as they are shown."""
        return None if self.target is None else round(self.values[OURS], self.digits) <= self.target

    def as_json(self) -> dict[str, Any]:
        rounded = {name: round(value, self.digits) for name, value in self.values.items()}
        return {**asdict(self), "values": rounded, "met": self.met}

    def cells(self) -> list[str]:
        """As the table has it."""
        unit = f", {self.unit}" if self.unit else ""
        values = [shown(self.values.get(name), self.digits) for name in SUBJECTS]
        target = "" if self.target is None else f"at most {self.target:g}"
        met = {True: "yes", False: "**no**", None: ""}[self.met]
        return [self.what + unit, *values, target, met]


def ratios(found: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """How many times the bare function each is, run by run, and of these the median."""
    return {
        name: statistics.median(one / bare for one, bare in zip(values, found[BARE], strict=True))
        for name, values in found.items()
    }


def rows(
    found: Mapping[str, Measured], tls: OverTls, sizes: Mapping[str, int], milliseconds: int
) -> list[Row]:
    """What was measured of the functions."""
    start, ignored = ({name: getattr(found[name], what) for name in found} for what in ("start", "ignored"))
    each = {
        what: {
            name: statistics.median(getattr(one, what)) for name, one in found.items() if getattr(one, what)
        }
        for what in ("start", "peak", "cold", "warm", "cpu", "ignored")
    }
    trips = {name: found[name].trips for name in ACTING}
    new_topic = found[OURS].trips_of_new_topic[1]
    away = f"{milliseconds} ms a call"
    return [
        Row("start until it asks for an event", "times bare", ratios(start), 1.5, 2),
        Row("start until it asks for an event", "ms", _times(each["start"], 1000), None, 1),
        Row("peak memory after containments and 30 ignored events", "MiB", each["peak"], 8, 1),
        Row("binary that is deployed", "MB", _times(sizes, 1e-6), 7, 1),
        Row("round trips to containment", "", {name: trips[name][0] for name in ACTING}, 2),
        Row("round trips to the end", "", {name: trips[name][1] for name in ACTING}, 6),
        Row("round trips to the end, where the user's topic is new", "", {OURS: new_topic}, 7),
        Row("calls of AWS", "", {name: found[name].calls for name in ACTING}),
        Row(f"event to the end, {away}, cold", "ms", _times(each["cold"], 1000), 400),
        Row(f"event to the end, {away}, warm", "ms", _times(each["warm"], 1000), 400),
        Row("handshakes that the first event waits for", "", {OURS: tls.handshakes}, 0),
        Row("CPU time of a warm containment", "ms", {OURS: tls.cpu_seconds * 1000}, 3, 1),
        Row("CPU time of a warm containment, without TLS", "ms", _times(each["cpu"], 1000), None, 1),
        Row("an ignored event, warm", "times bare", ratios(ignored), 1, 2),
        Row("an ignored event, warm", "ms", _times(each["ignored"], 1000), None, 2),
    ]


def _times(values: Mapping[str, float], factor: float) -> dict[str, float]:
    return {name: value * factor for name, value in values.items()}


@dataclass(frozen=True)
class SweptRow:
    """What sweeps of an account of this size took."""

    users: int
    acted_on: int
    daily_calls: int
    daily_seconds: float
    hourly_calls: int
    hourly_seconds: float
    peak_mib: float


def sweep_rows(swept: Sequence[SweptRow], size: int) -> list[Row]:
    """What is aimed at for the largest account."""
    largest = swept[-1]
    users = f"{largest.users:,} users"
    return [
        Row("binary of the sweep", "MB", {OURS: size / 1e6}, 9, 1),
        Row(
            f"calls of an hourly sweep of {users} where nothing changed", "", {OURS: largest.hourly_calls}, 9
        ),
        Row(f"peak memory of a sweep of {users}", "MiB", {OURS: largest.peak_mib}, 64, 1),
    ]


def functions_table(found: Sequence[Row]) -> str:
    head = ["", *(NAMES[name] for name in SUBJECTS), "target", "met"]
    return table(head, [row.cells() for row in found])


def sweeps_table(swept: Sequence[SweptRow]) -> str:
    head = [
        "users",
        "acted on",
        "daily: calls",
        "seconds",
        "hourly: calls",
        "seconds",
        "peak MiB",
        "times the first",
    ]
    first = swept[0].peak_mib
    return table(
        head,
        [
            [
                f"{one.users:,}",
                f"{one.acted_on}",
                f"{one.daily_calls:,}",
                f"{one.daily_seconds:.1f}",
                f"{one.hourly_calls}",
                f"{one.hourly_seconds:.1f}",
                f"{one.peak_mib:.1f}",
                f"{one.peak_mib / first:.2f}",
            ]
            for one in swept
        ],
    )
