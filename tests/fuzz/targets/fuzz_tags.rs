//! Any text as the value of each tag, and what the enforcer writes, read back.
#![no_main]

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use mfa_enforcer_core::digest::Memory;
use mfa_enforcer_core::episode::Episode;
use mfa_enforcer_core::event::{EventId, SweepKind};
use mfa_enforcer_core::exemption::ExemptBy;
use mfa_enforcer_core::history::{LAST_LOOK_KEY, Look};
use mfa_enforcer_core::posture::{exemption_findings, posture};
use mfa_enforcer_core::tags::{
    Cause, EXEMPT_UNTIL_KEY, LastNotice, QuarantineRecord, Undone, UserTag, alerted_value, claimed,
    has_alerted, parse_root_events, root_events_value, second, unreached,
};
use mfa_enforcer_fuzz::oracles::{check_tag_value, may_be_in_a_tag};
use mfa_enforcer_fuzz::state::{any_act, any_episode, any_id, any_last_notice, any_time};
use mfa_enforcer_testing::fixtures::{exempt, now, settings, with_tag};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use strum::IntoEnumIterator;

static SETTINGS: LazyLock<mfa_enforcer_core::settings::Settings> = LazyLock::new(settings);

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        read(text);
    }
    let _ = write(&mut Unstructured::new(data));
});

/// Whatever a tag says, it can be read, and what was understood can be written again.
fn read(text: &str) {
    let record = QuarantineRecord::parse(text);
    if let (Some(since), Some(cause), Some(event)) = (record.since, record.cause, &record.event) {
        let episode = record.episode.unwrap_or_else(|| Episode::beginning("AIDAEXAMPLE", since));
        let again = QuarantineRecord::parse(&QuarantineRecord::value(since, cause, event, &episode));
        assert_eq!(again.episode, Some(episode));
        assert_eq!((again.cause, again.event.as_ref(), again.release), (Some(cause), Some(event), None));
    }
    if let Some(notice) = LastNotice::parse(text) {
        let written = notice.to_string();
        check_tag_value(&written);
        assert_eq!(LastNotice::parse(&written).map(|again| again.to_string()), Some(written));
    }
    if let Some(memory) = Memory::parse(text) {
        let written = memory.to_string();
        check_tag_value(&written);
        assert_eq!(Memory::parse(&written).map(|again| again.to_string()), Some(written));
        let _ = memory.believed(now());
    }
    let note = ExemptBy::parse(text);
    assert_eq!(ExemptBy::parse(&note.to_string()).to_string(), note.to_string());
    let _ = Undone::parse(text, now());
    let topic = BTreeMap::from([(LAST_LOOK_KEY.to_owned(), text.to_owned())]);
    let look = Look::of(SweepKind::Daily, &topic, None, now());
    if let Some((_, value)) = look.note(Some(&topic)) {
        check_tag_value(&value);
    }
    for event in parse_root_events(text) {
        assert!(has_alerted(&format!("event={event}"), &event, "of any kind"));
        check_tag_value(&root_events_value(&parse_root_events(text), std::slice::from_ref(&event)));
    }
    // IAM lets nobody write anything else.
    let value: String = text.chars().filter(|char| may_be_in_a_tag(*char)).take(256).collect();
    let episode = Episode::beginning("AIDAEXAMPLE", now());
    let ended = QuarantineRecord::with_release(&value, &episode, now(), None);
    check_tag_value(&ended);
    assert!(QuarantineRecord::parse(&ended).release.is_some());
    let event = EventId::new("0d1f2a3b-0000-4000-8000-00000000d001").expect("an id");
    let alerted = alerted_value(Some(&value), now(), &event, &["held-by-hand"]);
    check_tag_value(&alerted);
    assert!(has_alerted(&alerted, &event, "held-by-hand"));
    for key in UserTag::iter().map(UserTag::key).chain([EXEMPT_UNTIL_KEY, "email", "phone"]) {
        let user = with_tag(exempt(), &key.to_uppercase(), &value);
        let _ = posture(&user, &SETTINGS, now());
        let _ = (exemption_findings(&user, &SETTINGS, now()), user.quarantine_record(), user.last_notice());
    }
}

/// What is written is a tag that IAM takes, and means the same when it is read.
fn write(bytes: &mut Unstructured<'_>) -> Result<()> {
    let (at, event) = (any_time(bytes)?, any_id(bytes)?);
    let causes: Vec<Cause> = Cause::iter().collect();
    let cause = *bytes.choose(&causes)?;
    let episode = any_episode(bytes)?;
    let value = QuarantineRecord::value(at, cause, &event, &episode);
    let release = any_time(bytes)?;
    let ended = QuarantineRecord::with_release(&value, &episode, release, Some(at));
    for value in [&value, &ended] {
        check_tag_value(value);
        let record = QuarantineRecord::parse(value);
        assert_eq!((record.cause, record.event.as_ref()), (Some(cause), Some(&event)));
        assert_eq!(record.episode.as_ref(), Some(&episode));
        assert_eq!(record.since.map(second), Some(second(at)));
    }
    assert_eq!(QuarantineRecord::parse(&ended).release.map(second), Some(second(release)));

    let notice = any_last_notice(bytes)?;
    let value = notice.to_string();
    for value in [&value, &unreached(&value), &claimed(&value)] {
        check_tag_value(value);
        let read = LastNotice::parse(value).expect("what was written can be read");
        assert_eq!((read.kind, &read.event), (notice.kind, &notice.event));
        assert_eq!((read.first.map(second), second(read.at)), (notice.first.map(second), second(notice.at)));
    }

    let user = exempt();
    let (earlier, later) = (any_act(&user, bytes)?, any_act(&user, bytes)?);
    let live = [earlier.of.clone(), later.of.clone()];
    for note in [
        ExemptBy::default().with(earlier.clone(), &user.id, &live),
        ExemptBy::default().with(earlier, &user.id, &live).with(later, &user.id, &live),
    ] {
        let value = note.to_string();
        check_tag_value(&value);
        assert_eq!(ExemptBy::parse(&value).to_string(), value);
    }
    let times = bytes.int_in_range(0..=Undone::GIVEN_UP)?;
    let value = Undone::value(at, times, &event);
    check_tag_value(&value);
    assert_eq!(Undone::parse(&value, at).map(|undone| undone.times), Some(times));

    let mut alerted = None;
    let mut ids = Vec::new();
    for _ in 0..8 {
        let id = any_id(bytes)?;
        let value = alerted_value(alerted.as_deref(), at, &id, &["containment-failed", "enrolment-alert"]);
        check_tag_value(&value);
        assert!(has_alerted(&value, &id, "enrolment-alert"), "the last alert is on record: {value}");
        alerted = Some(value);
        let value = root_events_value(&ids, std::slice::from_ref(&id));
        check_tag_value(&value);
        ids = parse_root_events(&value);
        assert_eq!(ids.last(), Some(&id));
    }
    Ok(())
}
