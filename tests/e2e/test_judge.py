"""Each function may do what its role may do, and what it may not do is answered as AWS answers."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .clients import Clients, code, tags
from .deployment import ALERTS_TOPIC_ARN, DEFAULT, GROUP_NAME, POLICY_ARN, ROLES, STACK
from .emulator import Emulator
from .judge import KEYS, context_of
from .proxy import Call

ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess"
OWN_TOPIC = "mfa-enforcer-user-AIDAEXAMPLE"
# Condition keys that every call has.
ALWAYS = {"aws:SecureTransport", "aws:PrincipalArn", "aws:ViaAWSService"}
CONTROL = "protect-quarantine.scp.json"
QUARANTINED = {"mfa_enforcer__quarantined": "2026-11-24T09:00:00Z reason=sign-in"}
Attempt = tuple[str, str, str, dict[str, Any]]
OUR_CALLS: list[Attempt] = [
    ("sign-in", "iam", "get_user", {"UserName": "bob"}),
    ("sign-in", "iam", "attach_user_policy", {"UserName": "bob", "PolicyArn": POLICY_ARN}),
    ("sign-in", "iam", "add_user_to_group", {"UserName": "bob", "GroupName": GROUP_NAME}),
    ("sign-in", "iam", "tag_user", {"UserName": "bob", "Tags": tags(**QUARANTINED)}),
    ("mfa-device", "iam", "untag_user", {"UserName": "bob", "TagKeys": ["mfa-enforcer:quarantined"]}),
    ("mfa-device", "iam", "detach_user_policy", {"UserName": "heidi", "PolicyArn": POLICY_ARN}),
    ("sign-in", "sns", "create_topic", {"Name": OWN_TOPIC}),
    ("sign-in", "sns", "publish", {"TopicArn": ALERTS_TOPIC_ARN, "Message": "m"}),
    ("sign-in", "sns", "publish", {"PhoneNumber": "+15550100123", "Message": "m"}),
    ("sweep", "sns", "list_topics", {}),
    ("sweep", "iam", "list_virtual_mfa_devices", {}),
]
FOREIGN_CALLS: list[Attempt] = [
    ("sign-in", "iam", "attach_user_policy", {"UserName": "bob", "PolicyArn": ADMINISTRATOR_ACCESS}),
    ("sign-in", "iam", "detach_user_policy", {"UserName": "heidi", "PolicyArn": POLICY_ARN}),
    ("sign-in", "iam", "add_user_to_group", {"UserName": "bob", "GroupName": "admins"}),
    ("sign-in", "iam", "tag_user", {"UserName": "bob", "Tags": tags(team="payments")}),
    ("sign-in", "iam", "tag_user", {"UserName": "bob", "Tags": tags(**QUARANTINED, team="payments")}),
    ("mfa-device", "iam", "untag_user", {"UserName": "bob", "TagKeys": ["email"]}),
    ("sign-in", "iam", "list_virtual_mfa_devices", {}),
    ("sweep", "iam", "delete_user", {"UserName": "bob"}),
]


def attempt(client: Clients, attempted: Attempt) -> str:
    """The code of the error that a function's call meets."""
    function, service, action, parameters = attempted
    return code(lambda: getattr(client(service, function), action)(**parameters))


@pytest.mark.parametrize("attempted", OUR_CALLS, ids=lambda attempted: " ".join(attempted[:3]))
def test_role_may_make_its_calls(attempted: Attempt, client: Clients) -> None:
    assert attempt(client, attempted) == ""


@pytest.mark.parametrize("attempted", FOREIGN_CALLS, ids=lambda attempted: " ".join(attempted[:3]))
def test_role_may_make_no_other_call(attempted: Attempt, client: Clients, aws: Emulator) -> None:
    before = aws.account.users()
    assert attempt(client, attempted) == "AccessDenied"
    assert aws.account.users() == before


def test_denial_reads_as_in_aws(client: Clients) -> None:
    session = "arn:aws:sts::123456789012:assumed-role/mfa-enforcer-sign-in/sign-in"
    with pytest.raises(ClientError) as refused:
        client("iam", "sign-in").delete_user(UserName="bob")
    response = refused.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert response["Error"]["Message"] == (
        f"User: {session} is not authorized to perform: iam:DeleteUser on resource: "
        "arn:aws:iam::123456789012:user/bob because no identity-based policy allows the iam:DeleteUser action"
    )


def test_each_service_has_its_own_code_for_a_denial(client: Clients) -> None:
    sns, cloudtrail = client("sns", "sign-in"), client("cloudtrail", "sign-in")
    assert code(lambda: sns.create_topic(Name="somebody-elses")) == "AuthorizationError"
    assert code(cloudtrail.lookup_events) == "AccessDeniedException"


def test_administrator_is_not_judged(client: Clients, aws: Emulator) -> None:
    client("iam").detach_user_policy(UserName="heidi", PolicyArn=POLICY_ARN)
    assert aws.account.users()["heidi"].contained_by is None


def test_publishing_on_an_encrypted_topic_needs_the_key(client: Clients, aws: Emulator) -> None:
    assert ALERTS_TOPIC_ARN in KEYS
    (role,) = (role for role in ROLES.values() if role.function == "sign-in")
    asked: list[str] = []

    class WithoutKey:
        """Knows of no key."""

        def verdict(self, policies: dict[str, Any], request: dict[str, Any]) -> str:
            assert policies["identity"]
            asked.append(request["action"])
            return "ImplicitlyDenied" if request["action"].startswith("kms:") else "Allowed"

    judge, evaluator = aws.strict.judge, aws.strict.judge.evaluator
    judge.evaluator = WithoutKey()
    try:
        sns = client("sns", role.function)
        assert code(lambda: sns.publish(TopicArn=ALERTS_TOPIC_ARN, Message="m")) == "KMSAccessDenied"
    finally:
        judge.evaluator = evaluator
    assert asked == ["sns:Publish", "kms:GenerateDataKey"]


def condition_keys(policies: object) -> Iterator[str]:
    """The condition keys that policies name, without what follows a slash."""
    if isinstance(policies, list | tuple):
        for each in policies:
            yield from condition_keys(each)
    elif isinstance(policies, dict):
        for operands in policies.get("Condition", {}).values():
            yield from (key.split("/")[0] for key in operands)
        for each in policies.values():
            yield from condition_keys(each)


def test_every_condition_key_of_the_roles_is_given() -> None:
    given = set(ALWAYS) | {"kms:ViaService"}
    for service, action, parameters in (
        ("iam", "AttachUserPolicy", {"UserName": "bob", "PolicyArn": POLICY_ARN}),
        ("iam", "TagUser", {"UserName": "bob", "Tags.member.1.Key": "a", "Tags.member.1.Value": "b"}),
        (
            "sns",
            "Subscribe",
            {"TopicArn": ALERTS_TOPIC_ARN, "Protocol": "email", "Endpoint": "a@example.com"},
        ),
        ("events", "PutEvents", {"Entries": [{"Source": "mfa-enforcer", "DetailType": "Account Change"}]}),
        ("s3", "ListBucket", {"Bucket": "evidence", "Key": "", "Prefix": "evidence/"}),
        ("sts", "AssumeRole", {"RoleArn": "arn:aws:iam::444455556666:role/reader"}),
    ):
        given |= {key.split("/")[0] for key in context_of(Call(service, action, parameters))}
    named = {"Bucket": "evidence", "Key": "evidence/a.json", "Prefix": ""}
    given |= set(context_of(Call("s3", "PutObject", named, "", {"HTTP_IF_NONE_MATCH": "*"})))
    assert set(condition_keys(list(DEFAULT.policies.values()))) <= given


def test_control_binds_the_functions(client: Clients, aws: Emulator) -> None:
    def mark() -> str:
        role = client("iam", "sign-in")
        return code(lambda: role.tag_user(UserName="bob", Tags=tags(**QUARANTINED)))

    aws.strict.lay_over(CONTROL)
    assert mark() == ""
    # A stack of another name than the policy spares.
    foreign = json.loads(json.dumps(aws.strict.judge.controls).replace("role/mfa-enforcer-*", "role/other-*"))
    aws.strict.judge.controls = foreign
    assert mark() == "AccessDenied"


def test_stack_is_the_one_of_the_template() -> None:
    assert {role.function for role in ROLES.values()} == set(STACK.functions().values())
    assert all(len(key) == 20 for key in ROLES)
