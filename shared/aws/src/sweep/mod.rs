//! A sweep from end to end: read the account, look up the users concerned, decide, apply, report.
//!
//! The core says whom to look up, what to do and what to report. This module owns the order, the concurrency, and
//! what happens when time runs out: stop, say what is left, and fail, so that Lambda retries the same sweep.
//! Nothing is done twice, because every run reads the current state from IAM.

mod digest;
mod gather;
mod no_account;
mod on_bus;
mod one_user;
mod punctual;
mod summary;
mod whole_account;

use self::gather::Gathered;
use self::punctual::Punctual;
use crate::answer::Report;
use crate::check_quarantine::check_quarantine;
use crate::directory::AccountDirectory;
use crate::error::{AwsError, Failure};
use crate::finish::finish;
use crate::invocation::Invocation;
use crate::messenger::{Messenger, TopicKeeper};
use crate::telemetry;
use jiff::Timestamp;
use mfa_enforcer_core::decide::QuarantineCheck;
use mfa_enforcer_core::digest::{SweepResult, kind_to_run};
use mfa_enforcer_core::event::{Function, SweepReading, SweepRequest, read_request};
use mfa_enforcer_core::facts::RootLedger;
use mfa_enforcer_core::organization::SweepRun;
use mfa_enforcer_core::plan::Step;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::sweep::effective;
use mfa_enforcer_core::tags::ROOT_NOTIFIED_KEY;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Users handled at once. IAM's rate limit applies to the whole account.
const AT_ONCE: usize = 4;
/// With less time left than this, no further user is started.
const RESERVE: Duration = Duration::from_mins(1);
/// With less time left than this, users in progress are abandoned: the digest needs the time.
const LAST: Duration = Duration::from_secs(20);
/// With less time left than this, the digest and its record are abandoned, so that the log line gets written.
const END: Duration = Duration::from_secs(3);

/// The context of one run of a sweep.
#[derive(Clone, Copy)]
pub struct SweepInvocation<'a> {
    /// The function's settings.
    pub settings: &'a Settings,
    /// Tells the current time.
    pub clock: &'a (dyn Fn() -> Timestamp + Send + Sync),
    /// Lambda's request id, for the log.
    pub request_id: &'a str,
    /// Tells how much of the function's time is left.
    pub time_left: &'a (dyn Fn() -> Duration + Send + Sync),
    /// The run of a hub that this sweep is a part of. Then it keeps its result instead of sending a digest: the hub makes
    /// one of all accounts.
    pub run: Option<&'a SweepRun>,
}

/// The context that all parts of a sweep share.
struct Sweep<'a, D, M> {
    request: &'a SweepRequest,
    invocation: SweepInvocation<'a>,
    directory: &'a D,
    messenger: &'a M,
    /// What the evidence needs to know of what is done.
    gathered: &'a Mutex<Gathered>,
}

impl SweepInvocation<'_> {
    /// The same as an [`Invocation`], for the log.
    fn of_function(&self) -> Invocation<'_> {
        Invocation {
            function: Function::Sweep,
            settings: self.settings,
            now: (self.clock)(),
            request_id: self.request_id,
        }
    }
}

impl<D, M> Sweep<'_, D, M> {
    fn is_out_of_time(&self) -> bool {
        (self.invocation.time_left)() < RESERVE
    }

    /// The time that is left for users in progress.
    fn time_for_users(&self) -> Duration {
        (self.invocation.time_left)().saturating_sub(LAST)
    }
}

/// Sweeps the account and logs it: a line for each user for whom something was done, and one for the sweep.
///
/// # Errors
/// [`Failure`], after which the sweep is to be retried: what is already done is not done again.
pub async fn sweep<D, M>(
    payload: &str,
    invocation: SweepInvocation<'_>,
    directory: &D,
    messenger: &M,
) -> Result<Report, Failure>
where
    D: AccountDirectory + Sync,
    M: TopicKeeper + Sync,
{
    let started = Instant::now();
    let mut report = Report::default();
    let result = match read_request(payload, (invocation.clock)()) {
        Ok(SweepReading::Sweep(request)) => {
            let directory = &Punctual::new(directory, invocation.time_left);
            let messenger = &Punctual::new(messenger, invocation.time_left);
            // The tags say whether a daily sweep was missed, which an hourly one then makes up for.
            let tags = messenger.alerts_tags().await;
            // In a run of a hub, each account is asked for the same.
            let kind = match invocation.run {
                Some(run) => run.kind,
                None => kind_to_run(&request, tags.as_ref().ok(), (invocation.clock)()),
            };
            let request = request.as_kind(kind);
            let gathered = &Mutex::new(Gathered::of(invocation.of_function()));
            let (settings, tags, found) =
                prepare(&request, tags, invocation, directory, messenger, gathered).await;
            let invocation = SweepInvocation { settings: &settings, ..invocation };
            let sweep = Sweep { request: &request, invocation, directory, messenger, gathered };
            sweep.run(tags, found, &mut report).await
        }
        Ok(SweepReading::Ignored(reason)) => {
            report = Report::default().ignored(reason);
            Ok(())
        }
        Err(malformed) => Err(malformed.into()),
    };
    finish(invocation.of_function(), report, result, started.elapsed())
}

/// The tags of the alerts topic, or why they could not be read.
type Tags = Result<BTreeMap<String, String>, AwsError>;

/// Checks the quarantine itself before anybody is put under it. Returns the settings that hold as things stand, the tags
/// of the alerts topic as they are now, and what was found.
async fn prepare<D, M>(
    request: &SweepRequest,
    mut tags: Tags,
    invocation: SweepInvocation<'_>,
    directory: &D,
    messenger: &M,
    gathered: &Mutex<Gathered>,
) -> (Settings, Tags, SweepResult)
where
    D: AccountDirectory + Sync,
    M: TopicKeeper + Sync,
{
    let (settings, now, started) = (invocation.settings, (invocation.clock)(), Instant::now());
    let check = QuarantineCheck::of_sweep(request);
    let ledger = RootLedger::of(tags.as_ref().ok());
    let checked = check_quarantine(&check, &ledger, settings, now, directory, messenger).await;
    if !checked.plan.steps.is_empty() {
        let mut report = Report::of_sweep(request, &settings.deployment.account);
        report.set_plan(&checked.plan);
        telemetry::log(&report, None, invocation.of_function(), started.elapsed());
    }
    gather::note(gathered, request, None, &checked.plan, &checked.done);
    for step in &checked.done {
        if let (Step::RecordRootAlert(value), Ok(tags)) = (step, &mut tags) {
            tags.insert(ROOT_NOTIFIED_KEY.to_owned(), value.clone());
        }
    }
    let (settings, findings) = effective(settings, &checked.seen, now);
    // What is refused for good would be refused again. It is told, and the digest has it.
    let may_help = checked.failed.iter().filter(|error| error.is_transient());
    let failed = may_help.map(ToString::to_string).collect();
    (settings, tags, SweepResult { findings, failures: failed, ..SweepResult::default() })
}
