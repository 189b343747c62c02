//! What the documents of a page grant. Each is read at once, and nothing else of it is kept.

use aws_sdk_iam::types::{GroupDetail, ManagedPolicyDetail, PolicyDetail};
use mfa_enforcer_core::rights::{Grants, GroupPermissions, Permissions};

/// What the documents within a user or a group grant.
pub(super) fn grants_of(documents: Option<Vec<PolicyDetail>>, holder: &str) -> Grants {
    let documents = documents.unwrap_or_default().into_iter().map(|policy| policy.policy_document);
    documents.map(|document| read(document, holder)).fold(Grants::default(), Grants::and)
}

/// Adds the groups and policies of a page. One without a name is nobody's, and whoever has it counts as unread.
pub(super) fn add(
    permissions: &mut Permissions,
    groups: Option<Vec<GroupDetail>>,
    policies: Option<Vec<ManagedPolicyDetail>>,
) {
    for group in groups.unwrap_or_default() {
        let (Some(name), Some(arn)) = (group.group_name, group.arn) else { continue };
        let attached = group.attached_managed_policies.unwrap_or_default();
        let inline = grants_of(group.group_policy_list, &arn);
        // A policy without an ARN is one that nobody can read.
        let attached_policies =
            attached.into_iter().map(|policy| policy.policy_arn.unwrap_or_default()).collect();
        permissions.groups.insert(name.to_lowercase(), GroupPermissions { inline, attached_policies });
    }
    for policy in policies.unwrap_or_default() {
        let Some(arn) = policy.arn else { continue };
        let versions = policy.policy_version_list.unwrap_or_default();
        let in_force = versions.into_iter().find(|version| version.is_default_version);
        let grants = read(in_force.and_then(|version| version.document), &arn);
        permissions.policies.insert(arn, grants);
    }
}

fn read(document: Option<String>, holder: &str) -> Grants {
    document.map_or(Grants::UNREAD, |document| Grants::of(&document, holder))
}
