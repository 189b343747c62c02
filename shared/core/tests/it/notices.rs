//! How every notice reads, in full, and that its JSON form fits the schema.

use crate::approval_notices::approval_notices;
use crate::exemption_fixtures::{VALUE, Who, call, exempting, planned, tagging};
use jiff::SignedDuration;
use jsonschema::Validator;
use mfa_enforcer_core::decide::{self, Ask, ask, sweep_root};
use mfa_enforcer_core::event::{
    Event, Function, OWN_CALLS, Occasion, Part, Reading, Touched, UserName, Weight, read,
};
use mfa_enforcer_core::facts::{RootLedger, UserFacts, UserTags};
use mfa_enforcer_core::notice::{
    AccountAlert, Alert, AlertSubject, Background, Blocked, Delivery, Lost, Notice, Person, QuarantineAlert,
    Reach, ReleasedBy, Rendered, Rest, UserAlert, UserMessage, UserNotice,
};
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::posture::Finding;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::snapshot::{AccountSummary, RootMfa};
use mfa_enforcer_core::tags::{self, Cause, UserTag};
use mfa_enforcer_core::trail::Trails;
use mfa_enforcer_testing::fixtures::{
    ALERTS, ALERTS_KEY, GROUP, PHONE_SERIAL, POLICY, ROOT, STACK, compliant, contained, decide, decide_on,
    decided, deployment, envelope, event, event_of, exempt, exempted_lately, in_grace, now, occasion,
    overdue, request, root_event, sample, settings, settings_with, user, with_device, with_tag,
    without_password,
};
use mfa_enforcer_testing::plans::{after, background, for_admins, for_user};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use strum::IntoEnumIterator;

pub(crate) fn notices(plan: &Plan) -> Vec<Notice> {
    let notice =
        |step: &Step| if let Step::Notify(notice) = step { Some(notice.as_ref().clone()) } else { None };
    plan.steps.iter().chain(&plan.if_refused).filter_map(notice).collect()
}

fn about(event: &Event, user: &UserFacts, settings: &Settings) -> Vec<Notice> {
    notices(&decide(event, user, settings, now()))
}

fn first(name: &str, user: &UserFacts) -> Notice {
    first_with(name, user, &settings())
}

pub(crate) fn first_with(name: &str, user: &UserFacts, settings: &Settings) -> Notice {
    notices(&decide_on(&occasion(name), user, settings, now())).swap_remove(0)
}

fn by_access_key() -> Notice {
    let mut envelope = envelope("EnableMFADevice");
    envelope["detail"]["userIdentity"]["accessKeyId"] = json!("AKIAEXAMPLE");
    about(&event_of(&envelope), &compliant(), &settings()).swap_remove(0)
}

fn by_someone_else() -> Notice {
    let mut envelope = envelope("EnableMFADevice");
    envelope["detail"]["userIdentity"] = json!({
        "type": "AssumedRole", "accountId": "123456789012",
        "arn": "arn:aws:sts::123456789012:assumed-role/Helpdesk/olivia@example.com"
    });
    about(&event_of(&envelope), &compliant(), &settings()).swap_remove(0)
}

fn root(event_name: &str) -> Notice {
    notices(&decide(&root_event(event_name), &overdue(), &settings(), now())).swap_remove(0)
}

fn swept(user: &UserFacts) -> Notice {
    first("Sweep", user)
}

/// A user who was welcomed, with this many hours left until the deadline.
fn deadline_in(hours: i64) -> UserFacts {
    let created = now() + SignedDuration::from_hours(hours - 7 * 24);
    let welcomed = with_tag(in_grace(), UserTag::Notified.key(), &format!("welcome {created} event=earlier"));
    UserFacts { login_profile_created: Some(created), ..welcomed }
}

fn root_without_mfa() -> Notice {
    let ledger = RootLedger::Told(Vec::new());
    notices(&sweep_root(&request(), RootMfa::Missing, &ledger, &settings())).swap_remove(0)
}

fn thanked() -> Notice {
    let asked = decided("ConsoleLogin", &in_grace());
    first("EnableMFADevice", &with_device(after(&in_grace(), &asked.steps), PHONE_SERIAL))
}

/// The notice about the same event, with another message.
fn saying(notice: &Notice, message: UserMessage) -> Notice {
    let Notice::User(notice) = notice else { panic!("an alert") };
    Notice::User(UserNotice { message, ..notice.clone() })
}

/// The notice of a user whose deadline is less than a day after the first notice.
fn in_haste(notice: &Notice) -> Notice {
    let Notice::User(notice) = notice else { panic!("an alert") };
    let sweep_waits_until = Some(now() + SignedDuration::from_hours(24));
    let background = Background { sweep_waits_until, ..notice.background.clone() };
    Notice::User(UserNotice { background, ..notice.clone() })
}

/// An alert about the same event and person.
fn alerting(notice: &Notice, alert: UserAlert) -> Notice {
    let Notice::User(notice) = notice else { panic!("an alert") };
    let subject = AlertSubject::User(notice.person.clone(), alert);
    Notice::Alert(Alert { subject, also: Vec::new(), background: notice.background.clone() })
}

fn held(names: &[&str]) -> Notice {
    let users = names.iter().map(|name| (*name).to_owned()).collect();
    let subject = AlertSubject::Account(AccountAlert::QuarantinesHeld { users });
    Notice::Alert(Alert { subject, also: Vec::new(), background: background(&root_without_mfa()).clone() })
}

fn no_trail() -> Notice {
    let ledger = RootLedger::Told(Vec::new());
    notices(&decide::no_trail(&request(), &Trails::Nowhere, &ledger, &settings())).swap_remove(0)
}

fn no_digest() -> Notice {
    let error = "iam:GetAccountAuthorizationDetails failed: access denied (AccessDenied)".to_owned();
    let subject = AlertSubject::Account(AccountAlert::NoDigest { error });
    Notice::Alert(Alert { subject, also: Vec::new(), background: background(&root_without_mfa()).clone() })
}

/// Messages that only special cases lead to.
fn rare_notices() -> Vec<(&'static str, Notice)> {
    let everything = settings_with(&[("QUARANTINE_SCOPE", "everything")]);
    let deadline = now() + SignedDuration::from_hours(1);
    let rest_until = Some(now() + SignedDuration::from_hours(12));
    let enrolled = UserMessage::Released { by: ReleasedBy::Mfa, was_contained: true, rest_until };
    let by_mfa = first("EnableMFADevice", &contained(compliant()));
    let by_mfa_of_everything = first_with("EnableMFADevice", &contained(compliant()), &everything);
    let sign_in = first("ConsoleLogin", &overdue());
    let by_password = first("DeleteLoginProfile", &contained(without_password()));
    let welcome = first("CreateLoginProfile", &in_grace());
    vec![
        ("released in part", saying(&by_mfa, enrolled)),
        ("released in part, access keys too", saying(&by_mfa_of_everything, enrolled)),
        ("quarantined by hand", saying(&sign_in, UserMessage::QuarantinedByHand)),
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
        ("quarantines held", held(&["alice", "bob", "carol"])),
        ("no trail", no_trail()),
        ("no digest", no_digest()),
    ]
}

/// The alert about a sample, given what IAM says about root.
fn about_root(name: &str, function: Function, summary: Option<AccountSummary>) -> Notice {
    let Reading::Event(event) = read(&sample(name), function, &deployment()).unwrap() else {
        panic!("ignored: {name}")
    };
    let Ask::Root(question) = ask(&event) else { panic!("not about root: {name}") };
    notices(&question.answer(&RootLedger::Told(Vec::new()), summary, &settings())).swap_remove(0)
}

/// Messages about agents, vendors, administrators of the organization, and other partitions.
fn modern_notices() -> Vec<(&'static str, Notice)> {
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
fn notices_of_the_guard() -> Vec<(&'static str, Notice)> {
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
fn quarantine_notices() -> Vec<(&'static str, Notice)> {
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
fn exemption_notices() -> Vec<(&'static str, Notice)> {
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

fn every_notice() -> Vec<(&'static str, Notice)> {
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

/// One message for each part of the enforcer, and one of each kind.
fn notices_about_the_enforcer() -> Vec<(&'static str, Notice)> {
    let of = |part: Part, weight: Weight| {
        let call = OWN_CALLS.iter().find(|call| call.part == part && call.weight == weight).unwrap();
        let mut envelope = envelope("EnforcerTouched");
        let field = call.named_in.first().copied().unwrap_or("uUID");
        let name = match part {
            Part::Topic => ALERTS,
            Part::Key => ALERTS_KEY,
            Part::Policy => "arn:aws:iam::123456789012:policy/mfa-enforcer-one-of-ours",
            Part::Stack => STACK,
            _ => "mfa-enforcer-one-of-ours",
        };
        envelope["detail"]["eventSource"] = json!(format!("{}.amazonaws.com", call.service));
        envelope["detail"]["eventName"] = json!(call.name);
        envelope["detail"]["requestParameters"] = json!({field: name});
        about(&event_of(&envelope), &overdue(), &settings()).swap_remove(0)
    };
    let critical = Part::iter().map(|part| {
        let title: &str = part.into();
        (title, of(part, Weight::Critical))
    });
    critical.chain([("deployment", of(Part::Stack, Weight::Deployment))]).collect()
}

fn usual_notices() -> Vec<(&'static str, Notice)> {
    let everything = settings_with(&[("QUARANTINE_SCOPE", "everything")]);
    let notify = settings_with(&[("MODE", "notify")]);
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
        ("released by MFA", first("EnableMFADevice", &contained(compliant()))),
        ("released by removal of the password", first("DeleteLoginProfile", &contained(without_password()))),
        ("released by exemption", swept(&exempted_lately(contained(exempt())))),
        ("thanked", thanked()),
        ("enrolled by an access key", by_access_key()),
        ("enrolled by someone else", by_someone_else()),
        ("containment failed", overdue_sign_in[1].clone()),
        ("reminder before the deadline", swept(&deadline_in(71))),
        ("final notice", swept(&deadline_in(20))),
        ("quarantined by a sweep", swept(&overdue())),
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

fn texts(rendered: &Rendered) -> Value {
    serde_json::from_str(&rendered.message).unwrap()
}

fn name(kind: &str, audience: &str) -> String {
    format!("{audience} {kind}").replace([' ', ','], "_")
}

#[test]
fn user_texts_match_snapshots() {
    for (kind, notice) in every_notice() {
        let Some(rendered) = for_user(&notice) else { continue };
        let message = texts(&rendered);
        let shown = format!(
            "Subject: {}\n\n{}\n--- text message ---\n{}",
            rendered.subject,
            message["email"].as_str().unwrap(),
            message["sms"].as_str().unwrap()
        );
        insta::assert_snapshot!(name(kind, "user"), shown);
    }
}

#[test]
fn admin_texts_match_snapshots() {
    for (kind, notice) in every_notice() {
        let Some(rendered) = for_admins(&notice, Reach::Tried(Delivery::Sent)) else { continue };
        let shown =
            format!("Subject: {}\n\n{}", rendered.subject, texts(&rendered)["email"].as_str().unwrap());
        insta::assert_snapshot!(name(kind, "admins"), shown);
    }
}

#[test]
fn important_copies_are_those_that_limit_restore_or_miss() {
    let settings = settings_with(&[("ADMIN_COPIES", "important")]);
    let copied = |name: &str, user: &UserFacts, reach: Reach| {
        let notice = first_with(name, user, &settings);
        assert!(for_admins(&first(name, user), reach).is_some(), "with `all`, there is a copy of {name}");
        for_admins(&notice, reach).is_some()
    };
    let (told, by_text) = (Reach::Tried(Delivery::Sent), Reach::HandedOver { mail: None });
    let important = [
        ("ConsoleLogin", overdue()),
        ("CreateLoginProfile", overdue()),
        ("DeactivateMFADevice", in_grace()),
        ("EnableMFADevice", contained(compliant())),
        ("DeleteLoginProfile", contained(without_password())),
    ];
    for (name, user) in important {
        assert!(copied(name, &user, told), "{name}");
    }
    let routine = [
        ("CreateLoginProfile", in_grace()),
        ("ConsoleLogin", in_grace()),
        ("ConsoleLogin", contained(overdue())),
    ];
    for (name, user) in routine {
        assert!(!copied(name, &user, told) && !copied(name, &user, by_text), "{name}");
        for missed in [Delivery::Refused, Delivery::Failed, Delivery::Unconfirmed].map(Reach::Tried) {
            assert!(copied(name, &user, missed), "{name}, {missed:?}");
        }
        assert!(copied(name, &user, Reach::NobodyToTell), "{name}");
        assert!(copied(name, &user, Reach::HandedOver { mail: Some(Delivery::Unconfirmed) }), "{name}");
    }
    assert!(for_admins(&by_access_key(), told).is_some(), "an alert is no copy");
}

#[test]
fn second_line_says_whether_user_was_told() {
    let notice = first("ConsoleLogin", &overdue());
    let reaches = [
        Reach::NobodyToTell,
        Reach::Tried(Delivery::Unconfirmed),
        Reach::Tried(Delivery::Failed),
        Reach::Tried(Delivery::Sent),
    ];
    let lines: Vec<String> = reaches
        .into_iter()
        .map(|reach| {
            let message = texts(&for_admins(&notice, reach).unwrap());
            message["email"].as_str().unwrap().lines().nth(1).unwrap().to_owned()
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn unreachable_welcome_goes_to_admins() {
    let user = UserFacts { tags: UserTags::default(), ..in_grace() };
    let notice = first("CreateLoginProfile", &user);
    let Notice::User(to_user) = &notice else { panic!("an alert") };
    let rendered = for_admins(&notice, Reach::of(&[])).unwrap();
    assert!(to_user.channels.is_empty());
    insta::assert_snapshot!(format!(
        "Subject: {}\n{:?}\n\n{}",
        rendered.subject,
        rendered.attributes,
        texts(&rendered)["email"].as_str().unwrap()
    ));
}

#[test]
fn first_two_lines_sum_up_admin_mail() {
    for (kind, notice) in every_notice() {
        let Some(rendered) = for_admins(&notice, Reach::Tried(Delivery::Sent)) else { continue };
        let message = texts(&rendered);
        let head: Vec<&str> = message["email"].as_str().unwrap().lines().take(2).collect();
        let head = head.join("\n");
        let (person, severity) = match &notice {
            Notice::User(notice) => (Some(&notice.person), notice.message.severity()),
            Notice::Alert(alert) => (alert.subject.person(), alert.subject.severity()),
        };
        let severity = severity.code().to_uppercase();
        let nobody = match &notice {
            Notice::Alert(Alert { subject: AlertSubject::Account(alert), .. }) => match alert {
                AccountAlert::QuarantinesHeld { .. } => "users are due",
                AccountAlert::EnforcerTouched { .. } => "the ",
                AccountAlert::NoTrail => "no trail",
                AccountAlert::Quarantine(_) => "the quarantine",
                AccountAlert::NoDigest { .. } => "the account",
            },
            Notice::Alert(_) | Notice::User(_) => "the root user",
        };
        let user = person.map_or(nobody, |person| person.name.as_str());
        let occasion = &background(&notice).occasion;
        let actor = occasion.actor();
        for part in [&severity, user, &actor, occasion.id().as_str(), occasion.name(), "Done: "] {
            assert!(head.contains(part), "{kind}: no `{part}` in {head}");
        }
    }
}

/// Whether the user has nothing to enrol.
fn asks_for_nothing(kind: &str) -> bool {
    kind.contains("released") || kind.starts_with("awaits") || kind == "thanked"
}

#[test]
fn mfa_requests_have_steps_and_links() {
    for (kind, notice) in every_notice() {
        let Some(rendered) = for_user(&notice) else { continue };
        let message = texts(&rendered);
        let text = message["email"].as_str().unwrap();
        if background(&notice).occasion.is_sweep() {
            assert!(
                text.contains("daily check of all users") && text.contains("24 November 2026, 09:00 UTC")
            );
        } else {
            let (from, when) = ("203.0.113.7, with Firefox on Linux", "24 November 2026, 09:01 UTC");
            assert!(text.contains(from) && text.contains(when));
        }
        if asks_for_nothing(kind) {
            assert!(!text.contains("Assign MFA device"), "{kind}");
            continue;
        }
        for part in [
            "https://123456789012.signin.aws.amazon.com/console",
            "https://console.aws.amazon.com/iam/home#/security_credentials",
            "Assign MFA device",
            "Passkey or security key",
            "Authenticator app",
            "Hardware TOTP token",
        ] {
            assert!(text.contains(part), "{kind}: no `{part}`");
        }
        let long: Vec<&str> = text.lines().filter(|line| line.len() > 78).collect();
        assert!(long.is_empty(), "{kind}: lines too long for a mail: {long:?}");
    }
}

/// The notice with a user and findings as long as they can be.
fn at_its_longest(notice: &Notice) -> Notice {
    let name = "n".repeat(64);
    let longest = |background: &Background| Background {
        findings: vec![Finding::UnusableEmail, Finding::UnusablePhone, Finding::LedgerUnreadable],
        ..background.clone()
    };
    let person = Person { name: name.clone(), id: "A".repeat(128) };
    match notice {
        Notice::User(notice) => {
            let background = longest(&notice.background);
            Notice::User(UserNotice { person, background, ..notice.clone() })
        }
        Notice::Alert(alert) => {
            let subject = match &alert.subject {
                AlertSubject::User(_, alert) => AlertSubject::User(person, alert.clone()),
                AlertSubject::Root(alert) => AlertSubject::Root(*alert),
                AlertSubject::Account(AccountAlert::QuarantinesHeld { .. }) => {
                    AlertSubject::Account(AccountAlert::QuarantinesHeld { users: vec![name; 5000] })
                }
                AlertSubject::Account(AccountAlert::EnforcerTouched { touched, .. }) => {
                    let touched = Touched { name: Some("n".repeat(128)), ..touched.clone() };
                    let elsewhere = Some("ap-southeast-1".to_owned());
                    AlertSubject::Account(AccountAlert::EnforcerTouched { touched, elsewhere })
                }
                AlertSubject::Account(AccountAlert::NoTrail) => AlertSubject::Account(AccountAlert::NoTrail),
                AlertSubject::Account(alert @ AccountAlert::Quarantine(_)) => {
                    AlertSubject::Account(alert.clone())
                }
                AlertSubject::Account(AccountAlert::NoDigest { .. }) => {
                    AlertSubject::Account(AccountAlert::NoDigest { error: "e".repeat(200) })
                }
            };
            Notice::Alert(Alert { subject, also: alert.also.clone(), background: longest(&alert.background) })
        }
    }
}

#[test]
fn every_chat_message_fits() {
    let mails = [Delivery::Refused, Delivery::Failed, Delivery::Unconfirmed];
    let mut reaches =
        vec![Reach::NobodyToTell, Reach::HandedOver { mail: None }, Reach::Tried(Delivery::Sent)];
    reaches.extend(mails.map(Reach::Tried));
    reaches.extend(mails.map(|mail| Reach::HandedOver { mail: Some(mail) }));
    let mut checked = 0;
    for (kind, notice) in every_notice() {
        for notice in [at_its_longest(&notice), notice] {
            let copies = reaches.iter().filter_map(|reach| for_admins(&notice, *reach));
            for rendered in copies.chain(for_user(&notice)) {
                let chat: Value = serde_json::from_str(texts(&rendered)["https"].as_str().unwrap()).unwrap();
                let content = &chat["content"];
                let length = |part: &Value| part.as_str().unwrap().chars().count();
                // Slack shows at most 3,000 characters of a text.
                assert!(length(&content["title"]) < 100 && length(&content["description"]) <= 3000, "{kind}");
                for step in content["nextSteps"].as_array().unwrap() {
                    assert!((1..=350).contains(&length(step)), "{kind}: {step}");
                }
                assert!(rendered.message.len() < 256 * 1024, "{kind}");
                checked += 1;
            }
        }
    }
    assert!(checked > 300, "{checked}");
}

#[test]
fn no_text_message_is_cut() {
    for (kind, notice) in every_notice() {
        let Some(rendered) = for_user(&at_its_longest(&notice)) else { continue };
        let whole = rendered.sms.ends_with('.') && !rendered.sms.contains("://");
        assert!(whole && rendered.sms.len() <= 160, "{kind}: {}", rendered.sms);
    }
}

#[test]
fn released_user_gets_no_steps_to_enrol() {
    let steps = |notice: &Notice| {
        let rendered = for_user(notice).unwrap();
        let chat: Value = serde_json::from_str(texts(&rendered)["https"].as_str().unwrap()).unwrap();
        chat["content"]["nextSteps"].clone()
    };
    for (kind, notice) in every_notice().iter().filter(|(_, notice)| for_user(notice).is_some()) {
        let expected = match asks_for_nothing(kind) {
            true if kind.contains("in part") => 1,
            true => 0,
            false => 3,
        };
        assert_eq!(steps(notice).as_array().unwrap().len(), expected, "{kind}");
    }
}

#[test]
fn notice_json_fits_its_schema() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/notice.schema.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    let schema: Validator = jsonschema::validator_for(&schema).unwrap();
    let mut checked = 0;
    for (kind, notice) in every_notice() {
        let reaches =
            [Reach::NobodyToTell, Reach::Tried(Delivery::Unconfirmed), Reach::Tried(Delivery::Refused)];
        let texts_of = reaches.into_iter().filter_map(|reach| for_admins(&notice, reach));
        for rendered in texts_of.chain(for_user(&notice)) {
            for protocol in ["sqs", "lambda", "http"] {
                let message: Value =
                    serde_json::from_str(texts(&rendered)[protocol].as_str().unwrap()).unwrap();
                let errors: Vec<String> =
                    schema.iter_errors(&message).map(|error| error.to_string()).collect();
                assert!(errors.is_empty(), "{kind}: {errors:?}");
                checked += 1;
            }
        }
    }
    assert!(checked > 60);
    assert!(!schema.is_valid(&json!({"schemaVersion": "1.0"})), "the schema requires no fields");
}

#[test]
fn notice_json_and_chat_match_snapshots() {
    let notice = first("ConsoleLogin", &overdue());
    let rendered = for_admins(&notice, Reach::Tried(Delivery::Sent)).unwrap();
    for protocol in ["sqs", "https"] {
        let message: Value = serde_json::from_str(texts(&rendered)[protocol].as_str().unwrap()).unwrap();
        insta::with_settings!({ sort_maps => true }, { insta::assert_json_snapshot!(protocol, message) });
    }
}

#[test]
fn link_in_user_agent_is_dropped() {
    let mut envelope = envelope("ConsoleLogin");
    envelope["detail"]["userAgent"] = json!("Your account is locked, see https://evil.example/login");
    envelope["detail"]["sourceIPAddress"] = json!("evil.example");
    let notice = about(&event_of(&envelope), &overdue(), &settings()).swap_remove(0);
    let for_admins = for_admins(&notice, Reach::NobodyToTell).unwrap();
    for rendered in [for_user(&notice).unwrap(), for_admins] {
        assert!(!rendered.message.contains("evil"));
    }
}
