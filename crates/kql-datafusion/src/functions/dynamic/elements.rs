//! The elements of a dynamic as a list of texts: what `has_any (d)` and `in~ (d)` compare with.

use std::sync::Arc;

use arrow::array::{ArrayRef, ListBuilder, StringViewBuilder};
use datafusion_common::Result;
use kql_types::dynamic::{self, Kind};

use super::{Args, Kernel, Returns};

/// An array gives its elements as `tostring` prints them, a scalar itself, null nothing.
pub(crate) static ELEMENT_TEXTS: Kernel =
    Kernel { name: "kql_element_texts", returns: Returns::TextList, eval: element_texts };

fn element_texts(args: &Args<'_>) -> Result<ArrayRef> {
    let json = args.text(0)?;
    let mut lists = ListBuilder::new(StringViewBuilder::new());
    for row in 0..args.rows() {
        if let Some(json) = json.get(row) {
            if dynamic::kind(json) == Kind::Array {
                dynamic::elements(json)
                    .for_each(|element| lists.values().append_value(dynamic::unquote(element)));
            } else {
                lists.values().append_value(dynamic::unquote(json));
            }
        }
        lists.append(true);
    }
    Ok(Arc::new(lists.finish()))
}
