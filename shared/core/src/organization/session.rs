//! How another account of the organization is read.

use crate::settings::Settings;

/// `AssumeRole` takes a name of up to so many characters.
const LONGEST_NAME: usize = 64;

/// The ARN of the role with this name, after its path if it has one, in an account of the caller's partition.
///
/// ```
/// use mfa_enforcer_core::organization::reading_role;
///
/// let caller = "arn:aws-cn:sts::111122223333:assumed-role/audit/carol";
/// assert_eq!(
///     reading_role(caller, "444455556666", "security/reader"),
///     "arn:aws-cn:iam::444455556666:role/security/reader"
/// );
/// ```
#[must_use]
pub fn reading_role(caller: &str, account: &str, role: &str) -> String {
    let partition = caller.split(':').nth(1).unwrap_or_default();
    format!("arn:{partition}:iam::{account}:role/{role}")
}

/// What `CloudTrail` of an account calls the session: its log has to say who read.
///
/// ```
/// use mfa_enforcer_core::organization::session_name;
///
/// let caller = "arn:aws:sts::111122223333:assumed-role/audit/carol@example.com";
/// assert_eq!(session_name(caller), "mfa-enforcer-carol@example.com");
/// ```
#[must_use]
pub fn session_name(caller: &str) -> String {
    let who = caller.rsplit(['/', ':']).next().unwrap_or_default();
    format!("mfa-enforcer-{who}").chars().take(LONGEST_NAME).collect()
}

/// What it calls a session in which somebody decides about a user: as they are called themselves. The guard takes a session
/// that bears a user's name for the user's own, and believes nobody about themselves.
///
/// ```
/// use mfa_enforcer_core::organization::deciding_session_name;
///
/// let caller = "arn:aws:sts::111122223333:assumed-role/operators/carol@example.com";
/// assert_eq!(deciding_session_name(caller), "carol@example.com");
/// ```
#[must_use]
pub fn deciding_session_name(caller: &str) -> String {
    let who = caller.rsplit(['/', ':']).next().unwrap_or_default();
    // `AssumeRole` takes none of a single character.
    if who.len() < 2 { session_name(caller) } else { who.chars().take(LONGEST_NAME).collect() }
}

/// The name of a role, after its path if it has one.
///
/// # Errors
/// What is expected, if IAM would not take it.
pub fn role_name(text: &str) -> Result<String, String> {
    let is_part = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c))
    };
    text.split('/')
        .all(is_part)
        .then(|| text.to_owned())
        .ok_or_else(|| "expected a name such as audit, or security/audit with the path /security/".to_owned())
}

/// The number of an account.
///
/// # Errors
/// What is expected, if this is none.
pub fn account_number(text: &str) -> Result<String, String> {
    let is_number = text.len() == 12 && text.chars().all(|c| c.is_ascii_digit());
    is_number.then(|| text.to_owned()).ok_or_else(|| "expected the 12 digits of an account".to_owned())
}

/// Why settings, which were read for this account, do not hold in other accounts; `has_names` if each of those gets its
/// name from elsewhere.
#[must_use]
pub fn of_one_account(settings: &Settings, account: &str, has_names: bool) -> Option<String> {
    if settings.deployment.account != account {
        return Some(format!(
            "they name the policy of account {}: leave out QUARANTINE_POLICY_ARN",
            settings.deployment.account
        ));
    }
    let name = settings.letterhead.account_name.as_ref().filter(|_| !has_names);
    name.map(|name| format!("they name one account: leave out ACCOUNT_NAME ({name})"))
}
