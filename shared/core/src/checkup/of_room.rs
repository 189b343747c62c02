//! Whether IAM has room for whatever contains users: on each of them, and in the account.

use super::check::{Check, Item, or_ok};
use super::of_settings::no_settings;
use super::seen::{RoomSeen, Seen};
use crate::decide::Room;
use crate::exemption::in_force;
use crate::quotas::{AccountQuotas, Stock, UserQuotas};
use crate::settings::{Mode, Settings};
use crate::snapshot::{AccountSnapshot, BulkAnswers, UserSnapshot};
use jiff::Timestamp;

/// To so many, AWS raises the policies of a user on request. Source: IAM User Guide, "IAM and AWS STS quotas".
const MOST_POLICIES: usize = 20;
/// So many users are named.
const NAMED: usize = 5;
/// Quotas as Service Quotas calls them.
const PER_USER: &str = "L-4019AD8B";
const POLICIES: &str = "L-E95E4862";
const GROUPS: &str = "L-F4A5425F";

/// Users that might be contained and are not yet, with the room of each.
struct Candidates {
    rooms: Vec<(UserSnapshot, Room)>,
    /// Why passwords are not known.
    error: Option<String>,
}

impl RoomSeen {
    /// Whether it matters who has a password: otherwise nobody needs to ask for the report.
    #[must_use]
    pub fn needs_report(&self, settings: &Settings, now: Timestamp) -> bool {
        let candidates = self.candidates(settings, now);
        candidates.is_ok_and(|candidates| candidates.rooms.iter().any(|(_, room)| !room.policy))
    }

    /// The account's own quotas or, if they could not be read, the usual ones.
    fn user_quotas(&self) -> UserQuotas {
        self.quotas.as_ref().map(|quotas| quotas.user).unwrap_or_default()
    }

    /// Whom the report does not know counts as having a password: it may be new.
    fn candidates(&self, settings: &Settings, now: Timestamp) -> Result<Candidates, String> {
        let users = self.users.clone()?;
        let (report, unread) = match &self.report {
            Some(Ok(report)) => (report.clone(), None),
            Some(Err(error)) => (Vec::new(), Some(error.clone())),
            None => (Vec::new(), None),
        };
        let answers = BulkAnswers { report, users, ..BulkAnswers::default() };
        let (account, error) = AccountSnapshot::as_far_as_known(answers, settings.partition());
        let error = unread.or_else(|| error.filter(|_| self.report.is_some()).map(|error| error.to_string()));
        let quotas = self.user_quotas();
        let users = account.users.into_iter().filter(|one| may_be_contained(one, settings, now));
        let room = |one: UserSnapshot| {
            let room = Room::of(&settings.quarantine, &one.user, quotas);
            (one, room)
        };
        Ok(Candidates { rooms: users.map(room).collect(), error })
    }
}

/// Whoever is exempt for good is never contained. Exemptions by a tag end.
fn may_be_contained(snapshot: &UserSnapshot, settings: &Settings, now: Timestamp) -> bool {
    let UserSnapshot { user, reported, .. } = snapshot;
    let exemption = in_force(user, settings, now).map(|(exemption, _)| exemption);
    let is_exempt = exemption.is_some_and(|exemption| exemption.until().is_none());
    let has_password = !reported || user.login_profile_created.is_some();
    has_password && !is_exempt && !settings.quarantine.holds(user)
}

/// Whether everybody can be contained, and an update of the stack can make what it needs.
pub(super) fn room(seen: &Seen) -> Vec<Check> {
    const ITEM: Item = Item::Room;
    let (mut checks, in_group) = of_users(seen);
    match &seen.room.quotas {
        Ok(quotas) => checks.extend(of_account(quotas, seen)),
        Err(error) => checks.push(Check::unknown(ITEM, "the quotas of the account", error)),
    }
    or_ok(checks, ITEM, || {
        let places = match in_group {
            0 => String::new(),
            count => format!(", {count} of them in the group alone"),
        };
        format!("everybody who may be quarantined has room for it{places}")
    })
}

/// What is wrong, and how many users have room in the group alone.
fn of_users(seen: &Seen) -> (Vec<Check>, usize) {
    const ITEM: Item = Item::Room;
    const WHO: &str = "who has room for the quarantine";
    let Some(deployed) = &seen.deployed else { return (vec![no_settings(ITEM, WHO)], 0) };
    let settings = &deployed.settings;
    let Candidates { rooms, error } = match seen.room.candidates(settings, seen.at) {
        Ok(candidates) => candidates,
        Err(error) => return (vec![Check::unknown(ITEM, WHO, &error)], 0),
    };
    let in_group = rooms.iter().filter(|(_, room)| !room.policy && room.group).count();
    let short = rooms.iter().filter(|(_, room)| room.is_none());
    let short: Vec<&str> = short.map(|(one, _)| one.user.name.as_str()).collect();
    let mut checks = Vec::new();
    if !short.is_empty() {
        let whom = if error.is_none() { "users with a password" } else { "users, some without a password," };
        let says = format!("{whom} whom no quarantine can hold, for lack of room: {}", named(&short));
        let advice = advice(seen.room.user_quotas(), &seen.region);
        // Otherwise nobody is to be quarantined.
        let check = if settings.mode == Mode::Enforce { Check::broken } else { Check::warning };
        checks.push(check(ITEM, says, advice));
    }
    checks.extend(error.map(|error| Check::unknown(ITEM, "who has a password", &error)));
    (checks, in_group)
}

/// How many, and the first names.
fn named(users: &[&str]) -> String {
    let names: Vec<&str> = users.iter().copied().take(NAMED).collect();
    let more = match users.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{} ({}{more})", users.len(), names.join(", "))
}

fn advice(quotas: UserQuotas, region: &str) -> String {
    let free = "detach one of their policies, or take them out of a group";
    if quotas.policies >= MOST_POLICIES {
        return free.to_owned();
    }
    format!("{free}, or ask for more policies per user: {}", increase(PER_USER, MOST_POLICIES, region))
}

fn increase(code: &str, value: usize, region: &str) -> String {
    format!(
        "aws service-quotas request-service-quota-increase --service-code iam --quota-code {code} --desired-value \
         {value} --region {region}"
    )
}

/// What an update of the stack may find no room for: it makes what replaces something before it deletes that.
fn of_account(quotas: &AccountQuotas, seen: &Seen) -> Vec<Check> {
    let RoomSeen { own_policies, own_groups, .. } = seen.room;
    let kinds = [
        ("customer-managed policies", quotas.policies, own_policies, POLICIES),
        ("groups", quotas.groups, own_groups, GROUPS),
    ];
    let short = |(what, stock, own, code): (&str, Stock, usize, &str)| {
        (stock.left() < own).then(|| {
            let says = format!(
                "the account can have {} more {what}, and the stack has {own}: an update that replaces them would fail",
                stock.left()
            );
            let more = increase(code, stock.quota.saturating_add(own), &seen.region);
            Check::warning(Item::Room, says, format!("delete some that nobody needs, or {more}"))
        })
    };
    kinds.into_iter().filter_map(short).collect()
}
