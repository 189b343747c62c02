"""What an account sends to the bus of the hub arrives where a stack of its own would bring it, and once."""

import json
from typing import Any

from .contract import CONTRACT, Event
from .hubs import HUB
from .matching import Pattern, arrives_at, patterns_of, with_lists_spread
from .members import PLAIN
from .resolved_stack import ACCOUNT
from .roles import STACK
from .test_member_events import RULE, as_of_member, events, named, rules_of, sent
from .test_watching import OWN_CALLS, called, title

FUNCTIONS = {HUB.arn(name): function for name, function in HUB.functions().items()}
# What is on the bus, with the function that it calls.
ON_BUS = {
    name: (Pattern(rule["EventPattern"]), FUNCTIONS[rule["Targets"][0]["Arn"]])
    for name, rule in HUB.of_type(RULE).items()
    if rule.get("EventBusName") == HUB.name
}


def arrived(event: Any) -> list[str]:
    """The function of each rule on the bus that takes an event."""
    spread = with_lists_spread(event)
    return [function for pattern, function in ON_BUS.values() if pattern.matches(spread)]


def of_another_account(event: Event) -> Event:
    """The same event as in an account that is neither the hub's nor in any pattern of it."""
    moved: Event = json.loads(json.dumps(event).replace(ACCOUNT, "444455556666"))
    return moved


def test_event_of_any_account_arrives_where_it_would_in_a_stack_of_its_own() -> None:
    own, rules = patterns_of(STACK, watching=False), rules_of(PLAIN.home)
    counted = dict.fromkeys(FUNCTIONS.values(), 0)
    wrong = []
    for what, event in events():
        theirs = as_of_member(event)
        if not sent(rules, theirs):
            continue
        expected = arrives_at(own, event) or arrives_at(own, theirs)
        found = arrived(of_another_account(theirs))
        if len(found) != 1 or (expected and set(found) != expected):
            wrong.append((what, found))
        counted[found[0] if found else "sweep"] += 1
    assert wrong == []
    assert counted.pop("sweep") == 0
    assert min(counted.values()) > 100


def test_change_to_the_parts_of_a_member_arrives_at_the_guard() -> None:
    tried = 0
    for stack in (PLAIN.home, PLAIN.elsewhere):
        rules, names = rules_of(stack), named(PLAIN, stack)
        for call in OWN_CALLS:
            for name in names.get(call["part"], []):
                event = called(call, name)
                if sent(rules, event):
                    assert arrived(of_another_account(event)) == ["guard"], f"{title(call)} of {name}"
                    tried += 1
    assert tried > 100


def test_test_event_arrives_from_any_account() -> None:
    event = {"source": "mfa-enforcer.test", "account": ACCOUNT, "detail-type": "any", "detail": {}}
    assert arrived(of_another_account(event)) == ["user-lifecycle"]
    assert arrived({**event, "source": CONTRACT["bus"]["source"]}) == []


def test_default_bus_of_the_hub_watches_over_the_hub_alone() -> None:
    watching = [
        Pattern(rule["EventPattern"]) for rule in HUB.of_type(RULE).values() if "EventBusName" not in rule
    ]
    tried = 0
    for call in OWN_CALLS:
        if call["part"] != "trail":
            continue
        event = called(call, "all-regions")
        assert [pattern for pattern in watching if pattern.matches(event)]
        foreign = with_lists_spread(of_another_account(event))
        assert not [pattern for pattern in watching if pattern.matches(foreign)]
        tried += 1
    assert tried > 2


def test_queues_of_the_accounts_are_watched_over() -> None:
    guard = patterns_of(HUB, watching=True)["guard"]
    for name in ("AccountQueue", "AccountDeadLetters"):
        for call in (each for each in OWN_CALLS if each["part"] == "queue"):
            event = called(call, HUB.resolve({"Ref": name}))
            assert [pattern for pattern in guard if pattern.matches(event)], f"{title(call)} of {name}"
    source = called(
        {"service": "lambda", "name": "CreateEventSourceMapping", "named_in": ["eventSourceArn"]},
        HUB.arn("AccountQueue"),
    )
    assert [pattern for pattern in guard if pattern.matches(source)]
