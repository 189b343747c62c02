"""The functions of a hub need what the template allows their roles, and nothing else."""

import json
from typing import Any

import pytest
from moto.iam.models import iam_backends

from .hub_events import about_bob, lifted
from .hubs import Hub
from .organizations import organization
from .test_hub import binary, built, central, planned, sign_in, this_hour

__all__ = ["binary", "built", "central", "organization", "planned"]


def without(policies: list[dict[str, Any]], action: str) -> list[dict[str, Any]]:
    """The same policies, which do not allow this action."""
    written = json.dumps(policies)
    assert f'"{action}"' in written
    changed: list[dict[str, Any]] = json.loads(written.replace(f'"{action}"', '"iam:ListUsers"'))
    return changed


@pytest.mark.parametrize(
    ("function", "action"),
    [
        ("sweep", "organizations:ListAccountsForParent"),
        ("sweep", "s3:PutObject"),
        ("sweep", "sqs:SendMessage"),
        ("sign-in", "s3:GetObject"),
        ("sign-in", "sts:AssumeRole"),
    ],
)
def test_missing_permission_is_noticed(planned: Hub, function: str, action: str) -> None:
    policies = planned.organization.aws.strict.judge.deployment.policies
    policies[function] = without(policies[function], action)
    event = {"sweep": "daily", "scheduledTime": this_hour()}
    planned.invoke(function, event if function == "sweep" else sign_in(planned, "production"))
    assert (function, action) in planned.denied
    assert planned.policies_of("production", "bob") == []
    planned.denied.clear()


def test_missing_object_looks_closed_to_who_may_not_list(planned: Hub) -> None:
    policies = planned.organization.aws.strict.judge.deployment.policies
    policies["sweep"] = without(policies["sweep"], "s3:ListBucket")
    planned.invoke("sweep", {"sweep": "daily", "scheduledTime": this_hour()})
    assert set(planned.denied) == {("sweep", "s3:GetObject")}
    planned.denied.clear()


@pytest.fixture
def with_address(planned: Hub) -> Hub:
    """Bob can be told by mail."""
    people = iam_backends[planned.account("production")]["aws"]
    people.tag_user("bob", [{"Key": "email", "Value": "bob@example.com"}])
    return planned


def test_new_password_is_answered(with_address: Hub) -> None:
    event = about_bob(with_address, "CreateLoginProfile/bob-overdue.json", "bob")
    (answer,) = with_address.invoke("user-lifecycle", event)
    assert answer.outcome == "acted", answer
    assert len(with_address.policies_of("production", "bob")) == 1
    assert ("user-lifecycle", "sns:Subscribe") in with_address.own


def test_removed_device_is_answered(with_address: Hub) -> None:
    event = about_bob(with_address, "DeactivateMFADevice/dave-by-an-admin.json", "dave")
    (answer,) = with_address.invoke("mfa-device", event)
    assert answer.outcome == "acted", answer
    assert len(with_address.policies_of("production", "bob")) == 1


def test_quarantine_that_somebody_lifts_is_put_back(with_address: Hub) -> None:
    with_address.invoke("sign-in", sign_in(with_address, "production"))
    (policy,) = with_address.policies_of("production", "bob")
    (answer,) = with_address.invoke("guard", lifted(with_address, "production"))
    assert answer.outcome == "acted", answer
    assert with_address.policies_of("production", "bob") == [policy]


def test_root_is_reported(with_address: Hub) -> None:
    event = about_bob(with_address, "ConsoleLogin/root-without-mfa.json", "nobody")
    (answer,) = with_address.invoke("sign-in", event)
    assert answer.outcome == "acted", answer
    assert ("sign-in", "sns:Publish") in with_address.own


def test_whole_account_is_swept(with_address: Hub) -> None:
    due = this_hour()
    order = {"account": with_address.account("production"), "sweep": "daily", "scheduledTime": due}
    with_address.put("account_tags: [contact]\ndefaults: {mode: enforce, grace_period: 0s}\n")
    with_address.invoke("sweep", {"sweep": "daily", "scheduledTime": due})
    (answer,) = with_address.invoke("sweep", {"Records": [{"messageId": "1", "body": json.dumps(order)}]})
    assert answer.report == {"batchItemFailures": []}
    assert ("sweep", "organizations:ListTagsForResource") in with_address.own
