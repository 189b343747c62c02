//! What is done about the quarantine itself: its policies and groups, by the guard after an event, and by each sweep.
//!
//! First the [repairs](QuarantineCheck::repairs): a version with the right text is put in force, and a group gets its
//! policy. They write no text, since no role may. Then, after a second look, the [report](QuarantineCheck::report) says
//! what came of it. Where a text is lost, users are not moved to the spare here: a sweep does that by the ordinary rules
//! for each user, and the guard orders one at once.
//!
//! `notify` makes repairs too: the stack's own policies and groups are put back as they were deployed, and nobody is put
//! under them who was not. A changed text may also grant what it likes to those who have it.

use super::owed_word;
use super::root_alert::Reporter;
use crate::event::{Event, EventId, Occasion, SweepRequest, Trigger, Via};
use crate::facts::RootLedger;
use crate::notice::{Lost, QuarantineAlert, Rest};
use crate::plan::{Plan, Step};
use crate::policy_text::Document;
use crate::quarantine::Restriction;
use crate::quarantine_look::{GroupSeen, QuarantineSeen, Text, groups_of, in_force, policies_of};
use crate::reason::Reason;
use crate::repair::Repair;
use crate::settings::{Mode, Settings};
use crate::stack::StackState;
use jiff::Timestamp;

/// A check of the quarantine: of what an event is about, or of all of it.
#[derive(Debug, Clone)]
pub struct QuarantineCheck {
    occasion: Occasion,
}

/// What came to light, and what became of it.
struct Told {
    alert: QuarantineAlert,
    /// Names the policy or group; empty if the event names it.
    about: String,
    /// Names what became of it, for the record of a sweep.
    key: String,
    /// Whether it is as it should be again. If not, it is told once a day.
    is_over: bool,
}

impl QuarantineCheck {
    /// A check by the guard, after an event about the quarantine.
    #[must_use]
    pub fn of_event(event: &Event) -> Self {
        Self { occasion: Occasion::Event(Box::new(event.clone())) }
    }

    /// A check by a sweep.
    #[must_use]
    pub fn of_sweep(request: &SweepRequest) -> Self {
        Self { occasion: Occasion::Sweep(request.clone()) }
    }

    /// The policies to look at. None if the event is about one that is not in force: nobody has to be under it.
    #[must_use]
    pub fn policies(&self, settings: &Settings) -> Vec<String> {
        policies_of(&self.checked(settings))
    }

    /// The groups to look at.
    #[must_use]
    pub fn groups(&self, settings: &Settings) -> Vec<String> {
        groups_of(&self.checked(settings))
    }

    fn checked<'s>(&self, settings: &'s Settings) -> Vec<&'s Restriction> {
        let mut checked = in_force(settings);
        if let Occasion::Event(event) = &self.occasion {
            let (policy, group) = event.trigger.policy_and_group();
            checked.retain(|restriction| {
                policy.is_some_and(|arn| restriction.has_policy(arn))
                    || group.is_some_and(|name| is_group(restriction, name))
            });
        }
        checked
    }

    /// The repairs that are possible, given what was reported so far.
    #[must_use]
    pub fn repairs(
        &self,
        seen: &QuarantineSeen,
        ledger: &RootLedger,
        settings: &Settings,
        now: Timestamp,
    ) -> Plan {
        let mut repairs = Vec::new();
        // What is missing may be on its way, or about to be deleted with the stack.
        let checked = if is_in_progress(seen, now) { Vec::new() } else { self.checked(settings) };
        for restriction in checked {
            for policy in [&restriction.policy].into_iter().chain(&restriction.spare) {
                if let Text::Changed { right: Some(version) } = seen.text(policy, settings, now) {
                    repairs.push(Repair::SetDefaultVersion { policy: policy.clone(), version });
                }
            }
            repairs.extend(of_group(restriction, seen, settings, now));
        }
        let reason = if repairs.is_empty() { Reason::QuarantineWhole } else { Reason::QuarantineRepaired };
        let abouts: Vec<String> =
            repairs.iter().filter_map(|repair| self.to_tell(repair, seen, settings)).collect();
        // An event that is delivered again tells by itself what was undone.
        let note = owed_word::note(ledger, &abouts).filter(|_| self.occasion.is_sweep());
        plan(reason, note.into_iter().chain(repairs.into_iter().map(Step::Repair)).collect(), settings)
    }

    /// Names what the administrators hear of this repair; `None` if that is nothing: a group that has the policy gets the
    /// spare besides without a word.
    fn to_tell(&self, repair: &Repair, seen: &QuarantineSeen, settings: &Settings) -> Option<String> {
        match repair {
            Repair::SetDefaultVersion { policy, .. } => Some(about_policy(policy, settings)),
            Repair::AttachToGroup { group, .. } => {
                let mut checked = self.checked(settings).into_iter();
                let restriction = checked.find(|restriction| restriction.group.as_ref() == Some(group))?;
                (contains(restriction, seen) == Some(false)).then(|| about_group(group))
            }
        }
    }

    /// What the administrators hear, given what was seen before the repairs and after them, and what was reported so far.
    #[must_use]
    pub fn report(
        &self,
        before: &QuarantineSeen,
        after: &QuarantineSeen,
        ledger: &RootLedger,
        settings: &Settings,
        now: Timestamp,
    ) -> Plan {
        let checked = self.checked(settings);
        if checked.is_empty() {
            return Plan::nothing(Reason::NotInForce);
        }
        if let Some(waits) = self.waits(after, settings, now) {
            return waits;
        }
        let mut told: Vec<Told> = Vec::new();
        for restriction in checked {
            told.extend(of_texts(restriction, before, after, ledger, settings, now));
            told.extend(self.of_group(restriction, before, after, ledger));
        }
        let undone = self.undone_meanwhile(after, settings, now).filter(|_| told.is_empty());
        told.extend(undone);
        let is_lost = !self.occasion.is_sweep() && told.iter().any(|told| !told.is_over);
        let queue = after.stack.as_ref().and_then(StackState::sweep_queue).filter(|_| is_lost);
        let orders = queue.map(|queue| Step::OrderSweep {
            queue: queue.to_owned(),
            id: self.occasion.id().clone(),
            time: now,
        });
        let mut report = self.alerts(told, ledger, settings);
        let steps = match settings.mode {
            Mode::Observe => &mut report.withheld,
            Mode::Notify | Mode::Enforce => &mut report.steps,
        };
        // Before anybody is told: it contains.
        steps.splice(..0, orders);
        report
    }

    /// While the stack is being changed, nobody can tell whether a text is the new one or somebody else's. A fresh event
    /// comes again, and after that the next sweep looks.
    fn waits(&self, seen: &QuarantineSeen, settings: &Settings, now: Timestamp) -> Option<Plan> {
        let are_right =
            self.policies(settings).iter().all(|arn| seen.text(arn, settings, now) == Text::Intact);
        let mut restrictions = self.checked(settings).into_iter();
        let are_whole = restrictions.all(|restriction| {
            let group = restriction.group.as_ref();
            group.is_none_or(|group| seen.group_has(group, &restriction.policy) != Some(false))
        });
        let is_unsettled = is_in_progress(seen, now) && !(are_right && are_whole);
        let reason = match &self.occasion {
            Occasion::Event(event) if event.is_fresh(now) => Reason::StackInProgress,
            Occasion::Event(_) | Occasion::Sweep(_) => Reason::StackStillInProgress,
        };
        is_unsettled.then(|| Plan::nothing(reason))
    }

    /// What was found of a group.
    fn of_group(
        &self,
        restriction: &Restriction,
        before: &QuarantineSeen,
        after: &QuarantineSeen,
        ledger: &RootLedger,
    ) -> Option<Told> {
        let group = restriction.group.as_ref()?;
        let about = about_group(group);
        let had = contains(restriction, before).map(|had| had && !owed_word::is_owed(ledger, &about));
        let alert = match (had, contains(restriction, after), after.group(group)) {
            (_, Some(false), Some(GroupSeen::Gone)) => {
                QuarantineAlert::GroupGone { group: group.clone(), renamed: self.new_name() }
            }
            (_, Some(false), _) => QuarantineAlert::GroupLost { group: group.clone() },
            (Some(false), Some(true), _) => QuarantineAlert::GroupRestored { group: group.clone() },
            (_, Some(true) | None, _) => return None,
        };
        let is_over = matches!(alert, QuarantineAlert::GroupRestored { .. });
        Some(Told { alert, key: about.clone(), about, is_over })
    }

    /// The name that the group got by the event.
    fn new_name(&self) -> Option<String> {
        let Occasion::Event(event) = &self.occasion else { return None };
        if let Trigger::GroupUpdated(update) = &event.trigger { update.to.clone() } else { None }
    }

    /// All is well, although the event put another text in force or took the policy from a group: it was undone before
    /// this look, perhaps by a run of the guard that was cut short before it told anybody. If a service made the call,
    /// `CloudFormation` was at work.
    fn undone_meanwhile(&self, seen: &QuarantineSeen, settings: &Settings, now: Timestamp) -> Option<Told> {
        let Occasion::Event(event) = &self.occasion else { return None };
        let put = |policy: &String| QuarantineAlert::PolicyRestored { policy: policy.clone() };
        let (policy, _) = event.trigger.policy_and_group();
        let is_intact = policy.is_none_or(|policy| seen.text(policy, settings, now) == Text::Intact);
        let alert = if let Trigger::GroupPolicyDetached { group, policy } = &event.trigger {
            (seen.group_has(group, policy) == Some(true))
                .then(|| QuarantineAlert::GroupRestored { group: group.clone() })
        } else if !is_intact {
            // What could not be read is not called restored.
            None
        } else if let Trigger::DefaultVersionSet(set) = &event.trigger {
            (seen.in_force(&set.policy) != set.version.as_deref()).then(|| put(&set.policy))
        } else if let Trigger::PolicyVersionCreated(new) = &event.trigger {
            let document = Document::of(&new.policy, settings);
            let grade =
                document.zip(new.document.as_ref()).and_then(|(document, text)| seen.grade(document, text));
            (new.in_force && grade < seen.grade_in_force(&new.policy, settings)).then(|| put(&new.policy))
        } else {
            None
        };
        let alert = alert.filter(|_| event.actor.via != Via::Service)?;
        Some(Told { alert, about: String::new(), key: String::new(), is_over: true })
    }

    /// The alerts that are not on record. What was put right is told by the event, or by the sweep that did it; what is
    /// lost once a day.
    fn alerts(&self, told: Vec<Told>, ledger: &RootLedger, settings: &Settings) -> Plan {
        if told.is_empty() {
            return Plan::nothing(Reason::QuarantineWhole);
        }
        let is_broken = told.iter().any(|told| !told.is_over);
        let abouts: Vec<String> = told.iter().map(|told| told.about.clone()).collect();
        let (noted, ledger) = (ledger, &owed_word::without(ledger, &abouts));
        let is_new = |told: &Told| !ledger.has(&self.id(told));
        let new: Vec<Told> = told.into_iter().filter(is_new).collect();
        if new.is_empty() {
            return plan(Reason::AlreadySaid, owed_word::forget(noted, ledger), settings);
        }
        let mut ids: Vec<EventId> = new.iter().map(|told| self.id(told)).collect();
        ids.dedup();
        let reason = if is_broken { Reason::QuarantineBroken } else { Reason::QuarantineRepaired };
        let alerts = new.into_iter().map(|told| told.alert).collect();
        Reporter { occasion: &self.occasion, ledger, settings }.quarantine(alerts, &ids, reason)
    }

    /// The id under which an alert is recorded: that of the event, or of what is lost on that day. Whoever deletes a policy
    /// detaches it first and deletes its versions, and none of these events and no sweep of the day says it again. If a
    /// retry of the event puts it right, that is told too.
    fn id(&self, told: &Told) -> EventId {
        let day = self.occasion.time().strftime("%Y%m%d");
        let daily = EventId::new(&format!("lost-{}-{day}", told.key)).filter(|_| !told.is_over);
        let restored = || match &self.occasion {
            Occasion::Event(event) => event.source.id.clone(),
            Occasion::Sweep(request) => {
                EventId::new(&format!("{}-{}", told.key, request.id)).unwrap_or_else(|| request.id.clone())
            }
        };
        daily.unwrap_or_else(restored)
    }
}

/// The repair of a group without the policy in force.
fn of_group(
    restriction: &Restriction,
    seen: &QuarantineSeen,
    settings: &Settings,
    now: Timestamp,
) -> Option<Repair> {
    let group = restriction.group.as_ref()?;
    // Where the text is lost, its members are contained by the spare: they may have no room for a policy of their own.
    let spare = restriction.spare.as_ref().filter(|spare| seen.text(spare, settings, now) == Text::Intact);
    let policy = match (seen.text(&restriction.policy, settings, now), spare) {
        (Text::Changed { right: None } | Text::Gone, Some(spare)) => spare,
        (Text::Gone, None) => return None,
        (Text::Intact | Text::Changed { .. } | Text::Unknown, _) => &restriction.policy,
    };
    let is_there = matches!(seen.group(group), Some(GroupSeen::Policies(_)));
    let lacks = is_there && seen.group_has(group, policy) == Some(false);
    lacks.then(|| Repair::AttachToGroup { group: group.clone(), policy: policy.clone() })
}

/// What was found of the texts of a policy and its spare.
fn of_texts(
    restriction: &Restriction,
    before: &QuarantineSeen,
    after: &QuarantineSeen,
    ledger: &RootLedger,
    settings: &Settings,
    now: Timestamp,
) -> Vec<Told> {
    let text = |arn: &String| after.text(arn, settings, now);
    let policy_is_lost = text(&restriction.policy).is_lost();
    let spare_is_sound = restriction.spare.as_ref().is_some_and(|spare| text(spare) == Text::Intact);
    let mut told = Vec::new();
    for policy in [&restriction.policy].into_iter().chain(&restriction.spare) {
        let is_spare = *policy != restriction.policy;
        let about = about_policy(policy, settings);
        let was_lost = before.text(policy, settings, now).is_lost() || owed_word::is_owed(ledger, &about);
        let how = match text(policy) {
            Text::Changed { right: Some(version) } => Lost::NotPutBack(version),
            Text::Changed { right: None } => Lost::Changed,
            Text::Gone => Lost::Gone,
            Text::Intact if was_lost => {
                let alert = QuarantineAlert::PolicyRestored { policy: policy.clone() };
                told.push(Told { alert, key: about.clone(), about, is_over: true });
                continue;
            }
            Text::Intact | Text::Unknown => continue,
        };
        let rest = match (is_spare, policy_is_lost) {
            (false, _) if spare_is_sound => Rest::Spare,
            (false, _) => Rest::Nothing,
            (true, false) => Rest::Policy,
            // What is said of the policy says it.
            (true, true) => continue,
        };
        let key = format!("{about}-{}", how.code());
        let alert = QuarantineAlert::PolicyLost {
            policy: policy.clone(),
            document: Document::of(policy, settings).map_or("console", Document::code),
            how,
            rest,
        };
        told.push(Told { alert, about, key, is_over: false });
    }
    told
}

/// Whether members of the group are contained, by the policy or by its spare; `None` if that is not known.
fn contains(restriction: &Restriction, seen: &QuarantineSeen) -> Option<bool> {
    let group = restriction.group.as_ref()?;
    let policies = [&restriction.policy].into_iter().chain(&restriction.spare);
    policies.map(|policy| seen.group_has(group, policy)).max().flatten()
}

/// Names a group in a record.
fn about_group(group: &str) -> String {
    format!("group-{}", end_of(group))
}

/// Names a policy in a record, as shortly as it can be told from the others.
fn about_policy(policy: &str, settings: &Settings) -> String {
    let document = Document::of(policy, settings).map_or("policy", Document::code);
    format!("{document}{}", if Document::is_spare(policy) { "-spare" } else { "" })
}

/// The end of a name, without what a record cannot hold.
fn end_of(name: &str) -> String {
    let allowed: Vec<char> = name.chars().filter(char::is_ascii_alphanumeric).collect();
    allowed.iter().skip(allowed.len().saturating_sub(24)).collect()
}

fn is_in_progress(seen: &QuarantineSeen, now: Timestamp) -> bool {
    seen.stack.as_ref().is_some_and(|stack| stack.is_in_progress(now))
}

fn is_group(restriction: &Restriction, name: &str) -> bool {
    restriction.group.as_ref().is_some_and(|group| group.eq_ignore_ascii_case(name))
}

/// A plan that repairs. `observe` changes nothing.
fn plan(reason: Reason, steps: Vec<Step>, settings: &Settings) -> Plan {
    match settings.mode {
        Mode::Observe => Plan { withheld: steps, ..Plan::nothing(reason) },
        Mode::Notify | Mode::Enforce => Plan { steps, ..Plan::nothing(reason) },
    }
}
