//! Alerts about the account as a whole.

use super::{MessageKind, QuarantineAlert, Severity, about_enforcer};
use crate::event::{Touched, Weight};
use crate::settings::LimitOf;
use std::borrow::Cow;

/// Stable name, for programs, of an account that a sweep could not read.
pub(crate) const UNREADABLE: &str = "account-unreadable";

/// What happened to the account as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountAlert {
    /// More quarantines are due than sweeps may begin within a day, so the rest waits.
    QuarantinesHeld {
        /// Names of the users who wait, most urgent first.
        users: Vec<String>,
        /// Whether there are limits of an hour as well, for which a sign-in waits too.
        limited_hourly: bool,
    },
    /// In this hour, nobody else is contained: as many were as may be.
    HourUsedUp {
        /// Of which accounts.
        limit_of: LimitOf,
        /// How many may be.
        limit: usize,
        /// Name of the first user who waits.
        user: String,
    },
    /// Somebody changed the enforcer itself, or a trail.
    EnforcerTouched {
        /// What was done to what.
        touched: Touched,
        /// The region, where it is not the enforcer's own.
        elsewhere: Option<String>,
    },
    /// No trail logs the events on which the enforcer depends.
    NoTrail,
    /// Something happened to the quarantine itself.
    Quarantine(QuarantineAlert),
    /// A sweep could not read the account, so there is no digest.
    NoDigest {
        /// The call that failed, and how.
        error: String,
    },
}

impl AccountAlert {
    /// Kind of message.
    pub(super) fn kind(&self) -> MessageKind {
        match self {
            Self::QuarantinesHeld { .. } | Self::HourUsedUp { .. } => MessageKind::QuarantinesHeld,
            Self::EnforcerTouched { touched, .. } => match touched.weight {
                Weight::Critical => MessageKind::EnforcerChanged,
                Weight::Deployment => MessageKind::EnforcerDeployed,
            },
            Self::NoTrail => MessageKind::NoTrail,
            Self::Quarantine(QuarantineAlert::PolicyRestored { .. }) => MessageKind::PolicyRestored,
            Self::Quarantine(QuarantineAlert::PolicyLost { .. }) => MessageKind::PolicyLost,
            Self::Quarantine(QuarantineAlert::GroupRestored { .. }) => MessageKind::GroupRestored,
            Self::Quarantine(QuarantineAlert::GroupLost { .. } | QuarantineAlert::GroupGone { .. }) => {
                MessageKind::GroupLost
            }
            Self::NoDigest { .. } => MessageKind::NoDigest,
        }
    }

    /// How urgent it is.
    pub(super) fn severity(&self) -> Severity {
        match self {
            Self::EnforcerTouched { touched, .. } => about_enforcer::severity(touched),
            Self::QuarantinesHeld { .. }
            | Self::HourUsedUp { .. }
            | Self::NoTrail
            | Self::NoDigest { .. } => Severity::Critical,
            Self::Quarantine(alert) => alert.severity(),
        }
    }

    /// Stable name of the cause, for programs.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::QuarantinesHeld { .. } => "too-many-quarantines",
            Self::HourUsedUp { limit_of: LimitOf::Account, .. } => "hourly-limit",
            Self::HourUsedUp { limit_of: LimitOf::Organization, .. } => "organization-limit",
            Self::EnforcerTouched { touched, .. } => touched.call.part.code(),
            Self::NoTrail => "no-trail",
            Self::Quarantine(alert) => alert.reason(),
            Self::NoDigest { .. } => UNREADABLE,
        }
    }

    /// What happened, in one line.
    pub(super) fn headline(&self) -> String {
        match self {
            Self::QuarantinesHeld { users, .. } if users.len() == 1 => {
                "1 user is due for quarantine and waits: MAX_QUARANTINES is reached".to_owned()
            }
            Self::QuarantinesHeld { users, .. } => {
                format!("{} users are due for quarantine and wait: MAX_QUARANTINES is reached", users.len())
            }
            Self::HourUsedUp { limit_of, limit, user } => {
                let (place, rule) = match limit_of {
                    LimitOf::Account => ("this account", "MAX_QUARANTINES"),
                    LimitOf::Organization => ("the organization", "ten times MAX_QUARANTINES"),
                };
                format!(
                    "{user} is due for quarantine and waits, and so does whoever follows: this hour's quarantines \
                     are used up ({rule}: {limit} in {place})"
                )
            }
            Self::EnforcerTouched { touched, elsewhere } => {
                about_enforcer::headline(touched, elsewhere.as_deref())
            }
            Self::NoTrail => {
                "no trail logs management events, so this enforcer hears neither of sign-ins nor of removed MFA"
                    .to_owned()
            }
            Self::Quarantine(alert) => alert.headline(),
            Self::NoDigest { error } => {
                format!("the sweep could not read the account, so there is no digest: {error}")
            }
        }
    }

    /// What the administrators should do.
    pub(super) fn advice(&self) -> Cow<'static, str> {
        let advice = match self {
            Self::Quarantine(alert) => return alert.advice().into(),
            Self::QuarantinesHeld { limited_hourly, .. } => return held(*limited_hourly).into(),
            Self::HourUsedUp { .. } => {
                "Find out first why so many are due at once: an attack with many passwords, ENFORCE_FROM in the past by \
                 mistake, or GRACE_PERIOD too short. If the quarantines are wrong, stop them with `mode: observe` at \
                 the root of the organization's settings. If they are right, raise max_quarantines there, which counts \
                 within a minute, and contain whoever cannot wait: `mfa-enforcer contain NAME --account NUMBER`, with \
                 credentials of the hub's account. The others can sign in until then. A sign-in in the next hour counts again, and hourly sweeps go on within the limits. \
                 Removed devices do not wait, and nothing that was in force is lifted."
            }
            Self::EnforcerTouched { touched, .. } => about_enforcer::advice(touched),
            Self::NoTrail => {
                "Find out now who stopped, deleted or changed the trail: CloudTrail's event history of the last 90 days \
                 is there even without one (StopLogging, DeleteTrail, UpdateTrail, PutEventSelectors). Then start it \
                 again, or create a trail of all regions with management events, reads and writes. Until then only the \
                 hourly sweeps find out anything."
            }
            Self::NoDigest { .. } => {
                "Look at the log of the sweep. Until this is fixed, only \
                 events are acted on: nobody is reminded, and no missed event is made up for. Sweeps go on trying \
                 every hour."
            }
        };
        advice.into()
    }
}

fn held(limited_hourly: bool) -> String {
    let others = if limited_hourly {
        "Removed devices do not wait, and sign-ins without MFA only where the quarantines of an hour are used up."
    } else {
        "Sign-ins without MFA and removed devices do not wait."
    };
    format!(
        "Check first whether so many quarantines are right: ENFORCE_FROM may be in the past by mistake, or \
         GRACE_PERIOD too short. If they are right, raise MAX_QUARANTINES, or set it to 0 for one sweep that you start \
         by hand, and put it back. Without that, they go on as the quarantines of the last 24 hours grow old. {others}"
    )
}
