//! What `doctor` says of mail, users, exemptions and evidence.

use crate::checkup_fixtures::{ERROR, deployed, found, note, unread};
use mfa_enforcer_core::checkup::{Checkup, Item, Seen, State};
use mfa_enforcer_core::evidence::{Before, Listing, Remembered, Run, sha256};
use mfa_enforcer_core::sender::SenderSeen;
use mfa_enforcer_testing::checkups::healthy;
use mfa_enforcer_testing::fixtures::settings_with;
use rstest::rstest;

const MAIL: [(&str, &str); 2] = [("MAIL_FROM", "mfa@example.com"), ("DIGEST_TO", "security@example.com")];
const GOOD: SenderSeen = SenderSeen { has_production_access: true, is_sending: true, is_verified: true };

fn mail(seen: &mut Seen, sender: SenderSeen) {
    deployed(seen).settings = settings_with(&MAIL);
    deployed(seen).sender = Some(Ok(sender));
    deployed(seen).suppressed = Some(Ok(false));
}

#[rstest]
#[case(|_: &mut Seen| {}, None)]
#[case(|seen: &mut Seen| mail(seen, GOOD), None)]
#[case(
    |seen: &mut Seen| mail(seen, SenderSeen { is_verified: false, ..GOOD }),
    Some((State::Broken, "is verified in SES"))
)]
#[case(
    |seen: &mut Seen| mail(seen, SenderSeen { is_sending: false, ..GOOD }),
    Some((State::Broken, "stopped sending"))
)]
#[case(
    |seen: &mut Seen| mail(seen, SenderSeen { has_production_access: false, ..GOOD }),
    Some((State::Warning, "in its sandbox"))
)]
#[case(
    |seen: &mut Seen| {
        mail(seen, GOOD);
        deployed(seen).sender = Some(unread());
    },
    Some((State::Unknown, ERROR))
)]
#[case(
    |seen: &mut Seen| {
        mail(seen, GOOD);
        deployed(seen).suppressed = Some(Ok(true));
    },
    Some((State::Warning, "SES sends nothing to security@example.com"))
)]
#[case(
    |seen: &mut Seen| {
        mail(seen, GOOD);
        deployed(seen).suppressed = Some(unread());
    },
    Some((State::Unknown, "whether SES sends mail to security@example.com"))
)]
#[case(|seen: &mut Seen| seen.deployed = None, Some((State::Unknown, "who sends mail")))]
fn mail_is_judged(#[case] spoil: fn(&mut Seen), #[case] expected: Option<(State, &str)>) {
    found(Item::Mail, spoil, expected);
}

/// The note of a digest that counted this.
fn counted(seen: &mut Seen, figures: &str) {
    note(seen, &format!("2026-11-24T06:00:00Z digest=2026-11-23T06:00:00Z {figures}"));
}

#[rstest]
#[case(
    |seen: &mut Seen| counted(seen, "unreachable=2"),
    Some((State::Warning, "no known address: 2, by the digest of 2026-11-23"))
)]
#[case(|seen: &mut Seen| counted(seen, "unconfirmed=1"), Some((State::Warning, "did not get the last message: 1")))]
#[case(|seen: &mut Seen| counted(seen, "unknown=1"), Some((State::Warning, "posture could not be determined: 1")))]
#[case(|seen: &mut Seen| counted(seen, "free=3"), Some((State::Warning, "not quarantined: 3")))]
// Nobody is to be quarantined.
#[case(
    |seen: &mut Seen| {
        counted(seen, "free=3");
        deployed(seen).settings = settings_with(&[("MODE", "notify")]);
    },
    None
)]
#[case(|seen: &mut Seen| counted(seen, "unreachable=0 ending=5"), None)]
#[case(|seen: &mut Seen| note(seen, "2026-11-24T06:00:00Z"), Some((State::Unknown, "no digest was sent yet")))]
#[case(|seen: &mut Seen| deployed(seen).tags = Ok(None), Some((State::Unknown, "no digest was sent yet")))]
#[case(|seen: &mut Seen| deployed(seen).tags = unread(), Some((State::Unknown, ERROR)))]
#[case(|seen: &mut Seen| seen.deployed = None, Some((State::Unknown, "the count of users")))]
fn users_are_judged(#[case] spoil: fn(&mut Seen), #[case] expected: Option<(State, &str)>) {
    found(Item::Users, spoil, expected);
}

#[rstest]
#[case(|seen: &mut Seen| counted(seen, "exempt=4 ending=2"), Some((State::Warning, "end within 7 days: 2")))]
#[case(|seen: &mut Seen| counted(seen, "exempt=4 ending=0 unreachable=3"), None)]
#[case(|seen: &mut Seen| note(seen, "2026-11-24T06:00:00Z"), Some((State::Unknown, "no digest was sent yet")))]
#[case(|seen: &mut Seen| deployed(seen).tags = unread(), Some((State::Unknown, ERROR)))]
fn exemptions_are_judged(#[case] spoil: fn(&mut Seen), #[case] expected: Option<(State, &str)>) {
    found(Item::Exemptions, spoil, expected);
}

/// A bucket with a record of this time, and what is remembered of the last one.
fn kept(seen: &mut Seen, at: Option<&str>, remembered: Option<&[u8]>) {
    deployed(seen).settings = settings_with(&[("EVIDENCE_BUCKET", "evidence"), ("REVIEW_PERIOD", "none")]);
    let key = |at: &str| {
        let run = Run::new("123456789012", at.parse().unwrap(), "1234abcd-12ab-34cd-56ef-1234567890ab");
        format!("{}record.json", run.folder())
    };
    let listing = Listing::of(at.map(key).into_iter().collect());
    let value = remembered.map(|bytes| format!("{} evidence", sha256(bytes)));
    let remembered = value.as_ref().and_then(|value| Remembered::parse(value, "evidence"));
    let before = Before::of(&listing, at.map(|_| RECORD), None, remembered);
    deployed(seen).evidence = Some(Ok(Some((before, listing))));
}

const RECORD: &[u8] = b"{}";
const TODAY: &str = "2026-11-24T06:00:12Z";
const BEFORE: &str = "2026-11-22T06:00:12Z";

#[rstest]
#[case(|seen: &mut Seen| kept(seen, Some(TODAY), Some(RECORD)), None)]
#[case(|seen: &mut Seen| kept(seen, Some(TODAY), Some(b"other")), Some((State::Broken, "somebody changed")))]
#[case(|seen: &mut Seen| kept(seen, None, Some(RECORD)), Some((State::Broken, "somebody changed")))]
#[case(|seen: &mut Seen| kept(seen, Some(TODAY), None), Some((State::Unknown, "no note of the last record")))]
#[case(
    |seen: &mut Seen| kept(seen, Some(BEFORE), Some(RECORD)),
    Some((State::Warning, "the last one is of: 2026-11-22"))
)]
#[case(|seen: &mut Seen| kept(seen, Some("2026-11-23T07:05:00Z"), Some(RECORD)), None)]
#[case(
    |seen: &mut Seen| kept(seen, Some("2026-11-23T07:04:59Z"), Some(RECORD)),
    Some((State::Warning, "the last one is of: 2026-11-23"))
)]
#[case(|seen: &mut Seen| kept(seen, None, None), Some((State::Warning, "the last one is of: none")))]
#[case(
    |seen: &mut Seen| {
        kept(seen, Some(TODAY), Some(RECORD));
        deployed(seen).settings = settings_with(&[("EVIDENCE_BUCKET", "evidence"), ("REVIEW_PERIOD", "month")]);
    },
    Some((State::Warning, "no review of the records was signed"))
)]
#[case(
    |seen: &mut Seen| {
        kept(seen, Some(TODAY), Some(RECORD));
        deployed(seen).evidence = Some(Ok(None));
    },
    Some((State::Broken, "there is no bucket evidence"))
)]
#[case(
    |seen: &mut Seen| {
        kept(seen, Some(TODAY), Some(RECORD));
        deployed(seen).evidence = Some(unread());
    },
    Some((State::Unknown, ERROR))
)]
#[case(|seen: &mut Seen| seen.deployed = None, Some((State::Unknown, "whether evidence is kept")))]
fn evidence_is_judged(#[case] spoil: fn(&mut Seen), #[case] expected: Option<(State, &str)>) {
    found(Item::Evidence, spoil, expected);
}

#[test]
fn deployment_without_mail_and_evidence_says_so() {
    let checkup = Checkup::of(&healthy());
    for says in ["MAIL_FROM is empty", "EVIDENCE_BUCKET is empty"] {
        assert!(checkup.checks.iter().any(|check| check.says.contains(says)), "{says}");
    }
}
