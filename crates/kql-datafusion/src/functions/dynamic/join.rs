//! A list of JSON texts as one JSON array: what `make_list` makes of the values it gathered.

use arrow::array::{Array, ArrayRef, StringViewArray};
use datafusion_common::{Result, exec_datafusion_err};
use kql_types::dynamic::{self, Kind};

use super::{Args, Kernel, Returns, columns::written};

/// Argument 0 is the list, argument 1 the greatest number of elements; a null list is `[]`.
pub(crate) static JSON_ARRAY: Kernel =
    Kernel { name: "kql_json_array", returns: Returns::Text, eval: |args| join(args, false) };

/// The same, where values that are arrays give their elements.
pub(crate) static JSON_FLAT_ARRAY: Kernel =
    Kernel { name: "kql_json_flat_array", returns: Returns::Text, eval: |args| join(args, true) };

fn join(args: &Args<'_>, is_flat: bool) -> Result<ArrayRef> {
    let (lists, limits) = (args.list(0)?, args.long(1)?);
    written(args.rows(), |row, out| {
        out.push('[');
        if let Some(items) = lists.get(row) {
            let items = items
                .as_any()
                .downcast_ref::<StringViewArray>()
                .ok_or_else(|| exec_datafusion_err!("a list of {}", items.data_type()))?;
            let limit = limits.get(row).and_then(|limit| usize::try_from(limit).ok());
            let items = items.iter().map(|item| item.unwrap_or("null"));
            let elements = items.flat_map(|item| {
                let is_taken_apart = is_flat && dynamic::kind(item) == Kind::Array;
                let elements = is_taken_apart.then(|| dynamic::elements(item));
                let whole = (!is_taken_apart).then_some(item);
                whole.into_iter().chain(elements.into_iter().flatten())
            });
            for (number, element) in elements.take(limit.unwrap_or(usize::MAX)).enumerate() {
                if number > 0 {
                    out.push(',');
                }
                out.push_str(element);
            }
        }
        out.push(']');
        Ok(Some(()))
    })
}
