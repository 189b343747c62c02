"""What the functions make of AWS's answers: all pages, all at once, and unconfirmed addresses."""

from __future__ import annotations

import pytest

from .cast import phone
from .harness import Harness
from .lists import EmptyFirstPage, Rendezvous, pending_since_long, pending_when_subscribed
from .wire import Rule

ALICE_SIGNS_IN = "ConsoleLogin/alice-in-grace-without-mfa.json"
BOB_SIGNS_IN = "ConsoleLogin/bob-overdue-without-mfa.json"
READS = {
    "iam:GetUser",
    "iam:GetLoginProfile",
    "iam:ListMFADevices",
    "iam:ListAttachedUserPolicies",
    "iam:ListGroupsForUser",
}


def test_the_five_reads_are_under_way_together(enforcer: Harness) -> None:
    enforcer.account.fill()
    together = Rendezvous(READS)
    with enforcer.wire.rule(together):
        seen = enforcer.deliver(BOB_SIGNS_IN)
    assert together.met
    assert {call.name for call in seen.calls[: len(READS)]} == READS
    assert seen.answer.outcome == "acted"


def test_a_device_on_the_second_page_counts(enforcer: Harness) -> None:
    enforcer.account.fill()
    pages = EmptyFirstPage()
    with enforcer.wire.rule(pages):
        seen = enforcer.deliver("ConsoleLogin/dave-enrolled-since-without-mfa.json")
    assert pages.given == {name for name in READS if ":List" in name}
    assert (seen.answer.reason, seen.told, seen.iam_writes) == ("has-mfa", [], [])


def test_a_quarantine_on_the_second_page_counts(enforcer: Harness) -> None:
    enforcer.account.fill()
    enforcer.account.attach_policies("bob", 9)
    enforcer.deliver(BOB_SIGNS_IN)
    with enforcer.wire.rule(EmptyFirstPage()):
        seen = enforcer.deliver(BOB_SIGNS_IN, again=True)
    assert (seen.answer.reason, seen.told, seen.iam_writes) == ("already-contained", [], [])


def test_a_group_on_the_second_page_counts(enforcer: Harness) -> None:
    enforcer.account.fill()
    enforcer.account.attach_policies("bob", 10)
    enforcer.deliver(BOB_SIGNS_IN)
    with enforcer.wire.rule(EmptyFirstPage()):
        seen = enforcer.deliver(BOB_SIGNS_IN, again=True)
    assert seen.user and seen.user.contained_by == "group"
    assert (seen.answer.reason, seen.told, seen.iam_writes) == ("already-contained", [], [])


def test_a_subscription_on_the_second_page_is_not_made_twice(enforcer: Harness) -> None:
    enforcer.account.fill()
    first = enforcer.deliver(ALICE_SIGNS_IN)
    enforcer.account.enrol("alice", phone("alice"))
    pages = EmptyFirstPage()
    with enforcer.wire.rule(pages):
        second = enforcer.deliver("EnableMFADevice/alice-in-time.json")
    assert "sns:ListSubscriptionsByTopic" in pages.given
    assert [call.action for call in first.calls].count("Subscribe") == 1
    assert "Subscribe" not in [call.action for call in second.calls]
    assert [message.recipients for message in second.messages] == [("alice@example.com",)]


@pytest.mark.parametrize("pending", [pending_when_subscribed, pending_since_long])
def test_an_unconfirmed_address_is_said_to_the_admins(enforcer: Harness, pending: Rule) -> None:
    enforcer.account.fill()
    with enforcer.wire.rule(pending):
        seen = enforcer.deliver(ALICE_SIGNS_IN)
    (to_admins,) = (message for message in seen.messages if message.audience == "admins")
    assert to_admins.body["reach"] == "unconfirmed"
    assert "not confirmed" in to_admins.email
