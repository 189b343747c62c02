//! What is spoilt costs no other record.

use mfa_enforcer_archive::{Fault, LONGEST, Piece, decompressed, records};
use std::io::{self, Cursor, Read};

/// What was found, in order: each record, or why it cannot be read.
fn read(from: impl Read) -> Vec<Result<String, Fault>> {
    let mut found = Vec::new();
    records(from, |piece| {
        found.push(match piece {
            Piece::Record(record) => Ok(String::from_utf8(record.to_vec()).unwrap()),
            Piece::Unreadable(fault) => Err(fault),
        });
    })
    .unwrap();
    found
}

#[expect(clippy::unnecessary_wraps, reason = "it is compared with what was found")]
fn ok(record: &str) -> Result<String, Fault> {
    Ok(record.to_owned())
}

#[test]
fn line_that_is_cut_within_a_text_costs_itself_alone() {
    let text = "{\"a\":1}\n{\"a\":\"tor\n{\"a\":2}\n{\"a\":3}\n";
    assert_eq!(read(text.as_bytes()), [ok("{\"a\":1}"), Err(Fault::Torn), ok("{\"a\":2}"), ok("{\"a\":3}")]);
}

#[test]
fn stream_that_ends_early_is_cut() {
    for text in
        ["{\"Records\":[{\"a\":1},{\"a\"", "{\"Records\":[{\"a\":1},{\"b\":\"", "{\"Records\":[{\"a\":1}"]
    {
        assert_eq!(read(text.as_bytes()), [ok("{\"a\":1}"), Err(Fault::Cut)], "{text}");
    }
}

#[test]
fn record_that_is_too_long_is_passed_over() {
    let head = "{\"a\":1}\n{\"a\":\"";
    let body = io::repeat(b'x').take(3 * LONGEST as u64);
    let tail = "\"}\n{\"a\":2}\n";
    let stream = head.as_bytes().chain(body).chain(tail.as_bytes());
    assert_eq!(read(stream), [ok("{\"a\":1}"), Err(Fault::TooLong), ok("{\"a\":2}")]);
}

#[test]
fn longest_record_is_read() {
    let record = format!("{{\"a\":\"{}\"}}", "x".repeat(LONGEST - 9));
    assert_eq!(read(format!("{record}{record}").as_bytes()), [ok(&record), ok(&record)]);
}

#[test]
fn gzip_that_is_cut_is_an_error_after_its_records() {
    let text = "{\"a\":1}\n".repeat(100_000);
    let mut packed = Vec::new();
    flate2::read::GzEncoder::new(text.as_bytes(), flate2::Compression::fast())
        .read_to_end(&mut packed)
        .unwrap();
    let mut found = 0;
    let count = |_: Piece<'_>| found += 1;
    packed.truncate(packed.len() / 2);
    let result = records(decompressed(Cursor::new(packed)).unwrap(), count);
    assert_eq!(result.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    assert!(found > 1_000, "{found}");
}

#[test]
fn gzips_one_after_the_other_are_one_stream() {
    let mut packed = Vec::new();
    for text in ["{\"a\":1}", "{\"a\":2}"] {
        flate2::read::GzEncoder::new(text.as_bytes(), flate2::Compression::fast())
            .read_to_end(&mut packed)
            .unwrap();
    }
    assert_eq!(read(decompressed(Cursor::new(packed)).unwrap()), [ok("{\"a\":1}"), ok("{\"a\":2}")]);
}
