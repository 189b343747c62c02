//! `notify --test`: a mail to an operator's own address, as a user would get it.

use crate::access::{Access, Connection};
use crate::chosen::Chosen;
use crate::consent::Audited;
use crate::operate::operator_id;
use crate::output::{Found, audit, shown};
use crate::policy::Policy;
use crate::reading::wait_for;
use anyhow::{anyhow, bail};
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use mfa_enforcer_aws::{
    AwsError, Bus, Clients, Directory, Elsewhere, ErrorKind, IamDirectory, Pace, put, send_mail,
};
use mfa_enforcer_core::bus::event_of_test;
use mfa_enforcer_core::decide::Operator;
use mfa_enforcer_core::notice::{Sample, TestMail, test_mail};
use serde_json::json;
use std::io::Write;

/// What it does not say in short.
const MORE: &str = "\
The mail has the sender, the letterhead and the links of the settings that are deployed, and goes through SES with their \
configuration set. Its subject and its first line say that it is a test; it is about nobody, so a bounce is not noted. It \
goes to one address, which has to be in MAIL_DOMAINS, and no copy goes to anybody.

Without MAIL_FROM nothing is sent: SNS sends to everybody who has subscribed to a topic, and never to one of them. Text \
messages and alerts cannot be tried in this way either.

policies/notify.json is all that has to be allowed. Settings are those of the stack (--stack), unless a file says \
otherwise, or a flag: each has one, as in `mfa-enforcer plan --help`.

Examples:
  mfa-enforcer notify --test --to carol@example.com
  mfa-enforcer notify --test --to carol@example.com --message quarantined --dry-run";

/// Send a message to an address of your own, as a user would get it.
///
/// It shows the mail, asks, and sends it.
#[derive(Debug, Args)]
#[command(after_long_help = MORE, after_help = "More with --help.")]
pub(crate) struct Notify {
    /// Mark it as a test. Nothing else can be sent by hand
    #[arg(long, required = true)]
    test: bool,
    /// The address, which is to be your own
    #[arg(long, value_name = "ADDRESS")]
    to: String,
    /// Which message
    #[arg(long, value_enum, default_value_t = Message::Reminder)]
    message: Message,
    #[command(flatten)]
    audited: Audited,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    chosen: Chosen,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Message {
    /// That MFA is to be set up until a day
    Reminder,
    /// That access is limited
    Quarantined,
}

impl Notify {
    pub(crate) fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        // What is wrong with input is said before anybody is asked.
        self.chosen.check()?;
        self.audited.consent.check()?;
        wait_for(self.send(out))
    }

    async fn send(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        let connection = self.access.connect().await?;
        let settings = self.chosen.of_stack(&connection).await?;
        let Connection { config, account, caller } = &connection;
        let clients = Clients::new(config, Pace::Event, Elsewhere::of(&settings));
        let now = Timestamp::now();
        let id = operator_id(now)?;
        let operator = Operator { arn: caller, id: &id };
        let sample = match self.message {
            Message::Reminder => Sample::Reminder,
            Message::Quarantined => Sample::Quarantined,
        };
        let alias = match settings.letterhead.account_name {
            Some(_) => None,
            None => IamDirectory::new(clients.iam.clone()).account_alias().await,
        };
        let test = test_mail(sample, &self.to, operator, alias.as_deref(), &settings, now);
        let test = test.map_err(|untried| anyhow!("{}: {untried}. Nothing was sent", self.to))?;
        out.write_all(shown(&preview(&test)).as_bytes())?;
        let Audited { consent, by } = &self.audited;
        if consent.dry_run {
            writeln!(out, "Nothing was sent.")?;
            return Ok(Found::Nothing);
        }
        out.flush()?;
        if !consent.is_given(&format!("Send it to {}?", shown(&test.to)))? {
            bail!("nothing was sent");
        }
        let client = clients.ses.as_ref().ok_or_else(|| anyhow!("there is no region whose SES sends"))?;
        let sent = send_mail(client, &test.to, &test.mail).await;
        sent.map_err(|error| {
            // What was not answered may have been done.
            let became = if error.is_transient() { "It may have been sent" } else { "Nothing was sent" };
            anyhow!("{}. {became}", advice(&error))
        })?;
        audit(&json!({
            "at": now,
            "id": id.as_str(),
            "account": account,
            "caller": caller,
            "by": by,
            "command": "notify",
            "subject": test.mail.subject,
        }));
        writeln!(out, "SES has taken it. Whether it arrives, you see in the mailbox, spam folder included.")?;
        let bus = clients.events.zip(settings.output_bus.as_ref());
        let Some(bus) = bus.map(|(client, arn)| Bus::new(client, arn)) else { return Ok(Found::Nothing) };
        let event = event_of_test(operator, by.as_deref(), &settings, now);
        let lost = put(vec![event], &bus).await;
        if let Some(lost) = &lost {
            writeln!(out, "It is not on the event bus: {}", shown(&lost.error))?;
        }
        Ok(Found::of(lost.is_some()))
    }
}

/// The mail, for whoever is asked.
fn preview(TestMail { to, mail }: &TestMail) -> String {
    let reply = mail.reply_to.as_ref().map(|address| format!("Reply to {address}\n")).unwrap_or_default();
    format!("From     {}\nTo       {to}\n{reply}Subject  {}\n\n{}\n", mail.from, mail.subject, mail.text)
}

/// What failed, and what to do.
fn advice(error: &AwsError) -> String {
    let says = Policy::Notify.advice(error);
    if error.kind == ErrorKind::SenderRefused {
        format!("{says}: docs/MAIL.md, When SES refuses")
    } else {
        says
    }
}
