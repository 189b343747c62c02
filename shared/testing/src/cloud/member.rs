//! An account of the organization: its users, what member.yaml makes there, and what is wrong with it.

use super::answer::{Answer, list, tag};
use super::call::Call;
use crate::fixtures::{PHONE_SERIAL, in_grace, user, warned_user, with_device, with_tag, without_password};
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::tags::UserTag;
use serde_json::json;
use std::collections::BTreeMap;

/// What is wrong with an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Its roles cannot be assumed.
    Refused,
    /// IAM throttles every call.
    Throttled,
    /// IAM and `CloudTrail` fail.
    Failing,
    /// IAM and `CloudTrail` do not answer.
    Silent,
    /// IAM's answer cannot be understood.
    Garbled,
    /// IAM refuses every change.
    Fixed,
}

impl Fault {
    /// All of those with which nobody can be looked up.
    pub const ALL: [Self; 5] = [Self::Refused, Self::Throttled, Self::Failing, Self::Silent, Self::Garbled];
}

/// An account.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its number.
    pub account: String,
    /// Its state, as Organizations tells it.
    pub state: &'static str,
    /// What is wrong with it.
    pub fault: Option<Fault>,
    /// Until when; `None` if it never ends.
    pub until: Option<Timestamp>,
    /// Its users.
    pub users: Vec<UserFacts>,
}

impl Member {
    /// An account where nothing is due: a user has MFA, one is in grace and was told so, and one has no password.
    pub fn healthy(index: usize) -> Self {
        let account = format!("2{index:011}");
        let phone = PHONE_SERIAL.replace("123456789012", &account);
        let told = "reminder 2026-11-24T08:00:00Z event=earlier";
        let bob = with_tag(named("bob", in_grace()), UserTag::Notified.key(), told);
        let users = vec![with_device(user("alice"), &phone), bob, named("carol", without_password())];
        Self { account, state: "ACTIVE", fault: None, until: None, users }.with_ids()
    }

    /// The same with a user who is overdue and was told so.
    #[must_use]
    pub fn with_overdue(mut self) -> Self {
        self.users.push(warned_user("dave"));
        self.with_ids()
    }

    /// An account with these users.
    pub fn of(account: &str, users: Vec<UserFacts>) -> Self {
        Self { account: account.to_owned(), state: "ACTIVE", fault: None, until: None, users }
    }

    /// The same with something wrong.
    #[must_use]
    pub fn with_fault(self, fault: Fault) -> Self {
        Self { fault: Some(fault), ..self }
    }

    /// The same, and by then nothing is wrong any more.
    #[must_use]
    pub fn until(self, end: Timestamp) -> Self {
        Self { until: Some(end), ..self }
    }

    fn fault(&self, now: Timestamp) -> Option<Fault> {
        self.fault.filter(|_| self.until.is_none_or(|end| now < end))
    }

    /// Ids are unique among all accounts, as AWS's are.
    fn with_ids(mut self) -> Self {
        for user in &mut self.users {
            user.id = format!("AIDA{}{}", self.account, user.name.as_str().to_uppercase());
        }
        self
    }

    /// Whether a user of this name is under a policy of the quarantine.
    pub fn is_contained(&self, name: &str) -> bool {
        let user = self.users.iter().find(|user| user.name.as_str() == name).unwrap();
        user.attached_policies.iter().any(|policy| policy.contains("/mfa-enforcer/"))
    }

    /// Answers a call in a session; `None` if it never does.
    pub(super) fn answer(&mut self, call: &Call, now: Timestamp) -> Option<Answer> {
        let is_iam = call.service == "iam";
        match self.fault(now) {
            Some(Fault::Silent) => None,
            Some(Fault::Throttled) if is_iam => Some(Answer::error(400, "Throttling")),
            Some(Fault::Failing) => Some(Answer::error(500, "ServiceFailure")),
            Some(Fault::Garbled) if is_iam => Some(Answer::xml("<html>no answer of AWS</html>")),
            Some(Fault::Fixed)
                if is_iam && !["Get", "List"].iter().any(|verb| call.operation.starts_with(verb)) =>
            {
                Some(Answer::error(403, "AccessDenied"))
            }
            Some(Fault::Refused | Fault::Throttled | Fault::Garbled | Fault::Fixed) | None => {
                Some(match call.service.as_str() {
                    "iam" => self.answer_of_iam(call),
                    "cloudformation" => stack(call),
                    _ => trails(call),
                })
            }
        }
    }
}

fn named(name: &str, facts: UserFacts) -> UserFacts {
    let UserFacts { name, tags, .. } = user(name);
    UserFacts { name, tags, ..facts }
}

/// `AssumeRole`, in an account that has the role.
pub(super) fn assume(members: &BTreeMap<String, Member>, call: &Call, now: Timestamp) -> Answer {
    assert_eq!(call.operation, "AssumeRole", "STS plays nothing else");
    let Some(member) = members.get(&call.account).filter(|member| member.fault(now) != Some(Fault::Refused))
    else {
        return Answer::error(403, "AccessDenied");
    };
    let key = tag("AccessKeyId", &format!("ASIA{}", member.account));
    let ends = now + SignedDuration::from_hours(1);
    let rest = [("SecretAccessKey", "secret"), ("SessionToken", "token"), ("Expiration", &ends.to_string())];
    let rest = rest.map(|(name, value)| tag(name, value)).concat();
    Answer::result("AssumeRole", &tag("Credentials", &(key + &rest)))
}

/// One trail that logs everything, and nothing that anybody did.
fn trails(call: &Call) -> Answer {
    Answer::json(&match call.operation.as_str() {
        "DescribeTrails" => json!({"trailList": [{
            "TrailARN": "arn:aws:cloudtrail:us-east-1:123456789012:trail/organization",
            "IsMultiRegionTrail": true,
            "IncludeGlobalServiceEvents": true,
            "HasCustomEventSelectors": false,
        }]}),
        "GetTrailStatus" => json!({"IsLogging": true}),
        "LookupEvents" => json!({"Events": []}),
        other => panic!("CloudTrail does not play {other}"),
    })
}

/// The stack of the deployment, with which all is well.
fn stack(call: &Call) -> Answer {
    let status = tag("StackStatus", "CREATE_COMPLETE") + &tag("StackName", "mfa-enforcer");
    let created = tag("CreationTime", "2026-01-01T00:00:00Z");
    Answer::result(&call.operation, &list("Stacks", [status + &created]))
}
