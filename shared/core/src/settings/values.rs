//! Every setting: its name, default and meaning, how its value is parsed, and what is allowed, in words.

use super::{
    AdminCopies, Description, DigestWhen, Mode, Release, Scope, bus, evidence, letterhead, mail, names,
};
use crate::event::UserName;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};

/// A setting: an environment variable, what it may hold, and what it means.
pub(super) struct Setting<T> {
    pub(super) name: &'static str,
    /// Value if the variable is not set; `None` if every deployment has to set it.
    pub(super) default: Option<&'static str>,
    pub(super) meaning: &'static str,
    pub(super) form: Form,
    /// Which values are allowed, for each entry in the case of a list.
    pub(super) expected: &'static str,
    pub(super) parse: fn(&str) -> Option<T>,
}

/// How many values a variable holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Exactly one.
    One,
    /// One, or none if it is empty.
    Optional,
    /// Any number, separated by commas.
    List,
    /// Any number, separated by white space. For entries that may contain commas.
    Words,
}

impl<T> Setting<T> {
    /// The setting as documented for the operator.
    pub(super) fn description(&self) -> Description {
        Description {
            name: self.name,
            expected: self.form.describe(self.expected),
            default: self.default,
            meaning: self.meaning,
        }
    }
}

impl Form {
    pub(super) fn describe(self, expected: &str) -> String {
        match self {
            Self::One => expected.to_owned(),
            Self::Optional => format!("{expected}, or an empty value for none"),
            Self::List => format!("a comma-separated list, each entry {expected}; empty for none"),
            Self::Words => format!("a list separated by spaces, each entry {expected}; empty for none"),
        }
    }
}

pub(super) const MODE: Setting<Mode> = Setting {
    name: "MODE",
    default: Some("observe"),
    meaning: "what is done: `observe` only logs and sends the digest, `notify` also sends notices and releases \
              users, `enforce` also quarantines them",
    form: Form::One,
    expected: "`observe`, `notify` or `enforce`",
    parse: |value| value.parse().ok(),
};
pub(super) const GRACE_PERIOD: Setting<SignedDuration> = Setting {
    name: "GRACE_PERIOD",
    default: Some("7d"),
    meaning: "time from the creation of a password to the deadline",
    form: Form::One,
    expected: "a time span from `0s` to `366d`, such as `7d`, `36h` or `30m`",
    parse: grace_period,
};
pub(super) const ENFORCE_FROM: Setting<Timestamp> = Setting {
    name: "ENFORCE_FROM",
    default: Some(""),
    meaning: "no deadline is earlier than this",
    form: Form::Optional,
    expected: "a date such as `2026-12-01` (midnight UTC) or a time such as `2026-12-01T08:00:00Z`",
    parse: start_of_day_or_time,
};
pub(super) const REMIND_BEFORE: Setting<SignedDuration> = Setting {
    name: "REMIND_BEFORE",
    default: Some("7d,3d,1d"),
    meaning: "how long before the deadline a sweep sends reminders; the final notice is always sent",
    form: Form::List,
    expected: "a number of whole days from `1d` to `366d`, such as `7d`",
    parse: days,
};
pub(super) const DIGEST: Setting<DigestWhen> = Setting {
    name: "DIGEST",
    default: Some("daily"),
    meaning: "when the administrators get the digest; a sweep that changed something always sends it",
    form: Form::One,
    expected: "`daily`, `weekly:mon` (or `tue`, `wed`, `thu`, `fri`, `sat`, `sun`) or `on-change`",
    parse: |value| match value {
        "daily" => Some(DigestWhen::Daily),
        "on-change" => Some(DigestWhen::OnChange),
        _ => weekday(value.strip_prefix("weekly:")?).map(DigestWhen::Weekly),
    },
};
pub(super) const QUARANTINE_SCOPE: Setting<Scope> = Setting {
    name: "QUARANTINE_SCOPE",
    default: Some("console"),
    meaning: "what a quarantine blocks: console sessions without MFA, or access keys as well",
    form: Form::One,
    expected: "`console` or `everything`",
    parse: |value| value.parse().ok(),
};
pub(super) const RELEASE: Setting<Release> = Setting {
    name: "RELEASE",
    default: Some("automatic"),
    meaning: "what ends a quarantine after a sign-in without MFA, after the removal of MFA, or by an operator: the \
              enrolment of MFA (`automatic`), or that and the approval of a second person (`approval`)",
    form: Form::One,
    expected: "`automatic` or `approval`",
    parse: |value| value.parse().ok(),
};
pub(super) const RELEASE_AFTER: Setting<SignedDuration> = Setting {
    name: "RELEASE_AFTER",
    default: Some("12h"),
    meaning: "how long a quarantine goes on limiting sessions without MFA after the user enrolled MFA; 12 hours is \
              the longest life of a session that was started before; `0s` releases at once",
    form: Form::One,
    expected: "a time span from `0s` to `36h`, such as `12h`",
    parse: |value| span(value, SignedDuration::from_hours(36)),
};
pub(super) const MAX_QUARANTINES: Setting<usize> = Setting {
    name: "MAX_QUARANTINES",
    default: Some("25"),
    meaning: "how many users sweeps may quarantine in any 24 hours because a deadline passed; in a hub also how \
              many may be quarantined in one account in an hour, and ten times as many in all accounts; `0` for no limit",
    form: Form::One,
    expected: "a number from `0` to `5000`",
    parse: |value| {
        let digits = value.chars().all(|c| c.is_ascii_digit());
        value.parse().ok().filter(|number| digits && *number <= 5000)
    },
};
pub(super) const ALERTS_TOPIC_ARN: Setting<String> = Setting {
    name: "ALERTS_TOPIC_ARN",
    default: None,
    meaning: "the administrators' topic",
    form: Form::One,
    expected: "the ARN of an SNS topic, `arn:aws:sns:REGION:ACCOUNT:NAME`",
    parse: |value| arn(value, "sns", ""),
};
pub(super) const USER_TOPIC_PREFIX: Setting<String> = Setting {
    name: "USER_TOPIC_PREFIX",
    default: None,
    meaning: "prefix of the name of a user's own topic; the user's unique id follows",
    form: Form::One,
    expected: "1 to 200 letters, digits, `-` or `_`",
    parse: |value| name(value, 200, "-_"),
};
pub(super) const ADMIN_COPIES: Setting<AdminCopies> = Setting {
    name: "ADMIN_COPIES",
    default: Some("all"),
    meaning: "which notices to users the administrators get a copy of: `all`, or the `important` ones, which say that \
              access was limited or restored, or reached nobody",
    form: Form::One,
    expected: "`all` or `important`",
    parse: |value| value.parse().ok(),
};
pub(super) const CONTACT_TAG_KEY: Setting<String> = Setting {
    name: "CONTACT_TAG_KEY",
    default: Some("email"),
    meaning: "the key of the user's tag that holds the e-mail address",
    form: Form::Optional,
    expected: "the key of an IAM tag",
    parse: |value| name(value, 128, " _.:/=+-@"),
};
pub(super) const EXEMPT_USERS: Setting<UserName> = Setting {
    name: "EXEMPT_USERS",
    default: Some(""),
    meaning: "users who are exempt",
    form: Form::Words,
    expected: "the name of an IAM user",
    parse: UserName::new,
};
pub(super) const EXEMPT_PATHS: Setting<String> = Setting {
    name: "EXEMPT_PATHS",
    default: Some(""),
    meaning: "IAM paths whose users are exempt",
    form: Form::Words,
    expected: PATH,
    parse: path,
};
pub(super) const BREAK_GLASS_PATH: Setting<String> = Setting {
    name: "BREAK_GLASS_PATH",
    default: Some(""),
    meaning: "the IAM path of break-glass users, who are exempt; each sign-in of theirs without MFA is a critical alert",
    form: Form::Optional,
    expected: PATH,
    parse: path,
};
/// Descriptions of all settings, in the order in which they are parsed and documented.
pub(super) fn descriptions() -> Vec<Description> {
    vec![
        MODE.description(),
        GRACE_PERIOD.description(),
        ENFORCE_FROM.description(),
        REMIND_BEFORE.description(),
        DIGEST.description(),
        QUARANTINE_SCOPE.description(),
        names::QUARANTINE_POLICY_ARN.description(),
        names::QUARANTINE_GROUP_NAME.description(),
        names::CONSOLE_POLICY_ARN.description(),
        names::CONSOLE_GROUP_NAME.description(),
        names::STRICT_POLICY_ARN.description(),
        names::STRICT_GROUP_NAME.description(),
        names::SPARE_POLICY_ARN.description(),
        names::ENFORCER_ROLES.description(),
        names::STACK_ID.description(),
        RELEASE.description(),
        RELEASE_AFTER.description(),
        MAX_QUARANTINES.description(),
        ALERTS_TOPIC_ARN.description(),
        USER_TOPIC_PREFIX.description(),
        ADMIN_COPIES.description(),
        CONTACT_TAG_KEY.description(),
        letterhead::ORGANIZATION_NAME.description(),
        letterhead::ACCOUNT_NAME.description(),
        letterhead::CONTACT.description(),
        letterhead::HELP_URL.description(),
        letterhead::RUNBOOK_URL.description(),
        letterhead::TIME_ZONE.description(),
        letterhead::RECOMMENDED_DEVICE.description(),
        letterhead::NOTICE_LINKS.description(),
        mail::MAIL_FROM.description(),
        mail::MAIL_REPLY_TO.description(),
        mail::MAIL_DOMAINS.description(),
        mail::DIGEST_TO.description(),
        mail::MAIL_CONFIGURATION_SET.description(),
        mail::MAIL_REGION.description(),
        evidence::EVIDENCE_BUCKET.description(),
        evidence::EVIDENCE_ACCOUNT.description(),
        evidence::REVIEW_PERIOD.description(),
        bus::OUTPUT_BUS_ARN.description(),
        EXEMPT_USERS.description(),
        EXEMPT_PATHS.description(),
        BREAK_GLASS_PATH.description(),
    ]
}

pub(super) fn name(value: &str, limit: usize, also: &str) -> Option<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || also.contains(c);
    ((1..=limit).contains(&value.len()) && value.chars().all(allowed)).then(|| value.to_owned())
}

pub(super) fn arn(value: &str, service: &str, resource_prefix: &str) -> Option<String> {
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

pub(super) fn group(value: &str) -> Option<String> {
    name(value, 128, "_+=,.@-")
}

const PATH: &str = "an IAM path that begins and ends with `/`, such as `/break-glass/` \
                    (not `/` alone, which would exempt everyone)";

fn path(value: &str) -> Option<String> {
    let inside = value.len() > 2 && value.len() <= 512 && value.chars().all(|c| c.is_ascii_graphic());
    (inside && value.starts_with('/') && value.ends_with('/')).then(|| value.to_owned())
}

/// A grace period, as the setting gives it; `None` if it is none.
pub(crate) fn grace_period(value: &str) -> Option<SignedDuration> {
    span(value, SignedDuration::from_hours(366 * 24))
}

/// A time span from zero to `longest`. Days have 24 hours.
fn span(value: &str, longest: SignedDuration) -> Option<SignedDuration> {
    let span: Span = value.parse().ok()?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    (duration >= SignedDuration::ZERO && duration <= longest).then_some(duration)
}

/// Whole days only: sweeps run once a day, so a fraction of a day would make no difference.
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
    // Only a date: a time without a zone would be dropped.
    let date: Date = (value.len() == 10).then(|| value.parse().ok())??;
    date.to_zoned_datetime(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}
