//! A parsed event and its trigger.

use super::detail::RequestParameters;
use super::{Actor, Deployment, Function, Ignored, Malformed, Origin, Touched, UserName};
use crate::device::Serial;
use jiff::{SignedDuration, Timestamp};
use std::fmt;
use strum::{EnumDiscriminants, EnumIter, IntoEnumIterator};

/// How long after an event IAM's answers may still be out of date.
///
/// AWS speaks of seconds. Lambda retries a failed event after one minute and again after two more. With a value
/// below three minutes, the last retry decides on what it finds instead of failing again.
pub const VISIBILITY_LAG: SignedDuration = SignedDuration::from_secs(100);

/// How far apart two sources may give the same moment.
const ROUNDING: SignedDuration = SignedDuration::from_secs(1);

/// A `CloudTrail` event that may require action.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The record the event came from.
    pub source: Source,
    /// Who made the call.
    pub actor: Actor,
    /// The user the call was about.
    pub subject: Subject,
    /// What happened.
    pub trigger: Trigger,
}

impl Event {
    /// Whether IAM's answers may still be older than the event. Small clock differences do not matter.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now.duration_since(self.source.time).abs() < VISIBILITY_LAG
    }

    /// Whether the event is about an earlier user of the same name, given the id of the user who has the name now and
    /// when they were created. Names can be used again, ids cannot.
    ///
    /// `CloudTrail` and IAM both give times to the second, and may round the same moment differently, so an event in the
    /// second before the creation is about this user.
    #[must_use]
    pub fn is_about_an_earlier_user(&self, id: &str, created: Timestamp) -> bool {
        let by_owner = matches!((&self.subject, &self.actor.user), (Subject::User(subject), Some(actor)) if subject == actor);
        let other_id = by_owner && self.actor.user_id.as_deref().is_some_and(|recorded| recorded != id);
        other_id || created.duration_since(self.source.time) > ROUNDING
    }
}

/// The record of an event: its identity, place and time.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// `eventID` of the record, or the envelope's id for records that have none.
    pub id: EventId,
    /// Account in which it happened.
    pub account: String,
    /// Region that recorded it, which may be `global`; empty if the envelope does not say.
    pub region: String,
    /// When it happened.
    pub time: Timestamp,
    /// Address and client of the call.
    pub origin: Origin,
}

/// The user an event is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// An IAM user.
    User(UserName),
    /// The account's root user. It is not an IAM user and is never looked up as one.
    Root,
    /// The policies and groups of the quarantine.
    Quarantine,
    /// The enforcer itself, or what it depends on.
    Enforcer,
}

impl Subject {
    /// The user.
    ///
    /// # Errors
    /// What it is instead, in words.
    pub fn user(&self) -> Result<&UserName, &'static str> {
        match self {
            Self::User(name) => Ok(name),
            Self::Root => Err("root"),
            Self::Quarantine => Err("the quarantine"),
            Self::Enforcer => Err("the enforcer"),
        }
    }
}

/// The moments at which a user becomes a risk, or stops being one.
#[derive(Debug, Clone, PartialEq, Eq, EnumDiscriminants)]
#[strum_discriminants(name(TriggerKind), derive(EnumIter), doc = "A trigger without its device.")]
pub enum Trigger {
    /// A successful console sign-in without MFA.
    SignIn,
    /// A user was created, with these tags of the enforcer: keys, in lower case, and values.
    UserCreated(Vec<(String, String)>),
    /// A user got a console password.
    LoginProfileCreated,
    /// A user's console password was removed.
    LoginProfileDeleted,
    /// A user was deleted.
    UserDeleted,
    /// An MFA device of a user was removed.
    MfaDeactivated(Serial),
    /// An MFA device was added to a user; `None` if the record does not say which.
    MfaEnabled(Option<Serial>),
    /// The quarantine policy with this ARN was detached from a user.
    PolicyDetached(String),
    /// A user was removed from the quarantine group of this name.
    GroupLeft(String),
    /// Tags of the enforcer were set on a user: keys, in lower case, and values.
    UserTagged(Vec<(String, String)>),
    /// The tags of the enforcer with these keys, in lower case, were removed from a user.
    UserUntagged(Vec<String>),
    /// A user got another name or path. The subject has the name that the user has since.
    UserUpdated {
        /// The name before.
        from: UserName,
        /// The new path; `None` if the call did not change it.
        path: Option<String>,
    },
    /// A user got the permissions boundary with this ARN.
    BoundarySet(String),
    /// The policy with this ARN was detached from the quarantine group of this name.
    GroupPolicyDetached {
        /// Name of the group.
        group: String,
        /// ARN of the policy.
        policy: String,
    },
    /// The quarantine group of this name was deleted.
    GroupDeleted(String),
    /// The quarantine group of this name got another name or path.
    GroupUpdated(GroupUpdate),
    /// The quarantine policy with this ARN was deleted.
    PolicyDeleted(String),
    /// A version of the quarantine policy with this ARN was deleted.
    PolicyVersionDeleted(String),
    /// The quarantine policy with this ARN got a new version.
    PolicyVersionCreated(NewVersion),
    /// Another version of the quarantine policy with this ARN became the one in force.
    DefaultVersionSet(VersionSet),
    /// A call touched the enforcer itself, or a trail. It is one of many calls of several services.
    EnforcerTouched(Touched),
}

/// Another name or path of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupUpdate {
    /// Name of the group before.
    pub group: String,
    /// Its new name; `None` if it kept its name.
    pub to: Option<String>,
}

/// A new version of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVersion {
    /// ARN of the policy.
    pub policy: String,
    /// Whether the version was put in force at once.
    pub in_force: bool,
    /// Its document, if the record has it.
    pub document: Option<String>,
}

/// A version of a policy that was put in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionSet {
    /// ARN of the policy.
    pub policy: String,
    /// Id of the version, if the record has it.
    pub version: Option<String>,
}

/// How a trigger appears in `CloudTrail` and in messages. What it means for a user is in [`crate::decide`].
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// `eventName` of its records.
    pub event_name: &'static str,
    /// `eventSource` of its records.
    pub service: Service,
    /// The function that handles it.
    pub function: Function,
    /// What happened, in a message to the user.
    pub says: &'static str,
    /// Whose event it is.
    pub(super) about: About,
    /// Builds the trigger from a record's parameters.
    pub(super) read: Read,
}

type Read = fn(&RequestParameters) -> Result<Trigger, Malformed>;

/// Whose event a record tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// The user whom the request names. IAM takes the caller where it names none.
    UserOrCaller,
    /// The user whom the request names.
    User,
    /// A policy or a group of the quarantine.
    Quarantine,
    /// The enforcer itself. Such records are read elsewhere.
    Enforcer,
}

impl Spec {
    const fn sign_in(event_name: &'static str, function: Function, says: &'static str, read: Read) -> Self {
        Self { event_name, service: Service::SignIn, function, says, about: About::UserOrCaller, read }
    }

    const fn iam(event_name: &'static str, function: Function, says: &'static str, read: Read) -> Self {
        Self { event_name, service: Service::Iam, function, says, about: About::UserOrCaller, read }
    }

    /// A change to a user by somebody. It always names the user.
    const fn tampering(event_name: &'static str, says: &'static str, read: Read) -> Self {
        let function = Function::Guard;
        Self { event_name, service: Service::Iam, function, says, about: About::User, read }
    }

    /// A change to the enforcer itself, by any of many calls, which are read elsewhere.
    const fn of_enforcer() -> Self {
        Self {
            event_name: "EnforcerTouched",
            service: Service::Several,
            function: Function::Guard,
            says: "the enforcer touched",
            about: About::Enforcer,
            read: |_| Err(Malformed::missing("detail.requestParameters")),
        }
    }

    /// A change to a policy or a group of the quarantine.
    const fn of_quarantine(event_name: &'static str, says: &'static str, read: Read) -> Self {
        Self { about: About::Quarantine, ..Self::tampering(event_name, says, read) }
    }
}

/// The AWS services whose records are parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// `signin.amazonaws.com`
    SignIn,
    /// `iam.amazonaws.com`
    Iam,
    /// The service of each of [`OWN_CALLS`](super::OWN_CALLS).
    Several,
}

impl TriggerKind {
    /// The definition of a trigger. To add one, add a variant above and a row here.
    #[must_use]
    pub fn spec(self) -> Spec {
        use Function::{MfaDevice, SignIn, UserLifecycle};
        match self {
            Self::SignIn => Spec::sign_in("ConsoleLogin", SignIn, "sign-in with the password alone", |_| {
                Ok(Trigger::SignIn)
            }),
            Self::UserCreated => {
                let spec = Spec::iam("CreateUser", UserLifecycle, "password created", |parameters| {
                    Ok(Trigger::UserCreated(parameters.own_tags()))
                });
                // A user cannot create themselves.
                Spec { about: About::User, ..spec }
            }
            Self::LoginProfileCreated => {
                Spec::iam("CreateLoginProfile", UserLifecycle, "password created", |_| {
                    Ok(Trigger::LoginProfileCreated)
                })
            }
            Self::LoginProfileDeleted => {
                Spec::iam("DeleteLoginProfile", UserLifecycle, "password removed", |_| {
                    Ok(Trigger::LoginProfileDeleted)
                })
            }
            Self::UserDeleted => {
                Spec::iam("DeleteUser", UserLifecycle, "user deleted", |_| Ok(Trigger::UserDeleted))
            }
            // The serial number is required: whether another device is left depends on which one was removed.
            Self::MfaDeactivated => {
                Spec::iam("DeactivateMFADevice", MfaDevice, "MFA device removed", |parameters| {
                    parameters.required_serial().map(Trigger::MfaDeactivated)
                })
            }
            Self::MfaEnabled => Spec::iam("EnableMFADevice", MfaDevice, "MFA device added", |parameters| {
                parameters.serial().map(Trigger::MfaEnabled)
            }),
            Self::PolicyDetached => {
                Spec::tampering("DetachUserPolicy", "quarantine policy detached", |parameters| {
                    parameters.required_policy().map(Trigger::PolicyDetached)
                })
            }
            Self::GroupLeft => {
                Spec::tampering("RemoveUserFromGroup", "removed from the quarantine group", |parameters| {
                    parameters.required_group().map(Trigger::GroupLeft)
                })
            }
            Self::UserTagged => Spec::tampering("TagUser", "tags of mfa-enforcer set", |parameters| {
                Ok(Trigger::UserTagged(parameters.own_tags()))
            }),
            Self::UserUntagged => {
                Spec::tampering("UntagUser", "tags of mfa-enforcer removed", |parameters| {
                    Ok(Trigger::UserUntagged(parameters.own_tag_keys()))
                })
            }
            Self::UserUpdated => {
                Spec::tampering("UpdateUser", "user renamed or moved", RequestParameters::update)
            }
            Self::BoundarySet => Spec::tampering(
                "PutUserPermissionsBoundary",
                "permissions boundary set",
                RequestParameters::boundary,
            ),
            Self::GroupPolicyDetached => {
                Spec::of_quarantine("DetachGroupPolicy", "policy detached from a group", |parameters| {
                    let (group, policy) = (parameters.required_group()?, parameters.required_policy()?);
                    Ok(Trigger::GroupPolicyDetached { group, policy })
                })
            }
            Self::GroupDeleted => Spec::of_quarantine("DeleteGroup", "group deleted", |parameters| {
                parameters.required_group().map(Trigger::GroupDeleted)
            }),
            Self::GroupUpdated => {
                Spec::of_quarantine("UpdateGroup", "group renamed or moved", |parameters| {
                    // It goes into a command for the administrators.
                    let is_name = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
                    let to = parameters.new_group_name.get().filter(|name| name.chars().all(is_name));
                    let to = to.map(str::to_owned);
                    parameters.required_group().map(|group| Trigger::GroupUpdated(GroupUpdate { group, to }))
                })
            }
            Self::PolicyDeleted => Spec::of_quarantine("DeletePolicy", "policy deleted", |parameters| {
                parameters.required_policy().map(Trigger::PolicyDeleted)
            }),
            Self::PolicyVersionDeleted => {
                Spec::of_quarantine("DeletePolicyVersion", "version of a policy deleted", |parameters| {
                    parameters.required_policy().map(Trigger::PolicyVersionDeleted)
                })
            }
            Self::PolicyVersionCreated => {
                Spec::of_quarantine("CreatePolicyVersion", "version of a policy created", |parameters| {
                    let policy = parameters.required_policy()?;
                    let document = parameters.policy_document.get().map(str::to_owned);
                    let in_force = parameters.set_as_default.0;
                    Ok(Trigger::PolicyVersionCreated(NewVersion { policy, in_force, document }))
                })
            }
            Self::DefaultVersionSet => {
                Spec::of_quarantine("SetDefaultPolicyVersion", "another version put in force", |parameters| {
                    let (policy, version) = (parameters.required_policy()?, parameters.version_id.get());
                    let version = version.map(str::to_owned);
                    Ok(Trigger::DefaultVersionSet(VersionSet { policy, version }))
                })
            }
            Self::EnforcerTouched => Spec::of_enforcer(),
        }
    }

    /// The trigger for a service's `eventName`; `None` if the event is not a trigger.
    pub(super) fn named(service: Service, event_name: &str) -> Option<Self> {
        Self::iter().find(|kind| {
            let spec = kind.spec();
            spec.service == service && spec.event_name == event_name
        })
    }
}

impl Trigger {
    /// The definition of this trigger.
    #[must_use]
    pub fn spec(&self) -> Spec {
        TriggerKind::from(self).spec()
    }

    /// `eventName` of the record, without the date that Lambda adds.
    #[must_use]
    pub fn event_name(&self) -> &'static str {
        if let Self::EnforcerTouched(touched) = self { touched.call.name } else { self.spec().event_name }
    }

    /// The MFA device the trigger is about; `None` if there is none, or the record does not say which.
    #[must_use]
    pub fn device(&self) -> Option<&Serial> {
        if let Self::MfaDeactivated(serial) | Self::MfaEnabled(Some(serial)) = self {
            Some(serial)
        } else {
            None
        }
    }

    /// What the call changed, in words that are safe to put into a mail; `None` if the event's name says it all.
    #[must_use]
    pub fn about(&self) -> Option<String> {
        let name = |arn: &str| safe(arn.rsplit('/').next().unwrap_or_default());
        match self.policy_and_group() {
            (Some(policy), Some(group)) => {
                return Some(format!("policy {} of group {}", name(policy), safe(group)));
            }
            (Some(policy), None) => return Some(format!("policy {}", name(policy))),
            (None, Some(group)) => return Some(format!("group {}", safe(group))),
            (None, None) => {}
        }
        let keys: Vec<&str> = self.keys().collect();
        if !keys.is_empty() {
            return Some(tags_in_words(&keys));
        }
        if let Self::UserUpdated { from, .. } = self {
            return Some(format!("the user who was called {from}"));
        }
        let Self::BoundarySet(arn) = self else { return None };
        Some(format!("permissions boundary {}", name(arn)))
    }

    /// The keys of the tags of the enforcer that somebody set or removed on a user, in lower case.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        let set = if let Self::UserTagged(tags) = self { tags.as_slice() } else { &[] };
        let removed = if let Self::UserUntagged(keys) = self { keys.as_slice() } else { &[] };
        set.iter().map(|(key, _)| key).chain(removed).map(String::as_str)
    }

    /// The value that the event gives this tag of the enforcer; `None` if it does not set it.
    #[must_use]
    pub fn sets_tag(&self, key: &str) -> Option<&str> {
        let (Self::UserTagged(tags) | Self::UserCreated(tags)) = self else { return None };
        tags.iter().find(|(own, _)| own == key).map(|(_, value)| value.as_str())
    }

    /// Whether the event removes this tag of the enforcer.
    #[must_use]
    pub fn removes_tag(&self, key: &str) -> bool {
        matches!(self, Self::UserUntagged(keys) if keys.iter().any(|own| own == key))
    }

    /// The policy and the group the trigger is about.
    pub(crate) fn policy_and_group(&self) -> (Option<&str>, Option<&str>) {
        if let Self::PolicyDetached(policy)
        | Self::PolicyDeleted(policy)
        | Self::PolicyVersionDeleted(policy)
        | Self::PolicyVersionCreated(NewVersion { policy, .. })
        | Self::DefaultVersionSet(VersionSet { policy, .. }) = self
        {
            (Some(policy), None)
        } else if let Self::GroupLeft(group)
        | Self::GroupDeleted(group)
        | Self::GroupUpdated(GroupUpdate { group, .. }) = self
        {
            (None, Some(group))
        } else if let Self::GroupPolicyDetached { group, policy } = self {
            (Some(policy), Some(group))
        } else {
            (None, None)
        }
    }

    /// Whether the trigger concerns this deployment: its policies and groups, and the tags of the enforcer.
    pub(super) fn concern(&self, deployment: &Deployment) -> Result<(), Ignored> {
        let (policy, group) = self.policy_and_group();
        let is_policy = policy.is_none_or(|policy| deployment.policies.iter().any(|own| own == policy));
        let is_group =
            group.is_none_or(|group| deployment.groups.iter().any(|own| own.eq_ignore_ascii_case(group)));
        let has_no_tags = matches!(self, Self::UserTagged(tags) if tags.is_empty())
            || matches!(self, Self::UserUntagged(keys) if keys.is_empty());
        if !(is_policy && is_group) {
            Err(Ignored::NotOfTheQuarantine)
        } else if has_no_tags {
            Err(Ignored::OtherTags)
        } else {
            Ok(())
        }
    }
}

/// Keeps only what IAM allows in the names of policies and groups and in our tags' keys, up to IAM's longest name.
fn safe(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_alphanumeric() || "_+=,.@:-".contains(*c)).take(128).collect()
}

fn tags_in_words(keys: &[&str]) -> String {
    /// The enforcer has seven tags. Anything else is made up.
    const NAMED: usize = 7;
    let keys: Vec<String> = keys.iter().take(NAMED).map(|key| safe(key)).collect();
    format!("{} {}", if keys.len() == 1 { "tag" } else { "tags" }, keys.join(", "))
}

impl RequestParameters {
    /// `UpdateUser`, which names the user as they were called before.
    fn update(&self) -> Result<Trigger, Malformed> {
        const PATH: &str = "detail.requestParameters.userName";
        let from = self.user_name.get().ok_or_else(|| Malformed::missing(PATH))?;
        let from = UserName::new(from).ok_or_else(|| Malformed::new(PATH, "is not a valid IAM user name"))?;
        Ok(Trigger::UserUpdated { from, path: self.new_path.get().map(str::to_owned) })
    }

    /// `PutUserPermissionsBoundary`.
    fn boundary(&self) -> Result<Trigger, Malformed> {
        const PATH: &str = "detail.requestParameters.permissionsBoundary";
        let arn = self.permissions_boundary.get().ok_or_else(|| Malformed::missing(PATH))?;
        Ok(Trigger::BoundarySet(arn.to_owned()))
    }
}

/// Id of an event or a sweep. A second delivery of the same event has the same id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventId(String);

impl EventId {
    /// `None` unless the id has 1 to 64 letters, digits, `-`, `_` or `.`. Real ids are UUIDs, and the id goes into
    /// tag values and messages.
    #[must_use]
    pub fn new(id: &str) -> Option<Self> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        ((1..=64).contains(&id.len()) && id.chars().all(allowed)).then(|| Self(id.to_owned()))
    }

    /// Whether this is the id of a sweep rather than of a record.
    #[must_use]
    pub fn is_sweep(&self) -> bool {
        self.0.starts_with("sweep-")
    }

    /// The id as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
