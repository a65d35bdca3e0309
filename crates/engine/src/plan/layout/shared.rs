//! The columns of one request that leaves have in common: each is made once for a batch.

use std::{cell::OnceCell, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, StringViewArray, new_null_array},
    record_batch::RecordBatch,
};
use kql_datafusion::PathForm;
use kql_types::{KqlType, dynamic};

use super::RequestLayout;
use crate::plan::raw_table;

/// Where the values of a column come from. Numbers are columns of the reader's batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A column as the reader has it.
    Batch(usize),
    /// A path into a native table's dynamic column.
    Path(usize, Vec<String>, PathForm),
    /// The table's own name where the batch has nothing: many exports do not repeat it in every row.
    TableName(usize, Arc<str>),
    /// The number of the record in its file or archive member, which is the reader's last column.
    Line,
}

/// The shared columns of a reader's batch, made when first asked for.
pub(crate) struct SharedColumns {
    layout: Arc<RequestLayout>,
    batch: RecordBatch,
    made: Vec<OnceCell<ArrayRef>>,
}

impl SharedColumns {
    /// Starts with none made.
    pub(crate) fn new(layout: &Arc<RequestLayout>, batch: RecordBatch) -> Self {
        let made = vec![OnceCell::new(); layout.shared.len()];
        Self { layout: Arc::clone(layout), batch, made }
    }

    /// Returns what lays the batch out.
    pub(crate) fn layout(&self) -> &Arc<RequestLayout> {
        &self.layout
    }

    /// Returns the batch.
    pub(crate) fn batch(&self) -> &RecordBatch {
        &self.batch
    }

    /// Takes the batch with other lines in the place of its own.
    pub(crate) fn with_lines(mut self, batch: RecordBatch) -> Self {
        let sources = self.layout.shared.iter();
        for (made, _) in self.made.iter_mut().zip(sources).filter(|(_, it)| **it == Source::Line) {
            made.take();
        }
        self.batch = batch;
        self
    }

    /// Returns how many rows the batch has.
    pub(crate) fn rows(&self) -> usize {
        self.batch.num_rows()
    }

    /// Returns a column by its number; `None` if there is none.
    pub(super) fn column(&self, number: usize) -> Option<&ArrayRef> {
        let (made, source) = self.made.get(number).zip(self.layout.shared.get(number))?;
        Some(made.get_or_init(|| source.array(&self.batch)))
    }
}

impl Source {
    fn array(&self, batch: &RecordBatch) -> ArrayRef {
        let rows = batch.num_rows();
        let at = |index: usize| batch.columns().get(index).map(Arc::clone);
        match self {
            Self::Batch(index) => at(*index).unwrap_or_else(|| missing(KqlType::String, rows)),
            Self::Path(index, steps, form) => at(*index)
                .map_or_else(|| missing(type_of(*form), rows), |all| path(&all, steps, *form)),
            Self::TableName(index, name) => {
                let given = at(*index).unwrap_or_else(|| missing(KqlType::String, rows));
                let Some(given) = given.as_string_view_opt() else { return given };
                let or_name = |text: Option<_>| match text {
                    Some("") | None => &**name,
                    Some(text) => text,
                };
                Arc::new(StringViewArray::from_iter_values(given.iter().map(or_name)))
            }
            Self::Line => {
                batch.columns().last().map_or_else(|| missing(KqlType::Long, rows), Arc::clone)
            }
        }
    }
}

/// Follows a path of keys in each value of a dynamic column.
fn path(array: &ArrayRef, steps: &[String], form: PathForm) -> ArrayRef {
    let Some(values) = array.as_string_view_opt() else {
        return missing(type_of(form), array.len());
    };
    let follow = |json| steps.iter().try_fold(json, |json, key| dynamic::get(json, key));
    let found = values.iter().map(|json| json.and_then(follow));
    Arc::new(match form {
        PathForm::Text => {
            let text = |found: Option<_>| found.map(dynamic::unquote).unwrap_or_default();
            StringViewArray::from_iter_values(found.map(text))
        }
        PathForm::Dynamic => found.map(|found| found.filter(|json| *json != "null")).collect(),
    })
}

/// Returns the type of what a path is written as.
pub(super) const fn type_of(form: PathForm) -> KqlType {
    match form {
        PathForm::Text => KqlType::String,
        PathForm::Dynamic => KqlType::Dynamic,
    }
}

/// Returns a column that the input has nothing for.
pub(super) fn missing(ty: KqlType, rows: usize) -> ArrayRef {
    if ty == KqlType::String {
        constant("", rows)
    } else {
        new_null_array(&raw_table::encoding(ty), rows)
    }
}

/// Returns a column of one text.
pub(super) fn constant(text: &str, rows: usize) -> ArrayRef {
    Arc::new(StringViewArray::from_iter_values(std::iter::repeat_n(text, rows)))
}
