//! The text message: one part of 160 characters, in ASCII.

use super::phrases::who;
use super::{Done, Kind, Notice, ReleasedBy};
use crate::tags::Cause;
use jiff::Timestamp;

/// One SMS holds 160 characters of its basic alphabet.
pub(super) const LIMIT: usize = 160;

/// The text. Long names are cut, never the link.
pub(super) fn text(notice: &Notice) -> String {
    let account = &notice.event.source.account;
    let name = short(who(notice));
    let link = notice.partition.security_credentials_url();
    let ask = |what: &str| format!("AWS {name}, account {account}: {what}: {link}");
    let text = match &notice.kind {
        Kind::Welcome { deadline } | Kind::Deadline { deadline, last: false } => {
            ask(&format!("set up MFA by {}", day(*deadline)))
        }
        Kind::Deadline { deadline, last: true } => {
            ask(&format!("access limited from {} unless MFA is set up", day(*deadline)))
        }
        Kind::Reminder { cause, deadline } => {
            let what = match cause {
                Cause::SignIn => "signed in without MFA",
                Cause::PasswordCreated | Cause::DeadlinePassed => "no MFA yet",
                Cause::MfaRemoved => "MFA was removed",
            };
            if notice.done.contains(&Done::WithheldByMode) {
                ask(&format!("{what}, set it up now"))
            } else {
                ask(&format!("{what}, set it up by {}", day(*deadline)))
            }
        }
        Kind::Quarantined { .. } | Kind::QuarantineReminder => ask("access limited until you set up MFA"),
        Kind::Released { by: ReleasedBy::PasswordRemoval, .. } => {
            format!("AWS {name}: your password for account {account} was removed.")
        }
        Kind::Released { was_contained: true, .. } => {
            format!("AWS {name}: your access to account {account} is back. Thank you.")
        }
        Kind::Released { was_contained: false, .. } => {
            format!("AWS {name}: MFA is on for account {account}. Thank you.")
        }
        Kind::ForeignEnrolment(_)
        | Kind::ContainmentFailed { .. }
        | Kind::ReleaseFailed { .. }
        | Kind::Root(_) => {
            let severity = notice.kind.severity().code();
            format!(
                "AWS account {account}: {severity}, {}, event {}",
                notice.kind.code(),
                notice.event.source.id
            )
        }
    };
    text.chars().take(LIMIT).collect()
}

fn day(time: Timestamp) -> String {
    time.strftime("%-d %b").to_string()
}

fn short(name: &str) -> String {
    if name.len() <= 15 { name.to_owned() } else { name.chars().take(12).chain("...".chars()).collect() }
}
