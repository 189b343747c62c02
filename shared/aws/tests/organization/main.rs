//! A run of the sweep in all accounts of an organization, in process: the planner, ten sweeps at once, and the
//! collector.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests panic on errors")]

mod earlier;

use insta::assert_snapshot;
use jiff::Timestamp;
use mfa_enforcer_testing::cloud::{Call, Cloud, Ended, Fault, Fleet, Invoked, Member, simulate};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// When the run was due, its name, and when the next ones are due.
const DUE: &str = "2026-11-24T09:00:00Z";
const RUN: &str = "organization/runs/2026-11-24T09-daily";
const NEXT: [&str; 2] = ["2026-11-24T10:07:00Z", "2026-11-24T11:07:00Z"];
const SETTINGS: &str = "defaults:\n  mode: enforce\n";
/// In a debug build, each account takes a tenth of a second.
const ACCOUNTS: usize = 100;

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

/// An organization with these accounts, and the processes of its hub.
fn organization(members: Vec<Member>) -> (Cloud, Fleet) {
    let cloud = Cloud::with(members);
    cloud.put("organization/settings.yaml", SETTINGS);
    let fleet = Fleet::of(&cloud);
    (cloud, fleet)
}

/// The numbers of the first accounts.
fn numbers(count: usize) -> Vec<String> {
    (0..count).map(|index| Member::healthy(index).account).collect()
}

/// How many calls of each name were about this account; those about none are of the organization. Its collector reads results.
fn counts_of(account: &str, calls: &[Call]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    let of_collector = |call: &Call| call.operation == "GetObject" && call.key.contains("/accounts/");
    let about = |call: &Call| if of_collector(call) { "" } else { call.account.as_str() }.to_owned();
    for call in calls.iter().filter(|call| about(call) == account) {
        *counts.entry(call.name()).or_default() += 1;
    }
    counts
}

/// The result of an account, without what depends on when it was its turn.
fn result_of(account: &str, cloud: &Cloud) -> Value {
    let bytes = cloud.object(&format!("{RUN}/accounts/{account}.json")).unwrap();
    let mut result: Value = serde_json::from_slice(&bytes).unwrap();
    result["at"].take();
    if let Some(swept) = result["outcome"].get_mut("swept") {
        swept["evidence"].take();
    }
    result
}

fn ended(invoked: &[Invoked], account: &str) -> Vec<Ended> {
    invoked.iter().filter(|invoked| invoked.account == account).map(|invoked| invoked.ended).collect()
}

/// What the only message to the administrators says to machines.
fn only_digest(cloud: &Cloud) -> Value {
    let [(_, message)] = cloud.told_admins().try_into().unwrap();
    let texts: Value = serde_json::from_str(&message).unwrap();
    serde_json::from_str(texts["sqs"].as_str().unwrap()).unwrap()
}

/// It may have been renamed, so nobody knows what its accounts should have. That must not stay unnoticed.
#[test]
fn document_with_a_unit_that_is_gone_is_critical() {
    simulate(async || {
        let (cloud, fleet) = organization(vec![Member::healthy(0).with_overdue()]);
        cloud.put(
            "organization/settings.yaml",
            "defaults: {mode: enforce}\nunits: {Root/Gone: {contact: Bob}}\n",
        );
        fleet.plan("daily", at(DUE)).await.unwrap();
        fleet.work().await;
        let digest = only_digest(&cloud);
        let found = &digest["hubFindings"]["listed"][0];
        assert_eq!(
            (&digest["severity"], &found["finding"]),
            (&"critical".into(), &"settings-in-doubt".into())
        );
        assert!(found["text"].as_str().unwrap().contains("there is no unit `Root/Gone`"), "{found}");
        assert!(!cloud.member(&numbers(1)[0]).is_contained("dave"));
    });
}

/// In one run: a role that refuses, a throttle, a suspended account, a message that comes twice, and a collector that
/// ends after it has claimed the run.
#[test]
fn digest_comes_once_with_every_account() {
    simulate(async || {
        let number = numbers(ACCOUNTS);
        let (refused, throttled, suspended, twice) = (&number[7], &number[13], &number[21], &number[30]);
        let overdue = [&number[40], &number[80]];
        let member = |index: usize| match Member::healthy(index) {
            member if member.account == *refused => member.with_fault(Fault::Refused),
            member if member.account == *throttled => {
                member.with_fault(Fault::Throttled).until(at("2026-11-24T09:10:00Z"))
            }
            member if member.account == *suspended => Member { state: "SUSPENDED", ..member },
            member if overdue.contains(&&member.account) => member.with_overdue(),
            member => member,
        };
        let (cloud, fleet) = organization((0..ACCOUNTS).map(member).collect());
        cloud.lose_removal(twice);
        cloud.end_at(|call| call.operation == "PutObject" && call.key.ends_with("told.json"));

        let planned = fleet.plan("daily", at(DUE)).await.unwrap();
        assert_eq!((&planned["accounts"], &planned["ordered"]), (&100.into(), &99.into()));
        let invoked = fleet.work().await;
        assert_eq!(cloud.told_admins(), [], "whoever claimed the run was ended");
        for next in NEXT {
            fleet.plan("hourly", at(next)).await.unwrap();
        }

        let digest = only_digest(&cloud);
        let accounts = json!({"count": 100, "covered": 98, "notCovered": 1, "notInUse": 1, "management": 0});
        assert_eq!(digest["accounts"], accounts);
        assert_eq!(digest["notCovered"]["listed"][0]["account"], **refused);
        assert_eq!(digest["notInUse"]["listed"][0]["account"], **suspended);
        let claim: Value =
            serde_json::from_slice(&cloud.object(&format!("{RUN}/told.json")).unwrap()).unwrap();
        assert_eq!((&claim["state"], &claim["attempt"]), (&"told".into(), &2.into()));

        let (calls, once) = (cloud.calls(), vec![Ended::Handled]);
        let quiet = counts_of(&number[0], &calls);
        for account in &number {
            let (ended, counts) = (ended(&invoked, account), counts_of(account, &calls));
            if account == suspended {
                assert_eq!((ended, counts), (vec![], BTreeMap::new()));
                continue;
            }
            let is_contained =
                cloud.member(account).users.len() == 4 && cloud.member(account).is_contained("dave");
            assert_eq!(is_contained, overdue.contains(&account), "{account}");
            if account == refused {
                assert_eq!(
                    (ended, counts["sts:AssumeRole"], counts.get("iam:ListPolicies")),
                    (once.clone(), 1, None)
                );
            } else if account == throttled {
                // It is the last one to report, so its sweep is the collector.
                assert_eq!(ended, [Ended::Failed, Ended::Killed, Ended::Handled]);
                assert_eq!(result_of(account, &cloud)["outcome"], result_of(&number[0], &cloud)["outcome"]);
            } else if account == twice {
                assert_eq!(ended, [Ended::Handled, Ended::Handled]);
                assert_eq!(result_of(account, &cloud)["outcome"], result_of(&number[0], &cloud)["outcome"]);
            } else if !is_contained {
                assert_eq!((ended, counts), (once.clone(), quiet.clone()), "{account}");
            }
        }
        assert_eq!(cloud.told_users().into_values().collect::<Vec<_>>(), [1, 1]);
        assert_eq!(cloud.dead_letters(), [] as [&str; 0]);
    });
}

/// Whatever is wrong with an account, each other one has the same calls and the same result as without it.
#[test]
fn faults_of_an_account_cost_no_other_one_anything() {
    const ACCOUNTS: usize = 8;
    let number = numbers(ACCOUNTS);
    let run = async |fault: Option<Fault>| {
        let member = |index| {
            let member = Member::healthy(index);
            if index == 5 { Member { fault, ..member } } else { member }
        };
        let (cloud, fleet) = organization((0..ACCOUNTS).map(member).collect());
        fleet.plan("daily", at(DUE)).await.unwrap();
        fleet.work().await;
        fleet.plan("hourly", at(NEXT[0])).await.unwrap();
        cloud
    };
    simulate(async || {
        let well = run(None).await;
        assert_eq!(only_digest(&well)["accounts"]["covered"], ACCOUNTS);
        for fault in Fault::ALL {
            let ill = run(Some(fault)).await;
            for account in number.iter().filter(|account| **account != number[5]) {
                let of = |cloud: &Cloud| (result_of(account, cloud), counts_of(account, &cloud.calls()));
                assert_eq!(of(&ill), of(&well), "{fault:?} {account}");
            }
            let digest = only_digest(&ill);
            let most = ACCOUNTS - 1;
            let counts =
                json!({"count": ACCOUNTS, "covered": most, "notCovered": 1, "notInUse": 0, "management": 0});
            assert_eq!(digest["accounts"], counts, "{fault:?}");
            assert_eq!(digest["notCovered"]["listed"][0]["account"], *number[5], "{fault:?}");
            // Nothing is tried again that would end the same.
            let is_final = matches!(fault, Fault::Refused | Fault::Garbled);
            let dead = if is_final { vec![] } else { vec![number[5].clone()] };
            assert_eq!(ill.dead_letters(), dead, "{fault:?}");
        }
    });
}

/// SQS takes ten messages at once, and may take some of them only.
#[test]
fn order_that_is_not_taken_is_sent_again_alone() {
    simulate(async || {
        let (cloud, fleet) = organization((0..25).map(Member::healthy).collect());
        let lost = &numbers(25)[3];
        cloud.lose_order(lost);
        let planned = fleet.plan("hourly", at(DUE)).await.unwrap();
        assert_eq!(planned["ordered"], 25);
        let sent = cloud.calls().iter().filter(|call| call.operation == "SendMessageBatch").count();
        assert_eq!(sent, 4);
        let invoked = fleet.work().await;
        assert_eq!(invoked.len(), 25, "each account is ordered once");
        // What is never taken fails the plan, which is tried again as a whole.
        for _ in 0..3 {
            cloud.lose_order(lost);
        }
        assert!(fleet.plan("hourly", at(NEXT[0])).await.is_err());
        assert_eq!(fleet.plan("hourly", at(NEXT[0])).await.unwrap()["ordered"], 25);
        assert_eq!(fleet.work().await.len(), 25, "what was taken at first is ordered once");
    });
}

/// What a run costs: for each account, and for the organization.
#[test]
fn calls_of_a_run() {
    simulate(async || {
        let (cloud, fleet) = organization((0..40).map(Member::healthy).collect());
        fleet.plan("daily", at(DUE)).await.unwrap();
        fleet.work().await;
        let calls = cloud.calls();
        let table = |account: &str| {
            let lines =
                counts_of(account, &calls).into_iter().map(|(name, count)| format!("{count:3} {name}\n"));
            lines.collect::<String>()
        };
        let (of_one, of_all) = (table(&numbers(1)[0]), table(""));
        assert_snapshot!(format!("an account\n{of_one}\nthe organization of 40\n{of_all}"));
    });
}
