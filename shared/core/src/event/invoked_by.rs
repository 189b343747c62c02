//! What `userIdentity.invokedBy` says about who was at work. No other file may interpret that field.

/// Through what a caller made a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// A person or a program of theirs, with nothing in between, or with the console in between.
    Directly,
    /// An AI agent to which a person gave access, through the AWS MCP Server. What the call returned, the secret of a
    /// new MFA device for instance, the agent has seen.
    Agent,
    /// An AWS service: because somebody asked it to (`CloudFormation` creates users), or on its own account.
    Service,
}

/// The names that mean a person at the console. Records of 2018 have it; newer ones leave the field out.
const CONSOLE: [&str; 1] = ["signin.amazonaws.com"];
/// The names that mean an agent.
const AGENTS: [&str; 1] = ["aws-mcp.amazonaws.com"];

impl Via {
    /// Reads `invokedBy`; `None` if the record does not have it.
    ///
    /// Any name that is not listed above means a service: AWS adds services often.
    pub(super) fn new(invoked_by: Option<&str>) -> Self {
        match invoked_by {
            None => Self::Directly,
            Some(name) if CONSOLE.contains(&name) => Self::Directly,
            Some(name) if is_agent(name) => Self::Agent,
            Some(_) => Self::Service,
        }
    }

    /// Whether a person was at work, directly or through an agent.
    pub(super) fn is_a_person(self) -> bool {
        match self {
            Self::Directly | Self::Agent => true,
            Self::Service => false,
        }
    }
}

/// Whether a name is that of an agent's server, in `invokedBy`, `sourceIPAddress` or `userAgent`.
pub(super) fn is_agent(name: &str) -> bool {
    AGENTS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::Via;
    use rstest::rstest;

    #[rstest]
    #[case(None, Via::Directly)]
    #[case(Some("signin.amazonaws.com"), Via::Directly)]
    #[case(Some("aws-mcp.amazonaws.com"), Via::Agent)]
    #[case(Some("cloudformation.amazonaws.com"), Via::Service)]
    #[case(Some("servicecatalog.amazonaws.com"), Via::Service)]
    #[case(Some("AWS Internal"), Via::Service)]
    #[case(Some("evil-signin.amazonaws.com"), Via::Service)]
    fn invoked_by_tells_person_agent_and_service(#[case] name: Option<&str>, #[case] via: Via) {
        assert_eq!(Via::new(name), via);
        assert_eq!(via.is_a_person(), via != Via::Service);
    }
}
