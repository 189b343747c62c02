//! What the enforcer notes on a user about exemptions: who decided them, and when.

use super::is_of_tags;
use crate::event::{Actor, EventId, Relation, UserName};
use crate::facts::UserFacts;
use crate::tags::{UserTag, second};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::cmp::Reverse;
use std::fmt;

/// IAM allows 256 characters in a tag value.
const TAG_VALUE_LIMIT: usize = 256;

/// Identifies what exempts a user: one value of the tag, one name or one path. A note about another value does not count.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark(String);

/// Who set what exempts a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// The principal with this id, written with the characters that a tag allows.
    Principal(String),
    /// A sweep saw the exemption, and the event history does not tell yet who set it.
    Seen,
    /// The event history does not tell.
    Unknown,
}

/// One act that exempts a user, or what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// When it happened, or when a sweep noticed the exemption.
    pub at: Timestamp,
    /// Who did it.
    pub by: By,
    /// Its event.
    pub event: Option<EventId>,
    /// What exempts the user since.
    pub of: Mark,
}

/// The value of [`UserTag::ExemptBy`]: the last act, and which other exemptions the user granted to themselves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExemptBy {
    /// The last act.
    pub last: Option<Act>,
    /// What else exempts the user by an act of their own, and when that was. A later act about something else must not
    /// make it count.
    own: Vec<(Mark, Timestamp)>,
    /// When the user had another tag, name or path than now, of which the acts above tell nothing any more: the marks of
    /// [`Mark::no_tag`] and its like. Whoever gave the user this one before that did not decide what holds now.
    past: Vec<(Mark, Timestamp)>,
}

impl Mark {
    /// Of this value of the exemption tag.
    #[must_use]
    pub fn of_tag(value: &str) -> Self {
        Self::of("tag", value)
    }

    /// Of this user name. Names have no case.
    #[must_use]
    pub fn of_name(name: &str) -> Self {
        Self::of("name", &name.to_ascii_lowercase())
    }

    /// Of this path.
    #[must_use]
    pub fn of_path(path: &str) -> Self {
        Self::of("path", path)
    }

    /// Of an exemption tag that was removed.
    #[must_use]
    pub fn no_tag() -> Self {
        Self::none("tag")
    }

    /// Of a name that exempts nobody.
    #[must_use]
    pub fn no_name() -> Self {
        Self::none("name")
    }

    /// Of a path that exempts nobody.
    #[must_use]
    pub fn no_path() -> Self {
        Self::none("path")
    }

    /// Whether the user cannot have both: two values of the tag, two names or two paths.
    #[must_use]
    pub fn excludes(&self, other: &Self) -> bool {
        self != other && self.kind() == other.kind()
    }

    /// `tag`, `name` or `path`.
    fn kind(&self) -> &str {
        self.0.split('.').next().unwrap_or_default()
    }

    /// Of none of this kind.
    fn none(kind: &str) -> Self {
        Self(format!("{kind}.none"))
    }

    /// 64 bits of SHA-256, so that nobody can choose a value for which an older note counts.
    fn of(kind: &str, value: &str) -> Self {
        let hash = Sha256::new().chain_update(kind).chain_update([0]).chain_update(value).finalize();
        let bits = hash.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
        Self(format!("{kind}.{bits:016x}"))
    }
}

impl By {
    /// Who called, seen from the user of this name and id. An act of their own has their id, by whichever session.
    #[must_use]
    pub fn of(actor: &Actor, name: &UserName, id: &str) -> Self {
        match actor.seen_from(name, id) {
            Relation::Oneself => Self::Principal(id.to_owned()),
            Relation::SomebodyElse => Self::principal(actor.principal.as_deref().unwrap_or("unnamed")),
            Relation::Unknown => Self::Unknown,
        }
    }

    /// The principal of this id. What a tag does not allow is escaped: a comma is `=2C`.
    #[must_use]
    pub fn principal(id: &str) -> Self {
        let mut text = String::new();
        for byte in id.bytes() {
            let c = char::from(byte);
            if byte.is_ascii() && is_of_tags(c) && c != '=' && c != ' ' {
                text.push(c);
            } else {
                text.extend(['=', hex_digit(byte >> 4), hex_digit(byte & 0xF)]);
            }
        }
        Self::Principal(text)
    }

    /// The principal's id as it was before it was escaped.
    #[must_use]
    pub fn shown(&self) -> String {
        let mut parts = self.word(usize::MAX).split('=');
        let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
        for part in parts {
            let escape = part.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
            bytes.extend(escape);
            bytes.extend(part.get(2..).unwrap_or_default().bytes());
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn parse(word: &str) -> Self {
        match word {
            "seen" => Self::Seen,
            "unknown" => Self::Unknown,
            principal => Self::Principal(principal.to_owned()),
        }
    }

    /// The word in the tag, of at most so many characters. An escape is never cut in two.
    fn word(&self, limit: usize) -> &str {
        let text = match self {
            Self::Seen => return "seen",
            Self::Unknown => return "unknown",
            Self::Principal(text) => text,
        };
        if text.len() <= limit {
            return text;
        }
        let cut = text.get(..limit).unwrap_or_default();
        match cut.rfind('=') {
            Some(escape) if escape + 3 > limit => cut.get(..escape).unwrap_or_default(),
            Some(_) | None => cut,
        }
    }
}

impl Act {
    /// Whether the user with this id did it.
    #[must_use]
    pub fn is_own(&self, user_id: &str) -> bool {
        matches!(&self.by, By::Principal(id) if id == user_id)
    }

    /// The act with the highest rank counts: a known one before what a sweep noted, then the later one. Of two in the
    /// same second that is the user's own, in whichever order their events arrive.
    #[must_use]
    pub fn rank(&self, user_id: &str) -> (bool, bool, i64, bool) {
        let is_known = matches!(self.by, By::Principal(_));
        (is_known, self.by == By::Unknown, self.at.as_second(), self.is_own(user_id))
    }
}

impl ExemptBy {
    /// Parses the tag's value. What cannot be read says nothing.
    #[must_use]
    pub fn parse(value: &str) -> Self {
        let mut words = value.split(' ');
        let (at, by) = (words.next().and_then(|time| time.parse().ok()), words.next().map(By::parse));
        // The id of a principal may look like a field.
        let fields: Vec<&str> = value.split(' ').skip(if at.is_some() { 2 } else { 0 }).collect();
        let field = |name: &str| fields.iter().find_map(|word| word.strip_prefix(name));
        let event = field("event=").and_then(EventId::new);
        let of = field("of=").filter(|mark| !mark.is_empty()).map(|mark| Mark(mark.to_owned()));
        let dated = |name: &str| {
            let words = fields.iter().filter_map(|word| word.strip_prefix(name)?.split_once('@'));
            let marks = words.filter_map(|(mark, at)| Some((mark, at.parse().ok()?)));
            marks.collect::<Vec<(&str, Timestamp)>>()
        };
        let own = dated("own=").into_iter().map(|(mark, at)| (Mark(mark.to_owned()), at));
        let past = dated("not=").into_iter().map(|(kind, at)| (Mark::none(kind), at));
        let last = match (at, by, of) {
            (Some(at), Some(by), Some(of)) => Some(Act { at, by, event, of }),
            (_, _, _) => None,
        };
        Self { last, own: own.collect(), past: past.collect() }
    }

    /// The note of this user.
    #[must_use]
    pub fn of(user: &UserFacts) -> Self {
        user.tag(UserTag::ExemptBy).map(Self::parse).unwrap_or_default()
    }

    /// Whether the note tells of a later act about the same thing, or that the user had another tag, name or path later.
    #[must_use]
    pub fn outranks(&self, act: &Act, user_id: &str) -> bool {
        self.is_over(act) || self.acts(&act.of, user_id).any(|known| known.rank(user_id) > act.rank(user_id))
    }

    /// When the user last had another tag, name or path than this.
    pub(super) fn replaced(&self, mark: &Mark, latest: Timestamp) -> Option<Timestamp> {
        let others = self.marks().filter(|(of, at)| of.excludes(mark) && *at <= latest);
        others.map(|(_, at)| at).max()
    }

    fn is_over(&self, act: &Act) -> bool {
        self.replaced(&act.of, Timestamp::MAX).is_some_and(|replaced| act.at < replaced)
    }

    /// Everything that the note tells the time of.
    fn marks(&self) -> impl Iterator<Item = (&Mark, Timestamp)> {
        let dated = self.own.iter().chain(&self.past).map(|(mark, at)| (mark, *at));
        dated.chain(self.last.iter().map(|act| (&act.of, act.at)))
    }

    /// The note after `act`, given what exempts the user now; the same note if it knows of that act, or of a later one.
    ///
    /// Of older acts it keeps what the user did themselves, as long as it would exempt them now, and of others the time.
    #[must_use]
    pub fn with(self, act: Act, user_id: &str, live: &[Mark]) -> Self {
        let knows = self.acts(&act.of, user_id).any(|known| known.rank(user_id) >= act.rank(user_id));
        if knows || self.is_over(&act) {
            return self;
        }
        let gone = self.marks().filter(|(mark, _)| **mark != act.of && !live.contains(mark));
        let gone: Vec<_> = gone.map(|(mark, at)| (Mark::none(mark.kind()), at)).collect();
        let Self { last, mut own, past: _ } = self;
        own.retain(|(mark, _)| *mark != act.of && live.contains(mark));
        let last = match last.filter(|last| last.of != act.of && live.contains(&last.of)) {
            // Somebody else's decision about something else goes on counting.
            Some(last) if act.is_own(user_id) && !last.is_own(user_id) => {
                own.push((act.of, act.at));
                last
            }
            Some(last) if last.is_own(user_id) => {
                own.push((last.of, last.at));
                act
            }
            Some(_) | None => act,
        };
        Self { last: Some(last), own, past: Vec::new() }.with_past(gone)
    }

    /// The note with the last of these times for each kind, unless it says whose a later act was.
    fn with_past(mut self, mut gone: Vec<(Mark, Timestamp)>) -> Self {
        gone.sort_by_key(|(_, at)| Reverse(*at));
        let known = self.last.iter().filter(|last| matches!(last.by, By::Principal(_)));
        let known = known.map(|last| (last.of.clone(), last.at)).chain(self.own.iter().cloned());
        let mut told: Vec<_> = known.collect();
        for (none, at) in gone {
            if !told.iter().any(|(mark, later)| mark.kind() == none.kind() && at <= *later) {
                told.push((none.clone(), at));
                // What the user did about it was before that, so it is over, too.
                self.own.retain(|(mark, _)| mark.kind() != none.kind());
                self.past.push((none, at));
            }
        }
        self
    }

    /// What the note tells of this mark: each act, and whether the user did it.
    pub(super) fn acts(&self, mark: &Mark, user_id: &str) -> impl Iterator<Item = Act> {
        let own = self.own.iter().filter(move |(of, _)| of == mark).map(|(of, at)| Act {
            at: *at,
            by: By::Principal(user_id.to_owned()),
            event: None,
            of: of.clone(),
        });
        let last = self.last.iter().filter(move |act| act.of == *mark).cloned();
        own.collect::<Vec<_>>().into_iter().chain(last)
    }
}

impl fmt::Display for ExemptBy {
    /// Writes the tag's value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own: Vec<String> =
            self.own.iter().map(|(mark, at)| format!(" own={mark}@{}", second(*at))).collect();
        let past: Vec<String> =
            self.past.iter().map(|(none, at)| format!(" not={}@{}", none.kind(), second(*at))).collect();
        let own = own.concat() + &past.concat();
        let Some(Act { at, by, event, of }) = &self.last else { return f.write_str(own.trim_start()) };
        let event = event.as_ref().map(|event| format!(" event={event}")).unwrap_or_default();
        let rest = format!("{event} of={of}{own}");
        let at = second(*at);
        let room = TAG_VALUE_LIMIT.saturating_sub(at.len() + 1 + rest.len());
        write!(f, "{at} {}{rest}", by.word(room))
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn hex_digit(half: u8) -> char {
    char::from_digit(u32::from(half), 16).unwrap_or('0').to_ascii_uppercase()
}
