//! Containing a user: once, completely, and with one notice.

use super::case::Case;
use super::sweep;
use crate::notice::{Audience, Done, Kind};
use crate::plan::{Plan, Reason, Step};
use crate::posture::Posture;
use crate::settings::Mode;
use crate::tags::{self, Cause, Containment, NoticeKind};
use jiff::Timestamp;

/// IAM allows 10 managed policies on a user unless the quota was raised.
const ATTACHED_POLICIES: usize = 10;
/// IAM allows a user to be in 10 groups.
const GROUPS: usize = 10;

/// The plan for a user who has to be contained because of `why`.
pub(super) fn contain(case: &Case<'_>, why: Cause) -> Plan {
    match case.settings.mode {
        Mode::Notify => warn_only(case, why),
        Mode::Observe | Mode::Enforce => enforce(case, why),
    }
}

fn enforce(case: &Case<'_>, why: Cause) -> Plan {
    let tag = case.containment();
    let contained = case.is_contained();
    let (mut steps, done) = containing(case, why);
    let told = contained && has_been_told(case, tag.as_ref()) && !case.is_owed();
    if !told {
        steps.push(case.notify(Kind::Quarantined { cause: why }, Audience::UserAndAdmins, vec![done]));
        steps.push(case.mark(NoticeKind::Quarantined));
    }
    if told {
        // What is made whole does not put off the reminder.
        let reminder = again(case, why);
        if steps.is_empty() {
            return reminder;
        }
        steps.extend(reminder.steps.into_iter().chain(reminder.withheld));
    }
    let reason = if contained { Reason::FinishContainment(why) } else { Reason::Contain(why) };
    case.plan(reason, steps).or_refused(case.alert(Kind::ContainmentFailed { cause: why }))
}

/// The steps that contain a user, less what is done already.
fn containing(case: &Case<'_>, why: Cause) -> (Vec<Step>, Done) {
    let contained = case.is_contained();
    let first = (!case.is_contained_as_set()).then(|| container(case));
    let done = match &first {
        Some((_, done)) if !contained => *done,
        Some(_) | None => Done::WasContained,
    };
    // A run that contained and told, but could not write the tag, leaves its note, and with it the time.
    let since = match &case.last_notice {
        Some(notice) if contained && has_been_told(case, None) => notice.at,
        Some(_) | None => case.now,
    };
    // The tag of an earlier containment that was undone says nothing of this one. It is renewed first: after a run
    // that ends between the two, the old tag would vouch that the user has been told.
    let renews = !contained && case.containment().is_some();
    let tag = (!contained || case.containment().is_none()).then(|| Step::SetTag {
        user: case.user.name.clone(),
        key: tags::QUARANTINED_KEY,
        value: Containment::value(since, why, &case.event.source.id),
    });
    let mut steps: Vec<Step> = first.map(|(step, _)| step).into_iter().chain(tag).collect();
    if renews {
        steps.reverse();
    }
    (steps, done)
}

/// Attach the policy; where ten are attached already, join the group that has it.
///
/// If the quota was raised, the group contains as well. Without a group, or with no room for one more
/// group, attaching is tried all the same, and the administrators hear of it if IAM refuses.
fn container(case: &Case<'_>) -> (Step, Done) {
    let user = case.user.name.clone();
    let full = case.user.attached_policies.len() >= ATTACHED_POLICIES;
    match &case.settings.group {
        Some(group) if full && case.user.groups.len() < GROUPS => {
            (Step::JoinGroup { user, group: group.clone() }, Done::GroupJoined)
        }
        Some(_) | None => {
            let policy_arn = case.settings.policy_arn().to_owned();
            (Step::AttachPolicy { user, policy_arn }, Done::PolicyAttached)
        }
    }
}

/// Whether the notice of the present containment has been given.
fn has_been_told(case: &Case<'_>, tag: Option<&Containment>) -> bool {
    const CONTAINED: [NoticeKind; 2] = [NoticeKind::Quarantined, NoticeKind::QuarantineReminder];
    match tag {
        Some(Containment { since, .. }) => case.was_told(&CONTAINED, since.unwrap_or(Timestamp::MIN)),
        // The tag could not be written; then only this event's own note counts.
        None => case.has_reported_event() && case.was_told(&CONTAINED, Timestamp::MIN),
    }
}

/// Contained and told: a sign-in gets a reminder of the way back, at most once a day.
fn again(case: &Case<'_>, why: Cause) -> Plan {
    match why {
        _ if case.is_sweep() => sweep::remind_contained(case),
        Cause::SignIn => remind_contained(case),
        Cause::PasswordCreated | Cause::MfaRemoved | Cause::DeadlinePassed => {
            case.nothing(Reason::AlreadyContained)
        }
    }
}

/// The reminder of the way back for a contained user who signed in.
pub(super) fn remind_contained(case: &Case<'_>) -> Plan {
    if case.has_reported_event()
        || case.was_told_today(&[NoticeKind::Quarantined, NoticeKind::QuarantineReminder])
    {
        return case.nothing(Reason::AlreadyContained);
    }
    let notice = case.notify(Kind::QuarantineReminder, Audience::UserAndAdmins, vec![Done::WasContained]);
    case.plan(Reason::SignedInWhileContained, vec![notice, case.mark(NoticeKind::QuarantineReminder)])
}

/// Mode `notify`: say what would be done.
fn warn_only(case: &Case<'_>, why: Cause) -> Plan {
    if case.is_contained() {
        return again(case, why);
    }
    let deadline = match case.posture {
        Posture::InGrace { deadline } | Posture::Overdue { deadline } => deadline,
        Posture::NotApplicable | Posture::Exempt(_) | Posture::Compliant { .. } => case.now,
    };
    if case.is_sweep() {
        return sweep::warn(case, why, deadline, containing(case, why).0);
    }
    if case.has_reported_event() {
        return case.nothing(Reason::AlreadySaid);
    }
    if why == Cause::SignIn && case.was_told_today(&[NoticeKind::Reminder, NoticeKind::FinalNotice]) {
        return case.nothing(Reason::RemindedToday);
    }
    // A user and a password that are created together bring two events.
    let created = case.user.login_profile_created.unwrap_or(Timestamp::MIN);
    if why == Cause::PasswordCreated && case.was_told(&NoticeKind::ALL, created) {
        return case.nothing(Reason::AlreadySaid);
    }
    let (mut steps, _) = containing(case, why);
    let kind = Kind::Reminder { cause: why, deadline };
    steps.push(case.notify(kind, Audience::UserAndAdmins, vec![Done::WithheldByMode]));
    steps.push(case.mark(NoticeKind::Reminder));
    case.plan(Reason::WarnOnly(why), steps)
}
