//! The mail to the user: what happened, when, from where, the deadline, and what to do.
//!
//! Written for someone who reads it at nine in the morning, has never heard of IAM, and should not have to ask.

use super::enrolment_steps::enrolment;
use super::phrases::{TIME_TO_ENROL, devices, from_where, moment};
use super::{Background, Done, ReleasedBy, UserMessage, UserNotice};
use crate::event::Occasion;
use crate::settings::{Mode, Scope};
use crate::tags::Cause;
use jiff::Timestamp;
use jiff::civil::Date;

/// Subject line: ASCII, under 100 characters (the limit of SNS).
pub(super) fn subject(notice: &UserNotice) -> String {
    let account = &notice.background.account;
    match &notice.message {
        UserMessage::Welcome { .. } => format!("Welcome to AWS account {account}: please set up MFA"),
        UserMessage::Reminder { .. } => format!("Reminder: please set up MFA for AWS account {account}"),
        UserMessage::Deadline { last: false, .. } => {
            format!("Reminder: please set up MFA for AWS account {account}")
        }
        UserMessage::Deadline { last: true, .. } => {
            format!("Final notice: set up MFA for AWS account {account} now")
        }
        UserMessage::Quarantined { .. } | UserMessage::QuarantineReminder => {
            format!("Your access to AWS account {account} is limited until you set up MFA")
        }
        UserMessage::QuarantinedByHand => {
            format!("Your access to AWS account {account} is limited: please set up MFA")
        }
        UserMessage::AwaitingApproval => {
            format!("MFA is on for AWS account {account}: your access waits for an approval")
        }
        UserMessage::ExemptionEnding { until, .. } => {
            format!(
                "Your exemption from MFA in AWS account {account} ends on {}",
                until.strftime("%-d %B %Y")
            )
        }
        UserMessage::Released { by: ReleasedBy::PasswordRemoval, .. } => {
            format!("Your password for AWS account {account} was removed")
        }
        UserMessage::Released { was_contained: true, .. } => {
            format!("Your access to AWS account {account} is back")
        }
        UserMessage::Released { was_contained: false, .. } => {
            format!("Thank you: MFA is on for AWS account {account}")
        }
    }
}

/// The body in plain text.
pub(super) fn body(notice: &UserNotice) -> String {
    let mut parts =
        vec![format!("Hello {},", notice.person.name), capitalised(&opening(notice)), facts(notice)];
    if notice.message.asks_for_mfa() {
        parts.push(enrolment(&notice.background));
    }
    parts.push(footer(notice));
    parts.join("\n\n").replace("\n\n\n", "\n\n")
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn opening(notice: &UserNotice) -> String {
    let account = &notice.background.account;
    match &notice.message {
        UserMessage::Welcome { deadline } => format!(
            "you have a new password for AWS account {account}. Please protect it with\n\
             multi-factor authentication (MFA): a second proof, besides the password,\n\
             that it is really you. You can do it yourself, right now. (If the first\n\
             sign-in asks you to change the password, do that first.)\n\n\
             Please do it by {}.\n\
             {}",
            moment(*deadline),
            after_that(&notice.background)
        ),
        UserMessage::Reminder { cause, deadline } => reminder(*cause, account, &moment(*deadline), notice),
        UserMessage::Deadline { deadline, last } => {
            deadline_words(&moment(*deadline), *last, &notice.background)
        }
        UserMessage::Quarantined { cause } => format!(
            "{}\n\
             For your safety your access is limited for now: you can sign in and set up\n\
             MFA (a second proof, besides the password, that it is really you), and\n\
             nothing else. {}\n\n\
             {} Until then, other pages of the\n\
             console show errors; that is expected.",
            quarantine_cause(*cause, account),
            keys(notice.background.scope),
            way_out(&notice.background)
        ),
        UserMessage::QuarantineReminder => format!(
            "{}\n\n\
             {}",
            still_limited(notice),
            way_out(&notice.background)
        ),
        UserMessage::QuarantinedByHand => format!(
            "your access to AWS account {account} is limited by your administrators,\n\
             and your user has no multi-factor authentication (MFA): a second proof,\n\
             besides the password, that it is really you.\n\n\
             Please set up MFA now, in {TIME_TO_ENROL}: you can do that yourself.\n\
             It does not lift the limits: only your administrators can do that. Please\n\
             ask them once MFA is on."
        ),
        UserMessage::AwaitingApproval => awaiting_approval(notice),
        UserMessage::ExemptionEnding { until, deadline } => exemption_ending(*until, *deadline, notice),
        UserMessage::Released {
            by: by @ (ReleasedBy::Mfa | ReleasedBy::Approval),
            rest_until: Some(until),
            ..
        } => format!(
            "{}\n\
             Your access is back wherever you sign in with MFA. Programs that use your\n\
             access keys {}.\n\n\
             Please sign out everywhere now, and sign in again with MFA (on the command\n\
             line, `aws logout` and `aws login`). Sessions that began without MFA stay\n\
             limited until {}.\n\
             That ends by itself: there is nothing else to do. If an earlier sign-in was\n\
             not yours, change your password now.{}",
            thanks(*by, account),
            keys_after_enrolment(notice.background.scope),
            moment(*until),
            if *by == ReleasedBy::Approval {
                "\n\nA device that you add before then has to be approved as well: better wait."
            } else {
                ""
            }
        ),
        UserMessage::Released { by: ReleasedBy::Approval, rest_until: None, .. } => format!(
            "your device is approved, and the limits on your access to AWS account\n\
             {account} are lifted. If something still does not work, sign out and sign\n\
             in again with it. If an earlier sign-in was not yours, change your password\n\
             now."
        ),
        UserMessage::Released { by: ReleasedBy::Mfa, was_contained: true, rest_until: None } => format!(
            "thank you: MFA is on, and the limits on your access to AWS account\n\
             {account} are lifted. If something still does not work, sign out and sign\n\
             in again with your new device. If an earlier sign-in was not yours, change\n\
             your password now."
        ),
        UserMessage::Released { by: ReleasedBy::Mfa, was_contained: false, rest_until: None } => format!(
            "thank you: MFA is on for your user in AWS account {account}. There is\n\
             nothing more to do."
        ),
        UserMessage::Released { by: ReleasedBy::PasswordRemoval, .. } => format!(
            "your password for AWS account {account} was removed, and the limits on\n\
             your user are lifted. There is nothing for you to do."
        ),
        UserMessage::Released { by: ReleasedBy::Exemption, .. } => format!(
            "an administrator has exempted your user in AWS account {account} from MFA,\n\
             and the limits on your access are lifted. There is nothing for you to do."
        ),
    }
}

/// What a user who has enrolled can expect.
fn awaiting_approval(notice: &UserNotice) -> String {
    let account = &notice.background.account;
    format!(
        "thank you: MFA is on for your user in AWS account {account}.\n\
             Your access stays limited until somebody else has confirmed that the new\n\
             device is yours: a password alone was used before, or MFA was removed, and\n\
             that could have been a thief. {}\n\n\
             There is nothing more to set up. Your administrators know, and will ask you\n\
             about {}.\n\
             You get a message once it is approved. If nobody has asked you by tomorrow,\n\
             ask them. If you add another device before, tell them: the approval has to\n\
             come after it.",
        keys(notice.background.scope).replacen(' ', "\n", 1),
        devices(notice)
    )
}

/// How the user gets access back.
fn way_out(background: &Background) -> String {
    if background.needs_approval {
        return format!(
            "Please set up MFA now, in {TIME_TO_ENROL}: you can do that yourself. Then\n\
             somebody else has to confirm that the new device is yours: your administrators\n\
             hear of it at once, and may ask you. Your access comes back as soon as that\n\
             is done."
        );
    }
    format!(
        "You can end this yourself in {TIME_TO_ENROL}. Your access comes back\n\
         by itself as soon as you sign in with MFA."
    )
}

/// The first sentence to a user who has MFA.
fn thanks(by: ReleasedBy, account: &str) -> String {
    match by {
        ReleasedBy::Approval => format!("your MFA device for AWS account {account} is approved."),
        ReleasedBy::Mfa | ReleasedBy::PasswordRemoval | ReleasedBy::Exemption => {
            format!("thank you: MFA is on for your user in AWS account {account}.")
        }
    }
}

/// What happens after the deadline. Only in mode `enforce` is it certain.
fn after_that(background: &Background) -> String {
    match (background.mode, background.sweep_waits_until) {
        (Mode::Enforce, None) => "After that, your access is limited until MFA is set up.".to_owned(),
        (Mode::Enforce, Some(until)) => format!(
            "After that, your access is limited until MFA is set up: as soon as you sign\n\
             in without MFA, and in any case from\n\
             {} on.",
            moment(until)
        ),
        (Mode::Observe | Mode::Notify, _) => {
            "After that, your access may be limited until MFA is set up.".to_owned()
        }
    }
}

fn exemption_ending(until: Date, deadline: Timestamp, notice: &UserNotice) -> String {
    format!(
        "your user in AWS account {} is exempt from multi-factor\n\
         authentication (MFA) until the end of {}, UTC.\n\
         MFA is a second proof, besides the password, that it is really you.\n\n\
         Please set it up by {}.\n\
         It takes {TIME_TO_ENROL}.\n\
         {}\n\n\
         If you cannot, please ask your AWS administrators before that day.",
        notice.background.account,
        until.strftime("%-d %B %Y"),
        moment(deadline),
        after_that(&notice.background)
    )
}

fn deadline_words(deadline: &str, last: bool, background: &Background) -> String {
    const LIMITED: &str = "you can then sign in and set up MFA, and nothing else.";
    let account = &background.account;
    let opening = if last { "this is the final notice: your" } else { "your" };
    let by_when = match (last, background.mode, background.sweep_waits_until) {
        (true, Mode::Enforce, None) => format!("From {deadline} on, your access is limited:\n{LIMITED}"),
        (true, Mode::Enforce, Some(until)) => format!(
            "Your access is limited as soon as you sign in without MFA, and in any case\n\
             from {} on:\n\
             {LIMITED}",
            moment(until)
        ),
        (true, Mode::Observe | Mode::Notify, _) | (false, ..) => {
            format!("Please do it by {deadline}.\n{}", after_that(background))
        }
    };
    format!(
        "{opening} user in AWS account {account} has no\n\
         multi-factor authentication (MFA) yet: a second proof, besides the\n\
         password, that it is really you. You can set it up yourself, right now.\n\n\
         {by_when}"
    )
}

fn still_limited(notice: &UserNotice) -> String {
    let account = &notice.background.account;
    if notice.background.occasion.is_sweep() {
        format!(
            "your access to AWS account {account} is still limited, because your\n\
             user has no multi-factor authentication (MFA).\n\
             {}",
            keys(notice.background.scope)
        )
    } else {
        format!(
            "you signed in to AWS account {account} without MFA, and your access is\n\
             still limited. {}",
            keys(notice.background.scope)
        )
    }
}

fn reminder(cause: Cause, account: &str, deadline: &str, notice: &UserNotice) -> String {
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
        format!("Please do it by {deadline}.\n{}", after_that(&notice.background))
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

fn keys_after_enrolment(scope: Scope) -> &'static str {
    match scope {
        Scope::Console => "were not stopped",
        Scope::Everything => "work again",
    }
}

fn facts(notice: &UserNotice) -> String {
    let occasion = &notice.background.occasion;
    let when = moment(occasion.time());
    let event = match occasion {
        Occasion::Event(event) => event,
        Occasion::Sweep(_) => {
            return format!("What happened: daily check of all users\nWhen:          {when}");
        }
    };
    let by_user = event.actor.user.as_ref();
    let (by, question) =
        if by_user.is_some_and(|user| user.as_str().eq_ignore_ascii_case(&notice.person.name)) {
            (String::new(), "If this was not you, please tell your AWS administrators at once.")
        } else {
            (
                format!("By:            {}\n", event.actor),
                "If you do not know why this was done, please tell your AWS administrators.",
            )
        };
    format!(
        "What happened: {}\n\
         {by}\
         When:          {when}\n\
         From:          {}\n\n\
         {question}",
        event.trigger.spec().says,
        from_where(occasion)
    )
}

fn footer(notice: &UserNotice) -> String {
    format!(
        "You get this message because your company requires MFA for every AWS user.\n\
         It never asks you for a password or a code.\n\
         Reference: {}\n",
        notice.background.occasion.id()
    )
}
