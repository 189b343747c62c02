"""The dashboard shows existing metrics, and its widgets fit together."""

from __future__ import annotations

import re

import pytest

from .dashboard import COLUMNS, DASHBOARD, Metric, Widget, body, lines, metrics_of_the_code, references
from .templates import ROOT, source

WIDGETS: list[Widget] = body()["widgets"]
GRAPHS = [widget for widget in WIDGETS if widget["type"] == "metric"]
RUNBOOK = ROOT / "docs" / "RUNBOOK.md"

# What AWS measures of a function and of a queue, as far as it is shown.
OF_AWS = {
    ("AWS/Lambda", "FunctionName"): {"Errors", "Throttles"},
    ("AWS/SQS", "QueueName"): {"ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"},
}
# A search takes the place of a line for each function and reason, of which most would stay empty: the rules
# keep most reasons away.
SEARCHED = {"Ignored"}


def titled(widget: Widget) -> str:
    return str(widget["properties"].get("title", widget["properties"].get("markdown")))


def all_lines() -> list[tuple[str, Metric]]:
    """Every metric on the dashboard, and where it is."""
    return [(titled(graph), line) for graph in GRAPHS for line, _ in lines(graph) if isinstance(line, Metric)]


def resources(kind: str) -> set[str]:
    return {name for name, resource in source()["Resources"].items() if resource["Type"] == kind}


@pytest.mark.parametrize(("where", "metric"), all_lines(), ids=str)
def test_a_metric_is_one_that_something_sends(where: str, metric: Metric) -> None:
    if metric.namespace == "MfaEnforcer":
        assert metric in metrics_of_the_code(), where
        return
    [(dimension, value)] = metric.dimensions
    assert metric.name in OF_AWS[metric.namespace, dimension], where
    if dimension == "FunctionName":
        assert value.strip("<>") in resources("AWS::Serverless::Function")
    else:
        assert value.strip("<>").removesuffix(".QueueName") in resources("AWS::SQS::Queue")


def test_every_metric_of_the_code_is_shown() -> None:
    shown = {metric.name for _, metric in all_lines() if metric.namespace == "MfaEnforcer"}
    assert shown | SEARCHED == {metric.name for metric in metrics_of_the_code()}


def test_every_value_of_a_dimension_is_shown() -> None:
    missing = {
        metric
        for metric in metrics_of_the_code() - {line for _, line in all_lines()}
        if metric.name not in SEARCHED
    }
    # A sign-in never releases.
    assert missing == {Metric("MfaEnforcer", "Releases", (("Function", "sign-in"),))}


def test_every_function_is_shown_with_its_errors_and_throttles() -> None:
    functions = {f"<{name}>" for name in resources("AWS::Serverless::Function")}
    for name in OF_AWS["AWS/Lambda", "FunctionName"]:
        shown = {metric.dimensions[0][1] for _, metric in all_lines() if metric.name == name}
        assert shown == functions, name


def test_an_expression_sums_lines_of_its_widget_and_a_search_is_the_exception() -> None:
    searched = set()
    for graph in GRAPHS:
        ids = [options["id"] for _, options in lines(graph) if "id" in options]
        hidden = {options["id"] for _, options in lines(graph) if options.get("visible") is False}
        assert len(set(ids)) == len(ids)
        summed: list[str] = []
        for line, _ in lines(graph):
            if isinstance(line, str):
                kind = re.fullmatch(r'SUM\(METRICS\("([a-z]+)"\)\)', line)
                if kind is None:
                    [name] = re.findall(
                        r"""^SEARCH\('\{MfaEnforcer,[^}]+\} MetricName="(\w+)"', 'Sum', \d+\)$""", line
                    )
                    searched.add(name)
                    continue
                parts = [part for part in hidden if kind[1] in part]
                assert parts, f"{titled(graph)}: {line} sums nothing"
                summed += parts
        # Whatever is hidden is shown in one sum, and in no other.
        assert sorted(summed) == sorted(hidden), titled(graph)
    assert searched == SEARCHED


def test_a_sum_is_of_one_thing() -> None:
    for graph in GRAPHS:
        found = lines(graph)
        for line, _ in found:
            kind = re.fullmatch(r'SUM\(METRICS\("([a-z]+)"\)\)', line) if isinstance(line, str) else None
            if kind is None:
                continue
            parts = [part for part, options in found if isinstance(part, Metric) and kind[1] in options["id"]]
            assert len({part.name for part in parts}) == 1, line
            outcomes = {value for part in parts for name, value in part.dimensions if name == "Outcome"}
            assert outcomes in (set(), {kind[1]})


def test_widgets_fill_the_width_and_do_not_overlap() -> None:
    taken = [
        (column, row)
        for widget in WIDGETS
        for column in range(widget["x"], widget["x"] + widget["width"])
        for row in range(widget["y"], widget["y"] + widget["height"])
    ]
    height = max(row for _, row in taken) + 1
    assert sorted(taken) == sorted((column, row) for column in range(COLUMNS) for row in range(height))


def test_a_graph_says_where_it_looks_and_how() -> None:
    for widget in WIDGETS:
        if widget["type"] in ("metric", "log"):
            assert widget["properties"]["region"] == "<AWS::Region>", titled(widget)
        assert titled(widget)
    for graph in GRAPHS:
        assert graph["properties"]["period"] in (3600, 86400)
        for line, options in lines(graph):
            stated = isinstance(line, str) or "stat" in options or "stat" in graph["properties"]
            assert stated, titled(graph)
            assert "label" in options or options.get("visible") is False, f"{titled(graph)}: {line}"


def test_the_table_reads_the_logs_of_every_function() -> None:
    [table] = [widget for widget in WIDGETS if widget["type"] == "log"]
    assert set(re.findall(r"SOURCE '<(\w+)>'", table["properties"]["query"])) == resources(
        "AWS::Logs::LogGroup"
    )


def test_the_fields_of_the_table_are_in_the_log() -> None:
    [table] = [widget for widget in WIDGETS if widget["type"] == "log"]
    [fields] = re.findall(r"\| fields ([^|]+) \|", table["properties"]["query"])
    written = (ROOT / "shared" / "aws" / "src" / "telemetry.rs").read_text(encoding="utf-8")
    for field in set(fields.split(", ")) - {"@timestamp"}:
        assert re.search(rf"^ +{field}(?: =|,)", written, re.MULTILINE), field


def test_the_table_asks_for_outcomes_that_the_log_has() -> None:
    [table] = [widget for widget in WIDGETS if widget["type"] == "log"]
    [listed] = re.findall(r"\| filter outcome in \[([^]]+)\]", table["properties"]["query"])
    asked = set(re.findall(r'"(\w+)"', listed))
    sent = {metric.dimensions[1][1] for metric in metrics_of_the_code() if metric.name == "Events"}
    # A panic is in the log only.
    assert "acted" in asked and asked <= {*sent, "panicked"}


def test_every_alarm_is_shown() -> None:
    [alarms] = [widget for widget in WIDGETS if widget["type"] == "alarm"]
    shown = {alarm.strip("<>").removesuffix(".Arn") for alarm in alarms["properties"]["alarms"]}
    assert shown == resources("AWS::CloudWatch::Alarm")


def test_every_row_is_explained_with_a_way_into_the_runbook() -> None:
    headings = re.findall(r"^## (.+)$", RUNBOOK.read_text(encoding="utf-8"), re.MULTILINE)
    # As GitHub and others make anchors of headings.
    anchors = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-"): heading for heading in headings}
    texts = [widget["properties"]["markdown"] for widget in WIDGETS if widget["type"] == "text"]
    assert len(texts) == 3
    for text in texts:
        links = re.findall(r"\[([^\]]+)\]\(<RunbookUrl>#([^)]+)\)", text)
        assert links and text.count("](") == len(links)
        for label, anchor in links:
            assert anchors.get(anchor) == label


def test_what_the_dashboard_refers_to_is_in_the_stack() -> None:
    template = source()
    known = {*template["Resources"], *template["Parameters"], "AWS::Region"}
    assert {reference.split(".", maxsplit=1)[0] for reference in references()} <= known
    assert template["Resources"][DASHBOARD]["Properties"]["DashboardName"] == {"Ref": "AWS::StackName"}
