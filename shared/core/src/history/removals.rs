//! Removals of MFA devices that no event told of, because it was lost, or because the user had another name by then.

use super::{Lookup, Records, beginning, calls};
use crate::digest::{Memory, Note};
use crate::event::{EventId, PastCall, Subject, SweepKind, UserName};
use crate::facts::Removal;
use crate::settings::Settings;
use crate::snapshot::UserSnapshot;
use crate::tags::second;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// Tag of the alerts topic that holds the time up to which the event history was read, and the time of the first look.
pub const LAST_LOOK_KEY: &str = "mfa-enforcer:last-look";

const REMOVES: &str = "DeactivateMFADevice";
pub(super) const RENAMES: &str = "UpdateUser";
/// How far a look goes back before the last one: the history is some minutes late, rarely more.
const OVERLAP: SignedDuration = SignedDuration::from_hours(2);
/// How far the clocks of two runs may differ: 5 minutes, as AWS allows for signed requests.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// A look at the event history for removals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The earliest time of interest.
    from: Timestamp,
    /// When the first look of all was taken. What happened before was before the deployment, as far as anybody can
    /// tell.
    first: Timestamp,
    /// When this look is taken.
    at: Timestamp,
}

/// A device that was removed from a user.
#[derive(Debug, Clone, PartialEq)]
pub struct PastRemoval {
    event: EventId,
    time: Timestamp,
    user: UserName,
    /// The user's unique id; `None` unless the user removed the device themselves.
    user_id: Option<String>,
}

/// A user who was given another name.
#[derive(Debug, Clone, PartialEq)]
pub struct Rename {
    /// When.
    pub(super) time: Timestamp,
    /// The name before.
    pub(super) from: UserName,
    /// The name since.
    pub(super) to: UserName,
}

impl Look {
    /// The look that a sweep takes at `now`, given the tags of the alerts topic and what it remembers of the last daily
    /// sweep.
    ///
    /// It begins two hours before the last look that succeeded. A daily sweep also looks at everything since the last
    /// one, for its digest. The first look goes back as far as the history does.
    #[must_use]
    pub fn of(
        kind: SweepKind,
        topic: &BTreeMap<String, String>,
        memory: Option<&Memory>,
        now: Timestamp,
    ) -> Self {
        let Some((last, first)) = topic.get(LAST_LOOK_KEY).and_then(|value| parse(value)) else {
            return Self::after(None, now);
        };
        if last.duration_since(now) > CLOCK_TOLERANCE {
            return Self::after(None, now);
        }
        let since = match (kind, memory) {
            (SweepKind::Hourly, _) => last,
            (SweepKind::Daily, Some(memory)) if memory.digest.is_some() => last.min(memory.swept),
            (SweepKind::Daily, Some(_) | None) => Timestamp::MIN,
        };
        Self::after(Some((since, first)), now)
    }

    /// The look of a sweep at `now` that goes back to `since`, after the first look was taken at `first`; the first one
    /// of all without them.
    pub(crate) fn after(taken: Option<(Timestamp, Timestamp)>, now: Timestamp) -> Self {
        let Some((since, first)) = taken else { return Self { from: beginning(now), first: now, at: now } };
        let from = since.checked_sub(OVERLAP).unwrap_or(Timestamp::MIN).max(beginning(now));
        Self { from, first, at: now }
    }

    /// What to look up.
    #[must_use]
    pub fn lookup(&self) -> Lookup {
        Lookup { name: REMOVES, from: self.from }
    }

    /// What to note on the alerts topic after the look has succeeded; `None` if the tag says so already.
    #[must_use]
    pub fn note(&self, topic: Option<&BTreeMap<String, String>>) -> Option<Note> {
        let value = format!("{} first={}", second(self.at), second(self.first));
        let noted = topic.and_then(|tags| tags.get(LAST_LOOK_KEY));
        (noted != Some(&value)).then_some((LAST_LOOK_KEY, value))
    }
}

/// Time of the last look, and of the first one.
fn parse(value: &str) -> Option<(Timestamp, Timestamp)> {
    let (last, first) = value.trim().split_once(" first=")?;
    Some((last.parse().ok()?, first.parse().ok()?))
}

/// The removals in the history.
#[must_use]
pub fn removals(records: &Records, settings: &Settings) -> Vec<PastRemoval> {
    let removal = |call: PastCall| match call.subject {
        Subject::User(user) if call.name == REMOVES => {
            Some(PastRemoval { event: call.id, time: call.time, user, user_id: call.subject_id })
        }
        Subject::User(_) | Subject::Root | Subject::Quarantine | Subject::Enforcer => None,
    };
    calls(records, settings).filter_map(removal).collect()
}

/// What to look up to learn who was renamed after one of these removals; `None` if there are none.
#[must_use]
pub fn renames_to_look_up(removals: &[PastRemoval]) -> Option<Lookup> {
    let from = removals.iter().map(|removal| removal.time).min()?;
    Some(Lookup { name: RENAMES, from })
}

/// The renames in the history, in the order in which they happened.
#[must_use]
pub fn renames(records: &Records, settings: &Settings) -> Vec<Rename> {
    renames_of(&calls(records, settings).collect::<Vec<_>>())
}

/// The renames among these calls, in the order in which they happened.
pub(super) fn renames_of(calls: &[PastCall]) -> Vec<Rename> {
    let mut renames: Vec<Rename> = calls.iter().filter_map(rename).collect();
    renames.sort_by_key(|rename| rename.time);
    renames
}

/// The rename that a call was; `None` if it was none.
fn rename(call: &PastCall) -> Option<Rename> {
    let to = call.parameter("newUserName").and_then(UserName::new)?;
    match &call.subject {
        Subject::User(from) if call.name == RENAMES => {
            Some(Rename { time: call.time, from: from.clone(), to })
        }
        Subject::User(_) | Subject::Root | Subject::Quarantine | Subject::Enforcer => None,
    }
}

/// Notes on each user the latest removal that was about them, under whichever name they had then.
///
/// A removal about nobody who is still there is dropped: that user was deleted. So is one from before the user was
/// created: that was an earlier user of the same name.
pub fn note_removals(users: &mut [UserSnapshot], removals: &[PastRemoval], renames: &[Rename], look: &Look) {
    let by_name: BTreeMap<String, usize> = users
        .iter()
        .enumerate()
        .map(|(index, snapshot)| (snapshot.user.name.as_str().to_lowercase(), index))
        .collect();
    for removal in removals {
        let name = name_now(&removal.user, removal.time, renames);
        let index = by_name.get(&name.as_str().to_lowercase());
        let Some(snapshot) = index.and_then(|index| users.get_mut(*index)) else { continue };
        let user = &mut snapshot.user;
        let is_same = removal.user_id.as_ref().is_none_or(|id| *id == user.id);
        let is_latest = user.removal.as_ref().is_none_or(|known| known.time < removal.time);
        if is_same && is_latest && user.created <= removal.time {
            user.removal = Some(Removal {
                event: removal.event.clone(),
                time: removal.time,
                before_deployment: removal.time < look.first,
            });
        }
    }
}

/// The name that the user has now who was called `then` at `time`. A chain of renames is followed in order of time.
pub(super) fn name_now<'a>(then: &'a UserName, time: Timestamp, renames: &'a [Rename]) -> &'a UserName {
    let after = renames.iter().filter(|rename| rename.time >= time);
    after.fold(then, |name, rename| if rename.from == *name { &rename.to } else { name })
}

/// The name that a user had at this time. A chain of renames is followed backwards.
pub(super) fn name_at<'a>(time: Timestamp, now: &'a UserName, renames: &'a [Rename]) -> &'a UserName {
    let since = renames.iter().rev().take_while(|rename| rename.time > time);
    since.fold(now, |name, rename| if rename.to == *name { &rename.from } else { name })
}
