//! Pages of the documentation that have to fit the code.

use crate::contract::{root, sample, table};
use mfa_enforcer_core::event::{Function, Ignored};
use mfa_enforcer_core::metric::Metric;
use mfa_enforcer_core::organization::settings_of_accounts;
use mfa_enforcer_core::outcome::Outcome;
use mfa_enforcer_core::posture::Posture;
use mfa_enforcer_core::settings::{Description, Settings};
use mfa_enforcer_testing::fixtures::samples;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::{env, fs};
use strum::{IntoEnumIterator, VariantNames};

/// The table of settings in `docs/SETTINGS.md`.
fn settings_table() -> String {
    let mut table = "| variable | default | values | meaning |\n|---|---|---|---|\n".to_owned();
    for setting in Settings::descriptions() {
        let default = match setting.default {
            None => "*to be set*".to_owned(),
            Some("") => "none".to_owned(),
            Some(value) => format!("`{value}`"),
        };
        let Description { name, expected, meaning, .. } = setting;
        writeln!(table, "| `{name}` | {default} | {expected} | {meaning} |").unwrap();
    }
    table
}

#[test]
fn settings_page_shows_every_setting() {
    shows("docs/SETTINGS.md", "settings", &settings_table());
}

#[test]
fn organization_page_names_every_setting_of_accounts() {
    let names: Vec<String> =
        settings_of_accounts().map(|setting| format!("`{}`", setting.to_lowercase())).collect();
    shows("docs/ORGANIZATION.md", "settings-of-accounts", &format!("{}.\n", names.join(", ")));
}

fn shows(page: &str, part: &str, made: &str) {
    let (start, end) = (format!("<!-- {part} -->\n"), format!("<!-- /{part} -->"));
    let file = root().join(page);
    let page = fs::read_to_string(&file).unwrap();
    let (before, rest) = page.split_once(&start).unwrap();
    let (found, after) = rest.split_once(&end).unwrap();
    if env::var_os("UPDATE_CONTRACT").is_some() {
        fs::write(&file, format!("{before}{start}{made}{end}{after}")).unwrap();
    } else {
        assert!(found == made, "run `make contract`, and review what changed");
    }
}

#[test]
fn cost_page_counts_every_metric() {
    let (outcomes, reasons) = (Outcome::iter().count(), Ignored::iter().count());
    // Without SES and S3, which have to be asked for.
    let services = 5;
    let without_dimension = |sweep: bool| {
        let metrics = Metric::iter().filter(|metric| metric.dimension().is_none());
        metrics.filter(|metric| metric.is_sent_by(sweep) && !metric.is_of_hub()).count()
    };
    let of_event_function = outcomes + reasons + 2 * services + without_dimension(false);
    // A sweep ignores events for one reason: they belong to another function. A user may have no known posture.
    let of_sweep = outcomes + 1 + 2 * services + without_dimension(true) + Posture::VARIANTS.len() + 1;
    // The guard and the sweep also look at the stack.
    let of_stack = 2 * 2;
    // And only the guard orders sweeps.
    let of_queue = 2;
    let total = (Function::iter().count() - 1) * of_event_function + of_sweep + of_stack + of_queue;
    let usd = f64::from(u32::try_from(total).unwrap()) * 0.30;
    let cost = fs::read_to_string(root().join("docs/COST.md")).unwrap();
    assert!(
        cost.contains(&format!("{total} × 0.30 = {usd:.2} USD")),
        "docs/COST.md: {total} metrics cost {usd:.2} USD"
    );
}

#[test]
fn events_readme_lists_every_sample() {
    let files: BTreeSet<String> = samples().into_iter().map(|(name, _)| format!("{name}.json")).collect();
    let rows: BTreeSet<String> = table().into_keys().collect();
    let different: Vec<&String> = files.symmetric_difference(&rows).collect();
    assert!(different.is_empty(), "either the file or its row is missing: {different:?}");
}

#[test]
fn events_readme_says_where_samples_lead() {
    for (path, (function, leads_to)) in table() {
        let sample = sample(&path, &function);
        let expected = if let Some(reason) = sample["ignored"].as_str() {
            format!("ignored `{reason}`")
        } else if let Some(field) = sample["malformed"].as_str() {
            format!("malformed `{field}`")
        } else {
            sample["event"]["subject"].as_str().unwrap().to_owned()
        };
        assert!(leads_to.ends_with(&expected), "{path}: `{leads_to}`, expected `{expected}`");
    }
}
