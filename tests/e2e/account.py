"""The emulated account: filled with people, changed as people would change it, and looked at.

All of it by way of the emulator's own record, because passwords have to be old.
"""

from __future__ import annotations

import json
import random
import re
import string
import uuid
from collections import Counter
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

from moto.iam.models import User

from .deployment import (
    ACCOUNT,
    ALERTS_TOPIC_ARN,
    ALERTS_TOPIC_NAME,
    EXEMPT_TAG,
    GRACE_PERIOD,
    GROUP_NAME,
    NOTIFIED_TAG,
    POLICY_ARN,
    POLICY_NAME,
    QUARANTINE_DOCUMENT,
    QUARANTINED_TAG,
    REGION,
    ROOT_LEDGER_TAG,
    SETTINGS,
    USER_TOPIC_PREFIX,
)
from .emulator import Emulator
from .gaps import ROOT_ARN, Password, utc_now
from .people import CAST, VIRTUAL, Person

ADMINS_ADDRESS = "aws-admins@example.com"
ROOT_DEVICE = "root-account-mfa-device"
WORK = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:List*", "Resource": "*"}]}'
# Times and dates in the values of tags: of a notice, of a sweep, of a day with a sweep, of an exemption.
TIMES = {
    "%Y-%m-%dT%H:%M:%SZ": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
    "%Y%m%dT%H%M%SZ": re.compile(r"\b\d{8}T\d{6}Z\b"),
    "%Y%m%d": re.compile(r"(?<=\bsweep-)\d{8}\b"),
    "%Y-%m-%d": re.compile(r"\b\d{4}-\d\d-\d\d(?![\dT-])"),
}


def moment(time: datetime) -> str:
    """A time in UTC, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class UserState:
    """A user as IAM shows it."""

    name: str
    path: str
    # When it was created.
    password: datetime | None
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

    @property
    def posture(self) -> str:
        """Where the user stands: a second opinion on what a sweep counts."""
        if self.password is None:
            return "not-applicable"
        exempt_until = TIMES["%Y-%m-%d"].fullmatch(self.tags.get(EXEMPT_TAG, ""))
        if self.path.startswith(SETTINGS["EXEMPT_PATHS"]) or (
            exempt_until and exempt_until[0] >= f"{utc_now():%Y-%m-%d}"
        ):
            return "exempt"
        if self.devices:
            return "compliant"
        return "in-grace" if utc_now() < self.password + GRACE_PERIOD else "overdue"

    @property
    def is_lost(self) -> bool:
        """Overdue, and not contained, marked and told as after a sweep."""
        done = self.contained_by is not None and self.tagged and self.said == "quarantined"
        return self.posture == "overdue" and not done


class Account:
    """The account of the tests."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    # Filling it.

    def fill(self, people: Iterable[Person] = CAST) -> None:
        """A new account with quarantine, topic, and these people."""
        self._emulator.clear()
        iam, sns = self._emulator.iam, self._emulator.sns
        document = json.loads(QUARANTINE_DOCUMENT.read_text(encoding="utf-8"))
        iam.create_policy("", "/", json.dumps(document), POLICY_NAME, [])
        iam.create_group(GROUP_NAME)
        iam.attach_group_policy(POLICY_ARN, GROUP_NAME)
        sns.create_topic(ALERTS_TOPIC_NAME)
        sns.subscribe(ALERTS_TOPIC_ARN, ADMINS_ADDRESS, "email")
        device = iam.create_virtual_mfa_device(ROOT_DEVICE, "/")
        device.enable_date = created = self._emulator.gaps.root.created
        device.user = SimpleNamespace(path="/", name="", id=ACCOUNT, arn=ROOT_ARN, create_date=created)
        for person in people:
            self.add(person)

    def add(self, person: Person) -> None:
        """A user."""
        tags = [{"Key": key, "Value": value} for key, value in person.tags.items()]
        if person.exempt_for:
            tags.append({"Key": EXEMPT_TAG, "Value": f"{utc_now() + person.exempt_for:%Y-%m-%d}"})
        user = self._emulator.iam.create_user(REGION, person.name, person.path, tags)
        # As IAM makes them for users, which moto does not.
        user.id = "AIDA" + "".join(random.choices(string.ascii_uppercase + string.digits, k=17))
        user.create_date = utc_now() - person.age
        if person.password_age is not None:
            self.give_password(person.name, person.password_age, person.changed, person.last_used)
        for serial in person.devices:
            self.enrol(person.name, serial, timedelta(days=100))
        for _ in range(person.access_keys):
            user.create_access_key("AKIA")
        if person.contained:
            self.contain(person.name, timedelta(hours=3))

    # Changing it.

    def contain(self, name: str, ago: timedelta) -> None:
        """As the enforcer left a user whom it contained a while ago."""
        self._emulator.iam.attach_user_policy(POLICY_ARN, name)
        self.tag(name, QUARANTINED_TAG, f"{moment(utc_now() - ago)} reason=sign-in event={uuid.uuid4()}")
        self.note(name, "quarantined", ago)

    def note(self, name: str, what: str, ago: timedelta) -> None:
        """As the enforcer notes what it said to a user a while ago."""
        self.tag(name, NOTIFIED_TAG, f"{what} {moment(utc_now() - ago)} event={uuid.uuid4()}")

    def welcome_at_password(self, *names: str) -> None:
        """As if each had been welcomed when the password was made."""
        for name in names:
            created = self._emulator.gaps.passwords[self._emulator.iam.get_user(name).id].created
            self.note(name, "welcome", utc_now() - created - timedelta(minutes=1))

    def enrol(self, name: str, serial: str, ago: timedelta = timedelta(0)) -> None:
        """Gives a user an MFA device."""
        iam, enabled = self._emulator.iam, utc_now() - ago
        if serial.startswith(VIRTUAL) and serial not in iam.virtual_mfa_devices:
            iam.create_virtual_mfa_device(serial.removeprefix(VIRTUAL), "/")
        iam.enable_mfa_device(name, serial, "123456", "654321")
        iam.get_user(name).mfa_devices[serial].enable_date = enabled
        if serial in iam.virtual_mfa_devices:
            iam.virtual_mfa_devices[serial].enable_date = enabled

    def take_device(self, name: str, serial: str) -> None:
        """Deactivates a device. A virtual one stays in the account, and belongs to nobody."""
        self._emulator.iam.deactivate_mfa_device(name, serial)

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
        self._emulator.gaps.passwords[user.id] = Password(
            created=now - age,
            changed=now - (age if changed is None else changed),
            last_used=None if last_used is None else now - last_used,
        )
        # No password is older than its user.
        user.create_date = min(user.create_date, now - age)

    def take_password(self, name: str) -> None:
        self._emulator.iam.delete_login_profile(name)

    def tag(self, name: str, key: str, value: str) -> None:
        self._emulator.iam.tag_user(name, [{"Key": key, "Value": value}])

    def untag(self, name: str, key: str) -> None:
        self._emulator.iam.untag_user(name, [key])

    def delete(self, name: str) -> None:
        """The user is gone. What hangs on the user's id stays: the topic, for one."""
        user = self._emulator.iam.get_user(name)
        for policy in list(user.managed_policies):
            self.detach(name, policy)
        for serial in list(user.mfa_devices):
            self.take_device(name, serial)
        self._emulator.iam.delete_user(name)

    def detach(self, name: str, policy_arn: str = POLICY_ARN) -> None:
        self._emulator.iam.detach_user_policy(policy_arn, name)

    def attach_policies(self, name: str, count: int) -> None:
        """Managed policies of the user's work."""
        for number in range(count):
            policy = self._emulator.iam.create_policy("", "/", WORK, f"work-{name}-{number:02}", [])
            self._emulator.iam.attach_user_policy(policy.arn, name)

    def give_topic(self, name: str) -> str:
        """The topic by which a user is told something; its ARN."""
        return self._emulator.sns.create_topic(USER_TOPIC_PREFIX + self._emulator.iam.get_user(name).id).arn

    def leave_unconfirmed(self, address: str) -> None:
        """The owner of the address has not followed the link in the mail of SNS."""
        self._emulator.gaps.unconfirmed.add(address)
        self._emulator.gaps.hide_unconfirmed()

    def confirm(self, address: str) -> None:
        """Now the owner has."""
        self._emulator.gaps.unconfirmed.remove(address)
        self._emulator.gaps.hide_unconfirmed()

    def change_root(self, **changes: Any) -> None:
        """The root user has changed in this way."""
        for name, value in changes.items():
            setattr(self._emulator.gaps.root, name, value)

    def report_takes(self, polls: int) -> None:
        """The next credential report is not ready so many times."""
        self._emulator.gaps.report_polls = polls

    def days_pass(self, days: int = 1) -> None:
        """Time passes: everything in the account becomes so much older, for the functions' clock is real."""
        by, iam, gaps = timedelta(days=days), self._emulator.iam, self._emulator.gaps
        for user in iam.users.values():
            _carry_back(by, user, *user.mfa_devices.values(), *user.access_keys)
            _carry_back_tags(by, iam.tagger.tags.get(user.arn, {}))
        _carry_back(by, *iam.virtual_mfa_devices.values(), *gaps.passwords.values(), gaps.root)
        if gaps.report:
            _carry_back(by, gaps.report)
        _carry_back_tags(by, self._emulator.sns.topics[ALERTS_TOPIC_ARN]._tags)

    # Looking at it.

    def knows(self, name: str) -> bool:
        return name in self._emulator.iam.users

    def user(self, name: str) -> UserState:
        return self._state(self._emulator.iam.get_user(name))

    def users(self) -> dict[str, UserState]:
        return {user.name: self._state(user) for user in self._emulator.iam.users.values()}

    def _state(self, user: User) -> UserState:
        password = self._emulator.gaps.password(user)
        return UserState(
            name=user.name,
            path=user.path,
            password=password and password.created,
            policies=tuple(user.managed_policies),
            groups=tuple(user.group_list),
            tags={tag["Key"]: tag["Value"] for tag in user.tags or ()},
            devices=tuple(user.mfa_devices),
        )

    def topics(self) -> set[str]:
        """Names of all topics."""
        return {topic.name for topic in self._emulator.sns.topics.values()}

    def root_ledger(self) -> tuple[str, ...]:
        """Ids of the events about root that the alerts topic's tag lists."""
        tags = self._emulator.sns.topics[ALERTS_TOPIC_ARN]._tags
        return tuple(tags.get(ROOT_LEDGER_TAG, "").split())


def _carry_back(by: timedelta, *things: Any) -> None:
    """Moves every time that a thing holds."""
    for thing in things:
        for key, value in vars(thing).items():
            if isinstance(value, datetime):
                setattr(thing, key, value - by)


def _carry_back_tags(by: timedelta, tags: MutableMapping[str, str]) -> None:
    """Moves every time and date in the values of tags."""
    for key, value in tags.items():
        for form, pattern in TIMES.items():
            value = pattern.sub(
                lambda found, form=form: f"{datetime.strptime(found[0], form) - by:{form}}", value
            )
        tags[key] = value
