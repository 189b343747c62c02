//! A successful call to IAM, as the event history tells it.
//!
//! Must never fail: a record that is not understood is about nobody. An event is different, since nobody else looks at
//! it.

use super::actor::Actor;
use super::detail::{Detail, RequestParameters, says_nothing};
use super::read_event::{Deployment, parsed_time};
use super::record::{EventId, Subject};
use super::user_name::UserName;
use crate::event::IdentityKind;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// What the event history tells of a successful call to IAM in this account.
#[derive(Debug, Clone, PartialEq)]
pub struct PastCall {
    /// Id of the record.
    pub id: EventId,
    /// When the call was made.
    pub time: Timestamp,
    /// Name of the call, such as `AttachUserPolicy`.
    pub name: String,
    /// Whether the enforcer made it.
    pub is_ours: bool,
    /// Who made it.
    pub actor: Actor,
    /// The user the call was about.
    pub subject: Subject,
    /// Unique id of that user; `None` unless the user made the call themselves.
    pub subject_id: Option<String>,
    parameters: Value,
    response: Value,
}

/// `eventName` of a sign-in.
const SIGN_IN: &str = "ConsoleLogin";

impl PastCall {
    /// Reads a record, the JSON that the event history returns. `None` if the call failed, was made in another account,
    /// was not about a user, or is not understood.
    #[must_use]
    pub fn read(record: &str, deployment: &Deployment) -> Option<Self> {
        Self::read_any(record, deployment).filter(|call| !call.is_sign_in())
    }

    /// The same, if the record may as well be about a sign-in.
    #[must_use]
    pub fn read_any(record: &str, deployment: &Deployment) -> Option<Self> {
        let value: Value = serde_json::from_str(record).ok()?;
        let detail = Detail::deserialize(&value).ok()?;
        let is_iam = detail.event_source.get() == Some("iam.amazonaws.com");
        let is_sign_in = detail.event_source.get() == Some("signin.amazonaws.com")
            && detail.event_name.get() == Some(SIGN_IN);
        let account = detail.recipient_account_id.get();
        let is_here = account.is_none_or(|account| account == deployment.account);
        if !(is_iam || is_sign_in) || !is_here || detail.error_code.get().is_some() {
            return None;
        }
        let identity = Deserialize::deserialize(&detail.user_identity).ok()?;
        let actor = Actor::new(&identity);
        let parameters = match &detail.request_parameters {
            empty if says_nothing(empty) => RequestParameters::default(),
            given => RequestParameters::deserialize(given).ok()?,
        };
        let by_name = parameters.user_name.get();
        let subject = match by_name {
            Some(name) => Subject::User(UserName::new(name)?),
            None if actor.kind == IdentityKind::Root => Subject::Root,
            None => Subject::User(actor.user.clone()?),
        };
        let is_caller = matches!(&subject, Subject::User(name) if actor.user.as_ref() == Some(name));
        let principal = detail.user_identity.get("principalId").and_then(Value::as_str);
        Some(Self {
            id: EventId::new(detail.event_id.get()?)?,
            time: parsed_time(detail.event_time.get()?)?,
            name: detail.event_name.get()?.to_owned(),
            is_ours: deployment.is_actor(&actor, account),
            subject,
            subject_id: principal.filter(|_| is_caller).map(str::to_owned),
            actor,
            parameters: detail.request_parameters.clone(),
            response: detail.response_elements.clone(),
        })
    }

    /// Whether it is a sign-in rather than a call to IAM.
    #[must_use]
    pub fn is_sign_in(&self) -> bool {
        self.name == SIGN_IN
    }

    /// Unique id of the user that the call created; `None` if it created none.
    #[must_use]
    pub fn created_id(&self) -> Option<&str> {
        self.response.pointer("/user/userId").and_then(Value::as_str)
    }

    /// The tags that the call set, with their values.
    #[must_use]
    pub fn tags(&self) -> Vec<(String, String)> {
        let tags = self.parameters.get("tags").and_then(Value::as_array).into_iter().flatten();
        let text = |tag: &Value, field: &str| tag.get(field).and_then(Value::as_str).map(str::to_owned);
        tags.filter_map(|tag| text(tag, "key").zip(text(tag, "value"))).collect()
    }

    /// The keys of the tags that the call removed.
    #[must_use]
    pub fn tag_keys(&self) -> Vec<String> {
        let keys = self.parameters.get("tagKeys").and_then(Value::as_array).into_iter().flatten();
        keys.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// A parameter of the call; `None` if it was not given.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// The value to which the call set the tag with this key; `None` if it did not. Keys of users' tags have no case.
    #[must_use]
    pub fn tag(&self, key: &str) -> Option<&str> {
        let tags = self.parameters.get("tags").and_then(Value::as_array).into_iter().flatten();
        let is_it = |tag: &&Value| {
            let given = tag.get("key").and_then(Value::as_str);
            given.is_some_and(|given| given.eq_ignore_ascii_case(key))
        };
        tags.into_iter().find(is_it)?.get("value")?.as_str()
    }

    /// Whether the call set a tag with this key. Keys of users' tags have no case.
    #[must_use]
    pub fn sets_tag(&self, key: &str) -> bool {
        self.tag(key).is_some()
    }

    /// Whether the call removed the tag with this key. Keys of users' tags have no case.
    #[must_use]
    pub fn removes_tag(&self, key: &str) -> bool {
        let keys = self.parameters.get("tagKeys").and_then(Value::as_array);
        let is_it = |own: &Value| own.as_str().is_some_and(|own| own.eq_ignore_ascii_case(key));
        keys.is_some_and(|keys| keys.iter().any(is_it))
    }

    /// Whether the call was about the user of this name.
    #[must_use]
    pub fn is_about(&self, user: &UserName) -> bool {
        matches!(&self.subject, Subject::User(subject) if subject == user)
    }
}
