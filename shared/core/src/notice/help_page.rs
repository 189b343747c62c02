//! A page for a wiki or a bucket, to which messages point: what MFA is for, how to set it up, and whom to ask. It says
//! the same as the mails, and needs nothing from outside.

use super::enrolment_steps::{Place, enrolment};
use super::letter::{Part, Span};
use super::letter_html::{Styles, parts};
use super::phrases::TIME_TO_ENROL;
use crate::partition::Partition;
use crate::settings::Letterhead;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// Readable on paper, on a phone, and in the dark. The colors differ enough from each other for weak eyes.
const STYLE: &str = "\
:root { color-scheme: light dark; }
body { font: 1.05rem/1.6 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem;
  background: #ffffff; color: #1a1a1a; }
h1, h2 { line-height: 1.25; }
h2 { margin-top: 2.2rem; border-top: 1px solid #8a8a8a; padding-top: 1.2rem; }
li { margin: 0.4rem 0; }
a { color: #0a4fa3; overflow-wrap: anywhere; }
@media (prefers-color-scheme: dark) {
  body { background: #161616; color: #ececec; }
  a { color: #9cc7ff; }
}
@media print { body { margin: 0; max-width: none; } h2, li { break-inside: avoid; } }
";

/// The whole page, for users of any account of the partition.
#[must_use]
pub fn help_page(letterhead: &Letterhead, partition: Partition) -> String {
    let title = "How to set up multi-factor authentication (MFA) for AWS";
    let page: Markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { (title) }
                    (parts(&content(letterhead, partition), &Styles::default()))
                }
            }
        }
    };
    page.into_string()
}

fn content(letterhead: &Letterhead, partition: Partition) -> Vec<Part> {
    let (asker, helper) = (letterhead.asker(), letterhead.helper());
    let mut content = vec![
        Part::words(format!(
            "{asker} requires MFA for every user with a password for AWS. It takes {TIME_TO_ENROL}, and you can do it \
             yourself."
        )),
        Part::Heading("Why".to_owned()),
        Part::words(
            "Passwords are guessed, reused, and given away on fake pages. With MFA, a password alone opens nothing: \
             whoever signs in also has to prove that they have your device.",
        ),
        Part::words(
            "Your mail says by when, and whether your access is limited otherwise. If it is, you can sign in and set up MFA, and \
             nothing else, until MFA is on.",
        ),
    ];
    content.extend(enrolment(&Place { partition, account: None, letterhead }));
    content.extend(changes(partition, helper));
    content.extend([
        Part::Heading("Is this mail real?".to_owned()),
        Part::Points(vec![
            "A real message never asks for a password or a code, and nobody will ask you for one by telephone.".to_owned(),
            "It says what was seen and when, and has a reference, which you can quote.".to_owned(),
            "You need none of its links: open AWS as you always do, and follow the steps on this page.".to_owned(),
            format!("If in doubt, ask {helper} before you do anything."),
        ]),
        Part::Heading("Whom to ask".to_owned()),
        Part::Paragraph(vec![Span::Words(format!(
            "Ask {helper}: with any question, if you have lost a device, if you cannot use any of these kinds, or if \
             somebody else may have your password."
        ))]),
    ]);
    content
}

/// What happens to devices over time.
fn changes(partition: Partition, helper: &str) -> Vec<Part> {
    let add_first = if partition.traits().several_devices {
        "Before you give the old one away, add the new one as a second device, sign in with it, and only then remove the \
         old one on the same page. Never remove the last device first."
            .to_owned()
    } else {
        format!(
            "You can have one device. Before you give the old one away, ask {helper}: between the old one and the new one \
             you have no MFA."
        )
    };
    let passkeys = "A passkey in a password manager moves with the manager. Codes in an authenticator app move only if \
                    the app keeps a copy: look before you erase the phone.";
    let mut moving = vec![add_first];
    if partition.has_phishing_resistant_devices() {
        moving.push(passkeys.to_owned());
    }
    vec![
        Part::Heading("A new phone".to_owned()),
        Part::Points(moving),
        Part::Heading("A lost device".to_owned()),
        Part::words(format!(
            "If you have another one, sign in with it, remove the lost one, and add a new one. If not, tell {helper}: they \
             remove it for you, and you start again with the steps above. Change your password as well if somebody may \
             have found the device."
        )),
    ]
}
