//! The digest as a mail from the company's own address.

use mfa_enforcer_core::digest::{
    AccountFinding, ChangeKind, DIGEST_BOUNCED_KEY, DIGEST_MAILED_KEY, Digest, DigestMail, LAST_SWEEP_KEY,
    SweepResult, UserChange, render,
};
use mfa_enforcer_core::notice::{Channel, Mail};
use mfa_enforcer_core::sender::{digest_finding, digest_recipient};
use mfa_enforcer_core::settings::Sender;
use mfa_enforcer_core::tags::{MailNote, MailState};
use mfa_enforcer_testing::digests::{
    KEY, crowded, full, observed, overdue, quiet, user_change, with_mfa, yesterday,
};
use mfa_enforcer_testing::fixtures::{days_ago, now, settings_with};
use rstest::rstest;

fn sender(digest_to: &str) -> Sender {
    let variables = [("MAIL_FROM", "MFA Service <mfa@example.com>"), ("DIGEST_TO", digest_to)];
    *settings_with(&variables).sender.unwrap()
}

fn known(tags: &[(&str, &str)]) -> DigestMail {
    let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    DigestMail::of(Some(&tags), now())
}

fn mailed(digest: Digest) -> Mail {
    let digest = Digest { sender: Some(Box::new(sender("security@example.com"))), ..digest };
    *render(&digest, Some(&yesterday())).mail.unwrap()
}

/// What a reader sees of a page, without white space and in lower case.
fn seen(html: &str) -> String {
    let (_, body) = html.split_once("<body").unwrap();
    let pieces = body.split('<').filter_map(|piece| piece.split_once('>'));
    let text: String = pieces.map(|(_, text)| text).collect();
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    text.split_whitespace().collect::<String>().to_lowercase()
}

#[rstest]
#[case::full(full())]
#[case::crowded(crowded())]
#[case::observed(observed())]
#[case::quiet(quiet())]
fn both_forms_say_the_same(#[case] digest: Digest) {
    let mail = mailed(digest);
    let seen = seen(&mail.html);
    // Rules, and the punctuation between names and values, are of the text alone.
    let words =
        mail.text.split_whitespace().map(|word| word.trim_end_matches([':', ';', '-']).to_lowercase());
    let missing: Vec<String> = words.filter(|word| !seen.contains(word)).collect();
    assert_eq!(missing, Vec::<String>::new(), "{}", mail.html);
}

#[test]
fn digest_comes_from_the_company_and_is_about_nobody() {
    let mail = mailed(full());
    assert_eq!(mail.from, "\"MFA Service\" <mfa@example.com>");
    assert_eq!(mail.tags, [("kind", "digest".to_owned()), ("account", "123456789012".to_owned())]);
    assert!(mail.subject.starts_with('[') && mail.subject.is_ascii());
    assert!(render(&full(), None).mail.is_none());
}

#[test]
fn nothing_in_a_digest_is_markup() {
    const MARKUP: &str = "<img src=x onerror=y>";
    let alice = overdue(MARKUP, 1);
    let failed = UserChange { error: MARKUP.to_owned(), ..user_change(&alice, ChangeKind::Failed) };
    let result = SweepResult {
        users: vec![failed],
        findings: vec![AccountFinding::GroupGone(MARKUP.to_owned())],
        failures: vec![MARKUP.to_owned()],
        ..SweepResult::default()
    };
    let name = Some(MARKUP.to_owned());
    let digest = Digest { account_name: name, statuses: vec![alice], result, ..quiet() };
    let mail = mailed(digest);
    assert!(!mail.html.contains("<img"), "{}", mail.html);
    assert!(mail.html.matches("&lt;img src=x").count() >= 4, "{}", mail.html);
}

#[test]
fn rows_and_columns_are_named() {
    let mail = mailed(Digest { statuses: vec![overdue("bob", 1), with_mfa("alice", KEY)], ..quiet() });
    let tables = mail.html.matches("<table").count();
    // The first is the sheet itself.
    assert_eq!(mail.html.matches("aria-label").count() + 1, tables);
    assert!(mail.html.contains("scope=\"col\"") && mail.html.contains("scope=\"row\""));
}

#[rstest]
#[case::nobody("", None, None)]
#[case::of_the_company("Security@example.com", Some("Security@example.com"), None)]
#[case::stranger("partner@example.org", None, Some("example.org is not in MAIL_DOMAINS"))]
fn digest_goes_to_whom_mail_goes(
    #[case] digest_to: &str,
    #[case] to: Option<&str>,
    #[case] wrong: Option<&str>,
) {
    let sender = sender(digest_to);
    let channel = to.map(|email| Channel::Mail { email: email.to_owned() });
    let nothing = known(&[]);
    assert_eq!(digest_recipient(&sender, &nothing), channel);
    let found = digest_finding(&sender, &nothing, None).map(|finding| finding.to_string());
    assert_eq!(found, wrong.map(|wrong| format!("the digest was not mailed to DIGEST_TO: {wrong}")));
    let failed =
        digest_finding(&sender, &nothing, Some("ses:SendEmail failed".to_owned())).unwrap().to_string();
    assert!(failed.ends_with(": ses:SendEmail failed"), "{failed}");
}

#[rstest]
#[case::bounced(MailState::Bounced, 1, "security@example.com", Some("bounced at "))]
#[case::complained(MailState::Complained, 90, "security@example.com", Some("marked the mail as unwanted"))]
#[case::long_ago(MailState::Bounced, 31, "security@example.com", None)]
#[case::of_another_address(MailState::Bounced, 1, "old@example.com", None)]
fn digest_is_not_mailed_where_it_does_not_arrive(
    #[case] state: MailState,
    #[case] days: i64,
    #[case] address: &str,
    #[case] says: Option<&str>,
) {
    let sender = sender("Security@example.com");
    let note = MailNote::of(state, days_ago(days), address).to_string();
    let known = known(&[(DIGEST_BOUNCED_KEY, &note)]);
    assert_eq!(digest_recipient(&sender, &known).is_none(), says.is_some());
    let found = digest_finding(&sender, &known, None).map(|finding| finding.to_string());
    assert_eq!(found.is_some(), says.is_some());
    let found = found.unwrap_or_default();
    assert!(found.contains(says.unwrap_or_default()) && !found.contains("ecurity@"), "{found}");
}

#[rstest]
#[case::an_hour_ago("owed=yes", now() - jiff::SignedDuration::from_hours(1), true)]
#[case::a_minute_ago("owed=yes", now() - jiff::SignedDuration::from_mins(1), true)]
#[case::by_another_clock("owed=yes", now() + jiff::SignedDuration::from_mins(5), true)]
#[case::when_the_next_is_due("owed=yes", now() - jiff::SignedDuration::from_hours(20), false)]
#[case::yesterday("owed=yes", now() - jiff::SignedDuration::from_hours(21), false)]
#[case::in_future("owed=yes", now() + jiff::SignedDuration::from_hours(1), false)]
#[case::taken_since("", now() - jiff::SignedDuration::from_hours(1), false)]
fn digest_that_only_the_topic_waits_for_is_not_mailed_again(
    #[case] owed: &str,
    #[case] at: jiff::Timestamp,
    #[case] is_sent: bool,
) {
    let memory = format!("{} {owed}", days_ago(0));
    let known = known(&[(LAST_SWEEP_KEY, &memory), (DIGEST_MAILED_KEY, &at.to_string())]);
    assert_eq!(known.is_sent, is_sent);
    assert_eq!(digest_recipient(&sender("security@example.com"), &known).is_none(), is_sent);
    assert!(digest_finding(&sender("security@example.com"), &known, None).is_none());
}

#[rstest]
#[case::both(true, true, false)]
#[case::mail_alone(true, false, true)]
#[case::topic_alone(false, true, false)]
#[case::neither(false, false, false)]
fn mail_is_noted_while_the_topic_waits(#[case] mailed: bool, #[case] is_told: bool, #[case] is_noted: bool) {
    let note = DigestMail::note(mailed, is_told, now());
    let expected = (DIGEST_MAILED_KEY, "2026-11-24T09:05:00Z".to_owned());
    assert_eq!(note, is_noted.then_some(expected));
}
