//! Every notice that there is, with a name.

use crate::approval_notices::approval_notices;
use crate::enforcer_notices::notices_about_the_enforcer;
use crate::exemption_fixtures::{VALUE, Who, call, exempting, planned, tagging};
use crate::organization_brake_cases::used_up;
use jiff::SignedDuration;
use mfa_enforcer_core::decide::{self, Ask, ask, sweep_root};
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::event::{Event, Function, Occasion, Reading, UserName, read};
use mfa_enforcer_core::facts::{AttachedBy, RootLedger, UserFacts};
use mfa_enforcer_core::notice::{
    AccountAlert, Alert, AlertSubject, Background, Blocked, Lost, Notice, Person, QuarantineAlert, Rendered,
    Rest, UserAlert, UserMessage, UserNotice,
};
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::settings::{LimitOf, Settings};
use mfa_enforcer_core::snapshot::{AccountSummary, RootMfa};
use mfa_enforcer_core::tags::{self, Cause, UserTag};
use mfa_enforcer_core::trail::Trails;
use mfa_enforcer_testing::fixtures::{
    GROUP, KEY_SERIAL, PHONE_SERIAL, POLICY, ROOT, compliant, contained, decide, decide_on, decided,
    deployment, envelope, event, event_of, exempt, exempted_lately, in_grace, now, occasion, overdue,
    request, root_event, sample, settings, settings_with, user, warned, with_device, with_tag,
    without_password,
};
use mfa_enforcer_testing::plans::{after, background};
use serde_json::{Value, json};

pub(crate) fn notices(plan: &Plan) -> Vec<Notice> {
    let notice =
        |step: &Step| if let Step::Notify(notice) = step { Some(notice.as_ref().clone()) } else { None };
    plan.steps.iter().chain(&plan.if_refused).filter_map(notice).collect()
}

pub(crate) fn about(event: &Event, user: &UserFacts, settings: &Settings) -> Vec<Notice> {
    notices(&decide(event, user, settings, now()))
}

pub(crate) fn first(name: &str, user: &UserFacts) -> Notice {
    first_with(name, user, &settings())
}

pub(crate) fn first_with(name: &str, user: &UserFacts, settings: &Settings) -> Notice {
    notices(&decide_on(&occasion(name), user, settings, now())).swap_remove(0)
}

pub(crate) fn by_access_key() -> Notice {
    let mut envelope = envelope("EnableMFADevice");
    envelope["detail"]["userIdentity"]["accessKeyId"] = json!("AKIAEXAMPLE");
    about(&event_of(&envelope), &compliant(), &settings()).swap_remove(0)
}

pub(crate) fn by_someone_else() -> Notice {
    let mut envelope = envelope("EnableMFADevice");
    envelope["detail"]["userIdentity"] = json!({
        "type": "AssumedRole", "accountId": "123456789012",
        "arn": "arn:aws:sts::123456789012:assumed-role/Helpdesk/olivia@example.com"
    });
    about(&event_of(&envelope), &compliant(), &settings()).swap_remove(0)
}

pub(crate) fn root(event_name: &str) -> Notice {
    notices(&decide(&root_event(event_name), &overdue(), &settings(), now())).swap_remove(0)
}

/// Contained, and enrolled by the event.
fn enrolled_now() -> UserFacts {
    let enabled = event("EnableMFADevice").source.time;
    let device = MfaDevice { serial: Serial::listed(KEY_SERIAL), enabled };
    UserFacts { devices: vec![device], ..contained(overdue()) }
}

pub(crate) fn swept(user: &UserFacts) -> Notice {
    first("Sweep", user)
}

/// A user who was welcomed, with this many hours left until the deadline.
pub(crate) fn deadline_in(hours: i64) -> UserFacts {
    let created = now() + SignedDuration::from_hours(hours - 7 * 24);
    let welcomed = with_tag(in_grace(), UserTag::Notified.key(), &format!("welcome {created} event=earlier"));
    UserFacts { login_profile_created: Some(created), ..welcomed }
}

pub(crate) fn root_without_mfa() -> Notice {
    let ledger = RootLedger::Told(Vec::new());
    notices(&sweep_root(&request(), RootMfa::Missing, &ledger, &settings())).swap_remove(0)
}

pub(crate) fn thanked() -> Notice {
    let asked = decided("ConsoleLogin", &in_grace());
    first("EnableMFADevice", &with_device(after(&in_grace(), &asked.steps), PHONE_SERIAL))
}

/// The notice about the same event, with another message.
pub(crate) fn saying(notice: &Notice, message: UserMessage) -> Notice {
    let Notice::User(notice) = notice else { panic!("an alert") };
    Notice::User(UserNotice { message, ..notice.clone() })
}

/// The notice of a user whose deadline is less than a day after the first notice.
pub(crate) fn in_haste(notice: &Notice) -> Notice {
    let Notice::User(notice) = notice else { panic!("an alert") };
    let sweep_waits_until = Some(now() + SignedDuration::from_hours(24));
    let background = Background { sweep_waits_until, ..notice.background.clone() };
    Notice::User(UserNotice { background, ..notice.clone() })
}

/// An alert about the same event and person.
pub(crate) fn alerting(notice: &Notice, alert: UserAlert) -> Notice {
    let Notice::User(notice) = notice else { panic!("an alert") };
    let subject = AlertSubject::User(notice.person.clone(), alert);
    Notice::Alert(Alert { subject, also: Vec::new(), background: notice.background.clone() })
}

pub(crate) fn held(names: &[&str], limited_hourly: bool) -> Notice {
    let users = names.iter().map(|name| (*name).to_owned()).collect();
    let subject = AlertSubject::Account(AccountAlert::QuarantinesHeld { users, limited_hourly });
    Notice::Alert(Alert { subject, also: Vec::new(), background: background(&root_without_mfa()).clone() })
}

pub(crate) fn no_trail() -> Notice {
    let ledger = RootLedger::Told(Vec::new());
    notices(&decide::no_trail(&request(), &Trails::Nowhere, &ledger, &settings())).swap_remove(0)
}

pub(crate) fn no_digest() -> Notice {
    let error = "iam:GetAccountAuthorizationDetails failed: access denied (AccessDenied)".to_owned();
    let subject = AlertSubject::Account(AccountAlert::NoDigest { error });
    Notice::Alert(Alert { subject, also: Vec::new(), background: background(&root_without_mfa()).clone() })
}

/// Scope `everything`, whose quarantine falls back to that of the console.
fn everything() -> Settings {
    let console = "arn:aws:iam::123456789012:policy/mfa-enforcer-narrow-console";
    settings_with(&[
        ("QUARANTINE_SCOPE", "everything"),
        ("QUARANTINE_POLICY_ARN", &format!("{POLICY},{console}")),
        ("CONSOLE_POLICY_ARN", console),
    ])
}

/// Messages that only special cases lead to.
pub(crate) fn rare_notices() -> Vec<(&'static str, Notice)> {
    let everything = everything();
    let deadline = now() + SignedDuration::from_hours(1);
    let by_mfa = first("EnableMFADevice", &enrolled_now());
    let by_hand = UserFacts {
        attached_policies: vec![POLICY.to_owned()],
        attached_by: AttachedBy::SomebodyElse,
        ..overdue()
    };
    let sign_in = first("ConsoleLogin", &overdue());
    let by_password = first("DeleteLoginProfile", &contained(without_password()));
    let welcome = first("CreateLoginProfile", &in_grace());
    vec![
        ("released in part", by_mfa.clone()),
        ("released in part, access keys too", first_with("EnableMFADevice", &enrolled_now(), &everything)),
        ("quarantined by hand", first("ConsoleLogin", &by_hand)),
        ("welcome with a short grace", in_haste(&saying(&welcome, UserMessage::Welcome { deadline }))),
        (
            "final notice to someone overdue",
            in_haste(&saying(&swept(&overdue()), UserMessage::Deadline { deadline, last: true })),
        ),
        ("no room for a quarantine", alerting(&sign_in, UserAlert::NoRoom { cause: Cause::SignIn })),
        ("held by hand", alerting(&by_mfa, UserAlert::HeldByHand)),
        ("access keys would work again", alerting(&by_password, UserAlert::KeysWouldRevive)),
        ("smaller quarantine failed", alerting(&by_mfa, UserAlert::FallbackFailed)),
        ("break-glass user signed in", alerting(&sign_in, UserAlert::BreakGlassSignIn)),
        ("exemption ends soon", swept(&with_tag(overdue(), tags::EXEMPT_UNTIL_KEY, "2026-11-30 TICKET-7"))),
        ("quarantines held", held(&["alice", "bob", "carol"], false)),
        ("quarantines held with hourly limits", held(&["alice", "bob"], true)),
        ("hour used up in the account", used_up(LimitOf::Account)),
        ("hour used up in the organization", used_up(LimitOf::Organization)),
        ("no trail", no_trail()),
        ("no digest", no_digest()),
    ]
}

/// The alert about a sample, given what IAM says about root.
pub(crate) fn about_root(name: &str, function: Function, summary: Option<AccountSummary>) -> Notice {
    let Reading::Event(event) = read(&sample(name), function, &deployment()).unwrap() else {
        panic!("ignored: {name}")
    };
    let Ask::Root(question) = ask(&event) else { panic!("not about root: {name}") };
    notices(&question.answer(&RootLedger::Told(Vec::new()), summary, &settings())).swap_remove(0)
}

/// Messages about agents, vendors, administrators of the organization, and other partitions.
pub(crate) fn modern_notices() -> Vec<(&'static str, Notice)> {
    let gone = AccountSummary { root_mfa: false, root_password: Some(false), ..ROOT };
    let enrolled = |name: &str| {
        let Reading::Event(event) = read(&sample(name), Function::MfaDevice, &deployment()).unwrap() else {
            panic!("ignored: {name}")
        };
        about(&event, &user("bob"), &settings()).swap_remove(0)
    };
    let by_organization = "DeactivateMFADevice/root-by-assume-root";
    let root_password = |name, summary| about_root(name, Function::UserLifecycle, summary);
    vec![
        ("enrolled by an agent", enrolled("EnableMFADevice/bob-through-an-agent")),
        ("enrolled by a vendor", enrolled("EnableMFADevice/bob-by-a-vendor")),
        ("root without credentials lost MFA", about_root(by_organization, Function::MfaDevice, Some(gone))),
        ("root of unknown credentials lost MFA", about_root(by_organization, Function::MfaDevice, None)),
        ("root lost its last credentials", root_password("DeleteLoginProfile/root", Some(gone))),
        ("root may recover a password", root_password("CreateLoginProfile/root", None)),
        (
            "root has MFA of an agent",
            about_root("EnableMFADevice/root-through-an-agent", Function::MfaDevice, None),
        ),
    ]
}

/// Messages about what others do to a user's quarantine.
pub(crate) fn notices_of_the_guard() -> Vec<(&'static str, Notice)> {
    let person = Person { name: "alice".to_owned(), id: "AIDAEXAMPLEALICE".to_owned() };
    let telling = |event_name: &str, alert: UserAlert, also: Vec<UserAlert>| {
        let background = Background {
            occasion: occasion(event_name),
            findings: Vec::new(),
            ..background(&first("ConsoleLogin", &overdue())).clone()
        };
        let subject = AlertSubject::User(person.clone(), alert);
        Notice::Alert(Alert { subject, also, background })
    };
    let of = |event_name: &str, alert: UserAlert| telling(event_name, alert, Vec::new());
    let undone = UserAlert::QuarantineUndone { put_back: true };
    let (gone, lost) =
        (UserAlert::KeepsBeingUndone { contained: false }, UserAlert::KeepsBeingUndone { contained: true });
    let blocked = |blocked| of("PutUserPermissionsBoundary", UserAlert::EnrolmentBlocked(blocked));
    vec![
        ("quarantine undone", of("DetachUserPolicy", undone.clone())),
        ("quarantine undone, record too", telling("UntagUser", undone, vec![UserAlert::RecordRestored])),
        (
            "quarantine undone in mode notify",
            of("RemoveUserFromGroup", UserAlert::QuarantineUndone { put_back: false }),
        ),
        ("quarantine keeps being undone", of("DetachUserPolicy", gone)),
        ("record keeps being removed", of("UntagUser", lost)),
        ("record restored", of("TagUser", UserAlert::RecordRestored)),
        ("count forged", of("TagUser", UserAlert::CountForged)),
        ("boundary forbids enrolment", blocked(Blocked::Surely)),
        ("boundary unclear", blocked(Blocked::Perhaps)),
        ("boundary unreadable", blocked(Blocked::Unread)),
    ]
}

/// Messages about the quarantine itself.
pub(crate) fn quarantine_notices() -> Vec<(&'static str, Notice)> {
    let about = |name: &str, alert: QuarantineAlert| {
        let Reading::Event(event) = read(&sample(name), Function::Guard, &deployment()).unwrap() else {
            panic!("ignored: {name}")
        };
        let subject = AlertSubject::Account(AccountAlert::Quarantine(alert));
        let occasion = Occasion::Event(event);
        let background = Background { occasion, ..background(&root_without_mfa()).clone() };
        Notice::Alert(Alert { subject, also: Vec::new(), background })
    };
    let (policy, group) = (POLICY.to_owned(), GROUP.to_owned());
    let lost = |policy: &str, how, rest| QuarantineAlert::PolicyLost {
        policy: policy.to_owned(),
        document: "console",
        how,
        rest,
    };
    let edited = "CreatePolicyVersion/console-by-an-admin";
    let deleted = "DeletePolicy/console-by-an-admin";
    let spare = format!("{}-spare", POLICY.replace(":policy/", ":policy/security/"));
    let renamed = Some("no-quarantine".to_owned());
    vec![
        ("policy restored", about(edited, QuarantineAlert::PolicyRestored { policy })),
        ("policy changed", about(edited, lost(POLICY, Lost::Changed, Rest::Spare))),
        (
            "policy not put back",
            about(edited, lost(POLICY, Lost::NotPutBack("v2".to_owned()), Rest::Nothing)),
        ),
        ("policy gone", about(deleted, lost(&spare, Lost::Gone, Rest::Policy))),
        (
            "group restored",
            about(
                "DetachGroupPolicy/console-by-an-admin",
                QuarantineAlert::GroupRestored { group: group.clone() },
            ),
        ),
        (
            "group without policy",
            about(
                "DetachGroupPolicy/console-by-an-admin",
                QuarantineAlert::GroupLost { group: group.clone() },
            ),
        ),
        (
            "group gone",
            about(
                "DeleteGroup/console-by-an-admin",
                QuarantineAlert::GroupGone { group: group.clone(), renamed: None },
            ),
        ),
        (
            "group renamed",
            about("UpdateGroup/console-renamed-by-an-admin", QuarantineAlert::GroupGone { group, renamed }),
        ),
    ]
}

/// Alerts about exemptions.
pub(crate) fn exemption_notices() -> Vec<(&'static str, Notice)> {
    let change = |what: Value| call("UpdateUser", Who::Session, 300, &what);
    let told = |call: &Value, user: &UserFacts| notices(&planned(call, user)).swap_remove(0);
    let at = |path: &str| UserFacts { path: path.to_owned(), ..overdue() };
    let robot = UserFacts { name: UserName::new("robot").unwrap(), ..overdue() };
    let until = |value: &str| with_tag(overdue(), tags::EXEMPT_UNTIL_KEY, value);
    let tagged = |value: &str| told(&tagging(Who::Carol, 300, tags::EXEMPT_UNTIL_KEY, value), &until(value));
    let untagging = call("UntagUser", Who::Carol, 300, &json!({"tagKeys": ["mfa-enforcer:exempt-until"]}));
    vec![
        ("exempt by the tag", tagged(VALUE)),
        ("exempt without a reason", tagged("2026-12-31")),
        ("exempt and released", told(&exempting(Who::Carol, 300), &contained(exempt()))),
        ("exempt by the name", told(&change(json!({"newUserName": "robot"})), &robot)),
        ("exempt by the path", told(&change(json!({"newPath": "/robots/"})), &at("/robots/"))),
        (
            "break-glass user by a move",
            told(&change(json!({"newPath": "/break-glass/"})), &at("/break-glass/")),
        ),
        ("exempted by themselves", told(&exempting(Who::Alice, 300), &exempt())),
        ("exemption removed", told(&untagging, &overdue())),
        ("exemption in the past", tagged("2026-11-23 TICKET-7")),
        ("exemption unreadable", tagged("31.12.2026")),
    ]
}

pub(crate) fn every_notice() -> Vec<(&'static str, Notice)> {
    let rest = [
        approval_notices(),
        notices_of_the_guard(),
        quarantine_notices(),
        exemption_notices(),
        notices_about_the_enforcer(),
    ]
    .concat();
    [usual_notices(), rare_notices(), modern_notices(), rest].concat()
}

pub(crate) fn usual_notices() -> Vec<(&'static str, Notice)> {
    let everything = settings_with(&[("QUARANTINE_SCOPE", "everything")]);
    let notify = settings_with(&[("MODE", "notify")]);
    let at_once = settings_with(&[("RELEASE_AFTER", "0s")]);
    let overdue_sign_in = about(&event("ConsoleLogin"), &overdue(), &settings());
    vec![
        ("welcome", first("CreateLoginProfile", &in_grace())),
        ("sign-in reminder", first("ConsoleLogin", &in_grace())),
        ("quarantined after a sign-in", overdue_sign_in[0].clone()),
        ("quarantined after a password", first("CreateLoginProfile", &overdue())),
        ("quarantined after a removal", first("DeactivateMFADevice", &in_grace())),
        ("quarantined, access keys too", first_with("ConsoleLogin", &overdue(), &everything)),
        ("quarantine reminder", first("ConsoleLogin", &contained(overdue()))),
        ("warned in mode notify", first_with("ConsoleLogin", &overdue(), &notify)),
        ("warned of a removal in mode notify", first_with("DeactivateMFADevice", &in_grace(), &notify)),
        ("warned of a password in mode notify", first_with("CreateLoginProfile", &overdue(), &notify)),
        ("released by MFA", first_with("EnableMFADevice", &enrolled_now(), &at_once)),
        ("released by removal of the password", first("DeleteLoginProfile", &contained(without_password()))),
        ("released by exemption", swept(&exempted_lately(contained(exempt())))),
        ("thanked", thanked()),
        ("enrolled by an access key", by_access_key()),
        ("enrolled by someone else", by_someone_else()),
        ("containment failed", overdue_sign_in[1].clone()),
        ("reminder before the deadline", swept(&deadline_in(71))),
        ("final notice", swept(&deadline_in(20))),
        ("quarantined by a sweep", swept(&warned())),
        ("quarantine reminder by a sweep", swept(&contained(overdue()))),
        ("warned by a sweep in mode notify", first_with("Sweep", &overdue(), &notify)),
        ("root has no MFA", root_without_mfa()),
        ("root signed in", root("ConsoleLogin")),
        ("root lost MFA", root("DeactivateMFADevice")),
        ("root has MFA", root("EnableMFADevice")),
        ("root got a password", root("CreateLoginProfile")),
        ("root lost the password", root("DeleteLoginProfile")),
    ]
}

pub(crate) fn texts(rendered: &Rendered) -> Value {
    serde_json::from_str(&rendered.message).unwrap()
}
