//! Where the runbook says what to do about a message.

use super::{MessageKind, Reach};

/// Where the runbook is if its address is not known.
pub(super) const IN_REPOSITORY: &str = "docs/RUNBOOK.md";

/// The heading of the section about messages of this kind; `None` where there is nothing to do.
pub(super) fn section(kind: MessageKind, reach: Option<Reach>) -> Option<&'static str> {
    // Whatever was to be said: nobody read it.
    if reach.is_some_and(Reach::is_missed) || kind == MessageKind::ContactMissing {
        return Some("A user was not told");
    }
    match kind {
        MessageKind::Welcome
        | MessageKind::SignInReminder
        | MessageKind::Reminder
        | MessageKind::FinalNotice
        | MessageKind::ContactMissing
        | MessageKind::Digest => None,
        MessageKind::Quarantined | MessageKind::QuarantineReminder | MessageKind::Released => {
            Some("A user says that nothing works any more")
        }
        MessageKind::QuarantinedByHand | MessageKind::HeldByHand => Some("Quarantined by hand"),
        MessageKind::AwaitingApproval | MessageKind::OwnApproval => Some("To approve an enrolment"),
        MessageKind::EnrolmentAlert => Some("`enrolment-alert`"),
        MessageKind::ContainmentFailed | MessageKind::ReleaseFailed | MessageKind::FallbackFailed => {
            Some("`containment-failed`, `release-failed` and `fallback-failed`")
        }
        MessageKind::KeysWouldRevive => Some("The password was removed, and the quarantine stays"),
        MessageKind::BreakGlassSignIn => Some("`break-glass-sign-in`"),
        MessageKind::QuarantineUndone | MessageKind::KeepsBeingUndone => {
            Some("`quarantine-undone` and `keeps-being-undone`")
        }
        MessageKind::RecordsChanged => Some("`records-changed`"),
        MessageKind::EnrolmentBlocked => Some("`enrolment-blocked`"),
        MessageKind::ExemptionEnding
        | MessageKind::Exempted
        | MessageKind::SelfExempted
        | MessageKind::NotExempt => Some("`exempted`, `self-exempted` and `not-exempt`"),
        MessageKind::QuarantinesHeld => Some("`quarantines-held`"),
        MessageKind::EnforcerChanged | MessageKind::EnforcerDeployed => Some("Somebody changed the enforcer"),
        MessageKind::NoTrail => Some("No trail logs management events"),
        MessageKind::PolicyRestored
        | MessageKind::PolicyLost
        | MessageKind::GroupRestored
        | MessageKind::GroupLost => Some("Somebody changed the quarantine itself"),
        MessageKind::NoDigest => Some("The sweep is not finished"),
        MessageKind::RootAlert => Some("Root alerts"),
    }
}

/// The address of a section: the page, and the heading as the renderers of Markdown make it an anchor.
pub(super) fn address(page: &str, section: &str) -> String {
    // An address with a fragment leads to a place of its own.
    if page.contains('#') { page.to_owned() } else { format!("{page}#{}", anchor(section)) }
}

fn anchor(heading: &str) -> String {
    let kept = |c: char| match c {
        ' ' => Some('-'),
        '-' => Some(c),
        c => c.is_alphanumeric().then(|| c.to_ascii_lowercase()),
    };
    heading.chars().filter_map(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::{address, section};
    use crate::notice::MessageKind;
    use std::collections::BTreeSet;
    use strum::IntoEnumIterator;

    /// As it is deployed: the page that the links lead to.
    const RUNBOOK: &str = include_str!("../../../../docs/RUNBOOK.md");

    #[test]
    fn every_section_is_in_the_runbook() {
        let headings: BTreeSet<&str> = RUNBOOK.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        for kind in MessageKind::iter() {
            let Some(section) = section(kind, None) else { continue };
            assert!(headings.contains(section), "{}: no section `{section}`", kind.code());
        }
    }

    #[test]
    fn anchors_are_those_of_the_runbook_itself() {
        let link = |heading| address("", heading);
        assert_eq!(
            link("`containment-failed`, `release-failed` and `fallback-failed`"),
            "#containment-failed-release-failed-and-fallback-failed"
        );
        assert_eq!(link("A user was not told"), "#a-user-was-not-told");
        assert_eq!(address("https://wiki/x#part", "Root alerts"), "https://wiki/x#part");
        // The runbook links to its own sections.
        for heading in ["Quarantined by hand", "To release somebody by hand", "Nobody gets the alerts"] {
            assert!(RUNBOOK.contains(&format!("({})", link(heading))), "{heading}");
        }
    }
}
