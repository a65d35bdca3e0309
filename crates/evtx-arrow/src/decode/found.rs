//! One event, found in instances of templates: what the requests want of it.

use crate::{
    binxml::instance::Located,
    decode::row::Row,
    program::{
        EventProgram,
        dispatch::Selected,
        fields::{DataFields, DataPlace, Leaf},
        source::Source,
    },
    request::{DataCondition, EventRequest, needles::Needles},
    utf8::as_str,
};

/// An event, found in instances of templates.
#[derive(Clone, Copy)]
pub(crate) struct EventFound<'a> {
    /// The program of the event's template.
    pub(crate) program: &'a EventProgram,
    /// The values of the event's instance.
    pub(crate) event: Located<'a, 'a>,
    /// The values of the instance with the event's data, and where they are; `None` if the event
    /// has no data.
    pub(crate) data: Option<(Located<'a, 'a>, &'a DataPlace)>,
}

impl<'a> EventFound<'a> {
    /// Tells whether the event's data meet a filter's conditions, as far as that can be told.
    pub(crate) fn meets_data(
        &self,
        selected: Selected,
        requests: &[EventRequest],
        text: &mut Vec<u8>,
    ) -> bool {
        let Selected { request, filter: Some(index) } = selected else { return true };
        let filter = requests.get(request).and_then(|request| request.filters.get(index));
        let conditions = filter.map_or(&[][..], |filter| &filter.data);
        if conditions.is_empty() {
            return true;
        }
        let Some((values, fields)) = self.data(request) else { return false };
        let places = fields.conditions.get(index).map_or(&[][..], Vec::as_slice);
        let mut conditions = conditions.iter().zip(places);
        conditions.all(|(DataCondition { needles, .. }, leaves)| {
            leaves.as_ref().is_none_or(|leaves| {
                leaves.iter().any(|leaf| may_be_in(needles, leaf, values, text))
            })
        })
    }

    /// Tells whether everything that some requests want can be read from the instances.
    pub(crate) fn is_plain(&self, requests: &[usize]) -> bool {
        // The data themselves are most often the one value of the event that is no text.
        let is_fragment =
            self.data.is_some() && matches!(*self.program.data, DataPlace::Slot { .. });
        let is_plain_event = self.event.are_scalar_but(usize::from(is_fragment));
        let is_plain_data = self.data.is_none_or(|(values, _)| values.are_scalar_but(0));
        requests.iter().all(|&request| {
            let header = self.program.headers.get(request);
            header.is_some_and(|header| header.are_plain(self.event, is_plain_event))
                && self.data(request).is_none_or(|(values, it)| it.are_plain(values, is_plain_data))
        })
    }

    /// Returns the row of a request.
    pub(crate) fn row(&self, request: usize) -> Option<Row<'a>> {
        let header = self.program.headers.get(request)?;
        Some(Row { header: (self.event, header), data: self.data(request) })
    }

    fn data(&self, request: usize) -> Option<(Located<'a, 'a>, &'a DataFields)> {
        let (values, place) = self.data?;
        match place {
            DataPlace::Here { requests, .. } => Some((values, requests.get(request)?)),
            DataPlace::None | DataPlace::Slot { .. } | DataPlace::Tree => None,
        }
    }
}

/// Tells whether a needle is in an element's text, or could be.
fn may_be_in(needles: &Needles, leaf: &Leaf, values: Located<'_, '_>, text: &mut Vec<u8>) -> bool {
    match &leaf.source {
        Source::Literal(text) => needles.may_be_in(text),
        Source::Slot(slot) => {
            if slot.dependency.is_some_and(|dependency| values.is_null(dependency)) {
                return false;
            }
            let Some(value) = values.value(slot.id) else { return false };
            if !value.is_scalar() {
                return true;
            }
            text.clear();
            value.push_text(text);
            needles.may_be_in(as_str(text))
        }
        Source::Missing | Source::Tree => true,
    }
}
