//! Who exempted a user, where no event told of it, or before anybody listened.
//!
//! Whoever may tag a user may write the enforcer's own note as well. The history cannot be written, so what it tells
//! counts beside any note.

use super::removals::{RENAMES, name_now};
use super::{Lookup, Records, beginning, calls, renames};
use crate::event::{PastCall, Subject, SweepKind, UserName};
use crate::exemption::{Act, By, ExemptedBy, Exemption, Mark, Origin, grants, origin};
use crate::facts::UserFacts;
use crate::settings::Settings;
use crate::snapshot::UserSnapshot;
use crate::tags::{EXEMPT_UNTIL_KEY, UserTag};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

const TAGS: &str = "TagUser";
const UNTAGS: &str = "UntagUser";
const CREATES: &str = "CreateUser";
/// How far back a daily sweep looks for acts whose events were lost: since the last one, and a day more.
const LATELY: SignedDuration = SignedDuration::from_hours(48);

/// What is in question about a user's exemption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Question {
    /// Whether anybody changed something lately.
    Lately,
    /// Who exempted the user.
    Who,
}

/// What to look up about the exemptions of these users; empty if there is no question.
///
/// An hourly sweep asks only about contained users, whom an exemption would release. One answer serves all users.
#[must_use]
pub fn exemptions_to_look_up(
    users: &[UserSnapshot],
    kind: SweepKind,
    settings: &Settings,
    now: Timestamp,
) -> Vec<Lookup> {
    let mut names = BTreeSet::new();
    let mut from = None;
    for snapshot in users {
        let user = &snapshot.user;
        let Some(question) = question(snapshot, kind, settings, now) else { continue };
        let asks_who = question == Question::Who;
        let earliest = if asks_who { beginning(now) } else { lately(now) };
        from = Some(from.map_or(earliest, |from: Timestamp| from.min(earliest)));
        // For renames, too: the user may have had another name.
        names.insert(RENAMES);
        if asks_who || is_by_tag(user, settings, now) {
            names.insert(TAGS);
        }
        // Before a quarantine is lifted, nothing may be missed.
        if is_quarantined(user, settings) {
            names.insert(UNTAGS);
        }
        if asks_who && kind == SweepKind::Daily {
            names.insert(CREATES);
        }
    }
    from.map(|from| names.into_iter().map(|name| Lookup { name, from }).collect()).unwrap_or_default()
}

fn question(
    snapshot: &UserSnapshot,
    kind: SweepKind,
    settings: &Settings,
    now: Timestamp,
) -> Option<Question> {
    let user = &snapshot.user;
    // Without a password there is nothing to be exempt from.
    if snapshot.reported && user.login_profile_created.is_none() {
        return None;
    }
    let grants = grants(user, settings, now);
    if grants.is_empty() {
        return None;
    }
    if is_quarantined(user, settings) {
        return Some(Question::Who);
    }
    if kind == SweepKind::Hourly {
        return None;
    }
    let is_open = |(exemption, mark): &(Exemption, Mark)| {
        exemption.until().is_some()
            && match origin(user, mark, now) {
                Origin::Unknown(None) => true,
                Origin::Unknown(Some(act)) => act.by == By::Seen,
                Origin::Own(_) | Origin::Other(_) => false,
            }
    };
    Some(if grants.iter().any(is_open) { Question::Who } else { Question::Lately })
}

/// Whether anything is left of a quarantine: a policy, the group, or the record.
fn is_quarantined(user: &UserFacts, settings: &Settings) -> bool {
    settings.quarantine.holds(user) || user.quarantine_record().is_some()
}

fn is_by_tag(user: &UserFacts, settings: &Settings, now: Timestamp) -> bool {
    grants(user, settings, now).iter().any(|(exemption, _)| exemption.until().is_some())
}

fn lately(now: Timestamp) -> Timestamp {
    now.checked_sub(LATELY).unwrap_or(Timestamp::MIN)
}

/// Notes on each user what the history tells of their exemptions, given the answers to [`exemptions_to_look_up`].
pub fn note_exemptions(
    users: &mut [UserSnapshot],
    answers: &[(Lookup, Records)],
    kind: SweepKind,
    settings: &Settings,
    now: Timestamp,
) {
    let is_complete = answers.iter().all(|(_, records)| records.is_complete);
    let is_all = answers.iter().all(|(lookup, _)| lookup.from <= beginning(now));
    let of_renames = answers.iter().filter(|(lookup, _)| lookup.name == RENAMES);
    let renamed: Vec<_> = of_renames.flat_map(|(_, records)| renames(records, settings)).collect();
    let marks: Vec<Vec<Mark>> = users
        .iter()
        .map(|snapshot| grants(&snapshot.user, settings, now).into_iter().map(|(_, mark)| mark).collect())
        .collect();
    let mut by_name = BTreeMap::new();
    let mut by_id = BTreeMap::new();
    for (index, snapshot) in users.iter_mut().enumerate() {
        if question(snapshot, kind, settings, now).is_none() {
            continue;
        }
        by_name.insert(snapshot.user.name.as_str().to_lowercase(), index);
        by_id.insert(snapshot.user.id.clone(), index);
        snapshot.user.exempted_by =
            ExemptedBy { read: is_all.then_some(now), is_complete, ..ExemptedBy::default() };
    }
    for call in answers.iter().flat_map(|(_, records)| calls(records, settings)) {
        let Subject::User(then) = &call.subject else { continue };
        let name = name_now(then, call.time, &renamed).as_str().to_lowercase();
        // The id is that of the caller, where the call was about the caller.
        let index = call.subject_id.as_ref().map_or_else(|| by_name.get(&name), |id| by_id.get(id));
        let Some((user, live)) = index.and_then(|index| Some((users.get_mut(*index)?, marks.get(*index)?)))
        else {
            continue;
        };
        if (user.user.created..=now).contains(&call.time) {
            note(&mut user.user, live, &call, then);
        }
    }
}

/// Notes what one call did to the exemptions of its user.
fn note(user: &mut UserFacts, live: &[Mark], call: &PastCall, then: &UserName) {
    let written = call.tag(UserTag::ExemptBy.key());
    if call.is_ours {
        if let Some(written) = written.filter(|written| user.tag(UserTag::ExemptBy) == Some(*written)) {
            user.exempted_by.our_note = Some(written.to_owned());
        }
        return;
    }
    let by = By::of(&call.actor, then, &user.id);
    let act = |of: Mark| Act { at: call.time, by: by.clone(), event: Some(call.id.clone()), of };
    let is_own = act(Mark::no_tag()).is_own(&user.id);
    let of_name = call.parameter("newUserName").map(Mark::of_name);
    let of_path = call.parameter("newPath").map(Mark::of_path);
    let of_tag = call.tag(EXEMPT_UNTIL_KEY).map(Mark::of_tag);
    let others = [
        (call.removes_tag(EXEMPT_UNTIL_KEY) || of_tag.as_ref().is_some_and(|mark| !live.contains(mark)))
            .then(Mark::no_tag),
        of_name.as_ref().is_some_and(|mark| !live.contains(mark)).then(Mark::no_name),
        of_path.as_ref().is_some_and(|mark| !live.contains(mark)).then(Mark::no_path),
    ];
    let acts = of_name.into_iter().chain(of_path).chain(of_tag).filter(|mark| live.contains(mark));
    if let Some(written) = written.filter(|written| is_own && user.tag(UserTag::ExemptBy) == Some(*written)) {
        user.exempted_by.forged_note = Some(written.to_owned());
    }
    // Whoever writes the note about themselves has decided about all of it.
    let forged = live.iter().filter(|_| is_own && written.is_some()).cloned();
    // Of these, only the time matters.
    let others = others.into_iter().flatten().map(|mark| Act { by: By::Unknown, ..act(mark) });
    let acts: Vec<Act> = acts.chain(forged).map(&act).chain(others).collect();
    for act in acts {
        let known = &mut user.exempted_by.acts;
        match known.iter_mut().find(|known| known.of == act.of) {
            Some(known) if known.rank(&user.id) < act.rank(&user.id) => *known = act,
            Some(_) => {}
            None => known.push(act),
        }
    }
}
