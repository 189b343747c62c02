"""The scenarios: what the enforcer does, by the sample events. The demonstration and the tests play them."""

from __future__ import annotations

from datetime import timedelta

from .account import Account
from .cast import HEIDI, NEWHIRE, Person, phone
from .deployment import ACCOUNT, EXEMPT_TAG, POLICY_ARN
from .scenario import Change, Scenario, Send

CONTAIN = ("AttachUserPolicy", "TagUser", "TagUser")
RELEASE = ("DetachUserPolicy", "UntagUser", "TagUser")
QUARANTINED = ("user quarantined", "admins warning quarantined")
RELEASED = ("user released", "admins info released")
SIGN_IN_PAGE = f"https://{ACCOUNT}.signin.aws.amazon.com/console"


def _hire(account: Account) -> None:
    account.add(Person("newhire", None, tags=NEWHIRE.tags))


def _contained_with_a_device(account: Account) -> None:
    account.contain("bob", timedelta(hours=20))
    account.enrol("bob", phone("bob"))


def _a_day_passes_for_heidi(account: Account) -> None:
    account.contain(HEIDI.name, timedelta(hours=26))


SCENARIOS = (
    Scenario(
        "an_overdue_sign_in_is_quarantined_once",
        "Bob signs in without MFA, long after his deadline",
        (
            Send("he signs in with his password alone", "ConsoleLogin/bob-overdue-without-mfa.json",
                 "acted", "contain-sign-in", "overdue", "policy", CONTAIN, (*QUARANTINED, "user sms"),
                 to="bob.builder@example.com",
                 says={"user": ("limited", SIGN_IN_PAGE, "203.0.113.24", "Assign MFA device"),
                       "admins": ("bob is quarantined", "quarantine policy attached, user told")}),
            Send("AWS delivers the same event once more", "ConsoleLogin/bob-overdue-without-mfa.json",
                 "nothing", "already-contained", "overdue", "policy", again=True),
        ),
    ),
    Scenario(
        "an_enrolment_releases",
        "Heidi, quarantined this morning, enrols an authenticator app",
        (
            Send("the event is faster than IAM's own lists",
                 "EnableMFADevice/heidi-contained-by-herself.json",
                 "error", "NotYetVisible", contained="policy", error_names="run again"),
            Change("IAM lists the new device", lambda account: account.enrol("heidi", phone("heidi"))),
            Send("Lambda runs the event again", "EnableMFADevice/heidi-contained-by-herself.json",
                 "acted", "mfa-enrolled", "compliant", None, RELEASE, RELEASED, again=True,
                 to="heidi@example.com", says={"user": ("MFA is on", "lifted")}),
            Send("AWS delivers the event once more", "EnableMFADevice/heidi-contained-by-herself.json",
                 "nothing", "not-contained", "compliant", again=True),
        ),
    ),
    Scenario(
        "a_sign_in_during_grace_is_reminded_once_a_day",
        "Alice has five days left, and signs in without MFA",
        (
            Send("she signs in in the morning", "ConsoleLogin/alice-in-grace-without-mfa.json",
                 "acted", "signed-in-during-grace", "in-grace", None, ("TagUser",),
                 ("user sign-in-reminder", "admins info sign-in-reminder"),
                 to="alice@example.com", says={"user": ("Please do it by", SIGN_IN_PAGE)}),
            Send("she signs in again at noon", "ConsoleLogin/alice-in-grace-without-mfa.json",
                 "nothing", "reminded-today", "in-grace"),
            Change("she enrols her phone", lambda account: account.enrol("alice", phone("alice"))),
            Send("the enrolment's event arrives", "EnableMFADevice/alice-in-time.json",
                 "acted", "mfa-enrolled-in-time", "compliant", None, ("TagUser",), ("user released",),
                 says={"user": ("nothing more to do",)}),
        ),
    ),
    Scenario(
        "a_newcomer_is_welcomed_once",
        "An administrator creates newhire in the console, which sends two events",
        (
            Change("the user exists, the password not yet", _hire),
            Send("the user's event arrives", "CreateUser/newhire-by-an-admin.json",
                 "nothing", "no-password", "not-applicable"),
            Send("the password's event is faster than IAM", "CreateLoginProfile/newhire-by-an-admin.json",
                 "error", "NotYetVisible", error_names="new password"),
            Change("IAM shows the password", lambda account: account.give_password("newhire")),
            Send("Lambda runs the event again", "CreateLoginProfile/newhire-by-an-admin.json",
                 "acted", "new-password", "in-grace", None, ("TagUser",),
                 ("user welcome", "admins info welcome"), again=True,
                 to="newhire@example.com", says={"user": ("new password", "Please do it by", SIGN_IN_PAGE)}),
            Send("the user's event arrives once more", "CreateUser/newhire-by-an-admin.json",
                 "nothing", "password-event-follows", "in-grace", again=True),
        ),
    ),
    Scenario(
        "a_removed_device_is_quarantined_even_in_grace",
        "Judy removes her last MFA device; grace does not cover that",
        (
            Send("the event arrives while IAM still lists the device",
                 "DeactivateMFADevice/judy-last-device-by-herself.json",
                 "acted", "contain-mfa-removed", "in-grace", "policy", CONTAIN, QUARANTINED,
                 to="judy@example.com", says={"user": ("last device", "limited")}),
            Change("IAM no longer lists it", lambda account: account.take_device("judy", phone("judy"))),
            Send("AWS delivers the event once more", "DeactivateMFADevice/judy-last-device-by-herself.json",
                 "nothing", "already-contained", "in-grace", "policy", again=True),
        ),
    ),
    Scenario(
        "an_enrolment_by_access_key_is_a_critical_alert",
        "Bob is quarantined, and his access key enrols a device for him",
        (
            Change("bob was quarantined yesterday, and has a device now",
                   _contained_with_a_device),
            Send("the enrolment's event arrives", "EnableMFADevice/bob-by-his-access-key.json",
                 "acted", "mfa-enrolled", "compliant", None, (*RELEASE, "TagUser"),
                 (*RELEASED, "user sms", "admins critical enrolment-alert"),
                 says={"admins": ("user bob (access key)",)}),
            Send("AWS delivers the event once more", "EnableMFADevice/bob-by-his-access-key.json",
                 "nothing", "not-contained", "compliant", again=True),
        ),
    ),
    Scenario(
        "an_enrolment_by_somebody_else_is_reported",
        "Mallory enrols a device for bob, who never asked for one",
        (
            Change("bob has a device",
                   lambda account: account.enrol("bob", f"arn:aws:iam::{ACCOUNT}:mfa/bob-tablet")),
            Send("the enrolment's event arrives", "EnableMFADevice/bob-by-mallory.json",
                 "acted", "foreign-enrolment", "compliant", None, ("TagUser",),
                 ("admins warning enrolment-alert",), says={"admins": ("user mallory",)}),
        ),
    ),
    Scenario(
        "a_full_user_is_contained_by_the_group",
        "Bob has ten policies already, so there is no room for one more",
        (
            Change("ten policies are attached", lambda account: account.attach_policies("bob", 10)),
            Send("he signs in with his password alone", "ConsoleLogin/bob-overdue-without-mfa.json",
                 "acted", "contain-sign-in", "overdue", "group", ("AddUserToGroup", "TagUser", "TagUser"),
                 (*QUARANTINED, "user sms"), says={"admins": ("added to the quarantine group",)}),
            Change("an administrator gives him a hardware token",
                   lambda account: account.enrol("bob", "GAKT87654321")),
            Send("the enrolment's event arrives", "EnableMFADevice/bob-by-an-admin.json",
                 "acted", "mfa-enrolled", "compliant", None,
                 ("RemoveUserFromGroup", "UntagUser", "TagUser", "TagUser"),
                 (*RELEASED, "user sms", "admins warning enrolment-alert")),
        ),
    ),
    Scenario(
        "root_without_mfa_is_a_critical_alert_once",
        "The root user signs in without MFA; root cannot be quarantined",
        (
            Send("the sign-in's event arrives", "ConsoleLogin/root-without-mfa.json",
                 "acted", "root-alert", told=("admins critical root-alert",),
                 says={"admins": ("the root user signed in without MFA",)}),
            Send("AWS delivers the event once more", "ConsoleLogin/root-without-mfa.json",
                 "nothing", "already-said", again=True),
            Send("root's device is removed", "DeactivateMFADevice/root.json",
                 "acted", "root-alert", told=("admins critical root-alert",)),
        ),
    ),
    Scenario(
        "a_user_named_by_address_is_told_there",
        "carol@example.com has no contact tag: her name is the address",
        (
            Send("she signs in through the endpoint of eu-north-1", "ConsoleLogin/region-eu-north-1.json",
                 "acted", "contain-sign-in", "overdue", "policy", CONTAIN, QUARANTINED,
                 to="carol@example.com", says={"user": ("Hello carol@example.com",)}),
        ),
    ),
    Scenario(
        "a_lost_password_releases",
        "An administrator deletes the password of heidi, who is quarantined",
        (
            Send("the event is faster than IAM", "DeleteLoginProfile/heidi-contained.json",
                 "error", "NotYetVisible", contained="policy", error_names="removed password"),
            Change("IAM shows no password", lambda account: account.take_password("heidi")),
            Send("Lambda runs the event again", "DeleteLoginProfile/heidi-contained.json",
                 "acted", "password-removed", "not-applicable", None, RELEASE, RELEASED, again=True),
        ),
    ),
    Scenario(
        "a_contained_user_is_reminded_once_a_day",
        "Heidi was quarantined yesterday, and signs in without MFA once more",
        (
            Change("a day passes", _a_day_passes_for_heidi),
            Send("she signs in", "ConsoleLogin/heidi-already-contained-without-mfa.json",
                 "acted", "signed-in-while-contained", "overdue", "policy", ("TagUser",),
                 ("user quarantine-reminder", "admins info quarantine-reminder")),
            Send("she tries again at once", "ConsoleLogin/heidi-already-contained-without-mfa.json",
                 "nothing", "already-contained", "overdue", "policy"),
        ),
    ),
    Scenario(
        "a_quarantine_undone_by_hand_is_put_back",
        "Somebody detaches heidi's quarantine, and she signs in without MFA",
        (
            Change("the policy is detached, the tag stays",
                   lambda account: account.detach("heidi", POLICY_ARN)),
            Send("she signs in", "ConsoleLogin/heidi-already-contained-without-mfa.json",
                 "acted", "contain-sign-in", "overdue", "policy", CONTAIN, QUARANTINED),
        ),
    ),
    Scenario(
        "nobody_to_tell_is_reported",
        "Nobody knows how to reach alice",
        (
            Change("her contact tag is gone", lambda account: account.untag("alice", "email")),
            Send("she signs in during grace", "ConsoleLogin/alice-in-grace-without-mfa.json",
                 "acted", "signed-in-during-grace", "in-grace", None, ("TagUser",),
                 ("admins warning contact-missing",), says={"admins": ("no address is known",)}),
        ),
    ),
    Scenario(
        "an_unreadable_exemption_exempts_nobody",
        "Bob's exemption says `next friday`, which is no date",
        (
            Change("the tag is set", lambda account: account.tag("bob", EXEMPT_TAG, "next friday")),
            Send("he signs in with his password alone", "ConsoleLogin/bob-overdue-without-mfa.json",
                 "acted", "contain-sign-in", "overdue", "policy", CONTAIN, (*QUARANTINED, "user sms"),
                 says={"admins": ("To mend", EXEMPT_TAG)}),
        ),
    ),
    Scenario(
        "who_is_protected_or_exempt_is_left_alone",
        "Sign-ins without MFA that call for nothing",
        (
            Send("dave has enrolled since", "ConsoleLogin/dave-enrolled-since-without-mfa.json",
                 "nothing", "has-mfa", "compliant"),
            Send("grace is exempt by tag", "ConsoleLogin/grace-exempt-by-tag-without-mfa.json",
                 "nothing", "exempt", "exempt"),
            Send("pilot is exempt by path", "ConsoleLogin/pilot-exempt-by-path-without-mfa.json",
                 "nothing", "exempt", "exempt"),
            Send("ivan has no password any more", "ConsoleLogin/ivan-no-password-any-more-without-mfa.json",
                 "nothing", "no-password", "not-applicable"),
        ),
    ),
    Scenario(
        "what_is_no_risk_is_ignored",
        "Events that look alike, and are no sign-in without MFA",
        (
            Send("dave used his MFA", "ConsoleLogin/mfa-used-dave.json", "ignored", "mfa-used"),
            Send("a wrong password", "ConsoleLogin/failed-wrong-password.json", "ignored", "failed-sign-in"),
            Send("a SAML identity, whose provider asks for MFA", "ConsoleLogin/saml-user.json",
                 "ignored", "federated-identity"),
            Send("a name that nobody has", "ConsoleLogin/hidden-user-name.json",
                 "ignored", "hidden-user-name"),
            Send("a call that was refused", "DeactivateMFADevice/access-denied.json",
                 "ignored", "failed-call"),
            Send("the enforcer's own call", "DeactivateMFADevice/by-the-enforcer.json",
                 "ignored", "own-call"),
        ),
    ),
    Scenario(
        "a_malformed_event_names_its_flaw",
        "An event that cannot be understood ends in the dead-letter queue, and says why",
        (
            Send("a removal of no device", "Malformed/deactivate-without-serial-number.json",
                 "error", "Malformed", error_names="detail.requestParameters.serialNumber"),
        ),
    ),
)
