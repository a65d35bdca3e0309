//! A list of JSON texts as one JSON array of distinct elements: what `make_set` makes of the values
//! it gathered.
//!
//! Source: measured. An array among the values gives its elements, and elements keep the order in
//! which they came.

use std::collections::HashSet;

use arrow::array::{Array, ArrayRef, StringViewArray};
use datafusion_common::{Result, exec_datafusion_err};
use kql_types::dynamic::{self, Kind};

use super::super::{Args, Kernel, Returns, columns::written};

/// Argument 0 is the list, argument 1 the greatest number of elements; a null list is `[]`.
pub(crate) static JSON_SET: Kernel =
    Kernel { name: "kql_json_set", returns: Returns::Text, eval: join };

fn join(args: &Args<'_>) -> Result<ArrayRef> {
    let (lists, limits) = (args.list(0)?, args.long(1)?);
    written(args.rows(), |row, out| {
        out.push('[');
        if let Some(items) = lists.get(row) {
            let items = items
                .as_any()
                .downcast_ref::<StringViewArray>()
                .ok_or_else(|| exec_datafusion_err!("a list of {}", items.data_type()))?;
            let limit = limits.get(row).and_then(|limit| usize::try_from(limit).ok());
            write_distinct(items, limit.unwrap_or(usize::MAX), out);
        }
        out.push(']');
        Ok(Some(()))
    })
}

fn write_distinct(items: &StringViewArray, limit: usize, out: &mut String) {
    let mut elements: Vec<&str> = Vec::new();
    for item in items.iter().flatten() {
        if dynamic::kind(item) == Kind::Array {
            elements.extend(dynamic::elements(item));
        } else {
            elements.push(item);
        }
    }
    let mut known = HashSet::new();
    elements.retain(|element| known.insert(*element));
    for (number, element) in elements.into_iter().take(limit).enumerate() {
        if number > 0 {
            out.push(',');
        }
        out.push_str(element);
    }
}
