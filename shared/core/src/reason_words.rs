//! Each reason as a stable name, and as words for the log and for people.

use crate::reason::Reason;
use crate::tags::Cause;

/// What comes of a plan with this reason.
#[derive(PartialEq)]
pub(crate) enum Class {
    /// Something is done.
    Act,
    /// Nothing is to be done.
    Nothing,
    /// The event has to be retried later.
    Retry,
}

impl Reason {
    /// Its stable name, what comes of it, and its words.
    #[expect(clippy::too_many_lines, reason = "a table")]
    pub(crate) fn words(self) -> (&'static str, Class, &'static str) {
        use Class::{Act, Nothing, Retry};
        match self {
            Self::MailBounced => ("mail-bounced", Act, "mail to the address bounced"),
            Self::MailComplained => {
                ("mail-complained", Act, "whoever reads the address marked a mail as unwanted")
            }
            Self::MailDelayed => ("mail-delayed", Nothing, "the mail may still arrive"),
            Self::OtherAddress => ("other-address", Nothing, "the user has another address by now"),
            Self::AlreadyNoted => ("already-noted", Nothing, "it is on record already"),
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
            Self::Contain(Cause::Operator) => ("contain-operator", Act, "an administrator decided it"),
            Self::FinishContainment(_) => {
                ("finish-containment", Act, "already contained, but not completely")
            }
            Self::WarnOnly(_) => ("warn-only", Act, "would be contained, but MODE is notify"),
            Self::SignedInWhileContained => {
                ("signed-in-while-contained", Act, "contained, and signed in without MFA again")
            }
            Self::NeverAsked => ("never-asked", Act, "without MFA in grace, and never told so"),
            Self::ReminderDue => ("reminder-due", Act, "without MFA, and the deadline is near"),
            Self::LastDay => ("last-day", Act, "without MFA on the last day before the deadline"),
            Self::StillContained => ("still-contained", Act, "still contained and without MFA"),
            Self::MfaEnrolled => ("mfa-enrolled", Act, "MFA is on"),
            Self::MfaEnrolledInTime => ("mfa-enrolled-in-time", Act, "MFA is on, in time"),
            Self::Approved => ("approved", Act, "MFA is on, and somebody else approved it"),
            Self::PasswordRemoved => ("password-removed", Act, "the console password is gone"),
            Self::ExemptNow => ("exempt-now", Act, "contained, but now exempt"),
            Self::ExemptionNoted => {
                ("exemption-noted", Act, "exempt, and it was not on record who decided it")
            }
            Self::Exempted => ("exempted", Act, "somebody exempted the user"),
            Self::SelfExempted => ("self-exempted", Act, "the user granted an exemption to themselves"),
            Self::ExemptionEnded => ("exemption-ended", Act, "the user is no longer exempt"),
            Self::ExemptionEnding => ("exemption-ending", Act, "exempt, but not for much longer"),
            Self::ForeignEnrolment => {
                ("foreign-enrolment", Act, "the device was not enrolled by its owner in the console")
            }
            Self::RootAlert => ("root-alert", Act, "it is about the root user"),
            Self::BreakGlassSignIn => {
                ("break-glass-sign-in", Act, "a break-glass user signed in without MFA")
            }
            Self::SelfDefence => ("self-defence", Act, "it is about the enforcer itself"),
            Self::PutBack => ("put-back", Act, "somebody undid the quarantine"),
            Self::RecordRestored => {
                ("record-restored", Act, "somebody removed or rewrote the records of the quarantine")
            }
            Self::KeepsBeingUndone => {
                ("keeps-being-undone", Act, "somebody undid the quarantine too often within an hour")
            }
            Self::CountCorrected => {
                ("count-corrected", Act, "somebody wrote how often the quarantine was put back")
            }
            Self::EnrolmentBlocked => {
                ("enrolment-blocked", Act, "a permissions boundary may not let the user enrol MFA")
            }
            Self::QuarantineRepaired => {
                ("quarantine-repaired", Act, "the quarantine itself was changed, and was put right")
            }
            Self::QuarantineBroken => {
                ("quarantine-broken", Act, "the quarantine itself was changed, and could not be put right")
            }
            Self::ByOperator => ("by-operator", Act, "an operator decided it"),
            Self::NoPassword => ("no-password", Nothing, "no console password"),
            Self::Exempt => ("exempt", Nothing, "exempt"),
            Self::ExemptionUnproven => {
                ("exemption-unproven", Nothing, "exempt, but nothing shows yet that somebody else decided it")
            }
            Self::LaterExemption => {
                ("later-exemption", Nothing, "a later decision about the exemption counts")
            }
            Self::HasMfa => ("has-mfa", Nothing, "an MFA device is enrolled"),
            Self::AlreadyContained => ("already-contained", Nothing, "already contained, and told so"),
            Self::AlreadySaid => ("already-said", Nothing, "already told"),
            Self::RemindedToday => ("reminded-today", Nothing, "reminded less than a day ago"),
            Self::NotContained => ("not-contained", Nothing, "there is nothing to release"),
            Self::UserGone => ("user-gone", Nothing, "the user no longer exists"),
            Self::PasswordEventFollows => {
                ("password-event-follows", Nothing, "the password's own event takes care of it")
            }
            Self::UserDeleted => ("user-deleted", Nothing, "the user was deleted"),
            Self::PasswordIsBack => ("password-is-back", Nothing, "the password was created again"),
            Self::DeviceGone => ("device-gone", Nothing, "the enabled device no longer exists"),
            Self::LiftedByHand => {
                ("lifted-by-hand", Nothing, "somebody lifted a quarantine that was not the enforcer's")
            }
            Self::QuarantineOver => ("quarantine-over", Nothing, "the quarantine was due to end"),
            Self::QuarantineInForce => ("quarantine-in-force", Nothing, "the user's quarantine is in force"),
            Self::LeftToTheSweep => {
                ("left-to-the-sweep", Nothing, "undone too often within an hour, so a sweep puts it back")
            }
            Self::NotOfAUser => ("not-of-a-user", Nothing, "it is about the quarantine itself"),
            Self::QuarantineWhole => {
                ("quarantine-whole", Nothing, "the quarantine's policies and groups are as they should be")
            }
            Self::NotInForce => {
                ("not-in-force", Nothing, "the settings put nobody under that policy or group")
            }
            Self::StackStillInProgress => (
                "stack-still-in-progress",
                Nothing,
                "the stack is still being changed, and the next sweep compares",
            ),
            Self::NotForRoot => ("not-for-root", Nothing, "this does not apply to root"),
            Self::RootHasMfa => ("root-has-mfa", Nothing, "root has MFA, or nothing to sign in with"),
            Self::NoReminderDue => ("no-reminder-due", Nothing, "no reminder is due"),
            Self::DailySweepFollows => {
                ("daily-sweep-follows", Nothing, "what is due can wait for the daily sweep")
            }
            Self::ContainedJustNow => {
                ("contained-just-now", Nothing, "contained just now, so a removed device may still be listed")
            }
            Self::QuarantinedByHand => {
                ("quarantined-by-hand", Nothing, "somebody contained the user by hand")
            }
            Self::QuarantineOfUnknownOrigin => {
                ("quarantine-of-unknown-origin", Nothing, "it is not known who contained the user")
            }
            Self::KeysWouldRevive => {
                ("keys-would-revive", Nothing, "without the quarantine, access keys would work again")
            }
            Self::EventsLogged => {
                ("events-logged", Nothing, "a trail logs the events, or it is not known whether one does")
            }
            Self::UpdateOfTheStack => {
                ("update-of-the-stack", Nothing, "a part of a change of the enforcer's own stack")
            }
            Self::OtherStack => ("other-stack", Nothing, "another stack was updated"),
            Self::ReleaseScheduled => {
                ("release-scheduled", Nothing, "what is left of the quarantine ends at a set time")
            }
            Self::AwaitsApproval => {
                ("awaits-approval", Nothing, "MFA is on, and somebody else has to approve the release")
            }
            Self::NoticePeriod => ("notice-period", Nothing, "first told less than a day ago"),
            Self::LimitReached => {
                ("limit-reached", Nothing, "sweeps have contained as many users in a day as they may")
            }
            Self::HourlyLimitReached => (
                "hourly-limit-reached",
                Nothing,
                "as many users of the account were contained in this hour as may be",
            ),
            Self::OrganizationLimitReached => (
                "organization-limit-reached",
                Nothing,
                "as many users of the organization were contained in this hour as may be",
            ),
            Self::CannotBeRecorded => {
                ("cannot-be-recorded", Nothing, "a notice could not be recorded, so it is sent once a week")
            }
            Self::EarlierUser => ("earlier-user", Nothing, "it happened to an earlier user of this name"),
            Self::EarlierPassword => {
                ("earlier-password", Nothing, "it happened before the user got this password")
            }
            Self::StackInProgress => ("stack-in-progress", Retry, "the stack is being changed"),
            Self::UserNotVisibleYet => ("user-not-visible-yet", Retry, "IAM does not show the new user yet"),
            Self::PasswordNotVisibleYet => {
                ("password-not-visible-yet", Retry, "IAM does not show the new password yet")
            }
            Self::PasswordStillVisible => {
                ("password-still-visible", Retry, "IAM still shows the removed password")
            }
            Self::ExemptionNotVisibleYet => {
                ("exemption-not-visible-yet", Retry, "IAM does not show the changed exemption yet")
            }
            Self::DeviceNotVisibleYet => {
                ("device-not-visible-yet", Retry, "IAM does not list the new MFA device yet")
            }
            Self::DeviceMayBeGone => {
                ("device-may-be-gone", Retry, "contained just now, so a removed device may still be listed")
            }
            Self::TagNotVisibleYet => ("tag-not-visible-yet", Retry, "IAM does not show the new tag yet"),
            Self::HistoryNotReadable => (
                "history-not-readable",
                Retry,
                "the event history, which would tell whose it is, cannot be read",
            ),
            Self::UserNotWritableYet => {
                ("user-not-writable-yet", Retry, "IAM cannot change the new user yet")
            }
        }
    }
}
