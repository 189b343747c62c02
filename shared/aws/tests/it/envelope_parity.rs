//! Our envelope and the one in `aws_lambda_events` read the same events alike.

use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use mfa_enforcer_core::event::Envelope;
use mfa_enforcer_testing::fixtures::{sample, samples};
use serde_json::Value;

#[test]
fn envelope_agrees_with_aws_lambda_events() {
    let mut compared = 0;
    for (name, _) in samples() {
        let payload = sample(&name);
        let Ok(official) = serde_json::from_str::<EventBridgeEvent<Value>>(&payload) else { continue };
        let ours = Envelope::read(&payload).unwrap();
        assert_eq!(ours.detail_type, official.detail_type, "{name}");
        assert_eq!(ours.source, official.source, "{name}");
        assert_eq!(ours.id(), official.id.as_deref(), "{name}");
        assert_eq!(ours.account(), official.account.as_deref(), "{name}");
        assert_eq!(ours.region(), official.region.as_deref(), "{name}");
        let time = official.time.map(|time| time.timestamp());
        assert_eq!(ours.time().unwrap().map(jiff::Timestamp::as_second), time, "{name}");
        assert_eq!(ours.detail, official.detail, "{name}");
        compared += 1;
    }
    assert!(compared > 100, "only {compared} samples were compared");
}
