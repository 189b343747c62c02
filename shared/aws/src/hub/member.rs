//! The [`Directory`] of an account of an organization. Each kind of work has a role and a session of its own.

use super::session::Sessions;
use super::slots::Slots;
use crate::directory::{AccountDirectory, Directory, History};
use crate::error::{AwsError, ErrorKind};
use crate::iam::IamDirectory;
use jiff::Timestamp;
use mfa_enforcer_core::access_keys::ActiveKey;
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::device::MfaDevice;
use mfa_enforcer_core::event::{Function, SweepKind, UserName};
use mfa_enforcer_core::facts::{AccessKeys, Approval, AttachedBy, Traces, UserFacts};
use mfa_enforcer_core::history::{Lookup, Records};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::organization::{Holder, MemberRole, Parts, Session, Slot, Task, Work};
use mfa_enforcer_core::quarantine_look::PolicyVersion;
use mfa_enforcer_core::repair::Repair;
use mfa_enforcer_core::settings::{Mode, Settings};
use mfa_enforcer_core::snapshot::{AccountSummary, BulkAnswers, ReportFile};
use mfa_enforcer_core::stack::StackState;
use mfa_enforcer_core::trail::Trail;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use tokio::sync::{Mutex, OnceCell};

/// How many sessions for changes are kept. A sweep changes four users at once, in up to four sessions each.
const KEPT: usize = 16;

/// An account, as one function sees it because of one event, or in one sweep.
pub(crate) struct MemberDirectory<'a> {
    sessions: &'a Sessions,
    slots: &'a Slots,
    account: String,
    function: Function,
    /// What there may be to do because of an event; `None` in a sweep.
    task: Option<Task>,
    mode: Mode,
    because_of: String,
    opened: Mutex<Opened>,
}

/// Why a function looks into an account.
pub(crate) struct Cause {
    pub(crate) function: Function,
    /// The one user whom an event is about.
    pub(crate) user: Option<UserName>,
    /// What there may be to do because of an event; `None` in a sweep.
    pub(crate) task: Option<Task>,
    /// The event's id, or the run of the sweep.
    pub(crate) name: String,
}

/// A session that is opened by whoever needs it first.
type Once = Arc<OnceCell<IamDirectory>>;

/// The sessions that are open, by their roles.
#[derive(Default)]
struct Opened {
    /// The one user whom they are about; `None` for anybody.
    user: Option<UserName>,
    by_role: BTreeMap<MemberRole, IamDirectory>,
    /// Of changes, by what the session may do and to whom. The last ones: a sweep may change thousands.
    of_changes: VecDeque<((MemberRole, String), Once)>,
    /// The name of the stack whose role let us in last.
    member: String,
}

impl Opened {
    /// The session of a role with this policy, which may still have to be opened.
    fn session_of(&mut self, key: (MemberRole, String)) -> Once {
        if let Some((_, session)) = self.of_changes.iter().find(|(of, _)| *of == key) {
            return session.clone();
        }
        let session = Arc::new(OnceCell::new());
        self.of_changes.push_back((key, session.clone()));
        if self.of_changes.len() > KEPT {
            self.of_changes.pop_front();
        }
        session
    }
}

impl<'a> MemberDirectory<'a> {
    /// The account as a function sees it for this cause, in which this mode holds.
    pub(crate) fn new(
        (sessions, slots): (&'a Sessions, &'a Slots),
        account: &str,
        Cause { function, user, task, name }: Cause,
        mode: Mode,
    ) -> Self {
        Self {
            sessions,
            slots,
            account: account.to_owned(),
            function,
            task,
            mode,
            because_of: name,
            opened: Mutex::new(Opened { user, ..Opened::default() }),
        }
    }

    /// The policies and groups of the quarantine there.
    pub(crate) async fn parts(&self) -> Result<Parts, AwsError> {
        let parts = self.for_work(Work::LookAtUser).await?.parts().await?;
        Ok(parts.seen_through(&self.opened.lock().await.member))
    }

    async fn for_work(&self, work: Work<'_>) -> Result<IamDirectory, AwsError> {
        let role = MemberRole::of(self.function, work);
        let mut opened = self.opened.lock().await;
        if let Some(directory) = opened.by_role.get(&role) {
            return Ok(directory.clone());
        }
        let session = match self.task {
            Some(task) => Session::of_event(role, (task, self.mode), opened.user.as_ref(), &self.because_of),
            None => Session::of_sweep(role, &self.because_of),
        };
        let session = session.ok_or_else(|| AwsError::not_asked(Operation::AssumeRole))?;
        let (member, directory) = self.sessions.open(&self.account, role, &session).await?;
        member.clone_into(&mut opened.member);
        opened.by_role.insert(role, directory.clone());
        Ok(directory)
    }

    /// What may change this user. An event's session mostly may; a sweep, which is about everybody, opens one for the user.
    async fn for_change(&self, user: &UserName, change: &Change) -> Result<IamDirectory, AwsError> {
        let work = Work::Change(change);
        let role = MemberRole::of(self.function, work);
        if self.task.is_some_and(|task| task.makes(change, role, self.mode)) {
            return self.for_work(work).await;
        }
        let session = Session::of_change(role, (change, self.mode), user, &self.because_of)
            .ok_or_else(|| AwsError::not_asked(Operation::AssumeRole))?;
        let opened = self.opened.lock().await.session_of((role, session.policy.clone()));
        // Without the lock, since a sweep changes many users at once; and once, although it changes one twice at once.
        let open = async || {
            let (_, directory) = self.sessions.open(&self.account, role, &session).await?;
            Ok(directory)
        };
        opened.get_or_try_init(open).await.cloned()
    }

    /// Opens the sessions anew for the name as IAM spells it; `false` if they are about that one already, or about nobody.
    async fn respell(&self, name: &UserName) -> Result<bool, AwsError> {
        let role = MemberRole::of(self.function, Work::LookAtUser);
        let Some(session) = Session::to_spell(&self.because_of) else { return Ok(false) };
        let (_, directory) = self.sessions.open(&self.account, role, &session).await?;
        let spelling = directory.spelling(name).await?;
        let mut opened = self.opened.lock().await;
        let is_new = spelling.is_some() && opened.user.is_some() && spelling != opened.user;
        if is_new {
            *opened = Opened { user: spelling, ..Opened::default() };
        }
        Ok(is_new)
    }
}

impl Directory for MemberDirectory<'_> {
    async fn user(&self, name: &UserName) -> Result<Option<UserFacts>, AwsError> {
        let answer = self.for_work(Work::LookAtUser).await?.user(name).await;
        match answer {
            // The policy of the session has the name as the event spells it, and IAM finds a user in any spelling.
            Err(error) if error.kind == ErrorKind::Denied => {
                if self.respell(name).await? {
                    self.for_work(Work::LookAtUser).await?.user(name).await
                } else {
                    Err(error)
                }
            }
            other => other,
        }
    }

    async fn account_summary(&self) -> Result<AccountSummary, AwsError> {
        self.for_work(Work::LookAtAccount).await?.account_summary().await
    }

    async fn attached_by(&self, user: &UserFacts, settings: &Settings, now: Timestamp) -> AttachedBy {
        match self.for_work(Work::LookAtAccount).await {
            Ok(directory) => directory.attached_by(user, settings, now).await,
            Err(error) => unknown(&error),
        }
    }

    async fn approval(&self, user: &UserFacts, settings: &Settings, now: Timestamp) -> Approval {
        match self.for_work(Work::LookAtAccount).await {
            Ok(directory) => directory.approval(user, settings, now).await,
            Err(error) => unknown(&error),
        }
    }

    async fn traces(&self, user: &UserFacts, settings: &Settings, now: Timestamp) -> Option<Traces> {
        match self.for_work(Work::LookAtAccount).await {
            Ok(directory) => directory.traces(user, settings, now).await,
            Err(error) => unknown(&error),
        }
    }

    async fn policy_document(&self, arn: &str) -> Result<String, AwsError> {
        self.for_work(Work::LookAtPolicies).await?.policy_document(arn).await
    }

    async fn access_keys(&self, name: &UserName) -> Result<AccessKeys, AwsError> {
        self.for_work(Work::LookAtUser).await?.access_keys(name).await
    }

    async fn stack(&self, _: &str) -> Result<StackState, AwsError> {
        Err(AwsError::not_asked(Operation::DescribeStacks))
    }

    async fn active_keys(&self, name: &UserName) -> Result<Vec<ActiveKey>, AwsError> {
        self.for_work(Work::LookAtUser).await?.active_keys(name).await
    }

    async fn account_alias(&self) -> Option<String> {
        self.for_work(Work::LookAtUser).await.ok()?.account_alias().await
    }

    async fn policy_in_force(&self, arn: &str) -> Result<Option<PolicyVersion>, AwsError> {
        self.for_work(Work::LookAtPolicies).await?.policy_in_force(arn).await
    }

    async fn policy_versions(&self, arn: &str) -> Result<Vec<PolicyVersion>, AwsError> {
        self.for_work(Work::LookAtPolicies).await?.policy_versions(arn).await
    }

    async fn group_policies(&self, group: &str) -> Result<Option<Vec<String>>, AwsError> {
        self.for_work(Work::LookAtPolicies).await?.group_policies(group).await
    }

    async fn repair(&self, repair: &Repair) -> Result<(), AwsError> {
        self.for_work(Work::Repair).await?.repair(repair).await
    }

    async fn stack_ended(&self, _: &str) -> Result<Option<Timestamp>, AwsError> {
        Err(AwsError::not_asked(Operation::DescribeStackEvents))
    }

    async fn take_slot(&self, slot: &Slot) -> Result<Holder, AwsError> {
        self.slots.take(slot).await
    }

    async fn change(&self, user: &UserName, change: &Change) -> Result<(), AwsError> {
        self.for_change(user, change).await?.change(user, change).await
    }
}

impl History for MemberDirectory<'_> {
    async fn look_up(&self, lookup: Lookup) -> Result<Records, AwsError> {
        self.for_work(Work::LookAtAccount).await?.look_up(lookup).await
    }
}

impl AccountDirectory for MemberDirectory<'_> {
    async fn bulk_answers(&self, kind: SweepKind) -> Result<BulkAnswers, AwsError> {
        self.for_work(Work::LookAtAccount).await?.bulk_answers(kind).await
    }

    async fn credential_report(&self) -> Result<ReportFile, AwsError> {
        self.for_work(Work::LookAtAccount).await?.credential_report().await
    }

    async fn trails(&self) -> Result<Vec<Trail>, AwsError> {
        self.for_work(Work::LookAtAccount).await?.trails().await
    }

    async fn devices(&self, name: &UserName) -> Result<Vec<MfaDevice>, AwsError> {
        self.for_work(Work::LookAtUser).await?.devices(name).await
    }
}

/// What nobody knows, because there is no session to ask in.
fn unknown<T: Default>(error: &AwsError) -> T {
    tracing::warn!(%error, "the event history cannot be asked");
    T::default()
}
