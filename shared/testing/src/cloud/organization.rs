//! Organizations: a root, and units of a hundred accounts.

use super::answer::Answer;
use super::call::Call;
use super::{Member, ORGANIZATION};
use serde_json::{Value, json};

/// Organizations lists so many accounts a page.
const PAGE: usize = 20;
const OF_A_UNIT: usize = 100;
const ROOT: &str = "r-ab12";

/// The accounts, in units.
#[derive(Default)]
pub(super) struct Organization {
    units: Vec<(String, Vec<Value>)>,
}

impl Organization {
    pub(super) fn of<'a>(members: impl Iterator<Item = &'a Member>) -> Self {
        let accounts: Vec<Value> = members
            .map(|member| {
                let name = format!("team-{}", member.account);
                json!({"Id": member.account, "Name": name, "State": member.state})
            })
            .collect();
        let units = accounts.chunks(OF_A_UNIT).enumerate();
        Self {
            units: units
                .map(|(index, accounts)| (format!("ou-ab12-unit{index:04}"), accounts.to_vec()))
                .collect(),
        }
    }

    pub(super) fn answer(&self, call: &Call) -> Answer {
        let parent = call.parameter("ParentId");
        match call.operation.as_str() {
            "DescribeOrganization" => Answer::json(&json!({"Organization": {"Id": ORGANIZATION}})),
            "ListRoots" => Answer::json(&json!({"Roots": [{"Id": ROOT, "Name": "Root"}]})),
            "ListOrganizationalUnitsForParent" => {
                let unit =
                    |(id, _): &(String, _)| json!({"Id": id, "Name": id.trim_start_matches("ou-ab12-")});
                let units: Vec<Value> = self.units.iter().filter(|_| parent == ROOT).map(unit).collect();
                page("OrganizationalUnits", &units, call)
            }
            "ListAccountsForParent" => {
                let of_parent = self.units.iter().find(|(id, _)| id == parent);
                page("Accounts", of_parent.map_or(&[], |(_, accounts)| accounts), call)
            }
            "ListAccounts" => {
                let all: Vec<Value> = self.units.iter().flat_map(|(_, accounts)| accounts.clone()).collect();
                page("Accounts", &all, call)
            }
            other => panic!("Organizations does not play {other}"),
        }
    }
}

fn page(name: &str, all: &[Value], call: &Call) -> Answer {
    let from = call.parameter("NextToken").parse().unwrap_or(0);
    let items: Vec<Value> = all.iter().skip(from).take(PAGE).cloned().collect();
    let next = (from + PAGE < all.len()).then(|| (from + PAGE).to_string());
    Answer::json(&json!({name: items, "NextToken": next}))
}
