//! Writes every mail as HTML, as JSON by kind: those to a user, and the digest. The letterhead comes from the environment, as for the functions;
//! `NAME` is the user's name.

use jiff::tz::TimeZone;
use mfa_enforcer_core::digest::render;
use mfa_enforcer_core::notice::{ReleasedBy, UserMessage, UserNotice, for_user};
use mfa_enforcer_core::settings::{Letterhead, Settings};
use mfa_enforcer_core::tags::Cause;
use mfa_enforcer_testing::digests::{full, overdue};
use mfa_enforcer_testing::fixtures::{
    PHONE_SERIAL, decide_on, in_grace, now, occasion, settings_with, with_device,
};
use mfa_enforcer_testing::plans::user_notices;
use serde_json::{Map, json};
use std::io::{self, Write};
use std::{env, process};

#[expect(clippy::disallowed_methods, reason = "this program is the caller, who passes the variables")]
fn main() -> io::Result<()> {
    let letterhead = match Letterhead::from_variables(|name| env::var(name).ok()) {
        Ok(letterhead) => letterhead,
        Err(problems) => {
            writeln!(io::stderr(), "{problems}")?;
            process::exit(2);
        }
    };
    let settings = settings_with(&[("MAIL_FROM", "MFA Service <mfa@example.com>")]);
    let name = env::var("NAME").unwrap_or_else(|_| "alice".to_owned());
    let settings = Settings { letterhead, ..settings };
    let mut mails: Map<_, _> = notices(&settings, &name).iter().filter_map(mail).collect();
    mails.extend(digest(&settings, &name));
    io::stdout().write_all(json!(mails).to_string().as_bytes())
}

fn mail(notice: &UserNotice) -> Option<(String, serde_json::Value)> {
    let html = for_user(notice).mail?.html;
    Some((notice.message.kind().code().to_owned(), json!(html)))
}

/// The digest of a sweep that found something of every kind, and somebody with this name.
fn digest(settings: &Settings, name: &str) -> Option<(String, serde_json::Value)> {
    let mut digest = full();
    digest.statuses.push(overdue(name, 1));
    digest.account_name.clone_from(&settings.letterhead.account_name);
    digest.sender.clone_from(&settings.sender);
    let html = render(&digest, None).mail?.html;
    Some(("digest".to_owned(), json!(html)))
}

/// A notice with each message that there is, to a user with this name.
fn notices(settings: &Settings, name: &str) -> Vec<UserNotice> {
    let plan = decide_on(&occasion("ConsoleLogin"), &in_grace(), settings, now());
    let until = now().to_zoned_datetime(TimeZone::UTC).date();
    let (deadline, rest_until) = (now(), Some(now()));
    let messages = [
        UserMessage::Welcome { deadline },
        UserMessage::Reminder { cause: Cause::SignIn, deadline },
        UserMessage::Deadline { deadline, last: false },
        UserMessage::Deadline { deadline, last: true },
        UserMessage::Quarantined { cause: Cause::SignIn },
        UserMessage::QuarantineReminder,
        UserMessage::QuarantinedByHand,
        UserMessage::AwaitingApproval,
        UserMessage::ExemptionEnding { until, deadline },
        UserMessage::Released { by: ReleasedBy::Mfa, was_contained: true, rest_until },
    ];
    let with = |message, base: &UserNotice| {
        let mut notice = base.clone();
        name.clone_into(&mut notice.person.name);
        notice.devices = with_device(in_grace(), PHONE_SERIAL).devices;
        UserNotice { message, ..notice }
    };
    let bases = user_notices(&plan);
    bases.first().map(|base| messages.map(|message| with(message, base)).to_vec()).unwrap_or_default()
}
