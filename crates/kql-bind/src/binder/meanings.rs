//! What names and operators of a query's text mean, kept for editors.
//!
//! In: what the binder finds while it binds the text. Out: [`Meanings`], looked up by where a name or an
//! operator starts. Of views, saved functions and plugins written in KQL nothing is kept: their places are
//! places of other texts.

use std::{collections::BTreeMap, sync::Arc};

use kql_syntax::Span;
use kql_types::KqlType;

use super::{Binder, Binding};
use crate::tree::{Column, Relation};

/// What the names and operators of a query mean, by the byte offset at which they start.
///
/// The body of a function is bound once for each call; what the last call says of it holds.
#[derive(Clone, Debug, Default)]
pub struct Meanings {
    inputs: BTreeMap<u32, KnownRows>,
    right_sides: BTreeMap<u32, KnownRows>,
    names: BTreeMap<u32, NameMeaning>,
}

/// The columns of rows.
#[derive(Clone, Debug, Default)]
pub struct KnownRows {
    /// The columns that are known, in order.
    pub columns: Vec<Column>,
    /// There may be others, which depend on data or on what has an error.
    pub is_open: bool,
}

/// What a name stands for.
#[derive(Clone, Debug)]
pub enum NameMeaning {
    /// A column of the operator's input.
    Column(KqlType),
    /// A scalar variable or parameter; `None` if its type is not known.
    Scalar(Option<KqlType>),
    /// A variable or parameter that is rows.
    Rows(KnownRows),
    /// A function of the query, or a pattern.
    Function,
    /// A table of the catalog.
    Table(KnownRows),
    /// A saved function of the catalog.
    SavedFunction,
}

impl Meanings {
    /// Returns the rows that the operator starting at an offset reads.
    pub fn input(&self, operator: u32) -> Option<&KnownRows> {
        self.inputs.get(&operator)
    }

    /// Returns the right side of the `join` or `lookup` starting at an offset.
    pub fn right_side(&self, operator: u32) -> Option<&KnownRows> {
        self.right_sides.get(&operator)
    }

    /// Returns what the name starting at an offset means.
    pub fn name(&self, start: u32) -> Option<&NameMeaning> {
        self.names.get(&start)
    }
}

impl KnownRows {
    fn of(rows: &Relation) -> Self {
        Self { columns: rows.columns.clone(), is_open: rows.has_open_schema() }
    }
}

impl NameMeaning {
    /// Returns the meaning of a variable.
    fn of_binding(binding: &Binding) -> Self {
        match binding {
            Binding::Scalar(value) => Self::Scalar(value.as_ref().map(|value| value.ty)),
            Binding::Rows { rows, .. } => Self::Rows(KnownRows::of(rows)),
            Binding::Function(_) | Binding::Pattern { .. } => Self::Function,
        }
    }
}

impl Binder<'_> {
    /// Returns where to keep meanings, if somebody asked for them and the text is the query's own.
    fn meanings_here(&mut self) -> Option<&mut Meanings> {
        self.meanings.as_mut().filter(|_| self.active.is_empty())
    }

    /// Keeps the rows that an operator reads.
    pub(crate) fn note_input(&mut self, operator: Span, rows: &Relation) {
        if let Some(meanings) = self.meanings_here() {
            meanings.inputs.insert(operator.start, KnownRows::of(rows));
        }
    }

    /// Keeps the right side of an operator with two.
    pub(crate) fn note_right_side(&mut self, operator: Span, rows: &Relation) {
        if let Some(meanings) = self.meanings_here() {
            meanings.right_sides.insert(operator.start, KnownRows::of(rows));
        }
    }

    /// Keeps what a name means; `meaning` is made only if somebody asked.
    pub(crate) fn note_name(&mut self, name: Span, meaning: impl FnOnce() -> NameMeaning) {
        if let Some(meanings) = self.meanings_here() {
            meanings.names.insert(name.start, meaning());
        }
    }

    /// Keeps that a name is a table, whose rows are the last that were bound.
    pub(crate) fn note_table(&mut self, name: Span, rows: &Relation) {
        self.note_name(name, || NameMeaning::Table(KnownRows::of(rows)));
    }

    /// Keeps that a name is a variable.
    pub(crate) fn note_variable(&mut self, name: Span, binding: &Binding) {
        self.note_name(name, || NameMeaning::of_binding(binding));
    }

    /// Binds a text that is not the query's own, of which nothing is kept.
    pub(crate) fn without_meanings<T>(&mut self, bind: impl FnOnce(&mut Self) -> T) -> T {
        self.active.push(Arc::from(""));
        let bound = bind(self);
        self.active.pop();
        bound
    }
}
