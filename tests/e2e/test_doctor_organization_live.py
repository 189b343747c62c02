"""`doctor --org --live` tries the way of each account to the hub, and names what is cut off."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.events.models import events_backends

from .checked_members import NAME, Checked, checked
from .deployment import REGION, policy
from .organizations import Organization, organization
from .test_doctor_organization import OTHER_NAMES
from .test_plan import binary
from .way_to_hub import WayToHub

__all__ = ["binary", "organization"]

ALLOWED = policy("doctor-organization-live")
ACTIONS = {action for statement in ALLOWED["Statement"] for action in statement["Action"]}

Live = dict[str, dict[str, Any]]


@pytest.fixture(name="whole")
def _whole(organization: Organization) -> Iterator[Checked]:
    with checked(organization) as made:
        yield made


def live(whole: Checked, *arguments: str) -> tuple[int, Live]:
    """The exit status, and what is said of the test: of the hub, and of each account by its name."""
    done = whole.run("--live", "--format", "json", *arguments)
    assert done.stderr == ""
    checkup = json.loads(done.stdout)
    checks = {"the hub": checkup["hub"]["checks"]} | {
        each["name"]: each["checks"] for each in checkup["accounts"]
    }
    found = {name: [check for check in of if check["item"] == "live"] for name, of in checks.items()}
    return done.returncode, {name: of[0] for name, of in found.items() if of}


def test_each_event_arrives_by_a_session_that_may_do_no_more(whole: Checked, tmp_path: Path) -> None:
    way = whole.way = WayToHub(whole, tmp_path / "log")
    status, found = live(whole)
    assert {name: check["state"] for name, check in found.items()} == dict.fromkeys(
        ("the hub", "production", "staging", "sandbox"), "ok"
    ), found
    assert status == 0
    accounts = set(whole.organization.accounts.values())
    assert sorted(way.reached) == sorted(accounts)
    assert {account for account, _ in way.put} == accounts
    (test,) = (each for each in ALLOWED["Statement"] if each["Sid"] == "TestEvents")
    for account, call in way.put:
        bus = f"arn:aws:events:{REGION}:{account}:event-bus/default"
        statements = [{**test, "Resource": [bus]}]
        assert whole.sessions[call.caller] == (account, {**ALLOWED, "Statement": statements})
    made = {name for _, name in whole.called if name in ACTIONS}
    assert made == ACTIONS


def test_events_arrive_at_a_hub_of_another_name(organization: Organization, tmp_path: Path) -> None:
    with checked(organization, OTHER_NAMES, Evidence="corp-evidence", MemberNames="corp-member") as made:
        way = made.way = WayToHub(made, tmp_path / "log")
        _, found = live(made)
        assert {check["state"] for check in found.values()} == {"ok"}, found
        assert sorted(way.reached) == sorted(organization.accounts.values())


def test_account_without_the_rule_is_named_and_no_other(whole: Checked, tmp_path: Path) -> None:
    way = whole.way = WayToHub(whole, tmp_path / "log")
    staging = whole.organization.accounts["staging"]
    rules = events_backends[staging][REGION]
    rules.remove_targets(f"{NAME}-test", None, ["hub"])
    rules.delete_rule(f"{NAME}-test", None)
    status, found = live(whole, "--wait", "1s")
    assert status == 1
    cut = found.pop("staging")
    assert cut["state"] == "broken"
    assert f"event-of-{staging} did not arrive at the hub within 1 second" in cut["says"]
    assert f"{NAME}-dead-letters in {REGION}" in cut["advice"]
    assert {check["state"] for check in found.values()} == {"ok"}
    assert "of 3 test events, 2 arrived" in found["the hub"]["says"]
    assert staging not in way.reached
    text = whole.run("--live", "--wait", "1s")
    assert f"the rule {NAME}-test in {REGION} is gone" in " ".join(text.stdout.split())


def test_where_nothing_arrives_the_hub_is_broken(whole: Checked, tmp_path: Path) -> None:
    whole.way = WayToHub(whole, tmp_path / "log", is_cut=True)
    status, found = live(whole, "--wait", "1s")
    assert status == 1
    assert {check["state"] for check in found.values()} == {"broken"}
    assert "none is in the log group" in found["the hub"]["says"]


def test_refused_call_is_unknown(whole: Checked, tmp_path: Path) -> None:
    way = whole.way = WayToHub(whole, tmp_path / "log")
    staging = whole.organization.accounts["staging"]
    whole.refused = {("events:PutEvents", staging)}
    _, found = live(whole)
    assert found["staging"]["state"] == "unknown"
    assert "events:PutEvents failed: access denied" in found["staging"]["says"]
    assert "policies/doctor-organization-live.json" in found["staging"]["advice"]
    assert found["sandbox"]["state"] == "ok"
    # Nothing is put anywhere if nobody can see whether it arrives.
    way.put.clear()
    whole.refused = {("logs:FilterLogEvents", whole.hub)}
    _, found = live(whole)
    assert found.keys() == {"the hub"}
    assert found["the hub"]["state"] == "unknown"
    assert "logs:FilterLogEvents failed: access denied" in found["the hub"]["says"]
    assert not way.put


def test_user_is_made_in_one_account_only(whole: Checked) -> None:
    done = whole.run("--live=iam", "--yes")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--live=iam makes a user in one account" in done.stderr
    assert not whole.called
