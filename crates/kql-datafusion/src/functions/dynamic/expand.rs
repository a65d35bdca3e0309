//! The elements of a dynamic as a list: what `mv-expand` makes rows of.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayBuilder as _, ArrayRef, Int64Builder, ListBuilder, StringViewBuilder,
};
use datafusion_common::Result;
use kql_types::dynamic::{self, Kind};

use super::{Args, Kernel, Returns, size::check_elements};

/// An array's elements, a bag's entries, anything else as it is; null is one element. Further
/// arguments: whether entries become arrays of key and value, and how many elements count.
///
/// Source: measured.
pub(crate) static ELEMENTS: Kernel =
    Kernel { name: "kql_elements", returns: Returns::TextList, eval: elements };

/// The numbers of elements from 0, as many as the longest list has.
pub(crate) static ELEMENT_NUMBERS: Kernel =
    Kernel { name: "kql_element_numbers", returns: Returns::LongList, eval: numbers };

/// A dynamic if it holds what the second argument says, else null: `number`; `bool`, which a whole
/// number may stand for; `string`.
///
/// Source: measured, `mv-expand … to typeof(…)` over values of all kinds.
pub(crate) static OF_KIND: Kernel =
    Kernel { name: "kql_of_kind", returns: Returns::Text, eval: of_kind };

fn elements(args: &Args<'_>) -> Result<ArrayRef> {
    let (json, pairs, limit) = (args.text(0)?, args.bool(1)?, args.long(2)?);
    let mut lists = ListBuilder::new(StringViewBuilder::new());
    for row in 0..args.rows() {
        let limit = usize::try_from(limit.get(row).unwrap_or(i64::MAX)).unwrap_or_default();
        push_elements(json.get(row), pairs.get(row) == Some(true), limit, lists.values());
        check_elements(lists.values().len())?;
        lists.append(true);
    }
    Ok(Arc::new(lists.finish()))
}

fn push_elements(json: Option<&str>, as_pairs: bool, limit: usize, list: &mut StringViewBuilder) {
    match json.map(|json| (json, dynamic::kind(json))) {
        Some((json, Kind::Array)) => {
            for element in dynamic::elements(json).take(limit) {
                list.append_option((element != "null").then_some(element));
            }
        }
        Some((json, Kind::Bag)) => {
            for (key, value) in dynamic::entries(json).take(limit) {
                list.append_value(if as_pairs {
                    format!("[{key},{value}]")
                } else {
                    format!("{{{key}:{value}}}")
                });
            }
        }
        _ if limit == 0 => {}
        scalar => list.append_option(scalar.map(|(json, _)| json)),
    }
}

fn numbers(args: &Args<'_>) -> Result<ArrayRef> {
    let lists = (0..args.count()).map(|at| args.list(at)).collect::<Result<Vec<_>>>()?;
    let mut numbers = ListBuilder::new(Int64Builder::new());
    for row in 0..args.rows() {
        let lengths = lists.iter().map(|list| list.get(row).map_or(0, |list| list.len()));
        for number in (0_i64..).take(lengths.max().unwrap_or_default()) {
            numbers.values().append_value(number);
        }
        numbers.append(true);
    }
    Ok(Arc::new(numbers.finish()))
}

fn of_kind(args: &Args<'_>) -> Result<ArrayRef> {
    let (json, wanted) = (args.text(0)?, args.text(1)?);
    Ok(super::columns::texts(args.rows(), |row| {
        let json = json.get(row)?;
        let fits = matches!(
            (wanted.str(row), dynamic::kind(json)),
            ("number", Kind::Long | Kind::Double)
                | ("bool", Kind::Bool | Kind::Long)
                | ("string", Kind::String)
        );
        fits.then_some(json.into())
    }))
}
