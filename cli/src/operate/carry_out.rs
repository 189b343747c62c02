//! Carries out what an operator decides: reads, shows, asks, looks again, does it, and says so.

use super::in_member::Sessions;
use super::{Whom, operator_id};
use crate::access::Connection;
use crate::consent::Audited;
use crate::output::{Found, audit, is_agreed, shown};
use crate::policy::Policy;
use crate::reading::wait_for;
use anyhow::{Context, anyhow, bail};
use jiff::Timestamp;
use mfa_enforcer_aws::{
    AwsError, Bus, Clients, CloudTrail, Elsewhere, IamDirectory, Pace, SnsMessenger, apply, put, user_in_full,
};
use mfa_enforcer_core::bus::{OperatorAct, event_of_operator};
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::code_words::words;
use mfa_enforcer_core::decide::{Exempting, Operator, Order, by_operator};
use mfa_enforcer_core::event::UserName;
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::organization::DecisionSession;
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::settings::Settings;
use serde_json::{Value, json};
use std::io::Write;

/// An account in which somebody decides something.
pub(super) struct Desk {
    settings: Settings,
    account: String,
    caller: String,
    directory: IamDirectory,
    clients: Clients,
    name: UserName,
    /// Where the user is one of an account of an organization. What is above may only look at them then.
    sessions: Option<Sessions>,
}

impl Whom {
    pub(super) fn carry_out(
        &self,
        order: &Order,
        reason: Option<&str>,
        out: &mut dyn Write,
    ) -> anyhow::Result<Found> {
        // What is wrong with input is said before anybody is asked.
        self.chosen.check()?;
        if self.in_member.account().is_some() && self.chosen.gives_settings() {
            bail!(
                "with --account, settings are those that the hub has for it: leave out --settings, --env and the flags of \
                 settings"
            );
        }
        let name = UserName::new(&self.name)
            .with_context(|| format!("`{}` is not a name that an IAM user can have", self.name))?;
        self.audited.consent.check()?;
        wait_for(self.decide(order, reason, name, out))
    }

    async fn decide(
        &self,
        order: &Order,
        reason: Option<&str>,
        name: UserName,
        out: &mut dyn Write,
    ) -> anyhow::Result<Found> {
        let desk = self.desk(name).await?;
        let id = operator_id(Timestamp::now())?;
        let operator = Operator { arn: &desk.caller, id: &id };
        let (user, plan) = desk.plan(order, operator).await?;
        out.write_all(shown(&preview(order, &desk, &user, &plan)).as_bytes())?;
        let Audited { consent, by } = &self.audited;
        if consent.dry_run {
            writeln!(out, "Nothing was changed.")?;
            return Ok(Found::Nothing);
        }
        out.flush()?;
        let plan = if consent.asks() { confirmed(order, operator, &desk, &user).await? } else { plan };
        // No step of these plans tells anybody anything.
        let messenger = SnsMessenger::new(desk.clients.sns.clone(), &desk.settings.alerts_topic_arn);
        let hand = desk.hand(&user.name, &plan).await.context("nothing was changed")?;
        let applied = apply(&plan, &hand, &messenger).await;
        let error = applied.error.or(applied.refused);
        if applied.done.is_empty() {
            let error =
                error.map_or_else(|| "nothing was to be done".to_owned(), |error| desk.advice(&error));
            bail!("{error}. Nothing was changed");
        }
        let (label, done, at) = (by.as_deref(), applied.done.as_slice(), Timestamp::now());
        let act = OperatorAct { order, operator, label, reason, user: &user, done, at };
        audit(&line(act, &desk));
        let missing = desk.announce(act).await;
        if let Some(error) = error {
            writeln!(out, "Only a part of it was done: {}", shown(&desk.advice(&error)))?;
        } else {
            writeln!(out, "Done. {}", order.follows(desk.settings.quarantine.holds(&user)))?;
        }
        if let Some(missing) = &missing {
            writeln!(out, "It is not on the event bus: {}", shown(missing))?;
        }
        Ok(Found::of(applied.done.len() < plan.steps.len() || missing.is_some()))
    }

    /// The account, with the settings that are deployed there.
    async fn desk(&self, name: UserName) -> anyhow::Result<Desk> {
        let connection = self.access.connect().await?;
        if let Some(account) = self.in_member.account() {
            let desk = Box::pin(self.in_member.desk(account, connection, &self.chosen, &name));
            return desk.await.context("nothing was changed");
        }
        let settings = self.chosen.of_stack_of_one_account(&connection).await.map_err(|error| {
            anyhow!(
                "{error:#}. Where the hub of an organization enforces MFA, use credentials of the hub's account, or with \
                 --hub of the management account, and --account {}",
                connection.account
            )
        })?;
        Ok(Desk::of(settings, &connection, name, None))
    }
}

/// The plan, once somebody said yes. What was shown has to be so still: a device may have been enrolled meanwhile.
async fn confirmed(
    order: &Order,
    operator: Operator<'_>,
    desk: &Desk,
    seen: &UserFacts,
) -> anyhow::Result<Plan> {
    if !is_agreed("Do it?")? {
        bail!("nothing was changed");
    }
    let (user, plan) = desk.plan(order, operator).await?;
    if user != *seen {
        bail!("{} has changed since it was shown, so nothing was done: look again", user.name);
    }
    Ok(plan)
}

impl Desk {
    /// The account that answers there.
    pub(super) fn of(
        settings: Settings,
        connection: &Connection,
        name: UserName,
        sessions: Option<Sessions>,
    ) -> Self {
        let Connection { config, account, caller } = connection;
        let clients = Clients::new(config, Pace::Event, Elsewhere::of(&settings));
        let history = CloudTrail::new(clients.cloudtrail.clone(), Pace::Sweep);
        let directory = IamDirectory::new(clients.iam.clone()).with_history(history);
        let (account, caller) = (account.clone(), caller.clone());
        Self { settings, account, caller, directory, clients, name, sessions }
    }

    /// What carries the plan out. In a session it may do nothing else.
    async fn hand(&self, user: &UserName, plan: &Plan) -> anyhow::Result<IamDirectory> {
        let Some(sessions) = &self.sessions else { return Ok(self.directory.clone()) };
        let session = sessions.in_account(DecisionSession::Act(user, plan)).await?;
        Ok(IamDirectory::new(Clients::new(&session.config, Pace::Event, Elsewhere::default()).iam))
    }

    /// What failed, and who may do it.
    fn advice(&self, error: &AwsError) -> String {
        let policy = if self.sessions.is_some() { Policy::OperateOrganization } else { Policy::Operate };
        policy.advice(error)
    }

    /// What puts on the bus, if the deployment has one.
    async fn bus(&self) -> anyhow::Result<Option<Bus>> {
        let Some(arn) = &self.settings.output_bus else { return Ok(None) };
        let client = match &self.sessions {
            None => self.clients.events.clone(),
            Some(sessions) => {
                let session = sessions.in_hub(DecisionSession::Entry(arn)).await?;
                Clients::new(&session.config, Pace::Event, Elsewhere::of(&self.settings)).events
            }
        };
        Ok(client.map(|client| Bus::new(client, arn)))
    }

    /// The user as they are, and what is to be done.
    async fn plan(&self, order: &Order, operator: Operator<'_>) -> anyhow::Result<(UserFacts, Plan)> {
        let now = Timestamp::now();
        let user = user_in_full(&self.directory, &self.name, &self.settings, now).await;
        let user = user.map_err(|error| anyhow!("{}. Nothing was changed", self.advice(&error)))?;
        let user = user
            .with_context(|| format!("there is no IAM user `{}` in account {}", self.name, self.account))?;
        let plan = by_operator(order, operator, &user, &self.settings, now);
        let plan = plan.map_err(|refusal| anyhow!("{}: {refusal}. Nothing was changed", user.name))?;
        Ok((user, plan))
    }

    /// Puts the act on the event bus, if the deployment has one. Returns why it is not there.
    async fn announce(&self, act: OperatorAct<'_>) -> Option<String> {
        match self.bus().await {
            Ok(None) => None,
            Ok(Some(bus)) => {
                let lost = put(vec![event_of_operator(act, &self.settings)], &bus).await?;
                Some(lost.error)
            }
            Err(error) => Some(format!("{error:#}")),
        }
    }
}

/// What is to be done, for whoever is asked.
fn preview(order: &Order, desk: &Desk, user: &UserFacts, plan: &Plan) -> String {
    let quarantine = if desk.settings.quarantine.holds(user) { "in quarantine" } else { "not in quarantine" };
    let mut lines = vec![
        format!("User    {} ({}), {quarantine}, in account {}", user.name, user.id, desk.account),
        format!("You     {}", desk.caller),
    ];
    lines.extend(user.devices.iter().map(|device| {
        let kind = words(device.serial.kind().code());
        let since = device.enabled.strftime("%Y-%m-%d %H:%M UTC");
        format!("Device  {} ({kind}), since {since}", device.serial.name())
    }));
    if let Some(Exempting { until, reason }) = order.exempting() {
        lines.push(format!("Exempt  until the end of {until} (UTC): {reason}"));
    }
    lines.extend(plan.steps.iter().map(|step| format!("To do   {}", in_words(step))));
    lines.join("\n") + "\n"
}

/// A step with what it is about.
fn in_words(step: &Step) -> String {
    match step {
        Step::Change { change: Change::AttachPolicy(what) | Change::JoinGroup(what), .. } => {
            format!("{step} {what}")
        }
        Step::Change { .. }
        | Step::Notify(_)
        | Step::RecordRootAlert(_)
        | Step::Repair(_)
        | Step::OrderSweep { .. } => step.to_string(),
    }
}

/// Who did what, to whom, when and why.
fn line(act: OperatorAct<'_>, desk: &Desk) -> Value {
    let OperatorAct { order, operator, label, reason, user, done, at } = act;
    let exempting = order.exempting();
    json!({
        "at": at,
        "id": operator.id.as_str(),
        "account": desk.account,
        "caller": operator.arn,
        "by": label,
        "command": order.name(),
        "user": user.name.as_str(),
        "userId": user.id,
        "until": exempting.map(|exempting| exempting.until.to_string()),
        "reason": exempting.map(|exempting| exempting.reason.as_str()).or(reason),
        "done": done.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}
