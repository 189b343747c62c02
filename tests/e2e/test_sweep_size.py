"""A large account takes a dozen calls, and a few more for each user on whom something has to be done."""

from __future__ import annotations

from collections import Counter

import pytest

from . import crowd, sweeping
from .answer import Answer
from .harness import Harness
from .sweep_story import BULK
from .throttle import TokenBucket

USERS = 1200
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
OF_A_USER = Counter(
    {
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
)


@pytest.mark.parametrize("page", [1000, 70])
def test_a_large_account_takes_few_calls(page: int, enforcer: Harness) -> None:
    crowd.fill(enforcer.emulator, USERS)
    enforcer.emulator.census.page_limit = page
    mark = enforcer.wire.mark()
    answer = enforcer.functions.invoke(sweeping.FUNCTION, sweeping.order(sweeping.ON_SUNDAY))
    calls = enforcer.wire.since(mark)
    end = crowd.outcome(enforcer.emulator)
    assert (answer.outcome, end.overdue) == ("acted", USERS * crowd.OVERDUE // 100)
    assert end.nobody_is_lost and not end.told_again
    single = Counter(call.name for call in calls if call.action not in BULK)
    # The digest.
    single["sns:Publish"] -= 1
    assert single == Counter({name: count * end.overdue for name, count in OF_A_USER.items()})
    bulk = Counter(call.name for call in calls if call.action in BULK)
    if page == 1000:
        assert bulk == PAGES
    else:
        # Short pages are read to the last.
        assert bulk["iam:GetAccountAuthorizationDetails"] == -(-USERS // page)


def test_a_throttled_sweep_loses_nobody(enforcer: Harness) -> None:
    crowd.fill(enforcer.emulator, 100)
    bucket = TokenBucket(per_second=40, burst=5)
    order, answers = sweeping.order("rule"), list[Answer]()
    with enforcer.wire.rule(bucket):
        while not (answers and answers[-1].report) and len(answers) < RUNS:
            answers.append(enforcer.functions.invoke(sweeping.FUNCTION, order))
    end = crowd.outcome(enforcer.emulator)
    assert bucket.refused > 0
    assert answers[-1].report, answers
    assert end.overdue > 0 and end.nobody_is_lost and not end.told_again
