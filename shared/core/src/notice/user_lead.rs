//! How a mail to a user begins: who asks for what, by when, how long it takes, and what happens otherwise.

use super::letter::Part;
use super::phrases::{TIME_TO_ENROL, devices};
use super::{Background, Done, ReleasedBy, UserMessage, UserNotice};
use crate::settings::{Mode, Scope};
use crate::tags::Cause;
use jiff::Timestamp;

/// What MFA is, for those who have never heard of it.
const MFA: &str = "MFA is a second proof, besides the password, that it is really you.";
const YOURSELF: &str = "and you can do it yourself";

/// The first paragraphs.
pub(super) fn lead(notice: &UserNotice) -> Vec<Part> {
    let paragraphs = match &notice.message {
        UserMessage::Welcome { deadline } => vec![
            asks(notice, By::Deadline(*deadline)),
            otherwise(&notice.background),
            format!("{MFA} If the first sign-in asks you to change the password, do that first."),
        ],
        UserMessage::Reminder { cause, deadline } => {
            let by =
                if notice.done.contains(&Done::WithheldByMode) { By::Now } else { By::Deadline(*deadline) };
            let otherwise = if by == By::Now { String::new() } else { otherwise(&notice.background) };
            vec![asks(notice, by), otherwise, format!("{} {MFA}", reminder_cause(*cause, notice))]
        }
        UserMessage::Deadline { deadline, last } => {
            vec![asks(notice, By::Deadline(*deadline)), deadline_warning(*last, notice), MFA.to_owned()]
        }
        UserMessage::Quarantined { cause } => vec![
            limited(notice),
            way_out(&notice.background),
            format!("{} {MFA}", quarantine_cause(*cause)),
            meanwhile(&notice.background),
        ],
        UserMessage::QuarantineReminder => vec![
            still_limited(notice),
            way_out(&notice.background),
            format!("{MFA} {}", meanwhile(&notice.background)),
        ],
        UserMessage::QuarantinedByHand => vec![
            format!(
                "Your access to AWS account {} is limited by your administrators, and your user has no multi-factor \
                 authentication (MFA). Please set it up now: it takes {TIME_TO_ENROL}, {YOURSELF}.",
                account(notice)
            ),
            format!(
                "MFA alone does not lift the limits: only your administrators can do that. Please ask them once MFA is on. \
                 {MFA}"
            ),
        ],
        UserMessage::AwaitingApproval => awaiting_approval(notice),
        UserMessage::ExemptionEnding { until, deadline } => vec![
            asks(notice, By::Deadline(*deadline)),
            otherwise(&notice.background),
            format!(
                "Your user is exempt from MFA until the end of {} (UTC). If you cannot set up MFA, please ask before that. \
                 {MFA}",
                until.strftime("%-d %B %Y")
            ),
        ],
        UserMessage::Released { by, was_contained, rest_until } => {
            released(notice, *by, *was_contained, *rest_until)
        }
    };
    paragraphs.into_iter().filter(|words| !words.trim().is_empty()).map(Part::words).collect()
}

/// By when MFA is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Now,
    Deadline(Timestamp),
}

fn account(notice: &UserNotice) -> String {
    notice.background.letterhead.account(&notice.background.account)
}

/// Who asks for what, by when, and how long it takes.
fn asks(notice: &UserNotice, by: By) -> String {
    let letterhead = &notice.background.letterhead;
    let by_when = match by {
        By::Now => ". Please do it now: it".to_owned(),
        By::Deadline(deadline) => format!(" by {}. It", letterhead.moment(deadline)),
    };
    let last = if matches!(notice.message, UserMessage::Deadline { last: true, .. }) {
        "Final notice: "
    } else {
        ""
    };
    let asker = match (last, letterhead.organization.as_deref()) {
        ("", _) => letterhead.asker(),
        (_, Some(name)) => name,
        (_, None) => "your company",
    };
    format!(
        "{last}{asker} asks you to set up multi-factor authentication (MFA) for your user in AWS account {}{by_when} \
         takes {TIME_TO_ENROL}, {YOURSELF}.",
        account(notice)
    )
}

/// What happens to those who do not do it. Only in mode `enforce` does anything happen.
fn otherwise(background: &Background) -> String {
    match (background.mode, background.sweep_waits_until) {
        (Mode::Enforce, None) => {
            "If MFA is not on by then, your access will be limited until it is.".to_owned()
        }
        (Mode::Enforce, Some(until)) => format!(
            "If MFA is not on by then, your access will be limited until it is: as soon as you sign in without MFA, and in \
             any case from {}.",
            background.letterhead.moment(until)
        ),
        (Mode::Observe | Mode::Notify, _) => String::new(),
    }
}

fn deadline_warning(last: bool, notice: &UserNotice) -> String {
    let background = &notice.background;
    match (last, background.mode, background.sweep_waits_until) {
        (true, Mode::Enforce, None) => {
            "If MFA is not on by then, your access will be limited: you will be able to sign \
             in and set up MFA, and nothing else."
                .to_owned()
        }
        (true, Mode::Enforce, Some(until)) => format!(
            "Otherwise your access will be limited as soon as you sign in without MFA, and in any case from {}: you will \
             be able to sign in and set up MFA, and nothing else.",
            background.letterhead.moment(until)
        ),
        (true, Mode::Observe | Mode::Notify, _) | (false, ..) => otherwise(background),
    }
}

fn limited(notice: &UserNotice) -> String {
    let who = notice.background.letterhead.asker();
    let request = if notice.background.needs_approval {
        ". Please set up multi-factor authentication (MFA) now"
    } else {
        " until you set up multi-factor authentication (MFA). Please do it now"
    };
    let account = account(notice);
    format!(
        "{who} has limited your access to AWS account {account}{request}: it takes {TIME_TO_ENROL}, {YOURSELF}."
    )
}

fn still_limited(notice: &UserNotice) -> String {
    let why = if notice.background.occasion.is_sweep() {
        "because your user has no multi-factor authentication (MFA)"
    } else {
        "and you signed in without multi-factor authentication (MFA)"
    };
    format!(
        "Your access to AWS account {} is still limited, {why}. Please set it up now: it takes {TIME_TO_ENROL}, {YOURSELF}.",
        account(notice)
    )
}

/// How the user gets access back.
fn way_out(background: &Background) -> String {
    if background.needs_approval {
        return "Then somebody else has to confirm that the new device is yours: your administrators hear of it at once, \
                and may ask you. Your access comes back as soon as that is done."
            .to_owned();
    }
    "Your access comes back by itself as soon as you sign in with MFA.".to_owned()
}

/// What the user can do under the quarantine.
fn meanwhile(background: &Background) -> String {
    format!(
        "Until then, you can sign in and set up MFA, and nothing else: other pages of the console show errors, which is \
         expected. {}",
        keys(background.scope)
    )
}

fn keys(scope: Scope) -> &'static str {
    match scope {
        Scope::Console => "Programs that use your access keys keep working.",
        Scope::Everything => "Programs that use your access keys are stopped as well.",
    }
}

fn reminder_cause(cause: Cause, notice: &UserNotice) -> String {
    match cause {
        Cause::SignIn => "You signed in with your password alone.".to_owned(),
        Cause::PasswordCreated | Cause::DeadlinePassed => {
            format!("You have a password for AWS account {}, but no MFA.", account(notice))
        }
        Cause::MfaRemoved => "Your last MFA device was removed.".to_owned(),
        Cause::Operator => "An administrator decided to limit your access.".to_owned(),
    }
}

fn quarantine_cause(cause: Cause) -> &'static str {
    match cause {
        Cause::SignIn => "You signed in with your password alone, and the time to set up MFA is over.",
        Cause::PasswordCreated => "Your user has a password, but no MFA.",
        Cause::MfaRemoved => "The last MFA device of your user was removed.",
        Cause::DeadlinePassed => "The time to set up MFA for your user is over.",
        Cause::Operator => "An administrator decided it.",
    }
}

/// What a user who has enrolled can expect.
fn awaiting_approval(notice: &UserNotice) -> Vec<String> {
    vec![
        format!(
            "Thank you: MFA is on for your user in AWS account {}. Your access stays limited until somebody else has \
             confirmed that the new device is yours.",
            account(notice)
        ),
        format!(
            "Earlier, somebody signed in with the password alone, or removed MFA, and that could have been a thief. {}",
            keys(notice.background.scope)
        ),
        format!(
            "There is nothing more to set up. Your administrators know, and will ask you about {}. You get a message once \
             it is approved. If nobody has asked you by tomorrow, ask them. If you add another device before that, tell \
             them: the approval has to come after it.",
            devices(notice)
        ),
    ]
}

fn released(
    notice: &UserNotice,
    by: ReleasedBy,
    was_contained: bool,
    rest_until: Option<Timestamp>,
) -> Vec<String> {
    const NOT_YOURS: &str = "If an earlier sign-in was not yours, change your password now.";
    let account = account(notice);
    let thanks = match by {
        ReleasedBy::Mfa => format!("Thank you: MFA is on for your user in AWS account {account}."),
        ReleasedBy::Approval => format!("Your MFA device for AWS account {account} is approved."),
        ReleasedBy::PasswordRemoval => format!(
            "Your password for AWS account {account} was removed, and the limits on your user are lifted. There is nothing \
             for you to do."
        ),
        ReleasedBy::Exemption => format!(
            "An administrator has exempted your user in AWS account {account} from MFA, and the limits on your access are \
             lifted."
        ),
    };
    match (by, rest_until) {
        (ReleasedBy::Mfa | ReleasedBy::Approval, Some(until)) => in_part(notice, &thanks, by, until),
        (ReleasedBy::Mfa | ReleasedBy::Approval, None) if was_contained => vec![
            format!("{thanks} The limits on your access are lifted."),
            format!("If something still does not work, sign out and sign in again with MFA. {NOT_YOURS}"),
        ],
        (ReleasedBy::Mfa | ReleasedBy::Approval, None) => {
            vec![format!("{thanks} There is nothing more to do.")]
        }
        (ReleasedBy::PasswordRemoval, _) => vec![thanks],
        (ReleasedBy::Exemption, _) => vec![thanks, end_of_exemption(notice)],
    }
}

/// What is left of a quarantine after the enrolment.
fn in_part(notice: &UserNotice, thanks: &str, by: ReleasedBy, until: Timestamp) -> Vec<String> {
    let keys = match notice.background.scope {
        Scope::Console => "were not stopped",
        Scope::Everything => "work again",
    };
    let until = notice.background.letterhead.moment(until);
    let mut paragraphs = vec![
        format!(
            "{thanks} Your access is back wherever you sign in with MFA. Programs that use your access keys {keys}."
        ),
        "Please sign out of all sessions now, and sign in again with MFA (on the command line, `aws logout` and `aws \
         login`)."
            .to_owned(),
        format!(
            "Sessions that began without MFA stay limited until {until}. That ends by itself: there is nothing else to do. \
             If an earlier sign-in was not yours, change your password now."
        ),
    ];
    if by == ReleasedBy::Approval {
        let better = "A device that you add before then has to be approved as well: better wait.";
        paragraphs.push(better.to_owned());
    }
    paragraphs
}

fn end_of_exemption(notice: &UserNotice) -> String {
    match notice.exempt_until {
        Some(until) => format!(
            "The exemption lasts until the end of {} (UTC). Please set up MFA before that: after it, MFA is required again.",
            until.strftime("%-d %B %Y")
        ),
        None => "There is nothing for you to do.".to_owned(),
    }
}
