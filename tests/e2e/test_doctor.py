"""`doctor` reads with policies/doctor.json alone, finds what is broken, and says what it could not read."""

import hashlib
import json
import subprocess
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from moto.s3.models import s3_backends

from . import functions
from .account import ADMINS_ADDRESS, moment
from .clients import Clients
from .deployed_parts import ELSEWHERE, deploy
from .deployment import (
    ACCOUNT,
    ALERTS_TOPIC_ARN,
    DOCTOR,
    GROUP_NAME,
    POLICY_ARN,
    REGION,
    STACK,
    environment,
    policy,
)
from .emulator import Emulator
from .gaps import utc_now
from .people import Person

Checks = list[dict[str, Any]]
ACTIONS = sorted(action for statement in policy("doctor")["Statement"] for action in statement["Action"])
# Without the stack there is nothing to check.
NEEDED = {"cloudformation:DescribeStacks", "cloudformation:ListStackResources"}
# Only asked where something is wrong, or was given selectors of its own.
SELDOM = {"iam:ListPolicyVersions", "cloudtrail:GetEventSelectors"}
# Only asked where a setting names a sender, and a bucket.
OF_MAIL = {"ses:GetAccount", "ses:GetEmailIdentity", "ses:GetSuppressedDestination"}
OF_EVIDENCE = {"s3:ListBucket", "s3:GetObject"}
# Only asked where a user has as many policies as may be.
OF_PASSWORDS = {"iam:GenerateCredentialReport", "iam:GetCredentialReport"}
DIGEST_TO = "security@example.com"
BUCKET = "mfa-enforcer-evidencebucket-1abcdef2ghij"
DIGEST = "free=0 exempt=0 ending=0 unknown=0 unreachable=0 unconfirmed=0"
BACKEND = s3_backends[ACCOUNT]["aws"]
PERMISSION = next(
    name for name in STACK.of_type("AWS::Lambda::Permission") if name.startswith("SignInFunction")
)
SWEEP, SIGN_IN = STACK.physical_name("SweepFunction"), STACK.physical_name("SignInFunction")


@pytest.fixture(scope="module")
def binary() -> str:
    functions.build(False, "mfa-enforcer")
    return str(functions.binary("mfa-enforcer"))


@pytest.fixture
def account(aws: Emulator) -> Emulator:
    """A deployment with which nothing is wrong."""
    aws.account.fill(())
    deploy(aws)
    BACKEND.reset()
    aws.strict.gaps.stack_drift = {"StackDriftStatus": "IN_SYNC", "LastCheckTimestamp": utc_now()}
    swept(aws, timedelta(hours=3))
    aws.proxy.calls.clear()
    return aws


def swept(aws: Emulator, ago: timedelta, figures: str = DIGEST) -> None:
    at = moment(utc_now() - ago)
    note(aws, "last-sweep", f"{at} digest={at} {figures}")


def note(aws: Emulator, key: str, value: str) -> None:
    tag = {"Key": f"mfa-enforcer:{key}", "Value": value}
    Clients(aws)("sns").tag_resource(ResourceArn=ALERTS_TOPIC_ARN, Tags=[tag])


def doctor(binary: str, aws: Emulator, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [binary, "doctor", *arguments]
    given = environment(aws.url, "doctor")
    return subprocess.run(command, env=given, capture_output=True, text=True, check=False, timeout=120)


def checks(binary: str, aws: Emulator) -> tuple[int, Checks]:
    done = doctor(binary, aws, "--format", "json")
    assert done.stderr == ""
    found: Checks = json.loads(done.stdout)["checks"]
    return done.returncode, found


def wrong(found: Checks) -> Checks:
    return [check for check in found if check["state"] != "ok"]


def test_healthy_deployment_needs_no_more_than_the_policy(binary: str, account: Emulator) -> None:
    status, found = checks(binary, account)
    assert wrong(found) == []
    assert status == 0
    calls = {call.name for call in account.proxy.calls if call.role == DOCTOR}
    not_asked = SELDOM | OF_MAIL | OF_EVIDENCE | OF_PASSWORDS
    assert calls | not_asked == {*ACTIONS, "sts:GetCallerIdentity"} | not_asked
    assert not any(call.writes for call in account.proxy.calls)


def test_text_counts_what_was_found(binary: str, account: Emulator) -> None:
    Clients(account)("events").disable_rule(Name="mfa-enforcer-sign-ins")
    done = doctor(binary, account)
    assert done.returncode == 1
    assert f"-> aws events enable-rule --name mfa-enforcer-sign-ins --region {REGION}" in done.stdout
    assert "1 broken, 0 unknown, 0 warning, " in done.stdout


def _environment(function: str, **changes: str) -> Callable[[Emulator], None]:
    def change(aws: Emulator) -> None:
        client = Clients(aws)("lambda")
        known = client.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
        client.update_function_configuration(
            FunctionName=function, Environment={"Variables": known | changes}
        )

    return change


def everywhere(aws: Emulator, **changes: str) -> None:
    """Deploys other settings."""
    for name in STACK.functions():
        _environment(STACK.physical_name(name), **changes)(aws)


def send_mail(aws: Emulator) -> None:
    everywhere(aws, MAIL_FROM="MFA <mfa@example.com>", DIGEST_TO=DIGEST_TO)
    aws.strict.verify("example.com")


def suppress_digest(aws: Emulator) -> None:
    send_mail(aws)
    aws.strict.ses.suppressed.add(DIGEST_TO)


def keep_evidence(aws: Emulator) -> None:
    """A bucket with the record of today's sweep, which the alerts topic knows."""
    everywhere(aws, EVIDENCE_BUCKET=BUCKET)
    BACKEND.create_bucket(BUCKET, REGION)
    BACKEND.put_object(BUCKET, record_key(), b"{}")
    note(aws, "evidence", f"{hashlib.sha256(b'{}').hexdigest()} {BUCKET}")


def record_key() -> str:
    at = utc_now() - timedelta(hours=3)
    run = f"{at:%Y%m%dT%H%M%S000Z}-1234abcd-12ab-34cd-56ef-1234567890ab"
    return f"evidence/{ACCOUNT}/{at:%Y/%m/%d}/{run}/record.json"


def test_deployment_with_mail_and_evidence_can_be_healthy(binary: str, account: Emulator) -> None:
    send_mail(account)
    keep_evidence(account)
    account.proxy.calls.clear()
    status, found = checks(binary, account)
    assert wrong(found) == []
    assert status == 0
    calls = {call.name for call in account.proxy.calls if call.role == DOCTOR}
    assert calls >= OF_MAIL | OF_EVIDENCE


def use_up(aws: Emulator, groups: int) -> None:
    """A user with a password and as many policies as may be, in so many groups."""
    aws.account.add(Person(name="bob", password_age=timedelta(days=400)))
    aws.account.attach_policies("bob", 10)
    aws.account.join_groups("bob", groups)


def test_user_with_room_in_the_group_alone_is_in_order(binary: str, account: Emulator) -> None:
    use_up(account, groups=9)
    account.proxy.calls.clear()
    status, found = checks(binary, account)
    assert wrong(found) == []
    assert status == 0
    (room,) = (check for check in found if check["item"] == "room")
    assert room["says"].endswith("has room for it, 1 of them in the group alone")
    calls = Counter(call.name for call in account.proxy.calls if call.role == DOCTOR)
    asked = OF_PASSWORDS | {"iam:GetAccountAuthorizationDetails", "iam:GetAccountSummary"}
    assert {name: calls[name] for name in asked} == dict.fromkeys(asked, 1)


def test_user_without_password_needs_no_room(binary: str, account: Emulator) -> None:
    use_up(account, groups=10)
    Clients(account)("iam").delete_login_profile(UserName="bob")
    status, found = checks(binary, account)
    assert wrong(found) == []
    assert status == 0


def test_raised_quota_is_room(binary: str, account: Emulator) -> None:
    use_up(account, groups=10)
    account.strict.allow(policies=11)
    assert wrong(checks(binary, account)[1]) == []
    account.account.make_administrator("bob")
    (check,) = wrong(checks(binary, account)[1])
    assert (check["item"], check["state"]) == ("room", "broken")


def _lambda(method: str, **arguments: Any) -> Callable[[Emulator], None]:
    return lambda aws: getattr(Clients(aws)("lambda"), method)(**arguments)


def _events(method: str, **arguments: Any) -> Callable[[Emulator], None]:
    return lambda aws: getattr(Clients(aws)("events"), method)(**arguments)


def _no_targets(aws: Emulator) -> None:
    events = Clients(aws)("events")
    ids = [target["Id"] for target in events.list_targets_by_rule(Rule="mfa-enforcer-devices")["Targets"]]
    events.remove_targets(Rule="mfa-enforcer-devices", Ids=ids)


def _disable_mapping(aws: Emulator) -> None:
    (uuid,) = aws.strict.gaps.given_names.values()
    Clients(aws)("lambda").update_event_source_mapping(UUID=uuid, Enabled=False)


def _dead_letter(aws: Emulator) -> None:
    sqs = Clients(aws)("sqs")
    url = sqs.get_queue_url(QueueName=STACK.physical_name("DeadLetters"))["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="{}")


def _no_queue(aws: Emulator) -> None:
    sqs = Clients(aws)("sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=STACK.physical_name("DeadLetters"))["QueueUrl"])


def _other_text(aws: Emulator) -> None:
    nothing = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [nothing]})
    Clients(aws)("iam").create_policy_version(
        PolicyArn=POLICY_ARN, PolicyDocument=document, SetAsDefault=True
    )


def _other_schedule(aws: Emulator) -> None:
    scheduler = Clients(aws)("scheduler")
    (schedule,) = (
        each
        for each in STACK.of_type("AWS::Scheduler::Schedule").values()
        if each["Name"] == "mfa-enforcer-hourly"
    )
    scheduler.update_schedule(**schedule, State="DISABLED")


def _sandbox(aws: Emulator) -> None:
    send_mail(aws)
    aws.strict.enter_sandbox()


def _other_record(aws: Emulator) -> None:
    keep_evidence(aws)
    BACKEND.put_object(BUCKET, record_key(), b"[]")


def _no_bucket(aws: Emulator) -> None:
    keep_evidence(aws)
    BACKEND.reset()


def _unsubscribe(aws: Emulator) -> None:
    sns = Clients(aws)("sns")
    for each in sns.list_subscriptions_by_topic(TopicArn=ALERTS_TOPIC_ARN)["Subscriptions"]:
        sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])


BROKEN: dict[str, tuple[Callable[[Emulator], Any], str, str, str]] = {
    "trail": (lambda aws: aws.strict.stop_trails(), "trail", "broken", "no trail logs"),
    "rule disabled": (
        _events("disable_rule", Name="mfa-enforcer-users"),
        "rules",
        "broken",
        "mfa-enforcer-users is DISABLED",
    ),
    "rule without targets": (_no_targets, "rules", "broken", "mfa-enforcer-devices has no target"),
    "forwarding disabled": (
        lambda aws: Clients(aws)("events", region=ELSEWHERE).disable_rule(Name="mfa-enforcer-forward"),
        "forwarding",
        "broken",
        f"mfa-enforcer-forward in {ELSEWHERE} is DISABLED",
    ),
    "region without forwarding": (
        lambda aws: aws.strict.gaps.regions.append("me-south-1"),
        "forwarding",
        "warning",
        "nothing forwards sign-ins from me-south-1",
    ),
    "function gone": (
        _lambda("delete_function", FunctionName=SIGN_IN),
        "functions",
        "broken",
        "SignInFunction is gone",
    ),
    "few executions": (
        lambda aws: vars(aws.strict.gaps).update(executions=10),
        "functions",
        "warning",
        "the account allows 10 executions",
    ),
    "suppressed": (
        suppress_digest,
        "mail",
        "warning",
        f"SES sends nothing to {DIGEST_TO}",
    ),
    "rule that is not let in": (
        _lambda("remove_permission", FunctionName=SIGN_IN, StatementId=PERMISSION),
        "rules",
        "broken",
        "SignInFunction does not let the rule mfa-enforcer-sign-ins invoke it",
    ),
    "function stopped": (
        _lambda("put_function_concurrency", FunctionName=SIGN_IN, ReservedConcurrentExecutions=0),
        "functions",
        "broken",
        "SignInFunction is stopped",
    ),
    "settings": (
        _environment(SIGN_IN, GRACE_PERIOD="soon"),
        "settings",
        "broken",
        "SignInFunction does not start: GRACE_PERIOD is `soon`",
    ),
    "other settings": (
        _environment(SIGN_IN, MODE="observe"),
        "settings",
        "warning",
        "the functions do not have the same MODE",
    ),
    "mapping": (_disable_mapping, "schedules", "broken", "SweepFunctionOrders is disabled"),
    "schedule": (_other_schedule, "schedules", "broken", "HourlySchedule is disabled"),
    "dead letter": (_dead_letter, "dead-letters", "warning", "events could not be handled: 1"),
    "queue gone": (_no_queue, "dead-letters", "broken", "DeadLetters is gone"),
    "late": (lambda aws: swept(aws, timedelta(hours=30)), "last-sweep", "warning", "the next is late"),
    "missed": (lambda aws: swept(aws, timedelta(days=3)), "last-sweep", "broken", "some were missed"),
    "policy": (_other_text, "quarantine", "broken", "does not have its text"),
    "group": (
        lambda aws: Clients(aws)("iam").detach_group_policy(GroupName=GROUP_NAME, PolicyArn=POLICY_ARN),
        "quarantine",
        "broken",
        "does not have its policy",
    ),
    "no room": (
        lambda aws: use_up(aws, groups=10),
        "room",
        "broken",
        "users with a password whom no quarantine can hold, for lack of room: 1 (bob)",
    ),
    "no room in the account": (
        lambda aws: aws.strict.gaps.quotas.update(GroupsQuota=0),
        "room",
        "warning",
        "the account can have 0 more groups",
    ),
    "alerts": (_unsubscribe, "alerts", "broken", "nobody gets the alerts"),
    "unconfirmed": (
        lambda aws: aws.account.leave_unconfirmed(ADMINS_ADDRESS),
        "alerts",
        "broken",
        "nobody gets the alerts",
    ),
    "topic gone": (
        lambda aws: Clients(aws)("sns").delete_topic(TopicArn=ALERTS_TOPIC_ARN),
        "alerts",
        "broken",
        "the alerts topic is gone",
    ),
    "rollback": (
        lambda aws: vars(aws.strict.gaps).update(stack_status="UPDATE_ROLLBACK_FAILED"),
        "stack",
        "broken",
        "neither as before nor as after",
    ),
    "sandbox": (_sandbox, "mail", "warning", "in its sandbox"),
    "not verified": (
        lambda aws: everywhere(aws, MAIL_FROM="mfa@example.com"),
        "mail",
        "broken",
        "is verified in SES",
    ),
    "record": (_other_record, "evidence", "broken", "somebody changed"),
    "bucket gone": (_no_bucket, "evidence", "broken", "there is no bucket"),
    "not told": (
        lambda aws: swept(aws, timedelta(hours=3), "unreachable=2 ending=0"),
        "users",
        "warning",
        "have no known address: 2",
    ),
    "exemptions": (
        lambda aws: swept(aws, timedelta(hours=3), "exempt=3 ending=1"),
        "exemptions",
        "warning",
        "end within 7 days: 1",
    ),
    "drift": (
        lambda aws: aws.strict.gaps.stack_drift.update(StackDriftStatus="DRIFTED"),
        "drift",
        "warning",
        "changed them by hand",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_found_with_what_to_do(name: str, binary: str, account: Emulator) -> None:
    spoil, item, state, says = BROKEN[name]
    spoil(account)
    status, found = checks(binary, account)
    assert status == 1
    hits = [check for check in found if check["item"] == item and says in check["says"]]
    assert [check["state"] for check in hits] == [state], wrong(found)
    assert hits[0]["advice"]


def test_several_broken_things_are_all_found(binary: str, account: Emulator) -> None:
    for name in ("trail", "rule disabled", "function stopped", "dead letter", "alerts"):
        BROKEN[name][0](account)
    _, found = checks(binary, account)
    assert {check["item"] for check in wrong(found)} == {
        "trail",
        "rules",
        "functions",
        "dead-letters",
        "alerts",
    }


@pytest.mark.parametrize("action", sorted(set(ACTIONS) - NEEDED - SELDOM))
def test_refused_call_is_unknown_and_never_ok(action: str, binary: str, account: Emulator) -> None:
    if action in OF_MAIL:
        send_mail(account)
    if action in OF_EVIDENCE:
        keep_evidence(account)
    if action in OF_PASSWORDS:
        use_up(account, groups=9)
    account.strict.forbid(action)
    status, found = checks(binary, account)
    assert status == 1
    unknown = wrong(found)
    assert unknown
    assert {check["state"] for check in unknown} == {"unknown"}, unknown
    # What depends on what could not be read is not known either. But something says why.
    assert any(f"{action} failed: access denied" in check["says"] for check in unknown), unknown


def test_missing_stack_is_named(binary: str, account: Emulator) -> None:
    account.strict.gaps.stack_status = ""
    done = doctor(binary, account)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"there is no stack mfa-enforcer in account {ACCOUNT} and {REGION}" in done.stderr


@pytest.mark.parametrize("action", sorted(NEEDED))
def test_nothing_is_said_without_the_stack(action: str, binary: str, account: Emulator) -> None:
    account.strict.forbid(action)
    done = doctor(binary, account)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{action} failed" in done.stderr
    assert "policies/doctor.json" in done.stderr
