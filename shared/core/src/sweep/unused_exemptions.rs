//! Entries of the exemption settings that match nobody: a typing error, or commas between entries.

use crate::digest::AccountFinding;
use crate::settings::Settings;
use crate::snapshot::UserSnapshot;

/// A finding for each entry of `EXEMPT_USERS`, `EXEMPT_PATHS` and `BREAK_GLASS_PATH` that exempts none of these users.
#[must_use]
pub fn unused_exemptions(users: &[UserSnapshot], settings: &Settings) -> Vec<AccountFinding> {
    let is_name = |name: &&crate::event::UserName| users.iter().any(|user| user.user.name == **name);
    let is_path = |path: &&String| users.iter().any(|user| user.user.path.starts_with(path.as_str()));
    let nobody = |setting, entry: String| AccountFinding::ExemptsNobody { setting, entry };
    let names = settings.exempt_users.iter().filter(|name| !is_name(name));
    let paths = settings.exempt_paths.iter().filter(|path| !is_path(path));
    let break_glass = settings.break_glass_path.iter().filter(|path| !is_path(path));
    names
        .map(|name| nobody("EXEMPT_USERS", name.to_string()))
        .chain(paths.map(|path| nobody("EXEMPT_PATHS", path.clone())))
        .chain(break_glass.map(|path| nobody("BREAK_GLASS_PATH", path.clone())))
        .collect()
}
