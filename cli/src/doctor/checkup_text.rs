//! A checkup for people, in a terminal.

use crate::output::{columns, printed};
use mfa_enforcer_core::checkup::{Check, Checkup, State};
use std::fmt::Write;

/// From the worst, as the last line counts them.
const STATES: [State; 4] = [State::Broken, State::Unknown, State::Warning, State::Ok];

/// The checkup as text, in lines of this width.
pub(super) fn text(checkup: &Checkup, width: Option<u16>) -> String {
    let mut table = columns(width);
    table.set_header(["state", "item", "what is so"]);
    for check in &checkup.checks {
        table.add_row([check.state.code().to_owned(), check.item.code().replace('-', " "), said(check)]);
    }
    let mut text = head(checkup);
    let counts = STATES.map(|state| format!("{} {}", checkup.count(state), state.code()));
    // Writing into a string does not fail.
    _ = write!(text, "\n{table}\n\n{}\n", counts.join(", "));
    printed(&text)
}

fn head(checkup: &Checkup) -> String {
    format!(
        "Account   {}\nStack     {} in {}\nRead      {} UTC as {}\n",
        checkup.account,
        checkup.stack,
        checkup.region,
        checkup.at.strftime("%Y-%m-%d %H:%M"),
        checkup.caller,
    )
}

/// What is so, and below it what to do.
fn said(check: &Check) -> String {
    match &check.advice {
        Some(advice) => format!("{}\n-> {advice}", check.says),
        None => check.says.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::text;
    use crate::output::page;
    use mfa_enforcer_core::checkup::Checkup;
    use mfa_enforcer_testing::checkups::{healthy, with_faults};

    #[test]
    fn page_shows_a_checkup() {
        page::shows("doctor", &text(&Checkup::of(&with_faults()), Some(120)));
    }

    #[test]
    fn answers_do_not_steer_the_terminal() {
        let mut seen = healthy();
        seen.trails = Err("a\u{1b}[31mb".to_owned());
        assert!(!text(&Checkup::of(&seen), None).contains('\u{1b}'));
    }
}
