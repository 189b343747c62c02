//! How to enrol an MFA device, step by step, as the console works today.
//!
//! Source: IAM User Guide, "Assign MFA devices in the AWS Management Console".

use super::Background;
use super::letter::{Item, Part, Span};
use super::phrases::TIME_TO_ENROL;
use crate::device::DeviceKind;
use crate::partition::Partition;
use crate::settings::{Letterhead, NoticeLinks};

/// Where a device is enrolled.
pub(super) struct Place<'a> {
    /// Which kinds of device there are, and where the pages are.
    pub(super) partition: Partition,
    /// The account's number; `None` if the steps are for any account.
    pub(super) account: Option<&'a str>,
    pub(super) letterhead: &'a Letterhead,
}

impl<'a> Place<'a> {
    pub(super) fn of(background: &'a Background) -> Self {
        Self {
            partition: background.partition,
            account: Some(&background.account),
            letterhead: &background.letterhead,
        }
    }
}

/// The steps, for the kinds of device that users can have in the partition. The recommended kind comes first.
pub(super) fn enrolment(place: &Place<'_>) -> Vec<Part> {
    let kinds = kinds(place);
    let mut steps = to_the_page(place);
    steps.push(step("Under \"Multi-factor authentication (MFA)\", choose Assign MFA device."));
    let Some((first, others)) = kinds.split_first() else { return Vec::new() };
    steps.push(Item {
        text: vec![Span::Words(format!(
            "Type a name for the device, without spaces (if it is taken, try another). Choose {}, and choose Next.",
            name(*first)
        ))],
        points: points(*first),
    });
    steps.push(step(
        "Sign out of all sessions, and sign in again with the new device. (If you use `aws login` on the command line, \
         run `aws logout` first.)",
    ));
    let mut parts = vec![Part::Heading(format!("How to set up MFA ({TIME_TO_ENROL})")), Part::Steps(steps)];
    if !others.is_empty() {
        parts.push(Part::Heading("Another kind of device".to_owned()));
        parts.push(Part::words("Only step 4 is different. Choose there:"));
    }
    for kind in others {
        parts.push(Part::words(format!("{}, and then:", name(*kind))));
        parts.push(Part::Points(points(*kind)));
    }
    if place.partition.traits().several_devices {
        parts.push(Part::words("A second device is a good idea: if you lose one, you still get in."));
    }
    parts
}

/// The same in three lines: for chat.
pub(super) fn in_short(background: &Background) -> Vec<String> {
    vec![
        page(background),
        "Under \"Multi-factor authentication (MFA)\", choose Assign MFA device. Type a name for the device, choose its \
         kind, and follow the steps."
            .to_owned(),
        "Sign out of all sessions, and sign in again with the new device.".to_owned(),
    ]
}

/// The kinds of device that users can have, the recommended one first.
fn kinds(place: &Place<'_>) -> Vec<DeviceKind> {
    let mut kinds = place.partition.traits().devices.to_vec();
    kinds.sort_by_key(|kind| Some(*kind) != place.letterhead.recommended);
    kinds
}

fn step(text: &str) -> Item {
    Item { text: vec![Span::Words(text.to_owned())], points: Vec::new() }
}

/// The addresses of the sign-in page and of the user's own page, if they are known and messages may have links.
fn addresses(place: &Place<'_>) -> Option<(String, String)> {
    let may_link = place.letterhead.links == NoticeLinks::All;
    let sign_in = place.account.and_then(|account| place.partition.sign_in_url(account));
    sign_in.zip(place.partition.security_credentials_url()).filter(|_| may_link)
}

/// How to get to the page, where MFA devices are assigned, in one line.
fn page(background: &Background) -> String {
    addresses(&Place::of(background)).map_or_else(
        || {
            let account = background.letterhead.account(&background.account);
            format!(
                "Sign in to AWS account {account}, choose your name at the top right, then Security credentials"
            )
        },
        |(_, page)| format!("Open {page}"),
    )
}

/// Steps 1 and 2. Without links, the user has to know the address.
fn to_the_page(place: &Place<'_>) -> Vec<Item> {
    const OTHER_USER: &str =
        "If the page shows another user or account, choose \"Sign in to a different account\".";
    let Some((sign_in, credentials)) = addresses(place) else {
        let text =
            "Open the sign-in page of AWS as you always do, and sign in with your user name and password.";
        let number = asks_for(place.account.unwrap_or("the number in your mail"));
        return vec![
            Item { text: vec![Span::Words(text.to_owned())], points: vec![number, OTHER_USER.to_owned()] },
            step("Choose your name at the top right, then Security credentials."),
        ];
    };
    let asks = place.account.filter(|_| place.partition.asks_for_the_account()).map(asks_for);
    vec![
        Item {
            text: vec![
                Span::Words("Sign in with your user name and password: ".to_owned()),
                Span::Link(sign_in),
            ],
            points: asks.into_iter().chain([OTHER_USER.to_owned()]).collect(),
        },
        Item {
            text: vec![
                Span::Words("Open your Security credentials page: ".to_owned()),
                Span::Link(credentials),
            ],
            points: vec!["Or choose your name at the top right, then Security credentials.".to_owned()],
        },
    ]
}

/// What to do where all accounts have the same page.
fn asks_for(account: &str) -> String {
    format!("If it asks for the account, type {account}.")
}

/// What the console calls the kind.
fn name(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::SecurityKeyOrPasskey => "\"Passkey or security key\" (safe even on a fake page)",
        DeviceKind::Virtual => "\"Authenticator app\" (an app on your phone)",
        DeviceKind::HardwareTotp => "\"Hardware TOTP token\" (a small device that shows six digits)",
    }
}

/// The steps for a kind, as its pages ask for them.
fn points(kind: DeviceKind) -> Vec<String> {
    let points: &[&str] = match kind {
        DeviceKind::SecurityKeyOrPasskey => &[
            "On a Mac or a phone, follow the browser: fingerprint, face or screen lock.",
            "With a password manager that keeps passkeys (such as 1Password, Bitwarden, Dashlane, or that of Google, \
             Apple or Microsoft), let it save the passkey. On Windows, where AWS cannot use Windows Hello, this is the \
             easiest way. Or let the browser use your phone: it shows a code to scan.",
            "With a security key, plug it in and touch it.",
            "Private (incognito) windows, virtual machines and remote desktops cannot do this: use a normal window on \
             your own computer.",
            "When the browser is done, choose Continue if it asks.",
        ],
        DeviceKind::Virtual => &[
            "Choose Show QR code and scan it with the app.",
            "Type the six digits that the app shows into MFA code 1.",
            "Wait up to 30 seconds for new digits, type them into MFA code 2, and choose Add MFA at once. If you wait, \
             the app counts as added, but its codes may not work.",
        ],
        DeviceKind::HardwareTotp => &[
            "Type the serial number, which is on the back of the token.",
            "Press its button, and type the six digits into MFA code 1.",
            "Wait 30 seconds, press it again, type the new digits into MFA code 2, and choose Add MFA at once. If you \
             wait, the token counts as added, but its codes may not work.",
        ],
    };
    points.iter().map(|point| (*point).to_owned()).collect()
}
