//! Two or three things that happen to one user, whose events arrive in any order.

use crate::attempt::{ALICE, Count, Sample, World, worlds};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_testing::faulty::Trouble;
use mfa_enforcer_testing::fixtures::{
    KEY_SERIAL, PHONE_SERIAL, compliant, contained, in_grace, overdue, warned, with_device,
};
use mfa_enforcer_testing::trial::Trial;
use mfa_enforcer_testing::trial::acts::{Act, Story};
use mfa_enforcer_testing::trial::deeds::restriction;
use mfa_enforcer_testing::trial::verdict::unsettled;
use strum::IntoEnumIterator;

/// Soon, after sessions have ended, and on the next days.
const SWEEPS: [(&str, &str); 5] = [
    ("hourly", "2026-11-24T10:00:00Z"),
    ("hourly", "2026-11-24T22:30:00Z"),
    ("daily", "2026-11-25T06:00:00Z"),
    ("daily", "2026-11-26T06:10:00Z"),
    ("daily", "2026-11-27T06:20:00Z"),
];

fn starts(world: &World) -> Vec<(&'static str, UserFacts)> {
    let held = restriction(&world.settings);
    let contained = |user| {
        let mut user = contained(user);
        user.attached_policies = vec![held.policy.clone()];
        user
    };
    vec![
        ("overdue", warned()),
        ("in grace", in_grace()),
        ("phone", with_device(overdue(), PHONE_SERIAL)),
        ("contained", contained(overdue())),
        ("phone, contained", contained(with_device(overdue(), PHONE_SERIAL))),
        ("key", compliant()),
        ("key and phone", with_device(with_device(overdue(), KEY_SERIAL), PHONE_SERIAL)),
    ]
}

/// Whether somebody else approved the release after the last enrolment.
fn is_approved(acts: &[Act], start: &UserFacts) -> bool {
    let mut has_phone = start.devices.iter().any(|device| device.serial.as_str() == PHONE_SERIAL);
    let mut is_approved = false;
    for act in acts {
        match act {
            Act::Remove => has_phone = false,
            Act::Enable if !has_phone => (has_phone, is_approved) = (true, false),
            Act::Approve => is_approved = true,
            Act::Enable | Act::SignIn | Act::Exempt | Act::Detach | Act::Rename | Act::Recreate => {}
        }
    }
    is_approved
}

/// All orders of so many things.
fn orders(of: usize) -> Vec<Vec<usize>> {
    if of == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for order in orders(of - 1) {
        for at in 0..of {
            let mut order = order.clone();
            order.insert(at, of - 1);
            all.push(order);
        }
    }
    all
}

async fn check(acts: &[Act], apart: i64, world: &World, count: &mut Count, sample: &mut Sample) {
    let settings = &world.settings;
    for (label, start) in starts(world) {
        for order in orders(acts.len()) {
            if !sample.takes() {
                count.besides += 1;
                continue;
            }
            let mut trial = Trial::of(start.clone(), settings);
            let mut story = Story::of(apart, settings);
            for act in acts {
                story.play(*act, &trial.account);
            }
            // As if an act's own events came together.
            let events: Vec<_> = order.iter().flat_map(|index| story.events[*index].clone()).collect();
            for (number, scene) in events.iter().enumerate() {
                trial.deliver_at(scene, story.arrival(number), Trouble::NONE).await;
            }
            trial.sweep(&SWEEPS).await;
            let now = "2026-11-27T06:20:00Z".parse().unwrap();
            let problem = unsettled(&trial, ALICE, &start, is_approved(acts, &start), settings, now);
            count.add(problem, || {
                format!("[{}] {label}: {acts:?}, {apart} s apart, delivered as {order:?}", world.name)
            });
        }
    }
}

#[tokio::test(start_paused = true)]
async fn two_events_may_come_in_any_order() {
    let (mut count, mut sample) = (Count::of("orders of two events"), Sample::one_of(53));
    for world in worlds() {
        for one in Act::iter() {
            for two in Act::iter() {
                for apart in [5, 600] {
                    check(&[one, two], apart, world, &mut count, &mut sample).await;
                }
            }
        }
    }
    count.end();
}

#[tokio::test(start_paused = true)]
async fn three_events_may_come_in_any_order() {
    let (mut count, mut sample) = (Count::of("orders of three events"), Sample::one_of(797));
    for world in worlds() {
        for one in Act::iter() {
            for two in Act::iter() {
                for three in Act::iter() {
                    check(&[one, two, three], 5, world, &mut count, &mut sample).await;
                }
            }
        }
    }
    count.end();
}
