//! Equality with an item of a list of texts: `in` over rows.
//!
//! Source: <https://learn.microsoft.com/kusto/query/in-operator>

use std::collections::HashSet;

use arrow::array::ArrayRef;
use datafusion_common::Result;

use super::super::{Args, Kernel, Returns, bools};

/// `in`: argument 1 is a list of strings.
pub(crate) static IN_LIST: Kernel =
    Kernel { name: "kql_in_list", returns: Returns::Bool, eval: is_in };

fn is_in(args: &Args<'_>) -> Result<ArrayRef> {
    let (texts, lists) = (args.text(0)?, args.list(1)?);
    let items = args.prepared(&[1], || Ok(lists.strings(0)?.into_iter().collect()))?;
    let Some(items): Option<std::sync::Arc<HashSet<String>>> = items else {
        let is_in = (0..args.rows())
            .map(|row| Ok(lists.strings(row)?.iter().any(|item| item == texts.str(row))));
        let is_in = is_in.collect::<Result<Vec<_>>>()?;
        return Ok(bools(args.rows(), |row| is_in.get(row).copied().unwrap_or(false)));
    };
    Ok(bools(args.rows(), |row| items.contains(texts.str(row))))
}
