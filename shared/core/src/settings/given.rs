//! Settings as somebody wrote them into a file: the names, each once, and what they become.

use super::letterhead::shortened;
use super::parameters::{camel, parameters, variables};
use super::zone::distance;
use super::{Problem, values};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// How many letters a name may be wrong in for a guess.
const NEAR: usize = 3;

/// How a file names settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// As the variables: `GRACE_PERIOD`.
    Settings,
    /// As the template's parameters: `GracePeriod`.
    Parameters,
}

/// A value, with the name and the line that it has in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Name of a setting or of a parameter.
    pub name: String,
    /// The value.
    pub value: String,
    /// The line, from 1.
    pub line: usize,
}

/// Something that is wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fault {
    /// In which line; `None` if it is about what the file leaves out.
    pub line: Option<usize>,
    /// What is wrong, and what is allowed.
    pub text: String,
}

/// What a file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    variables: BTreeMap<&'static str, String>,
    /// Where a setting comes from: a line, and the name there.
    origins: BTreeMap<&'static str, (usize, String)>,
    /// What is wrong with names, and with what no setting comes from.
    faults: Vec<Fault>,
    /// What is too long for the template, by the setting that it becomes.
    too_long: BTreeMap<&'static str, Fault>,
}

impl Contents {
    /// The contents of a file that names settings like this, as a stack of this name takes them.
    #[must_use]
    pub fn of(given: &[Given], naming: Naming, stack: &str) -> Self {
        let known = known(naming);
        let mut contents = Self::default();
        let mut first: BTreeMap<&str, &Given> = BTreeMap::new();
        for each in given {
            let Given { name, line, .. } = each;
            if !known.contains(name) {
                contents.fault(*line, unknown(name, naming, &known));
            } else if let Some(before) = first.get(name.as_str()) {
                contents.fault(*line, format!("`{name}` is there twice, first in line {}", before.line));
            } else {
                first.insert(name, each);
            }
        }
        match naming {
            Naming::Settings => contents.take_settings(&first),
            Naming::Parameters => contents.take_parameters(&first, stack),
        }
        contents
    }

    fn take_settings(&mut self, given: &BTreeMap<&str, &Given>) {
        for setting in values::descriptions() {
            let Some(each) = given.get(setting.name) else { continue };
            self.variables.insert(setting.name, each.value.clone());
            self.origins.insert(setting.name, (each.line, each.name.clone()));
        }
    }

    fn take_parameters(&mut self, given: &BTreeMap<&str, &Given>, stack: &str) {
        for parameter in parameters() {
            let Some(each) = given.get(parameter.name.as_str()) else { continue };
            let fault = |problem| Fault { line: Some(each.line), text: format!("{} {problem}", each.name) };
            let problem = parameter.problem(&each.value).map(fault);
            match parameter.setting {
                None => self.faults.extend(problem),
                Some(setting) => {
                    self.too_long.extend(problem.map(|fault| (setting, fault)));
                    self.origins.insert(setting, (each.line, each.name.clone()));
                }
            }
        }
        let is_made = given.get("Evidence").is_some_and(|evidence| evidence.value == "create");
        let elsewhere = given.get("EvidenceAccount").filter(|account| is_made && !account.value.is_empty());
        if let Some(account) = elsewhere {
            let says =
                "EvidenceAccount needs the name of a bucket of that account in Evidence, which is `create`";
            self.fault(account.line, says.to_owned());
        }
        let values = given.values().map(|each| (each.name.clone(), each.value.clone())).collect();
        self.variables = variables(&values, stack);
    }

    fn fault(&mut self, line: usize, text: String) {
        self.faults.push(Fault { line: Some(line), text });
    }

    /// The value that a setting has here.
    #[must_use]
    pub fn value(&self, setting: &str) -> Option<&str> {
        self.variables.get(setting).map(String::as_str)
    }

    /// What is wrong here, besides these problems of settings.
    pub fn faults_besides(&self, problems: &[Problem]) -> impl Iterator<Item = &Fault> {
        let is_told = |setting: &str| problems.iter().any(|problem| problem.variable == setting);
        let too_long = self.too_long.iter().filter(move |(setting, _)| !is_told(setting));
        self.faults.iter().chain(too_long.map(|(_, fault)| fault))
    }

    /// A problem of a setting that has its value from here, in the words of the file.
    #[must_use]
    pub fn fault_of(&self, Problem { variable, problem }: &Problem) -> Fault {
        let Some((line, name)) = self.origins.get(variable) else {
            return Fault { line: None, text: format!("{variable} {problem}") };
        };
        let has_its_value = name == variable || *name == camel(variable);
        let becomes = if has_its_value { String::new() } else { format!(" becomes {variable}, which") };
        Fault { line: Some(*line), text: format!("{name}{becomes} {problem}") }
    }
}

/// All names that a file may have.
fn known(naming: Naming) -> BTreeSet<String> {
    match naming {
        Naming::Settings => values::descriptions().iter().map(|setting| setting.name.to_owned()).collect(),
        Naming::Parameters => parameters().into_iter().map(|parameter| parameter.name).collect(),
    }
}

/// What to do about a name that does not exist.
fn unknown(name: &str, naming: Naming, known: &BTreeSet<String>) -> String {
    let (kind, list) = match naming {
        Naming::Settings => ("setting", "docs/SETTINGS.md lists them"),
        Naming::Parameters => ("parameter", "template.yaml lists them"),
    };
    let near = nearest(name, known.iter().map(String::as_str));
    let hint = near.map_or_else(|| list.to_owned(), |near| format!("did you mean `{near}`?"));
    let shown = shortened(name);
    format!("there is no {kind} `{shown}` ({hint})")
}

/// The name that is meant, if one is nearly this.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let letters = |name: &str| -> String {
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    };
    let near = known.map(|known| (distance(&letters(known), &letters(name)), known));
    near.filter(|(wrong, known)| *wrong <= NEAR && wrong * 2 < known.len()).min().map(|(_, near)| near)
}
