//! What the log shows of calls, and of what has addresses in it.

use mfa_enforcer_core::contact::Contact;
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::subscription::Subscription;
use mfa_enforcer_testing::fixtures::ALERTS;

#[test]
fn contact_is_shown_without_addresses() {
    let contact = Contact { email: Some("alice@example.com".to_owned()), phone: None };
    assert_eq!(format!("{contact:?}"), "Contact { email: true, phone: false }");
}

#[test]
fn subscription_is_shown_without_its_endpoint() {
    let subscription = Subscription {
        protocol: "email".to_owned(),
        endpoint: "alice@example.com".to_owned(),
        arn: format!("{ALERTS}:1234abcd-12ab-34cd-56ef-1234567890ab"),
    };
    assert_eq!(format!("{subscription:?}"), "Subscription { confirmed: true, .. }");
}

#[test]
fn call_is_shown_as_policies_name_it() {
    assert_eq!(Operation::AttachUserPolicy.to_string(), "iam:AttachUserPolicy");
}
