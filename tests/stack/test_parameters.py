"""Each parameter changes what depends on it, and nothing else."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from .resolved_stack import ResolvedStack
from .templates import MAIN, source, translated

FUNCTIONS = ("SignIn", "UserLifecycle", "MfaDevice", "Sweep")


def of_functions(resource: str, path: str) -> set[str]:
    """A property of the resource that each function has."""
    return {f"{function}{resource}.Properties.{path}" for function in FUNCTIONS}


def variable(name: str) -> set[str]:
    """Where an environment variable is set."""
    return of_functions("Function", f"Environment.Variables.{name}")


# By parameter: another value, and everything that it changes, as paths into the resources.
CHANGES: dict[str, tuple[str, set[str]]] = {
    "Mode": ("enforce", variable("MODE")),
    "GracePeriod": ("36h", variable("GRACE_PERIOD")),
    "EnforceFrom": ("2026-12-01", variable("ENFORCE_FROM")),
    "QuarantineScope": (
        "everything",
        {
            *variable("QUARANTINE_SCOPE"),
            *variable("QUARANTINE_POLICY_ARN"),
            "QuarantineGroup.Properties.ManagedPolicyArns.0",
            "ContainPolicy.Properties.PolicyDocument.Statement.0.Condition.ArnEquals.iam:PolicyARN",
        },
    ),
    "AdminEmail": ("aws-admins@example.com", {"AdminSubscription"}),
    "ContactTagKey": ("mail", variable("CONTACT_TAG_KEY")),
    "RemindBefore": ("2d", variable("REMIND_BEFORE")),
    "Digest": ("weekly:mon", variable("DIGEST")),
    "BreakGlassPath": (
        "/emergency/",
        {*variable("EXEMPT_PATHS"), "ReadAndNotifyPolicy.Properties.PolicyDocument.Statement.8.Resource"},
    ),
    "ExemptPaths": ("/robots/,/partners/eu/", variable("EXEMPT_PATHS")),
    "ExemptUsers": ("grace,pilot", variable("EXEMPT_USERS")),
    "SweepSchedule": ("cron(30 4 * * ? *)", {"SweepFunctionDaily.Properties.ScheduleExpression"}),
    "SweepTimezone": ("Europe/Berlin", {"SweepFunctionDaily.Properties.ScheduleExpressionTimezone"}),
    "SignInRegions": ("", {"ForwardStackSet", "ForwardAdministrationRole", "ForwardExecutionRole"}),
    "ReserveConcurrency": ("no", of_functions("Function", "ReservedConcurrentExecutions")),
    "LogRetentionDays": ("365", of_functions("Logs", "RetentionInDays")),
    "RunbookUrl": ("https://wiki.example.com/runbook", {"Dashboard.Properties.DashboardBody"}),
}


def made(**parameters: str) -> ResolvedStack:
    return ResolvedStack(translated(MAIN), parameters=parameters)


def differences(left: Any, right: Any, path: str = "") -> Iterator[str]:
    """Where two resolved parts differ, as paths."""
    if isinstance(left, dict) and isinstance(right, dict):
        for key in left.keys() | right.keys():
            yield from differences(left.get(key), right.get(key), f"{path}.{key}")
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for index, (one, other) in enumerate(zip(left, right, strict=True)):
            yield from differences(one, other, f"{path}.{index}")
    elif left != right:
        yield path.removeprefix(".")


def test_every_parameter_is_tried() -> None:
    assert set(CHANGES) == set(source(MAIN)["Parameters"])


@pytest.mark.parametrize("parameter", CHANGES)
def test_parameter_changes_what_depends_on_it(parameter: str, stack: ResolvedStack) -> None:
    value, changed = CHANGES[parameter]
    assert set(differences(stack.resources, made(**{parameter: value}).resources)) == changed


def test_values_arrive_where_they_are_needed() -> None:
    other = made(**{parameter: value for parameter, (value, _) in CHANGES.items()})
    variables = other.of_type("AWS::Lambda::Function")["SweepFunction"]["Environment"]["Variables"]
    for name in (
        "MODE",
        "GRACE_PERIOD",
        "ENFORCE_FROM",
        "CONTACT_TAG_KEY",
        "REMIND_BEFORE",
        "DIGEST",
        "EXEMPT_USERS",
    ):
        parameter = name.title().replace("_", "")
        assert variables[name] == CHANGES[parameter][0]
    assert variables["EXEMPT_PATHS"] == "/emergency/,/robots/,/partners/eu/"
    schedule = other.of_type("AWS::Scheduler::Schedule")["SweepFunctionDaily"]
    times = (schedule["ScheduleExpression"], schedule["ScheduleExpressionTimezone"])
    assert times == ("cron(30 4 * * ? *)", "Europe/Berlin")
    (subscription,) = other.of_type("AWS::SNS::Subscription").values()
    address = (subscription["TopicArn"], subscription["Protocol"], subscription["Endpoint"])
    assert address == (other.arn("AlertsTopic"), "email", "aws-admins@example.com")
    assert {log["RetentionInDays"] for log in other.of_type("AWS::Logs::LogGroup").values()} == {365}
    body = other.of_type("AWS::CloudWatch::Dashboard")["Dashboard"]["DashboardBody"]
    assert json.loads(body)["widgets"]
    assert "](https://wiki.example.com/runbook#no-digest-came)" in body
    assert "docs/RUNBOOK.md" not in body
