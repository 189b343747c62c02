//! The metrics that the functions send: names, units and dimensions.

use strum::{EnumIter, IntoStaticStr};

/// A metric. The stack's dashboard and alarms are checked against this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr)]
pub enum Metric {
    /// Events handled, by outcome.
    Events,
    /// Events ignored, by reason.
    Ignored,
    /// Malformed events. Separate from [`Metric::Events`], so that an alarm needs no dimension besides the function.
    Malformed,
    /// Users contained.
    Quarantines,
    /// Users released.
    Releases,
    /// Messages that SNS accepted. That includes messages to unconfirmed addresses, which are not delivered.
    NoticesSent,
    /// Messages that SNS did not accept.
    NoticesFailed,
    /// Acts and findings that could not be put on the event bus.
    EventsLost,
    /// Calls to AWS, by service. Each page of a list is a call.
    AwsCalls,
    /// Calls to AWS that were retried, by service.
    AwsRetries,
    /// Users in the account, by posture.
    Users,
    /// Users in quarantine.
    Contained,
    /// Users for whom a sweep did something.
    UsersActedOn,
    /// Users for whom something failed during a sweep.
    UsersFailed,
    /// Users for whom a sweep had no time left.
    UsersRemaining,
    /// Share of the console users who have MFA.
    CoveragePercent,
    /// Share of the users who need MFA (console users without an exemption) who have it or are contained.
    ProtectedPercent,
    /// Subscriptions of the alerts topic that are confirmed. Not sent if they could not be listed.
    AlertsSubscribers,
    /// 1 if a trail logs the events that the enforcer needs, 0 if none does. Not sent if that is not known.
    TrailLogging,
    /// Accounts of the organization that the daily sweeps covered.
    AccountsCovered,
    /// Accounts that they did not cover although people may work in them. Accounts that never had the stack are among them.
    AccountsNotCovered,
    /// Those of them that an earlier digest had as covered, not longer ago than a week.
    AccountsNoLongerCovered,
    /// Duration of an invocation.
    Duration,
    /// Time from an event until its plan was carried out. Only for events that required action.
    DecisionLatency,
}

/// The unit of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
pub enum Unit {
    /// A number of things.
    Count,
    /// A share, from 0 to 100.
    Percent,
    /// A duration in thousandths of a second.
    Milliseconds,
}

/// How a metric is collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collected {
    /// Counted; zeros are not sent.
    Counter,
    /// Measured; zeros are sent as well.
    Reading,
}

impl Metric {
    /// The metric's name in `CloudWatch`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The unit the metric is sent with.
    #[must_use]
    pub fn unit(self) -> Unit {
        self.spec().0
    }

    /// How the metric is collected.
    #[must_use]
    pub fn collected(self) -> Collected {
        self.spec().1
    }

    /// The dimension besides `Function`; `None` if there is no other.
    #[must_use]
    pub fn dimension(self) -> Option<&'static str> {
        self.spec().2
    }

    /// Whether the sweep's function sends it, or else those that handle events.
    #[must_use]
    pub fn is_sent_by(self, sweep: bool) -> bool {
        match self {
            Self::Users
            | Self::Contained
            | Self::UsersActedOn
            | Self::UsersFailed
            | Self::UsersRemaining
            | Self::CoveragePercent
            | Self::ProtectedPercent
            | Self::AlertsSubscribers
            | Self::TrailLogging
            | Self::AccountsCovered
            | Self::AccountsNotCovered
            | Self::AccountsNoLongerCovered => sweep,
            Self::DecisionLatency => !sweep,
            Self::Events
            | Self::Ignored
            | Self::Malformed
            | Self::Quarantines
            | Self::Releases
            | Self::NoticesSent
            | Self::NoticesFailed
            | Self::EventsLost
            | Self::AwsCalls
            | Self::AwsRetries
            | Self::Duration => true,
        }
    }

    /// Whether only the hub of an organization sends it.
    #[must_use]
    pub fn is_of_hub(self) -> bool {
        matches!(self, Self::AccountsCovered | Self::AccountsNotCovered | Self::AccountsNoLongerCovered)
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
            | Self::NoticesFailed
            | Self::EventsLost => (Count, Counter, None),
            Self::AwsCalls | Self::AwsRetries => (Count, Counter, Some("Service")),
            Self::Users => (Count, Reading, Some("Posture")),
            Self::Contained
            | Self::UsersActedOn
            | Self::UsersFailed
            | Self::UsersRemaining
            | Self::AlertsSubscribers
            | Self::TrailLogging
            | Self::AccountsCovered
            | Self::AccountsNotCovered
            | Self::AccountsNoLongerCovered => (Count, Reading, None),
            Self::CoveragePercent | Self::ProtectedPercent => (Percent, Reading, None),
            Self::Duration | Self::DecisionLatency => (Milliseconds, Reading, None),
        }
    }
}

impl Unit {
    /// The unit's name in `CloudWatch`.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }
}
