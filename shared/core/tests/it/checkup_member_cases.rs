//! What `doctor --org` says of what is in an account: roles, policies and groups, and the rules of each region.

use mfa_enforcer_core::checkup::{
    AccountCheckup, Check, Item, ListedRule, ManagedSeen, MemberIam, MemberSeen, OrganizationCheckup,
    OrganizationSeen, QueueSeen, RegionSeen, RoleSeen, RulesSeen, State,
};
use mfa_enforcer_core::quarantine_look::PolicyVersion;
use mfa_enforcer_testing::fixtures::now;
use mfa_enforcer_testing::organization_checkups::{HUB, MANAGEMENT, MEMBER, NAME, healthy, member};
use rstest::rstest;

const DENIED: &str = "iam:GetAccountAuthorizationDetails failed: access denied";
const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// What came of the check of an account.
pub(crate) fn of(number: &str, seen: &OrganizationSeen) -> AccountCheckup {
    OrganizationCheckup::of(seen).accounts.into_iter().find(|account| account.id == number).unwrap()
}

/// What was said, each with what to do.
pub(crate) fn told<'a>(checks: impl Iterator<Item = &'a Check>) -> Vec<(Item, State, String)> {
    checks
        .inspect(|check| assert!(check.advice.as_ref().is_some_and(|advice| advice.len() > 10), "{check:?}"))
        .map(|check| (check.item, check.state, check.says.clone()))
        .collect()
}

/// What is wrong with the member after this. Nothing is with any other account or with the hub.
fn wrong_after(spoil: impl FnOnce(&mut MemberSeen)) -> Vec<(Item, State, String)> {
    let mut seen = healthy();
    spoil(member(&mut seen));
    let checkup = OrganizationCheckup::of(&seen);
    assert_eq!(checkup.count(State::Ok), seen.accounts.len() - 1, "{checkup:#?}");
    assert!(checkup.hub.checks.iter().all(|check| check.state == State::Ok), "{:#?}", checkup.hub);
    told(of(MEMBER, &seen).wrong())
}

fn role<'a>(seen: &'a mut MemberSeen, ending: &str) -> &'a mut RoleSeen {
    let iam = seen.iam.as_mut().unwrap();
    iam.roles.iter_mut().find(|role| role.name.ends_with(ending)).unwrap()
}

/// Another text in the trust of a role.
fn trusting(seen: &mut MemberSeen, ending: &str, from: &str, to: &str) {
    let role = role(seen, ending);
    assert!(role.trust.contains(from), "{}", role.trust);
    role.trust = role.trust.replace(from, to);
}

/// Another text in the policy of a role.
fn allowing(seen: &mut MemberSeen, ending: &str, from: &str, to: &str) {
    let document = &mut role(seen, ending).inline[0];
    assert!(document.contains(from), "{document}");
    *document = document.replace(from, to);
}

fn gone(seen: &mut MemberSeen, ending: &str) {
    seen.iam.as_mut().unwrap().roles.retain(|role| !role.name.ends_with(ending));
}

fn elsewhere(seen: &mut MemberSeen) -> &mut RegionSeen {
    &mut seen.others.as_mut().unwrap()[0]
}

fn rules(region: &mut RegionSeen) -> &mut Vec<ListedRule> {
    match &mut region.rules {
        RulesSeen::Listed(rules) => rules,
        RulesSeen::Denied(_) | RulesSeen::Unknown(_) => panic!("they are not listed"),
    }
}

fn disable(region: &mut RegionSeen, ending: &str) {
    let rule = rules(region).iter_mut().find(|rule| rule.name.ends_with(ending)).unwrap();
    "DISABLED".clone_into(&mut rule.state);
}

/// The hub's bucket takes evidence of these accounts.
fn takes_evidence_of(accounts: &str) -> OrganizationSeen {
    let mut seen = healthy();
    seen.hub.stack.state.outputs.insert("EvidenceFrom".to_owned(), accounts.to_owned());
    seen
}

#[test]
fn account_with_evidence_of_its_own_is_none_of_the_hub() {
    for account in [MEMBER, HUB] {
        let seen = takes_evidence_of(&format!("{MANAGEMENT},{account}"));
        let wrong = told(of(account, &seen).wrong());
        assert_found(&wrong, Item::Evidence, State::Warning, "EvidenceFrom of the hub names it");
    }
    // Nothing of member.yaml is in these.
    for accounts in [MANAGEMENT, "999988887777", ""] {
        assert_eq!(OrganizationCheckup::of(&takes_evidence_of(accounts)).state, State::Ok, "{accounts}");
    }
}

/// Looks for what is wrong, which is all of this item and state.
fn assert_found(wrong: &[(Item, State, String)], item: Item, state: State, says: &str) {
    assert!(wrong.iter().all(|(of, how, _)| (*of, *how) == (item, state)), "{wrong:#?}");
    assert!(wrong.iter().any(|(_, _, told)| told.contains(says)), "{wrong:#?}");
}

#[rstest]
#[case::gone(|seen: &mut MemberSeen| gone(seen, "-guard"), "the role mfa-enforcer-member-guard is gone")]
#[case::trust_of_another_hub(
    |seen: &mut MemberSeen| trusting(seen, "-contain", HUB, "999999999999"),
    "mfa-enforcer-member-contain does not trust just those roles of account 123456789012"
)]
#[case::trust_of_another_organization(
    |seen: &mut MemberSeen| trusting(seen, "-release", "o-exampleorgid", "o-anotherorgid"),
    "mfa-enforcer-member-release does not trust just"
)]
#[case::trust_of_one_role_more(
    |seen: &mut MemberSeen| trusting(seen, "-review", "[\"arn", "[\"arn:aws:iam::123456789012:role/other\",\"arn"),
    "mfa-enforcer-member-review does not trust just"
)]
#[case::call_missing(
    |seen: &mut MemberSeen| allowing(seen, "-contain", "iam:AddUserToGroup", "iam:TagUser"),
    "may not make calls that the hub needs: iam:AddUserToGroup"
)]
#[case::call_besides(
    |seen: &mut MemberSeen| allowing(seen, "-review", "iam:GetUser", "iam:*"),
    "mfa-enforcer-member-review may do more than it should: iam:*"
)]
#[case::policy_of_aws(
    |seen: &mut MemberSeen| role(seen, "-guard").managed.push(ADMINISTRATOR.to_owned()),
    "may do more than it should: what arn:aws:iam::aws:policy/AdministratorAccess allows"
)]
#[case::of_rules_gone(
    |seen: &mut MemberSeen| gone(seen, "-forward-us-east-1"),
    "so no rule in us-east-1 can send anything to the hub"
)]
#[case::of_rules_for_another_bus(
    |seen: &mut MemberSeen| allowing(seen, "-forward-us-east-1", "/mfa-enforcer", "/other"),
    "does not let rules send to arn:aws:events:us-east-1:123456789012:event-bus/mfa-enforcer"
)]
#[case::of_rules_for_nobody(
    |seen: &mut MemberSeen| trusting(seen, "-forward-us-east-1", "events.amazonaws.com", "s3.amazonaws.com"),
    "does not let rules send to"
)]
#[case::of_rules_denied(
    |seen: &mut MemberSeen| trusting(seen, "-forward-us-east-1", "Allow", "Deny"),
    "does not let rules send to"
)]
#[case::of_rules_for_another_call(
    |seen: &mut MemberSeen| trusting(seen, "-forward-us-east-1", "sts:AssumeRole", "sts:TagSession"),
    "does not let rules send to"
)]
#[case::of_rules_elsewhere(
    |seen: &mut MemberSeen| gone(seen, "-forward-eu-west-1"),
    "so no rule in eu-west-1 can send anything to the hub"
)]
fn fault_of_a_role_is_found(#[case] spoil: fn(&mut MemberSeen), #[case] says: &str) {
    assert_found(&wrong_after(spoil), Item::Roles, State::Broken, says);
}

/// The calls of a role may stand in a policy beside it, of which one version is in force.
#[test]
fn managed_policy_allows_what_its_version_in_force_does() {
    let wrong_with = |in_force: &str| {
        let mut seen = healthy();
        let role = role(member(&mut seen), "-guard");
        let arn = format!("arn:aws:iam::{MEMBER}:policy/of-the-guard");
        role.managed.push(arn.clone());
        let everything = r#"{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#.to_owned();
        let versions = [("v1", everything), ("v2", role.inline.remove(0))]
            .map(|(id, document)| PolicyVersion { id: id.to_owned(), document });
        let (path, in_force, versions) = ("/".to_owned(), in_force.to_owned(), versions.into());
        let policy = ManagedSeen { arn, path, made: now(), in_force, versions };
        member(&mut seen).iam.as_mut().unwrap().policies.push(policy);
        told(of(MEMBER, &seen).wrong())
    };
    assert_eq!(wrong_with("v2"), []);
    let more = "mfa-enforcer-member-guard may do more than it should";
    assert_found(&wrong_with("v1"), Item::Roles, State::Broken, more);
}

#[rstest]
#[case::policies_gone(
    |seen: &mut MemberSeen| seen.iam.as_mut().unwrap().policies.clear(),
    "there is no quarantine policy below /mfa-enforcer/"
)]
#[case::text_changed(
    |seen: &mut MemberSeen| {
        let policies = seen.iam.as_mut().unwrap().policies.iter_mut();
        policies.for_each(|policy| "{}".clone_into(&mut policy.versions[0].document));
    },
    "does not have its text"
)]
#[case::group_empty(
    |seen: &mut MemberSeen| seen.iam.as_mut().unwrap().groups.iter_mut().for_each(|group| group.policies.clear()),
    "does not have its policy"
)]
fn fault_of_the_quarantine_is_found(#[case] spoil: fn(&mut MemberSeen), #[case] says: &str) {
    assert_found(&wrong_after(spoil), Item::Quarantine, State::Broken, says);
}

#[test]
fn spare_with_another_text_is_a_warning_while_its_policy_is_right() {
    let wrong = wrong_after(|seen| {
        let policies = seen.iam.as_mut().unwrap().policies.iter_mut();
        let spares = policies.filter(|policy| policy.path.contains("/spare/"));
        spares.for_each(|policy| "{}".clone_into(&mut policy.versions[0].document));
    });
    assert_found(&wrong, Item::Quarantine, State::Warning, "the spare policy");
}

#[rstest]
#[case::disabled(
    |seen: &mut MemberSeen| disable(&mut seen.home, "-users"),
    Item::Rules, State::Broken, "the rule mfa-enforcer-member-users in us-east-1 is DISABLED"
)]
#[case::gone(
    |seen: &mut MemberSeen| rules(&mut seen.home).truncate(6),
    Item::Rules, State::Broken, "the rule mfa-enforcer-member-test in us-east-1 is gone"
)]
#[case::another_target(
    |seen: &mut MemberSeen| rules(&mut seen.home)[0].targets = Ok(Vec::new()),
    Item::Rules, State::Broken, "does not have the bus of the hub as target"
)]
#[case::targets_not_read(
    |seen: &mut MemberSeen| rules(&mut seen.home)[0].targets = Err("denied".to_owned()),
    Item::Rules, State::Unknown, "the targets of the rule mfa-enforcer-member-sign-ins"
)]
#[case::denied_at_home(
    |seen: &mut MemberSeen| seen.home.rules = RulesSeen::Denied("denied".to_owned()),
    Item::Rules, State::Unknown, "the rules in us-east-1"
)]
#[case::events_left_over(
    |seen: &mut MemberSeen| seen.home.queues[0].1.found = Ok(Some(QueueSeen { arn: String::new(), messages: 2 })),
    Item::Rules, State::Warning, "events could not be forwarded from us-east-1: 2"
)]
#[case::nothing_elsewhere(
    |seen: &mut MemberSeen| rules(elsewhere(seen)).clear(),
    Item::Forwarding, State::Warning, "nothing forwards sign-ins from eu-west-1"
)]
#[case::disabled_elsewhere(
    |seen: &mut MemberSeen| disable(elsewhere(seen), "-sign-ins"),
    Item::Forwarding, State::Broken, "the rule mfa-enforcer-member-sign-ins in eu-west-1 is DISABLED"
)]
#[case::queue_gone_elsewhere(
    |seen: &mut MemberSeen| elsewhere(seen).queues.clear(),
    Item::Forwarding, State::Broken, "the queue mfa-enforcer-member-dead-letters in eu-west-1 is gone"
)]
#[case::not_read_elsewhere(
    |seen: &mut MemberSeen| elsewhere(seen).rules = RulesSeen::Unknown("no answer".to_owned()),
    Item::Forwarding, State::Unknown, "the rules in eu-west-1"
)]
#[case::regions_not_read(
    |seen: &mut MemberSeen| seen.others = Err("denied".to_owned()),
    Item::Forwarding, State::Unknown, "which regions the account has enabled"
)]
#[case::old_version(
    |seen: &mut MemberSeen| role(seen, "-guard").version = Some("0.0.1".to_owned()),
    Item::Stack, State::Warning, "is of version 0.0.1"
)]
#[case::no_version(
    |seen: &mut MemberSeen| role(seen, "-guard").version = None,
    Item::Stack, State::Warning, "does not say its version"
)]
#[case::iam_not_read(
    |seen: &mut MemberSeen| seen.iam = Err(DENIED.to_owned()),
    Item::Roles, State::Unknown, DENIED
)]
fn fault_of_an_account_is_found(
    #[case] spoil: fn(&mut MemberSeen),
    #[case] item: Item,
    #[case] state: State,
    #[case] says: &str,
) {
    assert_found(&wrong_after(spoil), item, state, says);
}

#[test]
fn account_without_anything_is_said_in_one_line() {
    let wrong = wrong_after(|seen| {
        seen.iam = Ok(MemberIam::default());
        rules(&mut seen.home).clear();
        rules(elsewhere(seen)).clear();
    });
    let [(Item::Stack, State::Broken, says)] = wrong.as_slice() else { panic!("{wrong:#?}") };
    assert!(says.contains("nothing of member.yaml is there"), "{says}");
}

#[test]
fn denied_region_is_named_and_costs_nothing() {
    let mut seen = healthy();
    elsewhere(member(&mut seen)).rules = RulesSeen::Denied("denied".to_owned());
    let checkup = of(MEMBER, &seen);
    assert_eq!(checkup.state, State::Ok, "{checkup:#?}");
    let named: Vec<&str> = checkup.told().map(|check| check.says.as_str()).collect();
    assert_eq!(named, ["access is denied in eu-west-1, so nothing was looked for there"]);
}

#[test]
fn denied_region_is_named_beside_a_fault_of_another() {
    let mut seen = healthy();
    let others = member(&mut seen).others.as_mut().unwrap();
    let without = RegionSeen {
        region: "sa-east-1".to_owned(),
        rules: RulesSeen::Listed(Vec::new()),
        queues: Vec::new(),
    };
    others.push(without);
    elsewhere(member(&mut seen)).rules = RulesSeen::Denied("denied".to_owned());
    let checkup = of(MEMBER, &seen);
    assert_eq!(told(checkup.wrong()).len(), 1, "{checkup:#?}");
    let advice = checkup.wrong().next().and_then(|check| check.advice.as_deref()).unwrap();
    assert!(advice.contains("member-region.yaml") && advice.contains("--region us-east-1"), "{advice}");
    let says: Vec<&str> = checkup.told().map(|check| check.says.as_str()).collect();
    let [fault, named] = says.as_slice() else { panic!("{says:#?}") };
    assert!(fault.contains("sa-east-1") && named.contains("eu-west-1"), "{fault} {named}");
}

#[test]
fn account_with_stacks_of_two_sets_needs_both_whole() {
    let mut seen = healthy();
    seen.hub.settings.members.push("other".to_owned());
    assert_eq!(of(MEMBER, &seen).state, State::Ok);
    let iam = member(&mut seen).iam.as_mut().unwrap();
    let contain = iam.roles.iter().find(|role| role.name == format!("{NAME}-contain")).unwrap().clone();
    iam.roles.push(RoleSeen { name: "other-contain".to_owned(), ..contain });
    let wrong = told(of(MEMBER, &seen).wrong());
    assert!(wrong.iter().any(|(_, _, says)| says == "the role other-guard is gone"), "{wrong:#?}");
    let rule = "the rule other-users in us-east-1 is gone";
    assert!(wrong.iter().any(|(_, _, says)| says == rule), "{wrong:#?}");
}
