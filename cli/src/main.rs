//! `mfa-enforcer`: what an operator or an auditor does by hand. The rules are the functions' own: nothing is decided here.

mod access;
mod archive;
mod chosen;
mod completions;
mod consent;
mod doctor;
mod notify;
mod operate;
mod org;
mod organization;
mod output;
mod plan;
mod policy;
mod read;
mod reading;
mod records;
mod redrive;
mod replay;
mod report;
mod review;
mod schema;
mod settings;
mod settings_file;
mod stack_resources;
mod store;
mod user;
mod verify;

use clap::{Parser, Subcommand};
use output::{Found, Manners};
use std::io::{self, Write};
use std::process::ExitCode;

/// Exit status if it could not run.
const COULD_NOT_RUN: u8 = 2;

/// Shows MFA in an AWS account and what mfa-enforcer would do there, and checks and signs what it recorded.
#[derive(Debug, Parser)]
#[command(name = "mfa-enforcer", version, arg_required_else_help = true, max_term_width = 100)]
#[command(
    after_help = "Exit status: 0 if nothing is wrong, 1 if something was found, 2 if it could not run."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    manners: Manners,
}

#[derive(Debug, Subcommand)]
enum Command {
    Plan(Box<plan::Plan>),
    Replay(Box<replay::Replay>),
    Read(Box<read::Read>),
    Report(Box<report::Report>),
    User(Box<user::User>),
    Doctor(doctor::Doctor),
    Exempt(Box<operate::Exempt>),
    Approve(Box<operate::Approve>),
    Release(Box<operate::Release>),
    Contain(Box<operate::Contain>),
    Redrive(Box<redrive::Redrive>),
    Notify(Box<notify::Notify>),
    Verify(verify::Verify),
    #[command(subcommand)]
    Review(review::Review),
    #[command(subcommand)]
    Org(org::Org),
    #[command(subcommand)]
    Settings(settings::Settings),
    Schema(schema::Schema),
    Completions(completions::Completions),
    Man(completions::Man),
}

impl Command {
    fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        match self {
            Self::Plan(plan) => plan.run(out),
            Self::Replay(replay) => replay.run(out),
            Self::Read(read) => read.run(out),
            Self::Report(report) => report.run(out),
            Self::User(user) => user.run(out),
            Self::Doctor(doctor) => doctor.run(out),
            Self::Exempt(exempt) => exempt.run(out),
            Self::Approve(approve) => approve.run(out),
            Self::Release(release) => release.run(out),
            Self::Contain(contain) => contain.run(out),
            Self::Redrive(redrive) => redrive.run(out),
            Self::Notify(notify) => notify.run(out),
            Self::Verify(verify) => verify.run(out),
            Self::Review(review) => review.run(out),
            Self::Org(org) => org.run(out),
            Self::Settings(settings) => settings.run(out),
            Self::Schema(schema) => schema.run(out),
            Self::Completions(completions) => completions.run(out),
            Self::Man(man) => man.run(),
        }
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    cli.manners.apply();
    let mut out = io::BufWriter::new(io::stdout().lock());
    let ran = cli.command.run(&mut out).and_then(|found| Ok(out.flush().map(|()| found)?));
    match ran {
        Ok(Found::Nothing) => ExitCode::SUCCESS,
        Ok(Found::Something) => ExitCode::FAILURE,
        Err(error) => {
            if !output::is_closed_pipe(&error) {
                output::error(&format!("{error:#}"));
            }
            ExitCode::from(COULD_NOT_RUN)
        }
    }
}
