//! Rows as Defender's streaming API sends them to a storage account or an event hub.
//!
//! `category` names the table, `properties` holds the columns. Some collectors wrap the whole in
//! `body`.

use std::borrow::Cow;

use crate::{
    json::probe::Probe,
    problem::Reason,
    rows::lane::RowShape,
    shapes::{Context, Found, JsonShape},
};

pub(in crate::shapes) const SHAPE: JsonShape = JsonShape {
    recognise: |record, context| {
        at(record, &["category"], &["properties"], context)
            .or_else(|| at(record, &["body", "category"], &["body", "properties"], context))
    },
};

fn at<'s>(
    record: Probe<'_>,
    category: &'static [&'static str],
    place: &'static [&'static str],
    context: &Context<'s>,
) -> Option<Result<Found<'s>, Reason>> {
    let name = record.text(category)?;
    let table = name.strip_prefix("AdvancedHunting-")?;
    record.object(place)?;
    let told = record.get(category).map(Cow::Borrowed)?.into_owned();
    let shape = RowShape { name: "Defender streaming JSON", place, tell: Some((category, told)) };
    Some(match context.known.get(table) {
        Some(table) => Ok(Found::Row(shape, table)),
        None => Err(Reason::UnknownTable { columns: vec![table.to_owned()] }),
    })
}
