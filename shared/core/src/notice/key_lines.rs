//! What the administrators read about access keys when a user was contained: which are active, and whether the quarantine
//! stops them. If the user may have been taken over, also what it leaves open besides, and what to do about that.

use super::Background;
use crate::access_keys::{ActiveKey, KeyUse, KeysSeen};
use crate::settings::Scope;

/// The active keys, each in a line.
pub(super) fn lines(keys: &KeysSeen, background: &Background) -> Vec<String> {
    let active = match keys {
        KeysSeen::Unreadable => vec!["could not be read".to_owned()],
        KeysSeen::Active(active) if active.is_empty() => vec!["none active".to_owned()],
        KeysSeen::Active(active) => active.iter().map(|key| line(key, background)).collect(),
    };
    let line = |(index, words): (usize, String)| {
        let label = if index == 0 { "Keys:     " } else { "          " };
        format!("{label}{words}")
    };
    active.into_iter().enumerate().map(line).collect()
}

fn line(key: &ActiveKey, background: &Background) -> String {
    let letterhead = &background.letterhead;
    let days = background.occasion.time().duration_since(key.created).as_hours().max(0) / 24;
    let age = match days {
        0 => "less than a day ago".to_owned(),
        1 => "1 day ago".to_owned(),
        days => format!("{days} days ago"),
    };
    let used = match &key.used {
        KeyUse::Never => "never used".to_owned(),
        KeyUse::Last { time, service, region } => {
            format!("last used {} for {service} in {region}", letterhead.moment(*time))
        }
        KeyUse::Unknown => "last use could not be read".to_owned(),
    };
    format!("...{}, active, created {} ({age}), {used}", key.last_four(), letterhead.day(key.created))
}

/// Whether the quarantine stops the keys, where nothing speaks of a takeover.
pub(super) fn in_short(keys: &KeysSeen, scope: Scope) -> Vec<String> {
    let about_keys = match (keys, scope) {
        (KeysSeen::Active(active), _) if active.is_empty() => return Vec::new(),
        (KeysSeen::Active(_), Scope::Console) => {
            "This quarantine (scope console) does not stop access keys: those above go on working."
        }
        (KeysSeen::Unreadable, Scope::Console) => {
            "The user's access keys could not be read. This quarantine (scope console) does not stop them."
        }
        (KeysSeen::Active(_), Scope::Everything) => {
            "This quarantine (scope everything) stops access keys too: programs that use those above are refused until \
             the user is released."
        }
        (KeysSeen::Unreadable, Scope::Everything) => {
            "The user's access keys could not be read. This quarantine (scope everything) stops them too, until the user \
             is released."
        }
    };
    vec![about_keys.to_owned()]
}

/// What the quarantine leaves open after a possible takeover, and what an administrator can do about it.
pub(super) fn after_takeover(keys: &KeysSeen, background: &Background) -> Vec<String> {
    let about_keys = match (keys, background.scope) {
        (KeysSeen::Active(active), _) if active.is_empty() => {
            "No access key of the user is active. A role session that the user began earlier goes on until it expires."
        }
        (KeysSeen::Active(_), Scope::Console) => {
            "This quarantine (scope console) does NOT stop access keys: whoever has one of these keys can go on using \
             it, also to begin role sessions. Deactivate each key that you cannot account for, on the user's page in \
             the console. A role session that began earlier goes on until it expires."
        }
        (KeysSeen::Unreadable, Scope::Console) => {
            "The user's access keys could not be read, and this quarantine (scope console) does NOT stop them. Look at \
             them on the user's page in the console, and deactivate each key that you cannot account for."
        }
        (KeysSeen::Active(_), Scope::Everything) => {
            "This quarantine (scope everything) stops access keys too, and gives them back once the user is released. \
             Deactivate each key that you cannot account for before that, on the user's page in the console. A role \
             session that began earlier goes on until it expires."
        }
        (KeysSeen::Unreadable, Scope::Everything) => {
            "The user's access keys could not be read. This quarantine (scope everything) stops them, and gives them \
             back once the user is released. Look at them on the user's page in the console before that."
        }
    };
    let about_sessions = "To end the user's sessions, attach a policy that denies everything to the user: where \
                          aws:TokenIssueTime is before now, it ends all sessions that began so far; where \
                          aws:SignInSessionArn is the ARN that CloudTrail shows as signInSessionArn, it ends that one. \
                          Neither stops access keys.";
    vec![about_keys.to_owned(), about_sessions.to_owned()]
}
