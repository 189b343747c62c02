//! The quarantine in an account of an organization, found by its paths.

use crate::organization_hub_cases::books;
use mfa_enforcer_core::organization::{ListedPart, Parts};
use mfa_enforcer_core::settings::Scope;
use rstest::rstest;

pub(crate) const MEMBER: &str = "222233334444";

fn part(name: &str, path: &str, day: i8) -> ListedPart {
    let made = format!("2026-11-{day:02}T00:00:00Z").parse().unwrap();
    ListedPart { name: name.to_owned(), path: path.to_owned(), made }
}

fn policy(name: &str, path: &str, day: i8) -> ListedPart {
    part(&format!("arn:aws:iam::{MEMBER}:policy{path}{name}"), path, day)
}

/// The parts of a stack, with a name for each.
pub(crate) fn parts() -> Parts {
    let documents = ["console", "everything", "strict-console", "strict-everything"];
    let policies = documents.iter().map(|code| policy("new", &format!("/mfa-enforcer/{code}/"), 10));
    let spares = documents.iter().map(|code| policy("spare", &format!("/mfa-enforcer/spare/{code}/"), 10));
    let groups = documents.iter().map(|code| part(code, &format!("/mfa-enforcer/{code}/"), 10));
    Parts::of(policies.chain(spares).collect(), groups.collect())
}

pub(crate) fn arn(path: &str) -> String {
    format!("arn:aws:iam::{MEMBER}:policy/mfa-enforcer/{path}")
}

#[test]
fn quarantine_is_found_by_path() {
    let quarantine = parts().quarantine(Scope::Everything).unwrap();
    assert_eq!(quarantine.full.policy, arn("everything/new"));
    assert_eq!(quarantine.full.spare, Some(arn("spare/everything/spare")));
    assert_eq!(quarantine.full.group.as_deref(), Some("everything"));
    assert_eq!(quarantine.fallback.unwrap().policy, arn("console/new"));
    assert_eq!(quarantine.strict.unwrap().policy, arn("strict-everything/new"));
    assert_eq!(
        quarantine.former,
        [arn("spare/strict-console/spare"), arn("strict-console/new")].map(|arn| arn)
    );
    assert_eq!(quarantine.former_groups, ["strict-console"]);
    assert!(quarantine.stops_keys);
    let quarantine = parts().quarantine(Scope::Console).unwrap();
    assert!(quarantine.fallback.is_none() && !quarantine.stops_keys);
}

#[test]
fn newest_of_two_stacks_is_in_force() {
    let old = policy("old", "/mfa-enforcer/console/", 1);
    let new = policy("new", "/mfa-enforcer/console/", 10);
    let groups = || vec![part("new", "/mfa-enforcer/console/", 10), part("old", "/mfa-enforcer/console/", 1)];
    for policies in [vec![old.clone(), new.clone()], vec![new, old]] {
        let quarantine = Parts::of(policies, groups()).quarantine(Scope::Console).unwrap();
        assert_eq!(quarantine.full.policy, arn("console/new"));
        assert_eq!(quarantine.former, [arn("console/old")]);
        assert_eq!(
            (quarantine.full.group.as_deref(), quarantine.former_groups),
            (Some("new"), vec!["old".to_owned()])
        );
    }
}

#[rstest]
#[case::elsewhere("/console/")]
#[case::above("/mfa-enforcer/")]
#[case::unknown("/mfa-enforcer/consoles/")]
#[case::below("/mfa-enforcer/console/x/")]
#[case::other_case("/MFA-enforcer/console/")]
fn other_paths_are_no_parts(#[case] path: &str) {
    let parts = Parts::of(vec![policy("x", path, 1)], vec![part("x", path, 1)]);
    assert_eq!((parts.policies(), parts.groups()), (Vec::new(), Vec::new()));
    assert_eq!(parts.quarantine(Scope::Console), None);
}

/// In a single account its name is known, and so the look at it finds that it is gone. So it is here, under another name.
#[rstest]
#[case(Scope::Console, "console")]
#[case(Scope::Everything, "everything")]
fn spare_takes_the_place_of_a_policy_that_was_deleted(#[case] scope: Scope, #[case] code: &str) {
    let spare = policy("spare", &format!("/mfa-enforcer/spare/{code}/"), 10);
    let group = part("group", &format!("/mfa-enforcer/{code}/"), 10);
    let quarantine = Parts::of(vec![spare.clone()], vec![group]).quarantine(scope).unwrap();
    assert_eq!(quarantine.full.policy, arn(&format!("{code}/UNKNOWN-NAME")));
    assert_eq!(quarantine.full.spare.as_ref(), Some(&spare.name));
    assert_eq!(quarantine.full.group.as_deref(), Some("group"));
    assert!(quarantine.full.has_policy(&spare.name));
    // No role may attach it under that name, and an event does not look first.
    let quarantine = quarantine.with_spares();
    assert_eq!((quarantine.full.policy, quarantine.full.spare), (spare.name, None));
    let whole = parts().quarantine(scope).unwrap();
    assert_eq!(whole.clone().with_spares(), whole);
    assert_eq!(Parts::of(Vec::new(), Vec::new()).quarantine(scope), None);
}

#[test]
fn every_policy_and_group_is_known_the_newest_first() {
    let (old, new) = ("/mfa-enforcer/console/", "/mfa-enforcer/strict-console/");
    let parts = Parts::of(
        vec![policy("old", old, 1), policy("new", new, 10)],
        vec![part("old", old, 1), part("new", new, 10)],
    );
    assert_eq!(parts.policies(), [arn("strict-console/new"), arn("console/old")]);
    assert_eq!(parts.groups(), ["new", "old"]);
}

#[test]
fn spares_take_the_place_of_all_policies_that_were_deleted() {
    let spares = ["console", "everything", "strict-everything"]
        .map(|code| policy("spare", &format!("/mfa-enforcer/spare/{code}/"), 10));
    let quarantine = Parts::of(spares.to_vec(), Vec::new()).quarantine(Scope::Everything).unwrap();
    let quarantine = quarantine.with_spares();
    let restrictions = [quarantine.full, quarantine.fallback.unwrap(), quarantine.strict.unwrap()];
    let [full, fallback, strict] = restrictions.map(|restriction| (restriction.policy, restriction.spare));
    assert_eq!(full, (arn("spare/everything/spare"), None));
    assert_eq!(fallback, (arn("spare/console/spare"), None));
    assert_eq!(strict, (arn("spare/strict-everything/spare"), None));
}

#[test]
fn account_has_the_name_of_the_tree() {
    let books = books("defaults: {mode: observe}");
    assert_eq!(books.name_of(MEMBER).as_deref(), Some("production"));
    assert_eq!(books.name_of("000000000000"), None);
}
