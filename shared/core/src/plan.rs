//! A plan: what to do, as plain data that leaves no choice to whoever carries it out.

use crate::event::UserName;
use crate::facts::UserFacts;
use crate::notice::Notice;
use crate::operation::Operation;
use crate::posture::{Finding, Posture};
use crate::tags::{self, Cause};
use std::fmt;

/// What one event calls for. The empty plan carries its reason too.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Posture of the subject; `None` for root and where there is no such user.
    pub posture: Option<Posture>,
    /// Why these steps, or why none.
    pub reason: Reason,
    /// What to do, in this order.
    pub steps: Vec<Step>,
    /// What `MODE` keeps from being done.
    pub withheld: Vec<Step>,
    /// What to do if a step of [`Phase::Contain`] is refused for good: tell the administrators, once.
    pub if_refused: Vec<Step>,
    /// What an administrator should mend.
    pub findings: Vec<Finding>,
}

/// One thing to do. Each can be done twice without harm.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Attach the quarantine policy.
    AttachPolicy {
        /// To whom.
        user: UserName,
        /// ARN of the policy.
        policy_arn: String,
    },
    /// Put the user into the quarantine group.
    JoinGroup {
        /// Whom.
        user: UserName,
        /// Name of the group.
        group: String,
    },
    /// Detach the quarantine policy.
    DetachPolicy {
        /// From whom.
        user: UserName,
        /// ARN of the policy.
        policy_arn: String,
    },
    /// Take the user out of the quarantine group.
    LeaveGroup {
        /// Whom.
        user: UserName,
        /// Name of the group.
        group: String,
    },
    /// Set a tag of the user.
    SetTag {
        /// Whose.
        user: UserName,
        /// Key.
        key: &'static str,
        /// Value.
        value: String,
    },
    /// Remove a tag of the user.
    RemoveTag {
        /// Whose.
        user: UserName,
        /// Key.
        key: &'static str,
    },
    /// Tell the user, the administrators, or both.
    Notify(Box<Notice>),
    /// Write down on the user what was said.
    MarkUser {
        /// Whose tag.
        user: UserName,
        /// Key.
        key: &'static str,
        /// Value of the tag.
        value: String,
    },
    /// Write down on the alerts topic which event about root was reported.
    MarkRoot {
        /// Value of the tag.
        value: String,
    },
}

/// In which part of a plan a step belongs, which says what its failure means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// First of all, what the administrators must hear whatever becomes of the rest, and the note of it.
    Alert,
    /// If it fails, nothing is said about it and the event is run again.
    Contain,
    /// A failure is remembered, and everything else still happens.
    Record,
    /// A failure is remembered, and the other notices still go out.
    Notify,
    /// Only after every notice went out, so that a notice that failed is said again. The tag of an ended
    /// quarantine goes last for the same reason: while it is there, the confirmation is still owed.
    Mark,
}

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

impl Plan {
    /// The empty plan for a subject of whom nothing is known.
    pub(crate) fn nothing(reason: Reason) -> Self {
        Self {
            posture: None,
            reason,
            steps: Vec::new(),
            withheld: Vec::new(),
            if_refused: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// The same plan, with something to do if IAM refuses it.
    pub(crate) fn or_refused(self, if_refused: Vec<Step>) -> Self {
        Self { if_refused, ..self }
    }
}

impl Step {
    /// The user after this step was done. A message and a note on a topic change nothing of the user.
    pub fn change(&self, user: &mut UserFacts) {
        match self {
            Self::AttachPolicy { policy_arn, .. } => {
                if !user.attached_policies.contains(policy_arn) {
                    user.attached_policies.push(policy_arn.clone());
                }
            }
            Self::DetachPolicy { policy_arn, .. } => user.attached_policies.retain(|arn| arn != policy_arn),
            Self::JoinGroup { group, .. } => {
                if !user.groups.contains(group) {
                    user.groups.push(group.clone());
                }
            }
            // Names of groups are unique without regard to case.
            Self::LeaveGroup { group, .. } => user.groups.retain(|own| !own.eq_ignore_ascii_case(group)),
            Self::SetTag { key, value, .. } | Self::MarkUser { key, value, .. } => {
                user.tags.insert((*key).to_owned(), value.clone());
            }
            Self::RemoveTag { key, .. } => {
                user.tags.remove(*key);
            }
            Self::Notify(_) | Self::MarkRoot { .. } => {}
        }
    }

    /// The part of the plan in which it belongs.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match self {
            Self::AttachPolicy { .. }
            | Self::JoinGroup { .. }
            | Self::DetachPolicy { .. }
            | Self::LeaveGroup { .. } => Phase::Contain,
            Self::SetTag { .. } => Phase::Record,
            Self::Notify(notice) if notice.kind.is_alert() => Phase::Alert,
            Self::Notify(_) => Phase::Notify,
            Self::MarkUser { key, .. } if *key == tags::ALERTED_KEY => Phase::Alert,
            Self::RemoveTag { .. } | Self::MarkUser { .. } | Self::MarkRoot { .. } => Phase::Mark,
        }
    }

    /// The calls to AWS that carry it out.
    #[must_use]
    pub fn operations(&self) -> &'static [Operation] {
        match self {
            Self::AttachPolicy { .. } => &[Operation::AttachUserPolicy],
            Self::JoinGroup { .. } => &[Operation::AddUserToGroup],
            Self::DetachPolicy { .. } => &[Operation::DetachUserPolicy],
            Self::LeaveGroup { .. } => &[Operation::RemoveUserFromGroup],
            Self::SetTag { .. } | Self::MarkUser { .. } => &[Operation::TagUser],
            Self::RemoveTag { .. } => &[Operation::UntagUser],
            Self::Notify(_) => &Operation::NOTIFY,
            Self::MarkRoot { .. } => &[Operation::TagResource],
        }
    }

    /// Whether it belongs to containing or releasing a user (the note of what was said does not).
    #[must_use]
    pub fn changes_containment(&self) -> bool {
        match self {
            Self::AttachPolicy { .. }
            | Self::JoinGroup { .. }
            | Self::DetachPolicy { .. }
            | Self::LeaveGroup { .. }
            | Self::SetTag { .. }
            | Self::RemoveTag { .. } => true,
            Self::Notify(_) | Self::MarkUser { .. } | Self::MarkRoot { .. } => false,
        }
    }
}

impl fmt::Display for Step {
    /// For logs: what, not to whom (the line says that elsewhere).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AttachPolicy { .. } => f.write_str("attach-policy"),
            Self::JoinGroup { .. } => f.write_str("join-group"),
            Self::DetachPolicy { .. } => f.write_str("detach-policy"),
            Self::LeaveGroup { .. } => f.write_str("leave-group"),
            Self::SetTag { key, .. } => write!(f, "set-tag {key}"),
            Self::RemoveTag { key, .. } => write!(f, "remove-tag {key}"),
            Self::Notify(notice) => write!(f, "notify {}", notice.kind.code()),
            Self::MarkUser { key, .. } => write!(f, "mark {key}"),
            Self::MarkRoot { .. } => f.write_str("mark root"),
        }
    }
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
