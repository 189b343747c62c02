//! How each setting's value is read, and the words that say what is allowed.

use super::{DigestWhen, Mode, Scope};
use crate::event::UserName;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};

/// A kind of value: how it is read, and how it is described where it cannot be.
pub(super) struct Kind<T> {
    pub(super) expected: &'static str,
    pub(super) parse: fn(&str) -> Option<T>,
}

pub(super) const MODE: Kind<Mode> = Kind {
    expected: "`observe`, `notify` or `enforce`",
    parse: |value| match value {
        "observe" => Some(Mode::Observe),
        "notify" => Some(Mode::Notify),
        "enforce" => Some(Mode::Enforce),
        _ => None,
    },
};
pub(super) const SCOPE: Kind<Scope> = Kind {
    expected: "`console` or `everything`",
    parse: |value| match value {
        "console" => Some(Scope::Console),
        "everything" => Some(Scope::Everything),
        _ => None,
    },
};
pub(super) const GRACE: Kind<SignedDuration> =
    Kind { expected: "a time span from `0s` to `366d`, such as `7d`, `36h` or `30m`", parse: grace_period };
pub(super) const REMINDER: Kind<SignedDuration> =
    Kind { expected: "whole days from `1d` to `366d`, such as `7d`", parse: days };
pub(super) const DIGEST: Kind<DigestWhen> = Kind {
    expected: "`daily`, `weekly:mon` (or `tue`, `wed`, `thu`, `fri`, `sat`, `sun`) or `on-change`",
    parse: |value| match value {
        "daily" => Some(DigestWhen::Daily),
        "on-change" => Some(DigestWhen::OnChange),
        _ => weekday(value.strip_prefix("weekly:")?).map(DigestWhen::Weekly),
    },
};
pub(super) const DATE_OR_TIME: Kind<Timestamp> = Kind {
    expected: "a date such as `2026-12-01` (its first moment, in UTC) or a time such as `2026-12-01T08:00:00Z`",
    parse: start_of_day_or_time,
};
pub(super) const POLICY_ARNS: Kind<Vec<String>> = Kind {
    expected: "the ARN of a managed policy, `arn:aws:iam::ACCOUNT:policy/NAME` \
               (and, after commas, of those that contained users before)",
    parse: |value| value.split(',').map(|value| arn(value.trim(), "iam", "policy/")).collect(),
};
pub(super) const TOPIC_ARN: Kind<String> = Kind {
    expected: "the ARN of an SNS topic, `arn:aws:sns:REGION:ACCOUNT:NAME`",
    parse: |value| arn(value, "sns", ""),
};
pub(super) const TOPIC_PREFIX: Kind<String> =
    Kind { expected: "1 to 200 letters, digits, `-` or `_`", parse: |value| name(value, 200, "-_") };
pub(super) const GROUP_NAME: Kind<String> =
    Kind { expected: "the name of an IAM group", parse: |value| name(value, 128, "_+=,.@-") };
pub(super) const ROLE_NAME: Kind<String> =
    Kind { expected: "the name of an IAM role (not its ARN)", parse: |value| name(value, 64, "_+=.@-") };
pub(super) const TAG_KEY: Kind<String> =
    Kind { expected: "the key of an IAM tag", parse: |value| name(value, 128, " _.:/=+-@") };
pub(super) const USER_NAME: Kind<UserName> =
    Kind { expected: "the name of an IAM user", parse: UserName::new };
pub(super) const PATH: Kind<String> = Kind {
    expected: "an IAM path that begins and ends with `/`, such as `/break-glass/` (not `/` alone, which is everybody)",
    parse: |value| {
        let inside = value.len() > 2 && value.len() <= 512 && !value.contains(' ');
        (inside && value.starts_with('/') && value.ends_with('/')).then(|| value.to_owned())
    },
};

fn name(value: &str, limit: usize, also: &str) -> Option<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || also.contains(c);
    ((1..=limit).contains(&value.len()) && value.chars().all(allowed)).then(|| value.to_owned())
}

fn arn(value: &str, service: &str, resource_prefix: &str) -> Option<String> {
    let parts: Vec<&str> = value.splitn(6, ':').collect();
    let &[scheme, partition, found, region, account, resource] = parts.as_slice() else {
        return None;
    };
    let name = resource.strip_prefix(resource_prefix)?;
    let well_formed = scheme == "arn"
        && partition.starts_with("aws")
        && found == service
        && (service == "iam") == region.is_empty()
        && account.len() == 12
        && account.chars().all(|c| c.is_ascii_digit())
        && !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-/".contains(c));
    well_formed.then(|| value.to_owned())
}

fn grace_period(value: &str) -> Option<SignedDuration> {
    let span: Span = value.parse().ok()?;
    let relative = SpanRelativeTo::days_are_24_hours();
    let duration = span.to_duration(relative).ok()?;
    (duration >= SignedDuration::ZERO && duration <= SignedDuration::from_hours(366 * 24)).then_some(duration)
}

/// A sweep comes once a day, so parts of a day make no difference.
fn days(value: &str) -> Option<SignedDuration> {
    let day = SignedDuration::from_hours(24);
    let span = grace_period(value)?;
    (span >= day && span.as_secs() % day.as_secs() == 0).then_some(span)
}

fn weekday(value: &str) -> Option<Weekday> {
    match value {
        "mon" => Some(Weekday::Monday),
        "tue" => Some(Weekday::Tuesday),
        "wed" => Some(Weekday::Wednesday),
        "thu" => Some(Weekday::Thursday),
        "fri" => Some(Weekday::Friday),
        "sat" => Some(Weekday::Saturday),
        "sun" => Some(Weekday::Sunday),
        _ => None,
    }
}

fn start_of_day_or_time(value: &str) -> Option<Timestamp> {
    if let Ok(time) = value.parse::<Timestamp>() {
        return Some(time);
    }
    let date: Date = value.parse().ok()?;
    date.to_zoned_datetime(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}
