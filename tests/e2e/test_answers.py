"""What the functions make of AWS's answers: all pages, all at once, and unconfirmed addresses."""

import threading
from dataclasses import replace

import pytest
from werkzeug.wrappers import Response

from .deployment import QUARANTINED_TAG, STACK
from .faults import empty_first_page
from .gaps import IAM, SNS
from .harness import Harness, Observation
from .people import PEOPLE, phone
from .proxy import Call, Forward

ALICE_SIGNS_IN = "ConsoleLogin/alice-in-grace-without-mfa.json"
BOB_SIGNS_IN = "ConsoleLogin/bob-overdue-without-mfa.json"
LISTS = {"iam:ListMFADevices", "iam:ListAttachedUserPolicies", "iam:ListGroupsForUser"}
READS = {"iam:GetUser", "iam:GetLoginProfile", *LISTS}
# A call that stays unanswered for three seconds is given up by the functions, which ask again.
RENDEZVOUS_SECONDS = 2.0


def lists_read_on(seen: Observation) -> set[str]:
    """The lists of which a later page was asked for."""
    return {call.name for call in seen.calls if call.is_of_a_later_page}


def test_five_reads_are_under_way_together(enforcer: Harness) -> None:
    enforcer.account.fill()
    together = threading.Barrier(len(READS))

    def held(call: Call, forward: Forward) -> Response:
        """Reads that are made one after the other never meet, and fail."""
        if call.name in READS:
            together.wait(RENDEZVOUS_SECONDS)
        return forward(call)

    with enforcer.proxy.rule(held):
        seen = enforcer.deliver(BOB_SIGNS_IN)
    assert not together.broken
    assert {call.name for call in seen.calls[: len(READS)]} == READS
    assert seen.answer.outcome == "acted"


def test_device_on_second_page_counts(enforcer: Harness) -> None:
    enforcer.account.fill()
    with enforcer.proxy.rule(empty_first_page):
        seen = enforcer.deliver("ConsoleLogin/dave-enrolled-since-without-mfa.json")
    assert lists_read_on(seen) == LISTS
    assert (seen.answer.reason, seen.told, seen.iam_writes) == ("has-mfa", [], {})


@pytest.mark.parametrize(("policies", "contained_by"), [(9, "policy"), (10, "group")])
def test_quarantine_on_second_page_counts(policies: int, contained_by: str, enforcer: Harness) -> None:
    enforcer.account.fill()
    enforcer.account.attach_policies("bob", policies)
    enforcer.deliver(BOB_SIGNS_IN)
    with enforcer.proxy.rule(empty_first_page):
        seen = enforcer.deliver(BOB_SIGNS_IN, again=True)
    assert seen.user.contained_by == contained_by
    assert (seen.answer.reason, seen.told, seen.iam_writes) == ("already-contained", [], {})


def test_subscription_on_second_page_is_not_made_twice(enforcer: Harness) -> None:
    enforcer.account.fill()
    first = enforcer.deliver(ALICE_SIGNS_IN)
    enforcer.account.enrol("alice", phone("alice"))
    with enforcer.proxy.rule(empty_first_page):
        second = enforcer.deliver("EnableMFADevice/alice-in-time.json")
    assert "sns:ListSubscriptionsByTopic" in lists_read_on(second)
    assert [call.action for call in first.calls].count("Subscribe") == 1
    assert "Subscribe" not in [call.action for call in second.calls]
    assert [message.recipients for message in second.messages] == [("alice@example.com",)]


def test_former_address_gets_nothing(enforcer: Harness) -> None:
    enforcer.account.fill()
    first = enforcer.deliver(ALICE_SIGNS_IN)
    assert [message.recipients for message in first.messages if message.audience == "user"] == [
        ("alice@example.com",)
    ]
    enforcer.account.enrol("alice", phone("alice"))
    enforcer.account.tag("alice", "email", "alice@elsewhere.example")
    second = enforcer.deliver("EnableMFADevice/alice-in-time.json")
    assert [message.recipients for message in second.messages] == [("alice@elsewhere.example",)]
    actions = [call.action for call in second.calls]
    assert actions.index("Unsubscribe") < actions.index("Publish")


@pytest.mark.parametrize("subscribed_before", [False, True])
def test_admins_are_told_of_unconfirmed_address(subscribed_before: bool, enforcer: Harness) -> None:
    enforcer.account.fill()
    if subscribed_before:
        SNS.subscribe(enforcer.account.give_topic("alice"), "Alice@Example.com", "email")
    enforcer.account.leave_unconfirmed("alice@example.com")
    seen = enforcer.deliver(ALICE_SIGNS_IN)
    (to_admins,) = (message for message in seen.messages if message.audience == "admins")
    assert to_admins.body["reach"] == "unconfirmed"
    assert "not confirmed" in to_admins.email
    assert ("Subscribe" in [call.action for call in seen.calls]) != subscribed_before


@pytest.mark.parametrize(
    ("name", "sample", "asked"),
    [
        ("ivan", "ConsoleLogin/ivan-no-password-any-more-without-mfa.json", False),
        ("bob", "EnableMFADevice/bob-by-an-admin.json", True),
    ],
)
def test_keys_are_looked_at_where_it_matters(name: str, sample: str, asked: bool, enforcer: Harness) -> None:
    with enforcer.deployed(QuarantineScope="everything"):
        enforcer.account.fill([replace(PEOPLE[name], password_age=None, access_keys=1)])
        IAM.attach_user_policy(STACK.arn("EverythingQuarantinePolicy"), name)
        enforcer.account.tag(name, QUARANTINED_TAG, "2026-11-20T09:00:00Z reason=sign-in event=x")
        seen = enforcer.deliver(sample)
    assert seen.answer.outcome != "error", seen.answer
    assert ("iam:ListAccessKeys" in {call.name for call in seen.calls}) == asked
    assert seen.user.contained_by == "everything policy"
