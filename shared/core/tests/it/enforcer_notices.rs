//! Messages about changes to the enforcer itself.

use crate::notice_fixtures::about;
use mfa_enforcer_core::event::{OWN_CALLS, Part, Weight};
use mfa_enforcer_core::notice::Notice;
use mfa_enforcer_testing::fixtures::{
    ALERTS, ALERTS_KEY, BUCKET, STACK, envelope, event_of, overdue, settings,
};
use serde_json::json;
use strum::IntoEnumIterator;

/// One message for each part of the enforcer, and one of each kind.
pub(crate) fn notices_about_the_enforcer() -> Vec<(&'static str, Notice)> {
    let of = |part: Part, weight: Weight| {
        let call = OWN_CALLS.iter().find(|call| call.part == part && call.weight == weight).unwrap();
        let mut envelope = envelope("EnforcerTouched");
        let field = call.named_in.first().copied().unwrap_or("uUID");
        let name = match part {
            Part::Topic => ALERTS,
            Part::Key => ALERTS_KEY,
            Part::Policy => "arn:aws:iam::123456789012:policy/mfa-enforcer-one-of-ours",
            Part::Stack => STACK,
            Part::Bucket => BUCKET,
            _ => "mfa-enforcer-one-of-ours",
        };
        envelope["detail"]["eventSource"] = json!(format!("{}.amazonaws.com", call.service));
        envelope["detail"]["eventName"] = json!(call.name);
        envelope["detail"]["requestParameters"] = json!({field: name});
        about(&event_of(&envelope), &overdue(), &settings()).swap_remove(0)
    };
    let critical = Part::iter().map(|part| {
        let title: &str = part.into();
        (title, of(part, Weight::Critical))
    });
    critical.chain([("deployment", of(Part::Stack, Weight::Deployment))]).collect()
}
