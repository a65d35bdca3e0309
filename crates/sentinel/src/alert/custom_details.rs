//! Custom details: values of columns under names of the rule's own.
//!
//! Sources: <https://learn.microsoft.com/azure/sentinel/surface-custom-details-in-alerts>,
//! <https://learn.microsoft.com/azure/sentinel/sentinel-service-limits>.

use super::{Losses, bytes};
use crate::{row::Rows, rule::Rule};

/// The most values of a detail, and the most bytes of all of them.
pub(crate) const MOST_VALUES: usize = 50;
const MOST_BYTES: usize = 2 << 10;

/// Returns a rule's custom details with the values that rows have for them, each once.
pub(crate) fn custom_details(
    rule: &Rule,
    rows: Rows<'_>,
    losses: Losses,
) -> Vec<(String, Vec<String>)> {
    let detail = |(key, column): &(String, String)| {
        let values = rows.distinct_texts(column);
        let values = match losses {
            Losses::None => values.collect(),
            Losses::Sentinel => bytes::within(values.take(MOST_VALUES), MOST_BYTES),
        };
        (key.clone(), values)
    };
    rule.custom_details.iter().map(detail).collect()
}
