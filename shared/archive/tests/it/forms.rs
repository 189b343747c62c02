//! Records are found in whatever form they come, wherever the pieces that are read end.

use mfa_enforcer_archive::{Contents, Piece, Reader};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::io::{self, Read};

/// A stream that hands over so many bytes at a time.
struct Drops<'a> {
    bytes: &'a [u8],
    size: usize,
}

impl Read for Drops<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let size = self.size.min(into.len()).min(self.bytes.len());
        let (now, later) = self.bytes.split_at(size);
        into[..size].copy_from_slice(now);
        self.bytes = later;
        Ok(size)
    }
}

/// The records, parsed, and what else there was.
fn read(text: &str, size: usize) -> (Vec<Value>, Contents) {
    let mut found = Vec::new();
    let contents = Reader::default().records(Drops { bytes: text.as_bytes(), size }, |piece| match piece {
        Piece::Record(record) => found.push(serde_json::from_slice(record).unwrap()),
        Piece::Unreadable(fault) => panic!("{fault:?}"),
    });
    (found, contents.unwrap())
}

/// The same records in each form.
fn forms(records: &[Value]) -> Vec<String> {
    let lines = |end: &str| {
        let lines: Vec<String> = records.iter().map(|record| format!("{record}{end}")).collect();
        lines.concat()
    };
    let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap();
    vec![
        json!({ "Records": records }).to_string(),
        pretty(&json!({ "Records": records })),
        json!({ "Events": records, "NextToken": "a{b" }).to_string(),
        json!(records).to_string(),
        pretty(&json!(records)),
        lines("\n"),
        lines("\r\n"),
        lines(""),
        records.iter().map(&pretty).collect(),
        format!("{}\n{}", json!({ "Records": records }), json!({ "Records": [] })),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let text = "[a-z\"\\\\{}\\[\\]\n\u{e9}]{0,9}";
    let leaf = prop_oneof![Just(Value::Null), any::<i32>().prop_map(Value::from), text.prop_map(Value::from)];
    leaf.prop_recursive(3, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(text, inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn record() -> impl Strategy<Value = Value> {
    (any::<u16>(), value(), value()).prop_map(|(id, one, other)| json!({ "id": id, "one": one, "z": other }))
}

proptest! {
    #[test]
    fn every_form_has_the_same_records(records in prop::collection::vec(record(), 0..6), size in 1_usize..200) {
        for form in forms(&records) {
            let (found, contents) = read(&form, size);
            prop_assert_eq!(&found, &records, "{}", form);
            prop_assert_eq!(contents.bytes, form.len() as u64);
            prop_assert!(!contents.is_something_else, "{}", form);
        }
    }
}

#[test]
fn archive_within_a_record_is_no_archive() {
    let record = json!({ "A": { "Records": [{ "b": 1 }] }, "Records": [] });
    assert_eq!(read(&record.to_string(), 7).0, [record]);
}

#[test]
fn stream_of_nothing_is_empty() {
    for empty in ["", " \n\n", "{\"Records\":[]}", "[]"] {
        assert_eq!(read(empty, 3).0, [] as [Value; 0]);
        assert!(!read(empty, 3).1.is_something_else, "{empty}");
    }
}

#[test]
fn other_text_is_something_else() {
    for text in
        ["a,b,c\n1,2,3\n", "2 123456789010 eni-1235b8ca ACCEPT OK", "\u{0}\u{1}\u{2}", "\"text\"", "17"]
    {
        assert!(read(text, 5).1.is_something_else, "{text}");
    }
}
