//! The policy of a session in an account of the organization: what one task needs of the role, and nothing else.
//!
//! The role itself limits which policies, groups and tags there can be. A session can do what both allow.

use crate::event::UserName;
use crate::operation::Operation;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// `AssumeRole` takes a policy of up to so many characters.
pub const LONGEST_POLICY: usize = 2048;

/// Whom a task is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom<'a> {
    /// One user, by the name as IAM spells it: IAM finds a user in any spelling, but resources of a policy have a case.
    User(&'a UserName),
    /// Any user, to find out how a name is spelled, or to go through all of them.
    Everybody,
}

/// What a call is about, as far as IAM can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Resource {
    User,
    Group,
    Quarantine,
    // IAM takes no narrower resource, or the call is about any policy or trail.
    Any,
}

/// The policy for these calls, as JSON without white space. Calls that are made with the hub's own role are left out.
///
/// `None` if none of the calls is made in the account, or if IAM would not allow the name: it could be a pattern, and
/// mean others.
///
/// ```
/// use mfa_enforcer_core::event::UserName;
/// use mfa_enforcer_core::operation::Operation;
/// use mfa_enforcer_core::organization::{Whom, session_policy};
/// use serde_json::{Value, json};
///
/// let bob = UserName::listed("bob");
/// let policy = session_policy([Operation::TagUser, Operation::AddUserToGroup], Whom::User(&bob)).unwrap();
/// let policy: Value = serde_json::from_str(&policy).unwrap();
/// assert_eq!(
///     policy["Statement"],
///     json!([
///         {
///             "Effect": "Allow",
///             "Action": ["iam:TagUser"],
///             "Resource": ["arn:*:iam::*:user/bob", "arn:*:iam::*:user/*/bob"],
///         },
///         {
///             "Effect": "Allow",
///             "Action": ["iam:AddUserToGroup"],
///             "Resource": ["arn:*:iam::*:group/mfa-enforcer/*"],
///         },
///     ])
/// );
/// assert_eq!(session_policy([Operation::TagUser], Whom::User(&UserName::listed("*"))), None);
/// ```
#[must_use]
pub fn session_policy(calls: impl IntoIterator<Item = Operation>, whom: Whom<'_>) -> Option<String> {
    let users = match whom {
        Whom::Everybody => vec!["arn:*:iam::*:user/*".to_owned()],
        Whom::User(name) => {
            // INVARIANT: IAM's names have no `*`, `?`, `$`, slash or colon, so none is a pattern or reaches into a path.
            let name = UserName::new(name.as_str())?;
            let name = name.as_str();
            // The path is not known, and no two users of an account have one name.
            vec![format!("arn:*:iam::*:user/{name}"), format!("arn:*:iam::*:user/*/{name}")]
        }
    };
    let mut statements: BTreeMap<Resource, BTreeSet<&str>> = BTreeMap::new();
    for call in calls {
        if let Some(resource) = resource(call) {
            statements.entry(resource).or_default().insert(call.action());
        }
    }
    let statement = |(resource, actions): (Resource, BTreeSet<&str>)| {
        let resources = match resource {
            Resource::User => json!(users),
            Resource::Group => json!(["arn:*:iam::*:group/mfa-enforcer/*"]),
            Resource::Quarantine => json!(["arn:*:iam::*:policy/mfa-enforcer/*"]),
            Resource::Any => json!(["*"]),
        };
        json!({"Effect": "Allow", "Action": actions, "Resource": resources})
    };
    let statements: Vec<Value> = statements.into_iter().map(statement).collect();
    (!statements.is_empty()).then(|| json!({"Version": "2012-10-17", "Statement": statements}).to_string())
}

/// Whether a call is about a user, or about a group as well.
pub(super) fn is_about_a_user(call: Operation) -> bool {
    matches!(resource(call), Some(Resource::User | Resource::Group))
}

/// What a call is about, if it is made in the account and not in the hub.
fn resource(call: Operation) -> Option<Resource> {
    use Operation as O;
    match call {
        O::AttachUserPolicy
        | O::DetachUserPolicy
        | O::GetAccessKeyLastUsed
        | O::GetLoginProfile
        | O::GetUser
        | O::ListAccessKeys
        | O::ListAttachedUserPolicies
        | O::ListGroupsForUser
        | O::ListMfaDevices
        | O::TagUser
        | O::UntagUser => Some(Resource::User),
        O::AddUserToGroup | O::AttachGroupPolicy | O::ListAttachedGroupPolicies | O::RemoveUserFromGroup => {
            Some(Resource::Group)
        }
        O::ListPolicyVersions | O::SetDefaultPolicyVersion => Some(Resource::Quarantine),
        O::DescribeTrails
        | O::GenerateCredentialReport
        | O::GetAccountAuthorizationDetails
        | O::GetAccountSummary
        | O::GetCredentialReport
        | O::GetEventSelectors
        | O::GetPolicy
        | O::GetPolicyVersion
        | O::GetTrailStatus
        | O::ListAccountAliases
        | O::ListGroups
        | O::ListPolicies
        | O::ListVirtualMfaDevices
        | O::LookupEvents => Some(Resource::Any),
        O::AssumeRole
        | O::ChangeMessageVisibility
        | O::CreateTopic
        | O::CreateUser
        | O::DeleteMessage
        | O::DeleteTopic
        | O::DeleteUser
        | O::DescribeOrganization
        | O::DescribeRule
        | O::DescribeStackEvents
        | O::DescribeStacks
        | O::FilterLogEvents
        | O::GetAccount
        | O::GetAccountSettings
        | O::GetEmailIdentity
        | O::GetEventSourceMapping
        | O::GetFunctionConcurrency
        | O::GetFunctionConfiguration
        | O::GetFunctionPolicy
        | O::GetObject
        | O::GetQueueAttributes
        | O::GetQueueUrl
        | O::GetSchedule
        | O::GetSuppressedDestination
        | O::Invoke
        | O::ListAccounts
        | O::ListAccountsForParent
        | O::ListFunctionTags
        | O::ListObjectVersions
        | O::ListObjectsV2
        | O::ListOrganizationalUnitsForParent
        | O::ListRegions
        | O::ListRuleNamesByTarget
        | O::ListRules
        | O::ListRoots
        | O::ListStackResources
        | O::ListSubscriptionsByTopic
        | O::ListTagsForResource
        | O::ListTagsOfAccount
        | O::ListTargetsByRule
        | O::ListTopics
        | O::Publish
        | O::PutEvents
        | O::PutObject
        | O::ReceiveMessage
        | O::SendEmail
        | O::SendMessage
        | O::Subscribe
        | O::TagResource
        | O::Unsubscribe => None,
    }
}
