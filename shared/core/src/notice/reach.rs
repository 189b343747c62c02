//! The ways to reach a user, and whether one did.

use std::fmt;
use strum::{EnumIter, IntoStaticStr};

/// A way to reach a user.
#[derive(Clone, PartialEq, Eq)]
pub enum Channel {
    /// The user's own SNS topic, with an e-mail subscription.
    Topic {
        /// Name of the topic.
        name: String,
        /// Address to subscribe unless it is already subscribed.
        email: String,
    },
    /// A mail from the company's own address, which needs no subscription either.
    Mail {
        /// Address.
        email: String,
    },
    /// A text message, which needs no subscription.
    Sms {
        /// Number in E.164 format.
        phone: String,
    },
}

impl fmt::Debug for Channel {
    /// Omits the address and the number, which are personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Topic { name, .. } => f.debug_struct("Topic").field("name", name).finish_non_exhaustive(),
            Self::Mail { .. } => f.debug_struct("Mail").finish_non_exhaustive(),
            Self::Sms { .. } => f.debug_struct("Sms").finish_non_exhaustive(),
        }
    }
}

/// The result of sending a message to a user on one channel, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Delivery {
    /// AWS will never accept the address or number.
    Refused,
    /// SES sends nothing to this address for now: the company's address is not verified, SES is in its sandbox, or sending
    /// is paused.
    SenderRefused,
    /// AWS did not accept the message; it will be tried again.
    Failed,
    /// The owner of the address has not confirmed the subscription, so the mail waits.
    Unconfirmed,
    /// SNS took a text message. It says nothing about whether one arrives: beyond the account's spending limit, for
    /// instance, SNS takes messages and drops them.
    HandedOver,
    /// SNS accepted the mail for a confirmed address, or SES accepted it.
    Sent,
}

/// Whether the user was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The user has no known address or number.
    NobodyToTell,
    /// The best result of any channel, where no text message was handed over.
    Tried(Delivery),
    /// SNS took a text message, and no mail.
    HandedOver {
        /// What became of the mail; `None` if no e-mail address is known.
        mail: Option<Delivery>,
    },
}

impl Reach {
    /// Sums up the results of all channels of a notice.
    #[must_use]
    pub fn of(deliveries: &[Delivery]) -> Self {
        match deliveries.iter().max() {
            None => Self::NobodyToTell,
            Some(Delivery::HandedOver) => {
                let mail = deliveries.iter().filter(|delivery| **delivery != Delivery::HandedOver).max();
                Self::HandedOver { mail: mail.copied() }
            }
            Some(best) => Self::Tried(*best),
        }
    }

    /// Whether the message is still owed, so that it is sent again or somebody else has to pass it on.
    ///
    /// A text message is the best there is only where no mail can ever be sent. Where an address waits to be confirmed,
    /// the mail stays owed.
    #[must_use]
    pub fn is_missed(self) -> bool {
        match self {
            Self::Tried(Delivery::Sent | Delivery::HandedOver)
            | Self::HandedOver { mail: None | Some(Delivery::Refused) } => false,
            Self::NobodyToTell | Self::Tried(_) | Self::HandedOver { mail: Some(_) } => true,
        }
    }

    /// Whether no message can arrive until somebody corrects the user's address or number.
    #[must_use]
    pub fn needs_a_contact(self) -> bool {
        matches!(self, Self::NobodyToTell | Self::Tried(Delivery::Refused))
    }
}
