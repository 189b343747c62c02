//! The entry about what an operator did by hand.

use super::body::{Draft, Event, Level, Place, State, User};
use super::{BusEvent, DetailType};
use crate::decide::{Exempting, Operator, Order};
use crate::facts::UserFacts;
use crate::notice::TEST_KIND;
use crate::plan::Step;
use crate::reason::Reason;
use crate::settings::Settings;
use jiff::Timestamp;

/// What an operator did.
#[derive(Debug, Clone, Copy)]
pub struct OperatorAct<'a> {
    /// What they ordered.
    pub order: &'a Order,
    /// Who they are.
    pub operator: Operator<'a>,
    /// What they call themselves, which nobody checks.
    pub label: Option<&'a str>,
    /// Why, for an order that has no exemption to say so.
    pub reason: Option<&'a str>,
    /// The user, as they were before.
    pub user: &'a UserFacts,
    /// The steps that were carried out.
    pub done: &'a [Step],
    /// When.
    pub at: Timestamp,
}

/// The entry about it.
#[must_use]
pub fn event_of_operator(act: OperatorAct<'_>, settings: &Settings) -> BusEvent {
    let OperatorAct { order, operator, label, reason, user, done, at } = act;
    let (kind, level) = match order {
        Order::Exempt(_) | Order::Release(_) => ("exemption", Level::Medium),
        Order::Approve => ("approval", Level::Medium),
        Order::Contain => ("containment", Level::High),
    };
    let name = user.name.as_str();
    let title = match order.exempting() {
        Some(Exempting { until, .. }) => format!("an operator exempted {name} until {until}"),
        None if *order == Order::Contain => format!("an operator put {name} under quarantine"),
        None => format!("an operator approved the release of {name}"),
    };
    let why = order.exempting().map(|exempting| exempting.reason.as_str()).or(reason);
    let why = why.map(|why| format!(" Reason: {why}.")).unwrap_or_default();
    let label = label.map(|label| format!(", who says to be {label}")).unwrap_or_default();
    let draft = Draft {
        detail_type: DetailType::AccountChange,
        kind,
        code: Reason::ByOperator.code(),
        // It happened once.
        finding: format!("operator {}", operator.id),
        state: State::New,
        level,
        place: Place::User(User { name: name.to_owned(), id: user.id.clone(), arn: settings.user_arn(user) }),
        text: format!("{title}, by {}{label}.{why}", operator.arn),
        title,
        event: Event {
            id: operator.id.to_string(),
            name: format!("mfa-enforcer {}", order.name()),
            time: at,
        },
        time: at,
    };
    let mut body = draft.body(settings);
    body.done = done.iter().map(ToString::to_string).collect();
    body.entry(DetailType::AccountChange)
}

/// The entry about a mail that an operator sent to try it. To whom, it does not say.
#[must_use]
pub fn event_of_test(
    operator: Operator<'_>,
    label: Option<&str>,
    settings: &Settings,
    at: Timestamp,
) -> BusEvent {
    let label = label.map(|label| format!(", who says to be {label}")).unwrap_or_default();
    let title = "an operator sent a mail to try it".to_owned();
    let draft = Draft {
        detail_type: DetailType::AccountChange,
        kind: "notice",
        code: TEST_KIND,
        finding: format!("operator {}", operator.id),
        state: State::New,
        level: Level::Informational,
        place: Place::Account,
        text: format!("{title}, by {}{label}.", operator.arn),
        title,
        event: Event { id: operator.id.to_string(), name: "mfa-enforcer notify".to_owned(), time: at },
        time: at,
    };
    draft.body(settings).entry(DetailType::AccountChange)
}
