//! Writes what an import plans, in an order in which it may end anywhere.

use crate::output::note;
use crate::records::Records;
use crate::store::Store;
use anyhow::bail;
use futures_util::stream::{self, TryStreamExt};
use mfa_enforcer_core::evidence::{ImportObject, ImportPlan, Object, sha256, written};
use std::cell::Cell;

/// How many objects of a run are written at the same time.
const AT_ONCE: usize = 8;

/// Writes it. Returns how many objects were written, and what ended it early.
pub(super) async fn put_in(
    plan: &ImportPlan,
    copy: &Records,
    store: &Store,
) -> (usize, Option<anyhow::Error>) {
    let putter = Putter { copy, store, written: Cell::new(0) };
    let ended = putter.put_all(plan).await;
    (putter.written.get(), ended.err())
}

struct Putter<'a> {
    copy: &'a Records,
    store: &'a Store,
    written: Cell<usize>,
}

impl Putter<'_> {
    async fn put_all(&self, plan: &ImportPlan) -> anyhow::Result<()> {
        let account = &plan.copied.account;
        let mut month = None;
        for run in plan.runs() {
            let of = written(&run.record.key).map(|at| at.strftime("%Y-%m").to_string());
            if of != month {
                let of = of.as_deref().unwrap_or_default();
                note(&format!("Writing the records of {of} of account {account}..."));
            }
            month = of;
            self.put_each(run.parts.iter()).await?;
            self.put_each([&run.record].into_iter()).await?;
        }
        self.put_each(plan.reviews()).await
    }

    /// Writes those that are not there, in any order.
    async fn put_each<'a>(&self, objects: impl Iterator<Item = &'a ImportObject>) -> anyhow::Result<()> {
        let missing = objects.filter(|object| !object.is_there).map(Ok);
        stream::iter(missing).try_for_each_concurrent(AT_ONCE, |object| self.put(object)).await
    }

    async fn put(&self, object: &ImportObject) -> anyhow::Result<()> {
        let bytes = self.copy.content(&object.key).await?;
        if sha256(&bytes) != object.sha256 {
            bail!("{} in the folder was changed since it was verified", object.key);
        }
        self.store.put(Object::of(&object.key, bytes)).await?;
        self.written.set(self.written.get() + 1);
        Ok(())
    }
}
