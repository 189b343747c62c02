"""The emulated account: filled with the cast, changed as people would change it, and read back.

It is filled by way of the emulator's own record, for passwords have to be old, and read back by way of AWS's
API, for that is what an administrator would see.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from .cast import CAST, Person
from .deployment import (
    ACCOUNT,
    ALERTS_TOPIC_ARN,
    ALERTS_TOPIC_NAME,
    GROUP_NAME,
    NOTIFIED_TAG,
    POLICY_ARN,
    POLICY_NAME,
    QUARANTINE_DOCUMENT,
    QUARANTINED_TAG,
    REGION,
    ROOT_LEDGER_TAG,
    USER_TOPIC_PREFIX,
)
from .emulator import Emulator

ADMINS_QUEUE = "alerts"
USERS_QUEUE = "user-notices"
ADMINS_ADDRESS = "aws-admins@example.com"
WORK = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:List*", "Resource": "*"}]}
)


def queue_arn(name: str) -> str:
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"


@dataclass(frozen=True)
class UserState:
    """A user as IAM shows it."""

    name: str
    policies: tuple[str, ...]
    groups: tuple[str, ...]
    tags: dict[str, str]
    devices: tuple[str, ...]

    @property
    def contained_by(self) -> str | None:
        """`policy`, `group`, or nothing."""
        if POLICY_ARN in self.policies:
            return "policy"
        return "group" if GROUP_NAME in self.groups else None

    @property
    def tagged(self) -> bool:
        return QUARANTINED_TAG in self.tags

    @property
    def said(self) -> str | None:
        """What the tag says that the user was last told."""
        value = self.tags.get(NOTIFIED_TAG)
        return value.split(" ")[0] if value else None


class Account:
    """The account of the tests."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._iam = emulator.client("iam")
        self._sns = emulator.client("sns")

    # Filling it.

    def fill(self, people: Iterable[Person] = CAST) -> None:
        """A new account with quarantine, topics, queues, and these people."""
        self._emulator.clear()
        iam, sns, sqs = self._emulator.iam, self._emulator.sns, self._emulator.sqs
        document = QUARANTINE_DOCUMENT.read_text(encoding="utf-8")
        iam.create_policy("", "/", json.dumps(json.loads(document)), POLICY_NAME, [])
        iam.create_group(GROUP_NAME)
        iam.attach_group_policy(POLICY_ARN, GROUP_NAME)
        for name in (ADMINS_QUEUE, USERS_QUEUE):
            sqs.create_queue(name)
        sns.create_topic(ALERTS_TOPIC_NAME)
        sns.subscribe(ALERTS_TOPIC_ARN, ADMINS_ADDRESS, "email")
        self._listen(ALERTS_TOPIC_ARN, ADMINS_QUEUE)
        for person in people:
            self.add(person)

    def add(self, person: Person) -> None:
        """A user, and a queue that listens to what the user is told."""
        iam = self._emulator.iam
        tags = [{"Key": key, "Value": value} for key, value in person.tags.items()]
        user = iam.create_user(REGION, person.name, person.path, tags)
        if person.password_age is not None:
            self.give_password(person.name, person.password_age)
        for serial in person.devices:
            self.enrol(person.name, serial, timedelta(days=100))
        topic = self._emulator.sns.create_topic(USER_TOPIC_PREFIX + user.id)
        self._listen(topic.arn, USERS_QUEUE)
        if person.contained:
            self.contain(person.name, timedelta(hours=3))

    def _listen(self, topic_arn: str, queue: str) -> None:
        subscription = self._emulator.sns.subscribe(topic_arn, queue_arn(queue), "sqs")
        self._emulator.sns.set_subscription_attributes(subscription.arn, "RawMessageDelivery", True)

    # Changing it.

    def contain(self, name: str, ago: timedelta) -> None:
        """As the enforcer left a user whom it contained a while ago."""
        self._emulator.iam.attach_user_policy(POLICY_ARN, name)
        then, event = _ago(ago).strftime("%Y-%m-%dT%H:%M:%SZ"), uuid.uuid4()
        self.tag(name, QUARANTINED_TAG, f"{then} reason=sign-in event={event}")
        self.tag(name, NOTIFIED_TAG, f"quarantined {then} event={event}")

    def enrol(self, name: str, serial: str, ago: timedelta = timedelta(0)) -> None:
        """Gives a user an MFA device."""
        self._emulator.iam.enable_mfa_device(name, serial, "123456", "654321")
        self._emulator.iam.get_user(name).mfa_devices[serial].enable_date = _ago(ago)

    def take_device(self, name: str, serial: str) -> None:
        self._emulator.iam.deactivate_mfa_device(name, serial)

    def give_password(self, name: str, age: timedelta = timedelta(0)) -> None:
        """A console password of this age."""
        self._emulator.iam.create_login_profile(name, "correct-horse-battery-staple")
        # The emulator has one date for the user and the password.
        self._emulator.iam.get_user(name).create_date = _ago(age)

    def take_password(self, name: str) -> None:
        self._emulator.iam.delete_login_profile(name)

    def tag(self, name: str, key: str, value: str) -> None:
        user = self._emulator.iam.get_user(name)
        self._emulator.iam.tagger.tag_resource(user.arn, [{"Key": key, "Value": value}])

    def untag(self, name: str, key: str) -> None:
        user = self._emulator.iam.get_user(name)
        self._emulator.iam.tagger.untag_resource_using_names(user.arn, [key])

    def detach(self, name: str, policy_arn: str) -> None:
        self._emulator.iam.detach_user_policy(policy_arn, name)

    def attach_policies(self, name: str, count: int) -> None:
        """Managed policies of the user's work."""
        for number in range(count):
            policy = self._emulator.iam.create_policy("", "/", WORK, f"work-{name}-{number:02}", [])
            self._emulator.iam.attach_user_policy(policy.arn, name)

    # Reading it back.

    def knows(self, name: str) -> bool:
        return name in self._emulator.iam.users

    def has_password(self, name: str) -> bool:
        return bool(self._emulator.iam.get_user(name).password)

    def user(self, name: str) -> UserState:
        """The user by way of AWS's API."""
        policies = self._iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]
        return UserState(
            name,
            tuple(policy["PolicyArn"] for policy in policies),
            tuple(group["GroupName"] for group in self._iam.list_groups_for_user(UserName=name)["Groups"]),
            {tag["Key"]: tag["Value"] for tag in self._iam.list_user_tags(UserName=name)["Tags"]},
            tuple(d["SerialNumber"] for d in self._iam.list_mfa_devices(UserName=name)["MFADevices"]),
        )

    def root_ledger(self) -> tuple[str, ...]:
        """Ids of the events about root that the alerts topic's tag lists."""
        tags: list[dict[str, Any]] = self._sns.list_tags_for_resource(ResourceArn=ALERTS_TOPIC_ARN)["Tags"]
        value = {tag["Key"]: tag["Value"] for tag in tags}.get(ROOT_LEDGER_TAG, "")
        return tuple(value.split())


def _ago(age: timedelta) -> datetime:
    # The emulator keeps its times in UTC without saying so.
    return datetime.now(timezone.utc).replace(tzinfo=None) - age
