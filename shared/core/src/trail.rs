//! What a trail logs. Without a trail that logs the management events that write, `CloudTrail` sends no event to
//! EventBridge, and nothing here hears of anything.

use crate::digest::AccountFinding;
use serde_json::Value;

/// The other source that `CloudTrail` lets a trail leave out. None of its events concerns the enforcer.
const OF_NO_CONCERN: &str = "rdsdata.amazonaws.com";
/// A source that many trails leave out. Of its events, only those about the key of the administrators' topic concern the
/// enforcer.
const KEYS: &str = "kms.amazonaws.com";

/// Whether event selectors, as `CloudTrail` records and answers them, let the management events through that write.
///
/// `basic` and `advanced` are the lists of the two forms, of which a trail has one. What cannot be understood does not
/// count as logged. Names of fields are taken in either case.
#[must_use]
pub fn logs_writes(basic: &Value, advanced: &Value) -> bool {
    logs_all_but(&[OF_NO_CONCERN, KEYS], basic, advanced)
}

/// Whether they let those about keys through as well. Whoever leaves these out and disables the key of the
/// administrators' topic silences every alert.
pub(crate) fn logs_writes_and_keys(basic: &Value, advanced: &Value) -> bool {
    logs_all_but(&[OF_NO_CONCERN], basic, advanced)
}

fn logs_all_but(spared: &[&str], basic: &Value, advanced: &Value) -> bool {
    items(basic).any(|selector| is_basic_for_writes(selector, spared))
        || items(advanced).any(|selector| is_advanced_for_writes(selector, spared))
}

fn is_basic_for_writes(selector: &Value, spared: &[&str]) -> bool {
    let kind = field(selector, "readWriteType");
    let included = field(selector, "includeManagementEvents");
    let excluded = texts(field(selector, "excludeManagementEventSources"));
    // What is left out has its default, which is everything.
    let has_writes = kind.is_null() || kind == "All" || kind == "WriteOnly";
    let has_management = included.is_null() || included == true || included == "true";
    selector.is_object()
        && has_writes
        && has_management
        && excluded.is_some_and(|excluded| excluded.iter().all(|source| spared.contains(source)))
}

fn is_advanced_for_writes(selector: &Value, spared: &[&str]) -> bool {
    let fields: Vec<&Value> = items(field(selector, "fieldSelectors")).collect();
    let of_management = |each: &&Value| {
        field(each, "field") == "eventCategory"
            && texts(field(each, "equals")).is_some_and(|all| all.contains(&"Management"))
    };
    fields.iter().any(of_management) && fields.iter().all(|each| leaves_writes(each, spared))
}

/// Whether one condition of an advanced selector leaves all writes in.
fn leaves_writes(condition: &Value, spared: &[&str]) -> bool {
    let Some(conditions) = condition.as_object() else { return false };
    let equals = texts(field(condition, "equals")).unwrap_or_default();
    let only = |operator: &str| {
        let mut operators =
            conditions.iter().filter(|(name, value)| !name.eq_ignore_ascii_case("field") && !is_empty(value));
        operators.all(|(name, _)| name.eq_ignore_ascii_case(operator))
    };
    match field(condition, "field").as_str() {
        Some("eventCategory") => only("equals"),
        Some("readOnly") => only("equals") && equals.contains(&"false"),
        Some("eventSource") => {
            let excluded = texts(field(condition, "notEquals")).unwrap_or_default();
            only("notEquals") && !excluded.is_empty() && excluded.iter().all(|source| spared.contains(source))
        }
        _ => false,
    }
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

/// The texts of a list; none if it is absent, `None` if it is not a list of texts.
fn texts(value: &Value) -> Option<Vec<&str>> {
    if value.is_null() {
        return Some(Vec::new());
    }
    value.as_array()?.iter().map(Value::as_str).collect()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn field<'a>(value: &'a Value, name: &str) -> &'a Value {
    const NONE: &Value = &Value::Null;
    let fields = value.as_object();
    fields
        .and_then(|all| all.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)))
        .map_or(NONE, |(_, value)| value)
}

/// A trail as `CloudTrail` describes it. An answer that a sweep could not get is the error, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trail {
    /// Whether it logs what happens in every region.
    pub is_in_every_region: bool,
    /// Whether it logs the events of services that are in no region, such as IAM.
    pub has_global_services: bool,
    /// Whether it is switched on.
    pub is_logging: Result<bool, String>,
    /// Whether its selectors let the management events through that write.
    pub logs_writes: Result<bool, String>,
}

/// Whether anything logs the events on which the enforcer depends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trails {
    /// A trail logs them in every region.
    EveryRegion,
    /// A trail logs them, but only in the enforcer's region: sign-ins elsewhere are not seen.
    OneRegion,
    /// No trail logs them.
    Nowhere,
    /// It is not known. With the error.
    Unknown(String),
}

impl Trails {
    /// Sums up what was seen of the trails of the enforcer's region, shadows of others included.
    #[must_use]
    pub fn of(seen: &Result<Vec<Trail>, String>) -> Self {
        let trails = match seen {
            Ok(trails) => trails,
            Err(error) => return Self::Unknown(error.clone()),
        };
        let good: Vec<&Trail> =
            trails.iter().filter(|trail| trail.has_global_services && trail.is_good() == Ok(true)).collect();
        let error = trails.iter().find_map(|trail| trail.is_good().err());
        if good.iter().any(|trail| trail.is_in_every_region) {
            Self::EveryRegion
        } else if let Some(error) = error {
            Self::Unknown(error.to_owned())
        } else if good.is_empty() {
            Self::Nowhere
        } else {
            Self::OneRegion
        }
    }
}

impl Trails {
    /// Whether any trail logs the events; `None` if that is not known.
    #[must_use]
    pub fn is_logging(&self) -> Option<bool> {
        match self {
            Self::EveryRegion | Self::OneRegion => Some(true),
            Self::Nowhere => Some(false),
            Self::Unknown(_) => None,
        }
    }

    /// What an administrator should fix.
    #[must_use]
    pub fn finding(&self) -> Option<AccountFinding> {
        match self {
            Self::EveryRegion => None,
            Self::OneRegion => Some(AccountFinding::TrailInOneRegion),
            Self::Nowhere => Some(AccountFinding::NoTrail),
            Self::Unknown(error) => Some(AccountFinding::TrailsUnknown(error.clone())),
        }
    }
}

impl Trail {
    /// Whether it logs what it should, as far as that can be told: one clear no settles it.
    fn is_good(&self) -> Result<bool, &str> {
        match (&self.is_logging, &self.logs_writes) {
            (Ok(false), _) | (_, Ok(false)) => Ok(false),
            (Err(error), _) | (_, Err(error)) => Err(error),
            (Ok(true), Ok(true)) => Ok(true),
        }
    }
}
