//! What sweeps came to, so that the same sweeps are not run again and again.

use crate::attempt::Tried;
use mfa_enforcer_testing::trial::Trial;
use mfa_enforcer_testing::trial::verdict::Ending;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// What sweeps come to after each state in which the deliveries of one event leave the account.
#[derive(Default)]
pub(crate) struct Known(Mutex<BTreeMap<String, Swept>>);

/// What sweeps came to.
struct Swept {
    /// How many deliveries there were before.
    deliveries: usize,
    ending: Ending,
    spoilt: Option<String>,
}

/// Which sweeps need not be run.
pub(crate) enum Recall<'a> {
    /// All are run.
    Nothing,
    /// Those after a state that differs in nothing from one that is known: not in a tag, and not in a time. Sweeps read the
    /// account and the clock, so they come to the same.
    Same(&'a Known),
    /// Those after a state that differs in times only.
    Like(&'a Tried),
}

impl Recall<'_> {
    /// How this trial ends, and what is spoilt then, as far as that is known. `spoilt` tells what is now.
    pub(crate) fn of(
        &self,
        trial: &Trial<'_>,
        before: &Ending,
        spoilt: impl FnOnce() -> Option<String>,
    ) -> Option<(Ending, Option<String>)> {
        match self {
            Self::Nothing => None,
            Self::Same(known) => {
                let known = known.0.lock().unwrap();
                let Swept { deliveries, ending, spoilt } = known.get(&trial.account.state())?;
                Some((before.followed_by(ending, *deliveries), spoilt.clone()))
            }
            Self::Like(good) => {
                let is_known = good.before_sweeps.stands_as(before);
                let deliveries = good.before_sweeps.deliveries.len();
                is_known.then(|| (before.followed_by(&good.ending, deliveries), spoilt()))
            }
        }
    }

    /// Notes how the trial ended that was in this state before the sweeps.
    pub(crate) fn note(&self, state: String, tried: &Tried) {
        if let Self::Same(known) = self {
            let deliveries = tried.before_sweeps.deliveries.len();
            let value = Swept { deliveries, ending: tried.ending.clone(), spoilt: tried.spoilt.clone() };
            known.0.lock().unwrap().insert(state, value);
        }
    }
}
