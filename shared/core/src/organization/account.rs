//! An account of an organization.

/// The state in which people can sign in.
const ACTIVE: &str = "ACTIVE";

/// An account, as AWS Organizations lists it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Account {
    /// Names of the organizational units above it, the root first.
    pub units: Vec<String>,
    /// Its name.
    pub name: String,
    /// Its number.
    pub id: String,
    /// `State` in the answer of `ListAccountsForParent`, such as `ACTIVE` or `SUSPENDED`.
    pub state: String,
}

impl Account {
    /// Whether it can be used. In any other account nobody can sign in, and nothing can be read.
    ///
    /// ```
    /// use mfa_enforcer_core::organization::Account;
    ///
    /// let account = |state: &str| Account {
    ///     units: vec!["Root".to_owned(), "Sandbox".to_owned()],
    ///     name: "play".to_owned(),
    ///     id: "111122223333".to_owned(),
    ///     state: state.to_owned(),
    /// };
    /// assert!(account("ACTIVE").is_active());
    /// assert!(!account("PENDING_CLOSURE").is_active());
    /// ```
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.state == ACTIVE
    }

    /// Its state in words.
    #[must_use]
    pub fn state_in_words(&self) -> String {
        self.state.to_lowercase().replace('_', " ")
    }
}
