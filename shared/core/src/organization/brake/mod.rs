//! How many quarantines may begin in an hour: in an account, and in all accounts of an organization.
//!
//! Whoever is to be contained takes a slot of the account and one of the organization first. A slot is an object that is
//! written only if it is not there, so no two users have the same one, whatever the number of functions at work. Slots
//! are not given back: a quarantine that failed may be in force all the same.
//!
//! Nothing is decided here on what is in force already, on a release, or on a removed device: those take no slot.

mod search;

use crate::decide::told_once;
use crate::effect::Effect;
use crate::event::{EventId, Function, Occasion};
use crate::evidence::json_line;
use crate::facts::{RootLedger, UserFacts};
use crate::notice::AccountAlert;
use crate::plan::{Plan, Step};
use crate::reason::Reason;
use crate::settings::{LimitOf, Settings};
use crate::sweep::was_contained;
use crate::tags::Cause;
use jiff::Timestamp;
use search::Search;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::num::NonZeroUsize;

/// What the keys of all slots begin with.
const BRAKES: &str = "organization/brakes/";
/// Stands for all accounts where a key has the number of one.
const ALL: &str = "all";
/// The hour in a key, and in the id of the alert.
const HOUR: &str = "%Y-%m-%dT%H";

/// A slot, which is taken by writing it where it is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Key of the object.
    pub key: String,
    /// What the key begins with in this hour.
    pub hour: String,
    /// Who takes it, as JSON.
    pub bytes: Vec<u8>,
}

/// Whose a slot is once somebody tried to take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// It was free, and is taken now.
    Taken,
    /// It was taken before, by whoever wrote this.
    Before(Vec<u8>),
}

/// Who takes a slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Taker {
    /// Number of the account.
    account: String,
    /// Unique id of the user.
    user: String,
    /// Id of the event, or of the sweep.
    event: String,
}

/// The way of one user to a quarantine: [`Admission::next_slot`] says which slot to try, [`Admission::record`] takes the
/// answer, and [`Admission::admitted`] gives the plan that may be carried out.
#[derive(Debug)]
pub struct Admission {
    hour: String,
    taker: Taker,
    name: String,
    /// The slots that are still to be taken. The account's comes first, so that an account with a storm uses up no more
    /// of the organization's than its own limit.
    searches: VecDeque<Search>,
    used_up: Option<UsedUp>,
}

/// A limit that is reached.
#[derive(Debug)]
struct UsedUp {
    limit_of: LimitOf,
    limit: NonZeroUsize,
    /// Whether this event is the one that tells of it; `None` before that is known.
    tells: Option<bool>,
}

impl Admission {
    /// The slots that the plan for this user needs; `None` if it needs none.
    #[must_use]
    pub fn of(
        plan: &Plan,
        occasion: &Occasion,
        user: &UserFacts,
        settings: &Settings,
        now: Timestamp,
    ) -> Option<Self> {
        let limits = settings.hourly_limits.filter(|_| needs_slot(plan, occasion, user, settings))?;
        let taker = Taker {
            account: settings.deployment.account.clone(),
            user: user.id.clone(),
            event: occasion.id().as_str().to_owned(),
        };
        let all = [(LimitOf::Account, limits.account), (LimitOf::Organization, limits.organization)];
        let search = |(limit_of, limit): (LimitOf, Option<NonZeroUsize>)| {
            Some(Search::of(limit_of, limit?, &taker.account, &taker.user))
        };
        let searches: VecDeque<Search> = all.into_iter().filter_map(search).collect();
        let (hour, name) = (now.strftime(HOUR).to_string(), user.name.to_string());
        (!searches.is_empty()).then_some(Self { hour, taker, name, searches, used_up: None })
    }

    /// The next slot to take; `None` if it is known what becomes of the plan.
    #[must_use]
    pub fn next_slot(&self) -> Option<Slot> {
        let (limit_of, name) = match (&self.used_up, self.searches.front()) {
            (Some(UsedUp { limit_of, tells: None, .. }), _) => (*limit_of, "told".to_owned()),
            (Some(UsedUp { tells: Some(_), .. }), _) | (None, None) => return None,
            (None, Some(search)) => (search.limit_of, search.place()?.to_string()),
        };
        let of = match limit_of {
            LimitOf::Account => self.taker.account.as_str(),
            LimitOf::Organization => ALL,
        };
        let hour = format!("{BRAKES}{}/", self.hour);
        Some(Slot { key: format!("{hour}{of}/{name}"), hour, bytes: json_line(&self.taker) })
    }

    /// Records whose the slot is.
    pub fn record(&mut self, holder: &Holder) {
        let before = match holder {
            Holder::Taken => None,
            Holder::Before(bytes) => Some(serde_json::from_slice::<Taker>(bytes).ok()),
        };
        if let Some(used_up) = &mut self.used_up {
            // A second delivery of the event tells, if the first one did not come so far.
            used_up.tells = Some(before.is_none_or(|taker| taker.as_ref() == Some(&self.taker)));
            return;
        }
        let Some(search) = self.searches.front_mut() else { return };
        if before.is_none_or(|taker| taker.is_some_and(|taker| taker.is_same_user(&self.taker))) {
            self.searches.pop_front();
            return;
        }
        search.go_on();
        if search.place().is_none() {
            self.used_up = Some(UsedUp { limit_of: search.limit_of, limit: search.limit, tells: None });
        }
    }

    /// Whether it matters what the administrators were told of the account.
    #[must_use]
    pub fn needs_ledger(&self) -> bool {
        self.used_up.as_ref().is_some_and(|used_up| used_up.tells == Some(true))
    }

    /// The plan if all slots were taken, or else what is left of it while the user waits. `ledger` is what the
    /// administrators were told, if that matters.
    #[must_use]
    pub fn admitted(self, plan: Plan, occasion: &Occasion, ledger: &RootLedger, settings: &Settings) -> Plan {
        let (limit_of, limit, tells) = match (self.used_up, self.searches.front()) {
            (Some(UsedUp { limit_of, limit, tells }), _) => (limit_of, limit, tells == Some(true)),
            // Not every slot was asked for.
            (None, Some(Search { limit_of, limit, .. })) => (*limit_of, *limit, false),
            (None, None) => return plan,
        };
        let (reason, word) = match limit_of {
            LimitOf::Account => (Reason::HourlyLimitReached, "account"),
            LimitOf::Organization => (Reason::OrganizationLimitReached, "organization"),
        };
        let mut steps: Vec<Step> = plan.steps.into_iter().filter(is_kept).collect();
        let mut findings = plan.findings;
        let id = EventId::new(&format!("held-{}-{word}", self.hour));
        if let Some(id) = id.filter(|_| tells) {
            let alert = AccountAlert::HourUsedUp { limit_of, limit: limit.get(), user: self.name };
            let told = told_once(alert, &id, occasion, ledger, settings);
            steps.extend(told.steps);
            findings.extend(told.findings);
        }
        // What has to be tried again anyway is not settled by this.
        let reason = if plan.reason.is_transient() { plan.reason } else { reason };
        Plan { reason, steps, findings, if_refused: Vec::new(), no_room: None, ..plan }
    }
}

impl Taker {
    fn is_same_user(&self, other: &Self) -> bool {
        (&self.account, &self.user) == (&other.account, &other.user)
    }
}

/// Whether the plan begins a quarantine that may wait.
fn needs_slot(plan: &Plan, occasion: &Occasion, user: &UserFacts, settings: &Settings) -> bool {
    let contains = plan.steps.iter().any(|step| step.effect() == Effect::Contain);
    // Grace never covers a removal, or a person has decided, or a device is there and waits for an approval.
    let never_waits = matches!(
        plan.reason,
        Reason::Contain(Cause::MfaRemoved | Cause::Operator)
            | Reason::FinishContainment(Cause::MfaRemoved | Cause::Operator)
            | Reason::AwaitsApproval
    );
    // The guard puts back what somebody undid.
    let is_put_back = occasion.is_of(Function::Guard);
    contains && !never_waits && !is_put_back && !settings.quarantine.holds(user) && !was_contained(user)
}

/// Whether a step is carried out although the user waits: what others did is told and noted all the same.
fn is_kept(step: &Step) -> bool {
    match step.effect() {
        Effect::Alert
        | Effect::RecordAlert
        | Effect::RecordExemption
        | Effect::Repair
        | Effect::Report
        | Effect::RecordReport
        | Effect::OrderSweep => true,
        Effect::RecordQuarantine
        | Effect::CountPutBack
        | Effect::Contain
        | Effect::Release
        | Effect::ScheduleRelease
        | Effect::ClaimNotice
        | Effect::Notify
        | Effect::RecordNotice
        | Effect::RestoreRecord
        | Effect::EndQuarantine => false,
    }
}
