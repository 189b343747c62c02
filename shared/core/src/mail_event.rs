//! What SES tells of a mail that did not arrive: a bounce, or a complaint. The mail's tags name the user.
//!
//! Such an event is no record of `CloudTrail`: it has no actor, and the address is in it. It leads to a note on the user,
//! or on the alerts topic if it is about the digest, and to nothing else.

use crate::change::Change;
use crate::contact::Contact;
use crate::digest::{DIGEST_BOUNCED_KEY, Note};
use crate::event::{Envelope, EventId, Function, Ignored, Malformed, UserName};
use crate::facts::UserFacts;
use crate::notice::{ACCOUNT_TAG, KIND_TAG, MessageKind, TEST_KIND, USER_TAG};
use crate::plan::{Plan, Step};
use crate::reason::Reason;
use crate::settings::{Sender, Settings};
use crate::tags::{MailNote, MailState, UserTag};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::Value;
use std::fmt;

/// Source of the events of SES.
const SOURCE: &str = "aws.ses";
/// The tag that SES itself gives each mail.
const SET_TAG: &str = "ses:configuration-set";
/// The function that handles them.
const FUNCTION: Function = Function::UserLifecycle;

/// What came of reading a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailReading {
    /// It is not an event of SES.
    NotOfSes,
    /// An event to ignore, and why.
    Ignored(Ignored),
    /// An event to decide on.
    Event(MailEvent),
    /// The digest did not arrive.
    Digest(DigestBounce),
}

/// A digest that did not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestBounce {
    /// Id of the event.
    pub id: EventId,
    /// The account that sent the mail.
    pub account: String,
    /// What to note on the alerts topic.
    pub note: MailNote,
}

/// A mail that did not arrive.
#[derive(Clone, PartialEq, Eq)]
pub struct MailEvent {
    /// Id of the event.
    pub id: EventId,
    /// The account that sent the mail.
    pub account: String,
    /// The user to whom it went.
    pub user: UserName,
    /// What became of it; `None` if it may still arrive, or a later one.
    state: Option<MailState>,
    time: Timestamp,
    /// Personal data, so it must never be logged.
    email: String,
}

impl fmt::Debug for MailEvent {
    /// Omits the address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailEvent").field("id", &self.id).field("state", &self.state).finish_non_exhaustive()
    }
}

/// Whether it is about a mail of ours to somebody of this account. A hub sends the mail of all accounts.
fn is_here(sent_by: &str, about: Option<&str>, settings: &Settings) -> bool {
    let own = &settings.deployment.account;
    match &settings.deployment.hub {
        Some(hub) => sent_by == hub && about == Some(own),
        None => sent_by == own,
    }
}

/// The account that an event of SES is about; `None` if it is none.
pub(crate) fn account_of_mail(envelope: &Envelope) -> Option<&str> {
    tag(&envelope.detail, ACCOUNT_TAG).filter(|_| is_of_ses(envelope))
}

/// Whether functions take this for an event of SES, whatever else is in it.
pub(crate) fn is_of_ses(envelope: &Envelope) -> bool {
    envelope.source == SOURCE
}

/// Parses a payload that was sent to `function`.
///
/// # Errors
/// [`Malformed`], naming the field, if an event of SES lacks what the decision needs.
pub fn read_mail(payload: &str, function: Function, settings: &Settings) -> Result<MailReading, Malformed> {
    let Ok(envelope) = Envelope::read(payload) else { return Ok(MailReading::NotOfSes) };
    if !is_of_ses(&envelope) {
        return Ok(MailReading::NotOfSes);
    }
    let ignored = |reason| Ok(MailReading::Ignored(reason));
    let detail = &envelope.detail;
    let state = match envelope.detail_type.as_str() {
        // What may arrive later is tried again by SES itself.
        "Email Bounced" => {
            let is_final = text(detail, "/bounce/bounceType") == Some("Permanent");
            is_final.then_some(MailState::Bounced)
        }
        "Email Complaint Received" => Some(MailState::Complained),
        _ => return ignored(Ignored::OtherService),
    };
    let set = settings.sender.as_ref().and_then(|sender| sender.configuration_set.as_deref());
    if set.is_none() || tag(detail, SET_TAG) != set {
        return ignored(Ignored::OtherService);
    }
    if function != FUNCTION {
        return ignored(Ignored::OtherFunction);
    }
    let account = envelope.account().ok_or_else(|| Malformed::missing("account"))?;
    if !is_here(account, tag(detail, ACCOUNT_TAG), settings) {
        return ignored(Ignored::OtherAccount);
    }
    if tag(detail, KIND_TAG) == Some(TEST_KIND) {
        return ignored(Ignored::MailAboutNobody);
    }
    if tag(detail, KIND_TAG) == Some(MessageKind::Digest.code()) {
        let id = envelope.id().and_then(EventId::new).ok_or_else(|| Malformed::missing("id"))?;
        let time = envelope.time()?.ok_or_else(|| Malformed::missing("time"))?;
        let note = of_digest(detail, state, settings.sender.as_deref(), time);
        let bounce = note.map(|note| DigestBounce { id, account: account.to_owned(), note });
        return Ok(bounce.map_or(MailReading::Ignored(Ignored::MailAboutNobody), MailReading::Digest));
    }
    let user = tag(detail, USER_TAG).ok_or_else(|| Malformed::missing("detail.mail.tags.user"))?;
    let email =
        text(detail, "/mail/destination/0").ok_or_else(|| Malformed::missing("detail.mail.destination"))?;
    Ok(MailReading::Event(MailEvent {
        id: envelope.id().and_then(EventId::new).ok_or_else(|| Malformed::missing("id"))?,
        account: account.to_owned(),
        user: decoded(user)
            .ok_or_else(|| Malformed::new("detail.mail.tags.user", "is not a user name in base64url"))?,
        state,
        time: envelope.time()?.ok_or_else(|| Malformed::missing("time"))?,
        email: email.to_owned(),
    }))
}

/// The note about a digest; `None` if it may still arrive, or went to somebody who does not get it any more.
fn of_digest(
    detail: &Value,
    state: Option<MailState>,
    sender: Option<&Sender>,
    time: Timestamp,
) -> Option<MailNote> {
    let (to, now) = (text(detail, "/mail/destination/0")?, sender?.digest_to.as_deref()?);
    to.eq_ignore_ascii_case(now).then_some(MailNote::of(state?, time, now))
}

impl DigestBounce {
    /// The tag of the alerts topic to write: key and value.
    #[must_use]
    pub fn tag(&self) -> Note {
        (DIGEST_BOUNCED_KEY, self.note.to_string())
    }

    /// What happened, as a name for the log.
    #[must_use]
    pub fn name(&self) -> &'static str {
        name_of(Some(self.note.state))
    }

    /// Why it is noted.
    #[must_use]
    pub fn reason(&self) -> Reason {
        reason_of(self.note.state)
    }
}

fn name_of(state: Option<MailState>) -> &'static str {
    match state {
        Some(MailState::Complained) => "EmailComplaint",
        Some(MailState::Bounced) | None => "EmailBounced",
    }
}

fn reason_of(state: MailState) -> Reason {
    match state {
        MailState::Bounced => Reason::MailBounced,
        MailState::Complained => Reason::MailComplained,
    }
}

fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer).and_then(Value::as_str)
}

fn tag<'v>(detail: &'v Value, name: &str) -> Option<&'v str> {
    detail.pointer("/mail/tags")?.get(name)?.get(0)?.as_str()
}

fn decoded(text: &str) -> Option<UserName> {
    let name = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok())?;
    UserName::new(&name)
}

impl MailEvent {
    /// What happened, as a name for the log.
    #[must_use]
    pub fn name(&self) -> &'static str {
        name_of(self.state)
    }

    /// The plan, given what IAM says about the user. Pass `None` if the user does not exist.
    #[must_use]
    pub fn answer(&self, user: Option<&UserFacts>, settings: &Settings) -> Plan {
        let Some(user) = user else { return Plan::nothing(Reason::UserGone) };
        let Some(state) = self.state else { return Plan::nothing(Reason::MailDelayed) };
        if !Contact::has_address(user, &self.email, settings) {
            return Plan::nothing(Reason::OtherAddress);
        }
        let note = MailNote::of(state, self.time, &self.email);
        let known = user.tag(UserTag::Mail).and_then(MailNote::parse);
        // The same bounce comes twice, and a complaint says more than a bounce.
        let is_noted = known.is_some_and(|known| {
            known.counts(&self.email, self.time)
                && (known.state == state || known.state == MailState::Complained)
        });
        if is_noted {
            return Plan::nothing(Reason::AlreadyNoted);
        }
        if user.tags.is_full() && user.tag(UserTag::Mail).is_none() {
            return Plan::nothing(Reason::CannotBeRecorded);
        }
        let change = Change::SetTag(UserTag::Mail, note.to_string());
        Plan {
            steps: vec![Step::Change { user: user.name.clone(), change }],
            ..Plan::nothing(reason_of(state))
        }
    }
}
