//! All AWS calls that this project makes.
//!
//! Roles, tests and documentation are checked against this list. A call that is not listed cannot be made: an adapter
//! has to name the operation in order to report its failure.

use std::fmt;
use strum::{EnumIter, IntoStaticStr};

/// An AWS operation, named like the action in a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, EnumIter, IntoStaticStr)]
#[expect(missing_docs, reason = "AWS documents its operations under these names")]
pub enum Operation {
    #[strum(serialize = "account:ListRegions")]
    ListRegions,
    #[strum(serialize = "cloudformation:DescribeStackEvents")]
    DescribeStackEvents,
    #[strum(serialize = "cloudformation:DescribeStacks")]
    DescribeStacks,
    #[strum(serialize = "cloudformation:ListStackResources")]
    ListStackResources,
    #[strum(serialize = "cloudtrail:DescribeTrails")]
    DescribeTrails,
    #[strum(serialize = "cloudtrail:GetEventSelectors")]
    GetEventSelectors,
    #[strum(serialize = "cloudtrail:GetTrailStatus")]
    GetTrailStatus,
    #[strum(serialize = "cloudtrail:LookupEvents")]
    LookupEvents,
    #[strum(serialize = "events:DescribeRule")]
    DescribeRule,
    #[strum(serialize = "events:ListRuleNamesByTarget")]
    ListRuleNamesByTarget,
    #[strum(serialize = "events:ListRules")]
    ListRules,
    #[strum(serialize = "events:ListTargetsByRule")]
    ListTargetsByRule,
    #[strum(serialize = "events:PutEvents")]
    PutEvents,
    #[strum(serialize = "iam:AddUserToGroup")]
    AddUserToGroup,
    #[strum(serialize = "iam:AttachGroupPolicy")]
    AttachGroupPolicy,
    #[strum(serialize = "iam:AttachUserPolicy")]
    AttachUserPolicy,
    #[strum(serialize = "iam:CreateUser")]
    CreateUser,
    #[strum(serialize = "iam:DeleteUser")]
    DeleteUser,
    #[strum(serialize = "iam:DetachUserPolicy")]
    DetachUserPolicy,
    #[strum(serialize = "iam:GenerateCredentialReport")]
    GenerateCredentialReport,
    #[strum(serialize = "iam:GetAccessKeyLastUsed")]
    GetAccessKeyLastUsed,
    #[strum(serialize = "iam:GetAccountAuthorizationDetails")]
    GetAccountAuthorizationDetails,
    #[strum(serialize = "iam:GetAccountSummary")]
    GetAccountSummary,
    #[strum(serialize = "iam:GetCredentialReport")]
    GetCredentialReport,
    #[strum(serialize = "iam:GetLoginProfile")]
    GetLoginProfile,
    #[strum(serialize = "iam:GetPolicy")]
    GetPolicy,
    #[strum(serialize = "iam:GetPolicyVersion")]
    GetPolicyVersion,
    #[strum(serialize = "iam:GetUser")]
    GetUser,
    #[strum(serialize = "iam:ListAccessKeys")]
    ListAccessKeys,
    #[strum(serialize = "iam:ListAccountAliases")]
    ListAccountAliases,
    #[strum(serialize = "iam:ListAttachedGroupPolicies")]
    ListAttachedGroupPolicies,
    #[strum(serialize = "iam:ListAttachedUserPolicies")]
    ListAttachedUserPolicies,
    #[strum(serialize = "iam:ListGroups")]
    ListGroups,
    #[strum(serialize = "iam:ListGroupsForUser")]
    ListGroupsForUser,
    #[strum(serialize = "iam:ListMFADevices")]
    ListMfaDevices,
    #[strum(serialize = "iam:ListPolicies")]
    ListPolicies,
    #[strum(serialize = "iam:ListPolicyVersions")]
    ListPolicyVersions,
    #[strum(serialize = "iam:ListVirtualMFADevices")]
    ListVirtualMfaDevices,
    #[strum(serialize = "iam:RemoveUserFromGroup")]
    RemoveUserFromGroup,
    #[strum(serialize = "iam:SetDefaultPolicyVersion")]
    SetDefaultPolicyVersion,
    #[strum(serialize = "iam:TagUser")]
    TagUser,
    #[strum(serialize = "iam:UntagUser")]
    UntagUser,
    #[strum(serialize = "lambda:GetEventSourceMapping")]
    GetEventSourceMapping,
    #[strum(serialize = "lambda:GetFunctionConcurrency")]
    GetFunctionConcurrency,
    #[strum(serialize = "lambda:GetFunctionConfiguration")]
    GetFunctionConfiguration,
    #[strum(serialize = "lambda:GetAccountSettings")]
    GetAccountSettings,
    #[strum(serialize = "lambda:GetPolicy")]
    GetFunctionPolicy,
    // The call is named Invoke; the action in a policy is not.
    #[strum(serialize = "lambda:InvokeFunction")]
    Invoke,
    #[strum(serialize = "lambda:ListTags")]
    ListFunctionTags,
    #[strum(serialize = "logs:FilterLogEvents")]
    FilterLogEvents,
    #[strum(serialize = "organizations:DescribeOrganization")]
    DescribeOrganization,
    #[strum(serialize = "organizations:ListAccounts")]
    ListAccounts,
    #[strum(serialize = "organizations:ListAccountsForParent")]
    ListAccountsForParent,
    #[strum(serialize = "organizations:ListOrganizationalUnitsForParent")]
    ListOrganizationalUnitsForParent,
    #[strum(serialize = "organizations:ListRoots")]
    ListRoots,
    #[strum(serialize = "organizations:ListTagsForResource")]
    ListTagsOfAccount,
    #[strum(serialize = "s3:GetObject")]
    GetObject,
    // The call is named ListObjectsV2; the action in a policy is not.
    #[strum(serialize = "s3:ListBucketVersions")]
    ListObjectVersions,
    #[strum(serialize = "s3:ListBucket")]
    ListObjectsV2,
    #[strum(serialize = "s3:PutObject")]
    PutObject,
    #[strum(serialize = "scheduler:GetSchedule")]
    GetSchedule,
    #[strum(serialize = "ses:GetAccount")]
    GetAccount,
    #[strum(serialize = "ses:GetEmailIdentity")]
    GetEmailIdentity,
    #[strum(serialize = "ses:GetSuppressedDestination")]
    GetSuppressedDestination,
    #[strum(serialize = "ses:SendEmail")]
    SendEmail,
    #[strum(serialize = "sns:CreateTopic")]
    CreateTopic,
    #[strum(serialize = "sns:DeleteTopic")]
    DeleteTopic,
    #[strum(serialize = "sns:ListSubscriptionsByTopic")]
    ListSubscriptionsByTopic,
    #[strum(serialize = "sns:ListTagsForResource")]
    ListTagsForResource,
    #[strum(serialize = "sns:ListTopics")]
    ListTopics,
    #[strum(serialize = "sns:Publish")]
    Publish,
    #[strum(serialize = "sns:Subscribe")]
    Subscribe,
    #[strum(serialize = "sns:TagResource")]
    TagResource,
    #[strum(serialize = "sns:Unsubscribe")]
    Unsubscribe,
    #[strum(serialize = "sqs:ChangeMessageVisibility")]
    ChangeMessageVisibility,
    #[strum(serialize = "sqs:DeleteMessage")]
    DeleteMessage,
    #[strum(serialize = "sqs:GetQueueAttributes")]
    GetQueueAttributes,
    #[strum(serialize = "sqs:GetQueueUrl")]
    GetQueueUrl,
    #[strum(serialize = "sqs:ReceiveMessage")]
    ReceiveMessage,
    #[strum(serialize = "sqs:SendMessage")]
    SendMessage,
    #[strum(serialize = "sts:AssumeRole")]
    AssumeRole,
}

impl Operation {
    /// The action as written in a policy, such as `iam:GetUser`.
    #[must_use]
    pub fn action(self) -> &'static str {
        self.into()
    }

    /// Calls that read one IAM user.
    pub const READ_USER: [Self; 5] = [
        Self::GetUser,
        Self::GetLoginProfile,
        Self::ListMfaDevices,
        Self::ListAttachedUserPolicies,
        Self::ListGroupsForUser,
    ];

    /// Calls that notify a user through their own topic, by SES or by text message, and the administrators. An address that the
    /// user no longer has is unsubscribed first. The alias names the account where no setting does.
    pub const NOTIFY: [Self; 7] = [
        Self::ListAccountAliases,
        Self::SendEmail,
        Self::CreateTopic,
        Self::ListSubscriptionsByTopic,
        Self::Unsubscribe,
        Self::Subscribe,
        Self::Publish,
    ];

    /// The same, and those that read the access keys that the administrators' copy names.
    pub const NOTIFY_WITH_KEYS: [Self; 9] = [
        Self::ListAccountAliases,
        Self::SendEmail,
        Self::CreateTopic,
        Self::ListSubscriptionsByTopic,
        Self::Unsubscribe,
        Self::Subscribe,
        Self::Publish,
        Self::ListAccessKeys,
        Self::GetAccessKeyLastUsed,
    ];

    /// Calls that look at the quarantine itself: the stack, the texts of its policies, its groups.
    pub const CHECK_QUARANTINE: [Self; 5] = [
        Self::DescribeStacks,
        Self::GetPolicy,
        Self::GetPolicyVersion,
        Self::ListPolicyVersions,
        Self::ListAttachedGroupPolicies,
    ];

    /// Calls that find the record before, where a bucket keeps evidence. Every function writes its acts.
    pub const FIND_RECORD: [Self; 2] = [Self::ListObjectsV2, Self::GetObject];

    /// Calls that show whether a change is a part of an update of the own stack.
    pub const SEE_UPDATE: [Self; 2] = [Self::DescribeStacks, Self::DescribeStackEvents];

    /// Calls that only a sweep makes: they repair the quarantine, read the whole account and delete unused topics.
    pub const SWEEP_ACCOUNT: [Self; 15] = [
        Self::GetAccount,
        Self::GetEmailIdentity,
        Self::AttachGroupPolicy,
        Self::SetDefaultPolicyVersion,
        Self::LookupEvents,
        Self::DescribeTrails,
        Self::GetTrailStatus,
        Self::GetEventSelectors,
        Self::GenerateCredentialReport,
        Self::GetCredentialReport,
        Self::GetAccountAuthorizationDetails,
        Self::GetAccountSummary,
        Self::ListVirtualMfaDevices,
        Self::ListTopics,
        Self::DeleteTopic,
    ];
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.action())
    }
}
