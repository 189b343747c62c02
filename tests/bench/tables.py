"""Tables in Markdown.

This imports nothing large: the benchmark of a replay measures memory, and has to be a small process itself.
"""

from collections.abc import Sequence


def shown(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """In Markdown."""
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (head, ["---"] * len(head), *lines))
