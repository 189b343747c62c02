"""The dashboard shows the metrics of the code, and its widgets fit together."""

import json
import re
from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

import pytest

from .contract import CONTRACT, FUNCTIONS, calls_of
from .resolved_stack import ResolvedStack
from .roles import STACK, roles
from .templates import MAIN, ROOT, translated

DASHBOARD = STACK.of_type("AWS::CloudWatch::Dashboard")["Dashboard"]
Widget = dict[str, Any]


def listed(values: str | list[str]) -> list[str]:
    """The values, also where there is only one."""
    return [values] if isinstance(values, str) else values


WIDGETS: list[Widget] = json.loads(DASHBOARD["DashboardBody"])["widgets"]
GRAPHS = [widget for widget in WIDGETS if widget["type"] == "metric"]
((TABLE,), (ALARMS,)) = ([each for each in WIDGETS if each["type"] == kind] for kind in ("log", "alarm"))
# A dashboard is this many columns wide.
COLUMNS = 24
NAMESPACE = "MfaEnforcer"
# Only a sweep knows the account, and no event calls for a sweep.
OF_THE_SWEEP = {
    "Users",
    "Contained",
    "UsersActedOn",
    "UsersFailed",
    "UsersRemaining",
    "CoveragePercent",
    "ProtectedPercent",
    "AlertsSubscribers",
    "TrailLogging",
}
OF_EVENTS = {"DecisionLatency"}
# The stack with everything that it can have.
MAILING = ResolvedStack(translated(MAIN), parameters={"MailFrom": "mfa@example.com"})
# What the role of each function allows it to call.
ALLOWED = {
    role["function"]: {
        action
        for policy in role["policies"]
        for statement in policy["policy"]["Statement"]
        if statement["Effect"] == "Allow"
        for action in listed(statement["Action"])
    }
    for role in roles(MAILING).values()
}
# Whoever may not release sends no number of releases.
RELEASING = "iam:DetachUserPolicy"
# Calls of the runtime are not counted.
# S3 only where evidence is kept.
SERVICES = {action.split(":")[0] for function in FUNCTIONS for action in ALLOWED[function]} - {
    "logs",
    "kms",
} | {"s3"}
VALUES = {
    "Outcome": CONTRACT["outcomes"],
    "Reason": CONTRACT["ignored"],
    "Service": sorted(SERVICES),
    # A user whose state the report does not tell yet has no posture.
    "Posture": [*CONTRACT["postures"], "unknown"],
}
# A search takes the place of a line for each function and reason or service, most of which would stay empty.
SEARCHED = {"Ignored", "AwsCalls", "AwsRetries"}


class Metric(NamedTuple):
    """A metric, identified as CloudWatch does."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]


def metrics_of_the_code() -> Iterator[Metric]:
    """Every metric that a function can send."""
    for metric, function in product(CONTRACT["metrics"], FUNCTIONS):
        if metric["of_hub"] or metric["name"] in (OF_EVENTS if function == "sweep" else OF_THE_SWEEP):
            continue
        if metric["name"] == "Releases" and RELEASING not in ALLOWED[function]:
            continue
        dimension = metric["dimension"]
        for value in VALUES[dimension] if dimension else [None]:
            more = ((dimension, value),) if dimension else ()
            yield Metric(NAMESPACE, metric["name"], (("Function", function), *more))


def metrics_of_aws() -> Iterator[Metric]:
    """What AWS measures of the functions and of the queue, as far as it is shown."""
    for function, name in product(STACK.functions(), ("Errors", "Throttles")):
        yield Metric("AWS/Lambda", name, (("FunctionName", STACK.physical_name(function)),))
    for name, queue in (
        ("ApproximateNumberOfMessagesVisible", "DeadLetters"),
        ("ApproximateNumberOfMessagesVisible", "SweepDeadLetters"),
        ("ApproximateAgeOfOldestMessage", "DeadLetters"),
    ):
        yield Metric("AWS/SQS", name, (("QueueName", STACK.physical_name(queue)),))


def lines(graph: Widget) -> Iterator[tuple[Metric | str, dict[str, Any]]]:
    """The metrics of a graph, or expressions, each with its options."""
    before: list[str] = []
    for line in graph["properties"]["metrics"]:
        parts = [part for part in line if isinstance(part, str)]
        options = line[-1] if isinstance(line[-1], dict) else {}
        if not parts:
            yield options["expression"], options
            continue
        # `...` stands for all that is missing on the left, and `.` for the same as above.
        if parts[0] == "...":
            parts = before[: len(before) - len(parts) + 1] + parts[1:]
        before = [before[place] if part == "." else part for place, part in enumerate(parts)]
        yield Metric(before[0], before[1], tuple(zip(before[2::2], before[3::2], strict=True))), options


def test_every_metric_is_shown_and_no_other() -> None:
    shown = {line for graph in GRAPHS for line, _ in lines(graph) if isinstance(line, Metric)}
    sent = {metric for metric in metrics_of_the_code() if metric.name not in SEARCHED}
    assert shown == sent | set(metrics_of_aws())


each_graph = pytest.mark.parametrize("graph", GRAPHS, ids=lambda graph: graph["properties"]["title"])


@each_graph
def test_graph_sums_what_it_hides(graph: Widget) -> None:
    found = list(lines(graph))
    ids = [options["id"] for _, options in found if "id" in options]
    assert len(set(ids)) == len(ids)
    metrics = [(line, options) for line, options in found if isinstance(line, Metric)]
    hidden = {options["id"]: line for line, options in metrics if options.get("visible") is False}
    summed: list[str] = []
    for line, _ in found:
        kind = re.fullmatch(r'SUM\(METRICS\("([a-z]+)"\)\)', line) if isinstance(line, str) else None
        if kind:
            parts = {name: part for name, part in hidden.items() if kind[1] in name}
            assert len({part.name for part in parts.values()}) == 1
            outcomes = {dict(part.dimensions).get("Outcome", kind[1]) for part in parts.values()}
            assert outcomes == {kind[1]}
            summed += parts
    # Whatever is hidden is shown in one sum, and in no other.
    assert sorted(summed) == sorted(hidden)


def test_searches_find_what_has_no_line_of_its_own() -> None:
    expressions = [line for graph in GRAPHS for line, _ in lines(graph) if isinstance(line, str)]
    searches = [line for line in expressions if "SEARCH(" in line]
    form = r"""SEARCH\('\{MfaEnforcer,[^}]+\} MetricName="(\w+)"(?: Service="(\w+)")?', 'Sum', \d+\)"""
    found = [match for search in searches for match in re.findall(form, search)]
    assert len(found) == len(searches)
    of_services = [("AwsCalls", service) for service in SERVICES]
    assert sorted(found) == sorted([("Ignored", ""), ("AwsRetries", ""), *of_services])


def test_every_service_that_the_code_calls_has_a_line() -> None:
    assert {call.split(":")[0] for function in FUNCTIONS for call in calls_of(function)} <= SERVICES


@each_graph
def test_graph_has_region_period_statistic_and_labels(graph: Widget) -> None:
    properties = graph["properties"]
    assert properties["region"] == STACK.location.region
    assert properties["period"] in (3600, 86400)
    for line, options in lines(graph):
        assert isinstance(line, str) or "stat" in options or "stat" in properties
        assert "label" in options or options.get("visible") is False


def test_widgets_fill_the_width_and_do_not_overlap() -> None:
    taken: list[tuple[int, int]] = []
    for each in WIDGETS:
        x, y = each["x"], each["y"]
        taken += product(range(x, x + each["width"]), range(y, y + each["height"]))
    assert sorted(taken) == sorted(product(range(COLUMNS), range(max(row for _, row in taken) + 1)))


def test_table_asks_the_logs_of_every_function_for_what_they_have() -> None:
    assert TABLE["properties"]["region"] == STACK.location.region
    query = TABLE["properties"]["query"]
    logs = {STACK.physical_name(name) for name in STACK.of_type("AWS::Logs::LogGroup")}
    assert set(re.findall(r"SOURCE '([^']+)'", query)) == logs
    [fields] = re.findall(r"\| fields ([^|]+) \|", query)
    assert set(fields.split(", ")) <= {"@timestamp", *CONTRACT["log_fields"]}
    [listed] = re.findall(r"\| filter outcome in \[([^]]+)\]", query)
    # A panic is only in the log.
    assert {"acted"} <= set(json.loads(f"[{listed}]")) <= {*VALUES["Outcome"], "panicked"}


def test_dashboard_has_the_name_of_the_stack() -> None:
    assert DASHBOARD["DashboardName"] == STACK.name


def test_every_alarm_is_shown() -> None:
    alarms = {STACK.arn(name) for name in STACK.of_type("AWS::CloudWatch::Alarm")}
    assert set(ALARMS["properties"]["alarms"]) == alarms


def test_texts_link_to_headings_of_the_runbook() -> None:
    runbook = ROOT / "docs" / "RUNBOOK.md"
    headings = re.findall(r"^## (.+)$", runbook.read_text(encoding="utf-8"), re.MULTILINE)
    # GitHub and others make anchors like this.
    anchors = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-"): heading for heading in headings}
    texts = [widget["properties"]["markdown"] for widget in WIDGETS if widget["type"] == "text"]
    assert len(texts) == 3
    for text in texts:
        links = re.findall(r"\[([^\]]+)\]\(docs/RUNBOOK\.md#([^)]+)\)", text)
        assert links
        assert text.count("](") == len(links)
        assert all(anchors.get(anchor) == label for label, anchor in links)
