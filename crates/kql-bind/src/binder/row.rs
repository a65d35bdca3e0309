//! The columns that an expression is evaluated over, by name.

use std::{cell::OnceCell, collections::HashMap, sync::Arc};

use crate::tree::{Column, Relation};

/// Up to that many columns are searched one by one.
const SMALL: usize = 8;

/// A name that stands for a row of its own.
#[derive(Clone, Debug)]
pub(crate) struct Element {
    /// The name.
    pub(crate) name: Arc<str>,
    /// The columns of the row.
    pub(crate) columns: Vec<Column>,
    /// The rows that it is, where it is several: an edge of variable length.
    pub(crate) hops: Option<Hops>,
    /// How many edges lead to it and how many from it, if it is a node of which that is known.
    pub(crate) degrees: Option<[Column; 2]>,
}

/// The hops of an edge of variable length.
#[derive(Clone, Debug)]
pub(crate) struct Hops {
    /// The columns of each edge.
    pub(crate) edges: Vec<Vec<Column>>,
    /// The columns of each node between them.
    pub(crate) nodes: Vec<Vec<Column>>,
}

/// The columns of a relation, to be looked up by name.
pub(crate) struct Row<'r> {
    columns: &'r [Column],
    is_open: bool,
    elements: &'r [Element],
    index: OnceCell<HashMap<Arc<str>, usize>>,
}

impl<'r> Row<'r> {
    /// Makes the row of a relation.
    pub(crate) fn of(relation: &'r Relation) -> Self {
        Self::new(&relation.columns, relation.has_open_schema())
    }

    /// Makes a row of columns; `is_open` if there may be others.
    pub(crate) fn new(columns: &'r [Column], is_open: bool) -> Self {
        Self { columns, is_open, elements: &[], index: OnceCell::new() }
    }

    /// Adds names that stand for rows of their own, of which members are columns: steps, for example.
    pub(crate) fn with_elements(self, elements: &'r [Element]) -> Self {
        Self { elements, ..self }
    }

    /// Tells whether there are such names.
    pub(crate) fn has_elements(&self) -> bool {
        !self.elements.is_empty()
    }

    /// Returns all of them.
    pub(crate) fn elements(&self) -> &'r [Element] {
        self.elements
    }

    /// Returns the row that a name stands for.
    pub(crate) fn element(&self, name: &str) -> Option<&'r Element> {
        self.elements.iter().find(|element| &*element.name == name)
    }

    /// Returns the column of that exact name.
    pub(crate) fn get(&self, name: &str) -> Option<&'r Column> {
        self.position(name).and_then(|at| self.columns.get(at))
    }

    /// Returns the position of the column of that exact name.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        if self.columns.len() <= SMALL {
            return self.columns.iter().position(|column| &*column.name == name);
        }
        let index = self.index.get_or_init(|| {
            self.columns
                .iter()
                .enumerate()
                .map(|(at, column)| (Arc::clone(&column.name), at))
                .collect()
        });
        index.get(name).copied()
    }

    /// Returns the columns in order.
    pub(crate) fn columns(&self) -> &'r [Column] {
        self.columns
    }

    /// Tells whether there may be columns that are not known.
    pub(crate) fn is_open(&self) -> bool {
        self.is_open
    }
}
