//! Numbers for the members of an archive, in the order in which they are met.

use std::{collections::HashMap, hash::Hash};

/// The members met so far; a plain file is its own single member.
///
/// An archive of tens of thousands of members is no rarity: none is compared with all before it.
#[derive(Debug)]
pub(crate) struct Members<N> {
    places: HashMap<N, usize>,
}

impl<N> Default for Members<N> {
    fn default() -> Self {
        Self { places: HashMap::new() }
    }
}

impl<N: Eq + Hash + Clone> Members<N> {
    /// Returns the number of a member, and whether it is met for the first time.
    pub(crate) fn number(&mut self, name: &N) -> (usize, bool) {
        if let Some(number) = self.places.get(name) {
            return (*number, false);
        }
        let number = self.places.len();
        self.places.insert(name.clone(), number);
        (number, true)
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, hash::Hasher, rc::Rc};

    use super::*;

    /// A name that counts how often it is compared.
    #[derive(Clone, Debug)]
    struct Counted(String, Rc<Cell<usize>>);

    impl PartialEq for Counted {
        fn eq(&self, other: &Self) -> bool {
            self.1.set(self.1.get().checked_add(1).unwrap());
            self.0 == other.0
        }
    }

    impl Eq for Counted {}

    impl Hash for Counted {
        fn hash<H: Hasher>(&self, state: &mut H) {
            self.0.hash(state);
        }
    }

    #[test]
    fn members_keep_their_numbers() {
        let mut members = Members::default();
        let found = ["a", "b", "a", "", "b"].map(|name| members.number(&name));
        assert_eq!(found, [(0, true), (1, true), (0, false), (2, true), (1, false)]);
    }

    #[test]
    fn work_is_in_proportion_to_the_members() {
        let compared = Rc::new(Cell::new(0));
        let mut members = Members::default();
        for round in 0..2 {
            for number in 0..3000 {
                let name = Counted(format!("logs/{number}.json"), Rc::clone(&compared));
                assert_eq!(members.number(&name), (number, round == 0));
            }
        }
        assert!(compared.get() < 4 * 6000, "{} comparisons", compared.get());
    }
}
