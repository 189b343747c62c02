"""Which function each sample event reaches, event by event.

python -m tests.stack.pattern_table
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .emulated import deployed
from .reading import Sample, samples
from .routing import Routes


@dataclass(frozen=True)
class Odd:
    """A sample that does not arrive as its row says, and why that is right."""

    arrives: frozenset[str]
    why: str


NOWHERE: frozenset[str] = frozenset()
_NO_NAME = "a pattern picks events by service and name, and this record has none: it could be anybody's"
_ORDERED = "no rule has to do with it: the schedule or a person calls the function"

# All samples of which a pattern cannot know what the code knows.
ODDITIES: dict[str, Odd] = {
    "DeleteLoginProfile/root-by-an-aws-service.json": Odd(
        frozenset({"user-lifecycle"}),
        "whether root is meant is in two fields, and counts with `invokedBy` only; the code sorts it out",
    ),
    "DeleteUser/newhire-sent-to-another-function.json": Odd(
        frozenset({"user-lifecycle"}),
        "the sample is of a wrong rule; the right one sends it where it belongs",
    ),
    "Malformed/no-detail.json": Odd(NOWHERE, _NO_NAME),
    "Malformed/detail-null.json": Odd(NOWHERE, _NO_NAME),
    "Malformed/event-name-missing.json": Odd(NOWHERE, _NO_NAME),
    "Malformed/response-elements-is-a-list.json": Odd(
        NOWHERE, "the emulator does not look into lists of objects; EventBridge does, and it would arrive"
    ),
    "Sweep/scheduler.json": Odd(NOWHERE, _ORDERED),
    "Sweep/rule.json": Odd(NOWHERE, _ORDERED),
    "Sweep/by-hand.json": Odd(NOWHERE, _ORDERED),
}


def expected(sample: Sample) -> frozenset[str]:
    """Where a sample has to arrive: what is ignored nowhere, all else at its function."""
    if sample.path in ODDITIES:
        return ODDITIES[sample.path].arrives
    return NOWHERE if sample.ignored else frozenset({sample.function})


def rows(routes: Routes) -> Iterator[tuple[Sample, set[str], str]]:
    """Each sample, where it arrives, and what is odd about that."""
    for path, sample in samples().items():
        yield sample, routes.arrives(sample.load()), ODDITIES[path].why if path in ODDITIES else ""


def main() -> None:
    """Prints the table as Markdown."""
    print("| event | is read as | arrives at | note |\n|---|---|---|---|")
    with deployed() as deployment:
        for sample, arrived, note in rows(Routes(deployment)):
            mark = "" if arrived == expected(sample) else " (WRONG)"
            where = ", ".join(sorted(arrived)) or "nowhere"
            print(f"| `{sample.path}` | {sample.leads_to} | {where}{mark} | {note} |")


if __name__ == "__main__":
    main()
