//! Dead letters for people, in a terminal.

use crate::output::{Look, Page, Tint, cell, tinted};
use mfa_enforcer_core::event::Function;
use mfa_enforcer_core::redrive::{FateState, InHistory, Redriven, Row};

/// All that was taken out, before anything is done with it.
pub(super) fn before(redriven: &Redriven, look: Look) -> String {
    let Redriven { account, stack, region, caller, .. } = redriven;
    let mut page = Page::new(look);
    page.say(format!("Account   {account}\nStack     {stack} in {region}\nYou       {caller}\n\n"));
    if redriven.dead_letters.is_empty() {
        page.say("Nothing that can be taken is in the dead-letter queues. What somebody else took is back in ten minutes.");
        return page.into_text();
    }
    let mut columns = page.columns().head(["sent (UTC)", "function", "event", "user", "why it is here"]);
    for row in &redriven.dead_letters {
        let sent = row.sent.map(|sent| sent.strftime("%Y-%m-%d %H:%M").to_string());
        let is_odd =
            row.fate.state == FateState::Left || row.history.is_some_and(|found| found.warning().is_some());
        columns.row([
            cell(or_dash(sent.as_deref())),
            cell(row.function.map_or("-", Function::name)),
            cell(or_dash(row.event.name.as_deref())),
            cell(about(row, account)),
            tinted(why(row), is_odd.then_some(Tint::Care)),
        ]);
    }
    page.table(&columns);
    if let Some(error) = &redriven.history_error {
        page.say(format!("\nCloudTrail's history was not read: {error}\n"));
    }
    page.say("\n");
    page.into_text()
}

/// What became of one of them.
pub(super) fn became(row: &Row, account: &str, look: Look) -> String {
    let state = format!("{:<8}", row.fate.state.code());
    let tint = match row.fate.state {
        FateState::Done => Tint::Good,
        FateState::Failed => Tint::Bad,
        FateState::Left | FateState::Waiting => Tint::Care,
    };
    let what = match (row.function, &row.event.name) {
        (Some(function), Some(event)) => format!("{} {event}", function.name()),
        (Some(function), None) => function.name().to_owned(),
        (None, Some(event)) => event.clone(),
        (None, None) => format!("message {}", row.message_id),
    };
    let user = row.event.user.as_ref().map(|user| format!(" about {user}")).unwrap_or_default();
    let about = match &row.event.account {
        Some(of) if of != account => format!("{user} in {of}"),
        Some(_) | None => user,
    };
    let mut page = Page::new(look);
    page.say(format!("{what}{about}: {}", row.fate.says));
    format!("{} {}", look.tint(tint, &state), page.into_text())
}

/// What became of all.
pub(super) fn after(redriven: &Redriven, look: Look) -> String {
    let mut page = Page::new(look);
    if !redriven.dead_letters.is_empty() {
        let removed = redriven.count(FateState::Done);
        let left = redriven.dead_letters.len() - removed;
        page.say(format!("{removed} removed, {left} in the queues."));
    }
    if redriven.left_out > 0 {
        page.say(format!("For other functions, and in the queues: {}.", redriven.left_out));
    }
    if redriven.may_be_more {
        page.say("There may be more: run this again.");
    }
    page.into_text()
}

/// The user, and the account if that is not the one of the stack.
fn about(row: &Row, account: &str) -> String {
    let user = or_dash(row.event.user.as_deref());
    match &row.event.account {
        Some(of) if of != account => format!("{user}\nin {of}"),
        Some(_) | None => user.to_owned(),
    }
}

/// Why it is there, and below it why it stays, or what is odd about it.
fn why(row: &Row) -> String {
    let error = or_dash(row.error.as_deref());
    match (row.fate.state, row.history.and_then(InHistory::warning)) {
        (FateState::Left, _) => format!("{error}\n-> left: {}", row.fate.says),
        (FateState::Waiting | FateState::Done | FateState::Failed, Some(warning)) => {
            format!("{error}\n-> warning: {warning}")
        }
        (FateState::Waiting, None) if row.fate.is_to_be_dropped() => format!("{error}\n-> {}", row.fate.says),
        (FateState::Waiting | FateState::Done | FateState::Failed, None) => error.to_owned(),
    }
}

fn or_dash(text: Option<&str>) -> &str {
    text.unwrap_or("-")
}

#[cfg(test)]
mod tests {
    use super::{after, became, before};
    use crate::output::{Look, documented};
    use mfa_enforcer_testing::dead_letters::{found, ran_again};

    #[test]
    fn page_shows_dead_letters() {
        let look = Look::plain(Some(120));
        let ran = ran_again();
        let rows: String = ran.dead_letters.iter().map(|row| became(row, &ran.account, look)).collect();
        documented::shows("redrive", &format!("{}{rows}{}", before(&found(), look), after(&ran, look)));
    }

    #[test]
    fn bodies_do_not_steer_the_terminal() {
        let mut found = found();
        for row in &mut found.dead_letters {
            row.event.user = Some("a\u{1b}[31mb".to_owned());
        }
        let look = Look::plain(None);
        assert!(!before(&found, look).contains('\u{1b}'));
        assert!(found.dead_letters.iter().all(|row| !became(row, &found.account, look).contains('\u{1b}')));
    }
}
