//! What a record says about the controls of four standards, in our own words.
//!
//! Strict: a user without MFA is a failure also where somebody exempted them, for no standard knows this enforcer's
//! exemptions. How many of the failures are exceptions that somebody decided is said beside it.

use super::counts::Counts;
use crate::snapshot::{RootMfa, RootStatus};
use serde::{Deserialize, Serialize};

/// A control, and what the record says about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Control {
    /// The standard, with its version.
    pub standard: String,
    /// Number of the control in the standard.
    pub id: String,
    /// What the control asks for.
    pub about: String,
    /// `pass`, `fail` or `not-assessed`.
    pub result: String,
    /// How many were looked at: users, or root.
    pub checked: usize,
    /// How many of them do not have what the control asks for.
    pub failing: usize,
    /// How many of those are exempt by a decision on record.
    pub exceptions: usize,
    /// What exactly was looked at, and what was not.
    pub looked_at: String,
}

/// What a control is about.
#[derive(Clone, Copy)]
enum Subject {
    /// Every user with a console password.
    Users,
    /// Root has MFA.
    Root,
    /// Root has MFA that is not an app.
    RootHardware,
}

const CIS: &str = "CIS AWS Foundations Benchmark 5.0";
const PCI: &str = "PCI DSS 4.0.1";
const NIST: &str = "NIST SP 800-53 Rev. 5";
const HUB: &str = "AWS Security Hub";

/// Each control: standard, number, what it asks for, and a limit of what was looked at.
const CONTROLS: [(&str, &str, &str, Subject, &str); 9] = [
    (CIS, "1.4", "root has MFA", Subject::Root, ""),
    (CIS, "1.5", "root has MFA on a piece of hardware", Subject::RootHardware, ""),
    (CIS, "1.9", "every IAM user with a console password has MFA", Subject::Users, ""),
    (
        PCI,
        "8.4.2",
        "whoever reaches the cardholder data environment over a network uses MFA",
        Subject::Users,
        "Only passwords for the console of this account. Whether the account belongs to that environment, access keys, \
         roles, and other ways in have to be judged elsewhere.",
    ),
    (
        NIST,
        "IA-2(1)",
        "privileged accounts are used with MFA",
        Subject::Users,
        "All users were looked at alike: which of them are privileged was not judged. Access keys and roles were not \
         looked at.",
    ),
    (
        NIST,
        "IA-2(2)",
        "accounts without privileges are used with MFA",
        Subject::Users,
        "All users were looked at alike: which of them are privileged was not judged. Access keys and roles were not \
         looked at.",
    ),
    (HUB, "IAM.5", "every IAM user with a console password has MFA", Subject::Users, ""),
    (HUB, "IAM.6", "root has MFA on a piece of hardware", Subject::RootHardware, ""),
    (HUB, "IAM.9", "root has MFA", Subject::Root, ""),
];

/// What was looked at about users.
const OF_USERS: &str = "Password and MFA devices of each IAM user of this account: the credential report, the list of \
                        virtual devices, and live answers where users were looked up.";
/// What was looked at about root.
const OF_ROOT: &str = "The account summary, and the list of virtual devices.";
/// The limit of what can be told of root's device.
const OF_HARDWARE: &str = "AWS lists only root's virtual devices. So a device that is not one of these counts as \
                           hardware, a synced passkey among them.";

/// The control map.
#[must_use]
pub fn controls(counts: &Counts, root: &RootStatus) -> Vec<Control> {
    CONTROLS
        .iter()
        .map(|(standard, id, about, subject, limit)| {
            let (result, checked, failing, exceptions, looked_at) = match subject {
                Subject::Users => of_users(counts),
                Subject::Root => of_root(root.mfa, false),
                Subject::RootHardware => of_root(root.mfa, true),
            };
            Control {
                standard: (*standard).to_owned(),
                id: (*id).to_owned(),
                about: (*about).to_owned(),
                result: result.to_owned(),
                checked,
                failing,
                exceptions,
                looked_at: [looked_at.as_str(), limit].join(" ").trim_end().to_owned(),
            }
        })
        .collect()
}

fn of_users(counts: &Counts) -> (&'static str, usize, usize, usize, String) {
    let (failing, unknown) = (counts.without_mfa, counts.unknown);
    let result = match (failing, unknown) {
        (0, 0) => "pass",
        (0, _) => "not-assessed",
        _ => "fail",
    };
    let unseen = if unknown == 0 { String::new() } else { format!(" Not known for {unknown} of them.") };
    let looked_at = format!("{OF_USERS}{unseen}");
    (result, counts.console, failing, counts.without_mfa_exempt, looked_at)
}

fn of_root(mfa: RootMfa, needs_hardware: bool) -> (&'static str, usize, usize, usize, String) {
    let because = |why: &str| ("not-assessed", 0, 0, 0, why.to_owned());
    let found = |passes: bool| {
        let looked_at = if needs_hardware { format!("{OF_ROOT} {OF_HARDWARE}") } else { OF_ROOT.to_owned() };
        (if passes { "pass" } else { "fail" }, 1, usize::from(!passes), 0, looked_at)
    };
    match mfa {
        RootMfa::NonVirtualOnly => found(true),
        RootMfa::VirtualPresent => found(!needs_hardware),
        RootMfa::Missing => found(false),
        RootMfa::NoCredentials => {
            because("Root has neither a password nor access keys, so there is nothing to protect.")
        }
        RootMfa::NoConsole => because("In this partition root cannot have MFA."),
        RootMfa::NotThere => because("In this partition there is no root user."),
        RootMfa::Unknown => because("The account summary could not be read."),
    }
}
