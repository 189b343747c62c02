//! The subscriptions of a topic, as SNS lists them, and what follows from them.

use crate::facts::Mailbox;

/// What SNS lists in place of a subscription's ARN until its owner confirms it.
const PENDING: &str = "PendingConfirmation";
/// Protocols that deliver mail. What else is subscribed to a user's topic, such as a queue, somebody has put there on
/// purpose.
const MAIL: [&str; 2] = ["email", "email-json"];

/// One subscription.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Subscription {
    /// How messages are delivered, such as `email`.
    pub protocol: String,
    /// Where they are delivered.
    pub endpoint: String,
    /// Its ARN, or `PendingConfirmation`, or `Deleted`: one that has ended can still be listed.
    pub arn: String,
}

/// What the subscriptions of a user's own topic mean for their address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailing {
    /// Whether messages arrive at the address.
    pub mailbox: Mailbox,
    /// ARNs of the confirmed subscriptions of other addresses, such as the one the user had before. They are to end before
    /// the next message. One that is not confirmed cannot be ended; it gets nothing, and SNS deletes it after 48 hours.
    pub former: Vec<String>,
}

impl Subscription {
    /// Whether its owner has confirmed it, so that it gets messages.
    #[must_use]
    pub fn is_confirmed(&self) -> bool {
        self.arn.starts_with("arn:")
    }

    /// Whether its owner has not confirmed it yet.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.arn == PENDING
    }

    fn is_of(&self, email: &str) -> bool {
        self.endpoint.eq_ignore_ascii_case(email)
    }
}

impl std::fmt::Debug for Subscription {
    /// Omits the endpoint, which is personal data, and so is an ARN next to it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscription").field("confirmed", &self.is_confirmed()).finish_non_exhaustive()
    }
}

impl Mailing {
    /// Sums up all subscriptions of a user's own topic.
    #[must_use]
    pub fn of(subscriptions: &[Subscription], email: &str) -> Self {
        let own = || {
            subscriptions
                .iter()
                .filter(|subscription| subscription.protocol == "email" && subscription.is_of(email))
        };
        let mailbox = if own().any(Subscription::is_confirmed) {
            Mailbox::Confirmed
        } else if own().any(Subscription::is_pending) {
            Mailbox::Unconfirmed
        } else {
            Mailbox::NotSubscribed
        };
        let is_former = |subscription: &&Subscription| {
            subscription.is_confirmed()
                && MAIL.contains(&subscription.protocol.as_str())
                && !subscription.is_of(email)
        };
        let former = subscriptions.iter().filter(is_former).map(|former| former.arn.clone()).collect();
        Self { mailbox, former }
    }
}

/// How many of the subscriptions get messages.
#[must_use]
pub fn count_confirmed(subscriptions: &[Subscription]) -> usize {
    subscriptions.iter().filter(|subscription| subscription.is_confirmed()).count()
}

#[cfg(test)]
mod tests {
    use super::{Mailing, Subscription, count_confirmed};
    use crate::facts::Mailbox;

    const ARN: &str = "arn:aws:sns:us-east-1:123456789012:topic:1";

    fn of(protocol: &str, endpoint: &str, arn: &str) -> Subscription {
        Subscription { protocol: protocol.to_owned(), endpoint: endpoint.to_owned(), arn: arn.to_owned() }
    }

    #[test]
    fn mailbox_is_that_of_the_own_address() {
        let mailbox = |list: &[Subscription]| Mailing::of(list, "bob@example.com").mailbox;
        assert_eq!(mailbox(&[]), Mailbox::NotSubscribed);
        for (endpoint, arn, expected) in [
            ("Bob@Example.com", ARN, Mailbox::Confirmed),
            ("bob@example.com", "PendingConfirmation", Mailbox::Unconfirmed),
            ("bob@example.com", "Deleted", Mailbox::NotSubscribed),
            ("old@example.com", ARN, Mailbox::NotSubscribed),
        ] {
            assert_eq!(mailbox(&[of("email", endpoint, arn)]), expected, "{endpoint} {arn}");
        }
        assert_eq!(mailbox(&[of("sqs", "bob@example.com", ARN)]), Mailbox::NotSubscribed);
    }

    #[test]
    fn confirmed_addresses_of_other_people_are_former() {
        let list = [
            of("email", "BOB@example.com", ARN),
            of("email", "old@example.com", "arn:1"),
            of("email", "pending@example.com", "PendingConfirmation"),
            of("email", "ended@example.com", "Deleted"),
            of("email-json", "bob@example.com", "arn:2"),
            of("email-json", "old@example.com", "arn:3"),
            of("sqs", "arn:aws:sqs:us-east-1:123456789012:archive", "arn:4"),
        ];
        assert_eq!(Mailing::of(&list, "bob@example.com").former, ["arn:1", "arn:3"]);
    }

    #[test]
    fn only_confirmed_subscriptions_count() {
        let list = [
            of("email", "a@example.com", "PendingConfirmation"),
            of("email", "b@example.com", "Deleted"),
            of("https", "https://example.com", ARN),
        ];
        assert_eq!(count_confirmed(&list), 1);
        assert_eq!(count_confirmed(&[]), 0);
    }
}
