//! What the settings name: the policies and groups of the quarantine, and the topic of the administrators.

use super::check::{Check, Item, or_ok};
use super::of_functions::PUT_BACK;
use super::seen::{Deployed, Seen};
use crate::digest::AlertsSubscribers;
use crate::quarantine_look::{Text, in_force};
use crate::sweep::effective;

/// Why something is not known if no settings can be used.
const NO_SETTINGS: &str = "the settings say which it is, and those of no function can be used";

/// Whether the policies have their texts, and the groups their policies.
pub(super) fn quarantine(seen: &Seen) -> Vec<Check> {
    const ITEM: Item = Item::Quarantine;
    let Some(deployed) = &seen.deployed else {
        return vec![Check::unknown(ITEM, "the quarantine", NO_SETTINGS)];
    };
    let Deployed { settings, quarantine, .. } = deployed;
    let (_, findings) = effective(settings, quarantine, seen.at);
    let mut checks: Vec<Check> = findings.iter().map(|finding| Check::of_finding(ITEM, finding)).collect();
    // A sweep says nothing of a spare while its policy is right. But it is what helps when the policy is not.
    let text = |arn: &str| quarantine.text(arn, settings, seen.at);
    let whole = in_force(settings).into_iter().filter(|own| text(&own.policy) == Text::Intact);
    let lost = whole.filter_map(|own| own.spare.as_ref().filter(|spare| text(spare).is_lost()));
    checks.extend(lost.map(|spare| {
        let says = format!("the spare policy {spare} does not have its text or is gone");
        Check::warning(ITEM, says, "put it back: docs/RUNBOOK.md, Somebody changed the quarantine itself")
    }));
    or_ok(checks, ITEM, || {
        let (policies, groups) = (quarantine.policies.len(), quarantine.groups.len());
        format!(
            "policies with their texts, spares included: {policies}; groups with their policies: {groups}"
        )
    })
}

/// Whether somebody gets the alerts.
pub(super) fn alerts(seen: &Seen) -> Vec<Check> {
    const ITEM: Item = Item::Alerts;
    const SUBSCRIBE: &str = "docs/RUNBOOK.md, Nobody gets the alerts";
    let Some(deployed) = &seen.deployed else {
        return vec![Check::unknown(ITEM, "the alerts topic", NO_SETTINGS)];
    };
    let topic = &deployed.settings.alerts_topic_arn;
    let listed = match &deployed.subscriptions {
        Ok(Some(listed)) => listed,
        Ok(None) => {
            let says = format!("the alerts topic is gone ({topic}), so nobody gets the alerts");
            return vec![Check::broken(ITEM, says, PUT_BACK)];
        }
        Err(error) => return vec![Check::unknown(ITEM, "the subscriptions of the alerts topic", error)],
    };
    let subscribers = AlertsSubscribers::of(Some(listed));
    let mut checks = Vec::new();
    if let Some(finding) = subscribers.finding() {
        let command = format!(
            "aws sns subscribe --topic-arn {topic} --protocol email --notification-endpoint ADDRESS --region {}",
            seen.region
        );
        checks.push(Check::broken(
            ITEM,
            finding,
            format!("{command}, and follow the link in the mail; {SUBSCRIBE}"),
        ));
    }
    let waiting = listed.iter().filter(|subscription| subscription.is_pending()).count();
    if waiting > 0 {
        let says = format!(
            "not confirmed: {waiting} subscriptions of the alerts topic, which SNS deletes after 48 hours"
        );
        checks.push(Check::warning(ITEM, says, "their owners follow the link in the mail of SNS"));
    }
    let confirmed = subscribers.count().unwrap_or_default();
    or_ok(checks, ITEM, || format!("confirmed subscriptions of the alerts topic: {confirmed}"))
}
