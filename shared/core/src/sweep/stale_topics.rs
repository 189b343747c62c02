//! Topics of users who are gone.

use crate::event::SweepRequest;
use crate::settings::{Mode, Settings};
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;

/// Whether this sweep looks for topics of users who are gone: on Sundays (UTC), unless `MODE` is `observe`.
///
/// SNS lists a hundred topics a call, so where thousands of users have one, this takes more calls than all the
/// rest. A topic that nobody publishes to costs nothing and harms nobody for a week.
#[must_use]
pub fn is_day_of_orphans(request: &SweepRequest, settings: &Settings) -> bool {
    let day = request.time.to_zoned_datetime(TimeZone::UTC).date().weekday();
    day == Weekday::Sunday && settings.mode != Mode::Observe
}

/// The names among `topics` that are `prefix` and the unique id of an IAM user who is none of `ids`.
///
/// Only such names count: another deployment may use a longer prefix
/// that begins with the same letters. The topics have to be listed before the users are: whoever has a topic
/// was there when it was created.
#[must_use]
pub fn orphans(topics: &[String], prefix: &str, ids: &BTreeSet<&str>) -> Vec<String> {
    let is_orphan =
        |topic: &&String| topic.strip_prefix(prefix).is_some_and(|id| is_user_id(id) && !ids.contains(id));
    topics.iter().filter(is_orphan).cloned().collect()
}

/// IAM's ids of users begin with AIDA; they are 16 characters or longer, capital letters and digits.
fn is_user_id(id: &str) -> bool {
    id.starts_with("AIDA")
        && id.len() >= 16
        && id.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::orphans;
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
        assert_eq!(orphans(&topics, "mfa-user-", &there), ["mfa-user-AIDAEXAMPLEOFBOB"]);
    }
}
