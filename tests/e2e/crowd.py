"""An account as large as IAM lets it be, and what became of everybody in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from .account import Account
from .cast import Person, phone
from .deployment import ACCOUNT, NOTIFIED_TAG, POLICY_ARN, QUARANTINED_TAG, USER_TOPIC_PREFIX
from .emulator import Emulator

# IAM's quota of users in an account.
USERS = 5000
# Of a hundred: who is overdue, who has a security key in place of an app, who has no password.
OVERDUE, KEYS, ROBOTS = 3, 10, 5


def people(count: int) -> list[Person]:
    """So many users: most have an authenticator app, some a security key, some nothing."""
    return [_person(number) for number in range(count)]


def _person(number: int) -> Person:
    name = f"employee.{number:04}@example.com"
    kind = number % 100
    age = timedelta(days=40 + number % 900)
    tags = {"email": name, "department": f"cost-center-{number % 40}", "hired": "2024-02-01"}
    if kind < OVERDUE:
        return Person(name, age, tags=tags, last_used=timedelta(days=number % 30))
    if kind < OVERDUE + KEYS:
        key = f"arn:aws:iam::{ACCOUNT}:u2f/user/{name}/key-{number:024}"
        return Person(name, age, tags=tags, devices=(key,), last_used=timedelta(days=1))
    if kind < OVERDUE + KEYS + ROBOTS:
        return Person(name, None, age=age, tags=tags, keys=2)
    return Person(name, age, tags=tags, devices=(phone(name),), last_used=timedelta(days=2), keys=number % 2)


@dataclass(frozen=True)
class Outcome:
    """What became of those who were overdue."""

    overdue: int
    contained: int
    tagged: int
    told: int
    # How often somebody was told more than once.
    told_again: int

    @property
    def nobody_is_lost(self) -> bool:
        return self.overdue == self.contained == self.tagged == self.told


def fill(emulator: Emulator, count: int) -> Account:
    """An account with so many users. Nobody has a topic yet."""
    account = Account(emulator)
    account.fill(())
    for person in people(count):
        account.add(person, listens=False)
    return account


def outcome(emulator: Emulator) -> Outcome:
    """Reads the emulator's own record, for everybody at once."""
    overdue = [user for user in emulator.iam.users.values() if user.password and not user.mfa_devices]
    tags = {user.id: emulator.iam.tagger.get_tag_dict_for_resource(user.arn) for user in overdue}
    said = Counter({topic.name: len(topic.sent_notifications) for topic in emulator.sns.topics.values()})
    of_users = [said[USER_TOPIC_PREFIX + user.id] for user in overdue]
    return Outcome(
        overdue=len(overdue),
        contained=sum(1 for user in overdue if POLICY_ARN in user.managed_policies),
        tagged=sum(1 for user in overdue if QUARANTINED_TAG in tags[user.id]),
        told=sum(1 for user in overdue if tags[user.id].get(NOTIFIED_TAG, "").startswith("quarantined")),
        told_again=sum(1 for count in of_users if count > 1),
    )
