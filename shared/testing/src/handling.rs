//! What the core does about an event, in three parts: read, decide, render. For benchmarks, and for counts of
//! allocations.

use crate::fixtures::{
    KEY_SERIAL, compliant, contained, decide, function_of, in_grace, now, sample, settings_with, user,
    with_device,
};
use crate::plans;
use mfa_enforcer_core::event::{Event, Function, Reading, read};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::notice::{Delivery, Reach, Rendered};
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::settings::Settings;

/// An event, and what IAM says of the user.
pub struct Handling {
    /// What it is about, in words.
    pub name: &'static str,
    /// The event as it arrives.
    pub payload: String,
    function: Function,
    user: UserFacts,
    settings: Settings,
}

impl Handling {
    /// What arrives most, and what there is most to do about.
    pub fn all() -> Vec<Self> {
        let handling = |name, path: &str, user| Self {
            name,
            payload: sample(path),
            function: function_of(path.split('/').next().unwrap_or_default()),
            user,
            // The mail is rendered too.
            settings: settings_with(&[("MAIL_FROM", "MFA Service <mfa@example.com>")]),
        };
        let new = UserFacts { login_profile_created: Some(now()), ..user("newhire") };
        let enrolled = contained(with_device(user("heidi"), KEY_SERIAL));
        vec![
            handling("sign-in with MFA", "ConsoleLogin/mfa-used-dave", compliant()),
            handling("sign-in in grace", "ConsoleLogin/alice-in-grace-without-mfa", in_grace()),
            handling("overdue sign-in", "ConsoleLogin/bob-overdue-without-mfa", user("bob")),
            handling("sign-in of root", "ConsoleLogin/root-without-mfa", user("root")),
            handling("new password", "CreateLoginProfile/newhire-by-an-admin", new),
            handling("enrolment", "EnableMFADevice/heidi-contained-by-herself", enrolled),
        ]
    }

    /// Reads the event; `None` if it is to be ignored.
    pub fn read(&self) -> Option<Event> {
        match read(&self.payload, self.function, &self.settings.deployment).unwrap() {
            Reading::Event(event) => Some(*event),
            Reading::Ignored(_) => None,
        }
    }

    /// Decides what to do about it.
    pub fn decide(&self, event: &Event) -> Plan {
        decide(event, &self.user, &self.settings, now())
    }
}

/// Renders all messages of a plan: to the user, and to the administrators.
pub fn render(plan: &Plan) -> Vec<Rendered> {
    let mut rendered = Vec::new();
    for step in &plan.steps {
        if let Step::Notify(notice) = step {
            rendered.extend(plans::for_user(notice));
            rendered.extend(plans::for_admins(notice, Reach::Tried(Delivery::Sent)));
        }
    }
    rendered
}
