"""The template, deployed with every parameter other than its default: what depends on one has changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from . import read_back as made
from .emulated import ACCOUNT, REGION, STACK, Deployment, defaults, deployed
from .read_back import FUNCTIONS
from .templates import translated

OTHERWISE = {
    "Mode": "enforce",
    "GracePeriod": "36h",
    "EnforceFrom": "2026-12-01",
    "QuarantineScope": "everything",
    "AdminEmail": "aws-admins@example.com",
    "ContactTagKey": "mail",
    "RemindBefore": "2d",
    "Digest": "weekly:mon",
    "BreakGlassPath": "/emergency/",
    "ExemptPaths": "/robots/,/partners/eu/",
    "ExemptUsers": "grace,pilot",
    "SweepSchedule": "cron(30 4 * * ? *)",
    "SweepTimezone": "Europe/Berlin",
    "SignInRegions": "",
    "ReserveConcurrency": "no",
    "LogRetentionDays": "365",
    "RunbookUrl": "https://wiki.example.com/runbook",
}


@pytest.fixture(scope="module", name="stack")
def _stack() -> Iterator[Deployment]:
    with deployed(OTHERWISE) as deployment:
        yield deployment


def test_every_parameter_is_another() -> None:
    before = defaults()
    assert {name for name, value in OTHERWISE.items() if value != before[name]} == set(before)


def test_everything_is_made_but_what_forwards(stack: Deployment) -> None:
    missing = {"ForwardStackSet", "ForwardAdministrationRole", "ForwardExecutionRole"}
    assert set(translated()["Resources"]) - stack.made == missing
    for region in defaults()["SignInRegions"].split(","):
        assert made.rules(stack, region) == {}
    assert len(made.rules(stack, REGION)) == 3


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_set_up_as_the_parameters_say(name: str, stack: Deployment) -> None:
    read = made.environment(stack, name)
    expected = {
        "MODE": "enforce",
        "GRACE_PERIOD": "36h",
        "ENFORCE_FROM": "2026-12-01",
        "REMIND_BEFORE": "2d",
        "DIGEST": "weekly:mon",
        "QUARANTINE_SCOPE": "everything",
        "CONTACT_TAG_KEY": "mail",
        "EXEMPT_USERS": "grace,pilot",
        "EXEMPT_PATHS": "/emergency/,/robots/,/partners/eu/",
    }
    assert {key: read[key] for key in expected} == expected
    # The one to attach first; the other is still lifted.
    everything, console = (
        stack.physical("EverythingQuarantinePolicy"),
        stack.physical("ConsoleQuarantinePolicy"),
    )
    assert read["QUARANTINE_POLICY_ARN"] == f"{everything},{console}"


def test_group_and_roles_contain_by_the_policy_of_the_scope(stack: Deployment) -> None:
    policy = stack.physical("EverythingQuarantinePolicy")
    assert made.policies_of_group(stack) == [policy]
    condition = made.statement(stack, "ContainPolicy", "AttachOnlyTheQuarantine")["Condition"]
    assert condition == {"ArnEquals": {"iam:PolicyARN": policy}}
    lifted = made.statement(stack, "ReleasePolicy", "DetachOnlyTheQuarantine")["Condition"]["ArnEquals"]
    assert set(lifted["iam:PolicyARN"]) == {policy, stack.physical("ConsoleQuarantinePolicy")}


def test_break_glass_users_of_another_path_are_out_of_reach(stack: Deployment) -> None:
    denied = made.statement(stack, "ReadAndNotifyPolicy", "LeaveBreakGlassUsersAlone")
    assert denied["Resource"] == f"arn:aws:iam::{ACCOUNT}:user/emergency/*"


def test_no_concurrency_is_reserved(stack: Deployment) -> None:
    assert set(made.concurrency(stack).values()) == {None}


def test_the_administrators_address_is_subscribed(stack: Deployment) -> None:
    listed = stack.client("sns").list_subscriptions_by_topic(TopicArn=stack.physical("AlertsTopic"))[
        "Subscriptions"
    ]
    assert [(one["Protocol"], one["Endpoint"]) for one in listed] == [("email", "aws-admins@example.com")]


def test_the_sweep_runs_at_another_hour_of_another_zone(stack: Deployment) -> None:
    read = made.schedule(stack)
    times = (read["ScheduleExpression"], read["ScheduleExpressionTimezone"])
    assert times == ("cron(30 4 * * ? *)", "Europe/Berlin")


def test_logs_are_kept_for_a_year(stack: Deployment) -> None:
    assert {days for _, days in made.retention(stack)} == {365}


def test_the_dashboard_links_to_the_runbook(stack: Deployment) -> None:
    read = stack.client("cloudwatch").get_dashboard(DashboardName=STACK)["DashboardBody"]
    assert "](https://wiki.example.com/runbook#no-digest-came)" in read
    assert "docs/RUNBOOK.md" not in read
