//! What has to hold of a trial, whichever calls failed.

use super::settled::Settled;
use super::{BYSTANDER, Delivered, Trial, bystander};
use crate::account::{Account, Policy, deployed_in};
use jiff::Timestamp;
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::posture::{Finding, Posture, posture};
use mfa_enforcer_core::settings::{Release, Settings};
use mfa_enforcer_core::tags::Cause;
use std::collections::{BTreeMap, BTreeSet};

/// How a trial ended.
#[derive(Debug, Clone)]
pub struct Ending {
    /// Alice, if she is still there.
    pub user: Option<Settled>,
    /// What came of each delivery.
    pub deliveries: Vec<Delivered>,
    ledger: Option<String>,
    quarantine: Whole,
    /// The sweeps that were ordered.
    orders: BTreeSet<String>,
}

/// The quarantine itself: the version in force of each policy that was changed, the policies of each group, and the groups
/// that are gone.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Whole {
    versions: BTreeMap<String, Option<String>>,
    groups: BTreeMap<String, BTreeSet<String>>,
    gone: BTreeSet<String>,
}

impl Whole {
    fn of(account: &Account) -> Self {
        let policies = account.quarantine.lock().unwrap();
        let in_force = |policy: &Policy| policy.in_force.clone();
        Self {
            versions: policies
                .iter()
                .map(|(arn, policy)| (arn.clone(), policy.as_ref().map(in_force)))
                .collect(),
            groups: account
                .groups
                .lock()
                .unwrap()
                .iter()
                .map(|(name, policies)| (name.clone(), policies.iter().cloned().collect()))
                .filter(|(name, policies)| *policies != deployed_in(name).into_iter().collect())
                .collect(),
            gone: account.gone_groups.lock().unwrap().clone(),
        }
    }

    /// The same without the spares that groups have. A group gets one where nobody may read the versions of the policy.
    /// It has the same text, and it stays: no role may detach anything from a group.
    fn without_spares(&self) -> Self {
        let mut rest = self.clone();
        for policies in rest.groups.values_mut() {
            policies.retain(|arn| !arn.ends_with("-spare"));
        }
        rest.groups.retain(|name, policies| *policies != deployed_in(name).into_iter().collect());
        rest
    }
}

impl Ending {
    /// How this trial of the user with this id ended.
    pub fn of(trial: &Trial<'_>, id: &str) -> Self {
        Self {
            user: trial.user(id).map(|user| Settled::of(&user)),
            deliveries: trial.deliveries.clone(),
            ledger: trial.account.alerts_tags.lock().unwrap().get("mfa-enforcer:root-notified").cloned(),
            quarantine: Whole::of(&trial.account),
            orders: trial.account.orders.lock().unwrap().clone(),
        }
    }

    /// Whether the account stands as in the other ending, and the same was said by as many deliveries.
    pub fn stands_as(&self, other: &Self) -> bool {
        let said = |ending: &Self| ending.deliveries.iter().map(Delivered::summary).collect::<Vec<_>>();
        self.user == other.user
            && self.ledger == other.ledger
            && self.quarantine == other.quarantine
            && said(self).last() == said(other).last()
    }

    /// This ending, and then what came after so many deliveries of another one.
    #[must_use]
    pub fn followed_by(&self, other: &Self, deliveries: usize) -> Self {
        let later = other.deliveries.iter().skip(deliveries).cloned();
        let deliveries = self.deliveries.iter().cloned().chain(later).collect();
        Self { deliveries, ..other.clone() }
    }

    /// Whether a digest names the user.
    fn is_named_in_a_digest(&self) -> bool {
        self.deliveries.iter().flat_map(|one| &one.digests).any(|digest| digest.contains("\"alice\""))
    }

    /// What came of each delivery, a line each.
    fn in_short(&self) -> String {
        self.deliveries.iter().fold(String::new(), |lines, one| lines + "\n  " + &one.summary())
    }

    fn said(&self, which: fn(&Delivered) -> &Vec<String>) -> BTreeMap<String, Told> {
        let mut told: BTreeMap<String, Told> = BTreeMap::new();
        for delivery in &self.deliveries {
            for kind in which(delivery) {
                let told = told.entry(kind.clone()).or_default();
                if delivery.error.is_none() { told.well += 1 } else { told.by_failed += 1 }
            }
        }
        told
    }
}

#[derive(Debug, Default, Clone, Copy)]
struct Told {
    /// By deliveries that succeeded.
    well: usize,
    /// By deliveries that failed.
    by_failed: usize,
}

/// What may differ from the trial without a fault.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Allowed {
    /// Each message may come so many times more, from runs at the same time.
    pub more: usize,
    /// AWS refused a call for good. Then what was said last may differ, something may be said once more because it could
    /// not be recorded, and left unsaid if a failed run or a finding tells of that.
    pub is_refused: bool,
    /// Where it says whose the quarantine is.
    pub origin: Origin,
    /// The event history could not be read. Then nobody may know why somebody was contained, which counts as a takeover. Of
    /// a quarantine of which nothing is recorded, a sweep says that the deadline passed.
    pub is_history_unread: bool,
    /// What two faults together may lose.
    pub lost: Lost,
    /// A sweep may have done it before the event could. Its digest tells the administrators, and no message of its own.
    pub is_beside_a_sweep: bool,
}

/// What two faults together may lose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Lost {
    /// Nothing.
    #[default]
    Nothing,
    /// A sweep could not note what it was about to repair, and then it failed before it told of that.
    Repair,
    /// The record of a quarantine could not be written twice. Nobody knows its cause, so it counts as a takeover.
    Cause,
}

/// Where it says whose the quarantine of a user is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Origin {
    /// On the user.
    #[default]
    OnUser,
    /// Only in the event history. If a run ends between a release and the message about it, then the message is lost; and
    /// what the event could not read is left to the digest, or costs a reminder.
    InHistory,
    /// Only in the event history, and the user was not told yet. The same holds; but the user is told in any case, and
    /// administrators by a digest that names the user, if the event could not read the history.
    CutOff {
        /// Whether a look at the history failed.
        is_unread: bool,
    },
    /// Only in the event history, which could not be read. What cannot be read contains: the user may be under more of it.
    /// Nobody is released for that, and nothing that somebody else attached is recorded as ours.
    Unread,
}

/// Messages that may be lost with the history: the digest has them, or a reminder a day later.
const LEFT_TO_THE_DIGEST: [&str; 4] =
    ["released", "quarantine-reminder", "quarantined-by-hand", "held-by-hand"];

/// What is wrong with a trial, compared with the same one without a fault; `None` if nothing is.
pub fn wrong(good: &Ending, trial: &Ending, allowed: Allowed) -> Option<String> {
    // What an event and a sweep at the same time say last depends on which of them is last.
    let is_silent = allowed.is_refused || allowed.is_beside_a_sweep || allowed.origin != Origin::OnUser;
    let stand = |ending: &Ending| {
        let user = ending.user.clone().map(Settled::without_cause);
        user.map(|user| if is_silent { user.silenced() } else { user })
    };
    let is_more = (allowed.origin == Origin::Unread && is_under_more(good, trial))
        || (allowed.lost == Lost::Cause && is_stricter(good, trial));
    if stand(trial) != stand(good) && !is_more {
        return Some(format!("ended in another state\n  good {:?}\n  this {:?}", good.user, trial.user));
    }
    if !is_cause_kept(good, trial, allowed) {
        return Some(format!("another cause\n  good {:?}\n  this {:?}", good.user, trial.user));
    }
    let is_told = trial.deliveries.iter().any(Delivered::says_so);
    // One that is ordered too many finds nothing to do.
    let may_differ = allowed.is_refused && is_told;
    if !may_differ && !trial.orders.is_superset(&good.orders) {
        return Some(format!("no sweep ordered: {:?}, {:?}", good.orders, trial.orders));
    }
    let is_same = if allowed.is_refused {
        trial.quarantine.without_spares() == good.quarantine.without_spares()
    } else {
        trial.quarantine == good.quarantine
    };
    if !may_differ && !is_same {
        return Some(format!(
            "another quarantine\n  good {:?}\n  this {:?}",
            good.quarantine, trial.quarantine
        ));
    }
    // A ledger that could not be read is not overwritten, which is a finding. One that may not be written stays as it is.
    let may_be_repeat = trial.deliveries.iter().any(|delivery| !delivery.repeats.is_empty());
    if trial.ledger != good.ledger
        && !is_told
        && !may_be_repeat
        && !allowed.is_refused
        && !allowed.is_beside_a_sweep
    {
        return Some(format!("another ledger: {:?}, {:?}{}", good.ledger, trial.ledger, trial.in_short()));
    }
    let to_users: fn(&Delivered) -> &Vec<String> = |delivery| &delivery.to_users;
    let to_admins: fn(&Delivered) -> &Vec<String> = |delivery| &delivery.to_admins;
    for (which, whom) in [(to_users, "users"), (to_admins, "administrators")] {
        let (due, said) = (good.said(which), trial.said(which));
        for (kind, due) in &due {
            let told = said.get(kind).copied().unwrap_or_default();
            // A reminder comes a day later if the last message could not be recorded.
            let may_wait = allowed.is_refused && kind == "quarantine-reminder";
            let is_lost = allowed.lost == Lost::Repair && kind.ends_with("-restored");
            let is_to_admins = whom == "administrators";
            let is_in_digest = is_to_admins && allowed.is_beside_a_sweep;
            let of_origin = match allowed.origin {
                Origin::OnUser => false,
                Origin::InHistory => LEFT_TO_THE_DIGEST.contains(&kind.as_str()),
                Origin::CutOff { is_unread } => {
                    let in_digest = is_to_admins && is_unread && kind == "quarantined";
                    LEFT_TO_THE_DIGEST.contains(&kind.as_str()) || (in_digest && trial.is_named_in_a_digest())
                }
                Origin::Unread => true,
            };
            let may_be_lost =
                is_lost || is_in_digest || of_origin || may_wait || (allowed.is_refused && is_told);
            if told.well + told.by_failed == 0 && !may_be_lost {
                return Some(format!("never said to {whom}: {kind}{}", trial.in_short()));
            }
            // A sweep that failed is always reported.
            let is_report =
                kind == "digest" && trial.deliveries.iter().any(|delivery| delivery.error.is_some());
            // An alert whose ledger could not be read says that it may be a repetition.
            let findings = trial.deliveries.iter().flat_map(|delivery| &delivery.findings);
            let is_marked = findings.into_iter().any(|text| *text == Finding::LedgerUnreadable.to_string());
            let may_repeat = trial.deliveries.iter().any(|delivery| delivery.repeats.contains(kind));
            let is_once_more = allowed.is_refused || is_report || is_marked || may_repeat;
            let more = allowed.more + usize::from(is_once_more);
            if told.well > due.well + more {
                return Some(format!(
                    "said {} times by runs that succeeded, not {}: {kind}",
                    told.well, due.well
                ));
            }
        }
    }
    None
}

/// Whether the record says why the user was contained, as far as that can be known.
fn is_cause_kept(good: &Ending, trial: &Ending, allowed: Allowed) -> bool {
    let cause = |ending: &Ending| ending.user.as_ref().and_then(|user| user.cause);
    // A record that could not be written keeps the cause of the one before, and a sweep may have come first.
    let may_be_another = allowed.is_refused || allowed.is_beside_a_sweep || allowed.lost == Lost::Cause;
    match (cause(good), cause(trial)) {
        (good, this) if good == this => true,
        (_, None) | (None, Some(Cause::DeadlinePassed)) if allowed.is_history_unread => true,
        (_, _) => may_be_another,
    }
}

/// Whether the user is under all that they would be under, and more, and all else is the same.
fn is_under_more(good: &Ending, trial: &Ending) -> bool {
    let (Some(good), Some(user)) = (&good.user, &trial.user) else { return false };
    let without =
        |user: &Settled| Settled { policies: BTreeSet::new(), groups: BTreeSet::new(), ..user.clone() };
    user.policies.is_superset(&good.policies)
        && user.groups.is_superset(&good.groups)
        && without(user).silenced().without_cause() == without(good).silenced().without_cause()
}

/// Whether the user is under the strict quarantine in place of another, and all else is the same.
fn is_stricter(good: &Ending, trial: &Ending) -> bool {
    let (Some(good), Some(user)) = (&good.user, &trial.user) else { return false };
    let strict = |names: &BTreeSet<String>| -> BTreeSet<String> {
        let strict = |name: &String| name.replace("-quarantine-strict-", "-quarantine-");
        names.iter().map(strict).map(|name| name.replace("-quarantine-", "-quarantine-strict-")).collect()
    };
    let made_strict =
        Settled { policies: strict(&good.policies), groups: strict(&good.groups), ..good.clone() };
    user.clone().without_cause() == made_strict.without_cause()
}

/// What is wrong with a user after all sweeps, whatever happened to them in whatever order; `None` if nothing is.
/// `is_approved` says whether somebody else approved the release of the devices that the user has.
pub fn unsettled(
    trial: &Trial<'_>,
    id: &str,
    start: &UserFacts,
    is_approved: bool,
    settings: &Settings,
    now: Timestamp,
) -> Option<String> {
    let is_other = |user: &&UserFacts| user.name.as_str() != BYSTANDER;
    let user = trial.account.users.lock().unwrap().values().find(is_other).cloned()?;
    let told = |kind: &str| {
        trial.deliveries.iter().any(|delivery| delivery.to_users.iter().any(|told| told == kind))
    };
    let (is_contained, is_recorded) = (settings.quarantine.holds(&user), user.quarantine_record().is_some());
    let state = || {
        format!(
            "{:?}, {:?}",
            Settled::of(&user),
            trial.deliveries.iter().map(Delivered::summary).collect::<Vec<_>>()
        )
    };
    if is_contained != is_recorded {
        return Some(format!("half contained: {}", state()));
    }
    let was_contained = settings.quarantine.holds(start);
    let is_same = user.id == id;
    let posture = posture(&user, settings, now);
    // Whoever was under the strict quarantine stays there with MFA, too, until somebody else approves the release.
    let is_awaited = settings.release == Release::Approval && was_contained && is_same && !is_approved;
    let is_free = match posture {
        Posture::NotApplicable | Posture::Exempt(_) => true,
        Posture::Compliant { .. } => !is_awaited,
        Posture::InGrace { .. } | Posture::Overdue { .. } => false,
    };
    if is_awaited && matches!(posture, Posture::Compliant { .. }) {
        if !settings.quarantine.holds_strictly(&user) {
            return Some(format!("not under the strict quarantine: {}", state()));
        }
        if !told("awaiting-approval") {
            return Some(format!("not told who approves: {}", state()));
        }
    }
    if is_free && is_contained {
        return Some(format!("still contained: {}", state()));
    }
    if matches!(posture, Posture::Overdue { .. }) && !is_contained {
        return Some(format!("not contained: {}", state()));
    }
    let was_limited = is_same && (was_contained || told("quarantined"));
    if matches!(posture, Posture::Compliant { .. }) && is_free && was_limited && !told("released") {
        return Some(format!("not told of the release: {}", state()));
    }
    if is_contained && !(was_contained && is_same) && !told("quarantined") {
        return Some(format!("not told of the quarantine: {}", state()));
    }
    if is_same { spoilt(trial, id, start, settings) } else { None }
}

/// What is wrong with the account, whatever happened in it; `None` if nothing is.
pub fn spoilt(trial: &Trial<'_>, id: &str, before: &UserFacts, settings: &Settings) -> Option<String> {
    let bystander_now = trial.account.users.lock().unwrap().get(BYSTANDER).cloned();
    if bystander_now != Some(bystander()) {
        return Some(format!("somebody else was changed: {bystander_now:?}"));
    }
    let user = trial.user(id)?;
    let quarantine = &settings.quarantine;
    let others = |user: &UserFacts| {
        let held: BTreeSet<&String> = quarantine.policies_of(user).collect();
        let policies: BTreeSet<String> =
            user.attached_policies.iter().filter(|arn| !held.contains(arn)).cloned().collect();
        let groups = quarantine.groups_of(user);
        let groups: BTreeSet<String> = user
            .groups
            .iter()
            .filter(|own| !groups.iter().any(|group| group.eq_ignore_ascii_case(own)))
            .cloned()
            .collect();
        (policies, groups, Settled::of(user).others)
    };
    if let Some(strict) = quarantine.strict.as_ref().filter(|_| settings.release == Release::Automatic)
        && strict.holds(&user)
    {
        return Some("sessions with MFA are stopped".to_owned());
    }
    (others(&user) != others(before)).then(|| format!("what is not ours was changed: {user:?}"))
}
