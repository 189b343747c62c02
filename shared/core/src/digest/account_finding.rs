//! What an administrator should fix that concerns no single user.

use crate::bus::Lost;
use jiff::civil::Date;
use std::fmt;
use strum::{IntoStaticStr, VariantNames};

/// A problem of the account or the deployment that an administrator should fix. The sweep went on without.
#[derive(Debug, Clone, PartialEq, Eq, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum AccountFinding {
    /// No trail logs the events on which the enforcer depends, so only sweeps find out anything.
    NoTrail,
    /// The only trail that logs them does so in one region, so sign-ins in others are not seen.
    TrailInOneRegion,
    /// It is unknown whether a trail logs them. With the error.
    TrailsUnknown(String),
    /// The event history could not be read, so removals of MFA and exemptions whose events were lost stay unknown. With
    /// the error.
    HistoryUnreadable(String),
    /// The event history held more than a sweep reads.
    HistoryCutOff,
    /// The credential report could not be read, so every user was looked up. With the error.
    ReportUnreadable(String),
    /// The quarantine group of this name does not have its policy, so it contains nobody.
    GroupWithoutPolicy(String),
    /// An entry of this setting exempts nobody: it names no user, or a path without users.
    ExemptsNobody {
        /// Name of the setting.
        setting: &'static str,
        /// The entry.
        entry: String,
    },
    /// The text of the quarantine policy with this ARN is lost, and its spare is in force.
    SpareInForce(String),
    /// The texts of the quarantine policy with this ARN and of its spare are lost, so quarantines of this kind stop
    /// nothing.
    QuarantineStopsNothing(String),
    /// The quarantine group of this name is gone.
    GroupGone(String),
    /// The stack is being changed, so it is not known whether this policy has its text.
    StackInProgress(String),
    /// It is unknown what the stack deployed. With the error.
    StackUnknown(String),
    /// It is unknown whether a quarantine policy has its text.
    PolicyUnknown {
        /// ARN of the policy.
        policy: String,
        /// Why the look failed.
        error: String,
    },
    /// The SES of this region is in its sandbox.
    SenderInSandbox(String),
    /// Neither the company's address nor its domain is verified in SES.
    SenderNotVerified {
        /// The domain.
        domain: String,
        /// Whose SES sends.
        region: String,
    },
    /// The SES of this region sends nothing for the account.
    SenderPaused(String),
    /// It is unknown whether SES sends mail. With the error.
    SenderUnknown(String),
    /// The digest was not mailed to `DIGEST_TO`. With the error.
    DigestNotMailed(String),
    /// The settings of the organization do not hold as they were meant. With the reason.
    SettingsInDoubt(String),
    /// It is unknown whether a quarantine group has its policy.
    GroupUnknown {
        /// Name of the group.
        group: String,
        /// Why the look failed.
        error: String,
    },
    /// The record of this sweep, or acts, could not be written. With the error.
    EvidenceUnwritten(String),
    /// Acts or findings could not be put on the event bus.
    EventsLost(Lost),
    /// The last record in the bucket is not the one that the enforcer wrote last.
    EvidenceChanged,
    /// No review was signed since this day; `None` if none was ever signed.
    ReviewOpen(Option<Date>),
}

impl AccountFinding {
    /// Whether somebody may be free who should not be.
    #[must_use]
    pub fn is_critical(&self) -> bool {
        match self {
            Self::GroupWithoutPolicy(_)
            | Self::NoTrail
            | Self::SpareInForce(_)
            | Self::QuarantineStopsNothing(_)
            | Self::GroupGone(_)
            | Self::SettingsInDoubt(_)
            | Self::EvidenceChanged => true,
            Self::TrailInOneRegion
            | Self::TrailsUnknown(_)
            | Self::ReportUnreadable(_)
            | Self::HistoryUnreadable(_)
            | Self::HistoryCutOff
            | Self::ExemptsNobody { .. }
            | Self::StackInProgress(_)
            | Self::StackUnknown(_)
            | Self::SenderInSandbox(_)
            | Self::SenderNotVerified { .. }
            | Self::SenderPaused(_)
            | Self::SenderUnknown(_)
            | Self::DigestNotMailed(_)
            | Self::PolicyUnknown { .. }
            | Self::GroupUnknown { .. }
            | Self::EvidenceUnwritten(_)
            | Self::EventsLost(_)
            | Self::ReviewOpen(_) => false,
        }
    }

    /// Whether something could not be done, which is worth a digest of its own.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        !matches!(self, Self::ExemptsNobody { .. } | Self::StackInProgress(_) | Self::ReviewOpen(_))
    }

    /// Stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.into()
    }
}

impl fmt::Display for AccountFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTrail => f.write_str(
                "no trail logs the management events that write, so no event arrives, and only sweeps find out who \
                 signs in or changes MFA",
            ),
            Self::TrailInOneRegion => f.write_str(
                "the only trail that logs management events does so in one region, so sign-ins in other regions are \
                 not seen. Make it a trail of all regions",
            ),
            Self::TrailsUnknown(error) => {
                write!(f, "it is unknown whether a trail logs the events that this enforcer needs: {error}")
            }
            Self::HistoryUnreadable(error) => write!(
                f,
                "the event history could not be read, so a removal of MFA or an exemption whose event was lost stays \
                 unknown: {error}"
            ),
            Self::HistoryCutOff => f.write_str(
                "the event history has more removals of MFA than a sweep reads, so the oldest stay unknown",
            ),
            Self::ReportUnreadable(error) => write!(
                f,
                "the credential report could not be read, so users were looked up one by one, as far as the time went: \
                 {error}"
            ),
            Self::GroupWithoutPolicy(group) => write!(
                f,
                "the quarantine group {group} does not have its policy, so it contains nobody. Its members are \
                 contained by the policy itself"
            ),
            Self::ExemptsNobody { setting, entry } => write!(
                f,
                "the entry {entry} of {setting} exempts nobody: there is no such user or path. Entries are separated by \
                 spaces"
            ),
            Self::SpareInForce(policy) => write!(
                f,
                "the quarantine policy {policy} does not have its text or is gone, so users are put under its spare. The \
                 runbook says how to get it back: Somebody changed the quarantine itself"
            ),
            Self::QuarantineStopsNothing(policy) => write!(
                f,
                "the quarantine policy {policy} does not have its text or is gone, and neither does its spare, so \
                 quarantines of this kind stop NOTHING. The runbook says how to get it back: Somebody changed the \
                 quarantine itself"
            ),
            Self::GroupGone(group) => write!(
                f,
                "the quarantine group {group} is gone or has another name. Its members are contained by the policy itself"
            ),
            Self::StackInProgress(policy) => {
                write!(f, "the stack is being changed, so the text of {policy} was not compared")
            }
            Self::StackUnknown(error) => {
                write!(
                    f,
                    "it is unknown what the stack deployed, so texts were compared with this version's: {error}"
                )
            }
            Self::PolicyUnknown { policy, error } => {
                write!(f, "it is unknown whether the quarantine policy {policy} has its text: {error}")
            }
            Self::SenderInSandbox(region) => write!(
                f,
                "SES in {region} is in its sandbox: it sends to verified addresses alone, 200 mails a day, so most users \
                 hear nothing. Ask AWS for production access in that region"
            ),
            Self::SenderNotVerified { domain, region } => write!(
                f,
                "neither {domain} nor the address of MAIL_FROM is verified in SES in {region}, so users get no mail at all. \
                 Verify the domain there"
            ),
            Self::SenderPaused(region) => write!(
                f,
                "SES in {region} has stopped sending for this account, so users get no mail at all. The account dashboard of \
                 SES says why"
            ),
            Self::SenderUnknown(error) => {
                write!(f, "it is unknown whether SES sends mail to users: {error}")
            }
            Self::DigestNotMailed(error) => {
                write!(f, "the digest was not mailed to DIGEST_TO: {error}")
            }
            Self::SettingsInDoubt(why) => {
                write!(f, "the settings of the organization do not hold as they were meant: {why}")
            }
            Self::GroupUnknown { group, error } => {
                write!(f, "it is unknown whether the quarantine group {group} has its policy: {error}")
            }
            Self::EvidenceUnwritten(error) => {
                write!(f, "the evidence of this sweep could not be written in full: {error}")
            }
            Self::EventsLost(lost) => lost.fmt(f),
            Self::EvidenceChanged => f.write_str(
                "the evidence bucket had another last record than the one that was written last: somebody changed, removed \
                 or added one. Compare the versions of the objects",
            ),
            Self::ReviewOpen(Some(day)) => write!(f, "no review of the records was signed since {day}"),
            Self::ReviewOpen(None) => f.write_str("no review of the records was signed yet"),
        }
    }
}
