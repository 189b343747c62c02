"""The patterns for what others do to the enforcer itself: just these calls, on just its resources."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from moto.events.models import EventPattern

from .contract import CONTRACT, Event, readings
from .matching import arrives_at, patterns_of, with_lists_spread
from .resolved_stack import ACCOUNT, ResolvedStack
from .roles import LONG_NAME, STACKS, forwarding
from .templates import MAIN, translated
from .test_patterns import SAMPLES, load

BUCKET = "mfa-evidence"
STACK = ResolvedStack(translated(MAIN), parameters={"Evidence": BUCKET})
OWN_CALLS: list[dict[str, Any]] = CONTRACT["own_calls"]
# Of these, what a stack of its own has. The groups there have triggers, and only a hub has a bus.
OF_STACK = [call for call in OWN_CALLS if call["part"] not in ("group", "bus")]
TOUCHING = [path for path, read in SAMPLES.items() if read.get("event", {}).get("subject") == "the enforcer"]
STRANGERS = {
    "logs": "payments-logs",
    "monitoring": "payments-latency",
    "sns": f"arn:aws:sns:us-east-1:{ACCOUNT}:payments",
    "sqs": f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/payments",
    "kms": "0000abcd-12ab-34cd-56ef-1234567890ab",
}


def own_names(call: dict[str, Any], stack: ResolvedStack) -> list[str]:
    """Names of the stack's own resources, as a request of this call has them."""
    if not call["named_in"] or call["name"] == "CreateEventSourceMapping":
        return [stack.arn("SweepFunction")]
    ending = ":0a1b2c3d" if "subscriptionArn" in call["named_in"] else ""
    names: dict[str, Iterable[str]] = {
        "trail": ["all-regions"],
        "rule": [*named(stack, "Events::Rule"), f"{stack.name}-forward"],
        "function": [form for function in stack.functions() for form in function_names(stack, function)],
        "role": [form for role in named(stack, "IAM::Role") for form in (role, role.upper())],
        "policy": map(stack.arn, stack.of_type("AWS::IAM::ManagedPolicy")),
        "key": [stack.resolve({"Ref": "AlertsKey"}), stack.arn("AlertsKey")],
        "logs": named(stack, "Logs::LogGroup"),
        "alarm": named(stack, "CloudWatch::Alarm"),
        "topic": [stack.arn("AlertsTopic") + ending],
        "queue": [
            *(stack.resolve({"Ref": queue}) for queue in stack.of_type("AWS::SQS::Queue")),
            f"https://sqs.eu-north-1.amazonaws.com/{ACCOUNT}/{stack.name}-forward-dead-letters",
        ],
        "schedule": named(stack, "Scheduler::Schedule"),
        "bucket": [BUCKET],
        "mail": [f"{stack.name}-mail"],
        "forwarding": [f"{stack.name}-forward"],
        "stack": [stack.name, stack.resolve({"Ref": "AWS::StackId"}), f"StackSet-{stack.name}-forward-1a2b"],
    }
    return list(names[call["part"]])


def named(stack: ResolvedStack, kind: str) -> list[str]:
    return list(map(stack.physical_name, stack.of_type(f"AWS::{kind}")))


def function_names(stack: ResolvedStack, function: str) -> Iterator[str]:
    """What Lambda accepts as the name of a function."""
    name = stack.physical_name(function)
    yield from (name, f"{ACCOUNT}:function:{name}", stack.arn(function))


def called(call: dict[str, Any], name: str, dated: str = "") -> Event:
    """A record of this call about the resource with this name."""
    parameters: dict[str, Any] = {"isMultiRegionTrail": False, "tagKeys": ["mfa-enforcer:last-look"]}
    response = None
    for field in call["named_in"][:1]:
        several = {"alarmNames": [name], "muteTargets": {"alarmNames": [name]}}
        parameters[field] = several.get(field, name)
    if not call["named_in"]:
        response = {"functionArn": name}
    return {
        "source": f"aws.{call['service']}",
        "detail-type": "AWS API Call via CloudTrail",
        "account": ACCOUNT,
        "id": "0d1f2a3b-0000-4000-8000-00000000e001",
        "time": "2026-11-24T09:01:00Z",
        "region": "us-east-1",
        "detail": {
            "userIdentity": {"type": "IAMUser", "userName": "mallory", "accountId": ACCOUNT},
            "eventTime": "2026-11-24T09:01:00Z",
            "eventSource": f"{call['service']}.amazonaws.com",
            "eventName": call["name"] + dated,
            "requestParameters": parameters,
            "responseElements": response,
            "eventID": "0d1f2a3b-0000-4000-8000-00000000d001",
            "recipientAccountId": ACCOUNT,
        },
    }


def title(call: dict[str, Any]) -> str:
    return f"{call['service']}:{call['name']}"


def test_call_about_own_resource_arrives_and_is_told() -> None:
    patterns = patterns_of(STACK)
    events = [
        called(call, name, dated)
        for call in OF_STACK
        for name in own_names(call, STACK)
        for dated in (("", "20150331v2") if call["service"] == "lambda" else ("",))
    ]
    assert [event for event in events if arrives_at(patterns, event) != {"guard"}] == []
    told = [read["event"]["subject"] for read in readings(events) if "event" in read]
    # Of the policies, those of the quarantine have triggers of their own.
    assert set(told) == {"the enforcer", "the quarantine"}
    assert len(told) == len(events)


@pytest.mark.parametrize("call", OF_STACK, ids=title)
def test_call_about_own_resource_of_a_long_stack_arrives(call: dict[str, Any]) -> None:
    """CloudFormation shortens the names of its functions and queues."""
    stack = ResolvedStack(translated(MAIN), LONG_NAME, parameters={"Evidence": BUCKET})
    patterns = patterns_of(stack)
    names = own_names(call, stack)
    assert [name for name in names if arrives_at(patterns, called(call, name)) != {"guard"}] == []


@pytest.mark.parametrize("call", [call for call in OWN_CALLS if call["part"] != "trail"], ids=title)
def test_call_about_something_else_starts_nothing(call: dict[str, Any]) -> None:
    patterns = patterns_of(STACK)
    for name in (STRANGERS.get(call["service"], "payments"), f"my-{STACK.name}-x", f"{STACK.name}2-x"):
        assert arrives_at(patterns, called(call, name)) == set(), name


@pytest.mark.parametrize("call", OF_STACK, ids=title)
def test_failed_call_starts_nothing(call: dict[str, Any]) -> None:
    patterns = patterns_of(STACK)
    name = own_names(call, STACK)[0]
    for changes in (
        {"errorCode": "AccessDenied"},
        {"eventType": "AwsServiceEvent"},
        {"recipientAccountId": "210987654321"},
    ):
        event = called(call, name)
        event["detail"] |= changes
        assert arrives_at(patterns, event) == set(), changes


def test_own_notes_start_nothing() -> None:
    """The functions write tags of the topic. What only looks like one of them is reported."""
    patterns, (call,) = patterns_of(STACK), [call for call in OWN_CALLS if call["name"] == "TagResource"]
    event = called(call, STACK.arn("AlertsTopic"))
    issuer = {"type": "Role", "accountId": ACCOUNT, "userName": STACK.physical_name("SweepRole")}
    event["detail"]["userIdentity"] = {"type": "AssumedRole", "sessionContext": {"sessionIssuer": issuer}}
    assert arrives_at(patterns, event) == set()
    issuer["type"] = "IAMUser"
    assert arrives_at(patterns, event) == {"guard"}


def test_second_name_of_a_resource_arrives_too() -> None:
    patterns = patterns_of(STACK)
    log = named(STACK, "Logs::LogGroup")[0]
    names = {
        "lambda:CreateEventSourceMapping": STACK.arn("SweepQueue"),
        "logs:AssociateKmsKey": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{log}",
    }
    several = [call for call in OWN_CALLS if len(call["named_in"]) > 1]
    assert {title(call) for call in several} == set(names)
    for call in several:
        event = called({**call, "named_in": call["named_in"][1:]}, names[title(call)])
        assert arrives_at(patterns, event) == {"guard"}, title(call)
        assert "event" in readings([event])[0], title(call)


def test_no_rule_can_be_silenced_without_another_seeing_it() -> None:
    """A rule that is disabled no longer reports that it was."""
    rules = {
        rule["Name"]: EventPattern.load(json.dumps(rule["EventPattern"]))
        for rule in STACK.of_type("AWS::Events::Rule").values()
    }
    calls = {call["name"]: call for call in OWN_CALLS if call["part"] == "rule"}
    assert len(calls) == 5
    for name in rules:
        for call in calls.values():
            event: Any = called(call, name)
            seen = [other for other, pattern in rules.items() if pattern.matches_event(event)]
            assert set(seen) - {name}, f"{call['name']} of {name}"


def test_changed_sample_arrives_if_it_is_told() -> None:
    """One field at a time is left out."""
    patterns, changes = patterns_of(STACK), []
    needed = ("eventSource", "eventName", "requestParameters", "responseElements")
    for path in TOUCHING:
        for field in load(path)["detail"].keys() - needed:
            other = load(path)
            del other["detail"][field]
            changes.append((path, field, other))
    reads = readings(other for *_, other in changes)
    odd = [
        (path, field, read)
        for (path, field, other), read in zip(changes, reads, strict=True)
        if ("event" in read) != (arrives_at(patterns, other) == {"guard"})
    ]
    assert odd == []


@pytest.mark.parametrize("place", STACKS)
def test_other_region_forwards_what_happens_there(place: str) -> None:
    region, main = STACKS[place]
    there = forwarding(main, region)
    rule = there.of_type("AWS::Events::Rule")["Watch"]
    pattern, patterns = EventPattern.load(json.dumps(rule["EventPattern"])), patterns_of(main)
    names = {
        "trail": ["all-regions"],
        "rule": [each["Name"] for each in there.of_type("AWS::Events::Rule").values()],
        "queue": [there.resolve({"Ref": "DeadLetters"})],
        "stack": [there.name],
    }
    forwarded = 0
    for call in OWN_CALLS:
        # A change set is executed by CloudFormation itself there.
        if call["name"] in ("ExecuteChangeSet", "SetStackPolicy", "UpdateTerminationProtection"):
            continue
        for name in names.get(call["part"], []):
            event = called(call, name)
            assert pattern.matches_event(with_lists_spread(event)), f"{title(call)} of {name}"
            # The rule of the main stack lets it through as well: no third rule would.
            assert arrives_at(patterns, event) == {"guard"}, f"{title(call)} of {name}"
            forwarded += 1
            event["detail"]["errorCode"] = "AccessDenied"
            assert not pattern.matches_event(with_lists_spread(event))
    assert forwarded > 15
    for call in OWN_CALLS:
        if call["part"] != "trail":
            assert not pattern.matches_event(with_lists_spread(called(call, "payments"))), title(call)
