"""What a hub with its members costs a month, and what a stack in each of the accounts would cost.

What the templates make is counted in them. Prices, and what happens in an account, are those of docs/COST.md.
As a program it writes the table into docs/ORGANIZATION.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from .contract import CONTRACT
from .hubs import HUB
from .resolved_stack import ResolvedStack
from .roles import STACK
from .templates import ROOT

PAGE = ROOT / "docs" / "ORGANIZATION.md"
MARKED = re.compile(r"(?<=<!-- costs -->\n)\n.*?\n(?=<!-- /costs -->)", re.DOTALL)

# Numbers of accounts that the page shows.
SHOWN = (60, 1000)
HOURS, DAYS = 730, 30
# USD.
ALARM_METRIC, METRIC, KEY, DASHBOARD = 0.10, 0.30, 1.00, 3.00
MAIL, REQUEST, GB_SECOND = 2.00 / 100_000, 0.20 / 1_000_000, 0.0000166667
LOG_IN, LOG_KEPT, OBJECTS = 0.50, 0.03, 0.023
WRITE, READ = 0.005 / 1000, 0.0004 / 1000
PUT_EVENT, SQS_REQUEST = 1.00 / 1_000_000, 0.50 / 1_000_000
# What does not cost anything, each month and in each account.
FREE_MAILS, FREE_REQUESTS, FREE_DASHBOARDS = 1000, 1_000_000, 3

# What a source of orders costs in requests: 5 readers, each every 20 seconds.
POLLS = 5 * 3 * 60 * HOURS
# An order is sent with nine others, received and deleted.
REQUESTS_AN_ORDER = 2.1
MAILBOXES = 3


class People(NamedTuple):
    """A quiet month of an account with 100 users."""

    events: int = 130
    guarded: int = 20
    mails: int = 200
    """To users and, three times each, to administrators."""
    from_other_regions: int = 50
    acts: int = 250
    """Acts and findings on the event bus."""
    evidence: int = 100
    """Objects that are written about acts."""
    hours: int = 111
    """Hours in which a function had an event, for each function."""
    seconds: int = 10
    """Of a sweep."""
    logged: float = 0.004
    """GB."""
    kept: float = 0.0031
    """GB of records a month. They are kept for two years."""


PEOPLE = People()
# Metrics that a function sends in an hour with events, and that a sweep sends. Each service it calls is one.
OF_EVENTS, OF_GUARD, OF_HOURLY, OF_DAILY = 9, 9, 5, 18
# In a hub, functions also assume roles, and read settings and notes in S3. A sweep also lists accounts,
# orders sweeps, and puts events.
MORE_SERVICES, MORE_OF_SWEEPS = 2, 5
# What the digest of the organization tells of its accounts.
MORE_OF_DIGEST = len([each for each in CONTRACT["metrics"] if each["of_hub"]])
# Hours with events, of three functions during working days, and of the guard.
MOST_HOURS, MOST_OF_GUARD = 3 * 240, 240
# Written or listed, and read. A sweep reads the settings, the list of accounts and its notes, and writes
# notes. A daily one also reads the plan and another's result, and writes its own and the record.
OBJECTS_HOURLY, OBJECTS_DAILY = (2, 4), (11, 13)
MONTHS_KEPT = 24


@dataclass(frozen=True)
class Made:
    """What a template makes that costs something, whatever happens."""

    alarm_metrics: int
    keys: int
    dashboards: int
    sources: int
    """Queues that Lambda asks for orders."""

    @classmethod
    def by(cls, stack: ResolvedStack) -> Made:
        """What is in this stack."""
        alarms = stack.of_type("AWS::CloudWatch::Alarm").values()
        return cls(
            alarm_metrics=sum(
                len([each for each in alarm.get("Metrics", [{"MetricStat": {}}]) if "MetricStat" in each])
                for alarm in alarms
            ),
            keys=len(stack.of_type("AWS::KMS::Key")),
            dashboards=len(stack.of_type("AWS::CloudWatch::Dashboard")),
            sources=len(stack.of_type("AWS::Lambda::EventSourceMapping")),
        )

    def cost(self) -> float:
        """The fixed part, but for the requests of the sources."""
        dashboards = max(0, self.dashboards - FREE_DASHBOARDS)
        return self.alarm_metrics * ALARM_METRIC + self.keys * KEY + dashboards * DASHBOARD


def metrics(hours: float) -> float:
    """What metrics cost that are sent in so many hours altogether."""
    return hours * METRIC / HOURS


def beyond(free: int, used: float) -> float:
    """What is left to pay for."""
    return max(0.0, used - free)


def work(accounts: int, people: People) -> float:
    """What grows with the accounts, whoever does the work: time, requests, logs, and events that are put."""
    sweeps = HOURS + DAYS
    requests = people.events + sweeps
    seconds = people.events * 0.125 + sweeps * people.seconds * 0.25
    events = people.from_other_regions + people.acts
    each = requests * REQUEST + seconds * GB_SECOND + people.logged * (LOG_IN + LOG_KEPT) + events * PUT_EVENT
    return accounts * each


def single(people: People = PEOPLE) -> float:
    """A stack in one account, without evidence."""
    made = Made.by(STACK)
    sent = OF_EVENTS * people.hours + OF_GUARD * people.guarded + OF_HOURLY * HOURS + OF_DAILY * DAYS
    mails = people.mails + DAYS * MAILBOXES
    return (
        made.cost()
        + metrics(sent)
        + beyond(FREE_MAILS, mails) * MAIL
        + work(1, people)
        + beyond(FREE_REQUESTS, made.sources * POLLS) * SQS_REQUEST
    )


def hub(accounts: int, people: People = PEOPLE) -> dict[str, float]:
    """A hub with so many members, item by item. It keeps evidence."""
    made = Made.by(HUB)
    sent = (
        (OF_EVENTS + MORE_SERVICES) * min(MOST_HOURS, people.hours * accounts)
        + (OF_GUARD + MORE_SERVICES) * min(MOST_OF_GUARD, people.guarded * accounts)
        + (OF_HOURLY + MORE_OF_SWEEPS) * HOURS
        + (OF_DAILY + MORE_OF_DIGEST) * DAYS
    )
    requests = made.sources * POLLS + accounts * (HOURS + DAYS) * REQUESTS_AN_ORDER
    writes = HOURS * OBJECTS_HOURLY[0] + DAYS * OBJECTS_DAILY[0] + people.evidence
    reads = HOURS * OBJECTS_HOURLY[1] + DAYS * OBJECTS_DAILY[1]
    # Every event of a member comes from another account.
    forwarded = people.events + people.guarded
    return {
        "alarms and key": made.cost(),
        "metrics": metrics(sent),
        "e-mail": beyond(FREE_MAILS, accounts * people.mails + DAYS * MAILBOXES) * MAIL,
        "Lambda, logs, events": work(accounts, people) + accounts * forwarded * PUT_EVENT,
        "queues": beyond(FREE_REQUESTS, requests) * SQS_REQUEST,
        "S3": accounts * (writes * WRITE + reads * READ + people.kept * MONTHS_KEPT * OBJECTS),
    }


def table() -> str:
    """The page's table."""
    columns = {accounts: hub(accounts) for accounts in SHOWN}
    rows = [["the hub, USD a month", *(f"{accounts:,} accounts" for accounts in SHOWN)], ["---"] * 3]
    rows += [[item, *(f"{cost[item]:.2f}" for cost in columns.values())] for item in columns[SHOWN[0]]]
    rows.append(["**sum**", *(f"**{sum(cost.values()):,.2f}**" for cost in columns.values())])
    rows.append(["a stack in each account", *(f"{accounts * single():,.2f}" for accounts in SHOWN)])
    return "\n" + "".join(f"| {' | '.join(row)} |\n" for row in rows) + "\n"


def written(page: str) -> str:
    """The page with the table of today."""
    changed, found = MARKED.subn(lambda _: table(), page)
    if found != 1:
        raise SystemExit("docs/ORGANIZATION.md has no table of costs in the form that is expected.")
    return changed


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
