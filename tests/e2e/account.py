"""The emulated account: fills it with people, changes it as people would, and reads its state.

It works on moto's own record of the account, because passwords have to be old.
"""

import base64
import hashlib
import json
import math
import re
import uuid
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import partial
from types import SimpleNamespace
from typing import Any

from . import deployment
from .deployment import (
    ALERTS_TOPIC_ARN,
    EXEMPT_TAG,
    NOTIFIED_TAG,
    POLICY_ARN,
    QUARANTINED_TAG,
    QUARANTINES,
    STACK,
)
from .gaps import IAM, ROOT_ARN, SNS, password_created, utc_now
from .judge import EVERYTHING
from .people import CAST, VIRTUAL, Person
from .strict import Strict

ADMINS_ADDRESS = "aws-admins@example.com"
ROOT_DEVICE = "root-account-mfa-device"
WORK = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:List*", "Resource": "*"}]}'
DAY = timedelta(days=1)
PASSWORD_OF_NOW = Person(name="", password_age=timedelta(0))
# Times and dates in the values of tags: of a notice, of a sweep, of a day with a sweep, of an exemption.
TIMES = {
    "%Y-%m-%dT%H:%M:%SZ": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
    "%Y%m%dT%H%M%SZ": re.compile(r"\b\d{8}T\d{6}Z\b"),
    "%Y%m%d": re.compile(r"(?<=\bsweep-)\d{8}\b"),
    "%Y-%m-%d": re.compile(r"\b\d{4}-\d\d-\d\d(?![\dT-])"),
}


def moment(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class UserState:
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
        """`policy` or `group`, those of the other scope by their names, or nothing."""
        found = [words for name, words in QUARANTINES.items() if name in (*self.policies, *self.groups)]
        return " and ".join(found) or None

    @property
    def tagged(self) -> bool:
        return QUARANTINED_TAG in self.tags

    @property
    def is_ending(self) -> bool:
        """Whether the tag says when the quarantine ends."""
        return " release=" in self.tags.get(QUARANTINED_TAG, "")

    @property
    def said(self) -> str | None:
        """What the tag says that the user was last told."""
        value = self.tags.get(NOTIFIED_TAG)
        return value.split(" ")[0] if value else None

    @property
    def is_owed(self) -> bool:
        """Whether the tag says that the last message is still owed."""
        return self.tags.get(NOTIFIED_TAG, "").endswith(" unreached")

    @property
    def posture(self) -> str:
        """Where the user stands: a second opinion on what a sweep counts."""
        if self.password is None:
            return "not-applicable"
        exempt_until = TIMES["%Y-%m-%d"].fullmatch(self.tags.get(EXEMPT_TAG, "").split(" ")[0])
        if exempt_until and exempt_until[0] >= f"{utc_now():%Y-%m-%d}":
            return "exempt"
        if self.path.startswith(deployment.SETTINGS["BREAK_GLASS_PATH"]):
            return "exempt"
        if self.devices:
            return "compliant"
        return "in-grace" if utc_now() < self.password + deployment.GRACE_PERIOD else "overdue"

    @property
    def is_lost(self) -> bool:
        """Overdue, but not contained, tagged and told as after a sweep."""
        done = self.contained_by is not None and self.tagged and self.said == "quarantined"
        return self.posture == "overdue" and not done


class Account:
    def __init__(self, strict: Strict) -> None:
        self._strict, self._gaps = strict, strict.gaps
        self._passed, self._created = timedelta(0), 0
        # How often the account was made new, or time passed.
        self.changes = 0

    def fill(self, people: Iterable[Person] = CAST) -> None:
        """A new account with the stack, and these people."""
        self._strict.clear()
        # A new account has its midnights to itself: no date moves because of what happened in another one.
        self._passed, self._created = timedelta(0), 0
        self.changes += 1
        for name, policy in STACK.of_type("AWS::IAM::ManagedPolicy").items():
            document = json.dumps(policy["PolicyDocument"])
            IAM.create_policy("", policy.get("Path", "/"), document, STACK.physical_name(name), [])
        for name, group in STACK.of_type("AWS::IAM::Group").items():
            IAM.create_group(STACK.physical_name(name))
            for arn in group.get("ManagedPolicyArns", []):
                IAM.attach_group_policy(arn, STACK.physical_name(name))
        SNS.create_topic(ALERTS_TOPIC_ARN.rpartition(":")[2])
        SNS.subscribe(ALERTS_TOPIC_ARN, ADMINS_ADDRESS, "email")
        device: Any = IAM.create_virtual_mfa_device(ROOT_DEVICE, "/")
        device.enable_date = created = utc_now()
        device.user = SimpleNamespace(path="/", id=deployment.ACCOUNT, arn=ROOT_ARN, create_date=created)
        for person in people:
            self.add(person)

    def add(self, person: Person) -> None:
        tags = [{"Key": key, "Value": value} for key, value in person.tags.items()]
        if person.exempt_for:
            tags.append({"Key": EXEMPT_TAG, "Value": f"{utc_now() + person.exempt_for:%Y-%m-%d}"})
        user = IAM.create_user(deployment.REGION, person.name, person.path, tags)
        # In the form that IAM gives it, and the same in each account: topics are named after it, and what was
        # judged once is known.
        self._created += 1
        digest = hashlib.sha256(f"{person.name} {self._created}".encode()).digest()
        user.id = f"AIDA{base64.b32encode(digest).decode()[:17]}"
        # Events are stamped a second ago, and nobody is younger than their password.
        oldest = max(person.age, person.password_age or timedelta(0))
        user.create_date = utc_now() - oldest - timedelta(seconds=2)
        if person.password_age is not None:
            self.give_password(person.name, person)
        for serial in person.devices:
            self.enrol(person.name, serial, timedelta(days=100))
        for _ in range(person.access_keys):
            user.create_access_key("AKIA")
        if person.told is not None:
            self.note(person.name, "final-notice", person.told, first=person.told + DAY)
        if person.contained:
            self.contain(person.name, timedelta(hours=3))

    def add_crowd(self, size: int, password_age: timedelta, told: timedelta | None = None) -> None:
        """So many users who can be told, with passwords of this age and without MFA."""
        for number in range(size):
            name = f"employee.{number:02}@example.com"
            self.add(Person(name=name, password_age=password_age, tags={"email": name}, told=told))

    def contain(self, name: str, ago: timedelta) -> None:
        """As if the enforcer had contained the user a while ago."""
        IAM.attach_user_policy(POLICY_ARN, name)
        self.tag(name, QUARANTINED_TAG, f"{moment(utc_now() - ago)} reason=sign-in event={uuid.uuid4()}")
        self.note(name, "quarantined", ago)

    def note(self, name: str, what: str, ago: timedelta, first: timedelta | None = None) -> None:
        """As if the enforcer had told the user this a while ago, and something for the first time before."""
        since = "" if first is None else f" first={moment(utc_now() - first)}"
        self.tag(name, NOTIFIED_TAG, f"{what} {moment(utc_now() - ago)} event={uuid.uuid4()}{since}")

    def welcome_at_password(self, *names: str) -> None:
        """As if each had been welcomed when the password was made."""
        for name in names:
            age = utc_now() - vars(IAM.get_user(name))["password_created"]
            self.note(name, "welcome", age - timedelta(minutes=1))

    def enrol(self, name: str, serial: str, ago: timedelta = timedelta(0)) -> None:
        enabled = utc_now() - ago
        if serial.startswith(VIRTUAL) and serial not in IAM.virtual_mfa_devices:
            IAM.create_virtual_mfa_device(serial.removeprefix(VIRTUAL), "/")
        IAM.enable_mfa_device(name, serial, "123456", "654321")
        IAM.get_user(name).mfa_devices[serial].enable_date = enabled
        if serial in IAM.virtual_mfa_devices:
            IAM.virtual_mfa_devices[serial].enable_date = enabled

    def give_password(self, name: str, like: Person = PASSWORD_OF_NOW) -> None:
        """A console password, created, changed and used as long ago as this person's."""
        IAM.create_login_profile(name, "correct-horse-battery-staple")
        user, now = IAM.get_user(name), utc_now()
        created = now - (like.password_age or timedelta(0))
        changed = created if like.changed is None else now - like.changed
        last_used = None if like.last_used is None else now - like.last_used
        vars(user).update(password_created=created, password_changed=changed, password_last_used=last_used)
        # No password is older than its user.
        user.create_date = min(user.create_date, created)

    def delete_access_keys(self, name: str) -> None:
        IAM.get_user(name).access_keys.clear()

    def use_password(self, name: str, ago: timedelta = timedelta(0)) -> None:
        """The user's last sign-in with the password was so long ago."""
        vars(IAM.get_user(name)).update(password_last_used=utc_now() - ago)

    def tag(self, name: str, key: str, value: str) -> None:
        IAM.tag_user(name, [{"Key": key, "Value": value}])

    def delete(self, name: str) -> None:
        """Deletes a user. The topic stays, because it belongs to the user's id."""
        user = IAM.get_user(name)
        for policy in list(user.managed_policies):
            IAM.detach_user_policy(policy, name)
        for serial in list(user.mfa_devices):
            IAM.deactivate_mfa_device(name, serial)
        IAM.delete_user(name)

    def attach_policies(self, name: str, count: int) -> None:
        for number in range(count):
            policy = IAM.create_policy("", "/", WORK, f"work-{name}-{number:02}", [])
            IAM.attach_user_policy(policy.arn, name)

    def make_administrator(self, name: str) -> None:
        """The user may do everything, unless something denies it."""
        policy = IAM.create_policy("", "/", json.dumps(EVERYTHING), f"administrator-{name}", [])
        IAM.attach_user_policy(policy.arn, name)

    def set_boundary(self, name: str, *actions: str) -> None:
        """Limits a user to these actions by a permissions boundary, for which moto has no place."""
        allowed = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        policy = IAM.create_policy("", "/", document, f"boundary-{name}", [])
        boundary = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": policy.arn}
        vars(IAM.get_user(name)).update(permissions_boundary=boundary)

    def join_groups(self, name: str, count: int) -> None:
        for number in range(count):
            IAM.create_group(f"{name}-{number:02}")
            IAM.add_user_to_group(f"{name}-{number:02}", name)

    def give_topic(self, name: str) -> str:
        """The topic by which a user is told something; its ARN."""
        return SNS.create_topic(deployment.USER_TOPIC_PREFIX + IAM.get_user(name).id).arn

    def leave_unconfirmed(self, address: str) -> None:
        """The owner of the address has not followed the link in the mail of SNS."""
        self._gaps.unconfirmed.add(address)
        self._gaps.hide_unconfirmed()

    def confirm(self, address: str) -> None:
        self._gaps.unconfirmed.remove(address)
        self._gaps.hide_unconfirmed()

    def change_root(self, **changes: Any) -> None:
        vars(self._gaps.root).update(changes)

    def report_takes(self, polls: int) -> None:
        """The next credential report is not ready so many times."""
        self._gaps.report_polls = polls

    def days_pass(self, days: int = 1) -> None:
        self.time_passes(timedelta(days=days))

    def time_passes(self, by: timedelta) -> None:
        """Makes everything in the account older, because the functions' clock is real."""
        before, self._passed = self._passed, self._passed + by
        self.changes += 1
        # A date goes back when midnight has passed, however short the steps were.
        days = timedelta(days=math.floor(self._passed / DAY) - math.floor(before / DAY))
        for user in IAM.users.values():
            _carry_back(by, user, *user.mfa_devices.values(), *user.access_keys)
            _carry_back_tags(by, days, IAM.tagger.tags.get(user.arn, {}))
        _carry_back(by, *IAM.virtual_mfa_devices.values(), self._gaps.report)
        _carry_back_tags(by, days, SNS.topics[ALERTS_TOPIC_ARN]._tags)
        self._strict.time_passes(by)

    def users(self) -> dict[str, UserState]:
        return {
            user.name: UserState(
                name=user.name,
                path=user.path,
                password=password_created(user.name),
                policies=tuple(user.managed_policies),
                groups=tuple(user.group_list),
                tags={tag["Key"]: tag["Value"] for tag in user.tags or ()},
                devices=tuple(user.mfa_devices),
            )
            for user in IAM.users.values()
        }

    def topics(self) -> set[str]:
        return {topic.name for topic in SNS.topics.values()}

    def root_ledger(self) -> tuple[str, ...]:
        """Ids of the events about root that the alerts topic's tag lists."""
        tags = SNS.topics[ALERTS_TOPIC_ARN]._tags
        return tuple(tags.get(deployment.ROOT_LEDGER_TAG, "").split())


def _carry_back(by: timedelta, *things: object) -> None:
    """Moves every time that a thing holds."""
    for thing in filter(None, things):
        moved = {key: value - by for key, value in vars(thing).items() if isinstance(value, datetime)}
        vars(thing).update(moved)


def _carry_back_tags(by: timedelta, days: timedelta, tags: MutableMapping[str, Any]) -> None:
    """Moves every time and date in the values of tags."""
    for form, pattern in TIMES.items():
        span = by if "%H" in form else days
        for key, value in tags.items():
            tags[key] = pattern.sub(partial(_earlier, span, form), value)


def _earlier(by: timedelta, form: str, found: re.Match[str]) -> str:
    return (datetime.strptime(found[0], form).replace(tzinfo=timezone.utc) - by).strftime(form)
