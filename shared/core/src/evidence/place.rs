//! Where things lie in the bucket: a folder for each account and day, and names that sort by time and are never used
//! twice.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

/// What all keys begin with.
pub const PREFIX: &str = "evidence/";
/// Name of the file that makes a record of the files beside it.
pub const RECORD: &str = "record.json";
/// Name of the folder of the acts of a day.
const ACTS: &str = "acts";
/// Name of the folder of the sign-offs of reviews.
const REVIEWS: &str = "reviews";
/// Name of a sign-off, without its ending.
const SIGNED: &str = "%Y%m%dT%H%M%SZ";
/// A request's id is a UUID.
const ID_LIMIT: usize = 64;

/// A run of a function, after which its objects are named. Two runs never share a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    account: String,
    at: Timestamp,
    id: String,
}

/// What a key says about its object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place<'a> {
    /// A record.
    Record {
        /// Key of its folder.
        folder: &'a str,
    },
    /// A file that lies beside a record.
    File {
        /// Key of its folder.
        folder: &'a str,
        /// Its name in there.
        name: &'a str,
    },
    /// An act.
    Act {
        /// Its SHA-256, as far as the name is to be believed.
        sha256: &'a str,
    },
    /// The sign-off of a review.
    Review {
        /// The period.
        period: &'a str,
        /// When it was signed, as far as the name is to be believed.
        signed: Timestamp,
    },
}

impl Run {
    /// The run that Lambda gave this id, in this account, at this time.
    #[must_use]
    pub fn new(account: &str, at: Timestamp, request_id: &str) -> Self {
        let id: String =
            request_id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(ID_LIMIT).collect();
        let id = if id.is_empty() { "run".to_owned() } else { id };
        Self { account: account.to_owned(), at, id }
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// When the run writes.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Key of the folder of the run's record, with a slash at the end.
    #[must_use]
    pub fn folder(&self) -> String {
        format!("{}{}-{}/", day_folder(&self.account, self.at), stamp(self.at), self.id)
    }

    /// Key of an act. Its hash is a part of the name, so that the next record can list it without reading it again.
    #[must_use]
    pub fn act(&self, number: usize, sha256: &str) -> String {
        let day = day_folder(&self.account, self.at);
        format!("{day}{ACTS}/{}-{}-{number:02}-{sha256}.json", stamp(self.at), self.id)
    }
}

impl<'a> Place<'a> {
    /// What the key says; `None` if it is no key of ours.
    #[must_use]
    pub fn of(key: &'a str) -> Option<Self> {
        let rest = key.strip_prefix(PREFIX)?;
        let parts: Vec<&str> = rest.split('/').collect();
        match parts.as_slice() {
            [_, REVIEWS, period, name] => {
                let signed = signed(name.strip_suffix(".json")?)?;
                Some(Self::Review { period, signed })
            }
            [_, _, _, _, ACTS, name] => {
                let (_, sha256) = name.strip_suffix(".json")?.rsplit_once('-')?;
                Some(Self::Act { sha256 })
            }
            [_, _, _, _, _, name] => {
                let folder = key.get(..key.len() - name.len())?;
                Some(if *name == RECORD { Self::Record { folder } } else { Self::File { folder, name } })
            }
            _ => None,
        }
    }
}

/// What the keys of an account begin with.
#[must_use]
pub fn account_prefix(account: &str) -> String {
    format!("{PREFIX}{account}/")
}

/// A key that sorts before all keys of this moment and later ones.
#[must_use]
pub fn from(account: &str, at: Timestamp) -> String {
    day_folder(account, at)
}

/// When the object of this key was written; `None` if the name does not say.
#[must_use]
pub fn written(key: &str) -> Option<Timestamp> {
    let name = key.split('/').find(|part| part.len() > 19 && part.as_bytes().get(8) == Some(&b'T'))?;
    let (date, time) = name.get(..18)?.split_once('T')?;
    let millis = time.get(6..9)?;
    let text = format!(
        "{}-{}-{}T{}:{}:{}.{millis}Z",
        date.get(..4)?,
        date.get(4..6)?,
        date.get(6..8)?,
        time.get(..2)?,
        time.get(2..4)?,
        time.get(4..6)?
    );
    text.parse().ok()
}

/// The time that the name of a sign-off says: `20261127T060000Z`.
fn signed(name: &str) -> Option<Timestamp> {
    let time: Timestamp = name.parse().ok()?;
    // Only in the way in which it is written.
    (sign_off_name(time) == name).then_some(time)
}

/// The name of a sign-off of this time, without its ending.
pub(super) fn sign_off_name(time: Timestamp) -> String {
    time.strftime(SIGNED).to_string()
}

/// The SHA-256 of these bytes, in hexadecimal digits.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    let digits = Sha256::digest(bytes).into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|half| char::from_digit(u32::from(half), 16)).collect()
}

/// The same in base64, as S3 and browsers want it.
#[must_use]
pub fn checksum(bytes: &[u8]) -> String {
    base64(&Sha256::digest(bytes))
}

/// Base64 with padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |group: &[u8]| {
        let bits =
            group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        let digits = (0..4).map(move |index| {
            let digit = usize::try_from(bits >> (18 - 6 * index) & 63).unwrap_or(0);
            DIGITS.get(digit).copied().map_or('=', char::from)
        });
        digits.take(group.len() + 1).chain(std::iter::repeat_n('=', 3 - group.len())).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

fn day_folder(account: &str, at: Timestamp) -> String {
    format!("{}{}/", account_prefix(account), at.to_zoned_datetime(TimeZone::UTC).strftime("%Y/%m/%d"))
}

/// The time to the millisecond: `20261127T060000123Z`.
fn stamp(at: Timestamp) -> String {
    let time = at.to_zoned_datetime(TimeZone::UTC);
    format!("{}{:03}Z", time.strftime("%Y%m%dT%H%M%S"), time.millisecond())
}

#[cfg(test)]
mod tests {
    use super::{Place, Run, base64, written};

    #[test]
    fn base64_is_that_of_the_standard() {
        let examples = [("", ""), ("a", "YQ=="), ("ab", "YWI="), ("abc", "YWJj"), ("abcdef", "YWJjZGVm")];
        for (plain, coded) in examples {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn keys_sort_by_time_and_say_when() {
        let at = |time: &str| Run::new("123456789012", time.parse().unwrap(), "b3c1-../x");
        let early = at("2026-11-27T06:00:00.007Z").folder();
        assert_eq!(early, "evidence/123456789012/2026/11/27/20261127T060000007Z-b3c1-x/");
        assert!(early < at("2026-11-27T06:00:00.008Z").folder());
        let act = at("2026-11-27T06:00:00.007Z").act(3, &"ab".repeat(32));
        assert_eq!(written(&act), Some("2026-11-27T06:00:00.007Z".parse().unwrap()));
        assert_eq!(written(&early), written(&act));
        assert_eq!(Place::of(&act), Some(Place::Act { sha256: &"ab".repeat(32) }));
    }

    #[test]
    fn only_a_time_with_an_id_says_when() {
        let day = "evidence/an-account-with-a-long-name/2026/11/27";
        let at = Some("2026-11-27T06:00:00.007Z".parse().unwrap());
        assert_eq!(written(&format!("{day}/20261127T060000007Z-run/record.json")), at);
        assert_eq!(written(&format!("{day}/20261127T060000007Z/record.json")), None);
    }

    #[test]
    fn foreign_keys_have_no_place() {
        let reviews = "evidence/123456789012/reviews/2026-Q4";
        for name in
            ["", "x.json", "20261127T060000Z", "20261127T060000Z.txt", "20261327T060000Z.json", "a/b.json"]
        {
            assert_eq!(Place::of(&format!("{reviews}/{name}")), None, "{name}");
        }
        for key in ["", "evidence/", "other/123456789012/2026/11/27/x/record.json", "evidence/1/2/3"] {
            assert_eq!(Place::of(key), None, "{key}");
        }
        assert_eq!(written("evidence/123456789012/2026/11/27/acts/x.json"), None);
    }
}
