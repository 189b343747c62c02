//! Writes the page of a record, from thirty simulated days (`make evidence-sample`). `ACCOUNT_NAME` names the account,
//! `USERS` adds so many users, and `NAME` gives one of them a name that IAM would not take.

use mfa_enforcer_core::evidence::{page, read_json_lines, verify};
use mfa_enforcer_testing::evidence::{Evidence, people_and, settings_of_the_month};
use std::io::{self, Write};
use std::{env, process};

#[expect(clippy::disallowed_methods, reason = "this program is the caller, who passes the variables")]
fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

fn main() -> io::Result<()> {
    let account = variable("ACCOUNT_NAME").unwrap_or_else(|| "Production".to_owned());
    let more = variable("USERS").and_then(|count| count.parse().ok()).unwrap_or_default();
    let users = people_and(more, variable("NAME").as_deref());
    let month = Evidence::after_a_month(settings_of_the_month(&[("ACCOUNT_NAME", &account)]), users);
    let found = verify(&month.bucket, month.head.as_ref().map(|head| head.sha256.as_str()));
    let file =
        |name: &str| month.bucket.iter().rev().find(|(key, _)| key.ends_with(name)).map(|(_, bytes)| bytes);
    let record = file("/record.json").and_then(|bytes| serde_json::from_slice(bytes).ok());
    let rows = file("/users.jsonl").and_then(|bytes| read_json_lines(bytes));
    let (true, Some(record), Some(rows)) = (found.is_whole(), record, rows) else {
        for fault in &found.faults {
            writeln!(io::stderr(), "{fault}")?;
        }
        process::exit(1);
    };
    io::stdout().write_all(page(&record, &rows).as_bytes())
}
