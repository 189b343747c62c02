//! Why a plan has its steps, or has none.

use crate::reason_words::Class;
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
    /// Nothing to do: as many users of the account were contained in this hour as may be.
    HourlyLimitReached,
    /// Nothing to do: as many users of the organization were contained in this hour as may be.
    OrganizationLimitReached,
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

    /// Whether the user is to be contained, and waits because others were.
    #[must_use]
    pub fn is_limit(self) -> bool {
        matches!(self, Self::LimitReached | Self::HourlyLimitReached | Self::OrganizationLimitReached)
    }

    /// Stable name for logs and metrics.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.words().0
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words().2)
    }
}
