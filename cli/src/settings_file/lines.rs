//! A setting in each line: `GRACE_PERIOD=3d`.

use super::Form;
use mfa_enforcer_core::settings::{Fault, Given, Naming};

pub(super) fn read(text: &str) -> Form {
    let mut form = Form { naming: Some(Naming::Settings), ..Form::default() };
    for (index, line) in text.lines().enumerate() {
        let (at, line) = (index + 1, line.trim());
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some((name, value)) = line.split_once('=') {
            let value = unquoted(value.trim()).to_owned();
            form.given.push(Given { name: name.trim().to_owned(), value, line: at });
        } else {
            let text = "expected NAME=VALUE, or # and a comment".to_owned();
            form.faults.push(Fault { line: Some(at), text });
        }
    }
    form
}

/// The value without the quotes around it, as shells write it.
fn unquoted(value: &str) -> &str {
    let within = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    within('"').or_else(|| within('\'')).unwrap_or(value)
}
