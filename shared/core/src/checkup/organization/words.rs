//! What to do about an account, in words.

use super::seen::HubSeen;

/// The stack sets, as the documentation calls them.
const STACK_SET: &str = "mfa-enforcer-member";

/// What to do about one account.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words<'a> {
    /// Number of the account.
    pub(super) account: &'a str,
    /// The hub.
    pub(super) hub: &'a HubSeen,
}

impl Words<'_> {
    /// Where the stack set says why the stack of an account is not there, or not as it should be.
    pub(super) fn why(&self) -> String {
        let Self { account, hub } = self;
        format!(
            "aws cloudformation list-stack-instances --stack-set-name {STACK_SET} --stack-instance-account {account} \
             --region {} says why (in the hub with --call-as DELEGATED_ADMIN)",
            hub.region
        )
    }

    /// Something of `member.yaml` is not there, or old.
    pub(super) fn deploy_again(&self) -> String {
        format!("update the stack set of member.yaml with this version; {}", self.why())
    }

    /// Something of `member.yaml` is for another hub.
    pub(super) fn parameters(&self) -> String {
        format!(
            "compare the parameters of the stack set (OrganizationId, HubAccount, HubStack, HubRolePath) with the hub, and \
             update it; if they are right, somebody changed the stack in account {}: docs/RUNBOOK.md, Somebody changed \
             the enforcer",
            self.account
        )
    }

    /// Somebody changed something.
    pub(super) fn changed(&self) -> String {
        format!(
            "somebody changed it in account {}: docs/RUNBOOK.md, Somebody changed the enforcer",
            self.account
        )
    }

    /// Something is missing in a region.
    pub(super) fn region(&self) -> String {
        let Self { account, hub } = self;
        format!(
            "add them to the stack set of member-region.yaml; where they are, aws cloudformation list-stack-instances \
             --stack-set-name {STACK_SET}-region --stack-instance-account {account} --region {} says why it failed",
            hub.region
        )
    }
}
