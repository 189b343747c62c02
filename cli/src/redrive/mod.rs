//! `redrive`: runs again what could not be handled, and removes it once it was.

mod dead_letter_queues;
mod provenance;
mod redriven_text;
mod run_again;

use crate::access::{Access, Connection};
use crate::chosen::stack_name;
use crate::consent::Audited;
use crate::output::{Format, Found, Look, note};
use crate::policy::Policy;
use crate::reading::wait_for;
use crate::stack_resources::{Resource, list};
use anyhow::{anyhow, bail};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use dead_letter_queues::{HOLD, Queues};
use jiff::Timestamp;
use mfa_enforcer_aws::AwsError;
use mfa_enforcer_core::event::Function;
use mfa_enforcer_core::organization::role_name;
use mfa_enforcer_core::redrive::{DeadLetter, Fate, FateState, OwnFunctions, Redriven, Row};
use provenance::Histories;
use run_again::{Taken, Worker};
use std::io::Write;

/// What it does not say in short.
const MORE: &str = "\
A function looks at the account as it is now, so running an old event does no harm: a user who has MFA by now is left \
alone, and what is about an earlier user or password of the same name is about nobody. Orders for sweeps go back into \
their queue, one for all of them, because a sweep does what earlier ones left undone.

An event that fails again is in the queue again at once. So is everything else that this does not remove; after Ctrl-C, \
within ten minutes. Whatever is for none of the stack's functions, or has no form that is known, is shown and left. \
Whoever may write to the queue can invent an event, and functions believe what an event says of who did it. So each is \
looked up in CloudTrail's event history, which is up to 20 minutes late. What is not there has a warning, and --yes \
leaves it. So it is with a mail that bounced, which CloudTrail does not record.

In the hub of an organization, each event is looked up in the history of its own account, through the role --role there. \
Orders for single accounts go back into the queue of accounts, one an account. One that later sweeps have made up for is \
dropped: an hourly sweep after an hour, a daily one after a day.

policies/redrive.json is all that has to be allowed, and policies/redrive-organization.json in a hub. Under the service control policy of policies/, it takes the role \
mfa-enforcer-exemptions, or break-glass; for a stack of another name, the first has its name. docs/RUNBOOK.md says what \
to do about each error.

Examples:
  mfa-enforcer redrive --dry-run
  mfa-enforcer redrive --only guard
  mfa-enforcer redrive --dry-run --format json | jq -r '.deadLetters[].error'

The exit status is 0 only if nothing is left in the queues.";

/// Run again what could not be handled, and remove it once it was.
///
/// It takes events out of the dead-letter queues of the stack, shows them, asks, and runs each through its function again,
/// in the order in which they were sent. An event is removed only after its function has handled it.
#[derive(Debug, Args)]
#[command(after_long_help = MORE, after_help = "More with --help.")]
pub(crate) struct Redrive {
    /// Name of the stack
    #[arg(long, value_name = "NAME", default_value = "mfa-enforcer", value_parser = stack_name)]
    stack: String,
    #[command(flatten)]
    audited: Audited,
    /// Only those for this function
    #[arg(long, value_name = "FUNCTION", value_parser = functions())]
    only: Option<Function>,
    /// How many are taken out at most
    #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=1000))]
    max: u16,
    /// The form of the output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// In a hub, the role through which the event history of each other account is read, with its path. The session gets
    /// policies/redrive-history.json and nothing else, whatever the role may do
    #[arg(long, value_name = "NAME", default_value = "OrganizationAccountAccessRole", value_parser = role_name)]
    role: String,
    #[command(flatten)]
    access: Access,
}

fn functions() -> impl TypedValueParser<Value = Function> {
    let named = |name: String| Function::all().find(|function| function.name() == name);
    PossibleValuesParser::new(Function::all().map(Function::name))
        .try_map(move |name| named(name).ok_or("no such function"))
}

impl Redrive {
    pub(crate) fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        let consent = &self.audited.consent;
        if consent.asks() && self.format == Format::Json {
            bail!("--format json does not ask, so nothing was done: add --yes, or --dry-run");
        }
        consent.check()?;
        wait_for(self.redrive(out))
    }

    async fn redrive(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        let connection = self.access.connect().await?;
        let Connection { config, account, caller } = &connection;
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        let listed = list(config, &self.stack).await.map_err(|error| self.explain(&error, account))?;
        let queues = Queues::of(config, &listed, &self.stack)?;
        note(&format!("Reading the dead-letter queues of the stack {}...", self.stack));
        let received =
            queues.receive(self.max.into()).await.map_err(|error| anyhow!("{}", advice(&error)))?;
        let at = Timestamp::now();
        let mut redriven = Redriven::of(at, caller, account, &region, &self.stack);
        redriven.may_be_more = received.may_be_more;
        let of_kind = |resource: &&Resource| resource.kind == "AWS::Lambda::Function";
        let functions = listed.iter().filter(of_kind);
        let functions = functions.map(|found| (found.logical.as_str(), found.name.as_str()));
        let own = OwnFunctions::of(caller, &region, account, functions);
        let own = if queues.are_of_hub() { own.of_hub() } else { own };
        let taken = received.held.into_iter().map(|held| {
            let letter = DeadLetter::read(&held.message, &own, at);
            Taken { held, letter }
        });
        let is_chosen = |taken: &Taken| self.only.is_none_or(|only| taken.letter.function() == Some(only));
        let (mut taken, others): (Vec<_>, Vec<_>) = taken.partition(is_chosen);
        queues.release(others.iter().map(|taken| &taken.held)).await;
        redriven.left_out = others.len();
        taken.sort_by(|a, b| (a.letter.sent, &a.letter.id).cmp(&(b.letter.sent, &b.letter.id)));
        let role = queues.are_of_hub().then_some(self.role.as_str());
        let histories = Histories { connection: &connection, role };
        redriven.history_error = provenance::look_up(&mut taken, histories, at).await;
        let Audited { consent, by } = &self.audited;
        if consent.is_unwatched() {
            taken = taken.into_iter().map(Taken::unwatched).collect();
        }
        redriven.dead_letters =
            taken.iter().map(|taken| Row::of(&taken.letter, Fate::before(&taken.letter))).collect();
        let look = Look::of_output();
        if self.format == Format::Text {
            out.write_all(redriven_text::before(&redriven, look).as_bytes())?;
            out.flush()?;
        }
        let worker = Worker::of(config, &queues, &redriven, by.as_deref());
        let to_run = redriven.count(FateState::Waiting);
        if consent.dry_run || to_run == 0 {
            queues.release(taken.iter().map(|taken| &taken.held)).await;
        } else {
            // To look all of them up may have taken minutes.
            queues.hold_all(taken.iter().map(|taken| &taken.held)).await;
            let asked = Timestamp::now();
            if !consent.is_given(&format!("Run {to_run} of {} again?", taken.len()))? {
                queues.release(taken.iter().map(|taken| &taken.held)).await;
                bail!("nothing was run, and all of it is in the queues");
            }
            // By now others may have taken them.
            if Timestamp::now().duration_since(asked).as_secs() >= i64::from(HOLD) {
                bail!(
                    "the answer came too late, so nothing was run, and all of it is in the queues: run this again"
                );
            }
            let tell = |row: &Row| match self.format {
                Format::Text => {
                    out.write_all(redriven_text::became(row, account, look).as_bytes())?;
                    out.flush()
                }
                Format::Json => Ok(()),
            };
            redriven.dead_letters = worker.run(taken, tell).await?;
        }
        match self.format {
            Format::Text => out.write_all(redriven_text::after(&redriven, look).as_bytes())?,
            Format::Json => out.write_all(redriven.json().as_bytes())?,
        }
        Ok(Found::of(!redriven.is_empty_now()))
    }

    fn explain(&self, error: &AwsError, account: &str) -> anyhow::Error {
        // What CloudFormation answers for a name that no stack has.
        if error.code == "ValidationError" {
            return anyhow!("there is no stack {} in account {account}: name it with --stack", self.stack);
        }
        anyhow!("{}", advice(error))
    }
}

/// What failed, and who may do it.
fn advice(error: &AwsError) -> String {
    Policy::Redrive.advice(error)
}
