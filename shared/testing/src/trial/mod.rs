//! A run of the enforcer as Lambda makes it, with whatever faults: an event that is delivered up to three times, and the
//! sweeps that follow. [`verdict`] says what has to hold of it.

pub mod acts;
pub mod deeds;
pub mod scenes;
pub mod sessions;
mod settled;
pub mod verdict;

use crate::account::{Account, subscribed};
use crate::faulty::{Faulty, Trouble};
use crate::fixtures::{KEY_SERIAL, user, with_device};
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_aws::{Failure, Invocation, Report, SweepInvocation, handle, sweep};
use mfa_enforcer_core::facts::{Approval, UserFacts};
use mfa_enforcer_core::posture::Finding;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::snapshot::AccountSummary;
use mfa_enforcer_core::stack::StackState;
use scenes::{Scene, Started};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::time::Duration;

/// When Lambda delivers an event, counted from the event, until a delivery succeeds.
pub const DELIVERIES: [SignedDuration; 3] =
    [SignedDuration::from_secs(20), SignedDuration::from_secs(85), SignedDuration::from_secs(210)];
const SWEEP_QUEUE: &str = "https://sqs.us-east-1.amazonaws.com/123456789012/sweeps.fifo";
/// A user of whom nothing may change.
pub const BYSTANDER: &str = "bystander";

/// An account, and what has been delivered so far.
#[derive(Debug)]
pub struct Trial<'s> {
    /// The account.
    pub account: Account,
    /// What came of each delivery.
    pub deliveries: Vec<Delivered>,
    settings: &'s Settings,
}

/// What came of a delivery.
#[derive(Debug, Clone)]
pub struct Delivered {
    /// The error it failed with.
    pub error: Option<String>,
    /// The findings that it reported.
    pub findings: Vec<String>,
    /// Kinds of what users were sent, each once for all channels.
    pub to_users: Vec<String>,
    /// Kinds of what the administrators were sent.
    pub to_admins: Vec<String>,
    /// Kinds of the alerts among them that say that they may be repeats.
    pub repeats: Vec<String>,
    /// The digests, as machines read them.
    pub digests: Vec<String>,
}

impl Delivered {
    /// Whether it says that something could not be done.
    pub fn says_so(&self) -> bool {
        let failed = |kind: &String| kind.ends_with("-failed") || kind == "no-digest";
        self.error.is_some() || !self.findings.is_empty() || self.to_admins.iter().any(failed)
    }

    /// What came of it, in short.
    pub fn summary(&self) -> String {
        let Self { error, to_users, to_admins, .. } = self;
        format!("{} {to_users:?} {to_admins:?}", error.as_deref().unwrap_or("ok"))
    }
}

impl<'s> Trial<'s> {
    /// An account with this user, and one who is no business of anybody.
    pub fn of(user: UserFacts, settings: &'s Settings) -> Self {
        let past = scenes::past(&user, settings);
        // The event history tells, and a later call may be about it.
        let user = UserFacts { approval: Approval::NotLooked, ..user };
        let account = Account::of([user, bystander()]);
        let tags = [
            ("mfa-enforcer:last-sweep", "2026-11-24T06:00:00Z digest=2026-11-24T06:00:00Z"),
            ("mfa-enforcer:last-look", "2026-11-24T09:00:00Z first=2026-06-01T00:00:00Z"),
        ];
        account
            .alerts_tags
            .lock()
            .unwrap()
            .extend(tags.map(|(key, value)| (key.to_owned(), value.to_owned())));
        if settings.hourly_limits.and_then(|limits| limits.account) == Some(NonZeroUsize::MIN) {
            // Another user has the only place in the hour of the events.
            let slot = format!("organization/brakes/2026-11-24T09/{}/0", settings.deployment.account);
            let taker =
                json!({"account": settings.deployment.account, "user": "AIDAOTHER", "event": "other"});
            account.bucket.lock().unwrap().insert(slot, taker.to_string().into_bytes());
        }
        let summary =
            AccountSummary { root_mfa: true, root_password: Some(true), ..AccountSummary::default() };
        let outputs = [("SweepQueueUrl".to_owned(), SWEEP_QUEUE.to_owned())].into_iter().collect();
        let stack = StackState { status: "CREATE_COMPLETE".to_owned(), outputs, ..StackState::default() };
        let account = Account {
            summary,
            alerts_subscriptions: Some(vec![subscribed()]),
            stack: Mutex::new(stack),
            past: Mutex::new(past),
            ..account
        };
        Self { account, deliveries: Vec::new(), settings }
    }

    /// Delivers what started the scene until a delivery succeeds, three times at most. Returns the names of all calls.
    pub async fn deliver(&mut self, scene: &Scene, trouble: Trouble) -> Vec<String> {
        self.deliver_at(scene, scene.at + DELIVERIES[0], trouble).await
    }

    /// The same, for the first time at this time.
    pub async fn deliver_at(&mut self, scene: &Scene, at: Timestamp, trouble: Trouble) -> Vec<String> {
        let faulty = Faulty::with(&self.account, trouble);
        for after in DELIVERIES {
            let now = at + (after - DELIVERIES[0]);
            let result = run(scene, now, self.settings, &self.account, &faulty).await;
            let is_over = result.is_ok();
            self.deliveries.push(delivered(&self.account, result));
            if is_over {
                break;
            }
        }
        faulty.calls()
    }

    /// The sweeps of the next days: hourly ones soon and after sessions have ended, and daily ones.
    pub async fn sweep(&mut self, times: &[(&str, &str)]) {
        for (kind, time) in times {
            let scene = Scene::of_sweep(kind, time.parse().unwrap());
            self.deliver(&scene, Trouble::NONE).await;
        }
    }

    /// The user with this id, under whatever name.
    pub fn user(&self, id: &str) -> Option<UserFacts> {
        self.account.users.lock().unwrap().values().find(|user| user.id == id).cloned()
    }
}

/// Runs what started a scene once.
///
/// # Errors
/// As the function does.
///
/// # Panics
/// If the run does what no session in a member would let it do.
pub async fn run(
    scene: &Scene,
    now: Timestamp,
    settings: &Settings,
    account: &Account,
    faulty: &Faulty<'_, Account>,
) -> Result<Report, Failure> {
    *account.clock.lock().unwrap() = Some(now);
    match scene.by {
        Started::ByEvent(function) => {
            let invocation = Invocation { function, settings, now, request_id: "trial" };
            let result = handle(&scene.payload, invocation, faulty, faulty).await;
            assert_eq!(sessions::refused(scene, settings, &faulty.calls()), [""; 0], "{}", scene.name);
            result
        }
        Started::BySweep => {
            let clock = move || now;
            let time_left = || Duration::from_mins(10);
            let invocation = SweepInvocation {
                settings,
                clock: &clock,
                request_id: "trial",
                time_left: &time_left,
                run: None,
            };
            sweep(&scene.payload, invocation, faulty, faulty).await
        }
    }
}

/// What came of a run, given all that was sent since the last one.
pub fn delivered(account: &Account, result: Result<Report, Failure>) -> Delivered {
    let mail = std::mem::take(&mut *account.mail.lock().unwrap());
    let mut to_users: BTreeMap<(String, String), usize> = BTreeMap::new();
    for sent in mail {
        *to_users.entry(sent).or_default() += 1;
    }
    // A kind counts as often as the channel that had it most often.
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for ((_, kind), times) in to_users {
        let known = kinds.entry(kind).or_default();
        *known = times.max(*known);
    }
    let sent = std::mem::take(&mut *account.to_admins.lock().unwrap());
    let for_machines = std::mem::take(&mut *account.admin_mail.lock().unwrap());
    let digests: Vec<String> =
        std::mem::take(&mut *account.digests.lock().unwrap()).iter().map(Value::to_string).collect();
    let (error, findings) = match result {
        Ok(report) => {
            // What a sweep could not do about a user is a figure of its report, and a finding in its digest.
            let failed = report.sweep.map_or(0, |sweep| sweep.failed + sweep.refused);
            let findings = ["record-refused", "quarantine-of-unknown-origin"];
            let says = |digest: &String| findings.iter().any(|finding| digest.contains(finding));
            let is_told = digests.iter().any(says);
            let more = (failed > 0 || is_told).then(|| format!("{failed} users failed"));
            (None, report.findings.into_iter().chain(more).collect())
        }
        Err(failure) => (Some(failure.to_string()), Vec::new()),
    };
    // A report has the kind of the gravest part: a repeated one may know that it put something back.
    let kind = |text: &String| match text.split(' ').next().unwrap_or_default() {
        "records-changed" => "quarantine-undone".to_owned(),
        kind => kind.to_owned(),
    };
    Delivered {
        error,
        findings,
        to_users: kinds.into_iter().flat_map(|(kind, times)| vec![kind; times]).collect(),
        repeats: sent
            .iter()
            .zip(for_machines)
            .filter(|(_, alert)| alert.to_string().contains(&Finding::LedgerUnreadable.to_string()))
            .map(|(text, _)| kind(text))
            .collect(),
        to_admins: sent.iter().map(kind).collect(),
        digests,
    }
}

/// A user with MFA and things of their own.
fn bystander() -> UserFacts {
    let mut user = with_device(user(BYSTANDER), KEY_SERIAL);
    user.attached_policies.push("arn:aws:iam::aws:policy/PowerUserAccess".to_owned());
    user.groups.push("developers".to_owned());
    user.tags.insert("team".to_owned(), "red".to_owned());
    user
}
