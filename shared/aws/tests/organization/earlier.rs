//! What the hub of an earlier version left is read: in its bucket the settings, the tree, the memory of digests, slots,
//! ledgers, plans, results and claims; in its queue the orders.
//!
//! Each version leaves a file in `earlier_versions/`, which its release writes and nothing changes any more. That of 0.1.0
//! may change until it is released.

use crate::{at, ended, numbers, only_digest, organization};
use mfa_enforcer_core::event::{Function, TriggerKind, UserName};
use mfa_enforcer_testing::cloud::{Cloud, Ended, Fault, Fleet, Member, simulate};
use mfa_enforcer_testing::earlier;
use mfa_enforcer_testing::fixtures::settings;
use mfa_enforcer_testing::trial::scenes::Scene;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

const SETTINGS: &str = "defaults:\n  mode: enforce\n  max_quarantines: 1\n";
const RUNS: [&str; 2] = ["2026-11-24T09:00:00Z", "2026-11-24T10:00:00Z"];
const LAST_RESULTS: &str = "organization/runs/2026-11-24T10-daily/accounts/";
/// When somebody notices that the collector of the last run was ended.
const NEXT: [&str; 2] = ["2026-11-24T11:07:00Z", "2026-11-24T12:07:00Z"];
const ACCOUNTS: usize = 4;
/// Of the accounts: one where somebody is overdue, and one that does not let the hub in.
const WITH_OVERDUE: usize = 1;
const REFUSED: usize = 2;

/// What a hub left after a daily run, and after another one whose collector was ended.
#[derive(Serialize, Deserialize)]
struct State {
    bucket: BTreeMap<String, String>,
    /// The orders of the last run: the group of each message, and its body.
    orders: Vec<(String, String)>,
}

fn members() -> Vec<Member> {
    let mut members: Vec<Member> = (0..ACCOUNTS).map(Member::healthy).collect();
    members[WITH_OVERDUE] = Member::healthy(WITH_OVERDUE).with_overdue();
    members[REFUSED] = Member::healthy(REFUSED).with_fault(Fault::Refused);
    members
}

/// Somebody signs in without MFA, in the account with the overdue user. Returns whether they are contained then.
async fn sign_in(cloud: &Cloud, fleet: &Fleet, name: &str) -> bool {
    let scene = Scene::of_events(TriggerKind::SignIn, false, &settings()).remove(0);
    let account = &numbers(ACCOUNTS)[WITH_OVERDUE];
    let mut users = cloud.member(account).users;
    let dave = users.iter().position(|user| ["dave", name].contains(&user.name.as_str())).unwrap();
    let mut user = users[dave].clone();
    user.id = user.id.replace("DAVE", &name.to_uppercase());
    user.name = UserName::listed(name);
    let event = scene.payload.replace("123456789012", account).replace("alice", name);
    let mut event: Value = serde_json::from_str(&event).unwrap();
    event["detail"]["userIdentity"]["principalId"] = user.id.as_str().into();
    users[dave] = user;
    cloud.set_users(account, users);
    let function = fleet.function(Function::SignIn);
    function.answer(&event.to_string(), cloud.now(), "sign-in").await.unwrap();
    cloud.member(account).is_contained(name)
}

impl State {
    async fn of_this_version() -> Self {
        let (cloud, fleet) = organization(members());
        cloud.put("organization/settings.yaml", SETTINGS);
        fleet.plan("daily", at(RUNS[0])).await.unwrap();
        assert!(sign_in(&cloud, &fleet, "dave").await);
        fleet.work().await;
        // So that there is something new to tell.
        cloud.set_users(&numbers(1)[0], Member::healthy(0).with_overdue().users);
        fleet.plan("daily", at(RUNS[1])).await.unwrap();
        let orders = cloud.orders();
        cloud.end_at(|call| call.operation == "PutObject" && call.key.ends_with("told.json"));
        fleet.work().await;
        let text = |key: &String| String::from_utf8(cloud.object(key).unwrap()).unwrap();
        let mut keys = cloud.keys("");
        // No version reads the pages, which are for people.
        keys.retain(|key| !key.ends_with("/report.html"));
        Self { bucket: keys.iter().map(|key| (key.clone(), text(key))).collect(), orders }
    }

    /// The same without the objects below this prefix.
    fn without(&self, prefix: &str) -> Self {
        let kept = self.bucket.iter().filter(|(key, _)| !key.starts_with(prefix));
        let bucket = kept.map(|(key, text)| (key.clone(), text.clone())).collect();
        Self { bucket, orders: self.orders.clone() }
    }

    /// The hub of that version, now with this one's functions.
    fn hub(&self) -> (Cloud, Fleet) {
        let (cloud, fleet) = organization(members());
        for (key, text) in &self.bucket {
            cloud.put(key, text);
        }
        (cloud, fleet)
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/organization/earlier_versions")
}

/// What each version left, by the version.
fn states() -> BTreeMap<String, State> {
    earlier::states(&folder())
}

#[test]
fn run_of_an_earlier_version_is_told_as_our_own() {
    simulate(async || {
        let own = State::of_this_version().await;
        for (version, state) in states() {
            let told = async |state: &State| {
                let (cloud, fleet) = state.hub();
                for next in NEXT {
                    fleet.plan("hourly", at(next)).await.unwrap();
                }
                only_digest(&cloud)
            };
            let digest = told(&state).await;
            let accounts = (&digest["accounts"]["covered"], &digest["accounts"]["notCovered"]);
            assert_eq!(accounts, (&(ACCOUNTS - 1).into(), &1.into()), "{version}");
            assert_eq!(digest, told(&own).await, "{version}");
        }
    });
}

#[test]
fn orders_of_an_earlier_version_lead_to_our_own_results() {
    let results = async |state: &State| {
        let (cloud, fleet) = state.without(LAST_RESULTS).hub();
        // No order is from the future.
        tokio::time::sleep(Duration::from_hours(1)).await;
        for (group, body) in &state.orders {
            cloud.order(group, body);
        }
        let invoked = fleet.work().await;
        let result = |account: &String| {
            assert_eq!(ended(&invoked, account), [Ended::Handled], "{account}");
            let bytes = cloud.object(&format!("{LAST_RESULTS}{account}.json")).unwrap();
            let mut result: Value = serde_json::from_slice(&bytes).unwrap();
            result["at"].take();
            // The hash of a record depends on the record before it, which has the words of that version.
            if let Some(hash) = result.pointer_mut("/outcome/swept/evidence/sha256") {
                hash.take();
            }
            result
        };
        numbers(ACCOUNTS).iter().map(result).collect::<Vec<_>>()
    };
    simulate(async || {
        let own = results(&State::of_this_version().await).await;
        assert_eq!(own.iter().filter(|result| result["outcome"]["swept"].is_object()).count(), ACCOUNTS - 1);
        for (version, state) in states() {
            assert_eq!(results(&state).await, own, "{version}");
        }
    });
}

/// Only one quarantine begins in an hour, and that version had begun it.
#[test]
fn slots_of_an_earlier_version_are_taken() {
    simulate(async || {
        for (version, state) in states() {
            let (cloud, fleet) = state.hub();
            assert!(!sign_in(&cloud, &fleet, "erin").await, "{version}");
            let (other, fleet) = state.hub();
            assert!(sign_in(&other, &fleet, "dave").await, "{version}: it is dave's place");
        }
    });
}

/// Not a promise, but how a release keeps its state: `cargo test --test organization -- --ignored keep_the_state`.
#[test]
#[ignore = "it writes the file of this version, once"]
fn keep_the_state_of_this_version() {
    earlier::keep(&folder(), env!("CARGO_PKG_VERSION"), &simulate(State::of_this_version));
}
