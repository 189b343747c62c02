//! A samconfig.toml: the parameters with which `sam deploy` deploys, and what it says of the stack.

use super::{Form, Lines, overrides};
use anyhow::{anyhow, bail};
use mfa_enforcer_core::settings::{Fault, Given};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The commands of an environment whose parameters a deployment takes, the first that has one.
const COMMANDS: [&str; 2] = ["deploy", "global"];

pub(super) fn read(text: &str, environment: &str) -> anyhow::Result<Form> {
    let lines = Lines::of(text);
    let root = DeTable::parse(text).map_err(|error| {
        let line = error.span().map(|span| format!("line {}: ", lines.at(span.start))).unwrap_or_default();
        anyhow!("{line}{}", error.message())
    })?;
    let root = root.into_inner();
    let Some(commands) = root.get(environment).and_then(|value| value.get_ref().as_table()) else {
        let tables = root.iter().filter(|(_, value)| value.get_ref().is_table());
        let names: Vec<&str> = tables.map(|(name, _)| name.get_ref().as_ref()).collect();
        bail!("there is no environment `{environment}`, only {}", names.join(", "));
    };
    let find = |name: &str| {
        let mut values = COMMANDS
            .iter()
            .filter_map(|command| commands.get(*command)?.get_ref().get("parameters")?.get_ref().get(name));
        values.next()
    };
    let word = |name: &str| find(name).and_then(|value| value.get_ref().as_str()).map(str::to_owned);
    let mut form = Form { stack: word("stack_name"), region: word("region"), ..Form::default() };
    if let Some(value) = find("parameter_overrides") {
        take(value, &lines, &mut form);
    }
    Ok(form)
}

/// Texts, lists of them, and tables, as SAM takes them.
fn take(value: &Spanned<DeValue<'_>>, lines: &Lines, form: &mut Form) {
    let line = lines.at(value.span().start);
    match value.get_ref() {
        DeValue::String(text) => overrides::read(text, line, &mut form.given, &mut form.faults),
        DeValue::Array(values) => {
            for value in values {
                take(value, lines, form);
            }
        }
        DeValue::Table(table) => {
            for (name, value) in table {
                let line = lines.at(name.span().start);
                match plain(value.get_ref()) {
                    Some(value) => form.given.push(Given { name: name.get_ref().to_string(), value, line }),
                    None => form.faults.push(no_text(line)),
                }
            }
        }
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
            form.faults.push(no_text(line));
        }
    }
}

fn no_text(line: usize) -> Fault {
    Fault { line: Some(line), text: "expected a parameter as a text, such as \"GracePeriod=7d\"".to_owned() }
}

/// A value in a table, as SAM makes a text of it.
fn plain(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Float(number) => Some(number.to_string()),
        DeValue::Array(values) => {
            let values: Option<Vec<String>> = values.iter().map(|value| plain(value.get_ref())).collect();
            Some(values?.join(","))
        }
        DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Table(_) => None,
    }
}
