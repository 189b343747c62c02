//! An event about a user or root in any state, decided and carried out with any answers; then looked at by a sweep.
#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::{Corpus, fuzz_mutator, fuzz_target};
use mfa_enforcer_core::access_keys::{ActiveKey, KeyUse, KeysSeen};
use mfa_enforcer_core::decide::{After, Ask, ask, look_again, sweep_root, sweep_user};
use mfa_enforcer_core::event::{
    Deployment, Event, Reading, SweepReading, SweepRequest, label, read, read_request,
};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::notice::Delivery;
use mfa_enforcer_core::plan::Plan;
use mfa_enforcer_core::progress::{Action, Answer, Applied, Fault, Progress, SecondLook};
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::snapshot::RootMfa;
use mfa_enforcer_fuzz::oracles::{REACHES, check_change, check_message, check_plan, check_tag_value};
use mfa_enforcer_fuzz::{json, state};
use mfa_enforcer_testing::fixtures;
use std::sync::LazyLock;
use strum::IntoEnumIterator;

static DEPLOYMENT: LazyLock<Deployment> = LazyLock::new(fixtures::deployment);
/// More calls than the longest plan makes.
const MOST_ACTIONS: usize = 64;

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    json::mutate(data, size, max_size, seed)
});

fuzz_target!(|data: &[u8]| -> Corpus {
    let end = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
    let (payload, state) = (&data[..end], data.get(end + 1..).unwrap_or_default());
    let Ok(payload) = std::str::from_utf8(payload) else { return Corpus::Reject };
    // What is not an event is the business of the target `events`.
    let Some(event) = event(payload) else { return Corpus::Reject };
    // The state ends in zeros, so there is always enough of it.
    let _ = run(&event, &mut Unstructured::new(state));
    Corpus::Keep
});

fn event(payload: &str) -> Option<Box<Event>> {
    let name = label(payload).name?;
    match read(payload, fixtures::function_of(&name), &DEPLOYMENT) {
        Ok(Reading::Event(event)) => Some(event),
        Ok(Reading::Ignored(_)) | Err(_) => None,
    }
}

fn run(event: &Event, bytes: &mut Unstructured<'_>) -> Result<()> {
    let settings = state::any_settings(bytes)?;
    let (now, later) = (state::any_time(bytes)?, state::any_time(bytes)?);
    let exists = !bytes.ratio(1, 16)?;
    let reach = bytes.int_in_range(0..=REACHES - 1)?;
    let user = state::any_user(bytes)?;
    match ask(event) {
        Ask::Settled(plan) => check_plan(&plan, settings, reach),
        Ask::Quarantine(check) => {
            let (policies, groups) = (check.policies(settings), check.groups(settings));
            let before = state::any_quarantine(&policies, &groups, bytes)?;
            let ledger = state::any_ledger(bytes)?;
            let repairs = check.repairs(&before, &ledger, settings, now);
            check_plan(&repairs, settings, reach);
            carry_out(&repairs, None, bytes)?;
            let after = state::any_quarantine(&policies, &groups, bytes)?;
            let plan = check.report(&before, &after, &state::any_ledger(bytes)?, settings, now);
            check_plan(&plan, settings, reach);
            carry_out(&plan, None, bytes)?;
        }
        Ask::User(question) => {
            let user = exists.then_some(&user);
            if let Some(user) = user {
                let _ = question.lookups(user, settings, now);
            }
            let plan = question.answer(user, settings, now);
            check_plan(&plan, settings, reach);
            let applied = carry_out(&plan, user, bytes)?;
            if let Some(user) = user {
                let then = applied.user_after(user.clone());
                if let Some(after) = after(&applied, &plan) {
                    let second = if bytes.ratio(1, 8)? { None } else { Some(&then) };
                    check_plan(
                        &question.look_again(after, user, second, settings, later).plan,
                        settings,
                        reach,
                    );
                }
                check_plan(&question.answer(Some(&then), settings, later), settings, reach);
                sweep(&then, settings, reach, bytes)?;
            }
        }
        Ask::Root(question) => {
            let plan = question.answer(&state::any_ledger(bytes)?, state::any_summary(bytes)?, settings);
            check_plan(&plan, settings, reach);
            carry_out(&plan, None, bytes)?;
        }
        Ask::Enforcer(question) => {
            let stack = state::any_own_stack(bytes)?;
            let _ = (question.stack(settings), question.needs_end(stack.state.as_ref(), now));
            let plan = question.answer(&state::any_ledger(bytes)?, &stack, settings, now);
            check_plan(&plan, settings, reach);
            carry_out(&plan, None, bytes)?;
        }
    }
    Ok(())
}

/// A sweep of the same user and of root.
fn sweep(user: &UserFacts, settings: &Settings, reach: usize, bytes: &mut Unstructured<'_>) -> Result<()> {
    let now = state::any_time(bytes)?;
    let Some(request) = request(bytes.choose(&["hourly", "daily"])?, now) else { return Ok(()) };
    let plan = sweep_user(&request, user, settings, now);
    check_plan(&plan, settings, reach);
    let applied = carry_out(&plan, Some(user), bytes)?;
    let then = applied.user_after(user.clone());
    if let Some(after) = after(&applied, &plan) {
        check_plan(&look_again(after, &request, user, Some(&then), settings, now).plan, settings, reach);
    }
    if bytes.ratio(1, 8)? {
        let ledger = state::any_ledger(bytes)?;
        check_plan(&sweep_root(&request, RootMfa::Missing, &ledger, settings), settings, reach);
    }
    Ok(())
}

fn request(kind: &str, now: jiff::Timestamp) -> Option<SweepRequest> {
    match read_request(&format!(r#"{{"sweep": "{kind}"}}"#), now) {
        Ok(SweepReading::Sweep(request)) => Some(request),
        Ok(SweepReading::Ignored(_)) | Err(_) => None,
    }
}

fn after<'p>(applied: &Applied<Failed>, plan: &'p Plan) -> Option<After<'p>> {
    applied.second_look().map(|look| match look {
        SecondLook::ReadBack(_) => After::Containment,
        SecondLook::NotFound(effect) => After::NotFound(plan, effect),
    })
}

/// A call that failed.
#[derive(Debug, Clone, Copy)]
struct Failed {
    is_transient: bool,
    is_not_found: bool,
    is_bad_address: bool,
    is_sender_refused: bool,
    is_quota: bool,
}

impl Fault for Failed {
    fn is_transient(&self) -> bool {
        self.is_transient
    }

    fn is_not_found(&self) -> bool {
        self.is_not_found
    }

    fn is_bad_address(&self) -> bool {
        self.is_bad_address
    }

    fn is_sender_refused(&self) -> bool {
        self.is_sender_refused
    }

    fn is_quota(&self) -> bool {
        self.is_quota
    }
}

/// Up to two keys, used or not, or none that could be read.
fn keys_seen(bytes: &mut Unstructured<'_>) -> Result<KeysSeen> {
    if bytes.ratio(1, 8)? {
        return Ok(KeysSeen::Unreadable);
    }
    let mut active = Vec::new();
    for _ in 0..bytes.int_in_range(0..=2)? {
        let time = Timestamp::from_second(bytes.int_in_range(0..=4_000_000_000)?).unwrap_or_default();
        let used = match bytes.int_in_range(0..=2)? {
            0 => KeyUse::Never,
            1 => KeyUse::Unknown,
            _ => KeyUse::Last { time, service: "s3".to_owned(), region: "us-east-1".to_owned() },
        };
        active.push(ActiveKey::new(&String::arbitrary(bytes)?, time, used));
    }
    Ok(KeysSeen::Active(active))
}

/// What comes of an action: any answer that fits, or any failure.
fn result(
    action: Action,
    user: &mut Option<UserFacts>,
    bytes: &mut Unstructured<'_>,
) -> Result<std::result::Result<Answer, Failed>> {
    match &action {
        Action::Change(_, change) => {
            check_change(change);
            user.iter_mut().for_each(|user| change.apply_to(user));
        }
        Action::TellUser(_, message) | Action::TellAdmins(message) => check_message(message),
        Action::RecordRootAlert(value) => check_tag_value(value),
        Action::ReadBack(_)
        | Action::ReadKeys(_)
        | Action::ReadAlias
        | Action::Wait(_)
        | Action::Repair(_)
        | Action::OrderSweep(..) => {}
    }
    if bytes.ratio(1, 6)? {
        return Ok(Err(Failed {
            is_transient: bool::arbitrary(bytes)?,
            is_not_found: bool::arbitrary(bytes)?,
            is_bad_address: bool::arbitrary(bytes)?,
            is_sender_refused: bool::arbitrary(bytes)?,
            is_quota: bool::arbitrary(bytes)?,
        }));
    }
    Ok(Ok(match action {
        Action::ReadBack(_) => {
            // Sometimes they are gone by then.
            let seen = if bytes.ratio(1, 8)? { None } else { user.clone() };
            Answer::Seen(seen.map(Box::new))
        }
        Action::ReadKeys(_) => Answer::Keys(keys_seen(bytes)?),
        Action::ReadAlias => Answer::Alias(Option::<String>::arbitrary(bytes)?),
        Action::TellUser(..) => {
            let deliveries: Vec<Delivery> = Delivery::iter().collect();
            Answer::Delivered(*bytes.choose(&deliveries)?)
        }
        Action::Change(..)
        | Action::TellAdmins(_)
        | Action::RecordRootAlert(_)
        | Action::Wait(_)
        | Action::Repair(_)
        | Action::OrderSweep(..) => Answer::Done,
    }))
}

fn carry_out(plan: &Plan, user: Option<&UserFacts>, bytes: &mut Unstructured<'_>) -> Result<Applied<Failed>> {
    let mut user = user.cloned();
    let mut progress = Progress::of(plan);
    let mut actions = 0;
    loop {
        let batch = progress.next_actions();
        if batch.is_empty() {
            break;
        }
        actions += batch.len();
        assert!(actions <= MOST_ACTIONS, "a plan ends");
        let mut results = Vec::new();
        for action in batch {
            results.push(result(action, &mut user, bytes)?);
        }
        progress.record(results);
    }
    let applied = progress.finish();
    // What was not done is not in the record of what was.
    assert!(applied.done.len() <= plan.steps.len() + plan.if_refused.len());
    Ok(applied)
}
