//! Alerts, which go to the administrators only.

use super::about_exemption::{Exempted, NotExempt, SELF_EXEMPTED, by_themselves};
use super::phrases::{because, release_cause};
use super::user_notice::BY_HAND;
use super::{
    Background, MessageKind, Person, QuarantineAlert, ReleasedBy, RootAlert, Severity, about_enforcer,
};
use crate::event::{Touched, Weight};
use crate::exemption::Exemption;
use crate::partition::RootUser;
use crate::tags::Cause;
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

/// What happened to a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserAlert {
    /// An MFA device was enrolled by someone else, with an access key, or through an agent.
    ForeignEnrolment(Enrolment),
    /// The user could not be contained.
    ContainmentFailed {
        /// Why the user was to be contained.
        cause: Cause,
    },
    /// The user could not be contained, because IAM has room for neither another policy nor another group.
    NoRoom {
        /// Why the user was to be contained.
        cause: Cause,
    },
    /// The user could not be released.
    ReleaseFailed {
        /// Why the user was to be released.
        by: ReleasedBy,
    },
    /// The user has MFA, but a person attached the quarantine, so this enforcer does not lift it.
    HeldByHand,
    /// The password was removed, but the quarantine stays: it also stops access keys, which would work again.
    KeysWouldRevive,
    /// The quarantine that stops everything was lifted, and the one for the console could not be attached.
    FallbackFailed,
    /// A break-glass user signed in without MFA.
    BreakGlassSignIn,
    /// The user tried to approve their own release.
    OwnApproval,
    /// Somebody undid the quarantine.
    QuarantineUndone {
        /// Whether it is in force again. In mode `notify` it is not.
        put_back: bool,
    },
    /// Somebody undid the quarantine so often that events do not put it back any more in this hour.
    KeepsBeingUndone {
        /// Whether the quarantine is in force, and only its record is removed again and again.
        contained: bool,
    },
    /// Somebody removed or rewrote the record of the quarantine.
    RecordRestored,
    /// Somebody wrote how often the quarantine was put back, so as to keep it from being put back again.
    CountForged,
    /// The user has to enrol a device, and got a permissions boundary that does not let them, or may not.
    EnrolmentBlocked(Blocked),
    /// Somebody exempted the user.
    Exempted(Exempted),
    /// The user granted this exemption to themselves, and it does not count.
    SelfExempted(Exemption),
    /// Somebody ended the user's exemption, or wrote one that exempts nobody.
    NotExempt(NotExempt),
}

/// What is known of a permissions boundary that may keep a user from enrolling a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blocked {
    /// It does not let them.
    Surely,
    /// It depends on something that cannot be told in advance.
    Perhaps,
    /// It could not be read.
    Unread,
}

/// Why an enrolment is suspicious.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enrolment {
    /// Enrolled with the user's long-term access key, which may be stolen.
    ByAccessKey,
    /// Enrolled through an AI agent, which has seen the secret.
    ByAgent,
    /// Enrolled by someone else.
    BySomeoneElse,
}

/// What happened to the account as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountAlert {
    /// More quarantines are due than sweeps may begin within a day, so the rest waits.
    QuarantinesHeld {
        /// Names of the users who wait, most urgent first.
        users: Vec<String>,
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
            Self::Account(AccountAlert::QuarantinesHeld { users }) => users,
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
    pub(super) fn answer(&self) -> Option<&'static str> {
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
    pub(super) fn headlines(&self, also: &[UserAlert]) -> Vec<String> {
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
    pub(super) fn headline(&self) -> String {
        match self {
            Self::User(person, alert) => alert.headline(&person.name),
            Self::Root(alert) => alert.headline().to_owned(),
            Self::Account(alert) => alert.headline(),
        }
    }

    /// What the administrators should do.
    pub(super) fn advice(&self, root: RootUser) -> Cow<'static, str> {
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

impl UserAlert {
    pub(crate) fn kind(&self) -> MessageKind {
        match self {
            Self::ForeignEnrolment(_) => MessageKind::EnrolmentAlert,
            Self::ContainmentFailed { .. } | Self::NoRoom { .. } => MessageKind::ContainmentFailed,
            Self::ReleaseFailed { .. } => MessageKind::ReleaseFailed,
            Self::HeldByHand => MessageKind::HeldByHand,
            Self::KeysWouldRevive => MessageKind::KeysWouldRevive,
            Self::FallbackFailed => MessageKind::FallbackFailed,
            Self::BreakGlassSignIn => MessageKind::BreakGlassSignIn,
            Self::OwnApproval => MessageKind::OwnApproval,
            Self::QuarantineUndone { .. } => MessageKind::QuarantineUndone,
            Self::KeepsBeingUndone { .. } => MessageKind::KeepsBeingUndone,
            Self::RecordRestored | Self::CountForged => MessageKind::RecordsChanged,
            Self::EnrolmentBlocked(_) => MessageKind::EnrolmentBlocked,
            Self::Exempted(_) => MessageKind::Exempted,
            Self::SelfExempted(_) => MessageKind::SelfExempted,
            Self::NotExempt(_) => MessageKind::NotExempt,
        }
    }

    /// Whether it tells what somebody did and what was done about it, so that it comes after that. An alert about a
    /// refusal comes at once.
    pub(super) fn is_a_report(&self) -> bool {
        !matches!(
            self,
            Self::ContainmentFailed { .. }
                | Self::NoRoom { .. }
                | Self::ReleaseFailed { .. }
                | Self::FallbackFailed
        )
    }

    /// How urgent it is.
    pub(crate) fn severity(&self) -> Severity {
        match self {
            Self::ForeignEnrolment(Enrolment::ByAccessKey | Enrolment::ByAgent)
            | Self::ContainmentFailed { .. }
            | Self::NoRoom { .. }
            | Self::FallbackFailed
            | Self::BreakGlassSignIn
            | Self::OwnApproval
            | Self::QuarantineUndone { .. }
            | Self::KeepsBeingUndone { contained: false }
            | Self::CountForged
            | Self::Exempted(Exempted { exemption: Exemption::BreakGlass, .. })
            | Self::SelfExempted(_) => Severity::Critical,
            Self::ForeignEnrolment(Enrolment::BySomeoneElse)
            | Self::ReleaseFailed { .. }
            | Self::HeldByHand
            | Self::KeysWouldRevive
            | Self::KeepsBeingUndone { contained: true }
            | Self::RecordRestored
            | Self::EnrolmentBlocked(_)
            | Self::Exempted(Exempted { released: true, .. })
            | Self::NotExempt(NotExempt::Unreadable) => Severity::Warning,
            Self::Exempted(Exempted { released: false, .. })
            | Self::NotExempt(NotExempt::Removed | NotExempt::Past | NotExempt::Renamed) => Severity::Info,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::ForeignEnrolment(Enrolment::ByAccessKey) => "enrolled-by-access-key",
            Self::ForeignEnrolment(Enrolment::ByAgent) => "enrolled-by-agent",
            Self::ForeignEnrolment(Enrolment::BySomeoneElse) => "enrolled-by-someone-else",
            Self::ContainmentFailed { cause } => cause.code(),
            Self::NoRoom { .. } => "no-room",
            Self::ReleaseFailed { by } => by.code(),
            Self::HeldByHand => BY_HAND,
            Self::KeysWouldRevive => "access-keys-active",
            Self::FallbackFailed => ReleasedBy::Mfa.code(),
            Self::BreakGlassSignIn => Cause::SignIn.code(),
            Self::OwnApproval => "approved-by-the-user",
            Self::QuarantineUndone { put_back: true } => "put-back",
            Self::QuarantineUndone { put_back: false } => "withheld-by-mode",
            Self::KeepsBeingUndone { .. } => "left-to-the-sweep",
            Self::RecordRestored => "record-restored",
            Self::CountForged => "count-forged",
            Self::EnrolmentBlocked(Blocked::Surely) => "boundary-forbids-enrolment",
            Self::EnrolmentBlocked(Blocked::Perhaps) => "boundary-unclear",
            Self::EnrolmentBlocked(Blocked::Unread) => "boundary-unreadable",
            Self::Exempted(exempted) => exempted.reason(),
            Self::SelfExempted(_) => "self-exempted",
            Self::NotExempt(how) => how.reason(),
        }
    }

    fn headline(&self, who: &str) -> String {
        match self {
            Self::ForeignEnrolment(Enrolment::ByAccessKey) => {
                format!(
                    "an MFA device for {who} was enrolled with an access key of {who}, as a thief would do"
                )
            }
            Self::ForeignEnrolment(Enrolment::ByAgent) => {
                format!("an AI agent enrolled an MFA device for {who}, so the agent has seen its secret")
            }
            Self::ForeignEnrolment(Enrolment::BySomeoneElse) => {
                format!("someone else enrolled an MFA device for {who}")
            }
            Self::ContainmentFailed { cause } => {
                format!("{who} could NOT be quarantined: IAM refused ({})", because(*cause))
            }
            Self::NoRoom { cause } => {
                format!(
                    "{who} is NOT quarantined, because there is room for neither another policy nor another group \
                     ({})",
                    because(*cause)
                )
            }
            Self::ReleaseFailed { by } => {
                format!("{who} could NOT be released: IAM refused ({})", release_cause(*by))
            }
            Self::HeldByHand => {
                format!(
                    "{who} has MFA now, and stays quarantined, because somebody attached the quarantine by hand"
                )
            }
            Self::KeysWouldRevive => {
                format!(
                    "{who} has no console password any more, and stays quarantined, because of active access keys"
                )
            }
            Self::FallbackFailed => {
                format!(
                    "{who} is NOT quarantined any more, though sessions without MFA may be open: IAM refused"
                )
            }
            Self::BreakGlassSignIn => format!("the break-glass user {who} signed in without MFA"),
            Self::OwnApproval => {
                format!("{who} tried to approve their own release, as a thief would do; it does not count")
            }
            Self::QuarantineUndone { put_back: true } => {
                format!("somebody undid the quarantine of {who}, and it is in force again")
            }
            Self::QuarantineUndone { put_back: false } => {
                format!("somebody undid the quarantine of {who}, and MODE keeps it from being put back")
            }
            Self::KeepsBeingUndone { contained: true } => {
                format!("somebody keeps removing the record of the quarantine of {who}, which is in force")
            }
            Self::KeepsBeingUndone { contained: false } => {
                format!("somebody keeps undoing the quarantine of {who}, who is NOT quarantined now")
            }
            Self::RecordRestored => {
                format!("somebody removed or rewrote the record of the quarantine of {who}")
            }
            Self::CountForged => {
                format!(
                    "somebody tried to keep the quarantine of {who} from being put back, by writing a tag"
                )
            }
            Self::EnrolmentBlocked(Blocked::Surely) => {
                format!("{who} has to enrol MFA, and got a permissions boundary that does not allow it")
            }
            Self::EnrolmentBlocked(Blocked::Perhaps) => {
                format!("{who} has to enrol MFA, and got a permissions boundary that may not allow it")
            }
            Self::EnrolmentBlocked(Blocked::Unread) => {
                format!("{who} has to enrol MFA, and got a permissions boundary that could not be read")
            }
            Self::Exempted(exempted) => exempted.headline(who),
            Self::SelfExempted(exemption) => by_themselves(who, *exemption),
            Self::NotExempt(how) => how.headline(who),
        }
    }

    /// What the administrators should do.
    pub(super) fn advice(&self) -> &'static str {
        match self {
            Self::ForeignEnrolment(Enrolment::ByAccessKey) => {
                "Ask the user now whether they did this on purpose, with a program. If not: deactivate the device, \
                 deactivate the access key, and reset the password."
            }
            Self::ForeignEnrolment(Enrolment::ByAgent) => {
                "Ask the user now whether they told an agent to do this. In either case deactivate the device, and have \
                 the user enrol one in the console: a secret that an agent has seen proves nothing. If it was not \
                 the user, reset the password as well."
            }
            Self::ForeignEnrolment(Enrolment::BySomeoneElse) => {
                "Ask the user and the person named above whether they agreed on this. If not: deactivate the \
                 device and reset the password."
            }
            Self::ContainmentFailed { .. } => {
                "Contain the user by hand now (attach the quarantine policy). IAM refuses if the user cannot have \
                 another policy or group, if the policy or group no longer exists, or if this enforcer lacks a \
                 permission; its log names the call. The event will be retried and then kept in the dead-letter \
                 queue."
            }
            Self::NoRoom { .. } => {
                "Make room now: detach a managed policy that the user can do without, or remove the user from a group. \
                 Until then nothing limits the user. IAM allows 10 groups for each user, and 10 attached policies, or \
                 up to 20 if AWS has raised the account's quota. The event is tried again for some minutes; after that, \
                 each sweep tries to contain the user."
            }
            Self::ReleaseFailed { .. } => {
                "Release the user by hand (detach the quarantine policy or leave the quarantine group, then remove \
                 the tag `mfa-enforcer:quarantined`). The policy blocks nothing after a sign-in with MFA, so there \
                 is no hurry. The log of this enforcer names the call that was refused."
            }
            Self::HeldByHand => {
                "This enforcer lifts only what it attached. Once the reason for the quarantine is gone, detach the \
                 quarantine policy from the user, or remove the user from the quarantine group. Whoever may call \
                 iam:DetachUserPolicy or iam:RemoveUserFromGroup can do that. The user sees errors until then, and \
                 may ask you."
            }
            Self::KeysWouldRevive => {
                "The quarantine also stops access keys, and lifting it would make them work again. Delete the keys, \
                 or deactivate them: the next sweep then lifts the quarantine. If you know that the keys are safe \
                 and needed, detach the quarantine policy yourself, or remove the user from the quarantine group."
            }
            Self::FallbackFailed => {
                "Attach the quarantine policy for the console to the user now: sessions that began without MFA can \
                 do everything until they end, and one of them may be a thief's. IAM refuses if the user cannot have \
                 another policy or group, if the policy or group no longer exists, or if this enforcer lacks a \
                 permission; its log names the call."
            }
            Self::BreakGlassSignIn => {
                "Find out now who signed in, and why. If it was not planned, change the password, deactivate the \
                 access keys, and look in CloudTrail for what the session did. Nothing limits a break-glass user, so \
                 give every one of them a hardware security key, kept in a safe."
            }
            Self::OwnApproval => {
                "The user stays quarantined. Ask them now, by phone or in person, whether they set the tag \
                 mfa-enforcer:approved. If not, somebody else works with an access key or a session of theirs: \
                 deactivate the keys and the device, reset the password, and look in CloudTrail for what was done. If \
                 they did, somebody else has to set the tag."
            }
            Self::QuarantineUndone { put_back: true } => {
                "Ask the person named above. Whoever means to end a quarantine exempts the user first, or sees that \
                 they enrol MFA: see the runbook, To release somebody by hand. If nobody meant to, treat the access of \
                 whoever did it as stolen."
            }
            Self::QuarantineUndone { put_back: false } => {
                "Ask the person named above. In this mode nothing is attached: to contain the user, attach the \
                 quarantine policy yourself, or deploy with Mode enforce."
            }
            Self::KeepsBeingUndone { contained: true } => {
                "The record was restored three times within this hour. Until the hour is over, only the hourly sweep \
                 restores it. Find the program that owns the user's tags, and let it ignore tags that begin with \
                 `mfa-enforcer:` (see the settings, Tools that own a user's tags)."
            }
            Self::KeepsBeingUndone { contained: false } => {
                "The quarantine was put back three times within this hour, and undone each time. Until the hour is \
                 over, only the hourly sweep puts it back. Attach the quarantine policy to the user now, and stop \
                 whoever undoes it: a program that owns the user's policies or groups, or somebody whose access is \
                 stolen. The service control policy of this project takes that right from everybody but this enforcer."
            }
            Self::RecordRestored => {
                "The quarantine itself is in force, and its record is restored. If a program does this that owns the \
                 user's tags, let it ignore tags that begin with `mfa-enforcer:` (see the settings, Tools that own a \
                 user's tags). If not, ask the person named above."
            }
            Self::CountForged => {
                "Only this enforcer writes the tag `mfa-enforcer:undone`. The number was corrected from CloudTrail's \
                 event history. Find out who wrote it, and treat their access as stolen."
            }
            Self::EnrolmentBlocked(_) => {
                "A quarantine ends with the enrolment, so a user who cannot enrol stays in it. The boundary has to allow \
                 iam:CreateVirtualMFADevice, iam:EnableMFADevice and iam:ListMFADevices for the user's own devices, \
                 without MFA. Until it does, an administrator can enrol a device with the user."
            }
            Self::Exempted(exempted) => exempted.advice(),
            Self::SelfExempted(_) => SELF_EXEMPTED,
            Self::NotExempt(how) => how.advice(),
        }
    }
}

impl AccountAlert {
    fn kind(&self) -> MessageKind {
        match self {
            Self::QuarantinesHeld { .. } => MessageKind::QuarantinesHeld,
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

    fn severity(&self) -> Severity {
        match self {
            Self::EnforcerTouched { touched, .. } => about_enforcer::severity(touched),
            Self::QuarantinesHeld { .. } | Self::NoTrail | Self::NoDigest { .. } => Severity::Critical,
            Self::Quarantine(alert) => alert.severity(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::QuarantinesHeld { .. } => "too-many-quarantines",
            Self::EnforcerTouched { touched, .. } => touched.call.part.code(),
            Self::NoTrail => "no-trail",
            Self::Quarantine(alert) => alert.reason(),
            Self::NoDigest { .. } => "account-unreadable",
        }
    }

    fn headline(&self) -> String {
        match self {
            Self::QuarantinesHeld { users } if users.len() == 1 => {
                "1 user is due for quarantine and waits: MAX_QUARANTINES is reached".to_owned()
            }
            Self::QuarantinesHeld { users } => {
                format!("{} users are due for quarantine and wait: MAX_QUARANTINES is reached", users.len())
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

    fn advice(&self) -> Cow<'static, str> {
        let advice = match self {
            Self::Quarantine(alert) => return alert.advice().into(),
            Self::QuarantinesHeld { .. } => {
                "Check first whether so many quarantines are right: ENFORCE_FROM may be in the past by mistake, or \
                 GRACE_PERIOD too short. If they are right, raise MAX_QUARANTINES, or set it to 0 for one sweep that \
                 you start by hand, and put it back. Without that, they go on as the quarantines of the last 24 \
                 hours grow old. Sign-ins without MFA and removed devices do not wait."
            }
            Self::EnforcerTouched { touched, .. } => about_enforcer::advice(touched),
            Self::NoTrail => {
                "Find out now who stopped, deleted or changed the trail: CloudTrail's event history of the last 90 days \
                 is there even without one (StopLogging, DeleteTrail, UpdateTrail, PutEventSelectors). Then start it \
                 again, or create a trail of all regions with management events, reads and writes. Until then only the \
                 hourly sweeps find out anything. The runbook has a section, No trail logs management events."
            }
            Self::NoDigest { .. } => {
                "Look at the log of the sweep, and see the runbook, The sweep is not finished. Until this is fixed, only \
                 events are acted on: nobody is reminded, and no missed event is made up for. Sweeps go on trying \
                 every hour."
            }
        };
        advice.into()
    }
}
