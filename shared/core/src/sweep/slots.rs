//! How many users sweeps may still contain today because a deadline passed.

use crate::decide::sweep_user;
use crate::event::SweepRequest;
use crate::facts::UserFacts;
use crate::plan::Plan;
use crate::reason::Reason;
use crate::settings::Settings;
use crate::snapshot::UserSnapshot;
use crate::tags::{Cause, NoticeKind};
use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The time in which `MAX_QUARANTINES` counts.
const WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// The slots that are left.
///
/// A wrong setting makes a whole company overdue at once. Then only so many people lose their access before somebody
/// looks.
#[derive(Debug)]
pub struct Slots {
    /// `None` without a limit.
    left: Option<AtomicUsize>,
}

impl Slots {
    /// What is left of `MAX_QUARANTINES`, going by the quarantine tags of all users who are contained.
    #[must_use]
    pub fn left<'u>(
        users: impl IntoIterator<Item = &'u UserFacts>,
        settings: &Settings,
        now: Timestamp,
    ) -> Self {
        let since = now.checked_sub(WINDOW).unwrap_or(Timestamp::MIN);
        let is_taken_by = |user: &UserFacts| {
            user.quarantine_record().is_some_and(|record| {
                record.cause == Some(Cause::DeadlinePassed)
                    && record.event.is_some_and(|event| event.is_sweep())
                    && record.since.is_some_and(|at| at > since)
            })
        };
        // The tag comes first. If the quarantine itself was refused, the tag says nothing.
        let taken = users.into_iter().filter(|user| is_taken_by(user) && settings.quarantine.holds(user));
        let taken = taken.count();
        Self { left: settings.max_quarantines.map(|limit| AtomicUsize::new(limit.saturating_sub(taken))) }
    }

    /// The plan for a user who only waits for a slot, as far as the bulk answers tell: nobody needs to look them up.
    #[must_use]
    pub fn keeps_waiting(
        &self,
        snapshot: &UserSnapshot,
        request: &SweepRequest,
        settings: &Settings,
        now: Timestamp,
    ) -> Option<Plan> {
        let plan_for = |user: &UserFacts| sweep_user(request, user, settings, now);
        let none_left = self.left.as_ref().is_some_and(|left| left.load(Ordering::Relaxed) == 0);
        let plan = plan_for(&snapshot.user);
        let waits = none_left
            && snapshot.reported
            && needs_slot(&plan, &snapshot.user)
            && snapshot.with_the_latest_password().is_none_or(|later| needs_slot(&plan_for(&later), &later));
        waits.then(|| waiting(plan))
    }

    /// The plan for `user`, if it needs no slot or gets one; otherwise a plan that waits.
    #[must_use]
    pub fn admit(&self, plan: Plan, user: &UserFacts) -> Plan {
        let Some(left) = self.left.as_ref().filter(|_| needs_slot(&plan, user)) else { return plan };
        let take = |left: usize| left.checked_sub(1);
        if left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok() {
            plan
        } else {
            waiting(plan)
        }
    }

    /// Gives back the slot that the admitted `plan` took for the user `before`, if they are not contained `after` it.
    pub fn give_back(&self, plan: &Plan, before: &UserFacts, after: &UserFacts, settings: &Settings) {
        if let Some(left) = &self.left
            && needs_slot(plan, before)
            && !settings.quarantine.holds(after)
        {
            left.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Whether the plan contains the user because of the deadline alone.
///
/// A quarantine that somebody undid comes back without waiting. A tag alone may be left of a try that was refused: the
/// user is told only after the quarantine is attached.
pub(super) fn needs_slot(plan: &Plan, user: &UserFacts) -> bool {
    !was_contained(user)
        && plan.reason == Reason::Contain(Cause::DeadlinePassed)
        && plan.steps.iter().any(|step| step.effect().contains())
}

/// Whether it is on record that the user was contained, and was told so.
pub(crate) fn was_contained(user: &UserFacts) -> bool {
    let told = user.last_notice().map(|notice| notice.kind);
    user.quarantine_record().is_some()
        && matches!(told, Some(NoticeKind::Quarantined | NoticeKind::QuarantineReminder))
}

fn waiting(plan: Plan) -> Plan {
    Plan { reason: Reason::LimitReached, steps: Vec::new(), if_refused: Vec::new(), no_room: None, ..plan }
}
