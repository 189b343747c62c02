"""Every rule's way: which account and region it reaches, and that no event needs a third hop.

EventBridge passes an event on from one bus to another once, and drops it if it should be passed on again.
"""

from typing import Any, NamedTuple

import pytest

from .hubs import HUBS
from .members import HUB_ACCOUNT, MEMBERS, Member
from .resolved_stack import ACCOUNT, ResolvedStack
from .roles import STACKS, forwarding

RULE = "AWS::Events::Rule"


class Place(NamedTuple):
    """A region of an account, and what is there."""

    region: str
    account: str
    what: str


def place(arn: str) -> Place:
    _, _, service, region, account, what = arn.split(":", 5)
    return Place(region, account, f"{service}:{what}")


class Hop(NamedTuple):
    """A rule on a bus, and one of its targets with the queue of what does not arrive there."""

    bus: Place
    target: Place
    queue: Place


def hops(stack: ResolvedStack, account: str = ACCOUNT) -> list[Hop]:
    """The rules of a stack in an account."""

    def there(arn: str) -> Place:
        return place(arn.replace(f":{ACCOUNT}:", f":{account}:"))

    def on(rule: dict[str, Any]) -> Place:
        bus = rule.get("EventBusName", "default")
        return Place(stack.location.region, account, f"events:event-bus/{bus}")

    return [
        Hop(on(rule), there(target["Arn"]), there(target["DeadLetterConfig"]["Arn"]))
        for rule in stack.of_type(RULE).values()
        for target in rule["Targets"]
    ]


def is_bus(reached: Place) -> bool:
    return reached.what.startswith("events:")


# Each deployment: the stack with the functions, with its account, and those that send to it.
DEPLOYED: dict[str, list[tuple[ResolvedStack, str]]] = {
    **{
        f"one account {title}": [(main, ACCOUNT), (forwarding(main, region), ACCOUNT)]
        for title, (region, main) in STACKS.items()
    },
    **{
        f"member {title}": [(member.hub, HUB_ACCOUNT), (member.home, ACCOUNT), (member.elsewhere, ACCOUNT)]
        for title, member in MEMBERS.items()
    },
    **{f"hub {title}": [(hub, HUB_ACCOUNT)] for title, hub in HUBS.items()},
}
each_deployment = pytest.mark.parametrize("title", DEPLOYED)


def all_hops(title: str) -> list[Hop]:
    return [hop for stack, account in DEPLOYED[title] for hop in hops(stack, account)]


@each_deployment
def test_event_reaches_a_function_by_two_rules_at_most(title: str) -> None:
    found = all_hops(title)
    from_bus_to_bus = [hop for hop in found if is_bus(hop.target)]
    last = {hop.bus for hop in found if not is_bus(hop.target)}
    for hop in from_bus_to_bus:
        # What AWS itself puts there: no event on this bus came from another one.
        assert hop.bus.what == "events:event-bus/default"
        # And there, no rule passes it on.
        assert hop.target not in {each.bus for each in from_bus_to_bus}
        assert hop.target in last


@each_deployment
def test_rule_reaches_its_own_place_or_the_bus_of_the_functions(title: str) -> None:
    main, functions = DEPLOYED[title][0]
    for hop in all_hops(title):
        own = (hop.bus.region, hop.bus.account)
        expected = (main.location.region, functions) if is_bus(hop.target) else own
        assert (hop.target.region, hop.target.account) == expected
        # EventBridge takes no queue of another region.
        assert (hop.queue.region, hop.queue.account) == own
        assert hop.target.what.startswith(("lambda:function:", "events:event-bus/"))


@pytest.mark.parametrize("title", MEMBERS)
def test_every_rule_of_a_member_leaves_it_for_the_hub(title: str) -> None:
    member: Member = MEMBERS[title]
    for stack in (member.home, member.elsewhere):
        found = hops(stack)
        assert found
        assert {hop.target for hop in found} == {place(member.bus)}
        assert {hop.bus for hop in found} == {
            Place(stack.location.region, ACCOUNT, "events:event-bus/default")
        }
