//! Alerts about the enforcer itself: what somebody did to it, and what an administrator can do about it.

use super::Severity;
use crate::event::{Part, Touched, Weight};

/// How urgent it is.
pub(super) fn severity(touched: &Touched) -> Severity {
    match touched.weight {
        Weight::Critical => Severity::Critical,
        Weight::Deployment => Severity::Info,
    }
}

/// What happened, in one line. `elsewhere` is the region, where it is another one.
pub(super) fn headline(touched: &Touched, elsewhere: Option<&str>) -> String {
    let region = elsewhere.map(|region| format!(" in {region}")).unwrap_or_default();
    let (what, says) = (touched.call.part.words(), touched.call.says);
    match &touched.name {
        Some(name) => format!("the {what} {name}{region} {says}"),
        None if touched.call.part == Part::Alarm => format!("every {what} of the account{region} {says}"),
        None => format!("the {what} of this enforcer{region} {says}"),
    }
}

/// What the administrators should do.
pub(super) fn advice(touched: &Touched) -> &'static str {
    if touched.weight == Weight::Deployment {
        return "Nothing to do if you expected this. Single changes that CloudFormation makes while it lasts are not \
                reported. If nobody planned it, ask the person named above now, and compare the stack with the template \
                that you deployed.";
    }
    match touched.call.part {
        Part::Stack if touched.in_member => {
            "Ask the person named above now. If the account left the units of the stack set, nothing is to do here: it \
             needs a stack of its own. If nobody planned this, treat their credentials as stolen, and deploy the stack set \
             to this account again. Who is in quarantine stays there, and nobody else is contained until then."
        }
        Part::Policy | Part::Group if touched.in_member => {
            "Ask the person named above now. If nobody planned this, treat their credentials as stolen. Then take this \
             account out of the stack set, and deploy to it again: without its policies the hub can contain nobody there."
        }
        Part::Role if touched.in_member => {
            "Ask the person named above now. If nobody planned this, treat their credentials as stolen. Then put the role \
             back as member.yaml has it. As long as the hub cannot act in this account, its digest says so."
        }
        Part::Rule | Part::Queue if touched.in_member => {
            "Ask the person named above now. If nobody planned this, treat their credentials as stolen. Then put it back \
             as the template has it: until then events of this account may not arrive, and only the hourly sweeps find \
             out anything there."
        }
        Part::Trail => {
            "Ask the person named above now. If nobody planned this, treat their credentials as stolen. Have a trail \
             log all management events of all regions again: without one no event arrives here, and only the hourly \
             sweeps find out anything."
        }
        Part::Topic => {
            "Ask the person named above now. If nobody planned this, treat their credentials as stolen. Look at the \
             topic's subscriptions, policy and key, and put them back: this message may be the last that arrives."
        }
        Part::Key => {
            "Ask the person named above now. If nobody planned this, treat their credentials as stolen. Cancel the \
             deletion, enable the key, and put its policy back: without the key no message to the administrators is \
             sent."
        }
        Part::Stack => {
            "Ask the person named above now. If nobody planned this, treat their credentials as stolen, and deploy the \
             stack again. Who is in quarantine stays there, and nobody else will be contained until then."
        }
        Part::Bucket => {
            "Ask the person named above now. If nobody planned this, treat their credentials as stolen. Put the setting \
             back, and verify the records: their chain shows what was changed or removed."
        }
        Part::Mail => {
            "Ask the person named above now. If nobody planned this, treat their credentials as stolen. Then put it \
             back as the template has it: until then mail may not go out, or nobody hears that it did not arrive."
        }
        Part::Bus => {
            "Ask the person named above now. If nobody planned this, treat their credentials as stolen. Then put the bus \
             and its policy back as the template has them: until then events of other accounts may not arrive, and only \
             the hourly sweeps find out anything there."
        }
        Part::Rule
        | Part::Function
        | Part::EventSource
        | Part::Role
        | Part::Policy
        | Part::Group
        | Part::Logs
        | Part::Alarm
        | Part::Queue
        | Part::Schedule
        | Part::Forwarding => {
            "Ask the person named above now. If nobody planned this, treat their credentials as stolen. Then put it \
             back as the template has it: the drift of the stack shows what differs."
        }
    }
}
