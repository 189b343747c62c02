//! Writes the help page for users (`make help-page`). The letterhead comes from the environment, as for the functions, and
//! `PARTITION` is `aws` unless it is set.

use mfa_enforcer_core::notice::help_page;
use mfa_enforcer_core::partition::Partition;
use mfa_enforcer_core::settings::Letterhead;
use std::io::{self, Write};
use std::{env, process};

#[expect(clippy::disallowed_methods, reason = "this program is the caller, who passes the variables")]
fn main() -> io::Result<()> {
    let partition = env::var("PARTITION").unwrap_or_else(|_| "aws".to_owned());
    match Letterhead::from_variables(|name| env::var(name).ok()) {
        Ok(letterhead) => {
            let partition = Partition::of_arn(&format!("arn:{partition}:iam::123456789012:root"));
            io::stdout().write_all(help_page(&letterhead, partition).as_bytes())
        }
        Err(problems) => {
            writeln!(io::stderr(), "{problems}")?;
            process::exit(2);
        }
    }
}
