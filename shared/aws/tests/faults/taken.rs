//! What a release rests on goes away while a run is about to release: the approval, all tags, or the device. Its reads may
//! not show that yet, and the event of it may be lost.

use crate::attempt::{ALICE, Case, Count, SWEEPS, Sample, begin, distinct};
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::event::TriggerKind;
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::posture::{Posture, posture};
use mfa_enforcer_core::settings::{Release, Settings};
use mfa_enforcer_core::tags::{APPROVED_KEY, UserTag};
use mfa_enforcer_testing::faulty::{Faulty, Trouble};
use mfa_enforcer_testing::fixtures::{KEY_SERIAL, PHONE_SERIAL, envelope};
use mfa_enforcer_testing::trial::deeds::Deed;
use mfa_enforcer_testing::trial::scenes::{Scene, administrator};
use mfa_enforcer_testing::trial::{Delivered, Trial, delivered, run};
use serde_json::{Value, json};
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use strum::IntoEnumIterator;

/// What an administrator does a moment after the run began. The device that is removed is all that the user has.
fn deeds(start: &UserFacts, settings: &Settings) -> Vec<Deed> {
    let keys = UserTag::iter().map(UserTag::key).chain([APPROVED_KEY]).collect::<Vec<_>>();
    let untag = |what, keys: Value| Deed {
        kind: TriggerKind::UserUntagged,
        what,
        parameters: json!({"tagKeys": keys}),
    };
    let mut all = Vec::new();
    let is_harmless = start
        .quarantine_record()
        .and_then(|record| record.cause)
        .is_some_and(|cause| !cause.may_be_a_takeover());
    if settings.release == Release::Approval && !is_harmless {
        all.extend([untag(", the approval", json!([APPROVED_KEY])), untag(", all tags", json!(keys))]);
    }
    let mut serials = start.devices.iter().map(|device| device.serial.as_str());
    let serial = match (serials.next(), serials.next()) {
        (None, _) => Some(PHONE_SERIAL),
        (Some(only), None) if [KEY_SERIAL, PHONE_SERIAL].contains(&only) => Some(only),
        _ => None,
    };
    all.extend(serial.map(|serial| Deed {
        kind: TriggerKind::MfaDeactivated,
        what: "",
        parameters: json!({"serialNumber": serial}),
    }));
    all
}

fn scene_of(deed: &Deed, at: Timestamp, settings: &Settings) -> Scene {
    let mut envelope = envelope(deed.kind.spec().event_name);
    envelope["detail"]["eventTime"] = at.to_string().into();
    envelope["detail"]["eventID"] = "0d1f2a3b-0000-4000-8000-00000000f0e1".into();
    envelope["detail"]["userIdentity"] = administrator();
    Scene::of_deed(deed, envelope, "alice", deed.what, settings).unwrap()
}

/// Runs the scene up to its call number `call`, lets the deed happen, and goes on, with reads that are so many changes
/// behind.
async fn interrupted(
    trial: &mut Trial<'_>,
    scene: &Scene,
    deed: &Scene,
    settings: &Settings,
    call: usize,
    behind: usize,
) {
    let now = scene.at + SignedDuration::from_secs(20);
    let account = &trial.account;
    let faulty = Faulty::stepped(account);
    let result = {
        let mut run = pin!(run(scene, now, settings, account, &faulty));
        let mut result = None;
        for _ in 0..=call {
            if result.is_none() {
                result = poll_fn(|context| {
                    Poll::Ready(match run.as_mut().poll(context) {
                        Poll::Ready(result) => Some(result),
                        Poll::Pending => None,
                    })
                })
                .await;
            }
        }
        deed.happen(account);
        *account.behind.lock().unwrap() = behind;
        match result {
            Some(result) => result,
            None => run.await,
        }
    };
    *account.behind.lock().unwrap() = 0;
    let is_over = result.is_ok();
    let delivered = delivered(account, result);
    trial.deliveries.push(delivered);
    if !is_over {
        trial.deliver_at(scene, now + SignedDuration::from_secs(65), Trouble::NONE).await;
    }
}

/// What is wrong with the user in the end; `None` if nothing is.
fn wrong(trial: &Trial<'_>, deed: &Deed, settings: &Settings) -> Option<String> {
    let user = trial.user(ALICE)?;
    let now = SWEEPS[2].1.parse().unwrap();
    let is_wrong = match posture(&user, settings, now) {
        Posture::Compliant { .. } => {
            deed.kind == TriggerKind::UserUntagged && !settings.quarantine.holds_strictly(&user)
        }
        Posture::InGrace { .. } | Posture::Overdue { .. } => !settings.quarantine.holds(&user),
        Posture::NotApplicable | Posture::Exempt(_) => false,
    };
    let said = || trial.deliveries.iter().map(Delivered::summary).collect::<Vec<_>>();
    (is_wrong || settings.quarantine.holds(&user) && user.quarantine_record().is_none())
        .then(|| format!("{:?} {:?} {:?}", user.attached_policies, user.tags, said()))
}

/// Whether the release in this case needs an approval, or MFA.
fn rests(case: &Case) -> bool {
    let is_release =
        |call: &String| ["detach", "leave", "narrow", "schedule"].iter().any(|one| call.starts_with(one));
    let is_exempting = case.scene.name.contains("exemption") || case.label.contains("exempt");
    let user = &case.start;
    let is_ours = case.world.settings.quarantine.holds(user) && !case.label.contains("by hand");
    let has_password = user.login_profile_created.is_some();
    is_ours && has_password && !is_exempting && case.good.calls.iter().any(is_release)
}

#[tokio::test(start_paused = true)]
async fn release_ends_with_what_it_rests_on() {
    let (mut count, mut sample) = (Count::of("what a release rests on goes away"), Sample::one_of(53));
    for case in distinct().await.iter().filter(|case| rests(case)) {
        let settings = &case.world.settings;
        for deed in deeds(&case.start, settings) {
            let happens = scene_of(&deed, case.scene.at + SignedDuration::from_secs(20), settings);
            for call in 0..case.good.calls.len() {
                for behind in 0..4 {
                    for is_told in [true, false] {
                        // All tags and their event: then nothing is left that tells of a quarantine.
                        let is_untold = deed.what == ", all tags" && !is_told;
                        if is_untold || !sample.takes() {
                            continue;
                        }
                        let mut trial = begin(&case.scene, &case.start, settings);
                        let interrupted =
                            interrupted(&mut trial, &case.scene, &happens, settings, call, behind);
                        Box::pin(interrupted).await;
                        if is_told {
                            trial.deliver(&happens, Trouble::NONE).await;
                        }
                        trial.sweep(&SWEEPS).await;
                        count.add(wrong(&trial, &deed, settings), || {
                            let name = case.name();
                            format!(
                                "{name}: {} before {}, {behind} behind, told {is_told}",
                                happens.name, case.good.calls[call]
                            )
                        });
                    }
                }
            }
        }
    }
    count.end();
}
