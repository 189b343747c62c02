//! Laws of texts of earlier versions: whatever versions a policy has, the best text is put in force, once.

use crate::law_settings::cases;
use crate::quarantine_check_fixtures::{
    EDITED, OTHER, SET, former, guard, right, spare, told, version, with_spare,
};
use mfa_enforcer_core::decide::QuarantineCheck;
use mfa_enforcer_core::digest::AccountFinding;
use mfa_enforcer_core::plan::Step;
use mfa_enforcer_core::quarantine_look::{GroupSeen, PolicySeen, PolicyVersion, QuarantineSeen};
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::repair::Repair;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::sweep::effective;
use mfa_enforcer_testing::fixtures::{POLICY, now, request, whole_quarantine};
use proptest::prelude::*;

/// Texts from the worst to the best. The first two are somebody else's, and one of them may be newer than this version.
fn texts() -> [&'static str; 5] {
    [OTHER, "{}", OLDEST, OLD, right()]
}

const OLDEST: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
const OLD: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotAction":"iam:*","Resource":"*"}]}"#;

/// How good a text is; 0 is not good at all.
fn grade(document: &str) -> usize {
    texts().iter().position(|text| *text == document).unwrap().saturating_sub(1)
}

/// The versions of a policy, and which of them is in force.
type Policy = (Vec<&'static str>, usize);

fn any_policy() -> impl Strategy<Value = Policy> {
    (prop::collection::vec(prop::sample::select(texts().to_vec()), 1..=5), any::<prop::sample::Index>())
        .prop_map(|(versions, index)| (versions.clone(), index.index(versions.len())))
}

fn versions((documents, _): &Policy) -> Vec<PolicyVersion> {
    let version = |(index, document): (usize, &&str)| version(&format!("v{}", index + 1), document);
    documents.iter().enumerate().map(version).collect()
}

fn best((documents, _): &Policy) -> usize {
    documents.iter().map(|document| grade(document)).max().unwrap()
}

fn in_force((documents, index): &Policy) -> usize {
    grade(documents[*index])
}

/// An account of an organization, which has no stack that says what is right.
struct Account {
    policies: [(String, Policy); 2],
    group: Vec<String>,
}

impl Account {
    /// As the shell looks at it: versions are read of those policies that are asked for.
    fn look(&self, check: &QuarantineCheck, settings: &Settings) -> QuarantineSeen {
        let policies = self.policies.iter().map(|(arn, policy)| {
            let in_force = versions(policy)[policy.1].clone();
            (arn.clone(), PolicySeen::There { in_force, versions: Vec::new() })
        });
        let groups =
            check.groups(settings).into_iter().map(|name| (name, GroupSeen::Policies(self.group.clone())));
        let mut seen = QuarantineSeen {
            policies: policies.collect(),
            groups: groups.collect(),
            former: former(&[OLDEST, OLD]),
            ..whole_quarantine(check, settings)
        };
        for arn in seen.wants_versions(settings, now()) {
            let (_, policy) = self.policies.iter().find(|(known, _)| *known == arn).unwrap();
            seen.add_versions(&arn, &versions(policy));
        }
        seen
    }

    /// Makes the repairs, and says what they were.
    fn repair(&mut self, check: &QuarantineCheck, settings: &Settings) -> Vec<Repair> {
        let seen = self.look(check, settings);
        let repairs =
            check.repairs(&seen, &told(), settings, now()).steps.into_iter().filter_map(|step| match step {
                Step::Repair(repair) => Some(repair),
                _ => None,
            });
        let repairs: Vec<Repair> = repairs.collect();
        for repair in &repairs {
            match repair {
                Repair::SetDefaultVersion { policy, version } => {
                    let (_, known) = self.policies.iter_mut().find(|(arn, _)| arn == policy).unwrap();
                    known.1 = versions(known).iter().position(|one| one.id == *version).unwrap();
                }
                Repair::AttachToGroup { policy, .. } => self.group.push(policy.clone()),
            }
        }
        repairs
    }
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn best_text_of_all_versions_is_put_in_force_once(
        policy in any_policy(),
        of_spare in any_policy(),
        event in prop::sample::select(vec![Some(EDITED), Some(SET), None]),
    ) {
        let settings = with_spare();
        let check = event.map_or_else(|| QuarantineCheck::of_sweep(&request()), guard);
        let policies = [(POLICY.to_owned(), policy.clone()), (spare(), of_spare.clone())];
        let mut account = Account { policies, group: vec![POLICY.to_owned()] };
        account.repair(&check, &settings);
        let after = [&account.policies[0].1, &account.policies[1].1];
        for (before, after) in [&policy, &of_spare].into_iter().zip(after) {
            prop_assert_eq!(in_force(after), best(before));
            // What is as good as any other stays.
            prop_assert!(in_force(before) < best(before) || before.1 == after.1);
        }
        // A spare that has just got its text back goes to the group.
        let again = account.repair(&check, &settings);
        let is_of_group = |repair: &Repair| matches!(repair, Repair::AttachToGroup { policy, .. } if *policy == spare());
        prop_assert!(again.iter().all(is_of_group), "{:?}", again);
        prop_assert_eq!(account.repair(&check, &settings), []);

        let seen = account.look(&check, &settings);
        let (held, findings) = effective(&settings, &seen, now());
        let (full, expected) = match (best(&policy), best(&of_spare)) {
            (0, 0) => (POLICY.to_owned(), vec![AccountFinding::QuarantineStopsNothing(POLICY.to_owned())]),
            (0, _) => (spare(), vec![AccountFinding::SpareInForce(POLICY.to_owned())]),
            (_, _) => (POLICY.to_owned(), Vec::new()),
        };
        prop_assert_eq!((held.quarantine.full.policy, findings), (full, expected));

        let sweep = QuarantineCheck::of_sweep(&request());
        let report = sweep.report(&seen, &seen, &told(), &settings, now());
        let is_whole = best(&policy) > 0 && best(&of_spare) > 0;
        prop_assert_eq!(report.reason == Reason::QuarantineWhole, is_whole);
    }
}
