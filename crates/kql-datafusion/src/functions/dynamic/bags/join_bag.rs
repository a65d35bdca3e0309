//! A list of bags as one bag: what `make_bag` makes of the values it gathered.

use std::collections::HashSet;

use arrow::array::{Array, ArrayRef, StringViewArray};
use datafusion_common::{Result, exec_datafusion_err};

use super::super::{
    Args, Kernel, Returns,
    columns::written,
    json_array::{entries, write_bag},
};

/// Argument 0 is the list, argument 1 the greatest number of entries; a null list is `{}`.
///
/// Of a key that several bags have, the first entry counts; what is no bag is left out.
pub(crate) static JSON_BAG: Kernel =
    Kernel { name: "kql_json_bag", returns: Returns::Text, eval: join };

fn join(args: &Args<'_>) -> Result<ArrayRef> {
    let (lists, limits) = (args.list(0)?, args.long(1)?);
    written(args.rows(), |row, out| {
        let Some(items) = lists.get(row) else {
            out.push_str("{}");
            return Ok(Some(()));
        };
        let items = items
            .as_any()
            .downcast_ref::<StringViewArray>()
            .ok_or_else(|| exec_datafusion_err!("a list of {}", items.data_type()))?;
        let limit = limits.get(row).and_then(|limit| usize::try_from(limit).ok());
        let mut known = HashSet::new();
        let entries = items.iter().flatten().filter_map(entries).flatten();
        let distinct = entries.filter(|(key, _)| known.insert(*key));
        write_bag(distinct.take(limit.unwrap_or(usize::MAX)), out);
        Ok(Some(()))
    })
}
