//! What the settings name: the policies and groups of the quarantine, the topic of the administrators, and
//! the sender of mail.

use super::check::{Check, Item, or_ok};
use super::of_functions::PUT_BACK;
use super::seen::{Deployed, Seen};
use crate::counted::counted;
use crate::digest::AlertsSubscribers;
use crate::quarantine_look::{QuarantineSeen, Text, in_force};
use crate::sender::sender_finding;
use crate::settings::Settings;
use crate::sweep::effective;
use jiff::Timestamp;

/// What is not known without settings.
pub(super) fn no_settings(item: Item, what: &str) -> Check {
    let says =
        format!("{what} is not known: the settings of a function say where to look, and none can be used");
    Check::not_known(item, says, "do first what is said of functions and settings")
}

/// Whether the policies have their texts, and the groups their policies.
pub(super) fn quarantine(seen: &Seen) -> Vec<Check> {
    const ITEM: Item = Item::Quarantine;
    let Some(deployed) = &seen.deployed else {
        return vec![no_settings(ITEM, "the quarantine")];
    };
    quarantine_under(&deployed.settings, &deployed.quarantine, seen.at)
}

/// The same, of what these settings put in force.
pub(super) fn quarantine_under(
    settings: &Settings,
    quarantine: &QuarantineSeen,
    at: Timestamp,
) -> Vec<Check> {
    const ITEM: Item = Item::Quarantine;
    let (_, findings) = effective(settings, quarantine, at);
    let mut checks: Vec<Check> = findings.iter().map(|finding| Check::of_finding(ITEM, finding)).collect();
    // A sweep says nothing of a spare while its policy is right. But it is what helps when the policy is not.
    let text = |arn: &str| quarantine.text(arn, settings, at);
    let whole = in_force(settings).into_iter().filter(|own| text(&own.policy) == Text::Intact);
    let lost = whole.filter_map(|own| own.spare.as_ref().filter(|spare| text(spare).is_lost()));
    checks.extend(lost.map(|spare| {
        let says = format!("the spare policy {spare} does not have its text or is gone");
        Check::warning(ITEM, says, "put it back: docs/RUNBOOK.md, Somebody changed the quarantine itself")
    }));
    or_ok(checks, ITEM, || {
        let (policies, groups) = (quarantine.policies.len(), quarantine.groups.len());
        let former = match quarantine
            .policies
            .iter()
            .filter(|(arn, _)| quarantine.has_former(arn, settings))
            .count()
        {
            0 => String::new(),
            count => format!(" ({count} with that of an earlier version)"),
        };
        format!(
            "policies with their texts, spares included: {policies}{former}; groups with their policies: {groups}"
        )
    })
}

/// Whether somebody gets the alerts.
pub(super) fn alerts(seen: &Seen) -> Vec<Check> {
    const ITEM: Item = Item::Alerts;
    const SUBSCRIBE: &str = "docs/RUNBOOK.md, Nobody gets the alerts";
    let Some(deployed) = &seen.deployed else {
        return vec![no_settings(ITEM, "the alerts topic")];
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
            "not confirmed: {} of the alerts topic, which SNS deletes after 48 hours",
            counted(waiting, "subscription")
        );
        checks.push(Check::warning(ITEM, says, "their owners follow the link in the mail of SNS"));
    }
    let confirmed = subscribers.count().unwrap_or_default();
    or_ok(checks, ITEM, || format!("confirmed subscriptions of the alerts topic: {confirmed}"))
}

/// Whether SES sends mail from the company's address.
pub(super) fn mail(seen: &Seen) -> Vec<Check> {
    const ITEM: Item = Item::Mail;
    let Some(deployed) = &seen.deployed else {
        return vec![no_settings(ITEM, "who sends mail")];
    };
    let Some((sender, answer)) = deployed.settings.sender.as_ref().zip(deployed.sender.as_ref()) else {
        return vec![Check::ok(ITEM, "SNS sends the mail, since MAIL_FROM is empty")];
    };
    let finding = sender_finding(sender, answer);
    let finding = finding.iter().map(|finding| Check::of_finding(ITEM, finding));
    let checks = finding.chain(suppressed(deployed, &sender.region)).collect();
    or_ok(checks, ITEM, || format!("SES in {} sends mail from {}", sender.region, sender.domain))
}

/// What is wrong if SES sends nothing to the address of the digest.
fn suppressed(deployed: &Deployed, region: &str) -> Option<Check> {
    const ITEM: Item = Item::Mail;
    let address = deployed.settings.sender.as_ref()?.digest_to.as_ref()?;
    match deployed.suppressed.as_ref()? {
        Ok(false) => None,
        Ok(true) => Some(Check::warning(
            ITEM,
            format!(
                "SES sends nothing to {address}, since mail to it bounced or was called spam: no digest arrives"
            ),
            format!(
                "make sure that the address works, then: aws sesv2 delete-suppressed-destination --email-address \
                 {address} --region {region}"
            ),
        )),
        Err(error) => Some(Check::unknown(ITEM, &format!("whether SES sends mail to {address}"), error)),
    }
}
