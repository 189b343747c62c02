//! Writes the page of a plan for invented people. `USERS` adds so many users, and `NAME` gives one of them a name that IAM
//! would not take.

use mfa_enforcer_core::forecast::page;
use mfa_enforcer_testing::evidence::{people_and, prospect_of};
use std::io::{self, Write};

#[expect(clippy::disallowed_methods, reason = "this program is the caller, who passes the variables")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn main() -> io::Result<()> {
    let more = variable("USERS").and_then(|count| count.parse().ok()).unwrap_or_default();
    let users = people_and(more, variable("NAME").as_deref());
    io::stdout().write_all(page(&prospect_of(users, &[], 30)).as_bytes())
}
