//! How each setting's value is read, and the words that say what is allowed.

use super::{Mode, Scope};
use crate::event::UserName;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};

/// A kind of value: how it is read, and how it is described where it cannot be.
pub(super) struct Kind<T> {
    pub(super) expected: &'static str,
    pub(super) parse: fn(&str) -> Option<T>,
}

#[expect(non_upper_case_globals, reason = "they read as functions of the value where they are used")]
mod kinds {
    use super::*;

    pub(in crate::settings) const mode: Kind<Mode> = Kind {
        expected: "`observe`, `notify` or `enforce`",
        parse: |value| match value {
            "observe" => Some(Mode::Observe),
            "notify" => Some(Mode::Notify),
            "enforce" => Some(Mode::Enforce),
            _ => None,
        },
    };
    pub(in crate::settings) const scope: Kind<Scope> = Kind {
        expected: "`console` or `everything`",
        parse: |value| match value {
            "console" => Some(Scope::Console),
            "everything" => Some(Scope::Everything),
            _ => None,
        },
    };
    pub(in crate::settings) const grace: Kind<SignedDuration> = Kind {
        expected: "a time span from `0s` to `366d`, such as `7d`, `36h` or `30m`",
        parse: super::grace_period,
    };
    pub(in crate::settings) const date_or_time: Kind<Timestamp> = Kind {
        expected: "a date such as `2026-12-01` (its first moment, in UTC) or a time such as `2026-12-01T08:00:00Z`",
        parse: super::start_of_day_or_time,
    };
    pub(in crate::settings) const policy_arn: Kind<String> = Kind {
        expected: "the ARN of a managed policy, `arn:aws:iam::ACCOUNT:policy/NAME`",
        parse: |value| super::arn(value, "iam", "policy/"),
    };
    pub(in crate::settings) const topic_arn: Kind<String> = Kind {
        expected: "the ARN of an SNS topic, `arn:aws:sns:REGION:ACCOUNT:NAME`",
        parse: |value| super::arn(value, "sns", ""),
    };
    pub(in crate::settings) const topic_prefix: Kind<String> = Kind {
        expected: "1 to 128 letters, digits, `-` or `_`",
        parse: |value| super::name(value, 128, "-_"),
    };
    pub(in crate::settings) const group_name: Kind<String> =
        Kind { expected: "the name of an IAM group", parse: |value| super::name(value, 128, "_+=,.@-") };
    pub(in crate::settings) const role_name: Kind<String> = Kind {
        expected: "the name of an IAM role (not its ARN)",
        parse: |value| super::name(value, 64, "_+=.@-"),
    };
    pub(in crate::settings) const tag_key: Kind<String> =
        Kind { expected: "the key of an IAM tag", parse: |value| super::name(value, 128, " _.:/=+-@") };
    pub(in crate::settings) const user_name: Kind<UserName> =
        Kind { expected: "the name of an IAM user", parse: UserName::new };
    pub(in crate::settings) const path: Kind<String> = Kind {
        expected: "an IAM path that begins and ends with `/`, such as `/break-glass/` (not `/` alone, which is everybody)",
        parse: |value| {
            let inside = value.len() > 2 && value.len() <= 512 && !value.contains(' ');
            (inside && value.starts_with('/') && value.ends_with('/')).then(|| value.to_owned())
        },
    };
}
pub(super) use kinds::*;

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

fn start_of_day_or_time(value: &str) -> Option<Timestamp> {
    if let Ok(time) = value.parse::<Timestamp>() {
        return Some(time);
    }
    let date: Date = value.parse().ok()?;
    date.to_zoned_datetime(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}
