//! A session in another account of the organization.

use crate::access::Connection;
use anyhow::{Context, anyhow};
use aws_config::SdkConfig;
use aws_config::identity::IdentityCache;
use aws_sdk_sts::config::{Credentials, SharedCredentialsProvider};
use mfa_enforcer_aws::{AwsError, ErrorKind, Pace};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::organization::{Place, reading_role, session_name};
use serde_json::Value;
use std::time::{Duration, SystemTime};

/// What a session in an account may do at most, whatever the role may: what a report and a plan need.
pub(crate) const READS: &str = include_str!("../../../policies/plan.json");
/// The same of a look-up of dead letters in the event history.
pub(crate) const HISTORY: &str = include_str!("../../../policies/redrive-history.json");
/// The role that Organizations makes in an account.
pub(crate) const ROLE: &str = "OrganizationAccountAccessRole";
/// How long a session lasts, in seconds. Every role allows as much, and an account that throttles takes minutes.
const SESSION_LASTS: u16 = 3600;

impl Connection {
    /// The place of an account, in the region of the events of IAM.
    pub(crate) fn place<'a>(&'a self, account: &'a str) -> Place<'a> {
        Place::of(&self.caller, self.config.region().map(AsRef::as_ref).unwrap_or_default(), account)
    }

    /// The same in another account of the organization, through a role there. It may do what this policy allows, and
    /// nothing else. In the caller's own account there is no session.
    pub(crate) async fn to_account(&self, account: &str, role: &str, policy: &str) -> anyhow::Result<Self> {
        let role = (account != self.account).then_some(role);
        self.in_session(account, role, policy, &session_name(&self.caller)).await
    }

    /// The same in a session with this name. In the caller's own account, there is one only if a role is named.
    pub(crate) async fn in_session(
        &self,
        account: &str,
        role: Option<&str>,
        policy: &str,
        name: &str,
    ) -> anyhow::Result<Self> {
        if role.is_none() && account == self.account {
            return Ok(self.clone());
        }
        let role = role.unwrap_or(ROLE);
        let arn = reading_role(&self.caller, account, role);
        let call = aws_sdk_sts::Client::new(&Pace::Sweep.applied_to(&self.config))
            .assume_role()
            .role_arn(&arn)
            .role_session_name(name)
            .duration_seconds(SESSION_LASTS.into())
            .policy(short(policy)?);
        let answer = call.send().await.map_err(|error| AwsError::new(Operation::AssumeRole, error));
        let answer = answer.map_err(|error| {
            let advice = if error.kind == ErrorKind::Denied {
                format!(
                    ": it has to be there and to trust {}, who has to be allowed sts:AssumeRole on it",
                    self.caller
                )
            } else {
                String::new()
            };
            anyhow!("{arn} cannot be used ({error}){advice}")
        })?;
        let given = answer.credentials.context("AssumeRole gave no credentials")?;
        let ends = SystemTime::now() + Duration::from_secs(SESSION_LASTS.into());
        let credentials = Credentials::new(
            given.access_key_id,
            given.secret_access_key,
            Some(given.session_token),
            Some(ends),
            "AssumeRole",
        );
        let config: SdkConfig = self
            .config
            .to_builder()
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            // The caller's cache has room for some dozens, and would forget the caller.
            .identity_cache(IdentityCache::no_cache())
            .build();
        Ok(Self { config, account: account.to_owned(), caller: self.caller.clone() })
    }
}

/// Without white space: a session policy may have up to 2,048 characters.
fn short(policy: &str) -> anyhow::Result<String> {
    let policy: Value = serde_json::from_str(policy)?;
    Ok(policy.to_string())
}

#[cfg(test)]
mod tests {
    use super::{HISTORY, READS, short};
    use rstest::rstest;

    #[rstest]
    #[case(READS, "iam:GetCredentialReport")]
    #[case(HISTORY, "cloudtrail:LookupEvents")]
    fn policy_fits_into_a_session(#[case] policy: &str, #[case] allows: &str) {
        let policy = short(policy).unwrap();
        assert!(policy.len() <= 2048, "{}", policy.len());
        assert!(policy.contains(allows));
    }
}
