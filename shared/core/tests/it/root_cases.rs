//! Root: reported once, and never silenced.

use crate::given::{now, root_event, settings};
use crate::model::notices;
use mfa_enforcer_core::decide::decide;
use mfa_enforcer_core::event::EventId;
use mfa_enforcer_core::facts::{Facts, RootFacts, RootLedger};
use mfa_enforcer_core::plan::{Reason, Step};
use mfa_enforcer_core::posture::Finding;
use mfa_enforcer_core::tags;

#[test]
fn the_same_record_about_root_is_reported_once() {
    let event = root_event("ConsoleLogin");
    let facts = |told| Facts::Root(RootFacts { mfa: None, ledger: RootLedger::Told(told) });
    let first = decide(&event, &facts(Vec::new()), &settings(), now());
    assert_eq!(notices(&first), ["root-alert"]);
    let Some(Step::MarkRoot { value, .. }) = first.steps.last() else { panic!("not marked") };
    let again = decide(&event, &facts(tags::parse_root_events(value)), &settings(), now());
    assert_eq!(again.reason, Reason::AlreadySaid);
    let other = facts(vec![EventId::new("another").unwrap()]);
    assert_eq!(notices(&decide(&event, &other, &settings(), now())), ["root-alert"]);
}

#[test]
fn a_ledger_that_cannot_be_read_does_not_silence_the_alert() {
    let facts = Facts::Root(RootFacts { mfa: None, ledger: RootLedger::Unreadable });
    let plan = decide(&root_event("DeactivateMFADevice"), &facts, &settings(), now());
    assert_eq!(notices(&plan), ["root-alert"]);
    assert_eq!(plan.findings, [Finding::LedgerUnreadable]);
    assert_eq!(plan.steps.len(), 1, "what cannot be read is not written over");
}
