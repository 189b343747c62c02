//! Why a plan has its steps, or has none.

use crate::tags::Cause;
use std::fmt;

/// Why a plan has its steps, or has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// New password without MFA, in grace: send a welcome.
    NewPassword,
    /// Sign-in without MFA, in grace: send a reminder.
    SignedInDuringGrace,
    /// Contain the user.
    Contain(Cause),
    /// Already contained, but by a run that did not finish or under another scope: complete the quarantine.
    FinishContainment(Cause),
    /// `MODE` is `notify`: warn the user instead of containing them.
    WarnOnly(Cause),
    /// Signed in again while contained, at least a day after the last notice: send a reminder.
    SignedInWhileContained,
    /// In grace, and never told to set up MFA: send a welcome, or name the deadline.
    NeverAsked,
    /// In grace, and a stage before the deadline has begun: send a reminder.
    ReminderDue,
    /// In grace, on the last day: send the final notice.
    LastDay,
    /// Still contained and without MFA: send a reminder of the way out.
    StillContained,
    /// MFA is on: release the user.
    MfaEnrolled,
    /// MFA is on, in time: confirm it.
    MfaEnrolledInTime,
    /// MFA is on, and somebody else approved it: release the user.
    Approved,
    /// The password was removed: release the user.
    PasswordRemoved,
    /// The user is now exempt: release them.
    ExemptNow,
    /// The event history tells something of the user's exemption: note it.
    ExemptionNoted,
    /// Somebody else exempted the user: note and tell it.
    Exempted,
    /// Users exempted themselves, which does not count: note and tell it.
    SelfExempted,
    /// The exemption was ended by somebody, or cannot be read: note and tell it.
    ExemptionEnded,
    /// The exemption ends within a week, and the user has no MFA: tell them.
    ExemptionEnding,
    /// A device was enrolled by someone else, with an access key, or through an agent: alert the administrators.
    ForeignEnrolment,
    /// Something happened to root: alert the administrators.
    RootAlert,
    /// A break-glass user signed in without MFA: alert the administrators.
    BreakGlassSignIn,
    /// Something happened to the enforcer, or to what it depends on: tell the administrators.
    SelfDefence,
    /// Somebody undid the quarantine: put it back.
    PutBack,
    /// Somebody removed or rewrote the records of a quarantine: restore them.
    RecordRestored,
    /// Somebody undid the quarantine again and again: alert the administrators, and leave it to the next sweep.
    KeepsBeingUndone,
    /// Somebody wrote the number of times that the quarantine was put back: correct it.
    CountCorrected,
    /// A permissions boundary may not let the user enrol a device: alert the administrators.
    EnrolmentBlocked,

    /// Mail to the user's address bounced for good: note it.
    MailBounced,
    /// The user marked a mail as unwanted: note it.
    MailComplained,

    /// The quarantine itself was changed, and was put right.
    QuarantineRepaired,
    /// The quarantine itself was changed, and could not be put right: alert the administrators.
    QuarantineBroken,

    /// An operator decided something about the user: do it.
    ByOperator,

    /// Nothing to do: the user has no console password.
    NoPassword,
    /// Nothing to do: the user is exempt.
    Exempt,
    /// Nothing to do yet: the user is exempt, and nothing shows that somebody else decided it.
    ExemptionUnproven,
    /// Nothing to do: the exemption was changed since, or removed.
    LaterExemption,
    /// Nothing to do: the user has an MFA device.
    HasMfa,
    /// Nothing to do: the user is contained and has been told so.
    AlreadyContained,
    /// Nothing to do: the notice has already been sent.
    AlreadySaid,
    /// Nothing to do: the last reminder is less than a day old.
    RemindedToday,
    /// Nothing to do: there is no quarantine to lift.
    NotContained,
    /// Nothing to do: a mail did not arrive yet, and SES tries again.
    MailDelayed,
    /// Nothing to do: the user has another address by now.
    OtherAddress,
    /// Nothing to do: it is on record that mail to the address does not arrive.
    AlreadyNoted,
    /// Nothing to do: the user no longer exists.
    UserGone,
    /// Nothing to do: the password is new, and its own event takes care of it.
    PasswordEventFollows,
    /// Nothing to do: the user was deleted. A sweep deletes their topic.
    UserDeleted,
    /// Nothing to do: the password was created again.
    PasswordIsBack,
    /// Nothing to do: the device that was enabled no longer exists.
    DeviceGone,
    /// Nothing to do: somebody lifted a quarantine of their own.
    LiftedByHand,
    /// Nothing to do: the quarantine was due to end, or the user is exempt.
    QuarantineOver,
    /// Nothing to do: what was changed is not part of the user's quarantine, or it is in force all the same.
    QuarantineInForce,
    /// Nothing to do: the quarantine was undone too often within this hour, so the next sweep puts it back.
    LeftToTheSweep,
    /// Nothing to do: it is about the quarantine itself.
    NotOfAUser,
    /// Nothing to do: the policies and groups of the quarantine are as they should be.
    QuarantineWhole,
    /// Nothing to do: the settings put nobody under that policy or group.
    NotInForce,
    /// Nothing to do: the stack is still being changed, and the next sweep compares.
    StackStillInProgress,
    /// Nothing to do: this cannot happen to root.
    NotForRoot,
    /// Nothing to do: root has MFA, has nothing to sign in with, or could not be looked up.
    RootHasMfa,
    /// Nothing to do: no stage before the deadline has begun.
    NoReminderDue,
    /// Nothing to do: what is due can wait for the daily sweep.
    DailySweepFollows,
    /// Nothing to do: the user was contained so recently that IAM may still list the removed device.
    ContainedJustNow,

    /// Nothing to do: somebody contained the user by hand, and only they know until when.
    QuarantinedByHand,
    /// Nothing to do: it is not known whose quarantine it is.
    QuarantineOfUnknownOrigin,
    /// Nothing to do: without the quarantine, access keys would work again.
    KeysWouldRevive,
    /// Nothing to do: the events that the enforcer needs are logged, or it is not known whether they are.
    EventsLogged,
    /// Nothing to do: `CloudFormation` did it as a part of a change of the enforcer's own stack.
    UpdateOfTheStack,
    /// Nothing to do: another stack was updated.
    OtherStack,
    /// Nothing to do: what is left of the quarantine ends at a set time.
    ReleaseScheduled,
    /// Nothing to do: MFA is on, and somebody else has to approve the release.
    AwaitsApproval,
    /// Nothing to do: the first notice is less than a day old.
    NoticePeriod,
    /// Nothing to do: sweeps have contained as many users within a day as they may.
    LimitReached,
    /// Nothing to do: the notice cannot be recorded, so a sweep sends it once a week only.
    CannotBeRecorded,
    /// Nothing to do: it happened to an earlier user of the same name.
    EarlierUser,
    /// Nothing to do: it happened before the user got this password.
    EarlierPassword,

    /// Retry: the stack is being changed, so a change may be its own.
    StackInProgress,
    /// Retry: IAM does not show the new user yet.
    UserNotVisibleYet,
    /// Retry: IAM does not show the new password yet.
    PasswordNotVisibleYet,
    /// Retry: IAM still shows the removed password.
    PasswordStillVisible,
    /// Retry: IAM does not show the exemption yet as the event says.
    ExemptionNotVisibleYet,
    /// Retry: IAM does not list the new device yet.
    DeviceNotVisibleYet,
    /// Retry: the user was contained so recently that IAM may still list the removed device.
    DeviceMayBeGone,
    /// Retry: IAM does not show the new tag yet.
    TagNotVisibleYet,
    /// Retry: nothing on the user tells whose the quarantine is, and the event history cannot be read.
    HistoryNotReadable,
    /// Retry: IAM shows the user, and does not know them when they are to be changed.
    UserNotWritableYet,
}

impl Reason {
    /// Whether the event has to be retried later.
    #[must_use]
    pub fn is_transient(self) -> bool {
        self.words().1 == Class::Retry
    }

    /// Stable name for logs and metrics.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.words().0
    }

    #[expect(clippy::too_many_lines, reason = "a table")]
    fn words(self) -> (&'static str, Class, &'static str) {
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
