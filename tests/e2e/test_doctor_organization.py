"""`doctor --org` reads the hub and the accounts with its policy alone, and finds each fault."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from moto.events.models import events_backends
from moto.iam.models import iam_backends
from moto.organizations.models import organizations_backends
from moto.sqs.models import sqs_backends

from .checked_members import NAME, Checked, checked
from .deployment import ACCOUNT, ORGANIZATION_DOCTOR, REGION, policy
from .member_stacks import ELSEWHERE
from .organizations import TREE, Organization, organization
from .test_plan import binary

__all__ = ["binary", "organization"]

ALLOWED = policy("doctor-organization")
OTHER_NAMES = (("Name", "corp-member"), ("HubStack", "corp-mfa"))
ACTIONS = {action for statement in ALLOWED["Statement"] for action in statement["Action"]}
# Without these there is nothing to check.
NEEDED = {
    "cloudformation:DescribeStacks",
    "cloudformation:ListStackResources",
    "lambda:GetFunctionConfiguration",
}
# Only asked where the newest settings cannot be used.
SELDOM = {"s3:GetObjectVersion", "s3:ListBucketVersions"}
# Nothing is listed. It is what lets S3 say that an object is not there.
NOT_CALLED = {"s3:ListBucket"}

Found = dict[str, list[dict[str, Any]]]


@pytest.fixture(name="whole")
def _whole(organization: Organization) -> Iterator[Checked]:
    with checked(organization) as made:
        organization.aws.proxy.calls.clear()
        yield made


def wrong(checkup: dict[str, Any]) -> Found:
    """What is wrong with the hub and with each account, by its name."""
    checks = {"the hub": checkup["hub"]["checks"]} | {
        each["name"]: each["checks"] for each in checkup["accounts"]
    }
    found = {name: [check for check in of if check["state"] != "ok"] for name, of in checks.items()}
    return {name: of for name, of in found.items() if of}


def test_healthy_organization_needs_no_more_than_the_policy(whole: Checked) -> None:
    status, checkup = whole.checkup()
    assert wrong(checkup) == {}
    assert status == 0
    kinds = {each["name"]: each["kind"] for each in checkup["accounts"]}
    assert kinds == {"master": "management", "production": "hub", "staging": "member", "sandbox": "member"}
    of_sessions: dict[str, list[set[str]]] = {}
    for account, session in whole.sessions.values():
        actions = {action for statement in session["Statement"] for action in statement["Action"]}
        of_sessions.setdefault(account, []).append(actions)
    # For the stack, for what it lists, for the bucket, and for the account as any other.
    assert len(of_sessions.pop(whole.hub)) == 4
    assert {len(of_account) for of_account in of_sessions.values()} == {1}
    calls = Counter(
        name for account, name in whole.called if account == whole.organization.accounts["staging"]
    )
    assert calls == {
        "iam:GetAccountAuthorizationDetails": 1,
        "account:ListRegions": 1,
        "events:ListRules": 2,
        "events:ListRuleNamesByTarget": 2,
        "sqs:GetQueueUrl": 2,
        "sqs:GetQueueAttributes": 2,
    }
    assert {name for _, name in whole.called} == ACTIONS - SELDOM - NOT_CALLED
    own = {call.name for call in whole.organization.aws.proxy.calls if call.role == ORGANIZATION_DOCTOR}
    assert own <= ACTIONS | TREE | {"sts:AssumeRole", "sts:GetCallerIdentity"}
    text = whole.run()
    assert text.returncode == 0
    assert "Accounts: 0 broken, 0 unknown, 0 warning, 4 ok" in text.stdout


def test_hub_checks_its_own_account_without_a_session(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks is in the hub, a delegated administrator, and another account is that of the management."""
    backend = organizations_backends[ACCOUNT]["aws"]
    monkeypatch.setattr(backend.org, "master_account_id", organization.accounts["production"])
    with checked(organization, in_account=ACCOUNT) as made:
        organization.aws.proxy.calls.clear()
        status, checkup = made.checkup()
        assert wrong(checkup) == {}
        assert status == 0
        kinds = {each["id"]: each["kind"] for each in checkup["accounts"]}
        assert kinds.pop(ACCOUNT) == "hub"
        assert Counter(kinds.values()) == {"management": 1, "member": 2}
        assert {account for account, _ in made.sessions.values()} == set(organization.accounts.values())
        own = {call.name for call in organization.aws.proxy.calls if call.role == ORGANIZATION_DOCTOR}
        assert {"iam:GetAccountAuthorizationDetails", "s3:GetObject", "sqs:GetQueueAttributes"} <= own
        assert own <= ACTIONS | TREE | {"sts:AssumeRole", "sts:GetCallerIdentity"}


def test_hub_bucket_and_members_of_other_names_are_checked(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = organization.aws.strict.judge
    # What docs/CLI.md says of other names: the caller reads the stack of the management account.
    own = json.loads(json.dumps(ALLOWED).replace("stack/mfa-enforcer/", "stack/corp-mfa/"))
    policies = {**judge.deployment.policies, "doctor-organization": [policy("organization"), own]}
    monkeypatch.setattr(judge, "deployment", replace(judge.deployment, policies=policies))
    with checked(organization, OTHER_NAMES, Evidence="corp-evidence", MemberNames="corp-member old") as made:
        status, checkup = made.checkup()
        assert wrong(checkup) == {}
        assert status == 0
        assert checkup["hub"]["stack"] == "corp-mfa"
        resources = {
            resource
            for _, session in made.sessions.values()
            for statement in session["Statement"]
            for resource in [statement["Resource"]]
            for resource in ([resource] if isinstance(resource, str) else resource)
        }
        assert not [resource for resource in resources if "mfa-enforcer" in resource]
        assert f"arn:aws:s3:::{made.bucket}" in resources
        for name in ("corp-member", "old"):
            assert f"arn:aws:sqs:*:{made.hub}:{name}-dead-letters" in resources


def test_each_fault_is_found_in_its_account_with_what_to_do(whole: Checked) -> None:
    accounts = whole.organization.accounts
    staging, sandbox = accounts["staging"], accounts["sandbox"]
    iam = iam_backends[staging]["aws"]
    role = iam.get_role(f"{NAME}-contain")
    role.assume_role_policy_document = role.assume_role_policy_document.replace(whole.hub, sandbox)
    more = {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [more]})
    iam.put_role_policy(f"{NAME}-review", "more", document)
    (policies,) = (each for each in iam.managed_policies.values() if each.path == "/mfa-enforcer/console/")
    policies.versions[0].document = "{}"
    events_backends[staging][REGION].disable_rule(f"{NAME}-users", None)
    events_backends[staging][REGION].remove_targets(f"{NAME}-watch", None, ["hub"])
    queues = sqs_backends[staging][REGION]
    queues.send_message(f"{NAME}-dead-letters", "{}")
    events_backends[staging][ELSEWHERE].reset()
    # An account to which nothing was deployed, and which the hub has not listed.
    iam_backends[sandbox]["aws"].reset()
    events_backends[sandbox][REGION].reset()
    events_backends[sandbox][ELSEWHERE].reset()
    tree = {
        "form": 1,
        "organization": "o-a1b2c3d4e5",
        "at": "2026-11-01T00:00:00Z",
        "units": [],
        "accounts": [],
    }
    whole.organization.aws.strict.gaps.stack_status = ""
    status, checkup = whole.checkup()
    assert status == 1
    found = wrong(checkup)
    says = [check["says"] for check in found["staging"]]
    for expected in (
        f"the role {NAME}-contain does not trust just those roles of account {whole.hub}",
        f"the role {NAME}-review may do more than it should: iam:*",
        "does not have its text",
        f"the rule {NAME}-users in {REGION} is DISABLED",
        f"the rule {NAME}-watch in {REGION} does not have the bus of the hub as target",
        f"events could not be forwarded from {REGION}: 1",
        f"nothing forwards sign-ins from {ELSEWHERE}",
    ):
        assert any(expected in said for said in says), (expected, says)
    (nothing,) = found["sandbox"]
    assert "nothing of member.yaml is there" in nothing["says"]
    (management,) = found["master"]
    assert "no stack mfa-enforcer of its own" in management["says"]
    assert found.keys() == {"staging", "sandbox", "master"}
    assert all(check["advice"] for of in found.values() for check in of)
    # What is wrong with the settings of the hub is said once, and of each account only that it follows.
    whole.put("tree.json", json.dumps(tree).encode())
    _, checkup = whole.checkup()
    found = wrong(checkup)
    (settings,) = found["the hub"]
    assert "tree.json is of the organization o-a1b2c3d4e5" in settings["says"]
    assert {check["item"] for check in found["production"]} == {"settings", "quarantine"}


def test_account_that_cannot_be_read_costs_no_other_anything(whole: Checked) -> None:
    accounts = whole.organization.accounts
    whole.organization.refused.add(accounts["staging"])
    backend = organizations_backends[ACCOUNT]["aws"]
    (account,) = (each for each in backend.accounts if each.id == accounts["sandbox"])
    account.state = "SUSPENDED"
    whole.refused.add(("events:ListRules", ELSEWHERE))
    status, checkup = whole.checkup()
    assert status == 1
    found = wrong(checkup)
    (unread,) = found["staging"]
    assert (unread["item"], unread["state"]) == ("access", "unknown")
    assert "sts:AssumeRole failed" in unread["says"]
    assert found.keys() == {"staging"}
    checks = {each["name"]: each["checks"] for each in checkup["accounts"]}
    (idle,) = checks["sandbox"]
    assert idle["says"].startswith("the account is suspended")
    assert accounts["sandbox"] not in {number for number, _ in whole.called}
    forwarding = [check for check in checks["production"] if check["item"] == "forwarding"]
    assert [f"access is denied in {ELSEWHERE}" in check["says"] for check in forwarding].count(True) == 1
    assert {check["state"] for check in forwarding} == {"ok"}


def test_refused_call_is_unknown_and_never_ok(whole: Checked) -> None:
    staging = whole.organization.accounts["staging"]
    for action in sorted(ACTIONS - NEEDED - SELDOM - NOT_CALLED):
        # In the hub, it is the bucket that is refused.
        account = whole.hub if action.startswith("s3:") else staging
        whole.refused = {(action, account)}
        status, checkup = whole.checkup()
        assert status == 1, action
        checks = [check for of in wrong(checkup).values() for check in of]
        assert {check["state"] for check in checks} == {"unknown"}, (action, checks)
        assert any(f"{action} failed: access denied" in check["says"] for check in checks), (action, checks)


def test_what_is_no_hub_is_named(whole: Checked) -> None:
    for action in sorted(NEEDED):
        whole.refused = {(action, whole.hub)}
        done = whole.run()
        assert (done.returncode, done.stdout) == (2, "")
        assert f"{action} failed" in done.stderr
        assert "policies/doctor-organization.json" in done.stderr
    whole.refused = set()
    variables: dict[str, str] = {}
    for function in whole.stack.of_type("AWS::Lambda::Function").values():
        variables = function["Environment"]["Variables"]
        variables.pop("ORGANIZATION_ID", None)
    done = whole.run()
    assert (done.returncode, done.stdout) == (2, "")
    assert "is no hub" in done.stderr
