//! A replay for people.

use super::summary::Summary;
use crate::output::{Look, Tint, shown};
use mfa_enforcer_core::counted::counted;
use mfa_enforcer_core::replay::Entry;
use std::collections::BTreeMap;
use std::fmt::Write;

/// A line for what would have happened, below a heading if it is the first one.
pub(crate) fn line(account: &str, entry: &Entry, is_first: bool, look: Look) -> String {
    let said: Vec<&str> = entry.messages.iter().map(|kind| kind.code()).collect();
    let provided: Vec<&str> = entry.provided.iter().map(|provided| provided.words()).collect();
    let provided = if provided.is_empty() { String::new() } else { format!("; if {}", provided.join(", ")) };
    let heading = format!(
        "{:<20} {:<12} {:<20} {:<15} {:<24} WHY\n",
        "TIME (UTC)", "ACCOUNT", "WHO", "WHAT", "MESSAGES"
    );
    let at = entry.at.strftime("%Y-%m-%d %H:%M:%S").to_string();
    let whom = shown(&format!("{at:<20} {account:<12} {:<20}", entry.subject));
    let what = format!("{:<15}", entry.what.map_or("", |what| what.code()));
    let what = match entry.what.and_then(Tint::of) {
        Some(tint) => look.tint(tint, &what),
        None => what,
    };
    let why = shown(&format!("{:<24} {}: {}{provided}", said.join(" "), entry.trigger, entry.why));
    format!("{}{whom} {what} {why}\n", if is_first { &heading } else { "" })
}

/// What was read, and what became of it.
pub(crate) fn summary(summary: &Summary) -> String {
    let mut text = String::new();
    let mut say = |name: &str, value: String| {
        // Writing into a text does not fail.
        _ = writeln!(text, "{name:<22} {value}");
    };
    let listed = |counts: &BTreeMap<&'static str, u64>| {
        counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
    };
    let (files, records) = (counted(summary.files, "file"), counted(summary.records, "record"));
    say("Read", format!("{files}, {} MB, {records}", summary.bytes / 1_000_000));
    say("Accounts", summary.accounts.join(", "));
    say("Events to decide", summary.relevant.to_string());
    say("Ignored", listed(&summary.ignored));
    say("Nothing to do", listed(&summary.nothing));
    let done: BTreeMap<&'static str, u64> =
        summary.done.iter().map(|(name, count)| (*name, *count as u64)).collect();
    say("Users, by what is done", listed(&done));
    say("Messages", listed(&summary.messages));
    let optional = [
        (summary.doubles, "Records seen before"),
        (summary.of_other_accounts, "Of other accounts"),
        (summary.before_snapshot, "From before the plan"),
        (summary.of_quarantine, "Changes of policies"),
        (summary.holes, "Holes of 100 days"),
    ];
    for (count, name) in optional {
        if count > 0 {
            say(name, count.to_string());
        }
    }
    let doubt = summary.users_in_doubt;
    say("Users", format!("{}; of {doubt} too little is known for a sweep", summary.users));
    if summary.has_troubles() {
        let files = counted(summary.unreadable_files, "file");
        say("Not readable", format!("{files} and {}:", counted(summary.unreadable_records, "record")));
        for trouble in &summary.unreadable {
            _ = writeln!(text, "  {}", shown(trouble));
        }
    }
    let lines = text.lines().map(|line| format!("{}\n", line.trim_end()));
    format!("\n{}", lines.collect::<String>())
}
