//! An account that is swept every day and keeps its evidence in memory: real decisions about invented people.

use crate::fixtures::{decide, envelope, event_of, settings_with, user, with_tag};
use crate::plans::after;
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::decide::sweep_user;
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::digest::{SweepResult, UserStatus};
use mfa_enforcer_core::event::{Occasion, SweepReading, SweepRequest, UserName, read_request};
use mfa_enforcer_core::evidence::{
    Asked, Before, Deed, Findings, Link, Listing, LookedUp, Object, Overview, Remembered, Run, Sources, acts,
    record, to_list,
};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::forecast::{Prospect, Question, Schedule};
use mfa_enforcer_core::partition::Partition;
use mfa_enforcer_core::plan::Plan;
use mfa_enforcer_core::rights::{Grants, Permissions};
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::snapshot::{
    AccountSnapshot, AccountSummary, BulkAnswers, UserDetail, UserSnapshot, VirtualDevice,
};
use mfa_enforcer_core::sweep::{status_after, status_from_snapshot};
use mfa_enforcer_core::tags;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The account.
pub const ACCOUNT: &str = "123456789012";
/// Name of the bucket.
pub const BUCKET: &str = "evidence";

/// An account and its bucket.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// The settings.
    pub settings: Settings,
    /// Users by name.
    pub users: BTreeMap<String, UserFacts>,
    /// The bucket.
    pub bucket: BTreeMap<String, Vec<u8>>,
    /// The last record.
    pub head: Option<Link>,
    /// The note of it.
    pub remembered: Option<String>,
    /// How many requests there were.
    requests: usize,
}

/// This time in November 2026: `at("08T12:00")`.
pub fn at(text: &str) -> Timestamp {
    format!("2026-11-{text}:00Z").parse().unwrap()
}

/// The settings of the month: nobody's deadline is before 11 November.
pub fn settings_of_the_month(changes: &[(&'static str, &str)]) -> Settings {
    settings_with(&[&[("ENFORCE_FROM", "2026-11-11"), ("RELEASE_AFTER", "0h")], changes].concat())
}

impl Evidence {
    /// An account with these users.
    pub fn of(settings: Settings, users: impl IntoIterator<Item = UserFacts>) -> Self {
        let users = users.into_iter().map(|user| (user.name.to_string(), user)).collect();
        Self { settings, users, bucket: BTreeMap::new(), head: None, remembered: None, requests: 0 }
    }

    /// The account after a month of daily sweeps, in which people enrol, are contained, and come back.
    pub fn after_a_month(settings: Settings, users: impl IntoIterator<Item = UserFacts>) -> Self {
        let mut month = Self::of(settings, users);
        for day in 1..=30 {
            month.happens(day);
            month.sweep(at(&format!("{day:02}T06:00")));
            // The next record lists what is done after the sweep.
            if day == 23 {
                month.event("ConsoleLogin", "grace", at("23T10:00"), &json!({}));
            }
        }
        month
    }

    /// What people do before a day's sweep.
    fn happens(&mut self, day: u32) {
        match day {
            4 => self.enrol("bob", "u2f/user/bob/blue-ABCDEF", at("04T05:00")),
            9 => self.enrol("carol", "mfa/carol-phone", at("09T05:00")),
            11 => self.event("ConsoleLogin", "alice", at("11T05:00"), &json!({})),
            15 => {
                let serial = "arn:aws:iam::123456789012:mfa/alice-phone";
                self.enrol("alice", "mfa/alice-phone", at("15T05:00"));
                self.event("EnableMFADevice", "alice", at("15T05:00"), &json!({"serialNumber": serial}));
            }
            18 => self.edit("frank", |frank| frank.login_profile_created = None),
            22 => {
                self.users.insert(
                    "grace".to_owned(),
                    UserFacts {
                        created: at("22T04:00"),
                        login_profile_created: Some(at("22T04:00")),
                        ..user("grace")
                    },
                );
            }
            _ => {}
        }
    }

    /// Changes a user, if there is one of this name.
    pub fn edit(&mut self, name: &str, change: impl FnOnce(&mut UserFacts)) {
        if let Some(user) = self.users.get_mut(name) {
            change(user);
        }
    }

    fn enrol(&mut self, name: &str, device: &str, enabled: Timestamp) {
        let serial = Serial::listed(&format!("arn:aws:iam::{ACCOUNT}:{device}"));
        self.edit(name, |user| user.devices.push(MfaDevice { serial, enabled }));
    }

    /// An event about a user, which a function handles a minute later.
    pub fn event(&mut self, name: &str, user: &str, time: Timestamp, parameters: &Value) {
        let Some(before) = self.users.get(user).cloned() else { return };
        let mut envelope = envelope(name);
        let second = tags::second(time);
        envelope["time"] = second.clone().into();
        let detail = &mut envelope["detail"];
        detail["eventTime"] = second.into();
        detail["eventID"] = format!("0d1f2a3b-0000-4000-8000-{:012}", time.as_second()).into();
        detail["userIdentity"]["userName"] = user.into();
        detail["userIdentity"]["principalId"] = before.id.clone().into();
        detail["userIdentity"]["arn"] = format!("arn:aws:iam::{ACCOUNT}:user/{user}").into();
        if name != "ConsoleLogin" {
            detail["requestParameters"] = json!({"userName": user});
            for (key, value) in parameters.as_object().unwrap() {
                detail["requestParameters"][key] = value.clone();
            }
        }
        let event = event_of(&envelope);
        let now = time + SignedDuration::from_mins(1);
        let plan = decide(&event, &before, &self.settings, now);
        self.carry_out(&Occasion::Event(Box::new(event)), &before, &plan, now);
    }

    /// Carries out a plan, and writes down what was done.
    fn carry_out(&mut self, occasion: &Occasion, before: &UserFacts, plan: &Plan, now: Timestamp) {
        let then = after(before, &plan.steps);
        let run = self.run(now);
        let deed = Deed {
            occasion,
            before: Some(before),
            after: Some(&then),
            episode: plan.episode.as_ref(),
            reason: plan.reason,
            planned: &plan.steps,
            done: &plan.steps,
        };
        self.write(acts(&run, deed, 0));
        self.users.insert(then.name.to_string(), then);
    }

    fn run(&mut self, now: Timestamp) -> Run {
        self.requests += 1;
        Run::new(ACCOUNT, now, &format!("8d5c0f4e-0000-4000-8000-{:012}", self.requests))
    }

    fn write(&mut self, objects: Vec<Object>) {
        for object in objects {
            let was_there = self.bucket.insert(object.key.clone(), object.bytes);
            assert!(was_there.is_none(), "{} is written twice", object.key);
        }
    }

    /// A daily sweep.
    pub fn sweep(&mut self, now: Timestamp) {
        let request = request_at(now);
        let users = self.snapshot(now);
        let mut looked_up = LookedUp::default();
        let mut statuses: Vec<UserStatus> = Vec::new();
        for snapshot in &users {
            let before = self.users[snapshot.user.name.as_str()].clone();
            let plan = sweep_user(&request, &before, &self.settings, now);
            if plan.steps.is_empty() {
                statuses.push(status_from_snapshot(snapshot, &self.settings, now));
                continue;
            }
            self.carry_out(&Occasion::Sweep(request.clone()), &before, &plan, now);
            let then = &self.users[before.name.as_str()];
            statuses.push(status_after(then, snapshot, &self.settings, now));
            looked_up.saw(then.clone(), now);
        }
        let before = self.before();
        for index in to_list(&statuses, &before.rows) {
            let devices = &self.users[statuses[index].name.as_str()].devices;
            looked_up.listed(&statuses[index].id, devices, now);
        }
        let root = self.account(now).root;
        let findings = Findings {
            request: &request,
            settings: &self.settings,
            alias: None,
            users: &users,
            statuses: &statuses,
            root: &root,
            looked_up: &looked_up,
            sources: Sources { read: now, report: Some(now - SignedDuration::from_mins(100)) },
            result: &SweepResult::default(),
        };
        let run = Run::new(ACCOUNT, now, &format!("record-{}", now.as_second()));
        let written = record(&run, findings, &before);
        self.remembered = Some(before.announce(&written.head, BUCKET).written(true).to_string());
        self.head = Some(written.head);
        self.write(written.objects);
    }

    /// What the bucket has of the record before.
    pub fn before(&self) -> Before {
        let listing = Listing::of(self.bucket.keys().cloned().collect());
        let record = listing.last_record().and_then(|key| self.bucket.get(key));
        let rows = listing.last_record().and_then(|key| self.bucket.get(&Listing::rows_of(key)));
        let remembered = self.remembered.as_deref().and_then(|value| Remembered::parse(value, BUCKET));
        Before::of(&listing, record.map(Vec::as_slice), rows.map(Vec::as_slice), remembered)
    }

    /// The users as the bulk answers show them.
    pub fn snapshot(&self, now: Timestamp) -> Vec<UserSnapshot> {
        self.account(now).users
    }

    pub(crate) fn account(&self, now: Timestamp) -> AccountSnapshot {
        let mut report = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,\
                          mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
                          access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date\n"
            .to_owned();
        let mut details = Vec::new();
        let mut virtual_devices = Vec::new();
        for user in self.users.values() {
            let arn = self.settings.user_arn(user);
            let password = user.login_profile_created;
            let changed = password.map_or_else(|| "N/A".to_owned(), tags::second);
            let used =
                password.map_or("N/A".to_owned(), |_| tags::second(now - SignedDuration::from_hours(30)));
            writeln!(
                report,
                "\"{}\",\"{arn}\",{},{},{used},{changed},{},{key},N/A,false,N/A,N/A",
                user.name,
                tags::second(user.created),
                password.is_some(),
                !user.devices.is_empty(),
                key =
                    if user.name.as_str().len() % 2 == 0 { "true,2026-01-02T03:04:05Z" } else { "false,N/A" },
            )
            .unwrap();
            let devices = user.devices.iter().filter(|device| device.serial.as_str().contains(":mfa/"));
            virtual_devices.extend(devices.map(|device| VirtualDevice {
                serial: device.serial.clone(),
                owner_arn: arn.clone(),
                enabled: Some(device.enabled),
            }));
            details.push(UserDetail {
                name: UserName::listed(user.name.as_str()),
                id: user.id.clone(),
                arn,
                path: user.path.clone(),
                created: user.created,
                tags: user.tags.clone(),
                attached_policies: user.attached_policies.clone(),
                groups: user.groups.clone(),
                boundary: None,
                inline: Grants::default(),
            });
        }
        let summary =
            AccountSummary { root_mfa: true, root_password: Some(true), ..AccountSummary::default() };
        let mut permissions = Permissions::default();
        for arn in details.iter().flat_map(|user| user.attached_policies.clone()) {
            permissions.policies.insert(arn, Grants::default());
        }
        let answers = BulkAnswers {
            report: report.into_bytes(),
            users: details,
            permissions: Some(permissions),
            virtual_devices,
            summary: Some(summary),
        };
        AccountSnapshot::of(answers, Partition::Aws).unwrap()
    }
}

/// What is expected of these people in so many days, if nobody does anything. Two of them are new.
pub fn prospect_of_people(changes: &[(&'static str, &str)], days: u16) -> Prospect {
    prospect_of(people_to_come(), changes, days)
}

/// The same of anybody.
pub fn prospect_of(
    users: impl IntoIterator<Item = UserFacts>,
    changes: &[(&'static str, &str)],
    days: u16,
) -> Prospect {
    let evidence = Evidence::of(settings_with(changes), users);
    let (from, schedule) = (at("02T09:30"), Schedule::new("06:00", "UTC").unwrap());
    let asked = asked_by_carol(from, &evidence.settings);
    let question = Question { asked, days, schedule: &schedule };
    let account = evidence.account(from);
    let status = |user| status_from_snapshot(user, &evidence.settings, from);
    let statuses: Vec<UserStatus> = account.users.iter().map(status).collect();
    Prospect::of(&account, &statuses, Vec::new(), question)
}

/// These people's MFA at the end of the month, all devices listed.
pub fn overview_of_people() -> Overview {
    overview_of(people())
}

/// The same of anybody.
pub fn overview_of(users: impl IntoIterator<Item = UserFacts>) -> Overview {
    let mut month = Evidence::after_a_month(settings_of_the_month(&[]), users);
    let now = at("30T09:30");
    month.settings.letterhead.account_name = None;
    let account = month.account(now);
    let status = |user| status_from_snapshot(user, &month.settings, now);
    let statuses: Vec<UserStatus> = account.users.iter().map(status).collect();
    let mut looked_up = LookedUp::default();
    for index in to_list(&statuses, &BTreeMap::new()) {
        looked_up.listed(&statuses[index].id, &month.users[statuses[index].name.as_str()].devices, now);
    }
    let asked = asked_by_carol(now, &month.settings);
    Overview::of(&account, &statuses, &looked_up, Vec::new(), asked)
}

pub(crate) fn asked_by_carol(at: Timestamp, settings: &Settings) -> Asked<'_> {
    let caller = "arn:aws:iam::123456789012:user/carol";
    Asked { caller, alias: Some("example-production"), at, settings }
}

/// The people of the month, so many more, and one with a name that IAM would not take.
pub fn people_and(more: usize, odd: Option<&str>) -> Vec<UserFacts> {
    let mut people = people();
    people.extend((0..more).map(|number| user(&format!("user-{number:04}"))));
    people.extend(odd.map(|name| UserFacts { name: UserName::listed(name), ..user("named") }));
    people
}

/// The people of the month, some of them new.
fn people_to_come() -> Vec<UserFacts> {
    let mut people = people();
    for (name, created) in [("alice", at("02T08:00")), ("bob", at("01T12:00"))] {
        let fresh = |user: &mut UserFacts| {
            user.created = created;
            user.login_profile_created = Some(created);
        };
        people.iter_mut().filter(|user| user.name.as_str() == name).for_each(fresh);
    }
    people
}

/// A request for a daily sweep at this time.
pub fn request_at(time: Timestamp) -> SweepRequest {
    let payload = json!({"sweep": "daily", "scheduledTime": tags::second(time)}).to_string();
    match read_request(&payload, time).unwrap() {
        SweepReading::Sweep(request) => request,
        SweepReading::Ignored(reason) => panic!("ignored: {reason}"),
    }
}

/// The people of the month: some enrol in time, some do not, one is exempt, one is a machine.
pub fn people() -> Vec<UserFacts> {
    let exempt =
        with_tag(user("dave"), tags::EXEMPT_UNTIL_KEY, "2026-12-31 TICKET-7 new laptop is on its way");
    let machine = UserFacts { login_profile_created: None, ..user("build-server") };
    let break_glass = UserFacts { path: "/break-glass/".to_owned(), ..user("glass") };
    let mut safe = user("erin");
    let serial = Serial::listed("arn:aws:iam::123456789012:u2f/user/erin/green-ABCDEF");
    safe.devices.push(MfaDevice { serial, enabled: "2026-03-04T05:06:07Z".parse().unwrap() });
    let mut people = vec![exempt, machine, break_glass, safe];
    people.extend(["alice", "bob", "carol", "frank"].map(user));
    people
}
