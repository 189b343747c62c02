//! Contains a user: once, completely, and with one notice.

use super::context::Context;
use super::remind;
use crate::change::Change;
use crate::notice::{Done, UserAlert, UserMessage};
use crate::plan::{Plan, Step};
use crate::posture::Posture;
use crate::reason::Reason;
use crate::settings::Mode;
use crate::tags::{Cause, NoticeKind, QuarantineRecord, UserTag};
use jiff::Timestamp;

/// IAM allows 10 attached managed policies per user unless the quota was raised.
const ATTACHED_POLICIES: usize = 10;
/// IAM allows a user to be a member of 10 groups.
const GROUPS: usize = 10;

/// The plan to contain a user because of `cause`.
pub(super) fn contain(context: &Context<'_>, cause: Cause) -> Plan {
    match context.settings.mode {
        Mode::Notify => warn_only(context, cause),
        Mode::Observe | Mode::Enforce => enforce(context, cause),
    }
}

fn enforce(context: &Context<'_>, cause: Cause) -> Plan {
    let record = context.quarantine_record();
    let contained = context.is_contained();
    let (mut steps, done) = containing(context, cause);
    let notified = contained && has_been_told(context, record.as_ref()) && !context.is_owed();
    if notified {
        // Repairing the quarantine does not delay the reminder.
        let reminder = remind::of_quarantine(context, cause);
        if steps.is_empty() {
            return reminder;
        }
        steps.extend(reminder.steps.into_iter().chain(reminder.withheld));
    } else {
        steps.push(context.notify(UserMessage::Quarantined { cause }, vec![done]));
        steps.push(context.record_notice(NoticeKind::Quarantined));
    }
    let reason = if contained { Reason::FinishContainment(cause) } else { Reason::Contain(cause) };
    context.plan(reason, steps).or_refused(context.alert(UserAlert::ContainmentFailed { cause }))
}

/// The steps that contain a user, without those that are already done.
fn containing(context: &Context<'_>, cause: Cause) -> (Vec<Step>, Done) {
    let contained = context.is_contained();
    let record = context.quarantine_record();
    let attach = (!context.settings.quarantine.full.holds(context.user)).then(|| attachment(context));
    let done = match &attach {
        Some((_, done)) if !contained => *done,
        Some(_) | None => Done::WasContained,
    };
    // A run that contained and notified the user but could not write the record did record the notice, and with it
    // the time.
    let since = match &context.last_notice {
        Some(notice) if contained && has_been_told(context, None) => notice.at,
        Some(_) | None => context.now,
    };
    // A record left from an earlier quarantine that was undone does not count for this one. It is replaced before the
    // policy is attached: if the run ended in between, the old record would make it look as if the user had been told.
    let renews = !contained && record.is_some();
    let record = (!contained || record.is_none()).then(|| {
        let value = QuarantineRecord::value(since, cause, context.occasion.id());
        Change::SetTag(UserTag::Quarantined, value)
    });
    let mut changes: Vec<Change> = attach.map(|(change, _)| change).into_iter().chain(record).collect();
    if renews {
        changes.reverse();
    }
    (changes.into_iter().map(|change| context.change(change)).collect(), done)
}

/// Attaches the policy or, if ten are attached already, adds the user to the group that has it.
///
/// If the quota was raised, the group works just as well. Without a group, or if the user is in ten groups already,
/// attaching is tried anyway; if IAM refuses, the administrators are alerted.
fn attachment(context: &Context<'_>) -> (Change, Done) {
    let quarantine = &context.settings.quarantine.full;
    let full = context.user.attached_policies.len() >= ATTACHED_POLICIES;
    match &quarantine.group {
        Some(group) if full && context.user.groups.len() < GROUPS => {
            (Change::JoinGroup(group.clone()), Done::GroupJoined)
        }
        Some(_) | None => (Change::AttachPolicy(quarantine.policy.clone()), Done::PolicyAttached),
    }
}

/// Whether the user has been notified of the current quarantine.
fn has_been_told(context: &Context<'_>, record: Option<&QuarantineRecord>) -> bool {
    const CONTAINED: [NoticeKind; 2] = [NoticeKind::Quarantined, NoticeKind::QuarantineReminder];
    match record {
        Some(record) => context.was_told(&CONTAINED, record.since.unwrap_or(Timestamp::MIN)),
        // There is no record because it could not be written. Then only a notice for this same event counts.
        None => context.has_reported_event() && context.was_told(&CONTAINED, Timestamp::MIN),
    }
}

/// Mode `notify`: warns the user, and lists the containment steps as withheld.
fn warn_only(context: &Context<'_>, cause: Cause) -> Plan {
    if context.is_contained() {
        return remind::of_quarantine(context, cause);
    }
    let deadline = match context.posture {
        Posture::InGrace { deadline } | Posture::Overdue { deadline } => deadline,
        Posture::NotApplicable | Posture::Exempt(_) | Posture::Compliant { .. } => context.now,
    };
    remind::instead_of_quarantine(context, cause, deadline, containing(context, cause).0)
}
