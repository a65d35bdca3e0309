//! A column of which most rows have nothing: an export has a part of its table's columns.

use std::{iter, sync::Arc};

use arrow_array::{Array, ArrayRef, StringViewArray, new_null_array};
use kql_types::KqlType;

use super::{
    cell::Cell,
    column::{Column, data_type},
};

/// A column under construction whose missing values are counted, and only written once another value
/// follows.
pub(crate) struct Sparse {
    ty: KqlType,
    column: Column,
    /// Whether the column under construction has a value.
    has_any: bool,
    /// Missing values behind those.
    missing: usize,
    /// A column of nothing, of which shorter ones are parts.
    nothing: Option<ArrayRef>,
}

impl Sparse {
    /// Returns an empty column.
    pub(crate) fn new(ty: KqlType) -> Self {
        Self { ty, column: Column::new(ty), has_any: false, missing: 0, nothing: None }
    }

    /// Appends a cell and tells whether it converted; a missing one always does.
    #[inline]
    pub(crate) fn append(&mut self, cell: &Cell<'_>) -> bool {
        if matches!(cell, Cell::Missing) {
            self.missing = self.missing.saturating_add(1);
            return true;
        }
        self.write_missing();
        self.has_any = true;
        self.column.append(*cell)
    }

    /// Returns the values gathered, and is empty afterwards.
    pub(crate) fn finish(&mut self) -> ArrayRef {
        if !self.has_any {
            let rows = std::mem::take(&mut self.missing);
            return self.nothing(rows);
        }
        self.write_missing();
        self.has_any = false;
        self.column.finish()
    }

    fn write_missing(&mut self) {
        for _ in 0..std::mem::take(&mut self.missing) {
            self.column.append(Cell::Missing);
        }
    }

    fn nothing(&mut self, rows: usize) -> ArrayRef {
        match &self.nothing {
            Some(nothing) if nothing.len() >= rows => nothing.slice(0, rows),
            _ => Arc::clone(self.nothing.insert(nothing(self.ty, rows))),
        }
    }
}

/// Returns a column of nothing: `""` for strings, null for everything else.
fn nothing(ty: KqlType, rows: usize) -> ArrayRef {
    if ty == KqlType::String {
        return Arc::new(StringViewArray::from_iter_values(iter::repeat_n("", rows)));
    }
    new_null_array(&data_type(ty), rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_the_same_whether_missing_values_are_counted_or_written() {
        let value = Cell::Text("7");
        let missing = Cell::Missing;
        for ty in [
            KqlType::Bool,
            KqlType::Int,
            KqlType::Long,
            KqlType::Real,
            KqlType::Decimal,
            KqlType::Datetime,
            KqlType::Timespan,
            KqlType::String,
            KqlType::Guid,
            KqlType::Dynamic,
        ] {
            let mut sparse = Sparse::new(ty);
            for cells in [
                &[][..],
                &[missing; 3],
                &[missing, missing, value, missing],
                &[missing; 2],
                &[value],
                &[missing; 5],
                &[Cell::Text(""), missing],
            ] {
                let mut column = Column::new(ty);
                for cell in cells {
                    assert_eq!(sparse.append(cell), column.append(*cell));
                }
                let (found, expected) = (sparse.finish(), column.finish());
                assert_eq!(&found, &expected, "{ty:?} of {cells:?}");
                assert_eq!(found.data_type(), &data_type(ty));
            }
        }
    }
}
