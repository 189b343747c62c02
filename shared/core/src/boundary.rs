//! Whether a permissions boundary lets a user enrol a device. A quarantined user under a boundary that forbids it could
//! never get out again.
//!
//! A small evaluator: of conditions it knows only MFA, which a user who has to enrol does not have. What depends on
//! anything else cannot be told. Service control policies are not seen at all.

use crate::wildcard::matches;
use serde_json::{Map, Value};

/// What a boundary means for a user without MFA who is to enrol a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Enrolment {
    /// A call of the enrolment is not allowed.
    Forbidden,
    /// It depends on something that nobody can tell in advance, or the document is not understood.
    Unclear,
    /// Every call is allowed.
    Allowed,
}

/// The calls of an enrolment, and whether each is about the user or about a device whose name the user chooses.
const CALLS: [(&str, bool); 3] =
    [("iam:CreateVirtualMFADevice", false), ("iam:EnableMFADevice", true), ("iam:ListMFADevices", true)];
/// The version of the policy language that has variables.
const WITH_VARIABLES: &str = "2012-10-17";

/// Judges a policy document, which may be percent-encoded as IAM returns it, for the user with this ARN.
#[must_use]
pub fn enrolment(document: &str, user_arn: &str) -> Enrolment {
    judge(document, user_arn).unwrap_or(Enrolment::Unclear)
}

/// `None` if the document is not understood.
fn judge(document: &str, user_arn: &str) -> Option<Enrolment> {
    let document: Value = serde_json::from_str(&decoded(document)?).ok()?;
    let user = User::of(user_arn, document.get("Version").and_then(Value::as_str))?;
    let statements = list(document.get("Statement")?);
    let mut verdict = Enrolment::Allowed;
    for (action, about_user) in CALLS {
        let (mut allowed, mut denied) = (Known::No, Known::No);
        for statement in &statements {
            let statement = statement.as_object()?;
            let applies = applies(statement, action, about_user, &user)?;
            match statement.get("Effect")?.as_str()? {
                "Allow" => allowed = allowed.max(applies),
                "Deny" => denied = denied.max(applies),
                _ => return None,
            }
        }
        verdict = verdict.min(match (allowed, denied) {
            (Known::No, _) | (_, Known::Yes) => Enrolment::Forbidden,
            (Known::Yes, Known::No) => Enrolment::Allowed,
            (Known::Maybe | Known::Yes, Known::Maybe) | (Known::Maybe, Known::No) => Enrolment::Unclear,
        });
    }
    Some(verdict)
}

/// An answer, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Known {
    No,
    Maybe,
    Yes,
}

impl Known {
    fn of(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }

    fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Maybe => Self::Maybe,
            Self::Yes => Self::No,
        }
    }
}

struct User<'a> {
    arn: &'a str,
    name: &'a str,
    /// The ARN of a device up to its name.
    device: String,
    has_variables: bool,
}

impl<'a> User<'a> {
    fn of(arn: &'a str, version: Option<&str>) -> Option<Self> {
        let (before, resource) = arn.split_once(":user")?;
        Some(Self {
            arn,
            name: resource.rsplit('/').next()?,
            device: format!("{before}:mfa/"),
            has_variables: version == Some(WITH_VARIABLES),
        })
    }
}

/// Whether a statement applies to a call; `None` if it is not understood.
fn applies(statement: &Map<String, Value>, action: &str, about_user: bool, user: &User<'_>) -> Option<Known> {
    let one_of = |patterns: &Value, is: &dyn Fn(&str) -> Known| {
        list(patterns)
            .into_iter()
            .map(|pattern| pattern.as_str().map(is))
            .try_fold(Known::No, |known, next| next.map(|next| known.max(next)))
    };
    let is_action = |pattern: &str| Known::of(matches(&pattern.to_lowercase(), &action.to_lowercase()));
    let by_action = match (statement.get("Action"), statement.get("NotAction")) {
        (Some(patterns), None) => one_of(patterns, &is_action)?,
        (None, Some(patterns)) => one_of(patterns, &is_action)?.not(),
        (Some(_), Some(_)) | (None, None) => return None,
    };
    let is_resource = |pattern: &str| resource(pattern, about_user, user);
    let by_resource = match (statement.get("Resource"), statement.get("NotResource")) {
        (Some(patterns), None) => one_of(patterns, &is_resource)?,
        (None, Some(patterns)) => one_of(patterns, &is_resource)?.not(),
        (Some(_), Some(_)) | (None, None) => return None,
    };
    let by_condition = match statement.get("Condition") {
        Some(condition) => conditions(condition.as_object()?)?,
        None => Known::Yes,
    };
    Some(by_action.min(by_resource).min(by_condition))
}

/// Whether a pattern matches the user, or a device of any name.
fn resource(pattern: &str, about_user: bool, user: &User<'_>) -> Known {
    let (pattern, is_exact) = filled_in(pattern, user);
    if about_user {
        return match (matches(&pattern, user.arn), is_exact) {
            (true, false) => Known::Maybe,
            (is_match, _) => Known::of(is_match),
        };
    }
    // No name matches both of these unless every name does.
    let every =
        ["\u{1}", "\u{2}-\u{2}"].iter().all(|name| matches(&pattern, &format!("{}{name}", user.device)));
    if every && is_exact {
        Known::Yes
    } else if may_begin_with(&pattern, &user.device) {
        Known::Maybe
    } else {
        Known::No
    }
}

/// The pattern with the user's name in it, and whether nothing else is left open. An open variable stands for anything.
fn filled_in(pattern: &str, user: &User<'_>) -> (String, bool) {
    if !user.has_variables {
        return (pattern.to_owned(), true);
    }
    let (mut filled, mut rest, mut is_exact) = (String::new(), pattern, true);
    while let Some((before, after)) = rest.split_once("${") {
        filled.push_str(before);
        let Some((variable, after)) = after.split_once('}') else {
            rest = after;
            break;
        };
        if variable.eq_ignore_ascii_case("aws:username") {
            filled.push_str(user.name);
        } else {
            filled.push('*');
            is_exact = false;
        }
        rest = after;
    }
    filled.push_str(rest);
    (filled, is_exact)
}

/// Whether all conditions hold in a session without MFA.
fn conditions(condition: &Map<String, Value>) -> Option<Known> {
    let mut all = Known::Yes;
    for (operator, keys) in condition {
        for (key, values) in keys.as_object()? {
            let is_about_mfa = key.eq_ignore_ascii_case("aws:MultiFactorAuthPresent")
                && ["Bool", "BoolIfExists"].iter().any(|known| operator.eq_ignore_ascii_case(known));
            let is_false = |value: &Value| match value {
                Value::Bool(value) => !value,
                Value::String(text) => text.eq_ignore_ascii_case("false"),
                Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => false,
            };
            let holds =
                if is_about_mfa { Known::of(list(values).into_iter().any(is_false)) } else { Known::Maybe };
            all = all.min(holds);
        }
    }
    Some(all)
}

/// The policy language allows one value in place of a list.
fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => vec![value],
    }
}

/// Whether any text that begins with `prefix` matches the pattern. An asterisk can stand for all that is left of it.
fn may_begin_with(pattern: &str, prefix: &str) -> bool {
    let mut pattern = pattern.chars();
    for found in prefix.chars() {
        match pattern.next() {
            Some('*') => return true,
            Some(expected) if expected == '?' || expected == found => {}
            Some(_) | None => return false,
        }
    }
    true
}

/// Undoes percent-encoding; `None` if it is broken. A document that is not encoded has no percent sign before two
/// hexadecimal digits in practice.
pub(crate) fn decoded(text: &str) -> Option<String> {
    if text.trim_start().starts_with('{') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}
