//! Shows long text page by page, as `git` and the AWS CLI do.

use super::manners::may_page;
use anyhow::Context;
use std::env;
use std::ffi::OsString;
use std::future::ready;
use std::io::{self, IsTerminal, Write};
use std::process::{Child, Command, Stdio};

/// What shows pages, from the first of these variables that is there.
const VARIABLES: [&str; 2] = ["MFA_ENFORCER_PAGER", "PAGER"];
/// Ends at once if all fits on the screen, shows colors, and leaves the text in the terminal.
const LESS: &str = "FRX";

/// Writes text for people: page by page if it is longer than the terminal is high.
pub(crate) fn show(out: &mut dyn Write, text: &str) -> anyhow::Result<()> {
    let height = terminal_size::terminal_size_of(io::stdout()).map(|(_, height)| height.0);
    let is_long = height.is_some_and(|height| text.lines().count() >= usize::from(height));
    let child = if is_long && may_page() && io::stdin().is_terminal() { start() } else { None };
    let is_shown = match child {
        Some(child) => page(child, text)?,
        None => false,
    };
    if !is_shown {
        out.write_all(text.as_bytes())?;
    }
    Ok(())
}

/// Starts what shows pages. `None` if nobody wants one, or there is none.
fn start() -> Option<Child> {
    let chosen = VARIABLES.iter().find_map(env::var_os);
    let chosen = chosen.unwrap_or_else(|| OsString::from("less")).into_string().ok()?;
    let mut words = chosen.split_whitespace();
    let program = words.next().filter(|program| *program != "cat")?;
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::piped());
    if env::var_os("LESS").is_none() {
        command.env("LESS", LESS);
    }
    command.spawn().ok()
}

/// Whether it was shown, or somebody has read enough of it.
fn page(mut child: Child, text: &str) -> anyhow::Result<bool> {
    outlive_ctrl_c()?;
    if let Some(mut stdin) = child.stdin.take() {
        match stdin.write_all(text.as_bytes()) {
            // Whoever has read enough does not read the rest.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(child.wait().context("the pager did not end")?.success())
}

/// Ctrl-C is for the pager, which has the terminal. Who would end before it would leave it behind.
fn outlive_ctrl_c() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        tokio::select! {
            biased;
            _ = tokio::signal::ctrl_c() => {}
            () = ready(()) => {}
        }
    });
    Ok(())
}
