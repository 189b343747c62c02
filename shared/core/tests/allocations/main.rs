//! What the core allocates for an event may grow by five percent, and no further.
//!
//! A binary of its own, since it counts in its allocator. It counts on one thread, so other tests do not matter, and each
//! part has run once before, so that what is made once for a process is not counted. `make allocations` writes
//! `budget.json` anew.

use allocation_counter::measure;
use mfa_enforcer_testing::handling::{Handling, render};
use serde_json::json;
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// How far a count may be from the budget.
const PERCENT: u64 = 5;

/// By event, part and what is counted.
type Counts = BTreeMap<String, u64>;

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/allocations/budget.json")
}

/// Whether objects keep the order of their keys, which takes other memory. Another crate of the same build decides that.
fn build() -> &'static str {
    if json!({"b": 0, "a": 0}).to_string().starts_with(r#"{"b""#) { "keys as written" } else { "sorted keys" }
}

/// Counts what `part` allocates the second time.
fn counted<T>(counts: &mut Counts, name: &str, part: impl Fn() -> T) -> T {
    let result = part();
    let info = measure(|| {
        part();
    });
    counts.insert(format!("{name}: allocations"), info.count_total);
    counts.insert(format!("{name}: bytes"), info.bytes_total);
    result
}

fn counts() -> Counts {
    let mut counts = Counts::new();
    for handling in Handling::all() {
        let part = |part: &str| format!("{}, {part}", handling.name);
        let Some(event) = counted(&mut counts, &part("read"), || handling.read()) else { continue };
        let plan = counted(&mut counts, &part("decide"), || handling.decide(&event));
        assert!(!plan.steps.is_empty(), "there is something to do about: {}", handling.name);
        counted(&mut counts, &part("render"), || render(&plan));
    }
    counts
}

/// Says what is not within the budget, which is for the same events and parts.
fn differences(budget: &Counts, counts: &Counts) -> Vec<String> {
    if !budget.keys().eq(counts.keys()) {
        return vec!["other events or parts".to_owned()];
    }
    let mut found = Vec::new();
    for ((what, budget), count) in budget.iter().zip(counts.values()) {
        if count * 100 > budget * (100 + PERCENT) {
            found.push(format!("{what}: {budget} -> {count}, grew"));
        } else if count * 100 < budget * (100 - PERCENT) {
            found.push(format!("{what}: {budget} -> {count}, shrank: lower the budget"));
        }
    }
    found
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test reads its budget, and is asked to write it")]
fn allocations_are_within_the_budget() {
    let counts = counts();
    let text = fs::read_to_string(file()).unwrap_or_else(|_| "{}".to_owned());
    let mut budgets: BTreeMap<String, Counts> = serde_json::from_str(&text).unwrap();
    if env::var_os("UPDATE_ALLOCATIONS").is_some() {
        budgets.insert(build().to_owned(), counts);
        fs::write(file(), serde_json::to_string_pretty(&budgets).unwrap() + "\n").unwrap();
        return;
    }
    let found = differences(&budgets[build()], &counts);
    assert!(found.is_empty(), "`make allocations` writes the budget anew:\n{}", found.join("\n"));
}

#[test]
fn counts_are_the_same_each_time() {
    assert_eq!(counts(), counts());
}

#[test]
fn more_than_five_percent_is_told() {
    let with = |count: u64| Counts::from([("read".to_owned(), count)]);
    let told = |budget, count| differences(&with(budget), &with(count)).join("");
    assert_eq!(told(100, 105), "");
    assert_eq!(told(100, 106), "read: 100 -> 106, grew");
    assert_eq!(told(100, 95), "");
    assert_eq!(told(100, 94), "read: 100 -> 94, shrank: lower the budget");
    assert_eq!(told(0, 1), "read: 0 -> 1, grew");
    assert_eq!(differences(&with(1), &Counts::new()), ["other events or parts"]);
}
