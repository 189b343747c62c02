//! One trial from beginning to end, and the count of all.

use crate::recall::{Known, Recall};
use mfa_enforcer_aws::ErrorKind;
use mfa_enforcer_core::event::{Function, TriggerKind};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::settings::{HourlyLimits, Settings};
use mfa_enforcer_testing::faulty::{Trouble, When};
use mfa_enforcer_testing::fixtures::settings_with;
use mfa_enforcer_testing::trial::Trial;
use mfa_enforcer_testing::trial::scenes::{Scene, Started, event_time, starts};
use mfa_enforcer_testing::trial::verdict::{Allowed, Ending, Lost, Origin, spoilt};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::Instant;
use strum::IntoEnumIterator;
use tokio::sync::OnceCell;

/// Alice's id.
pub(crate) const ALICE: &str = "AIDAEXAMPLEALICE";
/// Soon, after sessions have ended, and on the next day.
pub(crate) const SWEEPS: [(&str, &str); 3] = [
    ("hourly", "2026-11-24T10:00:00Z"),
    ("hourly", "2026-11-24T21:30:00Z"),
    ("daily", "2026-11-25T06:00:00Z"),
];

/// Settings under which everything is tried, and what they are called.
pub(crate) struct World {
    pub(crate) name: &'static str,
    pub(crate) settings: Settings,
}

/// Each scope with each kind of release; the defaults first. Then the defaults in an organization, in an hour in which
/// quarantines may still begin, and in one in which another user has the only place. Nothing is to be found of any of
/// them: what a run reports is what failed.
pub(crate) fn worlds() -> &'static [World] {
    static ALL: LazyLock<Vec<World>> = LazyLock::new(|| {
        let release = [("RELEASE", "approval")];
        vec![
            World { name: "console", settings: settings_of("console", &[]) },
            World { name: "console, approval", settings: settings_of("console", &release) },
            World { name: "everything", settings: settings_of("everything", &[]) },
            World { name: "everything, approval", settings: settings_of("everything", &release) },
            World { name: "an hour with room", settings: limited(25) },
            World { name: "an hour that is used up", settings: limited(1) },
        ]
    });
    &ALL
}

/// The defaults where so many quarantines may begin in an hour.
fn limited(limit: usize) -> Settings {
    let hourly_limits = Some(HourlyLimits::of(Some(limit), Some(limit)));
    Settings { hourly_limits, ..settings_of("console", &[]) }
}

fn settings_of(scope: &'static str, changes: &[(&'static str, &str)]) -> Settings {
    const NAMES: [&str; 4] = ["console", "everything", "strict-console", "strict-everything"];
    let group = |name: &str| format!("mfa-enforcer-quarantine-{name}");
    let arn = |name: &str| format!("arn:aws:iam::123456789012:policy/{}", group(name));
    let strict = format!("strict-{scope}");
    let spares = NAMES.map(|name| format!("{}-spare", arn(name))).join(",");
    let (console_policy, console_group) = match scope {
        "console" => (String::new(), String::new()),
        _ => (arn("console"), group("console")),
    };
    let others = if scope == "console" { "everything" } else { "console" };
    let known = [
        ("EXEMPT_USERS", ""),
        ("EXEMPT_PATHS", ""),
        ("BREAK_GLASS_PATH", ""),
        ("QUARANTINE_SCOPE", scope),
        ("QUARANTINE_POLICY_ARN", &format!("{},{}", arn(scope), arn(others))),
        ("QUARANTINE_GROUP_NAME", &format!("{} {}", group(scope), group(others))),
        ("CONSOLE_POLICY_ARN", &console_policy),
        ("CONSOLE_GROUP_NAME", &console_group),
        ("STRICT_POLICY_ARN", &arn(&strict)),
        ("STRICT_GROUP_NAME", &group(&strict)),
        ("SPARE_POLICY_ARN", &spares),
    ];
    settings_with(&[&known, changes].concat())
}

/// A way in which a call can fail.
pub(crate) type Way = (When, ErrorKind, &'static str);

/// What can become of a call. Only of the one whose answer is lost anything takes effect.
pub(crate) const WAYS: [Way; 6] = [
    (When::Before, ErrorKind::Throttled, "Throttling"),
    (When::Before, ErrorKind::Unavailable, "InternalFailure"),
    (When::Before, ErrorKind::Unavailable, "ServiceUnavailable"),
    (When::Before, ErrorKind::Unavailable, "no connection"),
    (When::After, ErrorKind::Unavailable, "no answer in time"),
    (When::Before, ErrorKind::Denied, "AccessDenied"),
];

/// Whether everything is tried.
pub(crate) fn is_exhaustive() -> bool {
    std::env::var("FAULTS").is_ok_and(|what| what == "all")
}

/// Where it says whose alice's quarantine is.
pub(crate) fn origin(label: &str) -> Origin {
    let is_lost = label.contains("by hand") || label.contains("records lost");
    match label {
        _ if label.contains("cut off") => Origin::CutOff { is_unread: false },
        _ if is_lost => Origin::InHistory,
        _ => Origin::OnUser,
    }
}

/// All events about alice and the quarantine, all about root, and both sweeps, also after events that were lost. If everything is tried, each event about
/// alice by herself and by somebody else. What is about no user does not depend on the scope or the kind of release.
pub(crate) fn scenes(world: &World) -> Vec<Scene> {
    let settings = &world.settings;
    let events = TriggerKind::iter().flat_map(|kind| {
        let usual = kind.spec().function == Function::Guard;
        let by_other = if is_exhaustive() { vec![false, true] } else { vec![usual] };
        by_other.into_iter().flat_map(move |other| Scene::of_events(kind, other, settings))
    });
    let kinds = ["hourly", "daily"];
    let sweeps = kinds.map(|kind| Scene::of_sweep(kind, event_time()));
    let mut all: Vec<Scene> = events
        .chain(TriggerKind::iter().filter_map(|kind| Scene::of_root(kind, settings)))
        .chain(sweeps)
        .chain(kinds.into_iter().flat_map(|kind| Scene::of_lost_events(kind, settings)))
        .collect();
    let is_first = std::ptr::eq(world, &raw const worlds()[0]);
    all.retain(|scene| is_first || !(scene.is_about_root || scene.is_about_quarantine));
    all
}

/// The states in which a scene is tried. What is about no user is tried beside one who is contained.
pub(crate) fn starts_of(scene: &Scene, settings: &Settings) -> Vec<(&'static str, UserFacts)> {
    let mut all = starts(settings);
    if scene.is_about_root || scene.is_about_quarantine {
        all.retain(|(label, _)| *label == "overdue, contained");
    }
    all
}

/// A scene, a start with its label, and what comes of it without a fault.
pub(crate) struct Case {
    pub(crate) world: &'static World,
    pub(crate) scene: Scene,
    pub(crate) label: &'static str,
    pub(crate) start: UserFacts,
    pub(crate) good: Tried,
    /// What sweeps have come to.
    pub(crate) known: Known,
}

impl Case {
    /// What it is, for messages.
    pub(crate) fn name(&self) -> String {
        format!("[{}] {}, {}", self.world.name, self.scene.name, self.label)
    }

    /// The case with this trouble, and the sweeps after it.
    pub(crate) async fn attempt(&self, trouble: Trouble) -> Tried {
        let settings = &self.world.settings;
        let mut trial = begin(&self.scene, &self.start, settings);
        let before = trial.user(ALICE).unwrap_or_else(|| self.start.clone());
        let calls = trial.deliver(&self.scene, trouble).await;
        finish(trial, calls, &before, settings, &self.recall()).await
    }

    /// What needs not be run once more: if everything is tried, only the very same.
    pub(crate) fn recall(&self) -> Recall<'_> {
        if is_exhaustive() { Recall::Same(&self.known) } else { Recall::Like(&self.good) }
    }

    /// What may differ from the case without a fault, if these calls failed.
    pub(crate) fn allowed<'c>(&self, failed: impl IntoIterator<Item = (&'c str, ErrorKind)>) -> Allowed {
        let mut allowed = Allowed { origin: origin(self.label), ..Allowed::default() };
        let mut calls = Vec::new();
        for (call, kind) in failed {
            allowed.is_refused |= kind == ErrorKind::Denied;
            calls.push(call);
        }
        allowed.is_history_unread = calls.contains(&"traces");
        if allowed.origin == Origin::InHistory && allowed.is_history_unread {
            allowed.origin = Origin::Unread;
        }
        if let Origin::CutOff { is_unread } = &mut allowed.origin {
            *is_unread = ["traces", "attached_by"].iter().any(|look| calls.contains(look));
        }
        let is_unnoted = ["alerts_tags", "set_alerts_tag"].iter().any(|call| calls.contains(call));
        let records = calls.iter().filter(|call| **call == "set-tag mfa-enforcer:quarantined").count();
        allowed.lost = match calls.len() {
            2.. if self.scene.by == Started::BySweep && is_unnoted => Lost::Repair,
            2.. if records == 2 => Lost::Cause,
            _ => Lost::Nothing,
        };
        allowed
    }
}

/// The scenes with each start, without those of which another start has led to the very same calls. If not everything is
/// tried, only those that lead to a call that no other scene of the trigger made under these settings.
pub(crate) async fn distinct() -> &'static [Case] {
    static ALL: OnceCell<Vec<Case>> = OnceCell::const_new();
    ALL.get_or_init(find_distinct).await
}

async fn find_distinct() -> Vec<Case> {
    let (mut all, mut calls_known) = (Vec::new(), Calls::default());
    for world in worlds() {
        for scene in scenes(world) {
            let mut known = Vec::new();
            for (label, start) in starts_of(&scene, &world.settings) {
                let mut trial = begin(&scene, &start, &world.settings);
                let calls = trial.deliver(&scene, Trouble::NONE).await;
                let deliveries = trial.deliveries.len();
                let is_new = calls.iter().filter(|call| calls_known.add(world, &scene, call)).count() > 0;
                // Limits are for whoever needs a place.
                if world.settings.hourly_limits.is_some() && !calls.iter().any(|call| call == "take_slot") {
                    continue;
                }
                let key = (calls, deliveries);
                if writes(&key.0) && !known.contains(&key) && (is_exhaustive() || is_new) {
                    let good = attempt(&scene, &start, &world.settings).await;
                    let (scene, recalled) = (scene.clone(), Known::default());
                    all.push(Case { world, scene, label, start, good, known: recalled });
                    known.push(key);
                }
            }
        }
    }
    all
}

/// The calls of each trigger under each settings, or whatever else is to be tried once for each.
#[derive(Default)]
pub(crate) struct Calls(BTreeSet<(&'static str, String, String)>);

impl Calls {
    /// Adds a call, and says whether it is new.
    pub(crate) fn add(&mut self, world: &World, scene: &Scene, call: &str) -> bool {
        let kind = scene.kind().filter(|_| scene.by != Started::BySweep);
        let trigger = kind.map_or_else(|| scene.name.clone(), |kind| format!("{kind:?}"));
        self.0.insert((world.name, format!("{trigger} {}", scene.is_about_root), call.to_owned()))
    }
}

/// What came of a trial.
pub(crate) struct Tried {
    /// How it ended.
    pub(crate) ending: Ending,
    /// How it stood before the sweeps.
    pub(crate) before_sweeps: Ending,
    /// What was changed that is none of ours.
    pub(crate) spoilt: Option<String>,
    /// The calls of all deliveries of the event.
    pub(crate) calls: Vec<String>,
}

/// Whether anything was changed or sent.
fn writes(calls: &[String]) -> bool {
    let writes = ["tell", "attach", "detach", "set-tag", "join", "leave", "set_alerts_tag", "repair"];
    calls.iter().any(|call| writes.iter().any(|write| call.starts_with(write)))
}

/// An account in which a scene has begun: it happened, and nothing has been delivered.
pub(crate) fn begin<'s>(scene: &Scene, start: &UserFacts, settings: &'s Settings) -> Trial<'s> {
    let trial = Trial::of(start.clone(), settings);
    scene.happen(&trial.account);
    trial
}

/// A scene without any trouble, and the sweeps after it.
pub(crate) async fn attempt(scene: &Scene, start: &UserFacts, settings: &Settings) -> Tried {
    let mut trial = begin(scene, start, settings);
    let before = trial.user(ALICE).unwrap_or_else(|| start.clone());
    let calls = trial.deliver(scene, Trouble::NONE).await;
    finish(trial, calls, &before, settings, &Recall::Nothing).await
}

/// The sweeps after a trial, and what came of it.
pub(crate) async fn finish(
    mut trial: Trial<'_>,
    calls: Vec<String>,
    before: &UserFacts,
    settings: &Settings,
    recall: &Recall<'_>,
) -> Tried {
    let before_sweeps = Ending::of(&trial, ALICE);
    let now = || spoilt(&trial, ALICE, before, settings);
    if let Some((ending, spoilt)) = recall.of(&trial, &before_sweeps, now) {
        return Tried { ending, before_sweeps, spoilt, calls };
    }
    let state = trial.account.state();
    trial.sweep(&SWEEPS).await;
    let ending = Ending::of(&trial, ALICE);
    let spoilt = spoilt(&trial, ALICE, before, settings);
    let tried = Tried { ending, before_sweeps, spoilt, calls };
    recall.note(state, &tried);
    tried
}

/// Which trials are made: all, or one of so many.
pub(crate) struct Sample {
    number: usize,
    of: usize,
}

impl Sample {
    /// One of so many, unless everything is tried.
    pub(crate) fn one_of(number: usize) -> Self {
        Self { number: 0, of: if is_exhaustive() { 1 } else { number } }
    }

    /// Whether the next one is made.
    pub(crate) fn takes(&mut self) -> bool {
        self.number += 1;
        self.number.is_multiple_of(self.of)
    }
}

/// How many trials there were, and what was wrong with some.
pub(crate) struct Count {
    what: &'static str,
    started: Instant,
    tried: usize,
    /// How many there are besides, where not all of them are tried.
    pub(crate) besides: usize,
    wrong: Vec<String>,
}

impl Count {
    pub(crate) fn of(what: &'static str) -> Self {
        Self { what, started: Instant::now(), tried: 0, besides: 0, wrong: Vec::new() }
    }

    pub(crate) fn add(&mut self, problem: Option<String>, which: impl FnOnce() -> String) {
        self.tried += 1;
        if let Some(problem) = problem {
            self.wrong.push(format!("{}: {problem}", which()));
        }
    }

    /// Prints the count, and fails if anything was wrong.
    pub(crate) fn end(self) {
        let Self { what, started, tried, besides, wrong } = self;
        let of_all = if besides > 0 { format!(" of {}", tried + besides) } else { String::new() };
        println!(
            "{what}: {tried}{of_all} tried, {} violations, {} s",
            wrong.len(),
            started.elapsed().as_secs()
        );
        let shown = wrong.iter().take(300).map(String::as_str).collect::<Vec<_>>().join("\n");
        assert!(wrong.is_empty(), "{shown}");
        assert!(tried >= 50, "only {tried} tried");
    }
}
