//! Containing a user: once, completely, and with one notice.

use super::context::Context;
use super::sweep_rules;
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
pub(super) fn contain(context: &Context<'_>, why: Cause) -> Plan {
    match context.settings.mode {
        Mode::Notify => warn_only(context, why),
        Mode::Observe | Mode::Enforce => enforce(context, why),
    }
}

fn enforce(context: &Context<'_>, why: Cause) -> Plan {
    let tag = context.containment();
    let contained = context.is_contained();
    let (mut steps, done) = containing(context, why);
    let told = contained && has_been_told(context, tag.as_ref()) && !context.is_owed();
    if !told {
        steps.push(context.notify(Kind::Quarantined { cause: why }, Audience::UserAndAdmins, vec![done]));
        steps.push(context.mark(NoticeKind::Quarantined));
    }
    if told {
        // What is made whole does not put off the reminder.
        let reminder = again(context, why);
        if steps.is_empty() {
            return reminder;
        }
        steps.extend(reminder.steps.into_iter().chain(reminder.withheld));
    }
    let reason = if contained { Reason::FinishContainment(why) } else { Reason::Contain(why) };
    context.plan(reason, steps).or_refused(context.alert(Kind::ContainmentFailed { cause: why }))
}

/// The steps that contain a user, less what is done already.
fn containing(context: &Context<'_>, why: Cause) -> (Vec<Step>, Done) {
    let contained = context.is_contained();
    let first = (!context.is_contained_as_set()).then(|| container(context));
    let done = match &first {
        Some((_, done)) if !contained => *done,
        Some(_) | None => Done::WasContained,
    };
    // A run that contained and told, but could not write the tag, leaves its note, and with it the time.
    let since = match &context.last_notice {
        Some(notice) if contained && has_been_told(context, None) => notice.at,
        Some(_) | None => context.now,
    };
    // The tag of an earlier containment that was undone says nothing of this one. It is renewed first: after a run
    // that ends between the two, the old tag would vouch that the user has been told.
    let renews = !contained && context.containment().is_some();
    let tag = (!contained || context.containment().is_none()).then(|| Step::SetTag {
        user: context.user.name.clone(),
        key: tags::QUARANTINED_KEY,
        value: Containment::value(since, why, &context.event.source.id),
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
fn container(context: &Context<'_>) -> (Step, Done) {
    let user = context.user.name.clone();
    let full = context.user.attached_policies.len() >= ATTACHED_POLICIES;
    match &context.settings.group {
        Some(group) if full && context.user.groups.len() < GROUPS => {
            (Step::JoinGroup { user, group: group.clone() }, Done::GroupJoined)
        }
        Some(_) | None => {
            let policy_arn = context.settings.policy_arn().to_owned();
            (Step::AttachPolicy { user, policy_arn }, Done::PolicyAttached)
        }
    }
}

/// Whether the notice of the present containment has been given.
fn has_been_told(context: &Context<'_>, tag: Option<&Containment>) -> bool {
    const CONTAINED: [NoticeKind; 2] = [NoticeKind::Quarantined, NoticeKind::QuarantineReminder];
    match tag {
        Some(Containment { since, .. }) => context.was_told(&CONTAINED, since.unwrap_or(Timestamp::MIN)),
        // The tag could not be written; then only this event's own note counts.
        None => context.has_reported_event() && context.was_told(&CONTAINED, Timestamp::MIN),
    }
}

/// Contained and told: a sign-in gets a reminder of the way back, at most once a day.
fn again(context: &Context<'_>, why: Cause) -> Plan {
    match why {
        _ if context.is_sweep() => sweep_rules::remind_contained(context),
        Cause::SignIn => remind_contained(context),
        Cause::PasswordCreated | Cause::MfaRemoved | Cause::DeadlinePassed => {
            context.nothing(Reason::AlreadyContained)
        }
    }
}

/// The reminder of the way back for a contained user who signed in.
pub(super) fn remind_contained(context: &Context<'_>) -> Plan {
    if context.has_reported_event()
        || context.was_told_today(&[NoticeKind::Quarantined, NoticeKind::QuarantineReminder])
    {
        return context.nothing(Reason::AlreadyContained);
    }
    let notice = context.notify(Kind::QuarantineReminder, Audience::UserAndAdmins, vec![Done::WasContained]);
    context.plan(Reason::SignedInWhileContained, vec![notice, context.mark(NoticeKind::QuarantineReminder)])
}

/// Mode `notify`: say what would be done.
fn warn_only(context: &Context<'_>, why: Cause) -> Plan {
    if context.is_contained() {
        return again(context, why);
    }
    let deadline = match context.posture {
        Posture::InGrace { deadline } | Posture::Overdue { deadline } => deadline,
        Posture::NotApplicable | Posture::Exempt(_) | Posture::Compliant { .. } => context.now,
    };
    if context.is_sweep() {
        return sweep_rules::warn(context, why, deadline, containing(context, why).0);
    }
    if context.has_reported_event() {
        return context.nothing(Reason::AlreadySaid);
    }
    if why == Cause::SignIn && context.was_told_today(&[NoticeKind::Reminder, NoticeKind::FinalNotice]) {
        return context.nothing(Reason::RemindedToday);
    }
    // A user and a password that are created together bring two events.
    let created = context.user.login_profile_created.unwrap_or(Timestamp::MIN);
    if why == Cause::PasswordCreated && context.was_told(&NoticeKind::ALL, created) {
        return context.nothing(Reason::AlreadySaid);
    }
    let (mut steps, _) = containing(context, why);
    let kind = Kind::Reminder { cause: why, deadline };
    steps.push(context.notify(kind, Audience::UserAndAdmins, vec![Done::WithheldByMode]));
    steps.push(context.mark(NoticeKind::Reminder));
    context.plan(Reason::WarnOnly(why), steps)
}
