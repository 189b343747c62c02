//! Why a plan is what it is.

use crate::tags::Cause;
use std::fmt;

/// Why a plan is what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// In grace with a new password: welcome.
    NewPassword,
    /// In grace: reminder after a sign-in.
    SignedInDuringGrace,
    /// Contain.
    Contain(Cause),
    /// Contained before, by a run that did not get to the end or under another scope: make it whole.
    FinishContainment(Cause),
    /// `MODE` is `notify`: warn instead of containing.
    WarnOnly(Cause),
    /// Contained for at least a day, and signed in once more: remind.
    SignedInWhileContained,
    /// In grace, and never asked for MFA: welcome, or tell of the deadline.
    NeverAsked,
    /// In grace, and a stage before the deadline is reached: remind.
    ReminderDue,
    /// In grace for the last day: final notice.
    LastDay,
    /// Contained, and without MFA still: remind of the way back.
    StillContained,
    /// MFA is on: release.
    MfaEnrolled,
    /// MFA is on, and the user was asked for it: say that all is well.
    MfaEnrolledInTime,
    /// The password is gone: release.
    PasswordRemoved,
    /// Exempt by now: release.
    ExemptNow,
    /// Somebody else, or an access key, gave the user a device: tell the administrators.
    ForeignEnrolment,
    /// Something happened to root: tell the administrators.
    RootAlert,

    /// Nothing: no console password.
    NoPassword,
    /// Nothing: exempt.
    Exempt,
    /// Nothing: there is an MFA device.
    HasMfa,
    /// Nothing: contained, and told so.
    AlreadyContained,
    /// Nothing: told already.
    AlreadySaid,
    /// Nothing: reminded less than a day ago.
    RemindedToday,
    /// Nothing to release.
    NotContained,
    /// Nothing: no such user any more.
    UserGone,
    /// Nothing: the password was created together with the user, and its own event does the rest.
    PasswordEventFollows,
    /// Nothing: the user was deleted, and the sweep removes what is left.
    UserDeleted,
    /// Nothing: the password was created again.
    PasswordIsBack,
    /// Nothing: the device that was enabled is no longer there.
    DeviceGone,
    /// Nothing: this cannot happen to root.
    NotForRoot,
    /// Nothing: root has MFA, or nothing to sign in with.
    RootHasMfa,
    /// Nothing: no stage before the deadline is reached.
    NoReminderDue,
    /// Nothing: contained so short a while ago that the removed device may still be listed.
    ContainedJustNow,

    /// Try again: the new user is not to be seen yet.
    UserNotVisibleYet,
    /// Try again: the new password is not to be seen yet.
    PasswordNotVisibleYet,
    /// Try again: the removed password is still to be seen.
    PasswordStillVisible,
    /// Try again: the new device is not to be seen yet.
    DeviceNotVisibleYet,
}

impl Reason {
    /// Whether the event has to be run again later.
    #[must_use]
    pub fn is_transient(self) -> bool {
        self.words().1 == Class::Retry
    }

    /// Stable name for logs and metrics.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.words().0
    }

    fn words(self) -> (&'static str, Class, &'static str) {
        use Class::{Act, Nothing, Retry};
        match self {
            Self::NewPassword => ("new-password", Act, "a new password without MFA, in grace"),
            Self::SignedInDuringGrace => ("signed-in-during-grace", Act, "signed in without MFA, in grace"),
            Self::Contain(Cause::SignIn) => {
                ("contain-sign-in", Act, "signed in without MFA after the deadline")
            }
            Self::Contain(Cause::PasswordCreated) => {
                ("contain-password-created", Act, "a password without MFA after the deadline")
            }
            Self::Contain(Cause::MfaRemoved) => {
                ("contain-mfa-removed", Act, "the last MFA device was removed")
            }
            Self::Contain(Cause::DeadlinePassed) => {
                ("contain-deadline-passed", Act, "without MFA after the deadline")
            }
            Self::FinishContainment(_) => {
                ("finish-containment", Act, "contained before, but not in every part")
            }
            Self::WarnOnly(_) => ("warn-only", Act, "would be contained, but MODE is notify"),
            Self::SignedInWhileContained => {
                ("signed-in-while-contained", Act, "contained, and signed in without MFA once more")
            }
            Self::NeverAsked => ("never-asked", Act, "without MFA in grace, and never told so"),
            Self::ReminderDue => ("reminder-due", Act, "without MFA, and the deadline draws near"),
            Self::LastDay => ("last-day", Act, "without MFA on the last day before the deadline"),
            Self::StillContained => ("still-contained", Act, "contained, and without MFA still"),
            Self::MfaEnrolled => ("mfa-enrolled", Act, "MFA is on"),
            Self::MfaEnrolledInTime => ("mfa-enrolled-in-time", Act, "MFA is on, in time"),
            Self::PasswordRemoved => ("password-removed", Act, "the console password is gone"),
            Self::ExemptNow => ("exempt-now", Act, "contained, but exempt by now"),
            Self::ForeignEnrolment => {
                ("foreign-enrolment", Act, "the device was not enrolled by its owner in the console")
            }
            Self::RootAlert => ("root-alert", Act, "it is about the root user"),
            Self::NoPassword => ("no-password", Nothing, "no console password"),
            Self::Exempt => ("exempt", Nothing, "exempt"),
            Self::HasMfa => ("has-mfa", Nothing, "an MFA device is enrolled"),
            Self::AlreadyContained => ("already-contained", Nothing, "contained already, and told so"),
            Self::AlreadySaid => ("already-said", Nothing, "told already"),
            Self::RemindedToday => ("reminded-today", Nothing, "reminded less than a day ago"),
            Self::NotContained => ("not-contained", Nothing, "there is nothing to release"),
            Self::UserGone => ("user-gone", Nothing, "there is no such user any more"),
            Self::PasswordEventFollows => {
                ("password-event-follows", Nothing, "the password's own event does the rest")
            }
            Self::UserDeleted => ("user-deleted", Nothing, "the user was deleted"),
            Self::PasswordIsBack => ("password-is-back", Nothing, "the password was created again"),
            Self::DeviceGone => ("device-gone", Nothing, "the enabled device is no longer there"),
            Self::NotForRoot => ("not-for-root", Nothing, "this means nothing for root"),
            Self::RootHasMfa => ("root-has-mfa", Nothing, "root has MFA, or nothing to sign in with"),
            Self::NoReminderDue => ("no-reminder-due", Nothing, "no reminder is due"),
            Self::ContainedJustNow => {
                ("contained-just-now", Nothing, "contained just now, so a removed device may still be listed")
            }
            Self::UserNotVisibleYet => ("user-not-visible-yet", Retry, "IAM does not show the new user yet"),
            Self::PasswordNotVisibleYet => {
                ("password-not-visible-yet", Retry, "IAM does not show the new password yet")
            }
            Self::PasswordStillVisible => {
                ("password-still-visible", Retry, "IAM still shows the removed password")
            }
            Self::DeviceNotVisibleYet => {
                ("device-not-visible-yet", Retry, "IAM does not list the new MFA device yet")
            }
        }
    }
}

#[derive(PartialEq)]
enum Class {
    Act,
    Nothing,
    Retry,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words().2)
    }
}
