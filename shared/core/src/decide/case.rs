//! One event about one user, with everything that the decision looks at.

use super::is_fresh;
use crate::contact::Contact;
use crate::event::Event;
use crate::facts::UserFacts;
use crate::mark::{Said, What};
use crate::notice::{Audience, Channel, Done, Kind, Notice, Person};
use crate::plan::{Plan, Reason, Step};
use crate::posture::{Finding, Posture, exemption_finding, posture};
use crate::settings::{Mode, Settings};
use jiff::Timestamp;

pub(super) struct Case<'a> {
    pub(super) event: &'a Event,
    pub(super) user: &'a UserFacts,
    pub(super) settings: &'a Settings,
    pub(super) now: Timestamp,
    pub(super) posture: Posture,
    pub(super) said: Option<Said>,
    contact: Contact,
    findings: Vec<Finding>,
}

impl<'a> Case<'a> {
    pub(super) fn new(event: &'a Event, user: &'a UserFacts, settings: &'a Settings, now: Timestamp) -> Self {
        let (contact, mut findings) = Contact::of(user, settings);
        findings.extend(exemption_finding(user, now));
        Self {
            event,
            user,
            settings,
            now,
            posture: posture(user, settings, now),
            said: user.said(),
            contact,
            findings,
        }
    }

    pub(super) fn is_fresh(&self) -> bool {
        is_fresh(self.event, self.now)
    }

    /// The quarantine policy is attached, or the user is in the quarantine group.
    pub(super) fn is_contained(&self) -> bool {
        self.has_policy() || self.in_group().is_some()
    }

    /// Something of a quarantine is left: the policy, the group, the tag, or that the last word was one of it.
    pub(super) fn has_release_coming(&self) -> bool {
        self.is_contained()
            || self.user.containment().is_some()
            || self.has_said(&[What::Quarantined, What::QuarantineReminder], Timestamp::MIN)
    }

    pub(super) fn has_policy(&self) -> bool {
        self.user.attached_policies.contains(&self.settings.policy_arn)
    }

    /// The quarantine group, if the user is in it.
    pub(super) fn in_group(&self) -> Option<&'a String> {
        let group = self.settings.group.as_ref()?;
        // Group names, like user names, are unique without regard to case.
        self.user.groups.iter().any(|own| own.eq_ignore_ascii_case(group)).then_some(group)
    }

    /// This very event has been reported to the end.
    pub(super) fn has_told_of_event(&self) -> bool {
        self.said.as_ref().is_some_and(|said| said.event == self.event.source.id)
    }

    /// The last thing said was one of these, at or after `since`.
    pub(super) fn has_said(&self, what: &[What], since: Timestamp) -> bool {
        self.said.as_ref().is_some_and(|said| what.contains(&said.what) && said.at >= since)
    }

    pub(super) fn notice(&self, kind: Kind, audience: Audience, done: Vec<Done>) -> Notice {
        let for_user = match audience {
            Audience::User | Audience::UserAndAdmins => true,
            Audience::Admins => false,
        };
        Notice {
            kind,
            event: self.event.clone(),
            user: Some(Person { name: self.user.name.to_string(), id: self.user.id.clone() }),
            partition: self.settings.partition(),
            mode: self.settings.mode,
            scope: self.settings.scope,
            done,
            findings: self.findings.clone(),
            channels: if for_user { self.channels() } else { Vec::new() },
            audience,
        }
    }

    fn channels(&self) -> Vec<Channel> {
        let topic = self.contact.email.clone().map(|email| Channel::Topic {
            name: format!("{}{}", self.settings.user_topic_prefix, self.user.id),
            email,
        });
        let sms = self.contact.phone.clone().map(|phone| Channel::Sms { phone });
        topic.into_iter().chain(sms).collect()
    }

    pub(super) fn notify(&self, kind: Kind, audience: Audience, done: Vec<Done>) -> Step {
        Step::Notify(Box::new(self.notice(kind, audience, done)))
    }

    pub(super) fn mark(&self, what: What) -> Step {
        let said = Said { what, at: self.now, event: self.event.source.id.clone() };
        Step::MarkUser { user: self.user.name.clone(), value: said.to_string() }
    }

    pub(super) fn nothing(&self, reason: Reason) -> Plan {
        self.plan(reason, Vec::new())
    }

    /// The plan with these steps, as far as `MODE` lets them be done.
    pub(super) fn plan(&self, reason: Reason, steps: Vec<Step>) -> Plan {
        let allowed = |step: &Step| match self.settings.mode {
            Mode::Observe => false,
            Mode::Notify => !step.changes_containment(),
            Mode::Enforce => true,
        };
        let (steps, withheld) = steps.into_iter().partition(allowed);
        Plan {
            posture: Some(self.posture),
            reason,
            steps,
            withheld,
            if_refused: None,
            findings: self.findings.clone(),
        }
    }
}

impl Plan {
    /// The empty plan for a subject of whom nothing is known.
    pub(super) fn nothing(reason: Reason) -> Self {
        Self {
            posture: None,
            reason,
            steps: Vec::new(),
            withheld: Vec::new(),
            if_refused: None,
            findings: Vec::new(),
        }
    }
}
