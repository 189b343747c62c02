//! Dead letters of the hub of an organization: orders of single accounts, lists, and whose history has an event.

use jiff::SignedDuration;
use mfa_enforcer_core::event::Function;
use mfa_enforcer_core::redrive::{
    DeadLetter, Fate, FateState, Message, Ordered, Queue, Route, order_for_all, orders_of_accounts,
};
use mfa_enforcer_testing::dead_letters::{
    function_arn, letter, message, own_functions, undelivered, unfinished,
};
use mfa_enforcer_testing::fixtures::{now, sample};
use rstest::rstest;
use serde_json::{Value, json};

const HUB: &str = "123456789012";
const MEMBER: &str = "222233334444";
const OTHER: &str = "333344445555";
const LIST: &str = r#"{"list":"organization"}"#;

fn in_hub(message: &Message) -> DeadLetter {
    DeadLetter::read(message, &own_functions().of_hub(), now())
}

/// An order that was due so many minutes ago.
fn order(kind: &str, account: &str, minutes: i64) -> Message {
    let due = now().checked_sub(SignedDuration::from_mins(minutes)).unwrap();
    let body = json!({"account": account, "sweep": kind, "scheduledTime": due});
    message(Queue::Accounts, minutes, &body.to_string(), &[])
}

#[test]
fn order_of_an_account_goes_back_into_the_queue_of_accounts() {
    let letter = in_hub(&order("daily", MEMBER, 90));
    let Ok(Route::Account(order)) = &letter.route else { panic!("{letter:?}") };
    assert_eq!((order.account.as_str(), order.request.kind.name()), (MEMBER, "daily"));
    assert_eq!(letter.about.account.as_deref(), Some(MEMBER));
    assert_eq!(letter.about.name.as_deref(), Some("daily sweep"));
    assert_eq!(letter.about.time, Some(now() - SignedDuration::from_mins(90)));
    assert_eq!(letter.function(), Some(Function::Sweep));
    assert!(letter.error.unwrap().contains("could not be swept in three runs"));
}

#[rstest]
#[case("hourly", 60, false)]
#[case("hourly", 61, true)]
#[case("daily", 24 * 60, false)]
#[case("daily", 24 * 60 + 1, true)]
fn order_that_came_too_late_is_dropped(#[case] kind: &str, #[case] minutes: i64, #[case] is_dropped: bool) {
    let letter = in_hub(&order(kind, MEMBER, minutes));
    assert_eq!(matches!(letter.route, Ok(Route::Outdated(_))), is_dropped, "{letter:?}");
    let fate = Fate::before(&letter);
    assert_eq!((fate.state, fate.is_to_be_dropped()), (FateState::Waiting, is_dropped));
    if is_dropped {
        let says = format!("to be dropped: the {kind} sweep of {MEMBER} was due at ");
        assert!(fate.says.starts_with(&says), "{}", fate.says);
        assert_eq!(orders_of_accounts(&[letter]), []);
    }
}

#[rstest]
#[case::no_json("hello", "is not valid JSON")]
#[case::no_account(r#"{"sweep":"daily"}"#, "malformed event: `body.account`")]
#[case::account_of_another_form(r#"{"account":"../x","sweep":"daily"}"#, "malformed event: `body.account`")]
#[case::no_sweep(r#"{"account":"222233334444","sweep":"yearly"}"#, "malformed event: `sweep`")]
fn what_is_no_order_of_an_account_is_left(#[case] body: &str, #[case] says: &str) {
    let letter = in_hub(&message(Queue::Accounts, 1, body, &[]));
    let said = letter.route.unwrap_err().to_string();
    assert!(said.contains("it is not an order for a sweep") && said.contains(says), "{said}");
}

#[test]
fn each_account_is_ordered_once_and_the_newest_daily_sweep_stands_for_all() {
    let sent = [
        order("hourly", MEMBER, 5),
        order("daily", MEMBER, 300),
        order("daily", MEMBER, 200),
        order("hourly", OTHER, 50),
        order("hourly", OTHER, 10),
    ];
    let letters: Vec<DeadLetter> = sent.iter().map(in_hub).collect();
    let orders = orders_of_accounts(&letters);
    let told: Vec<(&str, &str, &str)> = orders
        .iter()
        .map(|(order, id)| (order.account.as_str(), order.request.kind.name(), id.as_str()))
        .collect();
    assert_eq!(told, [(MEMBER, "daily", sent[2].id.as_str()), (OTHER, "hourly", sent[4].id.as_str())]);
    // The order is as it was, so that its result belongs to its run.
    assert_eq!(orders[0].0.request.time, now() - SignedDuration::from_mins(200));
    assert_eq!(orders[0].0.says_of(true), format!("ordered: a new daily sweep of {MEMBER}"));
    assert_eq!(orders[0].0.says_of(false), format!("made up for by the new daily sweep of {MEMBER}"));
}

#[test]
fn first_of_two_messages_with_one_order_stands_for_both() {
    let first = order("daily", MEMBER, 90);
    let again = Message { id: "00000000-0000-0000-0000-00000000aaaa".to_owned(), ..first.clone() };
    let letters = [&first, &again].map(in_hub);
    let ids: Vec<String> = orders_of_accounts(&letters).into_iter().map(|(_, id)| id).collect();
    assert_eq!(ids, [first.id]);
}

#[test]
fn list_is_ordered_anew_unless_a_sweep_is() {
    let list = in_hub(&message(Queue::Sweeps, 5, LIST, &[]));
    assert_eq!((&list.route, list.function()), (&Ok(Route::List), Some(Function::Sweep)));
    assert_eq!(list.about.name.as_deref(), Some("list of the organization"));
    let sweep = in_hub(&unfinished("hourly", 90));
    let alone = order_for_all(std::slice::from_ref(&list), now()).unwrap();
    assert_eq!((&alone.ordered, &alone.message), (&Ordered::List, &list.id));
    assert_eq!(alone.says_of(&list.id), "ordered: a new list of the organization");
    let both = order_for_all(&[list.clone(), sweep], now()).unwrap();
    assert!(matches!(both.ordered, Ordered::Sweep(_)), "{both:?}");
    assert_eq!(both.says_of(&list.id), "made up for by the new hourly sweep");
}

#[test]
fn stack_of_one_account_lists_nothing() {
    let list = letter(&message(Queue::Sweeps, 5, LIST, &[]));
    assert!(list.route.is_err(), "{list:?}");
}

/// Bob's sign-in, as it came from this account.
fn sign_in_of(account: &Value) -> DeadLetter {
    let mut event: Value = serde_json::from_str(&sample("ConsoleLogin/bob-overdue-without-mfa")).unwrap();
    event["account"] = account.clone();
    in_hub(&undelivered(&function_arn("SignInFunction"), &event.to_string()))
}

#[rstest]
#[case::member(json!(MEMBER), Some(MEMBER))]
#[case::the_hub_itself(json!(HUB), None)]
#[case::no_number(json!("2222333344"), None)]
#[case::nothing(Value::Null, None)]
fn event_is_looked_up_in_its_own_account(#[case] account: Value, #[case] expected: Option<&str>) {
    let letter = sign_in_of(&account);
    let in_hub = letter.to_look_up("us-east-1", Some(HUB)).unwrap().unwrap();
    assert_eq!(in_hub.account.as_deref(), expected);
    // The stack of one account handles no events of others.
    assert_eq!(letter.to_look_up("us-east-1", None).unwrap().unwrap().account, None);
}
