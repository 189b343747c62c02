//! The text message: one part of 160 characters, in ASCII.

use super::words::who;
use super::{Kind, Notice};

/// One SMS holds 160 characters of its basic alphabet.
pub(super) const LIMIT: usize = 160;

/// The text. Long names are cut, never the link.
pub(super) fn text(notice: &Notice) -> String {
    let account = &notice.event.source.account;
    let link = notice.partition.sign_in_url(account);
    let with_link = |start: &str| {
        format!("AWS {}: {start} Sign in, open Security credentials: {link}", short(who(notice)))
    };
    let text = match &notice.kind {
        Kind::Welcome { deadline } => {
            with_link(&format!("please set up MFA by {}.", deadline.strftime("%-d %b %Y")))
        }
        Kind::Reminder { .. } => with_link("sign-in without MFA. Please set it up."),
        Kind::Quarantined { .. } | Kind::QuarantineReminder => {
            with_link("access limited until you set up MFA.")
        }
        Kind::Released { was_contained: true, .. } => {
            format!("AWS {}: your access to account {account} is back. Thank you.", short(who(notice)))
        }
        Kind::Released { was_contained: false, .. } => {
            format!("AWS {}: MFA is on for account {account}. Thank you.", short(who(notice)))
        }
        Kind::ForeignEnrolment(_) | Kind::ContainmentFailed { .. } | Kind::Root(_) => {
            format!(
                "AWS account {account}: {} alert, event {}",
                notice.kind.severity().code(),
                notice.event.source.id
            )
        }
    };
    text.chars().take(LIMIT).collect()
}

fn short(name: &str) -> String {
    if name.len() <= 15 { name.to_owned() } else { name.chars().take(12).chain("...".chars()).collect() }
}
