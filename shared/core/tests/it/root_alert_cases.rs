//! Root: reported once, and never silenced.

use mfa_enforcer_core::decide::{Ask, ask};
use mfa_enforcer_core::event::{Event, EventId};
use mfa_enforcer_core::facts::RootLedger;
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::posture::Finding;
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::tags;
use mfa_enforcer_testing::fixtures::{root_event, settings};
use mfa_enforcer_testing::plans::notices;

#[test]
fn same_root_event_is_reported_once() {
    let event = root_event("ConsoleLogin");
    let first = answer(&event, &RootLedger::Told(Vec::new()));
    assert_eq!(notices(&first), ["root-alert"]);
    let Some(Step::RecordRootAlert(value)) = first.steps.last() else { panic!("not recorded") };
    let again = answer(&event, &RootLedger::Told(tags::parse_root_events(value)));
    assert_eq!(again.reason, Reason::AlreadySaid);
    let other = RootLedger::Told(vec![EventId::new("another").unwrap()]);
    assert_eq!(notices(&answer(&event, &other)), ["root-alert"]);
}

#[test]
fn unreadable_ledger_does_not_silence_root_alert() {
    let plan = answer(&root_event("DeactivateMFADevice"), &RootLedger::Unreadable);
    assert_eq!(notices(&plan), ["root-alert"]);
    assert_eq!(plan.findings, [Finding::LedgerUnreadable]);
    assert_eq!(plan.steps.len(), 1, "an unreadable ledger is not overwritten");
}

fn answer(event: &Event, ledger: &RootLedger) -> Plan {
    match ask(event) {
        Ask::Root(question) => question.answer(ledger, &settings()),
        Ask::Settled(_) | Ask::User(_) => panic!("the event is not about root"),
    }
}
