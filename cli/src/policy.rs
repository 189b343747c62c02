//! The policies in the folder `policies/`, each with all that some commands need to be allowed.

use mfa_enforcer_aws::{AwsError, ErrorKind};

/// A policy for people, by the name of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Policy {
    Plan,
    Organization,
    Doctor,
    DoctorOrganization,
    Operate,
    OperateOrganization,
    Redrive,
    Notify,
    OrgImport,
}

impl Policy {
    /// What failed; for a missing permission with what has to be allowed.
    pub(crate) fn advice(self, error: &AwsError) -> String {
        let allows = match error.kind {
            ErrorKind::Denied => format!(": {} is all that has to be allowed{}", self.file(), self.besides()),
            ErrorKind::Throttled
            | ErrorKind::Unavailable
            | ErrorKind::NotFound
            | ErrorKind::NotSeen
            | ErrorKind::Quota
            | ErrorKind::BadAddress
            | ErrorKind::SenderRefused
            | ErrorKind::Refused => String::new(),
        };
        format!("{error}{allows}")
    }

    fn file(self) -> &'static str {
        match self {
            Self::Plan => "policies/plan.json",
            Self::Organization => "policies/organization.json",
            Self::Doctor => "policies/doctor.json",
            Self::DoctorOrganization => "policies/doctor-organization.json",
            Self::Operate => "policies/operate.json",
            Self::OperateOrganization => "policies/operate-organization.json with policies/operate.json",
            Self::Redrive => "policies/redrive.json",
            Self::Notify => "policies/notify.json",
            Self::OrgImport => "policies/org-import.json",
        }
    }

    /// What may refuse it as well.
    fn besides(self) -> &'static str {
        match self {
            Self::Plan | Self::Organization | Self::Doctor | Self::Notify => "",
            Self::DoctorOrganization => {
                ", with the names of your stack, bucket and members in it (docs/CLI.md)"
            }
            Self::OrgImport => {
                ", to somebody of the account that owns the bucket, but for a key of the bucket's own"
            }
            Self::Operate | Self::OperateOrganization | Self::Redrive => {
                ", and a service control policy may leave it to one role (--help)"
            }
        }
    }
}
