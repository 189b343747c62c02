//! How to enrol an MFA device, step by step, as the console works today.
//!
//! Source: IAM User Guide, "Assign MFA devices in the AWS Management Console".

use super::Background;
use super::letter::{Item, Part, Span};
use super::phrases::TIME_TO_ENROL;
use crate::device::DeviceKind;
use crate::settings::NoticeLinks;

/// The steps, for the kinds of device that users can have in the account's partition. The recommended kind comes first.
pub(super) fn enrolment(background: &Background) -> Vec<Part> {
    let kinds = kinds(background);
    let mut steps = to_the_page(background);
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
        parts.push(Part::words("The steps are the same, but for step 4. Choose there:"));
    }
    for kind in others {
        parts.push(Part::words(format!("{}, and then:", name(*kind))));
        parts.push(Part::Points(points(*kind)));
    }
    if background.partition.traits().several_devices {
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
fn kinds(background: &Background) -> Vec<DeviceKind> {
    let mut kinds = background.partition.traits().devices.to_vec();
    kinds.sort_by_key(|kind| Some(*kind) != background.letterhead.recommended);
    kinds
}

fn step(text: &str) -> Item {
    Item { text: vec![Span::Words(text.to_owned())], points: Vec::new() }
}

/// The addresses of the sign-in page and of the user's own page, if they are known and messages may have links.
fn addresses(background: &Background) -> Option<(String, String)> {
    let partition = background.partition;
    let may_link = background.letterhead.links == NoticeLinks::All;
    let addresses = partition.sign_in_url(&background.account).zip(partition.security_credentials_url());
    addresses.filter(|_| may_link)
}

/// How to get to the page, where MFA devices are assigned, in one line.
fn page(background: &Background) -> String {
    addresses(background).map_or_else(
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
fn to_the_page(background: &Background) -> Vec<Item> {
    const OTHER_USER: &str =
        "If the page shows another user or account, choose \"Sign in to a different account\".";
    let (partition, account) = (background.partition, &background.account);
    let Some((sign_in, credentials)) = addresses(background) else {
        let text =
            "Open the sign-in page of AWS as you always do, and sign in with your user name and password.";
        let number = format!("If it asks for the account, type {account}.");
        return vec![
            Item { text: vec![Span::Words(text.to_owned())], points: vec![number, OTHER_USER.to_owned()] },
            step("Choose your name at the top right, then Security credentials."),
        ];
    };
    let asks =
        partition.asks_for_the_account().then(|| format!("If it asks for the account, type {account}."));
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
