"""CloudTrail's event history is late, complete, in pages, and of the last 90 days."""

from datetime import datetime, timedelta, timezone

from .clients import Clients, code, events
from .deployment import POLICY_ARN
from .emulator import Emulator
from .faults import Limit
from .functions import Answer
from .harness import Harness
from .people import PEOPLE


def test_history_shows_writes_some_minutes_later(client: Clients, aws: Emulator) -> None:
    client("iam", "sign-in").attach_user_policy(UserName="bob", PolicyArn=POLICY_ARN)
    assert code(lambda: client("iam", "sign-in").delete_user(UserName="bob")) == "AccessDenied"
    aws.administrator.strip_tags("heidi")
    client("iam").get_user(UserName="bob")
    history = client("cloudtrail")
    assert events(history) == []
    aws.account.time_passes(timedelta(minutes=4))
    assert events(history) == []
    aws.account.time_passes(timedelta(minutes=1))
    attached, refused, untagged = sorted(events(history), key=lambda event: str(event["eventName"]))
    assert attached["requestParameters"] == {"userName": "bob", "policyArn": POLICY_ARN}
    assert attached["userIdentity"]["sessionContext"]["sessionIssuer"]["userName"] == "mfa-enforcer-sign-in"
    assert (refused["eventName"], refused["errorCode"]) == ("DeleteUser", "AccessDenied")
    assert refused["requestParameters"] is None
    assert untagged["userIdentity"]["userName"] == "admin"
    assert untagged["requestParameters"]["tagKeys"] == ["mfa-enforcer:quarantined", "mfa-enforcer:notified"]


def test_history_is_looked_up_by_name_and_time(client: Clients, aws: Emulator) -> None:
    aws.strict.history_is_late(timedelta(0))
    for sample, days in (("EnableMFADevice/alice-in-time.json", 1), ("DeactivateMFADevice/root.json", 2)):
        aws.strict.happened(sample, timedelta(days=days))
    aws.strict.happened("DeactivateMFADevice/judy-last-device-by-herself.json", timedelta(days=91))
    history, now = client("cloudtrail"), datetime.now(timezone.utc)
    assert [event["eventName"] for event in events(history)] == ["EnableMFADevice", "DeactivateMFADevice"]
    assert len(events(history, "DeactivateMFADevice")) == 1
    assert events(history, "DeactivateMFADevice", StartTime=now - timedelta(hours=25)) == []
    assert len(events(history, EndTime=now - timedelta(hours=25))) == 1
    later = {"StartTime": now, "EndTime": now - timedelta(days=1)}
    assert code(lambda: history.lookup_events(**later)) == "InvalidTimeRangeException"


def test_history_has_what_was_delivered(aws: Emulator, client: Clients) -> None:
    aws.account.add(PEOPLE["judy"])
    harness = Harness(aws, lambda _function, _payload: Answer())
    harness.deliver("DeactivateMFADevice/judy-last-device-by-herself.json")
    harness.deliver("ConsoleLogin/bob-overdue-without-mfa.json")
    aws.account.time_passes(timedelta(minutes=5))
    (removed,) = events(client("cloudtrail"))
    assert removed["userIdentity"]["principalId"] == client("iam").get_user(UserName="judy")["User"]["UserId"]


def test_history_comes_in_pages(client: Clients, aws: Emulator) -> None:
    aws.strict.history_is_late(timedelta(0))
    for hours in range(120):
        aws.strict.happened("EnableMFADevice/alice-in-time.json", timedelta(hours=hours))
    history = client("cloudtrail")
    pages = [page["Events"] for page in history.get_paginator("lookup_events").paginate()]
    assert [len(page) for page in pages] == [50, 50, 20]
    times = [event["EventTime"] for page in pages for event in page]
    assert times == sorted(times, reverse=True)
    assert code(lambda: history.lookup_events(MaxResults=51)) == "InvalidMaxResultsException"
    assert code(lambda: history.lookup_events(NextToken="other")) == "InvalidNextTokenException"


def test_two_look_ups_a_second_are_allowed(client: Clients, aws: Emulator) -> None:
    # A test can see that one is refused, but not wait for it: the limit is of the functions' calls.
    history, allowed = client("cloudtrail", "sign-in"), "AccessDeniedException"
    with aws.proxy.rule(Limit("cloudtrail:LookupEvents", 2)):
        codes = [code(history.lookup_events) for _ in range(3)]
    assert codes == [allowed, allowed, "ThrottlingException"]
