//! Writes the page of a plan for invented people. `USERS` adds so many users, and `NAME` gives one of them a name that IAM
//! would not take.

use mfa_enforcer_core::event::UserName;
use mfa_enforcer_core::forecast::page;
use mfa_enforcer_testing::evidence::{people, prospect_of};
use mfa_enforcer_testing::fixtures::user;
use std::io::{self, Write};

#[expect(clippy::disallowed_methods, reason = "this program is the caller, who passes the variables")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn main() -> io::Result<()> {
    let mut users = people();
    let count = variable("USERS").and_then(|count| count.parse().ok()).unwrap_or(0);
    users.extend((0..count).map(|number: usize| user(&format!("user-{number:04}"))));
    if let Some(name) = variable("NAME") {
        let mut named = user("named");
        named.name = UserName::listed(&name);
        users.push(named);
    }
    io::stdout().write_all(page(&prospect_of(users, &[], 30)).as_bytes())
}
