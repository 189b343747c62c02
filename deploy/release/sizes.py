"""How large each function may be: a budget, which a release has to keep within five percent.

`make sizes` compiles the functions, and writes it anew.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from .binary import NotPortable
from .compiled import ROOT, CannotCompile, functions

# The bytes of each function, as zig links it for a release on x86-64.
BUDGET = Path(__file__).with_name("sizes.json")
PERCENT = 5


def sizes(compiled: Mapping[str, Path]) -> dict[str, int]:
    """The bytes of each function."""
    return {name: path.stat().st_size for name, path in sorted(compiled.items())}


def outside(found: Mapping[str, float], budget: Mapping[str, float], unit: str = "bytes") -> list[str]:
    """What is wrong: functions far above their budget, or so far below that it should follow."""
    wrong = [f"{name} has no budget" for name in sorted(found.keys() - budget.keys())]
    wrong += [f"{name} has a budget, but does not exist" for name in sorted(budget.keys() - found.keys())]
    for name in sorted(found.keys() & budget.keys()):
        size, expected = found[name], budget[name]
        if abs(size - expected) * 100 > expected * PERCENT:
            change = (size - expected) / expected
            wrong.append(f"{name} has {size:,} {unit}, {change:+.1%} of its budget of {expected:,}")
    return wrong


def budget() -> dict[str, int]:
    """The bytes that each function may have."""
    read: dict[str, int] = json.loads(BUDGET.read_text(encoding="utf-8"))
    return read


def main() -> int:
    """Writes the budget, and prints it."""
    try:
        found = sizes(functions(ROOT / "target" / "release-build" / "functions"))
    except (CannotCompile, NotPortable) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    BUDGET.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    for name, bytes_ in found.items():
        print(f"{bytes_:>12,}  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
