//! Parameters of a template as JSON, in each form that the tools of AWS take.

use super::{Form, Lines};
use anyhow::{Context, bail};
use mfa_enforcer_core::settings::{Fault, Given};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// A name with its value, each time that it is there: a map would keep one.
struct Pairs<'a>(Vec<(String, &'a RawValue)>);

/// Where the pipeline of a deployment keeps parameters, beside tags and a policy of the stack.
const OF_PIPELINE: &str = "Parameters";

pub(super) fn read(text: &str) -> anyhow::Result<Form> {
    let whole: &RawValue = serde_json::from_str(text).context("this is not JSON")?;
    let lines = Lines::of(text);
    let line = |value: &RawValue| lines.at(value.get().as_ptr().addr() - text.as_ptr().addr());
    let mut form = Form::default();
    if let Ok(Pairs(pairs)) = serde_json::from_str(whole.get()) {
        let inner = match pairs.iter().find(|(name, _)| name == OF_PIPELINE) {
            None => pairs,
            Some((_, parameters)) => {
                let Ok(Pairs(pairs)) = serde_json::from_str(parameters.get()) else {
                    bail!("line {}: expected an object with parameters", line(parameters));
                };
                pairs
            }
        };
        for (name, value) in inner {
            form.take(name, Some(value), line(value));
        }
        return Ok(form);
    }
    let items: Vec<&RawValue> =
        serde_json::from_str(whole.get()).context("expected an object or a list with parameters")?;
    for item in items {
        form.take_item(item, line(item));
    }
    Ok(form)
}

impl Form {
    fn take(&mut self, name: String, value: Option<&RawValue>, line: usize) {
        if let Some(value) = value.and_then(plain) {
            self.given.push(Given { name, value, line });
            return;
        }
        let shown: String = name.chars().take(64).collect();
        self.faults.push(Fault { line: Some(line), text: format!("`{shown}` has no text as its value") });
    }

    /// An item of a list: `{"ParameterKey": .., "ParameterValue": ..}` or `"NAME=VALUE"`.
    fn take_item(&mut self, item: &RawValue, line: usize) {
        if let Ok(text) = serde_json::from_str::<String>(item.get())
            && let Some((name, value)) = text.split_once('=')
        {
            self.given.push(Given { name: name.to_owned(), value: value.to_owned(), line });
            return;
        }
        let pairs = serde_json::from_str(item.get()).map(|Pairs(pairs)| pairs).unwrap_or_default();
        let find = |name: &str| pairs.iter().find(|(found, _)| found == name).map(|(_, value)| *value);
        match find("ParameterKey").and_then(plain) {
            // The stack keeps what it has, which this file does not tell.
            Some(_) if find("UsePreviousValue").is_some_and(|value| value.get() == "true") => {}
            Some(name) => self.take(name, find("ParameterValue"), line),
            None => {
                let text =
                    "expected {\"ParameterKey\": .., \"ParameterValue\": ..}, or \"NAME=VALUE\"".to_owned();
                self.faults.push(Fault { line: Some(line), text });
            }
        }
    }
}

/// A text, or a number as `CloudFormation` makes a text of it.
fn plain(value: &RawValue) -> Option<String> {
    let is_number = value.get().starts_with(|c: char| c.is_ascii_digit() || c == '-');
    if is_number { Some(value.get().to_owned()) } else { serde_json::from_str(value.get()).ok() }
}

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfMap;
        impl<'de> Visitor<'de> for OfMap {
            type Value = Pairs<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(OfMap)
    }
}
