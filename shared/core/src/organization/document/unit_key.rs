//! How the document names a unit.

use crate::organization::unit::OrganizationalUnit;
use crate::settings::{nearest, shortened};

/// How the document names a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum UnitKey {
    /// By its id: `ou-ab12-cdefgh34`, or `r-ab12` for the root. It stays the same when the unit is renamed or moved.
    Id(String),
    /// By the names of those above it and its own, the root first: `Root/Sandbox`.
    Path(String),
}

impl UnitKey {
    pub(super) fn of(key: &str) -> Self {
        if is_id(key) { Self::Id(key.to_owned()) } else { Self::Path(key.to_owned()) }
    }

    /// What is wrong with a key, whatever the organization; `None` if a unit may have it.
    pub(super) fn problem(key: &str) -> Option<String> {
        let parts: Vec<&str> = key.split('/').map(str::trim).filter(|part| !part.is_empty()).collect();
        let mended = parts.join("/");
        if mended.is_empty() {
            return Some(
                "a unit has no name: expected its path, such as `Root/Sandbox`, or its id".to_owned(),
            );
        }
        let lower = mended.to_lowercase();
        let mended = if is_id(&lower) { lower } else { mended };
        (mended != key).then(|| {
            let [key, mended] = [key, &mended].map(shortened);
            format!("`{key}` cannot name a unit: write `{mended}`, or its id")
        })
    }

    pub(super) fn text(&self) -> &str {
        match self {
            Self::Id(text) | Self::Path(text) => text,
        }
    }

    /// Whether this is the unit with this id and these names.
    pub(super) fn is_of(&self, id: &str, path: &[String]) -> bool {
        match self {
            Self::Id(own) => own == id,
            Self::Path(own) => *own == path.join("/"),
        }
    }

    /// What may be meant by a key that no unit has.
    pub(super) fn hint(&self, units: &[OrganizationalUnit]) -> String {
        let paths: Vec<String> = units.iter().map(|unit| unit.path.join("/")).collect();
        match self {
            Self::Id(_) => "it may have been deleted".to_owned(),
            Self::Path(path) => {
                let ends = |known: &&String| known.ends_with(&format!("/{path}"));
                let near = paths.iter().find(ends).map(String::as_str);
                let near = near.or_else(|| nearest(path, paths.iter().map(String::as_str)));
                near.map_or_else(
                    || "expected its path from the root down, such as `Root/Sandbox`, or its id".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                )
            }
        }
    }
}

fn is_id(key: &str) -> bool {
    ["r-", "ou-"].iter().any(|prefix| {
        key.strip_prefix(prefix).is_some_and(|rest| {
            !rest.is_empty() && rest.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        })
    })
}
