//! Parses a payload into an event, a reason to ignore it, or an error that names the bad field.

use super::actor::{Actor, IdentityKind};
use super::defence::{self, OwnResources};
use super::detail::{
    Detail, RequestParameters, SignInData, SignInResponse, Text, UserIdentity, says_nothing,
};
use super::envelope::Envelope;
use super::function::Function;
use super::ignored::Ignored;
use super::malformed::{Malformed, typed};
use super::origin::Origin;
use super::record::{Event, EventId, Source, Subject};
use super::test_event::TEST_SOURCE;
use super::trigger::{Trigger, TriggerKind};
use super::trigger_spec::{About, Service};
use super::user_name::UserName;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The result of parsing a payload.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// An event to decide on.
    Event(Box<Event>),
    /// An event to ignore, and why.
    Ignored(Ignored),
}

/// Where the enforcer is deployed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deployment {
    /// The account whose users it handles. An event bus can carry events of other accounts too.
    pub account: String,
    /// The account of the hub, if the enforcer acts from there for a whole organization. Events come from anywhere in it.
    pub hub: Option<String>,
    /// Names of the roles it runs under. It must not react to their calls.
    pub roles: Vec<String>,
    /// ARNs of the policies of the quarantine, former and spare ones included.
    pub policies: Vec<String>,
    /// Names of the groups of the quarantine, former ones included.
    pub groups: Vec<String>,
    /// The rest of what is the enforcer's.
    pub resources: OwnResources,
}

/// What AWS records instead of a user name that does not exist.
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";
/// What AWS records as the user name of an IAM call about the root user.
const ROOT_AS_USER_NAME: &str = "AWS ROOT USER";

/// Parses an EventBridge payload that was sent to `function`.
///
/// # Errors
/// [`Malformed`], naming the field, if the payload is not an EventBridge event, a field has the wrong type,
/// or a field that the decision needs is missing.
pub fn read(payload: &str, function: Function, deployment: &Deployment) -> Result<Reading, Malformed> {
    read_for(payload, Some(function), deployment)
}

/// Parses an EventBridge payload that may be for any function, as [`read`] does.
///
/// # Errors
/// As for [`read`].
pub fn read_any(payload: &str, deployment: &Deployment) -> Result<Reading, Malformed> {
    read_for(payload, None, deployment)
}

fn read_for(
    payload: &str,
    function: Option<Function>,
    deployment: &Deployment,
) -> Result<Reading, Malformed> {
    let envelope = Envelope::read(payload)?;
    if envelope.is_test() {
        return Ok(Reading::Ignored(Ignored::Test));
    }
    if !envelope.is_record() {
        return Ok(Reading::Ignored(Ignored::OtherService));
    }
    if says_nothing(&envelope.detail) {
        return Err(Malformed::missing("detail"));
    }
    let detail: Detail = typed("detail", envelope.detail.clone())?;
    let service = required(&detail.event_source, "detail.eventSource")?;
    let name = required(&detail.event_name, "detail.eventName")?;
    let found = match service {
        "signin.amazonaws.com" => sign_in(name, &detail)?,
        "iam.amazonaws.com" => match iam_call(name, &detail, deployment) {
            other @ (Err(_) | Ok(Err(Ignored::OtherIamCall | Ignored::NotOfTheQuarantine))) => {
                match call_about_us(service, name, &detail, deployment) {
                    None | Some(Err(Ignored::Harmless)) => other?,
                    Some(found) => found,
                }
            }
            found => found?,
        },
        _ => call_about_us(service, name, &detail, deployment).unwrap_or(Err(Ignored::OtherService)),
    };
    let (actor, subject, trigger) = match found {
        Ok(found) => found,
        Err(ignored) => return Ok(Reading::Ignored(ignored)),
    };
    if function.is_some_and(|function| trigger.spec().function != function) {
        return Ok(Reading::Ignored(Ignored::OtherFunction));
    }
    let source = source(&envelope, &detail, &subject)?;
    let is_here = source.account == deployment.account;
    if !is_here || (deployment.hub.is_some() && !deployment.all_agree(&envelope, &detail, &actor)) {
        return Ok(Reading::Ignored(Ignored::OtherAccount));
    }
    Ok(Reading::Event(Box::new(Event { source, actor, subject, trigger })))
}

type Found = Result<(Actor, Subject, Trigger), Ignored>;

fn sign_in(name: &str, detail: &Detail) -> Result<Found, Malformed> {
    let Some(kind) = TriggerKind::named(Service::SignIn, name) else {
        return Ok(Err(other_sign_in(name)));
    };
    let identity = identity(detail)?;
    let actor = Actor::new(&identity);
    if detail.event_type.get() == Some("AwsServiceEvent") || !actor.via.is_a_person() {
        return Ok(Err(Ignored::AwsServiceEvent));
    }
    if identity.user_name.get() == Some(HIDDEN) {
        return Ok(Err(Ignored::HiddenUserName));
    }
    match actor.kind {
        IdentityKind::IamUser | IdentityKind::Root => {}
        IdentityKind::AssumedRole => return Ok(Err(Ignored::AssumedRole)),
        IdentityKind::Federated => return Ok(Err(Ignored::FederatedIdentity)),
        IdentityKind::Other => return Ok(Err(Ignored::OtherIdentity)),
    }
    let response: SignInResponse = part("detail.responseElements", &detail.response_elements)?;
    if response.console_login.get() != Some("Success") || detail.error_code.get().is_some() {
        return Ok(Err(Ignored::FailedSignIn));
    }
    let data: SignInData = part("detail.additionalEventData", &detail.additional_event_data)?;
    // Absent means unknown, and unknown does not count as used.
    if data.mfa_used.0 {
        return Ok(Err(Ignored::MfaUsed));
    }
    let subject = if actor.kind == IdentityKind::Root {
        Subject::Root
    } else {
        Subject::User(caller(&actor, &identity)?)
    };
    let trigger = (kind.spec().read)(&RequestParameters::default())?;
    Ok(Ok((actor, subject, trigger)))
}

fn other_sign_in(name: &str) -> Ignored {
    match name {
        "CheckMfa" => Ignored::CheckMfa,
        "SwitchRole" => Ignored::SwitchRole,
        _ => Ignored::OtherSignInEvent,
    }
}

/// Why all records of this service and name are ignored, whatever else they say; `None` if a record has to be read.
///
/// ```
/// use mfa_enforcer_core::event::{Ignored, screen};
///
/// assert_eq!(screen("ec2.amazonaws.com", "RunInstances"), Some(Ignored::OtherService));
/// assert_eq!(screen("iam.amazonaws.com", "CreateUser"), None);
/// ```
#[must_use]
pub fn screen(event_source: &str, event_name: &str) -> Option<Ignored> {
    match event_source {
        "signin.amazonaws.com" if TriggerKind::named(Service::SignIn, event_name).is_some() => None,
        "signin.amazonaws.com" => Some(other_sign_in(event_name)),
        _ if defence::own_call(event_source, event_name).is_some() => None,
        "iam.amazonaws.com" if TriggerKind::named(Service::Iam, event_name).is_some() => None,
        "iam.amazonaws.com" => Some(Ignored::OtherIamCall),
        _ => Some(Ignored::OtherService),
    }
}

fn iam_call(name: &str, detail: &Detail, deployment: &Deployment) -> Result<Found, Malformed> {
    let Some(kind) = TriggerKind::named(Service::Iam, name) else {
        return Ok(Err(Ignored::OtherIamCall));
    };
    if detail.error_code.get().is_some() {
        return Ok(Err(Ignored::FailedCall));
    }
    if detail.event_type.get() == Some("AwsServiceEvent") {
        return Ok(Err(Ignored::AwsServiceEvent));
    }
    let identity = identity(detail)?;
    let actor = Actor::new(&identity);
    if deployment.is_actor(&actor, detail.recipient_account_id.get()) {
        return Ok(Err(Ignored::OwnCall));
    }
    let parameters: RequestParameters = part("detail.requestParameters", &detail.request_parameters)?;
    if parameters.user_name.get() == Some(HIDDEN) {
        return Ok(Err(Ignored::HiddenUserName));
    }
    let trigger = (kind.spec().read)(&parameters)?;
    if let Err(ignored) = trigger.concern(deployment) {
        return Ok(Err(ignored));
    }
    let subject = subject(kind, &actor, &identity, &parameters)?;
    // AWS services use root's credentials for their own purposes. If the subject is an IAM user, the service
    // only passes the call on (CloudFormation creating users, for instance), and the user is real.
    if subject == Subject::Root && !actor.via.is_a_person() {
        return Ok(Err(Ignored::AwsServiceEvent));
    }
    Ok(Ok((actor, subject, trigger)))
}

/// A call that may concern the enforcer itself; `None` if calls of this name never do. Whatever is odd about such a
/// record, it is better reported than refused.
fn call_about_us(service: &str, name: &str, detail: &Detail, deployment: &Deployment) -> Option<Found> {
    let call = defence::own_call(service, name)?;
    if detail.error_code.get().is_some() {
        return Some(Err(Ignored::FailedCall));
    }
    if detail.event_type.get() == Some("AwsServiceEvent") {
        return Some(Err(Ignored::AwsServiceEvent));
    }
    let identity = identity(detail).unwrap_or_default();
    let actor = Actor::new(&identity);
    if deployment.is_actor(&actor, detail.recipient_account_id.get()) {
        return Some(Err(Ignored::OwnCall));
    }
    let via = [&identity.invoked_by, &detail.source_ip_address];
    let record = defence::Record {
        request: &detail.request_parameters,
        response: &detail.response_elements,
        by_cloudformation: via.iter().any(|name| defence::is_cloudformation(name.get())),
    };
    let touched = defence::touched(call, record, &deployment.resources)
        .filter(|_| !defence::is_of_quarantine(call.part, &detail.request_parameters, deployment));
    Some(touched.map_or(Err(Ignored::Harmless), |touched| {
        Ok((actor, Subject::Enforcer, Trigger::EnforcerTouched(touched)))
    }))
}

/// The user a call was about. The device's serial number proves nothing: anyone can give their own device the
/// name of root's.
fn subject(
    kind: TriggerKind,
    actor: &Actor,
    identity: &UserIdentity,
    parameters: &RequestParameters,
) -> Result<Subject, Malformed> {
    const PATH: &str = "detail.requestParameters.userName";
    let about = kind.spec().about;
    match about {
        About::Quarantine => return Ok(Subject::Quarantine),
        About::Enforcer => return Ok(Subject::Enforcer),
        About::User | About::UserOrCaller => {}
    }
    if let Some(name) = parameters.new_user_name.get() {
        const PATH: &str = "detail.requestParameters.newUserName";
        let name = UserName::new(name).map(Subject::User);
        return name.ok_or_else(|| Malformed::new(PATH, "is not a valid IAM user name"));
    }
    match parameters.user_name.get() {
        Some(ROOT_AS_USER_NAME) => Ok(Subject::Root),
        Some(user) => UserName::new(user)
            .map(Subject::User)
            .ok_or_else(|| Malformed::new(PATH, "is not a valid IAM user name")),
        None if about != About::UserOrCaller => Err(Malformed::missing(PATH)),
        // IAM defaults to the caller if the request names no user.
        None if actor.kind == IdentityKind::Root => Ok(Subject::Root),
        None if actor.kind == IdentityKind::IamUser => Ok(Subject::User(caller(actor, identity)?)),
        None => Err(Malformed::new(PATH, "is missing or null, and the caller is not an IAM user")),
    }
}

fn caller(actor: &Actor, identity: &UserIdentity) -> Result<UserName, Malformed> {
    const PATH: &str = "detail.userIdentity.userName";
    match (&actor.user, identity.user_name.get()) {
        (Some(user), _) => Ok(user.clone()),
        (None, Some(_)) => Err(Malformed::new(PATH, "is not a valid IAM user name")),
        (None, None) => Err(Malformed::missing(PATH)),
    }
}

fn identity(detail: &Detail) -> Result<UserIdentity, Malformed> {
    if says_nothing(&detail.user_identity) {
        return Err(Malformed::missing("detail.userIdentity"));
    }
    typed("detail.userIdentity", detail.user_identity.clone())
}

fn source(envelope: &Envelope, detail: &Detail, subject: &Subject) -> Result<Source, Malformed> {
    // Records of version 1.0 have no `eventID`.
    let id = detail.event_id.get().or(envelope.id()).ok_or_else(|| Malformed::missing("detail.eventID"))?;
    // An alert about the enforcer itself takes what it can get.
    let is_about_us = *subject == Subject::Enforcer;
    let id_of_envelope = || envelope.id().filter(|_| is_about_us).and_then(EventId::new);
    let time_of_envelope =
        |malformed| envelope.time().ok().flatten().filter(|_| is_about_us).ok_or(malformed);
    let account = detail.recipient_account_id.get().or(envelope.account());
    Ok(Source {
        id: EventId::new(id)
            .or_else(id_of_envelope)
            .ok_or_else(|| Malformed::new("detail.eventID", "is not an event id"))?,
        account: account
            .ok_or_else(|| Malformed::missing("detail.recipientAccountId"))?
            .chars()
            .take(32)
            .collect(),
        region: envelope.region().unwrap_or_default().chars().take(32).collect(),
        time: time(envelope, detail).or_else(time_of_envelope)?,
        origin: Origin::new(detail.source_ip_address.get(), detail.user_agent.get()),
    })
}

fn time(envelope: &Envelope, detail: &Detail) -> Result<Timestamp, Malformed> {
    const PATH: &str = "detail.eventTime";
    let Some(text) = detail.event_time.get() else {
        return envelope.time()?.ok_or_else(|| Malformed::missing(PATH));
    };
    parsed_time(text).ok_or_else(|| Malformed::not_a_time(PATH))
}

/// Archives hold times such as `2023-05-26 20:14:51`, which are UTC but do not say so.
pub(super) fn parsed_time(text: &str) -> Option<Timestamp> {
    text.parse::<Timestamp>().ok().or_else(|| {
        let civil: DateTime = text.parse().ok()?;
        civil.to_zoned_datetime(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    })
}

fn required<'a>(text: &'a Text, path: &str) -> Result<&'a str, Malformed> {
    text.get().ok_or_else(|| Malformed::missing(path))
}

/// Deserializes a part of `detail` that real records may leave out.
fn part<T: DeserializeOwned + Default>(path: &str, value: &Value) -> Result<T, Malformed> {
    if says_nothing(value) { Ok(T::default()) } else { typed(path, value.clone()) }
}

impl Deployment {
    /// Whether everything that names an account names this one: EventBridge, `CloudTrail`, and the caller, if it is one that
    /// only acts in its own account.
    fn all_agree(&self, envelope: &Envelope, detail: &Detail, actor: &Actor) -> bool {
        let is_this = |account: Option<&str>| account == Some(self.account.as_str());
        let acts_at_home = match actor.kind {
            IdentityKind::IamUser | IdentityKind::Root => true,
            IdentityKind::AssumedRole | IdentityKind::Federated | IdentityKind::Other => false,
        };
        is_this(envelope.account())
            && is_this(detail.recipient_account_id.get())
            && (!acts_at_home || is_this(actor.account.as_deref()))
    }

    /// Whether the actor is the enforcer itself: one of its roles, in the account that recorded the event.
    pub(super) fn is_actor(&self, actor: &Actor, recipient: Option<&str>) -> bool {
        let own_account = match (actor.account.as_deref(), recipient) {
            (Some(caller), Some(recipient)) => caller == recipient,
            (None, _) | (_, None) => true,
        };
        own_account
            && actor.kind == IdentityKind::AssumedRole
            && actor.role().is_some_and(|role| self.roles.iter().any(|own| own == role))
    }
}

/// What identifies a record in the log, for payloads that did not become an event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Label {
    /// `eventName`; `None` unless it is 1 to 64 letters and digits.
    pub name: Option<String>,
    /// `eventID`, or the envelope's id.
    pub id: Option<EventId>,
}

/// Extracts the label from a payload that was ignored or malformed. Of a test, the id that EventBridge gave it is all.
#[must_use]
pub fn label(payload: &str) -> Label {
    let value: Value = serde_json::from_str(payload).unwrap_or_default();
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
    let named =
        |name: &&str| (1..=64).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric());
    if text("/source") == Some(TEST_SOURCE) {
        return Label { name: None, id: text("/id").and_then(EventId::new) };
    }
    Label {
        name: text("/detail/eventName").filter(named).map(str::to_owned),
        id: text("/detail/eventID").or_else(|| text("/id")).and_then(EventId::new),
    }
}
