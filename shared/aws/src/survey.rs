//! The account as it is, read and not changed, for whoever wants to know what sweeps would do.

use crate::carry_out::complete;
use crate::directory::AccountDirectory;
use crate::error::AwsError;
use crate::past;
use futures_util::StreamExt;
use futures_util::stream;
use jiff::Timestamp;
use mfa_enforcer_core::decide::lookups;
use mfa_enforcer_core::digest::UserStatus;
use mfa_enforcer_core::event::SweepKind;
use mfa_enforcer_core::evidence::{LookedUp, to_list};
use mfa_enforcer_core::history::Look;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::snapshot::{AccountSnapshot, BulkAnswers, RootMfa, UserSnapshot};
use mfa_enforcer_core::sweep::{boundaries_to_read, is_in_doubt, note_boundaries, status_from_snapshot};
use std::collections::BTreeMap;

/// Users looked up at once, as in a sweep.
const AT_ONCE: usize = 4;

/// The account, and what could not be read of it.
#[derive(Debug)]
pub struct Survey {
    /// Root and all users. Whoever was in doubt was looked up.
    pub account: AccountSnapshot,
    /// The status of each user, in the same order.
    pub statuses: Vec<UserStatus>,
    /// What is not known, and why, in words.
    pub unknown: Vec<String>,
}

/// What the bulk calls of a daily sweep answer, with the credential report. Needs no settings: they say which account it
/// is.
///
/// # Errors
/// If anything but root's summary cannot be read.
pub async fn read_account<D: AccountDirectory + Sync>(directory: &D) -> Result<BulkAnswers, AwsError> {
    let (answers, report) =
        tokio::join!(directory.bulk_answers(SweepKind::Daily), directory.credential_report());
    Ok(BulkAnswers { report: report?.csv, ..answers? })
}

/// Looks up what a sweep would look up, given the bulk answers: the event history, and each user who is in doubt.
///
/// A deployment's own notes on the alerts topic are not read. A removal that the history tells of counts as one from
/// before.
pub async fn survey<D: AccountDirectory + Sync>(
    answers: BulkAnswers,
    directory: &D,
    settings: &Settings,
    now: Timestamp,
) -> Survey {
    let (mut account, error) = AccountSnapshot::as_far_as_known(answers, settings.partition());
    let mut unknown: Vec<String> = error.iter().map(ToString::to_string).collect();
    let look = Look::of(SweepKind::Daily, &BTreeMap::new(), None, now);
    match past::note_removals(directory, &mut account.users, &look, settings).await {
        Ok(true) => {}
        Ok(false) => unknown.push("which devices were removed: the event history was cut off".to_owned()),
        Err(error) => unknown.push(format!("which devices were removed: {error}")),
    }
    let noted = past::note_exemptions(directory, &mut account.users, SweepKind::Daily, settings, now).await;
    unknown.extend(noted.err().map(|error| format!("who exempted users: {error}")));
    let users = std::mem::take(&mut account.users);
    let looks = users.into_iter().map(|snapshot| look_up(snapshot, directory, settings, now));
    let mut seen = stream::iter(looks).buffered(AT_ONCE);
    while let Some((snapshot, error)) = seen.next().await {
        unknown.extend(error.map(|(name, error)| format!("how {name} is now: {error}")));
        account.users.extend(snapshot);
    }
    drop(seen);
    if account.root.mfa == RootMfa::Unknown {
        unknown.push("whether root has MFA: iam:GetAccountSummary was not answered".to_owned());
    }
    let status = |snapshot| status_from_snapshot(snapshot, settings, now);
    let mut statuses: Vec<UserStatus> = account.users.iter().map(status).collect();
    let mut documents = BTreeMap::new();
    for arn in boundaries_to_read(&statuses, &account.users) {
        match directory.policy_document(&arn).await {
            Ok(document) => drop(documents.insert(arn, document)),
            Err(error) => unknown.push(format!("whether the boundary {arn} lets users enrol: {error}")),
        }
    }
    note_boundaries(&mut statuses, &account.users, &documents);
    Survey { account, statuses, unknown }
}

/// Lists the devices of users with MFA whose kinds or dates the bulk answers do not tell: up to as many as a sweep lists for
/// its record. Also returns what could not be read.
pub async fn list_devices<D: AccountDirectory + Sync>(
    survey: &Survey,
    directory: &D,
    now: Timestamp,
) -> (LookedUp, Vec<String>) {
    let users = to_list(&survey.statuses, &BTreeMap::new());
    let users = users.into_iter().filter_map(|index| survey.account.users.get(index));
    let lists = users.map(|snapshot| async move { (snapshot, directory.devices(&snapshot.user.name).await) });
    let (mut looked_up, mut unknown) = (LookedUp::default(), Vec::new());
    let mut answers = stream::iter(lists).buffered(AT_ONCE);
    while let Some((snapshot, devices)) = answers.next().await {
        match devices {
            Ok(devices) => looked_up.listed(&snapshot.user.id, &devices, now),
            Err(error) => unknown.push(format!("the devices of {}: {error}", snapshot.user.name)),
        }
    }
    (looked_up, unknown)
}

/// The user as they are now; `None` if they are gone. If they cannot be looked up, as the bulk answers show them, and why.
async fn look_up<D: AccountDirectory + Sync>(
    snapshot: UserSnapshot,
    directory: &D,
    settings: &Settings,
    now: Timestamp,
) -> (Option<UserSnapshot>, Option<(String, AwsError)>) {
    if !is_in_doubt(&snapshot, settings, now) {
        return (Some(snapshot), None);
    }
    let name = snapshot.user.name.clone();
    let looked_up = async {
        let Some(user) = directory.user(&name).await? else { return Ok(None) };
        let mut seen = snapshot.looked_up(user);
        let lookups = lookups(&seen.user, true, settings, now);
        complete(&mut seen.user, lookups, settings, now, directory).await?;
        Ok(Some(seen))
    };
    match looked_up.await {
        Ok(seen) => (seen, None),
        Err(error) => (Some(snapshot), Some((name.to_string(), error))),
    }
}
