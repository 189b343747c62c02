//! How many users sweeps may still contain today because a deadline passed.

use crate::facts::UserFacts;
use crate::plan::Plan;
use crate::reason::Reason;
use crate::settings::Settings;
use crate::snapshot::UserSnapshot;
use crate::tags::Cause;
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
    /// What is left of `MAX_QUARANTINES`, going by the quarantine tags of all users.
    #[must_use]
    pub fn left(users: &[UserSnapshot], settings: &Settings, now: Timestamp) -> Self {
        let since = now.checked_sub(WINDOW).unwrap_or(Timestamp::MIN);
        let taken = users.iter().filter(|user| {
            user.user.quarantine_record().is_some_and(|record| {
                record.cause == Some(Cause::DeadlinePassed)
                    && record.event.is_some_and(|event| event.is_sweep())
                    && record.since.is_some_and(|at| at > since)
            })
        });
        let taken = taken.count();
        Self { left: settings.max_quarantines.map(|limit| AtomicUsize::new(limit.saturating_sub(taken))) }
    }

    /// The plan for `user`, if it needs no slot or gets one; otherwise a plan that waits.
    #[must_use]
    pub fn admit(&self, plan: Plan, user: &UserFacts) -> Plan {
        // A quarantine that somebody undid comes back without waiting.
        let needs_slot = user.quarantine_record().is_none()
            && plan.reason == Reason::Contain(Cause::DeadlinePassed)
            && plan.steps.iter().any(|step| step.effect().contains());
        let Some(left) = self.left.as_ref().filter(|_| needs_slot) else { return plan };
        let take = |left: usize| left.checked_sub(1);
        if left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok() {
            plan
        } else {
            waiting(plan)
        }
    }
}

fn waiting(plan: Plan) -> Plan {
    Plan { reason: Reason::LimitReached, steps: Vec::new(), if_refused: Vec::new(), ..plan }
}
