"""The sweep of a large account, and of one account day after day."""

from collections import Counter
from datetime import datetime, timedelta, timezone

import pytest

from .deployment import EXEMPT_TAG
from .faults import Fault, short_pages, throttled
from .harness import SUNDAY, Harness, Observation
from .people import Person, crowd, named

# With seven days of grace, and stages of 7, 3 and 1 days. Sweeps are a day apart.
HEARD = {
    0: "newhire welcome",
    4: "newhire reminder",
    6: "newhire final-notice",
    7: "newhire quarantined",
    # Daily for the first week, then weekly.
    **dict.fromkeys((*range(8, 14), 20, 27), "newhire quarantine-reminder"),
}
DAYS = 30
USERS, OVERDUE = 1200, 36
# With one page of each list, on a Sunday.
OF_THE_ACCOUNT = {
    "iam:GenerateCredentialReport": 1,
    "iam:GetCredentialReport": 1,
    "iam:GetAccountAuthorizationDetails": 1,
    "iam:ListVirtualMFADevices": 1,
    "iam:GetAccountSummary": 1,
    "cloudtrail:LookupEvents": 1,
    # The account has one trail, without selectors of its own.
    "cloudtrail:DescribeTrails": 1,
    "cloudtrail:GetTrailStatus": 1,
    # The state of the stack; the text of the policy and of its spare; the policies of its group.
    "cloudformation:DescribeStacks": 1,
    "iam:GetPolicy": 2,
    "iam:GetPolicyVersion": 2,
    "iam:ListAttachedGroupPolicies": 1,
    # Ten entries a request: what was done, said and found of each user, and what is wrong with the account.
    "events:PutEvents": 11,
    # Of the alerts topic the tags, written for history, bus and sweep; who gets the digest; the digest.
    "sns:ListTagsForResource": 1,
    "sns:TagResource": 3,
    "sns:ListSubscriptionsByTopic": 1,
    "sns:Publish": 1,
    # For topics that nobody needs.
    "sns:ListTopics": 1,
}
# For a user who is contained, looked at once more, and told by e-mail.
OF_A_USER = {
    "iam:GetUser": 2,
    "iam:GetLoginProfile": 2,
    "iam:ListMFADevices": 2,
    "iam:ListAttachedUserPolicies": 2,
    "iam:ListGroupsForUser": 2,
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


# Of a hundred users 82 have an app, and root has one. Short pages are read to the last.
@pytest.mark.parametrize(("page", "user_pages", "device_pages"), [(1000, 2, 1), (70, 18, 15)])
def test_large_account_takes_few_calls(
    page: int, user_pages: int, device_pages: int, enforcer: Harness
) -> None:
    enforcer.account.fill(crowd(USERS))
    with enforcer.deployed(MaxQuarantines="0"), enforcer.proxy.rule(short_pages(page)):
        seen = enforcer.sweep(changes=SUNDAY)
    assert (seen.answer.outcome, len(seen.told)) == ("acted", OVERDUE)
    assert_nobody_is_lost(seen)
    assert seen.single_calls == Counter({name: count * OVERDUE for name, count in OF_A_USER.items()})
    assert seen.bulk_calls == Counter(OF_THE_ACCOUNT) | Counter(
        {"iam:GetAccountAuthorizationDetails": user_pages, "iam:ListVirtualMFADevices": device_pages}
    )


@pytest.mark.parametrize("name", ["iam:AttachUserPolicy", "iam:TagUser"])
def test_throttled_sweep_loses_nobody(name: str, enforcer: Harness) -> None:
    enforcer.account.fill(crowd(100))
    fault = Fault(name, throttled, times=2)
    with enforcer.proxy.rule(fault):
        seen = enforcer.sweep()
    assert (seen.answer.outcome, fault.struck) == ("acted", 2), seen.answer
    assert_nobody_is_lost(seen)


def test_user_who_never_enrols_hears_of_each_stage_once(enforcer: Harness) -> None:
    newcomer = Person(name="newhire", password_age=timedelta(hours=1), tags={"email": "newhire@example.com"})
    enforcer.account.fill([newcomer, *named("dave")])
    heard: dict[int, str] = {}
    for day in range(DAYS):
        seen, again = enforcer.sweep(), enforcer.sweep()
        assert (len(seen.told) <= 1, len(seen.digests)) == (True, 1), f"day {day}: {seen.told}"
        assert again.messages == (), f"day {day}: {again.told}, {again.answer}"
        heard |= dict.fromkeys([day] * len(seen.told), "".join(seen.told))
        assert seen.after["newhire"].contained_by == ("policy" if day >= 7 else None)
        enforcer.account.days_pass()
    assert heard == HEARD


def test_exemption_lasts_until_the_end_of_its_day(enforcer: Harness) -> None:
    enforcer.account.fill([Person(name="oscar", told=timedelta(days=2)), *named("dave")])
    enforcer.account.tag("oscar", EXEMPT_TAG, datetime.now(timezone.utc).date().isoformat())
    assert enforcer.sweep().after["oscar"].contained_by is None
    enforcer.account.days_pass()
    assert enforcer.sweep().after["oscar"].contained_by == "policy"
