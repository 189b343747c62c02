//! Reads the whole account in about a dozen calls: the credential report, and pages of up to a thousand items.

use super::census;
use super::read_user::timestamp;
use crate::error::{AwsError, ErrorKind};
use aws_sdk_iam::Client;
use aws_sdk_iam::types::{AssignmentStatusType, EntityType, SummaryKeyType, UserDetail as Detail};
use mfa_enforcer_core::device::Serial;
use mfa_enforcer_core::event::{SweepKind, UserName};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::quotas::{AccountQuotas, Stock, UserQuotas};
use mfa_enforcer_core::rights::Permissions;
use mfa_enforcer_core::snapshot::{AccountSummary, BulkAnswers, ReportFile, UserDetail, VirtualDevice};
use std::collections::HashMap;
use std::time::Duration;

/// IAM returns up to 1,000 items per page.
const PAGE: i32 = 1000;
/// How long to wait for a report. It usually takes seconds, and a minute or two in large accounts.
const REPORT_PATIENCE: Duration = Duration::from_mins(4);
/// The longest pause between two attempts to fetch the report.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Makes all bulk calls but that for the report, at once.
pub(super) async fn bulk_answers(client: &Client, kind: SweepKind) -> Result<BulkAnswers, AwsError> {
    let about_root = async {
        match kind {
            SweepKind::Daily => known(summary(client).await),
            SweepKind::Hourly => None,
        }
    };
    let (census, virtual_devices, summary) =
        tokio::join!(census(client, kind), virtual_devices(client), about_root);
    let (users, permissions) = census?;
    Ok(BulkAnswers { report: Vec::new(), users, permissions, virtual_devices: virtual_devices?, summary })
}

/// The summary is only about root, so a sweep goes on without it.
fn known(summary: Result<AccountSummary, AwsError>) -> Option<AccountSummary> {
    summary.inspect_err(|error| tracing::warn!(%error, "nothing is known of root's MFA")).ok()
}

/// Requests a report and waits for it. AWS returns a report that is less than four hours old at once.
pub(super) async fn report(client: &Client) -> Result<ReportFile, AwsError> {
    generate(client).await?;
    let (mut pause, mut waited) = (Duration::from_secs(1), Duration::ZERO);
    loop {
        let error = match get(client).await {
            Ok(report) => return Ok(report),
            Err(error) => error,
        };
        match error.code.as_str() {
            _ if waited >= REPORT_PATIENCE => return Err(error),
            "ReportInProgress" => {}
            // It expired in the meantime.
            "ReportNotPresent" | "ReportExpired" => generate(client).await?,
            _ => return Err(error),
        }
        tokio::time::sleep(pause).await;
        waited += pause;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

async fn generate(client: &Client) -> Result<(), AwsError> {
    let answer = client.generate_credential_report().send().await;
    match answer.map(drop).map_err(|error| AwsError::new(Operation::GenerateCredentialReport, error)) {
        // Somebody else requested one a moment ago; that one will do.
        Err(error) if error.kind == ErrorKind::Quota => Ok(()),
        other => other,
    }
}

async fn get(client: &Client) -> Result<ReportFile, AwsError> {
    const OPERATION: Operation = Operation::GetCredentialReport;
    let answer =
        client.get_credential_report().send().await.map_err(|error| AwsError::new(OPERATION, error))?;
    let content = answer.content.ok_or_else(|| AwsError::incomplete(OPERATION, "a report"))?;
    // Only evidence tells its age, so a time that cannot be read is no reason to go without.
    let made = answer.generated_time.and_then(|made| timestamp(OPERATION, &made).ok());
    Ok(ReportFile { csv: content.into_inner(), made })
}

/// The users, and for a daily sweep what groups and policies of the account grant. Of each document only that is kept: a
/// page is dropped before the next one is read.
pub(super) async fn census(
    client: &Client,
    kind: SweepKind,
) -> Result<(Vec<UserDetail>, Option<Permissions>), AwsError> {
    const OPERATION: Operation = Operation::GetAccountAuthorizationDetails;
    let filter = match kind {
        SweepKind::Daily => vec![EntityType::User, EntityType::Group, EntityType::LocalManagedPolicy],
        SweepKind::Hourly => vec![EntityType::User],
    };
    let call = client.get_account_authorization_details().set_filter(Some(filter)).max_items(PAGE);
    let mut pages = call.into_paginator().send();
    let (mut users, mut permissions) = (Vec::new(), Permissions::default());
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| AwsError::new(OPERATION, error))?;
        for detail in page.user_detail_list.unwrap_or_default() {
            users.push(user(OPERATION, detail)?);
        }
        census::add(&mut permissions, page.group_detail_list, page.policies);
    }
    Ok((users, (kind == SweepKind::Daily).then_some(permissions)))
}

fn user(operation: Operation, detail: Detail) -> Result<UserDetail, AwsError> {
    let name = detail.user_name.ok_or_else(|| AwsError::incomplete(operation, "a user's name"))?;
    let created = detail.create_date.ok_or_else(|| AwsError::incomplete(operation, "a user's date"))?;
    let arn = |policy: aws_sdk_iam::types::AttachedPolicy| {
        policy.policy_arn.ok_or_else(|| AwsError::incomplete(operation, "the ARN of a policy"))
    };
    let tags = detail.tags.unwrap_or_default();
    let own_arn = detail.arn.ok_or_else(|| AwsError::incomplete(operation, "a user's ARN"))?;
    Ok(UserDetail {
        inline: census::grants_of(detail.user_policy_list, &own_arn),
        name: UserName::listed(&name),
        id: detail.user_id.ok_or_else(|| AwsError::incomplete(operation, "a user's id"))?,
        arn: own_arn,
        path: detail.path.unwrap_or_else(|| "/".to_owned()),
        created: timestamp(operation, &created)?,
        tags: tags.into_iter().map(|tag| (tag.key, tag.value)).collect(),
        attached_policies: detail
            .attached_managed_policies
            .unwrap_or_default()
            .into_iter()
            .map(arn)
            .collect::<Result<_, _>>()?,
        groups: detail.group_list.unwrap_or_default(),
        boundary: detail.permissions_boundary.and_then(|boundary| boundary.permissions_boundary_arn),
    })
}

async fn virtual_devices(client: &Client) -> Result<Vec<VirtualDevice>, AwsError> {
    const OPERATION: Operation = Operation::ListVirtualMfaDevices;
    let call =
        client.list_virtual_mfa_devices().assignment_status(AssignmentStatusType::Assigned).max_items(PAGE);
    let mut pages = call.into_paginator().send();
    let mut devices = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| AwsError::new(OPERATION, error))?;
        for device in page.virtual_mfa_devices {
            let enabled = device.enable_date.map(|date| timestamp(OPERATION, &date)).transpose()?;
            // Assigned devices have an owner. One without belongs to nobody.
            let Some(owner) = device.user else { continue };
            devices.push(VirtualDevice {
                serial: Serial::listed(&device.serial_number),
                owner_arn: owner.arn,
                enabled,
            });
        }
    }
    Ok(devices)
}

/// How much the account and its users may have.
pub(super) async fn quotas(client: &Client) -> Result<AccountQuotas, AwsError> {
    const OPERATION: Operation = Operation::GetAccountSummary;
    let map = summary_map(client).await?;
    let count = |key: &SummaryKeyType| {
        let count = map.get(key).and_then(|count| usize::try_from(*count).ok());
        count.ok_or_else(|| AwsError::incomplete(OPERATION, key.as_str()))
    };
    let stock = |used: &SummaryKeyType, quota: &SummaryKeyType| {
        Ok::<_, AwsError>(Stock { used: count(used)?, quota: count(quota)? })
    };
    Ok(AccountQuotas {
        user: UserQuotas {
            policies: count(&SummaryKeyType::AttachedPoliciesPerUserQuota)?,
            groups: count(&SummaryKeyType::GroupsPerUserQuota)?,
        },
        policies: stock(&SummaryKeyType::Policies, &SummaryKeyType::PoliciesQuota)?,
        groups: stock(&SummaryKeyType::Groups, &SummaryKeyType::GroupsQuota)?,
    })
}

async fn summary_map(client: &Client) -> Result<HashMap<SummaryKeyType, i32>, AwsError> {
    let answer = client.get_account_summary().send().await;
    let answer = answer.map_err(|error| AwsError::new(Operation::GetAccountSummary, error))?;
    Ok(answer.summary_map.unwrap_or_default())
}

pub(super) async fn summary(client: &Client) -> Result<AccountSummary, AwsError> {
    const OPERATION: Operation = Operation::GetAccountSummary;
    let map = summary_map(client).await?;
    let set = |key: &SummaryKeyType| map.get(key).map(|value| *value != 0);
    let needed =
        |key: &SummaryKeyType, what: &str| set(key).ok_or_else(|| AwsError::incomplete(OPERATION, what));
    Ok(AccountSummary {
        root_mfa: needed(&SummaryKeyType::AccountMfaEnabled, "AccountMFAEnabled")?,
        root_access_keys: needed(&SummaryKeyType::AccountAccessKeysPresent, "AccountAccessKeysPresent")?,
        root_password: set(&SummaryKeyType::AccountPasswordPresent),
        devices_in_use: map
            .get(&SummaryKeyType::MfaDevicesInUse)
            .and_then(|count| usize::try_from(*count).ok()),
    })
}
