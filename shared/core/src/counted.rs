//! How many there are of something, as people write it.

use std::fmt::Display;

/// `counted(1, "user")` is `1 user`, and `counted(2, "user")` is `2 users`. The noun takes an s in the plural.
pub fn counted<N: Display + Copy + From<u8> + PartialEq>(count: N, noun: &str) -> String {
    let ending = if count == N::from(1) { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn only_one_is_singular() {
        let said = [0_u64, 1, 2, 21].map(|count| counted(count, "user"));
        assert_eq!(said, ["0 users", "1 user", "2 users", "21 users"]);
    }
}
