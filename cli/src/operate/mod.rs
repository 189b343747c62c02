//! `exempt`, `approve`, `release` and `contain`: what an operator decides about one user.

mod carry_out;
mod in_member;

use crate::access::Access;
use crate::chosen::Chosen;
use crate::consent::Audited;
use crate::output::Found;
use anyhow::Context;
use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use in_member::InMember;
use jiff::Timestamp;
use jiff::civil::Date;
use mfa_enforcer_core::decide::{Exempting, Order};
use mfa_enforcer_core::event::EventId;
use std::io::Write;

/// Which role it takes.
const ROLE: &str = "\
policies/operate.json is all that has to be allowed. Under the service control policy of policies/, it takes the role \
mfa-enforcer-exemptions, or break-glass; for a stack of another name, the first has its name. docs/RUNBOOK.md says who \
may decide. Settings are those of the stack (--stack), unless a file says otherwise, or a flag: each has one, as in \
`mfa-enforcer plan --help`.

Where the hub of an organization enforces MFA, name the account of the user with --account, and use credentials of the \
hub's account or, with --hub, of the management account. Settings are those that hold there. \
policies/operate-organization.json is what has to be allowed besides.";

/// The user, and how it is done.
#[derive(Debug, Args)]
pub(crate) struct Whom {
    /// Name of the IAM user
    name: String,
    #[command(flatten)]
    audited: Audited,
    #[command(flatten)]
    in_member: InMember,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    chosen: Chosen,
}

/// Exempt a user from MFA until the end of a day (UTC).
///
/// It sets the tag `mfa-enforcer:exempt-until`. The functions see who did it, note it, tell the administrators, and lift a
/// quarantine. Nobody can do it for themselves.
#[derive(Debug, Args)]
#[command(after_long_help = help("  mfa-enforcer exempt grace --until 2027-01-31 --reason 'INC-4711 token ordered'"))]
#[command(after_help = "More with --help.")]
pub(crate) struct Exempt {
    /// The last day of the exemption
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    until: Date,
    /// Why, or a ticket
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    whom: Whom,
}

/// Approve the release of a user who has enrolled MFA, and waits for that.
///
/// It sets the tag `mfa-enforcer:approved`. Ask the user before, in person or at a number that you know, whether each of the
/// devices that it shows is theirs. Nobody can do it for themselves.
#[derive(Debug, Args)]
#[command(after_long_help = help("  mfa-enforcer approve carol"), after_help = "More with --help.")]
pub(crate) struct Approve {
    #[command(flatten)]
    whom: Whom,
}

/// Let the enforcer release a user from its quarantine.
///
/// It ends the quarantine in the way that the enforcer believes: by an exemption. Without one, it says what ends the
/// quarantine. What is only detached, the next event or sweep puts back.
#[derive(Debug, Args)]
#[command(after_long_help = help("  mfa-enforcer release bob --until 2026-12-04 --reason 'INC-4711 token lost'"))]
#[command(after_help = "More with --help.")]
pub(crate) struct Release {
    /// Exempt the user until the end of this day, so that they stay released
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date, requires = "reason")]
    until: Option<Date>,
    /// Why, or a ticket
    #[arg(long, value_name = "TEXT", requires = "until")]
    reason: Option<String>,
    #[command(flatten)]
    whom: Whom,
}

/// Put a user under the enforcer's quarantine.
///
/// It attaches the policy that the settings name, and then records the quarantine as the enforcer's, so that it is put back
/// if somebody takes it off. It ends as any other: by MFA, by an exemption, or with RELEASE=approval by an approval.
#[derive(Debug, Args)]
#[command(after_long_help = help("  mfa-enforcer contain bob --reason 'INC-4711 password on a leaked list'"))]
#[command(after_help = "More with --help.")]
pub(crate) struct Contain {
    /// Why, or a ticket, for the audit line and the event bus
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    reason: String,
    #[command(flatten)]
    whom: Whom,
}

fn help(example: &str) -> String {
    format!("{ROLE}\n\nExample:\n{example}")
}

impl Exempt {
    pub(crate) fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        let order = Order::Exempt(Exempting { until: self.until, reason: self.reason.clone() });
        self.whom.carry_out(&order, None, out)
    }
}

impl Approve {
    pub(crate) fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        self.whom.carry_out(&Order::Approve, None, out)
    }
}

impl Release {
    pub(crate) fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        let exempting = self.until.zip(self.reason.clone());
        let order = Order::Release(exempting.map(|(until, reason)| Exempting { until, reason }));
        self.whom.carry_out(&order, None, out)
    }
}

impl Contain {
    pub(crate) fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        self.whom.carry_out(&Order::Contain, Some(&self.reason), out)
    }
}

/// The id of what an operator asks for.
pub(crate) fn operator_id(now: Timestamp) -> anyhow::Result<EventId> {
    let id = format!("operator-{}-{}", now.strftime("%Y%m%dT%H%M%SZ"), std::process::id());
    EventId::new(&id).context("the clock is out of range")
}

/// A day, and nothing else.
fn date(text: &str) -> anyhow::Result<Date> {
    let date = (text.len() == 10).then(|| text.parse().ok()).flatten();
    date.context("expected a date such as 2026-12-31")
}
