//! What counts as told, for every combination of results by mail and by text message.

use mfa_enforcer_core::decide::sweep_user;
use mfa_enforcer_core::digest::Reachable;
use mfa_enforcer_core::facts::{Mailbox, UserFacts, UserTags};
use mfa_enforcer_core::notice::{Channel, Delivery, Notice, Reach};
use mfa_enforcer_core::plan::Plan;
use mfa_enforcer_core::progress::{Action, Answer, Applied, Fault, Progress};
use mfa_enforcer_core::snapshot::{Factors, LastUse, UserSnapshot};
use mfa_enforcer_core::sweep::status_from_snapshot;
use mfa_enforcer_core::tags::UserTag;
use mfa_enforcer_testing::fixtures::{contained, decided, now, overdue, request, settings, with_tag};
use mfa_enforcer_testing::plans::{after, for_admins, user_notices};
use serde_json::Value;
use strum::IntoEnumIterator;

/// What SNS does with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// There is no address or number.
    Unknown,
    /// SNS takes it: of a mail, for a confirmed address.
    Taken,
    /// The address is not confirmed.
    Unconfirmed,
    /// SNS will never accept the address or number.
    BadAddress,
    Fails {
        transient: bool,
    },
}

const MAIL: [Outcome; 6] = [
    Outcome::Unknown,
    Outcome::Taken,
    Outcome::Unconfirmed,
    Outcome::BadAddress,
    Outcome::Fails { transient: true },
    Outcome::Fails { transient: false },
];
const TEXT: [Outcome; 5] = [
    Outcome::Unknown,
    Outcome::Taken,
    Outcome::BadAddress,
    Outcome::Fails { transient: true },
    Outcome::Fails { transient: false },
];

#[derive(Debug)]
struct Failed(Outcome);

impl Fault for Failed {
    fn is_transient(&self) -> bool {
        self.0 == Outcome::Fails { transient: true }
    }

    fn is_not_found(&self) -> bool {
        false
    }

    fn is_quota(&self) -> bool {
        false
    }

    fn is_bad_address(&self) -> bool {
        self.0 == Outcome::BadAddress
    }

    fn is_sender_refused(&self) -> bool {
        false
    }
}

fn user(mail: Outcome, text: Outcome) -> UserFacts {
    let mut user = UserFacts { tags: UserTags::default(), ..overdue() };
    if mail != Outcome::Unknown {
        user = with_tag(user, "email", "alice@example.com");
    }
    if text == Outcome::Unknown { user } else { with_tag(user, "phone", "+15550100123") }
}

/// Carries out the plan. Returns what became of it, and the mail and JSON form that the administrators get.
fn carried_out(
    plan: &Plan,
    user: &UserFacts,
    mail: Outcome,
    text: Outcome,
) -> (Applied<Failed>, String, Value) {
    let mut progress = Progress::of(plan);
    let mut copy = Value::Null;
    let answer = |result, taken| match result {
        Outcome::Taken => Ok(Answer::Delivered(taken)),
        Outcome::Unconfirmed => Ok(Answer::Delivered(Delivery::Unconfirmed)),
        Outcome::Unknown | Outcome::BadAddress | Outcome::Fails { .. } => Err(Failed(result)),
    };
    loop {
        let actions = progress.next_actions();
        if actions.is_empty() {
            break;
        }
        let results: Vec<_> = actions
            .iter()
            .map(|action| match action {
                Action::TellUser(Channel::Topic { .. } | Channel::Mail { .. }, _) => {
                    answer(mail, Delivery::Sent)
                }
                Action::TellUser(Channel::Sms { .. }, _) => answer(text, Delivery::HandedOver),
                Action::TellAdmins(rendered) => {
                    copy = serde_json::from_str(&rendered.message).unwrap();
                    Ok(Answer::Done)
                }
                Action::ReadBack(_) => Ok(Answer::Seen(Some(Box::new(after(user, &plan.steps))))),
                Action::Change(..)
                | Action::ReadKeys(_)
                | Action::ReadAlias
                | Action::Wait(_)
                | Action::RecordRootAlert(_)
                | Action::Repair(_)
                | Action::OrderSweep(..) => Ok(Answer::Done),
            })
            .collect();
        progress.record(results);
    }
    let part = |protocol: &str| copy[protocol].as_str().unwrap().to_owned();
    (progress.finish(), part("email"), serde_json::from_str(&part("sqs")).unwrap())
}

#[test]
fn text_message_never_counts_as_told() {
    for (mail, text) in MAIL.into_iter().flat_map(|mail| TEXT.map(|text| (mail, text))) {
        let case = format!("mail {mail:?}, text {text:?}");
        let user = user(mail, text);
        let (applied, copy, machine) = carried_out(&decided("ConsoleLogin", &user), &user, mail, text);
        let (sent, handed_over) = (mail == Outcome::Taken, text == Outcome::Taken);
        // A mail that can never be sent is not owed.
        let owed = !(sent || handed_over && [Outcome::Unknown, Outcome::BadAddress].contains(&mail));
        assert_eq!(applied.reached, !owed, "{case}");

        let head = copy.lines().nth(1).unwrap();
        assert_eq!(head.contains("user told"), sent, "{case}: {head}");
        assert_eq!(head.contains("handed over to SNS"), handed_over && !sent, "{case}: {head}");
        let claims = ["user told", "user was told", "reached the user"];
        assert!(sent || !claims.iter().any(|claim| copy.contains(claim)), "{case}: {copy}");
        assert_eq!(machine["reach"] == "sent", sent, "{case}");
        assert_eq!(machine["reach"] == "handed-over", handed_over && !owed && !sent, "{case}");

        // What was taken on any channel is not sent again because of a failure that stays.
        let taken = sent || handed_over || mail == Outcome::Unconfirmed;
        let fails = |result| matches!(result, Outcome::Fails { .. });
        let stays = |result| !matches!(result, Outcome::Fails { transient: true });
        let recorded = !(fails(mail) || fails(text)) || taken && stays(mail) && stays(text);
        let after = applied.user_after(user);
        assert_eq!(after.tag(UserTag::Notified).is_some(), recorded, "{case}");
        if recorded {
            assert_eq!(after.last_notice().unwrap().reached, !owed, "{case}");
        }
        assert_eq!(applied.error.is_some(), fails(mail) || fails(text), "{case}");
    }
}

#[test]
fn order_of_the_channels_makes_no_difference() {
    let all: Vec<Delivery> = Delivery::iter().collect();
    for (a, b) in all.iter().flat_map(|a| all.iter().map(move |b| (*a, *b))) {
        assert_eq!(Reach::of(&[a, b]), Reach::of(&[b, a]));
        assert_eq!(Reach::of(&[a, b]) == Reach::Tried(Delivery::Sent), [a, b].contains(&Delivery::Sent));
    }
}

#[test]
fn every_reach_has_words_of_its_own() {
    let plan = decided("ConsoleLogin", &overdue());
    let notice = Notice::User(user_notices(&plan)[0].clone());
    let mut reaches = vec![Reach::NobodyToTell, Reach::HandedOver { mail: None }];
    reaches.extend(Delivery::iter().filter(|delivery| *delivery != Delivery::HandedOver).map(Reach::Tried));
    let with_mail = [Delivery::Refused, Delivery::SenderRefused, Delivery::Failed, Delivery::Unconfirmed];
    reaches.extend(with_mail.map(|mail| Reach::HandedOver { mail: Some(mail) }));
    let line = |reach: &Reach| {
        let message: Value = serde_json::from_str(&for_admins(&notice, *reach).unwrap().message).unwrap();
        let done = message["email"].as_str().unwrap().lines().nth(1).unwrap().split("Done: ").nth(1);
        format!("{reach:?}: {}", done.unwrap())
    };
    insta::assert_snapshot!(reaches.iter().map(line).collect::<Vec<_>>().join("\n"));
}

#[test]
fn owed_mail_is_not_repeated_as_a_text_message() {
    let value = "quarantined 2026-11-24T08:00:00Z event=earlier unreached";
    let told = with_tag(contained(user(Outcome::Taken, Outcome::Taken)), UserTag::Notified.key(), value);
    let owed = UserFacts { mailbox: Mailbox::Confirmed, ..told };
    let plan = sweep_user(&request(), &owed, &settings(), now());
    let [notice] = user_notices(&plan)[..] else { panic!("one notice") };
    assert!(matches!(notice.channels[..], [Channel::Topic { .. }]), "{:?}", notice.channels);
}

#[test]
fn phone_alone_is_not_known_to_be_read() {
    let status = |mail, text| {
        let snapshot = UserSnapshot {
            user: user(mail, text),
            password_latest: None,
            reported: true,
            factors: Factors::None,
            last_sign_in: LastUse::Never,
            arn: String::new(),
            boundary: None,
            access_keys: Vec::new(),
        };
        status_from_snapshot(&snapshot, &settings(), now()).reachable
    };
    assert_eq!(status(Outcome::Unknown, Outcome::Taken), Reachable::ByText);
    assert_eq!(status(Outcome::Taken, Outcome::Taken), Reachable::Yes);
    assert_eq!(status(Outcome::Unknown, Outcome::Unknown), Reachable::NoAddress);
}
