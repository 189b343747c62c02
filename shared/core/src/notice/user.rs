//! The message to the user: what happened, when, from where, by when, and what to do.
//!
//! For somebody who reads it at nine in the morning, has never heard of IAM, and should not have to ask.

use super::enrolment_steps::enrolment;
use super::phrases::{from_where, moment, who};
use super::{Done, Kind, Notice, ReleasedBy};
use crate::event::Trigger;
use crate::settings::{Mode, Scope};
use crate::tags::Cause;

/// Subject line: ASCII, under 100 characters (SNS takes no more).
pub(super) fn subject(notice: &Notice) -> String {
    let account = &notice.event.source.account;
    match &notice.kind {
        Kind::Welcome { .. } => format!("Welcome to AWS account {account}: please set up MFA"),
        Kind::Reminder { .. } => format!("Reminder: please set up MFA for AWS account {account}"),
        Kind::Deadline { last: false, .. } => {
            format!("Reminder: please set up MFA for AWS account {account}")
        }
        Kind::Deadline { last: true, .. } => {
            format!("Last reminder: set up MFA for AWS account {account} now")
        }
        Kind::Quarantined { .. } | Kind::QuarantineReminder => {
            format!("Your access to AWS account {account} is limited until you set up MFA")
        }
        Kind::Released { by: ReleasedBy::PasswordRemoval, .. } => {
            format!("Your password for AWS account {account} was removed")
        }
        Kind::Released { was_contained: true, .. } => {
            format!("Your access to AWS account {account} is back")
        }
        Kind::Released { was_contained: false, .. } => {
            format!("Thank you: MFA is on for AWS account {account}")
        }
        // INVARIANT: never for a user, see `Audience`.
        Kind::ForeignEnrolment(_)
        | Kind::ContainmentFailed { .. }
        | Kind::ReleaseFailed { .. }
        | Kind::Root(_) => {
            format!("About AWS account {account}")
        }
    }
}

/// The message, in plain text.
pub(super) fn body(notice: &Notice) -> String {
    let mut parts = vec![format!("Hello {},", who(notice)), capitalised(&opening(notice)), facts(notice)];
    if asks_for_mfa(&notice.kind) {
        parts.push(enrolment(notice));
    }
    parts.push(footer(notice));
    parts.join("\n\n").replace("\n\n\n", "\n\n")
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn opening(notice: &Notice) -> String {
    let account = &notice.event.source.account;
    match &notice.kind {
        Kind::Welcome { deadline } => format!(
            "you have a new password for AWS account {account}. Please protect it with\n\
             multi-factor authentication (MFA): a second proof, besides the password,\n\
             that it is really you. You can do it yourself, right now. (If the first\n\
             sign-in asks you to change the password, do that first.)\n\n\
             Please do it by {}.\n\
             {}",
            moment(*deadline),
            after_that(notice.mode)
        ),
        Kind::Reminder { cause, deadline } => reminder(*cause, account, &moment(*deadline), notice),
        Kind::Deadline { deadline, last } => deadline_words(account, &moment(*deadline), *last, notice.mode),
        Kind::Quarantined { cause } => format!(
            "{}\n\
             For your safety your access is limited for now: you can sign in and set up\n\
             MFA (a second proof, besides the password, that it is really you), and\n\
             nothing else. {}\n\n\
             You can end this yourself in about five minutes. Your access comes back\n\
             by itself as soon as you sign in with MFA. Until then, other pages of the\n\
             console show errors; that is expected.",
            quarantine_cause(*cause, account),
            keys(notice.scope)
        ),
        Kind::QuarantineReminder => format!(
            "{}\n\n\
             You can end this yourself in about five minutes. Your access comes back\n\
             by itself as soon as you sign in with MFA.",
            still_limited(notice)
        ),
        Kind::Released { by: ReleasedBy::Mfa, was_contained: true } => format!(
            "thank you: MFA is on, and the limits on your access to AWS account\n\
             {account} are lifted. If something still does not work, sign out and sign\n\
             in again with your new device. If an earlier sign-in was not yours, change\n\
             your password now."
        ),
        Kind::Released { by: ReleasedBy::Mfa, was_contained: false } => format!(
            "thank you: MFA is on for your user in AWS account {account}. There is\n\
             nothing more to do."
        ),
        Kind::Released { by: ReleasedBy::PasswordRemoval, .. } => format!(
            "your password for AWS account {account} was removed, and the limits on\n\
             your user are lifted. There is nothing for you to do."
        ),
        Kind::Released { by: ReleasedBy::Exemption, .. } => format!(
            "an administrator has exempted your user in AWS account {account} from MFA,\n\
             and the limits on your access are lifted. There is nothing for you to do."
        ),
        // INVARIANT: never for a user, see `Audience`.
        Kind::ForeignEnrolment(_)
        | Kind::ContainmentFailed { .. }
        | Kind::ReleaseFailed { .. }
        | Kind::Root(_) => String::new(),
    }
}

/// What the deadline brings. Only mode `enforce` brings it for certain.
fn after_that(mode: Mode) -> &'static str {
    match mode {
        Mode::Enforce => "After that, your access is limited until MFA is set up.",
        Mode::Observe | Mode::Notify => "After that, your access may be limited until MFA is set up.",
    }
}

fn deadline_words(account: &str, deadline: &str, last: bool, mode: Mode) -> String {
    let (opening, by_when) = match (last, mode) {
        (true, Mode::Enforce) => (
            "this is the last reminder: your",
            format!(
                "From {deadline} on, your access is limited:\n\
                 you can then sign in and set up MFA, and nothing else."
            ),
        ),
        (true, Mode::Observe | Mode::Notify) => {
            ("this is the last reminder: your", format!("Please do it by {deadline}.\n{}", after_that(mode)))
        }
        (false, _) => ("your", format!("Please do it by {deadline}.\n{}", after_that(mode))),
    };
    format!(
        "{opening} user in AWS account {account} has no\n\
         multi-factor authentication (MFA) yet: a second proof, besides the\n\
         password, that it is really you. You can set it up yourself, right now.\n\n\
         {by_when}"
    )
}

fn still_limited(notice: &Notice) -> String {
    let account = &notice.event.source.account;
    if notice.event.trigger == Trigger::Sweep {
        format!(
            "your access to AWS account {account} is still limited, because your\n\
             user has no multi-factor authentication (MFA).\n\
             {}",
            keys(notice.scope)
        )
    } else {
        format!(
            "you signed in to AWS account {account} without MFA, and your access is\n\
             still limited. {}",
            keys(notice.scope)
        )
    }
}

fn reminder(cause: Cause, account: &str, deadline: &str, notice: &Notice) -> String {
    let what = match cause {
        Cause::SignIn => format!("you signed in to AWS account {account} with your password alone."),
        Cause::PasswordCreated | Cause::DeadlinePassed => {
            format!("you have a password for AWS account {account}, but no MFA.")
        }
        Cause::MfaRemoved => format!("your last MFA device for AWS account {account} was removed."),
    };
    let by_when = if notice.done.contains(&Done::WithheldByMode) {
        "It is due now: your access may be limited at any time until MFA is set up.".to_owned()
    } else {
        format!("Please do it by {deadline}.\n{}", after_that(notice.mode))
    };
    format!(
        "{what}\n\
         Please set up multi-factor authentication (MFA): a second proof, besides\n\
         the password, that it is really you. You can do it yourself, right now.\n\n\
         {by_when}"
    )
}

fn quarantine_cause(cause: Cause, account: &str) -> String {
    match cause {
        Cause::SignIn => format!(
            "you signed in to AWS account {account} with your password alone, and the\n\
             time to set up multi-factor authentication (MFA) is over."
        ),
        Cause::PasswordCreated => format!(
            "your user in AWS account {account} has a password, but no multi-factor\n\
             authentication (MFA)."
        ),
        Cause::MfaRemoved => format!(
            "the last device for multi-factor authentication (MFA) of your user in AWS\n\
             account {account} was removed."
        ),
        Cause::DeadlinePassed => format!(
            "the time to set up multi-factor authentication (MFA) for your user in AWS\n\
             account {account} is over."
        ),
    }
}

fn keys(scope: Scope) -> &'static str {
    match scope {
        Scope::Console => "Programs that use your access keys keep working.",
        Scope::Everything => "Programs that use your access keys are stopped as well.",
    }
}

fn facts(notice: &Notice) -> String {
    let what = match notice.event.trigger {
        Trigger::SignIn => "sign-in with the password alone",
        Trigger::UserCreated | Trigger::LoginProfileCreated => "password created",
        Trigger::LoginProfileDeleted => "password removed",
        Trigger::UserDeleted => "user deleted",
        Trigger::MfaDeactivated(_) => "MFA device removed",
        Trigger::MfaEnabled(_) => "MFA device added",
        Trigger::Sweep => {
            let when = moment(notice.event.source.time);
            return format!("What happened: daily check of all users\nWhen:          {when}");
        }
    };
    let (by, question) = match (&notice.event.actor.user, &notice.user) {
        (Some(actor), Some(user)) if actor.as_str().eq_ignore_ascii_case(&user.name) => {
            (String::new(), "If this was not you, please tell your AWS administrators at once.")
        }
        _ => (
            format!("By:            {}\n", notice.event.actor),
            "If you do not know why this was done, please tell your AWS administrators.",
        ),
    };
    format!(
        "What happened: {what}\n\
         {by}\
         When:          {}\n\
         From:          {}\n\n\
         {question}",
        moment(notice.event.source.time),
        from_where(notice)
    )
}

fn footer(notice: &Notice) -> String {
    format!(
        "You get this message because your company asks for MFA on every AWS user.\n\
         It never asks you for a password or a code.\n\
         Reference: {}\n",
        notice.event.source.id
    )
}

fn asks_for_mfa(kind: &Kind) -> bool {
    match kind {
        Kind::Welcome { .. }
        | Kind::Reminder { .. }
        | Kind::Deadline { .. }
        | Kind::Quarantined { .. }
        | Kind::QuarantineReminder => true,
        Kind::Released { .. }
        | Kind::ForeignEnrolment(_)
        | Kind::ContainmentFailed { .. }
        | Kind::ReleaseFailed { .. }
        | Kind::Root(_) => false,
    }
}
