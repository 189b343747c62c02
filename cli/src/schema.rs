//! `schema`: the JSON schemas of what the enforcer writes for programs.

use crate::output::Found;
use clap::{Args, ValueEnum};
use std::io::Write;

/// Print the JSON schema of what is written for programs
#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// Of what
    #[arg(value_enum)]
    of: Of,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Of {
    /// A notice or an alert, as programs get it from a topic
    Notice,
    /// The digest, as programs get it from the alerts topic
    Digest,
    /// The digest of an organization, as programs get it from the alerts topic of the hub
    OrganizationDigest,
    /// Records, acts and sign-offs in the evidence bucket
    Evidence,
    /// What `plan --format json` prints
    Plan,
    /// What `read` prints in each line
    Reading,
    /// What `replay --format json` prints in each line
    Replay,
    /// What `report --format json` prints
    Report,
    /// What `report --org --format json` prints
    OrganizationReport,
    /// What `plan --org --format json` prints
    OrganizationPlan,
    /// What `org check --format json` prints
    OrganizationSettings,
    /// What `org import --format json` prints
    Import,
    /// What `user --format json` prints
    User,
    /// What `doctor --format json` prints
    Doctor,
    /// What `doctor --org --format json` prints
    OrganizationDoctor,
    /// What `redrive --format json` prints
    Redrive,
}

impl Schema {
    pub(crate) fn run(&self, out: &mut dyn Write) -> anyhow::Result<Found> {
        let schema = match self.of {
            Of::Notice => include_str!("../../docs/notice.schema.json"),
            Of::Digest => include_str!("../../docs/digest.schema.json"),
            Of::OrganizationDigest => include_str!("../../docs/organization-digest.schema.json"),
            Of::Evidence => include_str!("../../docs/evidence.schema.json"),
            Of::Plan => include_str!("../../docs/plan.schema.json"),
            Of::Reading => include_str!("../../docs/reading.schema.json"),
            Of::Replay => include_str!("../../docs/replay.schema.json"),
            Of::Report => include_str!("../../docs/report.schema.json"),
            Of::OrganizationReport => include_str!("../../docs/organization-report.schema.json"),
            Of::OrganizationPlan => include_str!("../../docs/organization-plan.schema.json"),
            Of::OrganizationSettings => include_str!("../../docs/organization-settings.schema.json"),
            Of::Import => include_str!("../../docs/import.schema.json"),
            Of::User => include_str!("../../docs/user.schema.json"),
            Of::Doctor => include_str!("../../docs/doctor.schema.json"),
            Of::OrganizationDoctor => include_str!("../../docs/organization-doctor.schema.json"),
            Of::Redrive => include_str!("../../docs/redrive.schema.json"),
        };
        out.write_all(schema.as_bytes())?;
        Ok(Found::Nothing)
    }
}
