"""The emulated AWS is as strict as AWS: every rule of the proxy refuses what AWS refuses, and nothing else.

The calls are made with boto3, with the key of a function's role or as an administrator.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from .deployment import ADMIN_KEY, ALERTS_TOPIC_ARN, GROUP_NAME, POLICY_ARN, REGION, ROLES, SECRET, STACK
from .emulator import Emulator, emulator
from .faults import Limit
from .functions import Answer
from .harness import Harness
from .judge import KEYS, context_of
from .people import PEOPLE, named, phone
from .proxy import Call

ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess"
OWN_TOPIC = "mfa-enforcer-user-AIDAEXAMPLE"
# Condition keys that every call has.
ALWAYS = {"aws:SecureTransport", "aws:PrincipalArn", "aws:ViaAWSService"}
CONTROL = "protect-quarantine.scp.json"


@pytest.fixture(name="aws", scope="module")
def _aws() -> Iterator[Emulator]:
    """An emulator of its own, so that no other test sees these calls."""
    with emulator() as running:
        yield running


@pytest.fixture(name="client")
def _client(aws: Emulator) -> Callable[[str, str], Any]:
    """Makes a client of a service for a function, or for an administrator, before bob, dave and heidi."""
    keys = {role.function: key for key, role in ROLES.items()}
    aws.account.fill(named("bob", "dave", "heidi"))

    def client(service: str, function: str = "") -> Any:
        return boto3.client(  # type: ignore[call-overload]
            service,
            region_name=REGION,
            endpoint_url=aws.url,
            aws_access_key_id=keys.get(function, ADMIN_KEY),
            aws_secret_access_key=SECRET,
            config=Config(proxies={}, retries={"total_max_attempts": 1}),
        )

    return client


def tags(**values: str) -> list[dict[str, str]]:
    return [
        {"Key": key.replace("__", ":").replace("_", "-"), "Value": value} for key, value in values.items()
    ]


def code(make: Callable[[], object]) -> str:
    """The code of the error that a call meets; empty for none."""
    try:
        make()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


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


def attempt(client: Any, attempted: Attempt) -> str:
    """The code of the error that a function's call meets."""
    function, service, action, parameters = attempted
    return code(lambda: getattr(client(service, function), action)(**parameters))


@pytest.mark.parametrize("attempted", OUR_CALLS, ids=lambda attempted: " ".join(attempted[:3]))
def test_role_may_make_its_calls(attempted: Attempt, client: Any) -> None:
    assert attempt(client, attempted) == ""


@pytest.mark.parametrize("attempted", FOREIGN_CALLS, ids=lambda attempted: " ".join(attempted[:3]))
def test_role_may_make_no_other_call(attempted: Attempt, client: Any, aws: Emulator) -> None:
    before = aws.account.users()
    assert attempt(client, attempted) == "AccessDenied"
    assert aws.account.users() == before


def test_denial_reads_as_in_aws(client: Any) -> None:
    session = "arn:aws:sts::123456789012:assumed-role/mfa-enforcer-sign-in/sign-in"
    with pytest.raises(ClientError) as refused:
        client("iam", "sign-in").delete_user(UserName="bob")
    response = refused.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert response["Error"]["Message"] == (
        f"User: {session} is not authorized to perform: iam:DeleteUser on resource: "
        "arn:aws:iam::123456789012:user/bob because no identity-based policy allows the iam:DeleteUser action"
    )


def test_each_service_has_its_own_code_for_a_denial(client: Any) -> None:
    sns, cloudtrail = client("sns", "sign-in"), client("cloudtrail", "sign-in")
    assert code(lambda: sns.create_topic(Name="somebody-elses")) == "AuthorizationError"
    assert code(cloudtrail.lookup_events) == "AccessDeniedException"


def test_administrator_is_not_judged(client: Any, aws: Emulator) -> None:
    client("iam").detach_user_policy(UserName="heidi", PolicyArn=POLICY_ARN)
    assert aws.account.users()["heidi"].contained_by is None


def test_publishing_on_an_encrypted_topic_needs_the_key(client: Any, aws: Emulator) -> None:
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
    for action, parameters in (
        ("AttachUserPolicy", {"UserName": "bob", "PolicyArn": POLICY_ARN}),
        ("TagUser", {"UserName": "bob", "Tags.member.1.Key": "a", "Tags.member.1.Value": "b"}),
        ("Subscribe", {"TopicArn": ALERTS_TOPIC_ARN, "Protocol": "email", "Endpoint": "a@example.com"}),
    ):
        service = "sns" if action == "Subscribe" else "iam"
        given |= {key.split("/")[0] for key in context_of(Call(service, action, parameters))}
    assert set(condition_keys([role.policies for role in ROLES.values()])) <= given


def test_control_binds_the_functions(client: Any, aws: Emulator) -> None:
    def mark() -> str:
        role = client("iam", "sign-in")
        return code(lambda: role.tag_user(UserName="bob", Tags=tags(**QUARANTINED)))

    aws.strict.lay_over(CONTROL)
    assert mark() == ""
    # A stack of another name than the policy spares.
    foreign = json.loads(json.dumps(aws.strict.judge.controls).replace("role/mfa-enforcer-*", "role/other-*"))
    aws.strict.judge.controls = foreign
    assert mark() == "AccessDenied"


def test_tag_keys_have_no_case(client: Any, aws: Emulator) -> None:
    iam = client("iam")
    iam.tag_user(UserName="dave", Tags=tags(Email="d@example.com", team="payments"))
    assert aws.account.users()["dave"].tags == {"Email": "d@example.com", "team": "payments"}
    iam.untag_user(UserName="dave", TagKeys=["EMAIL", "nothing"])
    assert aws.account.users()["dave"].tags == {"team": "payments"}
    twice = tags(team="a", Team="b")
    assert code(lambda: iam.tag_user(UserName="dave", Tags=twice)) == "InvalidInput"
    assert code(lambda: iam.create_user(UserName="new", Tags=twice)) == "InvalidInput"


@pytest.mark.parametrize(
    ("key", "value", "refused"),
    [
        ("k" * 128, "v" * 256, ""),
        ("straße:a/b=c+d-e@f_g.h", "中 ٣", ""),
        ("empty", "", ""),
        ("k" * 129, "v", "ValidationError"),
        ("k", "v" * 257, "ValidationError"),
        ("k", "one,two", "ValidationError"),
        ("k", "(one)", "ValidationError"),
        ("k", "one#two", "ValidationError"),
        ("k&l", "v", "ValidationError"),
        ("aws:k", "v", "InvalidInput"),
    ],
)
def test_tags_keep_to_characters_and_length(key: str, value: str, refused: str, client: Any) -> None:
    iam, wanted = client("iam"), [{"Key": key, "Value": value}]
    assert code(lambda: iam.tag_user(UserName="bob", Tags=wanted)) == refused
    assert code(lambda: iam.create_user(UserName="new", Tags=wanted)) == refused


def test_user_has_fifty_tags_at_most(client: Any, aws: Emulator) -> None:
    aws.administrator.fill_tags("bob", 50)
    iam = client("iam")
    assert code(lambda: iam.tag_user(UserName="bob", Tags=tags(one="more"))) == "LimitExceeded"
    assert code(lambda: iam.tag_user(UserName="bob", Tags=tags(EMAIL="b@example.com"))) == ""


def test_user_has_ten_policies_at_most(client: Any, aws: Emulator) -> None:
    aws.account.attach_policies("bob", 10)
    role = client("iam", "sign-in")

    def attach() -> str:
        return code(lambda: role.attach_user_policy(UserName="bob", PolicyArn=POLICY_ARN))

    assert attach() == "LimitExceeded"
    aws.strict.allow(policies=11)
    # What is attached already takes no more room.
    assert [attach(), attach()] == ["", ""]


def test_user_has_ten_groups_at_most(client: Any, aws: Emulator) -> None:
    aws.account.join_groups("bob", 10)
    role = client("iam", "sign-in")
    assert code(lambda: role.add_user_to_group(UserName="bob", GroupName=GROUP_NAME)) == "LimitExceeded"
    aws.administrator.call("RemoveUserFromGroup", UserName="bob", GroupName="bob-00")
    assert code(lambda: role.add_user_to_group(UserName="bob", GroupName=GROUP_NAME)) == ""


def test_moved_and_renamed_user_keeps_the_tags(aws: Emulator, client: Any) -> None:
    before = aws.account.users()["bob"].tags
    aws.administrator.move("bob", "/break-glass/")
    aws.administrator.rename("bob", "robert")
    user = client("iam").get_user(UserName="robert")["User"]
    assert user["Arn"] == "arn:aws:iam::123456789012:user/break-glass/robert"
    assert aws.account.users()["robert"].tags == before


def events(cloudtrail: Any, name: str = "", **more: Any) -> list[dict[str, Any]]:
    """The records of one page, and the name of each."""
    attributes = [{"AttributeKey": "EventName", "AttributeValue": name}] if name else []
    page = cloudtrail.lookup_events(LookupAttributes=attributes, **more)
    return [json.loads(event["CloudTrailEvent"]) for event in page["Events"]]


def test_history_shows_writes_some_minutes_later(client: Any, aws: Emulator) -> None:
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


def test_history_is_looked_up_by_name_and_time(client: Any, aws: Emulator) -> None:
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


def test_history_has_what_was_delivered(aws: Emulator, client: Any) -> None:
    aws.account.add(PEOPLE["judy"])
    harness = Harness(aws, lambda _function, _payload: Answer())
    harness.deliver("DeactivateMFADevice/judy-last-device-by-herself.json")
    harness.deliver("ConsoleLogin/bob-overdue-without-mfa.json")
    aws.account.time_passes(timedelta(minutes=5))
    (removed,) = events(client("cloudtrail"))
    assert removed["userIdentity"]["principalId"] == client("iam").get_user(UserName="judy")["User"]["UserId"]


def test_history_comes_in_pages(client: Any, aws: Emulator) -> None:
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


def test_two_look_ups_a_second_are_allowed(client: Any, aws: Emulator) -> None:
    # A test can see that one is refused, but not wait for it: the limit is of the functions' calls.
    history, allowed = client("cloudtrail", "sign-in"), "AccessDeniedException"
    with aws.proxy.rule(Limit("cloudtrail:LookupEvents", 2)):
        codes = [code(history.lookup_events) for _ in range(3)]
    assert codes == [allowed, allowed, "ThrottlingException"]


def test_reads_lag_behind_writes(client: Any, aws: Emulator) -> None:
    iam = client("iam", "mfa-device")

    def attached(name: str) -> bool:
        return bool(iam.list_attached_user_policies(UserName=name)["AttachedPolicies"])

    aws.strict.lag_behind(timedelta(minutes=1))
    aws.administrator.detach_by_hand("heidi")
    aws.administrator.call("TagUser", UserName="heidi", Tags=tags(team="payments"))
    aws.administrator.attach_by_hand("bob")
    keys = [tag["Key"] for tag in iam.get_user(UserName="heidi")["User"]["Tags"]]
    assert (attached("heidi"), attached("bob"), "team" in keys) == (True, False, False)
    assert not aws.account.users()["heidi"].contained_by
    aws.strict.catch_up()
    assert (attached("heidi"), attached("bob")) == (False, True)


def test_unconfirmed_subscription_ends_after_two_days(client: Any, aws: Emulator) -> None:
    topic = aws.account.give_topic("bob")
    aws.account.leave_unconfirmed("bob@example.com")
    sns = client("sns", "sign-in")
    subscribed = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="bob@example.com")

    def listed() -> list[str]:
        subscriptions = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        return [subscription["SubscriptionArn"] for subscription in subscriptions]

    assert (subscribed["SubscriptionArn"], listed()) == ("pending confirmation", ["PendingConfirmation"])
    aws.account.time_passes(timedelta(hours=47))
    assert listed() == ["PendingConfirmation"]
    aws.account.time_passes(timedelta(hours=1))
    assert listed() == []


def test_hours_pass_for_everything(client: Any, aws: Emulator) -> None:
    aws.account.enrol("bob", phone("bob"))
    aws.account.use_password("bob")
    iam = client("iam")

    def times() -> list[datetime]:
        user = iam.get_user(UserName="bob")["User"]
        (device,) = iam.list_mfa_devices(UserName="bob")["MFADevices"]
        profile = iam.get_login_profile(UserName="bob")["LoginProfile"]
        return [user["PasswordLastUsed"], user["CreateDate"], device["EnableDate"], profile["CreateDate"]]

    before, since = times(), aws.account.users()["heidi"].tags["mfa-enforcer:quarantined"][:20]
    aws.account.time_passes(timedelta(hours=12))
    assert {then - now for then, now in zip(before, times(), strict=True)} == {timedelta(hours=12)}
    later = aws.account.users()["heidi"].tags["mfa-enforcer:quarantined"][:20]
    assert datetime.fromisoformat(since[:-1]) - datetime.fromisoformat(later[:-1]) == timedelta(hours=12)


def test_stack_is_the_one_of_the_template() -> None:
    assert {role.function for role in ROLES.values()} == set(STACK.functions().values())
    assert all(len(key) == 20 for key in ROLES)
