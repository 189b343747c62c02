//! What the documents of a role say: who may assume it, and which calls it may make.

use crate::boundary::decoded;
use crate::wildcard::matches;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Any resource.
const ANY: &str = "*";

/// The trust of a role that these roles of the hub may assume.
pub(super) fn trust_in(partition: &str, hub: &str, organization: &str, roles: &[&str]) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": format!("arn:{partition}:iam::{hub}:root")},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:PrincipalOrgID": organization},
                "ArnEquals": {"aws:PrincipalArn": roles},
            },
        },
    })
}

/// Whether a document, as IAM returns it, says this. Lists have no order in IAM, and one of a single entry is that entry.
pub(super) fn says(document: &str, expected: &Value) -> bool {
    read(document).is_some_and(|found| plain(found) == plain(expected.clone()))
}

/// Whether a service may assume a role with this trust.
pub(super) fn trusts_service(document: &str, service: &str) -> bool {
    let Some(document) = read(document) else { return false };
    let statements = each(document.get("Statement"));
    statements.into_iter().any(|statement| {
        let is = |field: &str, text: &str| texts(statement.get(field)).contains(&text);
        let principal = statement.get("Principal").and_then(|of| of.get("Service"));
        is("Effect", "Allow") && is("Action", "sts:AssumeRole") && texts(principal).contains(&service)
    })
}

/// What documents allow, beside what was expected of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Compared {
    /// The expected calls that they do not allow.
    pub(super) missing: Vec<String>,
    /// What they allow besides.
    pub(super) besides: Vec<String>,
}

/// Compares the calls that documents allow with these. Which resources and conditions they name is not compared.
pub(super) fn compared(documents: &[&str], expected: &[&str]) -> Compared {
    let (mut allowed, mut denied) = (BTreeSet::new(), BTreeSet::new());
    for document in documents {
        let Some(document) = read(document) else { continue };
        for statement in each(document.get("Statement")) {
            let actions = texts(statement.get("Action")).into_iter().map(str::to_owned);
            if texts(statement.get("Effect")) == ["Allow"] {
                allowed.extend(actions);
                allowed.extend(statement.get("NotAction").map(|_| "all calls but some".to_owned()));
            } else if texts(statement.get("Resource")).contains(&ANY) {
                // One that is narrower leaves most users alone.
                denied.extend(actions);
            }
        }
    }
    let is_in = |patterns: &BTreeSet<String>, call: &str| {
        let call = call.to_ascii_lowercase();
        patterns.iter().any(|pattern| matches(&pattern.to_ascii_lowercase(), &call))
    };
    let is_expected =
        |action: &&String| expected.iter().any(|expected| expected.eq_ignore_ascii_case(action));
    Compared {
        missing: expected
            .iter()
            .filter(|call| !is_in(&allowed, call) || is_in(&denied, call))
            .map(|call| (*call).to_owned())
            .collect(),
        besides: allowed.iter().filter(|action| !is_expected(action)).cloned().collect(),
    }
}

/// Every resource that statements of these documents name.
pub(super) fn resources(documents: &[&str]) -> BTreeSet<String> {
    let read = documents.iter().filter_map(|document| read(document));
    let mut named = BTreeSet::new();
    for document in read {
        for statement in each(document.get("Statement")) {
            named.extend(texts(statement.get("Resource")).into_iter().map(str::to_owned));
        }
    }
    named
}

fn read(document: &str) -> Option<Value> {
    serde_json::from_str(&decoded(document)?).ok()
}

/// The same in a form in which equal documents are equal.
fn plain(value: Value) -> Value {
    match value {
        Value::Array(entries) => {
            let mut entries: Vec<Value> = entries.into_iter().map(plain).collect();
            entries.sort_by_key(Value::to_string);
            match <[Value; 1]>::try_from(entries) {
                Ok([only]) => only,
                Err(entries) => Value::Array(entries),
            }
        }
        Value::Object(fields) => {
            let fields: Map<String, Value> =
                fields.into_iter().map(|(key, value)| (key, plain(value))).collect();
            Value::Object(fields)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

/// One, or each of a list.
fn each(value: Option<&Value>) -> Vec<&Value> {
    match value.and_then(Value::as_array) {
        Some(many) => many.iter().collect(),
        None => value.into_iter().collect(),
    }
}

fn texts(value: Option<&Value>) -> Vec<&str> {
    each(value).into_iter().filter_map(Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::{Compared, compared, says, trusts_service};
    use rstest::rstest;
    use serde_json::json;

    const CALLS: [&str; 2] = ["iam:GetUser", "iam:TagUser"];

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[rstest]
    #[case::the_same(r#"{"Effect": "Allow", "Action": ["iam:TagUser", "iam:getuser"], "Resource": "*"}"#, &[], &[])]
    #[case::less(r#"{"Effect": "Allow", "Action": "iam:GetUser", "Resource": "*"}"#, &["iam:TagUser"], &[])]
    #[case::more(
        r#"{"Effect": "Allow", "Action": ["iam:GetUser", "iam:TagUser", "iam:*"], "Resource": "*"}"#, &[], &["iam:*"]
    )]
    #[case::all_but_some(
        r#"{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}"#,
        &["iam:GetUser", "iam:TagUser"],
        &["all calls but some"]
    )]
    fn calls_are_compared(#[case] statement: &str, #[case] missing: &[&str], #[case] besides: &[&str]) {
        let document = format!(r#"{{"Version": "2012-10-17", "Statement": {statement}}}"#);
        let expected = Compared { missing: owned(missing), besides: owned(besides) };
        assert_eq!(compared(&[&document], &CALLS), expected);
    }

    #[test]
    fn denial_on_everything_takes_a_call_away() {
        let allowed = json!({"Statement": {"Effect": "Allow", "Action": CALLS, "Resource": "*"}}).to_string();
        let denied = |resource: &str| {
            json!({"Statement": {"Effect": "Deny", "Action": "iam:Tag*", "Resource": resource}}).to_string()
        };
        let missing = |resource| compared(&[&allowed, &denied(resource)], &CALLS).missing;
        assert_eq!(missing("*"), ["iam:TagUser"]);
        assert_eq!(missing("arn:aws:iam::222233334444:user/break-glass/*"), owned(&[]));
    }

    #[test]
    fn order_and_lists_of_one_are_no_difference() {
        let expected = json!({"Statement": {"Action": ["a", "b"], "Effect": "Allow"}});
        assert!(says(r#"{"Statement": [{"Effect": "Allow", "Action": ["b", "a"]}]}"#, &expected));
        assert!(!says(r#"{"Statement": [{"Effect": "Allow", "Action": ["b"]}]}"#, &expected));
        assert!(!says("no JSON", &expected));
    }

    #[test]
    fn trust_of_a_service_is_found() {
        let trust = json!({"Statement": [{
            "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole",
        }]});
        assert!(trusts_service(&trust.to_string(), "events.amazonaws.com"));
        assert!(!trusts_service(&trust.to_string(), "lambda.amazonaws.com"));
        assert!(!trusts_service("", "events.amazonaws.com"));
    }
}
