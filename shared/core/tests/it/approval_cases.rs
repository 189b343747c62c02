//! `RELEASE=approval`: who is under the strict quarantine, and what it takes to get out.

use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::decide::{Ask, Lookup, ask, lookups, sweep_user};
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::event::{Event, EventId, Relation, SweepKind, SweepRequest, Trigger};
use mfa_enforcer_core::facts::{AccessKeys, Approval, AttachedBy, UserFacts};
use mfa_enforcer_core::notice::{AlertSubject, Notice, UserAlert, UserMessage};
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::posture::Finding;
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::tags::{APPROVED_KEY, Cause, EXEMPT_UNTIL_KEY, QuarantineRecord, UserTag, second};
use mfa_enforcer_testing::fixtures::{
    GROUP, KEY_SERIAL, PHONE_SERIAL, POLICY, STRICT, STRICT_GROUP, approval_event, approval_settings,
    contained, days_ago, decide, event, exempted_lately, in_grace, now, overdue, request, settings_with,
    user as user_named, warned, with_tag,
};
use mfa_enforcer_testing::plans::{after, changes, notices, summary, user_notices};
use rstest::rstest;

const EVERYTHING: &str = "arn:aws:iam::123456789012:policy/mfa-enforcer-quarantine-everything";
const STRICT_EVERYTHING: &str = "arn:aws:iam::123456789012:policy/mfa-enforcer-quarantine-strict-everything";
const STRICT_EVERYTHING_GROUP: &str = "mfa-enforcer-quarantine-strict-everything";

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

fn settings() -> Settings {
    approval_settings(&[])
}

fn everything() -> Settings {
    approval_settings(&[
        ("QUARANTINE_SCOPE", "everything"),
        ("QUARANTINE_POLICY_ARN", &format!("{EVERYTHING},{POLICY}")),
        ("CONSOLE_POLICY_ARN", POLICY),
        ("STRICT_POLICY_ARN", STRICT_EVERYTHING),
    ])
}

/// The settings after a return to `RELEASE=automatic`. The strict policy is still known.
fn automatic() -> Settings {
    approval_settings(&[("RELEASE", "automatic")])
}

/// Alice, under the strict quarantine for three days.
fn strict() -> UserFacts {
    let mut user = contained(overdue());
    user.attached_policies = vec![STRICT.to_owned()];
    user
}

/// The same, with a device since the time of the event, and told who has to approve it.
fn waiting() -> UserFacts {
    let user = enrolled(strict(), enrolment());
    let user = after(&user, &at_enrolment(&user, &settings()).steps);
    assert_eq!(user.last_notice().unwrap().kind.code(), "awaiting-approval");
    user
}

fn enrolment() -> Timestamp {
    event("EnableMFADevice").source.time
}

fn enrolled(mut user: UserFacts, enabled: Timestamp) -> UserFacts {
    user.devices.push(MfaDevice { serial: Serial::listed(PHONE_SERIAL), enabled });
    user
}

fn at_enrolment(user: &UserFacts, settings: &Settings) -> Plan {
    decide(&event("EnableMFADevice"), user, settings, now())
}

/// The approval an hour after the enrolment, by an administrator or the user of this name.
fn approval_by(by: &str) -> Event {
    let mut event = approval_event(by);
    event.source.time = enrolment() + hours(1);
    event
}

/// The plan for that event, while the tag is there.
fn at_approval(event: &Event, user: &UserFacts, settings: &Settings) -> Plan {
    let user = with_tag(user.clone(), APPROVED_KEY, "yes");
    decide(event, &user, settings, event.source.time + SignedDuration::from_mins(1))
}

fn swept(user: &UserFacts, settings: &Settings, now: Timestamp) -> Plan {
    sweep_user(&request(), user, settings, now)
}

fn hourly(user: &UserFacts, settings: &Settings, now: Timestamp) -> Plan {
    let request = SweepRequest { kind: SweepKind::Hourly, ..request() };
    sweep_user(&request, user, settings, now)
}

/// What the event history tells of an approval an hour after the enrolment.
fn told(user: UserFacts, by: Relation) -> UserFacts {
    let approval = Approval::Set { by, at: enrolment() + hours(1), event: EventId::new("approval").unwrap() };
    UserFacts { approval, ..with_tag(user, APPROVED_KEY, "yes") }
}

fn policies(user: &UserFacts, plan: &Plan) -> Vec<String> {
    after(user, &plan.steps).attached_policies
}

#[rstest]
#[case::sign_in("ConsoleLogin", STRICT)]
#[case::removal("DeactivateMFADevice", STRICT)]
#[case::password("CreateLoginProfile", POLICY)]
#[case::deadline("Sweep", POLICY)]
fn possible_takeover_is_strict_at_containment(#[case] name: &str, #[case] expected: &str) {
    let plan = if name == "Sweep" {
        swept(&warned(), &settings(), now())
    } else {
        decide(&event(name), &overdue(), &settings(), now())
    };
    assert_eq!(policies(&warned(), &plan), [expected], "{}", summary(&plan));
}

#[test]
fn user_without_room_joins_the_strict_group() {
    let mut full = overdue();
    full.attached_policies = (0..10).map(|n| format!("arn:aws:iam::123456789012:policy/{n}")).collect();
    let plan = decide(&event("ConsoleLogin"), &full, &settings(), now());
    assert_eq!(after(&full, &plan.steps).groups, [STRICT_GROUP], "{}", summary(&plan));
}

#[test]
fn sweep_puts_those_under_it_who_were_contained_before() {
    let user = contained(overdue());
    let plan = swept(&user, &settings(), now());
    let then = after(&user, &plan.steps);
    assert_eq!(then.attached_policies, [STRICT], "{}", summary(&plan));
    assert_eq!(then.quarantine_record().unwrap().cause, Some(Cause::SignIn), "the record stays");
    let late =
        with_tag(user, UserTag::Quarantined.key(), "2026-11-21T09:00:00Z reason=deadline-passed event=e");
    assert_eq!(policies(&late, &swept(&late, &settings(), now())), [POLICY]);
}

#[rstest]
#[case::unreadable(Some("by hand"))]
#[case::of_a_later_version(Some("2026-11-21T09:00:00Z reason=moonshine event=e"))]
#[case::lost(None)]
fn unknown_cause_is_strict(#[case] record: Option<&str>) {
    let mut user = contained(overdue());
    user.tags.remove(UserTag::Quarantined.key());
    if let Some(record) = record {
        user = with_tag(user, UserTag::Quarantined.key(), record);
    }
    let plan = swept(&user, &settings(), now());
    let then = after(&user, &plan.steps);
    assert_eq!(then.attached_policies, [STRICT], "{}", summary(&plan));
    assert_eq!(then.quarantine_record().unwrap().cause, None, "no harmless cause is made up");
}

#[rstest]
#[case::later_cause("2026-11-23T09:00:00Z reason=deadline-passed event=e")]
#[case::other_words("release me")]
fn rewritten_tag_takes_nobody_from_it(#[case] value: &str) {
    let user = with_tag(strict(), UserTag::Quarantined.key(), value);
    for plan in [
        swept(&user, &settings(), now()),
        decide(&event("CreateLoginProfile"), &user, &settings(), now()),
        decide(&event("ConsoleLogin"), &user, &settings(), now()),
    ] {
        assert_eq!(policies(&user, &plan), [STRICT], "{}", summary(&plan));
    }
}

#[rstest]
#[case::policy(true)]
#[case::group(false)]
fn change_of_scope_and_a_rewritten_tag_leave_it_strict(#[case] by_policy: bool) {
    let settings = approval_settings(&[
        ("QUARANTINE_POLICY_ARN", &format!("{POLICY},{STRICT_EVERYTHING}")),
        ("QUARANTINE_GROUP_NAME", &format!("{GROUP} {STRICT_EVERYTHING_GROUP}")),
    ]);
    let mut user = strict();
    user.attached_policies = if by_policy { vec![STRICT_EVERYTHING.to_owned()] } else { Vec::new() };
    user.groups = if by_policy { Vec::new() } else { vec![STRICT_EVERYTHING_GROUP.to_owned()] };
    let forged = "2026-11-21T09:00:00Z reason=deadline-passed event=e approved=2026-11-24T10:00:00Z";
    let user = with_tag(user, UserTag::Quarantined.key(), forged);
    let plan = swept(&user, &settings, now());
    let then = after(&user, &plan.steps);
    assert_eq!(
        (then.attached_policies, then.groups.len()),
        (vec![STRICT.to_owned()], 0),
        "{}",
        summary(&plan)
    );
    let plan = at_enrolment(&enrolled(user, enrolment()), &settings);
    assert_eq!(plan.reason, Reason::AwaitsApproval, "{}", summary(&plan));
}

#[test]
fn later_containment_keeps_the_graver_cause() {
    let record = "2026-11-21T09:00:00Z reason=sign-in event=e release=2026-11-24T21:00:00Z";
    let user = with_tag(contained(overdue()), UserTag::Quarantined.key(), record);
    let then = after(&user, &swept(&user, &settings(), now()).steps);
    assert_eq!(then.quarantine_record().unwrap().cause, Some(Cause::SignIn));
    assert_eq!(then.attached_policies, [STRICT]);
}

#[test]
fn enrolment_lifts_nothing_and_is_confirmed_once() {
    let user = enrolled(strict(), enrolment());
    let plan = at_enrolment(&user, &settings());
    assert_eq!((plan.reason, notices(&plan)), (Reason::AwaitsApproval, vec!["awaiting-approval"]));
    assert_eq!(user_notices(&plan)[0].devices[0].serial.as_str(), PHONE_SERIAL);
    let then = after(&user, &plan.steps);
    assert_eq!(then.attached_policies, [STRICT]);
    assert!(then.quarantine_record().unwrap().release.is_none());
    for later in [at_enrolment(&then, &settings()), swept(&then, &settings(), now() + hours(40))] {
        assert_eq!((later.reason, later.steps.len()), (Reason::AwaitsApproval, 0), "{}", summary(&later));
        assert!(later.findings.contains(&Finding::AwaitsApproval));
    }
}

#[test]
fn lost_enrolment_is_confirmed_by_the_hourly_sweep() {
    let user = enrolled(strict(), enrolment());
    let plan = hourly(&user, &settings(), now() + hours(1));
    assert_eq!(notices(&plan), ["awaiting-approval"], "{}", summary(&plan));
}

#[test]
fn enrolment_before_the_sweep_came_is_strict_as_well() {
    let user = enrolled(contained(overdue()), enrolment());
    let plan = at_enrolment(&user, &settings());
    let then = after(&user, &plan.steps);
    assert!(then.attached_policies.contains(&STRICT.to_owned()), "{}", summary(&plan));
    let swept = after(&then, &swept(&then, &settings(), now() + hours(1)).steps);
    assert_eq!(swept.attached_policies, [STRICT]);
}

#[test]
fn enrolled_user_without_room_joins_the_strict_group() {
    let mut full = enrolled(contained(overdue()), enrolment());
    full.attached_policies.extend((0..9).map(|n| format!("arn:aws:iam::123456789012:policy/{n}")));
    let plan = at_enrolment(&full, &settings());
    assert_eq!(after(&full, &plan.steps).groups, [STRICT_GROUP], "{}", summary(&plan));
    let instead = plan.no_room.unwrap().instead.unwrap();
    assert_eq!(instead.to_string(), "attach-policy", "where the quota of groups is smaller");
}

#[test]
fn approved_user_keeps_the_rest_until_its_end() {
    let user = waiting();
    let plan = at_approval(&approval_by("carol"), &user, &settings());
    assert_eq!((plan.reason, notices(&plan)), (Reason::Approved, vec!["released"]), "{}", summary(&plan));
    let expected = [&Change::NarrowToPolicy(POLICY.to_owned()), &Change::DetachPolicy(STRICT.to_owned())];
    assert_eq!(changes(&plan)[..2], expected, "{}", summary(&plan));
    let end = enrolment() + hours(12);
    let said = user_notices(&plan)[0].message;
    assert!(matches!(said, UserMessage::Released { rest_until: Some(until), .. } if until == end));

    let narrowed = after(&with_tag(user, APPROVED_KEY, "yes"), &plan.steps);
    let record = narrowed.quarantine_record().unwrap();
    assert_eq!((record.release, record.approved), (Some(end), Some(enrolment() + hours(1))));
    for time in [now() + hours(2), end - SignedDuration::from_secs(1)] {
        let early = swept(&narrowed, &settings(), time);
        assert_eq!((early.reason, early.steps.len()), (Reason::ReleaseScheduled, 0), "{}", summary(&early));
    }
    let lifted = swept(&narrowed, &settings(), end);
    assert_eq!(notices(&lifted), [""; 0], "nobody is told a second time");
    let free = after(&narrowed, &lifted.steps);
    assert!(free.attached_policies.is_empty() && free.quarantine_record().is_none());
    assert_eq!(free.tags.get(APPROVED_KEY), None, "the next release needs another approval");
    assert_eq!(changes(&lifted).last(), Some(&&Change::RemoveApproval));
}

#[test]
fn approval_is_recorded_whatever_end_is_on_record() {
    let record = "2026-11-21T09:00:00Z reason=sign-in event=earlier release=2026-11-24T21:01:00Z";
    let user = with_tag(waiting(), UserTag::Quarantined.key(), record);
    let plan = at_approval(&approval_by("carol"), &user, &settings());
    let record = after(&user, &plan.steps).quarantine_record().unwrap();
    let expected = (Some(enrolment() + hours(12)), Some(enrolment() + hours(1)));
    assert_eq!((record.release, record.approved), expected, "{}", summary(&plan));
}

#[test]
fn strict_everything_falls_back_to_the_console() {
    let user = UserFacts { attached_policies: vec![STRICT_EVERYTHING.to_owned()], ..waiting() };
    let plan = at_approval(&approval_by("carol"), &user, &everything());
    assert_eq!(policies(&user, &plan), [POLICY], "{}", summary(&plan));
}

#[test]
fn late_approval_lifts_all_at_once() {
    let mut event = approval_by("carol");
    event.source.time = enrolment() + hours(13);
    let plan = at_approval(&event, &waiting(), &settings());
    let free = after(&with_tag(waiting(), APPROVED_KEY, "yes"), &plan.steps);
    assert!(free.attached_policies.is_empty() && free.quarantine_record().is_none(), "{}", summary(&plan));
    assert_eq!((free.tags.get(APPROVED_KEY), notices(&plan)), (None, vec!["released"]));
}

#[test]
fn without_a_rest_the_approval_lifts_all() {
    let at_once = approval_settings(&[("RELEASE_AFTER", "0s")]);
    let user = enrolled(strict(), enrolment());
    let confirmed = at_enrolment(&user, &at_once);
    assert_eq!(
        (policies(&user, &confirmed), notices(&confirmed)),
        (vec![STRICT.to_owned()], vec!["awaiting-approval"])
    );
    let user = after(&user, &confirmed.steps);
    let plan = at_approval(&approval_by("carol"), &user, &at_once);
    assert!(policies(&user, &plan).is_empty(), "{}", summary(&plan));
}

#[test]
fn own_approval_is_one_critical_alert() {
    let user = waiting();
    let event = approval_by("alice");
    let plan = at_approval(&event, &user, &settings());
    assert_eq!((notices(&plan), policies(&user, &plan)), (vec!["own-approval"], vec![STRICT.to_owned()]));
    let then = after(&user, &plan.steps);
    assert!(at_approval(&event, &then, &settings()).steps.is_empty(), "a second delivery is quiet");
    // The sweep finds the same event in the history.
    let approval = Approval::Set { by: Relation::Oneself, at: event.source.time, event: event.source.id };
    let found = UserFacts { approval, ..with_tag(then, APPROVED_KEY, "yes") };
    assert!(hourly(&found, &settings(), now() + hours(2)).steps.is_empty());
}

#[test]
fn own_approval_before_the_enrolment_is_an_alert() {
    let plan = at_approval(&approval_by("alice"), &strict(), &settings());
    assert_eq!(notices(&plan), ["own-approval"], "{}", summary(&plan));
}

#[test]
fn own_approval_is_left_to_its_own_event() {
    let user = told(enrolled(strict(), enrolment()), Relation::Oneself);
    let plan = at_enrolment(&user, &settings());
    assert_eq!(notices(&plan), ["awaiting-approval"], "{}", summary(&plan));
    assert_eq!(notices(&hourly(&user, &settings(), now() + hours(2))), ["own-approval", "awaiting-approval"]);
}

#[test]
fn own_exemption_in_one_call_hides_no_own_approval() {
    let mut event = approval_by("alice");
    let exemption = (EXEMPT_UNTIL_KEY.to_owned(), "2026-12-31 new phone".to_owned());
    let Trigger::UserTagged(tags) = &mut event.trigger else { panic!("not tagged") };
    tags.push(exemption.clone());
    let user = with_tag(waiting(), EXEMPT_UNTIL_KEY, &exemption.1);
    let plan = at_approval(&event, &user, &settings());
    assert_eq!(policies(&user, &plan), [STRICT], "{}", summary(&plan));
    let told = plan.steps.iter().find_map(|step| match step {
        Step::Notify(notice) => match notice.as_ref() {
            Notice::Alert(alert) => Some(alert.clone()),
            Notice::User(_) => None,
        },
        _ => None,
    });
    let told = told.unwrap();
    let AlertSubject::User(_, first) = &told.subject else { panic!("not about a user") };
    assert!([first].into_iter().chain(&told.also).any(|alert| *alert == UserAlert::OwnApproval), "{told:?}");
}

#[test]
fn lost_approval_is_found_by_a_sweep() {
    let user = told(waiting(), Relation::SomebodyElse);
    let plan = hourly(&user, &settings(), now() + hours(2));
    assert_eq!((policies(&user, &plan), plan.reason), (vec![POLICY.to_owned()], Reason::Approved));
}

#[rstest]
#[case::oneself(Relation::Oneself)]
#[case::unknown(Relation::Unknown)]
fn only_somebody_else_approves(#[case] by: Relation) {
    let user = told(waiting(), by);
    let plan = swept(&user, &settings(), now() + hours(2));
    assert_eq!(policies(&user, &plan), [STRICT], "{}", summary(&plan));
}

#[rstest]
#[case::not_looked(Approval::NotLooked)]
#[case::not_found(Approval::NotFound)]
fn tag_alone_approves_nothing(#[case] approval: Approval) {
    let user = UserFacts { approval, ..with_tag(waiting(), APPROVED_KEY, "yes") };
    let plan = swept(&user, &settings(), now() + hours(2));
    assert_eq!(policies(&user, &plan), [STRICT], "{}", summary(&plan));
}

#[test]
fn withdrawn_approval_does_not_count() {
    let mut user = told(waiting(), Relation::SomebodyElse);
    user.tags.remove(APPROVED_KEY);
    assert_eq!(policies(&user, &swept(&user, &settings(), now() + hours(2))), [STRICT]);
    let event = approval_by("carol");
    let plan = decide(&event, &waiting(), &settings(), event.source.time + SignedDuration::from_secs(5));
    assert_eq!(plan.reason, Reason::TagNotVisibleYet);
    let plan = decide(&event, &waiting(), &settings(), event.source.time + hours(1));
    assert_eq!((plan.reason, plan.steps.len()), (Reason::AwaitsApproval, 0));
}

#[test]
fn approval_is_of_the_devices_that_were_there() {
    let mut user = told(waiting(), Relation::SomebodyElse);
    user.devices.push(MfaDevice { serial: Serial::listed(KEY_SERIAL), enabled: enrolment() + hours(2) });
    let plan = swept(&user, &settings(), now() + hours(3));
    assert_eq!(policies(&user, &plan), [STRICT], "{}", summary(&plan));
    assert_eq!(notices(&plan), ["awaiting-approval"], "the new device has to be approved");
    assert_eq!(user_notices(&plan)[0].devices.len(), 2, "an approval is for all of them");
    assert_eq!(user_notices(&plan)[0].devices[0].serial.as_str(), KEY_SERIAL);
}

#[test]
fn approval_is_of_this_quarantine() {
    let record = "2026-11-24T11:00:00Z reason=sign-in event=e";
    let user = with_tag(told(waiting(), Relation::SomebodyElse), UserTag::Quarantined.key(), record);
    let plan = swept(&user, &settings(), now() + hours(3));
    assert_eq!(policies(&user, &plan), [STRICT], "{}", summary(&plan));
}

#[test]
fn approval_in_the_second_of_what_it_approves_is_too_early() {
    let at = enrolment() + hours(1);
    let approved = told(waiting(), Relation::SomebodyElse);
    let mut with_another = approved.clone();
    with_another.devices.push(MfaDevice { serial: Serial::listed(KEY_SERIAL), enabled: at });
    let record = format!("{} reason=sign-in event=e", second(at));
    let contained_anew = with_tag(approved, UserTag::Quarantined.key(), &record);
    for user in [with_another, contained_anew] {
        let plan = swept(&user, &settings(), now() + hours(3));
        assert_eq!(policies(&user, &plan), [STRICT], "{}", summary(&plan));
    }
}

#[test]
fn approval_right_after_a_removal_is_of_no_device() {
    let event = approval_by("carol");
    let removed = event.source.time - SignedDuration::from_secs(10);
    let record = format!("{} reason=mfa-removed event=e", second(removed));
    let user = with_tag(waiting(), UserTag::Quarantined.key(), &record);
    let user = with_tag(user, APPROVED_KEY, "yes");
    let plan = decide(&event, &user, &settings(), event.source.time + SignedDuration::from_secs(10));
    assert_eq!(plan.reason, Reason::DeviceMayBeGone, "IAM may still list the device: {}", summary(&plan));
    assert_eq!(plan.steps, []);
}

#[test]
fn device_added_after_the_approval_is_strict_again() {
    let plan = at_approval(&approval_by("carol"), &waiting(), &settings());
    let mut user = after(&with_tag(waiting(), APPROVED_KEY, "yes"), &plan.steps);
    user.devices.push(MfaDevice { serial: Serial::listed(KEY_SERIAL), enabled: enrolment() + hours(2) });
    let plan = swept(&user, &settings(), now() + hours(3));
    let then = after(&user, &plan.steps);
    assert_eq!(
        (then.attached_policies.clone(), notices(&plan)),
        (vec![STRICT.to_owned()], vec!["awaiting-approval"])
    );
    let record = then.quarantine_record().unwrap();
    assert_eq!((record.release, record.approved), (None, None));
}

#[rstest]
#[case("release=2026-11-24T09:30:00Z")]
#[case("release=2026-11-24T21:01:00Z approved=2026-11-24T10:01:00Z")]
fn forged_words_free_nobody_from_it(#[case] words: &str) {
    let record = format!("2026-11-21T09:00:00Z reason=sign-in event=earlier {words}");
    let user = with_tag(waiting(), UserTag::Quarantined.key(), &record);
    for hours_later in [2, 13] {
        let plan = swept(&user, &settings(), now() + hours(hours_later));
        let then = after(&user, &plan.steps);
        assert_eq!(then.attached_policies, [STRICT], "{}", summary(&plan));
        assert_eq!(then.quarantine_record(), waiting().quarantine_record(), "the words are gone");
    }
}

#[test]
fn lost_record_of_who_waits_is_made_anew() {
    let mut user = waiting();
    user.tags.remove(UserTag::Quarantined.key());
    let plan = swept(&user, &settings(), now() + hours(2));
    let then = after(&user, &plan.steps);
    assert_eq!((then.attached_policies.clone(), notices(&plan)), (vec![STRICT.to_owned()], vec![]));
    let record = then.quarantine_record().unwrap();
    assert_eq!((record.cause, record.release), (None, None), "{}", summary(&plan));
    let approved = told(then, Relation::SomebodyElse);
    let plan = swept(&approved, &settings(), now() + hours(3));
    assert_eq!(policies(&approved, &plan), [POLICY], "{}", summary(&plan));
}

#[test]
fn strict_quarantine_taken_off_comes_back() {
    let user = UserFacts { attached_policies: Vec::new(), ..waiting() };
    let plan = hourly(&user, &settings(), now() + hours(2));
    assert_eq!(policies(&user, &plan), [STRICT], "{}", summary(&plan));
    assert_eq!(notices(&plan), [""; 0], "the user knows that they wait");
}

#[test]
fn exemption_and_lost_password_release_as_ever() {
    let exempt = exempted_lately(with_tag(waiting(), EXEMPT_UNTIL_KEY, "2026-12-31"));
    let plan = swept(&exempt, &settings(), now() + hours(2));
    assert!(policies(&exempt, &plan).is_empty(), "{}", summary(&plan));
    let gone = UserFacts { login_profile_created: None, ..with_tag(waiting(), APPROVED_KEY, "yes") };
    let plan = swept(&gone, &settings(), now() + hours(2));
    let free = after(&gone, &plan.steps);
    assert!(free.attached_policies.is_empty() && free.tags.get(APPROVED_KEY).is_none());
}

#[test]
fn only_strict_everything_may_stop_keys() {
    let gone = UserFacts { login_profile_created: None, keys: AccessKeys::Active, ..waiting() };
    assert!(policies(&gone, &swept(&gone, &settings(), now())).is_empty());
    let gone = UserFacts { attached_policies: vec![STRICT_EVERYTHING.to_owned()], ..gone };
    let plan = swept(&gone, &everything(), now());
    assert_eq!((plan.reason, plan.steps.len()), (Reason::KeysWouldRevive, 0));
}

#[test]
fn automatic_again_means_by_the_ordinary_rules() {
    let plan = swept(&strict(), &automatic(), now());
    assert_eq!(policies(&strict(), &plan), [POLICY], "{}", summary(&plan));
    let narrowed = swept(&waiting(), &automatic(), now() + hours(2));
    let then = after(&waiting(), &narrowed.steps);
    assert_eq!(then.attached_policies, [POLICY], "{}", summary(&narrowed));
    assert_eq!(then.quarantine_record().unwrap().release, Some(enrolment() + hours(12)));
    let lifted = swept(&waiting(), &automatic(), now() + hours(13));
    assert!(policies(&waiting(), &lifted).is_empty(), "{}", summary(&lifted));
}

#[rstest]
#[case("observe")]
#[case("notify")]
fn other_modes_neither_contain_nor_release(#[case] mode: &'static str) {
    let settings = approval_settings(&[("MODE", mode)]);
    let plain = contained(overdue());
    assert_eq!(policies(&plain, &swept(&plain, &settings, now())), [POLICY]);
    let plan = swept(&waiting(), &settings, now() + hours(13));
    assert_eq!(policies(&waiting(), &plan), [STRICT], "{}", summary(&plan));
    let approved = told(waiting(), Relation::SomebodyElse);
    let plan = swept(&approved, &settings, now() + hours(13));
    assert_eq!(policies(&approved, &plan).is_empty(), mode == "notify", "{}", summary(&plan));
}

#[test]
fn history_is_asked_about_those_who_wait_with_the_tag() {
    let of = |user: &UserFacts, settings: &Settings| lookups(user, true, settings, now());
    let tagged = with_tag(waiting(), APPROVED_KEY, "yes");
    assert_eq!(of(&tagged, &settings()), [Lookup::Approval]);
    assert_eq!(of(&waiting(), &settings()), []);
    assert_eq!(of(&tagged, &automatic()), []);
    assert_eq!(of(&told(waiting(), Relation::SomebodyElse), &settings()), []);
    assert_eq!(of(&with_tag(strict(), APPROVED_KEY, "yes"), &settings()), []);
    let narrowed = at_approval(&approval_by("carol"), &waiting(), &settings());
    assert_eq!(of(&after(&tagged, &narrowed.steps), &settings()), []);
    let event = approval_event("carol");
    let Ask::User(question) = ask(&event) else { panic!("no user") };
    assert_eq!(question.lookups(&tagged, &settings(), now()), [], "the event itself tells");
}

#[test]
fn approval_on_record_is_looked_up_all_the_same() {
    let record = "2026-11-21T09:00:00Z reason=sign-in event=e approved=2026-11-24T10:01:00Z";
    let user = with_tag(with_tag(waiting(), UserTag::Quarantined.key(), record), APPROVED_KEY, "yes");
    let asked = lookups(&user, true, &settings(), now());
    assert_eq!(
        asked,
        [Lookup::Approval],
        "anybody may write a record while the user is under the strict one"
    );
}

#[test]
fn approval_cut_short_is_finished_by_the_next_run() {
    let event = approval_by("carol");
    for settings in [settings(), approval_settings(&[("RELEASE_AFTER", "0s")])] {
        let start = with_tag(waiting(), APPROVED_KEY, "yes");
        let whole = after(&start, &at_approval(&event, &start, &settings).steps);
        let steps = at_approval(&event, &start, &settings).steps;
        for cut in 0..steps.len() {
            let half = after(&start, &steps[..cut]);
            // The same event again, or a sweep that asks the history.
            let by_event = decide(&event, &half, &settings, event.source.time + SignedDuration::from_mins(3));
            let approval = Approval::Set {
                by: Relation::SomebodyElse,
                at: event.source.time,
                event: event.source.id.clone(),
            };
            let asked = UserFacts { approval, ..half.clone() };
            for plan in [by_event, swept(&asked, &settings, event.source.time + hours(1))] {
                let end = after(&half, &plan.steps);
                assert_eq!(end.attached_policies, whole.attached_policies, "{cut}: {}", summary(&plan));
                assert_eq!(end.quarantine_record(), whole.quarantine_record(), "{cut}: {}", summary(&plan));
            }
        }
    }
}

#[test]
fn without_room_for_a_record_the_strict_one_stays_to_the_end() {
    let mut user = told(waiting(), Relation::SomebodyElse);
    user.tags.remove(UserTag::Quarantined.key());
    user.attached_by = AttachedBy::Us(days_ago(3));
    for n in 0..50 - user.tags.iter().count() {
        user = with_tag(user, &format!("tag{n}"), "x");
    }
    let early = swept(&user, &settings(), now() + hours(2));
    assert_eq!(policies(&user, &early), [STRICT], "{}", summary(&early));
    let late = swept(&user, &settings(), now() + hours(13));
    assert!(policies(&user, &late).is_empty(), "{}", summary(&late));
}

#[test]
fn quarantine_by_hand_stays_by_hand() {
    let mut user = enrolled(overdue(), enrolment());
    user.attached_policies = vec![STRICT.to_owned()];
    user.attached_by = AttachedBy::SomebodyElse;
    let plan = decide(&event("EnableMFADevice"), &user, &settings(), now());
    assert_eq!((plan.reason, notices(&plan)), (Reason::QuarantinedByHand, vec!["held-by-hand"]));
}

#[test]
fn nobody_else_is_touched_by_the_setting() {
    for user in [in_grace(), enrolled(overdue(), days_ago(2)), user_named("robot")] {
        let tagged = with_tag(user, APPROVED_KEY, "yes");
        let with = swept(&tagged, &settings(), now());
        assert_eq!(with.steps, swept(&tagged, &settings_with(&[]), now()).steps, "{}", summary(&with));
        assert_eq!(at_approval(&approval_by("carol"), &tagged, &settings()).reason, Reason::NotContained);
    }
    let ten: Vec<String> = vec![GROUP.to_owned()];
    let in_group = UserFacts { groups: ten, attached_policies: Vec::new(), ..contained(overdue()) };
    let late = with_tag(
        in_group,
        UserTag::Quarantined.key(),
        &QuarantineRecord::value(days_ago(3), Cause::DeadlinePassed, &EventId::new("e").unwrap()),
    );
    assert_eq!(after(&late, &swept(&late, &settings(), now()).steps).groups, [GROUP]);
}
