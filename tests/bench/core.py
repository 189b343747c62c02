"""How the core reads an event, decides and renders the messages: time, and what is allocated.

The benchmark is `shared/core/benches/events.rs`. This runs it, and reads what it prints.
"""

import itertools
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from tests.e2e.deployment import ROOT

from .tables import shown, table

COMMAND = ["cargo", "bench", "--quiet", "--package", "mfa-enforcer-core", "--bench", "events", "--locked"]
STEPS = ("read", "decide", "render")
MICROSECONDS = {"ns": 1e-3, "µs": 1.0, "ms": 1e3, "s": 1e6}
# A line of the tree that divan prints: how deep it is, and what it says.
BRANCH = re.compile(r"^(?P<depth>(?:[│ ]  )*)[├╰]─ (?P<rest>.+)$")


@dataclass(frozen=True)
class Timed:
    """One step with one event."""

    step: str
    event: str
    # The median.
    microseconds: float
    allocations: int

    def as_json(self) -> dict[str, object]:
        """For bench.json."""
        return {
            "step": self.step,
            "event": self.event,
            "microseconds": round(self.microseconds, 1),
            "allocations": self.allocations,
        }


class Unreadable(ValueError):
    """The benchmark has not printed what is read here."""


def timed(printed: str) -> list[Timed]:
    """What divan printed."""
    found = list(_timed(printed.splitlines()))
    if not found:
        raise Unreadable("no benchmark in what was printed")
    return found


def _timed(lines: list[str]) -> Iterator[Timed]:
    step = ""
    for number, line in enumerate(lines):
        branch = BRANCH.match(line)
        if branch is None:
            continue
        cells = [cell.strip() for cell in branch["rest"].split("│")]
        name, _, fastest = (part.strip() for part in cells[0].partition("  "))
        if not branch["depth"]:
            step = name
            continue
        if not fastest or len(cells) < 3:
            raise Unreadable(f"no times of {step}, {name}: {line}")
        yield Timed(step, name, _microseconds(cells[2]), _allocations(lines[number + 1 :], f"{step}, {name}"))


def _microseconds(text: str) -> float:
    value, _, unit = text.partition(" ")
    if unit not in MICROSECONDS:
        raise Unreadable(f"not a time: {text!r}")
    return float(value) * MICROSECONDS[unit]


def _allocations(rest: list[str], of: str) -> int:
    """The count below the next `alloc:`. Allocations that grew later are counted once."""
    of_this = itertools.takewhile(lambda line: not BRANCH.match(line), rest)
    plain = (line.strip("│ ") for line in of_this)
    for line in plain:
        if line.split("│")[0].strip() == "alloc:":
            return int(next(plain).split("│")[0])
    # divan leaves out what is zero.
    raise Unreadable(f"no allocations of {of}")


def measured() -> list[Timed]:
    """Runs the benchmark, which is compiled if need be."""
    done = subprocess.run(COMMAND, cwd=ROOT, check=True, capture_output=True, text=True)
    return timed(done.stdout)


def core_table(found: list[Timed]) -> str:
    """A line for each event, in Markdown."""
    lines = []
    for event in dict.fromkeys(one.event for one in found):
        of_event = {one.step: one for one in found if one.event == event}
        times = [of_event.get(step) for step in STEPS]
        cells = ["" if one is None else shown(one.microseconds, 1) for one in times]
        lines.append([event, *cells, f"{sum(one.allocations for one in of_event.values()):,}"])
    return table(["median, µs", *STEPS, "allocations"], lines)
