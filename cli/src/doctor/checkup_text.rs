//! A checkup for people, in a terminal.

use crate::output::{Look, Page, Tint, cell, tinted};
use mfa_enforcer_core::checkup::{Check, Checkup, State};
use mfa_enforcer_core::code_words::words;

/// From the worst, as the last line counts them.
const STATES: [State; 4] = [State::Broken, State::Unknown, State::Warning, State::Ok];

/// The checkup as text.
pub(super) fn text(checkup: &Checkup, look: Look) -> String {
    let mut page = Page::new(look);
    page.say(head(checkup));
    let mut table = page.columns().head(["state", "item", "what is so"]);
    for check in &checkup.checks {
        let state = tinted(check.state.code(), Some(tint(check.state)));
        table.row([state, cell(words(check.item.code())), cell(said(check))]);
    }
    page.say("\n");
    page.table(&table);
    let counts = STATES.map(|state| format!("{} {}", checkup.count(state), state.code()));
    page.say(format!("\n{}", counts.join(", ")));
    page.into_text()
}

/// The color of a state.
pub(super) fn tint(state: State) -> Tint {
    match state {
        State::Ok => Tint::Good,
        State::Warning | State::Unknown => Tint::Care,
        State::Broken => Tint::Bad,
    }
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
pub(super) fn said(check: &Check) -> String {
    match &check.advice {
        Some(advice) => format!("{}\n-> {advice}", check.says),
        None => check.says.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::text;
    use crate::output::{Look, documented};
    use mfa_enforcer_core::checkup::Checkup;
    use mfa_enforcer_testing::checkups::{healthy, with_faults};

    #[test]
    fn page_shows_a_checkup() {
        documented::shows("doctor", &text(&Checkup::of(&with_faults()), Look::plain(Some(120))));
    }

    #[test]
    fn answers_do_not_steer_the_terminal() {
        let mut seen = healthy();
        seen.trails = Err("a\u{1b}[31mb".to_owned());
        assert!(!text(&Checkup::of(&seen), Look::plain(None)).contains('\u{1b}'));
    }
}
