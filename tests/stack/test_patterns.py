"""The event patterns let through what the functions act on and nothing else, as far as a pattern can tell."""

import json

import pytest

from .changed_events import OTHER_ACCOUNT, POLICY, QUARANTINE, changed
from .contract import CONTRACT, EVENTS, Event, Reading, readings
from .matching import Patterns, arrives_at, patterns_of, with_lists_spread
from .resolved_stack import ACCOUNT, ResolvedStack
from .roles import GOVCLOUD, LONG_NAME, STACK
from .templates import MAIN, ROOT, source, translated

SAMPLES: dict[str, Reading] = CONTRACT["samples"]
RECORDINGS = ROOT.parent / "shared" / "recorded-events"

# Samples for which a pattern cannot know what the code knows, and where they arrive.
ODD: dict[str, set[str]] = {
    # Two fields tell whether root is meant, and only the code can combine them with `invokedBy`.
    "DeleteLoginProfile/root-by-an-aws-service.json": {"user-lifecycle"},
    # The sample shows a wrong rule. The right one sends it to its function.
    "DeleteUser/newhire-sent-to-another-function.json": {"user-lifecycle"},
    # It is ignored, and its line in the log is what somebody waits for.
    "Other/test-that-looks-like-a-release.json": {"user-lifecycle"},
    # A pattern selects events by service and name, and these have none.
    "Malformed/no-detail.json": set(),
    "Malformed/detail-null.json": set(),
    "Malformed/event-name-missing.json": set(),
    # The schedule or a person calls the function.
    "Sweep/scheduler.json": set(),
    "Sweep/hourly.json": set(),
    "Sweep/queued.json": set(),
    "Sweep/rule.json": set(),
    "Sweep/by-hand.json": set(),
    # Only the code knows what a trail logs after a call.
    "PutEventSelectors/still-all-writes.json": {"guard"},
    "UpdateTrail/another-bucket.json": {"guard"},
}

# Changes after which a pattern drops an event that the code would act on. CloudFormation accepts no JSON null
# in a template, so a pattern cannot match it. CloudTrail omits empty fields; no published record has a null.
DROPPED = {
    *("errorCode=None", "recipientAccountId=None"),
    *("userIdentity.invokedBy=None", "userIdentity.type=None"),
    *("requestParameters.policyArn=None", "requestParameters.groupName=None"),
    # These are lists in every record. The code would call the event malformed.
    *("requestParameters.tags=''", "requestParameters.tags='null'"),
    *("requestParameters.tagKeys=''", "requestParameters.tagKeys='null'"),
}
# Changes after which a pattern lets through what the code ignores.
LEFT_TO_THE_CODE = {
    # These count for root only, whom either of two fields can mean.
    *("userIdentity.invokedBy='cloudformation.amazonaws.com'", "userIdentity.invokedBy='AWS Internal'"),
    # It counts only with `invokedBy`.
    "requestParameters.userName='AWS ROOT USER'",
    # A session of Lambda has an issuer, and records name the account, except very old ones.
    *("userIdentity=the enforcer, without an issuer", "account=another, in the envelope only"),
    # It is a string in every published record.
    "additionalEventData.MFAUsed=True",
    # A pattern cannot tell nobody from a caller that it does not know.
    "userIdentity={}",
    # A pattern has room for the beginning of the names only.
    f"requestParameters.groupName='{QUARANTINE}-consolex'",
    *(f"requestParameters.policyArn='{POLICY}-consolex'", f"requestParameters.policyArn='{POLICY}-'"),
    # A group's event comes whatever policy it is about.
    f"requestParameters.policyArn='arn:aws:iam::{ACCOUNT}:policy/x/{QUARANTINE}-console'",
    f"requestParameters.policyArn='arn:aws:iam::{OTHER_ACCOUNT}:policy/{QUARANTINE}-console'",
    "requestParameters.policyArn='arn:aws:iam::aws:policy/ReadOnlyAccess'",
}
# The code's reasons to ignore those.
REASONS_LEFT = {
    *("aws-service-event", "own-call", "other-account", "mfa-used", "other-identity"),
    "not-of-the-quarantine",
}


# Stands for every call about the enforcer itself; test_watching.py has their patterns.
TOUCHED = "EnforcerTouched"


@pytest.fixture(scope="module", name="patterns")
def _patterns() -> Patterns:
    return patterns_of(STACK)


def owner(event: Event) -> str:
    """The function that an event is for."""
    function: str = CONTRACT["triggers"][event["detail"]["eventName"]]["function"]
    return function


def load(path: str) -> Event:
    event: Event = json.loads((EVENTS / path).read_text(encoding="utf-8"))
    return event


def plain(path: str) -> set[str]:
    """Where a sample arrives if its pattern knows what the code knows."""
    return set() if "ignored" in SAMPLES[path] else {SAMPLES[path]["function"]}


def test_rules_match_the_triggers_of_their_functions() -> None:
    matched = [
        (name, function)
        for function, several in patterns_of(STACK, watching=False).items()
        for pattern in several
        for name in pattern.whole.get_pattern().get("detail", {"eventName": []})["eventName"]
    ]
    triggers = [
        (name, trigger["function"]) for name, trigger in CONTRACT["triggers"].items() if name != TOUCHED
    ]
    # Each name is in one pattern, so no event arrives twice.
    assert sorted([*matched, ("Sweep", "sweep")]) == sorted(triggers)


@pytest.mark.parametrize("path", sorted(SAMPLES))
def test_sample_arrives_where_it_is_acted_on(path: str, patterns: Patterns) -> None:
    assert arrives_at(patterns, load(path)) == ODD.get(path, plain(path))


def test_every_odd_sample_is_odd() -> None:
    assert not [path for path, arrives in ODD.items() if arrives == plain(path)]


def changed_samples() -> list[tuple[str, Event]]:
    """The samples about users and root that are acted on, with one field changed in each."""
    acted_on = [
        path
        for path, read in SAMPLES.items()
        if "event" in read and read["function"] != "sweep" and read["event"]["subject"] != "the enforcer"
    ]
    return [change for path in acted_on for change in changed(load(path))]


def test_first_look_drops_only_what_does_not_match(patterns: Patterns) -> None:
    events = [load(path) for path in SAMPLES] + [event for _, event in changed_samples()[::37]]
    several = [pattern for each in patterns.values() for pattern in each]
    dropped = [(pattern, event) for pattern in several for event in events if not pattern.may_match(event)]
    assert len(dropped) > len(events)
    assert not [event for pattern, event in dropped if pattern.whole.matches_event(with_lists_spread(event))]


def test_changed_event_arrives_if_it_is_acted_on(patterns: Patterns) -> None:
    changes = changed_samples()
    dropped, left, reasons = set(), set(), set()
    for (what, event), read in zip(changes, readings(event for _, event in changes), strict=True):
        arrived = arrives_at(patterns, event)
        if "ignored" not in read and arrived != {owner(event)}:
            dropped.add(what)
        elif "ignored" in read and arrived:
            left.add(what)
            reasons.add(read["ignored"])
    assert dropped == DROPPED
    assert left == LEFT_TO_THE_CODE
    assert reasons == REASONS_LEFT


@pytest.mark.skipif(not RECORDINGS.exists(), reason="other people's recordings are not beside this checkout")
def test_recorded_event_arrives_if_it_is_acted_on(patterns: Patterns) -> None:
    paths = sorted(RECORDINGS.glob("*/*.json"))
    events = [enveloped(json.loads(path.read_text(encoding="utf-8"))) for path in paths]
    for path, event, read in zip(paths, events, readings(events), strict=True):
        if "ignored" not in read:
            assert arrives_at(patterns, event) == {owner(event)}, path
        elif read["ignored"] not in REASONS_LEFT:
            assert arrives_at(patterns, event) == set(), path


def enveloped(recording: Event) -> Event:
    """A recorded event as EventBridge would send it, as if from our account."""
    detail = recording.get("detail", recording)
    if detail.get("recipientAccountId"):
        detail["recipientAccountId"] = ACCOUNT
    service = str(detail.get("eventSource")).split(".", maxsplit=1)[0]
    kind = "Console Sign In" if service == "signin" else "API Call"
    return {
        "source": f"aws.{service}",
        "detail-type": f"AWS {kind} via CloudTrail",
        "account": ACCOUNT,
        "detail": detail,
    }


def test_patterns_fit_a_rule_with_the_longest_names() -> None:
    """EventBridge accepts 2,048 characters."""
    names = ("RolePath", "FormerPolicyArns", "FormerGroupNames")
    longest = {name: "x" * source(MAIN)["Parameters"][name]["MaxLength"] for name in names}
    for rule in (
        ResolvedStack(translated(MAIN), LONG_NAME, GOVCLOUD, longest).of_type("AWS::Events::Rule").values()
    ):
        assert len(json.dumps(rule["EventPattern"], separators=(",", ":"))) < 2048, rule["Name"]
