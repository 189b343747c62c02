//! Releases a user: detaches the policy, confirms, and removes the tag.

use super::context::Context;
use crate::change::Change;
use crate::notice::{Done, ReleasedBy, UserAlert, UserMessage};
use crate::plan::Plan;
use crate::reason::Reason;
use crate::settings::Mode;
use crate::tags::NoticeKind;

/// The plan to release a user. Steps that an earlier run completed are left out, so the next run finishes one that
/// failed halfway.
///
/// The tag is removed last: while it is there, the next run knows that the confirmation has not been sent.
pub(super) fn release(context: &Context<'_>, by: ReleasedBy) -> Plan {
    let quarantine = &context.settings.quarantine;
    let mut steps = Vec::new();
    let mut done = Vec::new();
    for arn in quarantine.policies_of(context.user) {
        steps.push(context.change(Change::DetachPolicy(arn.clone())));
        done = vec![Done::PolicyDetached];
    }
    for group in quarantine.groups_of(context.user) {
        steps.push(context.change(Change::LeaveGroup(group.clone())));
        done.push(Done::GroupLeft);
    }
    let confirm = Confirmation::owed(context, by);
    match confirm {
        Some(Confirmation::Released) => {
            steps.push(
                context.notify(UserMessage::Released { by, was_contained: true, rest_until: None }, done),
            );
            steps.push(context.record_notice(notice_kind(by)));
        }
        Some(Confirmation::Thanks) => {
            steps.push(
                context
                    .notify(UserMessage::Released { by, was_contained: false, rest_until: None }, Vec::new()),
            );
            steps.push(context.record_notice(NoticeKind::Released));
        }
        None => {}
    }
    if context.quarantine_record().is_some() {
        steps.push(context.change(Change::RemoveQuarantineTag));
    }
    let reason = match (by, confirm) {
        (_, None) if steps.is_empty() => Reason::NotContained,
        (ReleasedBy::Mfa, Some(Confirmation::Thanks)) => Reason::MfaEnrolledInTime,
        (ReleasedBy::Mfa, Some(Confirmation::Released) | None) => Reason::MfaEnrolled,
        (ReleasedBy::PasswordRemoval, _) => Reason::PasswordRemoved,
        (ReleasedBy::Exemption, _) => Reason::ExemptNow,
    };
    context.plan(reason, steps).or_refused(context.alert(UserAlert::ReleaseFailed { by }))
}

fn notice_kind(by: ReleasedBy) -> NoticeKind {
    match by {
        ReleasedBy::Mfa | ReleasedBy::Exemption => NoticeKind::Released,
        ReleasedBy::PasswordRemoval => NoticeKind::PasswordRemoved,
    }
}

#[derive(Clone, Copy)]
enum Confirmation {
    /// Access was limited and has been restored.
    Released,
    /// The user was asked to set up MFA and did so in time.
    Thanks,
}

impl Confirmation {
    fn owed(context: &Context<'_>, by: ReleasedBy) -> Option<Self> {
        let last = context.last_notice.as_ref().map(|notice| notice.kind);
        // An earlier run has confirmed but not finished; only its remaining steps are needed.
        if context.has_reported_event()
            && matches!(last, Some(NoticeKind::Released | NoticeKind::PasswordRemoved))
        {
            return None;
        }
        // Mode `notify` does not lift a quarantine, so no message says it did. Enrolling MFA still earns a thank-you.
        let lifts = context.has_quarantine() && context.settings.mode != Mode::Notify;
        match (lifts, last, by) {
            (true, _, _) => Some(Self::Released),
            (
                false,
                Some(
                    NoticeKind::Welcome
                    | NoticeKind::Reminder
                    | NoticeKind::FinalNotice
                    | NoticeKind::Quarantined
                    | NoticeKind::QuarantineReminder,
                ),
                ReleasedBy::Mfa,
            ) => Some(Self::Thanks),
            (false, _, _) => None,
        }
    }
}
