//! How events are read: JSON lines in, JSON lines out.
//!
//! Each line of the input is `{"payload": EVENT}`, with `"function"` where it matters to which function the event is
//! sent, and `"members": [NAME, ..]` where a hub in another account reads it, whose members have these names. Each line of
//! the output is `{"event": {"trigger": .., "subject": ..}}`, `{"ignored": REASON}` or
//! `{"malformed": PATH}`. The enforcer lives in account 123456789012, its stack is `mfa-enforcer`, its roles are
//! `mfa-enforcer-FUNCTION`, its policies and groups `mfa-enforcer-quarantine-DOCUMENT`, and its bucket `mfa-evidence`.
//!
//! ```text
//! echo '{"payload": {"detail-type": "Scheduled Event", ...}}' | cargo run -p mfa-enforcer-core --example read
//! ```

use mfa_enforcer_core::event::{Deployment, Function, Ignored, OwnResources, Reading, TriggerKind, read};
use serde_json::{Value, json};
use std::io::{self, BufRead, Write};
use strum::IntoEnumIterator;

/// The documents of the quarantine, after which its policies and groups are called.
const DOCUMENTS: [&str; 4] = ["console", "everything", "strict-console", "strict-everything"];

/// The administrators' topic.
const ALERTS: &str = "arn:aws:sns:us-east-1:123456789012:mfa-enforcer-AlertsTopic-1ABCDEF2GHIJ";

fn main() -> io::Result<()> {
    let roles = Function::iter().map(|function| format!("mfa-enforcer-{}", function.name())).collect();
    let policies = DOCUMENTS.map(|document| {
        [String::new(), "-spare".to_owned()].map(|spare| {
            format!("arn:aws:iam::123456789012:policy/mfa-enforcer-quarantine-{document}{spare}")
        })
    });
    let policies = policies.into_iter().flatten().collect();
    let groups = DOCUMENTS.map(|document| format!("mfa-enforcer-quarantine-{document}")).to_vec();
    let resources = OwnResources::new(Some("mfa-enforcer"), ALERTS, Some("mfa-evidence"));
    let deployment = Deployment {
        account: "123456789012".to_owned(),
        roles,
        policies,
        groups,
        resources,
        ..Deployment::default()
    };
    let mut output = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let input: Value = serde_json::from_str(&line?)?;
        writeln!(output, "{}", answer(&input, &deployment)?)?;
    }
    output.flush()
}

fn answer(input: &Value, deployment: &Deployment) -> io::Result<Value> {
    let members = input.get("members").and_then(Value::as_array);
    let in_hub = members.map(|names| Deployment {
        hub: Some("111122223333".to_owned()),
        resources: OwnResources {
            members: names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            ..OwnResources::new(None, ALERTS, None)
        },
        account: deployment.account.clone(),
        ..Deployment::default()
    });
    let deployment = in_hub.as_ref().unwrap_or(deployment);
    let payload = input.get("payload").unwrap_or(&Value::Null).to_string();
    let named = input.get("function").and_then(Value::as_str);
    let function = named.map(|name| {
        let known = Function::iter().find(|function| function.name() == name);
        known.ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, format!("there is no function `{name}`"))
        })
    });
    if let Some(function) = function.transpose()? {
        return Ok(reading(&payload, function, deployment));
    }
    // The function that owns the event, or else what any of them says. The name of the event tells which is likely.
    let name = input.pointer("/payload/detail/eventName").and_then(Value::as_str);
    let spec = TriggerKind::iter().map(TriggerKind::spec).find(|spec| Some(spec.event_name) == name);
    let functions = spec.map(|spec| spec.function).into_iter().chain(Function::iter());
    let mut readings = functions.map(|function| reading(&payload, function, deployment));
    let other = json!({"ignored": Ignored::OtherFunction.code()});
    Ok(readings.find(|reading| *reading != other).unwrap_or(other))
}

fn reading(payload: &str, function: Function, deployment: &Deployment) -> Value {
    match read(payload, function, deployment) {
        Ok(Reading::Event(event)) => {
            let subject = event.subject.user().map_or_else(str::to_owned, ToString::to_string);
            json!({"event": {"trigger": event.trigger.event_name(), "subject": subject}})
        }
        Ok(Reading::Ignored(reason)) => json!({"ignored": reason.code()}),
        Err(malformed) => json!({"malformed": malformed.path}),
    }
}
