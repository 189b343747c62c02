//! What the history tells of a user's quarantine, whether or not anything of it is left.
//!
//! Only calls of the enforcer count, but for who attached a policy: what others may call, they may call to mislead.

use super::approvals::approval;
use super::removals::{RENAMES, name_at};
use super::{Lookup, Records, beginning, calls, renames_of};
use crate::event::{PastCall, Relation};
use crate::facts::{Approval, Attachment, Traces, UserFacts};
use crate::settings::Settings;
use crate::tags::UserTag;
use jiff::Timestamp;

const ATTACHES: &str = "AttachUserPolicy";
const JOINS: &str = "AddUserToGroup";
const TAGS: &str = "TagUser";
const UNTAGS: &str = "UntagUser";

/// What to look up to tell what there was.
#[must_use]
pub fn traces_to_look_up(now: Timestamp) -> Vec<Lookup> {
    // As far back as the question who attached a quarantine, so that one answer serves both.
    [ATTACHES, JOINS, TAGS, UNTAGS, RENAMES].map(|name| Lookup { name, from: beginning(now) }).to_vec()
}

/// The traces of a user's quarantine, given the answers to [`traces_to_look_up`].
#[must_use]
pub fn traces(answers: &[Records], user: &UserFacts, settings: &Settings, now: Timestamp) -> Traces {
    let all: Vec<PastCall> = answers.iter().flat_map(|answer| calls(answer, settings)).collect();
    let renames = renames_of(&all);
    // A call from before the user was created was about an earlier user of the same name.
    let mut about_user: Vec<&PastCall> = all
        .iter()
        .filter(|call| (user.created..=now).contains(&call.time))
        .filter(|call| call.is_about(name_at(call.time, &user.name, &renames)))
        .collect();
    about_user.sort_by_key(|call| std::cmp::Reverse(call.time));
    let records: Vec<(Timestamp, String)> = about_user
        .iter()
        .filter(|call| call.name == TAGS && call.is_ours)
        .filter_map(|call| Some((call.time, call.tag(UserTag::Quarantined.key())?.to_owned())))
        .collect();
    let ends = |call: &&&PastCall| {
        call.name == UNTAGS && call.is_ours && call.removes_tag(UserTag::Quarantined.key())
    };
    let ended = about_user.iter().find(ends).map(|call| call.time);
    let approved = match approval(answers, user, settings, now) {
        Approval::Set { by: Relation::SomebodyElse, at, .. } => Some(at),
        Approval::Set { .. } | Approval::NotFound | Approval::NotLooked => None,
    };
    Traces {
        attachments: about_user.iter().filter_map(|call| attachment(call)).collect(),
        records,
        ended,
        approved,
        is_complete: answers.iter().all(|answer| answer.is_complete),
    }
}

fn attachment(call: &PastCall) -> Option<Attachment> {
    let parameter = match call.name.as_str() {
        ATTACHES => "policyArn",
        JOINS => "groupName",
        _ => return None,
    };
    let what = call.parameter(parameter)?.to_owned();
    Some(Attachment { at: call.time, what, by_us: call.is_ours })
}
