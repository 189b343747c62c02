//! A policy of `policies/`, narrowed to what one session is for.
//!
//! Calls and conditions are those of the file, so a session can do nothing that the file does not have. Where the file has
//! a pattern for names as the template gives them, the session has the names that were found. None of them has a
//! character that means anything in a policy.

use super::member::LONGEST_POLICY;
use super::session::account_number;
use crate::operation::Operation;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Why there is no policy for a session.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The name could be a pattern, or reach into another part of an ARN.
    #[error("{name:?} is no name of {what}")]
    Name {
        /// What it should be the name of.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// The file is not the one that was thought of.
    #[error("the policy has no statement {0} with these calls and conditions")]
    Statement(&'static str),
    /// There is nothing that it could be about.
    #[error("there is nothing that a session could be for")]
    Nothing,
    /// `AssumeRole` would not take it.
    #[error("the policy of the session would have {0} characters, and may have {LONGEST_POLICY}")]
    TooLong(usize),
}

/// Where a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The partition, such as `aws`.
    pub partition: &'a str,
    /// The region.
    pub region: &'a str,
    /// Number of the account.
    pub account: &'a str,
}

/// A statement of a file that a session has, with what it is about there.
pub(crate) struct Kept {
    pub(crate) sid: &'static str,
    /// Its calls, as far as the session makes them; `None` for all.
    pub(crate) only: Option<&'static [Operation]>,
    /// Its resources; `None` for those of the file.
    pub(crate) resources: Option<Vec<String>>,
    /// Values of a condition of the file: its operator, its key, and what stands there instead.
    pub(crate) values: Option<(&'static str, &'static str, Vec<String>)>,
}

impl Kept {
    pub(crate) fn whole(sid: &'static str) -> Self {
        Self { sid, only: None, resources: None, values: None }
    }

    pub(crate) fn about(sid: &'static str, resources: Vec<String>) -> Self {
        Self { resources: Some(resources), ..Self::whole(sid) }
    }

    pub(crate) fn with(self, operator: &'static str, key: &'static str, values: BTreeSet<String>) -> Self {
        Self { values: Some((operator, key, values.into_iter().collect())), ..self }
    }

    pub(crate) fn only(self, calls: &'static [Operation]) -> Self {
        Self { only: Some(calls), ..self }
    }
}

/// These statements of a document, as JSON without white space. One that would be about nothing is left out.
pub(crate) fn narrowed(document: &str, kept: Vec<Kept>) -> Result<String, Unfit> {
    let document: Value = serde_json::from_str(document).unwrap_or_default();
    let listed = document.get("Statement").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut statements = Vec::new();
    for Kept { sid, only, resources, values } in kept {
        let mut objects = listed.iter().filter_map(Value::as_object);
        let found = objects.find(|statement| statement.get("Sid").is_some_and(|named| named == sid));
        let mut statement: Map<String, Value> = found.cloned().ok_or(Unfit::Statement(sid))?;
        if let Some(calls) = only {
            let calls: Vec<&str> = calls.iter().map(|call| call.action()).collect();
            let of_file = statement.get("Action").and_then(Value::as_array).map(Vec::as_slice);
            let has =
                |call: &&str| of_file.is_some_and(|actions| actions.iter().any(|action| action == call));
            if !calls.iter().all(has) {
                return Err(Unfit::Statement(sid));
            }
            statement.insert("Action".to_owned(), json!(calls));
        }
        if let Some(resources) = resources {
            if resources.is_empty() {
                continue;
            }
            statement.insert("Resource".to_owned(), json!(resources));
        }
        if let Some((operator, key, values)) = values {
            let condition = statement.get_mut("Condition").and_then(|condition| condition.get_mut(operator));
            let of_file = condition.and_then(|keys| keys.get_mut(key)).ok_or(Unfit::Statement(sid))?;
            *of_file = json!(values);
        }
        statements.push(Value::Object(statement));
    }
    if statements.is_empty() {
        return Err(Unfit::Nothing);
    }
    let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    if policy.len() > LONGEST_POLICY { Err(Unfit::TooLong(policy.len())) } else { Ok(policy) }
}

impl<'a> Place<'a> {
    /// The region of a session of this caller in an account.
    #[must_use]
    pub fn of(caller: &'a str, region: &'a str, account: &'a str) -> Self {
        Self { partition: caller.split(':').nth(1).unwrap_or_default(), region, account }
    }

    /// The ARN of something that is there.
    pub(crate) fn arn(&self, service: &str, rest: &str) -> Result<String, Unfit> {
        self.arn_in(plain("a region", self.region, "-", 32)?, service, rest)
    }

    /// The ARN of something that is there in any region.
    pub(crate) fn arn_anywhere(&self, service: &str, rest: &str) -> Result<String, Unfit> {
        self.arn_in("*", service, rest)
    }

    /// The ARN of something that is there once for all regions.
    pub(crate) fn arn_of_account(&self, service: &str, rest: &str) -> Result<String, Unfit> {
        self.arn_in("", service, rest)
    }

    /// The ARN of a bucket, or of what is in it.
    pub(crate) fn arn_of_bucket(&self, rest: &str) -> Result<String, Unfit> {
        Ok(format!("arn:{}:s3:::{rest}", self.partition()?))
    }

    fn arn_in(&self, region: &str, service: &str, rest: &str) -> Result<String, Unfit> {
        let is_number = account_number(self.account).is_ok();
        let account = if is_number { Ok(self.account) } else { Err(unfit("an account", self.account)) }?;
        Ok(format!("arn:{}:{service}:{region}:{account}:{rest}", self.partition()?))
    }

    fn partition(&self) -> Result<&str, Unfit> {
        plain("a partition", self.partition, "-", 16)
    }
}

/// A name of a stack.
pub(crate) fn stack(name: &str) -> Result<&str, Unfit> {
    plain("a stack", name, "-", 128)
}

/// A name of a function.
pub(crate) fn function(name: &str) -> Result<&str, Unfit> {
    plain("a function", name, "-_", 64)
}

/// A name of a queue. Only that of a FIFO queue has a dot.
pub(crate) fn queue(name: &str) -> Result<&str, Unfit> {
    const WHAT: &str = "a queue";
    plain(WHAT, name.strip_suffix(".fifo").unwrap_or(name), "-_", 80).map_err(|_| unfit(WHAT, name))?;
    Ok(name)
}

/// A name of a log group.
pub(crate) fn log_group(name: &str) -> Result<&str, Unfit> {
    plain("a log group", name, "-_/.#", 512)
}

/// A name of a bucket.
pub(crate) fn bucket(name: &str) -> Result<&str, Unfit> {
    plain("a bucket", name, "-.", 63)
}

/// A name of a bus, which may have a path.
pub(crate) fn event_bus(name: &str) -> Result<String, Unfit> {
    const WHAT: &str = "an event bus";
    let bus = name.strip_prefix("event-bus/").ok_or_else(|| unfit(WHAT, name))?;
    Ok(format!("event-bus/{}", plain(WHAT, bus, "/._-", 256)?))
}

/// A name that IAM takes, and with a slash besides one after its path.
pub(crate) fn of_iam<'a>(what: &'static str, name: &'a str, besides: &str) -> Result<&'a str, Unfit> {
    plain(what, name, &format!("+=,.@_-{besides}"), 512)
}

/// A name with ASCII letters, digits and these characters. None of them is part of `*`, `?` or `${..}`, or parts an ARN.
fn plain<'a>(what: &'static str, name: &'a str, besides: &str, longest: usize) -> Result<&'a str, Unfit> {
    let is_fit = (1..=longest).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || besides.contains(c));
    if is_fit { Ok(name) } else { Err(unfit(what, name)) }
}

fn unfit(what: &'static str, name: &str) -> Unfit {
    Unfit::Name { what, name: name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{Kept, Unfit, narrowed};
    use crate::operation::Operation;
    use serde_json::json;

    #[test]
    fn session_has_no_call_that_the_file_lacks() {
        let actions = [Operation::GetQueueAttributes, Operation::SendMessage].map(Operation::action);
        let statement = json!({"Sid": "Queues", "Effect": "Allow", "Action": actions, "Resource": ["*"]});
        let document = json!({"Statement": [statement]}).to_string();
        let policy = |calls| narrowed(&document, vec![Kept::whole("Queues").only(calls)]);
        assert!(policy(&[Operation::GetQueueAttributes]).is_ok_and(|policy| !policy.contains("SendMessage")));
        let more = policy(&[Operation::GetQueueAttributes, Operation::DescribeStacks]);
        assert_eq!(more, Err(Unfit::Statement("Queues")));
    }
}
