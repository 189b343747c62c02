//! Brings records into the order of time, in memory that does not grow with their number.

use super::scan::Candidate;
use mfa_enforcer_core::event::Header;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};

/// How many bytes of records are kept in memory, unless said otherwise.
const MEMORY: usize = 8 << 20;
/// How many files are merged at once.
const RUNS: usize = 128;
/// How much of each file is read at once, in bytes.
const CHUNK: usize = 16 << 10;

/// A record that is kept: where it belongs, and the record as EventBridge would send it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Kept {
    pub(crate) header: Header,
    pub(crate) payload: String,
}

/// Records in no order. What does not fit into memory is in files without a name, which go with the process.
#[derive(Debug)]
pub(crate) struct Spool {
    kept: Vec<Kept>,
    bytes: usize,
    runs: Vec<File>,
    /// How many bytes of records are kept in memory.
    memory: usize,
}

impl Default for Spool {
    fn default() -> Self {
        Self { kept: Vec::new(), bytes: 0, runs: Vec::new(), memory: MEMORY }
    }
}

impl Spool {
    /// Keeps a record.
    ///
    /// # Errors
    /// If there is no room for temporary files.
    pub(crate) fn push(&mut self, candidate: Candidate) -> io::Result<()> {
        let Candidate { header, payload } = candidate;
        self.bytes += payload.len() + size_of::<Kept>() + header.id.len() + header.caller.len();
        self.kept.push(Kept { header, payload });
        if self.bytes > self.memory {
            self.write_run()?;
        }
        Ok(())
    }

    /// Whether no record is kept.
    pub(crate) fn is_empty(&self) -> bool {
        self.kept.is_empty() && self.runs.is_empty()
    }

    fn write_run(&mut self) -> io::Result<()> {
        self.kept.sort_unstable();
        let mut run = BufWriter::new(tempfile::tempfile()?);
        for kept in self.kept.drain(..) {
            write(&mut run, &kept)?;
        }
        self.kept.shrink_to(0);
        self.bytes = 0;
        self.runs.push(run.into_inner()?);
        if self.runs.len() >= RUNS {
            let mut merged = BufWriter::new(tempfile::tempfile()?);
            merge(std::mem::take(&mut self.runs), Vec::new(), |kept| write(&mut merged, &kept))?;
            self.runs.push(merged.into_inner()?);
        }
        Ok(())
    }

    /// Hands out every record, by account and then by time. The same record from several files comes once; how many more
    /// there were is returned.
    pub(crate) fn in_order<E: From<io::Error>>(
        mut self,
        mut take: impl FnMut(Kept) -> Result<(), E>,
    ) -> Result<u64, E> {
        self.kept.sort_unstable();
        let mut doubles = 0;
        let mut last: Option<Header> = None;
        merge(self.runs, self.kept, |kept| {
            let is_double = last.as_ref().is_some_and(|last| is_same(last, &kept.header));
            if is_double {
                doubles += 1;
                return Ok(());
            }
            last = Some(kept.header.clone());
            take(kept)
        })?;
        Ok(doubles)
    }
}

/// Whether two records are the same. One without an id is like no other.
fn is_same(one: &Header, other: &Header) -> bool {
    !one.id.is_empty() && (&one.account, one.at, &one.id) == (&other.account, other.at, &other.id)
}

fn write(to: &mut impl Write, kept: &Kept) -> io::Result<()> {
    let Header { account, at, id, region, caller } = &kept.header;
    serde_json::to_writer(&mut *to, &(account, at, id, region, caller, &kept.payload))?;
    to.write_all(b"\n")
}

fn read(from: &mut impl BufRead) -> io::Result<Option<Kept>> {
    let mut line = String::new();
    if from.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let (account, at, id, region, caller, payload) = serde_json::from_str(&line)?;
    Ok(Some(Kept { header: Header { account, at, id, region, caller }, payload }))
}

/// Hands out what is in these files and in memory, each in order, all in order.
fn merge<E: From<io::Error>>(
    runs: Vec<File>,
    kept: Vec<Kept>,
    mut take: impl FnMut(Kept) -> Result<(), E>,
) -> Result<(), E> {
    let mut runs: Vec<BufReader<File>> = runs
        .into_iter()
        .map(|mut run| run.rewind().map(|()| BufReader::with_capacity(CHUNK, run)))
        .collect::<io::Result<_>>()?;
    let mut kept = kept.into_iter();
    let mut heads = BinaryHeap::new();
    for (index, run) in runs.iter_mut().enumerate() {
        heads.extend(read(run)?.map(|head| Reverse((head, index))));
    }
    let in_memory = runs.len();
    heads.extend(kept.next().map(|head| Reverse((head, in_memory))));
    while let Some(Reverse((head, index))) = heads.pop() {
        let next = match runs.get_mut(index) {
            Some(run) => read(run)?,
            None => kept.next(),
        };
        heads.extend(next.map(|next| Reverse((next, index))));
        take(head)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Kept, Spool};
    use crate::archive::scan::Candidate;
    use jiff::Timestamp;
    use mfa_enforcer_core::event::Header;
    use std::io;

    /// A record of this account and second.
    fn candidate(account: u64, second: i64) -> Candidate {
        let header = Header {
            account: format!("{account:012}"),
            at: Timestamp::from_second(second).unwrap(),
            id: format!("id-{account}-{second}"),
            region: String::new(),
            caller: String::new(),
        };
        Candidate { header, payload: format!("{{\"at\":\"{second}\\n\"}}") }
    }

    fn in_order(spool: Spool) -> (Vec<(String, i64)>, u64) {
        let mut found = Vec::new();
        let take = |kept: Kept| {
            assert!(kept.payload.contains(&kept.header.at.as_second().to_string()));
            found.push((kept.header.account, kept.header.at.as_second()));
            Ok::<(), io::Error>(())
        };
        let doubles = spool.in_order(take).unwrap();
        (found, doubles)
    }

    #[test]
    fn records_come_in_order_from_however_many_files() {
        // A few records in each file, so that files are merged as well; then all in memory.
        for memory in [700, usize::MAX] {
            let mut spool = Spool { memory, ..Spool::default() };
            for index in 0..2_000_u64 {
                let mixed = index * 7_919 % 2_000;
                spool.push(candidate(mixed % 3, i64::try_from(mixed).unwrap())).unwrap();
                if index % 10 == 0 {
                    spool.push(candidate(mixed % 3, i64::try_from(mixed).unwrap())).unwrap();
                }
            }
            let (found, doubles) = in_order(spool);
            assert_eq!((found.len(), doubles), (2_000, 200));
            assert!(found.is_sorted());
        }
    }
}
