//! Alerts, which go to the administrators only.

use super::{AccountAlert, Background, MessageKind, Person, RootAlert, Severity, UserAlert};
use crate::partition::RootUser;
use std::borrow::Cow;

/// An alert to the administrators.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// The user or root, and what happened.
    pub subject: AlertSubject,
    /// What else happened to the user, by the same event: one event is one message.
    pub also: Vec<UserAlert>,
    /// Details that every message contains.
    pub background: Background,
}

/// What an alert is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlertSubject {
    /// An IAM user, and what happened.
    User(Person, UserAlert),
    /// The root user, and what happened.
    Root(RootAlert),
    /// The account as a whole.
    Account(AccountAlert),
}

impl AlertSubject {
    /// The user the alert is about; `None` for root and the account.
    #[must_use]
    pub fn person(&self) -> Option<&Person> {
        match self {
            Self::User(person, _) => Some(person),
            Self::Root(_) | Self::Account(_) => None,
        }
    }

    /// Whom the alert is about, in words.
    pub(super) fn who(&self) -> &str {
        match self {
            Self::User(person, _) => &person.name,
            Self::Root(_) => "the root user",
            Self::Account(AccountAlert::EnforcerTouched { .. }) => "the enforcer",
            Self::Account(_) => "the account",
        }
    }

    /// The users who wait for their quarantine.
    pub(super) fn waiting(&self) -> &[String] {
        match self {
            Self::Account(AccountAlert::QuarantinesHeld { users, .. }) => users,
            Self::Account(AccountAlert::HourUsedUp { user, .. }) => std::slice::from_ref(user),
            Self::User(..)
            | Self::Root(_)
            | Self::Account(
                AccountAlert::EnforcerTouched { .. }
                | AccountAlert::NoTrail
                | AccountAlert::Quarantine(_)
                | AccountAlert::NoDigest { .. },
            ) => &[],
        }
    }

    /// Kind of message.
    #[must_use]
    pub fn kind(&self) -> MessageKind {
        match self {
            Self::User(_, alert) => alert.kind(),
            Self::Root(_) => MessageKind::RootAlert,
            Self::Account(alert) => alert.kind(),
        }
    }

    /// What was done about it before the alert went out; `None` if nothing was.
    pub(crate) fn answer(&self) -> Option<&'static str> {
        match self {
            Self::User(_, UserAlert::QuarantineUndone { put_back: true }) => {
                Some("the quarantine is in force")
            }
            Self::User(_, UserAlert::RecordRestored) => Some("the record is restored"),
            Self::User(_, UserAlert::CountForged) => Some("the number is corrected"),
            Self::User(..) | Self::Root(_) | Self::Account(_) => None,
        }
    }

    /// What else happened to the user, in one line each.
    pub(crate) fn headlines(&self, also: &[UserAlert]) -> Vec<String> {
        also.iter().map(|alert| alert.headline(self.who())).collect()
    }

    /// How urgent the alert is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::User(_, alert) => alert.severity(),
            Self::Root(alert) => alert.severity(),
            Self::Account(alert) => alert.severity(),
        }
    }

    /// What happened, in one line.
    pub(crate) fn headline(&self) -> String {
        match self {
            Self::User(person, alert) => alert.headline(&person.name),
            Self::Root(alert) => alert.headline().to_owned(),
            Self::Account(alert) => alert.headline(),
        }
    }

    /// What the administrators should do.
    pub(crate) fn advice(&self, root: RootUser) -> Cow<'static, str> {
        match self {
            Self::User(_, alert) => alert.advice().into(),
            Self::Root(alert) => alert.advice(root).into(),
            Self::Account(alert) => alert.advice(),
        }
    }

    /// Stable name of the cause, for programs.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::User(_, alert) => alert.reason(),
            Self::Root(alert) => alert.reason(),
            Self::Account(alert) => alert.reason(),
        }
    }
}
