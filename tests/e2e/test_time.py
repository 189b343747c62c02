"""Reads that lag, time that passes, and the words that scenarios have for all of it."""

from datetime import datetime, timedelta, timezone

import yaml

from .clients import Clients, events, tags
from .emulator import Emulator
from .functions import Answer
from .harness import Harness
from .people import phone
from .scenario import change


def test_reads_lag_behind_writes(client: Clients, aws: Emulator) -> None:
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


def test_unconfirmed_subscription_ends_after_two_days(client: Clients, aws: Emulator) -> None:
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


def test_hours_pass_for_everything(client: Clients, aws: Emulator) -> None:
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


WORDS = """
bob is short of everything: {fill_tags: [bob, 50], attach_policies: [bob, 10], join_groups: [bob, 10]}
but the quotas were raised: {allow: {tags: 60, policies: 20}}
dave is contained by hand: {attach_by_hand: [dave]}
Terraform removes the tags: {strip_tags: [heidi]}
dave is moved and renamed: {move: [dave, /break-glass/], rename: [dave, david]}
bob signed in three hours ago, and enrols: {use_password: [bob, 3h], enrol: [bob, GAKT87654321, 2h]}
bob was told twice: {note: {name: bob, what: reminder, ago: 1h, first: 25h}}
an event was lost: {happened: [DeactivateMFADevice/judy-last-device-by-herself.json, 2h]}
and history is slow: {history_is_late: [15m]}
a policy of the organization: {lay_over: [protect-quarantine.scp.json]}
IAM lags: {lag_behind: [30s]}
half a day passes: {time_passes: [12h]}
"""


def test_scenario_says_it_in_a_word(client: Clients, aws: Emulator) -> None:
    harness = Harness(aws, lambda _function, _payload: Answer())
    for do in yaml.safe_load(WORDS).values():
        change(harness, do)
    users, bob = aws.account.users(), client("iam").get_user(UserName="bob")["User"]
    assert (len(users["bob"].tags), len(users["bob"].policies), len(users["bob"].groups)) == (50, 10, 10)
    assert (users["david"].contained_by, users["david"].path) == ("policy", "/break-glass/")
    assert (users["heidi"].contained_by, users["heidi"].tagged) == ("policy", False)
    assert datetime.now(timezone.utc) - bob["PasswordLastUsed"] >= timedelta(hours=15)
    assert " first=" in users["bob"].tags["mfa-enforcer:notified"]
    assert [event["eventName"] for event in events(client("cloudtrail"), "DeactivateMFADevice")] != []
    assert (len(aws.strict.judge.controls), aws.strict.iam_rules.quotas.policies) == (1, 20)
