//! Releases a user.
//!
//! A session that began without MFA stays what it is until it ends, whatever is enrolled meanwhile, and a thief may hold
//! one. So the enrolment ends only what it can prove: access keys work again, and sessions with MFA were never limited.
//! The rest of the quarantine ends `RELEASE_AFTER` later, when no such session can be alive.

use super::approval;
use super::context::Context;
use super::hold::Hold;
use super::place::Place;
use crate::change::Change;
use crate::event::{Occasion, Trigger, VISIBILITY_LAG};
use crate::facts::AccessKeys;
use crate::notice::{Done, ReleasedBy, UserAlert, UserMessage};
use crate::plan::{NoRoom, Plan, Step};
use crate::posture::Finding;
use crate::reason::Reason;
use crate::tags::{self, Cause, NoticeKind, QuarantineRecord, UserTag};
use jiff::Timestamp;

/// The plan to release a user. Steps that an earlier run completed are left out, so the next run finishes one that
/// failed halfway.
pub(super) fn release(context: &Context<'_>, by: ReleasedBy) -> Plan {
    match context.hold {
        Hold::ByHand => by_hand(context, by),
        Hold::Unknown => context.nothing(Reason::QuarantineOfUnknownOrigin),
        Hold::Free | Hold::Ours if by == ReleasedBy::Mfa && is_awaited(context) => approval::wait(context),
        Hold::Free | Hold::Ours => by_and_by(context, approved(context, by)),
    }
}

/// Whether the release waits for the approval of somebody else.
fn is_awaited(context: &Context<'_>) -> bool {
    approval::is_awaited(context.user, context.settings, context.now)
}

/// What the release is called where somebody else had to approve it.
fn approved(context: &Context<'_>, by: ReleasedBy) -> ReleasedBy {
    let was_needed = approval::strict(context.user, context.settings, None).is_some();
    if by == ReleasedBy::Mfa && was_needed { ReleasedBy::Approval } else { by }
}

/// Ends the quarantine, or what can end of it now.
fn by_and_by(context: &Context<'_>, by: ReleasedBy) -> Plan {
    match ends_at(context, by).filter(|end| *end > context.now) {
        // Once the strict quarantine is gone, only the record tells that it was approved.
        Some(_) if by == ReleasedBy::Approval && context.cannot_record(UserTag::Quarantined) => {
            context.nothing(Reason::ReleaseScheduled)
        }
        // Somebody may have undone what has not ended yet.
        Some(end) if context.is_contained() || (by.has_mfa() && context.has_quarantine()) => {
            schedule(context, by, end)
        }
        Some(_) | None => lift(context, by),
    }
}

/// The plan for a user without a password. Under a quarantine that also stops access keys, it stays while there are
/// active ones: lifting it would give them back to whoever holds them.
pub(super) fn without_password(context: &Context<'_>) -> Plan {
    let stays = context.hold == Hold::Ours
        && context.settings.quarantine.may_stop_keys_of(context.user)
        && context.user.keys != AccessKeys::NoneActive;
    if !stays {
        return release(context, ReleasedBy::PasswordRemoval);
    }
    let restored = restored_record(context).map(|change| context.change(change));
    let steps = context.alert(UserAlert::KeysWouldRevive).into_iter().chain(restored).collect();
    let mut plan = context.plan(Reason::KeysWouldRevive, steps);
    plan.findings.push(Finding::KeysWouldRevive);
    plan
}

/// The change that restores a record that is lost, of a quarantine that stays for its own reason; `None` if it is there, or
/// cannot be written. The cause is not known any more.
fn restored_record(context: &Context<'_>) -> Option<Change> {
    if context.quarantine_record().is_some() || context.cannot_record(UserTag::Quarantined) {
        return None;
    }
    let told = || context.last_notice.as_ref().map(|notice| notice.at);
    let since = context.user.attached_by.by_us().or_else(told).unwrap_or(context.now);
    let value = QuarantineRecord::value(since, None, context.occasion.id(), &context.episode);
    Some(Change::RestoreRecord(value))
}

/// When the last session that began without MFA can have ended; `None` if nothing needs to be waited for.
fn ends_at(context: &Context<'_>, by: ReleasedBy) -> Option<Timestamp> {
    let began_before = match by {
        ReleasedBy::Mfa | ReleasedBy::Approval => {
            approval::newest_device(context.user).map(|device| device.enabled)
        }
        ReleasedBy::PasswordRemoval => context.user.password_used,
        ReleasedBy::Exemption => None,
    };
    let wait = context.settings.release_after;
    began_before.filter(|_| !wait.is_zero()).map(|time| time.checked_add(wait).unwrap_or(Timestamp::MAX))
}

/// Somebody else's quarantine: only they know when it may end. At an enrolment the administrators hear that it is theirs
/// to lift.
fn by_hand(context: &Context<'_>, by: ReleasedBy) -> Plan {
    let enrols =
        matches!(context.occasion, Occasion::Event(event) if matches!(event.trigger, Trigger::MfaEnabled(_)));
    let steps = if by.has_mfa() || enrols { context.alert(UserAlert::HeldByHand) } else { Vec::new() };
    context.plan(Reason::QuarantinedByHand, steps)
}

/// Ends what can end now, confirms, and records when the rest ends.
fn schedule(context: &Context<'_>, by: ReleasedBy, end: Timestamp) -> Plan {
    let Narrowing { changes, other, is_open_meanwhile } = narrowing(context);
    let done = done_by(&changes);
    let mut steps: Vec<Step> = changes.into_iter().map(|change| context.change(change)).collect();
    steps.extend(scheduling(context, end).map(|change| context.change(change)));
    if by.has_mfa() && !is_told_of_release(context) {
        let message = UserMessage::Released { by, was_contained: true, rest_until: Some(end) };
        steps.extend(context.confirm(message, NoticeKind::Released, done));
    }
    let refused = if is_open_meanwhile { UserAlert::FallbackFailed } else { UserAlert::ReleaseFailed { by } };
    let refused = context.alert(refused);
    let no_room =
        other.map(|other| NoRoom { instead: Some(context.change(other.narrow())), alert: refused.clone() });
    let reason = match (steps.is_empty(), by) {
        (true, _) => Reason::ReleaseScheduled,
        (false, ReleasedBy::Mfa) => Reason::MfaEnrolled,
        (false, ReleasedBy::Approval) => Reason::Approved,
        (false, ReleasedBy::PasswordRemoval) => Reason::PasswordRemoved,
        (false, ReleasedBy::Exemption) => Reason::ExemptNow,
    };
    context.plan(reason, steps).or_refused(refused).or_elsewhere(no_room)
}

/// The changes that leave a user under the smaller quarantine.
struct Narrowing {
    changes: Vec<Change>,
    /// Where else the user can be put under it, if a quota stops that.
    other: Option<Place>,
    /// Whether the user is under no quarantine for a moment, because there is no room for a second one.
    is_open_meanwhile: bool,
}

fn narrowing(context: &Context<'_>) -> Narrowing {
    let quarantine = &context.settings.quarantine;
    let rest = quarantine.remainder();
    let others = quarantine.others(rest, context.user);
    if rest.holds(context.user) {
        return Narrowing { changes: others, other: None, is_open_meanwhile: false };
    }
    let (policies, groups) = (context.user.attached_policies.len(), context.user.groups.len());
    if let Some(place) = Place::of(rest, policies, groups) {
        let other = place.other(rest, groups);
        let changes = [place.narrow()].into_iter().chain(others).collect();
        return Narrowing { changes, other, is_open_meanwhile: false };
    }
    let detached = others.iter().filter(|change| matches!(change, Change::DetachPolicy(_))).count();
    let groups = groups - (others.len() - detached);
    let place = Place::of(rest, policies - detached, groups).unwrap_or(Place::Policy(rest.policy.clone()));
    let other = place.other(rest, groups);
    Narrowing {
        changes: others.into_iter().chain([place.narrow()]).collect(),
        other,
        is_open_meanwhile: true,
    }
}

/// The change that records when the quarantine ends; `None` if that is on record, or cannot be.
fn scheduling(context: &Context<'_>, end: Timestamp) -> Option<Change> {
    let needed = approval::strict(context.user, context.settings, None);
    let approved = needed.and_then(|_| approval::approved(context.user, context.settings, context.now));
    let recorded = context.quarantine_record();
    let is_recorded = recorded.is_some_and(|record| {
        record.release == Some(end) && approved.is_none_or(|at| record.approved == Some(at))
    });
    if is_recorded || context.cannot_record(UserTag::Quarantined) {
        return None;
    }
    let written = context.user.tag(UserTag::Quarantined).map(str::to_owned);
    let since = context.user.attached_by.by_us().unwrap_or(context.now);
    let value = written.unwrap_or_else(|| {
        QuarantineRecord::value(since, Cause::SignIn, context.occasion.id(), &context.episode)
    });
    let value = QuarantineRecord::with_release(&value, &context.episode, end, approved);
    Some(Change::ScheduleRelease(value))
}

/// Whether the user has heard that the quarantine ends. Of a user on whom nothing is recorded any more that is not known,
/// and nobody is told twice.
fn is_told_of_release(context: &Context<'_>) -> bool {
    let is_stripped = context.hold == Hold::Ours
        && context.quarantine_record().is_none()
        && context.last_notice.is_none()
        && context.occasion.is_sweep();
    let since = context.quarantine_record().and_then(|record| record.since);
    is_stripped || context.was_told(&[NoticeKind::Released], since.unwrap_or(Timestamp::MIN))
}

/// Whether a release that the user was told of left something in place: a run that saw the user as they were before had
/// put it back a moment earlier.
fn is_left_over(context: &Context<'_>) -> bool {
    let since = context.user.attached_by.by_us();
    context.quarantine_record().is_none()
        && since.is_some_and(|since| context.was_told(&[NoticeKind::Released], since))
}

/// Ends all of the quarantine, and confirms unless the user has been told.
///
/// The tag is removed last: while it is there, the next run knows that the confirmation has not been sent. Of a release
/// that somebody had to approve, it stays until a later sweep.
fn lift(context: &Context<'_>, by: ReleasedBy) -> Plan {
    let quarantine = &context.settings.quarantine;
    let policies = quarantine.policies_of(context.user).cloned().map(Change::DetachPolicy);
    let groups = quarantine.groups_of(context.user).into_iter().cloned().map(Change::LeaveGroup);
    let changes: Vec<Change> = policies.chain(groups).collect();
    let (done, is_ended) = (done_by(&changes), by != ReleasedBy::Approval || may_end(context, &changes));
    let recorded = if is_ended { None } else { scheduling(context, lifted_at(context)) };
    let changes = changes.into_iter().chain(recorded);
    let mut steps: Vec<Step> = changes.map(|change| context.change(change)).collect();
    let confirm = Confirmation::owed(context, by);
    match confirm {
        Some(Confirmation::Released) => {
            let message = UserMessage::Released { by, was_contained: true, rest_until: None };
            steps.extend(context.confirm(message, notice_kind(by), done));
        }
        Some(Confirmation::Thanks) => {
            let message = UserMessage::Released { by, was_contained: false, rest_until: None };
            steps.extend(context.confirm(message, NoticeKind::Released, Vec::new()));
        }
        None => {}
    }
    if is_ended && context.quarantine_record().is_some() {
        steps.push(context.change(Change::RemoveQuarantineTag));
    }
    // After the record, which would be that of a user whom nobody approved.
    if is_ended && context.has_quarantine() && context.user.tags.get(tags::APPROVED_KEY).is_some() {
        steps.push(context.change(Change::RemoveApproval));
    }
    let reason = match (by, confirm) {
        (_, None) if steps.is_empty() => Reason::NotContained,
        (ReleasedBy::Mfa, Some(Confirmation::Thanks)) => Reason::MfaEnrolledInTime,
        (ReleasedBy::Mfa, Some(Confirmation::Released) | None) => Reason::MfaEnrolled,
        (ReleasedBy::Approval, _) => Reason::Approved,
        (ReleasedBy::PasswordRemoval, _) => Reason::PasswordRemoved,
        (ReleasedBy::Exemption, _) => Reason::ExemptNow,
    };
    context.plan(reason, steps).or_refused(context.alert(UserAlert::ReleaseFailed { by }))
}

/// Whether what was approved may end for good: the record goes, and with it the approval.
///
/// IAM's answers are some seconds behind. So the approval that this run sees may have been taken back a moment ago. As long
/// as the record is there, the event of that finds it, or a later sweep, and puts the user back. Only a sweep that finds
/// the approval still in place after they were released ends it.
fn may_end(context: &Context<'_>, changes: &[Change]) -> bool {
    let is_over = |end: Timestamp| context.now.duration_since(end) >= VISIBILITY_LAG;
    let is_settled =
        changes.is_empty() && context.occasion.is_sweep() && approved_end(context).is_some_and(is_over);
    is_settled || context.cannot_record(UserTag::Quarantined)
}

/// The end of an approved quarantine that is on record.
fn approved_end(context: &Context<'_>) -> Option<Timestamp> {
    context.quarantine_record().filter(|record| record.approved.is_some())?.release
}

/// The end of the quarantine that is lifted now: the one that is on record, or this moment.
fn lifted_at(context: &Context<'_>) -> Timestamp {
    approved_end(context).filter(|end| *end <= context.now).unwrap_or(context.now)
}

/// What these changes take away, for messages.
fn done_by(changes: &[Change]) -> Vec<Done> {
    let mut done = Vec::new();
    if changes.iter().any(|change| matches!(change, Change::DetachPolicy(_))) {
        done.push(Done::PolicyDetached);
    }
    if changes.iter().any(|change| matches!(change, Change::LeaveGroup(_))) {
        done.push(Done::GroupLeft);
    }
    done
}

fn notice_kind(by: ReleasedBy) -> NoticeKind {
    match by {
        ReleasedBy::Mfa | ReleasedBy::Approval | ReleasedBy::Exemption => NoticeKind::Released,
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
        // The enrolment was confirmed at once, and the rest of the quarantine ends without a word: also if the user is
        // exempt as well, which a sweep may learn only after the first step.
        let has_mfa = by.has_mfa() || !context.user.devices.is_empty();
        if is_told_of_release(context) && (has_mfa || is_left_over(context)) {
            return None;
        }
        match (context.has_quarantine(), last, by) {
            (true, _, _) => Some(Self::Released),
            (false, Some(last), ReleasedBy::Mfa) if last.asks_for_mfa() => Some(Self::Thanks),
            (false, None, ReleasedBy::Mfa) if context.owes_thanks() => Some(Self::Thanks),
            (false, _, _) => None,
        }
    }
}
