//! `read`: what the functions would read each record as.

use crate::access::Access;
use crate::archive::{Trouble, each_record, sources};
use crate::chosen::{Chosen, list_of_flags};
use crate::output::Found;
use crate::replay::settings_of;
use anyhow::{anyhow, bail};
use clap::Args;
use mfa_enforcer_archive::Reader;
use mfa_enforcer_core::event::{Deployment, Header, Told, ToldReading, enveloped};
use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;

/// Say what the functions would read each record as, in a JSON object on each line.
///
/// A record is read for whichever function handles it, in a deployment in its own account. Programs in other languages
/// can compare what they read with it. `docs/reading.schema.json` describes the output.
#[derive(Debug, Args)]
#[command(after_long_help = examples(), after_help = "More with --help.")]
pub(crate) struct Read {
    /// Files, folders, `s3://BUCKET/PREFIX`, or - for standard input
    #[arg(default_value = "-", value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    chosen: Chosen,
}

fn examples() -> String {
    format!(
        "{}\n\nExamples:
  mfa-enforcer read events
  mfa-enforcer read < trail.json | jq 'select(.reading == \"malformed\")'",
        list_of_flags()
    )
}

impl Read {
    pub(crate) fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        let elsewhere = self.chosen.check()?.deployment;
        let mut deployments: HashMap<String, Deployment> = HashMap::new();
        let mut unreadable = Vec::new();
        let sources = sources(&self.paths, &self.access, |path, error| {
            unreadable.push(format!("{}: {error}", path.display()));
        })?;
        if let [first, ..] = unreadable.as_slice() {
            bail!("cannot read {first}");
        }
        let mut is_any_malformed = false;
        let mut reader = Reader::default();
        for source in sources {
            let mut result = Ok(());
            let contents = each_record(&source, &mut reader, |_, record| {
                if result.is_ok() {
                    let told = self.told(record, &elsewhere, &mut deployments);
                    result = told.and_then(|told| {
                        is_any_malformed |= matches!(told.reading, ToldReading::Malformed { .. });
                        Ok(writeln!(out, "{}", serde_json::to_string(&told)?)?)
                    });
                }
            });
            result?;
            contents.map_err(|trouble| anyhow!("{trouble}"))?;
        }
        Ok(Found::of(is_any_malformed))
    }

    fn told(
        &self,
        record: Result<&[u8], Trouble>,
        elsewhere: &Deployment,
        deployments: &mut HashMap<String, Deployment>,
    ) -> anyhow::Result<Told> {
        let malformed = |problem: &str| {
            let reading =
                ToldReading::Malformed { field: "(record)".to_owned(), problem: problem.to_owned() };
            Ok(Told { id: None, name: None, reading })
        };
        let record = match record {
            Ok(record) => record,
            Err(trouble) => return malformed(&trouble.what),
        };
        let Ok(record) = std::str::from_utf8(record) else { return malformed("is not UTF-8") };
        let header = enveloped(record).and_then(|payload| Header::read(&payload));
        let Ok(header) = header else { return Ok(Told::of(record, elsewhere)) };
        if !deployments.contains_key(&header.account) {
            deployments.insert(header.account.clone(), settings_of(&self.chosen, &header)?.deployment);
        }
        Ok(Told::of(record, deployments.get(&header.account).unwrap_or(elsewhere)))
    }
}
