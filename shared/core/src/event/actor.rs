//! The identity that made a call, kept apart from the user the call was about.

use super::detail::UserIdentity;
use super::invoked_by::Via;
use super::user_name::UserName;
use std::fmt;

/// What the name of the role of service-managed stack sets begins with; 32 hexadecimal digits follow.
const STACK_SETS: &str = "stacksets-exec-";

/// The caller's `userIdentity.type`, reduced to the kinds that lead to different decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityKind {
    /// An IAM user.
    IamUser,
    /// The account's root user.
    Root,
    /// A session of an IAM role.
    AssumedRole,
    /// A SAML, web identity, federated, Identity Center or directory user.
    Federated,
    /// An AWS service, another account, or an unknown type.
    Other,
}

/// The caller of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Kind of identity.
    pub kind: IdentityKind,
    /// Name of the IAM user; `None` if the caller is not one.
    pub user: Option<UserName>,
    /// Unique id of the IAM user (`AIDA...`), as recorded; `None` if the caller is not one.
    pub user_id: Option<String>,
    /// Id of the caller, as recorded: of a user (`AIDA...`), of a role and its session (`AROA...:NAME`), or another.
    pub principal: Option<String>,
    /// ARN of the caller, as recorded.
    pub arn: Option<String>,
    /// Account of the caller, as recorded.
    pub account: Option<String>,
    /// The call was signed with a long-term access key rather than from a console or temporary session.
    pub long_term_key: bool,
    /// Through what the call was made.
    pub via: Via,
    /// Account of the vendor that acts with the caller's rights, which were delegated to it for a while.
    pub delegate: Option<String>,
    /// An administrator of the organization acts as root. Not every such record says so.
    pub assumed_root: bool,
    /// Names and ids of an IAM user that the record has besides: the user who began a federated session
    /// (`GetFederationToken`), the source identity and the name of a role's session.
    began_by: Vec<String>,
    /// ARN of the role whose session this is, with the role's path, which the ARN of the session leaves out.
    role_arn: Option<String>,
}

/// Who made a call, seen from an IAM user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The user themselves: with the password, an access key, or a session that says whose it is.
    Oneself,
    /// Another IAM user, a role, or root.
    SomebodyElse,
    /// The record does not tell, or a service made the call.
    Unknown,
}

impl Actor {
    pub(super) fn new(identity: &UserIdentity) -> Self {
        let arn = identity.arn.get().map(str::to_owned);
        let kind = kind(identity.kind.get(), arn.as_deref());
        let named = identity.user_name.get().and_then(UserName::new);
        let user = match kind {
            IdentityKind::IamUser => named.or_else(|| arn.as_deref().and_then(user_of_arn)),
            IdentityKind::Root
            | IdentityKind::AssumedRole
            | IdentityKind::Federated
            | IdentityKind::Other => None,
        };
        let id = identity.principal_id.get().filter(|id| user.is_some() && id.starts_with("AIDA"));
        let of_user = identity.issuer("type") == Some("IAMUser");
        let issuer = ["userName", "principalId"].map(|field| identity.issuer(field).filter(|_| of_user));
        let began_by = issuer.into_iter().flatten().chain(identity.source_identity()).map(str::to_owned);
        let of_role = identity.issuer("type") == Some("Role");
        Self {
            began_by: began_by.collect(),
            role_arn: identity.issuer("arn").filter(|_| of_role).map(str::to_owned),
            kind,
            user_id: id.map(str::to_owned),
            principal: identity.principal_id.get().map(str::to_owned),
            user,
            account: identity.account_id.get().map(str::to_owned),
            // Long-term keys begin with AKIA, session keys with ASIA.
            long_term_key: identity.access_key_id.get().is_some_and(|key| key.starts_with("AKIA")),
            via: Via::new(identity.invoked_by.get()),
            delegate: identity.delegate().filter(|id| is_account(id)).map(str::to_owned),
            assumed_root: kind == IdentityKind::Root && identity.is_assumed_root(),
            arn,
        }
    }

    /// Whoever has this ARN, which is all that AWS says of a caller who asks who they are.
    #[must_use]
    pub fn of_arn(arn: &str) -> Self {
        let identity = serde_json::from_value(serde_json::json!({ "arn": arn }));
        Self::new(&identity.unwrap_or_default())
    }

    /// Role name from an assumed-role ARN (`arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`).
    #[must_use]
    pub fn role(&self) -> Option<&str> {
        self.role_and_session().map(|(role, _)| role)
    }

    /// Whether this is the role with which service-managed stack sets deploy to this account, by its name and path. Somebody
    /// there who may make roles could give one such a name, which the control policy for members forbids.
    #[must_use]
    pub fn is_stack_set(&self, account: &str) -> bool {
        let is_role = |name: &str| {
            name.strip_prefix(STACK_SETS)
                .is_some_and(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
        };
        let has_no_path = |arn: &str| arn.matches('/').count() == 1;
        self.kind == IdentityKind::AssumedRole
            && self.account.as_deref() == Some(account)
            && self.role().is_some_and(is_role)
            && self.role_arn.as_deref().is_none_or(has_no_path)
    }

    /// Who this is, seen from the user of this name and id.
    ///
    /// A role's session is somebody else, unless it bears the user's name, as the console's switch of roles has it. Whose
    /// it really is, the record does not tell.
    #[must_use]
    pub fn seen_from(&self, name: &UserName, id: &str) -> Relation {
        let session = self.role_and_session().map(|(_, session)| session);
        let is_name = |text: &str| text.eq_ignore_ascii_case(name.as_str()) || text == id;
        let is_own = self.user.as_ref() == Some(name)
            || self.user_id.as_deref() == Some(id)
            || self.began_by.iter().map(String::as_str).chain(session).any(is_name);
        match self.kind {
            _ if is_own => Relation::Oneself,
            IdentityKind::IamUser if self.user.is_none() => Relation::Unknown,
            IdentityKind::AssumedRole if self.role().is_none() => Relation::Unknown,
            IdentityKind::Federated if self.began_by.is_empty() => Relation::Unknown,
            IdentityKind::Other => Relation::Unknown,
            IdentityKind::IamUser
            | IdentityKind::AssumedRole
            | IdentityKind::Root
            | IdentityKind::Federated => Relation::SomebodyElse,
        }
    }

    fn role_and_session(&self) -> Option<(&str, &str)> {
        let (_, resource) = self.arn.as_deref()?.rsplit_once(':')?;
        let names = resource.strip_prefix("assumed-role/")?;
        Some(names.split_once('/').unwrap_or((names, "")))
    }
}

fn kind(type_name: Option<&str>, arn: Option<&str>) -> IdentityKind {
    match type_name {
        Some("IAMUser") => IdentityKind::IamUser,
        Some("Root") => IdentityKind::Root,
        Some("AssumedRole" | "Role") => IdentityKind::AssumedRole,
        Some("SAMLUser" | "WebIdentityUser" | "FederatedUser" | "IdentityCenterUser" | "Directory") => {
            IdentityKind::Federated
        }
        Some(_) => IdentityKind::Other,
        // Some real records have no type; the ARN identifies the kind.
        None => match arn {
            Some(arn) if arn.ends_with(":root") => IdentityKind::Root,
            Some(arn) if arn.contains(":user/") => IdentityKind::IamUser,
            Some(arn) if arn.contains(":assumed-role/") => IdentityKind::AssumedRole,
            Some(_) | None => IdentityKind::Other,
        },
    }
}

/// The user name in `arn:aws:iam::ACCOUNT:user/PATH/NAME`.
fn user_of_arn(arn: &str) -> Option<UserName> {
    let (_, resource) = arn.rsplit_once(':')?;
    let (_, name) = resource.strip_prefix("user")?.rsplit_once('/')?;
    UserName::new(name)
}

impl fmt::Display for Actor {
    /// For messages to the administrators: names only, limited to a safe set of characters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(account) = &self.delegate {
            write!(f, "vendor account {account} for ")?;
        }
        match (self.kind, &self.user, self.role_and_session()) {
            (IdentityKind::IamUser, Some(user), _) if self.long_term_key => {
                write!(f, "user {user} (access key)")
            }
            (IdentityKind::IamUser, Some(user), _) => write!(f, "user {user}"),
            (IdentityKind::IamUser, None, _) => f.write_str("an IAM user without a name"),
            (IdentityKind::Root, _, _) if self.assumed_root => {
                f.write_str("an administrator of the organization as the root user (AssumeRoot)")
            }
            (IdentityKind::Root, _, _) => f.write_str("the root user"),
            (IdentityKind::AssumedRole, _, Some((role, session))) => {
                write!(f, "role {} (session {})", safe(role), safe(session))
            }
            (IdentityKind::AssumedRole, _, None) => f.write_str("a role"),
            (IdentityKind::Federated, _, _) => f.write_str("a federated identity"),
            (IdentityKind::Other, _, _) => f.write_str("an AWS service or unknown identity"),
        }?;
        match self.via {
            Via::Agent => f.write_str(", by an AI agent through the AWS MCP Server"),
            // Of a service, the address says so.
            Via::Directly | Via::Service => Ok(()),
        }
    }
}

/// Whether a text is the id of an account.
fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Keeps only characters that IAM allows in role and session names, up to its limit of 64.
fn safe(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(*c)).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::{Actor, IdentityKind, Relation};
    use crate::event::UserName;
    use crate::event::detail::UserIdentity;
    use serde_json::json;

    fn actor(identity: serde_json::Value) -> Actor {
        Actor::new(&serde_json::from_value::<UserIdentity>(identity).unwrap())
    }

    #[test]
    fn missing_user_name_comes_from_the_arn() {
        let actor = actor(json!({"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/a/b/Alice"}));
        assert_eq!(actor.to_string(), "user Alice");
    }

    #[test]
    fn kind_comes_from_the_arn_if_that_is_all() {
        for (arn, kind) in [
            ("arn:aws:iam::123456789012:root", IdentityKind::Root),
            ("arn:aws:iam::123456789012:user/bob", IdentityKind::IamUser),
            ("arn:aws:sts::123456789012:assumed-role/Admin/carol", IdentityKind::AssumedRole),
            ("arn:aws:sts::123456789012:federated-user/dave", IdentityKind::Other),
        ] {
            assert_eq!(Actor::of_arn(arn).kind, kind, "{arn}");
        }
    }

    #[test]
    fn account_alias_does_not_make_root_a_user() {
        let actor = actor(json!({"type": "Root", "userName": "my-company",
            "arn": "arn:aws:iam::123456789012:root"}));
        assert_eq!((actor.kind, actor.user), (IdentityKind::Root, None));
    }

    #[test]
    fn agent_is_named_after_its_principal() {
        let actor =
            actor(json!({"type": "IAMUser", "userName": "bob", "invokedBy": "aws-mcp.amazonaws.com"}));
        assert_eq!(actor.to_string(), "user bob, by an AI agent through the AWS MCP Server");
    }

    #[test]
    fn delegate_is_named_before_its_principal() {
        let of = |delegate: serde_json::Value| {
            actor(json!({"type": "IAMUser", "userName": "bob", "invokedByDelegate": delegate})).to_string()
        };
        assert_eq!(of(json!({"accountId": "999988887777"})), "vendor account 999988887777 for user bob");
        for odd in [json!(null), json!({}), json!("999988887777")] {
            assert_eq!(of(odd), "user bob");
        }
        for odd in ["http://evil", "99998888777", "9999888877776", "aaaabbbbcccc"] {
            assert_eq!(of(json!({"accountId": odd})), "user bob", "{odd}");
        }
    }

    #[test]
    fn assumed_root_is_a_string_or_a_boolean() {
        let of = |kind: &str, context: serde_json::Value| {
            actor(json!({"type": kind, "sessionContext": context})).assumed_root
        };
        for yes in [json!({"assumedRoot": "true"}), json!({"assumedRoot": true})] {
            assert!(of("Root", yes.clone()));
            assert!(!of("AssumedRole", yes), "this is the caller of AssumeRoot, not root");
        }
        for no in [json!({"assumedRoot": "false"}), json!({"assumedRoot": [1]}), json!({}), json!(null)] {
            assert!(!of("Root", no));
        }
    }

    #[test]
    fn own_key_and_own_sessions_are_oneself() {
        let alice = UserName::new("Alice").unwrap();
        let issuer = json!({"type": "IAMUser", "userName": "alice", "principalId": "AIDAALICE"});
        let bob = json!({"type": "IAMUser", "userName": "bob", "principalId": "AIDABOB"});
        let role = |session: &str| format!("arn:aws:sts::123456789012:assumed-role/Admin/{session}");
        for own in [
            json!({"type": "IAMUser", "userName": "alice"}),
            json!({"type": "IAMUser", "userName": "renamed", "principalId": "AIDAALICE"}),
            json!({"type": "FederatedUser", "sessionContext": {"sessionIssuer": issuer}}),
            json!({"type": "AssumedRole", "arn": role("alice")}),
            json!({"type": "AssumedRole", "arn": role("x"), "sessionContext": {"sourceIdentity": "ALICE"}}),
            json!({"type": "IAMUser", "userName": "alice", "invokedByDelegate": {"accountId": "999988887777"}}),
        ] {
            assert_eq!(actor(own.clone()).seen_from(&alice, "AIDAALICE"), Relation::Oneself, "{own}");
        }
        for other in [
            json!({"type": "IAMUser", "userName": "bob", "principalId": "AIDABOB"}),
            json!({"type": "AssumedRole", "arn": role("bob")}),
            json!({"type": "Root", "arn": "arn:aws:iam::123456789012:root"}),
            json!({"type": "FederatedUser", "sessionContext": {"sessionIssuer": bob}}),
        ] {
            assert_eq!(
                actor(other.clone()).seen_from(&alice, "AIDAALICE"),
                Relation::SomebodyElse,
                "{other}"
            );
        }
        for unknown in [
            json!({"type": "AWSService"}),
            json!({"type": "FederatedUser"}),
            json!({"type": "AssumedRole"}),
            json!({}),
            json!({"type": "IAMUser"}),
        ] {
            assert_eq!(actor(unknown.clone()).seen_from(&alice, "AIDAALICE"), Relation::Unknown, "{unknown}");
        }
    }

    #[test]
    fn stack_set_is_known_by_its_role() {
        let of = |account: &str, role: &str| {
            actor(json!({"type": "AssumedRole", "accountId": account,
                "arn": format!("arn:aws:sts::{account}:assumed-role/{role}/AWSCloudFormation")}))
        };
        let role = "stacksets-exec-0123456789abcdef0123456789abcdef";
        assert!(of("123456789012", role).is_stack_set("123456789012"));
        assert!(!of("210987654321", role).is_stack_set("123456789012"));
        for other in [
            "stacksets-exec-mine",
            "stacksets-exec-0123",
            "stacksets-exec-0123456789abcdef0123456789abcdex",
            "my-stacksets-exec-0123456789abcdef0123456789abcdef",
            "Admin",
        ] {
            assert!(!of("123456789012", other).is_stack_set("123456789012"), "{other}");
        }
        for (path, expected) in [("", true), ("team/", false), ("a/b/", false)] {
            let actor = actor(json!({"type": "AssumedRole", "accountId": "123456789012",
                "arn": format!("arn:aws:sts::123456789012:assumed-role/{role}/AWSCloudFormation"),
                "sessionContext": {"sessionIssuer": {"type": "Role", "userName": role,
                    "arn": format!("arn:aws:iam::123456789012:role/{path}{role}")}}}));
            assert_eq!(actor.is_stack_set("123456789012"), expected, "{path}");
        }
    }

    #[test]
    fn role_shows_its_session() {
        let actor = actor(json!({"type": "AssumedRole",
            "arn": "arn:aws:sts::123456789012:assumed-role/Admin/carol@example.com"}));
        assert_eq!(actor.role(), Some("Admin"));
        assert_eq!(actor.to_string(), "role Admin (session carol@example.com)");
    }
}
