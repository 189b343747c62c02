"""Draws the layout of the dashboard from its JSON: what is where, not what it would show.

python -m tests.stack.dashboard_picture
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from html import escape
from typing import Any

from .dashboard import COLUMNS, Metric, Widget, body, lines
from .templates import ROOT

PICTURE = ROOT / "docs" / "dashboard.svg"

_COLUMN, _ROW, _GAP = 46, 26, 4
# The colours that CloudWatch gives to lines without one.
_PALETTE = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")
_VIEWS = {
    "timeSeries": "lines over time",
    "stacked": "stacked over time",
    "singleValue": "numbers",
    "gauge": "gauge",
    "table": "table",
}


def draw() -> str:
    """The picture, the same for the same dashboard."""
    widgets = body()["widgets"]
    height = max(widget["y"] + widget["height"] for widget in widgets) * _ROW
    parts = [part for widget in widgets for part in _widget(widget)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {COLUMNS * _COLUMN} {height}" '
            'font-family="sans-serif" font-size="12">',
            "<title>Layout of the dashboard of mfa-enforcer</title>",
            f'<rect width="{COLUMNS * _COLUMN}" height="{height}" fill="#f2f3f3"/>',
            *parts,
            "</svg>",
            "",
        ]
    )


def _widget(widget: Widget) -> Iterator[str]:
    left, top = widget["x"] * _COLUMN, widget["y"] * _ROW
    width, height = widget["width"] * _COLUMN - _GAP, widget["height"] * _ROW - _GAP
    plain = widget["type"] == "text"
    yield (
        f'<rect x="{left}" y="{top}" width="{width}" height="{height}" rx="4" '
        f'fill="{"none" if plain else "#ffffff"}" stroke="{"none" if plain else "#aab7b8"}"/>'
    )
    heading, said = (_text_widget if plain else _other_widget)(widget)
    yield _text(
        left + 8, top + 17, heading, 'font-weight="bold" font-size="14"' if plain else 'font-weight="bold"'
    )
    place = top + 34
    # A letter of this size is about 6.5 wide.
    for colour, line in said:
        indent = 24 if colour else 8
        if colour:
            yield f'<rect x="{left + 8}" y="{place - 9}" width="10" height="10" fill="{colour}"/>'
        for piece in textwrap.wrap(line, max(10, (width - indent) * 2 // 13)):
            yield _text(left + indent, place, piece, 'fill="#414d5c"')
            place += 16


def _text_widget(widget: Widget) -> tuple[str, list[tuple[str, str]]]:
    heading, _, rest = widget["properties"]["markdown"].partition("\n")
    return heading.lstrip("# "), [("", _LINK.sub(r"\1", rest).replace("`", ""))]


def _other_widget(widget: Widget) -> tuple[str, list[tuple[str, str]]]:
    properties = widget["properties"]
    said: list[tuple[str, str]] = []
    if widget["type"] == "alarm":
        names = (alarm.strip("<>").removesuffix("Alarm.Arn") for alarm in properties["alarms"])
        said.append(("", "state of each: " + ", ".join(names)))
    elif widget["type"] == "log":
        fields = properties["query"].split("| fields ", 1)[1].split(" | ", 1)[0]
        said.append(("", f"table from the logs of all functions: {fields}"))
    else:
        view = "stacked" if properties.get("stacked") else properties["view"]
        said.append(("", f"{_VIEWS[view]}, {_every(properties['period'])}: {_names(widget)}"))
        shown = [(line, options) for line, options in lines(widget) if options.get("visible", True)]
        said += [
            (_colour(number, options), _label(line, options)) for number, (line, options) in enumerate(shown)
        ]
    return properties["title"], said


def _names(widget: Widget) -> str:
    """The metrics behind a widget, those too of which it shows a sum only."""
    found = [line for line, _ in lines(widget)]
    names = dict.fromkeys(line.name for line in found if isinstance(line, Metric))
    # In a search, the name is in the text.
    searched = (re.search(r'MetricName="(\w+)"', line) for line in found if isinstance(line, str))
    return ", ".join([*names, *(match[1] for match in searched if match)])


def _every(seconds: int) -> str:
    return {3600: "by the hour", 86400: "by the day"}[seconds]


def _label(line: Metric | str, options: dict[str, Any]) -> str:
    # What is searched for brings its own names.
    return (
        str(options["label"] or "one for each that is found")
        if isinstance(line, str)
        else str(options["label"])
    )


def _colour(number: int, options: dict[str, Any]) -> str:
    return str(options.get("color", _PALETTE[number % len(_PALETTE)]))


def _text(left: int, top: int, text: str, style: str) -> str:
    return f'<text x="{left}" y="{top}" {style}>{escape(text)}</text>'


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8")
