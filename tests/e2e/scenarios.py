"""The scenarios: what the enforcer does, by the sample events. The demonstration and the tests play them."""

from __future__ import annotations

from datetime import timedelta

from .account import Account
from .deployment import ACCOUNT, EXEMPT_TAG, POLICY_ARN
from .people import NEWHIRE, VIRTUAL, Person, phone
from .scenario import Change, Scenario, Send
from .sweep_scenarios import SWEEPS

SIGN_IN_PAGE = f"https://{ACCOUNT}.signin.aws.amazon.com/console"
ALICE_SIGNS_IN = "ConsoleLogin/alice-in-grace-without-mfa.json"
BOB_SIGNS_IN = "ConsoleLogin/bob-overdue-without-mfa.json"
HEIDI_SIGNS_IN = "ConsoleLogin/heidi-already-contained-without-mfa.json"
HEIDI_ENROLS = "EnableMFADevice/heidi-contained-by-herself.json"
HEIDI_LOSES_PASSWORD = "DeleteLoginProfile/heidi-contained.json"
NEWHIRE_IS_CREATED = "CreateUser/newhire-by-an-admin.json"
NEWHIRE_GETS_PASSWORD = "CreateLoginProfile/newhire-by-an-admin.json"
JUDY_REMOVES_DEVICE = "DeactivateMFADevice/judy-last-device-by-herself.json"
ROOT_SIGNS_IN = "ConsoleLogin/root-without-mfa.json"


def _quarantined_with_a_device(account: Account) -> None:
    account.contain("bob", timedelta(hours=20))
    account.enrol("bob", phone("bob"))


SCENARIOS = (
    Scenario(
        "overdue_sign_in_is_quarantined_once",
        "Bob signs in without MFA, long after the deadline",
        (
            Send(
                "bob signs in with the password alone",
                BOB_SIGNS_IN,
                says={
                    "bob quarantined": ("limited", SIGN_IN_PAGE, "203.0.113.24", "Assign MFA device"),
                    "admins warning quarantined": (
                        "bob is quarantined",
                        "quarantine policy attached, user told",
                    ),
                },
            ),
            Send("AWS delivers the same event once more", BOB_SIGNS_IN, again=True),
        ),
    ),
    Scenario(
        "enrolment_releases",
        "Heidi, quarantined this morning, enrols an authenticator app",
        (
            Send("the event is faster than IAM's own lists", HEIDI_ENROLS, says={"error": ("run again",)}),
            Change("IAM lists the new device", lambda account: account.enrol("heidi", phone("heidi"))),
            Send(
                "Lambda runs the event again",
                HEIDI_ENROLS,
                again=True,
                says={"heidi released": ("MFA is on", "lifted")},
            ),
            Send("AWS delivers the event once more", HEIDI_ENROLS, again=True),
        ),
    ),
    Scenario(
        "sign_in_during_grace_is_reminded_once_a_day",
        "Alice has five days left, and signs in without MFA",
        (
            Send(
                "alice signs in in the morning",
                ALICE_SIGNS_IN,
                says={"alice sign-in-reminder": ("Please do it by", SIGN_IN_PAGE)},
            ),
            Send("alice signs in again at noon", ALICE_SIGNS_IN),
            Change("alice enrols a phone", lambda account: account.enrol("alice", phone("alice"))),
            Send(
                "the enrolment's event arrives",
                "EnableMFADevice/alice-in-time.json",
                says={"alice released": ("nothing more to do",)},
            ),
        ),
    ),
    Scenario(
        "newcomer_is_welcomed_once",
        "An administrator creates newhire in the console, which sends two events",
        (
            Change(
                "the user exists, the password not yet",
                lambda account: account.add(Person(name="newhire", password_age=None, tags=NEWHIRE.tags)),
            ),
            Send("the user's event arrives", NEWHIRE_IS_CREATED),
            Send(
                "the password's event is faster than IAM",
                NEWHIRE_GETS_PASSWORD,
                says={"error": ("new password",)},
            ),
            Change("IAM shows the password", lambda account: account.give_password("newhire")),
            Send(
                "Lambda runs the event again",
                NEWHIRE_GETS_PASSWORD,
                again=True,
                says={"newhire welcome": ("new password", "Please do it by", SIGN_IN_PAGE)},
            ),
            Send("the user's event arrives once more", NEWHIRE_IS_CREATED, again=True),
        ),
    ),
    Scenario(
        "removed_device_is_quarantined_even_in_grace",
        "Judy removes the last MFA device; grace does not cover that",
        (
            Send(
                "the event arrives while IAM still lists the device",
                JUDY_REMOVES_DEVICE,
                says={"judy quarantined": ("last device", "limited")},
            ),
            Change("IAM no longer lists it", lambda account: account.take_device("judy", phone("judy"))),
            Send("AWS delivers the event once more", JUDY_REMOVES_DEVICE, again=True),
        ),
    ),
    Scenario(
        "enrolment_by_access_key_is_a_critical_alert",
        "Bob is quarantined, and an access key of bob's enrols a device",
        (
            Change("bob was quarantined yesterday, and has a device now", _quarantined_with_a_device),
            Send(
                "the enrolment's event arrives",
                "EnableMFADevice/bob-by-his-access-key.json",
                says={"admins critical enrolment-alert": ("user bob (access key)",)},
            ),
            Send(
                "AWS delivers the event once more", "EnableMFADevice/bob-by-his-access-key.json", again=True
            ),
        ),
    ),
    Scenario(
        "enrolment_by_somebody_else_is_reported",
        "Mallory enrols a device for bob, who never asked for one",
        (
            Change("bob has a device", lambda account: account.enrol("bob", f"{VIRTUAL}bob-tablet")),
            Send(
                "the enrolment's event arrives",
                "EnableMFADevice/bob-by-mallory.json",
                says={"admins warning enrolment-alert": ("user mallory",)},
            ),
        ),
    ),
    Scenario(
        "full_user_is_contained_by_the_group",
        "Bob has ten policies already, so there is no room for one more",
        (
            Change("ten policies are attached", lambda account: account.attach_policies("bob", 10)),
            Send(
                "bob signs in with the password alone",
                BOB_SIGNS_IN,
                says={"admins warning quarantined": ("added to the quarantine group",)},
            ),
            Change(
                "an administrator gives bob a hardware token",
                lambda account: account.enrol("bob", "GAKT87654321"),
            ),
            Send("the enrolment's event arrives", "EnableMFADevice/bob-by-an-admin.json"),
        ),
    ),
    Scenario(
        "root_without_mfa_is_a_critical_alert_once",
        "The root user signs in without MFA; root cannot be quarantined",
        (
            Send(
                "the sign-in's event arrives",
                ROOT_SIGNS_IN,
                says={"admins critical root-alert": ("the root user signed in without MFA",)},
            ),
            Send("AWS delivers the event once more", ROOT_SIGNS_IN, again=True),
            Send("root's device is removed", "DeactivateMFADevice/root.json"),
        ),
    ),
    Scenario(
        "user_named_by_address_is_told_there",
        "carol@example.com has no contact tag: the user name is the address",
        (
            Send(
                "carol signs in through the endpoint of eu-north-1",
                "ConsoleLogin/region-eu-north-1.json",
                says={"carol@example.com quarantined": ("Hello carol@example.com",)},
            ),
        ),
    ),
    Scenario(
        "lost_password_releases",
        "An administrator deletes the password of heidi, who is quarantined",
        (
            Send("the event is faster than IAM", HEIDI_LOSES_PASSWORD, says={"error": ("removed password",)}),
            Change("IAM shows no password", lambda account: account.take_password("heidi")),
            Send("Lambda runs the event again", HEIDI_LOSES_PASSWORD, again=True),
        ),
    ),
    Scenario(
        "contained_user_is_reminded_once_a_day",
        "Heidi was quarantined yesterday, and signs in without MFA once more",
        (
            Change("a day passes", lambda account: account.days_pass()),
            Send("heidi signs in", HEIDI_SIGNS_IN),
            Send("heidi tries again at once", HEIDI_SIGNS_IN),
        ),
    ),
    Scenario(
        "quarantine_undone_by_hand_is_put_back",
        "Somebody detaches heidi's quarantine, and heidi signs in without MFA",
        (
            Change(
                "the policy is detached, the tag stays", lambda account: account.detach("heidi", POLICY_ARN)
            ),
            Send("heidi signs in", HEIDI_SIGNS_IN),
        ),
    ),
    Scenario(
        "nobody_to_tell_is_reported",
        "Nobody knows how to reach alice",
        (
            Change("the contact tag is gone", lambda account: account.untag("alice", "email")),
            Send(
                "alice signs in during grace",
                ALICE_SIGNS_IN,
                says={"admins warning contact-missing": ("no address is known",)},
            ),
        ),
    ),
    Scenario(
        "unreadable_exemption_exempts_nobody",
        "Bob's exemption says `next friday`, which is not a date",
        (
            Change("the tag is set", lambda account: account.tag("bob", EXEMPT_TAG, "next friday")),
            Send(
                "bob signs in with the password alone",
                BOB_SIGNS_IN,
                says={"admins warning quarantined": ("To mend", EXEMPT_TAG)},
            ),
        ),
    ),
    Scenario(
        "protected_and_exempt_users_are_left_alone",
        "Sign-ins without MFA that call for nothing",
        (
            Send("dave has enrolled since", "ConsoleLogin/dave-enrolled-since-without-mfa.json"),
            Send("grace is exempt by tag", "ConsoleLogin/grace-exempt-by-tag-without-mfa.json"),
            Send("pilot is exempt by path", "ConsoleLogin/pilot-exempt-by-path-without-mfa.json"),
            Send("ivan has no password now", "ConsoleLogin/ivan-no-password-any-more-without-mfa.json"),
        ),
    ),
    Scenario(
        "harmless_events_are_ignored",
        "Events that look like a sign-in without MFA, and are none",
        (
            Send("dave used MFA", "ConsoleLogin/mfa-used-dave.json"),
            Send("a wrong password", "ConsoleLogin/failed-wrong-password.json"),
            Send("a SAML identity, whose provider asks for MFA", "ConsoleLogin/saml-user.json"),
            Send("a name that nobody has", "ConsoleLogin/hidden-user-name.json"),
            Send("a call that was refused", "DeactivateMFADevice/access-denied.json"),
            Send("the enforcer's own call", "DeactivateMFADevice/by-the-enforcer.json"),
        ),
    ),
    Scenario(
        "malformed_event_names_its_flaw",
        "An event that cannot be understood ends in the dead-letter queue, and says why",
        (
            Send(
                "a removal of no device",
                "Malformed/deactivate-without-serial-number.json",
                says={"error": ("detail.requestParameters.serialNumber",)},
            ),
        ),
    ),
    *SWEEPS,
)
