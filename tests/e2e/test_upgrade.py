"""Upgrades: nobody stays under a policy that nobody may lift, and nobody is changed or told because of it."""

import json
from datetime import timedelta

import pytest

from .account import UserState, moment
from .deployment import (
    ACCOUNT,
    APPROVED_TAG,
    GROUP_NAME,
    POLICY_ARN,
    QUARANTINED_TAG,
    STACK,
    STRICT_POLICY_ARN,
)
from .gaps import IAM, utc_now
from .harness import Harness
from .people import PEOPLE, named
from .scenario import CHANGES

CAROL = "carol@example.com"
# As CloudFormation named them when the template gave no names.
FORMER_POLICIES = [f"mfa-enforcer-{name}QuarantinePolicy-1ABCDEF2GHIJ" for name in ("Console", "Everything")]
FORMER_ARNS = [f"arn:aws:iam::{ACCOUNT}:policy/{name}" for name in FORMER_POLICIES]
FORMER_GROUP = "mfa-enforcer-QuarantineGroup-1ABCDEF2GHIJ"
FORMER = {"FormerPolicyArns": ",".join(FORMER_ARNS), "FormerGroupNames": FORMER_GROUP}


def upgraded(enforcer: Harness, **parameters: str) -> None:
    """An account after the update of its stack, with users whom the version before has quarantined."""
    enforcer.account.fill(named("heidi", "niaj", "olivia", "dave"))
    for name, made_of in zip(FORMER_POLICIES, ("Console", "Everything"), strict=True):
        document = STACK.of_type("AWS::IAM::ManagedPolicy")[f"{made_of}QuarantinePolicy"]["PolicyDocument"]
        IAM.create_policy("", "/", json.dumps(document), name, [])
    IAM.create_group(FORMER_GROUP)
    IAM.attach_group_policy(FORMER_ARNS[0], FORMER_GROUP)
    for name in ("heidi", "niaj", "olivia"):
        IAM.detach_user_policy(POLICY_ARN, name)
    IAM.attach_user_policy(FORMER_ARNS[0], "heidi")
    IAM.attach_user_policy(FORMER_ARNS[1], "niaj")
    IAM.add_user_to_group(FORMER_GROUP, "olivia")
    enforcer.deploy(parameters)


def holdings(enforcer: Harness) -> dict[str, set[str]]:
    """The quarantine policies and groups that each user has."""
    return {
        name: {entry for entry in (*user.policies, *user.groups) if "uarantine" in entry}
        for name, user in enforcer.account.users().items()
    }


@pytest.mark.parametrize("scope", ["console", "everything"])
def test_sweep_moves_users_to_the_policy_of_the_new_version(enforcer: Harness, scope: str) -> None:
    upgraded(enforcer, **FORMER, QuarantineScope=scope)
    runs = enforcer.sweep_until_done()
    assert runs[-1].answer.report, runs[-1].answer
    new = STACK.arn(f"{scope.capitalize()}QuarantinePolicy")
    moved = {"heidi": {new}, "niaj": {new}, "olivia": {new}, "dave": set()}
    assert holdings(enforcer) == moved
    # Nobody is told again, and the next sweep has nothing to do.
    assert [label for run in runs for label in run.told] == []
    assert enforcer.sweep().iam_writes == {}
    # The parameters are needed no longer.
    enforcer.deploy({"QuarantineScope": scope})
    assert enforcer.sweep().iam_writes == {}
    assert holdings(enforcer) == moved


def test_enrolment_lifts_a_former_quarantine(enforcer: Harness) -> None:
    upgraded(enforcer, **FORMER, ReleaseAfter="0s")
    enforcer.account.enrol("heidi", f"arn:aws:iam::{ACCOUNT}:mfa/heidi-phone")
    seen = enforcer.deliver("EnableMFADevice/heidi-contained-by-herself.json")
    assert seen.answer.outcome == "acted", seen.answer
    assert holdings(enforcer)["heidi"] == set()


def test_without_the_parameters_former_quarantines_stay(enforcer: Harness) -> None:
    """This is why an upgrade begins with them."""
    upgraded(enforcer)
    enforcer.sweep_until_done()
    assert FORMER_ARNS[0] in holdings(enforcer)["heidi"]
    assert FORMER_GROUP in holdings(enforcer)["olivia"]
    assert GROUP_NAME not in holdings(enforcer)["olivia"]


def end_soon(enforcer: Harness, name: str, ago: timedelta, approved: str = "") -> None:
    """The user enrolled a device a while ago, and the quarantine ends twelve hours after that."""
    serial = f"arn:aws:iam::{ACCOUNT}:mfa/a-phone"
    enforcer.account.enrol(name, serial, ago)
    record = enforcer.account.users()[name].tags[QUARANTINED_TAG]
    end = moment(IAM.get_user(name).mfa_devices[serial].enable_date + timedelta(hours=12))
    enforcer.account.tag(name, QUARANTINED_TAG, f"{record} release={end}{approved}")
    enforcer.account.note(name, "released", timedelta(hours=1))


def records(users: dict[str, UserState]) -> dict[str, tuple[str | None, ...]]:
    """What says of each user that they are contained, and that somebody approved their release."""
    tags = (QUARANTINED_TAG, APPROVED_TAG)
    return {name: tuple(user.tags.get(tag) for tag in tags) for name, user in users.items()}


def left_by_the_version_before(enforcer: Harness) -> None:
    """Users as version 0.1.0 leaves them: contained, about to be released, exempt, and in grace."""
    enforcer.account.fill(named("heidi", "niaj", "grace", "alice", "dave"))
    enforcer.account.note("alice", "reminder", timedelta(hours=3), first=timedelta(days=1))
    # The rest of the quarantine ends eleven hours from now.
    end_soon(enforcer, "niaj", timedelta(hours=1))


@pytest.mark.parametrize("scope", ["console", "everything"])
@pytest.mark.parametrize("sweep", ["daily", "hourly"])
def test_upgrade_changes_nobody_and_tells_nobody(enforcer: Harness, sweep: str, scope: str) -> None:
    left_by_the_version_before(enforcer)
    if scope == "everything":
        IAM.detach_user_policy(POLICY_ARN, "heidi")
        IAM.attach_user_policy(STACK.arn("EverythingQuarantinePolicy"), "heidi")
    enforcer.deploy({"QuarantineScope": scope})
    before = holdings(enforcer)
    run = enforcer.sweep_hourly() if sweep == "hourly" else enforcer.sweep()
    assert run.answer.report, run.answer
    assert holdings(enforcer) == before
    assert run.told == []
    changed = {change: run.figures[change] for change in CHANGES if run.figures[change]}
    assert changed == {}
    assert records(run.after) == records(run.before)


@pytest.mark.parametrize("sweep", ["daily", "hourly"])
def test_upgrade_under_approval_changes_nobody_and_tells_nobody(enforcer: Harness, sweep: str) -> None:
    """Heidi is strictly contained; Carol is not any more, since somebody approved the device."""
    left_by_the_version_before(enforcer)
    # Nobody approved Niaj.
    enforcer.account.delete("niaj")
    enforcer.account.add(PEOPLE[CAROL])
    enforcer.account.contain(CAROL, timedelta(days=3))
    IAM.detach_user_policy(POLICY_ARN, "heidi")
    IAM.attach_user_policy(STRICT_POLICY_ARN, "heidi")
    enforcer.account.tag(CAROL, APPROVED_TAG, "INC-4722")
    end_soon(enforcer, CAROL, timedelta(hours=2), f" approved={moment(utc_now() - timedelta(hours=1))}")
    enforcer.deploy({"Release": "approval"})
    before = holdings(enforcer)
    run = enforcer.sweep_hourly() if sweep == "hourly" else enforcer.sweep()
    assert run.answer.report, run.answer
    assert (holdings(enforcer), run.told) == (before, [])
    assert {change: run.figures[change] for change in CHANGES if run.figures[change]} == {}
    assert records(run.after) == records(run.before)


def test_events_after_an_upgrade_lead_to_what_they_did(enforcer: Harness) -> None:
    left_by_the_version_before(enforcer)
    enforcer.deploy({})
    again = enforcer.deliver("ConsoleLogin/heidi-already-contained-without-mfa.json")
    assert (again.told, again.iam_writes) == ([], {}), again.answer
    exempt = enforcer.deliver("ConsoleLogin/grace-exempt-by-tag-without-mfa.json")
    assert (exempt.told, exempt.answer.reason) == ([], "exempt"), exempt.answer
