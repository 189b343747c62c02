//! The posture of a user: their MFA status, derived only from their current state and the settings.

pub use crate::exemption::Exemption;

use crate::device::DeviceKind;
use crate::exemption::{ExemptUntil, Why, day, in_force, self_granted};
use crate::facts::UserFacts;
use crate::settings::Settings;
use crate::tags;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::fmt;
use strum::{IntoStaticStr, VariantNames};

/// An exemption that ends further in the future than this is reported: 366 days.
pub(crate) const LONG_EXEMPTION: SignedDuration = SignedDuration::from_hours(366 * 24);

/// The MFA status of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum Posture {
    /// The user has no console password, so there is nothing to protect.
    NotApplicable,
    /// An administrator exempted the user.
    Exempt(Exemption),
    /// The user has at least one MFA device.
    Compliant {
        /// Whether none of the devices resists phishing.
        weak: bool,
    },
    /// The user has no device, and the deadline has not been reached.
    InGrace {
        /// When the grace period ends.
        deadline: Timestamp,
    },
    /// The user has no device, and the deadline has been reached.
    Overdue {
        /// When the grace period ended.
        deadline: Timestamp,
    },
}

/// A problem that an administrator should fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum Finding {
    /// The value of the exemption tag does not begin with a date, so it exempts nobody.
    UnreadableExemption,
    /// The user granted the exemption to themselves, so it does not count.
    SelfGrantedExemption,
    /// The user is exempt and stays contained until the event history shows who exempted them.
    UnprovenExemption,
    /// The exemption tag gives no reason.
    ExemptionWithoutReason,
    /// The reason in the exemption tag is too long, or has characters that IAM does not allow.
    UnfitExemptionReason,
    /// The exemption has ended.
    ExpiredExemption(Date),
    /// The exemption ends more than 366 days from now, too far away for an exception.
    LongExemption(Date),
    /// The value of the contact tag is not an e-mail address.
    UnusableEmail,
    /// The e-mail address is in a domain to which no mail is sent.
    OtherDomain,
    /// Mail to the user's address bounced on this day.
    MailBounced(Date),
    /// The user marked a mail as unwanted on this day.
    MailComplained(Date),
    /// The value of the tag `phone` is not a number in international format.
    UnusablePhone,
    /// There is a tag `phone`, but no text messages in this partition.
    NoTextMessages,
    /// AWS found an access key of the user in public, and attached its own quarantine policy to the user.
    LeakedKey,
    /// The user's permissions boundary does not let them enrol a device.
    BoundaryForbidsEnrolment,
    /// Whether the user's permissions boundary lets them enrol a device cannot be told.
    BoundaryUnclear,
    /// The user has the rights of an administrator, or can get them, and neither MFA nor a quarantine.
    AdministratorWithoutMfa {
        /// Whether a permissions boundary may limit these rights.
        has_boundary: bool,
    },
    /// Whether the user, who has neither MFA nor a quarantine, is an administrator cannot be told.
    RightsUnknown,
    /// The last device was removed on this day, before anybody enforced anything.
    MfaRemovedBefore(Date),
    /// Somebody attached the quarantine by hand, so the enforcer does not lift it.
    QuarantinedByHand,
    /// The event history does not say who attached the quarantine, so the enforcer does not lift it.
    QuarantineOfUnknownOrigin,
    /// The password was removed, but the quarantine stays: without it, access keys would work again.
    KeysWouldRevive,
    /// The user has MFA and stays contained until somebody else approves the release.
    AwaitsApproval,
    /// The user has as many tags as IAM allows, so nothing can be recorded.
    TagsFull,
    /// IAM refuses to record what was done or said.
    RecordRefused,
    /// The record of reported root events could not be read, so this alert may be a repetition.
    LedgerUnreadable,
    /// SNS refuses to record on the administrators' topic which events were reported.
    LedgerRefused,
}

/// The posture of `user` at `now`.
#[must_use]
pub fn posture(user: &UserFacts, settings: &Settings, now: Timestamp) -> Posture {
    let Some(created) = user.login_profile_created else {
        return Posture::NotApplicable;
    };
    if let Some((exemption, _)) = in_force(user, settings, now) {
        return Posture::Exempt(exemption);
    }
    if !user.devices.is_empty() {
        let strong = |kind: DeviceKind| kind.is_phishing_resistant();
        let weak = settings.partition().has_phishing_resistant_devices()
            && !user.devices.iter().any(|device| strong(device.serial.kind()));
        return Posture::Compliant { weak };
    }
    let deadline = deadline(created, settings);
    if now < deadline { Posture::InGrace { deadline } } else { Posture::Overdue { deadline } }
}

/// The later of (creation of the password + grace) and `ENFORCE_FROM`.
///
/// Computed each time rather than stored, so nobody can tamper with it. If the sum is out of range, the deadline is
/// [`Timestamp::MAX`].
#[must_use]
pub fn deadline(created: Timestamp, settings: &Settings) -> Timestamp {
    let own = created.checked_add(settings.grace).unwrap_or(Timestamp::MAX);
    settings.enforce_from.map_or(own, |from| own.max(from))
}

/// What is wrong with a user's exemptions.
#[must_use]
pub fn exemption_findings(user: &UserFacts, settings: &Settings, now: Timestamp) -> Vec<Finding> {
    let tag = user.tags.get(tags::EXEMPT_UNTIL_KEY).map(ExemptUntil::parse);
    let of_tag = match tag {
        None => Vec::new(),
        Some(None) => vec![Finding::UnreadableExemption],
        Some(Some(ExemptUntil { until, .. })) if day(now) > until => vec![Finding::ExpiredExemption(until)],
        Some(Some(ExemptUntil { until, why })) => {
            let is_long = until.duration_since(day(now)) > LONG_EXEMPTION;
            let reason = match why {
                Why::Given(_) => None,
                Why::Missing => Some(Finding::ExemptionWithoutReason),
                Why::Unfit(_) => Some(Finding::UnfitExemptionReason),
            };
            is_long.then_some(Finding::LongExemption(until)).into_iter().chain(reason).collect()
        }
    };
    let own = self_granted(user, settings, now).map(|_| Finding::SelfGrantedExemption);
    of_tag.into_iter().chain(own).collect()
}

/// Whether AWS itself limits the user because of a leaked key (`AWSCompromisedKeyQuarantine`, `V2`, `V3`).
///
/// That is AWS's quarantine and not the enforcer's: it is never counted and never detached.
#[must_use]
pub fn leaked_key_finding(user: &UserFacts) -> Option<Finding> {
    let is_aws = |arn: &String| arn.contains(":iam::aws:policy/AWSCompromisedKeyQuarantine");
    user.attached_policies.iter().any(is_aws).then_some(Finding::LeakedKey)
}

impl Posture {
    /// Stable name for logs and metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.into()
    }
}

impl Finding {
    /// Stable name for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnreadableExemption => write!(
                f,
                "the tag {} does not begin with a date such as 2026-12-31, so it exempts nobody",
                tags::EXEMPT_UNTIL_KEY
            ),
            Self::SelfGrantedExemption => f.write_str(
                "the user granted the exemption to themselves, so it does not count until somebody else sets it",
            ),
            Self::UnprovenExemption => f.write_str(
                "the user is exempt, and stays quarantined until the event history shows who exempted them; setting the \
                 exemption again helps",
            ),
            Self::ExemptionWithoutReason => f.write_str("the exemption has no reason: write one after the date"),
            Self::UnfitExemptionReason => f.write_str(
                "the reason of the exemption is not one of at most 200 characters that IAM allows in a tag",
            ),
            Self::ExpiredExemption(date) => write!(f, "the exemption ended on {date}"),
            Self::LongExemption(date) => write!(f, "the exemption does not end until {date}"),
            Self::UnusableEmail => f.write_str("the contact tag is not an e-mail address"),
            Self::OtherDomain => f.write_str(
                "the e-mail address is not in one of MAIL_DOMAINS, so it gets no mail; correct it, or add the domain",
            ),
            Self::MailBounced(date) => write!(
                f,
                "mail to the user's address bounced on {date}, so the user gets none for 30 days; correct the address"
            ),
            Self::MailComplained(date) => write!(
                f,
                "the user marked a mail as unwanted on {date}, so the user gets none; ask them, and use another address"
            ),
            Self::UnusablePhone => write!(
                f,
                "the tag {} is not a number in international format such as +15550100123",
                tags::PHONE_KEY
            ),
            Self::NoTextMessages => write!(
                f,
                "SNS sends no text messages in this partition, so the tag {} reaches nobody",
                tags::PHONE_KEY
            ),
            Self::LeakedKey => f.write_str(
                "AWS holds an access key of this user for leaked, and attached its policy AWSCompromisedKeyQuarantine",
            ),
            Self::BoundaryForbidsEnrolment => f.write_str(
                "the permissions boundary does not let the user enrol MFA, so nothing but you can end a quarantine",
            ),
            Self::BoundaryUnclear => f.write_str(
                "whether the permissions boundary lets the user enrol MFA cannot be told, so try it",
            ),
            Self::AdministratorWithoutMfa { has_boundary } => {
                f.write_str("the user has the rights of an administrator, or can get them, and no MFA")?;
                if *has_boundary { f.write_str("; a permissions boundary may limit that") } else { Ok(()) }
            }
            Self::RightsUnknown => f.write_str(
                "a policy of the user or their groups could not be read, so whether they are an administrator is not known",
            ),
            Self::MfaRemovedBefore(date) => {
                write!(f, "the last MFA device was removed on {date}, before the first sweep")
            }
            Self::QuarantinedByHand => {
                f.write_str("somebody attached the quarantine by hand, so the enforcer does not lift it")
            }
            Self::QuarantineOfUnknownOrigin => f.write_str(
                "it is not known who attached the quarantine, so the enforcer does not lift it",
            ),
            Self::KeysWouldRevive => f.write_str(
                "the console password is gone, but lifting the quarantine would make active access keys work again",
            ),
            Self::AwaitsApproval => write!(
                f,
                "the user has MFA and stays quarantined until somebody else sets the tag {}",
                tags::APPROVED_KEY
            ),
            Self::TagsFull => f.write_str(
                "the user has 50 tags, as many as IAM allows, so notices and quarantines cannot be recorded; remove one",
            ),
            Self::RecordRefused => f.write_str(
                "IAM refuses to tag the user, so notices and quarantines cannot be recorded; check the service control \
                 policies and the role",
            ),
            Self::LedgerUnreadable => {
                f.write_str("earlier alerts could not be looked up, so this one may be a repeat")
            }
            Self::LedgerRefused => f.write_str(
                "SNS refuses to tag the alerts topic, so alerts cannot be recorded and may be repeated; check the \
                 service control policies and the role",
            ),
        }
    }
}
