//! What a digest lists, in which order, and what it leaves out.

use mfa_enforcer_core::digest::{DecidedBy, Decision, Digest, Reachable, SweepResult, UserStatus, render};
use mfa_enforcer_core::posture::Exemption;
use mfa_enforcer_core::rights::{Power, Rights};
use mfa_enforcer_testing::digests::{KEY, digest, exempt, in_grace, overdue, quiet, with_mfa};
use mfa_enforcer_testing::fixtures::days_ago;
use rstest::rstest;
use serde_json::Value;

fn texts(digest: &Digest) -> Value {
    serde_json::from_str(&render(digest, None).message).unwrap()
}

fn mail(digest: &Digest) -> String {
    texts(digest)["email"].as_str().unwrap().to_owned()
}

/// The names on this list of the message for programs.
fn listed(statuses: Vec<UserStatus>, list: &str) -> Vec<String> {
    let message: Value = serde_json::from_str(texts(&digest(statuses))["sqs"].as_str().unwrap()).unwrap();
    let users = message["lists"][list]["users"].as_array().unwrap();
    users.iter().map(|user| user["name"].as_str().unwrap().to_owned()).collect()
}

fn administrator(status: UserStatus) -> UserStatus {
    let rights = Rights { power: Power::Everything, is_partly_unread: false, has_boundary: false };
    UserStatus { rights: Some(rights), ..status }
}

#[test]
fn administrators_come_first_then_who_is_due() {
    let grace =
        vec![in_grace("bob", 3), administrator(in_grace("zoe", 5)), in_grace("yan", 1), in_grace("carol", 2)];
    assert_eq!(listed(grace, "inGrace"), ["zoe", "yan", "carol", "bob"]);
    let late = vec![overdue("bob", 3), administrator(overdue("zoe", 1)), overdue("carol", 9)];
    assert_eq!(listed(late, "overdue"), ["zoe", "carol", "bob"]);
}

#[test]
fn list_of_text_messages_is_of_those_who_have_to_set_up_mfa() {
    let by_text = |status| UserStatus { reachable: Reachable::ByText, ..status };
    let statuses = vec![
        by_text(in_grace("has-to", 1)),
        in_grace("has-an-address", 1),
        by_text(with_mfa("has-mfa", KEY)),
        by_text(exempt("exempt", Exemption::Name)),
    ];
    assert_eq!(listed(statuses, "textOnly"), ["has-to"]);
}

#[rstest]
#[case::of_this_account("AIDAEXAMPLEALICE", "alice")]
#[case::deleted_since("AIDAEXAMPLEGONE", "AIDAEXAMPLEGONE")]
#[case::session_of_a_role("AROAEXAMPLE:carol", "session carol")]
#[case::federated("123456789012:carol", "123456789012:carol")]
#[case::root("123456789012", "root")]
#[case::as_long_as_a_number("AIDAEXAMPLEX", "AIDAEXAMPLEX")]
#[case::shorter_number("12345678901", "12345678901")]
fn who_exempted_a_user_is_named(#[case] id: &str, #[case] who: &str) {
    let by = DecidedBy::Principal { id: id.to_owned(), at: days_ago(4) };
    let exempted = Some(Decision { by, why: None });
    let judy = UserStatus { exempted, ..exempt("judy", Exemption::Name) };
    let mail = mail(&digest(vec![with_mfa("alice", KEY), judy]));
    let (_, row) = mail.split_once("\n  judy ").unwrap();
    assert!(row.contains(&format!(" no end  {who}, 2026-11-20\n")), "{mail}");
}

#[rstest]
#[case::soon("2026-12-01", true)]
#[case::later("2026-12-31", false)]
fn only_exemptions_that_end_soon_ask_for_something(#[case] until: &str, #[case] expected: bool) {
    let mail = mail(&digest(vec![exempt("judy", Exemption::Until(until.parse().unwrap()))]));
    assert!(mail.contains("EXEMPT (1)"), "{mail}");
    assert_eq!(mail.contains("ask those whose exemption ends soon"), expected, "{mail}");
}

#[test]
fn list_without_names_says_how_many() {
    let result = SweepResult { released_unnamed: 3, ..SweepResult::default() };
    let mail = mail(&Digest { result, ..quiet() });
    assert!(mail.contains("RELEASED BY SWEEPS (3)\n  3, too many to list\n"), "{mail}");
}

#[test]
fn subject_has_as_many_parts_as_fit() {
    let statuses = vec![with_mfa("alice", KEY), overdue("bob", 1)];
    for length in 1..=80 {
        let name = "n".repeat(length);
        let head = format!("[WARNING] 123456789012 ({name}) MFA digest:");
        let covered = format!("{head} 50.0% covered");
        let all = format!("{covered}, 1 overdue");
        let fits = [all, covered, head[..head.len().min(99)].to_owned()];
        let longest = fits.iter().find(|subject| subject.len() < 100).unwrap();
        let digest = Digest { account_name: Some(name), ..digest(statuses.clone()) };
        assert_eq!(render(&digest, None).subject, *longest);
    }
}
