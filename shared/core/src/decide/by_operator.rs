//! What an operator decides about one user by hand.
//!
//! An operator ends a quarantine as anybody does whom the enforcer believes: by an exemption, or by an approval. The
//! functions see that, and do the rest with their own roles. So nothing here detaches anything, tells anybody, or removes
//! a record: what an operator took off, the guard would put back.

use super::approval;
use super::contain::attaching;
use super::context::Context;
use super::hold::Hold;
use super::place::Place;
use crate::change::Change;
use crate::event::{Actor, EventId, Occasion, Relation, SweepKind, SweepRequest};
use crate::exemption::{By, ExemptUntil, Why, day};
use crate::facts::UserFacts;
use crate::plan::{NoRoom, Plan, Step};
use crate::posture::{LONG_EXEMPTION, Posture};
use crate::reason::Reason;
use crate::settings::{Release, Settings};
use crate::tags::{self, Cause, QuarantineRecord, UserTag};
use jiff::Timestamp;
use jiff::civil::Date;

/// IAM allows 256 characters in a tag value.
const TAG_VALUE_LIMIT: usize = 256;

/// What an operator decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Exempt the user.
    Exempt(Exempting),
    /// Approve the release of a user who has MFA and waits for that.
    Approve,
    /// Let the enforcer release the user, who is exempted first where nothing else would keep them free.
    Release(Option<Exempting>),
    /// Put the user under the enforcer's quarantine.
    Contain,
}

impl Order {
    /// Name of the command.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Exempt(_) => "exempt",
            Self::Approve => "approve",
            Self::Release(_) => "release",
            Self::Contain => "contain",
        }
    }

    /// The exemption that goes with it.
    #[must_use]
    pub fn exempting(&self) -> Option<&Exempting> {
        match self {
            Self::Exempt(exempting) | Self::Release(Some(exempting)) => Some(exempting),
            Self::Release(None) | Self::Approve | Self::Contain => None,
        }
    }

    /// What the functions do once it is done, in words.
    #[must_use]
    pub fn follows(&self, is_contained: bool) -> &'static str {
        match (self, is_contained) {
            (Self::Exempt(_) | Self::Release(_), true) => {
                "The guard lifts the quarantine within minutes, notes the exemption, and tells the user and the \
                 administrators. If the event is lost, a sweep does it in one or two hours."
            }
            (Self::Exempt(_) | Self::Release(_), false) => {
                "The guard notes the exemption within minutes, and tells the administrators. Until it ends, the user is \
                 left alone."
            }
            (Self::Approve, _) => {
                "The guard lifts the strict quarantine within minutes and tells the user. What is left of it stops sessions \
                 without MFA, and ends RELEASE_AFTER the enrolment. If the event is lost, the next sweep does it."
            }
            (Self::Contain, _) => {
                "Sessions are limited from now on. The next sweep tells the user, within the hour. The guard puts back what \
                 others take off, and MFA, an exemption or an approval ends it as ever."
            }
        }
    }
}

/// Until when somebody is exempt, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exempting {
    /// The last day (UTC).
    pub until: Date,
    /// The reason, or a ticket.
    pub reason: String,
}

/// Who decides.
#[derive(Debug, Clone, Copy)]
pub struct Operator<'a> {
    /// ARN of whoever calls, as AWS says it.
    pub arn: &'a str,
    /// Id of what they ask for.
    pub id: &'a EventId,
}

/// Why nothing is done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody decides about themselves.
    #[error(
        "nobody can do this for themselves, and the enforcer would not believe it: let somebody else do it"
    )]
    Oneself,
    /// The enforcer does not believe a caller whom it cannot tell from the user.
    #[error("the enforcer cannot tell such a caller from the user: use a role, or another IAM user")]
    UnknownCaller,
    /// The exemption would have ended.
    #[error("the exemption would have ended on {0}: name a day to come")]
    Past(Date),
    /// The exemption would last too long.
    #[error("{0} is more than 366 days from now, too far away for an exemption")]
    TooLong(Date),
    /// The reason is missing, or cannot stand in a tag.
    #[error(
        "the reason has to have 1 to 200 characters that IAM allows in a tag: letters, digits, spaces and _ . : / = + - @"
    )]
    UnfitReason,
    /// There is no room for another tag.
    #[error("the user has 50 tags, as many as IAM allows: remove one first")]
    TagsFull,
    /// There is nothing to approve without a device.
    #[error(
        "the user has no MFA device, and an approval counts only for devices that are there: let them enrol first"
    )]
    NothingToApprove,
    /// Nobody has to approve anything.
    #[error("the user does not wait for an approval")]
    NotAwaited,
    /// There is no quarantine.
    #[error("the user is not in quarantine")]
    NotContained,
    /// Somebody else attached the quarantine.
    #[error(
        "somebody attached this quarantine by hand, and the enforcer never lifts it: whoever did it detaches it \
         (docs/RUNBOOK.md, Quarantined by hand)"
    )]
    ByHand,
    /// Nobody knows whose quarantine it is.
    #[error(
        "it is not known who attached this quarantine: the event history does not tell, or cannot be read"
    )]
    OfUnknownOrigin,
    /// Nothing would keep the user free.
    #[error(
        "nothing would keep the user free: the next event or sweep would put them back. Exempt them with --until and \
         --reason"
    )]
    NeedsExemption,
    /// Somebody has to approve the release.
    #[error(
        "the user has MFA and waits for an approval: `mfa-enforcer approve` gives it, once you have asked them"
    )]
    AwaitsApproval,
    /// What is left of the quarantine ends by itself.
    #[error(
        "what is left of the quarantine only stops sessions without MFA, and ends by itself at {0}. To end it now, exempt the \
         user with --until and --reason"
    )]
    EndsAt(String),
    /// The next sweep releases the user.
    #[error(
        "the next sweep releases the user by itself, within the hour. To end the quarantine now, exempt the user with --until \
         and --reason"
    )]
    ReleasedAnyway,
    /// The user is in quarantine.
    #[error("the user is in quarantine already")]
    Contained,
    /// The next sweep would release the user.
    #[error(
        "the user has MFA, and with RELEASE=automatic the next sweep would release them: attach a policy of your own instead \
         (policies/README.md, Containing by hand)"
    )]
    HasMfa,
    /// There is nothing to limit.
    #[error(
        "the user has no console password, so the next sweep would release them: deactivate their access keys instead"
    )]
    NoPassword,
    /// No role may attach anything to break-glass users.
    #[error("this is a break-glass user, to whom nothing is attached")]
    BreakGlass,
}

/// The plan for what an operator decides about a user, given what IAM says about the user at `now`.
///
/// # Errors
/// A [`Refusal`] says why nothing is to be done.
pub fn by_operator(
    order: &Order,
    operator: Operator<'_>,
    user: &UserFacts,
    settings: &Settings,
    now: Timestamp,
) -> Result<Plan, Refusal> {
    let is_containment = matches!(order, Order::Contain);
    match Actor::of_arn(operator.arn).seen_from(&user.name, &user.id) {
        Relation::Oneself if !is_containment => return Err(Refusal::Oneself),
        Relation::Unknown if !is_containment => return Err(Refusal::UnknownCaller),
        Relation::Oneself | Relation::SomebodyElse | Relation::Unknown => {}
    }
    // The rules are those of a sweep, which knows what a user stays under. Nobody sees this occasion.
    let sweep = SweepRequest { kind: SweepKind::Hourly, id: operator.id.clone(), time: now };
    let occasion = Occasion::Sweep(sweep);
    let context = Context::new(&occasion, user, settings, now);
    let (steps, no_room) = match order {
        Order::Exempt(exempting) => (vec![exempt(&context, exempting)?], None),
        Order::Approve => (vec![approve(&context, operator)?], None),
        Order::Release(exempting) => (vec![release(&context, exempting.as_ref())?], None),
        Order::Contain => contain(&context)?,
    };
    // The mode says what the enforcer does by itself. This is somebody's decision.
    Ok(Plan { steps, no_room, ..context.nothing(Reason::ByOperator) })
}

fn exempt(context: &Context<'_>, Exempting { until, reason }: &Exempting) -> Result<Step, Refusal> {
    let today = day(context.now);
    if *until < today {
        return Err(Refusal::Past(*until));
    }
    if until.duration_since(today) > LONG_EXEMPTION {
        return Err(Refusal::TooLong(*until));
    }
    let value = format!("{until} {}", reason.trim());
    let is_fit = ExemptUntil::parse(&value).is_some_and(|tag| matches!(tag.why, Why::Given(_)));
    if !is_fit || reason.contains(char::is_control) {
        return Err(Refusal::UnfitReason);
    }
    has_room(context, tags::EXEMPT_UNTIL_KEY)?;
    Ok(context.change(Change::Exempt(value)))
}

fn approve(context: &Context<'_>, operator: Operator<'_>) -> Result<Step, Refusal> {
    let (user, settings) = (context.user, context.settings);
    let is_needed = context.has_quarantine() && approval::strict(user, settings, None).is_some();
    if !is_needed {
        return Err(Refusal::NotAwaited);
    }
    of_ours(context)?;
    if user.devices.is_empty() {
        return Err(Refusal::NothingToApprove);
    }
    if !approval::is_awaited(user, settings, context.now) {
        return Err(Refusal::NotAwaited);
    }
    has_room(context, tags::APPROVED_KEY)?;
    // Any value approves. This one says who it was, with the characters that a tag allows.
    let By::Principal(who) = By::principal(operator.arn) else { return Err(Refusal::UnknownCaller) };
    Ok(context.change(Change::Approve(who.chars().take(TAG_VALUE_LIMIT).collect())))
}

fn release(context: &Context<'_>, exempting: Option<&Exempting>) -> Result<Step, Refusal> {
    if !context.has_quarantine() {
        return Err(Refusal::NotContained);
    }
    of_ours(context)?;
    if let Some(exempting) = exempting {
        return exempt(context, exempting);
    }
    let end = context.quarantine_record().and_then(|record| record.release);
    Err(match (context.posture, end) {
        // An exemption that is there already has released nobody, so it is not proven to be somebody's decision.
        (Posture::InGrace { .. } | Posture::Overdue { .. } | Posture::Exempt(_), _) => {
            Refusal::NeedsExemption
        }
        _ if approval::is_awaited(context.user, context.settings, context.now) => Refusal::AwaitsApproval,
        (_, Some(end)) if end > context.now => Refusal::EndsAt(context.settings.letterhead.moment(end)),
        (Posture::NotApplicable | Posture::Compliant { .. }, _) => Refusal::ReleasedAnyway,
    })
}

/// Contains the user, and then notes it, so that nothing is noted that is not so.
fn contain(context: &Context<'_>) -> Result<(Vec<Step>, Option<NoRoom>), Refusal> {
    const CAUSE: Cause = Cause::Operator;
    let user = context.user;
    if context.is_break_glass() {
        return Err(Refusal::BreakGlass);
    }
    if context.is_contained() {
        of_ours(context)?;
        return Err(Refusal::Contained);
    }
    if user.login_profile_created.is_none() {
        return Err(Refusal::NoPassword);
    }
    if !user.devices.is_empty() && context.settings.release == Release::Automatic {
        return Err(Refusal::HasMfa);
    }
    has_room(context, UserTag::Quarantined.key())?;
    let required = approval::restriction(user, context.settings, Some(CAUSE));
    let (place, no_room) = attaching(context, required, CAUSE);
    let record = QuarantineRecord::value(context.now, CAUSE, context.occasion.id(), &context.episode);
    let record = Change::SetTag(UserTag::Quarantined, record);
    let changes = place.map(Place::attach).into_iter().chain([record]);
    // Whoever gives the order hears of it if there is no room.
    let no_room = no_room.map(|no_room| NoRoom { alert: Vec::new(), ..no_room });
    Ok((changes.map(|change| context.change(change)).collect(), no_room))
}

/// The enforcer ends only what is its own.
fn of_ours(context: &Context<'_>) -> Result<(), Refusal> {
    match context.hold {
        Hold::ByHand => Err(Refusal::ByHand),
        Hold::Unknown => Err(Refusal::OfUnknownOrigin),
        Hold::Ours | Hold::Free => Ok(()),
    }
}

fn has_room(context: &Context<'_>, key: &str) -> Result<(), Refusal> {
    let is_full = context.user.tags.is_full() && context.user.tags.get(key).is_none();
    if is_full { Err(Refusal::TagsFull) } else { Ok(()) }
}
