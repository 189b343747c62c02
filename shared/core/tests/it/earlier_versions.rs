//! What earlier versions wrote is read: tags on users, and the chain of records in the bucket. What the quarantine policies
//! said then is known.
//!
//! Each version leaves a file in `earlier_versions/`, which its release writes and nothing changes any more. That of 0.1.0
//! may change until it is released.

use crate::evidence_fixtures::{Bucket, last_rows, record, records};
use mfa_enforcer_core::bus::OpenFindings;
use mfa_enforcer_core::event::EventId;
use mfa_enforcer_core::evidence::{Link, Verification, verify};
use mfa_enforcer_core::exemption::{ExemptUntil, Why};
use mfa_enforcer_core::former_texts::{FormerText, FormerTexts};
use mfa_enforcer_core::policy_text::{Document, fingerprint};
use mfa_enforcer_core::tags::{Cause, LastNotice, MailNote, MailState, NoticeKind, QuarantineRecord};
use mfa_enforcer_testing::earlier;
use mfa_enforcer_testing::evidence::{Evidence, at, people, settings_of_the_month};
use rstest::rstest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use strum::IntoEnumIterator;

const EVENT: &str = "b3c1a1de-0000-4000-8000-000000000001";

/// A bucket after three daily sweeps, in which somebody signed in without MFA after the deadline; and the texts of the
/// quarantine policies.
#[derive(Serialize, Deserialize)]
struct State {
    /// The fingerprint of each document.
    texts: BTreeMap<String, String>,
    head: Link,
    remembered: String,
    bucket: BTreeMap<String, String>,
}

impl State {
    fn of_this_version() -> Self {
        let mut account = Evidence::of(settings_of_the_month(&[]), people());
        account.sweep(at("10T06:00"));
        account.event("ConsoleLogin", "alice", at("11T05:00"), &serde_json::json!({}));
        account.sweep(at("11T06:00"));
        account.sweep(at("12T06:00"));
        let text = |(key, bytes): (String, Vec<u8>)| (key, String::from_utf8(bytes).unwrap());
        let print = |document: Document| (document.code().to_owned(), fingerprint(document.text()).unwrap());
        Self {
            texts: Document::iter().map(print).collect(),
            head: account.head.unwrap(),
            remembered: account.remembered.unwrap(),
            bucket: account.bucket.into_iter().map(text).collect(),
        }
    }

    /// The account of that version, now swept by this one.
    fn account(self) -> Evidence {
        let mut account = Evidence::of(settings_of_the_month(&[]), people());
        account.bucket = self.bucket.into_iter().map(|(key, text)| (key, text.into_bytes())).collect();
        account.head = Some(self.head);
        account.remembered = Some(self.remembered);
        account
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/earlier_versions")
}

/// What each version left, by the version.
fn states() -> BTreeMap<String, State> {
    earlier::states(&folder())
}

/// The account as each version left it.
fn accounts() -> Vec<Evidence> {
    states().into_values().map(State::account).collect()
}

fn look(bucket: &Bucket, account: &Evidence) -> Verification {
    verify(bucket, account.head.as_ref().map(|head| head.sha256.as_str()))
}

#[test]
fn records_of_earlier_versions_are_whole() {
    for account in accounts() {
        let found = look(&account.bucket, &account);
        assert_eq!(found.faults, []);
        assert_eq!((found.records, &found.head), (3, &account.head));
        assert!(found.acts > 0);
    }
}

#[test]
fn records_go_on_from_those_of_earlier_versions() {
    for mut account in accounts() {
        let before = records(&account.bucket).last().unwrap().clone();
        account.sweep(at("13T06:00"));
        let found = look(&account.bucket, &account);
        assert_eq!(found.faults, []);
        assert_eq!((found.records, found.starts.len()), (4, 1));
        let last = records(&account.bucket).last().unwrap().clone();
        assert_eq!(record(&account.bucket, &last).chain.before.unwrap().key, before);
        assert!(last_rows(&account).contains_key("alice"));
    }
}

#[test]
fn changed_texts_of_earlier_versions_are_listed() {
    let listed = FormerTexts::default();
    for (version, state) in states().into_iter().rev() {
        for document in Document::iter() {
            let (code, was) = (document.code(), &state.texts[document.code()]);
            let is_current = fingerprint(document.text()).as_ref() == Some(was);
            let is_listed = listed.of(document).iter().any(|former| former.sha256 == *was);
            assert!(
                is_current || is_listed,
                "the text of {code} is not that of {version} any more: list {was} in policies/former.json, as RELEASE.md says"
            );
        }
    }
}

#[test]
fn listed_texts_are_those_of_earlier_versions_in_order() {
    let (listed, states) = (FormerTexts::default(), states());
    for document in Document::iter() {
        let former = listed.of(document);
        for FormerText { version, sha256 } in former {
            let was = states.get(version).map(|state| &state.texts[document.code()]);
            assert_eq!(was, Some(sha256), "{version} did not have this text of {}", document.code());
            assert_ne!(fingerprint(document.text()).as_ref(), Some(sha256), "{} has it now", document.code());
        }
        let numbers =
            |former: &FormerText| former.version.split('.').map(|part| part.parse().unwrap_or(0)).collect();
        assert!(former.iter().map(numbers).is_sorted_by(|one: &Vec<u32>, next| one < next), "{former:?}");
    }
}

/// Not a promise, but how a release keeps its state: `cargo test --test it -- --ignored keep_the_state`.
#[test]
#[ignore = "it writes the file of this version, once"]
fn keep_the_state_of_this_version() {
    earlier::keep(&folder(), env!("CARGO_PKG_VERSION"), &State::of_this_version());
}

#[rstest]
#[case("2026-11-24T09:00:00Z reason=sign-in event={}", Some(Cause::SignIn), false, None, None)]
#[case(
    "2026-11-24T09:00:00Z reason=deadline-passed event={} release=2026-11-24T21:00:00Z",
    Some(Cause::DeadlinePassed),
    false,
    Some("24T21:00"),
    None
)]
#[case(
    "2026-11-24T09:00:00Z reason=mfa-removed event={} episode=0123456789ab release=2026-11-24T21:00:00Z \
     approved=2026-11-24T10:00:00Z",
    Some(Cause::MfaRemoved),
    true,
    Some("24T21:00"),
    Some("24T10:00")
)]
fn quarantines_of_earlier_versions_are_read(
    #[case] value: &str,
    #[case] cause: Option<Cause>,
    #[case] has_episode: bool,
    #[case] release: Option<&str>,
    #[case] approved: Option<&str>,
) {
    let read = QuarantineRecord::parse(&value.replace("{}", EVENT));
    assert_eq!((read.since, read.cause), (Some(at("24T09:00")), cause));
    assert_eq!(read.event.as_ref().map(EventId::as_str), Some(EVENT));
    assert_eq!(read.episode.is_some(), has_episode);
    assert_eq!((read.release, read.approved), (release.map(at), approved.map(at)));
}

#[rstest]
#[case("welcome", NoticeKind::Welcome)]
#[case("reminder", NoticeKind::Reminder)]
#[case("final-notice", NoticeKind::FinalNotice)]
#[case("quarantined", NoticeKind::Quarantined)]
#[case("quarantine-reminder", NoticeKind::QuarantineReminder)]
#[case("awaiting-approval", NoticeKind::AwaitingApproval)]
#[case("exemption-ending", NoticeKind::ExemptionEnding)]
#[case("released", NoticeKind::Released)]
#[case("password-removed", NoticeKind::PasswordRemoved)]
fn notices_of_earlier_versions_are_read(#[case] code: &str, #[case] kind: NoticeKind) {
    let value = format!("{code} 2026-11-24T09:00:00Z event={EVENT}");
    let read = LastNotice::parse(&value).unwrap();
    assert_eq!((read.kind, read.at, read.first, read.episode), (kind, at("24T09:00"), None, None));
    assert!(read.reached && !read.by_text && !read.claimed);
    let read =
        LastNotice::parse(&format!("{value} first=2026-11-20T09:00:00Z by=text claimed unreached")).unwrap();
    assert_eq!((read.kind, read.first), (kind, Some(at("20T09:00"))));
    assert!(!read.reached && read.by_text && read.claimed);
}

#[rstest]
#[case("2027-01-31", Why::Missing)]
#[case("2027-01-31 INC-4711", Why::Given("INC-4711".to_owned()))]
fn exemptions_of_earlier_versions_are_read(#[case] value: &str, #[case] why: Why) {
    let read = ExemptUntil::parse(value).unwrap();
    assert_eq!((read.until.to_string().as_str(), read.why), ("2027-01-31", why));
}

#[rstest]
#[case("bounced", MailState::Bounced)]
#[case("complained", MailState::Complained)]
fn notes_of_earlier_versions_about_mail_are_read(#[case] code: &str, #[case] state: MailState) {
    let read = MailNote::parse(&format!("{code} 2026-11-24T09:00:00Z address=5d9a0087d4ccdb9b")).unwrap();
    assert_eq!((read.state, read.at), (state, at("24T09:00")));
    assert!(read.counts("kim@example.com", at("25T09:00")));
}

#[test]
fn findings_that_earlier_versions_put_stay_open() {
    let topic =
        BTreeMap::from([("mfa-enforcer:findings".to_owned(), "no-trail root-without-mfa".to_owned())]);
    let open = OpenFindings::of(Some(&topic));
    assert!(open.has("no-trail") && open.has("root-without-mfa") && !open.has("no-digest"));
}
