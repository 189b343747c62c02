"""What the functions make of AWS's answers: all pages, all at once, and unconfirmed addresses."""

from __future__ import annotations

import pytest

from .faults import EmptyFirstPage, Rendezvous
from .harness import Harness
from .people import phone

ALICE_SIGNS_IN = "ConsoleLogin/alice-in-grace-without-mfa.json"
BOB_SIGNS_IN = "ConsoleLogin/bob-overdue-without-mfa.json"
LISTS = {"iam:ListMFADevices", "iam:ListAttachedUserPolicies", "iam:ListGroupsForUser"}
READS = {"iam:GetUser", "iam:GetLoginProfile", *LISTS}


def test_five_reads_are_under_way_together(enforcer: Harness) -> None:
    enforcer.account.fill()
    together = Rendezvous(READS)
    with enforcer.proxy.rule(together):
        seen = enforcer.deliver(BOB_SIGNS_IN)
    assert together.met
    assert {call.name for call in seen.calls[: len(READS)]} == READS
    assert seen.answer.outcome == "acted"


def test_device_on_second_page_counts(enforcer: Harness) -> None:
    enforcer.account.fill()
    pages = EmptyFirstPage()
    with enforcer.proxy.rule(pages):
        seen = enforcer.deliver("ConsoleLogin/dave-enrolled-since-without-mfa.json")
    assert pages.given == LISTS
    assert (seen.answer.reason, seen.told, seen.iam_writes) == ("has-mfa", [], {})


@pytest.mark.parametrize(("policies", "contained_by"), [(9, "policy"), (10, "group")])
def test_quarantine_on_second_page_counts(policies: int, contained_by: str, enforcer: Harness) -> None:
    enforcer.account.fill()
    enforcer.account.attach_policies("bob", policies)
    enforcer.deliver(BOB_SIGNS_IN)
    with enforcer.proxy.rule(EmptyFirstPage()):
        seen = enforcer.deliver(BOB_SIGNS_IN, again=True)
    assert seen.user.contained_by == contained_by
    assert (seen.answer.reason, seen.told, seen.iam_writes) == ("already-contained", [], {})


def test_subscription_on_second_page_is_not_made_twice(enforcer: Harness) -> None:
    enforcer.account.fill()
    first = enforcer.deliver(ALICE_SIGNS_IN)
    enforcer.account.enrol("alice", phone("alice"))
    pages = EmptyFirstPage()
    with enforcer.proxy.rule(pages):
        second = enforcer.deliver("EnableMFADevice/alice-in-time.json")
    assert "sns:ListSubscriptionsByTopic" in pages.given
    assert [call.action for call in first.calls].count("Subscribe") == 1
    assert "Subscribe" not in [call.action for call in second.calls]
    assert [message.recipients for message in second.messages] == [("alice@example.com",)]


@pytest.mark.parametrize("subscribed_before", [False, True])
def test_admins_are_told_of_unconfirmed_address(subscribed_before: bool, enforcer: Harness) -> None:
    enforcer.account.fill()
    enforcer.account.leave_unconfirmed("alice@example.com")
    if subscribed_before:
        topic = enforcer.account.give_topic("alice")
        enforcer.emulator.client("sns").subscribe(
            TopicArn=topic, Protocol="email", Endpoint="Alice@Example.com"
        )
    seen = enforcer.deliver(ALICE_SIGNS_IN)
    (to_admins,) = (message for message in seen.messages if message.audience == "admins")
    assert to_admins.body["reach"] == "unconfirmed"
    assert "not confirmed" in to_admins.email
    assert ("Subscribe" in [call.action for call in seen.calls]) != subscribed_before
