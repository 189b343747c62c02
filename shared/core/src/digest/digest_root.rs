//! The part about root: its state, and what to do about it.

use super::digest_phrases::minute;
use super::view::View;
use crate::snapshot::{LastUse, RootMfa};

/// The state of root as one text, and the advice as separate sentences.
pub(super) fn lines(view: &View) -> (String, Vec<&'static str>) {
    let root = view.digest.root;
    let mut state = vec![mfa(root.mfa).to_owned()];
    let mut advice = vec![mfa_advice(root.mfa)];
    if root.access_keys {
        state.push("Root has access keys, which nobody should need.".to_owned());
        advice.push("delete root's access keys; give the program that uses them a role instead.");
    }
    state.push(last_used(root.last_used));
    if view.root_used == Some(true) {
        state.push("The last digest could not have known about it.".to_owned());
        advice.push("ask who used root and why: it is for the few tasks that only root can do.");
    }
    (state.join(" "), advice)
}

fn mfa(mfa: RootMfa) -> &'static str {
    match mfa {
        RootMfa::Missing => "Root has NO MFA.",
        RootMfa::VirtualPresent => {
            "Root has an authenticator app, perhaps among other devices, which AWS does not list."
        }
        RootMfa::NonVirtualOnly => {
            "Root has a security key, a passkey or a hardware token: AWS does not say which, or how many."
        }
        RootMfa::NoCredentials => {
            "Root has neither a password nor access keys, so there is nothing to steal."
        }
        RootMfa::Unknown => "Root could not be looked up, so it is unknown whether it has MFA.",
    }
}

fn mfa_advice(mfa: RootMfa) -> &'static str {
    match mfa {
        RootMfa::Missing => {
            "today, sign in as root, choose the account's name at the top right, Security credentials, Assign \
             MFA device. Enrol a hardware security key or passkey, and a second one as a spare, kept in \
             another place."
        }
        RootMfa::VirtualPresent => {
            "enrol two hardware security keys or passkeys for root, kept in different places, then remove the \
             app: its codes can be phished."
        }
        RootMfa::NonVirtualOnly => {
            "make sure that root has two hardware security keys or passkeys, and that they are kept in \
             different places."
        }
        RootMfa::NoCredentials => {
            "nothing. Give root a password only for a task that needs it, and remove it afterwards."
        }
        RootMfa::Unknown => {
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
