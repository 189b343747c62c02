//! Topics of users who no longer exist.

use crate::digest::{Memory, day, latest};
use crate::event::SweepRequest;
use crate::settings::{Mode, Settings};
use jiff::civil::Weekday;
use std::collections::BTreeSet;

/// Whether this sweep looks for topics of users who no longer exist: a daily one on Sundays (UTC), or the first one
/// after a Sunday without any, unless `MODE` is `observe`.
///
/// SNS lists 100 topics per call, so with thousands of users this takes more calls than everything else. An unused
/// topic costs nothing and does no harm for a week.
#[must_use]
pub fn is_day_of_stale_topics(request: &SweepRequest, before: Option<&Memory>, settings: &Settings) -> bool {
    let today = day(request.time);
    let sunday = latest(Weekday::Sunday, today);
    let is_due = today == sunday || before.is_some_and(|before| day(before.swept) < sunday);
    // A hub has the topics of all accounts, of which one account tells nothing.
    let is_alone = settings.deployment.hub.is_none();
    is_due && is_alone && !request.is_hourly() && settings.mode != Mode::Observe
}

/// The names in `topics` that consist of `prefix` and an IAM user id that is not in `ids`.
///
/// Other names do not count: another deployment may use a longer prefix that begins the same. List the topics before
/// the users: then every topic's user, unless deleted, is in `ids`.
#[must_use]
pub fn stale_topics(topics: &[String], prefix: &str, ids: &BTreeSet<&str>) -> Vec<String> {
    let is_stale =
        |topic: &&String| topic.strip_prefix(prefix).is_some_and(|id| is_user_id(id) && !ids.contains(id));
    topics.iter().filter(is_stale).cloned().collect()
}

/// IAM user ids begin with AIDA and have at least 16 characters, all of them capital letters or digits.
fn is_user_id(id: &str) -> bool {
    id.starts_with("AIDA")
        && id.len() >= 16
        && id.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::stale_topics;
    use std::collections::BTreeSet;

    #[test]
    fn only_topics_of_deleted_users_are_orphans() {
        let names = [
            "mfa-user-AIDAEXAMPLEALICE",
            "mfa-user-AIDAEXAMPLEOFBOB",
            "mfa-user-eu-AIDAEXAMPLECAROL",
            "mfa-user-AIDA",
            "mfa-alerts",
        ];
        let topics = names.map(str::to_owned);
        let there = BTreeSet::from(["AIDAEXAMPLEALICE"]);
        assert_eq!(stale_topics(&topics, "mfa-user-", &there), ["mfa-user-AIDAEXAMPLEOFBOB"]);
    }
}
