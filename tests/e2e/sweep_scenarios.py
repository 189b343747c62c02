"""What a sweep does, in scenarios. The demonstration and the tests play them."""

from __future__ import annotations

from datetime import timedelta

from .account import Account
from .cast import (
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
)
from .credentials import ROOT_PHONE
from .deployment import ACCOUNT, EXEMPT_TAG, POLICY_ARN, QUARANTINED_TAG
from .expected_sweep import Done, Sweep
from .scenario import Change, Scenario
from .sweeping import ON_SUNDAY

CONTAINED = Done(("AttachUserPolicy", "TagUser", "TagUser"), "policy", "quarantined")
RELEASED = Done(("DetachUserPolicy", "UntagUser", "TagUser"), None, "released")
PASSWORD_REMOVED = Done(("DetachUserPolicy", "UntagUser", "TagUser"), None, "password-removed")
WELCOMED = Done(("TagUser",), None, "welcome")
REMINDED = Done(("TagUser",), None, "reminder")
REMINDED_CONTAINED = Done(("TagUser",), "policy", "quarantine-reminder")
NOTHING = Sweep("another one, a moment later, has nothing to do", "nothing")
ROOT_ALERT = "admins critical root-alert"
BOB_TOLD = ("bob quarantined", "user sms")
KEY = f"arn:aws:iam::{ACCOUNT}:u2f/user/bob/key-ABCDEFGHIJKLMNOPQRSTUVWX"
NEXT_YEAR = "2027-12-31"


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


def _leave_alice_unconfirmed(account: Account) -> None:
    account.leave_unconfirmed("alice@example.com")


def _root_without_mfa(account: Account) -> None:
    account.root.devices = ()


def _root_with_mfa(account: Account) -> None:
    account.root.devices = (ROOT_PHONE,)


def _root_with_keys(account: Account) -> None:
    account.root.access_keys = 1


def _replace_device(account: Account) -> None:
    account.take_device("dave", phone("dave"))
    account.enrol("dave", "GAKT99999999")


SWEEPS = (
    Scenario(
        "a_sweep_puts_a_mixed_account_in_order",
        "The daily sweep of an account in which many events got lost",
        (
            Change("niaj's policy was detached by hand, olivia's tag removed", _undo_in_part),
            Change(
                "no event came of peggy's phone, rupert's exemption, sybil's removed password",
                _miss_the_events,
            ),
            Change("victor, walter and wendy were welcomed when they got passwords", _welcome_the_stages),
            Sweep(
                "the schedule orders a sweep",
                users={
                    **dict.fromkeys(("bob", "carol@example.com", "niaj", "trent"), CONTAINED),
                    "olivia": Done(("TagUser", "TagUser"), "policy", "quarantined"),
                    **dict.fromkeys(("peggy", "rupert"), RELEASED),
                    "sybil": PASSWORD_REMOVED,
                    **dict.fromkeys(("alice", "yusuf", "zoe"), WELCOMED),
                    "walter": REMINDED,
                    "wendy": Done(("TagUser",), None, "final-notice"),
                },
                told=(
                    *(f"{name} quarantined" for name in ("bob", "carol@example.com", "niaj", "trent")),
                    "user sms",
                    "olivia quarantined",
                    *(f"{name} released" for name in ("peggy", "rupert", "sybil")),
                    "alice welcome",
                    "walter reminder",
                    "wendy final-notice",
                ),
                deeds={"contained": 3, "repaired": 2, "released": 3, "told": 5},
                digest="sent",
                says={
                    "bob quarantined": ("The time to set up multi-factor authentication", "daily check"),
                    "wendy final-notice": ("This is the last reminder",),
                    "admins warning digest": ("QUARANTINED BY THIS SWEEP (3)", "zoe", "6 quarantined"),
                },
            ),
            NOTHING,
        ),
        (*CAST, *SWEPT),
    ),
    Scenario(
        "an_exemption_that_ends_is_followed_by_quarantine",
        "Grace's exemption ends, and no event tells of that",
        (
            Sweep("a sweep while it lasts", digest="sent", says={"admins info digest": ("grace",)}),
            _days(31),
            Sweep(
                "the first sweep after it",
                users={"grace": CONTAINED},
                told=("grace quarantined",),
                deeds={"contained": 1},
                digest="sent",
                says={"admins info digest": ("exemption ended",)},
            ),
            Change("an administrator exempts her again", lambda a: a.tag("grace", EXEMPT_TAG, NEXT_YEAR)),
            Sweep(
                "the next sweep",
                users={"grace": RELEASED},
                told=("grace released",),
                deeds={"released": 1},
                digest="sent",
            ),
        ),
        (GRACE, DAVE),
    ),
    Scenario(
        "the_quarantined_are_reminded_once_a_day",
        "Heidi stays quarantined, and is reminded of the way out",
        (
            Sweep("a sweep on the day of her quarantine", digest="sent"),
            _days(1),
            Sweep(
                "a sweep on the next day",
                users={"heidi": REMINDED_CONTAINED},
                told=("heidi quarantine-reminder",),
                deeds={"told": 1},
                digest="sent",
                says={"heidi quarantine-reminder": ("still limited",)},
            ),
            NOTHING,
        ),
        (HEIDI, DAVE),
    ),
    Scenario(
        "a_notice_is_said_again_once_it_can_arrive",
        "Alice's address is confirmed only after her first notice",
        (
            Change("she has not yet followed the link of SNS", _leave_alice_unconfirmed),
            Sweep(
                "a sweep tells her, and knows that it did not arrive",
                users={"alice": WELCOMED},
                told=("alice welcome",),
                deeds={"told": 1},
                digest="sent",
                says={"admins info digest": ("alice", "confirm")},
            ),
            Sweep("another one does not repeat what still cannot arrive", "nothing"),
            Change("now she follows it", lambda a: a.confirm("alice@example.com")),
            Sweep(
                "the next sweep says it again",
                users={"alice": WELCOMED},
                told=("alice welcome",),
                deeds={"told": 1},
            ),
            NOTHING,
        ),
        (ALICE, DAVE),
    ),
    Scenario(
        "who_cannot_be_reached_is_in_the_digest",
        "Nobody knows how to reach zoe",
        (
            Sweep(
                "a sweep has nobody to tell, and says so to the administrators",
                users={"zoe": WELCOMED},
                deeds={"told": 1},
                digest="sent",
                says={"admins info digest": ("NO ADDRESS KNOWN (1)", "zoe")},
            ),
            NOTHING,
        ),
        (ZOE, DAVE),
    ),
    Scenario(
        "root_without_mfa_is_one_alert_a_day",
        "The root user has no MFA, and nothing happens that would tell",
        (
            Change("root's device is gone", _root_without_mfa),
            Sweep("a sweep", told=(ROOT_ALERT,), digest="sent", says={ROOT_ALERT: ("root user has no MFA",)}),
            NOTHING,
            _days(1),
            Sweep("the sweep of the next day", told=(ROOT_ALERT,), digest="sent"),
            _days(1),
            Change("root has a device again", _root_with_mfa),
            Sweep("the sweep of the day after", digest="sent"),
            _days(1),
            Change("root has an access key", _root_with_keys),
            Sweep("and of one more day", digest="sent", says={"admins warning digest": ("access key",)}),
        ),
        (DAVE,),
    ),
    Scenario(
        "a_report_is_waited_for",
        "IAM takes its time to make the credential report",
        (
            Change("the next report is not ready three times", lambda account: account.report_takes(3)),
            Sweep(
                "a sweep waits for it",
                users={"bob": CONTAINED},
                told=BOB_TOLD,
                deeds={"contained": 1},
                digest="sent",
            ),
        ),
        (BOB, DAVE),
    ),
    Scenario(
        "a_report_that_is_behind_leads_to_no_harm",
        "The credential report is up to four hours old, and much happens in four hours",
        (
            Sweep("a sweep makes a report", digest="sent"),
            Change("newhire comes", lambda a: a.add(Person("newhire", timedelta(hours=1)))),
            Change("dave's device is replaced by a key", _replace_device),
            Change("judy is deleted", lambda account: account.delete("judy")),
            Sweep(
                "a sweep looks at newhire, whom the report does not know",
                users={"newhire": WELCOMED},
                deeds={"told": 1},
            ),
        ),
        (DAVE, JUDY),
    ),
    Scenario(
        "topics_of_the_gone_are_deleted_on_sundays",
        "A deleted user leaves a topic behind",
        (
            Change("quentin is deleted, his topic stays", lambda account: account.delete("quentin")),
            Sweep("a sweep on a weekday leaves it", digest="sent"),
            Sweep("a sweep on a Sunday deletes it", deeds={"topicsDeleted": 1}, how=ON_SUNDAY),
            Sweep("another one has nothing to do", "nothing", how=ON_SUNDAY),
        ),
        (DAVE, Person("quentin")),
    ),
    Scenario(
        "a_full_user_is_swept_into_the_group",
        "Bob has ten policies already, so there is no room for one more",
        (
            Change("ten policies are attached", lambda account: account.attach_policies("bob", 10)),
            Sweep(
                "a sweep puts him into the group",
                users={"bob": Done(("AddUserToGroup", "TagUser", "TagUser"), "group", "quarantined")},
                told=BOB_TOLD,
                deeds={"contained": 1},
                digest="sent",
            ),
            NOTHING,
            Change("he enrols a security key, and the event gets lost", lambda a: a.enrol("bob", KEY)),
            Change("four hours later there is a new report", lambda account: account.days_pass()),
            Sweep(
                "the next sweep takes him out",
                users={"bob": Done(("RemoveUserFromGroup", "UntagUser", "TagUser"), None, "released")},
                told=("bob released", "user sms"),
                deeds={"released": 1},
                digest="sent",
            ),
        ),
        (BOB, DAVE),
    ),
    Scenario(
        "a_sweep_can_be_ordered_in_four_ways",
        "The schedule comes in three forms, and an administrator has one",
        (
            Sweep("by a rule of EventBridge", digest="sent"),
            Sweep("by EventBridge Scheduler", "nothing", how="scheduler"),
            Sweep("by EventBridge Scheduler, with a payload", "nothing", how="scheduled time"),
            Sweep("by hand", "nothing", how="by hand"),
            Sweep("by Lambda, which delivers the last order once more", "nothing", how="by hand", again=True),
        ),
        (DAVE,),
    ),
)

