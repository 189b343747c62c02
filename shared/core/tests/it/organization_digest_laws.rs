//! What holds for every digest of an organization.

use crate::organization_fixtures::{
    Read, daily, figures_of, id, machine, organization_digest, plan_of, swept, texts, thousand,
};
use mfa_enforcer_core::organization::{AccountResult, SweepPlan, render_organization};
use mfa_enforcer_testing::digests::{crowded, digest, full, observed, quiet};
use mfa_enforcer_testing::fixtures::now;
use mfa_enforcer_testing::organizations::account;
use proptest::prelude::*;
use serde_json::Value;
use std::sync::LazyLock;

const STATES: [&str; 4] = ["ACTIVE", "SUSPENDED", "PENDING_CLOSURE", "FROZEN"];

/// Results, and the figures that the digest of such an account alone shows.
static RESULTS: LazyLock<Vec<(AccountResult, Value)>> = LazyLock::new(|| {
    let digests = [full(), quiet(), observed(), crowded(), digest(Vec::new())];
    digests.iter().map(|digest| (swept(&id(0), digest).1.unwrap(), figures_of(digest))).collect()
});

/// What comes of an account: a result, a failure, an object that cannot be read, or nothing.
fn read(number: usize, what: usize) -> Option<Read> {
    let account = id(number);
    let daily = daily();
    match what {
        0..5 => Some((account.clone(), Ok(AccountResult { account, ..RESULTS[what].0.clone() }))),
        5 => Some((account.clone(), Ok(AccountResult::not_covered(&daily, &account, "refused", now())))),
        6 => Some((account.clone(), AccountResult::read(b"{", &daily, &account))),
        _ => None,
    }
}

fn plan(states: &[usize]) -> SweepPlan {
    let of = |(number, state): (usize, &usize)| {
        let unit = format!("Unit{}", number % 3);
        account(&["Root", &unit][..=number % 2], &format!("a{number}"), &id(number), STATES[*state])
    };
    plan_of(states.iter().enumerate().map(of).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sum_of_accounts_is_the_total_and_each_is_in_one_state(
        accounts in prop::collection::vec((0_usize..4, 0_usize..8), 0..12),
        seed: prop::sample::Index,
    ) {
        let states: Vec<usize> = accounts.iter().map(|(state, _)| *state).collect();
        let plan = plan(&states);
        let all: Vec<Read> =
            accounts.iter().enumerate().filter_map(|(number, (_, what))| read(number, *what)).collect();
        let made = organization_digest(&plan, all.clone(), now());

        // Each account in one state.
        let in_use = |state: usize| ![1, 2].contains(&state);
        let covered = accounts.iter().filter(|(state, what)| in_use(*state) && *what < 5).count();
        let asked = accounts.iter().filter(|(state, _)| in_use(*state)).count();
        prop_assert_eq!(made.covered().count(), covered);
        prop_assert_eq!(made.not_covered().count(), asked - covered);
        prop_assert_eq!(made.not_in_use().count(), accounts.len() - asked);
        prop_assert_eq!(made.accounts.len(), accounts.len());

        // The sum, by what the digest of each account alone says.
        let total = serde_json::to_value(made.figures()).unwrap();
        for (name, sum) in total.as_object().unwrap() {
            let parts = accounts.iter().filter(|(state, what)| in_use(*state) && *what < 5);
            let parts: u64 = parts.map(|(_, what)| RESULTS[*what].1[name].as_u64().unwrap()).sum();
            prop_assert_eq!(sum.as_u64(), Some(parts), "{}", name);
        }

        // Neither order nor duplicates matter.
        let mut turned = [all.clone(), all].concat();
        let half = turned.len() / 2;
        turned.rotate_left(if half == 0 { 0 } else { seed.index(half) });
        turned.reverse();
        prop_assert_eq!(organization_digest(&plan, turned, now()), made);
    }
}

#[test]
fn a_sweep_counts_more_than_the_failure_before_it() {
    let plan = plan(&[0]);
    let (failed, ended) = (read(0, 5).unwrap(), read(0, 0).unwrap());
    for read in [vec![failed.clone(), ended.clone()], vec![ended, failed]] {
        assert_eq!(organization_digest(&plan, read, now()).covered().count(), 1);
    }
}

#[test]
fn thousand_accounts_make_one_message_that_fits() {
    let (plan, read) = thousand();
    let bytes: usize = read.iter().map(|(_, result)| result.as_ref().unwrap().json().len()).sum();
    assert!(bytes < 50_000_000, "{bytes}");
    let digest = organization_digest(&plan, read, now());
    let sender = mfa_enforcer_testing::fixtures::settings_with(&[("MAIL_FROM", "mfa@example.com")]).sender;
    let digest = mfa_enforcer_core::organization::OrganizationDigest { sender, ..digest };
    let rendered = render_organization(&digest, None);
    assert!(rendered.message.len() <= 250_000, "{}", rendered.message.len());
    let mail = rendered.mail.as_ref().unwrap();
    assert!(mail.html.len() + mail.text.len() < 1_000_000, "{} {}", mail.html.len(), mail.text.len());
    let (machine, texts) = (machine(&rendered), texts(&rendered));
    assert_eq!(machine["accounts"]["covered"], 1000);
    let overdue = &machine["lists"]["overdue"];
    assert_eq!(overdue["count"].as_u64(), machine["figures"]["overdue"].as_u64());
    assert!(overdue["listed"].as_array().unwrap().len() < 1000);
    let text = texts["email"].as_str().unwrap();
    assert!(text.contains(" more\n") || text.contains("too many to list"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 78));
}
