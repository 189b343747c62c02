//! What is spoilt costs no other record.

use flate2::Compression;
use flate2::read::GzEncoder;
use mfa_enforcer_archive::{Fault, LONGEST, Piece, Reader};
use proptest::prelude::*;
use std::io::{self, Cursor, Read};

type Found = Vec<Result<String, Fault>>;

/// What was found, in order: each record, or why it cannot be read.
fn read(from: impl Read) -> Found {
    let (found, result) = read_all(from);
    result.unwrap();
    found
}

fn read_all(from: impl Read) -> (Found, io::Result<bool>) {
    let mut found = Vec::new();
    let contents = Reader::default().records(from, |piece| {
        found.push(match piece {
            Piece::Record(record) => Ok(String::from_utf8(record.to_vec()).unwrap()),
            Piece::Unreadable(fault) => Err(fault),
        });
    });
    (found, contents.map(|contents| contents.is_something_else))
}

fn packed(text: impl Read) -> Vec<u8> {
    let mut packed = Vec::new();
    GzEncoder::new(text, Compression::fast()).read_to_end(&mut packed).unwrap();
    packed
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
fn each_record_is_one_piece_whatever_is_wrong_with_it() {
    // Too long by a few bytes, and by so many that it is not kept until it ends.
    for length in [LONGEST + 1, 3 * LONGEST] {
        let long = format!("{{\"a\":\"{}", "x".repeat(length - 6));
        for (end, after) in [("\"}", vec![]), ("", vec![]), ("\n{\"a\":2}", vec![ok("{\"a\":2}")])] {
            let text = format!("{{\"a\":1}}\n{long}{end}");
            let expected = [vec![ok("{\"a\":1}"), Err(Fault::TooLong)], after].concat();
            assert_eq!(read(text.as_bytes()), expected, "{length} {end}");
            assert_eq!(read(Cursor::new(packed(text.as_bytes()))), expected, "{length} {end}");
        }
    }
}

#[test]
fn gzip_that_is_cut_is_an_error_after_its_records() {
    let mut packed = packed("{\"a\":1}\n".repeat(100_000).as_bytes());
    packed.truncate(packed.len() / 2);
    let (found, result) = read_all(Cursor::new(packed));
    assert_eq!(result.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    assert!(found.len() > 1_000, "{}", found.len());
}

#[test]
fn read_that_fails_within_a_gzip_is_an_error_after_its_records() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }
    let mut packed = packed("{\"a\":1}\n".repeat(100_000).as_bytes());
    packed.truncate(packed.len() / 2);
    let (found, result) = read_all(Cursor::new(packed).chain(Broken));
    assert_eq!(result.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    assert!(found.len() > 1_000, "{}", found.len());
}

#[test]
fn gzip_with_something_after_it_is_an_error_after_its_records() {
    for rest in ["x", "something else"] {
        let packed = [packed("{\"a\":1}".as_bytes()), rest.into()].concat();
        let (found, result) = read_all(Cursor::new(packed));
        assert_eq!(found, [ok("{\"a\":1}")], "{rest}");
        assert!(result.is_err(), "{rest}");
    }
}

#[test]
fn gzip_with_a_wrong_sum_is_an_error_after_its_records() {
    let mut packed = packed("{\"a\":1}".as_bytes());
    let sum = packed.len() - 8;
    packed[sum] ^= 1;
    let (found, result) = read_all(Cursor::new(packed));
    assert_eq!(found, [ok("{\"a\":1}")]);
    assert!(result.is_err());
}

#[test]
fn gzips_one_after_the_other_are_one_stream() {
    // The second may be the same as the first, and then the end of both says the same.
    for second in ["{\"a\":1}", "{\"a\":2}", "{\"a\":[]}"] {
        let packed = [packed("{\"a\":1}".as_bytes()), packed(second.as_bytes())].concat();
        assert_eq!(read(Cursor::new(packed)), [ok("{\"a\":1}"), ok(second)]);
    }
}

#[test]
fn long_gzip_is_read_as_a_stream() {
    let line = format!("{{\"a\":\"{}\"}}\n", "x".repeat(1000));
    // More than is decompressed at once.
    let count = 20_000;
    assert_eq!(read(Cursor::new(packed(line.repeat(count).as_bytes()))), vec![ok(line.trim_end()); count]);
}

proptest! {
    #[test]
    fn compression_makes_no_difference(
        text in "(\\{\"a\":1\\}|\\{\"Records\":\\[|[{}\\[\\]\"\\\\,\n a]){0,80}",
        more in "[{}\"\n a]{0,9}",
    ) {
        let one = format!("{text}{more}");
        let two = [packed(text.as_bytes()), packed(more.as_bytes())].concat();
        let expected = read_all(one.as_bytes());
        let expected = (expected.0, expected.1.unwrap());
        for packed in [packed(one.as_bytes()), two] {
            let (found, result) = read_all(Cursor::new(packed));
            prop_assert_eq!((found, result.unwrap()), expected.clone(), "{:?}", one);
        }
    }
}
