//! A run of the sweep in all accounts of an organization against AWS in memory (`make bench-organization`): what it calls,
//! and how long it takes. `ACCOUNTS` says how many there are.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "it prints figures, and ends at the first error"
)]

use mfa_enforcer_testing::cloud::{CONCURRENCY, Cloud, Ended, Fleet, LATENCY, Member, simulate};
use std::collections::BTreeMap;
use std::time::Instant;

/// When the run was due.
const DUE: &str = "2026-11-24T09:00:00Z";
/// So many accounts have a user to contain.
const ONE_IN: usize = 50;

fn main() {
    let count = std::env::var("ACCOUNTS").ok().and_then(|count| count.parse().ok()).unwrap_or(1000);
    for sweep in ["daily", "hourly"] {
        simulate(async || run(sweep, count).await);
    }
    println!("peak memory {} MiB, with AWS in it", peak_memory());
}

async fn run(sweep: &str, count: usize) {
    let member = |index| {
        let member = Member::healthy(index);
        if index % ONE_IN == 0 { member.with_overdue() } else { member }
    };
    let cloud = Cloud::with((0..count).map(member));
    cloud.put("organization/settings.yaml", "defaults:\n  mode: enforce\n");
    let fleet = Fleet::of(&cloud);
    let (began, started) = (cloud.now(), Instant::now());
    fleet.plan(sweep, DUE.parse().unwrap()).await.unwrap();
    let planned = cloud.now().duration_since(began).as_secs();
    let invoked = fleet.work().await;
    let took = cloud.now().duration_since(began).as_secs();
    assert!(invoked.iter().all(|invoked| invoked.ended == Ended::Handled), "every account is swept");

    let mut by_service: BTreeMap<String, usize> = BTreeMap::new();
    for call in cloud.calls() {
        *by_service.entry(call.service).or_default() += 1;
    }
    let calls: usize = by_service.values().sum();
    let told = cloud.told_admins().len();
    println!(
        "{sweep}: {count} accounts, {} orders, {told} messages to administrators, {calls} calls",
        invoked.len()
    );
    println!("  {by_service:?}");
    println!(
        "  with {} ms a call and {CONCURRENCY} at once: {planned} s for the plan, {took} s in all, {} accounts an hour",
        LATENCY.as_millis(),
        i64::try_from(count).unwrap() * 3600 / took,
    );
    println!("  {:.1} s on this machine", started.elapsed().as_secs_f64());
}

/// The most memory that this process ever had, in MiB.
fn peak_memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok()).unwrap_or_default() / 1024
}
