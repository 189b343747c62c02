//! Whose approval counts, and of what.

use crate::approval_fixtures::{
    approval_by, at_approval, at_enrolment, automatic, enrolled, enrolment, hourly, hours, policies,
    settings, strict, swept, told, waiting,
};
use jiff::SignedDuration;
use mfa_enforcer_core::decide::{Ask, Lookup, ask, lookups};
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::event::{Relation, Trigger};
use mfa_enforcer_core::facts::{Approval, UserFacts};
use mfa_enforcer_core::notice::{AlertSubject, Notice, UserAlert};
use mfa_enforcer_core::plan::Step;
use mfa_enforcer_core::posture::Finding;
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::tags::{APPROVED_KEY, EXEMPT_UNTIL_KEY, UserTag, second};
use mfa_enforcer_testing::fixtures::{
    KEY_SERIAL, PHONE_SERIAL, POLICY, STRICT, approval_event, decide, now, with_tag,
};
use mfa_enforcer_testing::plans::{after, notices, summary, user_notices};
use rstest::rstest;

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
fn old_own_approval_is_left_to_the_daily_sweep() {
    let user = told(enrolled(strict(), enrolment()), Relation::Oneself);
    let later = enrolment() + hours(3);
    assert_eq!(notices(&hourly(&user, &settings(), later)), ["awaiting-approval"], "not each hour");
    let before = later - SignedDuration::from_secs(1);
    assert_eq!(notices(&hourly(&user, &settings(), before)), ["own-approval", "awaiting-approval"]);
    assert_eq!(notices(&swept(&user, &settings(), later)), ["own-approval", "awaiting-approval"]);
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
