//! The arguments of a kernel: columns and constants behind one face.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayAccessor, ArrayRef, BooleanArray, Float64Array, Int64Array, ListArray,
    StringViewArray,
};
use datafusion_common::{Result, ScalarValue, exec_datafusion_err, internal_datafusion_err};
use datafusion_expr::ColumnarValue;

use super::memo::Memo;

/// The arguments of one call, over the rows of one batch.
pub(crate) struct Args<'a> {
    values: &'a [ColumnarValue],
    rows: usize,
    memo: &'a Memo,
}

impl<'a> Args<'a> {
    /// Puts arguments together; `rows` is 1 if all are constant.
    pub(super) fn new(values: &'a [ColumnarValue], rows: usize, memo: &'a Memo) -> Self {
        Self { values, rows, memo }
    }

    /// Returns the number of rows to compute.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Returns the number of arguments.
    pub(crate) fn count(&self) -> usize {
        self.values.len()
    }

    /// Returns an argument that is a string, guid or dynamic.
    pub(crate) fn text(&self, index: usize) -> Result<Operand<StringViewArray>> {
        self.operand(index)
    }

    /// Returns an argument that is a long, datetime or timespan.
    pub(crate) fn long(&self, index: usize) -> Result<Operand<Int64Array>> {
        self.operand(index)
    }

    /// Returns an argument that is a real.
    pub(crate) fn real(&self, index: usize) -> Result<Operand<Float64Array>> {
        self.operand(index)
    }

    /// Returns an argument that is a bool.
    pub(crate) fn bool(&self, index: usize) -> Result<Operand<BooleanArray>> {
        self.operand(index)
    }

    /// Returns an argument of any type, as a column.
    pub(crate) fn column(&self, index: usize) -> Result<ArrayRef> {
        let value = self.values.get(index);
        let value = value.ok_or_else(|| internal_datafusion_err!("no argument {index}"))?;
        value.to_array(self.rows)
    }

    /// Returns an argument that is a list.
    pub(crate) fn list(&self, index: usize) -> Result<Operand<ListArray>> {
        self.operand(index)
    }

    /// Returns an argument if it is constant.
    pub(crate) fn constant(&self, index: usize) -> Option<&'a ScalarValue> {
        match self.values.get(index) {
            Some(ColumnarValue::Scalar(value)) => Some(value),
            _ => None,
        }
    }

    /// Returns what `prepare` derives from the constant arguments at `indices`, doing it once for
    /// this place in the plan; `None` if one of them is not constant.
    pub(crate) fn prepared<T: Send + Sync + 'static>(
        &self,
        indices: &[usize],
        prepare: impl FnOnce() -> Result<T>,
    ) -> Result<Option<Arc<T>>> {
        let constants: Option<Vec<_>> = indices.iter().map(|&index| self.constant(index)).collect();
        constants.map(|constants| self.memo.get(&constants, prepare)).transpose()
    }

    /// Returns the text argument at `index` compiled: once if constant, else when it changes.
    pub(crate) fn compiled<P: Send + Sync + 'static>(
        &self,
        index: usize,
        compile: fn(&str) -> Result<P>,
    ) -> Result<Compiled<P>> {
        let texts = self.text(index)?;
        let prepared = self.prepared(&[index], || compile(texts.str(0)))?;
        Ok(match prepared {
            Some(pattern) => Compiled { source: Source::Constant, last: Some(pattern) },
            None => Compiled { source: Source::Column { texts, compile, row: None }, last: None },
        })
    }

    fn operand<A: Array + Clone + 'static>(&self, index: usize) -> Result<Operand<A>> {
        let value = self
            .values
            .get(index)
            .ok_or_else(|| internal_datafusion_err!("argument {index} is missing"))?;
        let (array, is_constant) = match value {
            ColumnarValue::Array(array) => (Arc::clone(array), false),
            ColumnarValue::Scalar(scalar) => (scalar.to_array()?, true),
        };
        let typed = array.as_any().downcast_ref::<A>().ok_or_else(|| {
            exec_datafusion_err!("argument {index} has the type {}", array.data_type())
        })?;
        Ok(Operand { array: typed.clone(), is_constant })
    }
}

/// A typed argument: a column, or a constant for all rows.
pub(crate) struct Operand<A> {
    array: A,
    is_constant: bool,
}

impl<A: Array> Operand<A> {
    /// Returns the value at a row, or `None` where it is null.
    pub(crate) fn get<'a>(&'a self, row: usize) -> Option<<&'a A as ArrayAccessor>::Item>
    where
        &'a A: ArrayAccessor,
    {
        let row = if self.is_constant { 0 } else { row };
        (row < self.array.len() && !self.array.is_null(row)).then(|| (&self.array).value(row))
    }
}

impl Operand<StringViewArray> {
    /// Returns the string at a row. Strings have no null: one that a source lets through is `""`.
    pub(crate) fn str(&self, row: usize) -> &str {
        self.get(row).unwrap_or("")
    }
}

impl Operand<ListArray> {
    /// Returns the strings of the list at a row; nulls count as `""`, a null list is empty.
    ///
    /// # Errors
    ///
    /// It is a list of something else.
    pub(crate) fn strings(&self, row: usize) -> Result<Vec<String>> {
        let Some(items) = self.get(row) else { return Ok(Vec::new()) };
        let items = items
            .as_any()
            .downcast_ref::<StringViewArray>()
            .ok_or_else(|| exec_datafusion_err!("a list of {}", items.data_type()))?;
        Ok(items.iter().map(|item| item.unwrap_or_default().to_owned()).collect())
    }
}

/// A pattern for each row.
pub(crate) struct Compiled<P> {
    source: Source<P>,
    last: Option<Arc<P>>,
}

enum Source<P> {
    Constant,
    Column { texts: Operand<StringViewArray>, compile: fn(&str) -> Result<P>, row: Option<usize> },
}

impl<P> Compiled<P> {
    /// Returns the pattern of a row.
    ///
    /// # Errors
    ///
    /// The row's text is no pattern.
    pub(crate) fn get(&mut self, row: usize) -> Result<Arc<P>> {
        if let Source::Column { texts, compile, row: last_row } = &mut self.source {
            let is_same = last_row.is_some_and(|last_row| texts.str(last_row) == texts.str(row));
            if !is_same {
                self.last = Some(Arc::new(compile(texts.str(row))?));
                *last_row = Some(row);
            }
        }
        self.last.clone().ok_or_else(|| internal_datafusion_err!("a pattern without text"))
    }

    /// Returns the pattern that all rows share, if its text is constant.
    pub(crate) fn constant(&self) -> Option<&P> {
        match self.source {
            Source::Constant => self.last.as_deref(),
            Source::Column { .. } => None,
        }
    }
}
