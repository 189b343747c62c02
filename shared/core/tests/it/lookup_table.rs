//! What a decision looks up besides the user. Each look-up is a slow call, so the table should stay short.

use mfa_enforcer_core::decide::{Ask, Lookup, ask, lookups};
use mfa_enforcer_core::event::Occasion;
use mfa_enforcer_core::facts::{AccessKeys, AttachedBy, UserFacts};
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::tags::{APPROVED_KEY, UserTag};
use mfa_enforcer_testing::fixtures::{
    POLICY, STRICT, approval_settings, compliant, contained, now, occasion, occasions, overdue, settings,
    settings_with, users, with_tag, without_password,
};
use std::fmt::Write;

const WIDER: &str = "arn:aws:iam::123456789012:policy/mfa-enforcer-quarantine-everything";

/// The user without a trace of who contained them.
fn unrecorded(mut user: UserFacts) -> UserFacts {
    user.tags.remove(UserTag::Quarantined.key());
    user.tags.remove(UserTag::Notified.key());
    user
}

/// The user, under this policy as well.
fn under(mut user: UserFacts, policy: &str) -> UserFacts {
    user.attached_policies.push(policy.to_owned());
    user
}

/// The users of the decision table, and those about whom something is unknown.
fn people() -> Vec<(String, UserFacts)> {
    let mut people: Vec<(String, UserFacts)> = Vec::new();
    for (label, user) in users() {
        people.push((label.to_owned(), user.clone()));
        if label.ends_with("contained") {
            people.push((format!("{label}, not recorded"), unrecorded(user.clone())));
            let answered = UserFacts { attached_by: AttachedBy::NotFound, ..unrecorded(user) };
            people.push((format!("{label}, not in the history"), answered));
        }
    }
    let keys = UserFacts { keys: AccessKeys::NoneActive, ..contained(without_password()) };
    let approved = with_tag(under(contained(compliant()), STRICT), APPROVED_KEY, "yes");
    let mut by_the_wider = under(contained(overdue()), WIDER);
    by_the_wider.attached_policies.retain(|policy| policy == WIDER);
    people.extend([
        ("no password, contained, no active keys".to_owned(), keys),
        ("overdue, contained twice".to_owned(), under(contained(overdue()), WIDER)),
        ("overdue, contained twice, not recorded".to_owned(), under(unrecorded(contained(overdue())), WIDER)),
        ("overdue, contained by the wider policy alone".to_owned(), by_the_wider),
        ("compliant, under the strict policy, approved".to_owned(), approved),
    ]);
    people
}

fn looked_up(occasion: &Occasion, user: &UserFacts, settings: &Settings) -> Vec<Lookup> {
    match occasion {
        Occasion::Sweep(_) => lookups(user, true, settings, now()),
        Occasion::Event(event) => match ask(event) {
            Ask::User(question) => question.lookups(user, settings, now()),
            Ask::Settled(_) | Ask::Root(_) | Ask::Quarantine(_) | Ask::Enforcer(_) => Vec::new(),
        },
    }
}

/// What is looked up about this user, and at which occasions.
fn rows(label: &str, user: &UserFacts, settings: &Settings) -> String {
    let mut rows: Vec<(Vec<Lookup>, Vec<&str>)> = Vec::new();
    for name in occasions() {
        let lookups = looked_up(&occasion(name), user, settings);
        match rows.iter_mut().find(|(known, _)| *known == lookups) {
            Some((_, names)) => names.push(name),
            None => rows.push((lookups, vec![name])),
        }
    }
    rows.retain(|(lookups, _)| !lookups.is_empty());
    let row = |(lookups, names): (Vec<Lookup>, Vec<&str>)| format!("    {lookups:?} at {}", names.join(", "));
    let rows: Vec<String> = rows.into_iter().map(row).collect();
    format!("  {label}\n{}\n", if rows.is_empty() { "    nothing".to_owned() } else { rows.join("\n") })
}

#[test]
fn lookups_match_snapshot() {
    let everything = settings_with(&[("QUARANTINE_SCOPE", "everything")]);
    let two = settings_with(&[("QUARANTINE_POLICY_ARN", &format!("{POLICY},{WIDER}"))]);
    let usual: Vec<String> = people().iter().map(|(label, user)| rows(label, user, &settings())).collect();
    let mut table = format!("scope console\n{}", usual.concat());
    for (name, settings) in [
        ("scope console, after another scope", two),
        ("scope everything", everything),
        ("release by approval", approval_settings(&[])),
    ] {
        let here = people().into_iter().map(|(label, user)| rows(&label, &user, &settings));
        let other = here.zip(&usual).filter(|(here, usual)| here != *usual);
        write!(table, "{name}, where it differs\n{}", other.map(|(here, _)| here).collect::<String>())
            .unwrap();
    }
    insta::assert_snapshot!(table);
}

/// A sweep takes away what is wider than it should be, from those who still have to enrol. Others are released from all.
#[test]
fn owner_of_a_wider_quarantine_is_looked_up() {
    let settings = settings_with(&[("QUARANTINE_POLICY_ARN", &format!("{POLICY},{WIDER}"))]);
    let asked = |user: UserFacts, may_contain: bool| {
        lookups(&under(contained(user), WIDER), may_contain, &settings, now()).contains(&Lookup::AttachedBy)
    };
    assert!(asked(overdue(), true));
    assert!(!asked(overdue(), false));
    assert!(!asked(compliant(), true));
}
