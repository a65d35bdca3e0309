//! The state of an accumulator that gathers values: a list for each part of the group.

use arrow::array::{Array, ArrayRef, ListArray};
use datafusion_common::{Result, exec_datafusion_err};

/// Hands the values of each list of the states to `add`.
///
/// # Errors
///
/// If the states are no lists, and what `add` returns.
pub(in crate::aggregates) fn each_list(
    states: &[ArrayRef],
    mut add: impl FnMut(&dyn Array) -> Result<()>,
) -> Result<()> {
    for lists in states {
        let lists = lists
            .as_any()
            .downcast_ref::<ListArray>()
            .ok_or_else(|| exec_datafusion_err!("states of type {}", lists.data_type()))?;
        lists.iter().flatten().try_for_each(|values| add(values.as_ref()))?;
    }
    Ok(())
}
