"""What a sweep does, in scenarios. The demonstration and the tests play them."""

from __future__ import annotations

from datetime import timedelta

from .account import Account
from .deployment import EXEMPT_TAG, POLICY_ARN, QUARANTINED_TAG
from .harness import MONDAY, SUNDAY, SWEEP
from .people import (
    ALICE,
    BOB,
    CAST,
    DAVE,
    FIRST_STAGE,
    GRACE,
    HEIDI,
    JUDY,
    LAST_DAY,
    SECOND_STAGE,
    SWEPT,
    ZOE,
    Person,
    phone,
    security_key,
)
from .scenario import Change, Scenario, Send

ONE_MORE = Send("another one, a moment later, has nothing to do", SWEEP)
NEXT_YEAR = "2027-12-31"
BY_SCHEDULER = {"source": "aws.scheduler"}


def _days(days: int) -> Change:
    words = "a day passes" if days == 1 else f"{days} days pass"
    return Change(words, lambda account: account.days_pass(days))


def _welcome_the_stages(account: Account) -> None:
    for person in (FIRST_STAGE, SECOND_STAGE, LAST_DAY):
        if person.password_age:
            account.note(person.name, "welcome", person.password_age - timedelta(minutes=1))


def _undo_in_part(account: Account) -> None:
    account.detach("niaj", POLICY_ARN)
    account.untag("olivia", QUARANTINED_TAG)


def _miss_the_events(account: Account) -> None:
    account.enrol("peggy", phone("peggy"))
    account.tag("rupert", EXEMPT_TAG, NEXT_YEAR)
    account.take_password("sybil")


def _replace_device(account: Account) -> None:
    account.take_device("dave", phone("dave"))
    account.enrol("dave", "GAKT99999999")


def _leave_topic(account: Account) -> None:
    account.give_topic("quentin")
    account.delete("quentin")


SWEEPS = (
    Scenario(
        "sweep_puts_a_mixed_account_in_order",
        "The daily sweep of an account in which many events got lost",
        (
            Change("niaj's policy was detached by hand, olivia's tag removed", _undo_in_part),
            Change(
                "no event came of peggy's phone, rupert's exemption, sybil's removed password",
                _miss_the_events,
            ),
            Change("victor, walter and wendy were welcomed when they got passwords", _welcome_the_stages),
            Send(
                "the schedule orders a sweep",
                SWEEP,
                says={
                    "bob quarantined": ("The time to set up multi-factor authentication", "daily check"),
                    "wendy final-notice": ("This is the last reminder",),
                    "admins warning digest": ("QUARANTINED BY THIS SWEEP (3)", "zoe", "6 quarantined"),
                },
            ),
            ONE_MORE,
        ),
        (*CAST, *SWEPT),
    ),
    Scenario(
        "exemption_that_ends_is_followed_by_quarantine",
        "Grace's exemption ends, and no event tells of that",
        (
            Send("a sweep while it lasts", SWEEP, says={"admins info digest": ("grace",)}),
            _days(31),
            Send("the first sweep after it", SWEEP, says={"admins info digest": ("exemption ended",)}),
            Change("an administrator exempts grace again", lambda a: a.tag("grace", EXEMPT_TAG, NEXT_YEAR)),
            Send("the next sweep", SWEEP),
        ),
        (GRACE, DAVE),
    ),
    Scenario(
        "quarantined_users_are_reminded_once_a_day",
        "Heidi stays quarantined, and is reminded of the way out",
        (
            Send("a sweep on the day of the quarantine", SWEEP),
            _days(1),
            Send("a sweep on the next day", SWEEP, says={"heidi quarantine-reminder": ("still limited",)}),
            ONE_MORE,
        ),
        (HEIDI, DAVE),
    ),
    Scenario(
        "notice_is_repeated_once_it_can_arrive",
        "Alice's address is confirmed only after the first notice",
        (
            Change(
                "alice has not yet followed the link of SNS",
                lambda account: account.leave_unconfirmed("alice@example.com"),
            ),
            Send(
                "a sweep tells alice, and knows that it did not arrive",
                SWEEP,
                says={"admins info digest": ("alice", "confirm")},
            ),
            Send("another one does not repeat what still cannot arrive", SWEEP),
            Change("now alice follows it", lambda account: account.confirm("alice@example.com")),
            Send("the next sweep says it again", SWEEP),
            ONE_MORE,
        ),
        (ALICE, DAVE),
    ),
    Scenario(
        "unreachable_user_is_in_the_digest",
        "Nobody knows how to reach zoe",
        (
            Send(
                "a sweep has nobody to tell, and says so to the administrators",
                SWEEP,
                says={"admins info digest": ("NO ADDRESS KNOWN (1)", "zoe")},
            ),
            ONE_MORE,
        ),
        (ZOE, DAVE),
    ),
    Scenario(
        "root_without_mfa_is_one_alert_a_day",
        "The root user has no MFA, and nothing happens that would tell",
        (
            Change("root's device is gone", lambda account: setattr(account.root, "has_mfa", False)),
            Send("a sweep", SWEEP, says={"admins critical root-alert": ("root user has no MFA",)}),
            ONE_MORE,
            _days(1),
            Send("the sweep of the next day", SWEEP),
            _days(1),
            Change("root has a device again", lambda account: setattr(account.root, "has_mfa", True)),
            Send("the sweep of the day after", SWEEP),
            _days(1),
            Change("root has an access key", lambda account: setattr(account.root, "access_keys", 1)),
            Send("and of one more day", SWEEP, says={"admins warning digest": ("access key",)}),
        ),
        (DAVE,),
    ),
    Scenario(
        "credential_report_is_waited_for",
        "IAM takes its time to make the credential report",
        (
            Change("the next report is not ready three times", lambda account: account.report_takes(3)),
            Send("a sweep waits for it", SWEEP),
        ),
        (BOB, DAVE),
    ),
    Scenario(
        "outdated_report_leads_to_no_harm",
        "The credential report is up to four hours old, and much happens in four hours",
        (
            Send("a sweep makes a report", SWEEP),
            Change(
                "newhire comes",
                lambda account: account.add(Person(name="newhire", password_age=timedelta(hours=1))),
            ),
            Change("dave's device is replaced by a key", _replace_device),
            Change("judy is deleted", lambda account: account.delete("judy")),
            Send("a sweep looks at newhire, whom the report does not know", SWEEP),
        ),
        (DAVE, JUDY),
    ),
    Scenario(
        "topics_of_deleted_users_go_on_sundays",
        "A deleted user leaves a topic behind",
        (
            Change("quentin is deleted, the topic stays", _leave_topic),
            Send("a sweep on a weekday leaves it", SWEEP, changes=MONDAY),
            Send("a sweep on a Sunday deletes it", SWEEP, changes=SUNDAY),
            Send("another one has nothing to do", SWEEP, changes=SUNDAY),
        ),
        (DAVE, Person(name="quentin")),
    ),
    Scenario(
        "full_user_is_swept_into_the_group",
        "Bob has ten policies already, so there is no room for one more",
        (
            Change("ten policies are attached", lambda account: account.attach_policies("bob", 10)),
            Send("a sweep puts bob into the group", SWEEP),
            ONE_MORE,
            Change(
                "bob enrols a security key, and the event gets lost",
                lambda account: account.enrol("bob", security_key("bob")),
            ),
            Change("four hours later there is a new report", lambda account: account.days_pass()),
            Send("the next sweep takes bob out", SWEEP),
        ),
        (BOB, DAVE),
    ),
    Scenario(
        "sweep_can_be_ordered_in_four_ways",
        "The schedule comes in three forms, and an administrator has one",
        (
            Send("by a rule of EventBridge", SWEEP),
            Send("by EventBridge Scheduler", SWEEP, changes=BY_SCHEDULER),
            Send("by EventBridge Scheduler, with a payload", "Sweep/scheduler.json"),
            Send("by hand", "Sweep/by-hand.json"),
            Send("by Lambda, which delivers the last order once more", "Sweep/by-hand.json", again=True),
        ),
        (DAVE,),
    ),
)
