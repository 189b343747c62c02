//! A sweep from end to end: read the account, look up whom it concerns, decide, apply, report.
//!
//! Whom to look up, what to do and what to report come from the core. Here is only the order, how much at
//! once, and what to do when time runs out: stop, say what is left, and fail, so that Lambda runs the same
//! sweep again. What was done is not done twice, for every run sees in IAM how things stand.

mod one_user;
mod summary;
mod whole_account;

use crate::answer::Report;
use crate::directory::AccountDirectory;
use crate::error::{AwsError, Failure};
use crate::finish::finish;
use crate::invocation::Invocation;
use crate::messenger::TopicKeeper;
use jiff::Timestamp;
use mfa_enforcer_core::event::{Function, SweepReading, SweepRequest, read_request};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::settings::Settings;
use std::time::{Duration, Instant};

/// Users looked after at once: IAM shares its throttle with the whole account.
const AT_ONCE: usize = 4;
/// With so much time left, no other user is begun.
const RESERVE: Duration = Duration::from_mins(1);
/// With so much time left, users under way are broken off: the digest needs it.
const LAST: Duration = Duration::from_secs(20);
/// With so much time left, the digest and the note of it are given up, so that the log has its line.
const END: Duration = Duration::from_secs(3);

/// What belongs to one run of a sweep.
#[derive(Clone, Copy)]
pub struct SweepInvocation<'a> {
    /// The settings.
    pub settings: &'a Settings,
    /// The time.
    pub clock: &'a (dyn Fn() -> Timestamp + Send + Sync),
    /// Lambda's id of the invocation, for the log.
    pub request_id: &'a str,
    /// How much of the function's time is left.
    pub time_left: &'a (dyn Fn() -> Duration + Send + Sync),
}

/// What all parts of a sweep need.
struct Sweep<'a, D, M> {
    request: &'a SweepRequest,
    invocation: SweepInvocation<'a>,
    directory: &'a D,
    messenger: &'a M,
}

impl SweepInvocation<'_> {
    /// The same for the log, which knows functions.
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

    /// How much time there is for users who are under way.
    fn time_for_users(&self) -> Duration {
        (self.invocation.time_left)().saturating_sub(LAST)
    }

    /// A call that may not outlast the function.
    async fn before_the_end<T>(
        &self,
        operation: Operation,
        call: impl Future<Output = Result<T, AwsError>>,
    ) -> Result<T, AwsError> {
        let left = (self.invocation.time_left)().saturating_sub(END);
        tokio::time::timeout(left, call).await.unwrap_or_else(|_| Err(AwsError::out_of_time(operation)))
    }
}

/// Sweeps the account and logs it: a line for each user on whom something was done, and one for the whole.
///
/// # Errors
/// [`Failure`], after which the sweep is to be run again: what was done already is not done twice.
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
            let sweep = Sweep { request: &request, invocation, directory, messenger };
            sweep.run(&mut report).await
        }
        Ok(SweepReading::Ignored(reason)) => {
            report = Report::default().ignored(reason);
            Ok(())
        }
        Err(malformed) => Err(malformed.into()),
    };
    finish(invocation.of_function(), report, result, started.elapsed())
}
