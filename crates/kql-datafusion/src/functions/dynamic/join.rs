//! A list of JSON texts as one JSON array: what `make_list` makes of the values it gathered.

use arrow::array::{Array, ArrayRef, StringViewArray};
use datafusion_common::{Result, exec_datafusion_err};

use super::{Args, Kernel, Returns, columns::written};

/// Argument 0 is the list, argument 1 the greatest number of elements; a null list is `[]`.
pub(crate) static JSON_ARRAY: Kernel =
    Kernel { name: "kql_json_array", returns: Returns::Text, eval: join };

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
            for (number, item) in items.iter().take(limit.unwrap_or(usize::MAX)).enumerate() {
                if number > 0 {
                    out.push(',');
                }
                out.push_str(item.unwrap_or("null"));
            }
        }
        out.push(']');
        Ok(Some(()))
    })
}
