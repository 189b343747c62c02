//! Where a user looks for a slot of an hour. Pure, so that a second delivery of an event looks in the same places.

use crate::settings::LimitOf;
use sha2::{Digest, Sha256};
use std::num::NonZeroUsize;

/// So many slots are looked at. Each costs up to two calls, and nobody is kept waiting for hundreds. Of more slots than
/// these, the last few of an hour may stay free: where nine in ten are taken, one user in thirty finds none.
const PLACES: usize = 32;

/// The slots that one user looks at, in their order.
#[derive(Debug)]
pub(super) struct Search {
    pub(super) limit_of: LimitOf,
    /// How many slots there are.
    pub(super) limit: NonZeroUsize,
    first: usize,
    /// Has no divisor in common with the limit, so that no slot comes twice before all have come.
    stride: usize,
    looked_at: usize,
}

impl Search {
    /// The slots at which this user of this account looks.
    pub(super) fn of(limit_of: LimitOf, limit: NonZeroUsize, account: &str, user: &str) -> Self {
        let hash = Sha256::new().chain_update(account).chain_update([0]).chain_update(user).finalize();
        let (numbers, _) = hash.as_chunks();
        let mut numbers = numbers.iter().map(|bytes| u32::from_be_bytes(*bytes) as usize);
        let (first, second) = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
        let mut stride = second % limit + 1;
        while greatest_common_divisor(stride, limit.get()) != 1 {
            stride += 1;
        }
        Self { limit_of, limit, first: first % limit, stride, looked_at: 0 }
    }

    /// The slot to look at; `None` if all were.
    pub(super) fn place(&self) -> Option<usize> {
        let is_left = self.looked_at < self.limit.get().min(PLACES);
        is_left.then(|| (self.first + self.looked_at * self.stride) % self.limit)
    }

    /// Goes on to the next slot.
    pub(super) fn go_on(&mut self) {
        self.looked_at += 1;
    }
}

fn greatest_common_divisor(one: usize, other: usize) -> usize {
    if other == 0 { one } else { greatest_common_divisor(other, one % other) }
}

#[cfg(test)]
mod tests {
    use super::{PLACES, Search};
    use crate::settings::LimitOf;
    use std::collections::BTreeSet;
    use std::num::NonZeroUsize;

    fn places(limit: usize, user: &str) -> Vec<usize> {
        let limit = NonZeroUsize::new(limit).unwrap();
        let mut search = Search::of(LimitOf::Account, limit, "111122223333", user);
        std::iter::from_fn(|| search.place().inspect(|_| search.go_on())).collect()
    }

    #[test]
    fn every_slot_is_looked_at_once() {
        for limit in 1..=PLACES {
            for user in ["AIDAA", "AIDAB", "AIDAC"] {
                let looked_at: BTreeSet<usize> = places(limit, user).into_iter().collect();
                assert_eq!(looked_at, (0..limit).collect(), "{limit}");
                assert_eq!(places(limit, user).len(), limit);
            }
        }
    }

    /// The version before may have taken a slot for the same event.
    #[test]
    fn user_looks_in_the_same_places_in_every_version() {
        assert_eq!(places(10, "AIDAI"), [1, 8, 5, 2, 9, 6, 3, 0, 7, 4]);
        assert_eq!(places(12, "AIDAK"), [3, 10, 5, 0, 7, 2, 9, 4, 11, 6, 1, 8]);
    }

    #[test]
    fn of_many_slots_some_are_looked_at() {
        for limit in [33, 250, 251, 50_000] {
            let places = places(limit, "AIDAA");
            assert!(places.iter().all(|place| *place < limit), "{places:?}");
            assert_eq!((places.len(), places.iter().collect::<BTreeSet<_>>().len()), (PLACES, PLACES));
        }
    }

    #[test]
    fn users_begin_in_different_places() {
        let first: BTreeSet<usize> =
            (0..250).map(|number| places(250, &format!("AIDA{number}"))[0]).collect();
        // As many as chance gives: 158.
        assert!((130..190).contains(&first.len()), "{}", first.len());
    }
}
