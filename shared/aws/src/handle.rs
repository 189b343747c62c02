//! One event from end to end: read, look up, decide, apply, and one log line.

use crate::admit::admit;
use crate::answer::Report;
use crate::apply::apply;
use crate::carry_out::{carry_out, complete};
use crate::check_quarantine::check_quarantine;
use crate::directory::Directory;
use crate::error::{AwsError, Failure};
use crate::events;
use crate::evidence::{self, Notebook};
use crate::finish::finish;
use crate::invocation::Invocation;
use crate::measure;
use crate::messenger::Messenger;
use mfa_enforcer_core::decide::{After, Ask, AskEnforcer, AskUser, OwnStack, ask};
use mfa_enforcer_core::event::{Event, Occasion, Reading, label, read};
use mfa_enforcer_core::facts::{RootLedger, UserFacts};
use mfa_enforcer_core::mail_event::{DigestBounce, MailEvent, MailReading, read_mail};
use mfa_enforcer_core::plan::Plan;
use mfa_enforcer_core::progress::Applied;
use std::time::{Duration, Instant};

/// Handles one event and logs it.
///
/// # Errors
/// [`Failure`], after which the event is to be retried: what is already done is not done again.
pub async fn handle<D, M>(
    payload: &str,
    invocation: Invocation<'_>,
    directory: &D,
    messenger: &M,
) -> Result<Report, Failure>
where
    D: Directory + Sync,
    M: Messenger + Sync,
{
    let started = Instant::now();
    let mut report = Report::default();
    let mut notebook = Notebook::of(invocation);
    // Boxed, because it holds all that was looked up.
    let result = Box::pin(run(payload, invocation, directory, messenger, &mut report, &mut notebook)).await;
    // Last of all, and whatever became of the rest: what was done is done. Trying the event again would not write this.
    let Notebook { acts, events, .. } = notebook;
    let (kept, lost) = tokio::join!(evidence::keep(&acts, messenger), events::put(events, messenger));
    if let Err(error) = kept {
        report.findings.push(format!("what was done could not be written to the evidence bucket: {error}"));
    }
    report.findings.extend(lost.map(|lost| lost.to_string()));
    finish(invocation, report, result, started.elapsed())
}

/// Logs an event for which nothing could be looked up.
///
/// # Errors
/// [`Failure`], which this one is.
pub(crate) fn not_handled(
    payload: &str,
    invocation: Invocation<'_>,
    failure: Failure,
) -> Result<Report, Failure> {
    let report = match read(payload, invocation.function, &invocation.settings.deployment) {
        Ok(Reading::Event(event)) => Report::of_event(&event),
        Ok(Reading::Ignored(_)) | Err(_) => Report::of_label(label(payload)),
    };
    finish(invocation, report, Err(failure), Duration::ZERO)
}

/// Fills in `report` on the way, so that a failure is logged with what was known by then.
async fn run<D, M>(
    payload: &str,
    invocation: Invocation<'_>,
    directory: &D,
    messenger: &M,
    report: &mut Report,
    notebook: &mut Notebook,
) -> Result<(), Failure>
where
    D: Directory + Sync,
    M: Messenger + Sync,
{
    let started = Instant::now();
    let Invocation { function, settings, now, .. } = invocation;
    match read_mail(payload, function, settings) {
        Ok(MailReading::NotOfSes) => {}
        Ok(MailReading::Ignored(reason)) => {
            *report = Report::of_label(label(payload)).ignored(reason);
            return Ok(());
        }
        Ok(MailReading::Event(event)) => {
            return note_mail(&event, invocation, directory, messenger, report).await;
        }
        Ok(MailReading::Digest(bounce)) => return note_digest(&bounce, messenger, report).await,
        Err(malformed) => {
            *report = Report::of_label(label(payload));
            return Err(malformed.into());
        }
    }
    let event = match read(payload, function, &settings.deployment) {
        Ok(Reading::Event(event)) => event,
        Ok(Reading::Ignored(reason)) => {
            *report = Report::of_label(label(payload)).ignored(reason);
            return Ok(());
        }
        Err(malformed) => {
            *report = Report::of_label(label(payload));
            return Err(malformed.into());
        }
    };
    *report = Report::of_event(&event);
    let plan = match ask(&event) {
        Ask::Settled(plan) => {
            report.set_plan(&plan);
            plan
        }
        Ask::User(question) => {
            about_user(&event, &question, invocation, directory, messenger, report, notebook).await?
        }
        Ask::Quarantine(check) => {
            let ledger = RootLedger::of(messenger.alerts_tags().await.ok().as_ref());
            let checked = check_quarantine(&check, &ledger, settings, now, directory, messenger).await;
            report.set_plan(&checked.plan);
            notebook.note_event(&event, None, &checked.plan, &checked.done);
            if let Some(error) = checked.failed.into_iter().chain(checked.unread).next() {
                return Err(error.into());
            }
            report.set_done(&checked.done, checked.is_unrecorded);
            checked.plan
        }
        // Here too: what cannot be read is told rather than tried again.
        Ask::Enforcer(question) => {
            let (tags, stack) =
                tokio::join!(messenger.alerts_tags(), own_stack(&question, invocation, directory));
            let plan = question.answer(&RootLedger::of(tags.ok().as_ref()), &stack, settings, now);
            tell_of(&event, &plan, directory, messenger, report, notebook).await?;
            plan
        }
        // What cannot be read about root is a fact, not an error: the alert must go out.
        Ask::Root(question) => {
            let (tags, summary) = tokio::join!(messenger.alerts_tags(), async {
                if !question.needs_summary() {
                    return None;
                }
                let summary = directory.account_summary().await;
                summary.inspect_err(|error| tracing::warn!(%error, "nothing is known of root")).ok()
            });
            let plan = question.answer(&RootLedger::of(tags.ok().as_ref()), summary, settings);
            tell_of(&event, &plan, directory, messenger, report, notebook).await?;
            plan
        }
    };
    // What can be done now is done; the rest waits for the retry.
    if plan.reason.is_transient() {
        return Err(Failure::NotYetVisible(plan.reason));
    }
    if !plan.steps.is_empty() {
        measure::latency(event.source.time, now, started.elapsed());
    }
    Ok(())
}

/// Decides on a user and carries that out. Returns the plan.
async fn about_user<D, M>(
    event: &Event,
    question: &AskUser<'_>,
    invocation: Invocation<'_>,
    directory: &D,
    messenger: &M,
    report: &mut Report,
    notebook: &mut Notebook,
) -> Result<Plan, Failure>
where
    D: Directory + Sync,
    M: Messenger + Sync,
{
    let Invocation { settings, now, .. } = invocation;
    let mut user = directory.user(question.name()).await?;
    report.subject_id = user.as_ref().map(|user| user.id.clone());
    if let Some(user) = &mut user {
        let lookups = question.lookups(user, settings, now);
        complete(user, lookups, settings, now, directory).await?;
    }
    let mut plan = question.answer(user.as_ref(), settings, now);
    report.set_plan(&plan);
    if let Some(user) = user {
        let occasion = Occasion::Event(Box::new(event.clone()));
        plan = admit(plan, &occasion, &user, (settings, now), directory, messenger).await?;
        report.set_plan(&plan);
        let look_again = |after: After<'_>, first: &UserFacts, second: Option<&UserFacts>| {
            question.look_again(after, first, second, settings, now)
        };
        let carried_out = carry_out(&plan, user.clone(), look_again, directory, messenger).await;
        report.set_carried_out(&carried_out);
        notebook.note_event(event, Some((&user, &carried_out.user)), &plan, &carried_out.done);
        if let Some(error) = carried_out.error {
            return Err(error.into());
        }
        if let Some(reason) = carried_out.not_yet {
            return Err(Failure::NotYetVisible(reason));
        }
    }
    Ok(plan)
}

/// Notes on the alerts topic that the digest's mail does not arrive. The next sweep tells it.
async fn note_digest<M: Messenger + Sync>(
    bounce: &DigestBounce,
    messenger: &M,
    report: &mut Report,
) -> Result<(), Failure> {
    *report = Report::of_digest_mail(bounce);
    let (key, value) = bounce.tag();
    Ok(messenger.set_alerts_tag(key, &value).await?)
}

/// Notes on a user that mail to them does not arrive.
async fn note_mail<D, M>(
    event: &MailEvent,
    invocation: Invocation<'_>,
    directory: &D,
    messenger: &M,
    report: &mut Report,
) -> Result<(), Failure>
where
    D: Directory + Sync,
    M: Messenger + Sync,
{
    *report = Report::of_mail(event);
    let user = directory.user(&event.user).await?;
    report.subject_id = user.as_ref().map(|user| user.id.clone());
    let plan = event.answer(user.as_ref(), invocation.settings);
    tell(&plan, directory, messenger, report).await.error.map_or(Ok(()), |error| Err(error.into()))
}

/// Tells of an event, and notes that.
async fn tell_of<D, M>(
    event: &Event,
    plan: &Plan,
    directory: &D,
    messenger: &M,
    report: &mut Report,
    notebook: &mut Notebook,
) -> Result<(), AwsError>
where
    D: Directory + Sync,
    M: Messenger + Sync,
{
    let applied = tell(plan, directory, messenger, report).await;
    notebook.note_event(event, None, plan, &applied.done);
    applied.error.map_or(Ok(()), Err)
}

/// Carries out a plan that only tells the administrators something, or notes something.
async fn tell<D, M>(plan: &Plan, directory: &D, messenger: &M, report: &mut Report) -> Applied<AwsError>
where
    D: Directory + Sync,
    M: Messenger + Sync,
{
    report.set_plan(plan);
    let applied = apply(plan, directory, messenger).await;
    if applied.error.is_none() {
        report.set_done(&applied.done, applied.refused.is_some());
    }
    applied
}

/// What there is to know of the own stack, as far as the answer depends on it.
async fn own_stack<D: Directory + Sync>(
    question: &AskEnforcer<'_>,
    invocation: Invocation<'_>,
    directory: &D,
) -> OwnStack {
    let Some(arn) = question.stack(invocation.settings) else { return OwnStack::default() };
    let warn = |error: &AwsError| tracing::warn!(%error, "nothing is known of the stack");
    let state = directory.stack(arn).await.inspect_err(warn).ok();
    let mut ended = None;
    if question.needs_end(state.as_ref(), invocation.now) {
        ended = directory.stack_ended(arn).await.inspect_err(warn).ok().flatten();
    }
    OwnStack { state, ended }
}
