//! Sessions in the accounts of an organization.

use crate::clients::{Clients, Elsewhere, Pace};
use crate::error::{AwsError, ErrorKind};
use crate::history::CloudTrail;
use crate::iam::IamDirectory;
use crate::measure::CountCalls;
use aws_config::SdkConfig;
use aws_config::identity::IdentityCache;
use aws_sdk_sts::Client;
use aws_sdk_sts::config::{Credentials, SharedCredentialsProvider};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::organization::{MemberRole, Session};
use std::time::{Duration, SystemTime};

/// Opens sessions with the hub's own credentials.
#[derive(Debug, Clone)]
pub(crate) struct Sessions {
    client: Client,
    config: SdkConfig,
    pace: Pace,
    partition: String,
    members: Vec<String>,
}

impl Sessions {
    /// Sessions in accounts of a partition, whose stacks have one of these names.
    pub(crate) fn new(config: &SdkConfig, pace: Pace, partition: &str, members: &[String]) -> Self {
        let config = pace.applied_to(config);
        let sts = aws_sdk_sts::config::Builder::from(&config).interceptor(CountCalls::of("sts"));
        Self {
            client: Client::from_conf(sts.build()),
            config,
            pace,
            partition: partition.to_owned(),
            members: members.to_vec(),
        }
    }

    /// The account, as a role in it sees it. The session can do what the role and its own policy both allow. A role that is
    /// not there looks like one that refuses, so each name of a stack is tried. The one that let us in is answered too.
    pub(crate) async fn open(
        &self,
        account: &str,
        role: MemberRole,
        session: &Session,
    ) -> Result<(&str, IamDirectory), AwsError> {
        let mut refused = AwsError::not_asked(Operation::AssumeRole);
        for member in &self.members {
            match self.assume(&role.arn(&self.partition, account, member), session).await {
                Err(error) if error.kind == ErrorKind::Denied => refused = error,
                other => return other.map(|directory| (member.as_str(), directory)),
            }
        }
        Err(refused)
    }

    async fn assume(&self, role: &str, session: &Session) -> Result<IamDirectory, AwsError> {
        const OPERATION: Operation = Operation::AssumeRole;
        let call = self
            .client
            .assume_role()
            .role_arn(role)
            .role_session_name(&session.name)
            .duration_seconds(session.lasts)
            .policy(&session.policy);
        let answer = call.send().await.map_err(|error| AwsError::new(OPERATION, error))?;
        let given = answer.credentials.ok_or_else(|| AwsError::incomplete(OPERATION, "credentials"))?;
        let ends = SystemTime::now() + Duration::from_secs(u64::try_from(session.lasts).unwrap_or_default());
        let credentials = Credentials::new(
            given.access_key_id,
            given.secret_access_key,
            Some(given.session_token),
            Some(ends),
            "AssumeRole",
        );
        let config = self
            .config
            .to_builder()
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            // The cache of the hub's own credentials would keep them all.
            .identity_cache(IdentityCache::no_cache())
            .build();
        let clients = Clients::new(&config, self.pace, Elsewhere::default());
        Ok(IamDirectory::new(clients.iam).with_history(CloudTrail::new(clients.cloudtrail, self.pace)))
    }
}
