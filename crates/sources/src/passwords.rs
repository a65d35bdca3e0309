//! Passwords of archives.

use std::fmt;

/// What samples of malware and logs with traces of it are sent under, by custom.
const USUAL: &str = "infected";

/// Passwords to try on archives that are encrypted. Their text shows nowhere.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Passwords(Vec<String>);

impl Passwords {
    /// Takes the passwords that a user gives. `infected` is tried behind them.
    pub const fn new(given: Vec<String>) -> Self {
        Self(given)
    }

    /// Tells whether the user gave any.
    pub(crate) const fn are_given(&self) -> bool {
        !self.0.is_empty()
    }

    /// Yields the passwords to try, in order.
    pub(crate) fn candidates(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str).chain([USUAL])
    }
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Passwords({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_output_shows_a_password() {
        let passwords = Passwords::new(vec!["hunter2".to_owned()]);
        assert_eq!(format!("{passwords:?}"), "Passwords(1)");
        assert_eq!(passwords.candidates().collect::<Vec<_>>(), ["hunter2", "infected"]);
    }
}
