//! What a policy document grants that makes somebody an administrator, or lets them make themselves one.
//!
//! A hint for people, not a proof: conditions are hardly looked at, nor whose resources a statement names, and there are
//! more ways than these. It is made to say too much rather than too little: a grant counts whatever its conditions, but
//! for those that narrow the call itself, and a denial only if nothing narrows it.

use super::by_name;
use crate::boundary::decoded;
use crate::wildcard::matches;
use serde_json::{Map, Value};

/// Longer documents are not read. IAM's longest policies have 10,240 characters besides white space, and three times as
/// many as IAM writes them, with percent signs.
const LONGEST: usize = 128 * 1024;

/// What a call is made on.
#[derive(Clone, Copy)]
enum On {
    /// What IAM has of the account: `user`, `group`, `policy` or `role`.
    Iam(&'static str),
    /// Whatever there is.
    Anything,
}

/// A call of a service that nothing names: only who may do everything may make it.
const ANY_SERVICE: &str = "\u{1}:\u{1}";
/// A call of IAM that nothing names.
const ANY_OF_IAM: &str = "iam:\u{1}";

/// The calls of which one is enough to become an administrator, where the account has one, or a policy or role of one.
///
/// Source: S. Gietzen, "AWS IAM Privilege Escalation: Methods and Mitigation" (Rhino Security Labs, 2018), of which the
/// ways within IAM that need no role of one's own are here, and the commonest that go through another service.
const ENOUGH: [(&str, On); 12] = [
    (ANY_OF_IAM, On::Anything),
    ("iam:AttachUserPolicy", On::Iam("user")),
    ("iam:PutUserPolicy", On::Iam("user")),
    ("iam:AttachGroupPolicy", On::Iam("group")),
    ("iam:PutGroupPolicy", On::Iam("group")),
    ("iam:AddUserToGroup", On::Iam("group")),
    ("iam:CreatePolicyVersion", On::Iam("policy")),
    ("iam:SetDefaultPolicyVersion", On::Iam("policy")),
    ("iam:CreateAccessKey", On::Iam("user")),
    ("iam:CreateLoginProfile", On::Iam("user")),
    ("iam:UpdateLoginProfile", On::Iam("user")),
    ("iam:UpdateAssumeRolePolicy", On::Iam("role")),
];
/// The calls that are enough together with `iam:PassRole`: a role of an administrator is handed to a service. Of a row, all.
const HANDED_TO: [&[&str]; 4] = [
    &["lambda:CreateFunction", "lambda:InvokeFunction"],
    &["lambda:CreateFunction", "lambda:CreateEventSourceMapping"],
    &["ec2:RunInstances"],
    &["cloudformation:CreateStack"],
];
const OTHERS: [(&str, On); 7] = [
    (ANY_SERVICE, On::Anything),
    (PASS_ROLE, On::Iam("role")),
    ("lambda:CreateFunction", On::Anything),
    ("lambda:InvokeFunction", On::Anything),
    ("lambda:CreateEventSourceMapping", On::Anything),
    ("ec2:RunInstances", On::Anything),
    ("cloudformation:CreateStack", On::Anything),
];
const PASS_ROLE: &str = "iam:PassRole";
/// The calls that are enough on oneself.
const ON_ONESELF: [&str; 2] = ["iam:AttachUserPolicy", "iam:PutUserPolicy"];

/// All calls that count. The place of each is its bit in [`Grants`].
fn calls() -> impl Iterator<Item = (&'static str, On)> {
    ENOUGH.into_iter().chain(OTHERS)
}

/// What documents grant and deny, of the calls that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Grants {
    allowed: u32,
    denied: u32,
    /// Whether a document could not be read.
    pub is_partly_unread: bool,
}

/// What rights somebody has, as far as documents tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Power {
    /// None of those that are looked for.
    Ordinary,
    /// All but those over IAM, like AWS's policy `PowerUserAccess`.
    NearlyEverything,
    /// Those to become an administrator.
    CanBecome,
    /// All.
    Everything,
}

impl Grants {
    /// What could not be read.
    pub const UNREAD: Self = Self { allowed: 0, denied: 0, is_partly_unread: true };

    /// What AWS's policy with this ARN grants, if it is one of those that are known by their names; nothing otherwise.
    #[must_use]
    pub fn of_aws(arn: &str) -> Self {
        let is_of_iam = |call: &str| call.starts_with("iam:");
        let allowed = match by_name(&[arn.to_owned()]).first() {
            Some(&"AdministratorAccess") => bits(|_, _| true),
            Some(&"IAMFullAccess") => bits(|call, _| is_of_iam(call)),
            Some(&"PowerUserAccess") => bits(|call, _| !is_of_iam(call)),
            Some(_) | None => 0,
        };
        Self { allowed, ..Self::default() }
    }

    /// What a policy document grants, which may be percent-encoded as IAM returns it. One that is not understood, or too
    /// long, is unread. `holder` is the ARN of the user or group that has it, or its own.
    #[must_use]
    pub fn of(document: &str, holder: &str) -> Self {
        if document.len() > LONGEST { Self::UNREAD } else { read(document, holder).unwrap_or(Self::UNREAD) }
    }

    /// What two documents grant together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            allowed: self.allowed | other.allowed,
            denied: self.denied | other.denied,
            is_partly_unread: self.is_partly_unread || other.is_partly_unread,
        }
    }

    /// What all of it makes of somebody.
    #[must_use]
    pub fn power(self) -> Power {
        let granted = self.allowed & !self.denied;
        let may = |wanted: &str| {
            calls().zip(0..).any(|((call, _), bit)| call == wanted && granted & (1 << bit) != 0)
        };
        let hands_over = || HANDED_TO.iter().any(|row| row.iter().all(|call| may(call)));
        let can_become = ENOUGH.iter().any(|(call, _)| may(call)) || (may(PASS_ROLE) && hands_over());
        match (may(ANY_SERVICE), may(ANY_OF_IAM), can_become) {
            (true, true, _) => Power::Everything,
            (_, _, true) => Power::CanBecome,
            (true, _, false) => Power::NearlyEverything,
            (false, _, false) => Power::Ordinary,
        }
    }
}

fn read(document: &str, holder: &str) -> Option<Grants> {
    let document: Value = serde_json::from_str(&decoded(document)?).ok()?;
    let mut grants = Grants::default();
    for statement in list(document.get("Statement")?) {
        let statement = statement.as_object()?;
        match statement.get("Effect")?.as_str()? {
            "Allow" => grants.allowed |= granted(statement, holder)?,
            "Deny" => grants.denied |= denied(statement, holder)?,
            _ => return None,
        }
    }
    Some(grants)
}

/// The calls that a statement allows, as bits; `None` if it is not understood.
fn granted(statement: &Map<String, Value>, holder: &str) -> Option<u32> {
    let (actions, resources) = parts(statement)?;
    let is_narrowed = narrows_the_call(statement.get("Condition"))?;
    let is_oneself = |text: &str| {
        text.to_ascii_lowercase().contains("${aws:username}")
            || (holder.contains(":user/") && matches(text, holder))
    };
    let on_oneself = !resources.is_negated && resources.all.iter().any(|text| is_oneself(text));
    Some(bits(|call, on| {
        let enough = resources.cover_all(on, holder) || (on_oneself && ON_ONESELF.contains(&call));
        !is_narrowed && enough && actions.cover(&call.to_ascii_lowercase())
    }))
}

/// The calls that a statement denies whatever the circumstances, as bits; `None` if it is not understood.
fn denied(statement: &Map<String, Value>, holder: &str) -> Option<u32> {
    let (actions, resources) = parts(statement)?;
    let is_narrowed = statement.contains_key("Condition") || resources.is_negated;
    Some(bits(|call, on| {
        !is_narrowed && resources.cover_all(on, holder) && actions.cover(&call.to_ascii_lowercase())
    }))
}

fn bits(counts: impl Fn(&str, On) -> bool) -> u32 {
    calls().zip(0..).filter(|((call, on), _)| counts(call, *on)).fold(0, |bits, (_, bit)| bits | (1 << bit))
}

fn parts(statement: &Map<String, Value>) -> Option<(Patterns, Patterns)> {
    let actions = Patterns::of(statement, "Action", "NotAction", str::to_ascii_lowercase)?;
    Some((actions, Patterns::of(statement, "Resource", "NotResource", str::to_owned)?))
}

/// The patterns of a statement, of actions or of resources.
struct Patterns {
    all: Vec<String>,
    /// Whether the statement is about everything but these.
    is_negated: bool,
}

impl Patterns {
    fn of(
        statement: &Map<String, Value>,
        named: &str,
        negated: &str,
        form: impl Fn(&str) -> String,
    ) -> Option<Self> {
        let (values, is_negated) = match (statement.get(named), statement.get(negated)) {
            (Some(values), None) => (values, false),
            (None, Some(values)) => (values, true),
            (Some(_), Some(_)) | (None, None) => return None,
        };
        let all = list(values).into_iter().map(|value| value.as_str().map(&form)).collect::<Option<_>>()?;
        Some(Self { all, is_negated })
    }

    fn cover(&self, text: &str) -> bool {
        self.all.iter().any(|pattern| matches(pattern, text)) != self.is_negated
    }

    /// Whether they cover everything of a kind in the account of `holder`.
    fn cover_all(&self, on: On, holder: &str) -> bool {
        let On::Iam(kind) = on else { return self.cover("\u{1}") };
        let account: Vec<&str> = holder.splitn(6, ':').take(5).collect();
        // No name matches both of these unless every name does.
        ["\u{1}", "\u{2}-\u{2}"]
            .iter()
            .all(|name| self.cover(&format!("{}:{kind}/{name}", account.join(":"))))
    }
}

/// Whether a condition of a grant is about what the call does, such as the policy that it attaches. What it says about the
/// caller, such as MFA or an address, does not make them less of an administrator.
fn narrows_the_call(conditions: Option<&Value>) -> Option<bool> {
    let Some(conditions) = conditions else { return Some(false) };
    let mut narrows = false;
    for keys in conditions.as_object()?.values() {
        narrows |= keys.as_object()?.keys().any(|key| {
            let key = key.to_ascii_lowercase();
            let is_of_resource = key.starts_with("aws:resourcetag/") || key.starts_with("aws:requesttag/");
            (key.starts_with("iam:") && key != "iam:passedtoservice") || is_of_resource
        });
    }
    Some(narrows)
}

/// The policy language allows one value in place of a list.
fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => vec![value],
    }
}
