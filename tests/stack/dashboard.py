"""The dashboard as CloudWatch gets it, with its metrics written out, and the metrics that there are."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from .templates import ROOT, source

Widget = dict[str, Any]
Dimensions = tuple[tuple[str, str], ...]

# A dashboard is this many columns wide.
COLUMNS = 24
DASHBOARD = "Dashboard"

_REFERENCE = re.compile(r"\$\{([^}!]+)\}")


@dataclass(frozen=True, order=True)
class Metric:
    """A metric, by all that tells it from others."""

    namespace: str
    name: str
    dimensions: Dimensions


def body(values: dict[str, str] | None = None) -> dict[str, Any]:
    """The dashboard with its references replaced: by `values`, or by their own names in angle brackets."""
    text = source()["Resources"][DASHBOARD]["Properties"]["DashboardBody"]["Fn::Sub"]
    done = _REFERENCE.sub(lambda found: (values or {}).get(found[1], f"<{found[1]}>"), text)
    read: dict[str, Any] = json.loads(done)
    return read


def references() -> set[str]:
    """What the dashboard takes from the rest of the stack."""
    text = source()["Resources"][DASHBOARD]["Properties"]["DashboardBody"]["Fn::Sub"]
    return set(_REFERENCE.findall(text))


def lines(widget: Widget) -> list[tuple[Metric | str, dict[str, Any]]]:
    """The metrics of a widget, written out, or the expressions, each with its options."""
    found: list[tuple[Metric | str, dict[str, Any]]] = []
    before: list[str] = []
    for line in widget["properties"].get("metrics", []):
        parts = [part for part in line if isinstance(part, str)]
        options = line[-1] if isinstance(line[-1], dict) else {}
        if not parts:
            found.append((options["expression"], options))
            continue
        before = _written_out(parts, before)
        dimensions = tuple(zip(before[2::2], before[3::2], strict=True))
        found.append((Metric(before[0], before[1], dimensions), options))
    return found


def _written_out(parts: list[str], before: list[str]) -> list[str]:
    """A line without its abbreviations: `.` is the same as above, `...` all that is missing on the left."""
    if parts[0] == "...":
        parts = before[: len(before) - len(parts) + 1] + parts[1:]
    return [before[place] if part == "." else part for place, part in enumerate(parts)]


def metrics_of_the_code() -> set[Metric]:
    """Every metric that the functions can send, read from the code that names them."""
    measure, calls = _rust("shared/aws/src/measure/mod.rs"), _rust("shared/aws/src/measure/calls.rs")
    [namespace] = re.findall(r'NAMESPACE: &str = "([^"]+)"', measure)
    names = set(
        re.findall(
            r'^    (?:\(?)"([A-Za-z]+)"',
            _between(measure, "const COUNTERS", "static COLLECTOR"),
            re.MULTILINE,
        )
    )
    labelled = dict(re.findall(r'(?:counter|histogram)!\("(\w+)", "(\w+)" =>', measure))
    [service] = re.findall(r'counter!\(name, "(\w+)" =>', calls)
    labelled |= dict.fromkeys(re.findall(r'"(Aws\w+)"', _between(calls, "let name", "counter!")), service)
    of_the_account = set(re.findall(r'histogram!\("(\w+)"', _between(measure, "pub fn account(", "\n}\n")))
    found: set[Metric] = set()
    for name in names:
        for function in _functions():
            # Only a sweep knows the account, and no event calls for a sweep.
            if (function == "sweep") < (name in of_the_account) or (function, name) == (
                "sweep",
                "DecisionLatency",
            ):
                continue
            plain = (("Function", function),)
            label = labelled.get(name)
            values = _values(label) if label else [None]
            found |= {
                Metric(namespace, name, plain if value is None else (*plain, (str(label), value)))
                for value in values
            }
    return found


def _values(label: str) -> list[str]:
    """What a dimension can be."""
    if label == "Outcome":
        report = re.findall(r'(?:outcome = |=> |else \{ )"(\w+)"', _rust("shared/aws/src/telemetry.rs"))
        plain = re.findall(
            r"`(\w+)`", _between(_rust("shared/aws/src/report.rs"), "pub struct Report", "pub outcome")
        )
        # A panic ends the function before it can send anything.
        return sorted(set(report + plain) - {"panicked"})
    if label == "Reason":
        return re.findall(r'=> "([a-z-]+)"', _rust("shared/core/src/event/ignored.rs"))
    if label == "Posture":
        return re.findall(
            r'^        \("([a-z-]+)", figures', _rust("shared/aws/src/sweep/report.rs"), re.MULTILINE
        )
    if label == "Service":
        return re.findall(r'CountCalls::of\("(\w+)"\)', _rust("shared/aws/src/clients.rs"))
    raise LookupError(f"a dimension that is not known here: {label}")


def _functions() -> list[str]:
    return re.findall(r'=> "([a-z-]+)"', _rust("shared/core/src/event/function.rs"))


def _rust(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def _between(text: str, start: str, end: str) -> str:
    begin = text.index(start)
    return text[begin : text.index(end, begin)]
