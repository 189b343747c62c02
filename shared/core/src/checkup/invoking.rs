//! Whether a function lets a rule invoke it: without that, EventBridge passes on nothing, and says so to nobody.

use crate::wildcard::matches;
use serde_json::Value;

/// Who invokes for a rule.
const EVENT_BRIDGE: &str = "events.amazonaws.com";
/// What it does.
const INVOKE: &str = "lambda:InvokeFunction";
/// The key of the rule in a condition, in small letters, which count for no more than others.
const SOURCE_ARN: &str = "aws:sourcearn";
/// The operators with which a rule is named.
const OPERATORS: [&str; 4] = ["ArnLike", "ArnEquals", "StringEquals", "StringLike"];

/// What a function's own policy says of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Invoking {
    /// The rule may invoke it.
    Allowed,
    /// Nothing lets the rule invoke it.
    NotAllowed,
    /// Something denies it, perhaps under a condition.
    Denied,
    /// It has what is not judged here: another condition, or no JSON.
    Unclear,
}

impl Invoking {
    /// Judges the policy, as Lambda gives it, for the rule with this ARN.
    pub(super) fn of(policy: &str, rule: &str) -> Self {
        let Ok(policy) = serde_json::from_str::<Value>(policy) else { return Self::Unclear };
        let statements = each(policy.get("Statement"));
        let statements: Vec<Self> =
            statements.into_iter().map(|statement| Self::of_statement(statement, rule)).collect();
        let found = |verdict: Self| statements.contains(&verdict);
        [Self::Denied, Self::Allowed, Self::Unclear]
            .into_iter()
            .find(|verdict| found(*verdict))
            .unwrap_or(Self::NotAllowed)
    }

    fn of_statement(statement: &Value, rule: &str) -> Self {
        let principal = statement.get("Principal");
        let is_for_rules = principal.and_then(Value::as_str) == Some("*")
            || names(principal.and_then(|of| of.get("Service")), EVENT_BRIDGE);
        if !is_for_rules || !names(statement.get("Action"), INVOKE) {
            return Self::NotAllowed;
        }
        if statement.get("Effect").and_then(Value::as_str) != Some("Allow") {
            return Self::Denied;
        }
        let conditions = statement.get("Condition").and_then(Value::as_object).into_iter().flatten();
        let mut is_met = true;
        for (operator, keys) in conditions {
            for (key, patterns) in keys.as_object().into_iter().flatten() {
                if !OPERATORS.contains(&operator.as_str()) || key.to_ascii_lowercase() != SOURCE_ARN {
                    return Self::Unclear;
                }
                is_met &= each(Some(patterns))
                    .into_iter()
                    .filter_map(Value::as_str)
                    .any(|pattern| matches(pattern, rule));
            }
        }
        if is_met { Self::Allowed } else { Self::NotAllowed }
    }
}

/// Whether a pattern of the field stands for the name, whatever its capitals.
fn names(field: Option<&Value>, name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    each(field).into_iter().filter_map(Value::as_str).any(|text| matches(&text.to_ascii_lowercase(), &name))
}

/// One, or each of a list.
fn each(value: Option<&Value>) -> Vec<&Value> {
    match value.and_then(Value::as_array) {
        Some(many) => many.iter().collect(),
        None => value.into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::Invoking;
    use rstest::rstest;

    const RULE: &str = "arn:aws:events:us-east-1:123456789012:rule/mfa-enforcer-sign-ins";

    #[rstest]
    #[case::the_stack_s_own(
        r#"{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "lambda:InvokeFunction",
            "Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:events:us-east-1:123456789012:rule/mfa-enforcer-sign-ins"}}}"#,
        Invoking::Allowed
    )]
    #[case::any_rule(
        r#"{"Effect": "Allow", "Principal": {"Service": ["s3.amazonaws.com", "events.amazonaws.com"]}, "Action": "lambda:*"}"#,
        Invoking::Allowed
    )]
    #[case::another_rule(
        r#"{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "lambda:InvokeFunction",
            "Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:events:us-east-1:123456789012:rule/other"}}}"#,
        Invoking::NotAllowed
    )]
    #[case::another_service(
        r#"{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "lambda:InvokeFunction"}"#,
        Invoking::NotAllowed
    )]
    #[case::another_call(
        r#"{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "lambda:GetFunction"}"#,
        Invoking::NotAllowed
    )]
    #[case::denial(
        r#"{"Effect": "Deny", "Principal": "*", "Action": "lambda:InvokeFunction"}"#,
        Invoking::Denied
    )]
    #[case::another_condition(
        r#"{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "lambda:InvokeFunction",
            "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}}"#,
        Invoking::Unclear
    )]
    fn policy_is_judged(#[case] statement: &str, #[case] expected: Invoking) {
        let policy = format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}]}}"#);
        assert_eq!(Invoking::of(&policy, RULE), expected);
        let single = format!(r#"{{"Version": "2012-10-17", "Statement": {statement}}}"#);
        assert_eq!(Invoking::of(&single, RULE), expected);
    }

    #[test]
    fn what_is_no_policy_is_unclear() {
        assert_eq!(Invoking::of("no JSON", RULE), Invoking::Unclear);
        assert_eq!(Invoking::of("{}", RULE), Invoking::NotAllowed);
    }
}
