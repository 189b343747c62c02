//! An organization as it was read.

use crate::evidence::{overview_of, overview_of_people};
use crate::fixtures::user;
use mfa_enforcer_core::evidence::Overview;
use mfa_enforcer_core::organization::{Account, OrganizationOverview};

/// An account below these units.
#[must_use]
pub fn account(units: &[&str], name: &str, id: &str, state: &str) -> Account {
    Account {
        units: units.iter().map(|name| (*name).to_owned()).collect(),
        name: name.to_owned(),
        id: id.to_owned(),
        state: state.to_owned(),
    }
}

/// Two accounts that were read, one without the role, and one that is closed.
#[must_use]
pub fn organization_of_people() -> OrganizationOverview {
    let of_people = overview_of_people();
    let at = of_people.at;
    let caller = of_people.caller.clone();
    let of_bob = Overview { unknown: vec!["whether root has MFA".to_owned()], ..overview_of([user("bob")]) };
    let refused = format!(
        "arn:aws:iam::333344445555:role/OrganizationAccountAccessRole cannot be used (sts:AssumeRole failed: access \
         denied, whoever called lacks this permission (AccessDenied)): it has to be there and to trust {caller}, who has to be \
         allowed sts:AssumeRole on it"
    );
    OrganizationOverview::of(
        "o-exampleorgid",
        &caller,
        at,
        vec![
            (account(&["Root", "Work"], "production", "123456789012", "ACTIVE"), Some(Ok(of_people))),
            (account(&["Root", "Work", "Tests"], "staging", "222233334444", "ACTIVE"), Some(Ok(of_bob))),
            (account(&["Root", "Work"], "bought", "333344445555", "ACTIVE"), Some(Err(refused))),
            (account(&["Root", "Old"], "closed", "444455556666", "CLOSED"), None),
        ],
    )
}
