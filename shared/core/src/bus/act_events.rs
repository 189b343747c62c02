//! The entries about what a run did: one for each act, as the evidence has it.

use super::body::{Draft, Event, Level, Place, State, User};
use super::user_findings::WITHOUT_MFA;
use super::{BusEvent, DetailType};
use crate::episode::Episode;
use crate::evidence::{Act, Deed, Run, Trigger, acts_of};
use crate::facts::UserFacts;
use crate::notice::{
    AccountAlert, Alert, AlertSubject, Nature, Notice, Person, QuarantineAlert, Rest, RootAlert, Severity,
    UserAlert, UserMessage, UserNotice,
};
use crate::plan::Step;
use crate::posture::{Posture, posture};
use crate::settings::Settings;
use jiff::Timestamp;

/// The entries about what was done, in order.
#[must_use]
pub fn events_of(run: &Run, deed: Deed<'_>, settings: &Settings) -> Vec<BusEvent> {
    let mut notices = deed.done.iter().filter_map(|step| match step {
        Step::Notify(notice) => Some(notice.as_ref()),
        Step::Change { .. } | Step::Repair(_) | Step::RecordRootAlert(_) | Step::OrderSweep { .. } => None,
    });
    let mut is_open = deed.before.is_some_and(|user| Episode::is_under_way(user, run.at()));
    let mut events = Vec::new();
    for act in acts_of(run, deed) {
        let said = if act.told.is_some() { notices.next() } else { None };
        let context = Context { act: &act, deed, is_open, settings };
        let draft = match said {
            Some(Notice::Alert(alert)) => context.of_alert(alert),
            Some(Notice::User(notice)) => context.of_notice(notice),
            None => context.of_change(),
        };
        // The first entry about a user opens the finding, and those after it go on with it.
        is_open |= draft.finding == WITHOUT_MFA;
        let detail_type = draft.detail_type;
        let mut body = draft.body(settings);
        body.episode = act.episode;
        body.cause = act.cause;
        body.done = act.done;
        body.read_back = act.read_back;
        body.rest_until = act.rest_until;
        body.decision = act.decision;
        body.told = act.told;
        events.push(body.entry(detail_type));
    }
    events
}

/// The entry about an alert that no plan has, because there is no account to plan for.
#[must_use]
pub fn event_of_alert(alert: &Alert, at: Timestamp, settings: &Settings) -> BusEvent {
    let occasion = &alert.background.occasion;
    let event =
        Event { id: occasion.id().to_string(), name: occasion.name().to_owned(), time: occasion.time() };
    draft_of_alert(alert, None, event, at, settings).body(settings).entry(DetailType::DetectionFinding)
}

/// An act, and what is known of it besides.
#[derive(Clone, Copy)]
struct Context<'a> {
    act: &'a Act,
    deed: Deed<'a>,
    /// Whether the user's finding was open before.
    is_open: bool,
    settings: &'a Settings,
}

impl<'a> Context<'a> {
    fn of_change(self) -> Draft<'a> {
        let Self { act, deed, settings, .. } = self;
        let place = match deed.after.or(deed.before) {
            Some(user) => Place::User(User::of(user, settings)),
            None => Place::Account,
        };
        let who = act.user.as_ref().map_or("the account", |user| user.name.as_str());
        let (level, state, title) = match act.act.as_str() {
            "containment" => (Level::High, self.open(), format!("{who} was put under quarantine")),
            "put-back" => (Level::High, self.open(), format!("the quarantine of {who} was put back")),
            "release" if act.rest_until.is_some() => (
                Level::Informational,
                State::Resolved,
                format!("the quarantine of {who} ends soon: only old sessions stay limited"),
            ),
            "release" => (Level::Informational, State::Resolved, format!("{who} is out of quarantine")),
            "exemption" => (Level::Low, self.by_posture(), format!("an exemption of {who} was noted")),
            _ => (
                Level::Medium,
                State::Resolved,
                "the quarantine itself was changed, and is right again".to_owned(),
            ),
        };
        let finding =
            if act.user.is_some() { WITHOUT_MFA.to_owned() } else { occurrence("repair", &act.event.id) };
        let text = format!("{title}: {}. {}", act.why, in_words(&act.done));
        Draft {
            detail_type: DetailType::AccountChange,
            kind: &act.act,
            code: &act.reason,
            finding,
            state,
            level,
            place,
            title,
            text,
            event: Event::of(&act.event),
            time: act.at,
        }
    }

    fn of_notice(self, notice: &UserNotice) -> Draft<'a> {
        let Self { act, settings, deed, .. } = self;
        let code = notice.message.kind().code();
        let (finding, state) = match notice.message {
            UserMessage::Released { .. } => (WITHOUT_MFA, State::Resolved),
            UserMessage::AwaitingApproval => (WITHOUT_MFA, State::Updated),
            UserMessage::ExemptionEnding { .. } => (code, State::New),
            UserMessage::Welcome { .. }
            | UserMessage::Reminder { .. }
            | UserMessage::Deadline { .. }
            | UserMessage::Quarantined { .. }
            | UserMessage::QuarantineReminder
            | UserMessage::QuarantinedByHand => (WITHOUT_MFA, self.open()),
        };
        let told = act.told.as_ref();
        let reached = match told.map(|told| (told.channels.is_empty(), told.reached)) {
            Some((true, _)) => "No address or number of the user is known",
            Some((false, Some(false))) => "The message has not reached the user",
            Some(_) | None => "The user was told",
        };
        let title = notice.headline();
        Draft {
            detail_type: DetailType::DetectionFinding,
            kind: &act.act,
            code,
            finding: finding.to_owned(),
            state,
            level: Level::of(notice.message.severity()),
            place: Place::User(person(&notice.person, deed.after.or(deed.before), settings)),
            text: format!("{title}. {reached}."),
            title,
            event: Event::of(&act.event),
            time: act.at,
        }
    }

    fn of_alert(self, alert: &Alert) -> Draft<'a> {
        let Self { act, settings, deed, is_open } = self;
        let user = deed.after.or(deed.before);
        let draft = draft_of_alert(alert, user, Event::of(&act.event), act.at, settings);
        if draft.finding == WITHOUT_MFA && is_open { Draft { state: State::Updated, ..draft } } else { draft }
    }

    fn open(self) -> State {
        if self.is_open { State::Updated } else { State::New }
    }

    /// Whether the user is still to enrol.
    fn by_posture(self) -> State {
        let Some(user) = self.deed.after.or(self.deed.before) else { return State::Updated };
        match posture(user, self.settings, self.act.at) {
            Posture::InGrace { .. } | Posture::Overdue { .. } => self.open(),
            Posture::NotApplicable | Posture::Exempt(_) | Posture::Compliant { .. } => State::Resolved,
        }
    }
}

fn draft_of_alert(
    alert: &Alert,
    user: Option<&UserFacts>,
    event: Event,
    at: Timestamp,
    settings: &Settings,
) -> Draft<'static> {
    let subject = &alert.subject;
    let (code, place) = match subject {
        AlertSubject::User(who, alert) => (alert.kind().code(), Place::User(person(who, user, settings))),
        AlertSubject::Root(alert) => (alert.reason(), Place::Root),
        AlertSubject::Account(alert) => (state_of_account(alert).unwrap_or(alert.reason()), Place::Account),
    };
    let is_about_containment = matches!(
        subject,
        AlertSubject::User(_, UserAlert::ContainmentFailed { .. } | UserAlert::NoRoom { .. })
    );
    let (finding, state) = if is_about_containment {
        (WITHOUT_MFA.to_owned(), State::New)
    } else if matches!(subject, AlertSubject::Root(RootAlert::MfaEnrolled { .. })) {
        (ROOT_WITHOUT_MFA.to_owned(), State::Resolved)
    } else if subject.nature() == Nature::State {
        (code.to_owned(), State::New)
    } else {
        (occurrence(code, &event.id), State::New)
    };
    let title = subject.headline();
    let also = subject.headlines(&alert.also).concat();
    let answer = subject.answer().map(|answer| format!(". {answer}")).unwrap_or_default();
    let also = if also.is_empty() { also } else { format!(". {also}") };
    Draft {
        detail_type: DetailType::DetectionFinding,
        kind: "alert",
        code,
        finding,
        state,
        level: Level::of(subject.severity()),
        place,
        text: format!("{title}{also}{answer}. {}", subject.advice(settings.partition().traits().root)),
        title,
        event,
        time: at,
    }
}

/// Root's finding, in alerts and in sweeps.
pub(super) const ROOT_WITHOUT_MFA: &str = "root-mfa-missing";

/// Under which name a daily sweep finds the state of an alert; `None` if it does not.
fn state_of_account(alert: &AccountAlert) -> Option<&'static str> {
    match alert {
        AccountAlert::Quarantine(QuarantineAlert::PolicyLost { rest: Rest::Spare, .. }) => {
            Some("spare-in-force")
        }
        AccountAlert::Quarantine(QuarantineAlert::PolicyLost { rest: Rest::Nothing, .. }) => {
            Some("quarantine-stops-nothing")
        }
        AccountAlert::Quarantine(QuarantineAlert::GroupGone { .. }) => Some("group-gone"),
        AccountAlert::Quarantine(_)
        | AccountAlert::QuarantinesHeld { .. }
        | AccountAlert::HourUsedUp { .. }
        | AccountAlert::NoTrail
        | AccountAlert::NoDigest { .. }
        | AccountAlert::EnforcerTouched { .. } => None,
    }
}

/// Something that happened once: a finding of its own.
fn occurrence(what: &str, event: &str) -> String {
    format!("{what} {event}")
}

fn in_words(done: &[String]) -> String {
    if done.is_empty() { String::new() } else { format!("Done: {}.", done.join(", ")) }
}

fn person(person: &Person, user: Option<&UserFacts>, settings: &Settings) -> User {
    let facts = user.filter(|user| user.id == person.id);
    facts.map_or_else(
        // Nobody looked at the user, so the path is not known.
        || User {
            name: person.name.clone(),
            id: person.id.clone(),
            arn: settings.arn_of_user("/", &person.name),
        },
        |user| User::of(user, settings),
    )
}

impl User {
    fn of(user: &UserFacts, settings: &Settings) -> Self {
        Self { name: user.name.to_string(), id: user.id.clone(), arn: settings.user_arn(user) }
    }
}

impl Event {
    fn of(event: &Trigger) -> Self {
        Self { id: event.id.clone(), name: event.name.clone(), time: event.time }
    }
}

impl Level {
    pub(super) fn of(severity: Severity) -> Self {
        match severity {
            Severity::Info => Self::Informational,
            Severity::Warning => Self::Medium,
            Severity::Critical => Self::Critical,
        }
    }
}
