//! An organization as it was read.

use crate::evidence::{overview_of, overview_of_people, prospect_of_people};
use crate::fixtures::{now, settings_with, user};
use mfa_enforcer_core::evidence::Overview;
use mfa_enforcer_core::forecast::Prospect;
use mfa_enforcer_core::organization::{
    Account, Document, DocumentCheck, Live, OrganizationOverview, OrganizationProspect, OrganizationalUnit,
};
use std::collections::BTreeMap;

/// An account below these units.
#[must_use]
pub fn account(units: &[&str], name: &str, id: &str, state: &str) -> Account {
    Account {
        units: units.iter().map(|name| (*name).to_owned()).collect(),
        unit_ids: units.iter().map(|name| format!("ou-ab12-{}", name.to_lowercase())).collect(),
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
    OrganizationOverview::of(
        "o-exampleorgid",
        &caller,
        at,
        vec![
            (account(&["Root", "Work"], "production", "123456789012", "ACTIVE"), Some(Ok(of_people))),
            (account(&["Root", "Work", "Tests"], "staging", "222233334444", "ACTIVE"), Some(Ok(of_bob))),
            (account(&["Root", "Work"], "bought", "333344445555", "ACTIVE"), Some(Err(refusal(&caller)))),
            (account(&["Root", "Old"], "closed", "444455556666", "CLOSED"), None),
        ],
    )
}

/// What is expected in the same organization.
#[must_use]
pub fn plan_of_people() -> OrganizationProspect {
    let of_people = prospect_of_people(&[("MODE", "enforce"), ("GRACE_PERIOD", "3d")], 10);
    let of_staging =
        Prospect { unknown: vec!["whether root has MFA".to_owned()], ..prospect_of_people(&[], 10) };
    let (caller, at) = (of_people.caller.clone(), of_people.from);
    OrganizationProspect::of(
        "o-exampleorgid",
        &caller,
        at,
        None,
        vec![
            (account(&["Root", "Work"], "production", "123456789012", "ACTIVE"), Some(Ok(of_people))),
            (account(&["Root", "Work", "Tests"], "staging", "222233334444", "ACTIVE"), Some(Ok(of_staging))),
            (account(&["Root", "Work"], "bought", "333344445555", "ACTIVE"), Some(Err(refusal(&caller)))),
            (account(&["Root", "Old"], "closed", "444455556666", "CLOSED"), None),
        ],
    )
}

/// What the example of a document means in an organization of four accounts.
#[must_use]
pub fn settings_of_example() -> DocumentCheck {
    let text = include_str!("../../../organization.example.yaml");
    let document = Document::read(text).unwrap_or_else(|faults| panic!("{faults:?}"));
    let unit = |id: &str, path: &[&str]| OrganizationalUnit {
        id: id.to_owned(),
        path: path.iter().map(|name| (*name).to_owned()).collect(),
    };
    let untagged = |account: Account| (account, BTreeMap::new());
    let tags = [("mfa-enforcer:contact", "web@example.com"), ("mfa-enforcer:mode", "observe")];
    let tags = tags.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    document.check(Live {
        organization: "o-exampleorgid",
        caller: "arn:aws:iam::123456789012:user/carol",
        at: now(),
        units: &[
            unit("r-ab12", &["Root"]),
            unit("ou-ab12-sandbox1", &["Root", "Sandbox"]),
            unit("ou-ab12-product1", &["Root", "Production"]),
        ],
        accounts: &[
            untagged(account(&["Root"], "management", "123456789012", "ACTIVE")),
            untagged(account(&["Root", "Sandbox"], "play", "222233334444", "ACTIVE")),
            untagged(account(&["Root", "Production"], "payments", "111122223333", "ACTIVE")),
            (account(&["Root", "Production"], "web", "333344445555", "ACTIVE"), tags),
        ],
        hub: &settings_with(&[("STRICT_POLICY_ARN", "arn:aws:iam::123456789012:policy/strict")]),
    })
}

fn refusal(caller: &str) -> String {
    format!(
        "arn:aws:iam::333344445555:role/OrganizationAccountAccessRole cannot be used (sts:AssumeRole failed: access \
         denied, whoever called lacks this permission (AccessDenied)): it has to be there and to trust {caller}, who has to be \
         allowed sts:AssumeRole on it"
    )
}
