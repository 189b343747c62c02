//! A file with settings, in any of the forms in which people have them.

mod lines;
mod overrides;
mod parameters_json;
mod samconfig;

use anyhow::{Context, bail};
use mfa_enforcer_core::settings::{Contents, Fault, Given, Naming, Problem};
use std::fs;
use std::path::{Path, PathBuf};

/// The name that the documents give the stack.
pub(crate) const STACK: &str = "mfa-enforcer";
/// The environment of a samconfig.toml that `sam deploy` takes.
const ENVIRONMENT: &str = "default";

/// What a file has.
#[derive(Debug, Default)]
struct Form {
    given: Vec<Given>,
    naming: Option<Naming>,
    /// What is not a name with a value.
    faults: Vec<Fault>,
    /// The name of the stack.
    stack: Option<String>,
    region: Option<String>,
}

/// A file that was read.
#[derive(Debug)]
pub(crate) struct SettingsFile {
    path: PathBuf,
    contents: Contents,
    faults: Vec<Fault>,
    /// How many values it has.
    pub(crate) count: usize,
    /// The name of the stack, where the file tells it.
    pub(crate) stack: Option<String>,
    /// The region of the stack, where the file tells it.
    pub(crate) region: Option<String>,
}

impl SettingsFile {
    /// Reads a file. `environment` is one of a samconfig.toml. `stack` is the name of the stack, if not the one in the file.
    pub(crate) fn read(path: &Path, environment: Option<&str>, stack: Option<&str>) -> anyhow::Result<Self> {
        let file = path.display();
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {file}"))?;
        let ends = |ending: &str| path.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending));
        if ends("yaml") || ends("yml") {
            bail!(
                "{file} is YAML, expected NAME=VALUE lines, a samconfig.toml, or template parameters as JSON"
            );
        }
        if environment.is_some() && !ends("toml") {
            bail!("--config-env names a part of a samconfig.toml, and {file} does not end in .toml");
        }
        let form = if ends("toml") {
            samconfig::read(&text, environment.unwrap_or(ENVIRONMENT))
        } else if ends("json") || text.trim_start().starts_with(['{', '[']) {
            parameters_json::read(&text)
        } else {
            Ok(lines::read(&text))
        };
        let Form { given, naming, faults, stack: named, region } = form.with_context(|| file.to_string())?;
        let naming = naming.unwrap_or(Naming::Parameters);
        let contents = Contents::of(&given, naming, stack.or(named.as_deref()).unwrap_or(STACK));
        Ok(Self { path: path.to_owned(), contents, faults, count: given.len(), stack: named, region })
    }

    /// The value that a setting has here.
    pub(crate) fn value(&self, setting: &str) -> Option<&str> {
        self.contents.value(setting)
    }

    /// A problem of a setting that has its value from here.
    pub(crate) fn fault_of(&self, problem: &Problem) -> Fault {
        self.contents.fault_of(problem)
    }

    /// What is wrong here, besides these problems of settings.
    pub(crate) fn faults_besides(&self, problems: &[Problem]) -> Vec<Fault> {
        self.faults.iter().chain(self.contents.faults_besides(problems)).cloned().collect()
    }

    /// A fault, with its place.
    pub(crate) fn told(&self, Fault { line, text }: &Fault) -> String {
        let line = line.map(|line| format!(", line {line}")).unwrap_or_default();
        format!("{}{line}: {text}", self.path.display())
    }
}

/// Where the lines of a text begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at).collect())
    }

    /// The line of this byte.
    fn at(&self, byte: usize) -> usize {
        self.0.partition_point(|end| *end < byte) + 1
    }
}
