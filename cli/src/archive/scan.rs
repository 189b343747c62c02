//! Reads the files of an archive with all cores, and picks out the records that matter.

use super::files::Source;
use foldhash::fast::RandomState;
use mfa_enforcer_archive::{Call, Contents, Fault, LONGEST, Piece, Reader};
use mfa_enforcer_core::counted::counted;
use mfa_enforcer_core::event::{Header, Ignored, Malformed, enveloped};
use mfa_enforcer_core::replay::wanted;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

/// How many messages of each thread may wait to be taken.
const WAITING: usize = 4;
/// How many records that matter are handed over at once.
const BATCH: usize = 64;
/// How many names of calls are remembered.
const NAMES: usize = 20_000;

/// What is wrong with a file, or with a record in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// Where: the file, and the number of the record in it, if it is about one.
    pub(crate) at: String,
    /// What.
    pub(crate) what: String,
    /// Whether it is about a whole file.
    pub(crate) is_file: bool,
}

/// A record that matters.
#[derive(Debug)]
pub(crate) struct Candidate {
    /// Where it belongs.
    pub(crate) header: Header,
    /// The record, as EventBridge would send it.
    pub(crate) payload: String,
}

/// What was found in a file.
#[derive(Debug, Default)]
pub(crate) struct Scanned {
    /// Bytes, decompressed.
    pub(crate) bytes: u64,
    /// Bytes of the file itself.
    pub(crate) size: u64,
    /// Records.
    pub(crate) records: u64,
    /// Those that are ignored by their name, by reason.
    pub(crate) ignored: BTreeMap<Ignored, u64>,
    /// Those that matter.
    pub(crate) candidates: Vec<Candidate>,
    /// What could not be read.
    pub(crate) troubles: Vec<Trouble>,
    /// Whether the file is done.
    pub(crate) is_whole: bool,
}

/// Scans the files with this many threads, and hands what is found to `take`, in no order. It stops with the first error
/// that `take` returns.
pub(crate) fn scan<E: Send>(
    sources: &[Source],
    threads: usize,
    mut take: impl FnMut(Scanned) -> Result<(), E>,
) -> Result<(), E> {
    let next = AtomicUsize::new(0);
    let (sender, receiver) = sync_channel(WAITING);
    thread::scope(|scope| {
        for _ in 0..threads.clamp(1, sources.len().max(1)) {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                let (mut scanner, mut reader) = (Scanner::new(), Reader::default());
                while let Some(source) = sources.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if scanner.file(source, &mut reader, &sender).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        // When this is left early, the threads find nobody who takes anything.
        let receiver = receiver;
        receiver.iter().try_for_each(&mut take)
    })
}

type Names<T> = HashMap<Vec<u8>, T, RandomState>;

/// What one thread needs for its files.
struct Scanner {
    call: Call,
    /// Why records of a service and name are ignored; `None` if they matter.
    known: Names<Names<Option<Ignored>>>,
}

/// Nobody takes what is found.
struct Unwanted;

impl Scanner {
    fn new() -> Self {
        Self { call: Call::default(), known: Names::default() }
    }

    fn file(
        &mut self,
        source: &Source,
        reader: &mut Reader,
        sender: &SyncSender<Scanned>,
    ) -> Result<(), Unwanted> {
        let mut found = Scanned::default();
        let mut is_wanted = true;
        let read = each_record(source, reader, |number, record| {
            match record {
                Ok(record) => self.record(source, number, record, &mut found),
                Err(trouble) => found.troubles.push(trouble),
            }
            if found.candidates.len() + found.troubles.len() >= BATCH && is_wanted {
                is_wanted = sender.send(std::mem::take(&mut found)).is_ok();
            }
        });
        match read {
            Ok(contents) => found.bytes = contents.bytes,
            Err(trouble) => found.troubles.push(trouble),
        }
        (found.is_whole, found.size) = (true, source.size());
        sender.send(found).map_err(|_| Unwanted)
    }

    fn record(&mut self, source: &Source, number: u64, record: &[u8], found: &mut Scanned) {
        found.records += 1;
        if let Some((service, name)) = self.call.glimpse(record)
            && let Some(reason) = self.ignored(service, name)
        {
            *found.ignored.entry(reason).or_default() += 1;
            return;
        }
        match candidate(record) {
            Ok(candidate) => found.candidates.push(candidate),
            Err(what) => found.troubles.push(Trouble::of_record(source, number, &what)),
        }
    }

    fn ignored(&mut self, service: &[u8], name: &[u8]) -> Option<Ignored> {
        if let Some(known) = self.known.get(service).and_then(|names| names.get(name)) {
            return *known;
        }
        let reason = wanted(str::from_utf8(service).ok()?, str::from_utf8(name).ok()?).err();
        if self.known.values().map(HashMap::len).sum::<usize>() < NAMES {
            self.known.entry(service.to_vec()).or_default().insert(name.to_vec(), reason);
        }
        reason
    }
}

fn candidate(record: &[u8]) -> Result<Candidate, String> {
    let text = std::str::from_utf8(record).map_err(|_| "is not UTF-8".to_owned())?;
    let payload = enveloped(text).map_err(|malformed| said(&malformed))?;
    let header = Header::read(&payload).map_err(|malformed| said(&malformed))?;
    Ok(Candidate { header, payload: payload.into_owned() })
}

/// What is wrong with a record, in words.
pub(crate) fn said(malformed: &Malformed) -> String {
    match malformed.path.as_str() {
        // It is about the whole record, which is named already.
        "(record)" => malformed.problem.clone(),
        path => format!("{path} {}", malformed.problem),
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.what)
    }
}

impl Trouble {
    pub(crate) fn of_record(source: &Source, number: u64, what: &str) -> Self {
        Self { at: format!("{source}, record {number}"), what: what.to_owned(), is_file: false }
    }

    pub(crate) fn of_file(source: &dyn fmt::Display, what: &str) -> Self {
        Self { at: source.to_string(), what: what.to_owned(), is_file: true }
    }
}

/// Hands each record of a file to `take`, with its number from 1 on, or what is wrong with it.
///
/// # Errors
/// What is wrong with the file. What came before was handed over.
pub(crate) fn each_record(
    source: &Source,
    reader: &mut Reader,
    mut take: impl FnMut(u64, Result<&[u8], Trouble>),
) -> Result<Contents, Trouble> {
    let of_file = |what: &str| Trouble::of_file(source, what);
    let content = source.open().map_err(|error| of_file(&format!("cannot be read: {error}")))?;
    let mut number = 0;
    let contents = reader.records(content, |piece| {
        number += 1;
        match piece {
            Piece::Record(record) => take(number, Ok(record)),
            Piece::Unreadable(fault) => take(number, Err(Trouble::of_record(source, number, &says(fault)))),
        }
    });
    match contents {
        Ok(contents) if contents.is_something_else => {
            Err(of_file("has no JSON records: expected what CloudTrail writes"))
        }
        Ok(contents) => Ok(contents),
        Err(error) => {
            let is = |kinds: &[io::ErrorKind]| kinds.contains(&error.kind());
            let what = if is(&[io::ErrorKind::UnexpectedEof]) {
                format!("is cut after {}", counted(number, "record"))
            } else if is(&[io::ErrorKind::InvalidInput, io::ErrorKind::InvalidData]) {
                format!("is damaged after {}", counted(number, "record"))
            } else {
                format!("cannot be read: {error}")
            };
            Err(of_file(&what))
        }
    }
}

fn says(fault: Fault) -> String {
    match fault {
        Fault::TooLong => format!("is longer than {} MiB", LONGEST >> 20),
        Fault::Torn => "ends within a text".to_owned(),
        Fault::Cut => "is cut: the file ends before it does".to_owned(),
    }
}
