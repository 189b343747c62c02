//! How to enrol an MFA device, step by step, as the console works today.
//!
//! Source: IAM User Guide, "Assign MFA devices in the AWS Management Console".

use super::Background;
use super::phrases::TIME_TO_ENROL;

/// The numbered steps for all three kinds of device.
pub(super) fn enrolment(background: &Background) -> String {
    let sign_in = background.partition.sign_in_url(&background.account);
    let credentials = background.partition.security_credentials_url();
    format!(
        "\
How to set up MFA ({TIME_TO_ENROL})

1. Sign in with your user name and password:
   {sign_in}
2. Open your Security credentials page:
   {credentials}
   (or choose your name at the top right, then Security credentials)
3. Under \"Multi-factor authentication (MFA)\", choose Assign MFA device.
4. Type a name for the device, without spaces (if it is taken, try
   another), choose ONE of the three kinds below, choose Next, and
   follow its steps.

   A. Passkey or security key (the best choice: safe even on a fake page)
      - On a Mac or a phone, follow the browser: fingerprint, face or
        screen lock.
      - On Windows, where AWS cannot use Windows Hello, let the browser
        use your phone (it shows a code to scan).
      - With a security key, plug it in and touch it.
      - When the browser is done, choose Continue if it asks.

   B. Authenticator app (on your phone)
      - Choose Show QR code and scan it with the app.
      - Type the six digits that the app shows into MFA code 1.
      - Wait up to 30 seconds for new digits, type them into MFA code 2,
        and choose Add MFA.

   C. Hardware TOTP token (a small device that shows six digits)
      - Type the serial number, which is on the back of the token.
      - Press its button, and type the six digits into MFA code 1.
      - Wait 30 seconds, press it again, type the new digits into
        MFA code 2, and choose Add MFA.

5. Sign out everywhere, and sign in again with the new device. (If you use
   `aws login` on the command line, run `aws logout` first.)

A second device is a good idea: if you lose one, you still get in.
"
    )
}
