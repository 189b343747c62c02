"""A member sends the hub what a stack of its own would get, and nothing of another account."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from .changed_events import OTHER_ACCOUNT, QUARANTINE, changed
from .contract import CONTRACT, Event
from .matching import Pattern, arrives_at, patterns_of, with_lists_spread
from .members import HUB_ACCOUNT, LONGEST_NAME, MEMBERS, ORGANIZATION, PLAIN, Member
from .quarantines import DOCUMENTS, group, policy, spare
from .resolved_stack import ACCOUNT, ResolvedStack
from .roles import STACK
from .templates import MEMBER, MEMBER_REGION, translated
from .test_patterns import SAMPLES, load
from .test_watching import OWN_CALLS, called, title

RULE = "AWS::Events::Rule"
# What a stack has and a member has not.
NOT_IN_MEMBERS = {
    "function",
    "key",
    "logs",
    "alarm",
    "topic",
    "schedule",
    "bucket",
    "mail",
    "forwarding",
    "event-source",
    "bus",
}
each_member = pytest.mark.parametrize("title_", MEMBERS)


def rules_of(stack: ResolvedStack) -> dict[str, Pattern]:
    return {name: Pattern(rule["EventPattern"]) for name, rule in stack.of_type(RULE).items()}


def sent(rules: dict[str, Pattern], event: Any) -> set[str]:
    """The rules that send an event to the hub."""
    spread = with_lists_spread(event)
    return {name for name, pattern in rules.items() if pattern.matches(spread)}


def as_of_member(event: Event) -> Event:
    """The same event about the quarantine and the roles of a member."""
    home, text = PLAIN.home, json.dumps(event)
    for document in sorted(DOCUMENTS, key=len, reverse=True):
        for end, logical in (("-spare", spare(document)), ("", policy(document))):
            text = text.replace(STACK.arn(f"{policy(document)}{'Spare' if end else ''}"), home.arn(logical))
        name, ours = f"{QUARANTINE}-{document}", home.physical_name(group(document))
        # An ARN with this name is not one of the quarantine's.
        for old, new in ((name, ours), (name.upper(), ours.upper())):
            text = text.replace(f'"groupName": "{old}"', f'"groupName": "{new}"')
    for function in STACK.functions().values():
        text = text.replace(f'"{STACK.name}-{function}"', json.dumps(home.physical_name("ContainRole")))
    made: Event = json.loads(text)
    return made


def events() -> Iterator[tuple[str, Event]]:
    """The samples that are not about the enforcer itself, whole and with one field changed."""
    for path, read in SAMPLES.items():
        if read["function"] == "sweep" or read.get("event", {}).get("subject") == "the enforcer":
            continue
        event = load(path)
        if not event.get("detail"):
            continue
        yield path, event
        if "event" in read:
            yield from ((f"{path} {what}", each) for what, each in changed(event))


# Others whose names begin like those of the stack. A member knows policies by path and groups by name.
LOOK_ALIKES = (f"{QUARANTINE}-consolex", f"{QUARANTINE}-'", f"x{QUARANTINE}")


def test_hub_gets_what_a_stack_of_the_account_would_get() -> None:
    patterns = patterns_of(STACK, watching=False)
    rules = {name: rule for name, rule in rules_of(PLAIN.home).items() if not name.startswith("Watch")}
    counted, odd = {True: 0, False: 0}, []
    for what, event in events():
        if event.get("account") != ACCOUNT or any(name in what for name in LOOK_ALIKES):
            continue
        arrived = sent(rules, as_of_member(event))
        # No event is sent twice.
        assert len(arrived) <= 1, (what, arrived)
        expected = bool(arrives_at(patterns, event))
        counted[expected] += 1
        if bool(arrived) != expected:
            odd.append(what)
    assert odd == []
    assert min(counted.values()) > 1000


def test_look_alikes_are_not_sent() -> None:
    rules = rules_of(PLAIN.home)
    event = load("DetachUserPolicy/heidi-by-an-admin.json")
    assert sent(rules, as_of_member(event)) == {"Quarantine"}
    own = PLAIN.home.arn(policy("console"))
    for arn in (
        f"arn:aws:iam::{ACCOUNT}:policy/{QUARANTINE}-console",
        own.replace(ACCOUNT, OTHER_ACCOUNT),
        own.replace("policy/", "policy/x/"),
        own.replace("/mfa-enforcer/", "/mfa-enforcer-x/"),
    ):
        event["detail"]["requestParameters"]["policyArn"] = arn
        assert sent(rules, event) == set(), arn
    event = load("RemoveUserFromGroup/heidi-by-an-admin.json")
    assert sent(rules, as_of_member(event)) == {"Groups"}
    for name in ("engineers", f"{PLAIN.home.physical_name(group('console'))}x"):
        event["detail"]["requestParameters"]["groupName"] = name
        assert sent(rules, event) == set(), name


def test_what_came_from_another_account_is_not_sent_on() -> None:
    """The default bus of an account can get events of others. The envelope says whose they are."""
    members = (PLAIN.home, PLAIN.elsewhere)
    tried = 0
    for stack in members:
        rules = rules_of(stack)
        for path, read in SAMPLES.items():
            event = load(path)
            if "event" not in read or not sent(rules, as_of_member(event)):
                continue
            foreign = {**as_of_member(event), "account": OTHER_ACCOUNT}
            assert sent(rules, foreign) == set(), path
            without = copy.deepcopy(foreign)
            without["detail"].pop("recipientAccountId", None)
            assert sent(rules, without) == set(), path
            tried += 1
    assert tried > 30


def test_sign_ins_have_one_pattern_everywhere() -> None:
    here = STACK.of_type(RULE)["SignInFunctionSignIns"]["EventPattern"]
    for stack in (PLAIN.home, PLAIN.elsewhere):
        assert stack.of_type(RULE)["SignIns"]["EventPattern"] == {"account": [ACCOUNT], **here}


@each_member
def test_patterns_fit_a_rule(title_: str) -> None:
    """EventBridge accepts 2,048 characters. CloudFormation shortens the names of groups to 128."""
    parameters = {"HubAccount": HUB_ACCOUNT, "OrganizationId": ORGANIZATION, "Name": LONGEST_NAME}
    location = MEMBERS[title_].location
    for path in (MEMBER, MEMBER_REGION):
        template = translated(path)
        given = {name: value for name, value in parameters.items() if name in template["Parameters"]}
        longest = ResolvedStack(template, f"StackSet-{'x' * 128}-{'y' * 36}", location, given)
        for rule in longest.of_type(RULE).values():
            assert len(json.dumps(rule["EventPattern"], separators=(",", ":"))) < 2048, rule["Name"]


def named(member: Member, stack: ResolvedStack) -> dict[str, list[str]]:
    """Names of the stack's resources, as a request has them."""
    roles = [role["RoleName"] for role in stack.of_type("AWS::IAM::Role").values()]
    names = {
        "trail": ["all-regions"],
        "rule": [rule["Name"] for rule in stack.of_type(RULE).values()],
        "queue": [stack.resolve({"Ref": "DeadLetters"})],
        "stack": [stack.name, stack.resolve({"Ref": "AWS::StackId"})],
    }
    if stack is member.home:
        # The role of another region is changed where IAM is.
        roles += [role["RoleName"] for role in member.elsewhere.of_type("AWS::IAM::Role").values()]
        names |= {
            "role": [form for role in roles for form in (role, role.upper())],
            "policy": [stack.arn(name) for name in stack.of_type("AWS::IAM::ManagedPolicy")],
            "group": [stack.physical_name(name) for name in stack.of_type("AWS::IAM::Group")],
        }
    return names


@each_member
def test_changes_to_its_parts_are_sent(title_: str) -> None:
    member = MEMBERS[title_]
    for stack in (member.home, member.elsewhere):
        rules, names, told = rules_of(stack), named(member, stack), 0
        for call in OWN_CALLS:
            # StackSets creates and updates stacks without these.
            if call["name"] in ("ExecuteChangeSet", "SetStackPolicy", "UpdateTerminationProtection"):
                continue
            for name in names.get(call["part"], []):
                event = called(call, name)
                assert sent(rules, event), f"{title(call)} of {name}"
                failed = {**event, "detail": {**event["detail"], "errorCode": "AccessDenied"}}
                assert not sent(rules, failed)
                assert not sent(rules, {**event, "account": OTHER_ACCOUNT})
                told += 1
            if call["part"] != "trail":
                assert not sent(rules, called(call, "payments")), title(call)
        assert told > 20
    assert set(names) | NOT_IN_MEMBERS | {"role", "policy", "group"} == {call["part"] for call in OWN_CALLS}


@each_member
def test_no_rule_can_be_silenced_without_another_seeing_it(title_: str) -> None:
    """A rule that is disabled no longer reports that it was."""
    member = MEMBERS[title_]
    calls = [call for call in OWN_CALLS if call["part"] == "rule"]
    assert len(calls) == 5
    for stack in (member.home, member.elsewhere):
        rules = rules_of(stack)
        for logical, rule in stack.of_type(RULE).items():
            for call in calls:
                seen = sent(rules, called(call, rule["Name"]))
                assert seen - {logical}, f"{call['name']} of {rule['Name']}"


@each_member
def test_own_calls_are_not_sent(title_: str) -> None:
    """Those of the roles that the hub assumes; the same names elsewhere are somebody else's."""
    member = MEMBERS[title_]
    rules = rules_of(member.home)
    for path in ("DetachUserPolicy/heidi-by-an-admin.json", "RemoveUserFromGroup/heidi-by-an-admin.json"):
        event = as_of_member(load(path))
        text = json.dumps(event).replace("arn:aws:iam", f"arn:{member.location.partition}:iam")
        for old, new in zip(
            PLAIN.home.of_type("AWS::IAM::Group"), member.home.of_type("AWS::IAM::Group"), strict=True
        ):
            text = text.replace(PLAIN.home.physical_name(old), member.home.physical_name(new))
        event = json.loads(text)
        for role in ("ContainRole", "ReleaseRole", "GuardRole"):
            issuer = {"type": "Role", "accountId": ACCOUNT, "userName": member.home.physical_name(role)}
            for change, arrives in (
                ({}, False),
                ({"accountId": HUB_ACCOUNT}, True),
                ({"type": "IAMUser"}, True),
            ):
                identity = {"type": "AssumedRole", "sessionContext": {"sessionIssuer": issuer | change}}
                event["detail"]["userIdentity"] = identity
                assert bool(sent(rules, event)) == arrives, (path, role, change)


def test_test_event_is_sent() -> None:
    """It takes the way of all others, from every region."""
    event = {"source": "mfa-enforcer.test", "account": ACCOUNT, "detail-type": "any", "detail": {}}
    for stack in (PLAIN.home, PLAIN.elsewhere):
        assert sent(rules_of(stack), event) == {"Tests"}
        assert sent(rules_of(stack), {**event, "account": OTHER_ACCOUNT}) == set()
        assert sent(rules_of(stack), {**event, "source": CONTRACT["bus"]["source"]}) == set()
