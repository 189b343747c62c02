//! What `doctor --org` says of the hub and of each account.

use crate::checkup_member_cases::{of, told};
use crate::checkup_test_event_cases::tested;
use crate::contract::root;
use jiff::SignedDuration;
use mfa_enforcer_core::checkup::{
    AccountSeen, Item, MemberSeen, OrganizationCheckup, OrganizationSeen, QueueSeen, RegionSeen, ResultSeen,
    RoleSeen, StackSeen, State,
};
use mfa_enforcer_core::digest::ChangeKind;
use mfa_enforcer_core::event::SweepKind;
use mfa_enforcer_core::organization::{AccountResult, Outcome, SweepRun, Swept};
use mfa_enforcer_testing::organization_checkups::{
    ELSEWHERE, HUB, MANAGEMENT, MEMBER, healthy, member, with_faults,
};
use rstest::rstest;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use strum::IntoEnumIterator;

/// What is wrong with the hub after this.
fn wrong_with_hub(spoil: impl FnOnce(&mut OrganizationSeen)) -> Vec<(Item, State, String)> {
    let mut seen = healthy();
    spoil(&mut seen);
    let checkup = OrganizationCheckup::of(&seen);
    told(checkup.hub.checks.iter().filter(|check| check.state != State::Ok))
}

#[test]
fn nothing_is_wrong_with_a_healthy_organization() {
    let checkup = OrganizationCheckup::of(&healthy());
    assert_eq!(checkup.state, State::Ok, "{checkup:#?}");
    let kinds: Vec<(&str, Value)> =
        checkup.accounts.iter().map(|account| (account.name.as_str(), json!(account.kind))).collect();
    let expected = [
        ("management", "management"),
        ("bought", "not-in-use"),
        ("security", "hub"),
        ("production", "member"),
    ];
    assert_eq!(kinds, expected.map(|(name, kind)| (name, json!(kind))));
}

#[rstest]
#[case(MEMBER, "it is a member, and can be read")]
#[case(HUB, "it is the account of the hub, which acts in it as in any other, and can be read")]
#[case(MEMBER, "sign-ins are sent to the hub from 1 other region")]
fn check_of_an_account_says_what_it_is_and_what_it_sends(#[case] account: &str, #[case] says: &str) {
    let checkup = of(account, &healthy());
    assert!(checkup.checks.iter().any(|check| check.says == says), "{checkup:#?}");
}

#[test]
fn regions_that_send_to_the_hub_are_counted() {
    let mut seen = healthy();
    let member = member(&mut seen);
    let others = member.others.as_mut().unwrap();
    others.push(RegionSeen { region: "ap-southeast-2".to_owned(), ..others[0].clone() });
    let roles = &mut member.iam.as_mut().unwrap().roles;
    let role = roles.iter().find(|role| role.name.ends_with(ELSEWHERE)).unwrap().clone();
    roles.push(RoleSeen { name: role.name.replace(ELSEWHERE, "ap-southeast-2"), ..role });
    let checkup = of(MEMBER, &seen);
    let says = "sign-ins are sent to the hub from 2 other regions";
    assert!(checkup.checks.iter().any(|check| check.says == says), "{checkup:#?}");
}

#[rstest]
#[case::another_stack(Some(Ok(None)), State::Warning, "no stack mfa-enforcer of its own")]
#[case::not_read(Some(Err("denied".to_owned())), State::Unknown, "whether it has a stack mfa-enforcer of its own")]
fn management_account_needs_a_stack_of_its_own(
    #[case] own: Option<Result<Option<StackSeen>, String>>,
    #[case] state: State,
    #[case] says: &str,
) {
    let mut seen = healthy();
    let management = seen.accounts.iter_mut().find(|seen| seen.account.id == MANAGEMENT).unwrap();
    management.member.as_mut().unwrap().as_mut().unwrap().own_stack = own;
    let checkup = of(MANAGEMENT, &seen);
    assert_eq!(checkup.state, state);
    assert!(checkup.checks[0].says.contains(says), "{checkup:#?}");
}

#[test]
fn management_account_with_member_yaml_is_a_member() {
    let mut seen = healthy();
    let whole = member(&mut seen).clone();
    let management = seen.accounts.iter_mut().find(|seen| seen.account.id == MANAGEMENT).unwrap();
    management.member = Some(Ok(MemberSeen { own_stack: Some(Ok(None)), ..whole }));
    let checkup = of(MANAGEMENT, &seen);
    assert!(checkup.checks.iter().any(|check| check.item == Item::Roles), "{checkup:#?}");
}

#[test]
fn account_that_cannot_be_read_is_unknown_and_still_judged_by_the_hub() {
    let mut seen = healthy();
    let account = seen.accounts.iter_mut().find(|seen| seen.account.id == MEMBER).unwrap();
    account.member = Some(Err("the role cannot be used".to_owned()));
    let checkup = of(MEMBER, &seen);
    let items: Vec<Item> = checkup.checks.iter().map(|check| check.item).collect();
    assert_eq!(items, [Item::Access, Item::Settings, Item::LastSweep]);
    assert_eq!(told(checkup.wrong()).len(), 1);
    assert_eq!(checkup.state, State::Unknown);
}

fn hub_account(seen: &mut OrganizationSeen) -> &mut AccountSeen {
    seen.accounts.iter_mut().find(|seen| seen.account.id == MEMBER).unwrap()
}

fn result(seen: &mut OrganizationSeen) -> &mut ResultSeen {
    hub_account(seen).result.as_mut().unwrap().as_mut().unwrap()
}

fn found(seen: &mut OrganizationSeen) -> &mut Swept {
    match &mut result(seen).result.outcome {
        Outcome::Swept(swept) => swept,
        Outcome::NotCovered(why) => panic!("{why}"),
    }
}

#[rstest]
#[case::not_in_the_tree(
    |seen: &mut OrganizationSeen| seen.hub.books.as_mut().unwrap().tree.accounts.retain(|tagged| tagged.account.id != MEMBER),
    Item::Settings, State::Broken, "the hub does nothing in it"
)]
#[case::old_tree(
    |seen: &mut OrganizationSeen| seen.hub.books.as_mut().unwrap().tree.at = seen.at - SignedDuration::from_hours(30),
    Item::Settings, State::Warning, "the organization was listed last"
)]
#[case::not_asked(
    |seen: &mut OrganizationSeen| seen.hub.hourly.as_mut().unwrap().as_mut().unwrap().accounts.retain(|asked| asked.id != MEMBER),
    Item::LastSweep, State::Broken, "was not asked of it"
)]
#[case::new(
    |seen: &mut OrganizationSeen| {
        seen.hub.daily.as_mut().unwrap().as_mut().unwrap().accounts.retain(|asked| asked.id != MEMBER);
        hub_account(seen).result = Ok(None);
    },
    Item::LastSweep, State::Warning, "no digest had it yet"
)]
#[case::not_reported(
    |seen: &mut OrganizationSeen| hub_account(seen).result = Ok(None), Item::LastSweep, State::Warning, "it has not reported"
)]
#[case::not_swept(
    |seen: &mut OrganizationSeen| {
        let run = SweepRun::of(SweepKind::Daily, seen.at);
        let result = AccountResult::not_covered(&run, MEMBER, "no role", seen.at);
        hub_account(seen).result = Ok(Some(ResultSeen { result, is_final: true }));
    },
    Item::LastSweep, State::Broken, "could not read it: no role"
)]
#[case::attempt(
    |seen: &mut OrganizationSeen| result(seen).is_final = false,
    Item::LastSweep, State::Warning, "is not finished with it"
)]
#[case::attempt_without_time(
    |seen: &mut OrganizationSeen| {
        found(seen).remaining = 7;
        result(seen).is_final = false;
    },
    Item::LastSweep, State::Warning, "(users for whom no time was left: 7)"
)]
#[case::without_time(
    |seen: &mut OrganizationSeen| found(seen).remaining = 7,
    Item::LastSweep, State::Warning, "not all was done: users for whom no time was left: 7"
)]
#[case::failures(
    |seen: &mut OrganizationSeen| found(seen).failures.count = 2,
    Item::LastSweep, State::Warning, "failures that concern no single user: 2"
)]
#[case::failed_users(
    |seen: &mut OrganizationSeen| assert_eq!(found(seen).did.insert(ChangeKind::Failed, 1), None),
    Item::LastSweep, State::Warning, "users for whom a step failed or was refused: 1"
)]
#[case::result_not_read(
    |seen: &mut OrganizationSeen| hub_account(seen).result = Err("denied".to_owned()), Item::LastSweep, State::Unknown, "denied"
)]
fn account_that_the_hub_does_not_know_is_found(
    #[case] spoil: fn(&mut OrganizationSeen),
    #[case] item: Item,
    #[case] state: State,
    #[case] says: &str,
) {
    let mut seen = healthy();
    spoil(&mut seen);
    let wrong = told(of(MEMBER, &seen).wrong());
    assert!(
        wrong.iter().any(|(of, how, told)| (*of, *how) == (item, state) && told.contains(says)),
        "{wrong:#?}"
    );
}

#[rstest]
#[case::rollback(
    |seen: &mut OrganizationSeen| "UPDATE_ROLLBACK_FAILED".clone_into(&mut seen.hub.stack.state.status), Item::Stack, State::Broken, "UPDATE_ROLLBACK_FAILED"
)]
#[case::function_gone(|seen: &mut OrganizationSeen| { seen.hub.roles.pop(); }, Item::Functions, State::Broken, "the function sweep of the hub is gone")]
#[case::another_organization(
    |seen: &mut OrganizationSeen| "o-anotherorgid".clone_into(&mut seen.organization), Item::Settings, State::Broken, "you are in o-anotherorgid"
)]
#[case::settings_not_read(
    |seen: &mut OrganizationSeen| seen.hub.books = Err("not there".to_owned()), Item::Settings, State::Unknown, "what holds in the accounts is not known"
)]
#[case::newest_settings_not_usable(
    |seen: &mut OrganizationSeen| seen.hub.books.as_mut().unwrap().doubt = Some("no mode".to_owned()), Item::Settings, State::Broken, "no mode"
)]
#[case::no_hourly_sweep(|seen: &mut OrganizationSeen| seen.hub.hourly = Ok(None), Item::LastSweep, State::Broken, "no hourly sweep was planned")]
#[case::no_daily_sweep(|seen: &mut OrganizationSeen| seen.hub.daily = Ok(None), Item::LastSweep, State::Broken, "no daily sweep was planned")]
#[case::plan_not_read(|seen: &mut OrganizationSeen| seen.hub.daily = Err("denied".to_owned()), Item::LastSweep, State::Unknown, "denied")]
#[case::account_not_swept(
    |seen: &mut OrganizationSeen| seen.hub.queues[2].found = Ok(Some(QueueSeen { arn: String::new(), messages: 3 })),
    Item::DeadLetters, State::Warning, "accounts could not be swept: 3"
)]
#[case::queue_gone(
    |seen: &mut OrganizationSeen| seen.hub.queues[2].found = Ok(None), Item::DeadLetters, State::Broken, "AccountDeadLetters is gone"
)]
#[case::no_queue(|seen: &mut OrganizationSeen| seen.hub.queues.clear(), Item::DeadLetters, State::Broken, "has no queue for accounts")]
#[case::no_queue_beside_others(
    |seen: &mut OrganizationSeen| seen.hub.queues.truncate(2),
    Item::DeadLetters, State::Broken, "has no queue for accounts"
)]
fn fault_of_the_hub_is_found(
    #[case] spoil: fn(&mut OrganizationSeen),
    #[case] item: Item,
    #[case] state: State,
    #[case] says: &str,
) {
    let wrong = wrong_with_hub(spoil);
    let [(of, how, told)] = wrong.as_slice() else { panic!("{wrong:#?}") };
    assert_eq!((*of, *how), (item, state));
    assert!(told.contains(says), "{told}");
}

fn schema() -> Value {
    let file = fs::read_to_string(root().join("docs/organization-doctor.schema.json")).unwrap();
    serde_json::from_str(&file).unwrap()
}

#[test]
fn json_fits_its_schema() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for seen in [healthy(), with_faults(), tested()] {
        let checkup: Value = serde_json::from_slice(&OrganizationCheckup::of(&seen).json()).unwrap();
        let problems: Vec<String> =
            validator.iter_errors(&checkup).map(|problem| problem.to_string()).collect();
        assert_eq!(problems, Vec::<String>::new());
    }
}

#[test]
fn schema_lists_the_items_that_there_are() {
    let listed = |of: &Value| -> BTreeSet<String> { serde_json::from_value(of["enum"].clone()).unwrap() };
    let schema = schema();
    let items = listed(&schema["$defs"]["checks"]["items"]["properties"]["item"]);
    let mut seen = tested();
    seen.hub.stack.state.outputs.insert("EvidenceFrom".to_owned(), MEMBER.to_owned());
    let checkup = OrganizationCheckup::of(&seen);
    let of_accounts = checkup.accounts.iter().flat_map(|account| &account.checks);
    let checks = checkup.hub.checks.iter().chain(of_accounts);
    assert_eq!(items, checks.map(|check| check.item.code().to_owned()).collect());
    let states = listed(&schema["$defs"]["state"]);
    assert_eq!(states, State::iter().map(|state| state.code().to_owned()).collect());
}
