//! The time zone of the times in messages, by its name in the IANA database.

use super::letterhead::shortened;
use jiff::tz::{self, TimeZone};

/// The list of all names.
const LIST: &str = "https://en.wikipedia.org/wiki/List_of_tz_database_time_zones";
/// How many letters a name may be wrong in for a guess.
const NEAR: usize = 3;

/// The zone with this name, or what to do about it.
pub(super) fn of_name(name: &str) -> Result<TimeZone, String> {
    let shown = shortened(name);
    // The database has a name for no zone, too: `Etc/Unknown`.
    let known = TimeZone::get(name).ok().filter(|zone| !zone.is_unknown());
    known.ok_or_else(|| {
        let hint = nearest(name).map_or_else(
            || "take one of those, such as `Europe/Berlin`".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        format!("is `{shown}`, which is no time zone of the IANA database ({LIST}): {hint}")
    })
}

/// The name that is most like this one: with few letters wrong, or with the same city.
fn nearest(name: &str) -> Option<String> {
    let city = |name: &str| name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    let wrong = |known: &str| {
        let all = distance(&known.to_ascii_lowercase(), &name.to_ascii_lowercase());
        if city(known) == city(name) { all.min(1) } else { all }
    };
    let known = tz::db().available().map(|name| name.as_str().to_owned());
    known
        .map(|known| (wrong(&known), known))
        .filter(|(wrong, _)| *wrong <= NEAR && wrong * 2 < name.len())
        .min()
        .map(|(_, known)| known)
}

/// How many letters have to be added, removed or replaced to make one text of the other.
pub(super) fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, letter) in one.chars().enumerate() {
        let mut left = index + 1;
        let mut next = vec![left];
        for (expected, before) in other.iter().zip(row.windows(2)) {
            let &[replaced, removed] = before else { continue };
            left = (replaced + usize::from(letter != *expected)).min(removed + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::{distance, of_name};
    use rstest::rstest;

    #[rstest]
    #[case("Europe/Berln", "did you mean `Europe/Berlin`?")]
    #[case("America/Berlin", "did you mean `Europe/Berlin`?")]
    #[case("Asia/Calcuta", "did you mean `Asia/Calcutta`?")]
    #[case("Pxxxnd", "take one of those, such as `Europe/Berlin`")]
    #[case("Poxand", "did you mean `Poland`?")]
    #[case("Nowhere/At_All", "take one of those, such as `Europe/Berlin`")]
    #[case("", "take one of those, such as `Europe/Berlin`")]
    #[case("Etc/Unknown", "take one of those, such as `Europe/Berlin`")]
    fn unknown_zone_is_answered_by_what_to_do(#[case] name: &str, #[case] hint: &str) {
        let problem = of_name(name).unwrap_err();
        assert!(problem.ends_with(hint), "{problem}");
    }

    #[test]
    fn letters_are_counted() {
        assert_eq!((distance("abc", "abc"), distance("abc", ""), distance("kitten", "sitting")), (0, 3, 3));
    }

    #[test]
    fn long_name_is_cut_and_answered() {
        assert!(of_name(&"X".repeat(5000)).unwrap_err().len() < 300);
    }
}
