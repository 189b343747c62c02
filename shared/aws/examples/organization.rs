//! A run of the sweep in all accounts of an organization against AWS in memory (`make bench-organization`): what it calls,
//! and how long it takes. `ACCOUNTS` says how many there are.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "it prints figures, and ends at the first error"
)]

use mfa_enforcer_testing::cloud::{
    CONCURRENCY, Cloud, Ended, Fault, Fleet, Invoked, LATENCY, Member, simulate,
};
use std::collections::BTreeMap;
use std::time::Instant;

/// When the run was due.
const DUE: &str = "2026-11-24T09:00:00Z";
/// So many accounts have a user to contain.
const ONE_IN: usize = 50;
/// With faults: an account that does not let the hub in, one in which IAM throttles every call until this time, and one whose
/// order comes twice.
const REFUSED: usize = 7;
const THROTTLED: (usize, &str) = (13, "2026-11-24T09:10:00Z");
const TWICE: usize = 30;
/// When somebody notices that the collector was ended.
const NEXT: [&str; 2] = ["2026-11-24T10:07:00Z", "2026-11-24T11:07:00Z"];

fn main() {
    let count = std::env::var("ACCOUNTS").ok().and_then(|count| count.parse().ok()).unwrap_or(1000);
    for sweep in ["daily", "hourly"] {
        simulate(async || run(sweep, count, false).await);
    }
    if count > TWICE {
        simulate(async || run("daily", count, true).await);
    } else {
        println!("with so few accounts, no run with faults");
    }
    println!("peak memory {} MiB, with AWS in it", peak_memory());
}

/// What an account is like.
fn member(index: usize, has_faults: bool) -> Member {
    let member = Member::healthy(index);
    let member = if index.is_multiple_of(ONE_IN) { member.with_overdue() } else { member };
    match index {
        REFUSED if has_faults => member.with_fault(Fault::Refused),
        index if has_faults && index == THROTTLED.0 => {
            member.with_fault(Fault::Throttled).until(THROTTLED.1.parse().unwrap())
        }
        _ => member,
    }
}

async fn run(sweep: &str, count: usize, has_faults: bool) {
    let cloud = Cloud::with((0..count).map(|index| member(index, has_faults)));
    cloud.put("organization/settings.yaml", "defaults:\n  mode: enforce\n");
    if has_faults {
        cloud.lose_removal(&Member::healthy(TWICE).account);
        cloud.end_at(|call| call.operation == "PutObject" && call.key.ends_with("told.json"));
    }
    let fleet = Fleet::of(&cloud);
    let (began, started) = (cloud.now(), Instant::now());
    fleet.plan(sweep, DUE.parse().unwrap()).await.unwrap();
    let planned = cloud.now().duration_since(began).as_secs();
    let invoked = fleet.work().await;
    let took = cloud.now().duration_since(began).as_secs();
    if has_faults {
        faults(&cloud, &fleet, &invoked, count).await;
    } else {
        assert!(invoked.iter().all(|invoked| invoked.ended == Ended::Handled), "every account is swept");
    }

    let mut by_service: BTreeMap<String, usize> = BTreeMap::new();
    for call in cloud.calls() {
        *by_service.entry(call.service).or_default() += 1;
    }
    let calls: usize = by_service.values().sum();
    let told = cloud.told_admins().len();
    // With faults, most of the time nothing is done but waiting.
    let an_hour = i64::try_from(count).unwrap() * 3600 / took;
    let speed = if has_faults { String::new() } else { format!(", {an_hour} accounts an hour") };
    println!(
        "{sweep}: {count} accounts, {} orders, {told} messages to administrators, {calls} calls",
        invoked.len()
    );
    println!("  {by_service:?}");
    println!(
        "  with {} ms a call and {CONCURRENCY} at once: {planned} s for the plan, {took} s in all{speed}",
        LATENCY.as_millis(),
    );
    println!("  {:.1} s on this machine", started.elapsed().as_secs_f64());
}

/// Looks at what came of the faults: one digest, and a result of each account.
async fn faults(cloud: &Cloud, fleet: &Fleet, invoked: &[Invoked], count: usize) {
    assert!(cloud.told_admins().is_empty(), "whoever claimed the run was ended");
    for next in NEXT {
        fleet.plan("hourly", next.parse().unwrap()).await.unwrap();
    }
    assert_eq!(cloud.told_admins().len(), 1, "one digest");
    let results = cloud.keys("organization/runs/2026-11-24T09-daily/accounts/").len();
    assert_eq!(results, count, "a result of each account");
    assert!(cloud.dead_letters().is_empty(), "nothing is given up");
    let ended = |how| invoked.iter().filter(|one| one.ended == how).count();
    let (handled, failed, killed) = (ended(Ended::Handled), ended(Ended::Failed), ended(Ended::Killed));
    println!("with faults: {handled} deliveries handled, {failed} failed, {killed} ended midway");
    let mut deliveries: BTreeMap<&str, usize> = BTreeMap::new();
    for one in invoked {
        *deliveries.entry(&one.account).or_default() += 1;
    }
    // The collector is the sweep of whichever account reports last.
    let is_expected = |account: &str| {
        [THROTTLED.0, TWICE].iter().any(|index| Member::healthy(*index).account == account)
            || invoked.iter().any(|one| one.account == account && one.ended == Ended::Killed)
    };
    let again: Vec<_> =
        deliveries.iter().filter(|(account, count)| **count > 1 && !is_expected(account)).collect();
    assert!(again.is_empty(), "swept twice: {again:?}");
}

/// The most memory that this process ever had, in MiB.
fn peak_memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok()).unwrap_or_default() / 1024
}
