//! A message of a dead-letter queue: what it is, why it is there, and where it goes.

use super::in_history::InHistory;
use super::one_line;
use super::own_functions::OwnFunctions;
use crate::event::{EventId, Function, Malformed, SweepReading, SweepRequest, label, read_request};
use crate::organization::{AccountOrder, account_number, is_list_order};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use strum::IntoStaticStr;

/// What EventBridge and its schedules write beside a body.
const RULE: &str = "RULE_ARN";
const SCHEDULE: &str = "SCHEDULE_ARN";
const TARGET: &str = "TARGET_ARN";
const ERROR_CODE: &str = "ERROR_CODE";
const ERROR_MESSAGE: &str = "ERROR_MESSAGE";
const IS_TRUNCATED: &str = "IS_PAYLOAD_TRUNCATED";
/// An error is shown up to here.
const ERROR_LIMIT: usize = 300;
/// IAM allows 64 characters in a name, and a record may hold what somebody typed instead.
const NAME_LIMIT: usize = 64;

/// A queue for what could not be handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Queue {
    /// Of events, and of orders that did not reach their queue (`DeadLetters`).
    Events,
    /// Of orders for sweeps that did not finish (`SweepDeadLetters`).
    Sweeps,
    /// Of orders to sweep single accounts of an organization (`AccountDeadLetters`), which only a hub has.
    Accounts,
}

impl Queue {
    /// How the template calls it.
    #[must_use]
    pub fn logical(self) -> &'static str {
        match self {
            Self::Events => "DeadLetters",
            Self::Sweeps => "SweepDeadLetters",
            Self::Accounts => "AccountDeadLetters",
        }
    }

    /// Whether it keeps order: while messages of a group are out, it gives out no other of that group.
    #[must_use]
    pub fn keeps_order(self) -> bool {
        match self {
            Self::Events => false,
            Self::Sweeps | Self::Accounts => true,
        }
    }
}

/// A message, as a queue gives it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The queue.
    pub queue: Queue,
    /// Its id in the queue.
    pub id: String,
    /// When it was sent there.
    pub sent: Option<Timestamp>,
    /// What it says.
    pub body: String,
    /// What is written beside it.
    pub attributes: BTreeMap<String, String>,
}

/// What was read of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The queue.
    pub queue: Queue,
    /// Id of the message.
    pub id: String,
    /// When it was sent there.
    pub sent: Option<Timestamp>,
    /// What it is about.
    pub about: About,
    /// Why it is there, in words; `None` if it does not say.
    pub error: Option<String>,
    /// Where it goes, or why it stays.
    pub route: Result<Route, Stays>,
    /// What `CloudTrail`'s event history says of it; `None` if it was not asked.
    pub history: Option<InHistory>,
}

/// What an event says it is about, for whoever looks at it. Nothing is decided by it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct About {
    /// Id of the event in `CloudTrail`.
    pub id: Option<String>,
    /// Name of the call, or of the sweep.
    pub name: Option<String>,
    /// The user, or `root`.
    pub user: Option<String>,
    /// Number of the account that it is about.
    pub account: Option<String>,
    /// When it happened.
    pub time: Option<Timestamp>,
}

/// Where a dead letter goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// Into a function.
    Function {
        /// Which one.
        function: Function,
        /// How Lambda calls it.
        name: String,
        /// The whole event.
        payload: String,
    },
    /// Into the queue of the orders, where one sweep waits for the other.
    Sweep(SweepRequest),
    /// Into the same queue: an order to list the organization.
    List,
    /// Into the queue of accounts, where each waits for nobody else.
    Account(AccountOrder),
    /// Nowhere: it came too late, and later sweeps of the account have done the same.
    Outdated(AccountOrder),
}

/// Why a dead letter is left where it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stays {
    /// It has no known form.
    #[error(
        "its form is not known: it is neither an event that did not reach a function, nor one that a function could not \
         handle, nor an order for a sweep"
    )]
    Unknown,
    /// Only a part of the event is there.
    #[error("AWS cut the event off, so there is nothing to run")]
    Truncated,
    /// The event is not there.
    #[error("it does not hold an event, so there is nothing to run")]
    NoEvent,
    /// The order cannot be read.
    #[error("it is not an order for a sweep ({0})")]
    NotAnOrder(Malformed),
    /// It was to be forwarded.
    #[error(
        "it was to be forwarded to the event bus {0}, which this program does not do: sweeps make up for it"
    )]
    ForABus(String),
    /// It was to be published.
    #[error("it was to be published on the topic {0}, which this program does not do")]
    ForATopic(String),
    /// It names something that is not a function of the stack.
    #[error("{0} is not a function of this stack, and nothing else is called")]
    NotOfTheStack(String),
    /// The event history does not have it, and nobody watches.
    #[error("{1}. --yes runs only what is there: look at it, then run this without --yes")]
    NotInHistory(Function, &'static str),
}

/// What Lambda writes of an event that a function could not handle.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InvocationRecord<'a> {
    request_context: RequestContext,
    #[serde(borrow)]
    request_payload: Option<&'a RawValue>,
    #[serde(default)]
    response_payload: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext {
    function_arn: String,
    #[serde(default)]
    condition: String,
}

/// Why it is there, what it is about, and where it goes.
type Read = (Option<String>, About, Result<Route, Stays>);

impl DeadLetter {
    /// Reads a message of a stack with these functions.
    #[must_use]
    pub fn read(message: &Message, own: &OwnFunctions, now: Timestamp) -> Self {
        let attribute = |name: &str| message.attributes.get(name).map(String::as_str);
        let cut = attribute(IS_TRUNCATED).is_some_and(|is| is.eq_ignore_ascii_case("true"));
        let (error, about, route) = match (message.queue, attribute(SCHEDULE), attribute(RULE)) {
            (Queue::Sweeps, _, _) => {
                let (about, route) = order(&message.body, own, now);
                (Some("the sweep did not finish in three runs".to_owned()), about, route)
            }
            (Queue::Accounts, _, _) => {
                let (about, route) = order_of_account(&message.body, now);
                (Some("the account could not be swept in three runs".to_owned()), about, route)
            }
            (Queue::Events, Some(schedule), _) => of_schedule(message, schedule, own, now),
            (Queue::Events, None, Some(rule)) => {
                let target = attribute(TARGET).unwrap_or_default();
                let (about, route) = event(target, &message.body, own, now);
                (Some(undelivered(message, "rule", rule)), about, route)
            }
            (Queue::Events, None, None) => of_function(&message.body, own, now),
        };
        let route = if cut { Err(Stays::Truncated) } else { route };
        Self {
            queue: message.queue,
            id: message.id.clone(),
            sent: message.sent,
            about,
            error,
            route,
            history: None,
        }
    }

    /// The function that it is for.
    #[must_use]
    pub fn function(&self) -> Option<Function> {
        match &self.route {
            Ok(Route::Function { function, .. }) | Err(Stays::NotInHistory(function, _)) => Some(*function),
            Ok(Route::Sweep(_) | Route::List | Route::Account(_) | Route::Outdated(_)) => {
                Some(Function::Sweep)
            }
            Err(_) => None,
        }
    }
}

/// What a schedule could not put into the queue of the orders: the order itself, or the call with it.
fn of_schedule(message: &Message, schedule: &str, own: &OwnFunctions, now: Timestamp) -> Read {
    let call: Option<Value> = serde_json::from_str(&message.body).ok();
    let body = call.as_ref().and_then(|call| call.get("MessageBody")).and_then(Value::as_str);
    let (about, route) = order(body.unwrap_or(&message.body), own, now);
    (Some(undelivered(message, "schedule", schedule)), about, route)
}

fn of_function(body: &str, own: &OwnFunctions, now: Timestamp) -> Read {
    let Ok(record) = serde_json::from_str::<InvocationRecord<'_>>(body) else {
        return (None, About::default(), Err(Stays::Unknown));
    };
    let answer = &record.response_payload;
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    let error = match (text("errorType"), text("errorMessage")) {
        (Some(kind), Some(message)) => format!("{kind}: {message}"),
        (kind, message) => kind.or(message).unwrap_or(&record.request_context.condition).to_owned(),
    };
    let payload = record.request_payload.map(RawValue::get).unwrap_or_default();
    let (about, route) = event(&record.request_context.function_arn, payload, own, now);
    (Some(one_line(&error, ERROR_LIMIT)).filter(|error| !error.is_empty()), about, route)
}

/// What an event for this target is about, and where it goes.
fn event(target: &str, payload: &str, own: &OwnFunctions, now: Timestamp) -> (About, Result<Route, Stays>) {
    let found = own.named(target);
    if let Some((Function::Sweep, _)) = found {
        return order(payload, own, now);
    }
    let about = About::of_event(payload);
    let is_event = serde_json::from_str::<Value>(payload).is_ok_and(|payload| payload.is_object());
    let route = match found {
        Some(_) if !is_event => Err(Stays::NoEvent),
        Some((function, name)) => {
            Ok(Route::Function { function, name: name.to_owned(), payload: payload.to_owned() })
        }
        None => Err(elsewhere(target)),
    };
    (about, route)
}

fn elsewhere(target: &str) -> Stays {
    let named = one_line(target, ERROR_LIMIT);
    match target.split(':').nth(2) {
        Some("events") => Stays::ForABus(named),
        Some("sns") => Stays::ForATopic(named),
        Some(_) => Stays::NotOfTheStack(named),
        None => Stays::Unknown,
    }
}

/// An order for the queue in which sweeps wait for each other.
fn order(body: &str, own: &OwnFunctions, now: Timestamp) -> (About, Result<Route, Stays>) {
    // Only the sweep of a hub knows it.
    if own.is_of_hub() && is_list_order(body) {
        let about = About { name: Some("list of the organization".to_owned()), ..About::default() };
        return (about, Ok(Route::List));
    }
    match read_request(body, now) {
        Ok(SweepReading::Sweep(request)) => {
            let name = format!("{} sweep", request.kind.name());
            let about = About { name: Some(name), time: Some(request.time), ..About::default() };
            (about, Ok(Route::Sweep(request)))
        }
        Ok(SweepReading::Ignored(_)) => (About::of_event(body), Err(Stays::Unknown)),
        Err(malformed) => (About::of_event(body), Err(Stays::NotAnOrder(malformed))),
    }
}

/// An order to sweep one account.
fn order_of_account(body: &str, now: Timestamp) -> (About, Result<Route, Stays>) {
    match AccountOrder::read(body, now) {
        Ok(order) => {
            let about = About {
                name: Some(format!("{} sweep", order.request.kind.name())),
                account: Some(order.account.clone()),
                time: Some(order.request.time),
                ..About::default()
            };
            let is_outdated = order.is_made_up_for(now);
            (about, Ok(if is_outdated { Route::Outdated(order) } else { Route::Account(order) }))
        }
        Err(malformed) => (About::of_event(body), Err(Stays::NotAnOrder(malformed))),
    }
}

/// Why EventBridge gave up. The last part of an ARN is the name.
fn undelivered(message: &Message, kind: &str, arn: &str) -> String {
    let attribute = |name: &str| message.attributes.get(name).map(String::as_str);
    let name = arn.rsplit('/').next().unwrap_or(arn);
    let why: Vec<&str> = [attribute(ERROR_CODE), attribute(ERROR_MESSAGE)].into_iter().flatten().collect();
    one_line(&format!("the {kind} {name} could not deliver it: {}", why.join(": ")), ERROR_LIMIT)
}

impl About {
    /// What can be told of an event, whatever its form.
    fn of_event(payload: &str) -> Self {
        let value: Value = serde_json::from_str(payload).unwrap_or_default();
        let text =
            |pointer: &str| value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
        let known = label(payload);
        let kind = || text("/detail-type").map(|kind| one_line(kind, NAME_LIMIT));
        let user = text("/detail/requestParameters/userName")
            .or_else(|| text("/detail/requestParameters/newUserName"))
            .or_else(|| text("/detail/userIdentity/userName"));
        let is_root = user.is_none() && text("/detail/userIdentity/type") == Some("Root");
        let time = text("/detail/eventTime").or_else(|| text("/time"));
        Self {
            id: known.id.as_ref().map(EventId::to_string),
            name: known.name.or_else(kind),
            account: text("/account").and_then(|account| account_number(account).ok()),
            user: user.map(|user| one_line(user, NAME_LIMIT)).or_else(|| is_root.then(|| "root".to_owned())),
            time: time.and_then(|time| time.parse().ok()),
        }
    }
}
