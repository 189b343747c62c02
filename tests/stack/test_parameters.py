"""Each parameter changes what depends on it, and nothing else."""

from collections.abc import Iterator
from typing import Any

import pytest

from .resolved_stack import ACCOUNT, ResolvedStack
from .roles import STACK
from .templates import MAIN, source, translated

FUNCTIONS = ("SignIn", "UserLifecycle", "MfaDevice", "Sweep")
BODY = STACK.resources["Dashboard"]["Properties"]["DashboardBody"]
WITH_LINKS = BODY.replace("docs/RUNBOOK.md", "https://example.com")
CONSOLE, EVERYTHING = STACK.arn("ConsoleQuarantinePolicy"), STACK.arn("EverythingQuarantinePolicy")
BREAK_GLASS_USERS = f"arn:aws:iam::{ACCOUNT}:user/emergency/*"
SUBSCRIPTION = {"TopicArn": STACK.arn("AlertsTopic"), "Protocol": "email", "Endpoint": "it@example.com"}


def of_functions(path: str, value: Any) -> dict[str, Any]:
    """The same change for each function, or for another resource of each."""
    return {f"{function}{path}": value for function in FUNCTIONS}


def variable(name: str, value: str) -> dict[str, Any]:
    return of_functions(f"Function.Environment.Variables.{name}", value)


# By parameter: another value, and everything that it changes, by path, with the new value, or none.
CHANGES: dict[str, tuple[str, dict[str, Any]]] = {
    "Mode": ("enforce", variable("MODE", "enforce")),
    "GracePeriod": ("36h", variable("GRACE_PERIOD", "36h")),
    "EnforceFrom": ("2026-12-01", variable("ENFORCE_FROM", "2026-12-01")),
    "QuarantineScope": (
        "everything",
        {
            **variable("QUARANTINE_SCOPE", "everything"),
            # The other is still known and lifted after a change of scope.
            **variable("QUARANTINE_POLICY_ARN", f"{EVERYTHING},{CONSOLE}"),
            "QuarantineGroup.ManagedPolicyArns.0": EVERYTHING,
            "ContainPolicy.PolicyDocument.Statement.0.Condition.ArnEquals.iam:PolicyARN": EVERYTHING,
        },
    ),
    "AdminEmail": ("it@example.com", {"AdminSubscription": SUBSCRIPTION}),
    "ContactTagKey": ("mail", variable("CONTACT_TAG_KEY", "mail")),
    "RemindBefore": ("2d", variable("REMIND_BEFORE", "2d")),
    "Digest": ("weekly:mon", variable("DIGEST", "weekly:mon")),
    "BreakGlassPath": (
        "/emergency/",
        {
            **variable("BREAK_GLASS_PATH", "/emergency/"),
            "ReadAndNotifyPolicy.PolicyDocument.Statement.8.Resource": BREAK_GLASS_USERS,
        },
    ),
    "ExemptPaths": ("/robots/ /eu/", variable("EXEMPT_PATHS", "/robots/ /eu/")),
    "ExemptUsers": ("grace pilot", variable("EXEMPT_USERS", "grace pilot")),
    "DailyAt": ("17:45", {"DailySchedule.ScheduleExpression": "cron(45 17 * * ? *)"}),
    "TimeZone": ("Asia/Tokyo", {"DailySchedule.ScheduleExpressionTimezone": "Asia/Tokyo"}),
    "SignInRegions": (
        "",
        {f"Forward{name}": None for name in ("StackSet", "AdministrationRole", "ExecutionRole")},
    ),
    "ReserveConcurrency": (
        "yes",
        {
            f"{function}Function.ReservedConcurrentExecutions": 5
            for function in FUNCTIONS
            if function != "Sweep"
        },
    ),
    "LogRetentionDays": ("365", of_functions("Logs.RetentionInDays", 365)),
    "RunbookUrl": ("https://example.com", {"Dashboard.DashboardBody": WITH_LINKS}),
}


def properties(**parameters: str) -> dict[str, Any]:
    """The properties of each resource."""
    stack = ResolvedStack(translated(MAIN), parameters=parameters)
    return {name: each["Properties"] for name, each in stack.resources.items()}


def differences(left: Any, right: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Where two resolved parts differ, and what the second has there."""
    if isinstance(left, dict) and isinstance(right, dict):
        for key in left.keys() | right.keys():
            yield from differences(left.get(key), right.get(key), f"{path}.{key}")
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for index, (one, other) in enumerate(zip(left, right, strict=True)):
            yield from differences(one, other, f"{path}.{index}")
    elif left != right:
        yield path.removeprefix("."), right


def test_every_parameter_is_tried() -> None:
    assert set(CHANGES) == set(source(MAIN)["Parameters"])


@pytest.mark.parametrize("parameter", CHANGES)
def test_parameter_changes_what_depends_on_it(parameter: str) -> None:
    value, changed = CHANGES[parameter]
    assert dict(differences(properties(), properties(**{parameter: value}))) == changed
