"""A hub acts in every account of its organization, and in each only as far as that account's settings say."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from moto.iam.models import iam_backends
from moto.s3.models import s3_backends
from moto.sns.models import sns_backends

from . import functions
from .deployment import ACCOUNT, REGION
from .gaps import update_user, utc_now
from .hub_events import about_bob, by_bob
from .hubs import BUCKET, TREE, Hub, hub
from .organizations import Organization, organization
from .ses import Mail
from .test_mail import bounce
from .test_plan import binary

__all__ = ["binary", "organization"]

ENFORCING = """
defaults: {mode: observe, grace_period: 0s}
units:
  Root/Work: {mode: enforce}
"""
RELEASES = ("DetachUserPolicy", "RemoveUserFromGroup", "TagUser", "UntagUser")


def this_hour() -> str:
    """Of a run that is due. A collector tells of those of earlier hours, too."""
    return f"{utc_now():%Y-%m-%dT%H:00:00Z}"


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    functions.build(show=False)


@pytest.fixture
def central(organization: Organization, tmp_path: Path) -> Iterator[Hub]:
    with hub(organization, tmp_path / "log") as running:
        yield running


@pytest.fixture
def planned(central: Hub) -> Hub:
    central.put(ENFORCING)
    central.invoke("sweep", {"sweep": "hourly", "scheduledTime": "2026-11-24T09:00:00Z"})
    return central


def sign_in(central: Hub, name: str) -> dict[str, Any]:
    """A sign-in of bob without MFA."""
    return by_bob(central, "ConsoleLogin/alice-in-grace-without-mfa.json", name)


def test_planner_lists_the_organization_and_orders_each_account(planned: Hub) -> None:
    tree = json.loads(planned.client("s3").get_object(Bucket=BUCKET, Key=TREE)["Body"].read())
    assert {account["name"]: account["units"] for account in tree["accounts"]} == {
        "master": ["Root"],
        "production": ["Root", "Work"],
        "staging": ["Root", "Work"],
        "sandbox": ["Root", "Tests"],
    }
    orders = [json.loads(message["Body"]) for message in _messages(planned)]
    # Not in the management account, in which no hub acts.
    assert sorted(order["account"] for order in orders) == sorted(
        account["id"] for account in tree["accounts"] if account["name"] != "master"
    )
    assert {order["sweep"] for order in orders} == {"hourly"}


def _messages(planned: Hub) -> list[dict[str, Any]]:
    received: list[dict[str, Any]] = []
    while (
        batch := planned.client("sqs")
        .receive_message(QueueUrl=planned.queue, MaxNumberOfMessages=10)
        .get("Messages")
    ):
        received.extend(batch)
    return received


def test_sign_in_is_answered_in_its_account_alone(planned: Hub) -> None:
    event = sign_in(planned, "production")
    (answer,) = planned.invoke("sign-in", event)
    assert answer.outcome == "acted", answer
    assert planned.policies_of("production", "bob") == [
        f"arn:aws:iam::{planned.account('production')}:policy/mfa-enforcer/console/{planned.part('ConsoleQuarantinePolicy')}"
    ]
    assert planned.policies_of("staging", "bob") == []
    assert not planned.refused
    assert {account for account, _, _ in planned.called} == {planned.account("production")}
    (session,) = planned.sessions.values()
    assert session.name == event["detail"]["eventID"]
    users = [each for each in session.policy["Statement"] if "user/" in str(each["Resource"])]
    assert users
    assert all(each["Resource"] == ["arn:*:iam::*:user/bob", "arn:*:iam::*:user/*/bob"] for each in users)


EXEMPTING = ENFORCING.replace(
    "mode: enforce", "mode: enforce, exempt_paths: [{path: /robots/, reason: no console}]"
)


def exempted(central: Hub) -> dict[str, Any]:
    """An administrator exempts bob of production by a tag."""
    event = about_bob(central, "TagUser/heidi-exempted-by-an-admin.json", "heidi")
    tags = [
        {name.title(): tag[name] for name in ("key", "value")}
        for tag in event["detail"]["requestParameters"]["tags"]
    ]
    iam_backends[central.account("production")]["aws"].tag_user("bob", tags)
    return event


def moved(central: Hub) -> dict[str, Any]:
    """An administrator moves bob of production to a path that is exempt."""
    event = about_bob(central, "UpdateUser/judy-moved-by-an-admin.json", "judy")
    event["detail"]["requestParameters"]["newPath"] = "/robots/"
    iam = iam_backends[central.account("production")]["aws"]
    update_user("bob", lambda: iam.update_user("bob", new_path="/robots/"), iam)
    return event


@pytest.mark.parametrize("act", [exempted, moved], ids=["by a tag", "by a path"])
def test_exemption_releases_in_a_session_of_its_own(
    planned: Hub, act: Callable[[Hub], dict[str, Any]]
) -> None:
    planned.put(EXEMPTING)
    planned.invoke("sign-in", sign_in(planned, "production"))
    assert planned.policies_of("production", "bob")
    planned.sessions.clear()
    (answer,) = planned.invoke("guard", act(planned))
    assert (answer.outcome, planned.policies_of("production", "bob")) == ("acted", []), answer
    assert not planned.refused
    actions = [
        {action for statement in session.policy["Statement"] for action in statement["Action"]}
        for session in planned.sessions.values()
    ]
    (releasing,) = [of for of in actions if "iam:DetachUserPolicy" in of]
    assert releasing == {f"iam:{verb}" for verb in RELEASES}


def test_log_names_the_version_of_the_settings(planned: Hub) -> None:
    version = planned.put(ENFORCING)
    planned.invoke("sign-in", sign_in(planned, "production"))
    (line,) = [line for line in planned.lines() if line.get("function") == "sign-in"]
    assert (line["settings"], line["mode"], line["account"]) == (
        version,
        "enforce",
        planned.account("production"),
    )


def test_account_that_observes_is_left_alone(planned: Hub) -> None:
    (answer,) = planned.invoke("sign-in", sign_in(planned, "sandbox"))
    assert "error" not in answer.outcome, answer
    assert planned.policies_of("sandbox", "bob") == []
    assert {call for _, _, call in planned.called if not call.startswith(("iam:Get", "iam:List"))} == set()


def test_mode_at_the_root_stops_everything(planned: Hub) -> None:
    planned.put(f"mode: observe\n{ENFORCING}")
    planned.invoke("sign-in", sign_in(planned, "production"))
    assert planned.policies_of("production", "bob") == []


def test_unusable_settings_leave_the_last_ones_in_force(planned: Hub) -> None:
    version = planned.put(ENFORCING)
    planned.put("defaults: [")
    planned.invoke("sign-in", sign_in(planned, "production"))
    assert len(planned.policies_of("production", "bob")) == 1
    (line,) = [line for line in planned.lines() if line.get("function") == "sign-in"]
    assert line["settings"] == version
    assert (line["level"], "the newest settings cannot be used" in line["findings"]) == ("WARN", True)


@pytest.mark.parametrize("missing", ["organization/settings.yaml", TREE])
def test_without_settings_nobody_is_contained(planned: Hub, missing: str) -> None:
    s3_backends[ACCOUNT]["aws"].delete_object(BUCKET, missing)
    (answer,) = planned.invoke("sign-in", sign_in(planned, "production"))
    assert answer.outcome == "error"
    assert planned.policies_of("production", "bob") == []


LIST = {"list": "organization"}


def orders_of_lists(planned: Hub) -> list[dict[str, str]]:
    """What was put into the queue of sweeps in this test."""
    return [order for order in planned.organization.aws.strict.gaps.orders if order == LIST]


def test_account_that_no_list_has_is_left_alone(planned: Hub) -> None:
    """The list is new, and so another would not have it either."""
    (answer,) = planned.invoke("sign-in", sign_in(planned, "999999999999"))
    assert answer.outcome == "error"
    assert "nothing is done in this account" in answer.error_message
    assert not planned.sessions
    assert orders_of_lists(planned) == []


def test_sign_in_to_an_account_that_just_joined_waits_for_the_next_list(planned: Hub) -> None:
    s3 = planned.client("s3")
    tree = json.loads(s3.get_object(Bucket=BUCKET, Key=TREE)["Body"].read())
    older = f"{utc_now() - timedelta(minutes=10):%Y-%m-%dT%H:%M:%SZ}"
    accounts = [each for each in tree["accounts"] if each["name"] != "production"]
    s3.put_object(
        Bucket=BUCKET, Key=TREE, Body=json.dumps(tree | {"at": older, "accounts": accounts}).encode()
    )
    event = sign_in(planned, "production")
    first, again = planned.invoke("sign-in", event, event)
    assert [first.outcome, again.outcome] == ["error", "error"]
    assert not planned.sessions
    # Both ask for the same list. SQS, which is not here, takes the second order for the first.
    assert orders_of_lists(planned) == [LIST, LIST]
    records = {"Records": [{"messageId": "0", "body": json.dumps(LIST)}]}
    (listed,) = planned.invoke("sweep", records)
    assert listed.report == {"accounts": 4}
    # It orders no sweeps: the three are those of the plan.
    assert len(_messages(planned)) == 3
    (answer,) = planned.invoke("sign-in", event)
    assert answer.outcome == "acted", answer
    assert len(planned.policies_of("production", "bob")) == 1


def touching(central: Hub, name: str, service: str, call: str, request: dict[str, str]) -> dict[str, Any]:
    """A call by mallory in this account."""
    event = sign_in(central, name)
    event |= {"source": f"aws.{service}", "detail-type": "AWS API Call via CloudTrail"}
    event["detail"] |= {
        "eventSource": f"{service}.amazonaws.com",
        "eventName": call,
        "eventType": "AwsApiCall",
        "requestParameters": request,
        "responseElements": None,
    }
    event["detail"]["userIdentity"] |= {"userName": "mallory", "arn": "arn:aws:iam::1:user/mallory"}
    return event


def alerts(central: Hub, protocol: str = "default") -> list[str]:
    """What the administrators were told."""
    topic = sns_backends[ACCOUNT][REGION].topics[central.stack.arn("AlertsTopic")]
    return [json.loads(str(message))[protocol] for _, message, *_ in topic.sent_notifications]


def test_change_to_the_parts_of_an_account_is_told_once(planned: Hub) -> None:
    role = {"roleName": "mfa-enforcer-member-contain"}
    event = touching(planned, "production", "iam", "UpdateAssumeRolePolicy", role)
    first, second = planned.invoke("guard", event, event)
    assert (first.outcome, second.reason) == ("acted", "already-said"), (first, second)
    (told,) = alerts(planned)
    assert planned.account("production") in told.replace(" ", "")
    assert all(part in told for part in ("production", "mfa-enforcer-member-contain", "mallory"))
    # Nobody had to look into the account.
    assert not planned.sessions


def test_deleted_policy_of_the_quarantine_is_told(planned: Hub) -> None:
    account, name = planned.account("production"), planned.part("ConsoleQuarantinePolicy")
    arn = f"arn:aws:iam::{account}:policy/mfa-enforcer/console/{name}"
    del iam_backends[account]["aws"].managed_policies[arn]
    event = touching(planned, "production", "iam", "DeletePolicy", {"policyArn": arn})
    (answer,) = planned.invoke("guard", event)
    assert answer.outcome == "acted", answer
    (told,) = alerts(planned)
    assert f"mfa-enforcer/console/{name}" in told
    assert not planned.refused


def test_spare_contains_where_the_policy_was_deleted(planned: Hub) -> None:
    number = planned.account("production")
    name, spare = planned.part("ConsoleQuarantinePolicy"), planned.part("ConsoleQuarantinePolicySpare")
    path = f"arn:aws:iam::{number}:policy/mfa-enforcer"
    iam = iam_backends[number]["aws"]
    iam.detach_group_policy(f"{path}/console/{name}", planned.part("QuarantineGroup"))
    del iam.managed_policies[f"{path}/console/{name}"]
    (answer,) = planned.invoke("sign-in", sign_in(planned, "production"))
    assert answer.outcome == "acted", answer
    assert planned.policies_of("production", "bob") == [f"{path}/spare/console/{spare}"]
    # The sweep finds that the policy is gone, and says so, as in a single account.
    (swept,) = planned.invoke("sweep", {"Records": [daily(planned, "production", this_hour())]})
    assert swept.report == {"batchItemFailures": []}
    assert planned.policies_of("production", "bob") == [f"{path}/spare/console/{spare}"]
    lost = "the quarantine policy UNKNOWN-NAME is gone; sweeps put quarantined users under its spare"
    assert sum(lost in told for told in alerts(planned)) == 1, alerts(planned)
    assert not planned.refused


def test_role_that_refuses_costs_no_other_account_anything(planned: Hub) -> None:
    planned.organization.refused.add(planned.account("staging"))
    events = [sign_in(planned, name) for name in ("staging", "production")]
    answers = planned.invoke("sign-in", *events)
    assert [answer.outcome for answer in answers] == ["error", "acted"]


@pytest.mark.parametrize("field", ["recipientAccountId", "userIdentity"])
def test_event_about_another_account_is_ignored(planned: Hub, field: str) -> None:
    event = sign_in(planned, "sandbox")
    other = sign_in(planned, "production")
    event["detail"][field] = other["detail"][field]
    (answer,) = planned.invoke("sign-in", event)
    assert (answer.outcome, answer.reason) == ("ignored", "other-account")
    assert not planned.sessions


def test_sweep_of_an_account_contains_there(planned: Hub) -> None:
    due = f"{utc_now():%Y-%m-%dT%H:%M:%SZ}"
    order = {"account": planned.account("production"), "sweep": "hourly", "scheduledTime": due}
    refused = {**order, "account": planned.account("staging")}
    planned.organization.refused.add(planned.account("staging"))
    records = [
        {"messageId": str(number), "body": json.dumps(each)} for number, each in enumerate((refused, order))
    ]
    (answer,) = planned.invoke("sweep", {"Records": records})
    assert answer.report == {"batchItemFailures": []}, "no second try can help"
    assert not planned.refused
    left = [line for line in planned.lines() if line.get("message") == "account left to the next sweep"]
    assert [line["account"] for line in left] == [refused["account"]]


def test_sweep_changes_one_user_a_session(planned: Hub) -> None:
    planned.put(ENFORCING)
    planned.invoke("sweep", {"Records": [daily(planned, "production", this_hour())]})
    changing = [
        each["Resource"]
        for session in planned.sessions.values()
        for each in session.policy["Statement"]
        if "iam:TagUser" in each["Action"]
    ]
    assert ["arn:*:iam::*:user/bob", "arn:*:iam::*:user/*/bob"] in changing
    assert all(len(each) == 2 and "user/*/" in each[1] for each in changing), changing


def test_hourly_order_that_another_has_followed_is_dropped(planned: Hub) -> None:
    due = f"{utc_now() - timedelta(minutes=61):%Y-%m-%dT%H:%M:%SZ}"
    order = {"account": planned.account("production"), "sweep": "hourly", "scheduledTime": due}
    (answer,) = planned.invoke("sweep", {"Records": [{"messageId": "0", "body": json.dumps(order)}]})
    assert answer.report == {"batchItemFailures": []}
    assert not planned.sessions
    assert any(line.get("message") == "sweep left to a later order" for line in planned.lines())


def daily(planned: Hub, name: str, due: str) -> dict[str, Any]:
    order = {"account": planned.account(name), "sweep": "daily", "scheduledTime": due}
    return {"messageId": name, "body": json.dumps(order)}


@pytest.mark.parametrize("kind", ["hourly", "daily"])
def test_account_without_a_quarantine_leaves_no_dead_letter(planned: Hub, kind: str) -> None:
    name = "production"
    policies = iam_backends[planned.account(name)]["aws"].managed_policies
    for arn in [arn for arn in policies if ":policy/mfa-enforcer/" in arn]:
        del policies[arn]
    due = f"{utc_now():%Y-%m-%dT%H:%M:%SZ}"
    order = {"account": planned.account(name), "sweep": kind, "scheduledTime": due}
    (answer,) = planned.invoke("sweep", {"Records": [{"messageId": "0", "body": json.dumps(order)}]})
    assert answer.report == {"batchItemFailures": []}, "only somebody who repairs it can help"
    key = f"organization/runs/{due[:13]}-{kind}/accounts/{planned.account(name)}.json"
    found = planned.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=key).get("KeyCount")
    assert found == (1 if kind == "daily" else 0)


def test_one_digest_tells_of_all_accounts(central: Hub) -> None:
    central.put(f"{ENFORCING}accounts: {{'{ACCOUNT}': {{mode: observe}}}}")
    central.organization.refused.add(central.account("sandbox"))
    names, due = ("production", "staging", "sandbox"), this_hour()
    with central.running("sweep") as sweep:
        plan = sweep.invoke("sweep", json.dumps({"sweep": "daily", "scheduledTime": due}).encode())
        assert plan.report["ordered"] == 3, plan
        answers = [
            sweep.invoke("sweep", json.dumps({"Records": [daily(central, name, due)]}).encode())
            for name in names
        ]
    failed = [[each["itemIdentifier"] for each in answer.report["batchItemFailures"]] for answer in answers]
    # A refusal is a result: trying again would change nothing.
    assert failed == [[], [], []]
    s3 = central.client("s3")
    run = f"organization/runs/{due[:13]}-daily"
    kept = {
        each["Key"].removeprefix(run) for each in s3.list_objects_v2(Bucket=BUCKET, Prefix=run)["Contents"]
    }
    assert kept == {
        "/plan.json",
        "/told.json",
        f"/accounts/{central.account('production')}.json",
        f"/accounts/{central.account('staging')}.json",
        f"/accounts/{central.account('sandbox')}.json",
    }
    (digest,) = [text for text in alerts(central) if "MFA digest" in text or "Accounts:" in text]
    assert (
        "3 asked: 2 covered, 1 not covered. 0 more not in use. Not asked: the management account." in digest
    )
    assert not central.refused


def all_swept(central: Hub, due: str) -> None:
    """The daily sweep of this hour in every account, the last of which sends the digest."""
    with central.running("sweep") as sweep:
        sweep.invoke("sweep", json.dumps({"sweep": "daily", "scheduledTime": due}).encode())
        for name in ("production", "staging", "sandbox"):
            order = {"account": central.account(name), "sweep": "daily", "scheduledTime": due}
            records = {"Records": [{"messageId": name, "body": json.dumps(order)}]}
            answer = sweep.invoke("sweep", json.dumps(records).encode())
            assert answer.report == {"batchItemFailures": []}


def digest_mails(central: Hub) -> list[Mail]:
    return [mail for mail in central.organization.aws.strict.ses.take() if mail.label == "all digest"]


def test_digest_mail_that_bounces_is_told_on_the_topic(organization: Organization, tmp_path: Path) -> None:
    address = "security@example.com"
    given = {"MailFrom": "mfa@example.com", "DigestTo": address}
    with hub(organization, tmp_path / "log", given) as central:
        central.put(ENFORCING)
        organization.aws.strict.verify("example.com")
        all_swept(central, f"{utc_now() - timedelta(days=1):%Y-%m-%dT%H:00:00Z}")
        (mail,) = digest_mails(central)
        assert "TO FIX IN THE HUB" not in alerts(central, "email")[-1]
        event = bounce("", address)
        event["detail"]["mail"]["tags"] = {key: [value] for key, value in mail.tags.items()} | {
            "ses:configuration-set": [mail.configuration_set]
        }
        (noted,) = central.invoke("user-lifecycle", event)
        assert noted.outcome == "acted", noted
        # Otherwise no second digest is due on one day.
        central.client("s3").put_object(Bucket=BUCKET, Key="organization/last-digest.json", Body=b"")
        all_swept(central, this_hour())
        assert digest_mails(central) == []
        told = alerts(central, "email")[-1]
        assert "TO FIX IN THE HUB" in told, told
        assert "bounced" in told, told


def test_digest_mail_that_fails_is_told_on_the_topic(organization: Organization, tmp_path: Path) -> None:
    given = {"MailFrom": "mfa@example.com", "DigestTo": "security@example.com"}
    with hub(organization, tmp_path / "log", given) as central:
        central.put(ENFORCING)
        all_swept(central, this_hour())
        assert digest_mails(central) == []
        told = alerts(central, "email")[-1]
        assert "TO FIX IN THE HUB" in told, told
        assert "ses:SendEmail failed" in told, told
