//! What an operator decides: which steps that takes, what is refused, and what the sweeps make of it.

use crate::approval_fixtures::{settings as with_approval, waiting};
use mfa_enforcer_core::bus::{OperatorAct, event_of_operator};
use mfa_enforcer_core::decide::{Exempting, Operator, Order, Refusal, by_operator, sweep_user};
use mfa_enforcer_core::episode::Episode;
use mfa_enforcer_core::event::EventId;
use mfa_enforcer_core::facts::{AttachedBy, UserFacts};
use mfa_enforcer_core::notice::{UserMessage, for_user};
use mfa_enforcer_core::plan::Plan;
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::sweep::Slots;
use mfa_enforcer_core::tags::{APPROVED_KEY, Cause, EXEMPT_UNTIL_KEY, QuarantineRecord, UserTag};
use mfa_enforcer_testing::event_schema::body;
use mfa_enforcer_testing::evidence::request_at;
use mfa_enforcer_testing::fixtures::{
    GROUP, POLICY, STRICT, compliant, contained, in_grace, now, overdue, settings, settings_with, user,
    with_device, with_tag, without_password,
};
use mfa_enforcer_testing::plans::{after, notices, summary, user_notices};
use rstest::rstest;

const CAROL: &str = "arn:aws:iam::123456789012:user/carol";

fn exempting(until: &str, reason: &str) -> Exempting {
    Exempting { until: until.parse().unwrap(), reason: reason.to_owned() }
}

fn ordered(order: &Order, user: &UserFacts, settings: &Settings, arn: &str) -> Result<Plan, Refusal> {
    let id = EventId::new("operator-1").unwrap();
    by_operator(order, Operator { arn, id: &id }, user, settings, now())
}

fn refusal(order: &Order, user: &UserFacts, settings: &Settings) -> Refusal {
    ordered(order, user, settings, CAROL).unwrap_err()
}

fn steps(plan: &Plan) -> Vec<String> {
    plan.steps.iter().map(ToString::to_string).collect()
}

fn exempt() -> Order {
    Order::Exempt(exempting("2026-12-31", "TICKET-1 token ordered"))
}

#[rstest]
#[case(exempt())]
#[case(Order::Release(Some(exempting("2026-12-31", "TICKET-1 token ordered"))))]
fn exemption_is_one_tag(#[case] order: Order) {
    let user = contained(overdue());
    let plan = ordered(&order, &user, &settings(), CAROL).unwrap();
    assert_eq!(
        (plan.reason, steps(&plan)),
        (Reason::ByOperator, vec![format!("set-tag {EXEMPT_UNTIL_KEY}")])
    );
    let then = after(&user, &plan.steps);
    assert_eq!(then.tags.get(EXEMPT_UNTIL_KEY), Some("2026-12-31 TICKET-1 token ordered"));
    assert_eq!(then.attached_policies, user.attached_policies, "the guard lifts it");
}

#[rstest]
#[case("2026-11-23", "x", Refusal::Past("2026-11-23".parse().unwrap()))]
#[case("2027-11-26", "x", Refusal::TooLong("2027-11-26".parse().unwrap()))]
#[case("2026-12-31", "", Refusal::UnfitReason)]
#[case("2026-12-31", "  ", Refusal::UnfitReason)]
#[case("2026-12-31", "a, b", Refusal::UnfitReason)]
#[case("2026-12-31", "a\nb", Refusal::UnfitReason)]
#[case("2026-12-31", &"x".repeat(201), Refusal::UnfitReason)]
fn unfit_exemption_is_refused(#[case] until: &str, #[case] reason: &str, #[case] expected: Refusal) {
    let exempting = exempting(until, reason);
    assert_eq!(refusal(&Order::Exempt(exempting.clone()), &overdue(), &settings()), expected);
    let release = Order::Release(Some(exempting));
    assert_eq!(refusal(&release, &contained(overdue()), &settings()), expected);
}

#[rstest]
#[case("2026-11-24")]
#[case("2027-11-25")]
fn first_and_last_day_are_taken(#[case] until: &str) {
    assert!(ordered(&Order::Exempt(exempting(until, "x")), &overdue(), &settings(), CAROL).is_ok());
}

#[rstest]
#[case("arn:aws:iam::123456789012:user/staff/Alice", Refusal::Oneself)]
#[case("arn:aws:sts::123456789012:assumed-role/admin/alice", Refusal::Oneself)]
#[case("arn:aws:sts::123456789012:federated-user/alice", Refusal::UnknownCaller)]
#[case("", Refusal::UnknownCaller)]
fn nobody_decides_about_themselves(#[case] arn: &str, #[case] expected: Refusal) {
    let alice = contained(user("alice"));
    for order in [exempt(), Order::Approve, Order::Release(None)] {
        assert_eq!(ordered(&order, &alice, &settings(), arn).unwrap_err(), expected, "{order:?}");
    }
}

#[rstest]
#[case("arn:aws:iam::123456789012:user/staff/Alice")]
#[case("arn:aws:sts::123456789012:federated-user/alice")]
fn anybody_may_contain_themselves(#[case] arn: &str) {
    assert!(ordered(&Order::Contain, &in_grace(), &settings(), arn).is_ok());
}

#[test]
fn each_order_has_a_name_and_a_consequence_of_its_own() {
    let release = Order::Release(Some(exempting("2026-12-31", "TICKET-1")));
    let orders = [exempt(), Order::Approve, release, Order::Contain];
    assert_eq!(orders.each_ref().map(Order::name), ["exempt", "approve", "release", "contain"]);
    for (order, said) in
        orders.iter().zip(["lifts the quarantine", "strict", "lifts the quarantine", "limited"])
    {
        assert!(order.follows(true).contains(said), "{order:?}");
    }
    assert!(exempt().follows(false).contains("left alone"), "nothing is lifted");
}

#[test]
fn approval_names_whoever_gave_it() {
    let arn = "arn:aws:sts::123456789012:assumed-role/mfa-enforcer-exemptions/carol,jones";
    let plan = ordered(&Order::Approve, &waiting(), &with_approval(), arn).unwrap();
    let then = after(&waiting(), &plan.steps);
    let expected = "arn:aws:sts::123456789012:assumed-role/mfa-enforcer-exemptions/carol=2Cjones";
    assert_eq!((then.tags.get(APPROVED_KEY), plan.steps.len()), (Some(expected), 1));
}

#[test]
fn approval_that_nobody_waits_for_is_refused() {
    for user in [contained(compliant()), contained(overdue())] {
        assert_eq!(refusal(&Order::Approve, &user, &settings()), Refusal::NotAwaited);
    }
    assert_eq!(refusal(&Order::Approve, &compliant(), &with_approval()), Refusal::NotAwaited);
    let without_device = UserFacts { devices: Vec::new(), ..waiting() };
    assert_eq!(refusal(&Order::Approve, &without_device, &with_approval()), Refusal::NothingToApprove);
}

#[test]
fn release_without_exemption_says_what_ends_it() {
    let release = Order::Release(None);
    assert_eq!(refusal(&release, &overdue(), &settings()), Refusal::NotContained);
    assert_eq!(refusal(&release, &contained(overdue()), &settings()), Refusal::NeedsExemption);
    assert_eq!(refusal(&release, &contained(compliant()), &settings()), Refusal::ReleasedAnyway);
    assert_eq!(refusal(&release, &contained(without_password()), &settings()), Refusal::ReleasedAnyway);
    assert_eq!(refusal(&release, &waiting(), &with_approval()), Refusal::AwaitsApproval);
    let ending = "2026-11-24T08:00:00Z reason=sign-in event=e release=2026-11-24T20:00:00Z";
    let ending = with_tag(contained(compliant()), UserTag::Quarantined.key(), ending);
    let end = refusal(&release, &ending, &settings()).to_string();
    assert!(end.contains("ends by itself at Tuesday, 24 November 2026, 20:00 UTC"), "{end}");
    let over = "2026-11-24T08:00:00Z reason=sign-in event=e release=2026-11-24T09:05:00Z";
    let over = with_tag(contained(compliant()), UserTag::Quarantined.key(), over);
    assert_eq!(refusal(&release, &over, &settings()), Refusal::ReleasedAnyway, "it ends now");
    // An exemption that has released nobody is not known to be somebody's decision.
    let exempt = with_tag(contained(overdue()), EXEMPT_UNTIL_KEY, "2026-12-31 x");
    assert_eq!(refusal(&release, &exempt, &settings()), Refusal::NeedsExemption);
}

#[rstest]
#[case(AttachedBy::SomebodyElse, Refusal::ByHand)]
#[case(AttachedBy::Unknown, Refusal::OfUnknownOrigin)]
fn quarantine_of_others_is_left_to_them(#[case] attached_by: AttachedBy, #[case] expected: Refusal) {
    let by_hand = UserFacts { attached_policies: vec![POLICY.to_owned()], attached_by, ..overdue() };
    let release = Order::Release(Some(exempting("2026-12-31", "x")));
    assert_eq!(refusal(&release, &by_hand, &settings()), expected);
    assert_eq!(refusal(&Order::Contain, &by_hand, &settings()), expected);
}

#[test]
fn containment_comes_before_its_record() {
    let plan = ordered(&Order::Contain, &in_grace(), &settings(), CAROL).unwrap();
    assert_eq!(steps(&plan), ["attach-policy", "set-tag mfa-enforcer:quarantined"]);
    let then = after(&in_grace(), &plan.steps);
    let record = then.quarantine_record().unwrap();
    assert_eq!(
        (record.since, record.cause, then.attached_policies.as_slice()),
        (Some(now()), Some(Cause::Operator), [POLICY.to_owned()].as_slice())
    );
}

#[rstest]
#[case("observe")]
#[case("notify")]
fn containment_is_done_in_every_mode(#[case] mode: &str) {
    let settings = settings_with(&[("MODE", mode)]);
    assert_eq!(ordered(&Order::Contain, &in_grace(), &settings, CAROL).unwrap().steps.len(), 2);
}

#[test]
fn user_without_room_joins_the_group() {
    let full: Vec<String> = (0..10).map(|n| format!("arn:aws:iam::123456789012:policy/{n}")).collect();
    let user = UserFacts { attached_policies: full, ..in_grace() };
    let plan = ordered(&Order::Contain, &user, &settings(), CAROL).unwrap();
    assert!(after(&user, &plan.steps).is_in(GROUP));
    let no_room = plan.no_room.unwrap();
    assert_eq!(no_room.instead.unwrap().to_string(), "attach-policy", "the quota may be another one");
    assert_eq!(no_room.alert, [], "whoever gives the order hears of it");
}

#[test]
fn sweeps_keep_and_tell_what_an_operator_contained() {
    for user in [in_grace(), overdue()] {
        let plan = ordered(&Order::Contain, &user, &settings(), CAROL).unwrap();
        let mut then = after(&user, &plan.steps);
        let first = sweep_user(&request_at(now()), &then, &settings(), now());
        assert_eq!(notices(&first), ["quarantined"], "{}", summary(&first));
        assert_eq!(first.reason, Reason::FinishContainment(Cause::Operator));
        let told = user_notices(&first);
        let mail = told.first().unwrap();
        assert_eq!(mail.message, UserMessage::Quarantined { cause: Cause::Operator });
        let text = for_user(mail).message;
        assert!(text.contains("An administrator decided it."), "{text}");
        then = after(&then, &first.steps);
        assert_eq!(then.attached_policies, [POLICY]);
        let second = sweep_user(&request_at(now()), &then, &settings(), now());
        assert_eq!(second.steps, [], "{}", summary(&second));
    }
}

/// Sweeps have contained as many as they may.
fn none_left() -> Slots {
    let episode = Episode::beginning("AIDAEXAMPLEALICE", now());
    let record = QuarantineRecord::value(now(), Cause::DeadlinePassed, &request_at(now()).id, &episode);
    let bob = with_tag(contained(overdue()), UserTag::Quarantined.key(), &record);
    Slots::left([&bob], &settings_with(&[("MAX_QUARANTINES", "1")]), now())
}

#[test]
fn operators_containment_is_put_back_without_a_day_of_notice() {
    for user in [in_grace(), overdue()] {
        let plan = ordered(&Order::Contain, &user, &settings(), CAROL).unwrap();
        let mut then = after(&user, &plan.steps);
        then.attached_policies.clear();
        let sweep = sweep_user(&request_at(now()), &then, &settings(), now());
        assert!(settings().quarantine.holds(&after(&then, &sweep.steps)), "{}", summary(&sweep));
        assert_eq!(none_left().admit(sweep.clone(), &then), sweep, "it waits for no slot");
    }
}

#[test]
fn contained_user_with_mfa_waits_for_an_approval() {
    let user = with_device(user("alice"), "arn:aws:iam::123456789012:mfa/alice");
    let plan = ordered(&Order::Contain, &user, &with_approval(), CAROL).unwrap();
    let mut then = after(&user, &plan.steps);
    assert_eq!(then.attached_policies, [STRICT]);
    let later = now() + jiff::SignedDuration::from_hours(2);
    let sweep = sweep_user(&request_at(later), &then, &with_approval(), later);
    then = after(&then, &sweep.steps);
    assert_eq!(
        (sweep.reason, then.attached_policies.as_slice()),
        (Reason::AwaitsApproval, [STRICT.to_owned()].as_slice())
    );
}

#[rstest]
#[case(compliant(), Refusal::HasMfa)]
#[case(without_password(), Refusal::NoPassword)]
#[case(contained(overdue()), Refusal::Contained)]
#[case(UserFacts { path: "/break-glass/".to_owned(), ..overdue() }, Refusal::BreakGlass)]
fn containment_that_would_not_last_is_refused(#[case] user: UserFacts, #[case] expected: Refusal) {
    let settings = settings_with(&[("BREAK_GLASS_PATH", "/break-glass/")]);
    assert_eq!(refusal(&Order::Contain, &user, &settings), expected);
}

#[test]
fn user_with_all_tags_is_refused() {
    let full = (0..50).fold(contained(overdue()), |user, n| with_tag(user, &format!("team-{n}"), "x"));
    assert_eq!(refusal(&exempt(), &full, &settings()), Refusal::TagsFull);
    let again = with_tag(full, EXEMPT_UNTIL_KEY, "2026-01-01 x");
    assert!(ordered(&exempt(), &again, &settings(), CAROL).is_ok());
}

#[rstest]
#[case(exempt(), contained(overdue()), "exemption", "an operator exempted alice until 2026-12-31")]
#[case(Order::Approve, waiting(), "approval", "an operator approved the release of alice")]
#[case(Order::Contain, in_grace(), "containment", "an operator put alice under quarantine")]
fn act_fits_the_schema_of_events(
    #[case] order: Order,
    #[case] user: UserFacts,
    #[case] kind: &str,
    #[case] title: &str,
) {
    let settings = with_approval();
    let id = EventId::new("operator-1").unwrap();
    let operator = Operator { arn: CAROL, id: &id };
    let plan = by_operator(&order, operator, &user, &settings, now()).unwrap();
    let act = OperatorAct {
        order: &order,
        operator,
        label: Some("Carol \"C\" <c@example.com>"),
        reason: (order == Order::Contain).then_some("TICKET-1 token ordered"),
        user: &user,
        done: &plan.steps,
        at: now(),
    };
    let body = body(&event_of_operator(act, &settings));
    assert_eq!((body.kind.as_str(), body.title.as_str(), body.code.as_str()), (kind, title, "by-operator"));
    assert_eq!(body.done, steps(&plan));
    assert!(body.text.contains(CAROL) && body.text.contains("who says to be Carol 'C' (c@example.com)"));
    assert_eq!(body.text.contains("Reason: TICKET-1"), order != Order::Approve);
}
