//! The part about root: its state, and what to do about it.

use super::digest_phrases::minute;
use super::view::View;
use crate::snapshot::{LastUse, RootMfa, RootStatus};

/// The state of root as one text, and the advice as separate sentences.
pub(super) fn lines(view: &View) -> (String, Vec<&'static str>) {
    let root = view.digest.root;
    let mut state = vec![mfa(root)];
    let mut advice = vec![mfa_advice(root)];
    if root.access_keys {
        state.push("Root has access keys, which nobody should need.".to_owned());
        advice.push("delete root's access keys; give the program that uses them a role instead.");
    }
    if root.mfa != RootMfa::NotThere {
        state.push(last_used(root.last_used));
    }
    if view.root_used == Some(true) {
        state.push("The last digest could not have known about it.".to_owned());
        advice.push("ask who used root and why: it is for the few tasks that only root can do.");
    }
    (state.join(" "), advice)
}

fn mfa(root: RootStatus) -> String {
    match (root.mfa, root.devices) {
        (RootMfa::Missing, _) => "Root has NO MFA.".to_owned(),
        (RootMfa::VirtualPresent, None) => {
            "Root has an authenticator app, perhaps among other devices. AWS lists those only to root itself and to \
             administrators of the organization."
                .to_owned()
        }
        (RootMfa::VirtualPresent, Some(1)) => {
            "Root has about one MFA device, an authenticator app: no spare.".to_owned()
        }
        (RootMfa::VirtualPresent, Some(count)) => {
            format!("Root has about {count} MFA devices, an authenticator app among them.")
        }
        (RootMfa::NonVirtualOnly, None) => {
            "Root has a security key, a passkey or a hardware token. Which, and how many, AWS lists only to root itself \
             and to administrators of the organization."
                .to_owned()
        }
        (RootMfa::NonVirtualOnly, Some(1)) => {
            "Root has about one MFA device, a security key, a passkey or a hardware token: no spare.".to_owned()
        }
        (RootMfa::NonVirtualOnly, Some(count)) => {
            format!("Root has about {count} MFA devices: security keys, passkeys or hardware tokens.")
        }
        (RootMfa::NoCredentials, _) => {
            "Root has neither a password nor access keys, so there is nothing to steal.".to_owned()
        }
        (RootMfa::NoConsole, _) => {
            "In this partition root cannot sign in to the console, and cannot have MFA.".to_owned()
        }
        (RootMfa::NotThere, _) => "In this partition there is no root user.".to_owned(),
        (RootMfa::Unknown, _) => {
            "Root could not be looked up, so it is unknown whether it has MFA.".to_owned()
        }
    }
}

fn mfa_advice(root: RootStatus) -> &'static str {
    match (root.mfa, root.devices) {
        (RootMfa::Missing, _) => {
            "today, sign in as root, choose the account's name at the top right, Security credentials, Assign \
             MFA device. Enrol a hardware security key or passkey, and a second one as a spare, kept in \
             another place. AWS demands it at root's sign-in anyway: from 35 days after the first one without, nobody \
             gets in without MFA."
        }
        (RootMfa::VirtualPresent, _) => {
            "enrol two hardware security keys or passkeys for root, kept in different places, then remove the \
             app: its codes can be phished."
        }
        (RootMfa::NonVirtualOnly, Some(1)) => {
            "enrol a second hardware security key or passkey for root as a spare, and keep it in another place."
        }
        (RootMfa::NonVirtualOnly, _) => {
            "make sure that root has two hardware security keys or passkeys, and that they are kept in \
             different places."
        }
        (RootMfa::NoCredentials, _) => {
            "nothing. Give root a password only for a task that needs it, and remove it afterwards."
        }
        (RootMfa::NoConsole | RootMfa::NotThere, _) => "nothing about MFA.",
        (RootMfa::Unknown, _) => {
            "nothing now; the next sweep tries again. If that fails too, search the log for iam:GetAccountSummary."
        }
    }
}

fn last_used(last: LastUse) -> String {
    match last {
        LastUse::At(time) => format!("It was last used on {} UTC.", minute(time)),
        LastUse::Never => "It was never used.".to_owned(),
        LastUse::Unknown => "It is unknown when it was last used.".to_owned(),
    }
}
