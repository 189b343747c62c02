//! All calls that changed one user, for whoever asks what happened.

use super::removals::name_at;
use super::{Lookup, Records, beginning, calls, renames_of};
use crate::event::PastCall;
use crate::facts::UserFacts;
use crate::settings::Settings;
use jiff::Timestamp;

/// The calls that change what counts of a user.
const CALLS: [&str; 15] = [
    "AddUserToGroup",
    "AttachUserPolicy",
    "CreateLoginProfile",
    "CreateUser",
    "DeactivateMFADevice",
    "DeleteLoginProfile",
    "DeleteUserPermissionsBoundary",
    "DetachUserPolicy",
    "EnableMFADevice",
    "PutUserPermissionsBoundary",
    "RemoveUserFromGroup",
    "TagUser",
    "UntagUser",
    "UpdateLoginProfile",
    "UpdateUser",
];

/// What to look up to tell what happened to any user.
#[must_use]
pub fn calls_to_look_up(now: Timestamp) -> Vec<Lookup> {
    CALLS.map(|name| Lookup { name, from: beginning(now) }).to_vec()
}

/// The calls about this user, the oldest first, given the answers to [`calls_to_look_up`].
#[must_use]
pub fn calls_about(
    answers: &[Records],
    user: &UserFacts,
    settings: &Settings,
    now: Timestamp,
) -> Vec<PastCall> {
    let all: Vec<PastCall> = answers.iter().flat_map(|answer| calls(answer, settings)).collect();
    let renames = renames_of(&all);
    // A call from before the user was created was about an earlier user of the same name.
    let mut about_user: Vec<PastCall> = all
        .into_iter()
        .filter(|call| (user.created..=now).contains(&call.time))
        .filter(|call| call.is_about(name_at(call.time, &user.name, &renames)))
        .collect();
    about_user.sort_by_key(|call| call.time);
    about_user
}
