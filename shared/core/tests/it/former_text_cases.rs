//! Texts of earlier versions: which are listed, and where they count.

use crate::checkup_fixtures::deployed;
use crate::quarantine_check_fixtures::{
    EDITED, OTHER, alerts, former, policy, put, repairs, right, seen, stack, told, with_spare,
};
use mfa_enforcer_core::checkup::{Checkup, Item, Seen, State};
use mfa_enforcer_core::decide::QuarantineCheck;
use mfa_enforcer_core::event::{Function, Reading, read};
use mfa_enforcer_core::former_texts::FormerTexts;
use mfa_enforcer_core::policy_text::{Document, fingerprint};
use mfa_enforcer_core::quarantine_look::{PolicySeen, QuarantineSeen, Text};
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_testing::checkups::healthy;
use mfa_enforcer_testing::fixtures::{POLICY, deployment, now, request, sample};
use rstest::rstest;
use std::collections::BTreeSet;
use strum::IntoEnumIterator;

/// The text of the version before. The sample of an edit puts it in force as well.
const OLD: &str = OTHER;

fn listed() -> &'static str {
    include_str!("../../../../policies/former.json")
}

/// A policy, where `OLD` is the text of an earlier version.
fn with_former(check: &QuarantineCheck, policy: &PolicySeen) -> QuarantineSeen {
    QuarantineSeen { former: former(&[OLD]), ..seen(check, &with_spare(), POLICY, policy) }
}

fn text(seen: &QuarantineSeen) -> Text {
    seen.text(POLICY, &with_spare(), now())
}

#[test]
fn list_names_each_document_and_is_the_default() {
    let listed: serde_json::Value = serde_json::from_str(listed()).unwrap();
    let named: BTreeSet<&str> = listed.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(named, Document::iter().map(Document::code).collect());
    assert_eq!(FormerTexts::read(self::listed()).unwrap(), FormerTexts::default());
    assert!(FormerTexts::read(r#"{"console": [{"version": "0.1.0"}]}"#).is_err());
}

#[test]
fn former_text_counts_until_the_account_is_updated() {
    let check = QuarantineCheck::of_sweep(&request());
    let before = with_former(&check, &policy(&[OLD]));
    assert_eq!(text(&before), Text::Intact);
    assert_eq!(repairs(&check, &before, &with_spare()), []);
    let report = check.report(&before, &before, &told(), &with_spare(), now());
    assert_eq!((report.reason, report.steps.len()), (Reason::QuarantineWhole, 0));
    // The update of the account adds a version and puts it in force. From then on the former one is a loss.
    assert_eq!(text(&with_former(&check, &policy(&[OLD, right()]))), Text::Intact);
    let back = with_former(&check, &policy(&[right(), OLD]));
    assert_eq!(repairs(&check, &back, &with_spare()), [put(POLICY, "v1")]);
}

#[test]
fn other_versions_are_read_where_a_former_text_is_in_force() {
    let check = QuarantineCheck::of_sweep(&request());
    let PolicySeen::There { in_force, versions } = policy(&[right(), OLD]) else { panic!() };
    let unread = PolicySeen::There { in_force, versions: Vec::new() };
    let mut before = with_former(&check, &unread);
    assert_eq!(before.wants_versions(&with_spare(), now()), [POLICY]);
    // Whoever may not read them goes by the one in force.
    assert_eq!(text(&before), Text::Intact);
    before.add_versions(POLICY, &versions);
    assert_eq!(text(&before), Text::Changed { right: Some("v1".to_owned()) });
}

#[test]
fn former_text_is_better_than_none_or_a_spare() {
    let check = QuarantineCheck::of_sweep(&request());
    let before = with_former(&check, &policy(&[OLD, "{}"]));
    assert_eq!(repairs(&check, &before, &with_spare()), [put(POLICY, "v1")]);
    let unlisted = QuarantineSeen { former: former(&[]), ..before };
    assert_eq!(text(&unlisted), Text::Changed { right: None });
}

#[test]
fn stack_alone_says_what_it_deployed() {
    let check = QuarantineCheck::of_sweep(&request());
    let member = with_former(&check, &policy(&[OLD]));
    let console = fingerprint(right()).unwrap();
    for output in [format!("console={console}"), String::new()] {
        let stack = Some(stack("UPDATE_COMPLETE", &output));
        assert_eq!(text(&QuarantineSeen { stack, ..member.clone() }), Text::Changed { right: None });
    }
    let stack_error = Some("denied".to_owned());
    assert_eq!(text(&QuarantineSeen { stack_error, ..member }), Text::Changed { right: None });
}

#[rstest]
#[case(right(), right(), false)]
// As the update of an account does that is behind its hub.
#[case(OLD, OLD, false)]
// It was undone.
#[case(OLD, right(), true)]
#[case("{}", OLD, true)]
fn text_that_stays_in_force_is_not_called_restored(
    #[case] made: &str,
    #[case] there: &str,
    #[case] is_told: bool,
) {
    let mut event: serde_json::Value = serde_json::from_str(&sample(EDITED)).unwrap();
    event["detail"]["requestParameters"]["policyDocument"] = made.into();
    let Ok(Reading::Event(event)) = read(&event.to_string(), Function::Guard, &deployment()) else {
        panic!()
    };
    let check = QuarantineCheck::of_event(&event);
    let after = with_former(&check, &policy(&[there]));
    let report = check.report(&after, &after, &told(), &with_spare(), now());
    let expected: &[&str] = if is_told { &["policy-restored critical"] } else { &[] };
    assert_eq!(alerts(&report), expected);
}

#[test]
fn doctor_counts_former_texts() {
    fn says(seen: &Seen) -> String {
        let checks = Checkup::of(seen).checks;
        let check = checks.into_iter().find(|check| check.item == Item::Quarantine).unwrap();
        assert_eq!(check.state, State::Ok);
        check.says
    }
    let mut seen = healthy();
    assert!(!says(&seen).contains("earlier version"));
    let quarantine = &mut deployed(&mut seen).quarantine;
    quarantine.stack = None;
    quarantine.former = former(&[OLD]);
    quarantine.policies.iter_mut().find(|(arn, _)| arn == POLICY).unwrap().1 = policy(&[OLD]);
    assert!(says(&seen).contains("(1 with that of an earlier version)"), "{}", says(&seen));
}
