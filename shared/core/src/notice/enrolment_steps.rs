//! How to enrol an MFA device, step by step, as the console works today.
//!
//! Source: IAM User Guide, "Assign MFA devices in the AWS Management Console".

use super::Background;
use super::phrases::TIME_TO_ENROL;
use crate::device::DeviceKind;

/// The numbered steps, for the kinds of device that users can have in the account's partition.
pub(super) fn enrolment(background: &Background) -> String {
    let traits = background.partition.traits();
    let spare = if traits.several_devices {
        "\nA second device is a good idea: if you lose one, you still get in.\n"
    } else {
        ""
    };
    format!(
        "\
How to set up MFA ({TIME_TO_ENROL})

{}
3. Under \"Multi-factor authentication (MFA)\", choose Assign MFA device.
{}
5. Sign out everywhere, and sign in again with the new device. (If you use
   `aws login` on the command line, run `aws logout` first.)
{spare}",
        to_the_page(background),
        devices(traits.devices)
    )
}

/// The same in three lines: for chat.
pub(super) fn in_short(background: &Background) -> Vec<String> {
    vec![
        page(background),
        "Under \"Multi-factor authentication (MFA)\", choose Assign MFA device. Type a name for the device, choose its \
         kind, and follow the steps."
            .to_owned(),
        "Sign out everywhere, and sign in again with the new device.".to_owned(),
    ]
}

/// How to get to the page, where MFA devices are assigned, in one line.
fn page(background: &Background) -> String {
    background.partition.security_credentials_url().map_or_else(
        || {
            let account = &background.account;
            format!(
                "Sign in to AWS account {account}, choose your name at the top right, then Security credentials"
            )
        },
        |page| format!("Open {page}"),
    )
}

/// Steps 1 and 2. Where the addresses are not known, the user has to know them.
fn to_the_page(background: &Background) -> String {
    let (partition, account) = (background.partition, &background.account);
    let links = partition.sign_in_url(account).zip(partition.security_credentials_url());
    let Some((sign_in, credentials)) = links else {
        return format!(
            "\
1. Open the sign-in page of your company's AWS account {account}, and sign
   in with your user name and password.
2. Choose your name at the top right, then Security credentials."
        );
    };
    let asks = if partition.asks_for_the_account() {
        format!("\n   (if it asks for the account, type {account})")
    } else {
        String::new()
    };
    format!(
        "\
1. Sign in with your user name and password:
   {sign_in}{asks}
2. Open your Security credentials page:
   {credentials}
   (or choose your name at the top right, then Security credentials)"
    )
}

/// Step 4: one section for each kind, with a letter if there is a choice.
fn devices(kinds: &[DeviceKind]) -> String {
    if let [only] = kinds {
        return format!(
            "\
4. Type a name for the device, without spaces (if it is taken, try
   another), choose the kind below, choose Next, and follow its steps.

   {}",
            section(*only)
        );
    }
    let count = if kinds.len() == 2 { "two" } else { "three" };
    let sections: Vec<String> = kinds
        .iter()
        .zip('A'..='Z')
        .map(|(kind, letter)| {
            let best = if kind.is_phishing_resistant() {
                section(*kind).replacen('\n', " (the best choice: safe even on a fake page)\n", 1)
            } else {
                section(*kind).to_owned()
            };
            format!("   {letter}. {best}")
        })
        .collect();
    format!(
        "\
4. Type a name for the device, without spaces (if it is taken, try
   another), choose ONE of the {count} kinds below, choose Next, and
   follow its steps.

{}",
        sections.join("\n")
    )
}

fn section(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::SecurityKeyOrPasskey => {
            "\
Passkey or security key
      - On a Mac or a phone, follow the browser: fingerprint, face or
        screen lock.
      - On Windows, where AWS cannot use Windows Hello, let the browser
        use your phone (it shows a code to scan).
      - With a security key, plug it in and touch it.
      - Private (incognito) windows, virtual machines and remote desktops
        cannot do this: use a normal window on your own computer.
      - When the browser is done, choose Continue if it asks.
"
        }
        DeviceKind::Virtual => {
            "\
Authenticator app (on your phone)
      - Choose Show QR code and scan it with the app.
      - Type the six digits that the app shows into MFA code 1.
      - Wait up to 30 seconds for new digits, type them into MFA code 2,
        and choose Add MFA.
"
        }
        DeviceKind::HardwareTotp => {
            "\
Hardware TOTP token (a small device that shows six digits)
      - Type the serial number, which is on the back of the token.
      - Press its button, and type the six digits into MFA code 1.
      - Wait 30 seconds, press it again, type the new digits into
        MFA code 2, and choose Add MFA.
"
        }
    }
}
