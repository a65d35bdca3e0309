//! Which part of a divided query each stored row belongs to.

use std::collections::BTreeMap;

/// A part of what a query finds, by the hash of its key. Parts whose hashes are the same are one part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartId(pub(crate) u64);

/// The parts of the rows of leaves, by leaf and block, in the order of the rows.
#[derive(Debug, Default)]
pub(crate) struct RowParts {
    blocks: BTreeMap<(usize, usize), Vec<PartId>>,
}

impl RowParts {
    /// Adds the parts of a block's rows.
    pub(crate) fn add(&mut self, leaf: usize, block: usize, parts: Vec<PartId>) {
        self.blocks.insert((leaf, block), parts);
    }

    /// Returns the parts of a block's rows.
    pub(crate) fn of(&self, leaf: usize, block: usize) -> Option<&[PartId]> {
        self.blocks.get(&(leaf, block)).map(Vec::as_slice)
    }
}
