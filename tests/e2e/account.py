"""The emulated account: filled with the cast, changed as people would change it, and read back.

It is filled by way of the emulator's own record, for passwords have to be old, and read back by way of AWS's
API, for that is what an administrator would see.
"""

from __future__ import annotations

import json
import random
import string
import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from .aws_xml import moment
from .cast import CAST, Person
from .credentials import VIRTUAL, Password, Root, utc_now
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
from .survey import UserState, read_user, read_users
from .time_travel import carry_back

ADMINS_QUEUE = "alerts"
USERS_QUEUE = "user-notices"
ADMINS_ADDRESS = "aws-admins@example.com"
WORK = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:List*", "Resource": "*"}]}
)


def _unique_id() -> str:
    """As IAM makes them for users, which the emulator does not."""
    return "AIDA" + "".join(random.choices(string.ascii_uppercase + string.digits, k=17))


def queue_arn(name: str) -> str:
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"


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

    def add(self, person: Person, listens: bool = True) -> None:
        """A user, and (unless there are too many of them) a queue that listens to what the user is told."""
        iam = self._emulator.iam
        tags = [{"Key": key, "Value": value} for key, value in person.tags.items()]
        user = iam.create_user(REGION, person.name, person.path, tags)
        user.create_date = utc_now() - (person.age or timedelta(0))
        user.id = _unique_id()
        if person.password_age is not None:
            self.give_password(person.name, person.password_age, person.changed, person.last_used)
        for serial in person.devices:
            self.enrol(person.name, serial, timedelta(days=100))
        for _ in range(person.keys):
            user.create_access_key("AKIA")
        if listens:
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
        then = moment(utc_now() - ago)
        self.tag(name, QUARANTINED_TAG, f"{then} reason=sign-in event={uuid.uuid4()}")
        self.note(name, "quarantined", ago)

    def note(self, name: str, what: str, ago: timedelta) -> None:
        """As the enforcer notes what it said to a user a while ago."""
        self.tag(name, NOTIFIED_TAG, f"{what} {moment(utc_now() - ago)} event={uuid.uuid4()}")

    def enrol(self, name: str, serial: str, ago: timedelta = timedelta(0)) -> None:
        """Gives a user an MFA device."""
        self._emulator.iam.enable_mfa_device(name, serial, "123456", "654321")
        self._emulator.iam.get_user(name).mfa_devices[serial].enable_date = utc_now() - ago
        self._emulator.census.unassigned.pop(serial, None)

    def take_device(self, name: str, serial: str) -> None:
        """Deactivates a device. A virtual one stays in the account, and belongs to nobody."""
        self._emulator.iam.deactivate_mfa_device(name, serial)
        if serial.startswith(VIRTUAL):
            self._emulator.census.unassigned[serial] = None

    def give_password(
        self,
        name: str,
        age: timedelta = timedelta(0),
        changed: timedelta | None = None,
        last_used: timedelta | None = None,
    ) -> None:
        """A console password of this age, changed and used this long ago."""
        self._emulator.iam.create_login_profile(name, "correct-horse-battery-staple")
        user, now = self._emulator.iam.get_user(name), utc_now()
        password = Password(now - age, now - (age if changed is None else changed))
        if last_used is not None:
            password.last_used = now - last_used
        self._emulator.census.passwords[user.id] = password
        # No password is older than its user.
        user.create_date = min(user.create_date, password.created)

    def take_password(self, name: str) -> None:
        self._emulator.iam.delete_login_profile(name)

    def tag(self, name: str, key: str, value: str) -> None:
        user = self._emulator.iam.get_user(name)
        self._emulator.iam.tagger.tag_resource(user.arn, [{"Key": key, "Value": value}])

    def untag(self, name: str, key: str) -> None:
        user = self._emulator.iam.get_user(name)
        self._emulator.iam.tagger.untag_resource_using_names(user.arn, [key])

    def delete(self, name: str) -> None:
        """The user is gone. What hangs on the user's id stays: the topic, for one."""
        iam = self._emulator.iam
        for policy in list(iam.get_user(name).managed_policies):
            iam.detach_user_policy(policy, name)
        iam.delete_user(name)

    @property
    def root(self) -> Root:
        """The root user, to be changed in place."""
        return self._emulator.census.root

    def report_takes(self, polls: int) -> None:
        """The next credential report is not ready so many times."""
        self._emulator.census.report_polls = polls

    def days_pass(self, days: int = 1) -> None:
        """Time passes: everything in the account becomes so much older."""
        carry_back(self._emulator, timedelta(days=days))

    def leave_unconfirmed(self, address: str) -> None:
        """The owner of the address has not followed the link in the mail of SNS."""
        self._emulator.addresses.leave_unconfirmed(address)

    def confirm(self, address: str) -> None:
        """Now the owner has."""
        self._emulator.addresses.confirm(address)

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
        return read_user(self._iam, name)

    def users(self) -> dict[str, UserState]:
        """All users by way of AWS's API."""
        return read_users(self._iam)

    def topics(self) -> set[str]:
        """Names of all topics."""
        return {arn.rsplit(":", 1)[1] for arn in self._emulator.sns.topics}

    def topic_tag(self, key: str) -> str | None:
        """A tag of the alerts topic."""
        tags: list[dict[str, Any]] = self._sns.list_tags_for_resource(ResourceArn=ALERTS_TOPIC_ARN)["Tags"]
        return {tag["Key"]: tag["Value"] for tag in tags}.get(key)

    def root_ledger(self) -> tuple[str, ...]:
        """Ids of the events about root that the alerts topic's tag lists."""
        return tuple((self.topic_tag(ROOT_LEDGER_TAG) or "").split())
