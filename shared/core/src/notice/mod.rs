//! Notices: what to say, to whom, and how it reads in each protocol.
//!
//! The decision makes a [`Notice`] as data: a message to a user, or an alert to the administrators. [`for_user`],
//! [`for_admins`] and [`for_alert`] turn it into text. The only thing added in between is whether the user was
//! reached ([`Reach`]), for the administrators.

mod about_account;
mod about_enforcer;
mod about_exemption;
mod about_quarantine;
mod about_root;
mod about_user;
mod admin_mail;
mod alert;
mod enrolment_steps;
mod help_page;
mod key_lines;
mod known;
mod letter;
mod letter_html;
mod mail;
mod mail_html;
mod nature;
mod notice_chat;
mod notice_json;
mod notice_message;
mod phrases;
mod reach;
mod runbook;
mod shown;
mod sms;
mod test_mail;
mod user_alert_words;
mod user_lead;
mod user_mail;
mod user_notice;

pub use about_account::AccountAlert;
pub(crate) use about_account::UNREADABLE;
pub use about_exemption::{Exempted, NotExempt};
pub use about_quarantine::{Lost, QuarantineAlert, Rest};
pub use about_root::RootAlert;
pub use about_user::{Blocked, Enrolment, UserAlert};
pub use alert::{Alert, AlertSubject};
pub use help_page::help_page;
pub use known::Known;
pub use mail::{ACCOUNT_TAG, KIND_TAG, Mail, USER_TAG};
pub(crate) use mail_html::{STYLES as MAIL_STYLES, sheet};
pub use nature::Nature;
pub use notice_message::{Rendered, for_admins, for_alert, for_user};
pub use reach::{Channel, Delivery, Reach};
pub use test_mail::{Sample, TEST_KIND, TestMail, Untried, test_mail};
pub use user_notice::{AdminCopy, Done, ReleasedBy, UserMessage, UserNotice};

use crate::effect::Effect;
use crate::episode::Episode;
use crate::event::{Function, Occasion};
use crate::partition::Partition;
use crate::posture::Finding;
use crate::settings::{Letterhead, Mode, Scope, Sender, Settings};
use jiff::Timestamp;
use strum::{EnumIter, IntoStaticStr};

/// A message to a user or to the administrators.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// A message to a user, with or without a copy to the administrators.
    User(UserNotice),
    /// A message to the administrators only.
    Alert(Alert),
}

impl Notice {
    /// Kind of message.
    #[must_use]
    pub fn kind(&self) -> MessageKind {
        match self {
            Self::User(notice) => notice.message.kind(),
            Self::Alert(alert) => alert.subject.kind(),
        }
    }

    /// Whether the administrators read about the user's access keys.
    #[must_use]
    pub fn names_access_keys(&self) -> bool {
        match self {
            Self::User(notice) => notice.names_access_keys(),
            Self::Alert(_) => false,
        }
    }

    /// Whether it takes the account's alias to name the account. A notice that nobody gets does not.
    #[must_use]
    pub fn wants_alias(&self) -> bool {
        let (background, is_sent) = match self {
            Self::User(notice) => {
                (&notice.background, !notice.channels.is_empty() || notice.copy != AdminCopy::Never)
            }
            Self::Alert(alert) => (&alert.background, true),
        };
        is_sent && background.letterhead.account_name.is_none()
    }

    /// What the notice is for, as a step of a plan.
    #[must_use]
    pub fn effect(&self) -> Effect {
        match self {
            // What others did is told together with what was done about it.
            Self::Alert(Alert { subject: AlertSubject::User(_, alert), background, .. })
                if background.occasion.is_of(Function::Guard) && alert.is_a_report() =>
            {
                Effect::Report
            }
            Self::Alert(Alert { subject: AlertSubject::User(..), .. }) => Effect::Alert,
            // An alert about root or the account is all that its plan does, so it is an ordinary notice.
            Self::User(_)
            | Self::Alert(Alert { subject: AlertSubject::Root(_) | AlertSubject::Account(_), .. }) => {
                Effect::Notify
            }
        }
    }
}

/// Details that every message contains.
#[derive(Debug, Clone, PartialEq)]
pub struct Background {
    /// The event or sweep that led to the message.
    pub occasion: Occasion,
    /// The episode of the user, or the one that would begin now; `None` if the message is about no user.
    pub episode: Option<Episode>,
    /// What else is known of the user, for the administrators; `None` if the message is about no user.
    pub known: Option<Known>,
    /// Id of the account.
    pub account: String,
    /// The account's partition, which determines the links.
    pub partition: Partition,
    /// `MODE` at the time of the decision.
    pub mode: Mode,
    /// What a quarantine blocks.
    pub scope: Scope,
    /// Whether somebody else has to approve the release.
    pub needs_approval: bool,
    /// Until when a sweep does not contain the user, if that is after the deadline: a day after the first notice. An
    /// event does not wait for it. `None` if the deadline is later.
    pub sweep_waits_until: Option<Timestamp>,
    /// ARN of the policy that somebody has to attach to the user by hand; `None` if nobody has to.
    pub to_attach: Option<String>,
    /// What an administrator should fix.
    pub findings: Vec<Finding>,
    /// What messages say about those who send them.
    pub letterhead: Letterhead,
    /// Who sends mail to users; `None` if SNS does.
    pub sender: Option<Box<Sender>>,
}

impl Background {
    /// The same details, with this alias of the account where no name is set.
    pub(crate) fn or_alias(self, alias: Option<&str>) -> Self {
        Self { letterhead: self.letterhead.or_alias(alias), ..self }
    }

    /// The details that the settings tell, of a message that is about no user.
    pub(crate) fn of(occasion: &Occasion, settings: &Settings) -> Self {
        Self {
            occasion: occasion.clone(),
            episode: None,
            known: None,
            account: settings.deployment.account.clone(),
            partition: settings.partition(),
            mode: settings.mode,
            scope: settings.scope,
            needs_approval: false,
            sweep_waits_until: None,
            to_attach: None,
            findings: Vec::new(),
            letterhead: settings.letterhead.clone(),
            sender: settings.sender.clone(),
        }
    }
}

/// The user a message is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// IAM user name.
    pub name: String,
    /// Unique id (`AIDA...`).
    pub id: String,
}

/// Kind of message: a stable name for logs and programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum MessageKind {
    /// A user with a new password is asked to set up MFA by the deadline.
    Welcome,
    /// A user signed in without MFA and is reminded.
    SignInReminder,
    /// A user has no MFA yet and is reminded of the deadline.
    Reminder,
    /// The last message before the deadline.
    FinalNotice,
    /// The user has been quarantined.
    Quarantined,
    /// The user is still quarantined.
    QuarantineReminder,
    /// A person quarantined the user, who has no MFA.
    QuarantinedByHand,
    /// A user has MFA, and somebody else has to approve the release.
    AwaitingApproval,
    /// A user without MFA has an exemption that ends within a week.
    ExemptionEnding,
    /// The user has been released, or is thanked for enrolling in time.
    Released,
    /// A device was enrolled by someone else, with an access key, or through an agent.
    EnrolmentAlert,
    /// A user could not be contained.
    ContainmentFailed,
    /// A user could not be released.
    ReleaseFailed,
    /// A user has MFA, but stays quarantined, because a person attached the quarantine.
    HeldByHand,
    /// A user without a password stays quarantined, because their access keys would work again.
    KeysWouldRevive,
    /// A quarantine was lifted, and the smaller one that was to follow could not be attached.
    FallbackFailed,
    /// A break-glass user signed in without MFA.
    BreakGlassSignIn,
    /// A user tried to approve their own release.
    OwnApproval,
    /// Somebody undid a quarantine.
    QuarantineUndone,
    /// Somebody undid a quarantine so often that only sweeps put it back.
    KeepsBeingUndone,
    /// Somebody removed or rewrote what the enforcer noted on a user.
    RecordsChanged,
    /// A user got a permissions boundary that may not let them enrol a device.
    EnrolmentBlocked,
    /// Somebody exempted a user.
    Exempted,
    /// A user granted an exemption to themselves, which does not count.
    SelfExempted,
    /// A user is no longer exempt, or the tag exempts nobody.
    NotExempt,
    /// Quarantines wait, because too many are due at once.
    QuarantinesHeld,
    /// Somebody changed the enforcer itself, or a trail.
    EnforcerChanged,
    /// The enforcer's stack is being updated.
    EnforcerDeployed,
    /// No trail logs the events on which the enforcer depends.
    NoTrail,
    /// The text of a quarantine policy was changed, and is right again.
    PolicyRestored,
    /// The text of a quarantine policy is lost, or the policy is gone.
    PolicyLost,
    /// A quarantine group was without its policy, and has it again.
    GroupRestored,
    /// A quarantine group does not have its policy, or is gone.
    GroupLost,
    /// A sweep could not read the account, so there is no digest.
    NoDigest,
    /// Something happened to root.
    RootAlert,
    /// A message that could not reach its user, for the administrators to pass on.
    ContactMissing,
    /// The summary of the account's MFA use.
    Digest,
}

impl MessageKind {
    /// Whether it is a message to a user, rather than to the administrators only.
    #[must_use]
    pub fn is_to_user(self) -> bool {
        matches!(
            self,
            Self::Welcome
                | Self::SignInReminder
                | Self::Reminder
                | Self::FinalNotice
                | Self::Quarantined
                | Self::QuarantineReminder
                | Self::QuarantinedByHand
                | Self::AwaitingApproval
                | Self::ExemptionEnding
                | Self::Released
        )
    }

    /// Stable name for logs and programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }
}

/// How urgent a notice is for an administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Severity {
    /// Nothing to do.
    Info,
    /// Look at it today.
    Warning,
    /// Look at it now.
    Critical,
}

impl Severity {
    /// Stable name for messages to programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }
}
