//! `replay`: what a deployment would have done with the events in an archive.

mod summary;
mod text;

use crate::access::Access;
use crate::archive::{Scanned, Source, Spool, Trouble, said, scan, sources};
use crate::chosen::{Chosen, list_of_flags};
use crate::output::{Format, Found, Look, is_quiet};
use anyhow::{Context, anyhow, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use mfa_enforcer_core::counted::counted;
use mfa_enforcer_core::event::Header;
use mfa_enforcer_core::forecast::Schedule;
use mfa_enforcer_core::replay::{Entry, Replay as Course, Snapshot, Taken};
use mfa_enforcer_core::settings::Settings;
use serde::Serialize;
use std::fs;
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;
use summary::Summary;

/// Say what a deployment would have done with the events in archives of CloudTrail.
///
/// It asks AWS nothing, but for archives in a bucket. Users, passwords, devices, tags and quarantines are rebuilt from the records themselves, and events
/// and sweeps are decided by the functions' own rules. What happened before the archive begins is not known: then it says
/// on what its answer depends, and sweeps leave such users out. Calls of the enforcer itself are passed over, so a
/// deployment that was there already makes no difference.
///
/// Archives are files as AWS writes them into a bucket (.json.gz), JSON, JSON lines, EventBridge events, and answers of
/// `aws cloudtrail lookup-events`. Their records may be in any order, and several times.
#[derive(Debug, Args)]
#[command(after_long_help = examples(), after_help = "More with --help.")]
pub(crate) struct Replay {
    /// Files, folders, `s3://BUCKET/PREFIX`, or - for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Only this account
    #[arg(long, value_name = "NUMBER")]
    account: Option<String>,
    /// Begin with the users that `plan --format json` wrote into this file
    #[arg(long, value_name = "FILE")]
    snapshot: Option<PathBuf>,
    /// When the daily sweep is due, in the time zone of the settings
    #[arg(long, value_name = "HH:MM", default_value = "06:00")]
    daily_at: String,
    /// How many files are read at the same time, with 20 MiB of memory each [default: the number of cores]
    #[arg(long, value_name = "NUMBER")]
    threads: Option<NonZeroUsize>,
    /// Stop at the first file or record that cannot be read
    #[arg(long)]
    strict: bool,
    /// The form of the output: text, or a JSON object in each line
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    chosen: Chosen,
}

fn examples() -> String {
    format!(
        "{}\n\nExamples:
  mfa-enforcer replay s3://BUCKET/AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/
  mfa-enforcer replay --grace-period 3d --format json trail | jq 'select(.what == \"contained\")'
  zcat trail/*.json.gz | mfa-enforcer replay -",
        list_of_flags()
    )
}

/// A line of the JSON output.
#[derive(Serialize)]
struct Line<'a> {
    account: &'a str,
    #[serde(flatten)]
    entry: &'a Entry,
}

impl Replay {
    pub(crate) fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        // What is wrong with settings is said before anything is read.
        let zone = self.chosen.check()?.letterhead.zone;
        let schedule = Schedule::at(&self.daily_at, zone)
            .with_context(|| format!("--daily-at is `{}`, expected a time such as 06:00", self.daily_at))?;
        let snapshot = self.snapshot.as_deref().map(read_snapshot).transpose()?;
        let mut summary = Summary::default();
        let sources = self.sources(&mut summary)?;
        let spool = self.read(&sources, &mut summary)?;
        if spool.is_empty() && summary.is_nothing() {
            return Err(summary.nothing_there(&sources));
        }
        self.replay(spool, (&schedule, snapshot.as_ref()), &mut summary, out)?;
        match self.format {
            Format::Text => out.write_all(text::summary(&summary).as_bytes())?,
            Format::Json => writeln!(out, "{}", serde_json::to_string(&summary.line())?)?,
        }
        // A replay is no verdict. But one with gaps is not what was asked for.
        Ok(Found::of(summary.has_troubles()))
    }

    fn sources(&self, summary: &mut Summary) -> anyhow::Result<Vec<Source>> {
        let mut troubles = Vec::new();
        let sources = sources(&self.paths, &self.access, |path, error| {
            troubles.push(Trouble::of_file(&path.display(), &format!("cannot be read: {error}")));
        })?;
        troubles.into_iter().try_for_each(|trouble| self.note(&trouble, summary))?;
        Ok(sources)
    }

    /// Notes what cannot be read.
    fn note(&self, trouble: &Trouble, summary: &mut Summary) -> anyhow::Result<()> {
        if self.strict {
            bail!("{trouble}");
        }
        summary.note(trouble);
        Ok(())
    }

    fn read(&self, sources: &[Source], summary: &mut Summary) -> anyhow::Result<Spool> {
        let threads = self.threads.or_else(|| available_parallelism().ok()).map_or(1, NonZeroUsize::get);
        let bar = progress(sources);
        let mut spool = Spool::default();
        scan(sources, threads, |scanned: Scanned| -> anyhow::Result<()> {
            let Scanned { bytes, size, records, ignored, candidates, troubles, is_whole } = scanned;
            summary.add(bytes, records, &ignored, is_whole);
            bar.inc(size);
            bar.set_message(format!(
                "{}, {}",
                counted(summary.files, "file"),
                counted(summary.records, "record")
            ));
            for candidate in candidates {
                if self.account.as_ref().is_none_or(|account| *account == candidate.header.account) {
                    spool.push(candidate).context("cannot write a temporary file")?;
                } else {
                    summary.of_other_accounts += 1;
                }
            }
            troubles.into_iter().try_for_each(|trouble| self.note(&trouble, summary))
        })?;
        bar.finish_and_clear();
        Ok(spool)
    }

    fn replay(
        &self,
        spool: Spool,
        (schedule, snapshot): (&Schedule, Option<&Snapshot>),
        summary: &mut Summary,
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        let mut course: Option<(Header, Course)> = None;
        let doubles = spool.in_order(|kept| -> anyhow::Result<()> {
            let header = kept.header;
            if course.as_ref().is_none_or(|(before, _)| before.account != header.account) {
                self.end(course.take(), summary, out)?;
                let settings = settings_of(&self.chosen, &header)?;
                let new = Course::new(settings, schedule.clone());
                let new = match snapshot.filter(|snapshot| snapshot.account() == header.account) {
                    Some(snapshot) => new.with_snapshot(snapshot),
                    None => new,
                };
                course = Some((header.clone(), new));
            }
            let Some((last, course)) = &mut course else { return Ok(()) };
            // What happened before the plan is in the plan.
            let is_of_it =
                |snapshot: &Snapshot| snapshot.account() == header.account && header.at < snapshot.at();
            if snapshot.is_some_and(is_of_it) {
                summary.before_snapshot += 1;
                return Ok(());
            }
            match course.take(&kept.payload) {
                Ok(Taken::Ignored(reason)) => summary.ignore(reason),
                Ok(Taken::Event | Taken::Lost) => summary.relevant += 1,
                Err(malformed) => {
                    let at = format!("account {}, event `{}` at {}", header.account, header.id, header.at);
                    let what = said(&malformed);
                    self.note(&Trouble { at, what, is_file: false }, summary)?;
                }
            }
            *last = header;
            self.show(&last.account, course, summary, out)
        })?;
        self.end(course, summary, out)?;
        summary.doubles = doubles;
        Ok(())
    }

    /// The end of an account.
    fn end(
        &self,
        course: Option<(Header, Course)>,
        summary: &mut Summary,
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        let Some((last, mut course)) = course else { return Ok(()) };
        course.finish(last.at);
        self.show(&last.account, &mut course, summary, out)?;
        summary.end(&last.account, &course.tally());
        Ok(())
    }

    fn show(
        &self,
        account: &str,
        course: &mut Course,
        summary: &mut Summary,
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        let look = Look::of_output();
        for entry in course.entries() {
            summary.count(&entry);
            let written = match self.format {
                Format::Text => {
                    out.write_all(text::line(account, &entry, summary.is_first(), look).as_bytes())
                }
                Format::Json => {
                    let line = serde_json::to_string(&Line { account, entry: &entry })?;
                    writeln!(out, "{line}")
                }
            };
            written.map_err(|error| anyhow!(error))?;
        }
        Ok(())
    }
}

fn read_snapshot(path: &Path) -> anyhow::Result<Snapshot> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Snapshot::read(&text).map_err(|problem| anyhow!("{} {problem}", path.display()))
}

/// The settings for the account of a record.
pub(crate) fn settings_of(chosen: &Chosen, header: &Header) -> anyhow::Result<Settings> {
    chosen.read(&header.root_arn(), header.home_region(), &header.account)
}

/// A bar that shows how much was read, on a terminal alone.
fn progress(sources: &[Source]) -> ProgressBar {
    let bytes = sources.iter().map(Source::size).sum();
    let bar = if is_quiet() { ProgressBar::hidden() } else { ProgressBar::new(bytes) };
    let style = ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta} {msg}");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}
