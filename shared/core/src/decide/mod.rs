//! The decision: what to do about an event, or about a user that a sweep checks.
//!
//! Pure and total. Every row of the table in the README is a line here, and nothing else in the project makes
//! decisions. [`ask`] says what has to be looked up for an event; the answer makes the [`Plan`].

mod answer;
mod approval;
mod by_operator;
mod contain;
mod context;
mod enrolment_blocked;
mod exempt;
mod exempting;
mod guard;
mod hold;
mod hourly;
mod kept;
mod lifecycle;
mod loop_breaker;
mod mfa_device;
mod owed_word;
mod place;
mod quarantine_check;
mod release;
mod remind;
mod root_alert;
mod saying;
mod second_look;
mod self_defence;
mod sign_in;
mod sweep_rules;
mod undone;

pub use by_operator::{Exempting, Operator, Order, Refusal, by_operator};
pub use context::findings_of;
pub use hold::{Lookup, lookups};
pub use place::Room;
pub use quarantine_check::QuarantineCheck;
pub(crate) use root_alert::told_once;
pub use second_look::{After, SecondPlan};
pub use self_defence::{AskEnforcer, OwnStack};

use crate::event::{
    Actor, Event, EventId, Function, Occasion, Subject, SweepRequest, Trigger, UserName, Via,
};
use crate::facts::{RootLedger, UserFacts};
use crate::notice::{AccountAlert, RootAlert};
use crate::plan::Plan;
use crate::reason::Reason;
use crate::settings::{HourlyLimits, Settings};
use crate::snapshot::{AccountSummary, RootCredentials, RootMfa};
use crate::tags::Cause;
use crate::trail::Trails;
use context::Context;
use jiff::Timestamp;
use root_alert::Reporter;

/// What a trigger means.
struct Rule {
    /// For an IAM user.
    user: UserRule,
    /// For root; `None` if it cannot happen to root.
    root: Option<RootRule>,
}

/// What a trigger means for root.
#[derive(Debug)]
enum RootRule {
    /// An alert, whatever the state of root.
    Alert(fn(&Actor) -> RootAlert),
    /// An alert that depends on whether root has any credentials, which has to be looked up.
    LookUp(fn(RootCredentials) -> RootAlert),
}

/// What a trigger means for an IAM user.
enum UserRule {
    /// The same for every user, so there is nothing to look up.
    Settled(Reason),
    /// Depends on the user, who has to be looked up.
    LookUp { decide: fn(&Context<'_>, &Event) -> Plan, if_absent: IfAbsent },
}

/// What it means if IAM does not find the user.
enum IfAbsent {
    /// The user is too new to be visible yet, or has been deleted.
    CreatedOrGone,
    /// The user has been deleted.
    Gone,
}

/// The rule for each trigger. This is the only list of triggers in this module.
fn rule(trigger: &Trigger) -> Rule {
    use IfAbsent::{CreatedOrGone, Gone};
    use UserRule::{LookUp, Settled};
    match trigger {
        Trigger::SignIn => Rule {
            user: LookUp { decide: sign_in::decide, if_absent: Gone },
            root: Some(RootRule::Alert(|_| RootAlert::SignInWithoutMfa)),
        },
        Trigger::UserCreated(_) => {
            Rule { user: LookUp { decide: lifecycle::created, if_absent: CreatedOrGone }, root: None }
        }
        Trigger::LoginProfileCreated => Rule {
            user: LookUp { decide: lifecycle::created, if_absent: CreatedOrGone },
            root: Some(RootRule::Alert(|actor| RootAlert::PasswordCreated {
                by_organization: actor.assumed_root,
            })),
        },
        Trigger::LoginProfileDeleted => Rule {
            user: LookUp { decide: lifecycle::password_deleted, if_absent: Gone },
            root: Some(RootRule::LookUp(RootAlert::PasswordRemoved)),
        },
        Trigger::UserDeleted => Rule { user: Settled(Reason::UserDeleted), root: None },
        Trigger::MfaDeactivated(_) => Rule {
            user: LookUp { decide: mfa_device::deactivated, if_absent: Gone },
            root: Some(RootRule::LookUp(RootAlert::MfaRemoved)),
        },
        Trigger::MfaEnabled(_) => Rule {
            user: LookUp { decide: mfa_device::enabled, if_absent: Gone },
            root: Some(RootRule::Alert(|actor| RootAlert::MfaEnrolled { by_agent: actor.via == Via::Agent })),
        },
        // IAM may not know the new name yet, nor a user who is tagged right after their creation.
        Trigger::UserTagged(_) | Trigger::UserUpdated { .. } => {
            Rule { user: LookUp { decide: guard::decide, if_absent: CreatedOrGone }, root: None }
        }
        Trigger::PolicyDetached(_)
        | Trigger::GroupLeft(_)
        | Trigger::UserUntagged(_)
        | Trigger::BoundarySet(_) => {
            Rule { user: LookUp { decide: guard::decide, if_absent: Gone }, root: None }
        }
        Trigger::GroupPolicyDetached { .. }
        | Trigger::GroupDeleted(_)
        | Trigger::GroupUpdated(_)
        | Trigger::PolicyDeleted(_)
        | Trigger::PolicyVersionDeleted(_)
        | Trigger::PolicyVersionCreated(_)
        | Trigger::DefaultVersionSet(_)
        | Trigger::EnforcerTouched(_) => Rule { user: Settled(Reason::NotOfAUser), root: None },
    }
}

/// What has to be looked up before an event can be decided.
#[derive(Debug)]
pub enum Ask<'a> {
    /// Nothing; the plan is already known.
    Settled(Plan),
    /// The IAM user the event is about.
    User(AskUser<'a>),
    /// Which events about root have already been reported.
    Root(AskRoot<'a>),
    /// The policies and groups of the quarantine.
    Quarantine(QuarantineCheck),
    /// Which events about the enforcer have already been reported, and whether its stack is being changed.
    Enforcer(AskEnforcer<'a>),
}

/// A lookup of an IAM user that is still to be answered.
#[derive(Debug)]
pub struct AskUser<'a> {
    event: &'a Event,
    name: &'a UserName,
    decide: fn(&Context<'_>, &Event) -> Plan,
    /// Reason to give if the user does not exist.
    absent: Reason,
    /// The same, while IAM's answers may still be older than the event.
    absent_while_fresh: Reason,
}

/// A lookup of the root alerts sent so far that is still to be answered.
#[derive(Debug)]
pub struct AskRoot<'a> {
    event: &'a Event,
    rule: RootRule,
}

/// What has to be looked up for `event`.
///
/// ```
/// use mfa_enforcer_core::decide::{Ask, ask};
/// use mfa_enforcer_core::event::{Deployment, Function, Reading, read};
///
/// let payload = include_str!("../../../../events/ConsoleLogin/bob-overdue-without-mfa.json");
/// let deployment = Deployment { account: "123456789012".to_owned(), ..Deployment::default() };
/// let Reading::Event(event) = read(payload, Function::SignIn, &deployment)? else { panic!("ignored") };
/// let Ask::User(question) = ask(&event) else { panic!("no user") };
/// assert_eq!(question.name().as_str(), "bob");
/// # Ok::<(), mfa_enforcer_core::event::Malformed>(())
/// ```
#[must_use]
pub fn ask(event: &Event) -> Ask<'_> {
    if let Trigger::EnforcerTouched(touched) = &event.trigger {
        return Ask::Enforcer(AskEnforcer { event, touched });
    }
    let rule = rule(&event.trigger);
    match (&event.subject, rule.user, rule.root) {
        (Subject::Root, _, Some(rule)) => Ask::Root(AskRoot { event, rule }),
        (Subject::Quarantine, _, _) => Ask::Quarantine(QuarantineCheck::of_event(event)),
        (Subject::Enforcer, _, _) => Ask::Settled(Plan::nothing(Reason::NotOfAUser)),
        (Subject::Root, _, None) => Ask::Settled(Plan::nothing(Reason::NotForRoot)),
        (Subject::User(_), UserRule::Settled(reason), _) => Ask::Settled(Plan::nothing(reason)),
        (Subject::User(name), UserRule::LookUp { decide, if_absent }, _) => {
            let absent_while_fresh = match if_absent {
                IfAbsent::CreatedOrGone => Reason::UserNotVisibleYet,
                IfAbsent::Gone => Reason::UserGone,
            };
            Ask::User(AskUser { event, name, decide, absent: Reason::UserGone, absent_while_fresh })
        }
    }
}

impl AskUser<'_> {
    /// The user to look up.
    #[must_use]
    pub fn name(&self) -> &UserName {
        self.name
    }

    /// What else has to be looked up about this user before the answer.
    #[must_use]
    pub fn lookups(&self, user: &UserFacts, settings: &Settings, now: Timestamp) -> Vec<Lookup> {
        let trigger = &self.event.trigger;
        if trigger.spec().function == Function::Guard {
            return guard::lookups(self.event, user, settings, now);
        }
        // It neither ends a quarantine nor makes one complete, so the function may not even ask.
        if matches!(trigger, Trigger::SignIn) {
            return Vec::new();
        }
        let is_removal = matches!(trigger, Trigger::MfaDeactivated(_));
        let mut lookups = lookups(user, is_removal, settings, now);
        lookups.retain(|lookup| match lookup {
            Lookup::AccessKeys => !is_removal,
            // What an event does not detach.
            Lookup::AttachedBy => !hold::is_recorded(user),
            Lookup::Approval | Lookup::Traces | Lookup::Boundary(_) => true,
        });
        lookups
    }

    /// The plan, given what IAM says about the user at `now`. Pass `None` if the user does not exist.
    ///
    /// What [`AskUser::lookups`] names has to be looked up first.
    #[must_use]
    pub fn answer(&self, user: Option<&UserFacts>, settings: &Settings, now: Timestamp) -> Plan {
        let event = self.event;
        let Some(user) = user else {
            return Plan::nothing(if event.is_fresh(now) { self.absent_while_fresh } else { self.absent });
        };
        if event.is_about_an_earlier_user(&user.id, user.created) {
            return Plan::nothing(Reason::EarlierUser);
        }
        let occasion = Occasion::Event(Box::new(event.clone()));
        let user = kept::as_it_is(&self.current(user), event, now);
        (self.decide)(&Context::new(&occasion, &user, settings, now), event)
    }

    /// The plan after a plan for `first` was carried out, given what IAM says about the user now. See [`After`].
    #[must_use]
    pub fn look_again(
        &self,
        after: After<'_>,
        first: &UserFacts,
        second: Option<&UserFacts>,
        settings: &Settings,
        now: Timestamp,
    ) -> SecondPlan {
        let occasion = Occasion::Event(Box::new(self.event.clone()));
        let second = second.map(|second| self.current(second));
        second_look::decide(after, &occasion, first, second.as_ref(), settings, now)
    }

    /// The user without the device or the approval that the event says was removed, which IAM may still show, and with the
    /// approval that it tells of.
    fn current(&self, user: &UserFacts) -> UserFacts {
        if let Trigger::MfaDeactivated(serial) = &self.event.trigger {
            return user.without_device(serial, self.event.source.time);
        }
        approval::as_event_says(user, self.event)
    }
}

impl AskRoot<'_> {
    /// Whether the plan depends on what `GetAccountSummary` says about root.
    #[must_use]
    pub fn needs_summary(&self) -> bool {
        matches!(self.rule, RootRule::LookUp(_))
    }

    /// The plan, given which events about root have already been reported, and the summary if it was needed. Pass
    /// `None` if it could not be read: then the alert is the more serious one.
    #[must_use]
    pub fn answer(self, ledger: &RootLedger, summary: Option<AccountSummary>, settings: &Settings) -> Plan {
        let alert = match self.rule {
            RootRule::Alert(alert) => alert(&self.event.actor),
            RootRule::LookUp(alert) => alert(RootCredentials::of(summary)),
        };
        Reporter { occasion: &Occasion::Event(Box::new(self.event.clone())), ledger, settings }.root(alert)
    }
}

/// Decides what a sweep does about a user, given their state at `now`. An hourly sweep leaves to the daily one what can
/// wait.
#[must_use]
pub fn sweep_user(request: &SweepRequest, user: &UserFacts, settings: &Settings, now: Timestamp) -> Plan {
    let plan = sweep_rules::decide(&Context::new(&Occasion::Sweep(request.clone()), user, settings, now));
    if request.is_hourly() { hourly::narrowed(plan) } else { plan }
}

/// The plan to contain a user after IAM refused to record the notice of `first`, if the deadline is a day ago.
#[must_use]
pub fn contain_unrecorded(
    first: &Plan,
    request: &SweepRequest,
    user: &UserFacts,
    settings: &Settings,
    now: Timestamp,
) -> Option<Plan> {
    let is_told = user.is_unrecordable && !matches!(first.reason, Reason::Contain(_));
    let plan = is_told.then(|| sweep_user(request, user, settings, now))?;
    (plan.reason == Reason::Contain(Cause::DeadlinePassed)).then_some(plan)
}

/// Decides whether a sweep alerts the administrators that these users wait until sweeps may contain more within a day:
/// once a day.
#[must_use]
pub fn quarantines_held(
    request: &SweepRequest,
    users: Vec<String>,
    ledger: &RootLedger,
    settings: &Settings,
) -> Plan {
    if users.is_empty() {
        return Plan::nothing(Reason::NotContained);
    }
    let occasion = Occasion::Sweep(of_the_day(request, "held"));
    let limited_hourly = settings.hourly_limits.is_some_and(HourlyLimits::any);
    let alert = AccountAlert::QuarantinesHeld { users, limited_hourly };
    Reporter { occasion: &occasion, ledger, settings }.account(alert)
}

/// Decides whether a sweep alerts the administrators that no trail logs the events: once a day, in every mode.
#[must_use]
pub fn no_trail(request: &SweepRequest, trails: &Trails, ledger: &RootLedger, settings: &Settings) -> Plan {
    match trails {
        Trails::Nowhere => {
            let occasion = Occasion::Sweep(of_the_day(request, "trail"));
            Reporter { occasion: &occasion, ledger, settings }.defence(AccountAlert::NoTrail)
        }
        // These are findings of the sweep.
        Trails::EveryRegion | Trails::OneRegion | Trails::Unknown(_) => Plan::nothing(Reason::EventsLogged),
    }
}

/// The sweep as all of its day are called, for an alert that is sent once a day.
fn of_the_day(request: &SweepRequest, about: &str) -> SweepRequest {
    let day = request.of_the_day();
    let id = EventId::new(&format!("{about}-{}", day.id)).unwrap_or_else(|| day.id.clone());
    SweepRequest { id, ..day }
}

/// The plan after a sweep's plan for `first` was carried out, given what IAM says about the user now. See [`After`].
#[must_use]
pub fn look_again(
    after: After<'_>,
    request: &SweepRequest,
    first: &UserFacts,
    second: Option<&UserFacts>,
    settings: &Settings,
    now: Timestamp,
) -> SecondPlan {
    second_look::decide(after, &Occasion::Sweep(request.clone()), first, second, settings, now)
}

/// Decides what a sweep does about root. The same alert is sent only once a day.
#[must_use]
pub fn sweep_root(request: &SweepRequest, mfa: RootMfa, ledger: &RootLedger, settings: &Settings) -> Plan {
    match mfa {
        RootMfa::Missing => {
            let occasion = Occasion::Sweep(request.of_the_day());
            Reporter { occasion: &occasion, ledger, settings }.root(RootAlert::MfaMissing)
        }
        // Not knowing is no reason for an alert; the digest mentions it.
        RootMfa::VirtualPresent
        | RootMfa::NonVirtualOnly
        | RootMfa::NoCredentials
        | RootMfa::NoConsole
        | RootMfa::NotThere
        | RootMfa::Unknown => Plan::nothing(Reason::RootHasMfa),
    }
}
