"""Whatever the rules let through that watch over the enforcer itself, the code recognises."""

import json
from typing import Any

import pytest

from .contract import Event, readings
from .hubs import hub
from .matching import Pattern, with_lists_spread
from .members import MEMBERS, Member
from .pattern_events import CALLS, events_of
from .resolved_stack import ResolvedStack

RULE = "AWS::Events::Rule"
HUB = hub(Evidence="mfa-evidence")
each_member = pytest.mark.parametrize("title", MEMBERS)
# The rules that say of the quarantine what a look into the account has to say more exactly.
OF_QUARANTINE = ("Quarantine", "Groups")


def call(event: Event) -> tuple[str, str]:
    return event["source"].removeprefix("aws."), event["detail"]["eventName"]


def made(rule: dict[str, Any]) -> list[Event]:
    """The events of a rule, which its own pattern lets through."""
    pattern, events = Pattern(rule["EventPattern"]), list(events_of(rule["EventPattern"]))
    assert [event for event in events if not pattern.matches(with_lists_spread(event))] == []
    return events


def read_by_hub(events: list[Event], member: Member) -> list[str]:
    """What the hub takes each event for, before it looks into the account."""
    lines = ({"payload": event, "members": [member.parameter("Name")]} for event in events)
    return [json.dumps(read) for read in readings(lines, whole=True)]


def watching(stack: ResolvedStack) -> dict[str, Any]:
    return {name: rule for name, rule in stack.of_type(RULE).items() if name.startswith("Watch")}


@each_member
def test_hub_recognises_what_the_rules_of_an_account_watch_for(title: str) -> None:
    member, tried = MEMBERS[title], 0
    for stack in (member.home, member.elsewhere):
        rules = watching(stack)
        assert set(rules) == {"Watch", "WatchRules"}
        for name, rule in rules.items():
            events = made(rule)
            assert {call(event) for event in events} <= CALLS, name
            read = read_by_hub(events, member)
            odd = [
                (call(event), event["detail"]["requestParameters"], said)
                for event, said in zip(events, read, strict=True)
                if '"subject": "the enforcer"' not in said
            ]
            assert odd == [], name
            tried += len(events)
    assert tried > 50


@each_member
def test_hub_recognises_policies_and_groups_that_may_be_gone(title: str) -> None:
    member = MEMBERS[title]
    events = [
        event
        for name in OF_QUARANTINE
        for event in made(member.home.of_type(RULE)[name])
        if call(event) in CALLS
    ]
    assert {name for _, name in map(call, events)} == {
        *("DeletePolicy", "DeletePolicyVersion", "CreatePolicyVersion", "SetDefaultPolicyVersion"),
        *("DetachGroupPolicy", "DeleteGroup", "UpdateGroup"),
    }
    for event, said in zip(events, read_by_hub(events, member), strict=True):
        assert '"subject": "the enforcer"' in said, (call(event), said)


def test_guard_recognises_each_call_that_the_rules_of_the_hub_watch_for() -> None:
    rules = [rule for rule in HUB.of_type(RULE).values() if f"{HUB.name}-watch-" in rule["Name"]]
    assert len(rules) > 7
    for rule in rules:
        events = made(rule)
        read = readings(events)
        told = {
            call(event)
            for event, said in zip(events, read, strict=True)
            if said.get("event", {}).get("subject") == "the enforcer"
        }
        assert told == {call(event) for event in events} & CALLS, rule["Name"]
        assert len(told) > 3, rule["Name"]


def test_permission_to_put_events_on_the_bus_is_watched() -> None:
    watched = {
        call(event)
        for rule in HUB.of_type(RULE).values()
        if f"{HUB.name}-watch-" in rule["Name"]
        for event in made(rule)
    }
    bus = {"PutPermission", "RemovePermission", "UpdateEventBus", "DeleteEventBus"}
    assert {("events", name) for name in bus} <= watched
