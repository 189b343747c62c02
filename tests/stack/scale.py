"""What many sign-ins, users and accounts would start, call and cost, and which limit is met first.

Calls are those of the wire's snapshot of a hub and of a simulated run (docs/TESTING.md), limits those of the
template and of AWS, prices and assumptions those of docs/COST.md. As a program it writes the tables into
docs/PERFORMANCE.md.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import costs
from .costs import DAYS, PEOPLE, People
from .hubs import HUB, hub
from .resolved_stack import ResolvedStack
from .templates import ROOT

PAGE = ROOT / "docs" / "PERFORMANCE.md"
MARKED = re.compile(r"(?<=<!-- scale -->\n).*?(?=<!-- /scale -->)", re.DOTALL)
WIRE = ROOT / "shared/aws/tests/it/snapshots/it__wire__calls_of_a_containment_by_a_hub.snap"
TESTING = ROOT / "docs" / "TESTING.md"

# Of a day's sign-ins, this part comes in the busiest hour.
BUSIEST_HOUR = 1 / 5
# Cold start included, as in docs/COST.md.
SECONDS_AN_EVENT = 1
# Messages about a sign-in: one to the user, and a copy to the administrators, in three mailboxes.
COPIES = costs.MAILBOXES
# Events about passwords and devices, of a user and month.
OTHER_EVENTS = 0.3
# Of AWS: users of an account, topics of an account, mails a second to one address before SNS suspends the
# subscription, and requests of LookupEvents a second and account.
USERS, TOPICS, MAILS, LOOK_UPS = 5000, 100_000, 10, 2
# Questions to the event history of one sweep that finds nothing.
LOOK_UPS_A_SWEEP = 1
# Accounts of the simulated run.
SIMULATED = 1000
# Sweeps of an account in a day.
HOURLY, DAILY = 24, 1
# Functions at once that Lambda lets an account run, unless it is new. Of a hub, so many sweep at once.
CONCURRENCY, ACCOUNTS_AT_ONCE = 1000, 10


@dataclass(frozen=True)
class Load:
    """What there is a day, evenly spread over the accounts of a hub."""

    name: str
    accounts: int
    users: int
    """Of an account."""
    sign_ins: int
    """A day and in all accounts, without MFA. Those with MFA start nothing."""

    @property
    def events(self) -> float:
        """What starts a function on a day, but for sweeps."""
        return self.sign_ins + self.accounts * self.users * OTHER_EVENTS / DAYS

    @property
    def a_second(self) -> float:
        """Sign-ins without MFA in a second of the busiest hour."""
        return self.sign_ins * BUSIEST_HOUR / 3600

    @property
    def sweep_calls(self) -> int:
        """Calls of a day's sweeps, with those in the hub, if nobody needs anything."""
        daily, hourly = calls_of_an_account(self.users)
        return round(self.accounts * (HOURLY * hourly + DAILY * daily))

    @property
    def people(self) -> People:
        """A month of one account, as docs/COST.md has it: what follows from its users, and from sign-ins."""
        months = self.sign_ins * DAYS / self.accounts
        messages = 2 * months
        many = self.users / 100
        return People(
            events=round(months + self.users * OTHER_EVENTS),
            guarded=PEOPLE.guarded,
            mails=round(months * (1 + COPIES)),
            from_other_regions=round(months / 2),
            acts=round(2 * messages + self.users / 20 * DAYS),
            evidence=round(2 * messages),
            hours=720,
            seconds=10 if self.users <= 100 else 120,
            logged=PEOPLE.logged * many + months * 3e-6,
            kept=PEOPLE.kept * many,
        )

    @property
    def dollars(self) -> float:
        """A month of the hub."""
        return sum(costs.hub(self.accounts, self.people).values())


MILLION = 1_000_000
LOADS = (
    Load("a million sign-ins, all with MFA", 1000, 100, 0),
    Load("a million, a twentieth without", 1000, 100, MILLION // 20),
    Load("a million, all without", 1000, 100, MILLION),
    Load("50,000 users in ten accounts", 10, USERS, round(50_000 / DAYS)),
    Load("1,000 accounts of 100 users", 1000, 100, round(100_000 / DAYS)),
)


def calls_of_an_account(users: int) -> tuple[float, float]:
    """A daily and an hourly sweep of a simulated run. An account there has a page of users and of devices."""
    (calls,) = re.findall(r"\| calls \| ([\d,]+) \| ([\d,]+) \|", TESTING.read_text("utf-8"))
    daily, hourly = (int(number.replace(",", "")) / SIMULATED + 2 * (pages(users) - 1) for number in calls)
    return daily, hourly


def pages(users: int) -> int:
    """Of a list in IAM, which has 1,000 entries a page."""
    return math.ceil(users / 1000)


def calls_of_a_sign_in() -> tuple[int, int]:
    """In grace, where the user is reminded, and overdue, where the user is contained."""
    found = re.findall(r"^([a-z ]+): \d+ round trips, (\d+) calls", WIRE.read_text("utf-8"), re.MULTILINE)
    calls = {event: int(number) for event, number in found}
    return calls["in grace"], calls["next event"]


@dataclass(frozen=True)
class Limit:
    """A limit, how much of it a load needs, and what happens beyond it."""

    name: str
    limit: float
    needed: Callable[[Load], float]
    beyond: str
    tried_in: str

    def share(self, load: Load) -> float:
        """Of the limit; 1 is all of it."""
        return self.needed(load) / self.limit


def sign_in_function(stack: ResolvedStack) -> dict[str, Any]:
    """What is said of the function that every sign-in without MFA starts."""
    (name,) = [name for name, binary in stack.functions().items() if binary == "sign-in"]
    properties: dict[str, Any] = stack.resources[name]["Properties"]
    return properties


def swept_an_hour() -> int:
    """Accounts whose daily sweeps a simulated hub did in an hour, ten at once."""
    (daily,) = re.findall(r"\| accounts an hour \| ([\d,]+) \|", TESTING.read_text("utf-8"))
    return int(daily.replace(",", ""))


RESERVING = hub(ReserveConcurrency="yes")
AT_ONCE = int(sign_in_function(RESERVING)["ReservedConcurrentExecutions"])
KEPT = int(HUB.resources["SignInFunctionEventInvokeConfig"]["Properties"]["MaximumEventAgeInSeconds"]) // 3600
THROTTLED = (
    f"Lambda keeps the event and tries for {KEPT} hours, then it is a dead letter; the alarm `throttles`; "
    "the hourly sweep contains who is overdue"
)
LIMITS = (
    Limit(
        "mails a second to one mailbox of the administrators, by SNS",
        MAILS,
        lambda load: load.a_second,
        "SNS suspends the subscription and deletes it after 48 hours; the daily sweep counts those that are "
        "left, and an alarm follows if there is none. `AdminCopies=important` spares them",
        "`shared/core/tests/it/digest_cases.rs`",
    ),
    Limit(
        "sign-in functions at once, with `ReserveConcurrency`",
        AT_ONCE,
        lambda load: load.a_second * SECONDS_AN_EVENT,
        THROTTLED,
        "`tests/e2e/test_redrive_hub.py`",
    ),
    Limit(
        "Lambda functions at once, of the account",
        CONCURRENCY,
        lambda load: load.a_second * SECONDS_AN_EVENT + ACCOUNTS_AT_ONCE,
        "the same, and other functions of the account with it; a new account has 10",
        "`tests/e2e/test_redrive_hub.py`",
    ),
    Limit(
        "topics of the hub, one for each user who was ever told by SNS",
        TOPICS,
        lambda load: load.accounts * load.users,
        "whoever has none is not told, and the administrators' copy says so; with `MailFrom` none is needed",
        "`shared/aws/tests/faults/`",
    ),
    Limit(
        "users of an account",
        USERS,
        lambda load: load.users,
        "IAM makes no more: take more accounts",
        "`make bench`",
    ),
    Limit(
        "accounts swept in an hour, ten at once",
        swept_an_hour(),
        lambda load: load.accounts,
        "orders wait; an hourly one that waited for an hour is dropped, since a later one does the same",
        "`shared/aws/tests/organization/`",
    ),
    Limit(
        "requests of `LookupEvents` a second and account",
        LOOK_UPS,
        lambda _: LOOK_UPS_A_SWEEP * (HOURLY + DAILY) / 86_400,
        "the call is tried again, then the digest has the finding `history-unreadable`",
        "`tests/e2e/test_event_history.py`",
    ),
)


def first(load: Load) -> Limit:
    """Of which the load needs most."""
    return max(LIMITS, key=lambda limit: limit.share(load))


def table(head: list[str], rows: list[list[str]]) -> str:
    """In Markdown."""
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (head, ["---"] * len(head), *rows))


def loads_table() -> str:
    """What each load starts, calls and costs."""
    reminded, contained = calls_of_a_sign_in()
    rows: dict[str, Callable[[Load], str]] = {
        "accounts, users of each": lambda load: f"{load.accounts:,}, {load.users:,}",
        "functions started a day by events": lambda load: f"{load.events:,.0f}",
        "in a second of the busiest hour": lambda load: f"{load.a_second:,.1f}",
        "calls of AWS about them a day, at least and at most": lambda load: (
            f"{load.events * reminded:,.0f}, {load.events * contained:,.0f}"
        ),
        "sweeps a day": lambda load: f"{load.accounts * (HOURLY + DAILY):,}",
        "calls of these sweeps a day": lambda load: f"{load.sweep_calls:,}",
        "USD a month": lambda load: f"{load.dollars:,.0f}",
        "of them e-mail by SNS": lambda load: f"{costs.hub(load.accounts, load.people)['e-mail']:,.0f}",
    }
    return table(
        ["", *(load.name for load in LOADS)],
        [[what, *(cell(load) for load in LOADS)] for what, cell in rows.items()],
    )


def limits_table() -> str:
    """How much of each limit each load needs, that which is met first in bold."""

    def cell(limit: Limit, load: Load) -> str:
        share = limit.share(load)
        text = f"{share:.0%}" if share >= 0.01 else "under 1%" if share else "-"
        return f"**{text}**" if limit is first(load) else text

    rows = [
        [
            limit.name,
            f"{limit.limit:,}",
            *(cell(limit, load) for load in LOADS),
            limit.beyond,
            limit.tried_in,
        ]
        for limit in LIMITS
    ]
    return table(["limit", "", *(load.name for load in LOADS), "beyond it", "tried in"], rows)


def written(page: str) -> str:
    """The page with the tables of today."""
    changed, found = MARKED.subn(lambda _: f"\n{loads_table()}\n{limits_table()}\n", page)
    if found != 1:
        raise SystemExit("docs/PERFORMANCE.md has no tables of scale in the form that is expected.")
    return changed


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
