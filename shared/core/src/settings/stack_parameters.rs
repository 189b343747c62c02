//! The parameters of the template that are about the stack alone, and what `CloudFormation` takes for each.

use super::values::{arn, name};
use crate::forecast::Schedule;
use jiff::tz::TimeZone;

/// A parameter that no setting comes from.
#[derive(Debug)]
pub(super) struct OfStack {
    pub(super) name: &'static str,
    pub(super) expected: &'static str,
    pub(super) allows: fn(&str) -> bool,
}

/// The parameters that no setting comes from.
pub(super) const OF_STACK: [OfStack; 18] = [
    OfStack {
        name: "AdminEmail",
        expected: "an e-mail address, or an empty value for none",
        allows: |value| value.is_empty() || is_address(value),
    },
    OfStack {
        name: "DailyAt",
        expected: "a quarter of an hour from `00:00` to `23:45`",
        allows: |value| {
            let quarters = ["00", "15", "30", "45"];
            let is_quarter = value.len() == 5 && quarters.iter().any(|quarter| value.ends_with(quarter));
            is_quarter && Schedule::at(value, TimeZone::UTC).is_some()
        },
    },
    OfStack {
        name: "SignInRegions",
        expected: "`default`, or regions that are enabled in every account, such as `us-east-2,eu-north-1` without \
                   spaces, or an empty value for none; the stack's own region is none of them",
        allows: |value| {
            matches!(value, "" | "default") || value.split(',').all(|region| EVERYWHERE.contains(&region))
        },
    },
    OfStack {
        name: "OptInRegions",
        expected: "opt-in regions such as `eu-south-1,ap-east-2` without spaces, or an empty value for none",
        allows: |value| value.is_empty() || value.split(',').all(is_opt_in),
    },
    OfStack {
        name: "EvidenceDays",
        expected: "a number from `30` to `36500`",
        allows: |value| number(value).is_some_and(|days| (30..=36_500).contains(&days)),
    },
    OfStack {
        name: "EvidenceLockDays",
        expected: "a number from `0` to `3650`",
        allows: |value| number(value).is_some_and(|days| days <= 3650),
    },
    OfStack {
        name: "EvidenceKeyArn",
        expected: "the ARN of a KMS key, or an empty value for none",
        allows: |value| {
            let key = || arn(value, "kms", "key/").filter(|arn| arn.split('/').count() == 2);
            value.is_empty() || key().is_some_and(|arn| ends_plainly(&arn))
        },
    },
    OfStack {
        name: "ReserveConcurrency",
        expected: "`yes` or `no`",
        allows: |value| matches!(value, "yes" | "no"),
    },
    OfStack {
        name: "LogRetentionDays",
        expected: "`30`, `60`, `90`, `180`, `365`, `400` or `731`",
        allows: |value| matches!(value, "30" | "60" | "90" | "180" | "365" | "400" | "731"),
    },
    OfStack {
        name: "PermissionsBoundary",
        expected: "the ARN of a managed policy, or an empty value for none",
        allows: |value| {
            // A policy of AWS has no account.
            let own = value.replacen(":iam::aws:policy/", ":iam::000000000000:policy/", 1);
            value.is_empty() || arn(&own, "iam", "policy/").is_some()
        },
    },
    OfStack {
        name: "RolePath",
        expected: "`/`, or an IAM path that begins and ends with `/`, such as `/security/`",
        allows: |value| {
            let inside = value.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
            let is_path = |inside: &str| inside.split('/').all(|part| name(part, 200, ".,+@=_-").is_some());
            value == "/" || inside.is_some_and(is_path)
        },
    },
    OfStack {
        name: "Hub",
        expected: "`yes` for the hub of an organization, or `no` for the stack of one account",
        allows: |value| matches!(value, "yes" | "no"),
    },
    OfStack {
        name: "OrganizationId",
        expected: "the ID of an organization, such as `o-a1b2c3d4e5`, or an empty value for none",
        allows: |value| value.is_empty() || value.strip_prefix("o-").is_some_and(is_id_of_organization),
    },
    OfStack {
        name: "MemberNames",
        expected: "names of up to 36 letters, digits and hyphens, each beginning with a letter, separated by one space",
        allows: |value| value.split(' ').all(is_name_of_member),
    },
    OfStack {
        name: "AccountsAtOnce",
        expected: "a number from `2` to `100`",
        allows: |value| number(value).is_some_and(|accounts| (2..=100).contains(&accounts)),
    },
    OfStack {
        name: "EvidenceFrom",
        expected: "numbers of accounts such as `111122223333,444455556666` without spaces, or an empty value for none",
        allows: |value| value.is_empty() || value.split(',').all(is_account),
    },
    // The templates of a release have the next two, and template.yaml has not.
    OfStack { name: "CodeBucket", expected: "the name of a bucket", allows: is_bucket },
    OfStack {
        name: "CodeKeyPrefix",
        expected: "folders such as `mfa-enforcer/`, each with a slash at its end, or an empty value for none",
        allows: |value| {
            let is_folder = |folder: &str| name(folder, 200, "!_.*'()-").is_some();
            value.is_empty() || value.strip_suffix('/').is_some_and(|rest| rest.split('/').all(is_folder))
        },
    },
];

/// What follows `o-` in the ID of an organization.
fn is_id_of_organization(value: &str) -> bool {
    (10..=32).contains(&value.len()) && value.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9'))
}

/// What `member.yaml` takes for its parameter `Name`.
fn is_name_of_member(value: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let begins = value.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    begins && value.len() <= 36 && value.bytes().all(is_plain)
}

/// Whether a stack with these parameters, each a name and a value, is the hub of an organization.
#[must_use]
pub fn is_hub(parameters: &[(String, String)]) -> bool {
    parameters.iter().any(|(name, value)| name == "Hub" && value == "yes")
}

/// The number of an account.
fn is_account(value: &str) -> bool {
    value.len() == 12 && value.bytes().all(|byte| byte.is_ascii_digit())
}

/// What S3 takes for the name of a bucket, as far as one character after the other tells.
fn is_bucket(value: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (3..=63).contains(&value.len())
        && value.chars().all(|c| is_plain(c) || matches!(c, '.' | '-'))
        && value.starts_with(is_plain)
        && value.ends_with(is_plain)
}

/// Digits alone, as `CloudFormation` takes a number from people who write none of its other forms.
fn number(value: &str) -> Option<u32> {
    value.parse().ok().filter(|_| value.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Something before and after an `@`, and a point within what follows.
fn is_address(value: &str) -> bool {
    let (local, domain) = value.split_once('@').unwrap_or_default();
    let is_free = |c: char| !c.is_whitespace() && c != '@';
    let mut within = domain.chars();
    _ = (within.next(), within.next_back());
    !local.is_empty() && local.chars().all(is_free) && domain.chars().all(is_free) && within.any(|c| c == '.')
}

/// Whether the last part of an ARN has letters, digits and hyphens only.
fn ends_plainly(arn: &str) -> bool {
    arn.rsplit('/').next().is_some_and(|id| name(id, 200, "-").is_some())
}

/// Regions that every account has, and in which the stack is not.
const EVERYWHERE: [&str; 18] = [
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ap-south-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "cn-northwest-1",
    "us-gov-east-1",
];

/// Where the regions are that somebody has to enable, and the first number of those that are or may come.
const OPT_IN: [(&str, &str, char); 14] = [
    ("af", "south", '1'),
    ("ap", "east", '1'),
    ("ap", "south", '2'),
    ("ap", "northeast", '4'),
    ("ap", "southeast", '3'),
    ("ca", "central", '2'),
    ("ca", "west", '1'),
    ("eu", "central", '2'),
    ("eu", "north", '2'),
    ("eu", "south", '1'),
    ("eu", "west", '4'),
    ("eu", "east", '1'),
    ("sa", "east", '2'),
    ("sa", "west", '1'),
];

/// Whether somebody has to enable this region.
fn is_opt_in(region: &str) -> bool {
    let parts: Vec<&str> = region.split('-').collect();
    let [area, side, number] = parts.as_slice() else { return false };
    let mut number = number.chars();
    let (Some(number), None) = (number.next(), number.next()) else { return false };
    let of_new_areas = matches!(*area, "il" | "me" | "mx")
        && (4..=9).contains(&side.len())
        && side.bytes().all(|byte| byte.is_ascii_lowercase());
    let first = OPT_IN.iter().find(|(of, at, _)| of == area && at == side).map(|(_, _, first)| *first);
    let first = first.or(of_new_areas.then_some('1'));
    first.is_some_and(|first| (first..='9').contains(&number))
}
