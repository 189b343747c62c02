//! The policies and groups of the quarantine in an account, found by their paths.
//!
//! A stack set gives them generated names: an account that moves between organizational units may for a while have those
//! of two stacks, and users stay under those of the one that is gone.

use crate::policy_text::Document;
use crate::quarantine::{Quarantine, Restriction};
use crate::settings::Scope;
use jiff::Timestamp;
use strum::IntoEnumIterator;

/// The path below which everything of the enforcer is.
pub const PATH: &str = "/mfa-enforcer/";
/// The path of the spares below it.
const SPARE: &str = "spare/";
/// What a policy is called that is not there: nobody knows the name that its stack gave it.
const DELETED: &str = "UNKNOWN-NAME";
/// What to do where something is missing.
pub const MISSING: &str = "the stack of member.yaml is not complete in this account";

/// A policy or a group below [`PATH`], as IAM lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedPart {
    /// ARN of the policy, or name of the group.
    pub name: String,
    /// Its path, which says what it is for.
    pub path: String,
    /// When it was made.
    pub made: Timestamp,
}

/// What contains users in an account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parts {
    /// The newest first.
    policies: Vec<Part>,
    /// The newest first.
    groups: Vec<Part>,
    /// The name of the stack whose roles let the hub in.
    member: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    name: String,
    document: Document,
    is_spare: bool,
    made: Timestamp,
}

impl Parts {
    /// The parts among these policies and groups. What is at another path is none.
    #[must_use]
    pub fn of(policies: Vec<ListedPart>, groups: Vec<ListedPart>) -> Self {
        Self { policies: parts(policies), groups: parts(groups), member: None }
    }

    /// The same, seen through a role of the stack with this name.
    #[must_use]
    pub fn seen_through(self, member: &str) -> Self {
        Self { member: Some(member.to_owned()), ..self }
    }

    /// The name of the stack whose roles let the hub in; `None` before a look.
    pub(super) fn member(&self) -> Option<&str> {
        self.member.as_deref()
    }

    /// ARNs of all policies.
    #[must_use]
    pub fn policies(&self) -> Vec<String> {
        names(&self.policies)
    }

    /// Names of all groups.
    #[must_use]
    pub fn groups(&self) -> Vec<String> {
        names(&self.groups)
    }

    /// The quarantine for a scope; `None` if neither its policy nor the spare is there.
    ///
    /// Of several, the newest one is in force. The others are former ones: users can be under them, and a release ends
    /// that.
    #[must_use]
    pub fn quarantine(&self, scope: Scope) -> Option<Quarantine> {
        let (full, fallback, strict) = match scope {
            Scope::Console => (Document::Console, None, Document::StrictConsole),
            Scope::Everything => (Document::Everything, Some(Document::Console), Document::StrictEverything),
        };
        let full = self.restriction(full)?;
        let fallback = fallback.and_then(|document| self.restriction(document));
        let strict = self.restriction(strict);
        let in_force = || [&full].into_iter().chain(&fallback).chain(&strict);
        let is_in_force = |arn: &String| in_force().any(|restriction| restriction.has_policy(arn));
        let has_group =
            |name: &String| in_force().any(|restriction| restriction.group.as_ref() == Some(name));
        let former = self.policies().into_iter().filter(|arn| !is_in_force(arn)).collect();
        let former_groups = || self.groups.iter().filter(|group| !has_group(&group.name));
        let name = |group: &Part| group.name.clone();
        Some(Quarantine {
            stops_keys: scope == Scope::Everything,
            former,
            former_groups: former_groups().map(name).collect(),
            former_strict_groups: former_groups()
                .filter(|group| group.document.is_strict())
                .map(name)
                .collect(),
            full: full.clone(),
            fallback: fallback.clone(),
            strict: strict.clone(),
        })
    }

    fn restriction(&self, document: Document) -> Option<Restriction> {
        let newest = |parts: &[Part], is_spare: bool| {
            let mut parts = parts.iter();
            parts
                .find(|part| part.document == document && part.is_spare == is_spare)
                .map(|part| part.name.clone())
        };
        let spare = newest(&self.policies, true);
        let policy = newest(&self.policies, false);
        // Its name is gone with it. Under another one it is as lost, and a sweep puts the spare in its place, and tells.
        let policy = policy.or_else(|| Some(without_name(spare.as_deref()?, document)))?;
        Some(Restriction { policy, group: newest(&self.groups, false), spare })
    }
}

fn parts(listed: Vec<ListedPart>) -> Vec<Part> {
    let part = |ListedPart { name, path, made }: ListedPart| {
        let path = path.strip_prefix(PATH)?.strip_suffix('/')?;
        let (is_spare, code) = path.strip_prefix(SPARE).map_or((false, path), |code| (true, code));
        let document = Document::iter().find(|document| document.code() == code)?;
        Some(Part { name, document, is_spare, made })
    };
    let mut parts: Vec<Part> = listed.into_iter().filter_map(part).collect();
    // By name as well: whichever order IAM lists them in, the same one is in force.
    parts.sort_by(|one, other| (other.made, &one.name).cmp(&(one.made, &other.name)));
    parts
}

impl Quarantine {
    /// The same with the spare in the place of each policy that [`Parts`] did not find.
    ///
    /// A sweep sees for itself that it is gone, and tells. An event has to contain at once, and no role may attach a policy
    /// of another name.
    #[must_use]
    pub fn with_spares(self) -> Self {
        let with_spare = |restriction: Restriction| match restriction.spare {
            Some(spare) if restriction.policy.ends_with(&format!("/{DELETED}")) => {
                Restriction { policy: spare, spare: None, ..restriction }
            }
            spare => Restriction { spare, ..restriction },
        };
        Self {
            full: with_spare(self.full),
            fallback: self.fallback.map(with_spare),
            strict: self.strict.map(with_spare),
            ..self
        }
    }
}

/// The ARN of a policy that is not there, beside this spare.
fn without_name(spare: &str, document: Document) -> String {
    let of_account = spare.split_once(":policy/").map_or(spare, |(of_account, _)| of_account);
    format!("{of_account}:policy{PATH}{}/{DELETED}", document.code())
}

fn names(parts: &[Part]) -> Vec<String> {
    parts.iter().map(|part| part.name.clone()).collect()
}
