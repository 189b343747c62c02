//! The metrics that functions send: names, units and dimensions.

use strum::{EnumIter, IntoStaticStr};

/// A metric. Dashboard and alarms of the stack are checked against this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr)]
pub enum Metric {
    /// Events handled, by outcome.
    Events,
    /// Events ignored, by reason.
    Ignored,
    /// Malformed events. Apart from [`Metric::Events`], so that an alarm needs no dimension beside the function.
    Malformed,
    /// Users contained.
    Quarantines,
    /// Users released.
    Releases,
    /// Messages that SNS accepted. One to an unconfirmed address is accepted, and not delivered.
    NoticesSent,
    /// Messages that SNS refused.
    NoticesFailed,
    /// Calls to AWS, by service. A page of a list is a call.
    AwsCalls,
    /// Calls that were tried again, by service.
    AwsRetries,
    /// Users in the account, by posture.
    Users,
    /// Users in quarantine.
    Contained,
    /// Users for whom a sweep did something.
    UsersActedOn,
    /// Users for whom a sweep should have done something and could not.
    UsersFailed,
    /// Users that a sweep had no time for.
    UsersRemaining,
    /// Share of the users who need MFA and have it.
    CoveragePercent,
    /// How long an invocation took.
    Duration,
    /// Time from an event to the end of what it called for. Only for events that called for something.
    DecisionLatency,
}

/// The unit of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
pub enum Unit {
    /// A number of things, added up over a period.
    Count,
    /// From 0 to 100.
    Percent,
    /// Thousandths of a second.
    Milliseconds,
}

/// How a metric is collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collected {
    /// Counted. What is zero is not sent.
    Counter,
    /// Measured. Zeros are sent, too.
    Reading,
}

impl Metric {
    /// Its name in `CloudWatch`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Its unit.
    #[must_use]
    pub fn unit(self) -> Unit {
        self.spec().0
    }

    /// How it is collected.
    #[must_use]
    pub fn collected(self) -> Collected {
        self.spec().1
    }

    /// The dimension beside `Function`, if it has one.
    #[must_use]
    pub fn dimension(self) -> Option<&'static str> {
        self.spec().2
    }

    fn spec(self) -> (Unit, Collected, Option<&'static str>) {
        use Collected::{Counter, Reading};
        use Unit::{Count, Milliseconds, Percent};
        match self {
            Self::Events => (Count, Counter, Some("Outcome")),
            Self::Ignored => (Count, Counter, Some("Reason")),
            Self::Malformed
            | Self::Quarantines
            | Self::Releases
            | Self::NoticesSent
            | Self::NoticesFailed => (Count, Counter, None),
            Self::AwsCalls | Self::AwsRetries => (Count, Counter, Some("Service")),
            Self::Users => (Count, Reading, Some("Posture")),
            Self::Contained | Self::UsersActedOn | Self::UsersFailed | Self::UsersRemaining => {
                (Count, Reading, None)
            }
            Self::CoveragePercent => (Percent, Reading, None),
            Self::Duration | Self::DecisionLatency => (Milliseconds, Reading, None),
        }
    }
}

impl Unit {
    /// Its name in `CloudWatch`.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }
}
