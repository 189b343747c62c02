//! The words of alerts about a user: what happened, and what to do.

use super::about_exemption::{SELF_EXEMPTED, by_themselves};
use super::phrases::{because, release_cause};
use super::{Blocked, Enrolment, UserAlert};

impl UserAlert {
    /// What happened, in one line.
    pub(super) fn headline(&self, who: &str) -> String {
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
