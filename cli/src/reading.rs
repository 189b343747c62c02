//! An account, read for a command.

use crate::access::{Access, Connection};
use crate::chosen::Chosen;
use crate::output::note;
use crate::policy::Policy;
use anyhow::anyhow;
use jiff::Timestamp;
use mfa_enforcer_aws::{
    Clients, CloudTrail, Directory, Elsewhere, IamDirectory, Pace, Survey, read_account, survey,
};
use mfa_enforcer_core::counted::counted;
use mfa_enforcer_core::organization::Resolved;
use mfa_enforcer_core::settings::Settings;

/// Waits for what has to be asked.
pub(crate) fn wait_for<T>(answer: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(answer)
}

/// What was read, and by whom.
pub(crate) struct Reading {
    /// Everybody, and what could not be read.
    pub(crate) survey: Survey,
    /// The settings of the deployment that is thought of.
    pub(crate) settings: Settings,
    /// Number of the account.
    pub(crate) account: String,
    /// ARN of whoever asks.
    pub(crate) caller: String,
    /// The account's alias.
    pub(crate) alias: Option<String>,
    /// When.
    pub(crate) at: Timestamp,
    /// For whatever else has to be asked.
    pub(crate) directory: IamDirectory,
}

impl Reading {
    /// Reads the account.
    pub(crate) async fn of(access: &Access, chosen: &Chosen) -> anyhow::Result<Self> {
        Self::through(access.connect().await?, chosen, None).await
    }

    /// Reads the account that answers there, in which an organization may have set something.
    pub(crate) async fn through(
        connection: Connection,
        chosen: &Chosen,
        set: Option<&Resolved>,
    ) -> anyhow::Result<Self> {
        let Connection { config, account, caller } = connection;
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        let settings = chosen.read_in(&caller, &region, &account, set);
        let settings = settings.map_err(|error| match set {
            Some(_) => error.context("its settings cannot be used"),
            None => error,
        })?;
        note(&format!("Reading account {account} as {caller}..."));
        let clients = Clients::new(&config, Pace::Sweep, Elsewhere::default());
        let history = CloudTrail::new(clients.cloudtrail, Pace::Sweep);
        let directory = IamDirectory::new(clients.iam).with_history(history);
        let at = Timestamp::now();
        let answers = read_account(&directory).await.map_err(|error| anyhow!(Policy::Plan.advice(&error)))?;
        note(&format!("Looking at {}...", counted(answers.users.len(), "user")));
        let survey = survey(answers, &directory, &settings, at).await;
        let alias = directory.account_alias().await;
        Ok(Self { survey, settings, account, caller, alias, at, directory })
    }
}
