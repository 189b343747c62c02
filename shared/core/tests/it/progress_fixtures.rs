//! Carries out a plan where some calls fail.

use mfa_enforcer_core::access_keys::KeysSeen;
use mfa_enforcer_core::effect::Effect;
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::notice::{Channel, Delivery};
use mfa_enforcer_core::plan::Plan;
use mfa_enforcer_core::progress::{Action, Answer, Applied, Fault, Progress};
use proptest::prelude::*;

/// The result of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Works,
    Unconfirmed,
    BadAddress,
    /// SES sends nothing in the company's name.
    SenderRefused,
    Fails {
        transient: bool,
    },
    NotFound,
    /// A quota stops it.
    NoRoom,
    /// IAM takes the change, and what it says about the user is older. Of any other call: it works.
    Lags,
    /// IAM says that there is no such user. Of any other call: it works.
    Gone,
}

/// The account's alias.
pub(crate) const ALIAS: &str = "example-corp";

impl Call {
    pub(crate) fn is_error(self) -> bool {
        matches!(
            self,
            Self::BadAddress | Self::SenderRefused | Self::Fails { .. } | Self::NotFound | Self::NoRoom
        )
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Failed(pub(crate) Call);

impl Fault for Failed {
    fn is_transient(&self) -> bool {
        self.0 == Call::Fails { transient: true }
    }

    fn is_not_found(&self) -> bool {
        self.0 == Call::NotFound
    }

    fn is_quota(&self) -> bool {
        self.0 == Call::NoRoom
    }

    fn is_bad_address(&self) -> bool {
        self.0 == Call::BadAddress
    }

    fn is_sender_refused(&self) -> bool {
        self.0 == Call::SenderRefused
    }
}

/// A plan that was carried out.
pub(crate) struct Run {
    pub(crate) actions: Vec<(Action, Call)>,
    pub(crate) applied: Applied<Failed>,
    /// The user afterwards, as IAM has them.
    pub(crate) user: UserFacts,
    /// The first action with which a topic for the user was wanted.
    pub(crate) topic_wanted: Option<usize>,
}

/// Carries out the plan for `user`. Calls beyond the list work.
pub(crate) fn carried_out(
    plan: &Plan,
    user: &UserFacts,
    calls: &[Call],
) -> (Vec<(Action, Call)>, Applied<Failed>) {
    let Run { actions, applied, .. } = run(plan, user, |at, _| calls.get(at).copied().unwrap_or(Call::Works));
    (actions, applied)
}

pub(crate) fn run(plan: &Plan, user: &UserFacts, call: impl Fn(usize, &Action) -> Call) -> Run {
    let mut progress = Progress::of(plan);
    let (mut actions, mut now, mut topic_wanted) = (Vec::new(), user.clone(), None);
    loop {
        let next = progress.next_actions();
        if next.is_empty() {
            break;
        }
        if progress.is_topic_wanted() {
            topic_wanted.get_or_insert(actions.len());
        }
        let mut results = Vec::new();
        for action in next {
            let call = call(actions.len(), &action);
            if let (true, Action::Change(_, change)) = (!call.is_error(), &action) {
                change.apply_to(&mut now);
            }
            results.push(result(call, &action, user, &now));
            actions.push((action, call));
        }
        progress.record(results);
        assert!(actions.len() < 100, "the plan does not end");
    }
    Run { actions, applied: progress.finish(), user: now, topic_wanted }
}

/// What comes of an action, about a user who was like this before it and is like that after it.
fn result(call: Call, action: &Action, before: &UserFacts, after: &UserFacts) -> Result<Answer, Failed> {
    let works = matches!(call, Call::Works | Call::Lags | Call::Gone);
    match (call, action) {
        (_, Action::Wait(_)) => Ok(Answer::Done),
        (Call::Lags, Action::ReadBack(_)) => Ok(Answer::Seen(Some(Box::new(before.clone())))),
        (Call::Gone, Action::ReadBack(_)) => Ok(Answer::Seen(None)),
        (_, Action::ReadBack(_)) if !call.is_error() => Ok(Answer::Seen(Some(Box::new(after.clone())))),
        (_, Action::ReadKeys(_)) if !call.is_error() => Ok(Answer::Keys(KeysSeen::Active(Vec::new()))),
        (_, Action::ReadAlias) if !call.is_error() => Ok(Answer::Alias(Some(ALIAS.to_owned()))),
        (_, Action::TellUser(Channel::Topic { .. } | Channel::Mail { .. }, _)) if works => {
            Ok(Answer::Delivered(Delivery::Sent))
        }
        (_, Action::TellUser(Channel::Sms { .. }, _)) if works => Ok(Answer::Delivered(Delivery::HandedOver)),
        (Call::Unconfirmed, Action::TellUser(..)) => Ok(Answer::Delivered(Delivery::Unconfirmed)),
        _ if call.is_error() => Err(Failed(call)),
        _ => Ok(Answer::Done),
    }
}

pub(crate) fn any_call() -> impl Strategy<Value = Call> {
    prop_oneof![
        4 => Just(Call::Works),
        1 => Just(Call::Unconfirmed),
        1 => Just(Call::BadAddress),
        1 => Just(Call::Fails { transient: true }),
        1 => Just(Call::Fails { transient: false }),
        1 => Just(Call::NotFound),
        1 => Just(Call::NoRoom),
        1 => Just(Call::Lags),
    ]
}

pub(crate) fn any_calls() -> impl Strategy<Value = Vec<Call>> {
    prop::collection::vec(any_call(), 0..12)
}

pub(crate) fn position(actions: &[(Action, Call)], wanted: impl Fn(&Action, Call) -> bool) -> Option<usize> {
    actions.iter().position(|(action, call)| wanted(action, *call))
}

pub(crate) fn changes_quarantine(action: &Action) -> bool {
    matches!(action, Action::Change(_, change) if [Effect::Contain, Effect::Release].contains(&change.effect()))
}

/// The change that a quota stopped, and that was made in another place instead.
pub(crate) fn moved(plan: &Plan, actions: &[(Action, Call)]) -> Option<usize> {
    let can = plan.no_room.as_ref().is_some_and(|no_room| no_room.instead.is_some());
    position(actions, |action, call| changes_quarantine(action) && call == Call::NoRoom).filter(|_| can)
}

/// Whether it tells somebody, or records, that a user was contained or released.
pub(crate) fn announces(action: &Action) -> bool {
    match action {
        Action::TellUser(..) => true,
        Action::Change(_, change) => [
            Effect::ScheduleRelease,
            Effect::RecordReport,
            Effect::ClaimNotice,
            Effect::RecordNotice,
            Effect::RestoreRecord,
            Effect::EndQuarantine,
        ]
        .contains(&change.effect()),
        Action::TellAdmins(_)
        | Action::ReadBack(_)
        | Action::ReadKeys(_)
        | Action::ReadAlias
        | Action::Wait(_)
        | Action::RecordRootAlert(_)
        | Action::Repair(_)
        | Action::OrderSweep(..) => false,
    }
}
