"""Draws what `make bench` found as bars: one picture without scripts or fonts of its own, for any page."""

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

from .core import STEPS, Timed
from .replay import OURS as REPLAY
from .replay import Replayed
from .rows import Row, SweptRow
from .subjects import NAMES, OURS
from .tables import shown

WIDTH, LEFT, BAR, GAP = 720, 170, 16, 6
# Of the eight colours that people who see colours differently can tell apart.
MINE, OTHERS, LINE = "#0072b2", "#999999", "#d55e00"
STYLE = "font-family='system-ui, sans-serif' font-size='13' fill='#1a1a1a'"


def _panel(
    title: str, bars: Sequence[tuple[str, float, str]], top: int, target: float | None, mine: str
) -> str:
    """A heading, and a bar for each value from zero. The line is what is aimed at."""
    most = max(value for _, value, _ in bars)
    room = WIDTH - LEFT - 90
    parts, texts = [f"<text x='16' y='{top + 14}' font-weight='600'>{escape(title)}</text>"], []
    for number, (name, value, text) in enumerate(bars):
        y = top + 26 + number * (BAR + GAP)
        length = max(1, round(value / most * room))
        color = MINE if mine in (name, "") else OTHERS
        parts.append(f"<rect x='{LEFT}' y='{y}' width='{length}' height='{BAR}' fill='{color}'/>")
        texts += [
            f"<text x='{LEFT - 8}' y='{y + 13}' text-anchor='end'>{escape(name)}</text>",
            f"<text x='{LEFT + length + 6}' y='{y + 13}'>{escape(text)}</text>",
        ]
    if target is not None and target <= most:
        x, bottom = LEFT + round(target / most * room), top + 26 + len(bars) * (BAR + GAP)
        parts.append(
            f"<path d='M{x} {top + 22}V{bottom}' stroke='{LINE}' stroke-width='2' stroke-dasharray='4 2'/>"
        )
    return "\n".join([*parts, *texts])


def picture(
    rows: Iterable[Row], swept: Sequence[SweptRow], core: Sequence[Timed], replay: Replayed, made: str
) -> str:
    """The picture, in SVG."""
    rows = list(rows)
    panels = []
    top = 44
    for row in rows:
        bars = [(NAMES[name], value, shown(value, row.digits)) for name, value in row.values.items()]
        target = "" if row.target is None else f"; target: at most {row.target:g}"
        panels.append(_panel(f"{row.what}, {row.unit}{target}", bars, top, row.target, NAMES[OURS]))
        top += 44 + len(bars) * (BAR + GAP)
    bars = [(f"{one.users:,} users", one.peak_mib, f"{one.peak_mib:.1f}") for one in swept]
    panels.append(_panel("peak memory of a sweep, MiB; target: at most 64", bars, top, 64, ""))
    top += 44 + len(bars) * (BAR + GAP)
    events = dict.fromkeys(one.event for one in core if one.step == STEPS[-1])
    sums = {event: sum(one.microseconds for one in core if one.event == event) for event in events}
    bars = [(event, total, shown(total, 1)) for event, total in sums.items()]
    panels.append(_panel("the core: read, decide, render, µs", bars, top, None, ""))
    top += 44 + len(bars) * (BAR + GAP)
    # The room beside the bars is for a few words.
    bars = [(name.partition(",")[0], run.seconds, shown(run.seconds, 1)) for name, run in replay.runs.items()]
    panels.append(_panel(f"{replay.megabytes:,.0f} MB of CloudTrail, s", bars, top, None, REPLAY))
    top += 44 + len(bars) * (BAR + GAP)
    words = "; ".join(
        f"{row.what}, {row.unit}: "
        + ", ".join(f"{NAMES[name]} {shown(value, row.digits)}" for name, value in row.values.items())
        for row in rows
    )
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {top}' width='{WIDTH}' height='{top}' "
        f"role='img' aria-labelledby='title words' {STYLE}>\n"
        f"<title id='title'>The sign-in function beside others, {escape(made)}</title>\n"
        f"<desc id='words'>{escape(words)}</desc>\n"
        f"<rect width='{WIDTH}' height='{top}' fill='#ffffff'/>\n"
        f"<text x='16' y='24' font-size='15' font-weight='600'>The sign-in function beside others</text>\n"
        + "\n".join(panels)
        + "\n</svg>\n"
    )
