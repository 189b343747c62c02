"""A large account takes a dozen calls, and a few more for each user on whom something has to be done."""

from __future__ import annotations

from collections import Counter

import pytest

from .faults import TokenBucket, short_pages
from .harness import SUNDAY, Harness, Observation
from .people import crowd
from .story import BULK

USERS, OVERDUE = 1200, 36
# How often Lambda runs an event that fails.
RUNS = 3
# The bulk calls with a thousand entries a page.
PAGES = {
    "sns:ListTopics": 1,
    "sns:ListTagsForResource": 1,
    "sns:TagResource": 1,
    "iam:GenerateCredentialReport": 1,
    "iam:GetCredentialReport": 1,
    "iam:GetAccountAuthorizationDetails": 2,
    "iam:ListVirtualMFADevices": 1,
    "iam:GetAccountSummary": 1,
}
# For a user who is contained and told by e-mail.
OF_A_USER = {
    "iam:GetUser": 1,
    "iam:GetLoginProfile": 1,
    "iam:ListMFADevices": 1,
    "iam:ListAttachedUserPolicies": 1,
    "iam:ListGroupsForUser": 1,
    "iam:AttachUserPolicy": 1,
    "iam:TagUser": 2,
    "sns:CreateTopic": 1,
    "sns:ListSubscriptionsByTopic": 1,
    "sns:Subscribe": 1,
    "sns:Publish": 1,
}


def assert_nobody_is_lost(*runs: Observation) -> None:
    assert [user for user in runs[-1].after.values() if user.is_lost] == []
    told = Counter(label for run in runs for label in run.told)
    assert set(told.values()) == {1}


@pytest.mark.parametrize("page", [1000, 70])
def test_large_account_takes_few_calls(page: int, enforcer: Harness) -> None:
    enforcer.account.fill(crowd(USERS))
    with enforcer.proxy.rule(short_pages(page)):
        seen = enforcer.sweep(changes=SUNDAY)
    assert (seen.answer.outcome, len(seen.told)) == ("acted", OVERDUE)
    assert_nobody_is_lost(seen)
    single = Counter(call.name for call in seen.calls if call.action not in BULK)
    # The digest.
    single["sns:Publish"] -= 1
    assert single == Counter({name: count * OVERDUE for name, count in OF_A_USER.items()})
    bulk = Counter(call.name for call in seen.calls if call.action in BULK)
    if page == 1000:
        assert bulk == PAGES
    else:
        # Short pages are read to the last. Of a hundred users 82 have an app, and root has one.
        assert bulk["iam:GetAccountAuthorizationDetails"] == -(-USERS // page)
        assert bulk["iam:ListVirtualMFADevices"] == -(-(USERS * 82 // 100 + 1) // page)


def test_throttled_sweep_loses_nobody(enforcer: Harness) -> None:
    enforcer.account.fill(crowd(100))
    bucket = TokenBucket(per_second=40, burst=5)
    with enforcer.proxy.rule(bucket):
        runs = [enforcer.sweep()]
        while not runs[-1].answer.report and len(runs) < RUNS:
            runs.append(enforcer.sweep(again=True))
    assert bucket.refused > 0
    assert runs[-1].answer.report, [run.answer for run in runs]
    assert_nobody_is_lost(*runs)
