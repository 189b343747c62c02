//! `docs/MESSAGES.md`: every text as a reader gets it.
//!
//! `UPDATE_CONTRACT=1 cargo test -p mfa-enforcer-core --test it messages_page` writes it (`make contract`).

use crate::letterhead_cases::OURS;
use crate::notice_fixtures::{every_notice, texts};
use mfa_enforcer_core::access_keys::{ActiveKey, KeyUse, KeysSeen};
use mfa_enforcer_core::notice::{Alert, Background, Delivery, Notice, Reach, Rendered, UserNotice};
use mfa_enforcer_core::settings::Letterhead;
use mfa_enforcer_testing::fixtures::{days_ago, settings_with};
use mfa_enforcer_testing::plans::{for_admins, for_admins_with_keys, for_user};
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

const HEAD: &str = "\
# Messages

What users and administrators read, word for word. A test makes this page (`make contract`), with these settings:

";
/// Where a mail turns to the steps, which are the same in each.
const STEPS: &str = "How to set up MFA";
/// Where it goes on after them.
const AFTER_STEPS: &str = "If you get stuck";

fn with_letterhead(notice: Notice, letterhead: &Letterhead) -> Notice {
    let under = |background: Background| Background { letterhead: letterhead.clone(), ..background };
    match notice {
        Notice::User(notice) => {
            let background = under(notice.background);
            Notice::User(UserNotice { background, ..notice })
        }
        Notice::Alert(alert) => {
            let background = under(alert.background);
            Notice::Alert(Alert { background, ..alert })
        }
    }
}

/// The mail without the steps, where an earlier one on the page has them.
fn shortened(mail: &str) -> String {
    match (mail.find(STEPS), mail.find(AFTER_STEPS)) {
        (Some(from), Some(to)) => format!("{}[The steps, as above]\n\n{}", &mail[..from], &mail[to..]),
        _ => mail.to_owned(),
    }
}

fn entry(page: &mut String, kind: &str, rendered: &Rendered, mail: &str) {
    writeln!(page, "### {kind}\n\n```text\nSubject: {}\n\n{}\n```\n", rendered.subject, mail.trim_end())
        .unwrap();
}

/// The message for the administrators. Where it names the user's access keys, there is one.
fn to_admins(notice: &Notice) -> Option<Rendered> {
    let used =
        KeyUse::Last { time: days_ago(2), service: "s3".to_owned(), region: "eu-central-1".to_owned() };
    let keys = KeysSeen::Active(vec![ActiveKey::new("AKIAIOSFODNN7EXAMPLE", days_ago(400), used)]);
    match notice {
        Notice::User(told) if told.names_access_keys() => for_admins_with_keys(notice, &keys),
        Notice::User(_) | Notice::Alert(_) => for_admins(notice, Reach::Tried(Delivery::Sent)),
    }
}

fn page() -> String {
    let ours = [&OURS[..], &[("TIME_ZONE", "Europe/Berlin")]].concat();
    let settings = settings_with(&ours);
    let mut page = HEAD.to_owned();
    for (name, value) in ours {
        writeln!(page, "- `{name}`: {value}").unwrap();
    }
    page += "\nThe digest is in [SWEEP.md](SWEEP.md#digest). As a mail [to `DIGEST_TO`](MAIL.md), on a phone and on a \
             desktop:\n\n\
             <img src=\"pictures/digest-phone.png\" width=\"250\" alt=\"The beginning of the digest on a phone\"> \
             <img src=\"pictures/digest-desktop.png\" width=\"500\" alt=\"The same on a desktop\">\n\n\
             The [help page](SETTINGS.md#what-messages-say), which is for a wiki or a bucket:\n\n\
             <img src=\"pictures/help-phone.png\" width=\"250\" alt=\"The beginning of the help page on a phone\"> \
             <img src=\"pictures/help-desktop.png\" width=\"500\" alt=\"The same on a desktop\">\n\n## To users\n\n\
             A mail [from your own address](MAIL.md) has the same words as HTML as well. As a phone shows one, in light and dark:\n\n\
             <img src=\"pictures/mail-light.png\" width=\"300\" alt=\"The mail quarantined in light colors\"> \
             <img src=\"pictures/mail-dark.png\" width=\"300\" alt=\"The same mail in dark colors\">\n\n";
    let notices: Vec<(&str, Notice)> = every_notice()
        .into_iter()
        .map(|(kind, notice)| (kind, with_letterhead(notice, &settings.letterhead)))
        .collect();
    let mut has_steps = false;
    for (kind, notice) in &notices {
        let Some(rendered) = for_user(notice) else { continue };
        let message = texts(&rendered);
        let mail = message["email"].as_str().unwrap();
        let mail = if has_steps { shortened(mail) } else { mail.to_owned() };
        has_steps |= mail.contains(STEPS);
        entry(&mut page, kind, &rendered, &mail);
        let sms = message["sms"].as_str().unwrap();
        writeln!(page, "Text message: {sms}\n").unwrap();
    }
    page += "## To administrators\n\nCopies of what users read begin with what was done and whether the user was told.\n\n";
    for (kind, notice) in &notices {
        let Some(rendered) = to_admins(notice) else { continue };
        let message = texts(&rendered);
        entry(&mut page, kind, &rendered, message["email"].as_str().unwrap());
    }
    page.trim_end().to_owned() + "\n"
}

#[test]
fn messages_page_shows_every_text() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/MESSAGES.md");
    let made = page();
    if env::var_os("UPDATE_CONTRACT").is_some() {
        fs::write(&file, &made).unwrap();
    }
    assert!(fs::read_to_string(&file).unwrap() == made, "run `make contract`, and review what changed");
}
